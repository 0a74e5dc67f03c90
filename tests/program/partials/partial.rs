//! Partial results: the bits of a run, wherever the rows are cut, and errors that say what does not go together.

use crate::samples::{PARAMETERS, Rows, by_kind, curve, numbers, worst};
use wengert::objective;
use wengert::program::partials::{Offset, Partial, PartialError};
use wengert::program::{Columns, Found, NonFinite, Program, RunError, Sweep};

/// A generator of numbers (splitmix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }

    /// Where `n` rows are cut into so many ranges, some of which have no rows or end with segments.
    pub(crate) fn cuts(&mut self, n: usize, ranges: usize) -> Vec<usize> {
        let inner = (1..ranges).map(|_| {
            let at = self.below(n + 1);
            if self.below(3) == 0 { at / 4096 * 4096 } else { at }
        });
        let mut cuts: Vec<usize> = inner.chain([0, n]).collect();
        cuts.sort_unstable();
        cuts
    }
}

/// The bits of all outputs, kinks, and how many rows there were and were skipped.
pub(crate) type Outcome = (Vec<Vec<u64>>, Vec<(String, u64)>, [u64; 2]);

pub(crate) fn outcome(found: Found<'_>) -> Outcome {
    let outputs = (0..found.output_count()).map(|at| found.output(at));
    (
        outputs.map(|output| output.iter().map(|x| x.to_bits()).collect()).collect(),
        found.kinks().iter().map(|kink| (kink.operation.to_string(), kink.row_count)).collect(),
        [found.row_count(), found.skipped_count()],
    )
}

/// All passes over rows that are cut there; each partial result goes through `send` before it is merged.
pub(crate) fn in_ranges(
    sweep: &mut Sweep,
    parameters: &[f64],
    data: &Columns<'_>,
    cuts: &[usize],
    send: impl Fn(Partial) -> Partial,
) -> Result<Outcome, PartialError> {
    let mut before = Vec::new();
    while before.len() < sweep.pass_count() {
        let mut start = Offset::default();
        let parts = cuts.windows(2).map(|cut| {
            let rows = data.range(cut[0]..cut[1]);
            let partial = send(sweep.partial(parameters, &before, &rows, start));
            start = start + sweep.count(&rows).unwrap_or(Offset::at(rows.row_count() as u64));
            partial
        });
        let mut parts: Vec<Partial> = parts.collect();
        parts.reverse();
        before.push(send(Partial::merge_all(parts)?.unwrap()));
    }
    sweep.finish(parameters, before).map(outcome)
}

/// An objective over the columns of [`Rows`]: kinks, and offsets that the rows choose.
pub(crate) fn every_kind() -> Vec<(Program, NonFinite)> {
    let loss = objective!(|p, [x, y, kind]| {
        let offset = T::gather(&p[..5], kind);
        (p[5] * x + offset - y).abs() + (x * p[5]).tanh()
    });
    let smooth = objective!(|[a, b], [x, y]| (a * x).sin() * b - y * (b * x).exp());
    let by_kind = Program::record(&loss, &PARAMETERS, &[0.5, 0.25, 1.0]).unwrap();
    let smooth = Program::record(&smooth, &[1.0, 0.5], &[0.5, 0.25]).unwrap();
    vec![
        (by_kind.clone().sum(), NonFinite::Refuse),
        (by_kind.clone().mean().gradient(), NonFinite::Refuse),
        (by_kind.clone().mean().gradient(), NonFinite::Skip),
        (by_kind.clone().jacobian(), NonFinite::Skip),
        (by_kind.clone().gauss_newton(), NonFinite::Take),
        (by_kind.max().gradient(), NonFinite::Skip),
        (smooth.clone().mean().hessian(), NonFinite::Refuse),
        (smooth.clone().jacobian(), NonFinite::Refuse),
        (smooth.clone().mean().gradient().jvp(), NonFinite::Skip),
        (smooth.max().gradient(), NonFinite::Refuse),
    ]
}

pub(crate) fn parameters(program: &Program) -> Vec<f64> {
    (0..program.parameter_count()).map(|at| 0.75 - 0.25 * at as f64).collect()
}

