//! Reductions over rows, parameters chosen by rows, kinks counted, and all kinds of columns.

use wengert::program::{Column, Columns, NonFinite, Program, RunError};
use wengert::{Objective, Tape, Var, objective};

/// Sizes around those of lanes, blocks and segments.
const SIZES: [usize; 9] = [1, 2, 31, 32, 33, 1025, 4095, 4097, 9000];

/// Numbers of some variety between -8 and 8, quarters among them.
fn numbers(n: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    (0..n)
        .map(|_| match next() % 3 {
            0 => (next() % 64) as f64 / 4.0 - 8.0,
            _ => next() as f64 / (1_u64 << 27) as f64 - 8.0,
        })
        .collect()
}

#[track_caller]
fn assert_close(got: &[f64], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len());
    for (got, want) in got.iter().zip(want) {
        assert!((got - want).abs() <= tolerance * (1.0 + want.abs()), "{got} and {want}");
    }
}

#[test]
fn the_mean_absolute_error_is_that_of_a_loop_and_counts_its_kinks() {
    let loss = objective!(|[a, b], [x, y]| (a * x * x + b * x - y).abs());
    let line = line!() - 1;
    let mut sweep =
        Program::record(&loss, &[1.0, 1.0], &[1.0, 1.0]).unwrap().mean().gradient().compile();
    for n in SIZES {
        let (x, mut y) = (numbers(n, 1), numbers(n, 2));
        let (a, b) = (0.5, -0.25);
        for i in (0..n).step_by(7) {
            y[i] = a * x[i] * x[i] + b * x[i];
        }
        let (mut value, mut slopes, mut met) = (0.0, [0.0; 2], 0);
        for (&x, &y) in x.iter().zip(&y) {
            let r: f64 = a * x * x + b * x - y;
            let sign = if r == 0.0 { 0.0 } else { r.signum() };
            met += u64::from(r == 0.0);
            value += r.abs();
            slopes[0] += sign * x * x;
            slopes[1] += sign * x;
        }
        let found = sweep.run(&[a, b], &Columns::new(&[&x, &y]).unwrap()).unwrap();
        assert_close(&[found.value()], &[value / n as f64], 1e-14);
        assert_close(found.gradient(), &slopes.map(|s| s / n as f64), 1e-13);
        assert!(met > 0);
        let kinks = found.kinks();
        assert_eq!((kinks.len(), kinks[0].operation, kinks[0].row_count), (1, "abs", met));
        assert_eq!(kinks[0].line.unwrap().line, line);
    }
}

#[test]
fn each_kink_of_an_expression_is_counted_by_itself() {
    // The values serve elsewhere too, so that none is computed as a part of its sum.
    let f = objective!(|[a], [x]| {
        let (r, s, c) = ((x - a).abs(), (x + a).relu(), x.clamp(-1.0, 1.0));
        r * s * 0.5 + c * r + x.max(a * 2.0) * s + r + c
    });
    let mut sweep = Program::record(&f, &[1.0], &[0.3]).unwrap().sum().gradient().compile();
    let x = [1.0, 1.0, -1.0, -2.0, 2.0, 2.0, 2.0, 0.25, 1.0];
    let found = sweep.run(&[1.0], &Columns::new(&[&x]).unwrap()).unwrap();
    // `clamp` is of the column alone: nothing is differentiated there.
    let rows: Vec<(&str, u64)> = found.kinks().iter().map(|k| (k.operation, k.row_count)).collect();
    for expected in [("abs", 3), ("relu", 1), ("max", 3)] {
        assert!(rows.contains(&expected), "{rows:?}");
    }
    assert_eq!(rows.len(), 3, "{rows:?}");
    let slope = |x: f64| {
        let tape = Tape::new();
        let a = tape.var(1.0);
        f.at(&[a], &[Var::from(x)]).backward().wrt(a)
    };
    assert_close(found.gradient(), &[x.into_iter().map(slope).sum()], 1e-15);
}

