//! What a program computes: numbers, vectors of a number for each parameter, and rows of numbers; and what it makes sure
//! of meanwhile.

use crate::program::error::SourceLine;
use crate::program::ir::graph::{Graph, Id};

/// A comparison of the recording, which must come out the same when the program runs.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Guard {
    pub(crate) condition: Id,
    pub(crate) holds: bool,
    pub(crate) line: SourceLine,
}

/// What an output is to the caller, who asks for it by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Name {
    /// What was recorded.
    Value,
    /// The gradient of the first value, at kinks by the default convention.
    Gradient,
    /// The same on the piece that a direction enters.
    GradientAlong,
    /// A row of the Hessian.
    Hessian,
    /// A row of `JᵀJ`, where `J` is the Jacobian of the values.
    GaussNewton,
    /// The sum of columns of a sparse Hessian.
    SparseHessian,
    /// The sum of columns or of rows of a sparse Jacobian.
    SparseJacobian,
    /// The values in each row.
    Residuals,
    /// The derivatives of the values in each row.
    Jacobian,
    /// The derivative of a value along a direction.
    Jvp,
    /// The derivative of a gradient along a direction.
    Hvp,
    /// A derivative of what is a derivative of higher order already.
    Higher,
}

impl Name {
    /// What its derivative along a direction is.
    pub(crate) fn along(self) -> Self {
        match self {
            Name::Value => Name::Jvp,
            Name::Gradient | Name::GradientAlong => Name::Hvp,
            Name::Hessian
            | Name::GaussNewton
            | Name::SparseHessian
            | Name::SparseJacobian
            | Name::Residuals
            | Name::Jacobian
            | Name::Jvp
            | Name::Hvp
            | Name::Higher => Name::Higher,
        }
    }
}

/// What a program computes.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Output {
    /// One number.
    Number(Id),
    /// As many as there are parameters: 0 but for what is named.
    Vector {
        len: usize,
        /// Places and numbers.
        entries: Vec<(u32, Id)>,
        /// What each row adds to the place that it chooses.
        scatters: Vec<Scatter>,
    },
    /// So many numbers for each row: 0 but for what is named.
    Rows {
        len: usize,
        /// Places and numbers.
        entries: Vec<(u32, Id)>,
        /// Numbers whose places the row chooses; their scales are 1.
        scatters: Vec<Scatter>,
    },
}

/// Each row adds `value` to the place `base + index`; what comes together is multiplied by `scale`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Scatter {
    pub(crate) base: u32,
    pub(crate) len: u32,
    pub(crate) index: Id,
    pub(crate) value: Id,
    pub(crate) scale: Id,
}

impl Scatter {
    /// How many passes over the rows must come before it.
    pub(crate) fn stage(&self, graph: &Graph) -> u32 {
        graph.stage(self.value).max(graph.stage(self.index))
    }
}

impl Output {
    /// How many numbers it has, in all or for a row.
    pub(crate) fn len(&self) -> usize {
        match self {
            Output::Number(_) => 1,
            Output::Vector { len, .. } | Output::Rows { len, .. } => *len,
        }
    }

    /// What rows add up in it.
    pub(crate) fn scatters(&self) -> &[Scatter] {
        match self {
            Output::Number(_) | Output::Rows { .. } => &[],
            Output::Vector { scatters, .. } => scatters,
        }
    }

    /// The pass over the rows that computes rows of numbers.
    pub(crate) fn stage_of_rows(&self, graph: &Graph) -> Option<u32> {
        let Output::Rows { .. } = self else { return None };
        self.ids().into_iter().map(|id| graph.stage(id)).max().or(Some(0))
    }

    /// The nodes it is made of.
    pub(crate) fn ids(&self) -> Vec<Id> {
        match self {
            Output::Number(id) => vec![*id],
            Output::Vector { entries, scatters, .. } | Output::Rows { entries, scatters, .. } => {
                let scattered = scatters.iter().flat_map(|s| [s.index, s.value, s.scale]);
                entries.iter().map(|&(_, id)| id).chain(scattered).collect()
            }
        }
    }

    /// Puts the nodes to which `moved` leads in the place of its own.
    pub(crate) fn move_to(&mut self, moved: impl Fn(Id) -> Id) {
        match self {
            Output::Number(id) => *id = moved(*id),
            Output::Vector { entries, scatters, .. } | Output::Rows { entries, scatters, .. } => {
                entries.iter_mut().for_each(|(_, id)| *id = moved(*id));
                for scatter in scatters {
                    for id in [&mut scatter.index, &mut scatter.value, &mut scatter.scale] {
                        *id = moved(*id);
                    }
                }
            }
        }
    }
}