#[test]
fn a_hundred_random_cuts_give_the_bits_of_a_run() {
    let mut random = Random(1964);
    let programs = every_kind();
    let mut met = 0;
    for round in 0..100 {
        let (program, rule) = &programs[round % programs.len()];
        let n = [0, 1, 31, 4095, 4096, 4097, 9001, 13_000][random.below(8)];
        let mut rows = Rows::new(n);
        for at in (5..n).step_by(97) {
            // A kink, where the offset is 0 too.
            (rows.x[at], rows.y[at], rows.kind[at]) = (0.0, 0.0, 3);
        }
        if *rule == NonFinite::Skip {
            (3..n).step_by(11).for_each(|at| rows.x[at] = f64::NAN);
            (4..n).step_by(29).for_each(|at| rows.y[at] = f64::INFINITY);
        }
        let (at, data) = (parameters(program), rows.columns());
        let mut sweep = program.compile().non_finite(*rule);
        let whole = outcome(sweep.run(&at, &data).unwrap());
        met += usize::from(!whole.1.is_empty());
        let ranges = 1 + random.below(7);
        let cuts = random.cuts(n, ranges);
        let found = in_ranges(&mut sweep, &at, &data, &cuts, |partial| partial).unwrap();
        assert!(found == whole, "{n} rows cut at {cuts:?}, {rule:?}\n{program}");
    }
    assert!(met > 20, "kinks in {met} runs");
}

#[test]
fn rows_of_weight_0_are_left_out_wherever_the_cuts_lie() {
    let loss = objective!(|[a, b], [x, y]| (a * x + b - y).abs());
    let program = Program::record(&loss, &[1.0, 1.0], &[1.0, 1.0]).unwrap().weighted_mean();
    let mut random = Random(7);
    let n = 12_000;
    let (mut x, y) = (numbers(n, 1), numbers(n, 2));
    let weights: Vec<f64> =
        (0..n).map(|i| if i % 3 == 1 { 0.0 } else { 0.5 + (i % 5) as f64 }).collect();
    (1..n).step_by(9).for_each(|at| x[at] = f64::NAN);
    let data = Columns::new(&[&x, &y, &weights]).unwrap();
    for (program, rule) in [
        (program.clone().gradient(), NonFinite::Skip),
        (program.clone().gradient(), NonFinite::Refuse),
        (program.hessian(), NonFinite::Skip),
    ] {
        let mut sweep = program.compile().non_finite(rule);
        for _ in 0..8 {
            let cuts = random.cuts(n, 5);
            let run = sweep.run(&[0.5, 0.25], &data).map(outcome).map_err(PartialError::from);
            let found = in_ranges(&mut sweep, &[0.5, 0.25], &data, &cuts, |partial| partial);
            assert_eq!(found, run, "cut at {cuts:?}, {rule:?}");
            assert!(run.is_ok() || rule == NonFinite::Refuse);
        }
    }
}

#[test]
fn portions_that_follow_one_another_give_the_same_bits() {
    let rows = Rows::new(10_000);
    let data = rows.columns();
    for program in [by_kind(), worst(), curve()] {
        let at = &PARAMETERS[..program.parameter_count()];
        let mut sweep = program.compile();
        let whole = outcome(sweep.run(at, &data).unwrap());
        for (first, length, carried) in
            [(0, 333, 0), (1, 700, 4095), (4096, 1000, 0), (5000, 5000, 3192), (10_000, 1, 0)]
        {
            let mut before = Vec::new();
            while before.len() < sweep.pass_count() {
                let mut all = sweep.partial(at, &before, &data.range(0..first), Offset::at(0));
                let none = data.range(0..0);
                let mut rest = sweep.partial(at, &before, &none, Offset::at(first as u64));
                for from in (first..10_000).step_by(length) {
                    let portion = data.range(from..10_000.min(from + length));
                    sweep.extend(&mut rest, at, &before, &portion).unwrap();
                }
                all.merge(&rest).unwrap();
                assert_eq!(all.carried_count(), carried);
                // What is carried is computed when it is asked for.
                sweep.extend(&mut all, at, &before, &none).unwrap();
                assert_eq!(
                    (all.carried_count(), all.row_count(), all.rows()),
                    (0, 10_000, 0..10_000)
                );
                before.push(all);
            }
            assert_eq!(
                outcome(sweep.finish(at, before).unwrap()),
                whole,
                "by {length} from {first}"
            );
        }
    }
}

