//! The variables of parameters on a tape: [`Recorded`].

use super::{Params, ParamsError};
use crate::{Real, Var};

/// The variables of [`Params`] on a tape, by name; from [`Params::record`].
///
/// ```
/// use wengert::{Params, ParamsError, Recorded, Scalar, Var};
///
/// /// A linear model.
/// fn predict(p: &Recorded, x: &[f64]) -> Result<Var, ParamsError> {
///     Ok(Var::dot(p.block("weights")?, x) + p.scalar("bias")?)
/// }
///
/// let mut params = Params::from_scalars([("bias", 1.0)])?;
/// params.insert_block("weights", &[2.0, 3.0])?;
/// let (tape, mut vars) = (wengert::Tape::new(), Vec::new());
/// let p = params.record(&tape, &mut vars);
/// assert_eq!(predict(&p, &[10.0, 100.0])?.backward().wrt(p.vars()), [1.0, 10.0, 100.0]);
/// # Ok::<(), ParamsError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Recorded<'a, F: Real = f64> {
    params: &'a Params<F>,
    vars: &'a [Var<F>],
}

impl<'a, F: Real> Recorded<'a, F> {
    pub(super) fn new(params: &'a Params<F>, vars: &'a [Var<F>]) -> Self {
        Recorded { params, vars }
    }

    /// The variable of a scalar.
    ///
    /// # Errors
    /// If there is no such name, or it is a block of another length than 1.
    ///
    /// ```
    /// use wengert::{Params, Tape};
    /// let params = Params::from_scalars([("a", 3.0)])?;
    /// let (tape, mut vars) = (Tape::new(), Vec::new());
    /// let p = params.record(&tape, &mut vars);
    /// assert_eq!(p.scalar("a")?.value(), 3.0);
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    pub fn scalar(&self, name: &str) -> Result<Var<F>, ParamsError> {
        Ok(self.vars[self.params.index(name)?])
    }

    /// The variables of several scalars.
    ///
    /// # Errors
    /// As [`Recorded::scalar`], for the first name that has something wrong.
    ///
    /// ```
    /// use wengert::{Params, Tape};
    /// let params = Params::from_scalars([("a", 3.0), ("b", 4.0)])?;
    /// let (tape, mut vars) = (Tape::new(), Vec::new());
    /// let [b, a] = params.record(&tape, &mut vars).scalars(["b", "a"])?;
    /// assert_eq!((a / b).value(), 0.75);
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    pub fn scalars<const N: usize>(&self, names: [&str; N]) -> Result<[Var<F>; N], ParamsError> {
        let mut vars = [Var::from(F::zero()); N];
        for (var, name) in vars.iter_mut().zip(names) {
            *var = self.scalar(name)?;
        }
        Ok(vars)
    }

    /// The variables of a block; a scalar is a block of one.
    ///
    /// # Errors
    /// If there is no such name.
    ///
    /// ```
    /// use wengert::{Params, Scalar, Tape, Var};
    /// let mut params = Params::new();
    /// params.insert_block("w", &[2.0, 3.0])?;
    /// let (tape, mut vars) = (Tape::new(), Vec::new());
    /// let p = params.record(&tape, &mut vars);
    /// assert_eq!(Var::dot(p.block("w")?, &[10.0, 1.0]).value(), 23.0);
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    pub fn block(&self, name: &str) -> Result<&'a [Var<F>], ParamsError> {
        Ok(&self.vars[self.params.range(name)?])
    }

    /// All variables, in the order of the flat vector: what
    /// [`Gradient::write_wrt`](crate::Gradient::write_wrt) wants.
    ///
    /// ```
    /// use wengert::{Params, Tape};
    /// let params = Params::from_scalars([("a", 3.0), ("b", 4.0)])?;
    /// let (tape, mut vars) = (Tape::new(), Vec::new());
    /// let p = params.record(&tape, &mut vars);
    /// let mut gradient = [0.0; 2];
    /// (p.scalar("a")? * 5.0).backward().write_wrt(p.vars(), &mut gradient);
    /// assert_eq!(gradient, [5.0, 0.0]);
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    #[must_use]
    pub fn vars(&self) -> &'a [Var<F>] {
        self.vars
    }
}
