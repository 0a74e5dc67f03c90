//! The article's fit, over rows in Parquet, by SQL.
//!
//! ```text
//! cargo run --release -- [rows]
//! cargo run --release --features ballista -- [rows]
//! ```

use datafusion::arrow::array::{ArrayRef, AsArray, Float64Array, RecordBatch, UInt64Array};
use datafusion::arrow::datatypes::Float64Type;
use datafusion::config::{ParquetColumnOptions, TableParquetOptions};
use datafusion::dataframe::DataFrameWriteOptions;
use datafusion::datasource::MemTable;
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};
use gradient_sql::gradient;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};
use wengert::objective;
use wengert::optim::{Optimizer, Sgd, StepSize};
use wengert::program::{Columns, Program};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Mean absolute error of the curve a x² + b x, and its gradient.
fn mean_absolute_error() -> Outcome<Program> {
    let loss = objective!(|[a, b], [x, y]| (a * x * x + b * x - y).abs());
    Ok(Program::record(&loss, &[-2.0, 30.0], &[1.0, 99.0])?.mean().gradient())
}

/// Points of the curve 100 x - x².
fn points(rows: u64) -> [Vec<f64>; 2] {
    let x: Vec<f64> =
        (0..rows).map(|i| (i as f64 * 0.618_033_988_749_895).fract() * 100.0).collect();
    let y = x.iter().map(|x| 100.0 * x - x * x).collect();
    [x, y]
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let rows = std::env::args().nth(1).map_or(Ok(1_000_000), |rows| rows.parse::<u64>())?;
    let directory = tempdir()?;
    let file = directory.join("points.parquet");
    let file = file.to_str().ok_or("a path that is no text")?;
    let [x, y] = points(rows);
    let batch = batch(&x, &y)?;
    write(file, batch.clone()).await?;

    let sql = session(2)?;
    sql.register_parquet("points", file, ParquetReadOptions::default()).await?;

    // Polyak's step, with a rate for each parameter by the scale of what it multiplies.
    let mean = |power| x.iter().map(|x| x.powi(power)).sum::<f64>() / rows as f64;
    let factors = [mean(2).powi(-2), mean(1).powi(-2)];
    let mut sgd = Sgd::with_step_size(StepSize::polyak(0.0)).factors(&factors).build()?;
    let mut at = [-2.0, 30.0];
    let (mut queries, begun) = (0, Instant::now());
    let error = loop {
        let statement = format!("SELECT mae(row, x, y, {:?}, {:?}) FROM points", at[0], at[1]);
        let found = query(&sql, &statement).await?;
        queries += 1;
        if found[0] < 1e-6 || queries == 2000 {
            break found[0];
        }
        sgd.step(&mut at, found[0], &found[1..])?;
    };
    println!(
        "after {queries} queries over {rows} rows: a = {:.6}, b = {:.6}, MAE {error:.1e}",
        at[0], at[1]
    );
    println!(
        "{:.1} million rows a second",
        (rows * queries) as f64 / begun.elapsed().as_secs_f64() / 1e6
    );
    assert!(error < 1e-6);

    // The same bits as of one process that goes through the rows.
    let at = [-1.7, 31.0];
    let own = format!("SELECT mae(row, x, y, {:?}, {:?}) FROM points", at[0], at[1]);
    let found = query(&sql, &own).await?;
    let mut sweep = mean_absolute_error()?.compile();
    let expected = sweep.run(&at, &Columns::new(&[&x, &y])?)?;
    let expected = [expected.value(), expected.gradient()[0], expected.gradient()[1]];
    same_bits(&found, expected);
    println!("the bits are those of a run over the same rows in memory");

    #[cfg(feature = "ballista")]
    on_a_cluster(file, &own, expected).await?;
    for partitions in [1, 2, 4] {
        let parquet = session(partitions)?;
        parquet.register_parquet("points", file, ParquetReadOptions::default()).await?;
        let memory = session(partitions)?;
        memory.register_table("points", in_memory(&batch, partitions)?)?;
        for (sql, rows) in [(parquet, "in Parquet"), (memory, "in memory")] {
            let [gradient, sums] = compare(&sql, &own, at).await?;
            let ratio = gradient.as_secs_f64() / sums.as_secs_f64();
            println!(
                "{rows}, {partitions} at a time: gradient {gradient:.1?}, by avg, abs and signum {sums:.1?}: {ratio:.2}"
            );
        }
    }
    Ok(())
}

/// A session with the function.
fn session(partitions: usize) -> Outcome<SessionContext> {
    let config = SessionConfig::new().with_target_partitions(partitions);
    let sql = SessionContext::new_with_config(config);
    sql.register_udaf(gradient("mae", mean_absolute_error()?)?);
    Ok(sql)
}

