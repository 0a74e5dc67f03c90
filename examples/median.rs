//! The median line of real data, carried to its exact optimum, with a proof.
//!
//! ```text
//! cargo run --release --example median
//! ```
//!
//! The data are 235 households of 1857 (`data/README.md`): what share of an income goes for food? The
//! line of least mean absolute error goes through two of the points, and there the loss has kinks: no
//! gradient is small anywhere near, so a rule that waits for one waits for ever, and a step of any
//! size passes by. `KinkDescent` goes from kink to kink and ends with a certificate: multipliers
//! between the slopes of the two sides of the kinks it stands on, with which the gradient is 0. The
//! part after that checks it with nothing but the data. The last part is about many parameters: a total
//! variation, and medians of two hundred columns.

use std::error::Error;
use std::time::{Duration, Instant};
use wengert::Var;
use wengert::check::{self, Verdict};
use wengert::loss::{Loss, Quantile, mean_absolute_error};
use wengert::optim::{Certificate, End, KinkDescent, OptimError, Search, Sgd};

/// The line of least mean absolute error, from rational arithmetic over all lines through two of the
/// points; R. Koenker, "Quantile Regression", Cambridge 2005, prints 81.48 and 0.5602.
const MEDIAN: [f64; 2] = [81.482247416936, 0.560180551209];
const LEAST: f64 = 74.723117649471;
/// That of the lower quartile.
const QUARTILE: [f64; 2] = [95.483539634553, 0.474103208193];

/// Income and expenditure on food, in Belgian francs a year.
type Household = (f64, f64);

fn main() -> Result<(), Box<dyn Error>> {
    let data = read()?;
    println!("{} households: food = intercept + slope · income", data.len());
    by_gradients(&data)?;
    let (line, certificate) = to_the_kink(&data)?;
    for at in [[0.0, 0.0], line] {
        differences(|line| loss(&data, line), &at);
    }
    balance(&data, line, &certificate);
    quartile(&data)?;
    many()
}

/// The mean absolute error of a line.
fn loss(data: &[Household], line: &[Var]) -> Var {
    let fits = data.iter().map(|&(income, food)| (line[0] + line[1] * income, food));
    // The data are finite, and a prediction that is not makes a loss that is not, which is refused.
    mean_absolute_error(fits).unwrap_or(Var::from(f64::NAN))
}

/// Panics if differences say that the gradient of a loss is wrong.
fn differences(loss: impl Fn(&[Var]) -> Var, at: &[f64]) {
    let report = check::differences(loss, at);
    assert!(report.verdict() < Verdict::Wrong, "{report}");
}

/// Subgradient descent, and the rule that stops it where the gradient is small.
fn by_gradients(data: &[Household]) -> Result<(), Box<dyn Error>> {
    const STEPS: u64 = 100_000;
    println!("\nGradient descent, to be stopped where the gradient is shorter than 0.001:\n");
    println!("learning rate      steps   shortest gradient   least loss - optimum   time");
    for rate in [1e-3_f64, 1e-6, 1e-9] {
        // Its own best scale: the two slopes differ as 1 and an income do.
        let sgd = Sgd::builder(rate).factors(&[1e6, 1.0]).build()?;
        let (mut line, mut shortest) = ([0.0, 0.0], f64::INFINITY);
        let start = Instant::now();
        let arrival = Search::new(sgd, STEPS)
            .flat(1e-3)
            .each(|at| shortest = at.gradient[0].hypot(at.gradient[1]).min(shortest))
            .fit(&mut line, |line| loss(data, line))?;
        let (steps, off) = (arrival.step_count, arrival.value - LEAST);
        let time = start.elapsed();
        println!("{rate:13.0e} {steps:10} {shortest:19.3} {off:22.1e}   {time:.0?}");
        assert!(arrival.end == End::Steps && shortest > 0.1, "a small gradient beside a kink");
        assert!(off > 1e-9);
    }
    Ok(())
}

/// The descent to the kink, and its certificate.
fn to_the_kink(data: &[Household]) -> Result<([f64; 2], Certificate), OptimError> {
    let descent = KinkDescent::new();
    let mut best = Duration::MAX;
    let (mut line, mut certificate) = ([0.0, 0.0], None);
    for _ in 0..20 {
        line = [0.0, 0.0];
        let start = Instant::now();
        certificate = Some(descent.minimize(&mut line, |line| loss(data, line))?);
        best = best.min(start.elapsed());
    }
    let Some(certificate) = certificate else { unreachable!("there were 20") };
    println!("\nDescent to the kink, {best:.1?}:\n\n{certificate:.12}\n");
    println!("             intercept           slope");
    println!("found     {:12.12}  {:.12}", line[0], line[1]);
    println!("optimum   {:12.12}  {:.12}", MEDIAN[0], MEDIAN[1]);
    assert!((line[0] - MEDIAN[0]).abs() < 1e-9 && (line[1] - MEDIAN[1]).abs() < 1e-9);
    assert!(certificate.is_minimum());
    assert!(best < Duration::from_millis(10) || cfg!(debug_assertions), "{best:?}");
    Ok((line, certificate))
}

