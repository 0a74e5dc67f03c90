//! The vector forms against the 60-digit results and the ordinary functions, and their bits on each
//! instruction set.
//!
//! A debug build checks the formulas; that the vector code has their bits shows in a release build.

#[path = "../../../../tests/oracle/truth.rs"]
mod truth;

mod speed;

use super::level::{Level, Work};
use super::slice;
use crate::op::{self, Binary, Op, Unary, for_each_signature};
use truth::{Entry, Point, bar, entries, error, row_named, slack};

/// What to do with an entry of the table, of either kind.
pub(super) trait Visitor {
    fn unary<R: Unary>(&mut self, entry: R);
    fn binary<R: Binary>(&mut self, entry: R);
}

macro_rules! emit_visit {
    (
        unary { $($unary:ident = $Unary:ident ( $($param:ident : $kind:ident),* );)+ }
        binary { $($binary:ident = $Binary:ident;)+ }
        three { $($three:ident = $Three:ident ( $second:ident, $third:ident );)+ }
        list { $($list:ident = $List:ident;)+ }
    ) => {
        pub(super) fn visit(visitor: &mut impl Visitor, op: Op, parameters: &[f64]) {
            match op {
                $(Op::$Unary => {
                    let mut _next = parameters.iter().copied();
                    $(let $param = _next.next().expect("a parameter") as _;)*
                    visitor.unary(op::$Unary { $($param),* });
                })+
                $(Op::$Binary => visitor.binary(op::$Binary),)+
                _ => panic!("{op:?} is no entry"),
            }
        }
    };
}
for_each_signature!(emit_visit);

/// One result of an entry over columns of arguments: 0 is the value, the others are the slopes. For
/// [`BOTH`] value and slope come in one loop, the value in `both`.
pub(super) struct Column<'a> {
    pub(super) level: Level,
    pub(super) which: usize,
    pub(super) args: [&'a [f64]; 2],
    pub(super) ys: &'a [f64],
    pub(super) out: &'a mut [f64],
    pub(super) both: &'a mut [f64],
}

pub(super) const BOTH: usize = 9;

/// An entry and what to do with it. The entry is known before the level is entered, so that the loop
/// inside is compiled for it.
struct OnLevel<'c, 'a, R> {
    entry: R,
    column: &'c mut Column<'a>,
}

/// Entries of one argument.
struct One<'c, 'a, R>(OnLevel<'c, 'a, R>);

impl<R: Unary> Work for One<'_, '_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let OnLevel { entry, column: Column { which, args: [xs, _], ys, out, both, .. } } = self.0;
        match *which {
            0 => slice::values(entry, xs, out),
            BOTH => slice::values_and_slopes(entry, xs, both, out),
            _ => slice::slopes(entry, xs, ys, out),
        }
    }
}

/// Entries of two arguments.
struct Two<'c, 'a, R>(OnLevel<'c, 'a, R>);

impl<R: Binary> Work for Two<'_, '_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let OnLevel { entry, column: Column { which, args: [a, b], ys, out, .. } } = self.0;
        match *which {
            0 => slice::binary_values(entry, a, b, out),
            1 => slice::slopes_a(entry, a, b, ys, out),
            _ => slice::slopes_b(entry, a, b, ys, out),
        }
    }
}

impl Visitor for Column<'_> {
    fn unary<R: Unary>(&mut self, entry: R) {
        self.level.run(One(OnLevel { entry, column: self }));
    }
    fn binary<R: Binary>(&mut self, entry: R) {
        self.level.run(Two(OnLevel { entry, column: self }));
    }
}

/// Value and slopes of an entry over columns of arguments.
fn columns(level: Level, op: Op, parameters: &[f64], args: [&[f64]; 2]) -> Vec<Vec<f64>> {
    let (count, _) = op.arity().expect("an entry");
    let mut results = vec![vec![f64::NAN; args[0].len()]; count + 1];
    let (ys, slopes) = results.split_first_mut().expect("a list for the values");
    visit(&mut Column { level, which: 0, args, ys: &[], out: ys, both: &mut [] }, op, parameters);
    for (which, out) in (1..).zip(slopes) {
        visit(&mut Column { level, which, args, ys, out, both: &mut [] }, op, parameters);
    }
    if count == 1 {
        let (mut both, mut out) = (vec![f64::NAN; ys.len()], vec![f64::NAN; ys.len()]);
        let mut column =
            Column { level, which: BOTH, args, ys: &[], out: &mut out, both: &mut both };
        visit(&mut column, op, parameters);
        let alike = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(&a, &b)| same(a, b));
        assert!(alike(&both, &results[0]) && alike(&out, &results[1]), "{op:?}: one loop for both");
    }
    results
}

