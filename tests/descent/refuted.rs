//! What first and second order do not tell apart from a minimum, and what rounding hides, is not certified.

use crate::{Random, assert_consistent};
use wengert::Var;
use wengert::optim::{Bounds, Certificate, KinkDescent};

type Loss = fn(&[Var]) -> Var;

/// Minimises from a start where the least loss that a way down leads to is known. A certificate has to
/// hold: it is refused, or the loss is that but for the error.
pub(super) fn held(loss: impl Fn(&[Var]) -> Var, start: &[f64], least: f64) -> Certificate {
    let mut x = start.to_vec();
    let found = KinkDescent::new().minimize(&mut x, &loss).expect("a loss that is bounded");
    let off = found.value() - least;
    assert_consistent(&found, x.len());
    assert!(
        !(found.is_certified() || found.is_minimum()) || off <= found.error(),
        "{start:?} {x:?} {off:e} {:e}\n{found}",
        found.error()
    );
    let at: Vec<Var> = x.iter().map(|&x| Var::from(x)).collect();
    assert_eq!(found.value(), loss(&at).value(), "{start:?} {x:?}");
    found
}

fn rosenbrock(x: &[Var]) -> Var {
    let valley = |w: &[Var]| (w[1] - w[0].square()).square() * 100.0 + (1.0 - w[0]).square();
    x.windows(2).map(valley).sum()
}

#[test]
fn a_start_at_the_rounding_of_0_is_no_minimum() {
    let square: Loss = |p| (1.0 - p[0]).square() + (p[1] - p[0]).square();
    let axis: Loss = |p| (1.0 - p[0]).square() + p[1].square();
    for tiny in [0.1 + 0.2 - 0.3, 1e-12, 1e-15, 1e-20, 1e-100, 1e-300] {
        for loss in [square, axis, rosenbrock as Loss] {
            for start in [[tiny, 0.0], [-tiny, 0.0], [tiny, tiny * tiny], [0.0, tiny]] {
                held(loss, &start, 0.0);
            }
        }
        held(rosenbrock, &[tiny, 0.0, 0.0], 0.0);
        // Beside a parameter that is 0.
        let found = held(square, &[tiny, 0.0], 0.0);
        assert!(found.value() < 1e-6, "{tiny:e}\n{found}");
    }
}

#[test]
fn a_parameter_that_is_0_may_be_in_any_unit() {
    for exponent in [-500, -100, -50, -30, -9, 9, 30, 50, 100, 500] {
        let s = f64::from(exponent).exp2();
        held(|p| rosenbrock(&[p[0], p[1] * s]), &[0.0, 0.0], 0.0);
        held(|p| ((p[1] * s).square() - 1.0).square() + p[0].square(), &[1.0, 0.0], 0.0);
        held(|p| (p[1] * s).cos() + p[0].square(), &[1.0, 0.0], -1.0);
        let line = |p: &[Var], t: f64| (p[0] * (p[1] * s + t) - (2.0 * t + 6.0)).square();
        held(|p| [1.0, 2.0, 3.0].map(|t| line(p, t)).into_iter().sum(), &[0.0, 0.0], 0.0);
    }
}

#[test]
fn a_norm_that_is_stretched_is_a_kink_and_no_curvature() {
    let stretched: Loss = |p| {
        let [x, y] = [p[0] * 3.0, p[1]];
        Var::norm(&[x + 0.7652710009746109, y * 0.3225291781646602 + 0.7652710009746109])
            + Var::norm(&[x * 0.006787775168305501, y])
            + (x.abs() + y.abs()) * 0.3
    };
    let least = section(|x| section(|y| stretched(&[Var::from(x), Var::from(y)]).value()));
    for start in [[-0.3288115238040552, -2.7516411592046905], [0.0, 0.0], [1.0, -1.0]] {
        let found = held(stretched, &start, least);
        assert!(found.value() < least + 1e-9, "{start:?}\n{found}");
    }
    // A column of zeros: an operand that depends on nothing.
    let by_norm: Loss = |q| {
        Var::norm(&[q[0] * 0.0, q[1]])
            + Var::norm(&[q[0] * -2.0 - 2.0, -q[1] - 2.0])
            + Var::norm(&[q[0], q[1] * 0.0])
            + (q[0].abs() + q[1].abs()) * 0.3
    };
    let by_hypot: Loss = |q| {
        (q[0] * 0.0).hypot(q[1])
            + (q[0] * -2.0 - 2.0).hypot(-q[1] - 2.0)
            + q[0].hypot(q[1] * 0.0)
            + (q[0].abs() + q[1].abs()) * 0.3
    };
    // At y = 0 it is 2 hypot(1 + x, 1) + 1.3 |x|, the least of which is where the slope 2 u / hypot(u, 1) is 1.3.
    let u = 0.65 / (1.0_f64 - 0.65 * 0.65).sqrt();
    let least = 2.0 * u.hypot(1.0) + 1.3 * (1.0 - u);
    for start in [[0.0, 0.0], [1.0, 1.0], [0.5, -0.3]] {
        for loss in [by_norm, by_hypot] {
            held(loss, &start, least);
        }
    }
}

