//! Queries have the bits of a run, however the rows are cut and in whatever order they come; and what is wrong says so.

mod points;

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::Float64Type;
use datafusion::common::DataFusionError;
use datafusion::datasource::MemTable;
use datafusion::prelude::{SessionConfig, SessionContext};
use gradient_sql::{MakeError, QueryError, gradient};
use points::{OWN, Points, expected, points, program, query, shuffled};
use std::sync::Arc;
use wengert::objective;
use wengert::program::{Columns, Program, RunError};

/// A session over these rows in this order, in so many partitions, of batches of so many rows.
fn session(points: &Points, order: &[usize], partitions: usize, batch: usize) -> SessionContext {
    let share = order.len().div_ceil(partitions).max(1);
    let batches =
        order.chunks(share).map(|part| part.chunks(batch).map(|rows| points.batch(rows)).collect());
    let batches: Vec<Vec<RecordBatch>> = batches.collect();
    let batches = if batches.is_empty() { vec![Vec::new()] } else { batches };
    let table = MemTable::try_new(points.batch(&[]).schema(), batches).expect("a table");
    let config = SessionConfig::new().with_target_partitions(partitions);
    let sql = SessionContext::new_with_config(config);
    sql.register_table("points", Arc::new(table)).expect("a new name");
    sql.register_udaf(gradient("loss", program()).expect("one pass"));
    sql
}

#[tokio::test]
async fn the_bits_are_those_of_a_run_for_any_cut_and_order() {
    for rows in [0, 1, 100, 5000, 30_000] {
        let points = points(rows);
        let (n, bits) = (rows as usize, expected(&points));
        let in_order: Vec<usize> = (0..n).collect();
        for (partitions, batch) in [(1, 8192), (2, 8192), (3, 1000), (5, 4096), (8, 77)] {
            let sql = session(&points, &in_order, partitions, batch);
            assert_eq!(
                query(&sql, OWN).await.unwrap(),
                bits,
                "{rows} rows, {partitions} partitions"
            );
            // Batches of neighbours, in any order.
            let mixed = shuffled(n.div_ceil(batch), rows ^ 5).into_iter();
            let mixed: Vec<usize> =
                mixed.flat_map(|at| at * batch..n.min((at + 1) * batch)).collect();
            let sql = session(&points, &mixed, partitions, batch);
            assert_eq!(query(&sql, OWN).await.unwrap(), bits, "{rows} rows, mixed batches");
        }
        let backwards: Vec<usize> = (0..n).rev().collect();
        for (order, named) in [(shuffled(n, 17), "shuffled"), (backwards, "backwards")] {
            let sql = session(&points, &order, 3, 512);
            assert_eq!(query(&sql, OWN).await.unwrap(), bits, "{rows} rows, {named}");
        }
    }
}

#[tokio::test]
async fn groups_have_their_own_rows() {
    // The numbers of rows begin at 0 in each group.
    let points = points(4000);
    let sql = session(&points, &(0..4000).collect::<Vec<_>>(), 2, 512);
    let statement = "SELECT loss(row % 1000, x, y, -1.5, 3) FROM points GROUP BY row - row % 1000 ORDER BY row - row % 1000";
    let batches = sql.sql(statement).await.unwrap().collect().await.unwrap();
    let mut sweep = program().compile();
    let mut group = 0;
    for batch in batches {
        for list in batch.column(0).as_list::<i32>().iter() {
            let [x, y] = [&points.x, &points.y].map(|column| {
                column[group * 1000..][..1000].iter().flatten().copied().collect::<Vec<f64>>()
            });
            let found = sweep.run(&[-1.5, 3.0], &Columns::new(&[&x, &y]).unwrap()).unwrap();
            assert_eq!(list.unwrap().as_primitive::<Float64Type>().value(0), found.value());
            group += 1;
        }
    }
    assert_eq!(group, 4);
}

#[tokio::test]
async fn what_is_wrong_says_what_and_where() {
    async fn error(change: impl Fn(&mut Points), statement: &str) -> String {
        let mut points = points(10_000);
        change(&mut points);
        let sql = session(&points, &(0..points.row.len()).collect::<Vec<_>>(), 3, 1000);
        query(&sql, statement).await.unwrap_err().to_string()
    }
    let null = error(|points| points.y[7321] = None, OWN).await;
    assert!(null.contains("column 1 is NaN in row 7321"), "{null}");
    let infinite = error(|points| points.x[5] = Some(f64::INFINITY), OWN).await;
    assert!(infinite.contains("column 0 is inf in row 5"), "{infinite}");
    let twice = error(|points| points.row[9000] = 17, OWN).await;
    assert!(twice.contains("row 17 is there twice"), "{twice}");
    let missing = error(|points| points.row[9999] = 10_000, OWN).await;
    assert!(missing.contains("no row 9999"), "{missing}");
    let late = error(|points| points.row.iter_mut().for_each(|row| *row += 3), OWN).await;
    assert!(late.contains("row 3") && late.contains("row 0"), "{late}");
    let last = error(|points| points.row[9999] = u64::MAX, OWN).await;
    assert!(last.contains("row 18446744073709551615 is the last"), "{last}");
    let few = error(|_| (), "SELECT loss(row, x, y, 1.0) FROM points").await;
    assert!(few.contains("5 arguments") && few.contains("4 were given"), "{few}");
    let moving = error(|_| (), "SELECT loss(row, x, y, 1.0, x) FROM points").await;
    assert!(moving.contains("no literal"), "{moving}");
    let unknown = error(|_| (), "SELECT lost(row, x, y, 1.0, 2.0) FROM points").await;
    assert!(unknown.contains("lost"), "{unknown}");
    let loss = objective!(|[a], [x]| a * x);
    let twice = Program::record(&loss, &[1.0], &[1.0]).unwrap().max().gradient();
    let found = gradient("greatest", twice).err();
    assert!(matches!(found, Some(MakeError::Passes { found: 2.. })), "{found:?}");
}

#[tokio::test]
async fn what_is_wrong_has_its_type() {
    let infinite = RunError::NotFinite { column: 0, row: 7321, value: f64::INFINITY };
    for (change, expected) in [
        (
            (|points| points.x[7321] = Some(f64::INFINITY)) as fn(&mut Points),
            QueryError::Run(infinite.into()),
        ),
        (|points| points.row[9000] = 17, QueryError::Twice { row: 17 }),
        (|points| points.row[9999] = 10_000, QueryError::Missing { row: 9999, next: 10_000 }),
        (|points| points.row[9999] = u64::MAX, QueryError::Last { row: u64::MAX }),
    ] {
        let mut points = points(10_000);
        change(&mut points);
        let sql = session(&points, &(0..10_000).collect::<Vec<_>>(), 3, 1000);
        let error: Box<DataFusionError> =
            query(&sql, OWN).await.expect_err("no result").downcast().expect("an error of a query");
        assert_eq!(QueryError::of(&error), Some(expected.clone()), "{error}");
        assert_eq!(QueryError::of(&error).and_then(|error| error.row()), expected.row());
    }
}
