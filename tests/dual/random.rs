//! Random expressions: values as of plain numbers, derivatives as of the tape.

use super::generator::{Expr, LEAVES, Many, expressions, fixed, leaves, same};
use proptest::prelude::*;
use wengert::op::Op;
use wengert::{Dual, Tape, Var};

/// Every row, operator and n-ary function.
pub(crate) fn any_expression() -> BoxedStrategy<Expr> {
    expressions(Op::ENTRIES.to_vec(), Many::ALL.to_vec(), vec!['+', '-', '*', '/', '%'])
}

/// Piecewise linear functions of whole numbers, which no rounding touches: kinks in kinks.
fn kinked_expression() -> BoxedStrategy<Expr> {
    let entries = vec![Op::Abs, Op::Relu, Op::Max, Op::Min, Op::Clamp, Op::HardTanh, Op::LeakyRelu];
    expressions(entries, vec![Many::MaxOf, Many::Sum, Many::Iterated], vec!['+', '-'])
}

fn whole() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec((-1..2_i32).prop_map(f64::from), LEAVES)
}

/// Expression along a direction: value, and how it changes.
fn along(expr: &Expr, x: &[f64], direction: &[f64]) -> Dual {
    let seeded: Vec<Dual> = x.iter().zip(direction).map(|(&x, &d)| Dual::new(x, [d])).collect();
    expr.eval(&seeded)
}

/// Whether all its pieces are linear.
fn is_straight(expr: &Expr) -> bool {
    let bent = matches!(expr, Expr::Twice(_) | Expr::Squares(..) | Expr::MulAdd(_));
    !bent && expr.children().into_iter().all(is_straight)
}

fn agree(a: f64, b: f64, scale: f64) -> bool {
    (a - b).abs() <= scale || same(a, b) || a == b
}

proptest! {
    #![proptest_config(fixed(2000))]

    #[test]
    fn values_have_the_bits_of_plain_numbers(expr in any_expression(), x in leaves()) {
        let plain: f64 = expr.eval(&x);
        prop_assert!(same(plain, along(&expr, &x, &[1.0, 2.0, 0.0, -1.0]).value()));
        let seeded: Vec<Dual<LEAVES>> = (0..LEAVES).map(|i| Dual::seed(x[i], i)).collect();
        let y: Dual<LEAVES> = expr.eval(&seeded);
        prop_assert!(same(plain, y.value()));

        let single: Vec<f32> = x.iter().map(|&x| x as f32).collect();
        let plain: f32 = expr.eval(&single);
        let seeded: Vec<Dual<1, f32>> = single.iter().map(|&x| Dual::variable(x)).collect();
        let y: Dual<1, f32> = expr.eval(&seeded);
        prop_assert!(same(plain.into(), y.value().into()), "{plain} and {y}");
    }

    /// Of several directions each is what it is alone, where there is no kink.
    #[test]
    fn derivatives_are_those_of_the_tape(
        expr in any_expression(),
        x in leaves(),
        direction in prop::collection::vec(-2.0..2.0, LEAVES),
    ) {
        let tape = Tape::new();
        let vars = tape.vars_from(&x);
        let y: Var = expr.eval(&vars);
        let (kinks, troubles) = (tape.kinks().len(), tape.troubles().len());
        let naive = Size::of(&expr, &x, &direction);
        // What is infinite on the way cancels in other ways on a tape, which multiplies slopes first.
        prop_assume!(y.value().is_finite() && troubles == 0 && naive.is_finite());
        let room = 1e-13 * naive;
        let dual = along(&expr, &x, &direction).tangent();
        if let Ok(tape) = y.jvp(&vars, &direction) {
            prop_assert!(agree(dual, tape, room), "{dual} and {tape}, {room:e}");
        }
        if kinks == 0 {
            let seeded: Vec<Dual<LEAVES>> = (0..LEAVES).map(|i| Dual::seed(x[i], i)).collect();
            let duals = expr.eval::<f64, Dual<LEAVES>>(&seeded).tangents();
            let slopes = y.backward().wrt(&vars);
            for i in 0..LEAVES {
                let mut unit = [0.0; LEAVES];
                unit[i] = 1.0;
                let room = 1e-13 * Size::of(&expr, &x, &unit);
                prop_assert!(agree(duals[i], slopes[i], room), "{} and {}", duals[i], slopes[i]);
            }
        }
    }

    #[test]
    fn at_kinks_it_is_the_directional_derivative(
        expr in kinked_expression(),
        x in whole(),
        direction in whole(),
    ) {
        let dual = along(&expr, &x, &direction);
        let tape = Tape::new();
        let vars = tape.vars_from(&x);
        let y: Var = expr.eval(&vars);
        prop_assert_eq!(dual.tangent(), y.jvp(&vars, &direction).unwrap());
        if !is_straight(&expr) {
            return Ok(());
        }
        // The pieces end at multiples of a half, so the difference is exact.
        let step = 2f64.powi(-20);
        let moved: Vec<f64> = x.iter().zip(&direction).map(|(x, d)| x + step * d).collect();
        let difference = (expr.eval::<f64, f64>(&moved) - dual.value()) / step;
        prop_assert_eq!(dual.tangent(), difference);
    }

    /// Unit vectors in turn: the gradient of the piece at a point that lies off in the first of them most, in
    /// the second much less, and so on.
    #[test]
    fn several_directions_give_the_gradient_of_one_piece(expr in kinked_expression(), x in whole()) {
        prop_assume!(is_straight(&expr));
        let seeded: Vec<Dual<LEAVES>> = (0..LEAVES).map(|i| Dual::seed(x[i], i)).collect();
        let y: Dual<LEAVES> = expr.eval(&seeded);
        let beside: Vec<f64> = (0..LEAVES).map(|i| x[i] + 2f64.powi(-10 * (i as i32 + 1))).collect();
        let tape = Tape::new();
        let vars = tape.vars_from(&beside);
        let piece: Var = expr.eval(&vars);
        let slopes = piece.backward();
        // Where it is level in all variables together, the piece may lie in a kink there too.
        if slopes.is_classical().unwrap_or(false) {
            prop_assert_eq!(&y.tangents()[..], &slopes.wrt(&vars)[..]);
        }
    }
}

/// How great the terms of a derivative are, before they cancel: its expression with the magnitudes of all
/// slopes.
struct Size;

impl Size {
    fn of(expr: &Expr, x: &[f64], direction: &[f64]) -> f64 {
        Size::walk(expr, x, direction).1
    }

    /// Value and size.
    fn walk(expr: &Expr, x: &[f64], direction: &[f64]) -> (f64, f64) {
        if let Expr::Leaf(i) = expr {
            return (x[*i], direction[*i].abs());
        }
        let children: Vec<(f64, f64)> =
            expr.children().into_iter().map(|c| Size::walk(c, x, direction)).collect();
        let tape = Tape::new();
        let vars: Vec<Var> = children.iter().map(|&(x, _)| tape.var(x)).collect();
        let y: Var = expr.apply(&[], &vars);
        let slopes = y.backward();
        // A kink has slopes up to 1, whatever its convention.
        let least = if tape.kinks().is_empty() { 0.0 } else { 3.0 };
        let term = |(&v, &(_, size)): (&Var, &(f64, f64))| slopes.wrt(v).abs().max(least) * size;
        (y.value(), vars.iter().zip(&children).map(term).sum())
    }
}
