//! The mass of a planet from a moon's places: a differential equation of a hundred thousand steps, fitted.
//!
//! ```text
//! cargo run --release --features native --example orbit
//! ```
//!
//! The moon was seen 200 times, each time with an error. Its first place, its first velocity and the planet's
//! mass are fitted by integrating its motion. The gradient of the misfit goes back over all steps, in a hundredth
//! of the memory that a tape of them takes: by `checkpointed`, which records the steps again, in hardly longer, and by
//! `Steps`, programs of the steps, which are native code here. An orbit of two bodies has a closed form, so all that
//! is found is compared with one that no step was taken for.

mod motion;

use motion::{Sightings, TRUTH};
use nalgebra::{Dyn, OMatrix, SMatrix, SVector, U5};
use std::error::Error;
use std::hint::black_box;
use std::time::Instant;
use wengert::program::Steps;
use wengert::{Dual, Tape};

/// States kept, of 100,000.
const CHECKPOINTS: usize = 300;

/// The inverse of `Jᵀ J`, of the misses in standard deviations: the covariance of what is fitted.
fn covariance(seen: &Sightings, orbit: &[f64; 5]) -> Result<SMatrix<f64, 5, 5>, &'static str> {
    let mut slopes = Vec::new();
    seen.along(&Dual::seeds(*orbit), |place, at| {
        slopes.extend(seen.misses(place, at).iter().flat_map(|miss| miss.tangents()));
    });
    let jacobian = OMatrix::<f64, Dyn, U5>::from_row_slice(&slopes);
    let products = jacobian.tr_mul(&jacobian);
    products.cholesky().map(|factor| factor.inverse()).ok_or("the places do not tell the orbit")
}

/// A first guess: the parabola through the first three places, and the mass that bends it so.
fn guess(seen: &Sightings) -> [f64; 5] {
    let time = seen.days * seen.every as f64;
    let along = |weights: [f64; 3]| {
        let axis =
            |axis: usize| (0..3).map(|at| weights[at] * seen.positions[at][axis]).sum::<f64>();
        [axis(0), axis(1)]
    };
    let [x, y] = along([3.0, -3.0, 1.0]);
    let [vx, vy] = along([-2.5, 4.0, -1.5].map(|weight| weight / time));
    let [ax, ay] = along([1.0, -2.0, 1.0].map(|weight| weight / (time * time)));
    let [mx, my] = seen.positions[1];
    [x, y, vx, vy, ax.hypot(ay) * mx.hypot(my).powi(2)]
}

/// Goes down to the least misfit, and gives the number of gradients. Each is exact; the matrix of Gauss and
/// Newton, which only has to be near, is that of steps 25 times as long.
fn fit(seen: &Sightings, orbit: &mut [f64; 5]) -> Result<usize, Box<dyn Error>> {
    for count in 1..=20 {
        let slope = SVector::from(seen.gradient(orbit, CHECKPOINTS)?.0);
        let way = covariance(&seen.coarser(25), orbit)? * slope;
        orbit.iter_mut().zip(&way).for_each(|(x, by)| *x -= by);
        // What the step may gain, in variances of what is fitted.
        if slope.dot(&way) < 1e-12 {
            return Ok(count);
        }
    }
    Err("20 gradients were not enough".into())
}

/// How far two gradients are apart, beside the greater of both.
fn apart(a: &[f64; 5], b: &[f64; 5]) -> f64 {
    let size = |x: &[f64; 5]| x.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    size(&std::array::from_fn(|i| a[i] - b[i])) / size(a).max(size(b))
}

/// A way to the gradient: its name, milliseconds, and bytes held.
type Line = (String, f64, usize);

/// Prints how long each way takes, beside the first, the misfit alone, and beside the second, the one tape.
fn print_times(lines: &[Line]) {
    println!("{:<26}{:>8}{:>10}{:>10}{:>10}", "", "ms", "/ misfit", "/ tape", "KiB");
    for (name, time, bytes) in lines {
        let [misfit, tape] = [0, 1].map(|at| time / lines[at].1);
        println!("{name:<26}{time:>8.1}{misfit:>10.1}{tape:>10.2}{:>10.0}", *bytes as f64 / 1024.0);
    }
}

/// Milliseconds that work takes, in the middle of five times.
fn time(mut work: impl FnMut()) -> f64 {
    let mut times = [(); 5].map(|()| {
        let begin = Instant::now();
        work();
        1e3 * begin.elapsed().as_secs_f64()
    });
    times.sort_unstable_by(f64::total_cmp);
    times[2]
}

