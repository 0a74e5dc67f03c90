//! Partial results that are written and read again, whole or damaged.

use crate::partials::partial::{Random, every_kind, in_ranges, outcome, parameters};
use crate::samples::{PARAMETERS, Rows, by_kind, curve};
use serde_json::Value;
use wengert::program::partials::{Offset, Partial, PartialError};
use wengert::program::{Columns, NonFinite, Program, RunError};

fn as_text(partial: Partial) -> Partial {
    serde_json::from_str(&serde_json::to_string(&partial).unwrap()).unwrap()
}

fn as_bytes(partial: Partial) -> Partial {
    postcard::from_bytes(&postcard::to_allocvec(&partial).unwrap()).unwrap()
}

#[test]
fn what_was_written_and_read_gives_the_same_bits() {
    let mut random = Random(11);
    for (program, rule) in every_kind() {
        let mut rows = Rows::new(9500);
        rows.x[4200] = if rule == NonFinite::Refuse { 0.5 } else { f64::NEG_INFINITY };
        rows.y[77] = if rule == NonFinite::Refuse { 0.5 } else { f64::NAN };
        let (at, data) = (parameters(&program), rows.columns());
        // Each machine was sent the program too.
        let sent: Program =
            serde_json::from_str(&serde_json::to_string(&program).unwrap()).unwrap();
        let mut sweep = sent.compile().non_finite(rule);
        let whole = outcome(program.compile().non_finite(rule).run(&at, &data).unwrap());
        for send in [as_text, as_bytes] {
            let cuts = random.cuts(9500, 4);
            let found = in_ranges(&mut sweep, &at, &data, &cuts, send).unwrap();
            assert!(found == whole, "cut at {cuts:?}\n{program}");
        }
    }
}

#[test]
fn errors_travel_with_their_bits() {
    let nan = f64::from_bits(0xfff8_0000_0000_0042);
    let x = [1.0, nan];
    let mut sweep = curve().compile();
    let data = Columns::new(&[&x, &x]).unwrap();
    let partial = sweep.partial(&[0.5, 0.25], &[], &data, Offset::at(4096));
    for back in [as_text(partial.clone()), as_bytes(partial)] {
        let Some(PartialError::Run(RunError::NotFinite { column: 0, row: 4097, value })) =
            back.error()
        else {
            panic!("{:?}", back.error())
        };
        assert_eq!(value.to_bits(), nan.to_bits());
        assert_eq!(back.rows(), 4096..4098);
    }
}

#[test]
fn the_row_at_fault_is_named_when_what_was_written_is_merged() {
    let mut rows = Rows::new(12_288);
    rows.x[5000] = f64::NAN;
    let mut sweep = curve().compile();
    let data = rows.columns();
    let parts = [0, 4096, 8192].map(|from| {
        let range = data.range(from..from + 4096);
        sweep.partial(&[0.5, 0.25], &[], &range, Offset::at(from as u64))
    });
    for written in 0..8 {
        let mut parts: Vec<Partial> = parts.to_vec();
        for (at, part) in parts.iter_mut().enumerate().filter(|(at, _)| written >> at & 1 == 1) {
            *part = if at == 1 { as_text(part.clone()) } else { as_bytes(part.clone()) };
        }
        let [mut all, second, third] = <[Partial; 3]>::try_from(parts).unwrap();
        all.merge(&second).unwrap();
        all.merge(&third).unwrap();
        let error = sweep.finish(&[0.5, 0.25], [all]).err().unwrap();
        assert_eq!(error.row(), Some(5000), "{error}");
    }
}

/// What travels is little where the cuts are at segments: 8 bytes a number, and few words beside them.
#[test]
fn ranges_of_whole_segments_make_small_partial_results() {
    let rows = Rows::new(40 * 4096);
    let mut sweep = curve().compile();
    let (data, mut most) = (rows.columns(), 0);
    for (from, to) in [(0, 40), (0, 32), (1, 40), (7, 31), (39, 40)] {
        let range = data.range(from * 4096..to * 4096);
        let partial = sweep.partial(&[0.5, 0.25], &[], &range, Offset::at(from as u64 * 4096));
        let bytes = postcard::to_allocvec(&partial).unwrap().len();
        // Of three sums.
        let log = (to - from + 1).next_power_of_two().ilog2() as usize;
        assert!(bytes <= 8 * 3 * (2 * log).max(1) + 160, "{bytes} bytes of {from}..{to}");
        most = most.max(bytes);
    }
    assert!(most > 8 * 3 * 2, "{most} bytes");
}

