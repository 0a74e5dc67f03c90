//! Vector forms.
mod level;
pub(crate) use level::{Level, Work};
