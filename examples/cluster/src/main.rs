//! Two fits to rows that many processes share: the article's curve and a logistic regression.
//!
//! ```text
//! cargo run --release -- make DIRECTORY ROWS [uncompressed]
//! mpirun -n 4 target/release/cluster fit DIRECTORY
//! mpirun -n 4 target/release/cluster cost
//! target/release/cluster read DIRECTORY
//! ```
//!
//! The fit of the curve is saved after each step. If a process is killed, `mpirun` ends the others, and the second
//! command goes on from there, to the bits of an undisturbed run.

mod cost;
mod data;
mod read;

use data::FEATURES;
use parquet::basic::Compression;
use std::error::Error;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;
use wengert::optim::{Lbfgs, Sgd, StepSize};
use wengert::program::partials::Offset;
use wengert::program::{Parquet, Program, Sweep};
use wengert::train::{FnLoss, Trainer};
use wengert::{Objective, Scalar, objective};
use wengert_mpi::{RankError, Ranks, Rows};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args[..] {
        ["make", directory, rows] => make(Path::new(directory), rows, data::zstd()),
        ["make", directory, rows, "uncompressed"] => {
            make(Path::new(directory), rows, Compression::UNCOMPRESSED)
        }
        ["fit", directory] => {
            wengert_mpi::launch(|ranks| fit(ranks, Path::new(directory)));
            Ok(())
        }
        ["cost"] => {
            wengert_mpi::launch(cost::measure);
            Ok(())
        }
        ["read", directory] => read::measure(&labels(Path::new(directory))),
        _ => Err("expected `make DIRECTORY ROWS [uncompressed]`, `fit DIRECTORY`, `cost` or \
                  `read DIRECTORY`"
            .into()),
    };
    done.map_or_else(
        |error: Box<dyn Error>| {
            eprintln!("{error}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

fn make(directory: &Path, rows: &str, compression: Compression) -> Outcome<()> {
    let rows = rows.parse()?;
    fs::create_dir_all(directory)?;
    data::write_curve(&directory.join("curve.parquet"), rows, compression)?;
    data::write_labels(&labels(directory), rows, compression)?;
    Ok(())
}

fn labels(directory: &Path) -> PathBuf {
    directory.join("labels.parquet")
}

fn fit(ranks: &Ranks, directory: &Path) -> Outcome<()> {
    let curve = curve(ranks, directory)?;
    let logistic = logistic(ranks, directory)?;
    if ranks.rank() == 0 {
        let bits = curve.iter().chain(&logistic).map(|x| format!("{:016x}", x.to_bits()));
        println!("bits {}", bits.collect::<Vec<_>>().join(" "));
    }
    Ok(())
}

/// The rows of this rank, of a program's data: some row groups of a file.
struct Share<'r> {
    ranks: &'r Ranks,
    file: Parquet,
    rows: Rows,
    sweep: Sweep,
    passes: u64,
}

impl<'r> Share<'r> {
    fn open(
        ranks: &'r Ranks,
        program: &Program,
        path: &Path,
        columns: &[String],
    ) -> Result<Self, RankError> {
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let file = ranks.agree(Parquet::open(path, &columns).and_then(|file| {
            let from = |rank: usize| file.group_count() * rank / ranks.count();
            let own = from(ranks.rank())..from(ranks.rank() + 1);
            file.groups(own)
        }))?;
        let rows = ranks.rows(Offset::at(file.row_count()), path.display().to_string())?;
        Ok(Share { ranks, file, rows, sweep: program.compile(), passes: 0 })
    }

    /// The value and the gradient over all rows.
    fn gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64, RankError> {
        let Share { ranks, file, rows, sweep, passes } = self;
        *passes += 1;
        let found = ranks.run_reopened(sweep, parameters, rows, || Ok(file.clone()))?;
        gradient.copy_from_slice(found.gradient());
        Ok(found.value())
    }

    /// What a fit has come to, by the first rank.
    fn report(&self, what: &str, begun: Instant) {
        if self.ranks.rank() == 0 {
            let (rows, seconds) =
                (self.rows.total_count() * self.passes, begun.elapsed().as_secs_f64());
            let ranks = self.ranks.count();
            println!(
                "{what}: {} passes, {:.1} million rows a second by {ranks} ranks",
                self.passes,
                rows as f64 / seconds / 1e6
            );
        }
    }
}

/// Fits `a x² + b x` by its mean absolute error, from a = -2, b = 30; gives a and b.
fn curve(ranks: &Ranks, directory: &Path) -> Outcome<Vec<f64>> {
    let loss = objective!(|[a, b], [x, y]| (a * x * x + b * x - y).abs());
    let program = Program::record(&loss, &[-2.0, 30.0], &[1.0, 99.0])?.mean().gradient();
    let mut share =
        Share::open(ranks, &program, &directory.join("curve.parquet"), &data::curve_columns())?;
    let saved = saved(ranks, &directory.join("curve.json"))?;
    // Other rows have another error at the start: a state that was saved for them is refused.
    let known_by = share.gradient(&[-2.0, 30.0], &mut [0.0; 2])?.to_bits();

    // Polyak's step, with a rate for each parameter by the mean of what it multiplies.
    let factors = [3333.0_f64, 50.0].map(|mean| mean.powi(-2));
    let sgd = Sgd::with_step_size(StepSize::polyak(0.0)).factors(&factors).build()?;
    let (mut at, begun) = ([-2.0, 30.0], Instant::now());
    // The trainer sees one batch, all rows; an epoch is a step.
    let mut loss = FnLoss::new(1, |at: &[f64], _: &[u32], gradient: &mut [f64]| {
        Ok(share.gradient(at, gradient)?)
    })
    .known_by(known_by);
    let trained =
        Trainer::new(sgd).epochs(1000).target(1e-6).save_to(saved).fit(&mut at, &mut loss)?;
    share.report("the curve", begun);
    if ranks.rank() == 0 {
        println!("a = {:.7}, b = {:.6}; {trained}", at[0], at[1]);
    }
    if (at[0] + 1.0).abs() > 1e-6 || (at[1] - 100.0).abs() > 1e-4 {
        return Err(format!("the curve is not found: a = {}, b = {}", at[0], at[1]).into());
    }
    Ok(at.to_vec())
}

/// The saved state of a training, the same on all ranks: that of rank 0, copied for the others.
fn saved(ranks: &Ranks, path: &Path) -> Outcome<PathBuf> {
    let state = match fs::read(path) {
        // Only the first rank's counts.
        _ if ranks.rank() > 0 => Ok(None),
        Ok(state) => Ok(Some(state)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    };
    let state: Option<Vec<u8>> = ranks.broadcast(ranks.agree(state)?)?;
    let own = match ranks.rank() {
        0 => return ranks.agree(Ok::<_, std::io::Error>(path.into())).map_err(Into::into),
        rank => path.with_extension(format!("{rank}.json")),
    };
    let copied = match state {
        Some(state) => fs::write(&own, state),
        None => fs::remove_file(&own).or_else(|error| match error.kind() {
            ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        }),
    };
    ranks.agree(copied)?;
    Ok(own)
}

/// The loss of a label that is 1 or -1, by weights and a bias.
struct Logistic;

impl Objective for Logistic {
    #[inline]
    fn at<T: Scalar>(&self, w: &[T], row: &[T]) -> T {
        let score = T::dot(&w[..FEATURES], &row[..FEATURES]) + w[FEATURES];
        (-(score * row[FEATURES])).softplus()
    }
}

/// Fits weights and bias by L-BFGS, from 0; gives them.
fn logistic(ranks: &Ranks, directory: &Path) -> Outcome<Vec<f64>> {
    let mut weights = vec![0.0; FEATURES + 1];
    let program = Program::record(&Logistic, &weights, &[0.5; FEATURES + 1])?.mean().gradient();
    let mut share = Share::open(ranks, &program, &labels(directory), &data::label_columns())?;
    let begun = Instant::now();
    let end = Lbfgs::builder()
        .flat(1e-7)
        .build()?
        .run(&mut weights, |w, gradient| -> Outcome<f64> { Ok(share.gradient(w, gradient)?) })?;
    share.report("the logistic regression", begun);
    let off = |at: usize| (weights[at] - data::weight(at)).abs();
    let off = (0..=FEATURES).map(off).fold(0.0, f64::max);
    if ranks.rank() == 0 {
        println!("the weights are {off:.3} from those that the labels were drawn with; {end}");
    }
    // Twenty standard errors of a weight, about 4 / √n.
    if off > 80.0 / (share.rows.total_count() as f64).sqrt() {
        return Err(format!("the weights are {off} off").into());
    }
    Ok(weights)
}
