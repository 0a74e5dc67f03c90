//! A tour: what can be written, and what comes back.
//!
//!     cargo run --release --example expressions
//!
//! Everything that is printed is asserted too, and each gradient is compared with differences.

use wengert::check::{self, Verdict};
use wengert::loss::{Huber, Loss, mean_absolute_error};
use wengert::{Rule, Scalar, Tape, Var, gradient, gradient_array, gradient_sum};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> Outcome {
    variables();
    several_outputs();
    control_flow();
    generic_functions();
    operations_of_your_own();
    kinks();
    select();
    troubles();
    chunks();
    losses()?;
    checking();
    Ok(())
}

/// Panics if differences say that the gradient of a function is wrong.
fn checked(f: impl Fn(&[Var]) -> Var, at: &[f64]) {
    let report = check::differences(f, at);
    assert!(report.verdict() < Verdict::Wrong, "{report}");
}

fn variables() {
    println!("-- variables: the area inside 200 m of fence, by the length of the field");
    let tape: Tape = Tape::new();
    let length = tape.var(57.0);
    let area = length * (100.0 - length);
    let slope = area.backward().wrt(length);
    println!("area {area}, slope {slope}");
    assert_eq!((area.value(), slope), (2451.0, -14.0));
    checked(|length| length[0] * (100.0 - length[0]), &[57.0]);

    // An intermediate result answers for its own slope if it is kept.
    let width = (100.0 - length).keep();
    let by_width = (length * width).backward().wrt(width);
    println!("slope by the width {by_width}");
    assert_eq!(by_width, 57.0);
}

fn several_outputs() {
    println!("-- several outputs: one recording, one sweep for each, or one for a weighted sum");
    let tape = Tape::new();
    let [r, phi] = tape.vars([2.0, 0.0]);
    let (x, y) = (r * phi.cos(), r * phi.sin());
    let jacobian = [x, y].map(|output| output.backward().wrt([r, phi]));
    let both = tape.backward([(x, 10.0), (y, 1.0)]).wrt([r, phi]);
    println!("Jacobian {jacobian:?}, slopes of 10 x + y {both:?}");
    assert_eq!(jacobian, [[1.0, 0.0], [0.0, 2.0]]);
    assert_eq!(both, [10.0, 2.0]);
    checked(|v| 10.0 * v[0] * v[1].cos() + v[0] * v[1].sin(), &[2.0, 0.0]);
}

fn control_flow() {
    println!("-- control flow: loops and comparisons are Rust's own, by value");
    // Heron's root of 2: each step halves the error's digits.
    let heron = |x: Var| {
        let mut y = Var::ONE;
        while (y * y - x).abs() > 1e-12 {
            y = (y + x / y) / 2.0;
        }
        y
    };
    let (root, [slope]) = gradient_array(|[x]| heron(x), [2.0]);
    println!("root {root}, slope {slope}");
    assert!((root - 2f64.sqrt()).abs() < 1e-12 && (slope - 0.5 / 2f64.sqrt()).abs() < 1e-9);
    checked(|x| heron(x[0]), &[2.0]);
}

/// A generic function runs as plain numbers and on the tape.
fn rosenbrock<T: Scalar>(x: &[T]) -> T {
    x.windows(2).map(|w| 100.0 * (w[1] - w[0].square()).square() + (1.0 - w[0]).square()).sum()
}

fn generic_functions() {
    println!("-- generic functions: written once, for numbers and variables");
    let plain = rosenbrock(&[1.0, 2.0]);
    let (value, slopes) = gradient(rosenbrock, &[1.0, 2.0]);
    println!("as f64 {plain}; on the tape {value}, slopes {slopes:?}");
    assert_eq!((plain, value, slopes), (100.0, 100.0, vec![-400.0, 200.0]));
    checked(rosenbrock, &[1.0, 2.0]);
}

/// An operation that gives its own partials.
fn softsign<T: Scalar>(x: T) -> T {
    T::custom("softsign", [x], |[x]| {
        let d = 1.0 + x.abs();
        (x / d, [1.0 / (d * d)])
    })
}

fn operations_of_your_own() {
    println!("-- an operation of your own, with value and partials");
    let (value, slope) = gradient_array(|[x]| 2.0 * softsign(x), [1.0]);
    println!("2 softsign(1) = {value}, slope {slope:?}");
    assert_eq!((value, slope), (1.0, [0.5]));
    checked(|x| 2.0 * softsign(x[0]), &[1.0]);
}

