//! Where a sweep stands between passes: [`Standing`].

use super::Offset;
use super::origin::Origin;
use super::partial::Stamp;

/// The pass before which a sweep stands. The numbers that do not depend on the row are then those of the parameters and
/// of the passes before, so that portions of rows that come one after the other need not compute them anew.
#[derive(Debug)]
pub(in crate::program::run) struct Standing {
    /// Whether the numbers are still those.
    is_known: bool,
    pub(super) origin: Origin,
    /// Where the rows of the passes before end, if there are any.
    pub(super) end: Option<Offset>,
    /// What the passes before came to.
    pub(super) before: Vec<Stamp>,
    /// Whether the numbers of the stage before the pass are computed.
    pub(super) is_computed: bool,
    parameters: Vec<f64>,
}

impl Standing {
    /// Before the first pass, in the room of another.
    pub(super) fn first(origin: Origin, parameters: &[f64], room: Option<Self>) -> Self {
        let (mut before, mut numbers) =
            room.map_or_else(Default::default, |room| (room.before, room.parameters));
        before.clear();
        numbers.clear();
        numbers.extend_from_slice(parameters);
        let is_computed = false;
        Standing { is_known: true, origin, end: None, before, is_computed, parameters: numbers }
    }

    /// The numbers become others.
    pub(in crate::program::run) fn forget(&mut self) {
        self.is_known = false;
    }

    /// Whether it is at these parameters, after some of these passes from the first on.
    pub(super) fn is_at(
        &self,
        parameters: &[f64],
        mut passes: impl Iterator<Item = Stamp>,
    ) -> bool {
        // Without a branch for each number.
        let pairs = parameters.iter().zip(&self.parameters);
        self.is_known
            && parameters.len() == self.parameters.len()
            && pairs.fold(true, |same, (a, b)| same & (a.to_bits() == b.to_bits()))
            && self.before.iter().all(|&before| passes.next() == Some(before))
    }
}
