//! Nonlinear regression: parameters and standard errors, beside the digits that are certified for them.
//!
//! ```text
//! cargo run --release --example curves [folder]
//! ```
//!
//! The data are those of the National Institute of Standards and Technology (`data/README.md`): each file
//! has a response, predictors, two starts, and the parameters and their standard deviations to 11 digits. A
//! model is an expression, `models.rs`; its residuals are recorded once, differentiated as a program, and
//! fitted from both starts with the options as they are. Another folder of files of that collection may be
//! given.

mod models;
mod nist;

use nist::Regression;
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;
use wengert::optim::least_squares::{Fit, LeastSquares, ProgramResiduals};
use wengert::program::Columns;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let bundled = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/nist");
    let given = std::env::args().nth(1);
    let folder = given.as_deref().unwrap_or(bundled);
    let regressions = nist::read_all(Path::new(folder))?;
    if regressions.is_empty() {
        return Err(format!("there are no data in {folder}").into());
    }
    let mut table = Vec::new();
    for regression in &regressions {
        for (start, from) in regression.starts.iter().zip(1..) {
            match fitted(regression, start)? {
                None => println!("\n{}: no model of this name", regression.name),
                Some((fit, seconds)) => {
                    table.push(report(regression, from, &fit, seconds)?);
                }
            }
        }
    }
    println!(
        "\nDigits that agree with those certified, 11 at most; s: the residual standard deviation.\n"
    );
    println!(
        "                     parameters  deviations    s   evaluations        ms   ended, as"
    );
    table.iter().for_each(|line| println!("{line}"));
    Ok(())
}

/// The fit from a start and how long it took, with the recording; none where there is no such model.
fn fitted(of: &Regression, start: &[f64]) -> Result<Option<(Fit, f64)>, Box<dyn Error>> {
    let begin = Instant::now();
    let first: Vec<f64> = of.columns.iter().map(|column| column[0]).collect();
    let Some(program) = models::record(&of.name, start, &first) else { return Ok(None) };
    let columns: Vec<&[f64]> = of.columns.iter().map(|column| &column[..]).collect();
    let data = Columns::new(&columns)?;
    let mut parameters = start.to_vec();
    let residuals = ProgramResiduals::new(&program?, &data);
    let fit = LeastSquares::new().fit(&mut parameters, residuals)?;
    Ok(Some((fit, begin.elapsed().as_secs_f64())))
}

/// Prints a fit beside what is certified, asserts that they agree, and gives its line of the table.
fn report(of: &Regression, from: usize, fit: &Fit, seconds: f64) -> Result<String, Box<dyn Error>> {
    let errors = fit.standard_errors()?;
    let deviation = fit.residual_deviation()?;
    println!("\n{} from start {from}: {}", of.name, fit.ending());
    println!("        fitted               certified            standard error     certified");
    let (mut parameters, mut deviations) = (11.0_f64, 11.0_f64);
    for (i, (&x, error)) in fit.parameters().iter().zip(&errors).enumerate() {
        let (certified, sd) = (of.parameters[i], of.deviations[i]);
        let error = error.ok_or("a parameter has no standard error")?;
        println!("   b{}  {x:<20.12e} {certified:<20.10e} {error:<18.10e} {sd:<.10e}", i + 1);
        parameters = parameters.min(digits(x, certified));
        deviations = deviations.min(digits(error, sd));
    }
    let freedom = fit.degrees_of_freedom() as f64;
    let of_s = digits(deviation, (of.sum_of_squares / freedom).sqrt());
    let line = format!(
        "{:9} from start {from}      {parameters:4.1}        {deviations:4.1} {of_s:6.1} {:9} {:12.2}   {}",
        of.name,
        fit.evaluation_count(),
        1e3 * seconds,
        fit.ending()
    );
    // Where the residuals are not much more than the rounding of the data, they have few digits, and what is
    // reckoned from their size has no more. In `Lanczos1` they are 1e-13. In 50-digit arithmetic the fit to its
    // data as they are published has all digits that are certified; the fit to the same data in double
    // precision has a deviation that is 4.3e-4 from it. So 3.4 digits are all that the data have once they
    // are read, and no care in evaluating the model adds to them; parameters in double precision alone would
    // cost 1e-7.
    let size = of.columns[0].iter().fold(0.0_f64, |most, y| most.max(y.abs()));
    let told = -(size * f64::EPSILON / deviation).log10();
    let wanted = if of.is_higher { 6.0 } else { 9.0 };
    assert!(parameters >= wanted, "{line}: the parameters are to have {wanted} digits");
    let wanted = told.min(6.0);
    assert!(deviations >= wanted, "{line}: the deviations are to have {wanted:.1} digits");
    Ok(line)
}

fn digits(found: f64, certified: f64) -> f64 {
    -((found / certified - 1.0).abs().max(1e-11)).log10()
}
