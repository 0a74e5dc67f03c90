//! Kinks, jumps and zeros.

use wengert::program::{Columns, Program};
use wengert::{Dual, Rule, Scalar, Tape, Var, Var2, hvp, objective};

/// A function of two numbers, for both engines.
macro_rules! both {
    (|$a:ident, $b:ident| $body:expr) => {
        (
            #[allow(unused_variables)]
            |$a: Dual, $b: Dual| -> Dual {
                type T = Dual;
                let _ = T::ZERO;
                $body
            },
            #[allow(unused_variables)]
            |$a: Var, $b: Var| -> Var {
                type T = Var;
                let _ = T::ZERO;
                $body
            },
        )
    };
}

type Pair = (fn(Dual, Dual) -> Dual, fn(Var, Var) -> Var);

fn functions() -> Vec<Pair> {
    vec![
        both!(|a, b| a.abs() + b.relu()),
        both!(|a, b| a.max(b)),
        both!(|a, b| a.min(b)),
        both!(|a, b| a.max(a.min(b))),
        both!(|a, b| a.hypot(b)),
        both!(|a, b| a.hypot(0.0) + b.hypot(0.0) * 2.0),
        both!(|a, b| T::norm(&[a, b, a])),
        both!(|a, b| T::max_of(&[a, b, T::from(0.0)])),
        both!(|a, b| T::min_of(&[b, a, a])),
        both!(|a, b| a.atan2(b)),
        both!(|a, b| T::select(a.above(b), a * 3.0, b * 3.0)),
        both!(|a, b| T::select(a.below(0.0), -a, a * 2.0)),
        both!(|a, b| T::select(a.below(0.0), b, b + 1.0)), // a jump
        both!(|a, b| T::select_with(a.above(b), || a * 3.0, || b * 3.0)),
        both!(|a, b| T::sorted(&[a, b, -a])[1]),
        both!(|a, b| T::median_of(&[a, b, a * 2.0, b - a])),
        both!(|a, b| T::quantile_of(&[a, b, b * 2.0], 0.25)),
        both!(|a, b| T::custom_pieces("bend", a, 0.0, |x| (x * 3.0, 3.0), |x| (x, 1.0)) + b),
        both!(|a, b| a.clamp(0.0, 1.0) + b.clamp(-1.0, 0.0)),
        both!(|a, b| a.hard_swish() * b + a.elu(0.5) + b.soft_shrink(0.0)),
        both!(|a, b| a.leaky_relu(0.25) - b.leaky_relu(4.0)),
        both!(|a, b| a.floor() + b.signum()),
        both!(|a, b| a.copysign(b)),
    ]
}

#[test]
fn along_a_direction_kinks_answer_as_on_the_tape() {
    let directions = [-2.0, -1.0, 0.0, 1.0, 3.0];
    let mut kinks = 0;
    for (index, (dual, var)) in functions().into_iter().enumerate() {
        for [x, y] in [[0.0, 0.0], [-3.0, 3.0], [1.0, -1.0], [0.0, 1.0], [-0.0, 0.0]] {
            for [s, t] in directions.into_iter().flat_map(|s| directions.map(|t| [s, t])) {
                let got = dual(Dual::new(x, [s]), Dual::new(y, [t]));
                let tape = Tape::new();
                let vars = tape.vars([x, y]);
                let want = var(vars[0], vars[1]);
                let slope = want.jvp(&vars, &[s, t]).unwrap();
                kinks += tape.kinks().len();
                assert_eq!(got.value(), want.value(), "{index} at {x}, {y}");
                let near = (got.tangent() - slope).abs() <= 4.0 * f64::EPSILON * slope.abs();
                assert!(near, "{index} at {x}, {y} along {s}, {t}: {} {slope}", got.tangent());
            }
        }
    }
    assert!(kinks > 1000, "{kinks}");
}

