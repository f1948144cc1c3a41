//! Steps as filters: partitions, batches, order of rows and threads change no byte, and the chain's files come out.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

mod small;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, RecordBatch, StringArray, UInt64Array, new_null_array};
use arrow::compute::{concat_batches, take_record_batch};
use arrow::ipc::writer::StreamWriter;
use arrow::util::display::array_value_to_string;
use batch::columns::{Row, batch_of, schema_of, write_batch};
use batch::filter::{FILTERS, Filter, Params, SideTables};
use batch::folder::Trust;
use batch::{SnapshotWriter, form_roll};
use lexicon::handover::envelope::Signer as _;
use lexicon::handover::snapshot::SnapshotTables;
use roll::statistics::statistics;
use small::varied::{Dice, varied};
use small::{Run, Scratch};

fn filter(name: &str) -> &'static Filter {
    FILTERS.iter().find(|filter| filter.name == name).unwrap()
}

fn bytes_of(batch: &RecordBatch) -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}

/// Rows in another order.
fn shuffled(batch: &RecordBatch, dice: &mut Dice) -> RecordBatch {
    let mut order: Vec<u64> = (0..batch.num_rows() as u64).collect();
    dice.shuffle(&mut order);
    take_record_batch(batch, &UInt64Array::from(order)).unwrap()
}

/// Rows of each partition: rows that agree in the key come together.
fn split(batch: &RecordBatch, key: &[&str], parts: usize, dice: &mut Dice) -> Vec<RecordBatch> {
    if key.is_empty() {
        return vec![batch.clone()];
    }
    let mut part_of: HashMap<String, usize> = HashMap::new();
    let mut rows: Vec<Vec<u64>> = vec![Vec::new(); parts];
    for row in 0..batch.num_rows() {
        let text = |name: &&str| {
            let column = batch.column_by_name(name).unwrap();
            let null = column.is_null(row);
            format!("{null}{}", array_value_to_string(column, row).unwrap())
        };
        let key = key.iter().map(text).collect::<Vec<_>>().join("|");
        let part = *part_of.entry(key).or_insert_with(|| dice.below(parts));
        rows[part].push(row as u64);
    }
    rows.into_iter()
        .map(|rows| take_record_batch(batch, &UInt64Array::from(rows)).unwrap())
        .collect()
}

/// What an engine does: shuffle, split, run the filter on each part, gather, sort.
fn driven(
    filter: &Filter,
    input: &RecordBatch,
    params: &Params,
    parts: usize,
    dice: &mut Dice,
) -> RecordBatch {
    let input = shuffled(input, dice);
    let answers: Vec<RecordBatch> = split(&input, filter.key, parts, dice)
        .into_iter()
        .map(|part| {
            // Cut into batches anywhere.
            let cut = dice.below(part.num_rows() + 1);
            let batches = [part.slice(0, cut), part.slice(cut, part.num_rows() - cut)];
            filter.apply(&batches, params).unwrap()
        })
        .collect();
    filter.gather(&answers).unwrap()
}

/// The rows of one table as facts about their persons.
fn facts_of<R: Row + Clone>(rows: &[R], cluster: impl Fn(&R) -> String) -> RecordBatch {
    let schema = schema_of(filter("decide").input);
    let batch = batch_of(rows.iter().map(|row| Wrapped(row.clone()))).unwrap();
    let clusters: StringArray = rows.iter().map(|row| Some(cluster(row))).collect();
    let tables: StringArray = rows.iter().map(|_| Some(R::TABLE)).collect();
    let columns = schema
        .fields()
        .iter()
        .map(|field| match field.name().as_str() {
            "cluster" => Arc::new(clusters.clone()) as ArrayRef,
            "table" => Arc::new(tables.clone()) as ArrayRef,
            name => match batch.column_by_name(name) {
                Some(column) => column.clone(),
                None => new_null_array(field.data_type(), rows.len()),
            },
        });
    RecordBatch::try_new(schema.clone(), columns.collect()).unwrap()
}

struct Wrapped<R>(R);

