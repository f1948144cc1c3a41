//! The code on a page of the bound paper list, and whether the page belongs to the list of the package (S-30).
//!
//! `L7:1001:17:48:401-425:ROOT:HASH`: release, precinct, page, pages, lines, first 20 hexadecimal digits of the list root, page
//! hash (docs/paper.md). The page hash is over public commitments that a kit does not have: a verifier looks at it.

/// Hexadecimal digits of a root or a page hash in the code.
const DIGITS: usize = 20;

/// What a page's code says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListPage {
    /// Release of the list.
    pub release: u32,
    /// Precinct number.
    pub precinct: u16,
    /// Number of the page, from 1.
    pub page: u32,
    /// Pages of the list.
    pub pages: u32,
    /// First and last line.
    pub lines: (u32, u32),
    /// First digits of the list root, lower case.
    pub root: String,
}

/// What a page must be to belong to a package's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundList {
    /// Release of the package.
    pub release: u32,
    /// Precinct number.
    pub precinct: u16,
    /// Root of the package's list.
    pub root: [u8; 32],
    /// First and last line of every page, from page 1.
    pub pages: Vec<(u32, u32)>,
}

/// Why a page does not belong: the chair acts, before anybody votes by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageFault {
    /// Not the code of a list's page.
    #[error("not the code of a page of the list")]
    Unread,
    /// Another precinct's list.
    #[error("a page of precinct {0}")]
    Precinct(u16),
    /// Another release of the list.
    #[error("a page of release {0}")]
    Release(u32),
    /// The same release, another list.
    #[error("a page of another list of this release")]
    Root,
    /// No such page, or other lines on it.
    #[error("other pages or lines than the package's list has")]
    Lines,
}

impl ListPage {
    /// Reads a page's code as a document reader gives it: letters of either case.
    ///
    /// # Errors
    /// [`PageFault::Unread`].
    pub fn read(text: &str) -> Result<Self, PageFault> {
        Self::parse(text.trim()).ok_or(PageFault::Unread)
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let mut parts = text.split(':');
        let mut next = || parts.next();
        let release = number(next()?.strip_prefix('l')?)?;
        let precinct = u16::try_from(number(next()?)?).ok()?;
        let (page, pages) = (number(next()?)?, number(next()?)?);
        let (first, last) = next()?.split_once('-')?;
        let lines = (number(first)?, number(last)?);
        let hex = |part: &str| {
            part.len() == DIGITS && part.bytes().all(|digit| digit.is_ascii_hexdigit())
        };
        let root = next().filter(|part| hex(part))?.to_owned();
        next().filter(|part| hex(part))?;
        let is_whole = parts.next().is_none() && page > 0 && page <= pages && lines.0 <= lines.1;
        is_whole.then_some(Self {
            release,
            precinct,
            page,
            pages,
            lines,
            root,
        })
    }

    /// Whether the page is one of this list.
    ///
    /// # Errors
    /// [`PageFault`], the coarsest difference first.
    pub fn belongs(&self, list: &BoundList) -> Result<(), PageFault> {
        if self.precinct != list.precinct {
            return Err(PageFault::Precinct(self.precinct));
        }
        if self.release != list.release {
            return Err(PageFault::Release(self.release));
        }
        let root = list.root.iter().map(|byte| format!("{byte:02x}"));
        if self.root != root.take(DIGITS / 2).collect::<String>() {
            return Err(PageFault::Root);
        }
        let at = usize::try_from(self.page)
            .ok()
            .and_then(|page| page.checked_sub(1));
        let lines = at.and_then(|at| list.pages.get(at));
        let is_whole = usize::try_from(self.pages) == Ok(list.pages.len());
        if !is_whole || lines != Some(&self.lines) {
            return Err(PageFault::Lines);
        }
        Ok(())
    }
}

/// At most nine digits, without a sign.
fn number(text: &str) -> Option<u32> {
    let is_number =
        (1..=9).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests;
