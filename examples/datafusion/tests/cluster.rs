//! On a cluster of a scheduler and two executors, queries have the bits of a run, whatever files the rows are in and in
//! whatever order; and what is wrong comes back to the client, without a wait.

mod points;

use ballista::prelude::SessionContextExt;
use ballista_core::extension::SessionConfigExt;
use ballista_core::serde::BallistaPhysicalExtensionCodec;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::{FunctionRegistry, SessionState, SessionStateBuilder, TaskContext};
use datafusion::logical_expr::AggregateUDF;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};
use datafusion_proto::logical_plan::LogicalExtensionCodec;
use datafusion_proto::physical_plan::PhysicalExtensionCodec;
use gradient_sql::cluster::{ProgramCodec, loopback, with_programs};
use gradient_sql::{QueryError, gradient};
use points::{OWN, Points, expected, points, program, query, shuffled};
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::time::timeout;
use wengert::objective;
use wengert::program::partials::PartialError;
use wengert::program::{Program, RunError};

/// Far more than any query here takes.
const LONG: Duration = Duration::from_secs(60);

/// A codec that lets no executor go ahead before each of two has a task: else one may do all of them.
#[derive(Debug)]
struct Meeting {
    codec: Arc<dyn PhysicalExtensionCodec>,
    here: AtomicBool,
    arrived: Arc<AtomicUsize>,
}

