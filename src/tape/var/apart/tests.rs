//! Every entry of the table at extreme arguments, with extreme parameters: what is not finite is noted and
//! set apart, so that a factor of 0 behind it gives the slope 0 and not NaN.

use crate::Real;
use crate::op::{self, Binary, Many, Unary, for_each_signature};
use crate::{Tape, Var};

const POINTS: [f64; 9] = [0.0, 1e-310, 1e-300, 1e-40, 0.5, 1.0, 1e38, 1e200, 1e300];
const REALS: [f64; 11] = [
    f64::NEG_INFINITY,
    f64::MIN,
    -1e200,
    -1.0,
    -0.0,
    1e-300,
    0.25,
    1e200,
    f64::MAX,
    f64::INFINITY,
    f64::NAN,
];
const WHOLE: [i32; 8] = [i32::MIN, -2, -1, 0, 1, 2, 3, i32::MAX];

/// Takes the next digit of a number that stands for a choice of each parameter.
fn digit(choice: &mut usize, of: usize) -> usize {
    let digit = *choice % of;
    *choice /= of;
    digit
}

macro_rules! parameter {
    (i32, $choice:ident) => {
        WHOLE[digit(&mut $choice, WHOLE.len())]
    };
    (real, $choice:ident) => {
        REALS[digit(&mut $choice, REALS.len())]
    };
    (count i32) => {
        WHOLE.len()
    };
    (count real) => {
        REALS.len()
    };
}

macro_rules! emit_rows {
    (
        unary { $($unary:ident = $Unary:ident ( $($param:ident : $kind:ident),* );)+ }
        binary { $($binary:ident = $Binary:ident;)+ }
        three { $($three:ident = $Three:ident ( $second:ident, $third:ident );)+ }
        list { $($list:ident = $List:ident;)+ }
    ) => {
        /// Tries each entry in a precision; gives the number of cases, and of those with a trouble.
        fn every_row<F: Real>() -> (usize, usize) {
            let mut counts = (0, 0);
            $(
                for choice in 0..1 $(* parameter!(count $kind))* {
                    #[allow(unused_mut, unused_variables)]
                    let mut rest = choice;
                    $(let $param = parameter!($kind, rest);)*
                    let entry = op::$Unary { $($param),* };
                    try_unary::<F, _>(stringify!($unary), entry, &mut counts);
                }
            )+
            $(try_binary::<F, _>(stringify!($binary), op::$Binary, &mut counts);)+
            $(try_many::<F, _>(stringify!($three), op::$Three, &mut counts);)+
            $(try_many::<F, _>(stringify!($list), op::$List, &mut counts);)+
            counts
        }
    };
}
for_each_signature!(emit_rows);

/// A tape as it is, and one that writes all kinks.
fn tapes<F: Real>() -> [Tape<F>; 2] {
    let watching = Tape::default();
    watching.watch(f64::INFINITY);
    [Tape::default(), watching]
}

fn points<F: Real>() -> impl Iterator<Item = F> {
    let signed = POINTS.into_iter().flat_map(|x| [x, -x]);
    signed.chain([f64::MAX, f64::MIN]).map(F::from_double).filter(|x| x.is_finite())
}

fn judge<F: Real>(
    what: &dyn Fn() -> String,
    tape: &Tape<F>,
    operands: &[Var<F>],
    y: Var<F>,
    steep: Option<bool>,
    counts: &mut (usize, usize),
) {
    let noted = !tape.troubles().is_empty();
    if let Some(steep) = steep {
        assert_eq!(noted, steep, "{}: a trouble noted", what());
    }
    for slope in (y * F::zero()).backward().wrt(operands) {
        assert!(slope == F::zero(), "{}: the slope of it times 0 is {slope}", what());
    }
    counts.0 += 1;
    counts.1 += usize::from(noted);
}

fn try_unary<F: Real, O: Unary>(name: &str, entry: O, counts: &mut (usize, usize)) {
    for tape in tapes::<F>() {
        for x in points::<F>() {
            tape.clear();
            let operand = tape.var(x);
            let y = operand.unary(entry);
            let at = x.to_double();
            let value = entry.value(at);
            let finite = |number: f64| F::from_double(number).is_finite();
            let sloped = entry.kink(at).is_some() || finite(entry.slope(at, value));
            let steep = !(finite(value) && sloped);
            let kinks = entry.kinks();
            let what = || format!("{name} with kinks {kinks:?} at {at:e}");
            judge(&what, &tape, &[operand], y, Some(steep), counts);
        }
    }
}

fn try_binary<F: Real, O: Binary>(name: &str, entry: O, counts: &mut (usize, usize)) {
    for tape in tapes::<F>() {
        for a in points::<F>() {
            for b in points::<F>() {
                tape.clear();
                let operands = [tape.var(a), tape.var(b)];
                let y = operands[0].binary(operands[1], entry);
                let (a, b) = (a.to_double(), b.to_double());
                let value = entry.value(a, b);
                let slopes = [entry.slope_a(a, b, value), entry.slope_b(a, b, value)];
                let finite = |number: f64| F::from_double(number).is_finite();
                let steep = !(finite(value) && slopes.into_iter().all(finite));
                let steep = entry.kink(a, b).is_none().then_some(steep);
                judge(&|| format!("{name} at {a:e}, {b:e}"), &tape, &operands, y, steep, counts);
            }
        }
    }
}

/// Of three arguments, of which the last is a constant too.
fn try_many<F: Real, O: Many>(name: &str, entry: O, counts: &mut (usize, usize)) {
    let points: Vec<F> = points().step_by(2).collect();
    for tape in tapes::<F>() {
        for (&a, &b) in points.iter().flat_map(|a| points.iter().map(move |b| (a, b))) {
            for (&c, constant) in points.iter().flat_map(|c| [(c, false), (c, true)]) {
                tape.clear();
                let last = if constant { Var::from(c) } else { tape.var(c) };
                let operands = [tape.var(a), tape.var(b), last];
                let y = Var::many(&operands, entry);
                let numbers = [a, b, c].map(F::to_double);
                let value = entry.value(&numbers);
                let slopes = entry.slopes(&numbers, value);
                let finite = |number: f64| F::from_double(number).is_finite();
                let varying = if constant { 2 } else { 3 };
                let steep = !(finite(value) && slopes[..varying].iter().copied().all(finite));
                let what = || format!("{name} at {numbers:?}");
                judge(&what, &tape, &operands[..varying], y, Some(steep), counts);
            }
        }
    }
}

#[test]
fn what_is_not_finite_is_noted_and_set_apart_in_every_row() {
    for (cases, troubles) in [every_row::<f64>(), every_row::<f32>()] {
        assert!(cases > 5_000 && troubles > 1_000, "{troubles} troubles in {cases} cases");
    }
}
