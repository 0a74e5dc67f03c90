//! Programs made of programs: derivatives, reductions over rows, and what makes them cheaper.

pub(crate) mod branch;
pub(crate) mod derivatives;
pub(crate) mod derive;
pub(crate) mod entered;
pub(crate) mod forward;
pub(crate) mod fuse;
pub(crate) mod lower;
pub(crate) mod over_rows;
pub(crate) mod residuals;
pub(crate) mod reverse;
pub(crate) mod sparse;
