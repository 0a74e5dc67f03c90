//! Losses within which a number is rounded more coarsely than the variable: no right gradient is called
//! wrong, and none that lost the rounded term passes.

use crate::peaks::{Random, lost};
use wengert::check::{self, Verdict};
use wengert::{Scalar, Var};

fn verdict(f: impl Fn(Var) -> Var, x: f64) -> (Verdict, String) {
    let report = check::differences(|x: &[Var]| f(x[0]), &[x]);
    (report.verdict(), report.to_string())
}

#[test]
fn no_right_gradient_of_a_loss_that_cancels_is_wrong_and_no_lost_one_passes() {
    // What is rounded, and what is made of it and `x`.
    type Case = (&'static str, fn(Var) -> Var, fn(Var, Var) -> Var, &'static [f64]);
    let cases: [Case; 9] = [
        ("sin(1e8 + x) x", |x| (x + 1e8).sin(), |y, x| y * x, &[1.0]),
        ("(x + 1e8 - 1e8) x", |x| x + 1e8 - 1e8, |y, x| y * x, &[1e-6, 1e-4, 1e-2, 0.3, 1.0]),
        ("exp(-(t + 1.7e9 - 1.7e9)) t", |t| (-(t + 1.7e9 - 1.7e9)).exp(), |y, t| y * t, &[1.0]),
        ("(1 - cos x) x", |x| 1.0 - x.cos(), |y, x| y * x, &[1e-3, 3e-3, 1e-2]),
        ("(cosh x - 1) / x", |x| x.cosh() - 1.0, |y, x| y / x, &[1e-3, 3e-3, 1e-2]),
        ("((x² + 1) - 1) x", |x| (x * x + 1.0) - 1.0, |y, x| y * x, &[1e-3, 1e-2, 0.1]),
        ("x / 1e6 + 1 - 1 times x", |x| (x / 1e6 + 1.0) - 1.0, |y, x| y * x, &[0.7, 1.0, 30.0]),
        ("x % 1e-6 + x", |x| x % 1e-6, |y, x| y + x, &[1.000_000_3, 0.200_000_3]),
        ("round(1e6 x) x", |x| (x * 1e6).round(), |y, x| y * x, &[0.3, 1.0]),
    ];
    for (name, rounded, made, points) in cases {
        for &x in points {
            let (right, told) = verdict(|x| made(rounded(x), x), x);
            assert_ne!(right, Verdict::Wrong, "{name} at {x}\n{told}");
            // The slope of what has steps of its own is 0: nothing is lost.
            if !name.starts_with("round") {
                let (gone, told) = verdict(|x| made(lost(rounded(x), x), x), x);
                assert!(gone > Verdict::Kink, "{name} at {x}\n{told}");
            }
        }
    }
}

/// A smooth function of a number near 1.
fn smooth<T: Scalar>(kind: usize, x: T) -> T {
    match kind {
        0 => x,
        1 => (x * 1.7).sin(),
        2 => (-x).exp(),
        3 => x * x,
        4 => (x + 0.5).ln(),
        5 => (x * x + 1.0).recip(),
        _ => (x - 0.3).tanh(),
    }
}

/// Two numbers made one.
fn joined<T: Scalar>(kind: usize, a: T, b: T) -> T {
    match kind {
        0 => a * b,
        1 => a / (b + 2.0),
        2 => a + b,
        3 => a - b,
        _ => (a * 0.5).sin() * (-b * b).exp(),
    }
}

#[test]
fn a_great_constant_added_and_taken_away_fools_no_verdict() {
    const KINDS: usize = 7;
    const SEED: u64 = 2011;
    let mut random = Random(1987);
    let mut kind = move |n: usize| (random.next() * n as f64) as usize;
    let mut random = Random(SEED);
    let (mut cases, mut right, mut caught) = (0, 0, 0);
    while cases < 2000 {
        let scale = 10_f64.powf(random.between(-6.0, 4.0));
        let x = random.between(0.4, 2.0) * scale;
        let great = 10_f64.powf(random.between(-1.0, 13.0));
        let kinds: [usize; 6] = std::array::from_fn(|_| kind(KINDS));
        let join = [kind(5), kind(5)];
        let rounded = |x: Var| smooth(kinds[1], (smooth(kinds[0], x / scale) + great) - great);
        let loss = |y: Var, x: Var| {
            let u = x / scale;
            joined(join[1], joined(join[0], y, smooth(kinds[2], u)), smooth(kinds[3], u))
        };
        // Only where what is lost is no small part of the slope.
        let slope = |f: &dyn Fn(Var) -> Var| wengert::gradient(|x: &[Var]| f(x[0]), &[x]).1[0];
        let (whole, rest) =
            (slope(&|x| loss(rounded(x), x)), slope(&|x| loss(lost(rounded(x), x), x)));
        if !((whole - rest).abs() > 0.05 * (whole.abs() + rest.abs()) && whole.abs() * scale > 1e-3)
        {
            continue;
        }
        let told = format!("{kinds:?} {join:?}, {great:e} at {x:e}: {whole} {rest}");
        let (found, report) = verdict(|x| loss(rounded(x), x), x);
        assert_ne!(
            found,
            Verdict::Wrong,
            "{told}
{report}"
        );
        right += usize::from(found == Verdict::Agrees);
        let (found, report) = verdict(|x| loss(lost(rounded(x), x), x), x);
        assert!(
            found > Verdict::Kink,
            "lost, {told}
{report}"
        );
        caught += usize::from(found == Verdict::Wrong);
        cases += 1;
    }
    println!("{right} and {caught} of {cases} decided");
    assert!(right > 600 && caught > 600, "{right}, {caught} of {cases}");
}
