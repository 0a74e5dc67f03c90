//! Median and quantile regression: how much of an income goes for food?
//!
//! ```text
//! cargo run --release --example engel [data.csv]
//! ```
//!
//! The data are 235 households of 1857 (`data/README.md`). The line that leaves a quarter, or half, of
//! them below it is a minimum of a convex loss made of kinks, and it lies at a kink: no slope vanishes
//! there. The search is told neither the minimum nor its value: Polyak's step aims a little below the
//! best value met, and learns how much.

use std::error::Error;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use wengert::check::{self, Verdict};
use wengert::loss::{Loss, Quantile};
use wengert::optim::{Search, Sgd, StepSize};
use wengert::{Params, Var};

/// A household: income and expenditure on food, in Belgian francs a year.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Household {
    income: f64,
    food: f64,
}

/// Why the data cannot be used.
#[derive(Debug, thiserror::Error)]
enum DataError {
    #[error("{path}: {source}")]
    File { path: String, source: std::io::Error },
    #[error("no column `{name}`; the first line is `{header}`")]
    Column { name: &'static str, header: String },
    #[error("{0}")]
    Line(#[from] csv::Error),
    #[error("line {line}: `{text}` in column `{column}` is not a number")]
    NotANumber { line: u64, column: &'static str, text: String },
    #[error("line {line}: `{text}` in column `{column}` is not finite")]
    NotFinite { line: u64, column: &'static str, text: String },
    #[error("there are no households")]
    Empty,
    #[error("all incomes are {income}: no slope can be fitted")]
    SameIncome { income: f64 },
}

/// A quantile to fit, and its published line.
struct Published {
    level: f64,
    intercept: f64,
    slope: f64,
    loss: f64,
}

/// R. Koenker, "Quantile Regression", Cambridge 2005, prints 81.48 and 0.5602 for the median. These
/// digits are from rational arithmetic over all lines through two of the points. The loss is the mean
/// of `max(q e, (q - 1) e)` over the errors `e`: half the mean absolute error at the median.
const PUBLISHED: [Published; 2] = [
    Published {
        level: 0.5,
        intercept: 81.482247416936,
        slope: 0.560180551209,
        loss: 74.723117649471 / 2.0,
    },
    Published {
        level: 0.25,
        intercept: 95.483539634553,
        slope: 0.474103208193,
        loss: 30.137514463723,
    },
];

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
    let bundled = concat!(env!("CARGO_MANIFEST_DIR"), "/data/engel.csv");
    let given = std::env::args().nth(1);
    let path = given.as_deref().unwrap_or(bundled);
    let households = read(Path::new(path))?;
    println!("{} households from {path}", households.len());

    for quantile in &PUBLISHED {
        let (intercept, slope, loss) = fit(&households, quantile.level)?;
        println!("                intercept        slope         loss");
        println!("fitted    {intercept:15.9} {slope:12.9} {loss:12.9}");
        if given.is_none() {
            let Published { intercept: i, slope: s, loss: l, .. } = quantile;
            println!("published {i:15.9} {s:12.9} {l:12.9}");
            assert!((loss / l - 1.0).abs() < 1e-6, "the loss is not the published one");
            assert!((intercept / i - 1.0).abs() < 5e-4 && (slope / s - 1.0).abs() < 5e-4);
        }
        if quantile.level == 0.5 {
            println!(
                "The mean absolute error, twice the loss of the median, is {:.9}.",
                2.0 * loss
            );
        }
    }
    Ok(())
}

/// The line `food = intercept + slope · income` at a quantile: intercept, slope, mean pinball loss.
fn fit(households: &[Household], level: f64) -> Result<(f64, f64, f64), Box<dyn Error>> {
    println!("\nQuantile {level}, by the mean pinball loss:\n");
    println!(" step    least loss so far");
    let pinball = Quantile::new(level)?;
    let n = households.len() as f64;
    let mean = households.iter().map(|h| h.income).sum::<f64>() / n;
    let spread = (households.iter().map(|h| (h.income - mean).powi(2)).sum::<f64>() / n).sqrt();
    if spread == 0.0 {
        return Err(DataError::SameIncome { income: mean }.into());
    }

    // In standardised incomes, height and tilt of the line have slopes of like size.
    let mut params = Params::from_scalars([("height", 0.0), ("tilt", 0.0)])?;
    let sgd = Sgd::with_step_size(StepSize::target_level(10.0)).build()?;
    // Until 1000 steps gain nothing in twelve digits.
    let search = Search::new(sgd, 20_000).patience(1000, 1e-12);
    let mut search = search.each(|at| {
        if at.step % 200 == 0 {
            println!("{:5} {:20.12}", at.step, at.best);
        }
    });
    let arrival = params.fit(&mut search, |p| {
        let [height, tilt] = p.scalars(["height", "tilt"])?;
        let line = |h: &Household| height + tilt * ((h.income - mean) / spread);
        let lines = households.iter().map(|h| (line(h), h.food));
        Ok::<_, Box<dyn Error>>(pinball.mean(lines)?)
    })?;
    println!("\n{arrival:.12}");
    for at in [[0.0; 2], [params.scalar("height")?, params.scalar("tilt")?]] {
        let report = check::differences(
            |line: &[Var]| {
                let line = |h: &Household| line[0] + line[1] * ((h.income - mean) / spread);
                let lines = households.iter().map(|h| (line(h), h.food));
                pinball.mean(lines).expect("there are households")
            },
            &at,
        );
        assert!(report.verdict() < Verdict::Wrong, "{report}");
    }
    let tilt = params.scalar("tilt")? / spread;
    let intercept = params.scalar("height")? - tilt * mean;
    println!();
    let lines = households.iter().map(|h| (intercept + tilt * h.income, h.food));
    Ok((intercept, tilt, pinball.mean(lines)?))
}

fn read(path: &Path) -> Result<Vec<Household>, DataError> {
    let file = File::open(path)
        .map_err(|source| DataError::File { path: path.display().to_string(), source })?;
    parse(file)
}

/// Households from CSV with the columns `income` and `foodexp`.
fn parse(text: impl Read) -> Result<Vec<Household>, DataError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text);
    let header = reader.headers()?.clone();
    let column = |name: &'static str| {
        let header_line = || header.iter().collect::<Vec<_>>().join(",");
        let at = header.iter().position(|column| column == name);
        at.map(|at| (name, at)).ok_or_else(|| DataError::Column { name, header: header_line() })
    };
    let columns = [column("income")?, column("foodexp")?];
    let mut households = Vec::new();
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        let number = |(column, at): (&'static str, usize)| {
            let text = record.get(at).unwrap_or_default();
            match text.parse::<f64>() {
                Ok(x) if x.is_finite() => Ok(x),
                Ok(_) => Err(DataError::NotFinite { line, column, text: text.into() }),
                Err(_) => Err(DataError::NotANumber { line, column, text: text.into() }),
            }
        };
        households.push(Household { income: number(columns[0])?, food: number(columns[1])? });
    }
    if households.is_empty() { Err(DataError::Empty) } else { Ok(households) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        parse(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn bad_data_is_refused_with_its_line() {
        assert_eq!(
            refusal("income,foodexp\n1,2\n3,four\n"),
            "line 3: `four` in column `foodexp` is not a number"
        );
        for bad in ["NaN", "inf", "-inf", "1e999"] {
            let expected = format!("line 2: `{bad}` in column `income` is not finite");
            assert_eq!(refusal(&format!("income,foodexp\n{bad},2\n")), expected);
        }
        assert!(refusal("income,foodexp\n1,2\n3\n").contains("line: 3"));
        assert!(refusal("income,foodexp\n1,2\n3,4,5\n").contains("line: 3"));
        assert_eq!(
            refusal("income,foodexp\n1,\n"),
            "line 2: `` in column `foodexp` is not a number"
        );
        assert_eq!(
            refusal("income,food\n1,2\n"),
            "no column `foodexp`; the first line is `income,food`"
        );
        assert_eq!(refusal("income,foodexp\n"), "there are no households");
        assert_eq!(refusal(""), "no column `income`; the first line is ``");
    }

    #[test]
    fn good_data_are_read_whatever_the_order_of_columns() {
        let households = parse("foodexp, income\n1, 2\n\n3, 4\n".as_bytes()).unwrap();
        let expected = [(2.0, 1.0), (4.0, 3.0)].map(|(income, food)| Household { income, food });
        assert_eq!(households, expected);
    }
}
