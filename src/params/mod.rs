//! Named parameters over one flat vector: [`Params`], and their variables on a tape: [`Recorded`].

mod collect;
mod error;
mod recorded;

pub use collect::ParamsIter;
pub use error::ParamsError;
pub use recorded::Recorded;

use crate::real::Short;
use crate::{Real, Tape, Var};
use indexmap::IndexMap;
use std::fmt;
use std::ops::Range;

/// Named scalars and named blocks of numbers, held in one flat vector.
///
/// Names keep the order of their definition. Optimizers work on the flat vector
/// ([`Params::values_mut`]); the loss is written with names ([`Params::fit`], or [`Params::record`] in a
/// loop of one's own).
///
/// ```
/// use wengert::optim::{Search, Sgd};
/// use wengert::{Params, Var};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut params = Params::new();
/// params.insert("bias", 0.0)?;
/// params.insert_block("weights", &[0.0, 0.0])?;
///
/// let rows = [([1.0, 0.0], 3.0), ([0.0, 1.0], 5.0), ([1.0, 1.0], 7.0)];
/// let sgd = Sgd::builder(0.2).momentum(0.5).build()?;
/// params.fit(&mut Search::new(sgd, 1000).flat(1e-10), |p| {
///     let (bias, w) = (p.scalar("bias")?, p.block("weights")?);
///     let error = |x: [f64; 2], y: f64| w[0] * x[0] + w[1] * x[1] + bias - y;
///     let loss: Var = rows.iter().map(|&(x, y)| error(x, y).powi(2)).sum();
///     Ok::<_, Box<dyn std::error::Error>>(loss)
/// })?;
/// approx::assert_relative_eq!(params.scalar("bias")?, 1.0, epsilon = 1e-9);
/// approx::assert_relative_eq!(params.block("weights")?, &[2.0, 4.0][..], epsilon = 1e-9);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Params<F: Real = f64> {
    values: Vec<F>,
    names: IndexMap<String, Slot>,
}

/// The range of a name's numbers in the flat vector, and their shape.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Slot {
    range: Range<usize>,
    /// The extents, the last one of numbers that lie together; none for a scalar.
    shape: Vec<usize>,
}

impl Slot {
    fn is_block(&self) -> bool {
        !self.shape.is_empty()
    }
}