#[test]
fn a_maximum_of_unequal_slopes_has_a_gradient_that_is_no_rounding() {
    for (steep, flat) in [(1e20, 1e4), (1e18, 1.0), (1e14, 1.0), (1e10, 1.0), (1e6, 1.0)] {
        for start in [[1.0, 1.0], [0.0, 0.0], [-3.0, 40.0]] {
            held(|p| ((p[0] + p[1]).abs() * steep).max((p[0] - 32.0).abs() * flat), &start, 0.0);
            // Nowhere less than at (33, -3.3).
            let cost = |p: &[Var]| (p[0].abs() + p[1].abs()) * 1e-3;
            held(
                |p| {
                    let [a, b] = [p[0] * 0.2 + p[1] * 2.0, p[0] - 33.0];
                    Var::max_of(&[a.abs() * steep, b.abs() * flat]) + cost(p)
                },
                &start,
                0.0363,
            );
        }
    }
}

#[test]
fn a_kink_in_another_one_that_is_off_by_more_than_rounding_is_in_the_error() {
    // The greatest of three errors, squared, from so far off that the way there is rounded coarsely. Each is
    // least where all errors are alike.
    type Case = ([([f64; 2], f64); 3], f64, [f64; 2], [f64; 2]);
    let cases: [Case; 3] = [
        (
            [([-1.0, -1.0], 0.0), ([0.0, -1.0], -1.0), ([1.0, 2.0], -1.0)],
            0.0,
            [-1374336.4861808682, 1.4216703030505795],
            [-1.0, 1.0 / 3.0],
        ),
        (
            [([-2.0, 2.0], -1.0), ([-1.0, 0.0], 3.0), ([0.0, 1.0], 0.0)],
            0.5,
            [11870046.503391413, -0.02157887679941651],
            [-1.6, -1.4],
        ),
        (
            [([2.0, 2.0], -3.0), ([2.0, -2.0], -2.0), ([2.0, -1.0], 0.0)],
            0.5,
            [-3.140974589897185, -8187755.718106109],
            [-1.0, -2.0 / 3.0],
        ),
    ];
    for (rows, weight, start, least) in cases {
        let loss = |p: &[Var]| {
            let errors = rows.map(|([a, b], y)| (p[0] * a + p[1] * b - y).abs());
            Var::max_of(&errors).square() + Var::norm(p) * weight
        };
        held(loss, &start, loss(&least.map(Var::from)).value());
    }
}

#[test]
fn what_falls_to_third_order_only_is_not_certified() {
    let product = |x: &[Var]| x.iter().copied().reduce(|a, b| a * b).expect("a factor");
    for n in [3, 4, 5] {
        held(|x| (product(x) - 1.0).square(), &vec![0.0; n], 0.0);
        held(|x| (product(x) - 1.0).abs(), &vec![0.0; n], 0.0);
        // They fall without end, which is an error or said of the start.
        let found = KinkDescent::new().minimize(&mut vec![0.0; n], product);
        assert!(!found.is_ok_and(|found| found.is_certified()));
        let found = KinkDescent::new().minimize(&mut vec![1.0; n], |x| {
            x.iter().map(|&x| x - 1.0).reduce(|a, b| a * b).expect("a factor")
        });
        assert!(!found.is_ok_and(|found| found.is_certified()));
        let bounds = Bounds::new(&vec![0.0; n], &vec![1.0; n]).expect("sound bounds");
        let within = KinkDescent::builder().within(bounds).build().expect("sound options");
        let found = within.minimize(&mut vec![0.0; n], |x| -product(x)).expect("it is bounded");
        assert!(!found.is_certified() || found.value() == -1.0, "{found}");
    }
    // Down along y = x³, on a kink that is curved.
    for start in [[0.0, 0.0], [1.0, 1.0]] {
        let found = KinkDescent::new()
            .minimize(&mut start.to_vec(), |p| (p[1] - p[0].powi(3)).abs() * 10.0 + p[1] * 0.5);
        assert!(!found.is_ok_and(|found| found.is_certified()));
    }
}

