//! The list that a user's rule gives: [`Partials`].

use smallvec::SmallVec;
use std::ops::Deref;

/// The partials of a user-defined function of a list of arguments; see
/// [`Scalar::custom_slice`](crate::Scalar::custom_slice). A list of up to eight is kept without
/// allocating.
///
/// ```
/// use wengert::{Partials, Scalar, Tape, Var};
/// let tape = Tape::new();
/// let x = tape.vars_from(&[1.0, 2.0, 3.0]);
/// let squares = Var::custom_slice("squares", &x, |x| {
///     (x.iter().map(|x| x * x).sum(), x.iter().map(|x| 2.0 * x).collect())
/// });
/// assert_eq!(squares.backward().wrt(&x), [2.0, 4.0, 6.0]);
/// assert_eq!(Partials::from(vec![1.0, 2.0])[1], 2.0);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Partials<F>(SmallVec<[F; 8]>);

impl<F> Deref for Partials<F> {
    type Target = [F];
    #[inline(always)]
    fn deref(&self) -> &[F] {
        &self.0
    }
}

impl<F> FromIterator<F> for Partials<F> {
    #[inline]
    fn from_iter<I: IntoIterator<Item = F>>(partials: I) -> Self {
        Partials(partials.into_iter().collect())
    }
}

impl<F> Extend<F> for Partials<F> {
    fn extend<I: IntoIterator<Item = F>>(&mut self, partials: I) {
        self.0.extend(partials);
    }
}

impl<F: Copy> From<&[F]> for Partials<F> {
    #[inline(always)]
    fn from(partials: &[F]) -> Self {
        Partials(SmallVec::from_slice(partials))
    }
}

impl<F: Copy, const N: usize> From<[F; N]> for Partials<F> {
    #[inline(always)]
    fn from(partials: [F; N]) -> Self {
        Self::from(&partials[..])
    }
}

impl<F> From<Vec<F>> for Partials<F> {
    fn from(partials: Vec<F>) -> Self {
        Partials(partials.into())
    }
}
