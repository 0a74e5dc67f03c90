//! Around a point where a loss is level, nothing is certified unless it is convex.

use crate::Random;
use crate::refuted::held;
use wengert::Var;
use wengert::optim::{Bounds, KinkDescent};

/// Units of two parameters.
const UNITS: [[f64; 2]; 4] = [[1.0, 1.0], [1e20, 1e-20], [1e-20, 1e20], [1e8, 1.0]];

/// The zigzag through `(0, 0)`, `(1, 1)`, `(0, 2)`, …, as `x` over `y`: between -1 and where it has turned so often.
fn zigzag(y: Var, turns: u32) -> Var {
    (1..=turns).fold(y, |x, turn| {
        let past = (y - f64::from(turn)).relu() * 2.0;
        if turn % 2 == 1 { x - past } else { x + past }
    })
}

#[test]
fn a_narrow_level_way_that_turns_hides_no_lower_place() {
    for turns in 1..=6 {
        let end = f64::from(turns) + 0.5;
        for half in [0.1, 1e-3, 1e-6] {
            for [u, v] in [[1.0, 1.0], [1e-20, 1e20], [1e20, 1e-3]] {
                let loss = |p: &[Var]| {
                    let [x, y] = [p[0] * u, p[1] * v];
                    let aside = ((x - zigzag(y, turns)).abs() - half).relu() * 10.0;
                    aside - (y - end).clamp(0.0, 1.0) + (-1.0 - y).relu()
                };
                held(loss, &[0.0, 0.0], -1.0);
                held(loss, &[0.3 / u, 0.3 / v], -1.0);
                held(loss, &[-5.0 / u, 0.2 / v], -1.0);
            }
        }
    }
}

#[test]
fn a_plateau_on_a_slope_s_side_is_left_or_not_certified() {
    for height in [1e-9, 1e-3, 1.0, 1e20] {
        for start in [[0.0, 0.0], [3.0, 0.0], [-3.0, 2.0], [0.0, 30.0]] {
            // Level but for a hole, 1 wide, 20 away.
            let hole = |p: &[Var]| {
                let away = (p[0] - 20.0).abs() + (p[1] + 7.0).abs();
                (away - 1.0).min(Var::from(0.0)) * height
            };
            held(hole, &start, -height);
            let beside = |p: &[Var]| hole(p) + (p[0] - p[1]).abs().min(Var::from(1.0)) * height;
            held(beside, &start, -height);
        }
    }
}

#[test]
fn a_minimum_that_is_not_the_least_is_certified_where_the_loss_rises_on_all_ways() {
    let mut random = Random(71);
    for [unit, height] in [[1.0, 1.0], [1e20, 1.0], [1e-20, 1e20], [1e20, 1e-20]] {
        for n in 1..=4 {
            // Minima where each is 1 or -1.
            let loss = |p: &[Var]| -> Var {
                let term = |x: &Var| {
                    let x = *x * unit;
                    (x.abs() - 1.0).abs() + (x - 1.0).abs() * 0.3
                };
                let sums = p.windows(2).map(|x| ((x[0] + x[1]) * unit).abs().min(Var::from(9.0)));
                (p.iter().map(term).sum::<Var>() + sums.sum::<Var>() * 0.01) * height
            };
            for _ in 0..10 {
                let mut x: Vec<f64> = (0..n).map(|_| random.normal() / unit).collect();
                let found = KinkDescent::new().minimize(&mut x, loss).expect("it is bounded");
                assert!(found.is_certified() && !found.is_minimum(), "{x:?}\n{found}");
                assert!(x.iter().all(|x| ((x * unit).abs() - 1.0).abs() < 1e-12), "{x:?}");
                // It is higher all around, as far as half the way to the next of them.
                for _ in 0..200 {
                    let by = 0.25 * random.unit() / unit;
                    let there: Vec<Var> =
                        x.iter().map(|x| Var::from(x + by * (random.unit() - 0.5))).collect();
                    assert!(loss(&there).value() >= found.value() - found.error());
                }
            }
        }
    }
}

#[test]
fn a_parameter_that_nothing_depends_on_keeps_no_certificate_back() {
    let loss = |p: &[Var]| (p[0].abs() - 1.0).abs() + p[1] * 0.0;
    let mut x = [0.3, 7.0];
    let found = KinkDescent::new().minimize(&mut x, loss).expect("it is bounded");
    assert!(found.is_certified() && x == [1.0, 7.0], "{found}");
    let bounds = Bounds::new(&[-0.5, 0.0], &[0.5, 3.0]).expect("sound bounds");
    let within = KinkDescent::builder().within(bounds).build().expect("sound options");
    for start in [[0.3, 1.0], [0.3, 3.0], [-0.5, 0.0]] {
        let mut x = start;
        let found = within.minimize(&mut x, loss).expect("it is bounded");
        assert!(found.is_certified() && x[0].abs() == 0.5, "{found}");
    }
}

