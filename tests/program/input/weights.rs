//! Weighted means: what is no weight is refused, and a row of weight 0 is as if it were not there.

use wengert::loss::{AbsoluteError, Loss, LossError};
use wengert::program::stream::StreamError;
use wengert::program::{Column, Columns, NonFinite, Program, RunError};
use wengert::{gradient, objective};

/// The absolute error of a line by its slope and the parameter that the row chooses, which bends at 0,
/// with a logarithm that leaves its domain at 0.
fn mean() -> Program {
    let loss = objective!(|w, [k, x, y]| (T::gather(&w[1..], k) + w[0] * x - y).abs() + x.ln());
    Program::record(&loss, &[1.0, 2.0, 3.0], &[0.0, 1.0, 1.0]).unwrap().weighted_mean()
}

/// All that is made of a weighted mean: its value alone, and its derivatives.
fn engines() -> Vec<Program> {
    vec![mean(), mean().gradient(), mean().jvp(), mean().gradient().jvp(), mean().hessian()]
}

fn parameters(program: &Program) -> Vec<f64> {
    (0..program.parameter_count()).map(|i| 0.75 + 0.5 * i as f64).collect()
}

/// So many rows of index, two numbers and weight; of every third a row of weight 0 whose numbers would
/// spoil all.
fn rows(n: usize) -> Vec<[f64; 4]> {
    let spoilt = [
        [f64::NAN, 1.0, 1.0, 0.0],
        [7.0, 1.0, 1.0, 0.0],
        [0.0, -1.0, f64::INFINITY, -0.0],
        [0.5, 0.0, f64::NAN, 0.0],
    ];
    let good = |i: usize| {
        let x = 1.0 + (i % 17) as f64 / 8.0;
        [(i % 2) as f64, x, (i % 5) as f64, 0.25 + (i % 7) as f64]
    };
    (0..n).map(|i| if i % 3 == 1 { spoilt[i / 3 % 4] } else { good(i) }).collect()
}

fn columns(rows: &[[f64; 4]]) -> [Vec<f64>; 4] {
    [0, 1, 2, 3].map(|at| rows.iter().map(|row| row[at]).collect())
}

fn weighty(rows: &[[f64; 4]]) -> Vec<[f64; 4]> {
    rows.iter().copied().filter(|row| row[3] != 0.0).collect()
}

/// The bits of all outputs, the kinks, and how many rows there were.
type Outcome = (Vec<Vec<u64>>, Vec<(String, u64)>, u64);

fn outcome(
    program: &Program,
    non_finite: NonFinite,
    data: &Columns<'_>,
) -> Result<Outcome, RunError> {
    let mut sweep = program.compile().non_finite(non_finite);
    sweep.run(&parameters(program), data)?;
    // Once more, now that something is known of the columns.
    let found = sweep.run(&parameters(program), data)?;
    let outputs = (0..found.output_count()).map(|at| found.output(at));
    Ok((
        outputs.map(|output| output.iter().map(|x| x.to_bits()).collect()).collect(),
        found.kinks().iter().map(|kink| (kink.operation.to_string(), kink.row_count)).collect(),
        found.row_count(),
    ))
}

const RULES: [NonFinite; 3] = [NonFinite::Refuse, NonFinite::Skip, NonFinite::Take];

#[test]
fn a_row_of_weight_0_is_as_if_it_were_not_there() {
    for n in [1, 2, 5, 100, 4096, 10_000] {
        let all = rows(n);
        let (all, few) = (columns(&all), columns(&weighty(&all)));
        let [all, few] = [&all, &few].map(|c| Columns::new(&[&c[0], &c[1], &c[2], &c[3]]).unwrap());
        for program in engines() {
            for rule in RULES {
                let want = outcome(&program, rule, &few).unwrap();
                assert!(want.0.iter().flatten().all(|&x| f64::from_bits(x).is_finite()));
                assert_eq!(outcome(&program, rule, &all).unwrap(), want, "{n} rows, {rule:?}");
            }
        }
    }
}

