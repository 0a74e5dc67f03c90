//! The digits: eight by eight pixels each.

use std::error::Error;
use wengert::Scalar;
use wengert::program::{Columns, RunError};
use wengert::train::Perceptron;

/// To a digit.
pub(crate) const PIXELS: usize = 64;
const SIDE: usize = 8;
/// The darkest pixel.
const DARKEST: f64 = 16.0;

/// A column for each pixel, from 0 to 1, and one for the digit.
pub(crate) struct Digits {
    columns: Vec<Vec<f64>>,
}

impl Digits {
    pub(crate) fn read() -> Result<Self, Box<dyn Error>> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/digits.csv");
        let mut columns = vec![Vec::new(); PIXELS + 1];
        for record in csv::Reader::from_path(path)?.deserialize() {
            let row: Vec<f64> = record?;
            for (place, (column, x)) in columns.iter_mut().zip(row).enumerate() {
                column.push(if place < PIXELS { x / DARKEST } else { x });
            }
        }
        Ok(Digits { columns })
    }

    pub(crate) fn columns(&self) -> Result<Columns<'_>, RunError> {
        Columns::new(&self.columns.iter().map(|column| &column[..]).collect::<Vec<_>>())
    }

    pub(crate) fn row(&self, row: usize) -> Vec<f64> {
        self.columns.iter().map(|column| column[row]).collect()
    }

    pub(crate) fn labels(&self) -> impl Iterator<Item = usize> {
        self.columns[PIXELS].iter().map(|&digit| digit as usize)
    }

    pub(crate) fn label(&self, row: u32) -> usize {
        self.columns[PIXELS][row as usize] as usize
    }

    /// The digit that a perceptron takes a row for.
    pub(crate) fn read_by(&self, net: &Perceptron, weights: &[f64], row: usize) -> usize {
        let scores = net.outputs(weights, &self.row(row)[..PIXELS], f64::relu);
        (0..scores.len()).max_by(|&a, &b| scores[a].total_cmp(&scores[b])).unwrap_or(0)
    }

    /// A digit in characters.
    pub(crate) fn drawn(&self, row: u32) -> String {
        let shade = |pixel: f64| [' ', '.', ':', 'o', '#'][(pixel * 4.0).round() as usize];
        let pixels = self.row(row as usize);
        let line =
            |line: &[f64]| line.iter().flat_map(|&p| [shade(p), shade(p)]).collect::<String>();
        pixels[..PIXELS].chunks(SIDE).map(line).collect::<Vec<_>>().join("\n")
    }
}
