//! Watched tapes: kinks within a radius are written, and nothing else changes.

use wengert::op::{Corner, Op, Sides};
use wengert::{KinkError, Scalar, Tape, Var, gradient};

type Function = fn(&[Var]) -> Var;

/// One function for every operation that can have a kink, and some of many.
const FUNCTIONS: [Function; 16] = [
    |x| (x[0] * 2.0 - x[1]).abs() * x[2],
    |x| (x[0] - x[1]).relu() + (x[1] * x[2]).leaky_relu(0.1),
    |x| (x[0] * x[1]).clamp(-1.0, 1.0) * 3.0,
    |x| (x[0] + x[1]).max(x[2] * x[2]),
    |x| x[0].min(x[1] * 0.5).max(0.25),
    |x| Var::from(0.5).max(x[0]) * x[1],
    |x| Var::max_of(&[x[0], x[1] * 2.0, x[2], Var::from(0.1)]),
    |x| Var::min_of(&[x[0] * x[1], x[2], x[2] + 1.0]),
    |x| x[0].hypot(x[1] * x[2]) * 2.0,
    |x| (x[0] * x[1]).hypot(0.0) + x[2].hypot(3.0),
    |x| x[0].atan2(x[1] - x[2]) + x[0].atan2(1.0),
    |x| {
        Var::norm(x) * x[0]
            + Var::norm(&[x[1], Var::from(0.0)])
            + Var::norm(&[x[2], Var::from(1.0)])
    },
    |x| Var::select(x[0].above(x[1]), x[0] * x[2], x[1] * 2.0),
    |x| Var::select(x[2].below(0.3), x[0].sin(), x[1].cos()),
    |x| x.iter().map(|&x| (x - 0.2).abs() + (x * x - 0.3).relu()).sum(),
    |x| x.windows(2).map(|w| (w[0] * 3.0 - w[1]).abs().max(w[0] * w[1])).sum::<Var>() / 3.0,
];

const POINTS: [[f64; 3]; 5] =
    [[0.7, -0.4, 0.9], [-1.5, 0.25, 0.125], [0.0, 0.0, 0.0], [0.2, 0.4, 0.3], [1e-3, 2e-3, -1e-3]];

#[test]
fn values_and_gradients_are_those_of_an_unwatched_tape_and_so_are_the_kinks_met() {
    for (i, f) in FUNCTIONS.into_iter().enumerate() {
        for point in POINTS {
            let plain = Tape::new();
            let x = plain.vars_from(&point);
            let y = f(&x);
            let (value, slope) = (y.value(), y.backward().wrt(&x));
            for radius in [0.0, 1e-2, 0.5, f64::INFINITY] {
                let tape = Tape::new().watching(radius).unwrap();
                let x = tape.vars_from(&point);
                let y = f(&x);
                assert_eq!(y.value().to_bits(), value.to_bits(), "{i} at {point:?}");
                for (watched, plain) in y.backward().wrt(&x).into_iter().zip(&slope) {
                    let off = (watched - plain).abs();
                    assert!(off <= 1e-15 * plain.abs(), "{i} at {point:?}: {watched} {plain}");
                }
                let exact = |tape: &Tape| -> Vec<_> {
                    let key = |k: &wengert::Kink| (k.op(), k.corner(), k.location().line());
                    tape.kinks().iter().map(key).collect()
                };
                assert_eq!(exact(&tape), exact(&plain), "{i} at {point:?} within {radius}");
                let near = tape.near_kinks();
                assert!(near.iter().all(|k| k.distance() != 0.0 && k.distance().abs() <= radius));
                assert!(radius != 0.0 || near.is_empty());
            }
        }
    }
}