impl<F: Real> Params<F> {
    /// No parameters.
    ///
    /// ```
    /// assert!(wengert::Params::<f64>::new().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Params { values: Vec::new(), names: IndexMap::new() }
    }

    /// A parameter for each name, in this order.
    ///
    /// # Errors
    /// If a name occurs twice, or a value is infinite or NaN.
    ///
    /// ```
    /// let params = wengert::Params::from_scalars([("a", -2.0), ("b", 30.0)])?;
    /// assert_eq!(params.values(), [-2.0, 30.0]);
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    pub fn from_scalars<'a>(
        scalars: impl IntoIterator<Item = (&'a str, F)>,
    ) -> Result<Self, ParamsError> {
        let mut params = Self::new();
        for (name, value) in scalars {
            params.insert(name, value)?;
        }
        Ok(params)
    }

    /// Adds a scalar.
    ///
    /// # Errors
    /// If the name is taken, or the value infinite or NaN; nothing is added then.
    ///
    /// ```
    /// let mut params = wengert::Params::new();
    /// params.insert("a", -2.0)?;
    /// let error = params.insert("a", 1.0).unwrap_err();
    /// assert_eq!(error.to_string(), "there is a parameter named `a` already");
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    pub fn insert(&mut self, name: impl Into<String>, value: F) -> Result<(), ParamsError> {
        self.add(name.into(), &[value], &[])
    }

    /// Adds a block of numbers.
    ///
    /// # Errors
    /// If the name is taken, or a value infinite or NaN; nothing is added then.
    ///
    /// ```
    /// let mut params = wengert::Params::new();
    /// params.insert_block("weights", &[0.5, -0.5])?;
    /// let error = params.insert_block("biases", &[0.0, f64::NAN]).unwrap_err();
    /// assert_eq!(error.to_string(), "parameter `biases[1]` would be NaN");
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    pub fn insert_block(
        &mut self,
        name: impl Into<String>,
        values: &[F],
    ) -> Result<(), ParamsError> {
        self.add(name.into(), values, &[values.len()])
    }

    /// Adds a block of numbers that is an array of this shape. Numbers that follow each other along the last axis
    /// lie side by side. Files of arrays keep the shape; everything else sees a block.
    ///
    /// # Errors
    /// If the name is taken, the product of the extents is not the number of values, or a value is infinite or
    /// NaN; nothing is added then.
    ///
    /// ```
    /// let mut params = wengert::Params::new();
    /// params.insert_array("weights", &[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])?;
    /// assert_eq!(params.name_of(3).as_deref(), Some("weights[3]"));
    /// let error = params.insert_array("more", &[2, 3], &[1.0]).unwrap_err();
    /// assert_eq!(error.to_string(), "parameter `more` has length 6, not 1");
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    pub fn insert_array(
        &mut self,
        name: impl Into<String>,
        shape: &[usize],
        values: &[F],
    ) -> Result<(), ParamsError> {
        let (name, found) = (name.into(), values.len());
        let expected = shape.iter().fold(1, |all: usize, &extent| all.saturating_mul(extent));
        if expected != found {
            return Err(ParamsError::Length { name, expected, found });
        }
        self.add(name, values, shape)
    }

    fn add(&mut self, name: String, values: &[F], shape: &[usize]) -> Result<(), ParamsError> {
        if self.names.contains_key(&name) {
            return Err(ParamsError::Duplicate { name });
        }
        check_finite(&name, !shape.is_empty(), values)?;
        self.push(name, values, shape);
        Ok(())
    }

    /// Adds numbers by a name that is new; the shape is of as many.
    pub(crate) fn push(&mut self, name: String, values: &[F], shape: &[usize]) {
        let start = self.values.len();
        self.values.extend_from_slice(values);
        let slot = Slot { range: start..self.values.len(), shape: shape.to_vec() };
        self.names.insert(name, slot);
    }

    /// How many numbers there are in all.
    ///
    /// ```
    /// let params = wengert::Params::from_scalars([("a", 1.0), ("b", 2.0)])?;
    /// assert_eq!(params.len(), 2);
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are no numbers.
    ///
    /// ```
    /// assert!(wengert::Params::<f64>::default().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The flat vector, in the order of definition.
    ///
    /// ```
    /// let params = wengert::Params::from_scalars([("b", 1.0), ("a", 2.0)])?;
    /// assert_eq!(params.values(), [1.0, 2.0]);
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    #[must_use]
    pub fn values(&self) -> &[F] {
        &self.values
    }

    /// The flat vector, to be changed in place.
    ///
    /// ```
    /// let mut params = wengert::Params::from_scalars([("a", 1.0)])?;
    /// params.values_mut()[0] = 7.0;
    /// assert_eq!(params.scalar("a")?, 7.0);
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    pub fn values_mut(&mut self) -> &mut [F] {
        &mut self.values
    }

    /// Replaces all numbers, for example by the best that a search met.
    ///
    /// # Errors
    /// If there are more or fewer numbers, or one is infinite or NaN; nothing is changed then.
    ///
    /// ```
    /// let mut params = wengert::Params::from_scalars([("a", 1.0), ("b", 2.0)])?;
    /// params.set_values(&[3.0, 4.0])?;
    /// assert_eq!(params.scalar("b")?, 4.0);
    /// assert!(params.set_values(&[3.0]).is_err());
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    pub fn set_values(&mut self, values: &[F]) -> Result<(), ParamsError> {
        if values.len() != self.len() {
            let (expected, found) = (self.len(), values.len());
            return Err(ParamsError::TotalLength { expected, found });
        }
        for (name, extent) in &self.names {
            check_finite(name, extent.is_block(), &values[extent.range.clone()])?;
        }
        self.values.copy_from_slice(values);
        Ok(())
    }

    /// The range of a name's numbers in the flat vector.
    ///
    /// # Errors
    /// If there is no such name.
    ///
    /// ```
    /// let mut params = wengert::Params::from_scalars([("a", 1.0)])?;
    /// params.insert_block("w", &[2.0, 3.0])?;
    /// assert_eq!(params.range("w")?, 1..3);
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    pub fn range(&self, name: &str) -> Result<Range<usize>, ParamsError> {
        Ok(self.slot(name)?.range.clone())
    }

    /// The shape of a name's numbers: empty for a scalar, the length for a block, the extents for an array.
    ///
    /// # Errors
    /// If there is no such name.
    ///
    /// ```
    /// let mut params = wengert::Params::from_scalars([("a", 1.0)])?;
    /// params.insert_block("b", &[2.0, 3.0])?;
    /// params.insert_array("c", &[1, 2], &[4.0, 5.0])?;
    /// assert_eq!((params.shape("a")?, params.shape("b")?), (&[][..], &[2][..]));
    /// assert_eq!(params.shape("c")?, [1, 2]);
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    pub fn shape(&self, name: &str) -> Result<&[usize], ParamsError> {
        Ok(&self.slot(name)?.shape)
    }

    fn slot(&self, name: &str) -> Result<&Slot, ParamsError> {
        self.names.get(name).ok_or_else(|| ParamsError::Unknown {
            name: name.to_owned(),
            known: self.names.keys().cloned().collect(),
        })
    }

    /// Where the one number of a name lies.
    fn index(&self, name: &str) -> Result<usize, ParamsError> {
        let range = self.range(name)?;
        if range.len() != 1 {
            return Err(ParamsError::Length { name: name.into(), expected: range.len(), found: 1 });
        }
        Ok(range.start)
    }

    /// The value of a scalar, or of a block of one.
    ///
    /// # Errors
    /// If there is no such name, or it is a block of another length.
    ///
    /// ```
    /// let params = wengert::Params::from_scalars([("a", -2.0), ("b", 30.0)])?;
    /// assert_eq!(params.scalar("b")?, 30.0);
    /// let error = params.scalar("c").unwrap_err();
    /// assert_eq!(error.to_string(), "no parameter is named `c`; there are `a`, `b`");
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    pub fn scalar(&self, name: &str) -> Result<F, ParamsError> {
        Ok(self.values[self.index(name)?])
    }

    /// The values of a block; a scalar is a block of one.
    ///
    /// # Errors
    /// If there is no such name.
    ///
    /// ```
    /// let mut params = wengert::Params::new();
    /// params.insert_block("w", &[2.0, 3.0])?;
    /// assert_eq!(params.block("w")?, [2.0, 3.0]);
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    pub fn block(&self, name: &str) -> Result<&[F], ParamsError> {
        Ok(&self.values[self.range(name)?])
    }

    /// Changes the numbers of a name.
    ///
    /// # Errors
    /// If there is no such name, the number of values differs, or one is infinite or NaN; nothing
    /// is changed then.
    ///
    /// ```
    /// let mut params = wengert::Params::from_scalars([("a", -2.0)])?;
    /// params.set("a", &[5.0])?;
    /// assert_eq!(params.scalar("a")?, 5.0);
    /// let error = params.set("a", &[5.0, 6.0]).unwrap_err();
    /// assert_eq!(error.to_string(), "parameter `a` has length 1, not 2");
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    pub fn set(&mut self, name: &str, values: &[F]) -> Result<(), ParamsError> {
        let range = self.range(name)?;
        if range.len() != values.len() {
            let (expected, found) = (range.len(), values.len());
            return Err(ParamsError::Length { name: name.into(), expected, found });
        }
        check_finite(name, self.names[name].is_block(), values)?;
        self.values[range].copy_from_slice(values);
        Ok(())
    }

    /// Names with their values, in the order of definition.
    ///
    /// ```
    /// let mut params = wengert::Params::from_scalars([("z", 1.0)])?;
    /// params.insert_block("a", &[2.0, 3.0])?;
    /// let all: Vec<_> = params.iter().collect();
    /// assert_eq!(all, [("z", &[1.0][..]), ("a", &[2.0, 3.0])]);
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    pub fn iter(&self) -> ParamsIter<'_, F> {
        ParamsIter::new(self)
    }

    /// Names with their shapes and values, in the order of definition, which is that of the flat vector.
    #[cfg(any(feature = "npz", feature = "safetensors"))]
    pub(crate) fn arrays(&self) -> impl Iterator<Item = (&str, &[usize], &[F])> {
        self.names
            .iter()
            .map(|(name, slot)| (name.as_str(), &slot.shape[..], &self.values[slot.range.clone()]))
    }

    /// What a number of the flat vector is called: `a` for a scalar, `w[3]` inside a block.
    ///
    /// ```
    /// let mut params = wengert::Params::from_scalars([("a", 1.0)])?;
    /// params.insert_block("w", &[2.0, 3.0])?;
    /// assert_eq!(params.name_of(0).as_deref(), Some("a"));
    /// assert_eq!(params.name_of(2).as_deref(), Some("w[1]"));
    /// assert_eq!(params.name_of(3), None);
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    #[must_use]
    pub fn name_of(&self, index: usize) -> Option<String> {
        let (name, e) = self.names.iter().find(|(_, e)| e.range.contains(&index))?;
        Some(place(name, e.is_block(), index - e.range.start))
    }

    /// One factor for each number of the flat vector: those given by name, 1 elsewhere. Made for
    /// learning rates by name, in [`SgdBuilder::factors`](crate::optim::SgdBuilder::factors).
    ///
    /// # Errors
    /// If there is no such name, one is given twice, or a factor is negative, infinite or NaN.
    ///
    /// ```
    /// let mut params = wengert::Params::from_scalars([("a", -2.0), ("b", 30.0)])?;
    /// params.insert_block("w", &[0.0, 0.0])?;
    /// assert_eq!(params.factors(&[("b", 0.5), ("w", 0.1)])?, [1.0, 0.5, 0.1, 0.1]);
    /// let error = params.factors(&[("b", 0.5), ("b", 0.1)]).unwrap_err();
    /// assert_eq!(error.to_string(), "parameter `b` is given twice");
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    pub fn factors(&self, by_name: &[(&str, F)]) -> Result<Vec<F>, ParamsError> {
        let mut factors = vec![F::one(); self.len()];
        for (i, &(name, factor)) in by_name.iter().enumerate() {
            let range = self.range(name)?;
            if by_name[..i].iter().any(|&(earlier, _)| earlier == name) {
                return Err(ParamsError::Repeated { name: name.to_owned() });
            }
            if !(factor >= F::zero() && factor.is_finite()) {
                let value = factor.to_double();
                return Err(ParamsError::Factor { name: name.to_owned(), value });
            }
            factors[range].fill(factor);
        }
        Ok(factors)
    }

    /// Makes a variable of each number on `tape`; the result gives them by name. The list `vars` is
    /// emptied and filled. Keep it from step to step, and nothing is allocated after the first.
    ///
    /// # Panics
    /// If the tape is full.
    ///
    /// ```
    /// use wengert::{Params, Tape};
    /// let params = Params::from_scalars([("a", 3.0), ("b", 4.0)])?;
    /// let (tape, mut vars) = (Tape::new(), Vec::new());
    /// let p = params.record(&tape, &mut vars);
    /// let [a, b] = p.scalars(["a", "b"])?;
    /// assert_eq!((a * b).backward().wrt(p.vars()), [4.0, 3.0]);
    /// # Ok::<(), wengert::ParamsError>(())
    /// ```
    #[track_caller]
    pub fn record<'a>(&'a self, tape: &Tape<F>, vars: &'a mut Vec<Var<F>>) -> Recorded<'a, F> {
        vars.clear();
        tape.extend_vars(&self.values, vars);
        Recorded::new(self, vars)
    }
}

