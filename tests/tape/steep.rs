//! Infinite slopes: where they begin is told, and where they do not matter they do no harm.

use wengert::op::Op;
use wengert::{Partials, Tape, Var, gradient_array};

#[test]
fn a_trouble_tells_operation_operands_value_slopes_line_and_a_way_out() {
    type Case = (fn(Var) -> Var, Op, f64, &'static [f64], f64);
    let first = line!() + 2;
    let cases: [Case; 4] = [
        (|x| x.sqrt(), Op::Sqrt, 0.0, &[0.0], 0.0),
        (|x| x.ln(), Op::Ln, 0.0, &[0.0], f64::NEG_INFINITY),
        (|x| 1.0 / x, Op::Div, 0.0, &[1.0, 0.0], f64::INFINITY),
        (|x| x.recip(), Op::Recip, 0.0, &[0.0], f64::INFINITY),
    ];
    for (i, (f, op, at, operands, value)) in cases.into_iter().enumerate() {
        let tape = Tape::new();
        let x = tape.var(at);
        let y = f(x) * 2.0;
        assert!(y.backward().wrt(x).is_infinite());
        let troubles = tape.troubles();
        let [trouble] = troubles.as_slice() else { panic!("{op:?}: {troubles:?}") };
        assert_eq!(trouble.op(), op);
        assert_eq!(trouble.operands(), operands);
        assert_eq!(trouble.value(), value);
        assert!(trouble.slopes().iter().any(|s| s.is_infinite()), "{trouble:?}");
        let line = first + i as u32;
        assert_eq!((trouble.location().file(), trouble.location().line()), (file!(), line));
        let text = trouble.to_string();
        let hint = op.hint().unwrap_or_else(|| panic!("{op:?} has no hint"));
        assert!(text.starts_with(op.name()) && text.ends_with(hint), "{text}");
        assert!(text.contains(&format!("{}:{line}", file!())), "{text}");
        tape.clear();
        assert!(tape.troubles().is_empty());
    }
}

#[test]
fn a_user_operation_with_an_infinite_partial_is_named() {
    let tape = Tape::new();
    let [x, z] = tape.vars([1.0, 2.0]);
    let y = Var::custom("cliff", [x, z], |[x, z]| (x + z, [f64::INFINITY, 1.0])) + z;
    let line = line!() - 1;
    let g = y.backward();
    assert_eq!(g.wrt([x, z]), [f64::INFINITY, 2.0]);
    let troubles = tape.troubles();
    assert_eq!(troubles.len(), 1);
    assert_eq!(troubles[0].op(), Op::Custom("cliff"));
    assert_eq!(troubles[0].operands(), [1.0, 2.0]);
    assert_eq!(troubles[0].slopes(), [f64::INFINITY, 1.0]);
    assert_eq!((troubles[0].location().file(), troubles[0].location().line()), (file!(), line));
    let many = |x: &[f64]| (x[0], Partials::from(vec![f64::NAN; x.len()]));
    Var::custom_slice("swamp", &[x, z, x, z, x, z, x, z, x, z], many);
    assert_eq!(tape.troubles()[1].op(), Op::Custom("swamp"));
}

#[test]
fn division_by_zero_is_told_in_every_form() {
    type Form = fn(Var) -> Var;
    let forms: [Form; 4] = [
        |x| x / 0.0,
        |x| {
            let mut y = x;
            y /= 0.0;
            y
        },
        |x| x / Var::from(0.0),
        |x| x / (x - 1.0),
    ];
    for (i, f) in forms.into_iter().enumerate() {
        let tape = Tape::new();
        let y = f(tape.var(1.0));
        assert_eq!(y.value(), f64::INFINITY);
        assert_eq!(tape.troubles().len(), 1, "form {i}");
        assert_eq!(tape.troubles()[0].op(), Op::Div);
    }
}

#[test]
fn what_was_not_finite_before_is_no_new_trouble() {
    let tape = Tape::new();
    let x = tape.var(0.0);
    let _ = (x.ln().exp2() + x.ln().sin()).sqrt();
    let lines: Vec<Op> = tape.troubles().iter().map(|t| t.op()).collect();
    assert_eq!(lines, [Op::Ln, Op::Ln]);
}

#[test]
fn troubles_are_counted_up_to_sixty_four() {
    let tape = Tape::new();
    let x = tape.var(0.0);
    for _ in 0..100 {
        x.sqrt();
    }
    assert_eq!(tape.troubles().len(), 64);
}

type Named = (&'static str, fn(Var) -> Var);

/// Functions of `x` at 0 in which an infinite slope is multiplied by 0, and so does not matter.
const HARMLESS: [Named; 15] = [
    ("0 √x", |x| x.sqrt() * 0.0),
    ("0 √x from the left", |x| 0.0 * x.sqrt()),
    ("√x times a variable that is 0", |x| x.sqrt() * (x - 0.0).powi(2)),
    ("0 √x / 3", |x| x.sqrt() * 0.0 / 3.0),
    ("relu(-1 - √x)", |x| (-1.0 - x.sqrt()).relu()),
    ("relu(-1 - ∛x)", |x| (-1.0 - x.cbrt()).relu()),
    ("max(√x - 1, 2)", |x| (x.sqrt() - 1.0).max(2.0)),
    ("clamp(√x + 7)", |x| (x.sqrt() + 7.0).clamp(0.0, 1.0)),
    ("floor √x", |x| (x.sqrt() + 0.5).floor()),
    ("signum(1 + √x)", |x| (x.sqrt() + 1.0).signum()),
    ("powi 0", |x| (x.sqrt() + 1.0).powi(0)),
    ("largest of many", |x| Var::max_of(&[x.sqrt(), x.cbrt(), Var::from(4.0)])),
    ("dot with zeros", |x| Var::dot(&[x.sqrt(), x.sqrt(), x, x, x], &[0.0; 5])),
    ("custom with partial 0", |x| Var::custom("zero", [x.sqrt()], |[_]| (1.0, [0.0]))),
    ("cosh at its bottom", |x| x.sqrt().cosh()),
];

#[test]
fn a_slope_of_zero_never_meets_an_infinite_one() {
    for (name, f) in HARMLESS {
        let (_, [slope]) = gradient_array(|[x]| f(x), [0.0]);
        assert_eq!(slope, 0.0, "{name}");
        let (_, [slope]) = gradient_array(|[x]| f(x * 3.0), [0.0]);
        assert_eq!(slope, 0.0, "{name} of a pending operand");
    }
}

#[test]
fn seeds_of_zero_and_branches_not_taken_let_no_infinity_in() {
    let tape = Tape::new();
    let x = tape.var(0.0);
    let root = x.sqrt();
    let g = tape.backward([(root, 0.0), (x * 2.0, 1.0)]);
    assert_eq!(g.wrt(x), 2.0);
    let y = Var::select(x.above(0.0), root, x * 5.0);
    assert_eq!(y.backward().wrt(x), 5.0);
    let kept = (root * 1.0).keep();
    assert_eq!((kept * 0.0 + x).backward().wrt(x), 1.0);
}

#[test]
fn a_choice_lets_no_nan_in_from_the_operand_that_it_does_not_take() {
    type Case = (&'static str, fn([Var; 3]) -> Var, [f64; 3]);
    let cases: [Case; 6] = [
        ("max", |[x, z, _]| (x.ln() * z).max(2.0), [0.0; 3]),
        ("max, swapped", |[x, z, y]| (y * 4.0).max(z * x.ln()), [0.0, 0.0, 4.0]),
        ("min", |[x, z, y]| (x.sqrt() * z).min(y), [0.0, 0.0, 1.0]),
        ("min within", |[x, z, y]| y - (x.sqrt() * z).min(y * z) * 0.5, [0.0, -0.5, 0.75]),
        ("three", |[x, z, y]| (x.sqrt() * z * y).max(y), [0.0, 0.0, 1.0]),
        ("fmax of a pair", |[x, z, y]| (x.ln() * z + y).max(y), [0.0, 0.0, 1.0]),
    ];
    for (name, f, slopes) in cases {
        assert_eq!(gradient_array(f, [-1.0, 0.5, 1.0]).1, slopes, "{name}");
    }
}

#[test]
fn an_infinity_that_matters_is_not_hidden() {
    assert_eq!(gradient_array(|[x]| x.sqrt() + x, [0.0]).1, [f64::INFINITY]);
    assert_eq!(gradient_array(|[x]| -x.sqrt(), [0.0]).1, [f64::NEG_INFINITY]);
    assert_eq!(gradient_array(|[x]| x.sqrt().sin(), [0.0]).1, [f64::INFINITY]);
    let (_, [a, b]) = gradient_array(|[a, b]| a.sqrt() + b.ln() * 2.0, [0.0, 2.0]);
    assert_eq!((a, b), (f64::INFINITY, 1.0));
    assert!(gradient_array(|[x]| x.ln(), [-1.0_f64]).1[0].is_nan());
    assert!(gradient_array(|[x]| x * f64::NAN, [1.0_f64]).1[0].is_nan());
}

#[test]
fn an_infinite_number_as_factor_does_no_harm_where_the_slope_behind_it_is_zero() {
    // The partial by x is infinite while it is pending.
    let cases: [Named; 5] = [
        ("∞ x", |x| (-(x * f64::INFINITY)).relu()),
        ("x / 0", |x| (-(x / 0.0)).relu()),
        ("overflow of a product of slopes", |x| ((x - 1.0) * 1e200 * 1e200 - 1.0).relu()),
        ("1 / a subnormal", |x| ((x - 1.0) / 1e-310 - 1.0).relu()),
        ("a sum", |x| (-[x, x * f64::INFINITY].iter().sum::<Var>()).relu()),
    ];
    for (name, f) in cases {
        let tape = Tape::new();
        let x = tape.var(1.0);
        assert_eq!(f(x).backward().wrt(x), 0.0, "{name}");
    }
}

#[test]
fn a_maximum_of_what_is_not_a_number_has_no_number_as_slope() {
    let tape = Tape::new();
    let x = tape.vars_from(&[1.0, 2.0]);
    let y = Var::max_of(&[x[0], x[1] * f64::NAN]);
    assert!(y.value().is_nan());
    assert!(y.backward().wrt(x[1]).is_nan());
}

#[test]
fn a_leak_too_great_is_told_and_set_apart() {
    let tape = Tape::new();
    let x = tape.var(-1e200);
    assert_eq!(x.leaky_relu(1e200).value(), f64::NEG_INFINITY);
    assert_eq!((tape.troubles().len(), tape.troubles()[0].op()), (1, Op::LeakyRelu));

    tape.clear();
    let x = tape.var(-1.0);
    let y = x.leaky_relu(f64::INFINITY) * 0.0;
    assert_eq!((y.backward().wrt(x), tape.troubles().len()), (0.0, 1));

    tape.clear();
    let x = tape.var(0.0);
    let y = x.leaky_relu(f64::INFINITY); // 0 · ∞
    assert!(y.value().is_nan() && tape.troubles().len() == 1);

    // Bounds that let everything through are no trouble.
    tape.clear();
    let x = tape.var(2.0);
    for (lo, hi) in [(f64::NEG_INFINITY, f64::INFINITY), (0.0, f64::INFINITY), (f64::NAN, 3.0)] {
        assert_eq!(x.clamp(lo, hi).backward().wrt(x), 1.0);
    }
    assert!(tape.troubles().is_empty());
}
