//! Terms of two recordings, and of one that is over.

use crate::op::scalar::Scalar;
use crate::program::ir::operation::Operation;
use crate::program::record::term::Term;
use crate::program::record::{input, place, record};
use std::panic::{AssertUnwindSafe, catch_unwind};

fn term(number: u64, place: u32, value: f64) -> Term {
    input(number, Operation::Parameter(place), value)
}

/// What a panic says, if there is one.
fn panic_of(f: impl FnOnce()) -> Option<String> {
    let payload = catch_unwind(AssertUnwindSafe(f)).err()?;
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or(payload.downcast_ref::<String>().cloned())
}

type Named = (&'static str, Box<dyn FnOnce()>);

/// Every operation of two terms or more.
fn operations(x: Term, y: Term) -> Vec<Named> {
    macro_rules! each {
        ($($operation:expr),+ $(,)?) => {
            vec![$((stringify!($operation), Box::new(move || { let _ = { $operation }; }) as Box<_>)),+]
        };
    }
    macro_rules! rows {
        (
            unary $unary:tt
            binary { $($binary:ident = $Binary:ident;)+ }
            three { $($three:ident = $Three:ident $named:tt;)+ }
            list { $($list:ident = $List:ident;)+ }
        ) => {
            each![
                $(x.$binary(y),)+
                $(x.$three(1.0, y), x.$three(y, 1.0), Term::from(1.0).$three(x, y),)+
                $(Term::$list(&[x, y]),)+
            ]
        };
    }
    let mut all = crate::op::for_each_signature!(rows);
    all.extend(each![
        x + y,
        x - y,
        x * y,
        x / y,
        x % y,
        x < y,
        x >= y,
        x == y,
        x.mul_add(y, 1.0),
        x.mul_add(2.0, y),
        x.above(y),
        x.below(y),
        Term::select(x.above(y), x, x),
        Term::select(x.above(1.0), x, y),
        Term::select(x.above(1.0), y, x),
        Term::select(x.above(1.0), y, y),
        Term::sum_of(&[x, y]),
        Term::mean(&[1.0.into(), x, y]),
        Term::norm(&[x, y]),
        Term::max_of(&[x, x, y]),
        Term::min_of(&[x, y]),
        Term::log_sum_exp(&[x, y]),
        Term::softmax(&[x, y]),
        Term::dot(&[x], &[y]),
        Term::dot(&[x, y], &[1.0, 2.0]),
        Term::gather(&[x, y], 0.0.into()),
        Term::gather(&[x], y - y.peek()),
        Term::custom("f", [x, y], |[a, b]| (a + b, [1.0; 2])),
        Term::custom_slice("f", &[x, y], |x| (x[0], [1.0, 0.0].into_iter().collect())),
        [x, y].iter().sum::<Term>(),
        [x, y].iter().product::<Term>(),
    ]);
    all
}

#[test]
fn terms_of_two_recordings_panic_in_every_operation() {
    let mut checked = 0;
    let _ = record(|outer| {
        let far = term(outer, 0, 2.0);
        let _ = record(|inner| {
            let near = term(inner, 0, 2.0);
            for (x, y) in [(near, far), (far, near)] {
                for (name, operation) in operations(x, y) {
                    let message = panic_of(operation).unwrap_or_default();
                    assert_eq!(message, "terms of two recordings meet", "{name}");
                    checked += 1;
                }
            }
        });
        // Within one recording all of them may be done.
        for (name, operation) in operations(far, term(outer, 1, 2.0)) {
            assert_eq!(panic_of(operation), None, "{name}");
        }
    });
    assert!(checked > 60);
}

#[test]
fn a_term_of_a_recording_that_is_over_panics() {
    let stale = record(|number| term(number, 0, 2.0)).expect("a recording").0;
    assert_eq!(
        panic_of(|| _ = stale.sin()).expect("a panic"),
        "a term was used after its recording"
    );
    let _ = record(|number| {
        for (name, operation) in operations(term(number, 0, 2.0), stale) {
            assert!(panic_of(operation).is_some(), "{name}");
        }
        let message = panic_of(|| _ = place(number, stale)).expect("a panic");
        assert_eq!(message, "a term of another recording is the result");
    });
}