#[cfg(feature = "parallel")]
#[test]
fn ranges_computed_by_two_threads_give_the_bits_of_one() {
    let rows = Rows::new(300_000);
    let data = rows.columns();
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let mut random = Random(2);
    for program in [by_kind(), worst(), curve()] {
        let at = &PARAMETERS[..program.parameter_count()];
        let whole = pool(1).install(|| outcome(program.compile().run(at, &data).unwrap()));
        for ranges in [1, 2, 3] {
            let cuts = random.cuts(300_000, ranges);
            let mut sweep = program.compile();
            let found =
                pool(2).install(|| in_ranges(&mut sweep, at, &data, &cuts, |partial| partial));
            assert!(found == Ok(whole.clone()), "cut at {cuts:?}");
        }
    }
}

#[test]
fn a_partial_result_says_what_it_holds() {
    let loss = objective!(|[a], [x]| (a - x).abs());
    let program = Program::record(&loss, &[0.0], &[1.0]).unwrap().sum().gradient();
    let mut sweep = program.compile().non_finite(NonFinite::Skip);
    let x: Vec<f64> =
        (0..6000).map(|i| if i % 10 == 0 { f64::NAN } else { f64::from(i % 5) }).collect();
    let data = Columns::new(&[&x]).unwrap();
    let partial = sweep.partial(&[2.0], &[], &data, Offset { rows: 100, left_out: 7 });
    assert_eq!((partial.rows(), partial.pass()), (100..6100, 0));
    assert_eq!(partial.end(), Offset { rows: 6100, left_out: 607 });
    assert_eq!((partial.row_count(), partial.skipped_count()), (5400, 600));
    // The rest of the segment that row 93 of those that are kept is in.
    assert_eq!(partial.carried_count(), 4096 - 93);
    let late = x.iter().filter(|x| x.is_finite()).skip(4096 - 93);
    assert_eq!(partial.kink_count(), late.filter(|&&x| x == 2.0).count() as u64);
}

/// The same error as of a run.
#[test]
fn the_first_row_at_fault_is_named_wherever_the_cuts_lie() {
    let loss = objective!(|[a], [x, w]| if x > w { a * x } else { x });
    let program = Program::record(&loss, &[1.0], &[2.0, 1.0]).unwrap();
    let n = 9000;
    let mut random = Random(3);
    let guarded = (program.clone().mean().gradient(), NonFinite::Refuse);
    let skipping = (program.clone().mean().gradient(), NonFinite::Skip);
    let weighted = (program.weighted_mean(), NonFinite::Take);
    for (program, rule) in [guarded, skipping, weighted] {
        let mut sweep = program.compile().non_finite(rule);
        for _ in 0..30 {
            let mut columns = [vec![2.0; n], vec![1.0; n], vec![1.0; n]];
            if rule == NonFinite::Skip {
                (9..n).step_by(40).for_each(|at| columns[0][at] = f64::NAN);
            }
            for _ in 0..2 {
                columns[random.below(3)][random.below(n)] = [f64::NAN, -3.0, 5.0][random.below(3)];
            }
            let [x, w, weight] = &columns;
            let data = Columns::new(&[x, w, weight]).unwrap();
            let run = sweep.run(&[0.5], &data).map(outcome).map_err(PartialError::from);
            let cuts = random.cuts(n, 4);
            let found = in_ranges(&mut sweep, &[0.5], &data, &cuts, |partial| partial);
            // NaN is not equal to itself.
            assert_eq!(format!("{found:?}"), format!("{run:?}"), "cut at {cuts:?}");
        }
    }
}

/// Partial results of the rows from each of these on.
fn parts<const N: usize>(sweep: &mut Sweep, at: &[f64], starts: [u64; N]) -> [Partial; N] {
    let rows = Rows::new(10);
    starts.map(|start| sweep.partial(at, &[], &rows.columns(), Offset::at(start)))
}

