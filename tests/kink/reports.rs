//! What a gradient tells of the kinks it came through.

use wengert::op::Op;
use wengert::{Gradient, KinkError, Rule, Tape, Var};

fn ops(g: &Gradient) -> Vec<(Op, bool)> {
    g.kinks()
        .expect("a live recording")
        .iter()
        .map(|choice| (choice.kink().op(), choice.matters()))
        .collect()
}

#[test]
fn each_kink_is_told_with_line_operands_slopes_and_adjoint() {
    let tape = Tape::new();
    let [a, b] = tape.vars([2.0, 2.0]);
    let line = line!() + 1;
    let y = a.max(b) * 3.0 - (a * b - 4.0).abs() * 5.0;
    for (rule, tie, abs) in [
        (Rule::Default, [0.5, 0.5], 0.0),
        (Rule::Left, [0.0, 1.0], -1.0),
        (Rule::First, [1.0, 0.0], 1.0),
        (Rule::Along(&[a, b], &[1.0, -3.0]), [1.0, 0.0], -1.0),
    ] {
        let g = y.backward_with(rule).unwrap();
        let choices = g.kinks().unwrap();
        let [max, absolute] = &choices[..] else { panic!("{choices:?}") };
        assert_eq!((max.kink().op(), max.kink().location().line()), (Op::Max, line));
        assert_eq!(
            (max.kink().operands(), max.slopes(), max.adjoint()),
            (&[2.0; 2][..], &tie[..], 3.0)
        );
        assert_eq!((absolute.slopes(), absolute.adjoint()), (&[abs][..], -5.0));
        assert!(max.matters() && absolute.matters() && max.is_resolved());
        assert!(
            max.to_string().contains("max at [2.0, 2.0]") && max.to_string().ends_with("adjoint 3")
        );
        let by_a = 3.0 * tie[0] - 5.0 * abs * 2.0;
        assert_eq!(g.wrt(a), by_a, "{rule:?}");
    }
}

#[test]
fn a_gradient_is_classical_where_no_choice_matters() {
    let smooth: [fn(Var, Var) -> Var; 7] = [
        |x, _| x.abs() * x.abs(),
        |x, y| x.abs() * x + y,
        |x, y| x.relu() * 0.0 + y.abs(),
        |_, y| y.max(y) + y.max(y * 2.0),
        |x, y| (x.abs() - y).clamp(-0.5, 0.5),
        |x, y| x.abs().max(y),
        |x, y| Var::select(x.above(y), x.abs(), y),
    ];
    for (i, f) in smooth.into_iter().enumerate() {
        let tape = Tape::new();
        let [x, y] = tape.vars([0.0, 1.0]);
        let g = f(x, y).backward();
        assert_eq!(g.is_classical(), Ok(true), "{i}: {:?}", g.kinks());
        assert!(ops(&g).iter().all(|(_, matters)| !matters));
    }
    let cornered: [fn(Var, Var) -> Var; 5] = [
        |x, _| x.abs(),
        |x, y| x.relu() * y,
        |x, y| x.relu().max(y - 1.0),
        |x, y| Var::max_of(&[x, y - 1.0, y - 1.0]),
        |x, y| (x.hypot(y - 1.0) + 1.0).ln(),
    ];
    for (i, f) in cornered.into_iter().enumerate() {
        let tape = Tape::new();
        let [x, y] = tape.vars([0.0, 1.0]);
        assert_eq!(f(x, y).backward().is_classical(), Ok(false), "{i}");
    }
}

#[test]
fn the_kinks_are_those_below_the_output_in_order() {
    let tape = Tape::new();
    let x = tape.var(0.0);
    let y = x.abs() + x.relu();
    let g = y.backward();
    let later = x.clamp(0.0, 1.0);
    assert_eq!(ops(&g), [(Op::Abs, true), (Op::Relu, true)]);
    assert_eq!(ops(&later.backward()), [(Op::Abs, false), (Op::Relu, false), (Op::Clamp, true)]);
}

#[test]
fn near_kinks_are_told_too_and_never_matter() {
    let tape = Tape::new().watching(0.1).unwrap();
    let [x, y] = tape.vars([0.0625, 0.0]);
    let z = x.abs() * 2.0 + y.abs() + (x + 7.0).relu();
    for rule in [Rule::Default, Rule::Left, Rule::Directional] {
        let g = z.backward_with(rule).unwrap();
        assert_eq!(ops(&g), [(Op::Abs, false), (Op::Abs, true)]);
        let choices = g.kinks().unwrap();
        assert_eq!((choices[0].slopes(), choices[0].adjoint()), (&[1.0][..], 2.0));
        assert_eq!(choices[0].kink().distance(), 0.0625);
        assert_eq!(g.wrt(x), 3.0);
    }
    assert_eq!(z.backward_with(Rule::Right).unwrap().wrt(y), 1.0);
}

#[test]
fn a_gradient_outlives_its_recording_but_its_report_does_not() {
    let tape = Tape::new();
    let g = tape.var(0.0).abs().backward();
    let copy = g.clone();
    assert_eq!(copy.is_classical(), Ok(false));
    let elsewhere = std::thread::spawn(move || (copy.is_classical(), copy.kinks()));
    assert_eq!(elsewhere.join().unwrap(), (Err(KinkError::Over), Err(KinkError::Over)));
    tape.clear();
    assert_eq!(g.is_classical(), Err(KinkError::Over));
    assert!(g.kinks().unwrap_err().to_string().contains("over"));
}

#[test]
fn a_copy_of_a_gradient_keeps_what_its_rule_chose() {
    let tape = Tape::new();
    let g = tape.var(0.0).abs().backward_with(Rule::Right).unwrap();
    assert_eq!(g.clone().kinks().unwrap()[0].slopes(), [1.0]);
    assert_eq!(g, g.clone());
}
