//! Newton's method tells a minimum where there is one, and nowhere else.

use crate::verdicts::{Drawn, searched};
use wengert::optim::Stopped;
use wengert::optim::newton::{Newton, Stationary};

fn ended(start: &[f64], problem: impl FnMut(&[f64]) -> (f64, Vec<f64>, Vec<f64>)) -> Stationary {
    Newton::new().minimize(&mut start.to_vec(), problem).expect("a good start")
}

#[test]
fn an_inflection_is_no_minimum() {
    for above in [0.0, 1.0, 100.0, -7.0, 1e10] {
        for start in [1.0, 3.0, 0.01] {
            let cubic =
                |p: &[f64]| (p[0].powi(3) + above, vec![3.0 * p[0] * p[0]], vec![6.0 * p[0]]);
            let end = ended(&[start], cubic);
            assert!(!end.is_minimum(), "{above}: {} at {:?}", end.ending(), end.parameters());
            let beside = |p: &[f64]| {
                let value = p[0].powi(3) + p[1] * p[1] + above;
                (value, vec![3.0 * p[0] * p[0], 2.0 * p[1]], vec![6.0 * p[0], 0.0, 0.0, 2.0])
            };
            let end = ended(&[start, 0.7], beside);
            assert!(!end.is_minimum(), "{above}: {} at {:?}", end.ending(), end.parameters());
        }
    }
}

#[test]
fn a_way_down_without_end_has_none() {
    let ends = [
        ended(&[1.0], |p| (-p[0] * p[0], vec![-2.0 * p[0]], vec![-2.0])),
        ended(&[1.0], |p| (-p[0], vec![-1.0], vec![0.0])),
        ended(&[1.0, 1.0], |p| (p[0] * p[1], vec![p[1], p[0]], vec![0.0, 1.0, 1.0, 0.0])),
        ended(&[0.0], |p| (p[0].exp(), vec![p[0].exp()], vec![p[0].exp()])),
    ];
    for (k, end) in ends.iter().enumerate() {
        let (ending, x) = (end.ending(), end.parameters());
        // e^x does become 0, and its slope.
        assert!(!end.is_minimum() && (!ending.is_converged() || k == 3), "{k}: {ending} at {x:?}");
    }
}

#[test]
fn slopes_of_the_wrong_sign_are_no_end() {
    for above in [0.0, 1.0, 1e3] {
        let end = ended(&[1.0], |p| (p[0] * p[0] + above, vec![-2.0 * p[0]], vec![2.0]));
        assert_eq!((end.ending(), end.parameters()), (Stopped::Stalled, &[1.0][..]), "{above}");
        assert!(!end.is_minimum() && end.evaluation_count() < 100);
    }
}

#[test]
fn a_minimum_far_from_where_it_curves_more_is_one() {
    for start in [5.0, 20.0, 50.0, 300.0] {
        let end = ended(&[start, 0.0], |p| {
            let [a, b] = [p[0], p[1] - 1.0];
            (a.cosh() + b.cosh(), vec![a.sinh(), b.sinh()], vec![a.cosh(), 0.0, 0.0, b.cosh()])
        });
        assert!(end.is_minimum(), "{start}: {} at {:?}", end.ending(), end.parameters());
        let inverse = end.inverse_hessian().unwrap();
        approx::assert_relative_eq!(inverse[0][0], 1.0, max_relative = 1e-9);
        approx::assert_relative_eq!(inverse[1][1], 1.0, max_relative = 1e-9);
        let end = ended(&[start, 0.0], |p| {
            let (e, b) = (p[0].exp(), p[1] - 1.0);
            let value = ((e - 1.0).powi(2) + b * b) / 2.0;
            (value, vec![(e - 1.0) * e, b], vec![(2.0 * e - 1.0) * e, 0.0, 0.0, 1.0])
        });
        assert!(end.is_minimum(), "{start}: {} at {:?}", end.ending(), end.parameters());
        approx::assert_relative_eq!(end.parameters(), &[0.0, 1.0][..], epsilon = 1e-9);
    }
}

