use super::*;

fn precinct(n: u16, region: &str, kind: &str) -> PrecinctRow {
    PrecinctRow {
        precinct: PrecinctCode::new(n).expect("a precinct"),
        kind: kind.to_owned(),
        region: region.to_owned(),
        soate: "41711000000000".parse().expect("a code"),
        address_ky: String::new(),
        address_ru: String::new(),
        lon_microdegrees: 0,
        lat_microdegrees: 0,
    }
}

#[test]
fn the_campaign_is_summed_by_rows_and_by_columns_and_a_wrong_total_is_flagged() {
    // Two regions of the report of 2015 with their printed totals.
    let cell = |region, month: &str, captured| EnrolmentCount {
        region,
        month: month.to_owned(),
        captured,
        processed: 0,
    };
    let cells = [
        cell(Region::Bishkek, "2014-11", 71_189),
        cell(Region::Bishkek, "2014-12", 157_650),
        cell(Region::Naryn, "2014-11", 31_180),
        cell(Region::Naryn, "2014-12", 59_136),
    ];
    let months = [
        ("2014-11".to_owned(), 102_369),
        ("2014-12".to_owned(), 216_786),
    ];
    let of = |naryn| {
        campaign(Campaign {
            cells: &cells,
            regions: &[(Region::Bishkek, 228_839), (Region::Naryn, naryn)],
            months: &months,
            all: 319_155,
        })
    };
    let sheet = of(90_316);
    assert!(sheet.checks.iter().all(Check::passes));
    assert_eq!(
        sheet.columns,
        ["region_code", "m_2014_11", "m_2014_12", "total"]
    );
    assert_eq!(sheet.rows[0][3], Cell::Count(228_839));
    let last = sheet.rows.last().expect("a total");
    assert_eq!(
        last[1..],
        [
            Cell::Count(102_369),
            Cell::Count(216_786),
            Cell::Count(319_155)
        ]
    );
    let wrong = of(90_317);
    let failing: Vec<&str> = wrong
        .checks
        .iter()
        .filter(|check| !check.passes())
        .map(|check| check.what.as_str())
        .collect();
    assert_eq!(failing, ["naryn", "check.regions"]);
    assert!(wrong.checks.iter().any(|c| c.written().contains('≠')));
}

#[test]
fn kits_follow_the_rule_precinct_by_precinct_and_a_region_may_be_given_others() {
    let precincts = [
        precinct(1001, "bishkek", "territorial"),
        precinct(1002, "bishkek", "territorial"),
        precinct(1003, "bishkek", "additional"),
        precinct(4001, "naryn", "territorial"),
    ];
    let lines: BTreeMap<PrecinctCode, u64> = [(1001, 601), (1002, 600), (1003, 5), (4001, 0)]
        .map(|(n, lines)| (PrecinctCode::new(n).expect("a precinct"), lines))
        .into();
    let cell = |region: &str, persons| CellRow {
        cell: 1,
        code: LISTED.to_owned(),
        region: region.to_owned(),
        sex: "F".to_owned(),
        band: "18-24".to_owned(),
        persons,
    };
    let given = [ReferenceValue {
        region: "bishkek".to_owned(),
        precinct: 0,
        value: 9,
    }];
    let cells = [cell("bishkek", 1200), cell("bishkek", 6)];
    let of = |given| {
        equipment(Equipment {
            precincts: &precincts,
            lines: &lines,
            cells: &cells,
            total: 1206,
            precincts_all: 4,
            voters_per_kit: 600,
            operators_per_ten_kits: 15,
            given,
        })
    };
    let shown = |sheet: &Sheet| -> Vec<String> {
        let row = |row: &Vec<Cell>| row.iter().map(Cell::plain).collect::<Vec<_>>().join(" ");
        sheet.rows.iter().map(row).collect()
    };
    let sheet = of(&[]);
    assert_eq!(
        shown(&sheet),
        [
            "bishkek 1201 3 3 5 2",
            "bishkek_additional 5 1 1 2 1",
            // A precinct without voters has a kit as well.
            "naryn 0 1 1 2 1",
            "TOTAL 1206 5 5 9 4"
        ]
    );
    assert!(sheet.checks.iter().all(Check::passes), "{:?}", sheet.checks);
    assert_eq!(shown(&of(&given))[0], "bishkek 1201 9 3 14 2");
    assert_eq!(shown(&of(&given))[3], "TOTAL 1206 11 5 18 4");
}

#[test]
fn figures_of_the_reconciliation_bear_the_codes_of_the_report() {
    let excluded = BTreeMap::from([
        (ExclusionReason::PinConflict, 3),
        (ExclusionReason::Duplicate, 4),
    ]);
    let form2 = BTreeMap::from([
        ("bishkek".to_owned(), 79_195),
        ("osh_city".to_owned(), 27_157),
    ]);
    let sheet = reconciliation(Reconciled {
        rows: 2_633_420,
        classes: &[
            (ReconciliationClass::Dead, 6_245),
            (ReconciliationClass::NotFound, 15_805),
            (ReconciliationClass::New, 909_718),
        ],
        listed: 2_761_297,
        excluded: &excluded,
        form2: &form2,
        form2_all: 106_352,
        cases: &[(CaseKind::SharedPin, 667, 600)],
        placed: &BTreeMap::from([
            ("residences".to_owned(), 2_648_144),
            ("claims".to_owned(), 106_352),
            ("overrides".to_owned(), 6_801),
        ]),
        without_row: Some(912_000),
        field_unfinished: 155_000,
        processed_in_month: 261_487,
        voted: Some(1_600_104),
    });
    let value = |code: &str| {
        let row = sheet
            .rows
            .iter()
            .find(|row| row[0] == Cell::Text(code.to_owned()));
        row.map(|row| row[1].plain()).unwrap_or_default()
    };
    assert_eq!(value("shared_pins"), "667");
    assert_eq!(value("missing_from_cec_list"), "912000");
    assert_eq!(value("unrefined_records"), "155000");
    assert_eq!(value("not_found_in_register"), "15805");
    assert_eq!(value("auto_assigned_precinct"), "2648144");
    assert_eq!(value("form2_manually_assigned"), "6801");
    // The report prints 33 and 59; between text and tables it says 57.95 itself.
    assert_eq!(value("new_voters_pct"), "32.9");
    assert_eq!(value("turnout_pct"), "57.9");
    assert_eq!(value("srs_list_excess_over_cec"), "127877");
    assert_eq!(value("excluded_pin_biometric_conflicts"), "7");
    assert!(sheet.checks.iter().all(Check::passes));
}
