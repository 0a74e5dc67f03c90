//! A hundred thousand steps of an orbit and back: by native programs of the steps and by tapes, beside the steps
//! alone.

#[path = "../../examples/algebra/orbit/motion.rs"]
#[allow(dead_code, reason = "the example has more")]
mod motion;

use super::medians;
use motion::{Sightings, TRUTH};
use std::hint::black_box;
use wengert::Tape;
use wengert::program::Steps;

/// Prints a line for each number of checkpoints: how long the gradient takes beside the steps alone, and how much
/// memory beside one tape of all.
pub(super) fn orbit(short: bool) {
    let seen = Sightings::new(1.0 / 600.0, 500, 1e-3, 200);
    let count = seen.step_count();
    let mut steps = Steps::record(&seen, &TRUTH[4..], &TRUTH[..4], &[]).expect("a program");
    let on_tape = || {
        let tape = Tape::new();
        let vars = tape.vars(TRUTH);
        (seen.integrated(&vars).backward().wrt(vars), tape.stats().bytes)
    };
    // Before the tape of all: a tape that comes after it would have its memory.
    let plans = [30, 300, count.div_ceil(steps.group_len())].map(|checkpoints| {
        let (slope, found) = seen.gradient_by(&mut steps, &TRUTH, checkpoints).expect("a plan");
        (checkpoints, slope, found.bytes)
    });
    let (wanted, whole) = on_tape();
    println!("\ncheckpoints, of {count} steps | programs | tapes | one tape | memory of one tape");
    for (checkpoints, slope, bytes) in plans {
        for (a, b) in slope.iter().zip(wanted) {
            assert!((a - b).abs() <= 1e-9 * b.abs(), "{a}, not {b}");
        }
        let rest = |gradient: [f64; 5]| gradient[0];
        let [plain, programs, tapes, one] = medians(
            if short { 1 } else { 60 },
            [
                &mut |turns| {
                    for _ in 0..turns {
                        black_box(seen.integrated(black_box(&TRUTH)));
                    }
                },
                &mut |turns| {
                    for _ in 0..turns {
                        let found = seen.gradient_by(&mut steps, black_box(&TRUTH), checkpoints);
                        black_box(found.map_or(f64::NAN, |found| rest(found.0)));
                    }
                },
                &mut |turns| {
                    for _ in 0..turns {
                        let found = seen.gradient(black_box(&TRUTH), checkpoints);
                        black_box(found.map_or(f64::NAN, |found| rest(found.0)));
                    }
                },
                &mut |turns| {
                    for _ in 0..turns {
                        black_box(on_tape());
                    }
                },
            ],
        );
        let ratios = [programs, tapes, one].map(|time| format!("{:.2}", time / plain));
        let part = whole as f64 / bytes as f64;
        println!("{checkpoints} | {} | 1 / {part:.0}", ratios.join(" | "));
    }
}