/// The gradient each way, how long it takes and how much memory. All ways must agree.
fn compare(seen: &Sightings, orbit: &[f64; 5]) -> Result<(), Box<dyn Error>> {
    // First those that need little: a tape is given the memory of the last one.
    let mut sparing = Vec::new();
    for checkpoints in [30, CHECKPOINTS, 3000] {
        let (slope, found) = seen.gradient(orbit, checkpoints)?;
        let taken = time(|| assert_eq!(seen.gradient(orbit, checkpoints).map(|g| g.0), Ok(slope)));
        sparing.push((slope, (format!("{checkpoints} checkpoints"), taken, found.bytes)));
    }
    let [x, y, vx, vy, mass] = *orbit;
    let mut steps = Steps::record(seen, &[mass], &[x, y, vx, vy], &[])?;
    let kind = if steps.is_native() { "native" } else { "interpreted" };
    for checkpoints in [CHECKPOINTS, seen.step_count().div_ceil(steps.group_len())] {
        let (slope, found) = seen.gradient_by(&mut steps, orbit, checkpoints)?;
        let mut again = || seen.gradient_by(&mut steps, orbit, checkpoints).map(|g| g.0);
        let taken = time(|| assert_eq!(again(), Ok(slope)));
        assert_eq!(found.recorded_step_count, 0);
        sparing.push((slope, (format!("{checkpoints}, {kind} steps"), taken, found.bytes)));
    }
    let misfit = seen.integrated(orbit);
    let misfit_time = time(|| assert_eq!(seen.integrated(black_box(orbit)), misfit));
    let on_tape = || {
        let tape = Tape::new();
        let vars = tape.vars(*orbit);
        (seen.integrated(&vars).backward().wrt(vars), tape.stats().bytes)
    };
    let (whole, bytes) = on_tape();
    let tape_time = time(|| assert_eq!(on_tape().0, whole));
    let mut lines = vec![
        ("the misfit alone".to_owned(), misfit_time, 0),
        ("one tape of all steps".to_owned(), tape_time, bytes),
    ];
    for (slope, line) in sparing {
        let error = apart(&slope, &whole);
        assert!(error < 1e-10, "with {}: {error:e} from one tape", line.0);
        assert!(100 * line.2 < bytes, "with {}: {} bytes", line.0, line.2);
        lines.push(line);
    }
    // Of five unknowns, numbers that carry five derivatives are quicker; of hundreds they are not.
    let forward = || seen.integrated(&Dual::seeds(*orbit)).tangents();
    let slope = forward();
    assert!(apart(&slope, &whole) < 1e-10);
    lines.push(("forward mode".to_owned(), time(|| assert_eq!(forward(), slope)), 0));
    print_times(&lines);
    // Of the motion itself, not of its steps.
    let closed = seen.closed(&Dual::seeds(*orbit)).tangents();
    println!("The gradient in closed form is {:.0e} from these.", apart(&whole, &closed));
    assert!(apart(&whole, &closed) < 1e-5);
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let seen = Sightings::new(1.0 / 600.0, 500, 1e-3, 200);
    println!("The gradient of {} steps\n", seen.step_count());
    let mut orbit = guess(&seen);
    for count in [5, 15, 50] {
        fit(&seen.first(count), &mut orbit)?;
    }
    compare(&seen, &orbit)?;

    let count = fit(&seen, &mut orbit)?;
    println!("\nThe orbit after {count} gradients of all steps\n");
    println!("{:<8}{:>12}{:>12}{:>16}", "", "fitted", "true", "standard error");
    let errors = covariance(&seen, &orbit)?.diagonal().map(f64::sqrt);
    for (i, name) in ["x", "y", "x'", "y'", "mass"].into_iter().enumerate() {
        println!("{name:<8}{:>12.7}{:>12.7}{:>16.1e}", orbit[i], TRUTH[i], errors[i]);
        assert!((orbit[i] - TRUTH[i]).abs() < 4.0 * errors[i], "{name} is too far from the truth");
    }
    // Without steps the least misfit is elsewhere by what the steps are wrong.
    let closed = SVector::from(seen.closed(&Dual::seeds(orbit)).tangents());
    let moved = (covariance(&seen, &orbit)? * closed).component_div(&errors).amax();
    let misses = (2.0 * seen.integrated(&orbit) / (2 * seen.positions.len() - 5) as f64).sqrt();
    println!(
        "\nA place is missed by {misses:.3} of its standard deviation. In closed form the orbit would be"
    );
    println!("{moved:.1e} standard errors from there.");
    assert!((0.8..1.2).contains(&misses) && moved < 1e-4);
    Ok(())
}
