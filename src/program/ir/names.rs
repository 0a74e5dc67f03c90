//! What parameters and columns are called, for those who read a program.

use crate::program::Program;

/// Names by place; there may be fewer than parameters and columns, and some may be empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    pub(crate) parameters: Vec<String>,
    pub(crate) columns: Vec<String>,
}

impl Names {
    /// As many parameters more, each the direction of one of them.
    pub(crate) fn add_direction(&mut self, parameters: usize) {
        self.parameters.resize(parameters, String::new());
        self.parameters.extend_from_within(..);
        for name in self.parameters[parameters..].iter_mut().filter(|name| !name.is_empty()) {
            name.insert_str(0, "d_");
        }
    }

    pub(crate) fn name_column(&mut self, at: usize, name: &str) {
        self.columns.resize(at + 1, String::new());
        self.columns[at] = name.into();
    }
}

impl Program {
    /// The same with other names of parameters and columns, as of [`Params`](crate::Params) or the head of a
    /// table: those by which [`to_rust`](Self::to_rust) calls them. A list may be shorter.
    ///
    /// [`objective!`](crate::objective) and [`residuals!`](crate::residuals) tell the names that they use. A
    /// program that was read from a file has lost its names.
    ///
    /// ```
    /// use wengert::{Params, Scalar, objective, program::Program};
    /// let mut params = Params::new();
    /// params.insert_block("weights", &[0.5, 1.0])?;
    /// let loss = objective!(|w, row| (T::dot(w, &row[..2]) - row[2]).square());
    /// let program = Program::record(&loss, params.values(), &[1.0, 2.0, 3.0])?;
    /// let names = (0..params.len()).filter_map(|index| params.name_of(index));
    /// let text = program.with_names(names, ["height", "width", "price"]).to_rust("fit")?;
    /// assert!(text.contains("weights_0 * height"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_names(
        mut self,
        parameters: impl IntoIterator<Item = impl Into<String>>,
        columns: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.names = Names {
            parameters: parameters.into_iter().map(Into::into).take(self.parameters).collect(),
            columns: columns.into_iter().map(Into::into).take(self.columns).collect(),
        };
        self
    }
}