#[test]
fn of_several_directions_the_first_that_is_not_level_decides() {
    let abs = |tangents: [f64; 3]| Dual::new(0.0, tangents).abs().tangents();
    assert_eq!(abs([-2.0, 5.0, 1.0]), [2.0, -5.0, -1.0]);
    assert_eq!(abs([0.0, 5.0, -1.0]), [0.0, 5.0, -1.0]);
    assert_eq!(abs([0.0, 0.0, -1.0]), [0.0, 0.0, 1.0]);
    assert_eq!(abs([0.0; 3]), [0.0; 3]);
    let tie = |s, t| Dual::<2>::new(2.0, s).max(Dual::new(2.0, t)).tangents();
    assert_eq!(tie([1.0, 0.0], [0.0, 1.0]), [1.0, 0.0]);
    assert_eq!(tie([1.0, 0.0], [1.0, 3.0]), [1.0, 3.0]);
    assert_eq!(tie([1.0, 3.0], [1.0, 3.0]), [1.0, 3.0]);
    // The tip of a cone is smooth from the first direction on.
    let [a, b] = [Dual::<2>::new(0.0, [3.0, 1.0]), Dual::new(0.0, [4.0, 2.0])];
    assert_eq!(a.hypot(b).tangents(), [5.0, 0.6 + 1.6]);
    assert_eq!(Dual::norm(&[a, b]).tangents(), [5.0, 0.6 + 1.6]);
    let [a, b] = [Dual::<2>::seed(0.0, 1), Dual::from(0.0)];
    assert_eq!(a.hypot(b).tangents(), [0.0, 1.0]);
}

#[test]
fn smooth_functions_in_pieces_have_their_gradient() {
    fn gradient(f: impl Fn([Dual<2>; 2]) -> Dual<2>, at: [f64; 2]) -> [f64; 2] {
        f(Dual::seeds(at)).tangents()
    }
    assert_eq!(gradient(|[x, _]| x.relu() - (-x).relu(), [0.0, 0.0]), [1.0, 0.0]);
    assert_eq!(gradient(|[x, _]| x.relu() * 2.0 - x.abs(), [0.0, 0.0]), [1.0, 0.0]);
    assert_eq!(gradient(|[x, y]| x.max(y) + x.min(y), [2.0, 2.0]), [1.0, 1.0]);
    assert_eq!(gradient(|[x, y]| x.max(x.min(y)), [2.0, 2.0]), [1.0, 0.0]);
    assert_eq!(gradient(|[x, y]| x.max(y).powi(2) + x.min(y).powi(2), [2.0, 2.0]), [4.0, 4.0]);
    assert_eq!(gradient(|[x, y]| Dual::norm(&[x, y]).powi(2), [0.0, 0.0]), [0.0, 0.0]);
}

#[test]
fn zero_passes_nothing_on() {
    let x = Dual::variable(0.0);
    // The branch not taken has an infinite slope.
    assert_eq!(Dual::select(x.above(1.0), x.sqrt(), x * 2.0).tangent(), 2.0);
    assert_eq!((x.sqrt() - 1.0).relu().tangent(), 0.0);
    assert_eq!((x.ln() * 0.0 + 1.0).tangent(), 0.0);
    // What does not change has no slope, be it infinite.
    assert_eq!(x.powi(2).sqrt().tangent(), 0.0);
    assert_eq!(Dual::<1>::from(0.0).sqrt().tangent(), 0.0);
    assert_eq!(Dual::variable(-2.0).powf(2.0).tangent(), -4.0);
    // What changes has.
    assert_eq!(x.sqrt().tangent(), f64::INFINITY);
    assert!((x - 1.0).ln().tangent().is_nan());
    let [a, b] = Dual::<2>::seeds([0.0, 1.0]);
    assert_eq!((a.sqrt() + b).tangents(), [f64::INFINITY, 1.0]);
    assert_eq!((a.sqrt() * b).tangents(), [f64::INFINITY, 0.0]);
}

