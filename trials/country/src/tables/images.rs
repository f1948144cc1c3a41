//! Prints and photographs, as Parquet and PNG files.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryArray, Int32Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use rayon::prelude::*;
use ridges::Position;

use super::{WriteError, Written, enrolment_id};
use crate::calendar::ELECTION_DAY;
use crate::person::flag;
use crate::prints::Capture;
use crate::{Country, RecordNo};

/// Enrolments written at a time.
const BATCH: usize = 8192;

/// A print as its table holds it: minutiae, or the path of a picture.
struct Print {
    finger: u8,
    minutiae: Option<Vec<u8>>,
    file: Option<String>,
}

impl Country {
    pub(super) fn write_images(
        &self,
        dir: &Path,
        written: &mut Written,
        done: &mut dyn FnMut(&str, u64),
    ) -> Result<(), WriteError> {
        let enrolled: Vec<u32> = self.records.records_where(|p| p.captured.is_some());
        if self.params.prints {
            let rows = self.write_prints(dir, &enrolled)?;
            done("prints", rows);
            written.tables.push(("prints".to_owned(), rows));
        }
        if self.params.photos {
            let rows = self.write_photos(dir, &enrolled)?;
            done("photos", rows);
            written.tables.push(("photos".to_owned(), rows));
        }
        Ok(())
    }

    fn write_prints(&self, dir: &Path, enrolled: &[u32]) -> Result<u64, WriteError> {
        let images = dir.join("images");
        if !self.image_humans.is_empty() {
            fs::create_dir_all(&images).map_err(|source| WriteError::File {
                path: images,
                source,
            })?;
        }
        let fields = vec![
            Field::new("enrolment_id", DataType::Utf8, false),
            Field::new("finger", DataType::Int32, false),
            Field::new("minutiae", DataType::Binary, true),
            Field::new("file", DataType::Utf8, true),
        ];
        let mut sheet = Sheet::create(dir, "prints", fields)?;
        for batch in enrolled.chunks(BATCH) {
            let made: Vec<Vec<Print>> = batch
                .par_iter()
                .map(|&record| self.prints_of(dir, record))
                .collect::<Result<_, WriteError>>()?;
            let rows = || {
                batch
                    .iter()
                    .zip(&made)
                    .flat_map(|(&r, prints)| prints.iter().map(move |p| (r, p)))
            };
            let ids: StringArray = rows().map(|(r, _)| Some(enrolment_id(r))).collect();
            let fingers: Int32Array = rows().map(|(_, p)| Some(i32::from(p.finger))).collect();
            let minutiae: BinaryArray = rows().map(|(_, p)| p.minutiae.as_deref()).collect();
            let files: StringArray = rows().map(|(_, p)| p.file.as_deref()).collect();
            sheet.append(vec![
                Arc::new(ids),
                Arc::new(fingers),
                Arc::new(minutiae),
                Arc::new(files),
            ])?;
        }
        sheet.finish()
    }

    fn prints_of(&self, dir: &Path, record: u32) -> Result<Vec<Print>, WriteError> {
        let mut prints = Vec::with_capacity(self.stored_fingers().len());
        for &finger in self.stored_fingers() {
            let Some(position) = Position::new(finger) else {
                continue;
            };
            let print = match self.enrolled_print(RecordNo(record), position) {
                Capture::Minutiae(bytes) => Print {
                    finger,
                    minutiae: Some(bytes),
                    file: None,
                },
                Capture::Image(picture) => {
                    let file = format!("images/{}_{finger}.png", enrolment_id(record));
                    let path = dir.join(&file);
                    fs::write(&path, ridges::png(&picture, 500))
                        .map_err(|source| WriteError::File { path, source })?;
                    Print {
                        finger,
                        minutiae: None,
                        file: Some(file),
                    }
                }
            };
            prints.push(print);
        }
        Ok(prints)
    }

    fn write_photos(&self, dir: &Path, enrolled: &[u32]) -> Result<u64, WriteError> {
        let fields = vec![
            Field::new("enrolment_id", DataType::Utf8, false),
            Field::new("image", DataType::Binary, false),
        ];
        let mut sheet = Sheet::create(dir, "photos", fields)?;
        for batch in enrolled.chunks(BATCH) {
            let images: Vec<Vec<u8>> = batch
                .par_iter()
                .map(|&r| self.portrait(RecordNo(r)))
                .collect();
            let ids: StringArray = batch.iter().map(|&r| Some(enrolment_id(r))).collect();
            let images: BinaryArray = images.iter().map(|i| Some(i.as_slice())).collect();
            sheet.append(vec![Arc::new(ids), Arc::new(images)])?;
        }
        sheet.finish()
    }

    /// The photograph taken at a record's enrolment: a palette PNG of at most 4 KiB.
    #[must_use]
    pub fn portrait(&self, record: RecordNo) -> Vec<u8> {
        let person = self.person_of(record.0);
        let human = self.records.human(record.0);
        let take = u32::from(person.has(flag::SECOND));
        let age = person.birth.age_on(ELECTION_DAY);
        crate::portrait::draw(self.params.seed, human, take, person.name.female, age)
    }
}

/// A Parquet file under way.
struct Sheet {
    path: std::path::PathBuf,
    schema: Arc<Schema>,
    writer: ArrowWriter<File>,
    rows: u64,
}

impl Sheet {
    fn create(dir: &Path, name: &str, fields: Vec<Field>) -> Result<Sheet, WriteError> {
        let path = dir.join(format!("{name}.parquet"));
        let file = File::create(&path).map_err(|source| WriteError::File {
            path: path.clone(),
            source,
        })?;
        let schema = Arc::new(Schema::new(fields));
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .build();
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties)).map_err(
            |source| WriteError::Parquet {
                path: path.clone(),
                source,
            },
        )?;
        Ok(Sheet {
            path,
            schema,
            writer,
            rows: 0,
        })
    }

    fn append(&mut self, columns: Vec<ArrayRef>) -> Result<(), WriteError> {
        let wrong = |source| WriteError::Parquet {
            path: self.path.clone(),
            source,
        };
        let batch =
            RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(|e| wrong(e.into()))?;
        self.rows += batch.num_rows() as u64;
        self.writer.write(&batch).map_err(wrong)
    }

    fn finish(self) -> Result<u64, WriteError> {
        let path = self.path;
        self.writer
            .close()
            .map_err(|source| WriteError::Parquet { path, source })?;
        Ok(self.rows)
    }
}
