//! `tizme fingerprint convert`: one file rewritten in another format.

use std::path::PathBuf;
use std::process::ExitCode;

use ::fingerprint::{
    GreyImage, Record, RecordError, Template, TemplateFormat, decode, extract_view, record, wsq,
};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde_json::json;

use super::{position, prints, read, write};

/// Arguments of `convert`.
#[derive(Args)]
pub struct Convert {
    /// The file to read: an image (PNG, TIFF, BMP, PGM, JPEG, JPEG 2000, WSQ) or a template.
    input: PathBuf,
    /// The file to write; its extension names the format: png, pgm, wsq, json, fmr (ISO 2005), ansi (2004), tzt (own)
    /// card (normal size) or ccard (compact size).
    output: PathBuf,
    /// Format of a template to write, when the extension does not say it: own, iso2005, iso2011, ansi2004, ansi2009,
    /// card-normal, card-compact.
    #[arg(long, value_name = "FORMAT")]
    format: Option<TemplateFormat>,
    /// What a template to read is, when its bytes do not say it (cards).
    #[arg(long, value_name = "FORMAT")]
    from: Option<TemplateFormat>,
    /// Resolution in pixels per inch, whatever the file says.
    #[arg(long, value_name = "D")]
    dpi: Option<u32>,
    /// Bits a pixel of a WSQ file.
    #[arg(long, default_value_t = wsq::RATE_DEFAULT, value_name = "BITS", value_parser = bits)]
    bits: f32,
    /// Finger position written into a template made from an image.
    #[arg(long, default_value_t = 0, value_name = "0-10")]
    finger: u8,
}

fn bits(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(bits) if (0.1..=8.0).contains(&bits) => Ok(bits),
        _ => Err("--bits takes 0.1 to 8".to_owned()),
    }
}

/// What the output is to be.
enum Wanted {
    Png,
    Pgm,
    Wsq,
    Json,
    Template(TemplateFormat),
}

impl Convert {
    fn wanted(&self) -> Result<Wanted> {
        let extension = self.output.extension().and_then(|e| e.to_str());
        let extension = extension.unwrap_or_default().to_lowercase();
        Ok(match (extension.as_str(), self.format) {
            ("png", None) => Wanted::Png,
            ("pgm", None) => Wanted::Pgm,
            ("wsq", None) => Wanted::Wsq,
            ("json", _) => Wanted::Json,
            (_, Some(format)) => Wanted::Template(format),
            ("fmr" | "iso", None) => Wanted::Template(TemplateFormat::Iso2005),
            ("ansi", None) => Wanted::Template(TemplateFormat::Ansi2004),
            ("tzt", None) => Wanted::Template(TemplateFormat::Own),
            ("card", None) => Wanted::Template(TemplateFormat::CardNormal),
            ("ccard", None) => Wanted::Template(TemplateFormat::CardCompact),
            (other, None) => bail!(
                "cannot write {other:?}: name the output .png, .pgm, .wsq, .json, .fmr, .ansi, .tzt, .card or .ccard, or give --format"
            ),
        })
    }

    /// The record of a template file; none when the file is an image.
    fn record(&self, bytes: &[u8]) -> Option<Result<(TemplateFormat, Record), RecordError>> {
        let format = self
            .from
            .or_else(|| TemplateFormat::detect(bytes))
            .or_else(|| prints::card_of(&self.input))?;
        Some(record::read_as(bytes, format).map(|record| (format, record)))
    }
}

/// Runs the command.
pub fn run(arguments: &Convert) -> Result<ExitCode> {
    let bytes = read(&arguments.input)?;
    let at_input = || arguments.input.display().to_string();
    let wanted = arguments.wanted()?;
    let written = if let Some(read) = arguments.record(&bytes) {
        let (format, record) = read.with_context(at_input)?;
        match wanted {
            Wanted::Json => as_json(format, &record).into_bytes(),
            Wanted::Template(other) => record::write(&record, other).with_context(at_input)?,
            Wanted::Png | Wanted::Pgm | Wanted::Wsq => {
                bail!(
                    "{}: a template holds no image; it becomes another template or json",
                    at_input()
                )
            }
        }
    } else {
        let image = decode(&bytes, arguments.dpi).with_context(at_input)?;
        let views = || -> Result<Record> {
            let finger = position(arguments.finger)?;
            let view = extract_view(&image, finger).with_context(at_input)?;
            Ok(Record { views: vec![view] })
        };
        match wanted {
            Wanted::Png => grey_png(&image)?,
            Wanted::Pgm => pgm(&image),
            Wanted::Wsq => wsq::encode(&image, arguments.bits),
            Wanted::Json => as_json(TemplateFormat::Own, &views()?).into_bytes(),
            Wanted::Template(format) => record::write(&views()?, format)?,
        }
    };
    write(&arguments.output, &written)?;
    Ok(ExitCode::SUCCESS)
}

fn as_json(format: TemplateFormat, record: &Record) -> String {
    let views: Vec<_> = record
        .views
        .iter()
        .map(|view| {
            let Template { width, height, quality, minutiae } = &view.template;
            let minutiae: Vec<_> = minutiae
                .iter()
                .map(|m| {
                    let kind = format!("{:?}", m.kind).to_lowercase();
                    json!({ "x": m.x, "y": m.y, "angle_256": m.angle, "kind": kind, "quality": m.quality })
                })
                .collect();
            json!({
                "finger": view.position.code(), "impression": view.impression.code(), "quality": quality,
                "width": width, "height": height, "minutiae": minutiae,
            })
        })
        .collect();
    format!(
        "{:#}\n",
        json!({ "standard": format.standard(), "views": views })
    )
}

fn grey_png(image: &GreyImage) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, image.width, image.height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let per_metre = (f64::from(image.dpi) / 0.0254).round() as u32;
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: per_metre,
        yppu: per_metre,
        unit: png::Unit::Meter,
    }));
    encoder.write_header()?.write_image_data(&image.pixels)?;
    Ok(out)
}

/// The resolution is lost: a PGM file has no place for it.
fn pgm(image: &GreyImage) -> Vec<u8> {
    let mut out = format!("P5\n{} {}\n255\n", image.width, image.height).into_bytes();
    out.extend_from_slice(&image.pixels);
    out
}