/// The parameters that an entry is tested with.
pub(super) fn parameters(op: Op) -> &'static [f64] {
    let all: &[f64] = match op {
        Op::Powi => &[3.0],
        Op::Clamp => &[-0.5, 2.0],
        _ => &[0.75, 2.0],
    };
    &all[..op.arity().map_or(0, |(_, parameters)| parameters)]
}

/// The value of an entry by the ordinary function, and whether the arguments are at a kink.
pub(super) struct Ordinary {
    args: [f64; 2],
    pub(super) value: f64,
    kink: bool,
}

impl Visitor for Ordinary {
    fn unary<R: Unary>(&mut self, entry: R) {
        (self.value, self.kink) = (entry.value(self.args[0]), entry.kink(self.args[0]).is_some());
    }
    fn binary<R: Binary>(&mut self, entry: R) {
        let [a, b] = self.args;
        (self.value, self.kink) = (entry.value(a, b), entry.kink(a, b).is_some());
    }
}

pub(super) fn ordinary(op: Op, parameters: &[f64], args: [f64; 2]) -> Ordinary {
    let mut visitor = Ordinary { args, value: f64::NAN, kink: false };
    visit(&mut visitor, op, parameters);
    visitor
}

/// `count` numbers over the range of `f64`, most of them of a size that is met in practice.
fn numbers(seed: u64, count: usize) -> Vec<f64> {
    let mut state = seed | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    };
    let number = |i: usize| {
        let bits = next();
        let unit = (bits >> 11) as f64 * (-53f64).exp2();
        match i % 8 {
            0 => f64::from_bits(bits), // all there are, NaN and infinities among them
            1 => 1600.0 * (unit - 0.5),
            2 => 1e5 * (unit - 0.5),
            3 | 4 => 100.0 * (unit - 0.5),
            5 => 4.0 * (unit - 0.5),
            6 => unit,
            _ => (60.0 * (unit - 1.0)).exp2() * if bits & 1 == 0 { 1.0 } else { -1.0 },
        }
    };
    (0..count).map(number).collect()
}

const ENDS: [f64; 14] = [
    0.0,
    -0.0,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    1.0,
    -1.0,
    f64::MAX,
    f64::MIN,
    f64::MIN_POSITIVE,
    -f64::MIN_POSITIVE,
    5e-324,
    -5e-324,
    0.5,
];

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// The bar of a vector form: 2 ULP, or more where the entry allows it.
fn vector_bar(name: &str, which: usize) -> f64 {
    match (name, which) {
        // One more than the entry: near a pole the square doubles the error of the tangent.
        ("tan", 1) => 4.0,
        _ => bar(name, which).max(2.0),
    }
}

