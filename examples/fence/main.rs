//! The fence and the fit: two first problems, solved by following slopes.
//!
//! ```text
//! cargo run --release --example fence [picture.svg]
//! ```
//!
//! Neither derivative is written anywhere below: the formulas are, and the library differentiates
//! them. The picture goes to `fence.svg` in Cargo's target folder unless another path that ends in `.svg` is given.

mod picture;

use std::error::Error;
use std::time::Instant;
use wengert::check::{self, Verdict};
use wengert::loss::mean_absolute_error;
use wengert::optim::{Adam, KinkDescent, Schedule, Search, Sgd, SgdBuilder, StepSize};
use wengert::{Params, Recorded, Scalar, Tape, Var};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The area of a pasture in m², fenced by 200 m, whose one side has this length in m.
fn area<T: Scalar>(length: T) -> T {
    length * (100.0 - length)
}

/// The curve to be fitted.
fn curve<T: Scalar>([a, b]: [T; 2], x: f64) -> T {
    a * x * x + b * x
}

/// The predictions of a curve, beside what was observed.
fn fitted<T: Scalar>(ab: [T; 2], points: &[(f64, f64)]) -> impl Iterator<Item = (T, f64)> {
    points.iter().map(move |&(x, y)| (curve(ab, x), y))
}

/// Panics if differences say that the gradient of a loss is wrong.
fn checked(loss: impl Fn(&[Var]) -> Var, at: &[f64]) {
    let report = check::differences(loss, at);
    assert!(report.verdict() < Verdict::Wrong, "{report}");
}

fn main() -> Outcome<()> {
    let path = std::env::args().nth(1).map_or_else(picture::default_path, Into::into);
    if path.extension().is_none_or(|extension| extension != "svg") {
        return Err(
            format!("the picture is an SVG, and {} does not end in .svg", path.display()).into()
        );
    }
    let ascent = fence()?;

    let points: Vec<(f64, f64)> = (0..100).map(f64::from).map(|x| (x, 100.0 * x - x * x)).collect();
    starting_slopes(&points)?;
    let fits = fits(&points)?;
    without_scales(&points)?;

    picture::draw(&path, &ascent, &points, &fits)?;
    println!("\nThe picture is in {}\n", path.display());

    let [a, b] = fits[0].path[fits[0].path.len() - 1];
    assert!((a + 1.0).abs() < 1e-6 && (b - 100.0).abs() < 1e-6, "the fit has not converged");
    println!("a = {a:.7}\nb = {b:.6}");
    Ok(())
}

/// Goes up the slope of the area from a length of 57 m; the lengths passed.
fn fence() -> Outcome<Vec<f64>> {
    println!(
        "The fence: 200 m for a rectangular pasture. Which length l gives the greatest area?\n"
    );
    println!("step   length l   area l (100 - l)      slope");
    let sgd = Sgd::builder(0.2).maximize(true).build()?;
    let (mut length, mut ascent) = ([57.0], Vec::new());
    Search::new(sgd, 100)
        .flat(1e-3)
        .each(|at| {
            println!("{:4} {:10.3} {:18.4} {:10.4}", at.step, at.x[0], at.value, at.gradient[0]);
            ascent.push(at.x[0]);
        })
        .fit(&mut length, |l| area(l[0]))?;
    assert_eq!(area(57.0), 2451.0);
    checked(|l| area(l[0]), &[57.0]);
    checked(|l| area(l[0]), &length);
    assert!((length[0] - 50.0).abs() < 1e-3, "the ascent has not ended at 50");
    println!(
        "\nThe best pasture is the square of {:.1} m by {:.1} m.\n",
        length[0],
        100.0 - length[0]
    );
    Ok(ascent)
}

/// Prints the error and its slopes at two points, beside the partial derivatives by hand:
/// `∂/∂a = mean(sign(F(x) - y) x²)` and `∂/∂b = mean(sign(F(x) - y) x)`.
fn starting_slopes(points: &[(f64, f64)]) -> Outcome<()> {
    println!("The fit: F(x) = a x² + b x to 100 points by mean absolute error (MAE).\n");
    println!("                               library                        by hand");
    println!("    a     b        MAE      by a     by b      MAE      by a     by b");
    for (a, b, known) in [(-2.0, 30.0, 6748.5), (-0.5, 33.0, 1674.75)] {
        let tape = Tape::new();
        let ab = tape.vars([a, b]);
        let loss = mean_absolute_error(fitted(ab, points))?;
        let [by_a, by_b] = loss.backward().wrt(ab);

        let n = points.len() as f64;
        let error = |x: f64, y: f64| a * x * x + b * x - y;
        let sign = |x, y| {
            if error(x, y) == 0.0 { 0.0 } else { error(x, y).signum() }
        };
        let hand = points.iter().map(|&(x, y)| error(x, y).abs()).sum::<f64>() / n;
        let hand_a = points.iter().map(|&(x, y)| sign(x, y) * x * x).sum::<f64>() / n;
        let hand_b = points.iter().map(|&(x, y)| sign(x, y) * x).sum::<f64>() / n;

        print!("{a:5} {b:5} {:10} {by_a:9} {by_b:8}", loss.value());
        println!(" {hand:8} {hand_a:9} {hand_b:8}");
        assert_eq!((loss.value(), by_a, by_b), (hand, hand_a, hand_b));
        assert_eq!((loss.value(), by_a, by_b), (known, -3283.5, -49.5));
        if a == -2.0 {
            let kinks = tape.kinks();
            assert_eq!(kinks.len(), 1);
            println!("{:>60}", format!("on the way the tape met {}", kinks[0]));
        }
    }
    println!(
        "\nThe kink is at x = 0: every such curve passes through the first point, where |F(x) - y|"
    );
    println!("has no derivative. The library takes slope 0 there, and says so.\n");
    Ok(())
}

