//! The import tables and their columns, as `docs/import.md` lists them.

/// A column of an import table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name in the header.
    pub name: &'static str,
    /// Whether a file without it is refused.
    pub required: bool,
}

/// An import table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// Name; the file is `NAME.csv` or `NAME.parquet`, of houses also `addresses.geojson`.
    pub name: &'static str,
    /// Columns.
    pub columns: &'static [Column],
}

const fn must(name: &'static str) -> Column {
    Column {
        name,
        required: true,
    }
}

const fn may(name: &'static str) -> Column {
    Column {
        name,
        required: false,
    }
}

/// Table `persons`.
pub const PERSONS: Table = Table {
    name: "persons",
    columns: &[
        must("person_id"),
        may("pin"),
        may("surname"),
        may("given"),
        may("patronymic"),
        must("sex"),
        must("birth_date"),
        must("citizenship"),
        may("recorded_at"),
        may("changed"),
    ],
};

/// Table `addresses`.
pub const ADDRESSES: Table = Table {
    name: "addresses",
    columns: &[
        must("address_id"),
        must("soate"),
        must("street_id"),
        must("street_name"),
        must("house"),
        must("lon"),
        must("lat"),
    ],
};

/// Table `street_names`.
pub const STREET_NAMES: Table = Table {
    name: "street_names",
    columns: &[must("street_id"), must("name"), may("from"), may("until")],
};

/// Table `second_addresses`.
pub const SECOND_ADDRESSES: Table = Table {
    name: "second_addresses",
    columns: &[
        must("address_id"),
        must("soate"),
        must("street_id"),
        must("street_name"),
        must("house"),
    ],
};

/// Table `documents`.
pub const DOCUMENTS: Table = Table {
    name: "documents",
    columns: &[
        must("number"),
        must("person_id"),
        must("issued"),
        may("expires"),
        must("status"),
        may("changed"),
    ],
};

/// Table `residences`.
pub const RESIDENCES: Table = Table {
    name: "residences",
    columns: &[
        must("person_id"),
        must("address_id"),
        must("kind"),
        must("from"),
        may("until"),
    ],
};

/// Table `civil_events`.
pub const CIVIL_EVENTS: Table = Table {
    name: "civil_events",
    columns: &[
        must("event_id"),
        must("person_id"),
        must("kind"),
        must("date"),
        must("act"),
        may("surname"),
        may("given"),
        may("patronymic"),
        may("birth_date"),
    ],
};

/// Table `enrolments`.
pub const ENROLMENTS: Table = Table {
    name: "enrolments",
    columns: &[
        must("enrolment_id"),
        must("person_id"),
        must("captured"),
        may("processed"),
        must("region"),
        may("kit"),
        may("operator"),
    ],
};

/// Table `prints`.
pub const PRINTS: Table = Table {
    name: "prints",
    columns: &[
        must("enrolment_id"),
        must("finger"),
        may("minutiae"),
        may("file"),
    ],
};

/// Table `photos`.
pub const PHOTOS: Table = Table {
    name: "photos",
    columns: &[must("enrolment_id"), may("image"), may("file")],
};

/// Table `precincts`.
pub const PRECINCTS: Table = Table {
    name: "precincts",
    columns: &[
        must("precinct"),
        must("kind"),
        must("region"),
        must("soate"),
        must("address_ky"),
        must("address_ru"),
        must("lon"),
        must("lat"),
        may("changed"),
    ],
};

/// Table `boundaries`.
pub const BOUNDARIES: Table = Table {
    name: "boundaries",
    columns: &[
        must("precinct"),
        may("geojson"),
        may("street_id"),
        may("parity"),
        may("house_from"),
        may("house_to"),
    ],
};

/// Table `commission`.
pub const COMMISSION: Table = Table {
    name: "commission",
    columns: &[
        must("row_id"),
        may("pin"),
        may("surname"),
        may("given"),
        may("patronymic"),
        may("birth_date"),
        may("address"),
        may("precinct"),
    ],
};

/// Table `claims`.
pub const CLAIMS: Table = Table {
    name: "claims",
    columns: &[
        must("claim_id"),
        must("kind"),
        must("pin"),
        must("filed"),
        may("target_precinct"),
        may("field"),
        may("value"),
        must("identified"),
    ],
};

/// Every table, in the order in which they are read: what is referred to comes first.
pub const TABLES: &[Table] = &[
    PERSONS,
    ADDRESSES,
    SECOND_ADDRESSES,
    STREET_NAMES,
    DOCUMENTS,
    RESIDENCES,
    CIVIL_EVENTS,
    ENROLMENTS,
    PRINTS,
    PHOTOS,
    PRECINCTS,
    BOUNDARIES,
    COMMISSION,
    CLAIMS,
];
