//! The columns of a lot of field verification: a CSV that the office hands out, the paper is set from, and the commission
//! gives back (docs/office.md).

/// What the office writes of each entry.
pub const HANDED: [&str; 11] = [
    "lot",
    "entry",
    "kind",
    "version",
    "precinct",
    "aimak",
    "surname",
    "given",
    "patronymic",
    "birth_date",
    "address",
];

/// What stands after it, empty: the commission fills it in.
pub const FILLED: [&str; 4] = ["finding", "found_precinct", "visited", "member"];