/// One descent: what it is called, where it went, and the error there.
struct Fit {
    name: String,
    path: Vec<[f64; 2]>,
    errors: Vec<f64>,
}

/// The fit that converges, and two that do not.
fn fits(points: &[(f64, f64)]) -> Outcome<[Fit; 3]> {
    println!(
        "A step must not be long where the slope is steep: the slope by a is 66 times that by b."
    );
    println!("One learning rate is too long for a, or too short for b:\n");
    let quick = descend("learning rate 1e-3", Sgd::builder(1e-3), points, 1000)?;
    let slow = descend("learning rate 1e-7", Sgd::builder(1e-7), points, 1000)?;
    for fit in [&quick, &slow] {
        let [a, b] = fit.path[fit.path.len() - 1];
        let error = fit.errors[fit.errors.len() - 1];
        println!("{}: after 1000 steps a = {a:.3}, b = {b:.3}, MAE {error:.1}", fit.name);
        assert!(error > 1000.0);
    }

    println!(
        "\nSo a and b each get a learning rate by the scale of what it multiplies, x² and x; and"
    );
    println!("the step is Polyak's, which asks how far the error is above its least value, 0:\n");
    let start = Instant::now();
    let mean = |f: fn(f64) -> f64| points.iter().map(|p| f(p.0)).sum::<f64>() / points.len() as f64;
    let scales = [mean(|x| x * x), mean(|x| x)];
    let polyak = Sgd::with_step_size(StepSize::polyak(0.0)).factors(&scales.map(|s| s.powi(-2)));
    let fit = descend("Polyak's step, scaled", polyak, points, 10_000)?;
    let seconds = start.elapsed().as_secs_f64();

    println!("step             a             b             MAE");
    let last = fit.path.len() - 1;
    for step in (0..last).filter(|&step| step < 5 || step % 20 == 0).chain([last]) {
        let [a, b] = fit.path[step];
        println!("{step:4} {a:13.8} {b:13.7} {:15.9}", fit.errors[step]);
    }
    println!("\n{last} steps in {:.2} ms.", seconds * 1e3);
    assert!(seconds < 1.0);
    Ok([fit, quick, slow])
}

/// The same fit by two ways that need no scales: Adam with a rate that falls, and from kink to kink.
fn without_scales(points: &[(f64, f64)]) -> Outcome<()> {
    let start = || Params::from_scalars([("a", -2.0), ("b", 30.0)]);
    let loss =
        |p: &Recorded| Outcome::Ok(mean_absolute_error(fitted(p.scalars(["a", "b"])?, points))?);
    let adam = Adam::builder(1.0).schedule(Schedule::exponential(0.999)).build()?;
    let arrival = start()?.fit(&mut Search::new(adam, 40_000).target(1e-6), loss)?;
    let certificate = start()?.minimize(&KinkDescent::new(), loss)?;
    println!("\nWithout scales, from the same start:\n");
    println!("Adam, whose rate falls by a thousandth each step: {arrival:.2}");
    let (error, kinks) = (certificate.value(), certificate.kinks().len());
    println!("From kink to kink: {error:.1e}, certified as a minimum at {kinks} kinks");
    assert!(arrival.value < 1e-6 && error < 1e-6 && certificate.is_certified());
    Ok(())
}

/// Descends from a = -2, b = 30 until the error is a trillionth of what it was at the start, or the
/// steps are used up.
fn descend(name: &str, options: SgdBuilder, points: &[(f64, f64)], steps: u64) -> Outcome<Fit> {
    let mut params = Params::from_scalars([("a", -2.0), ("b", 30.0)])?;
    let start = mean_absolute_error(fitted([-2.0, 30.0], points))?;
    let mut fit = Fit { name: name.into(), path: Vec::new(), errors: Vec::new() };
    let search = Search::new(options.build()?, steps).target(start * 1e-12);
    let mut search = search.each(|at| {
        fit.path.push([at.x[0], at.x[1]]);
        fit.errors.push(at.value);
    });
    params.fit(&mut search, |p| {
        Outcome::Ok(mean_absolute_error(fitted(p.scalars(["a", "b"])?, points))?)
    })?;
    drop(search);
    let error =
        |ab: &[Var]| mean_absolute_error(fitted([ab[0], ab[1]], points)).expect("there are points");
    checked(error, &[-2.0, 30.0]);
    checked(error, &[params.scalar("a")?, params.scalar("b")?]);
    Ok(fit)
}
