//! Programs and rows for the tests of data, streams and threads.

use wengert::program::{Column, Columns, Found, Program};
use wengert::{Objective, Scalar, objective};

/// Numbers in `[-1, 1)`, the same on each run.
pub(crate) fn numbers(n: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    std::iter::repeat_with(next).take(n).collect()
}

/// Rows of three columns: two of numbers, one of indices below 5.
pub(crate) struct Rows {
    pub(crate) x: Vec<f64>,
    pub(crate) y: Vec<f64>,
    pub(crate) kind: Vec<u32>,
}

impl Rows {
    pub(crate) fn new(n: usize) -> Self {
        let kind = numbers(n, 3).iter().map(|x| ((x + 1.0) * 2.5) as u32).collect();
        Rows { x: numbers(n, 1), y: numbers(n, 2), kind }
    }

    pub(crate) fn columns(&self) -> Columns<'_> {
        let (x, y, kind) = (Column::F64(&self.x), Column::F64(&self.y), Column::U32(&self.kind));
        Columns::mixed([x, y, kind]).unwrap()
    }

    /// Rows `from..to` as columns of their own.
    pub(crate) fn chunk(&self, from: usize, to: usize) -> [Vec<f64>; 3] {
        let kind = self.kind[from..to].iter().map(|&kind| f64::from(kind)).collect();
        [self.x[from..to].to_vec(), self.y[from..to].to_vec(), kind]
    }
}

/// An offset for each kind, the first five parameters; a slope, the sixth. It has kinks, gathers and
/// scatters.
struct ByKind;

impl Objective for ByKind {
    fn at<T: Scalar>(&self, p: &[T], row: &[T]) -> T {
        let offset = T::gather(&p[..5], row[2]);
        (p[5] * row[0] + offset - row[1]).abs() + (row[0] * p[5]).tanh() * 0.1
    }
}

pub(crate) const PARAMETERS: [f64; 6] = [0.1, -0.2, 0.3, -0.4, 0.5, 0.75];

pub(crate) fn by_kind() -> Program {
    Program::record(&ByKind, &PARAMETERS, &[0.5, 0.25, 1.0]).unwrap().mean().gradient()
}

/// The greatest error and its slopes: two passes over the rows.
pub(crate) fn worst() -> Program {
    Program::record(&ByKind, &PARAMETERS, &[0.5, 0.25, 1.0]).unwrap().max().gradient()
}

/// The article's curve.
pub(crate) fn curve() -> Program {
    let loss = objective!(|[a, b], [x, y]| (a * x * x + b * x - y).abs());
    Program::record(&loss, &[-2.0, 30.0], &[1.0, 99.0]).unwrap().mean().gradient()
}

/// All bits of a result.
pub(crate) fn bits(found: Found<'_>) -> (u64, Vec<u64>, Vec<u64>, u64) {
    let gradient = found.gradient().iter().map(|x| x.to_bits()).collect();
    let kinks = found.kinks().iter().map(|kink| kink.row_count).collect();
    (found.value().to_bits(), gradient, kinks, found.row_count())
}

/// The lengths of data around which something changes: lanes, blocks, segments.
pub(crate) const LENGTHS: [usize; 9] = [0, 1, 31, 33, 1025, 4095, 4096, 4097, 20_011];
