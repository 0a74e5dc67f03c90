//! Rules: what they refuse, and what they leave as it was.

use wengert::op::{Corner, Op, Sides};
use wengert::{KinkError, Rule, Tape, Var};

const RULES: [Rule; 10] = [
    Rule::Default,
    Rule::Left,
    Rule::Right,
    Rule::First,
    Rule::PyTorch,
    Rule::PyTorch2_13,
    Rule::Jax,
    Rule::Jax0_11,
    Rule::CasADi,
    Rule::Directional,
];

#[test]
fn without_a_kink_every_rule_gives_the_same_bits_as_backward() {
    let tape = Tape::new();
    let x = tape.vars_from(&[0.7, -1.3, 2.1]);
    let y = (x[0] * x[1]).abs() + x[2].max(x[0]) * x[1].exp() + Var::norm(&x) - x[1].relu();
    let plain = y.backward();
    for rule in RULES.into_iter().chain([Rule::Error, Rule::Along(&x, &[1.0, 0.0, 0.0])]) {
        assert_eq!(y.backward_with(rule).unwrap(), plain, "{rule:?}");
    }
}

#[test]
fn a_rule_leaves_the_recording_as_it_was() {
    let tape = Tape::new();
    let x = tape.vars_from(&[0.0, 0.0]);
    let y = x[0].abs() + x[0].max(x[1]) + x[1].clamp(0.0, 1.0);
    let (kinks, plain) = (tape.kinks(), y.backward());
    for rule in RULES {
        let first = y.backward_with(rule).unwrap();
        assert_eq!(y.backward_with(rule).unwrap(), first, "{rule:?}");
        assert_eq!((y.backward(), tape.kinks()), (plain.clone(), kinks.clone()), "{rule:?}");
    }
    assert_eq!(y.backward_with(Rule::Default).unwrap(), plain);
}

#[test]
fn only_kinks_that_the_output_depends_on_are_swept() {
    let tape = Tape::new();
    let x = tape.var(0.0);
    let y = x.abs();
    let z = x.relu(); // recorded after `y`
    assert_eq!(y.backward_with(Rule::Right).unwrap().kinks().unwrap().len(), 1);
    assert_eq!(z.backward_with(Rule::Right).unwrap().kinks().unwrap()[0].adjoint(), 0.0);
    let both = tape.backward_with([(y, 2.0), (z, 10.0)], Rule::Right).unwrap();
    assert_eq!(both.wrt(x), 12.0);
    let both = tape.backward_with([(y, 2.0), (z, 10.0)], Rule::Along(&[x], &[-1.0])).unwrap();
    assert_eq!(both.wrt(x), -2.0);
}

#[test]
fn a_direction_of_the_wrong_length_or_not_finite_is_an_error() {
    let tape = Tape::new();
    let x = tape.vars_from(&[0.0, 0.0]);
    for y in [x[0].abs() + x[1].abs(), x[0] * x[1]] {
        let length = KinkError::Length { expected: 2, found: 1 };
        assert_eq!(y.backward_with(Rule::Along(&x, &[1.0])), Err(length.clone()));
        assert_eq!(y.jvp(&x, &[1.0]), Err(length.clone()));
        assert_eq!(tape.backward_with([(y, 1.0)], Rule::Along(&x, &[1.0])), Err(length));
        for value in [f64::INFINITY, f64::NEG_INFINITY] {
            let error = KinkError::Direction { index: 1, value };
            assert_eq!(y.backward_with(Rule::Along(&x, &[1.0, value])), Err(error.clone()));
            assert_eq!(y.jvp(&x, &[1.0, value]), Err(error));
        }
        let nan = y.jvp(&x, &[f64::NAN, 1.0]).unwrap_err();
        assert_eq!(nan.to_string(), "the direction is NaN at index 0, expected a finite number");
    }
}

#[test]
#[should_panic(expected = "two recordings meet")]
fn a_direction_along_a_variable_of_another_tape_panics() {
    let (tape, other) = (Tape::new(), Tape::new());
    let (x, foreign) = (tape.var(0.0), other.var(0.0));
    let _ = x.abs().backward_with(Rule::Along(&[foreign], &[1.0]));
}

#[test]
#[should_panic(expected = "a direction is along variables")]
fn a_direction_along_a_result_panics() {
    let tape = Tape::new();
    let x = tape.var(0.0);
    let _ = x.abs().jvp(&[(x * x).keep()], &[1.0]);
}

#[test]
#[should_panic(expected = "stale")]
fn a_rule_on_a_stale_variable_panics() {
    let tape = Tape::new();
    let y = tape.var(0.0).abs();
    tape.clear();
    let _ = y.backward_with(Rule::Directional);
}

