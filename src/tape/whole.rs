//! Gradients of whole functions, without handling a tape.

use crate::op::nary::carried::{carry, settle, settled};
use crate::{Real, Tape, Var};
use std::slice::from_mut;

/// Value and gradient of a function of a slice.
///
/// ```
/// use wengert::{Var, gradient};
/// let (value, slope) = gradient(|x: &[Var]| x[0] * x[1] + x[2].sin(), &[2.0, 3.0, 0.0]);
/// assert_eq!(value, 6.0);
/// assert_eq!(slope, [3.0, 2.0, 1.0]);
/// ```
#[track_caller]
pub fn gradient<F: Real>(f: impl FnOnce(&[Var<F>]) -> Var<F>, x: &[F]) -> (F, Vec<F>) {
    let tape = Tape::default();
    let vars = tape.vars_from(x);
    let y = f(&vars);
    (y.value(), y.backward().wrt(&vars))
}

/// Value and gradient of a function of an array.
///
/// ```
/// use wengert::gradient_array;
/// let (area, slope) = gradient_array(|[length]| length * (100.0 - length), [57.0]);
/// assert_eq!((area, slope), (2451.0, [-14.0]));
/// ```
#[track_caller]
pub fn gradient_array<F: Real, const N: usize>(
    f: impl FnOnce([Var<F>; N]) -> Var<F>,
    x: [F; N],
) -> (F, [F; N]) {
    let tape = Tape::default();
    let vars = tape.vars(x);
    let y = f(vars);
    (y.value(), y.backward().wrt(vars))
}

/// How many reverse sweeps a forward sweep costs: 2.3 were measured with 10 outputs of 10 variables, and 3.3 with 30
/// of 30.
const FORWARD: usize = 2;

/// Values and Jacobian of a function of a slice, the Jacobian row by row: a row is the gradient of an output.
///
/// One recording, and over it a reverse sweep for each output, or, where there are more than twice as many outputs
/// as variables, a forward sweep for each variable. At kinks the slopes are those of [`gradient`]. Of up to eight
/// variables [`Dual`](crate::Dual) numbers are quicker, in 0.4 to 0.9 of the time in what was measured; at kinks
/// they enter a piece, and follow no convention.
///
/// ```
/// use wengert::{Scalar, jacobian};
/// fn polar<T: Scalar>(x: &[T]) -> Vec<T> {
///     let (sin, cos) = x[1].sin_cos();
///     vec![x[0] * cos, x[0] * sin, x[0].square()]
/// }
/// let (values, rows) = jacobian(polar, &[2.0, 0.0]);
/// assert_eq!(values, [2.0, 0.0, 4.0]);
/// assert_eq!(rows, [[1.0, 0.0], [0.0, 2.0], [4.0, 0.0]]);
/// ```
#[track_caller]
pub fn jacobian<F: Real>(
    f: impl FnOnce(&[Var<F>]) -> Vec<Var<F>>,
    x: &[F],
) -> (Vec<F>, Vec<Vec<F>>) {
    let tape = Tape::default();
    let vars = tape.vars_from(x);
    let outputs = f(&vars);
    let values = outputs.iter().map(|y| y.value()).collect();
    if outputs.len() <= FORWARD * x.len() {
        let row = |y: &Var<F>| y.backward().wrt(&vars);
        return (values, outputs.iter().map(row).collect());
    }
    let mut rows = vec![vec![F::zero(); x.len()]; outputs.len()];
    for column in 0..x.len() {
        tape.tangents(column, |tangents| {
            for (row, y) in rows.iter_mut().zip(&outputs) {
                row[column] = y.tangent(tangents);
            }
        });
    }
    (values, rows)
}

/// Value and gradient of a sum of `f` over chunks of data, in the memory of one chunk: each chunk is
/// recorded, swept, added, and forgotten. In single precision the sums are formed in double precision.
///
/// ```
/// use wengert::{Var, gradient_sum};
/// let data: Vec<f64> = (0..10_000).map(f64::from).collect();
/// let loss = |w: &[Var], chunk: &[f64]| chunk.iter().map(|&x| (w[0] * x - 1.0).square()).sum();
/// let (value, slope) = gradient_sum(loss, &[0.0], data.chunks(100));
/// assert_eq!(value, 10_000.0);
/// assert_eq!(slope, [-2.0 * data.iter().sum::<f64>()]);
/// ```
#[track_caller]
pub fn gradient_sum<F: Real, C>(
    mut f: impl FnMut(&[Var<F>], C) -> Var<F>,
    x: &[F],
    chunks: impl IntoIterator<Item = C>,
) -> (F, Vec<F>) {
    let tape = Tape::default();
    let mut vars = Vec::new();
    let (mut value, mut slope) = (F::zero(), vec![F::zero(); x.len()]);
    let (mut values, mut slopes) = (0.0, vec![0.0; if F::SINGLE { x.len() } else { 0 }]);
    for chunk in chunks {
        tape.clear();
        vars.clear();
        tape.extend_vars(x, &mut vars);
        let y = f(&vars, chunk);
        value += y.value();
        y.backward().add_wrt(&vars, &mut slope);
        if F::SINGLE {
            carry(from_mut(&mut values), from_mut(&mut value));
            carry(&mut slopes, &mut slope);
        }
    }
    settle(&slopes, &mut slope);
    (settled(values, value), slope)
}