impl<R: Row> Row for Wrapped<R> {
    const TABLE: &'static str = R::TABLE;
    const COLUMNS: &'static [batch::columns::Column] = R::COLUMNS;

    fn put(&self, cells: &mut batch::columns::Put<'_>) {
        self.0.put(cells);
    }
}

/// Everything about persons, by cluster.
fn facts(t: &SnapshotTables, clusters: &RecordBatch) -> RecordBatch {
    let text = |name: &str| {
        let column = clusters.column_by_name(name).unwrap();
        column
            .as_any()
            .downcast_ref::<StringArray>()
            .unwrap()
            .clone()
    };
    let (persons, names) = (text("person"), text("cluster"));
    let of: HashMap<&str, &str> = (0..persons.len())
        .map(|at| (persons.value(at), names.value(at)))
        .collect();
    let cluster = |person: lexicon::PersonId| of[person.to_string().as_str()].to_owned();
    let parts = [
        facts_of(&t.persons, |r| cluster(r.person)),
        facts_of(&t.documents, |r| cluster(r.person)),
        facts_of(&t.residences, |r| cluster(r.person)),
        facts_of(&t.civil_events, |r| cluster(r.person)),
        facts_of(&t.enrolments, |r| cluster(r.person)),
        facts_of(&t.claims, |r| match r.person {
            Some(person) => cluster(person),
            None => format!("claim {}", r.claim),
        }),
    ];
    concat_batches(&parts[0].schema(), &parts).unwrap()
}

/// The commission's meanings with a row for every person.
fn with_clusters(meanings: &RecordBatch, clusters: &RecordBatch) -> RecordBatch {
    let schema = meanings.schema();
    let rows = clusters.num_rows();
    let columns = schema
        .fields()
        .iter()
        .map(|field| match field.name().as_str() {
            "table" => Arc::new(StringArray::from(vec!["clusters"; rows])) as ArrayRef,
            name => match clusters.column_by_name(name) {
                Some(column) => column.clone(),
                None => new_null_array(field.data_type(), rows),
            },
        });
    let persons = RecordBatch::try_new(schema.clone(), columns.collect()).unwrap();
    concat_batches(&schema, [meanings, &persons]).unwrap()
}

/// The whole chain by filters: what comes into each step, and what out of it.
fn chain(
    t: &SnapshotTables,
    mut run: impl FnMut(&'static Filter, &RecordBatch) -> RecordBatch,
) -> BTreeMap<&'static str, (RecordBatch, RecordBatch)> {
    let mut steps = BTreeMap::new();
    let mut step = |name: &'static str, input: RecordBatch| {
        let output = run(filter(name), &input);
        steps.insert(name, (input, output.clone()));
        output
    };
    let rows = |t: &SnapshotTables| batch_of(t.persons.iter().map(|r| Wrapped(r.clone()))).unwrap();
    let clusters = step("clusters", rows(t));
    let facts = facts(t, &clusters);
    step("claims", facts.clone());
    let decided = step("decide", facts);
    let numbered = step("number", decided);
    step("decisions", numbered.clone());
    step("statistics", numbered.clone());
    let leaves = step("leaves", numbered);
    step("root", leaves);
    let houses = batch_of(t.addresses.iter().map(|r| Wrapped(r.clone()))).unwrap();
    step("assign", houses.clone());
    let mut points = houses.columns().to_vec();
    let schema = schema_of(filter("points").input);
    points.drain(1..5);
    step("points", RecordBatch::try_new(schema, points).unwrap());
    let commission = batch_of(t.commission.iter().map(|r| Wrapped(r.clone()))).unwrap();
    let meanings = step("means", commission);
    step("reconcile", with_clusters(&meanings, &clusters));
    steps
}

struct World {
    dir: Scratch,
    run: Run,
    tables: SnapshotTables,
}

impl World {
    fn new(name: &str, seed: u64) -> Self {
        let dir = Scratch::new(name);
        let tables = varied(seed);
        let run = Run::new(dir.path(), &tables);
        Self { dir, run, tables }
    }