#[test]
fn it_is_so_in_columns_of_all_kinds_and_in_rows_that_are_chosen() {
    let n = 70_000; // more than the rows that are looked at together
    let rows = rows(n);
    let table: Vec<f64> = rows.iter().flatten().copied().collect();
    let [k, x, y, w] = columns(&rows);
    let single: Vec<f32> = w.iter().map(|&w| w as f32).collect();
    let mixed =
        Columns::mixed([Column::F64(&k), Column::F64(&x), Column::F64(&y), Column::F32(&single)]);
    let (mixed, table) = (mixed.unwrap(), Columns::table(&table, 4).unwrap());
    let picks: Vec<u32> = (0..n as u32).rev().filter(|row| row % 5 != 0).collect();
    let picked: Vec<[f64; 4]> = picks.iter().map(|&row| rows[row as usize]).collect();
    for program in [mean(), mean().gradient()] {
        let alone = |rows: &[[f64; 4]]| {
            let [k, x, y, w] = columns(&weighty(rows));
            let data = Columns::new(&[&k, &x, &y, &w]).unwrap();
            outcome(&program, NonFinite::Refuse, &data)
        };
        for data in [&mixed, &table] {
            let run = |data: &Columns<'_>| outcome(&program, NonFinite::Refuse, data);
            assert_eq!(run(data), alone(&rows));
            assert_eq!(run(&data.range(7..66_000)), alone(&rows[7..66_000]));
            assert_eq!(run(&data.pick(&picks).unwrap()), alone(&picked));
        }
    }
}

#[test]
fn it_is_so_in_streams() {
    let rows = rows(9000);
    let program = mean().gradient();
    let [k, x, y, w] = columns(&weighty(&rows));
    let few = Columns::new(&[&k, &x, &y, &w]).unwrap();
    let want = outcome(&program, NonFinite::Refuse, &few).unwrap();
    for length in [1, 3, 1000, 4096, 20_000] {
        let mut sweep = program.compile();
        let chunks = rows.chunks(length).map(|rows| Ok::<_, std::io::Error>(columns(rows)));
        let found = sweep.run_stream(&parameters(&program), chunks.collect::<Vec<_>>().into_iter());
        let found = found.unwrap();
        let bits = |at| found.output(at).iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!((vec![bits(0), bits(1)], found.row_count()), (want.0.clone(), want.2));
    }
}

#[test]
fn what_is_no_weight_is_refused_and_its_row_named_as_the_losses_do() {
    let nan = f64::NAN;
    let infinite = f64::INFINITY;
    // The weights, and the first that is none.
    let wrong: [(&[f64], usize); 6] = [
        (&[1.0, -1.0], 1),
        (&[2.0, -1.0], 1),
        (&[nan, 1.0], 0),
        (&[1.0, 0.0, infinite, -1.0], 2),
        (&[0.0, -5e-324], 1),
        (&[-infinite], 0),
    ];
    let loss = objective!(|[a], [x, y]| (a * x - y).abs());
    let mean = Program::record(&loss, &[1.0], &[1.0, 1.0]).unwrap().weighted_mean();
    let still = Program::record(&objective!(|[a], [_x, _y]| a * a), &[1.0], &[1.0, 1.0]);
    let still = still.unwrap().weighted_mean();
    for (weights, first) in wrong {
        let n = weights.len();
        let points = weights.iter().map(|&w| (1.0, 2.0, w));
        let of_losses = AbsoluteError.weighted_mean(points).unwrap_err();
        assert!(matches!(of_losses, LossError::Weight { index, .. } if index == first));
        // Far behind others, too.
        for before in [0, 1, 100_000] {
            let row = (before + first) as u64;
            let weights: Vec<f64> = vec![1.0; before].into_iter().chain(weights.to_vec()).collect();
            let x = vec![1.0; before + n];
            let named = |error: &RunError| match *error {
                RunError::Weight { row: at, value } => {
                    at == row && value.to_bits() == weights[row as usize].to_bits()
                }
                _ => false,
            };
            let data = Columns::new(&[&x, &x, &weights]).unwrap();
            for program in [mean.clone(), mean.clone().gradient(), still.clone().hessian()] {
                for rule in [NonFinite::Refuse, NonFinite::Take] {
                    let mut sweep = program.compile().non_finite(rule);
                    let error = sweep.run(&[3.0], &data).unwrap_err();
                    assert!(named(&error), "{error}");
                }
                let half = [&x, &x, &weights].map(|c| vec![c[..1].to_vec(), c[1..].to_vec()]);
                let chunks = (0..2).map(|at| Ok::<_, ()>([0, 1, 2].map(|c| half[c][at].clone())));
                let chunks = chunks.collect::<Vec<_>>().into_iter();
                let mut sweep = program.compile();
                let error = sweep.run_stream(&[3.0], chunks);
                assert!(matches!(error, Err(StreamError::Run(error)) if named(&error)));
            }
        }
    }
    let error = RunError::Weight { row: 3, value: -1.0 }.to_string();
    assert_eq!(error, "the weight in row 3 is -1, expected a finite number of at least 0");
}

