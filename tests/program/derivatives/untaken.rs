//! What is not taken has no say: not in a first derivative, not in a second one, forwards or backwards.

use wengert::program::{Columns, Program};
use wengert::{Dual2, Objective, Rule, Tape, Var, objective};

/// All that programs tell of an objective of two parameters, and what it is at a point.
struct Derivatives {
    gradient: Vec<f64>,
    along: f64,
    hessian: Vec<f64>,
}

const DIRECTION: [f64; 2] = [0.75, -2.0];

impl Derivatives {
    /// By each way to get them, which must agree.
    fn of(objective: &impl Objective, at: [f64; 2], name: &str) -> Self {
        let program = Program::record(objective, &[0.5, 0.25], &[]).unwrap();
        let run = |program: Program, inputs: &[f64], outputs: &[usize]| -> Vec<Vec<f64>> {
            let mut sweep = program.compile();
            let found = sweep.run(inputs, &Columns::none()).unwrap();
            outputs.iter().map(|&at| found.output(at).to_vec()).collect()
        };
        let with = |direction: [f64; 2]| [at, direction].concat();
        let gradient = run(program.clone().gradient(), &at, &[1]).concat();
        let forward = run(program.clone().jvp(), &with(DIRECTION), &[1]).concat();
        let hessian = run(program.clone().hessian(), &at, &[2, 3]).concat();
        let products = [[1.0, 0.0], [0.0, 1.0]]
            .map(|unit| run(program.clone().gradient().jvp(), &with(unit), &[3]).concat());
        let along = run(program.gradient_along(), &with(DIRECTION), &[1]).concat();
        let dot = |gradient: &[f64]| gradient[0] * DIRECTION[0] + gradient[1] * DIRECTION[1];
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-14 * (a.abs() + b.abs());
        assert!(close(forward[0], dot(&gradient)), "{name} at {at:?}: {forward:?} {gradient:?}");
        assert!(close(forward[0], dot(&along)), "{name} at {at:?}: {forward:?} {along:?}");
        let product = products.concat();
        let alike = hessian.iter().zip(&product).all(|(&a, &b)| close(a, b));
        assert!(alike, "{name} at {at:?}: {hessian:?} {product:?}");
        let tape = Tape::new();
        let vars = tape.vars(at);
        let jvp = objective.at(&vars, &[]).jvp(&vars, &DIRECTION).unwrap();
        assert!(close(jvp, forward[0]), "{name} at {at:?}: {jvp} on the tape, {forward:?}");
        Derivatives { gradient, along: forward[0], hessian }
    }
}

/// Asserts that two objectives have the same derivatives at these points.
fn assert_alike(name: &str, f: &impl Objective, plain: &impl Objective, points: &[[f64; 2]]) {
    for &at in points {
        let (got, want) = (Derivatives::of(f, at, name), Derivatives::of(plain, at, name));
        let of = |d: &Derivatives| [&d.gradient[..], &d.hessian, &[d.along]].concat();
        for (got, want) in of(&got).into_iter().zip(of(&want)) {
            assert!(
                (got - want).abs() <= 1e-14 * want.abs(),
                "{name} at {at:?}: {got}, not {want}"
            );
        }
    }
}