#[test]
fn the_greatest_row_has_the_slope_and_ties_share_it() {
    let f = objective!(|[a, b], [x]| a * x + b * x * x);
    let mut sweep = Program::record(&f, &[1.0, 1.0], &[1.0])
        .unwrap()
        .max()
        .gradient()
        .compile()
        .non_finite(NonFinite::Take);
    for n in SIZES {
        let x = numbers(n, 3);
        let of = |x: f64| 0.75 * x - 0.125 * x * x;
        let most = x.iter().map(|&x| of(x)).fold(f64::NEG_INFINITY, f64::max);
        let at: Vec<f64> = x.iter().copied().filter(|&x| of(x) == most).collect();
        let share = |power: i32| at.iter().map(|x| x.powi(power)).sum::<f64>() / at.len() as f64;
        let found = sweep.run(&[0.75, -0.125], &Columns::new(&[&x]).unwrap()).unwrap();
        assert_eq!(found.value(), most);
        assert_close(found.gradient(), &[share(1), share(2)], 1e-14);
    }
    let none: [f64; 0] = [];
    let found = sweep.run(&[1.0, 1.0], &Columns::new(&[&none]).unwrap()).unwrap();
    assert_eq!((found.value(), found.gradient()), (f64::NEG_INFINITY, &[0.0, 0.0][..]));
    let found = sweep.run(&[1.0, 1.0], &Columns::new(&[&[1.0, f64::NAN, 9.0]]).unwrap()).unwrap();
    assert!(found.value().is_nan());
}

#[test]
fn of_no_rows_the_sum_is_nothing_and_the_mean_is_nan() {
    let f = objective!(|[a], [x]| a * x);
    let program = Program::record(&f, &[1.0], &[1.0]).unwrap();
    let none: [f64; 0] = [];
    let data = Columns::new(&[&none]).unwrap();
    let mut sum = program.clone().sum().gradient().compile();
    let found = sum.run(&[2.0], &data).unwrap();
    assert_eq!((found.value(), found.gradient()), (0.0, &[0.0][..]));
    assert!(program.mean().compile().run(&[2.0], &data).unwrap().value().is_nan());
}

#[test]
fn a_sum_of_what_has_no_columns_says_so() {
    let x = [1.0, 2.0, 3.0];
    let data = Columns::new(&[&x]).unwrap();
    let bare = Program::record(&objective!(|[a]| a * a), &[1.0], &[]).unwrap();
    for program in [bare.clone().sum(), bare.clone().sum().hessian()] {
        let error = program.compile().run(&[3.0], &data).unwrap_err();
        assert_eq!(error, RunError::NoColumn);
        assert!(error.to_string().contains("no column"));
        let chunks = [[vec![1.0]]].into_iter().map(Ok::<_, std::io::Error>);
        assert!(program.compile().run_stream(&[3.0], chunks).is_err());
    }
    // A mean, a derivative, and a sum of what is one number because it was reduced are what they are.
    for program in [bare.clone().gradient(), bare.clone().max(), bare.mean()] {
        assert_eq!(program.compile().run(&[3.0], &data).unwrap().value(), 9.0);
    }
    let mean = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0]).unwrap().mean();
    assert_eq!(mean.sum().compile().run(&[3.0], &data).unwrap().value(), 6.0);
}

/// What is given columns has a value for each row, whether it looks at them or not: as what looks at them and
/// makes nothing of it.
#[test]
fn what_looks_at_no_column_has_a_value_for_each_row() {
    let still = objective!(|[a], [_x]| a * a);
    // Both branches are one number, so what is recorded is that.
    let folded = objective!(|[a], [x]| T::select(x.above(0.0), a * a, a * a));
    let moved = objective!(|[a], [x]| a * a + x * 0.0);
    let of = |f: Program, data: &Columns<'_>| {
        type Reduce = fn(Program) -> Program;
        let ways: [Reduce; 4] = [Program::sum, Program::mean, Program::max, |f| f];
        ways.map(|way| {
            let mut sweep = way(f.clone()).hessian().compile();
            let found = sweep.run(&[3.0], data).unwrap();
            let plain = way(f.clone()).compile().run(&[3.0], data).unwrap().value();
            let alike = plain == found.value() || plain.is_nan() && found.value().is_nan();
            assert!(alike, "{plain} {}", found.value());
            [found.value(), found.gradient()[0], found.output(2)[0]].map(f64::to_bits)
        })
    };
    for rows in [0, 1, 3, 1000] {
        let x: Vec<f64> = (0..rows).map(|i| f64::from(i) - 1.0).collect();
        let data = Columns::new(&[&x]).unwrap();
        let record = |f: &dyn Fn() -> Program| of(f(), &data);
        let want = record(&|| Program::record(&moved, &[1.0], &[1.0]).unwrap());
        for (name, got) in [
            ("still", record(&|| Program::record(&still, &[1.0], &[1.0]).unwrap())),
            ("folded", record(&|| Program::record(&folded, &[1.0], &[1.0]).unwrap())),
        ] {
            let near = |a: u64, b: u64| {
                let (a, b) = (f64::from_bits(a), f64::from_bits(b));
                (a - b).abs() <= 1e-14 * b.abs() || a == b || a.is_nan() && b.is_nan()
            };
            let alike =
                got.as_flattened().iter().zip(want.as_flattened()).all(|(&a, &b)| near(a, b));
            assert!(alike, "{name} over {rows}: {got:x?}, not {want:x?}");
        }
    }
}