    fn params(&self) -> Params {
        let trust = Trust {
            verifier: &self.run.chain.ring,
            signer: self.run.chain.register.kid(),
            election: self.run.law.election.number,
        };
        let snapshot = self.dir.path().join("snapshot");
        let job = self.run.job(&snapshot, 1);
        Params {
            law: Some(self.run.law.clone()),
            side: Some(SideTables::open(&snapshot, &self.run.law, trust).unwrap()),
            salts: Some(job.salt_key()),
        }
    }
}

#[test]
fn partitions_batches_and_order_of_rows_change_no_byte_of_any_step() {
    for seed in 0..4 {
        let world = World::new(&format!("filters-parts-{seed}"), seed);
        let params = world.params();
        let whole = chain(&world.tables, |filter, input| {
            filter.apply(std::slice::from_ref(input), &params).unwrap()
        });
        assert_eq!(whole.len(), FILTERS.len(), "a step that nobody tries");
        let mut dice = Dice::new(100 + seed);
        for (name, (input, output)) in &whole {
            assert!(output.num_rows() > 0, "{name} gave nothing");
            for parts in [1, 2, 3, 7] {
                let got = driven(filter(name), input, &params, parts, &mut dice);
                assert!(
                    bytes_of(output) == bytes_of(&got),
                    "seed {seed}, step {name}, {parts} partitions"
                );
            }
        }
    }
}

fn check_file(dir: &Path, name: &str, filter: &Filter, batch: &RecordBatch) {
    let mine = dir.join(name);
    write_batch(&mine, filter.output, batch).unwrap();
    let chain = std::fs::read(dir.join("roll").join(name)).unwrap();
    assert!(std::fs::read(&mine).unwrap() == chain, "{name} differs");
}

#[test]
fn the_filters_give_the_files_and_the_root_of_the_chain() {
    let mut nobodys = 0;
    for seed in 0..4 {
        let world = World::new(&format!("filters-chain-{seed}"), seed);
        let params = world.params();
        let mut dice = Dice::new(seed);
        let steps = chain(&world.tables, |filter, input| {
            driven(filter, input, &params, 3, &mut dice)
        });
        let snapshot = world.dir.path().join("snapshot");
        let formed = form_roll(&world.run.job(&snapshot, 2)).unwrap();
        let dir = world.dir.path();
        check_file(
            dir,
            "decisions.parquet",
            filter("decisions"),
            &steps["decisions"].1,
        );
        check_file(dir, "claims.parquet", filter("claims"), &steps["claims"].1);
        let root = &steps["root"].1;
        assert_eq!(
            array_value_to_string(root.column(1), 0).unwrap(),
            lexicon::handover::envelope::hex(formed.release.root.as_slice())
        );
        let reconciled = &steps["reconcile"].1;
        nobodys += reconciled.column(0).null_count();
        check_file(
            dir,
            "reconciliation.parquet",
            filter("reconcile"),
            reconciled,
        );
        check_counts(&steps["statistics"].1, &world, &formed);
    }
    assert!(nobodys > 0, "no row of a new person was compared");
}

fn check_counts(counts: &RecordBatch, world: &World, formed: &batch::Formed) {
    let cell =
        |column: usize, row: usize| array_value_to_string(counts.column(column), row).unwrap();
    let told: BTreeMap<String, u64> = (0..counts.num_rows())
        .map(|row| {
            let name = format!("{} {} {}", cell(0, row), cell(1, row), cell(2, row));
            (name, cell(3, row).parse().unwrap())
        })
        .collect();
    let mut want = BTreeMap::new();
    let stats = statistics(&formed.snapshot, &formed.roll, &world.run.law);
    for (region, group) in stats.regions.iter().filter(|(_, group)| group.voters > 0) {
        want.insert(format!("{region} voters "), group.voters);
        for (value, count) in &group.by_sex {
            want.insert(format!("{region} sex {value}"), *count);
        }
        for (value, count) in &group.by_age {
            want.insert(format!("{region} age {value}"), *count);
        }
    }
    assert_eq!(told, want);
}

