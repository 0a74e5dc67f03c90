//! What may be wrong with names and values of parameters: [`ParamsError`].

use crate::real::Short;

/// What is wrong with a name of a parameter, or with the numbers given for it.
///
/// ```
/// use wengert::{Params, ParamsError};
/// let mut params = Params::from_scalars([("a", 1.0)])?;
/// let error = params.set("a", &[f64::NAN]).unwrap_err();
/// assert!(matches!(error, ParamsError::NonFinite { .. }));
/// assert_eq!(error.to_string(), "parameter `a` would be NaN");
/// # Ok::<(), ParamsError>(())
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParamsError {
    /// No parameter has this name.
    #[error("no parameter is named `{name}`; there are {}", list(.known))]
    Unknown {
        /// The name asked for.
        name: String,
        /// The names that exist.
        known: Vec<String>,
    },
    /// A parameter of this name exists already.
    #[error("there is a parameter named `{name}` already")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// A list gives a name twice.
    #[error("parameter `{name}` is given twice")]
    Repeated {
        /// The name.
        name: String,
    },
    /// A factor of a learning rate is negative, infinite or NaN.
    #[error("the factor of parameter `{name}` must be finite and not negative, not {}", Short(*value))]
    Factor {
        /// The name.
        name: String,
        /// The factor.
        value: f64,
    },
    /// The parameter has another number of values.
    #[error("parameter `{name}` has length {expected}, not {found}")]
    Length {
        /// The name.
        name: String,
        /// How many values it has.
        expected: usize,
        /// How many were given or asked for.
        found: usize,
    },
    /// The flat vector has another number of values.
    #[error("the parameters have {expected} values in all, not {found}")]
    TotalLength {
        /// How many values there are.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// A value is infinite or NaN.
    #[error("parameter `{place}` would be {}", Short(*value))]
    NonFinite {
        /// The name, with the index where it is a block.
        place: String,
        /// The value.
        value: f64,
    },
}

/// `a`, `b` and so on, cut off where the list is long.
fn list(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let mut text =
        names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => text.push_str("none"),
        n if n > SHOWN => text.push_str(&format!(" and {} more", n - SHOWN)),
        _ => {}
    }
    text
}
