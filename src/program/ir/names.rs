//! What parameters and columns are called, for those who read a program.

/// Names by place; there may be fewer than parameters and columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    pub(crate) parameters: Vec<String>,
    pub(crate) columns: Vec<String>,
}