impl Meeting {
    fn wait(&self) {
        if !self.here.swap(true, Ordering::SeqCst) {
            self.arrived.fetch_add(1, Ordering::SeqCst);
            let begun = Instant::now();
            while self.arrived.load(Ordering::SeqCst) < 2 && begun.elapsed() < LONG / 2 {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }
}

impl PhysicalExtensionCodec for Meeting {
    fn try_decode(
        &self,
        bytes: &[u8],
        inputs: &[Arc<dyn ExecutionPlan>],
        context: &TaskContext,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.wait();
        self.codec.try_decode(bytes, inputs, context)
    }

    fn try_encode(&self, node: Arc<dyn ExecutionPlan>, to: &mut Vec<u8>) -> Result<()> {
        self.codec.try_encode(node, to)
    }

    fn try_decode_udaf(&self, name: &str, bytes: &[u8]) -> Result<Arc<AggregateUDF>> {
        self.wait();
        self.codec.try_decode_udaf(name, bytes)
    }

    fn try_encode_udaf(&self, function: &AggregateUDF, to: &mut Vec<u8>) -> Result<()> {
        self.codec.try_encode_udaf(function, to)
    }
}

/// What is read from another executor comes through the network, though all are on one machine.
fn config() -> SessionConfig {
    SessionConfig::new_with_ballista()
        .with_target_partitions(4)
        .with_ballista_shuffle_reader_force_remote_read(true)
}

fn state(config: SessionConfig, functions: Vec<AggregateUDF>) -> SessionState {
    let mut state = SessionStateBuilder::new().with_default_features().with_config(config).build();
    for function in functions {
        state.register_udaf(Arc::new(function)).expect("a session takes functions");
    }
    state
}

/// A cluster whose scheduler has this state, and whose executors have these codecs and functions; and how many of them
/// have had a task.
async fn cluster(
    scheduler: SessionState,
    executors: [(Arc<dyn PhysicalExtensionCodec>, Vec<AggregateUDF>); 2],
) -> (String, Arc<AtomicUsize>) {
    let arrived = Arc::new(AtomicUsize::new(0));
    let executors = executors.map(|(codec, functions)| {
        let (here, arrived) = (AtomicBool::new(false), arrived.clone());
        let codec = Arc::new(Meeting { codec, here, arrived });
        state(config().with_ballista_physical_extension_codec(codec), functions)
    });
    let address = loopback(&scheduler, &executors, 1).await.expect("a cluster");
    (address, arrived)
}

fn with_codec() -> (Arc<dyn PhysicalExtensionCodec>, Vec<AggregateUDF>) {
    (Arc::new(ProgramCodec::default()), Vec::new())
}

/// One that Ballista starts by itself.
fn plain(functions: Vec<AggregateUDF>) -> (Arc<dyn PhysicalExtensionCodec>, Vec<AggregateUDF>) {
    (Arc::new(BallistaPhysicalExtensionCodec::default()), functions)
}

async fn both_with_codec() -> (String, Arc<AtomicUsize>) {
    cluster(state(with_programs(config()), Vec::new()), [with_codec(), with_codec()]).await
}

/// A client's session, with the function.
async fn client(address: &str, config: SessionConfig) -> SessionContext {
    let state = state(config, Vec::new());
    let sql = SessionContext::remote_with_state(address, state).await.expect("a session");
    sql.register_udaf(gradient("loss", program()).expect("one pass"));
    sql
}

/// Writes the rows, in this order, into so many files, and makes them the table.
async fn table(sql: &SessionContext, points: &Points, order: &[usize], files: usize) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (at, rows) in order.chunks(order.len().div_ceil(files)).enumerate() {
        // Names do not follow the rows.
        let name = format!("{:02}.parquet", (at * 7 + 3) % 11);
        let file = File::create(folder.path().join(name)).expect("a file");
        let batch = points.batch(rows);
        let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("a writer");
        writer.write(&batch).expect("rows");
        writer.close().expect("an end");
    }
    let path = folder.path().to_str().expect("a path that is text");
    sql.deregister_table("points").expect("a table or none");
    sql.register_parquet("points", path, ParquetReadOptions::default()).await.expect("files");
    folder
}

/// A query that is to fail: the error that the client finds in what the cluster says.
async fn failure(sql: &SessionContext) -> QueryError {
    let answer = timeout(LONG, query(sql, OWN)).await.expect("an answer in time");
    let error: Box<DataFusionError> =
        answer.expect_err("no result").downcast().expect("an error of DataFusion");
    QueryError::of(&error).unwrap_or_else(|| panic!("{error:?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_bits_are_those_of_a_run_for_any_files_and_order() {
    let (address, arrived) = both_with_codec().await;
    let sql = client(&address, with_programs(config())).await;
    for rows in [30_000, 5000, 1] {
        let (points, n) = (points(rows), rows as usize);
        // Groups of neighbours, in any order; and where rows are few, all in any order.
        let groups = shuffled(n.div_ceil(700), 3).into_iter();
        let groups = groups.flat_map(|at| at * 700..n.min((at + 1) * 700)).collect();
        let mixed = if rows <= 5000 { shuffled(n, 17) } else { groups };
        for (order, files) in [((0..n).collect(), 4), ((0..n).rev().collect(), 1), (mixed, 7)] {
            let _folder = table(&sql, &points, &order, files).await;
            let found = timeout(LONG, query(&sql, OWN)).await.expect("an answer in time");
            let found = found.unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(found, expected(&points), "{rows} rows, {files} files");
        }
    }
    assert_eq!(arrived.load(Ordering::SeqCst), 2, "executors that had a task");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_function_that_all_have_by_its_name_needs_no_codec() {
    let own = || vec![gradient("loss", program()).expect("one pass")];
    let (address, arrived) = cluster(state(config(), own()), [plain(own()), plain(own())]).await;
    let sql = client(&address, config()).await;
    let points = points(20_000);
    let _folder = table(&sql, &points, &(0..20_000).collect::<Vec<_>>(), 4).await;
    let found = timeout(LONG, query(&sql, OWN)).await.expect("an answer in time");
    assert_eq!(found.expect("a result"), expected(&points));
    assert_eq!(arrived.load(Ordering::SeqCst), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn executors_with_different_programs_under_one_name_are_an_error() {
    let own = || vec![gradient("loss", program()).expect("one pass")];
    let loss = objective!(|[a, b], [x, y]| (a * x + b - y).abs());
    let other = Program::record(&loss, &[-2.0, 30.0], &[1.0, 99.0]).expect("a recording");
    let other = vec![gradient("loss", other.mean().gradient()).expect("one pass")];
    let (address, arrived) = cluster(state(config(), own()), [plain(own()), plain(other)]).await;
    let sql = client(&address, config()).await;
    let _folder = table(&sql, &points(20_000), &(0..20_000).collect::<Vec<_>>(), 4).await;
    let found = failure(&sql).await;
    assert!(matches!(found, QueryError::Run(PartialError::Program { .. })), "{found}");
    assert_eq!(arrived.load(Ordering::SeqCst), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_executor_without_the_function_is_an_error_and_the_cluster_goes_on() {
    // The name alone does not help: the plan has a program, which only the codec reads.
    let named = vec![gradient("loss", program()).expect("one pass")];
    for lacking in [plain(Vec::new()), plain(named)] {
        let scheduler = state(with_programs(config()), Vec::new());
        let (address, arrived) = cluster(scheduler, [with_codec(), lacking]).await;
        let sql = client(&address, with_programs(config())).await;
        let points = points(20_000);
        let _folder = table(&sql, &points, &(0..20_000).collect::<Vec<_>>(), 4).await;
        assert_eq!(failure(&sql).await, QueryError::Function { name: "loss".into() });
        assert_eq!(arrived.load(Ordering::SeqCst), 2);

        // What needs no function is answered by the same executors.
        let sum = query(&sql, "SELECT make_array(sum(CAST(row AS double))) FROM points");
        let sum = timeout(LONG, sum).await.expect("an answer in time").expect("a result");
        assert_eq!(sum, [199_990_000_f64.to_bits()]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_name_that_nobody_has_is_an_error() {
    let (address, _) =
        cluster(state(config(), Vec::new()), [plain(Vec::new()), plain(Vec::new())]).await;
    let sql = client(&address, config()).await;
    let _folder = table(&sql, &points(100), &(0..100).collect::<Vec<_>>(), 2).await;
    assert_eq!(failure(&sql).await, QueryError::Function { name: "loss".into() });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_wrong_in_a_row_comes_back_to_the_client() {
    let (address, _) = both_with_codec().await;
    let sql = client(&address, with_programs(config())).await;
    let order: Vec<usize> = (0..10_000).collect();
    let null = RunError::NotFinite { column: 1, row: 7321, value: f64::NAN };
    let infinite = RunError::NotFinite { column: 0, row: 7321, value: f64::INFINITY };
    for (change, expected) in [
        ((|points| points.y[7321] = None) as fn(&mut Points), QueryError::Run(null.into())),
        (|points| points.x[7321] = Some(f64::INFINITY), QueryError::Run(infinite.into())),
        (|points| points.row[9000] = 17, QueryError::Twice { row: 17 }),
        (|points| points.row[9999] = 10_000, QueryError::Missing { row: 9999, next: 10_000 }),
    ] {
        let mut points = points(10_000);
        change(&mut points);
        let _folder = table(&sql, &points, &order, 5).await;
        // With the code, so that a NaN is compared too.
        assert_eq!(format!("{:?}", failure(&sql).await), format!("{expected:?}"));
    }
}

#[test]
fn what_is_no_program_is_not_decoded() {
    let codec = ProgramCodec::default();
    let error = |bytes: &[u8]| {
        let logical = LogicalExtensionCodec::try_decode_udaf(&codec, "loss", bytes).unwrap_err();
        let physical = PhysicalExtensionCodec::try_decode_udaf(&codec, "loss", bytes).unwrap_err();
        assert_eq!(logical.to_string(), physical.to_string());
        physical.to_string()
    };
    assert!(error(&[]).contains("there is no aggregate function loss"));
    assert!(error(b"SELECT").contains("loss is no program"));
    let function = gradient("loss", program()).expect("one pass");
    let mut bytes = Vec::new();
    LogicalExtensionCodec::try_encode_udaf(&codec, &function, &mut bytes).expect("bytes");
    let read = LogicalExtensionCodec::try_decode_udaf(&codec, "loss", &bytes).expect("a function");
    assert_eq!(*read, function);
    for at in [0, bytes.len() / 2, bytes.len() - 1] {
        assert!(error(&bytes[..at]).contains("loss"));
    }
    // Functions that every engine has travel by their names.
    let sum = datafusion::functions_aggregate::sum::sum_udaf();
    let mut none = Vec::new();
    PhysicalExtensionCodec::try_encode_udaf(&codec, &sum, &mut none).expect("nothing to do");
    assert!(none.is_empty());
}
