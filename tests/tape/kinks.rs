//! Kinks: each is seen, listed with its line, and has the slope of the default convention.

use num_traits::Float;
use wengert::op::{Corner, Op, Sides};
use wengert::{Kink, Scalar, Tape, Var, gradient, gradient_array};

/// Asserts what a single kink looks like and that it was met on this line.
fn assert_kink(
    kinks: &[Kink],
    op: Op,
    corner: Corner,
    operands: &[f64],
    slopes: &[f64],
    line: u32,
) {
    let [kink] = kinks else { panic!("{op:?}: {} kinks", kinks.len()) };
    assert_eq!(kink.op(), op);
    assert_eq!(kink.corner(), corner, "{op:?}");
    assert_eq!(kink.operands(), operands, "{op:?}");
    assert_eq!(kink.slopes(), slopes, "{op:?}");
    assert_eq!((kink.location().file(), kink.location().line()), (file!(), line), "{op:?}");
    let text = kink.to_string();
    assert!(text.starts_with(op.name()) && text.contains(&format!("{}:{line}", file!())), "{text}");
}

const GREATER: Corner = Corner::Tie { greater: true };
const APEX: Corner = Corner::Apex;
const LESSER: Corner = Corner::Tie { greater: false };

fn sides(left: f64, right: f64) -> Corner {
    Corner::Sides(Sides { left, right })
}

#[test]
fn each_function_of_one_argument_is_listed_at_its_kink() {
    type Case = (fn(Var) -> Var, Op, f64, (f64, f64), f64);
    let first = line!() + 2;
    let cases: [Case; 19] = [
        (|x| x.abs(), Op::Abs, 0.0, (-1.0, 1.0), 0.0),
        (|x| x.abs(), Op::Abs, -0.0, (-1.0, 1.0), 0.0),
        (|x| x.relu(), Op::Relu, 0.0, (0.0, 1.0), 0.0),
        (|x| x.relu(), Op::Relu, -0.0, (0.0, 1.0), 0.0),
        (|x| x.leaky_relu(0.1), Op::LeakyRelu, 0.0, (0.1, 1.0), 0.1),
        (|x| x.leaky_relu(-0.5), Op::LeakyRelu, 0.0, (-0.5, 1.0), 0.0),
        (|x| x.elu(2.0), Op::Elu, 0.0, (2.0, 1.0), 1.0),
        (|x| x.elu(-0.5), Op::Elu, 0.0, (-0.5, 1.0), 0.0),
        (|x| x.relu6(), Op::Relu6, 6.0, (1.0, 0.0), 0.0),
        (|x| x.hard_tanh(), Op::HardTanh, -1.0, (0.0, 1.0), 0.0),
        (|x| x.hard_sigmoid(), Op::HardSigmoid, -3.0, (0.0, 1.0 / 6.0), 0.0),
        (|x| x.hard_swish(), Op::HardSwish, -3.0, (0.0, -0.5), 0.0),
        (|x| x.hard_swish(), Op::HardSwish, 3.0, (1.5, 1.0), 1.0),
        (|x| x.soft_shrink(0.5), Op::SoftShrink, 0.5, (0.0, 1.0), 0.0),
        (|x| x.clamp(-1.0, 2.0), Op::Clamp, -1.0, (0.0, 1.0), 0.0),
        (|x| x.clamp(-1.0, 2.0), Op::Clamp, 2.0, (1.0, 0.0), 0.0),
        (|x| x.max(2.0), Op::Max, 2.0, (0.0, 1.0), 0.0),
        (|x| x.min(2.0), Op::Min, 2.0, (1.0, 0.0), 0.0),
        (|x| Var::from(2.0).max(x), Op::Max, 2.0, (0.0, 1.0), 0.0),
    ];
    for (i, (f, op, at, (left, right), slope)) in cases.into_iter().enumerate() {
        let tape = Tape::new();
        let x = tape.var(at);
        let y = f(x);
        assert_eq!(y.value(), f(Var::from(at)).value());
        assert_kink(&tape.kinks(), op, sides(left, right), &[at], &[slope], first + i as u32);
        assert_eq!(y.backward().wrt(x), slope, "{op:?}");
        // Just beside it there is none, and the slope is that of the side.
        for (beside, slope) in [(-1e-9, left), (1e-9, right)] {
            tape.clear();
            let x = tape.var(at + beside);
            let beside = f(x).backward().wrt(x);
            // A curved piece has changed its slope by as much as its argument.
            assert!((beside - slope).abs() <= 1e-8, "{op:?}: {beside}, {slope}");
            assert!(tape.kinks().is_empty(), "{op:?}");
        }
        // Constants meet no kinks.
        f(Var::from(at));
        assert!(tape.kinks().is_empty());
    }
}

