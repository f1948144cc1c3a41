//! Seeds of images, records, tables, logs and texts.

use std::io::Cursor;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Int32Array, Int64Array, RecordBatch, StringArray,
    UInt32Array,
};
use arrow::ipc::writer::StreamWriter;
use batch::columns::{Kind, schema_of};
use batch::filter::FILTERS;
use fingerprint::{
    FingerPosition, GreyImage, Record, TemplateFormat, extract, extract_view, record, wsq,
};
use image::{GrayImage, ImageFormat};
use ridges::{ImpressionParams, Master, Position, finger_seed};
use tlog::{Checkpoint, LogSigners, TlogProof, TreeHead, leaf_hash, log_files, prove_inclusion};

use super::{log_key, witness_key};

/// A file that another program wrote.
macro_rules! golden {
    ($name:literal) => {
        include_bytes!(concat!(
            "../../../../instruments/fingerprint/tests/golden/",
            $name
        ))
        .to_vec()
    };
}

/// A sensor's window over a synthetic finger.
fn window(number: u64, side: usize) -> (u32, Vec<u8>) {
    let master = Master::grow(
        finger_seed(2015, number, Position::ALL[1]),
        Position::ALL[1],
    );
    let print = master.impression(&ImpressionParams::enrolment(), number);
    let (width, height) = (print.image.width, print.image.height);
    let (left, top) = ((width - side) / 2, (height - side) / 2);
    let rows =
        (top..top + side).flat_map(|y| print.image.pixels[y * width + left..][..side].to_vec());
    (side as u32, rows.collect())
}

/// A synthetic print as PNG, TIFF, BMP, PGM and plain PGM.
pub fn images() -> Vec<Vec<u8>> {
    let (side, pixels) = window(1, 120);
    let picture = GrayImage::from_raw(side, side, pixels).expect("the window is square");
    let encoded = |format| {
        let mut out = Cursor::new(Vec::new());
        picture
            .write_to(&mut out, format)
            .ok()
            .map(|()| out.into_inner())
    };
    let formats = [
        ImageFormat::Png,
        ImageFormat::Tiff,
        ImageFormat::Bmp,
        ImageFormat::Pnm,
    ];
    let mut all: Vec<Vec<u8>> = formats.into_iter().filter_map(encoded).collect();
    let grey = ridges::Grey {
        width: side as usize,
        height: side as usize,
        pixels: picture.into_raw(),
    };
    all.push(ridges::png(&grey, 500));
    all.push(format!("P2\n100 100\n255\n{}", "7 ".repeat(10_000)).into_bytes());
    all
}

/// A synthetic print as WSQ at three rates, and one of another program.
pub fn wsq_files() -> Vec<Vec<u8>> {
    let (side, pixels) = window(1, 120);
    let image = GreyImage::from_raw(side, side, 500, pixels);
    let mut all: Vec<Vec<u8>> = image
        .iter()
        .flat_map(|image| [0.75, 0.3, 4.0].map(|rate| wsq::encode(image, rate)))
        .collect();
    all.push(golden!("wsq-iafis-ic-0110.wsq"));
    all
}

/// A synthetic print as JPEG: baseline, and progressive in colour by another program.
pub fn jpegs() -> Vec<Vec<u8>> {
    let (side, pixels) = window(1, 120);
    let mut out = Cursor::new(Vec::new());
    let written = GrayImage::from_raw(side, side, pixels)
        .map(|picture| picture.write_to(&mut out, ImageFormat::Jpeg));
    let mut all = vec![golden!("jpeg-t81-progressive.jpg")];
    if let Some(Ok(())) = written {
        all.push(out.into_inner());
    }
    all
}

/// A synthetic print as JPEG 2000 of another program: lossless, lossy in tiles and layers, and a
/// bare codestream.
pub fn jpeg2000s() -> Vec<Vec<u8>> {
    let lossless = golden!("jpeg2000-15444-1-lossless.jp2");
    let start = lossless.windows(4).position(|four| four == b"jp2c");
    let bare = start.map(|at| lossless[at + 4..].to_vec());
    let mut all = vec![lossless, golden!("jpeg2000-15444-1-tiles.jp2")];
    all.extend(bare);
    all
}

