//! The blocks of coded data: found, counted, put into the plane.

use std::rc::Rc;

use super::bits::BitReader;
use super::huffman::{Reader, Symbol};
use super::quantise::Filler;
use super::segments::{Cursor, Next, Quantisation, Tables};
use super::tree::Tree;

/// Where the data of each block begins, and the code it is written in.
pub(super) struct Blocks<'a> {
    bytes: &'a [u8],
    found: Vec<(Rc<Reader>, usize)>,
}

impl<'a> Blocks<'a> {
    /// Walks over all blocks up to the end of the image without reading their data.
    pub fn find(tables: &mut Tables, cursor: &mut Cursor<'a>) -> Result<Blocks<'a>, &'static str> {
        let bytes = cursor.bytes;
        let mut found = Vec::new();
        while let Next::Block { table } = tables.read_to_block(cursor)? {
            let reader = tables.huffman.get(table).and_then(Option::as_ref);
            found.push((
                Rc::clone(reader.ok_or("block with an unknown Huffman table")?),
                cursor.at,
            ));
            cursor.at = data_end(bytes, cursor.at).ok_or("cut short")?;
        }
        Ok(Blocks { bytes, found })
    }

    /// Hands over every symbol until `each` says `false`.
    fn each(&self, mut each: impl FnMut(Symbol) -> bool) -> Result<(), &'static str> {
        for (reader, start) in &self.found {
            let mut bits = BitReader::new(self.bytes, *start);
            while let Some(symbol) = reader.next(&mut bits)? {
                if !each(symbol) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Refuses data of more or fewer coefficients than expected.
    pub fn count(&self, expected: usize) -> Result<(), &'static str> {
        let mut seen = 0usize;
        if expected > 0 {
            self.each(|symbol| {
                seen += match symbol {
                    Symbol::Noughts(run) => run as usize,
                    Symbol::Value(_) => 1,
                };
                seen < expected
            })?;
        }
        match seen {
            _ if seen < expected => Err("fewer coefficients than the image needs"),
            _ if seen > expected => Err("more coefficients than the image holds"),
            _ => Ok(()),
        }
    }

    /// Puts the coefficients, counted before, into a plane of noughts.
    pub fn fill(&self, plane: &mut [f32], width: usize, tree: &Tree, how: &Quantisation) {
        let mut filler = Filler::new(tree, &how.bins, how.centre);
        // `count` has read the same symbols: an end or an error lies behind the last coefficient.
        let _ = self.each(|symbol| {
            match symbol {
                Symbol::Noughts(run) => filler.skip(run as usize),
                Symbol::Value(value) => filler.put(value, plane, width),
            }
            !filler.is_full()
        });
    }
}

/// The place of the marker behind coded data; stuffed noughts and restart markers belong to it.
fn data_end(bytes: &[u8], from: usize) -> Option<usize> {
    let pairs = bytes.get(from..)?.windows(2);
    let inside = |next: u8| next == 0 || (0xB0..=0xB7).contains(&next);
    pairs
        .enumerate()
        .find(|(_, two)| two[0] == 0xFF && two[1] != 0xFF && !inside(two[1]))
        .map(|(i, _)| from + i)
}