/// Writes a snapshot whose tables stand in another order, as a careless writer would.
fn write_shuffled(dir: &Path, mut t: SnapshotTables, run: &Run, seed: u64) {
    fn push<R: Row>(writer: &mut SnapshotWriter, rows: &mut [R], dice: &mut Dice) {
        dice.shuffle(rows);
        rows.iter().for_each(|row| writer.push(row).unwrap());
    }
    let mut dice = Dice::new(seed);
    let mut writer = SnapshotWriter::create(&dir.join("snapshot")).unwrap();
    let (w, d) = (&mut writer, &mut dice);
    push(w, &mut t.persons, d);
    push(w, &mut t.documents, d);
    push(w, &mut t.addresses, d);
    push(w, &mut t.street_names, d);
    push(w, &mut t.second_addresses, d);
    push(w, &mut t.residences, d);
    push(w, &mut t.civil_events, d);
    push(w, &mut t.enrolments, d);
    push(w, &mut t.precincts, d);
    push(w, &mut t.boundaries, d);
    push(w, &mut t.claims, d);
    push(w, &mut t.commission, d);
    push(w, &mut t.review_answers, d);
    push(w, &mut t.references, d);
    writer.finish(&run.law, "0", &run.chain.register).unwrap();
}

#[test]
fn shuffled_tables_and_other_threads_give_the_same_list() {
    for seed in 0..3 {
        let world = World::new(&format!("filters-whole-{seed}"), seed);
        let snapshot = world.dir.path().join("snapshot");
        let first = form_roll(&world.run.job(&snapshot, 1)).unwrap();
        for (threads, shuffle) in [(1, 11), (2, 12), (5, 13)] {
            let dir = Scratch::new(&format!("filters-whole-{seed}-{threads}"));
            write_shuffled(dir.path(), world.tables.clone(), &world.run, shuffle);
            let other = Run {
                dir: dir.path().to_owned(),
                chain: small::KeyChain::new(),
                law: world.run.law.clone(),
                randomness: batch::Randomness::new(&[9; 32]),
            };
            let snapshot = dir.path().join("snapshot");
            let again = form_roll(&other.job(&snapshot, threads)).unwrap();
            assert_eq!(first.release.root, again.release.root, "seed {seed}");
            assert_ne!(
                first.snapshot_id, again.snapshot_id,
                "the tables were not shuffled"
            );
            for name in ["decisions", "claims", "findings", "reconciliation"] {
                let file = format!("roll/{name}.parquet");
                let read = |dir: &Path| std::fs::read(dir.join(&file)).unwrap();
                assert!(
                    read(world.dir.path()) == read(dir.path()),
                    "seed {seed}, {threads} threads: {name} differs"
                );
            }
        }
    }
}

#[test]
fn a_field_that_does_not_fit_is_named() {
    let world = World::new("filters-bad", 1);
    let params = world.params();
    let rows = world.tables.addresses.iter().map(|r| Wrapped(r.clone()));
    let good = batch_of(rows).unwrap();
    let refused = |batch: &RecordBatch, params: &Params| {
        let told = filter("assign").apply(std::slice::from_ref(batch), params);
        told.err()
            .map_or_else(|| panic!("it was taken"), |error| error.to_string())
    };
    let without = good.project(&[0, 1, 2, 4, 5, 6]).unwrap();
    assert_eq!(
        refused(&without, &params),
        "field street_name is missing; Text is expected"
    );
    // Two columns swapped: the names are right, the types are not.
    let swap = |a: usize, b: usize| {
        let mut columns = good.columns().to_vec();
        columns.swap(a, b);
        let names = good.schema();
        let fields = names.fields().iter().zip(&columns).map(|(field, column)| {
            arrow::datatypes::Field::new(field.name(), column.data_type().clone(), true)
        });
        let schema = Arc::new(arrow::datatypes::Schema::new(fields.collect::<Vec<_>>()));
        RecordBatch::try_new(schema, columns).unwrap()
    };
    assert_eq!(
        refused(&swap(4, 5), &params),
        "field house is Int32; Text is expected"
    );
    assert!(refused(&swap(0, 1), &params).contains("column soate"));
    let none = Params::default();
    assert!(refused(&good, &none).contains("the parameters name no"));
}