#[test]
fn a_far_start_leaves_no_more_to_gain_than_the_error() {
    let lasso: Loss = |p| {
        (p[0] - 1.0).square()
            + (p[0] + p[1] * 2.0 - 2.0).square()
            + (p[1] - 3.0).square()
            + p[0].abs()
            + p[1].abs()
    };
    for start in [1e3, 1e8, 1e12, 1e16, -1e16, 1e20, 1e30, 1e100] {
        // At x = 0: (2y - 2)² + (y - 3)² + y + 1 is least at 1.3.
        held(lasso, &[start, 1.0], 5.55);
        held(lasso, &[1.0, start], 5.55);
        held(lasso, &[start, -start], 5.55);
    }
    let mut random = Random(6);
    for _ in 0..40 {
        let [a, b] = [random.normal() * 5.0, random.normal() * 5.0];
        let unit = 10f64.powi(random.below(30) as i32 - 15);
        let start = 10f64.powi(random.below(30) as i32);
        let loss = |p: &[Var]| {
            let [x, y] = [p[0] * unit, p[1]];
            let fits = (x - a).square() + (x + y - b).square() + (y * 2.0 - x).square();
            fits + (x.abs() + y.abs()) * 2.0
        };
        let value = |x: f64, y: f64| loss(&[Var::from(x / unit), Var::from(y)]).value();
        // By golden sections within golden sections: the loss is convex.
        let least = section(|x| section(|y| value(x, y)));
        held(loss, &[start / unit, random.normal()], least);
    }
}

/// The least value of a convex function between -100 and 100.
fn section(f: impl Fn(f64) -> f64) -> f64 {
    let share = 0.5 * (5_f64.sqrt() - 1.0);
    let (mut a, mut b) = (-100.0, 100.0);
    for _ in 0..80 {
        let (c, d) = (b - share * (b - a), a + share * (b - a));
        if f(c) < f(d) { b = d } else { a = c }
    }
    f(0.5 * (a + b))
}

#[test]
fn a_kink_behind_a_factor_of_0_is_no_floor() {
    // Two units of a network, all of whose parameters begin as 0: on one side of the kinks of the
    // first, both factors lead down together.
    let data = [(1.0, 3.0), (2.0, -1.0), (3.0, -1.0)];
    let loss = |p: &[Var]| {
        let unit = |w: &[Var], t: f64| w[0] * (w[1] * t + w[2]).relu();
        data.iter().map(|&(t, y)| (p[6] + unit(p, t) + unit(&p[3..], t) - y).abs()).sum::<Var>()
    };
    held(loss, &[0.0; 7], 0.0);
}

#[test]
fn a_box_tells_no_unit() {
    for exponent in [-50, -30, 0, 30] {
        let unit = f64::from(exponent).exp2();
        let far = [f64::NEG_INFINITY; 2];
        let bounds = Bounds::new(&far, &[f64::INFINITY, 3.0 / unit]).expect("sound bounds");
        let within = KinkDescent::builder().within(bounds).build().expect("sound options");
        let mut x = [1.0, 0.0];
        let saddle = |p: &[Var]| {
            let y = p[1] * unit;
            (p[0] - 0.15).square() - y.square() * 0.1 + y.square().square() * 0.25 + 1.0
        };
        let found = within.minimize(&mut x, saddle).expect("it is bounded");
        assert!(!found.is_certified() || found.value() < 0.990_001, "{exponent} {x:?}\n{found}");
    }
}

#[test]
fn a_descent_ends_no_higher_than_it_began() {
    let loss = |p: &[Var]| -> Var {
        let data = [(1.0, 0.0), (-3.0, 0.96)];
        data.iter().map(|&(t, y)| ((p[0] + p[1] * t).sigmoid() - y).abs()).sum()
    };
    for start in [-10.0, -30.0, -40.0, -50.0, -100.0, -130.0] {
        let mut x = [0.0, start];
        let before = loss(&x.map(Var::from)).value();
        let found = KinkDescent::new().minimize(&mut x, loss).expect("it is bounded");
        assert!(found.value() <= before + 1e-12, "{start}: {before} {x:?}\n{found}");
    }
}

