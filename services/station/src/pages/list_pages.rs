//! S3, the bound paper list at opening: the code of each page is read, a foreign page is named (S-30).

use maud::{Markup, html};
use pollbook::PageFault;
use screen::components::{Tone, note, verdict};

use super::View;
use super::parts::{chair_bar, closed, document};
use crate::kit::{PageRead, PagesView};

/// The page; `read` is what became of the last code.
pub(super) fn page(view: &View, read: Option<&PageRead>) -> Markup {
    let title = view.t("pages.title");
    let body = html! {
        (chair_bar(view, &title, "/chair/pages"))
        main.shell.stack-l #main data-reader="table" {
            @match view.kit() {
                None => (closed(view)),
                Some(kit) => {
                    @let pages = kit.list_pages();
                    @match read {
                        Some(read) => (said(view, read, &pages)),
                        None => (verdict(Tone::Wait, &progress(view, &pages), &view.t("pages.next"))),
                    }
                    form.stack method="post" action="/chair/pages" {
                        div.field { label for="qr" { (view.t("pages.code")) } input #qr .input.id name="qr" autocomplete="off" spellcheck="false" autofocus; }
                        button.btn { (view.t("pages.take")) }
                    }
                    (state(view, &pages))
                }
            }
        }
    };
    document(view, &title, "", body)
}

fn progress(view: &View, pages: &PagesView) -> String {
    view.f(
        "pages.progress",
        &[
            ("n", &pages.read.len().to_string()),
            ("m", &pages.bound.to_string()),
        ],
    )
}

fn said(view: &View, read: &PageRead, pages: &PagesView) -> Markup {
    match read {
        PageRead::Fits(page) => verdict(
            Tone::Ok,
            &view.f("pages.fits", &[("p", &page.to_string())]),
            &progress(view, pages),
        ),
        PageRead::Fault(fault) => {
            let why = match fault {
                PageFault::Unread => {
                    return verdict(
                        Tone::Warn,
                        &view.t("pages.unread"),
                        &view.t("pages.unread_next"),
                    );
                }
                PageFault::Precinct(precinct) => {
                    view.f("pages.precinct", &[("p", &precinct.to_string())])
                }
                PageFault::Release(release) => {
                    view.f("pages.release", &[("r", &release.to_string())])
                }
                PageFault::Root => view.t("pages.root"),
                PageFault::Lines => view.t("pages.lines"),
            };
            verdict(Tone::Stop, &why, &view.t("pages.foreign_next"))
        }
    }
}

/// What is still to be read, and what must be replaced.
fn state(view: &View, pages: &PagesView) -> Markup {
    let foreign = |page: u32| pages.foreign.iter().any(|(known, _)| *known == page);
    let left: Vec<u32> = (1..=pages.bound)
        .filter(|page| !pages.read.contains(page) && !foreign(*page))
        .collect();
    html! {
        @for (page, release) in &pages.foreign {
            (note(Tone::Stop, html! { (view.f("trouble.foreign_page", &[("p", &page.to_string()), ("r", &release.to_string())])) }))
        }
        @if left.is_empty() && pages.foreign.is_empty() { (note(Tone::Ok, html! { (view.t("pages.whole")) })) }
        @else if !left.is_empty() { p { (view.f("pages.left", &[("l", &ranges(&left))])) } }
    }
}

/// `1–16, 18`: what is left, as people write it.
fn ranges(pages: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for page in pages {
        match runs.last_mut().filter(|(_, last)| *last + 1 == *page) {
            Some((_, last)) => *last = *page,
            None => runs.push((*page, *page)),
        }
    }
    let words: Vec<String> = runs
        .into_iter()
        .map(|(first, last)| {
            if first == last {
                first.to_string()
            } else {
                format!("{first}–{last}")
            }
        })
        .collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_that_are_left_are_said_as_people_write_them() {
        assert_eq!(ranges(&[1, 2, 3, 5, 7, 8]), "1–3, 5, 7–8");
        assert_eq!(ranges(&[]), "");
    }
}
