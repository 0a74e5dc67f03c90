//! What a partial result is of: [`Origin`].

use super::PartialError;
use crate::program::NonFinite;
use crate::program::ir::hash::Mixer;
use std::hash::{Hash, Hasher};

/// Which pass of which program at which parameters, by digests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Origin {
    pub(super) program: u64,
    pub(super) parameters: u64,
    pub(super) pass: u64,
    /// What the passes before came to; unknown where they could not be followed.
    pub(super) totals: Option<u64>,
}

impl Origin {
    /// Whether another is the same.
    pub(super) fn check(&self, found: &Origin) -> Result<(), PartialError> {
        if self.program != found.program {
            return Err(PartialError::Program { expected: self.program, found: found.program });
        }
        if self.parameters != found.parameters {
            let (expected, found) = (self.parameters, found.parameters);
            return Err(PartialError::Parameters { expected, found });
        }
        if self.pass != found.pass {
            let [expected, found] = [self.pass, found.pass].map(|pass| pass as usize);
            return Err(PartialError::Pass { expected, found });
        }
        match (self.totals, found.totals) {
            (Some(expected), Some(found)) if expected != found => {
                Err(PartialError::Totals { expected, found })
            }
            _ => Ok(()),
        }
    }
}

/// A digest of numbers by their bits, after that of what comes before them.
pub(super) fn of_numbers(before: u64, numbers: impl IntoIterator<Item = f64>) -> u64 {
    let mut mixer = Mixer::default();
    mixer.write_u64(before);
    numbers.into_iter().for_each(|x| mixer.write_u64(x.to_bits()));
    mixer.finish()
}

/// A digest of a program and of the rule for rows that are not finite.
pub(super) fn under_rule(program: u64, rule: NonFinite) -> u64 {
    let mut mixer = Mixer::default();
    mixer.write_u64(program);
    rule.hash(&mut mixer);
    mixer.finish()
}
