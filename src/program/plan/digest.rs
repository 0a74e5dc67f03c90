//! Which program a program is.

use crate::program::ir::hash::Mixer;
use crate::program::{Output, Program};
use std::hash::{Hash, Hasher};

impl Program {
    /// A digest of all that its results depend on, the version of this crate included: another may add in
    /// another order.
    pub(crate) fn digest(&self) -> u64 {
        let mut mixer = Mixer::default();
        let hasher = &mut mixer;
        env!("CARGO_PKG_VERSION").hash(hasher);
        (self.parameters, self.columns, self.fused, self.weights, self.rowless).hash(hasher);
        for id in self.graph.ids() {
            self.graph.operation(id).hash(hasher);
            self.graph.args(id).hash(hasher);
        }
        for (condition, _) in self.graph.kinks() {
            condition.hash(hasher);
        }
        for guard in &self.guards {
            (guard.condition, guard.holds).hash(hasher);
        }
        for (_, output) in &self.outputs {
            std::mem::discriminant(output).hash(hasher);
            output.len().hash(hasher);
            output.ids().hash(hasher);
            match output {
                Output::Number(_) => {}
                Output::Vector { entries, scatters, .. }
                | Output::Rows { entries, scatters, .. } => {
                    entries.iter().for_each(|(place, _)| place.hash(hasher));
                    scatters.iter().for_each(|scatter| (scatter.base, scatter.len).hash(hasher));
                }
            }
        }
        mixer.finish()
    }
}