/// The minutiae of a synthetic finger.
pub(super) fn iso_record(number: u64) -> Vec<u8> {
    let (side, pixels) = window(number, 240);
    GreyImage::from_raw(side, side, 500, pixels)
        .ok()
        .and_then(|image| extract(&image).ok())
        .map(|template| template.to_iso(FingerPosition::RightIndex))
        .unwrap_or_default()
}

/// Records of one and of two views, and one without minutiae.
pub fn iso_records() -> Vec<Vec<u8>> {
    let one = iso_record(2);
    let mut empty = one.clone();
    empty.truncate(28);
    empty[27] = 0;
    empty.extend_from_slice(&[0, 0]);
    empty[8..12].copy_from_slice(&30u32.to_be_bytes());
    let mut two = one.clone();
    two.extend_from_slice(&one[24..]);
    two[22] = 2;
    let length = u32::try_from(two.len()).unwrap_or(0);
    two[8..12].copy_from_slice(&length.to_be_bytes());
    vec![one, empty, two]
}

/// Templates of one and of two views, or of one where the format holds no more.
fn templates_in(format: TemplateFormat) -> Vec<Vec<u8>> {
    let view = |number, position| {
        let (side, pixels) = window(number, 240);
        let image = GreyImage::from_raw(side, side, 500, pixels).ok()?;
        extract_view(&image, position).ok()
    };
    let views: Vec<_> = [
        view(2, FingerPosition::RightIndex),
        view(3, FingerPosition::LeftThumb),
    ]
    .into_iter()
    .flatten()
    .collect();
    let written = |views: &[fingerprint::View]| {
        let views = views.to_vec();
        record::write(&Record { views }, format).ok()
    };
    let counts = 1..=views.len();
    counts.filter_map(|n| written(&views[..n])).collect()
}

/// Records of ISO/IEC 19794-2:2011.
pub fn iso2011_records() -> Vec<Vec<u8>> {
    templates_in(TemplateFormat::Iso2011)
}

/// Records of ANSI INCITS 378-2004.
pub fn ansi2004_records() -> Vec<Vec<u8>> {
    templates_in(TemplateFormat::Ansi2004)
}

/// Records of ANSI INCITS 378-2009.
pub fn ansi2009_records() -> Vec<Vec<u8>> {
    templates_in(TemplateFormat::Ansi2009)
}

/// Card data with five bytes a minutia.
pub fn normal_cards() -> Vec<Vec<u8>> {
    templates_in(TemplateFormat::CardNormal)
}

/// Card data with three bytes a minutia.
pub fn compact_cards() -> Vec<Vec<u8>> {
    templates_in(TemplateFormat::CardCompact)
}

/// Templates in the house's own form.
pub fn own_templates() -> Vec<Vec<u8>> {
    templates_in(TemplateFormat::Own)
}

/// Templates of every format that shows in its bytes.
pub fn templates() -> Vec<Vec<u8>> {
    [
        TemplateFormat::Iso2005,
        TemplateFormat::Iso2011,
        TemplateFormat::Ansi2004,
        TemplateFormat::Ansi2009,
        TemplateFormat::Own,
    ]
    .into_iter()
    .flat_map(templates_in)
    .collect()
}

const ENTRIES: [&str; 3] = ["first release", "delta 1", "delta 2"];

fn log() -> Vec<(String, Vec<u8>)> {
    let (log, witnesses) = (log_key(), [witness_key()]);
    let signers = LogSigners {
        log: &log,
        witnesses: &witnesses,
        time_s: 1_443_934_800,
    };
    log_files(&ENTRIES, signers).unwrap_or_default()
}

/// Checkpoints, and the golden notes of C2SP.
pub fn notes() -> Vec<Vec<u8>> {
    let golden = [
        include_str!("../../../../instruments/tlog/tests/golden/signed-note-example.txt"),
        include_str!("../../../../instruments/tlog/tests/golden/signed-note-sumdb.txt"),
        include_str!("../../../../instruments/tlog/tests/golden/tlog-cosignature-example.txt"),
    ];
    let own = log()
        .into_iter()
        .filter(|(path, _)| path == "checkpoint")
        .map(|(_, bytes)| bytes);
    own.chain(golden.map(|text| text.as_bytes().to_vec()))
        .collect()
}

