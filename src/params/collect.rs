//! [`Params`] as a collection: by name, from pairs, and into them.

use super::{Params, ParamsError, Slot};
use crate::Real;
use std::ops::Index;

impl<F: Real> Index<&str> for Params<F> {
    type Output = [F];

    /// The numbers of a name; a scalar is a block of one.
    ///
    /// # Panics
    /// If there is no such name; [`Params::block`] says so instead.
    ///
    /// ```
    /// let mut params = wengert::Params::from_scalars([("a", 1.0)])?;
    /// params.insert_block("w", &[2.0, 3.0])?;
    /// assert_eq!((params["a"][0], params["w"][1]), (1.0, 3.0));
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    #[track_caller]
    fn index(&self, name: &str) -> &[F] {
        match self.block(name) {
            Ok(block) => block,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Names with their values, in the order of definition; from [`Params::iter`].
///
/// ```
/// let params = wengert::Params::from_scalars([("a", 1.0), ("b", 2.0)])?;
/// let mut pairs = params.iter();
/// assert_eq!(pairs.next(), Some(("a", &[1.0][..])));
/// assert_eq!(pairs.len(), 1);
/// # Ok::<(), wengert::ParamsError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ParamsIter<'a, F: Real = f64> {
    values: &'a [F],
    names: indexmap::map::Iter<'a, String, Slot>,
}

impl<'a, F: Real> ParamsIter<'a, F> {
    pub(super) fn new(params: &'a Params<F>) -> Self {
        ParamsIter { values: &params.values, names: params.names.iter() }
    }
}

impl<'a, F: Real> Iterator for ParamsIter<'a, F> {
    type Item = (&'a str, &'a [F]);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, extent) = self.names.next()?;
        Some((name, &self.values[extent.range.clone()]))
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.names.size_hint()
    }
}

impl<F: Real> ExactSizeIterator for ParamsIter<'_, F> {}

impl<'a, F: Real> IntoIterator for &'a Params<F> {
    type Item = (&'a str, &'a [F]);
    type IntoIter = ParamsIter<'a, F>;

    /// Names with their values, in the order of definition.
    ///
    /// ```
    /// let params = wengert::Params::from_scalars([("a", 1.0), ("b", 2.0)])?;
    /// for (name, values) in &params {
    ///     println!("{name}: {values:?}");
    /// }
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    fn into_iter(self) -> ParamsIter<'a, F> {
        self.iter()
    }
}

impl<F: Real, N: Into<String>> Extend<(N, F)> for Params<F> {
    /// Adds a scalar for each pair. As in a map, a scalar that exists takes the later value. The values
    /// are not checked, as those of [`Params::values_mut`] are not: what an optimizer cannot use, it
    /// refuses. [`Params::insert`] checks both.
    ///
    /// # Panics
    /// If the name is that of a block of another length than 1.
    ///
    /// ```
    /// let mut params = wengert::Params::from_scalars([("a", 1.0)])?;
    /// params.extend([("b", 2.0), ("a", 3.0)]);
    /// assert_eq!(params.values(), [3.0, 2.0]);
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    #[track_caller]
    fn extend<I: IntoIterator<Item = (N, F)>>(&mut self, scalars: I) {
        for (name, value) in scalars {
            let name = name.into();
            match self.index(&name) {
                Ok(at) => self.values[at] = value,
                Err(ParamsError::Unknown { .. }) => self.push(name, &[value], &[]),
                Err(error) => panic!("{error}"),
            }
        }
    }
}

impl<F: Real, N: Into<String>> FromIterator<(N, F)> for Params<F> {
    /// A scalar for each pair, as by [`Extend`]. [`Params::from_scalars`] refuses a name that occurs
    /// twice, and a value that is infinite or NaN.
    ///
    /// ```
    /// use wengert::Params;
    /// let params: Params = ["a", "b"].into_iter().zip([1.0, 2.0]).collect();
    /// assert_eq!(params.scalar("b")?, 2.0);
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    fn from_iter<I: IntoIterator<Item = (N, F)>>(scalars: I) -> Self {
        let mut params = Params::new();
        params.extend(scalars);
        params
    }
}