#[test]
fn a_unit_of_a_network_that_is_never_active_leaves_nothing_certified() {
    let mut random = Random(72);
    for [u, v] in UNITS {
        for case in 0..6 {
            let data: Vec<(f64, f64)> =
                (0..6).map(|i| (0.5 * f64::from(i) - 1.0, 1.0 + random.unit())).collect();
            let (mean, spread) = (1.5, case >= 3);
            let loss = |p: &[Var]| -> Var {
                let [tilt, shift, height] = [p[0] * u, p[1] * v, p[2]];
                let off = |&(t, y): &(f64, f64)| (tilt * t + shift).relu() * height + p[3] - y;
                data.iter().map(off).map(|e| if spread { e.square() } else { e.abs() }).sum()
            };
            // Of every fourth fit at least: a unit that is 0 but at the last point meets that one besides.
            let last = [1.0 / u, -1.0 / v, 2.0 * (data[5].1 - mean), mean].map(Var::from);
            let flat = |at: f64| loss(&[0.0, -1.0 / v, 1.0, at].map(Var::from)).value();
            let least = loss(&last)
                .value()
                .min((0..100).map(|i| flat(0.03 * f64::from(i))).fold(9.0, f64::min));
            let height = if case % 3 == 0 { 0.0 } else { random.normal() };
            let start = [0.1 * random.normal() / u, -3.0 / v, height, random.normal()];
            let mut x = start;
            let found = KinkDescent::new().minimize(&mut x, loss).expect("it is bounded");
            let is_dead = data.iter().all(|(t, _)| x[0] * u * t + x[1] * v < 0.0);
            assert!(!found.is_certified() || !is_dead, "{x:?} {least}\n{found}");
        }
    }
}

#[test]
fn a_smooth_valley_that_is_level_and_turns_hides_no_lower_place() {
    for [u, v] in UNITS {
        for height in [1.0, 1e-3, 1e8] {
            let bed = |y: Var| (y * 3.0).sin() + y * 0.2;
            let ends = |y: Var| (-1.0 - y).relu() - (y - 20.0).clamp(0.0, 1.0);
            let narrow = |p: &[Var]| {
                let [x, y] = [p[0] * u, p[1] * v];
                ((x - bed(y)).square() + ends(y)) * height
            };
            let wide = |p: &[Var]| {
                let [x, y] = [p[0] * u, p[1] * v];
                (((x - bed(y)).abs() - 0.01).relu().square() + ends(y)) * height
            };
            for start in [[0.0, 0.0], [0.3 / u, 0.1 / v]] {
                held(narrow, &start, -height);
                held(wide, &start, -height);
            }
        }
    }
}

#[test]
fn level_land_beside_a_valley_hides_no_hole() {
    for [u, v] in UNITS {
        for height in [1.0, 1e-9, 1e20] {
            let loss = |p: &[Var]| {
                let [x, y] = [p[0] * u, p[1] * v];
                (x.square() - (-(y - 20.0).square() * 5.0).exp()) * height
            };
            held(loss, &[1.0 / u, 0.0], -height);
            held(loss, &[0.0, -3.0 / v], -height);
        }
    }
}

#[test]
fn a_loss_that_curves_down_where_one_of_two_kinks_is_left_is_no_minimum() {
    let mut random = Random(73);
    for [u, v] in UNITS {
        for _ in 0..10 {
            let [a, b] = [0.5 + random.unit() * 3.0, 0.5 + random.unit() * 3.0];
            // Level to first order where either is 0, and least where r² is 0.05 there.
            let loss = |p: &[Var]| {
                let [x, y] = [p[0] * u, p[1] * v];
                let square = x.square() + y.square();
                (x + y * a).abs().min((x * b - y).abs()) * 2.0 - square * 0.1 + square.square()
            };
            held(loss, &[0.0, 0.0], -0.0025);
            held(loss, &[random.normal() / u, random.normal() / v], -0.0025);
        }
    }
}

#[test]
fn smooth_and_kinked_minima_that_rise_on_all_ways_stay_certified() {
    let mut random = Random(74);
    let mut certified = 0;
    for case in 0..60 {
        let [u, v] = UNITS[case % 4];
        let data: Vec<[f64; 3]> =
            (0..12).map(|_| [random.normal(), random.normal(), random.laplace()]).collect();
        let loss = |p: &[Var]| -> Var {
            let [x, y] = [p[0] * u, p[1] * v];
            let off = |d: &[f64; 3]| x * d[0] + y * d[1] - d[2];
            match case % 5 {
                0 => {
                    data.iter().map(off).map(|e| e.square()).sum::<Var>()
                        + (x.abs() + y.abs()) * 3.0
                }
                1 => data.iter().map(off).map(|e| (e.square() + 0.01).sqrt()).sum(),
                2 => data.iter().map(|d| (off(d) * 5.0).softplus() - off(d) * 2.0).sum::<Var>(),
                3 => (x.square() - y).square() * 100.0 + (x - 1.0).square(),
                _ => data
                    .iter()
                    .map(|d| (x * (y * d[0] * 0.1).exp() - d[0].exp() - d[2] * 0.1).abs())
                    .sum(),
            }
        };
        let mut x = [0.5 / u, 0.3 / v];
        let found = KinkDescent::new().minimize(&mut x, loss).expect("it is bounded");
        certified += usize::from(found.is_certified());
    }
    assert!(certified >= 57, "{certified}");
}