#[test]
fn an_error_holds_what_counts_as_0_but_for_rounding() {
    // Quantiles so near to 1 that the slopes of their flat sides are rounding beside the steep ones.
    let data = [(1.8, 0.3), (0.2, 1.7), (-0.6, 0.2), (-2.1, -3.0)];
    for near in [1e-11, 1e-12, 1e-13, 1e-14] {
        let level = 1.0 - near;
        let loss = |p: &[Var]| -> Var {
            let error = |&(t, y): &(f64, f64)| y - (p[0] + p[1] * t);
            data.iter().map(error).map(|e| (e * level).max(e * (level - 1.0))).sum()
        };
        // All lines through two of the points: the best of them is a minimum.
        let mut least = f64::INFINITY;
        for (i, &(s, y)) in data.iter().enumerate() {
            for &(t, z) in &data[..i] {
                let tilt = (z - y) / (t - s);
                least = least.min(loss(&[y - tilt * s, tilt].map(Var::from)).value());
            }
        }
        held(loss, &[0.0, 0.0], least);
        held(loss, &[3.0, -2.0], least);
    }
}

#[test]
fn an_error_is_small_however_far_the_start() {
    for far in [1e2, 1e4, 1e6] {
        let losses: [(Loss, f64); 3] = [
            (|p| [1.0, 2.0, 3.5, 20.0, 50.0].iter().map(|y| (p[0] - *y).abs()).sum(), 67.0),
            (|p| ((p[0] - 1.0).square() + 1.0).sqrt(), 1.0),
            (|p| (p[0] - 1.0).softplus() + (-p[0]).softplus(), 2.0 * 0.5_f64.exp().ln_1p() - 1.0),
        ];
        for (loss, least) in losses {
            let found = held(loss, &[far], least);
            assert!(found.is_certified() && found.error() < 1e-11, "{far}\n{found}");
        }
    }
}

#[test]
fn an_error_holds_the_rounding_of_numbers_that_cancel() {
    type Part = fn(Var) -> Var;
    let parts: [(f64, Part); 8] = [
        (0.0, |r| ((r + 1e7) - 1e7).abs()),
        (0.0, |r| (r * r * 1e-4 + 1.0).sqrt() - 1.0),
        (0.0, |r| (r * 1e-3).cosh().ln()),
        (0.0, |r| 1.0 - (-(r * 1e-3).square()).exp()),
        (0.0, |r| (r * 1e-3).abs().exp().ln()),
        (0.0, |r| (r.abs() * 1e-6).exp() * 1e6 - 1e6),
        (1e6, Var::abs),
        (1e8, |r| r * r),
    ];
    let mut random = Random(41);
    let mut certified = 0;
    for (place, (great, part)) in parts.into_iter().enumerate() {
        for _ in 0..12 {
            let unit = [1.0, 9.313225746154785e-10, 1099511627776.0][random.below(3)];
            let y: Vec<f64> = (0..7).map(|i| 1.0 + 0.3 * f64::from(i) + random.normal()).collect();
            let loss = |p: &[Var]| {
                let residual = |(i, y): (usize, &f64)| p[0] * unit + p[1] * (0.1 * i as f64) - *y;
                let parts: Var = y.iter().enumerate().map(residual).map(part).sum();
                (parts + great) - great
            };
            let mut x = [random.normal() / unit, random.normal()];
            let found = KinkDescent::new().minimize(&mut x, loss).expect("it is bounded");
            if !found.is_certified() {
                continue;
            }
            certified += 1;
            for halvings in 0..40 {
                for _ in 0..20 {
                    let by = f64::from(-halvings).exp2();
                    let there = [x[0] + by / unit * random.normal(), x[1] + by * random.normal()];
                    let value = loss(&there.map(Var::from)).value();
                    assert!(
                        value >= found.value() - found.error(),
                        "part {place}: {:e} lower, error {:e}",
                        found.value() - value,
                        found.error()
                    );
                }
            }
        }
    }
    assert!(certified > 60, "{certified}");
}

#[test]
fn a_loss_that_leaves_the_range_of_its_first_unit_is_told_as_it_is() {
    for start in [300.0, 500.0, 600.0, 700.0] {
        held(|x| x[0].exp(), &[start], 0.0);
        // The least is where e^x is 1e-30, at x = -30 ln 10.
        let least = 1e-30 * (1.0 + 30.0 * std::f64::consts::LN_10);
        let found = held(|x| x[0].exp() + x[0].abs() * 1e-30, &[start], least);
        assert!(!found.is_stationary() || found.value() < 1.001 * least, "{found}");
    }
}

#[test]
fn a_bound_however_far_is_an_end() {
    for far in [1e3, 1e100, 1e101, 1e200, 1e300] {
        let bounds = Bounds::new(&[-far, -1.0], &[far, 2.0]).expect("sound bounds");
        let within = KinkDescent::builder().within(bounds).build().expect("sound options");
        let mut x = [0.0, 0.5];
        let found = within.minimize(&mut x, |p| p[1].abs() - p[0]).expect("it is bounded");
        assert!(x == [far, 0.0] && found.value() == -far, "{x:?}\n{found}");
    }
}