#[test]
fn the_weighted_mean_is_that_of_its_formula() {
    let f = objective!(|[a], [x]| (a * x).sin());
    let mut sweep =
        Program::record(&f, &[1.0], &[1.0]).unwrap().weighted_mean().gradient().compile();
    for n in SIZES {
        let (x, w) = (numbers(n, 4), numbers(n, 5));
        let w: Vec<f64> = w.iter().map(|w| (w.abs() - 2.0).max(0.0) + 0.001).collect();
        let total: f64 = w.iter().sum();
        let mean = |of: &dyn Fn(f64) -> f64| {
            x.iter().zip(&w).map(|(&x, w)| of(x) * w).sum::<f64>() / total
        };
        let found = sweep.run(&[0.7], &Columns::new(&[&x, &w]).unwrap()).unwrap();
        assert_close(&[found.value()], &[mean(&|x| (0.7 * x).sin())], 1e-12);
        assert_close(found.gradient(), &[mean(&|x| (0.7 * x).cos() * x)], 1e-12);
    }
}

#[test]
fn gathered_parameters_get_back_what_their_rows_add() {
    // Two tables in one list, a plain parameter between them, and one table used twice.
    let f = objective!(|w, [i, j, x]| {
        let (u, v) = (T::gather(&w[..4], i), T::gather(&w[5..], j));
        (u * x + v - w[4]).powi(2) + T::gather(&w[..4], j) * w[0]
    });
    let w = [0.5, -1.0, 2.0, 0.25, 0.75, 3.0, -0.5, 0.125];
    let mut sweep = Program::record(&f, &w, &[0.0, 0.0, 1.0]).unwrap().mean().gradient().compile();
    for n in SIZES {
        let x = numbers(n, 6);
        let i: Vec<f64> = numbers(n, 7).iter().map(|x| (x.abs() / 2.0).floor().min(3.0)).collect();
        let j: Vec<f64> = numbers(n, 8).iter().map(|x| (x.abs() / 3.0).floor()).collect();
        let mut want = [0.0; 8];
        let mut value = 0.0;
        for ((&i, &j), &x) in i.iter().zip(&j).zip(&x) {
            let (i, j) = (i as usize, j as usize);
            let r = w[i] * x + w[5 + j] - w[4];
            value += r * r + w[j] * w[0];
            want[i] += 2.0 * r * x;
            want[5 + j] += 2.0 * r;
            want[4] -= 2.0 * r;
            want[j] += w[0];
            want[0] += w[j];
        }
        let found = sweep.run(&w, &Columns::new(&[&i, &j, &x]).unwrap()).unwrap();
        assert_close(&[found.value()], &[value / n as f64], 1e-12);
        assert_close(found.gradient(), &want.map(|w| w / n as f64), 1e-12);
    }
}

#[test]
fn what_is_not_chosen_does_no_harm() {
    // Infinite and NaN slopes where nothing flows back.
    let root = objective!(|[a], [x]| T::select(x.above(0.0), (a * x).sqrt(), T::from(0.0)));
    let quotient = objective!(|[a], [x]| T::select(x.above(0.0), a / x, a * x));
    let logarithm = objective!(|[a], [x]| T::select(x.above(0.0), (a * x).ln(), x) * a);
    let x = [4.0, 0.0, -1.0, 9.0, -0.0, f64::NEG_INFINITY];
    let plus = [4.0, 9.0];
    let sum = |f: &dyn Fn(f64) -> f64| plus.into_iter().map(f).sum::<f64>();
    let run = |f: &dyn Fn() -> Program, rows: &[f64]| {
        let mut sweep = f().sum().gradient().compile().non_finite(NonFinite::Take);
        let found = sweep.run(&[2.0], &Columns::new(&[rows]).unwrap()).unwrap();
        [found.value(), found.gradient()[0]]
    };
    let got = run(&|| Program::record(&root, &[1.0], &[1.0]).unwrap(), &x);
    let want = [sum(&|x| (2.0 * x).sqrt()), sum(&|x| x / (2.0 * x).sqrt() / 2.0)];
    assert_close(&got, &want, 1e-15);
    let got = run(&|| Program::record(&quotient, &[1.0], &[1.0]).unwrap(), &x[..5]);
    assert_close(&got, &[sum(&|x| 2.0 / x) - 2.0, sum(&|x| 1.0 / x) - 1.0], 1e-15);
    let got = run(&|| Program::record(&logarithm, &[1.0], &[1.0]).unwrap(), &x[..5]);
    let value = sum(&|x| (2.0 * x).ln() * 2.0) - 2.0;
    assert_close(&got, &[value, sum(&|x| (2.0 * x).ln() + 1.0) - 1.0], 1e-14);
    // A NaN that belongs there stays, from whatever row.
    let mut rows = vec![4.0; 5000];
    rows[4500] = f64::NAN;
    let square = objective!(|[a], [x]| (a * x).sqrt());
    let got = run(&|| Program::record(&square, &[1.0], &[1.0]).unwrap(), &rows);
    assert!(got.iter().all(|x| x.is_nan()), "{got:?}");
}