/// A voter's proofs.
pub fn log_proofs() -> Vec<Vec<u8>> {
    let leaves: Vec<_> = ENTRIES
        .iter()
        .map(|entry| leaf_hash(entry.as_bytes()))
        .collect();
    let head = TreeHead {
        size: 3,
        root: tlog::root(&leaves),
    };
    let (log, witness) = (log_key(), witness_key());
    let Ok(checkpoint) = Checkpoint::new(log.verifier().name(), head) else {
        return Vec::new();
    };
    let mut note = checkpoint.sign(&log);
    note.sign(&witness, 1_443_934_800);
    let proof = |extra| TlogProof {
        index: 1,
        hashes: prove_inclusion(&leaves[..], 1, 3).unwrap_or_default(),
        extra,
        checkpoint: note.clone(),
    };
    vec![
        proof(None).to_string().into_bytes(),
        proof(Some(vec![1, 2, 3])).to_string().into_bytes(),
    ]
}

/// Witness policies and keys.
pub fn log_policies() -> Vec<Vec<u8>> {
    let (log, witness) = (log_key(), witness_key());
    let policy = tlog::Policy::k_of_n(&[log.verifier().clone()], &[witness.verifier().clone()], 1);
    let keys = include_str!("../../../../instruments/tlog/tests/golden/tlog-cosignature-vkeys.txt");
    let mut all: Vec<Vec<u8>> = keys.lines().map(|line| line.as_bytes().to_vec()).collect();
    all.extend(policy.map(|policy| policy.to_string().into_bytes()));
    all.push(log.verifier().to_string().into_bytes());
    all
}

/// Tiles and bundles, each with its path.
pub fn tiles() -> Vec<Vec<u8>> {
    let files = log().into_iter().filter(|(path, _)| path != "checkpoint");
    files
        .map(|(path, bytes)| [path.as_bytes(), b"\n", &bytes].concat())
        .collect()
}

/// Proofs about a tree of three.
pub fn tree_proofs() -> Vec<Vec<u8>> {
    let leaves: Vec<_> = ENTRIES
        .iter()
        .map(|entry| leaf_hash(entry.as_bytes()))
        .collect();
    let proof = prove_inclusion(&leaves[..], 1, 3).unwrap_or_default();
    let mut bytes = [1u64.to_be_bytes(), 3u64.to_be_bytes()].concat();
    bytes.extend_from_slice(&tlog::root(&leaves).0);
    bytes.extend_from_slice(&leaves[1].0);
    proof
        .iter()
        .for_each(|hash| bytes.extend_from_slice(&hash.0));
    vec![bytes]
}

/// The law that ships.
pub fn laws() -> Vec<Vec<u8>> {
    lexicon::ElectionLaw::shipped_text("kg-2015")
        .into_iter()
        .map(|text| text.as_bytes().to_vec())
        .collect()
}

/// The planning file that ships.
pub fn plannings() -> Vec<Vec<u8>> {
    vec![logistics::Planning::kg_text().as_bytes().to_vec()]
}

/// The models that ship.
pub fn linkage_models() -> Vec<Vec<u8>> {
    linkage::model::SHIPPED
        .iter()
        .map(|(_, text)| text.as_bytes().to_vec())
        .collect()
}