/// For each number that is singular somewhere, each way not to take it there, and each function of the
/// two: the derivatives are those without it.
#[test]
fn a_branch_that_is_not_taken_may_be_singular() {
    macro_rules! each {
        ($(|$x:ident, $y:ident| $singular:expr),+ $(,)?) => {$(
            each!(ways |$x, $y| $singular);
        )+};
        (ways |$x:ident, $y:ident| $singular:expr) => {{
            // Where the branch is not taken, `$live` is.
            each!(around |$x, $y, s| T::select($x.above(0.0), s, $y * $x + 3.0), $y * $x + 3.0,
                $singular, [[-3.0, 0.5], [0.0, -1.5], [-0.0, 2.0]]);
            each!(around |$x, $y, s| T::select($x.below(1.0), $x * $x, s), $x * $x,
                $singular, [[-3.0, 0.5], [0.0, -1.5]]);
            each!(around |$x, $y, s| T::select($x.above(0.0), s * $y, $y) + $x, $y + $x,
                $singular, [[-3.0, 0.0], [0.0, 1.25]]);
        }};
        (around |$x:ident, $y:ident, $s:ident| $way:expr, $live:expr, $singular:expr, $points:expr) => {
            each!(one |$x, $y, $s, u| u, $way, $live, $singular, $points);
            each!(one |$x, $y, $s, u| u * u * $y, $way, $live, $singular, $points);
            each!(one |$x, $y, $s, u| (u - $y).tanh() + $x * u, $way, $live, $singular, $points);
            each!(one |$x, $y, $s, u| (u * 0.1).exp() / ($y * $y + 1.0), $way, $live, $singular, $points);
        };
        (one |$x:ident, $y:ident, $s:ident, $u:ident| $outer:expr, $way:expr, $live:expr, $singular:expr, $points:expr) => {
            assert_alike(
                concat!(stringify!($outer), " of ", stringify!($way), " of ", stringify!($singular)),
                &objective!(|[$x, $y]| {
                    let $s = $singular;
                    let $u = $way;
                    $outer
                }),
                &objective!(|[$x, $y]| {
                    let $u = $live;
                    $outer
                }),
                &$points,
            );
        };
    }
    each![
        |x, y| x.sqrt() * y,
        |x, y| x.ln() + y,
        |x, y| x.powf(1.5) * y,
        |x, y| x * x.ln() * y,
        |x, y| (x * -1e4).exp() * y,
        |x, y| x.recip() * y,
        |x, y| (x * y).sqrt().ln(),
        |x, y| (x - 1.0).log2().powi(-2) + y,
        |x, y| x.powf(y),
        |x, y| T::norm(&[x, x]).recip() * y.hypot(x),
    ];
}

/// At the tie itself, for each number that is 0 at the end of its domain, with an infinite slope there or an
/// infinite curve.
#[test]
fn nothing_infinite_enters_from_a_branch_that_is_not_taken() {
    macro_rules! each {
        ($(|$x:ident| $singular:expr),+ $(,)?) => {$(
            each!(outer |$x, u, y| $singular, u * $x);
            each!(outer |$x, u, y| $singular, u.exp() * ($x + 2.0));
            each!(outer |$x, u, y| $singular, (u - $x).sin());
        )+};
        (outer |$x:ident, $u:ident, $y:ident| $singular:expr, $outer:expr) => {
            each!(sides |$x, $u, $y| $singular, $y, $outer);
            each!(sides |$x, $u, $y| $singular, T::from(0.0), $outer);
        };
        (sides |$x:ident, $u:ident, $y:ident| $singular:expr, $add:expr, $outer:expr) => {
            each!(one |$x, $u, $y| T::select($x.above(0.0), $singular, T::from(0.0)) + $add, $add, $outer);
            each!(one |$x, $u, $y| {
                let tie = $x.below(0.0);
                let $x = -$x;
                T::select(tie, $singular * 3.0, $x - $x) + $add
            }, $add, $outer);
        };
        (one |$x:ident, $u:ident, $y:ident| $branch:expr, $plain:expr, $outer:expr) => {{
            let name = concat!(stringify!($outer), " of ", stringify!($branch));
            let f = objective!(|[$x, $y]| {
                let $u = $branch;
                $outer + $y * $y
            });
            let plain = objective!(|[$x, $y]| {
                let $u = $plain;
                $outer + $y * $y
            });
            assert_alike(name, &f, &plain, &[[0.0, 0.5], [-0.0, -1.5]]);
            assert_other_engines_alike(name, &f, &plain, [0.0, 0.5]);
        }};
    }
    each![
        |x| x.sqrt(),
        |x| x.cbrt(),
        |x| x.powf(0.3),
        |x| x.powf(1.5),
        |x| T::xlogy(x, x),
        |x| (x + 1.0).acosh(),
        |x| (-x + 1.0).acos(),
        |x| (x * 4.0).sqrt() * 0.5 + x,
        |x| -(x.sqrt()).sin(),
    ];
}