#[test]
fn columns_of_all_kinds_are_read_alike() {
    let f = objective!(|w, [x, y, k]| (T::gather(w, k) * x - y).abs() + (x * y).tanh());
    let w = [0.5, -1.5, 2.0];
    let mut sweep = Program::record(&f, &w, &[0.0, 0.0, 1.0]).unwrap().mean().gradient().compile();
    for n in SIZES {
        // Numbers that single precision holds.
        let single = |seed| -> Vec<f32> { numbers(n, seed).iter().map(|&x| x as f32).collect() };
        let (x32, y32) = (single(9), single(10));
        let k32: Vec<u32> = numbers(n, 11).iter().map(|x| x.abs() as u32 % 3).collect();
        let widen = |x: &[f32]| -> Vec<f64> { x.iter().map(|&x| f64::from(x)).collect() };
        let (x, y) = (widen(&x32), widen(&y32));
        let k: Vec<f64> = k32.iter().map(|&k| f64::from(k)).collect();
        let table: Vec<f64> = (0..n).flat_map(|row| [y[row], k[row], f64::NAN, x[row]]).collect();
        let strided = |first| Column::Strided { table: &table, first, width: 4 };
        let narrow: Vec<f32> = table.iter().map(|&x| x as f32).collect();
        let strided32 = |first| Column::StridedF32 { table: &narrow, first, width: 4 };
        let rows: Vec<u32> = (0..n as u32).rev().collect();
        let (from, to) = (n / 3, n - n / 5);
        let turned = |x: &[f64]| -> Vec<f64> { x.iter().rev().copied().collect() };
        let (xr, yr, kr) = (turned(&x), turned(&y), turned(&k));

        let mut outcome = |data: &Columns<'_>| {
            let found = sweep.run(&w, data).unwrap();
            let mut bits = vec![found.value().to_bits()];
            bits.extend(found.gradient().iter().map(|x| x.to_bits()));
            (bits, found.kinks().iter().map(|k| k.row_count).sum::<u64>())
        };
        let plain = Columns::new(&[&x, &y, &k]).unwrap();
        let kinds = [
            Columns::mixed([Column::F32(&x32), Column::F32(&y32), Column::U32(&k32)]).unwrap(),
            Columns::mixed([strided(3), strided(0), strided(1)]).unwrap(),
            Columns::mixed([3, 0, 1].map(strided32)).unwrap(),
            Columns::mixed([Column::F64(&x), strided(0), Column::U32(&k32)]).unwrap(),
        ];
        let backwards = Columns::new(&[&xr, &yr, &kr]).unwrap();
        let part = Columns::new(&[&x[from..to], &y[from..to], &k[from..to]]).unwrap();
        let expected = [&plain, &backwards, &part].map(&mut outcome);
        for data in kinds.iter().chain([&plain]) {
            assert_eq!(outcome(data), expected[0], "{n} rows");
            assert_eq!(outcome(&data.pick(&rows).unwrap()), expected[1], "{n} rows picked");
            assert_eq!(outcome(&data.range(from..to)), expected[2], "{n} rows in part");
        }
    }
}

#[test]
fn a_row_may_be_picked_often() {
    let f = objective!(|[a], [x]| a * x * x);
    let mut sweep = Program::record(&f, &[1.0], &[1.0]).unwrap().sum().gradient().compile();
    let x = [1.0, 2.0, 3.0];
    let data = Columns::new(&[&x]).unwrap();
    let picked = data.pick(&[2, 2, 0, 2]).unwrap();
    assert_eq!(sweep.run(&[2.0], &picked).unwrap().gradient(), [28.0]);
    assert_eq!(sweep.run(&[2.0], &picked.range(1..3)).unwrap().gradient(), [10.0]);
}
