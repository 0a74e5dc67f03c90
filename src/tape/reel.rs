//! A tape of numbers that carry derivatives along, for those who compute with it.

use super::core::{Core, Misuse};
use super::pool::{give_numbers, take_numbers};
use super::var::{Var, apart};
use crate::real::Number;

/// The statements of a tape: what all tapes have, and no more.
pub(crate) struct Reel<F: Number> {
    core: &'static Core<F>,
}

impl<F: Number> Reel<F> {
    /// An empty one.
    pub(crate) fn new() -> Self {
        Reel { core: Core::acquire() }
    }

    /// A variable for each number.
    #[track_caller]
    pub(crate) fn vars(&self, values: impl ExactSizeIterator<Item = F>) -> Vec<Var<F>> {
        let first = match self.core.change(|storage| storage.push_leaves(values.len())) {
            Ok(first) => first,
            Err(error) => panic!("{error}"),
        };
        let recording = self.core.recording();
        let mut leaves = self.core.leaves.borrow_mut();
        let leaf = |(i, x)| {
            leaves.push(x);
            Var::leaf(x, first.offset(i), recording)
        };
        values.enumerate().map(leaf).collect()
    }

    /// Forgets the recording and keeps the memory.
    pub(crate) fn clear(&self) {
        self.core.renew();
    }

    /// Whether a direction has decided a kink.
    pub(crate) fn has_decided(&self) -> bool {
        self.core.has_decided()
    }

    /// Hands the derivatives of a number by the first `n` variables to `read`.
    ///
    /// # Panics
    /// If the number is of another recording, or the tape ran full.
    #[track_caller]
    pub(crate) fn sweep<R>(&self, output: Var<F>, n: usize, read: impl FnOnce(&[F]) -> R) -> R {
        if !output.is_constant() && output.recording != self.core.recording() {
            Misuse::Foreign.panic();
        }
        match self.core.failure() {
            Ok(()) => sweep(self.core, output, n, read),
            Err(error) => panic!("{error}"),
        }
    }
}

/// Hands the derivatives of a number by the first `n` variables of its tape to `read`.
fn sweep<F: Number, R>(
    core: &Core<F>,
    output: Var<F>,
    n: usize,
    read: impl FnOnce(&[F]) -> R,
) -> R {
    let mut adjoints = take_numbers::<F>();
    adjoints.resize(output.parents.after().at(), F::zero());
    for (place, partial) in output.parents.iter().zip(output.partials) {
        adjoints[place.at()] += partial;
    }
    core.read(|storage| storage.sweep(&mut adjoints));
    // What came after the output has no part in it.
    adjoints.resize(adjoints.len().max(n), F::zero());
    let read = read(&adjoints[..n]);
    give_numbers(adjoints);
    read
}

impl<F: Number> Drop for Reel<F> {
    fn drop(&mut self) {
        self.core.release();
    }
}

/// What those ask of a variable who compute slopes that change.
impl<F: Number> Var<F> {
    /// The number.
    #[inline(always)]
    pub(crate) fn number(self) -> F {
        self.value
    }

    /// The same dependence for a function whose slope is finite. A flat piece passes nothing on, not even of an
    /// infinite partial; a layer's unit goes into each of the next layer, so it is better one edge than two.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn curved_by(self, value: F, slope: F) -> Self {
        let result = if slope.is_nothing() {
            Var { partials: [F::zero(); 2], ..self.shifted(value) }
        } else {
            self.chained(value, slope)
        };
        let wide = self.parents.any_interior() && !self.parents.is_single();
        if wide { result.written() } else { result }
    }

    /// Hands the derivatives of this number by the variables of its recording, and these, to `read`; nothing of a
    /// constant.
    #[cold]
    pub(crate) fn looked_back<R>(self, read: impl FnOnce(&[F], &[F]) -> R) -> Option<R> {
        let core = Core::<F>::find(self.recording).ok()?;
        let leaves = core.leaves.borrow();
        Some(sweep(core, self, leaves.len(), |adjoints| read(adjoints, &leaves)))
    }

    /// Notes that the direction of a number decides a kink.
    #[cold]
    pub(crate) fn note_decided(self) {
        Core::<F>::note_decided(self.recording);
    }

    /// A function of some variables whose value or slopes are not finite: a statement of its own.
    #[cold]
    #[track_caller]
    pub(crate) fn set_apart(operands: &[Self], value: F, slopes: &[F]) -> Self {
        let Some(varying) = operands.iter().find(|x| !x.is_constant()) else {
            return Var::constant(value);
        };
        match apart::set_apart(operands, slopes.iter().copied()) {
            Ok(index) => Var::statement(value, index, varying.recording),
            Err(misuse) => misuse.panic(),
        }
    }
}