#[test]
fn what_does_not_go_together_is_refused_and_stays_as_it_is() {
    let (mut sweep, at) = (curve().compile(), &PARAMETERS[..2]);
    let [first, second, third] = parts(&mut sweep, at, [0, 10, 20]);
    let rows = |expected, found| {
        let [expected, found] = [expected, found].map(Offset::at);
        Err(PartialError::Rows { expected, found })
    };
    let mut all = first.clone();
    assert_eq!(all.merge(&third), rows(10, 20));
    assert_eq!(all.merge(&first), rows(10, 0));
    all.merge(&second).unwrap();
    assert_eq!(all.merge(&second), rows(20, 10));
    assert_eq!(all.rows(), 0..20);
    assert_eq!(
        Partial::merge_all([third.clone(), first.clone()]).unwrap_err(),
        rows(10, 20).unwrap_err()
    );
    assert!(Partial::merge_all([]).unwrap().is_none());

    let [elsewhere] = parts(&mut sweep, &[0.1, -0.25], [20]);
    assert!(matches!(all.merge(&elsewhere), Err(PartialError::Parameters { .. })));
    let other = curve().allow_fused_products();
    let [other] = parts(&mut other.compile(), at, [20]);
    assert!(matches!(all.merge(&other), Err(PartialError::Program { .. })));
    let [skipping] = parts(&mut curve().compile().non_finite(NonFinite::Skip), at, [20]);
    assert!(matches!(all.merge(&skipping), Err(PartialError::Program { .. })));

    all.merge(&third).unwrap();
    let found = outcome(sweep.finish(at, [all.clone()]).unwrap());
    let (x, y) = (numbers(10, 1).repeat(3), numbers(10, 2).repeat(3));
    let data = Columns::new(&[&x, &y]).unwrap();
    assert_eq!(found, outcome(sweep.run(at, &data).unwrap()));
    assert_eq!(sweep.finish(at, [second]).err(), rows(0, 10).err());
    let passes = |found| Some(PartialError::Passes { expected: 1, found });
    assert_eq!(sweep.finish(at, []).err(), passes(0));
    assert_eq!(sweep.finish(at, [all.clone(), all.clone()]).err(), passes(2));
    assert!(matches!(
        sweep.finish(&[0.0, 1.0], [all.clone()]).err(),
        Some(PartialError::Parameters { .. })
    ));
    let late = sweep.partial(at, &[all], &data, Offset::at(0));
    assert_eq!(late.error(), passes(2).as_ref());
}

#[test]
fn a_second_pass_follows_the_totals_of_the_first() {
    let (mut sweep, rows) = (worst().compile(), Rows::new(20));
    let data = rows.columns();
    let [all, part] =
        [20, 10].map(|n| sweep.partial(&PARAMETERS, &[], &data.range(0..n), Offset::at(0)));
    let [after_all, after_part] = [&all, &part]
        .map(|first| sweep.partial(&PARAMETERS, std::slice::from_ref(first), &data, Offset::at(0)));
    let mut merged = part.clone();
    assert_eq!(merged.merge(&after_all), Err(PartialError::Pass { expected: 0, found: 1 }));
    let error = sweep.finish(&PARAMETERS, [all.clone(), after_part]).unwrap_err();
    assert!(matches!(error, PartialError::Totals { .. }), "{error}");
    let short =
        sweep.partial(&PARAMETERS, std::slice::from_ref(&all), &data.range(0..10), Offset::at(0));
    let ends = PartialError::Rows { expected: Offset::at(20), found: Offset::at(10) };
    assert_eq!(sweep.finish(&PARAMETERS, [all.clone(), short]).err(), Some(ends));
    let mut before = vec![all, after_all];
    before.push(sweep.partial(&PARAMETERS, &before, &data, Offset::at(0)));
    let found = outcome(sweep.finish(&PARAMETERS, before).unwrap());
    assert_eq!(found, outcome(sweep.run(&PARAMETERS, &data).unwrap()));
}