#[test]
fn each_function_of_two_arguments_is_listed_at_its_kink() {
    type Case = (fn(Var, Var) -> Var, Op, f64, Corner, f64);
    let first = line!() + 2;
    let cases: [Case; 9] = [
        (|a, b| a.max(b), Op::Max, 3.0, GREATER, 0.5),
        (|a, b| a.min(b), Op::Min, 3.0, LESSER, 0.5),
        (|a, b| Var::max_of(&[a, b]), Op::MaxOf, 3.0, GREATER, 0.5),
        (|a, b| Var::min_of(&[a, b]), Op::MinOf, 3.0, LESSER, 0.5),
        (|a, b| a.hypot(b), Op::Hypot, 0.0, APEX, 0.0),
        (|a, b| a.atan2(b), Op::Atan2, 0.0, Corner::Jump, 0.0),
        (|a, b| Var::norm(&[a, b]), Op::Norm, 0.0, APEX, 0.0),
        (|a, b| Float::max(a, b), Op::Max, 3.0, GREATER, 0.5),
        (|a, b| Scalar::hypot(a, b), Op::Hypot, 0.0, APEX, 0.0),
    ];
    for (i, (f, op, at, corner, slope)) in cases.into_iter().enumerate() {
        let tape = Tape::new();
        let [a, b] = tape.vars([at, at]);
        let y = f(a, b);
        assert_kink(&tape.kinks(), op, corner, &[at, at], &[slope; 2], first + i as u32);
        assert_eq!(y.backward().wrt([a, b]), [slope; 2], "{op:?}");
    }
}

#[test]
fn a_kink_of_pending_operands_has_their_slopes_behind_it() {
    let tape = Tape::new();
    let [a, b] = tape.vars([2.0, 3.0]);
    let y = (a * 3.0).max(b * 2.0) * 10.0;
    assert_eq!(y.backward().wrt([a, b]), [15.0, 10.0]);
    let y = (a * b - 6.0).leaky_relu(0.5);
    assert_eq!(y.backward().wrt([a, b]), [1.5, 1.0]);
    let kinks = tape.kinks();
    assert_eq!(kinks.len(), 2);
    assert!(kinks[0].statement() < kinks[1].statement());
}

#[test]
fn equal_functions_have_equal_slopes_at_the_kink_however_they_are_spelled() {
    let spellings: [fn(Var) -> Var; 9] = [
        |x| x.abs(),
        |x| (-x).abs(),
        |x| x.max(-x),
        |x| (-x).max(x),
        |x| -x.min(-x),
        |x| x.relu() + (-x).relu(),
        |x| Var::max_of(&[x, -x]),
        |x| -Var::min_of(&[-x, x]),
        |x| x.clamp(0.0, 9.0) - x.clamp(-9.0, 0.0),
    ];
    for (i, f) in spellings.into_iter().enumerate() {
        for (x, slope) in [(0.0, 0.0), (-0.0, 0.0), (2.0, 1.0), (-2.0, -1.0)] {
            assert_eq!(gradient_array(|[x]| f(x), [x]), (x.abs(), [slope]), "spelling {i} at {x}");
        }
        let tape = Tape::new();
        let x = tape.var(0.0);
        f(x);
        assert!(!tape.kinks().is_empty(), "spelling {i} met its kink");
    }
}

#[test]
fn the_difference_of_equal_things_has_no_slope_in_either_spelling_of_l1() {
    // |a - b| at a = b, as one and as two variables.
    assert_eq!(gradient_array(|[a, b]| (a - b).abs(), [3.0, 3.0]), (0.0, [0.0, 0.0]));
    assert_eq!(gradient_array(|[a]| (a - 3.0).abs(), [3.0]), (0.0, [0.0]));
    assert_eq!(gradient_array(|[a]| (a - a).abs(), [3.0]), (0.0, [0.0]));
}