#[test]
fn units_whose_squares_leave_the_numbers_make_no_minimum() {
    // H. H. Rosenbrock's valley.
    for power in [-530, -520, -500, 0, 500, 510, 520, 525, 530, 550, 600] {
        let unit = 2.0_f64.powi(power);
        let problem = |p: &[f64]| {
            let [x, y] = [p[0] / unit, p[1] / unit];
            let v = y - x * x;
            let gradient = [2.0 * (x - 1.0) - 400.0 * x * v, 200.0 * v];
            let hessian = [2.0 + 800.0 * x * x - 400.0 * v, -400.0 * x, -400.0 * x, 200.0];
            let value = (1.0 - x).powi(2) + 100.0 * v * v;
            let over = |numbers: &[f64], by: f64| numbers.iter().map(|x| x / unit / by).collect();
            (value, over(&gradient, 1.0), over(&hessian, unit))
        };
        let start = [-1.2 * unit, unit];
        let Ok(end) = Newton::new().minimize(&mut start.clone(), problem) else {
            // Curvatures are infinite.
            assert!(power < -500);
            continue;
        };
        let [x, y] = [0, 1].map(|j| end.parameters()[j] / unit);
        let is_there = (x - 1.0).abs() < 1e-9 && (y - 1.0).abs() < 1e-9;
        assert!(is_there || !end.ending().is_converged(), "{power}: {} {x} {y}", end.ending());
        assert!(!end.is_minimum() || is_there, "{power}: {x} {y}");
        assert!((-500..=510).contains(&power) <= end.is_minimum(), "{power}: {}", end.ending());
    }
}

/// `Σ c x^i y^j` up to the fourth degree, with a slope by each and second derivatives.
fn quartic(coefficients: &[f64], x: f64, y: f64) -> (f64, [f64; 2], [f64; 3]) {
    let (mut value, mut slopes, mut bends) = (0.0, [0.0; 2], [0.0; 3]);
    let powers = (0..5).flat_map(|i| (0..5 - i).map(move |j| (i, j)));
    // The `k`-th derivative of `x^i`.
    let power = |x: f64, i: i32, k: i32| {
        let factor: i32 = (0..k).map(|l| i - l).product();
        if factor == 0 { 0.0 } else { f64::from(factor) * x.powi(i - k) }
    };
    for ((i, j), c) in powers.zip(coefficients) {
        let of = |k: i32, l: i32| c * power(x, i, k) * power(y, j, l);
        value += of(0, 0);
        slopes = [slopes[0] + of(1, 0), slopes[1] + of(0, 1)];
        bends = [bends[0] + of(2, 0), bends[1] + of(1, 1), bends[2] + of(0, 2)];
    }
    (value, slopes, bends)
}

#[test]
fn no_minimum_is_lowered_by_a_search() {
    let mut draw = Drawn(0x1f83_d9ab_fb41_bd6b);
    let (mut minima, mut other) = (0, 0);
    for case in 0..400 {
        let mut coefficients: Vec<f64> = (0..15).map(|_| draw.between(-1.0, 1.0)).collect();
        // Upwards far out, or not; inflections and saddles of the third degree alone.
        match draw.among(3) {
            0 => [0, 1, 4].iter().for_each(|&at| coefficients[at] += 3.0),
            1 => [4, 11, 14].iter().for_each(|&at| coefficients[at] = coefficients[at].abs() + 2.0),
            _ => [1, 2, 5, 6, 9].iter().for_each(|&at| coefficients[at] = 0.0),
        }
        let units = [(); 2].map(|()| [1.0, 1e10, 1e-10, 7e-3][draw.among(4)]);
        let of_loss = [1.0, 1e10, 1e-10][draw.among(3)];
        let start = units.map(|unit| unit * draw.between(-2.0, 2.0));
        let end = ended(&start, |p| {
            let (value, slopes, [xx, xy, yy]) =
                quartic(&coefficients, p[0] / units[0], p[1] / units[1]);
            let bends = [xx / units[0], xy / units[1], xy / units[0], yy / units[1]];
            let bends = (0..4).map(|at| of_loss * bends[at] / units[at / 2]).collect();
            (of_loss * value, (0..2).map(|j| of_loss * slopes[j] / units[j]).collect(), bends)
        });
        if !end.is_minimum() {
            other += 1;
            continue;
        }
        minima += 1;
        let at = [0, 1].map(|j| end.parameters()[j] / units[j]);
        let loss = |p: [f64; 2]| quartic(&coefficients, p[0], p[1]).0;
        let sizes = at.map(|x| x.abs().max(1.0));
        let (found, least) = (loss(at), searched(&loss, at, sizes, &mut draw));
        let size: f64 = sizes[0].max(sizes[1]).powi(4) * 15.0;
        assert!(least >= found - 1e-14 * size, "{case}: {found:e}, not {least:e}, at {at:?}");
    }
    assert!(minima > 100 && other > 20, "{minima} {other}");
}
