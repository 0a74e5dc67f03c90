//! Newton's method tells a minimum where there is one, and nowhere else.

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