#[test]
fn a_near_kink_says_how_far_it_is_and_has_the_true_slopes() {
    let sides = |left, right| Corner::Sides(Sides { left, right });
    let (greater, lesser) = (Corner::Tie { greater: true }, Corner::Tie { greater: false });
    type Case = (Function, Op, Corner, f64, &'static [f64], &'static [f64]);
    // At (0.75, 0.5, 1).
    let cases: [Case; 16] = [
        (|x| (-x[0]).abs(), Op::Abs, sides(-1.0, 1.0), -0.75, &[-0.75], &[-1.0]),
        (|x| x[0].relu(), Op::Relu, sides(0.0, 1.0), 0.75, &[0.75], &[1.0]),
        (|x| (-x[0]).leaky_relu(0.1), Op::LeakyRelu, sides(0.1, 1.0), -0.75, &[-0.75], &[0.1]),
        (
            |x| (-x[0]).elu(2.0),
            Op::Elu,
            sides(0.9447331054820294, 1.0),
            -0.75,
            &[-0.75],
            &[0.9447331054820294],
        ),
        (|x| x[0].clamp(0.0, 1.0), Op::Clamp, sides(1.0, 0.0), -0.25, &[0.75], &[1.0]),
        (|x| x[0].clamp(0.5, 2.0), Op::Clamp, sides(0.0, 1.0), 0.25, &[0.75], &[1.0]),
        (|x| x[0].max(x[1]), Op::Max, greater, 0.25, &[0.75, 0.5], &[1.0, 0.0]),
        (|x| x[0].min(x[1]), Op::Min, lesser, 0.25, &[0.75, 0.5], &[0.0, 1.0]),
        (|x| x[0].max(1.0), Op::Max, sides(0.0, 1.0), -0.25, &[0.75], &[0.0]),
        (|x| Var::from(1.0).min(x[0]), Op::Min, sides(1.0, 0.0), -0.25, &[0.75], &[1.0]),
        (|x| Var::max_of(x), Op::MaxOf, greater, 0.25, &[0.75, 0.5, 1.0], &[0.0, 0.0, 1.0]),
        (
            |x| Var::min_of(&[x[0], Var::from(0.25), Var::from(9.0), x[1]]),
            Op::MinOf,
            lesser,
            0.25,
            &[0.75, 0.25, 0.5],
            &[0.0, 1.0, 0.0],
        ),
        (|x| x[0].hypot(x[2]), Op::Hypot, Corner::Apex, 1.25, &[0.75, 1.0], &[0.6, 0.8]),
        (|x| x[0].atan2(x[2]), Op::Atan2, Corner::Jump, 1.25, &[0.75, 1.0], &[0.64, -0.48]),
        (|x| Var::norm(&[x[0], x[2]]), Op::Norm, Corner::Apex, 1.25, &[0.75, 1.0], &[0.6, 0.8]),
        (|x| (-x[0]).hypot(0.0), Op::Hypot, sides(-1.0, 1.0), -0.75, &[-0.75], &[-1.0]),
    ];
    for (i, (f, op, corner, distance, operands, slopes)) in cases.into_iter().enumerate() {
        let tape = Tape::new().watching(f64::INFINITY).unwrap();
        let x = tape.vars_from(&[0.75, 0.5, 1.0]);
        f(&x);
        let near = tape.near_kinks();
        assert_eq!(near.len(), 1, "{i}");
        let kink = &near[0];
        assert_eq!((kink.op(), kink.corner(), kink.distance()), (op, corner, distance), "{i}");
        assert_eq!((kink.operands(), kink.slopes()), (operands, slopes), "{i}");
        // Within a smaller radius nothing is written down.
        let tape = Tape::new().watching(distance.abs() * 0.99).unwrap();
        f(&tape.vars_from(&[0.75, 0.5, 1.0]));
        assert!(tape.near_kinks().iter().all(|kink| kink.operands().len() < operands.len()), "{i}");
    }
}

#[test]
fn a_distance_to_a_constant_that_no_kink_can_have_is_none() {
    let tape = Tape::new().watching(f64::INFINITY).unwrap();
    let x = tape.var(0.5);
    let _ = x.hypot(1.0) + Var::norm(&[x, Var::from(2.0)]) + x.atan2(1.0) + x.sin();
    assert!(tape.near_kinks().is_empty());
    assert_eq!(Tape::new().watching(-1.0).unwrap_err(), KinkError::Radius { value: -1.0 });
    assert!(Tape::new().watching(f64::NAN).is_err());
}

#[test]
fn infinities_and_nan_are_recorded_as_they_come() {
    let tape = Tape::new().watching(f64::INFINITY).unwrap();
    let x = tape.vars_from(&[f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1.0]);
    assert_eq!(x[0].max(x[3]).backward().wrt(&x), [1.0, 0.0, 0.0, 0.0]);
    assert_eq!(x[1].abs().backward().wrt(&x), [0.0, -1.0, 0.0, 0.0]);
    assert_eq!(x[0].max(x[0] * 2.0).backward().wrt(&x), [1.5, 0.0, 0.0, 0.0]);
    assert!(x[2].abs().backward().wrt(x[2]).is_nan());
    assert_eq!(tape.kinks().len(), 1); // the tie of infinities
    let near = tape.near_kinks(); // not the greater of infinity and 1, which is no finite number
    assert_eq!((near.len(), near[0].distance()), (1, f64::NEG_INFINITY));
}

#[test]
fn a_tape_is_watched_until_it_is_dropped_and_the_next_is_not() {
    let tape = Tape::new().watching(1.0).unwrap();
    for _ in 0..3 {
        tape.var(0.5).abs();
        assert_eq!(tape.near_kinks().len(), 1);
        tape.clear();
    }
    drop(tape);
    for _ in 0..8 {
        let tape = Tape::new();
        tape.var(0.5).abs();
        assert!(tape.near_kinks().is_empty());
    }
    assert_eq!(gradient(|x: &[Var]| x[0].abs(), &[0.5]), (0.5, vec![1.0]));
}

#[test]
fn a_select_at_a_tie_is_a_kink_where_its_branches_meet_with_different_slopes() {
    let tape = Tape::new();
    let [x, c] = tape.vars([1.0, 1.0]);
    let line = line!() + 1;
    let y = Var::select(x.above(c), x * 2.0, x + 1.0);
    assert_eq!(y.backward().wrt([x, c]), [1.0, 0.0]); // the branch taken
    let kinks = tape.kinks();
    assert_eq!((kinks[0].op(), kinks[0].location().line()), (Op::Select, line));
    assert_eq!(kinks[0].operands(), [0.0, 2.0, 2.0]);
    tape.clear();
    let x = tape.var(1.0);
    Var::select(x.above(1.0), x * 2.0, x); // a jump
    Var::select(x.above(1.0), x * x, x * 2.0 - 1.0); // smooth
    Var::select(x.above(0.5), x * x, x); // no tie
    Scalar::select(x.below(1.0), Var::from(f64::NAN), x * f64::NAN);
    assert!(tape.kinks().is_empty());
}
