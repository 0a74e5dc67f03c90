//! Where native code finds numbers: among the parameters that it is handed, as constants, or in the
//! memory of numbers.

use crate::program::ir::output::Guard;
use crate::program::native::NativeError;
use crate::program::native::items::{Items, Task};
use crate::program::plan::{Plan, PlannedOutput};

/// What a place is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Source {
    /// The parameter of this place.
    Parameter(u32),
    Constant(f64),
    Number,
}

/// What is known of places before any code is made.
#[derive(Debug)]
pub(super) struct Memory {
    /// Runs of parameters: the place of the first, which parameter that is, how many.
    parameters: Vec<[u32; 3]>,
    constants: Vec<(u32, f64)>,
    /// How each guard's condition was recorded.
    pub(super) guards: Vec<bool>,
    /// Whether parameters are numbers like others.
    copied: bool,
}

impl Memory {
    /// The greatest number of numbers that an address can be counted in.
    const MOST: usize = 1 << 26;

    /// Fails if there are more numbers than instructions can address.
    pub(super) fn new(
        plan: &Plan,
        parameters: usize,
        guards: &[Guard],
    ) -> Result<Self, NativeError> {
        let last = plan.parameters.iter().map(|&[_, first, len]| (first + len) as usize);
        let outputs = plan.outputs.iter().map(|output| match output {
            PlannedOutput::Vector { runs, .. } => {
                runs.iter().map(|&[to, _, len]| (to + len) as usize).max().unwrap_or(0)
            }
            PlannedOutput::Number(_) | PlannedOutput::Rows { .. } => 0,
        });
        let most = last.chain(outputs).chain([plan.numbers]).max().unwrap_or(0);
        if most > Self::MOST {
            return Err(NativeError::TooLarge { expected: Self::MOST, found: most });
        }
        let read = plan
            .parameters
            .iter()
            .all(|&[_, first, len]| (first as usize + len as usize) <= parameters);
        assert!(read, "a plan reads the program's parameters");
        let mut constants = plan.constants.clone();
        constants.sort_unstable_by_key(|&(place, _)| place);
        let guards = guards.iter().map(|guard| guard.holds).collect();
        Ok(Memory { parameters: plan.parameters.clone(), constants, guards, copied: false })
    }

    /// What stands at a place.
    pub(super) fn source(&self, place: u32) -> Source {
        if let Some([at, first, _]) = self.run_of(place) {
            return Source::Parameter(first + (place - at));
        }
        match self.constants.binary_search_by_key(&place, |&(at, _)| at) {
            Ok(found) => Source::Constant(self.constants[found].1),
            Err(_) => Source::Number,
        }
    }

    /// The end of the run of neighbouring parameters that a place is in.
    pub(super) fn parameters_from(&self, place: u32) -> Option<u32> {
        self.run_of(place).map(|[at, _, len]| at + len)
    }

    /// From now on parameters are read from the memory of numbers.
    pub(super) fn copy_parameters(&mut self) {
        self.copied = true;
        self.parameters.clear();
    }

    /// Whether parameters are read from the memory of numbers.
    pub(super) fn is_copied(&self) -> bool {
        self.copied
    }

    /// Whether the interpreter reads a parameter, or anything reads numbers of which only some are
    /// neighbouring parameters.
    pub(super) fn is_straddled(&self, items: &Items) -> bool {
        items.list.iter().any(|item| {
            items.reads(item).any(|(count, operand)| {
                let first = self.run_of(operand.at);
                let same = (1..count).all(|at| self.run_of(operand.of(at)) == first);
                let interpreted = matches!(item.task, Task::Interpret(_));
                !same || interpreted && first.is_some()
            })
        })
    }

    fn run_of(&self, place: u32) -> Option<[u32; 3]> {
        let after = self.parameters.partition_point(|&[at, ..]| at <= place);
        let run = *self.parameters[..after].last()?;
        (place < run[0] + run[2]).then_some(run)
    }
}