#[test]
fn wrong_counts_and_missing_columns_are_parts_of_the_result() {
    let (mut sweep, rows) = (curve().compile(), Rows::new(10));
    let data = rows.columns();
    let short = sweep.partial(&[0.5], &[], &data, Offset::at(0));
    let counts = RunError::Parameters { expected: 2, found: 1 };
    assert_eq!((short.error(), short.rows()), (Some(&counts.into()), 0..10));
    let at = [0.5, 0.25];
    let mut all = sweep.partial(&at, &[], &data, Offset::at(0));
    let none = Columns::new(&[&rows.x]).unwrap();
    let columns: PartialError = RunError::Columns { expected: 2, found: 1 }.into();
    assert_eq!(sweep.extend(&mut all, &at, &[], &none).as_ref(), Err(&columns));
    assert_eq!((all.rows(), all.error()), (0..10, None));
    let narrow = sweep.partial(&at, &[], &none, Offset::at(10));
    all.merge(&narrow).unwrap();
    assert_eq!(all.rows(), 0..20);
    assert_eq!(sweep.finish(&at, [all]).unwrap_err(), columns);
}

#[test]
fn a_program_that_reads_no_row_has_one_pass() {
    let data = Columns::new(&[&[1.0, 2.0, 3.0]]).unwrap();
    let constant = objective!(|[a], [_x]| a * a);
    for program in [
        Program::record(&constant, &[3.0], &[1.0]).unwrap().gradient(),
        Program::record(&constant, &[3.0], &[1.0]).unwrap().mean().gradient(),
        Program::record(&constant, &[3.0], &[1.0]).unwrap().sum().gradient(),
    ] {
        let mut sweep = program.compile();
        let whole = outcome(sweep.run(&[3.0], &data).unwrap());
        let found = in_ranges(&mut sweep, &[3.0], &data, &[0, 2, 3], |partial| partial).unwrap();
        assert_eq!(found, whole, "{program}");
    }
    let rowless = Program::record(&objective!(|[a]| a * a), &[3.0], &[]).unwrap().gradient();
    let mut sweep = rowless.compile();
    let partial = sweep.partial(&[3.0], &[], &Columns::none(), Offset::at(0));
    assert_eq!(sweep.finish(&[3.0], [partial]).unwrap().gradient(), [6.0]);
}

#[test]
fn rows_of_a_table_may_end_where_a_range_does() {
    let loss = objective!(|[a], [x, y]| a * x + y);
    let program = Program::record(&loss, &[1.0], &[1.0, 1.0]).unwrap().mean().gradient();
    for rule in [NonFinite::Skip, NonFinite::Take, NonFinite::Refuse] {
        let mut sweep = program.compile().non_finite(rule);
        let table = [1.0, 2.0, 3.0, if rule == NonFinite::Skip { f64::NAN } else { 4.0 }];
        let data = Columns::table(&table, 2).unwrap();
        let expected = outcome(sweep.run(&[2.0], &data).unwrap());
        let mut all = sweep.partial(&[2.0], &[], &data.range(0..1), Offset::at(0));
        all.merge(&sweep.partial(&[2.0], &[], &data.range(1..2), Offset::at(1))).unwrap();
        // No rows at the end of the table.
        sweep.extend(&mut all, &[2.0], &[], &data.range(2..2)).unwrap();
        assert_eq!(outcome(sweep.finish(&[2.0], [all]).unwrap()), expected);
    }
}

#[test]
fn rows_that_cannot_be_counted_are_refused() {
    let (mut sweep, rows) = (curve().compile(), Rows::new(10));
    let (at, data) = (&PARAMETERS[..2], rows.columns());
    let most = 1 << 56;
    for rows in [most - 9, u64::MAX - 9, u64::MAX] {
        let partial = sweep.partial(at, &[], &data, Offset::at(rows));
        let error = PartialError::Offset { found: Offset::at(rows), rows: 10 };
        assert_eq!(partial.error(), Some(&error));
        assert!(partial.rows().end >= rows);
    }
    let mut last = sweep.partial(at, &[], &data, Offset::at(most - 15));
    assert_eq!((last.error(), last.rows()), (None, most - 15..most - 5));
    let before = last.clone();
    let error = PartialError::Offset { found: Offset::at(most - 5), rows: 10 };
    assert_eq!(sweep.extend(&mut last, at, &[], &data), Err(error));
    assert_eq!((last.rows(), last.row_count()), (before.rows(), before.row_count()));
    sweep.extend(&mut last, at, &[], &data.range(0..5)).unwrap();
    assert_eq!(last.rows().end, most);

    let mut skipping = curve().compile().non_finite(NonFinite::Skip);
    let found = Offset { rows: 3, left_out: 4 };
    let partial = skipping.partial(at, &[], &data, found);
    assert_eq!(partial.error(), Some(&PartialError::Offset { found, rows: 10 }));
    assert_eq!(
        Offset::at(u64::MAX) + Offset { rows: 1, left_out: 1 },
        Offset { rows: u64::MAX, left_out: 1 }
    );
}

