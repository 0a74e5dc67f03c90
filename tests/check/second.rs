//! Hessians and Jacobians: right from wrong, at kinks and away from them.

use approx::assert_relative_eq;
use wengert::check::{self, CheckError, Report, Verdict};
use wengert::program::{Columns, Program};
use wengert::{Dual2, Objective, Scalar, Var, objective};

fn worst(reports: &[Report]) -> Verdict {
    reports.iter().map(Report::verdict).max().expect("a report")
}

fn loss<T: Scalar>(x: &[T]) -> T {
    (x[0] * x[1]).sin() + x[2].exp() / x[0] + (x[1] - x[2]).powi(4)
}

const AT: [f64; 3] = [0.7, -1.3, 0.2];

#[test]
fn a_right_hessian_agrees_whoever_computed_it() {
    let by_numbers = loss(&Dual2::seeds(AT)).hessian();
    let program = objective!(|x| loss(x));
    let mut sweep = Program::record(&program, &AT, &[]).unwrap().hessian().compile();
    let by_program = sweep.run(&AT, &Columns::none()).unwrap().hessian().to_vec();
    let taped = |x: &[Var]| loss(x);
    assert_eq!(worst(&check::hessian(taped, &AT, &by_numbers).unwrap()), Verdict::Agrees);
    assert_eq!(worst(&check::hessian(taped, &AT, &by_program).unwrap()), Verdict::Agrees);
}

#[test]
fn each_wrong_number_of_a_hessian_is_found_and_no_other() {
    let right = loss(&Dual2::seeds(AT)).hessian();
    for (i, j) in [(0, 0), (0, 2), (2, 1), (1, 1)] {
        let mut wrong = right;
        wrong[i][j] = wrong[i][j] * 1.001 + 1e-3;
        let reports = check::hessian(|x: &[Var]| loss(x), &AT, &wrong).unwrap();
        for (row, report) in reports.iter().enumerate() {
            for (column, component) in report.components().iter().enumerate() {
                let want = if (row, column) == (i, j) { Verdict::Wrong } else { Verdict::Agrees };
                assert_eq!(component.verdict, want, "{row}, {column}: {report}");
                assert_relative_eq!(component.reference, right[row][column], epsilon = 1e-6);
            }
        }
    }
}

#[test]
fn at_a_kink_the_numbers_of_both_sides_pass_and_others_do_not() {
    // x² below 0, 5x² above: the slope is continuous, its derivative is 2 or 10.
    let f = objective!(|[x]| x.square() + x.relu() * x.relu() * 4.0);
    let taped = |x: &[Var]| f.at(x, &[]);
    for (number, verdict) in [
        (10.0, Verdict::Kink),
        (2.0, Verdict::Kink),
        (6.0, Verdict::Kink),
        (11.0, Verdict::Wrong),
        (0.0, Verdict::Wrong),
    ] {
        let reports = check::hessian(taped, &[0.0], &[[number]]).unwrap();
        assert_eq!(worst(&reports), verdict, "{number}: {}", reports[0]);
    }
    // A slope that jumps, with the same derivative on both sides.
    let jumps = |x: &[Var]| x[0].abs() + x[0].powi(2) * 3.0;
    assert_eq!(worst(&check::hessian(jumps, &[0.0], &[[6.0]]).unwrap()), Verdict::Agrees);
    assert_eq!(worst(&check::hessian(jumps, &[0.0], &[[0.0]]).unwrap()), Verdict::Wrong);
}

#[test]
fn a_kink_close_by_makes_no_right_number_wrong() {
    for away in [1e-3, 1e-6, 1e-9, 1e-12] {
        let f = |x: &[Var]| (x[0] - away).abs() + x[0].powi(2) * 3.0;
        let verdict = worst(&check::hessian(f, &[0.0], &[[6.0]]).unwrap());
        assert!(verdict <= Verdict::Inconclusive, "a kink {away} away: {verdict}");
        let verdict = worst(&check::hessian(f, &[0.0], &[[60.0]]).unwrap());
        assert!(verdict >= Verdict::Inconclusive, "a kink {away} away: {verdict}");
    }
}

#[test]
fn jacobians_of_programs_agree_and_wrong_ones_do_not() {
    let polar = |x: &[Var]| vec![x[0] * x[1].cos(), x[0] * x[1].sin(), x[0].abs()];
    let residuals = wengert::residuals!(|[r, a]| [r * a.cos(), r * a.sin(), r.abs()]);
    let at = [-2.0, 0.5];
    let program = Program::record_residuals(&residuals, &at, &[]).unwrap().jacobian();
    let mut sweep = program.compile();
    let found = sweep.run(&at, &Columns::none()).unwrap();
    let mut rows: Vec<Vec<f64>> = (0..3).map(|row| found.jacobian().row(row).to_vec()).collect();
    assert_eq!(worst(&check::jacobian(polar, &at, &rows).unwrap()), Verdict::Agrees);
    rows[1][0] += 1e-4;
    let reports = check::jacobian(polar, &at, &rows).unwrap();
    let verdicts: Vec<Verdict> = reports.iter().map(Report::verdict).collect();
    assert_eq!(verdicts, [Verdict::Agrees, Verdict::Wrong, Verdict::Agrees]);
    // At the kink of the third output.
    let reports = check::jacobian(
        polar,
        &[0.0, 0.5],
        &[[0.5_f64.cos(), 0.0], [0.5_f64.sin(), 0.0], [0.3, 0.0]],
    );
    assert_eq!(reports.unwrap()[2].verdict(), Verdict::Kink);
}

