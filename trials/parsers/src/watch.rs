//! One door under watch.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use peak_alloc::PeakAlloc;

use crate::doors::Door;
use crate::garble::{Dice, garbled};

/// No input may take longer.
pub const TIME_MAX: Duration = Duration::from_millis(50);
/// The same for decoders of images: an input of up to a megapixel.
pub const DECODER_TIME_MAX: Duration = Duration::from_millis(200);
/// Unless its door says otherwise, no input may take more memory than this, beside the input itself.
pub const MEMORY_MAX_BYTES: usize = 64 << 20;
/// A slow input is sent again this often; only the fastest pass counts, for the machine may be busy.
const PASSES: usize = 8;

/// How many inputs, and from which seed.
#[derive(Clone, Copy, Debug)]
pub struct Rounds {
    /// Seed of the dice.
    pub seed: u64,
    /// Inputs beside the seeds themselves.
    pub inputs: u32,
    /// Goes on after these inputs until so much time is over.
    pub at_least: Duration,
}

/// An input that a door did not stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The door.
    pub door: &'static str,
    /// What happened.
    pub what: String,
    /// Number of the input; the seeds come first.
    pub input: u32,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// What was seen at one door.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// Inputs sent.
    pub inputs: u32,
    /// Inputs taken in.
    pub taken: u32,
    /// The slowest input.
    pub slowest: Duration,
    /// The most memory one input took, bytes.
    pub memory_bytes: usize,
}

/// Sends the seeds and garbled inputs through a door; stops at the first that it does not stand.
///
/// `memory` is the process's allocator; without one, memory is not watched. Only one door of a process may be
/// watched at a time.
///
/// # Errors
/// The first [`Finding`].
pub fn watch(
    door: &Door,
    rounds: Rounds,
    memory: Option<&PeakAlloc>,
) -> Result<Seen, Box<Finding>> {
    let seeds = (door.seeds)();
    let mut seen = Seen::default();
    for seed in &seeds {
        send(door, seed, memory, &mut seen)?;
    }
    let mut spent = Duration::ZERO;
    for number in 0..u32::MAX {
        if number >= rounds.inputs && spent >= rounds.at_least {
            break;
        }
        // Each input has its own dice, so that one can be had again without the others.
        let mut dice = Dice::new(
            rounds
                .seed
                .wrapping_add(u64::from(number).wrapping_mul(0x2545_f491_4f6c_dd1d)),
        );
        let seed = seeds
            .get(dice.below(seeds.len()))
            .map_or(&[][..], Vec::as_slice);
        let mut bytes = garbled(seed, &seeds, &mut dice);
        if let Some(mend) = door.mend
            && dice.below(2) == 0
        {
            mend(&mut bytes);
        }
        spent += send(door, &bytes, memory, &mut seen)?;
    }
    Ok(seen)
}

/// Sends one input; how long the door was at it.
fn send(
    door: &Door,
    bytes: &[u8],
    memory: Option<&PeakAlloc>,
    seen: &mut Seen,
) -> Result<Duration, Box<Finding>> {
    let finding = |what: String, seen: &Seen| {
        Box::new(Finding {
            door: door.name,
            what,
            input: seen.inputs,
            bytes: bytes.to_vec(),
        })
    };
    let time_max = if door.is_decoder {
        DECODER_TIME_MAX
    } else {
        TIME_MAX
    };
    let (mut fastest, mut spent) = (Duration::MAX, Duration::ZERO);
    for _ in 0..PASSES {
        let before = memory.map(|memory| {
            memory.reset_peak_usage();
            memory.current_usage()
        });
        let (took, outcome) = timed(|| catch_unwind(AssertUnwindSafe(|| (door.enter)(bytes))));
        let peak = memory.zip(before).map_or(0, |(memory, before)| {
            memory.peak_usage().saturating_sub(before)
        });
        seen.memory_bytes = seen.memory_bytes.max(peak);
        match outcome {
            Ok(taken) => seen.taken += u32::from(taken && fastest == Duration::MAX),
            Err(panic) => return Err(finding(format!("panic: {}", message(panic.as_ref())), seen)),
        }
        if peak > door.memory_max_bytes {
            return Err(finding(format!("took {} MB of memory", peak >> 20), seen));
        }
        spent += took;
        fastest = fastest.min(took);
        if fastest <= time_max {
            break;
        }
    }
    seen.slowest = seen.slowest.max(fastest);
    if fastest > time_max {
        return Err(finding(format!("took {} ms", fastest.as_millis()), seen));
    }
    seen.inputs += 1;
    Ok(spent)
}

#[expect(clippy::disallowed_methods, reason = "this trial measures time")]
fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = std::time::Instant::now();
    let result = work();
    (start.elapsed(), result)
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without words".to_owned())
}
