//! Lines of one precinct from the printed lines alone, without the register.
//!
//! [`crate::form()`] numbers a whole country by ranks of words; a part of it, in a process that holds
//! one precinct and no more, is numbered here. Both give the same line (a test holds them together).

use lexicon::{Date, PersonId};

use crate::delta::page_of;

/// What decides a voter's line: the order is that of the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed<'a> {
    /// Surname as printed.
    pub surname: &'a str,
    /// Given name as printed.
    pub given: &'a str,
    /// Patronymic as printed, may be empty.
    pub patronymic: &'a str,
    /// Birth date.
    pub born: Date,
    /// Who.
    pub person: PersonId,
}

/// Line and page, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// Line in the precinct.
    pub line: u32,
    /// Page of the list.
    pub page: u32,
}

/// Numbers the voters of one precinct in Kyrgyz order of surname, given name and patronymic, then birth date and id.
///
/// `lines_per_page` comes from the law; 0 counts as 1. The result stands in the order of `voters`.
///
/// # Panics
/// Never: a precinct has fewer than 4 G voters.
#[must_use]
pub fn number_lines(voters: &[Printed<'_>], lines_per_page: u16) -> Vec<Numbered> {
    // Equal sort keys are told apart by their letters.
    let key = |text| (script::sort_key(text), text);
    let mut order: Vec<usize> = (0..voters.len()).collect();
    order.sort_by_cached_key(|at| {
        let voter = &voters[*at];
        (
            [voter.surname, voter.given, voter.patronymic].map(key),
            voter.born,
            voter.person,
        )
    });
    let mut numbered = vec![Numbered { line: 0, page: 0 }; voters.len()];
    for (place, at) in order.into_iter().enumerate() {
        let line = u32::try_from(place + 1).expect("a precinct has few voters");
        numbered[at] = Numbered {
            line,
            page: page_of(line, line, lines_per_page),
        };
    }
    numbered
}

#[cfg(test)]
mod tests;
