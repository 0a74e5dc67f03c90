//! Second derivatives of whole functions, without handling a tape.

use super::var::Var2;
use crate::op::nary::LengthError;
use crate::tape::Reel;
use crate::{Dual, Real};

/// How many rows [`hessian`] computes at once.
pub const HESSIAN_LANES: usize = 4;

/// Value, gradient and the product of the Hessian with a direction, of a function of a slice: one recording and
/// one sweep.
///
/// # Errors
/// If the direction has another length than the point.
///
/// ```
/// use wengert::hvp;
/// let (value, gradient, product) = hvp(|x| x[0] * x[0] * x[1], &[2.0, 3.0], &[1.0, 0.0])?;
/// assert_eq!((value, gradient, product), (12.0, vec![12.0, 4.0], vec![6.0, 4.0]));
/// # Ok::<(), wengert::LengthError>(())
/// ```
#[track_caller]
pub fn hvp<F: Real>(
    f: impl FnOnce(&[Var2<1, F>]) -> Var2<1, F>,
    x: &[F],
    direction: &[F],
) -> Result<(F, Vec<F>, Vec<F>), LengthError> {
    let (value, gradient, [product]) = hvps(f, x, [direction])?;
    Ok((value, gradient, product))
}

/// [`hvp`] along several directions, in one recording and one sweep.
///
/// # Errors
/// If a direction has another length than the point.
///
/// ```
/// use wengert::hvps;
/// let (_, _, rows) = hvps(|x| x[0] * x[0] * x[1], &[2.0, 3.0], [&[1.0, 0.0], &[0.0, 1.0]])?;
/// assert_eq!(rows, [[6.0, 4.0], [4.0, 0.0]]);
/// # Ok::<(), wengert::LengthError>(())
/// ```
#[track_caller]
#[allow(clippy::type_complexity, reason = "a tuple as that of `gradient`, in a `Result`")]
pub fn hvps<const N: usize, F: Real>(
    f: impl FnOnce(&[Var2<N, F>]) -> Var2<N, F>,
    x: &[F],
    directions: [&[F]; N],
) -> Result<(F, Vec<F>, [Vec<F>; N]), LengthError> {
    for direction in directions {
        LengthError::check(x.len(), direction.len())?;
    }
    let reel = Reel::new();
    let moved = |(i, &x): (usize, &F)| Dual::new(x, directions.map(|direction| direction[i]));
    let vars: Vec<Var2<N, F>> =
        reel.vars(x.iter().enumerate().map(moved)).into_iter().map(Var2).collect();
    let y = f(&vars);
    Ok(reel.sweep(y.0, x.len(), |adjoints| {
        let gradient = adjoints.iter().map(|a| a.value()).collect();
        let product = |k| adjoints.iter().map(|a| a.tangents()[k]).collect();
        (y.value(), gradient, std::array::from_fn(product))
    }))
}

/// Value, gradient and Hessian of a function of a slice, the Hessian row by row.
///
/// Of `n` variables it takes `n / 4` recordings and sweeps. Of up to six variables [`Dual2`](crate::Dual2) is the
/// quicker way, in 0.2 to 1.0 of the time in what was measured; of eight to ten it is about even, and of more
/// the tape is. The two are not exchanged unasked, since they differ at kinks: a `Dual2` is on one piece in all
/// directions. At a kink a row is the derivative of the gradient
/// along its variable's axis, on the piece that this direction enters, and the function is recorded once for
/// each row; the gradient is that of the first row's piece.
///
/// ```
/// use wengert::{Scalar, hessian};
/// fn rosenbrock<T: Scalar>(x: &[T]) -> T {
///     (1.0 - x[0]).square() + 100.0 * (x[1] - x[0].square()).square()
/// }
/// let (value, gradient, rows) = hessian(rosenbrock, &[1.0, 1.0]);
/// assert_eq!((value, gradient), (0.0, vec![0.0, 0.0]));
/// assert_eq!(rows, [[802.0, -400.0], [-400.0, 200.0]]);
/// // Each row of ½ |x|² along its axis.
/// let (_, _, rows) = hessian(|x| Scalar::norm(x).square() * 0.5, &[0.0, 0.0]);
/// assert_eq!(rows, [[1.0, 0.0], [0.0, 1.0]]);
/// ```
#[track_caller]
pub fn hessian<F: Real>(
    f: impl Fn(&[Var2<HESSIAN_LANES, F>]) -> Var2<HESSIAN_LANES, F>,
    x: &[F],
) -> (F, Vec<F>, Vec<Vec<F>>) {
    let reel = Reel::new();
    let (mut value, mut gradient, mut rows) = (F::zero(), Vec::new(), Vec::new());
    // How many rows a recording is for: all lanes, or one as soon as a kink was met.
    let mut lanes = HESSIAN_LANES;
    let mut first = true;
    while first || rows.len() < x.len() {
        let from = rows.len();
        let moved = |(i, &x): (usize, &F)| {
            let mut tangents = [F::zero(); HESSIAN_LANES];
            if let Some(lane) = usize::checked_sub(i, from).filter(|&lane| lane < lanes) {
                tangents[lane] = F::one();
            }
            Dual::new(x, tangents)
        };
        reel.clear();
        let vars: Vec<_> =
            reel.vars(x.iter().enumerate().map(moved)).into_iter().map(Var2).collect();
        let y = f(&vars);
        if lanes > 1 && x.len() > 1 && reel.has_decided() {
            lanes = 1;
            continue;
        }
        reel.sweep(y.0, x.len(), |adjoints| {
            if first {
                value = y.value();
                gradient = adjoints.iter().map(|a| a.value()).collect();
            }
            for lane in 0..lanes.min(x.len() - from) {
                rows.push(adjoints.iter().map(|a| a.tangents()[lane]).collect());
            }
        });
        first = false;
    }
    (value, gradient, rows)
}
