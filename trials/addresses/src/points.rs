//! `tizme-points POLYGONS POINTS OUT`: the polygon of each point, with processor seconds, for `points.py`.
//!
//! POLYGONS holds a GeoJSON geometry a line; POINTS `lon,lat` a line, micro-degrees; OUT gets the number of the
//! polygon (its line from 0) or -1 for each point. An outline that crosses itself is refused, as in the product.

use std::fmt::Write as _;
use std::process::ExitCode;

use addresses::processor_seconds;
use anyhow::{Context as _, bail};
use lexicon::PrecinctCode;
use roll::boundary::{Point, Shape, Territory};

/// Polygons are numbered from here: precinct codes have four digits.
const FIRST: u16 = 1000;

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [polygons, points, out] = &arguments[..] else {
        bail!("usage: tizme-points POLYGONS POINTS OUT");
    };
    let (geometries, places) = (
        std::fs::read_to_string(polygons)?,
        std::fs::read_to_string(points)?,
    );
    let mut asked = Vec::new();
    for line in places.lines() {
        let (lon, lat) = line.split_once(',').context("a point is lon,lat")?;
        asked.push(Point {
            lon: lon.parse()?,
            lat: lat.parse()?,
        });
    }
    let before = processor_seconds();
    let mut shapes = Vec::new();
    let mut refused = 0;
    for (line, text) in (FIRST..).zip(geometries.lines()) {
        match Shape::parse(PrecinctCode::new(line)?, text) {
            Ok(shape) => shapes.push(shape),
            Err(why) => {
                refused += 1;
                eprintln!("polygon {}: {}", line - FIRST, why.why());
            }
        }
    }
    let territory = Territory::of_shapes(shapes);
    let read = processor_seconds();
    let found: Vec<Option<PrecinctCode>> = asked
        .iter()
        .map(|point| territory.precinct_at(*point))
        .collect();
    let done = processor_seconds();
    let findings = territory.cover_findings();
    println!(
        "tizme: {} polygons read in {:.2} CPU-s, {} refused; {} points placed in {:.2} CPU-s; cover judged in {:.2} CPU-s, {} findings",
        geometries.lines().count(),
        read - before,
        refused,
        found.len(),
        done - read,
        processor_seconds() - done,
        findings.len()
    );
    let mut text = String::new();
    for found in found {
        let _ = writeln!(
            text,
            "{}",
            found.map_or(-1, |code| i32::from(code.number() - FIRST))
        );
    }
    std::fs::write(out, text)?;
    Ok(ExitCode::SUCCESS)
}