/// The certificate, from the data alone: the slope of each error that is not 0 is its sign, those of
/// the others are the multipliers, and their mean over the data is 0, by both parameters.
fn balance(data: &[Household], [intercept, slope]: [f64; 2], certificate: &Certificate) {
    let mut sums = [0.0, 0.0];
    let mut signs = 0;
    for &(income, food) in data {
        let error = intercept + slope * income - food;
        if error.abs() > 1e-9 {
            sums[0] += error.signum();
            sums[1] += error.signum() * income;
            signs += 1;
        }
    }
    println!("\nChecked with the data alone:\n");
    println!("                                     by intercept       by slope");
    println!("{signs} errors that are not 0        {:14.3} {:14.3}", sums[0], sums[1]);
    for kink in certificate.kinks() {
        let [by_intercept, by_slope] = [0, 1].map(|j| kink.slope() * kink.row()[j]);
        let income = kink.row()[1];
        assert!(kink.slope().abs() <= 1.0 && data.iter().any(|d| d.0 == income));
        println!(
            "income {income:8.3} at {:9.6}        {by_intercept:14.3} {by_slope:14.3}",
            kink.slope()
        );
        sums[0] += by_intercept;
        sums[1] += by_slope;
    }
    println!("sum                                {:14.1e} {:14.1e}", sums[0], sums[1]);
    assert!(signs + certificate.kinks().len() == data.len());
    assert!(sums[0].abs() < 1e-12 && sums[1].abs() < 1e-8, "{sums:?}");
}

/// The same for the line that leaves a quarter of the households below it.
fn quartile(data: &[Household]) -> Result<(), Box<dyn Error>> {
    let pinball = Quantile::new(0.25)?;
    let mut line = [0.0, 0.0];
    let loss = |line: &[Var]| {
        let fits = data.iter().map(|&(income, food)| (line[0] + line[1] * income, food));
        pinball.mean(fits)
    };
    let certificate = KinkDescent::new()
        .try_minimize(&mut line, |line| loss(line).map_err(Box::<dyn Error>::from))?;
    for at in [[0.0, 0.0], line] {
        differences(|line| loss(line).expect("there are households"), &at);
    }
    println!(
        "\nThe lower quartile: {:.12} + {:.12} · income\n\n{certificate:.12}",
        line[0], line[1]
    );
    assert!((line[0] - QUARTILE[0]).abs() < 1e-9 && (line[1] - QUARTILE[1]).abs() < 1e-9);
    assert!(certificate.is_exact());
    Ok(())
}

/// Many parameters: how long a total variation takes, and how long twenty draws of medians do.
fn many() -> Result<(), Box<dyn Error>> {
    println!("\nMany parameters, each certified:\n");
    let mut state = 1_u64;
    // Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
    let mut unit = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut normal = || (0..12).map(|_| unit()).sum::<f64>() - 6.0;
    for (n, bar) in [(300, 0.2), (3_000, 2.0), (10_000, 10.0)] {
        let y: Vec<f64> = (0..n).map(|_| normal()).collect();
        let mut p = vec![0.0; n];
        let start = Instant::now();
        let loss = |p: &[Var]| {
            p.iter().zip(&y).map(|(p, y)| (*p - *y).abs()).sum::<Var>()
                + p.windows(2).map(|p| (p[1] - p[0]).abs()).sum::<Var>() * 0.5
        };
        let certificate = KinkDescent::new().minimize(&mut p, loss)?;
        let time = start.elapsed();
        differences(loss, &[0.0; 100]);
        differences(loss, &p[..100]);
        assert!(certificate.is_minimum());
        assert!(time.as_secs_f64() < bar || cfg!(debug_assertions), "{time:?}");
        println!("total variation of {n:6} numbers      {time:8.1?}");
    }
    let (k, n) = (1_000, 200);
    let mut slowest = Duration::ZERO;
    for _ in 0..20 {
        let rows: Vec<Vec<f64>> =
            (0..k).map(|_| (0..n).map(|_| normal()).collect::<Vec<f64>>()).collect();
        let y: Vec<f64> = rows.iter().map(|row| row[0] - row[1] + normal().powi(3)).collect();
        let (mut p, mut looks) = (vec![0.0; n], 0);
        let start = Instant::now();
        let loss = |p: &[Var], k: usize| {
            let fits = rows[..k].iter().map(|row| Var::dot(p, row));
            mean_absolute_error(fits.zip(y.iter().copied()))
        };
        let certificate = KinkDescent::new().try_minimize(&mut p, |p| {
            looks += 1;
            loss(p, k).map_err(Box::<dyn Error>::from)
        })?;
        // What only makes sure does not cost much more than the descent, also where rounding shows a little.
        assert!(looks < 500, "{looks} times");
        slowest = slowest.max(start.elapsed());
        for at in [&vec![0.0; n], &p] {
            differences(|p| loss(p, 2).expect("there are rows"), at);
        }
        assert!(certificate.is_minimum());
    }
    assert!(slowest.as_secs_f64() < 2.0 || cfg!(debug_assertions), "{slowest:?}");
    let slowest = format!("{slowest:.1?}");
    println!("medians of {k} rows, {n} columns      {slowest:>8}, the slowest of 20 draws");
    Ok(())
}

/// The bundled data.
fn read() -> Result<Vec<Household>, csv::Error> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/data/engel.csv");
    csv::Reader::from_path(path)?.deserialize().collect()
}