/// Forward mode of second order, and the directional rules of the tape.
fn assert_other_engines_alike(
    name: &str,
    f: &impl Objective,
    plain: &impl Objective,
    at: [f64; 2],
) {
    let seeds = Dual2::seeds(at);
    let [got, want] = [f.at(&seeds, &[]), plain.at(&seeds, &[])];
    assert_eq!((got.gradient(), got.hessian()), (want.gradient(), want.hessian()), "{name}");
    for direction in [[1.0, 0.5], [-1.0, 0.5], [1.0, 0.0]] {
        let gradients = |f: &dyn Fn(&[Var]) -> Var| {
            let tape = Tape::new();
            let vars = tape.vars(at);
            let y = f(&vars);
            [Rule::Directional, Rule::Along(&vars, &direction)]
                .map(|rule| y.backward_with(rule).expect("a finite number").wrt(vars))
        };
        let got = gradients(&|vars| f.at(vars, &[]));
        let want = gradients(&|vars| plain.at(vars, &[]));
        for (got, want) in got.concat().into_iter().zip(want.concat()) {
            // A finite slope may enter: a power of 3/2 has the slope 0.
            assert!((got - want).abs() <= 1e-15, "{name}: {got}, not {want}");
        }
    }
}

/// Where a slope is 0 nothing passes, as it does not backwards.
#[test]
fn a_slope_of_0_passes_nothing_on() {
    macro_rules! flat {
        ($(|$x:ident| $f:expr),+ $(,)?) => {$(
            assert_alike(
                stringify!($f),
                &objective!(|[$x, y]| ($f) * y + $x * y),
                &objective!(|[$x, y]| $x * y),
                &[[0.0, 1.5]],
            );
        )+};
    }
    flat![
        |x| x.ln().max(-100.0) + 100.0,
        |x| (x.sqrt() - 1.0).relu(),
        |x| (x.sqrt() + 7.0).clamp(0.0, 1.0) - 1.0,
        |x| x.sqrt() * 0.0,
        |x| (x.sqrt() + 0.5).floor(),
        |x| T::max_of(&[x.ln(), T::from(0.0), x.sqrt() - 1.0]),
    ];
}

#[test]
fn a_cross_entropy_held_at_both_ends_has_its_curvature() {
    let loss = objective!(|[w], [y]| {
        let p = w.sigmoid();
        -(p.ln().max(-100.0) * y + (-p + 1.0).ln().max(-100.0) * (-y + 1.0))
    });
    let program = Program::record(&loss, &[0.5], &[1.0]).unwrap();
    let data = Columns::new(&[&[1.0, 0.0]]).unwrap();
    // Of the first row p (1 - p), by 60-digit arithmetic; of the second nothing, since 1 - p is 0.
    const CURVE: f64 = 4.248_354_255_291_589e-18;
    let mut sweep = program.clone().hessian().compile();
    let found = sweep.run(&[40.0], &data).unwrap();
    assert!((found.gradient()[0] / -CURVE - 1.0).abs() < 1e-14);
    assert!((found.output(2)[0] / CURVE - 1.0).abs() < 1e-14);
    let mut sweep = program.jvp().compile();
    let along = sweep.run(&[40.0, 1.0], &data).unwrap().output(1)[0];
    assert!((along / -CURVE - 1.0).abs() < 1e-14);

    let masked = objective!(|[a], [x, y]| {
        let z = a * x;
        (T::select(z.above(0.0), z.ln(), T::from(0.0)) - y).powi(2)
    });
    let program = Program::record(&masked, &[0.5], &[1.0, 1.0]).unwrap();
    let data = Columns::new(&[&[1.0, -1.0], &[0.5, 0.2]]).unwrap();
    assert_eq!(program.hessian().compile().run(&[1.0], &data).unwrap().output(2), [3.0]);
}