#[test]
fn ties_of_many_share_the_slope_equally() {
    let tape = Tape::new();
    let x = tape.vars_from(&[7.0, 1.0, 7.0, 7.0, 2.0, 7.0, 7.0]);
    let share = [0.2, 0.0, 0.2, 0.2, 0.0, 0.2, 0.2];
    assert_eq!(Var::max_of(&x).backward().wrt(&x), share);
    let line = line!() - 1;
    let tie = Corner::Tie { greater: true };
    assert_kink(&tape.kinks(), Op::MaxOf, tie, &[7.0; 5], &[0.2; 5], line);
    tape.clear();
    let x = tape.vars_from(&[-7.0, 1.0, -7.0, -7.0, 2.0, -7.0, -7.0]);
    assert_eq!(Var::min_of(&x).backward().wrt(&x), share);
    // With a constant among the ties the slope of least magnitude is 0.
    let mixed = [x[0], Var::from(-7.0), x[2]];
    assert_eq!(Var::min_of(&mixed).backward().wrt(&x), [0.0; 7]);
    // A greatest one alone is no kink, whatever ties below it.
    tape.clear();
    let x = tape.vars_from(&[1.0, 1.0, 3.0]);
    assert_eq!(Var::max_of(&x).backward().wrt(&x), [0.0, 0.0, 1.0]);
    assert!(tape.kinks().is_empty());
}

#[test]
fn the_empty_and_the_single_maximum() {
    assert_eq!(Var::max_of(&[] as &[Var]), f64::NEG_INFINITY);
    assert_eq!(Var::min_of(&[] as &[Var]), f64::INFINITY);
    let tape = Tape::new();
    let x = tape.var(3.0);
    assert_eq!(Var::max_of(&[x]).backward().wrt(x), 1.0);
}

#[test]
fn one_kink_inside_a_sum_of_many_is_listed_and_weighs_nothing() {
    let tape = Tape::new();
    let [a, b] = tape.vars([1.0, 0.0]);
    let line = line!() + 1;
    let residuals = (0..1000).map(|i| (a * f64::from(i) + b - 500.0).abs());
    let loss: Var = residuals.sum();
    // Below 500 the sign is -1, above it +1, at 500 there is the kink.
    let by_a = (501..1000).sum::<i32>() - (0..500).sum::<i32>();
    assert_eq!(loss.backward().wrt([a, b]), [f64::from(by_a), 499.0 - 500.0]);
    let kinks = tape.kinks();
    assert_eq!(kinks.len(), 1);
    assert_eq!(kinks[0].location().line(), line);
    assert_eq!(tape.stats().kink_count, 1);
}

#[test]
fn every_kink_of_a_sum_is_listed() {
    let (value, slope) = gradient(|x: &[Var]| x.iter().map(|x| x.abs()).sum(), &[0.0; 100]);
    assert_eq!((value, slope), (0.0, vec![0.0; 100]));
    let tape = Tape::new();
    let x = tape.vars_from(&[0.0; 100]);
    let _: Var = x.iter().map(|x| x.relu()).sum();
    assert_eq!(tape.kinks().len(), 100);
    tape.clear();
    assert!(tape.kinks().is_empty());
}

#[test]
fn kinks_are_found_in_single_precision_too() {
    let tape = Tape::<f32>::default();
    let x = tape.var(0.1);
    let y = (x - 0.1).abs() + x.max(0.1);
    assert_eq!(y.backward().wrt(x), 0.0);
    assert_eq!(tape.kinks().len(), 2);
    assert_eq!(tape.kinks()[1].operands(), [f64::from(0.1_f32)]);
}

#[test]
fn what_is_near_a_kink_or_not_a_number_is_not_at_it() {
    let tape = Tape::new();
    let tiny = f64::from_bits(1);
    let [a, b, n] = tape.vars([tiny, -tiny, f64::NAN]);
    assert_eq!(a.abs().backward().wrt(a), 1.0);
    assert_eq!(b.abs().backward().wrt(b), -1.0);
    assert_eq!(a.max(b).backward().wrt([a, b]), [1.0, 0.0]);
    assert!(n.abs().backward().wrt(n).is_nan());
    assert!(tape.kinks().is_empty(), "{:?}", tape.kinks());
}
