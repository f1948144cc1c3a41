//! Documents set one beside another: resumable, each written beside its place and renamed.

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use lexicon::handover::envelope::{hex, sha256};

use crate::files::{FileError, file_error, write_beside};
use crate::lists::{PrintedList, Progress, RefuseList, RefusedList};

/// Marks of finished documents, beside the PDFs: `SOURCE SHA256 PAGES LINES`.
const MARKS: &str = ".sources";

/// One document that is wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Task {
    /// Whose it is: a precinct, or a lot.
    pub of: u32,
    /// Name of its file, without `.pdf`.
    pub name: String,
    /// Lines on it.
    pub lines: u32,
    /// Hash of everything it is made from.
    pub source: String,
}

/// A document that was set.
pub(crate) struct Sheets {
    pub pages: u32,
    pub pdf: Vec<u8>,
}

/// What a run came to.
#[derive(Default)]
pub(crate) struct Ran {
    pub printed: usize,
    pub skipped: usize,
    /// By number.
    pub refused: Vec<RefusedList>,
}

/// Where documents go, and how many are set at the same time.
pub(crate) struct Press<'a> {
    out: &'a Path,
    threads: usize,
}

/// Sets one document; none for one without a sheet.
type SetDocument<'a, T> = dyn Fn(&Task, T) -> Result<Option<Sheets>, RefuseList> + Sync + 'a;

impl<'a> Press<'a> {
    /// Makes the folder.
    ///
    /// # Errors
    /// [`FileError`].
    pub(crate) fn open(out: &'a Path, threads: usize) -> Result<Self, FileError> {
        fs::create_dir_all(out.join(MARKS)).map_err(file_error(out))?;
        Ok(Self { out, threads })
    }

    /// Sets what does not stand yet; each thread takes the next document that waits.
    ///
    /// `set` gives none for a document without a sheet; its mark stands all the same.
    pub(crate) fn run<T: Send>(
        &self,
        work: Vec<(Task, T)>,
        set: &SetDocument<'_, T>,
        report: &(dyn Fn(Progress<'_>) + Sync),
    ) -> Ran {
        let total = work.len();
        let mut waiting = work;
        // Taken from the end, so that the first document is first.
        waiting.reverse();
        let waiting = Mutex::new(waiting);
        let [done, printed, skipped] = [(); 3].map(|()| AtomicUsize::new(0));
        let refused = Mutex::new(Vec::new());
        let work = || {
            while let Some((task, part)) = lock(&waiting).pop() {
                let made = match self.standing(&task) {
                    Some(list) => Ok((list, true)),
                    None => set(&task, part).and_then(|sheets| {
                        let list = self.put(&task, sheets)?;
                        Ok((list, false))
                    }),
                };
                let done = 1 + done.fetch_add(1, Ordering::Relaxed);
                match made {
                    Ok((list, is_skipped)) => {
                        let counter = if is_skipped { &skipped } else { &printed };
                        counter.fetch_add(1, Ordering::Relaxed);
                        report(Progress::Printed {
                            list: &list,
                            done,
                            total,
                            is_skipped,
                        });
                    }
                    Err(why) => {
                        let of = task.of;
                        report(Progress::Refused { of, why: &why });
                        let said = why.to_string();
                        lock(&refused).push(RefusedList {
                            of,
                            why: said,
                            cell: match why {
                                RefuseList::Cell(bad) => Some(bad),
                                RefuseList::Lines(_)
                                | RefuseList::Plan(_)
                                | RefuseList::Lot(_)
                                | RefuseList::Typeset(_)
                                | RefuseList::File(_) => None,
                            },
                        });
                    }
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..self.threads.max(1) {
                scope.spawn(work);
            }
        });
        let mut refused = refused
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        refused.sort_by_key(|r: &RefusedList| r.of);
        Ran {
            printed: printed.into_inner(),
            skipped: skipped.into_inner(),
            refused,
        }
    }

    fn put(&self, task: &Task, sheets: Option<Sheets>) -> Result<PrintedList, FileError> {
        let mut list = PrintedList {
            of: task.of,
            file: None,
            pages: 0,
            lines: task.lines,
            sha256: String::new(),
            source: task.source.clone(),
        };
        if let Some(sheets) = sheets {
            list.pages = sheets.pages;
            list.sha256 = hex(&sha256(&sheets.pdf));
            let name = format!("{}.pdf", task.name);
            write_beside(self.out, &name, &sheets.pdf)?;
            list.file = Some(name);
        }
        let mark = serde_json::to_vec(&list).expect("texts and numbers encode as JSON");
        write_beside(&self.out.join(MARKS), &task.name, &mark)?;
        Ok(list)
    }

    /// A document that stands as it was made from the same source.
    pub(crate) fn standing(&self, task: &Task) -> Option<PrintedList> {
        let mark = self.out.join(MARKS).join(&task.name);
        let list: PrintedList = serde_json::from_slice(&fs::read(mark).ok()?).ok()?;
        if list.of != task.of || list.source != task.source {
            return None;
        }
        if let Some(name) = &list.file {
            let pdf = fs::read(self.out.join(name)).ok()?;
            if hex(&sha256(&pdf)) != list.sha256 {
                return None;
            }
        }
        Some(list)
    }
}

/// SHA-256 over parts, each behind its length.
pub(crate) fn hash_of(parts: &[&[u8]]) -> String {
    let mut text = Vec::new();
    for part in parts {
        text.extend_from_slice(&(part.len() as u64).to_be_bytes());
        text.extend_from_slice(part);
    }
    hex(&sha256(&text))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
