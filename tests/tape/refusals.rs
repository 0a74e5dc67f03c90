//! What gradients, lengths, rules and iterators refuse, and what they leave as good as new.

use crate::misuse::stale_leaf;
use crate::panics::{misuse, panic_of};
use std::panic::{AssertUnwindSafe, catch_unwind};
use wengert::{Scalar, Tape, Var};

#[test]
fn a_gradient_refuses_what_it_has_no_derivative_for() {
    let tape = Tape::new();
    let [a, b] = tape.vars([1.0, 2.0]);
    let g = (a * b).backward();
    misuse!("constant", g.wrt(Var::from(1.0)));
    misuse!("keep()", g.wrt(a * b));
    misuse!("keep()", g.wrt(a * 2.0));
    misuse!("keep()", g.wrt([a, a * b]));
    misuse!("keep()", g.wrt(&vec![a, a.sin()]));
    misuse!("2 variables, but room for 3", g.write_wrt(&[a, b], &mut [0.0; 3]));
    misuse!("2 variables, but room for 1", g.add_wrt(&[a, b], &mut [0.0; 1]));
    let other = Tape::new();
    let foreign = other.var(1.0);
    misuse!("another recording", g.wrt(foreign));
    misuse!("another recording", g.wrt([a, foreign]));
    misuse!("another recording", g.wrt(&vec![foreign]));
    misuse!("another recording", g.add_wrt(&[foreign], &mut [0.0]));
    misuse!("two recordings", tape.backward([(a, 1.0), (foreign, 1.0)]));
    tape.clear();
    let renewed = tape.var(1.0);
    misuse!("another recording", g.wrt(renewed));
    assert_eq!(g.wrt([a, b]), [2.0, 1.0], "it still answers for its own");
}

#[test]
fn a_shifted_variable_is_not_the_variable() {
    let tape = Tape::new();
    let x = tape.var(1.0);
    let shifted = x + 3.0;
    let g = (shifted * x).backward();
    // By `x` in all it is 5, by `shifted` alone 1: 5 would be a wrong number for `shifted`.
    misuse!("keep()", g.wrt(shifted));
}

#[test]
fn a_gradient_from_another_thread_refuses_this_threads_variables() {
    let g = std::thread::spawn(|| {
        let tape = Tape::new();
        let [a, b] = tape.vars([2.0, 3.0]);
        (a * b).backward()
    });
    let g = g.join().unwrap();
    // The first tape of a fresh thread, as that one was.
    let refused = std::thread::spawn(move || {
        let tape = Tape::new();
        let x = tape.var(10.0);
        catch_unwind(AssertUnwindSafe(|| g.wrt(x))).map_err(|_| ())
    });
    assert_eq!(refused.join().unwrap(), Err(()), "a number of another thread's recording");
}

#[test]
fn lengths_and_places_that_do_not_fit_panic_with_both_numbers() {
    let tape = Tape::new();
    let x = tape.vars_from(&[1.0, 2.0]);
    let rule = |_: &[f64]| (1.0, [1.0].as_slice().into());
    misuse!(
        "forgetful has 2 arguments, but its rule gave 1",
        Var::custom_slice("forgetful", &x, rule)
    );
    misuse!("dot product of 2 and 1", Var::dot(&x, &[1.0]));
    let g = (x[0] * x[1]).backward();
    misuse!("2 variables, but room for 3", g.write_wrt(&x, &mut [0.0; 3]));
    misuse!("2 variables, but room for 1", g.add_wrt(&x, &mut [0.0]));
    misuse!("the index 2 is outside a table of 2", Var::gather(&x, Var::from(2.0)));
    misuse!("the index 0.5 is outside a table of 2", f64::gather(&[1.0, 2.0], 0.5));
    let column = [1.0, 2.0];
    let data = wengert::program::Columns::new(&[&column]).unwrap();
    misuse!("rows 1..4 of data that have 2", data.range(1..4));
    misuse!("dot product of 2 and 1", <f64 as Scalar>::dot(&[1.0, 2.0], &[1.0]));
    misuse!("forgetful has 2 arguments", f64::custom_slice("forgetful", &[1.0, 2.0], rule));
}

#[test]
fn a_tape_is_as_good_as_new_after_a_panic() {
    let tape = Tape::new();
    let x = stale_leaf(&tape);
    let y = tape.var(3.0);
    panic_of("x + y", || _ = x + y);
    panic_of("rule", || {
        Var::custom("angry", [y], |[_]| -> (f64, [f64; 1]) { panic!("user's own") });
    });
    assert_eq!((y * y).backward().wrt(y), 6.0);
}

#[test]
fn a_rule_may_use_a_tape_of_its_own_or_the_same() {
    let tape = Tape::new();
    let x = tape.var(2.0);
    let inner = |[v]: [f64; 1]| {
        let tape = Tape::new();
        let t = tape.var(v);
        let y = t * t;
        (y.value(), [y.backward().wrt(t)])
    };
    let y = Var::custom("nested", [x], inner) * x;
    assert_eq!((y.value(), y.backward().wrt(x)), (8.0, 12.0));
    let y = Var::custom("same", [x], |[v]| {
        let t = tape.var(v).keep();
        ((t * t).value(), [(t * t).backward().wrt(t)])
    });
    assert_eq!((y.value(), y.backward().wrt(x)), (4.0, 4.0));
}

#[test]
fn iterators_may_record_while_they_are_summed() {
    let tape = Tape::new();
    let x = tape.vars_from(&[1.0, 2.0, 3.0, 4.0]);
    let rows: Var = x.iter().map(|&a| x.iter().map(|&b| a * b).sum::<Var>()).sum();
    // (Σx)²
    assert_eq!((rows.value(), rows.backward().wrt(&x)), (100.0, vec![20.0; 4]));
    let collected: [Var; 2] =
        [x.iter().map(|&a| (a * x[0]).keep()).sum(), x.iter().map(|&a| a * x[0]).product()];
    assert_eq!(collected[0].backward().wrt(&x), [11.0, 1.0, 1.0, 1.0]);
    // x₀⁴ · Π x
    assert_eq!(collected[1].backward().wrt(&x), [120.0, 12.0, 8.0, 6.0]);
}