fn same_bits(found: &[f64], expected: [f64; 3]) {
    let found: Vec<u64> = found.iter().map(|x| x.to_bits()).collect();
    assert_eq!(found, expected.map(f64::to_bits));
}

/// Asks a scheduler and two executors on this machine.
#[cfg(feature = "ballista")]
async fn on_a_cluster(file: &str, own: &str, expected: [f64; 3]) -> Outcome<()> {
    use ballista::prelude::{SessionConfigExt, SessionContextExt};
    use datafusion::execution::SessionStateBuilder;
    use gradient_sql::cluster::{loopback, with_programs};

    let config = with_programs(SessionConfig::new_with_ballista().with_target_partitions(2));
    let state = SessionStateBuilder::new().with_default_features().with_config(config).build();
    let address = loopback(&state, &[state.clone(), state.clone()], 1).await?;
    let sql = SessionContext::remote_with_state(&address, state).await?;
    sql.register_parquet("points", file, ParquetReadOptions::default()).await?;
    sql.register_udaf(gradient("mae", mean_absolute_error()?)?);

    let begun = Instant::now();
    same_bits(&query(&sql, own).await?, expected);
    println!("so are those of a scheduler and two executors, found in {:.1?}", begun.elapsed());
    Ok(())
}

/// The medians of the times of the gradient and of the same three sums written in SQL.
async fn compare(sql: &SessionContext, own: &str, [a, b]: [f64; 2]) -> Outcome<[Duration; 2]> {
    let error = format!("({a:?} * x * x + {b:?} * x - y)");
    let three = format!(
        "SELECT avg(abs{error}), avg(signum{error} * x * x), avg(signum{error} * x) FROM points"
    );
    let (by_sql, found) = (query(sql, &three).await?, query(sql, own).await?);
    for (a, b) in by_sql.iter().zip(&found) {
        assert!((a - b).abs() <= 1e-9 * b.abs(), "{a}, not {b}");
    }
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..11 {
        for (times, statement) in times.iter_mut().zip([own, &three]) {
            let begun = Instant::now();
            query(sql, statement).await?;
            times.push(begun.elapsed());
        }
    }
    Ok(times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    }))
}

/// The numbers that a statement gives: a list, or a row.
async fn query(sql: &SessionContext, statement: &str) -> Outcome<Vec<f64>> {
    let batches = sql.sql(statement).await?.collect().await?;
    let batch = batches.first().ok_or("no result")?;
    Ok(match batch.column(0).as_list_opt::<i32>() {
        Some(list) => list.value(0).as_primitive::<Float64Type>().values().to_vec(),
        None => {
            let row = batch.columns().iter().map(|x| x.as_primitive::<Float64Type>().value(0));
            row.collect()
        }
    })
}

/// The points with their row numbers.
fn batch(x: &[f64], y: &[f64]) -> Outcome<RecordBatch> {
    let row: ArrayRef = Arc::new(UInt64Array::from_iter_values(0..x.len() as u64));
    let [x, y] = [x, y].map(|x| Arc::new(Float64Array::from(x.to_vec())) as ArrayRef);
    Ok(RecordBatch::try_from_iter([("row", row), ("x", x), ("y", y)])?)
}

/// Writes the points, and row numbers as differences, which takes hardly any space: as plain numbers, compressed, they cost
/// more to read than the points to compute with.
async fn write(file: &str, batch: RecordBatch) -> Outcome<()> {
    let row = ParquetColumnOptions {
        encoding: Some("delta_binary_packed".into()),
        dictionary_enabled: Some(false),
        ..Default::default()
    };
    let mut options = TableParquetOptions::default();
    options.column_specific_options.insert("row".into(), row);
    let one = DataFrameWriteOptions::new().with_single_file_output(true);
    SessionContext::new().read_batch(batch)?.write_parquet(file, one, Some(options)).await?;
    Ok(())
}

/// A table in memory, in batches as they are read from files.
fn in_memory(batch: &RecordBatch, partitions: usize) -> Outcome<Arc<MemTable>> {
    let rows = batch.num_rows();
    let pieces = |from: usize, to: usize, size: usize| {
        (from..to).step_by(size).map(move |at| (at, size.min(to - at)))
    };
    let parts = pieces(0, rows, rows.div_ceil(partitions).max(1)).map(|(at, len)| {
        pieces(at, at + len, 8192).map(|(at, len)| batch.slice(at, len)).collect()
    });
    Ok(Arc::new(MemTable::try_new(batch.schema(), parts.collect())?))
}

/// A folder of this process, which is emptied at each start.
fn tempdir() -> Outcome<std::path::PathBuf> {
    let path = std::env::temp_dir().join("wengert-gradient-sql");
    std::fs::create_dir_all(&path)?;
    Ok(path)
}