/// Partial results of all kinds of parts: rows that are carried, segments that are whole and open, sums
/// by place, an error.
fn samples() -> Vec<Partial> {
    let mut rows = Rows::new(40);
    let mut sweep = by_kind().compile();
    let mut starts = [0, 4080, 4096]
        .map(|start| sweep.partial(&PARAMETERS, &[], &rows.columns(), Offset::at(start)));
    let mut whole = starts[1].clone();
    let more = sweep.partial(&PARAMETERS, &[], &rows.columns(), whole.end());
    whole.merge(&more).unwrap();
    starts[0] = whole;
    rows.x[7] = f64::NAN;
    let failed = sweep.partial(&PARAMETERS, &[], &rows.columns(), Offset::at(4090));
    let with_first = sweep.partial(&PARAMETERS, &[], &rows.columns().range(0..5), Offset::at(0));
    starts.into_iter().chain([failed, with_first]).collect()
}

/// What is read is used as one that is whole would be; whether it could be read.
fn use_it(read: Result<Partial, String>, whole: &Partial) -> bool {
    let Ok(partial) = read else { return false };
    // What was changed is not a number: it is the same partial result.
    assert_eq!(serde_json::to_string(&partial).unwrap(), serde_json::to_string(whole).unwrap());
    true
}

#[test]
fn each_byte_that_is_changed_is_refused_or_harmless() {
    let mut refused = 0;
    for partial in samples() {
        let text = serde_json::to_string(&partial).unwrap().into_bytes();
        let bytes = postcard::to_allocvec(&partial).unwrap();
        for (form, at) in
            (0..text.len()).map(|at| (true, at)).chain((0..bytes.len()).map(|at| (false, at)))
        {
            for flip in [1, 0x10, 0x80] {
                let mut changed = if form { text.clone() } else { bytes.clone() };
                changed[at] ^= flip;
                let read = if form {
                    serde_json::from_slice(&changed).map_err(|error| error.to_string())
                } else {
                    postcard::from_bytes(&changed).map_err(|error| error.to_string())
                };
                refused += usize::from(!use_it(read, &partial));
            }
        }
        for len in 0..bytes.len() {
            assert!(postcard::from_bytes::<Partial>(&bytes[..len]).is_err());
        }
    }
    assert!(refused > 10_000, "{refused} refused");
}

#[test]
fn another_version_and_changed_numbers_have_their_errors() {
    let partial = samples().remove(0);
    let error_after = |change: &dyn Fn(&mut Value)| {
        let mut value = serde_json::to_value(&partial).unwrap();
        change(&mut value);
        serde_json::from_value::<Partial>(value).unwrap_err().to_string()
    };
    let version = error_after(&|value| value["version"] = 2.into());
    assert_eq!(version, "the partial result is of version 2, but only version 1 can be read");
    for part in ["words", "numbers"] {
        let error = error_after(&|value| value[part][0] = 7.into());
        assert!(error.contains("checksum"), "{error}");
        let error = error_after(&|value| drop(value[part].as_array_mut().unwrap().pop()));
        assert!(error.contains("checksum"), "{error}");
    }
    assert!(error_after(&|value| value["more"] = 1.into()).contains("unknown field"));
}

/// That rows cannot be counted reaches whoever finishes, too.
#[test]
fn offsets_that_are_refused_travel() {
    let (at, rows) = (&PARAMETERS[..2], Rows::new(10));
    let data = rows.columns();
    let starts = [
        Offset::at(u64::MAX),
        Offset::at(1 << 56),
        Offset { rows: 3, left_out: 9 },
        Offset { rows: u64::MAX, left_out: u64::MAX },
    ];
    let mut sweep = curve().compile().non_finite(NonFinite::Skip);
    for start in starts {
        let partial = sweep.partial(at, &[], &data, start);
        let error = PartialError::Offset { found: start, rows: 10 };
        for read in [as_text(partial.clone()), as_bytes(partial.clone())] {
            assert_eq!(read.error(), Some(&error));
            assert_eq!((read.rows(), read.end()), (partial.rows(), partial.end()));
            assert_eq!(read.row_count(), 0);
        }
    }
    // Rows that follow a failure may begin as if fewer were kept.
    let mut failed = sweep.partial(at, &[], &data, Offset::at(100));
    failed.merge(&sweep.partial(at, &[], &Columns::new(&[]).unwrap(), failed.end())).unwrap();
    let rows = failed.rows().end;
    let late = sweep.partial(at, &[], &data, Offset { rows, left_out: rows });
    failed.merge(&late).unwrap();
    let read = as_bytes(failed.clone());
    assert_eq!((read.error(), read.rows()), (failed.error(), 100..120));
}