#[test]
fn vector_forms_are_within_two_places_of_the_truth() {
    let mut failures = Vec::new();
    for Entry { name, parameters, points } in entries() {
        let Some(op) = row_named(&name) else { continue };
        let column = |i: usize| -> Vec<f64> {
            points.iter().map(|p| p.args.get(i).copied().unwrap_or(0.0)).collect()
        };
        let (a, b) = (column(0), column(1));
        let results = columns(Level::best(), op, &parameters, [&a, &b]);
        let mut worst = vec![0.0f64; results.len()];
        for (i, Point { args, truth }) in points.iter().enumerate() {
            // The kink of a magnitude is asked for where that is formed.
            let kink =
                ordinary(op, &parameters, [a[i], b[i]]).kink || op == Op::Copysign && a[i] == 0.0;
            for (which, (result, &truth)) in results.iter().zip(truth).enumerate() {
                if which > 0 && kink {
                    continue; // whoever runs an entry asks for its kinks first
                }
                let got = result[i];
                let error = error(&name, which, args, truth, got);
                worst[which] = worst[which].max(error);
                if error > vector_bar(&name, which) {
                    let want = truth.nearest;
                    failures.push(format!(
                        "{name} {parameters:?} at {args:?}, {which}: {got:e}, want {want:e}, {error:.1} ULP off"
                    ));
                }
            }
        }
        println!("{name:12} {worst:.2?}");
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// How many numbers lie between two; none between two NaN, and too many between NaN and a number.
fn between(a: f64, b: f64) -> u64 {
    let place = |x: f64| {
        let magnitude = (x.to_bits() & (u64::MAX >> 1)) as i64;
        if x.is_sign_negative() { -magnitude } else { magnitude }
    };
    match (a.is_nan(), b.is_nan()) {
        (true, true) => 0,
        (false, false) => place(a).abs_diff(place(b)),
        _ => u64::MAX,
    }
}

#[test]
fn vector_forms_keep_beside_the_ordinary_functions() {
    for &op in Op::ENTRIES {
        let (a, b) = (numbers(7, 40_000), numbers(11, 40_000));
        let results = columns(Level::best(), op, parameters(op), [&a, &b]);
        for (&got, (&a, &b)) in results[0].iter().zip(a.iter().zip(&b)) {
            let want = ordinary(op, parameters(op), [a, b]).value;
            let slack = 2.0 * slack(op.name(), 0, &[a, b]);
            let excused = slack > 0.0 && (got - want).abs() <= slack;
            let apart = between(got, want);
            assert!(
                apart <= 3 || excused,
                "{op:?} at {a:?}, {b:?}: {got:e}, {want:e}, {apart} places"
            );
        }
    }
}

#[test]
fn ends_are_those_of_the_ordinary_functions() {
    for &op in Op::ENTRIES {
        for a in ENDS {
            for b in ENDS {
                let args = [&[a][..], &[b][..]];
                let results = columns(Level::best(), op, parameters(op), args);
                let (got, want) = (results[0][0], ordinary(op, parameters(op), [a, b]).value);
                let exact = got == 0.0 || got.is_infinite() || want == 0.0 || want.is_infinite();
                let right = if exact { same(got, want) } else { between(got, want) <= 3 };
                assert!(right, "{op:?} at {a:?}, {b:?}: {got:?}, want {want:?}");
            }
        }
    }
}

#[test]
fn an_element_has_the_same_bits_whatever_computes_it() {
    for &op in Op::ENTRIES {
        let (a, b) = (numbers(3, 120), numbers(5, 120));
        let job = |level, from: usize, to: usize| {
            columns(level, op, parameters(op), [&a[from..to], &b[from..to]])
        };
        let baseline = Level::all().next().expect("a level");
        let alone: Vec<Vec<Vec<f64>>> = (0..a.len()).map(|i| job(baseline, i, i + 1)).collect();
        for level in Level::all() {
            let ranges = (0..9).flat_map(|from| {
                [0, 1, 2, 3, 7, 8, 9, 31, 32, 33, 64, 101].map(|n| (from, from + n))
            });
            for (from, to) in ranges {
                let together = job(level, from, to);
                for (which, column) in together.iter().enumerate() {
                    for (i, &got) in column.iter().enumerate() {
                        let want = alone[from + i][which][0];
                        let x = (a[from + i], b[from + i]);
                        assert!(
                            same(got, want),
                            "{op:?} {level:?} {from}..{to}, {which} at {x:?}: {got:e}, {want:e}"
                        );
                    }
                }
            }
        }
    }
}

type Form = fn(f64) -> f64;

#[test]
fn tails_fall_and_rise_without_a_step_back() {
    // From the first result that is not 0 or 1 to the last finite one, place by place.
    let rising: [(Form, f64); 9] = [
        (super::exp, -745.2),
        (super::exp, -708.4),
        (super::exp, 709.78),
        (super::exp2, -1075.0),
        (super::exp2, -1022.0),
        (super::exp2, 1023.99),
        (super::sigmoid, -745.2),
        (super::softplus, -745.2),
        (super::sinh, 710.47),
    ];
    for (f, from) in rising {
        let mut x = from;
        for _ in 0..2000 {
            // Steps in which the result grows by more than its error.
            let next = x + 1e-3 * x.abs() / 700.0;
            assert!(f(next) >= f(x), "at {x}: {:e}, then {:e}", f(x), f(next));
            x = next;
        }
    }
    for i in 0..2000 {
        let x = 18.0 + f64::from(i) * 1e-3;
        assert!(super::tanh(x) <= 1.0 && super::tanh(-x) >= -1.0);
        assert!(super::sigmoid(2.0 * x) <= 1.0);
    }
}