#[test]
fn a_nan_change_is_not_hidden_by_a_tie() {
    let (a, b) = (Dual::new(1.0, [f64::NAN]), Dual::new(1.0, [2.0]));
    assert!(a.max(b).tangent().is_nan() && b.max(a).tangent().is_nan());
    assert!(Dual::max_of(&[b, b, a]).tangent().is_nan());
    // It decides nothing, and the next direction does.
    let y = Dual::<2>::new(0.0, [f64::NAN, -1.0]).abs();
    assert!(y.tangents()[0].is_nan() && y.tangents()[1] == 1.0);
}

#[test]
fn lists_that_are_empty_or_nan_answer_as_plain_numbers() {
    type D = Dual;
    assert_eq!(D::max_of(&[]).value(), f64::NEG_INFINITY);
    assert_eq!(D::min_of(&[]).value(), f64::INFINITY);
    assert_eq!(D::norm(&[]).value().to_bits(), f64::norm(&[]).to_bits());
    assert!(D::mean(&[]).value().is_nan() && D::median_of(&[]).value().is_nan());
    assert_eq!(D::sum_of(&[]).value().to_bits(), f64::sum_of(&[]).to_bits());
    let none: [Dual; 0] = [];
    assert_eq!(none.iter().sum::<Dual>().value().to_bits(), [0.0; 0].iter().sum::<f64>().to_bits());
    assert_eq!(none.iter().product::<Dual>().value(), 1.0);
    assert!(D::softmax(&[]).is_empty() && D::sorted(&[]).is_empty());
    let nan = D::variable(f64::NAN);
    assert!(D::max_of(&[D::variable(1.0), nan]).value().is_nan());
    assert!(D::sorted(&[D::variable(1.0), nan]).iter().all(|x| x.value().is_nan()));
}

/// Where two kinks at one place cancel, or a kink has the same slope on both sides, the function is the straight
/// line that it is, on every engine and from every side.
#[test]
fn ends_that_are_one_have_one_slope() {
    macro_rules! each {
        ($(|$x:ident| $f:expr, $at:expr => $slope:expr;)+) => {$({
            for at in $at {
                let name = concat!(stringify!($f), " at");
                let tape = Tape::new();
                let $x = tape.var(at);
                let y = $f;
                for rule in [Rule::Default, Rule::Left, Rule::Right, Rule::Directional] {
                    let slope = y.backward_with(rule).unwrap().wrt($x);
                    assert_eq!(slope, $slope, "{name} {at} by {rule:?}");
                }
                for direction in [-1.0, 0.0, 1.0] {
                    let $x = Dual::new(at, [direction]);
                    assert_eq!($f.tangent(), $slope * direction, "{name} {at}");
                    let f = |x: &[Var2]| { let $x = x[0]; $f };
                    let (value, slopes, product) = hvp(f, &[at], &[direction]).unwrap();
                    assert_eq!((slopes, product), (vec![$slope], vec![0.0]), "{name} {at}");
                    assert_eq!(value, $f.value(), "{name} {at}");
                }
                let program = Program::record(&objective!(|[$x]| $f), &[1.5], &[]).unwrap();
                let mut sweep = program.gradient().compile();
                let found = sweep.run(&[at], &Columns::none()).unwrap();
                assert_eq!(found.gradient(), [$slope], "{name} {at}");
            }
        })+};
    }
    each! {
        |x| x.soft_shrink(0.0), [0.0, -0.0, 1.0, -1.0] => 1.0;
        |x| x.hard_shrink(0.0), [0.0, -0.0, 1.0, -1.0] => 1.0;
        |x| x.leaky_relu(1.0), [0.0, -0.0, 1.0, -1.0] => 1.0;
        |x| x.clamp(2.0, 2.0), [2.0, 1.0, 3.0] => 0.0;
        |x| x.clamp(0.0, -0.0), [0.0, -0.0] => 0.0;
    }
}
