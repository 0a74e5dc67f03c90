//! Narrow peaks, steps and waves: no right gradient is called wrong, and no lost one passes.

use wengert::check::{self, Report, Verdict};
use wengert::{Scalar, Var};

/// A generator of numbers in `[0, 1)`, the same on each run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.next()
    }
}

/// A shape over `u = (x - centre) / width`.
#[derive(Clone, Copy, Debug)]
enum Shape {
    Gauss,
    Lorentz,
    Step,
    Wave,
    /// A peak on a slope, as spectra have.
    OnBase,
}

impl Shape {
    const ALL: [Shape; 5] = [Shape::Gauss, Shape::Lorentz, Shape::Step, Shape::Wave, Shape::OnBase];

    fn at<T: Scalar>(self, u: T) -> T {
        match self {
            Shape::Gauss => (-(u * u)).exp(),
            Shape::Lorentz => (u * u + 1.0).recip(),
            Shape::Step => u.sigmoid(),
            Shape::Wave => u.sin(),
            Shape::OnBase => (-(u * u)).exp() * 0.3 + 2.0,
        }
    }
}

/// The value without its slope, as a program that has lost a term would have it.
pub(crate) fn lost(y: Var, x: Var) -> Var {
    if y.is_constant() { y } else { Var::custom("lost", [x], |_| (y.value(), [0.0])) }
}

fn peak(shape: Shape, centre: f64, width: f64, x: Var) -> Var {
    shape.at((x - centre) / width)
}

#[test]
fn no_right_gradient_of_a_peak_is_wrong_and_no_lost_one_passes() {
    let mut random = Random(1964);
    let (mut right, mut caught, mut cases) = (0, 0, 0);
    for case in 0..1600 {
        let shape = Shape::ALL[case % Shape::ALL.len()];
        let scale = 10_f64.powf(random.between(-3.0, 9.0));
        let centre = random.between(1.0, 10.0) * scale;
        let width = centre * 10_f64.powf(random.between(-9.0, -1.0));
        // Where the slope is no small part of what it can be.
        let offset = random.between(0.2, 1.0) * if random.next() < 0.5 { -1.0 } else { 1.0 };
        let x = centre + offset * width;
        let verdict =
            |f: &dyn Fn(Var) -> Var| -> Report { check::differences(|x: &[Var]| f(x[0]), &[x]) };
        let report = verdict(&|x| peak(shape, centre, width, x));
        let told = format!("{shape:?} at {centre:e}, width {width:e}, offset {offset}\n{report}");
        assert!(report.verdict() != Verdict::Wrong, "{told}");
        right += usize::from(report.verdict() == Verdict::Agrees);
        let report = verdict(&|x| lost(peak(shape, centre, width, x), x));
        let told =
            format!("lost {shape:?} at {centre:e}, width {width:e}, offset {offset}\n{report}");
        assert!(report.verdict() > Verdict::Kink, "{told}");
        caught += usize::from(report.verdict() == Verdict::Wrong);
        cases += 1;
    }
    println!("{right} and {caught} of {cases} decided");
    assert!(right * 10 > cases * 9 && caught * 10 > cases * 9, "{right}, {caught} of {cases}");
}

#[test]
fn peaks_of_real_work_are_told_right() {
    let agrees = |f: &dyn Fn(&[Var]) -> Var, x: &[f64]| {
        let report = check::differences(|x: &[Var]| f(x), x);
        assert_eq!(report.verdict(), Verdict::Agrees, "{report}");
        report
    };
    let gauss = |x: &[Var]| (-((x[0] - 1549.96) / 0.05).powi(2)).exp();
    let report = agrees(&gauss, &[1550.0]);
    assert!((report.components()[0].tape - -16.873_357_569_377_55).abs() < 1e-6);
    let fit = |p: &[Var]| {
        let line = [(1549.9, 0.1), (1549.95, 0.4), (1550.0, 0.95), (1550.05, 0.5), (1550.1, 0.05)];
        let model = |x: f64| p[0] * (-((-p[1] + x) / p[2]).powi(2)).exp();
        line.iter().map(|&(x, y)| (model(x) - y).powi(2)).sum::<Var>()
    };
    agrees(&fit, &[0.9, 1550.01, 0.05]);
    agrees(&|x: &[Var]| (-((x[0] - 1.7e9) / 300.0).powi(2)).exp(), &[1.7e9 + 120.0]);
    agrees(&|x: &[Var]| (x[0] * 1e7).sin(), &[1.0]);
    agrees(&|x: &[Var]| ((x[0] - 1.0) * 1e9 + 0.3).sigmoid(), &[1.0]);
    agrees(&|x: &[Var]| (((x[0] - 20.0) / 1e-6).powi(2) + 1.0).recip(), &[20.000_000_4]);
    let gone = check::differences(|x: &[Var]| lost(gauss(x), x[0]), &[1550.0]);
    assert_eq!(gone.verdict(), Verdict::Wrong, "{gone}");
}

/// What the values cannot tell, because they are rounded to steps, is left open.
#[test]
fn values_rounded_to_steps_decide_nothing() {
    for x in [1.0, 100.0] {
        let coarse = |x: Var| (x + 1e16) - 1e16;
        let report = check::differences(|x: &[Var]| coarse(x[0]), &[x]);
        assert_eq!(report.verdict(), Verdict::Inconclusive, "{report}");
    }
    let report = check::differences(|x: &[Var]| lost((x[0] + 1e16) - 1e16, x[0]), &[100.0]);
    assert_eq!(report.verdict(), Verdict::Inconclusive, "{report}");
    // A function that is flat here and not far away, and the tape knows.
    let report = check::differences(|x: &[Var]| x[0].max(1.0), &[0.99]);
    assert_eq!(report.verdict(), Verdict::Agrees, "{report}");
}

#[test]
fn rounding_errors_that_happen_to_be_alike_are_no_slope() {
    // Where differences over powers of 2 seem to converge, beside the slope.
    type Shape = fn(Var) -> Var;
    let cases: [(Shape, f64, f64, f64); 4] = [
        (|u| (-(u * u)).exp(), -1.2341818565352483e1, 2.1879436306311843e-6, -1.2341816880455175e1),
        (|u| u.erf(), 4.8134773312479755e0, 8.843180467735193e-8, 4.81347737224143e0),
        (|u| -(u * u * u).atan(), 9.789911167903554e6, 6.352326949189455e-2, 9.789911198137105e6),
        (
            |u| (u * u + 1.0).powf(-1.5) * u,
            -2.0813964822956235e-2,
            2.0444160196556095e-9,
            -2.081396446493843e-2,
        ),
    ];
    for (shape, centre, width, at) in cases {
        let report = check::differences(|x: &[Var]| shape((x[0] - centre) / width), &[at]);
        assert!(report.verdict() != Verdict::Wrong, "{report}");
        let report =
            check::differences(|x: &[Var]| lost(shape((x[0] - centre) / width), x[0]), &[at]);
        assert_eq!(report.verdict(), Verdict::Wrong, "{report}");
    }
}
