//! Lists that go together, and whether they have one length: [`LengthError`].

/// Two lists that go together, of different lengths.
///
/// ```
/// use wengert::{LengthError, Scalar};
/// let error = f64::try_dot(&[1.0, 2.0], &[3.0]).unwrap_err();
/// assert_eq!((error.expected, error.found), (2, 1));
/// assert_eq!(error.to_string(), "expected a length of 2, found 1");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a length of {expected}, found {found}")]
#[non_exhaustive]
pub struct LengthError {
    /// The length of the one list.
    pub expected: usize,
    /// The length of the other.
    pub found: usize,
}

impl LengthError {
    /// `Ok` if the lengths are the same.
    #[inline(always)]
    pub(crate) fn check(expected: usize, found: usize) -> Result<(), Self> {
        if expected == found { Ok(()) } else { Err(LengthError { expected, found }) }
    }
}

/// Panics at the caller's line if two lists that go together differ in length.
#[track_caller]
#[inline(always)]
pub(crate) fn same_length(a: usize, b: usize) {
    assert!(a == b, "dot product of {a} and {b} numbers");
}

/// Panics at the caller's line if a user's rule forgot a partial.
#[track_caller]
pub(crate) fn one_partial_each(name: &str, args: usize, partials: usize) {
    assert!(args == partials, "{name} has {args} arguments, but its rule gave {partials} partials");
}
