//! The day table: pictogram and the hundred day codes (ui/PRINT.md §3).

use pollbook::DayCodes;

use super::bitmap::Rect;
use super::paper::{Strip, plain};
use super::words::mark_name;
use super::{Heading, Job, pictogram};

/// Draws the day table; it is printed once, with the initial report.
#[must_use]
pub fn day_table(heading: &Heading, day: &DayCodes) -> Job {
    let mut strip = heading.strip();
    strip.text(
        "ТАБЛИЦА КОДОВ ДНЯ / КҮНДҮН КОДДОРУ",
        plain(21).bold().centred(),
    );
    strip.text(
        &format!("Участок № {:04} · {}", heading.precinct, heading.date()),
        plain(21).centred(),
    );
    strip.text(
        "берүү столу үчүн гана · только для стола выдачи",
        plain(20).centred(),
    );
    strip.rule();
    let side = 150;
    let top = strip.y;
    strip.skip(side + 8);
    let place = Rect {
        x: (heading.width.dots() - side) / 2,
        y: top,
        width: side,
        height: side,
    };
    pictogram::draw(&mut strip, place, day.mark());
    let (ky, ru) = mark_name(day.mark());
    strip.text(&format!("{ky} / {ru}"), plain(30).bold().centred());
    strip.rule();
    strip.text(
        "Две последние цифры строки — буквы на чеке. Саптын акыркы эки цифрасы — чектеги тамгалар.",
        plain(20),
    );
    strip.skip(8);
    grid(&mut strip, day);
    strip.rule();
    strip.text(
        "Столдо бетин ылдый каратып сактоо, протокол менен тапшыруу. Хранить у стола лицом вниз, сдать с протоколом.",
        plain(20).centred(),
    );
    Job {
        name: format!("day-table-{}", heading.kit),
        bitmap: strip.done(),
    }
}

fn grid(strip: &mut Strip, day: &DayCodes) {
    const ROW: usize = 40;
    const LEFT: usize = 40;
    let cell_width = (strip.bitmap.width() - LEFT - 2) / 10;
    let is_narrow = cell_width < 50;
    let letters = if is_narrow { 18 } else { 21 };
    let left = LEFT;
    let top = strip.y;
    strip.skip(ROW * 11 + 4);
    for column in 0..10usize {
        let place = Rect {
            x: left + column * cell_width,
            y: top,
            width: cell_width,
            height: ROW,
        };
        strip.text_in(place, &column.to_string(), plain(21).bold().centred());
    }
    for row in 0..10usize {
        let y = top + (row + 1) * ROW;
        let head = Rect {
            x: 0,
            y: y + 6,
            width: left - 6,
            height: ROW,
        };
        strip.text_in(head, &format!("{row}_"), plain(21).bold().right());
        for column in 0..10usize {
            let place = Rect {
                x: left + column * cell_width,
                y,
                width: cell_width + 2,
                height: ROW + 2,
            };
            strip.bitmap.frame(place, 2);
            let inside = Rect { y: y + 6, ..place };
            let cell = u8::try_from(row * 10 + column).unwrap_or(0);
            strip.text_in(inside, &day.cell(cell), plain(letters).centred());
        }
    }
}