impl<F: Real> Params<F> {
    /// Names for variables that were made of these numbers.
    pub(crate) fn recorded<'a>(&'a self, vars: &'a [Var<F>]) -> Recorded<'a, F> {
        Recorded::new(self, vars)
    }
}

impl<F: Real> Default for Params<F> {
    fn default() -> Self {
        Self::new()
    }
}

/// One line for each name; a precision (`{:.6}`) goes to the numbers.
impl<F: Real> fmt::Display for Params<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (name, extent)) in self.names.iter().enumerate() {
            let line = if i == 0 { "" } else { "\n" };
            write!(f, "{line}{name} = ")?;
            let values = &self.values[extent.range.clone()];
            if extent.is_block() {
                f.write_str("[")?;
            }
            for (i, value) in values.iter().enumerate() {
                f.write_str(if i == 0 { "" } else { ", " })?;
                fmt::Display::fmt(&Short(*value), f)?;
            }
            if extent.is_block() {
                f.write_str("]")?;
            }
        }
        Ok(())
    }
}

fn place(name: &str, is_block: bool, offset: usize) -> String {
    if is_block { format!("{name}[{offset}]") } else { name.to_owned() }
}

fn check_finite<F: Real>(name: &str, is_block: bool, values: &[F]) -> Result<(), ParamsError> {
    match values.iter().position(|x| !x.is_finite()) {
        None => Ok(()),
        Some(i) => Err(ParamsError::NonFinite {
            place: place(name, is_block, i),
            value: values[i].to_double(),
        }),
    }
}