#[test]
fn constants_have_an_empty_gradient_under_every_rule() {
    let tape = Tape::new();
    let x = tape.var(1.0);
    let c = Var::from(0.0).abs();
    for rule in RULES {
        let g = c.backward_with(rule).unwrap();
        assert_eq!((g.wrt(x), g.is_classical(), g.kinks().unwrap().len()), (0.0, Ok(true), 0));
    }
    assert_eq!(c.jvp(&[x], &[1.0]), Ok(0.0));
}

#[test]
fn the_error_names_the_first_kink_that_matters_and_its_line() {
    let tape = Tape::new();
    let x = tape.vars_from(&[0.0, 1.0]);
    let line = line!() + 1;
    let harmless = x[0].abs() * x[0].relu() + x[1].max(x[1]) + x[1].clamp(1.0, 1.0);
    let y = harmless + x[0].min(x[1] - 1.0) * 2.0 + x[0].abs();
    assert!(harmless.backward_with(Rule::Error).is_ok());
    let Err(KinkError::Met { kink }) = y.backward_with(Rule::Error) else { panic!("no error") };
    assert_eq!((kink.op(), kink.location().line()), (Op::Min, line + 1));
    let text = KinkError::Met { kink }.to_string();
    let end = format!("rules.rs:{}:29", line + 1);
    assert!(text.starts_with("the gradient depends on the slope chosen for min at [0.0, 0.0]"));
    assert!(text.ends_with(&end), "{text}");
}

#[test]
fn nan_at_a_kink_stays_nan_under_conventions_and_is_refused_by_the_others() {
    let tape = Tape::new();
    let x = tape.vars_from(&[f64::NAN, 0.0]);
    let outputs = [x[0].abs(), x[0].relu() + x[1], x[0].clamp(0.0, 1.0), x[0] * x[1].abs()];
    for (i, y) in outputs.into_iter().enumerate() {
        for rule in RULES {
            match y.backward_with(rule) {
                Ok(g) => {
                    assert!(!promises(rule) && g.wrt(&x).iter().any(|s| s.is_nan()), "{i} {rule:?}")
                }
                Err(error) => assert!(promises(rule) && error == KinkError::NotANumber),
            }
        }
        let refused = Err(KinkError::NotANumber);
        assert_eq!(y.backward_with(Rule::Error), refused);
        assert_eq!(y.backward_with(Rule::Along(&x, &[1.0, 1.0])), refused);
        assert_eq!(tape.backward_with([(x[1], 1.0), (y, 1.0)], Rule::Directional), refused);
        assert_eq!(y.jvp(&x, &[1.0, 1.0]), Err(KinkError::NotANumber));
    }
    // `max` passes a NaN operand over.
    assert_eq!(x[0].max(x[1]).backward_with(Rule::Directional).unwrap().wrt(&x), [0.0, 1.0]);
    // A kink whose operand is finite and whose tangent is not a number keeps its default.
    let y = (x[1].sqrt() - x[1].cbrt()).abs();
    let g = y.backward_with(Rule::Directional).unwrap();
    assert!(!g.kinks().unwrap().iter().any(|choice| choice.matters() && choice.is_resolved()));
}

fn promises(rule: Rule) -> bool {
    matches!(rule, Rule::Directional)
}

#[test]
fn kinks_at_infinity_are_swept_like_others() {
    let tape = Tape::new();
    let x = tape.vars_from(&[f64::INFINITY, f64::INFINITY]);
    let y = x[0].max(x[1]);
    assert_eq!(y.backward_with(Rule::Along(&x, &[1.0, 2.0])).unwrap().wrt(&x), [0.0, 1.0]);
    assert_eq!(y.jvp(&x, &[1.0, 2.0]), Ok(2.0));
    assert_eq!(Var::min_of(&x).jvp(&x, &[1.0, 2.0]), Ok(1.0));
}

#[test]
fn a_direction_that_leaves_a_kink_undecided_is_followed_by_others() {
    let tape = Tape::new();
    let x = tape.vars_from(&[0.0, 0.0, 0.0]);
    let y = x[0].abs() + x[1].abs() + Var::max_of(&[x[0], x[1], x[2]]);
    let slope = |d: &[f64]| y.backward_with(Rule::Along(&x, d)).unwrap().wrt(&x);
    let generic = y.backward_with(Rule::Directional).unwrap().wrt(&x);
    assert_eq!(slope(&[0.0; 3]), generic);
    // Along the first axis only the first kink and the tie are decided.
    assert_eq!(slope(&[1.0, 0.0, 0.0]), [2.0, generic[1].signum(), 0.0]);
    // Against it the other two still tie for the next direction.
    let (against, sign) = (slope(&[-1.0, 0.0, 0.0]), generic[1].signum());
    assert!(against == [-1.0, sign + 1.0, 0.0] || against == [-1.0, sign, 1.0], "{against:?}");
}