#[test]
fn what_is_wrong_in_an_earlier_row_is_said_first_and_skipped_rows_need_no_weight() {
    let (x, w) = ([1.0, f64::NAN, 1.0, 1.0], [0.0, 1.0, -1.0, 1.0]);
    let f = objective!(|[a], [x]| a * x);
    let program = Program::record(&f, &[1.0], &[1.0]).unwrap().weighted_mean();
    let run = |rule, x: &[f64], w: &[f64]| {
        let mut sweep = program.compile().non_finite(rule);
        let found = sweep.run(&[2.0], &Columns::new(&[x, w])?)?;
        Ok((found.value(), found.row_count(), found.skipped_count()))
    };
    let error = run(NonFinite::Refuse, &x, &w).unwrap_err();
    assert!(matches!(error, RunError::NotFinite { column: 0, row: 1, .. }), "{error}");
    assert_eq!(run(NonFinite::Skip, &x, &w), Err(RunError::Weight { row: 2, value: -1.0 }));
    // Of weight 0 and not finite, it has weight 0.
    let (x, w) = ([1.0, f64::NAN, f64::NAN, 3.0], [f64::NAN, 1.0, 0.0, 1.0]);
    assert_eq!(run(NonFinite::Skip, &x, &w), Ok((6.0, 1, 2)));
}

#[test]
fn weights_that_define_no_mean_are_refused() {
    let f = objective!(|[a], [x]| a * x);
    let program = Program::record(&f, &[1.0], &[1.0]).unwrap().weighted_mean();
    let none: [(&[f64], f64); 4] =
        [(&[0.0, 0.0], 0.0), (&[-0.0], 0.0), (&[], 0.0), (&[f64::MAX, f64::MAX], f64::INFINITY)];
    for (weights, sum) in none {
        let x = vec![1.0; weights.len()];
        let data = Columns::new(&[&x, weights]).unwrap();
        for program in [program.clone(), program.clone().gradient()] {
            let error = program.compile().run(&[1.0], &data).err();
            assert_eq!(error, Some(RunError::WeightSum { value: sum }));
        }
    }
    let error = RunError::WeightSum { value: 0.0 }.to_string();
    assert_eq!(error, "the weights sum to 0, expected a finite number above 0");
}

#[test]
fn programs_and_losses_agree() {
    let rows: Vec<[f64; 3]> = (0..500)
        .map(|i| {
            let x = 0.5 + f64::from(i % 11);
            if i % 4 == 0 {
                [f64::NAN, x, 0.0]
            } else {
                [x, f64::from(i % 13), f64::from(i % 5) + 0.5]
            }
        })
        .collect();
    let want = gradient(
        |p| {
            let points = rows.iter().map(|&[x, y, w]| (p[0] * x + p[1], y, w));
            AbsoluteError.weighted_mean(points).unwrap()
        },
        &[0.3, 0.7],
    );
    let loss = objective!(|[a, b], [x, y]| AbsoluteError.at(a * x + b, y));
    let program = Program::record(&loss, &[0.0, 0.0], &[1.0, 1.0]).unwrap();
    let column = |at: usize| rows.iter().map(|row| row[at]).collect::<Vec<f64>>();
    let (x, y, w) = (column(0), column(1), column(2));
    let mut sweep = program.weighted_mean().gradient().compile();
    let found = sweep.run(&[0.3, 0.7], &Columns::new(&[&x, &y, &w]).unwrap()).unwrap();
    approx::assert_relative_eq!(found.value(), want.0, max_relative = 1e-13);
    approx::assert_relative_eq!(found.gradient(), &want.1[..], max_relative = 1e-13);
}