/// A sweep remembers where it stands. It is used for other things between portions: other parameters, other
/// passes before, runs, finishes.
#[test]
fn portions_of_several_partial_results_may_take_turns() {
    let rows = Rows::new(9000);
    let data = rows.columns();
    for program in [by_kind(), worst()] {
        let mut sweep = program.compile();
        let other = PARAMETERS.map(|x| x + 0.125);
        let wholes = [PARAMETERS, other].map(|at| outcome(sweep.run(&at, &data).unwrap()));
        let mut before: [Vec<Partial>; 2] = [Vec::new(), Vec::new()];
        while before[0].len() < sweep.pass_count() {
            let none = data.range(0..0);
            let mut parts = [0, 1].map(|of| {
                let at = [PARAMETERS, other][of];
                sweep.partial(&at, &before[of], &none, Offset::at(0))
            });
            for (turn, from) in (0..9000).step_by(900).enumerate() {
                let portion = data.range(from..from + 900);
                for (of, part) in parts.iter_mut().enumerate() {
                    let at = [PARAMETERS, other][of];
                    sweep.extend(part, &at, &before[of], &portion).unwrap();
                    match turn % 4 {
                        1 => assert!(sweep.finish(&at, []).is_err()),
                        2 => drop(sweep.run(&other, &data).map(outcome).unwrap()),
                        // The first pass again.
                        3 => drop(sweep.partial(&at, &[], &portion, Offset::at(0))),
                        _ => {}
                    }
                }
            }
            for (before, part) in before.iter_mut().zip(parts) {
                before.push(part);
            }
        }
        for (of, whole) in wholes.into_iter().enumerate() {
            let at = [PARAMETERS, other][of];
            let found = sweep.finish(&at, before[of].clone()).map(outcome).unwrap();
            assert_eq!(found, whole);
            // Other passes before give other results, or none.
            assert!(sweep.finish(&[PARAMETERS, other][1 - of], before[of].clone()).is_err());
        }
    }
}

/// Its sign and its digits too, whoever adds what to what.
#[test]
fn a_nan_has_the_same_bits_wherever_the_rows_are_cut() {
    let mut random = Random(12);
    let negative = f64::from_bits(0xfff8_0000_0000_0011);
    for (program, _) in every_kind() {
        for n in [31, 4097, 9001] {
            let mut rows = Rows::new(n);
            for _ in 0..6 {
                let odd = [f64::NAN, negative, f64::INFINITY, f64::NEG_INFINITY][random.below(4)];
                (rows.x[random.below(n)], rows.y[random.below(n)]) = (odd, odd);
            }
            let (at, data) = (parameters(&program), rows.columns());
            let mut sweep = program.compile().non_finite(NonFinite::Take);
            let whole = outcome(sweep.run(&at, &data).unwrap());
            for _ in 0..4 {
                let cuts = random.cuts(n, 4);
                let found = in_ranges(&mut sweep, &at, &data, &cuts, |partial| partial).unwrap();
                assert!(found == whole, "{n} rows cut at {cuts:?}\n{program}");
                let chunks = cuts.windows(2).map(|cut| Ok::<_, ()>(rows.chunk(cut[0], cut[1])));
                let chunks: Vec<_> = chunks.collect();
                let open = || Ok(chunks.clone().into_iter());
                let streamed = sweep.run_reopened(&at, open).map(outcome);
                assert!(streamed == Ok(whole.clone()), "{n} rows in chunks {cuts:?}\n{program}");
            }
        }
    }
}