/// What people type.
pub fn typed_texts() -> Vec<Vec<u8>> {
    let texts = [
        "20105198000001",
        "2 01051980-00001",
        "AN1234567",
        "Үсөнова Айгүл",
        "Жээнбеков уулу",
        "Zheenbekov Sooronbai",
        ";tty,trjd",
        "1001",
        "41711000000000",
        "2015-10-04T08:00:00+06:00",
        "P<KGZUSONOVA<<AIGUL<<<<<<<<<<<<<<<<<<<<<<<<<",
        "",
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

macro_rules! sample {
    ($name:literal, $extension:literal) => {
        [
            $name.as_bytes(),
            b"\n",
            include_bytes!(concat!(
                "../../../../docs/sample-import/",
                $name,
                ".",
                $extension
            ))
            .as_slice(),
        ]
        .concat()
    };
}

/// The tables of the sample folder, and two with other line ends and separators.
pub fn import_csvs() -> Vec<Vec<u8>> {
    let persons = sample!("persons", "csv");
    let text = String::from_utf8_lossy(&persons).into_owned();
    let semicolons = text
        .replace(',', ";")
        .replacen("persons\n", "persons\n\u{feff}", 1)
        .into_bytes();
    let returns = text
        .replacen("persons\n", "persons|", 1)
        .replace('\n', "\r\n")
        .replacen("persons|", "persons\n", 1);
    vec![
        persons,
        semicolons,
        returns.into_bytes(),
        sample!("addresses", "csv"),
        sample!("boundaries", "csv"),
        sample!("civil_events", "csv"),
        sample!("claims", "csv"),
        sample!("commission", "csv"),
        sample!("documents", "csv"),
        sample!("enrolments", "csv"),
        sample!("precincts", "csv"),
        sample!("residences", "csv"),
        STREET_NAMES.as_bytes().to_vec(),
        SECOND_ADDRESSES.as_bytes().to_vec(),
    ]
}

/// Names of a street: former ones, one of another language.
const STREET_NAMES: &str = "street_names\nstreet_id,name,from,until\n\
    S1,ул. Правды,1936-01-01,1993-05-01\nS1,ул. Ала-Тоо,1993-05-01,\nS1,Ala-Too street,,\n";

/// A corner house.
const SECOND_ADDRESSES: &str = "second_addresses\naddress_id,soate,street_id,street_name,house\n\
    A1,41711000000000,S2,Чүй проспектиси,7\n";

/// The Parquet tables of the sample folder.
pub fn import_parquets() -> Vec<Vec<u8>> {
    vec![sample!("photos", "parquet"), sample!("prints", "parquet")]
}

/// Houses as GeoJSON: two good ones, and one of each kind of mistake.
pub fn geojsons() -> Vec<Vec<u8>> {
    let feature = |properties: &str, geometry: &str| {
        format!("{{\"type\":\"Feature\",\"properties\":{properties},\"geometry\":{geometry}}}")
    };
    let point = "{\"type\":\"Point\",\"coordinates\":[74.6,42.87]}";
    let house = |id: &str| {
        format!(
            "{{\"address_id\":\"{id}\",\"soate\":\"41711000000000\",\"street_id\":\"S1\",\"street_name\":\"Ала-Тоо\",\"house\":7}}"
        )
    };
    let good = [feature(&house("A1"), point), feature(&house("A2"), point)].join(",");
    let line = "{\"type\":\"LineString\",\"coordinates\":[[74.6,42.87],[74.7,42.9]]}";
    let far = "{\"type\":\"Point\",\"coordinates\":[274.6,1e400]}";
    let bad = [
        feature(&house("A3"), line),
        feature(&house("A4"), far),
        feature("{}", point),
        "7".to_owned(),
    ]
    .join(",");
    let collection =
        |features: &str| format!("{{\"type\":\"FeatureCollection\",\"features\":[{features}]}}");
    vec![
        collection(&good).into_bytes(),
        collection(&format!("{good},{bad}")).into_bytes(),
    ]
}

/// Two rows of what each step gives and of what it takes, its name on the first line.
pub fn arrow_streams() -> Vec<Vec<u8>> {
    let mut streams = Vec::new();
    for filter in FILTERS {
        for columns in [filter.output, filter.input] {
            let schema = schema_of(columns);
            let arrays = columns
                .iter()
                .map(|column| two_cells(column.kind))
                .collect();
            let batch =
                RecordBatch::try_new(schema.clone(), arrays).expect("every column has two cells");
            let mut stream = format!("{}\n", filter.name).into_bytes();
            let mut writer =
                StreamWriter::try_new(&mut stream, &schema).expect("memory takes a stream");
            writer.write(&batch).expect("memory takes a batch");
            writer.finish().expect("memory takes an end");
            drop(writer);
            streams.push(stream);
        }
    }
    streams
}

fn two_cells(kind: Kind) -> ArrayRef {
    match kind {
        Kind::Text => Arc::new(StringArray::from(vec!["1001", "2015-10-04"])),
        Kind::Number => Arc::new(UInt32Array::from(vec![1, 2])),
        Kind::Signed => Arc::new(Int32Array::from(vec![-1, 2])),
        Kind::Moment => Arc::new(Int64Array::from(vec![0, 1_443_916_800_000_000])),
        Kind::Flag => Arc::new(BooleanArray::from(vec![true, false])),
        Kind::Bytes => Arc::new(BinaryArray::from(vec![b"one".as_slice(), b"two"])),
    }
}
