//! The digits: eight by eight pixels each.

use std::error::Error;
use wengert::Scalar;
use wengert::program::{Columns, RunError};
use wengert::train::Perceptron;

/// To a digit.
pub(crate) const PIXELS: usize = 64;
pub(crate) const SIDE: usize = 8;
/// The darkest pixel.
const DARKEST: f64 = 16.0;

/// Of each pixels from 0 to 1, and the digit: row by row, as they are read, and as columns.
pub(crate) struct Digits {
    rows: Vec<Vec<f64>>,
    columns: Vec<Vec<f64>>,
}

impl Digits {
    pub(crate) fn read() -> Result<Self, Box<dyn Error>> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/digits.csv");
        let mut rows = Vec::new();
        for record in csv::Reader::from_path(path)?.deserialize() {
            let mut row: Vec<f64> = record?;
            row[..PIXELS].iter_mut().for_each(|x| *x /= DARKEST);
            rows.push(row);
        }
        let column = |place| rows.iter().map(|row: &Vec<f64>| row[place]).collect();
        Ok(Digits { columns: (0..=PIXELS).map(column).collect(), rows })
    }

    pub(crate) fn columns(&self) -> Result<Columns<'_>, RunError> {
        Columns::new(&self.columns.iter().map(|column| &column[..]).collect::<Vec<_>>())
    }

    pub(crate) fn row(&self, row: usize) -> &[f64] {
        &self.rows[row]
    }

    pub(crate) fn labels(&self) -> impl Iterator<Item = usize> {
        self.columns[PIXELS].iter().map(|&digit| digit as usize)
    }

    pub(crate) fn label(&self, row: u32) -> usize {
        self.columns[PIXELS][row as usize] as usize
    }

    /// The digit that a perceptron takes a row for.
    pub(crate) fn read_by(&self, net: &Perceptron, weights: &[f64], row: usize) -> usize {
        let scores = net.outputs(weights, self.pixels(row as u32), f64::relu);
        (0..scores.len()).max_by(|&a, &b| scores[a].total_cmp(&scores[b])).unwrap_or(0)
    }

    /// The pixels of a row.
    pub(crate) fn pixels(&self, row: u32) -> &[f64] {
        &self.rows[row as usize][..PIXELS]
    }
}
