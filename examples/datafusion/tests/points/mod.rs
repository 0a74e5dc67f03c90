//! Rows, what a run over them comes to, and how a query is asked.

use datafusion::arrow::array::{ArrayRef, AsArray, Float64Array, RecordBatch, UInt64Array};
use datafusion::arrow::datatypes::{DataType, Field, Float64Type, Schema};
use datafusion::prelude::SessionContext;
use std::sync::Arc;
use wengert::objective;
use wengert::program::{Columns, Program};

pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

pub fn program() -> Program {
    let loss = objective!(|[a, b], [x, y]| (a * x * x + b * x - y).abs() + (a * x).sin());
    Program::record(&loss, &[-2.0, 30.0], &[1.0, 99.0]).expect("a recording").mean().gradient()
}

pub struct Points {
    pub row: Vec<u64>,
    pub x: Vec<Option<f64>>,
    pub y: Vec<Option<f64>>,
}

pub fn points(rows: u64) -> Points {
    let x = |row: u64| (row as f64 * 0.618).fract() * 10.0 - 3.0;
    let y = |row: u64| 3.0 * x(row) + (row as f64).sin();
    let row: Vec<u64> = (0..rows).collect();
    let [x, y] =
        [&x as &dyn Fn(u64) -> f64, &y].map(|f| row.iter().map(|&row| Some(f(row))).collect());
    Points { row, x, y }
}

impl Points {
    pub fn batch(&self, order: &[usize]) -> RecordBatch {
        let row: ArrayRef =
            Arc::new(UInt64Array::from_iter_values(order.iter().map(|&at| self.row[at])));
        let [x, y] = [&self.x, &self.y].map(|column| -> ArrayRef {
            Arc::new(order.iter().map(|&at| column[at]).collect::<Float64Array>())
        });
        let numbers = ["x", "y"].map(|name| Field::new(name, DataType::Float64, true));
        let [of_x, of_y] = numbers;
        let schema = Schema::new(vec![Field::new("row", DataType::UInt64, false), of_x, of_y]);
        RecordBatch::try_new(Arc::new(schema), vec![row, x, y]).expect("columns of one length")
    }
}

pub async fn query(sql: &SessionContext, statement: &str) -> Outcome<Vec<u64>> {
    let batches = sql.sql(statement).await?.collect().await?;
    let list = batches[0].column(0).as_list::<i32>().value(0);
    Ok(list.as_primitive::<Float64Type>().values().iter().map(|x| x.to_bits()).collect())
}

pub const OWN: &str = "SELECT loss(row, x, y, -1.5, 3) FROM points";

pub fn expected(rows: &Points) -> Vec<u64> {
    let [x, y] =
        [&rows.x, &rows.y].map(|column| column.iter().flatten().copied().collect::<Vec<f64>>());
    let mut sweep = program().compile();
    let found =
        sweep.run(&[-1.5, 3.0], &Columns::new(&[&x, &y]).expect("two columns")).expect("a run");
    std::iter::once(found.value())
        .chain(found.gradient().iter().copied())
        .map(f64::to_bits)
        .collect()
}

/// Numbers below `n`, of no order that counts.
pub fn shuffled(n: usize, seed: u64) -> Vec<usize> {
    let mut all: Vec<usize> = (0..n).collect();
    all.sort_by_key(|&at| (at as u64 ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29));
    all
}