#[test]
fn what_no_direction_tells_apart_is_told_of_and_does_not_matter() {
    let tape = Tape::new();
    let x = tape.vars_from(&[0.0, 0.0]);
    let y = (x[0] * x[0]).abs()
        + (x[0] - x[0]).relu()
        + x[1].max(x[1])
        + (x[0] + x[1] * x[1]).max(x[0]);
    let g = y.backward_with(Rule::Directional).unwrap();
    assert_eq!(g.wrt(&x), [1.0, 1.0]);
    let resolved: Vec<bool> = g.kinks().unwrap().iter().map(|c| c.is_resolved()).collect();
    assert_eq!(resolved, [false, false, true, false]);
}

#[test]
fn an_operation_of_the_users_own_has_its_kink() {
    let tape = Tape::new().watching(0.5).unwrap();
    let x = tape.vars_from(&[2.0, 1.75, 5.0]);
    let line = line!() + 2;
    let ramp =
        |x: Var| Var::custom_pieces("ramp", x, 2.0, |x| (x * x, 2.0 * x), |x| (3.0 * x - 2.0, 3.0));
    let y: Var = x.iter().map(|&x| ramp(x) * 2.0).sum();
    assert_eq!(y.value(), 2.0 * (4.0 + 1.75 * 1.75 + 13.0));
    assert_eq!(y.backward().wrt(&x), [6.0, 7.0, 6.0]);
    assert_eq!(y.backward_with(Rule::Left).unwrap().wrt(&x), [8.0, 7.0, 6.0]);
    assert_eq!(y.jvp(&x, &[-1.0, 1.0, 1.0]), Ok(-8.0 + 7.0 + 6.0));
    let [met] = &tape.kinks()[..] else { panic!("one kink") };
    let [near] = &tape.near_kinks()[..] else { panic!("one near kink") };
    let corner = Corner::Sides(Sides { left: 4.0, right: 3.0 });
    assert_eq!((met.op(), met.corner(), met.location().line()), (Op::Custom("ramp"), corner, line));
    assert_eq!((near.distance(), near.slopes()), (-0.25, &[3.5][..]));
    // Plain numbers have its value.
    let plain: f64 =
        wengert::Scalar::custom_pieces("ramp", 2.0, 2.0, |x| (x * x, 2.0 * x), |x| (x + 2.0, 1.0));
    assert_eq!(plain, 4.0);
}

#[test]
fn rules_hold_in_single_precision() {
    let tape = Tape::<f32>::default();
    let x = tape.vars_from(&[0.0, 0.0]);
    let y = x[0].relu() - (-x[0]).relu() + x[0].hypot(x[1]);
    let g = y.backward_with(Rule::Along(&x, &[3.0, 4.0])).unwrap();
    assert_eq!(g.wrt(&x), [1.6, 0.8]);
    assert_eq!(y.jvp(&x, &[3.0, 4.0]), Ok(8.0));
}

/// `copysign` has the kink of the magnitude that it is made of: what other engines answer there is in their
/// releases PyTorch 2.15, JAX 0.12 and CasADi 3.8.
#[test]
fn the_magnitude_with_another_sign_has_the_kink_of_the_magnitude() {
    for (a, b) in [(0.0, 2.0), (-0.0, 2.0), (0.0, -2.0), (-0.0, -2.0)] {
        let tape = Tape::new();
        let [x, y] = tape.vars([a, b]);
        let z = x.copysign(y);
        assert_eq!(z.value().to_bits(), f64::copysign(a, b).to_bits());
        assert_eq!(tape.kinks().len(), 1);
        let side = f64::signum(b);
        for (rule, slope) in [
            (Rule::Default, 0.0),
            (Rule::PyTorch, 0.0),
            (Rule::CasADi, 0.0),
            (Rule::Jax, side),
            (Rule::Left, -side),
            (Rule::Right, side),
            (Rule::Along(&[x, y], &[-1.0, 0.0]), -side),
        ] {
            let found = z.backward_with(rule).unwrap().wrt([x, y]);
            assert_eq!(found, [slope, 0.0], "({a}, {b}) by {rule:?}");
        }
        let steep =
            (x.copysign(y) * y.signum() - x.abs()).backward_with(Rule::Directional).unwrap();
        assert_eq!(steep.wrt(x), 0.0);
    }
}