fn kinks() {
    println!("-- kinks: a convention chooses the slope, and you are told");
    let tape = Tape::new();
    let x = tape.var(2.0);
    let y = (x - 2.0).abs() + x.max(1.0);
    let slope = y.backward().wrt(x);
    println!("slope {slope}; met: {}", tape.kinks()[0]);
    assert_eq!((slope, tape.kinks().len()), (1.0, 1));
    checked(|x| (x[0] - 2.0).abs() + x[0].max(1.0), &[2.0]);

    println!("-- the directional rule: a true generalized gradient, from the same recording");
    let identity = (x - 2.0).relu() - (2.0 - x).relu(); // x - 2, in two pieces
    let by_convention = identity.backward().wrt(x);
    let gradient = identity.backward_with(Rule::Directional).expect("no direction to be wrong");
    println!("slope of relu(x - 2) - relu(2 - x) at 2: {by_convention}, {}", gradient.wrt(x));
    let choices = gradient.kinks().expect("the recording is not over");
    choices.iter().filter(|choice| choice.matters()).for_each(|choice| println!("  {choice}"));
    assert_eq!((by_convention, gradient.wrt(x)), (0.0, 1.0));
    // The convention's answer is no slope of this function, and differences say so.
    let report = check::differences(|x: &[Var]| (x[0] - 2.0).relu() - (2.0 - x[0]).relu(), &[2.0]);
    assert_eq!(report.verdict(), Verdict::Wrong);
}

fn select() {
    println!("-- select: nothing flows back into the branch that is not taken");
    let root = |[x]: [Var; 1]| Var::select(x.above(0.0), x.sqrt(), Var::ZERO);
    let (value, slope) = gradient_array(root, [0.0]);
    println!("guarded root of 0: {value}, slope {slope:?}");
    assert_eq!((value, slope), (0.0, [0.0]));
    checked(|x| root([x[0]]), &[0.0]);
}

fn troubles() {
    println!("-- troubles: where an infinity or NaN began, and what to write instead");
    let tape: Tape = Tape::new();
    let [a, b] = tape.vars([0.0, 0.0]);
    let distance = (a * a + b * b).sqrt();
    assert!(distance.backward().wrt(a).is_nan());
    println!("{}", tape.troubles()[0]);
    assert_eq!(a.hypot(b).backward().wrt([a, b]), [0.0, 0.0]);
    checked(|v| v[0].hypot(v[1]), &[0.0, 0.0]);
}

fn chunks() {
    println!("-- data by chunks: the memory of one chunk, however many there are");
    let data: Vec<f64> = (0..1_000_000).map(f64::from).collect();
    let loss = |w: &[Var], xs: &[f64]| xs.iter().map(|&x| (w[0] * x - 1.0).square()).sum();
    let (value, slopes) = gradient_sum(loss, &[0.0], data.chunks(1000));
    println!("loss {value}, slopes {slopes:?}");
    assert_eq!((value, slopes), (1e6, vec![-2.0 * data.iter().sum::<f64>()]));
    checked(|w| loss(w, &data[..100]), &[0.0]);
}

fn losses() -> Outcome {
    println!("-- losses: over pairs of prediction and target");
    let points = [(1.0, 2.0), (2.0, 4.5), (3.0, 5.0)];
    let tape = Tape::new();
    let [a, b] = tape.vars([1.0, 0.0]);
    let fits = points.iter().map(|&(x, y)| (a * x + b, y));
    let absolute = mean_absolute_error(fits.clone())?;
    let huber = Huber::new(1.0)?.mean(fits)?;
    println!("mean absolute error {absolute}, slopes {:?}", absolute.backward().wrt([a, b]));
    println!("Huber {huber}, slopes {:?}", huber.backward().wrt([a, b]));
    assert_eq!(absolute.backward().wrt([a, b]), [-2.0, -1.0]);
    assert_eq!(huber.value(), 4.0 / 3.0);
    let fits = |v: &[Var]| points.map(|(x, y)| (v[0] * x + v[1], y));
    let (expect, one) = ("finite points", Huber::new(1.0)?);
    checked(|v| mean_absolute_error(fits(v)).expect(expect), &[1.0, 0.0]);
    checked(|v| one.mean(fits(v)).expect(expect), &[1.0, 0.0]);
    let Err(error) = mean_absolute_error([(1.0, f64::NAN)]) else { panic!("NaN was accepted") };
    println!("bad data: {error}");
    assert_eq!(error.to_string(), "target at index 0 is NaN, expected a finite number");
    Ok(())
}

fn checking() {
    println!("-- checking a gradient against differences");
    let report = check::differences(|x: &[Var]| rosenbrock(x) + softsign(x[0]), &[1.5, 2.0]);
    println!("{report}");
    assert_eq!(report.verdict(), Verdict::Agrees);
    let at_a_kink = check::differences(|x: &[Var]| (x[0] - 2.0).abs(), &[2.0]);
    println!("{at_a_kink}");
    assert_eq!(at_a_kink.verdict(), Verdict::Kink);
}