#[test]
fn matrices_of_other_shapes_are_errors() {
    let f = |x: &[Var]| x[0] * x[1];
    let error = check::hessian(f, &[1.0, 2.0], &[[0.0, 1.0]]).unwrap_err();
    assert_eq!(error, CheckError::Rows { expected: 2, found: 1 });
    assert_eq!(error.to_string(), "the matrix has 1 rows for 2");
    let error = check::hessian(f, &[1.0, 2.0], &[[0.0], [1.0]]).unwrap_err();
    assert_eq!(error, CheckError::Length { expected: 2, found: 1 });
    let error = check::jacobian(|x: &[Var]| vec![x[0]], &[1.0], &[[1.0], [1.0]]).unwrap_err();
    assert_eq!(error, CheckError::Rows { expected: 1, found: 2 });
}

#[test]
fn random_hessians_are_right_and_lost_numbers_are_found() {
    let mut state = 0x5eed_u64;
    let mut number = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / (1 << 23) as f64 - 1.0
    };
    let (mut decided, mut cases) = (0, 0);
    for _ in 0..40 {
        let c: [f64; 6] = std::array::from_fn(|_| number() * 3.0);
        let c = &c;
        let f = objective!((c: &[f64; 6]) |[x, y]| {
            (x * c[0] + y * c[1]).tanh() * c[2] + (x * y * c[3]).exp() + (x.square() + 1.0).ln() * c[4] * y
        });
        let at = [number(), number()];
        let right = f.at(&Dual2::seeds(at), &[]).hessian();
        let taped = |x: &[Var]| f.at(x, &[]);
        let verdict = worst(&check::hessian(taped, &at, &right).unwrap());
        assert!(verdict <= Verdict::Inconclusive, "{c:?} at {at:?}: {verdict}");
        decided += u32::from(verdict == Verdict::Agrees);
        let mut lost = right;
        lost[0][1] *= 1.01;
        let verdict = check::hessian(taped, &at, &lost).unwrap()[0].components()[1].verdict;
        if right[0][1].abs() > 1e-3 {
            assert!(verdict >= Verdict::Inconclusive, "{c:?} at {at:?}: a lost number passed");
            cases += 1;
            decided += u32::from(verdict == Verdict::Wrong);
        }
    }
    assert!(decided >= 38 + cases * 9 / 10, "{decided} of {} decided", 40 + cases);
}

/// Parameters in units of their own, as `x = unit · u`: every verdict is that of `u`, be it right or wrong.
#[test]
fn verdicts_have_no_units() {
    fn f<T: Scalar>(u: T, v: T) -> T {
        u * u + u * v + v * v
    }
    for power in [0, 10, 27, -27, 50, -50] {
        let units = [2f64.powi(power), 2f64.powi(-power)];
        let x = units;
        let taped = |x: &[Var]| f(x[0] / units[0], x[1] / units[1]);
        let right = [3.0 / units[0], 3.0 / units[1]];
        let of = |slopes: [f64; 2]| {
            let report = check::closed_form(taped, &x, &slopes).unwrap();
            let rows = check::jacobian(|x: &[Var]| vec![taped(x)], &x, &[slopes]).unwrap();
            let verdicts = |report: &Report| [0, 1].map(|i| report.components()[i].verdict);
            [verdicts(&report), verdicts(&rows[0])]
        };
        assert_eq!(of(right), [[Verdict::Agrees; 2]; 2], "{power}");
        for (which, factor) in [(0, 3.0), (1, 3.0), (0, 1.0 + 1e-6), (1, 1.0 + 1e-6)] {
            let mut wrong = right;
            wrong[which] *= factor;
            let mut want = [Verdict::Agrees; 2];
            want[which] = Verdict::Wrong;
            assert_eq!(of(wrong), [want; 2], "{power}, {which}, {factor}");
        }
        let curve = |i: usize, j: usize| if i == j { 2.0 } else { 1.0 } / units[i] / units[j];
        let right = [0, 1].map(|i| [0, 1].map(|j| curve(i, j)));
        assert_eq!(worst(&check::hessian(taped, &x, &right).unwrap()), Verdict::Agrees, "{power}");
        for (i, j) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let mut wrong = right;
            wrong[i][j] *= 15.0;
            let reports = check::hessian(taped, &x, &wrong).unwrap();
            assert_eq!(reports[i].components()[j].verdict, Verdict::Wrong, "{power}: {i}, {j}");
        }
    }
}
