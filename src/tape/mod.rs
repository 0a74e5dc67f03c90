//! Eager reverse mode: [`Tape`], [`Var`], [`Gradient`].

mod checkpoint;
mod core;
mod gradient;
mod kink;
mod pool;
mod recording;
mod reel;
mod storage;
mod trouble;
mod var;
mod whole;

pub(crate) use checkpoint::{Back, schedule};
pub use checkpoint::{CheckpointError, Checkpoints, Recurrence, Unrolled, checkpointed};
pub use gradient::{Gradient, Wrt};
pub use kink::Kink;
pub(crate) use kink::{Locked, Locks, Slopes};
pub(crate) use recording::Reading;
pub(crate) use reel::Reel;
pub use storage::TapeError;
pub(crate) use storage::{StatementId, Storage, along};
pub use trouble::Trouble;
pub use var::Var;
pub use var::mask::Mask;
pub(crate) use var::{dot, nary, sum};
pub use whole::{gradient, gradient_array, gradient_sum, jacobian};

use crate::Real;
use core::Core;
use std::fmt;

/// Records how numbers are computed, so that derivatives can be swept back through them.
///
/// A tape makes variables; ordinary expressions of them record themselves. Several tapes may live
/// on one thread; none is "active". Neither a tape nor its variables leave their thread:
///
/// ```compile_fail
/// let tape = wengert::Tape::new();
/// std::thread::spawn(move || tape.var(1.0));
/// ```
#[cfg_attr(not(feature = "nalgebra"), doc = "```compile_fail")]
#[cfg_attr(feature = "nalgebra", doc = "```should_panic")]
/// let tape = wengert::Tape::new();
/// let x = tape.var(1.0);
/// let thread = std::thread::spawn(move || (x + 1.0).keep().value());
/// thread.join().unwrap();
/// ```
///
/// [`Tape::clear`] forgets the recording and keeps the memory: from its second step on, a training
/// loop allocates nothing. Variables from before are stale, and using one panics.
///
/// ```
/// use wengert::{Tape, Var};
/// let points = [(1.0, 2.0), (2.0, 4.5), (3.0, 5.0)];
/// let tape = Tape::new();
/// let [a, b] = tape.vars([1.0, 0.0]);
/// let loss = points.iter().map(|&(x, y)| (a * x + b - y).abs()).sum::<Var>() / 3.0;
/// let g = loss.backward();
/// assert_eq!(g.wrt([a, b]), [-2.0, -1.0]);
/// ```
pub struct Tape<F: Real = f64> {
    core: &'static Core<F>,
}

/// What a tape holds; from [`Tape::stats`].
///
/// ```
/// let tape = wengert::Tape::new();
/// let [a, b] = tape.vars([1.0, -1.0]);
/// let y = (a * b).keep();
/// let stats = tape.stats();
/// assert_eq!((stats.statement_count, stats.edge_count, stats.kink_count), (3, 2, 0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TapeStats {
    /// Statements recorded, variables included.
    pub statement_count: usize,
    /// Edges recorded: partial derivatives of statements.
    pub edge_count: usize,
    /// Kinks met.
    pub kink_count: usize,
    /// Bytes held for statements and edges, including what earlier recordings needed.
    pub bytes: usize,
}

impl Tape {
    /// An empty tape in double precision; `Tape::<f32>::default()` makes one in single precision.
    ///
    /// ```
    /// use wengert::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(1.0);
    /// let single = Tape::<f32>::default();
    /// let y = single.var(1.0);
    /// ```
    // As with `HashMap::new`, the parameter is fixed here so that `Tape::new()` needs no annotation.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty tape in double precision with room for `statements`.
    ///
    /// # Panics
    /// If there is no memory for them; [`Tape::try_reserve`] says so instead.
    ///
    /// ```
    /// let tape = wengert::Tape::with_capacity(1000);
    /// let x = tape.var(1.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn with_capacity(statements: usize) -> Self {
        let tape = Self::new();
        if let Err(error) = tape.try_reserve(statements) {
            panic!("{error}");
        }
        tape
    }
}

impl<F: Real> Tape<F> {
    /// Room for `statements` more, with two edges each.
    ///
    /// # Errors
    /// If the tape would hold too many statements, or there is no memory for them.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// assert!(tape.try_reserve(1000).is_ok());
    /// assert!(tape.try_reserve(usize::MAX).is_err());
    /// ```
    pub fn try_reserve(&self, statements: usize) -> Result<(), TapeError> {
        self.core.change(|storage| storage.reserve(statements, statements))
    }

    /// A variable.
    ///
    /// # Panics
    /// If the tape is full; [`Tape::try_var`] says so instead.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let x = tape.var(3.0);
    /// assert_eq!((x * x).backward().wrt(x), 6.0);
    /// ```
    #[inline]
    #[track_caller]
    pub fn var(&self, value: F) -> Var<F> {
        self.vars([value])[0]
    }

    /// A variable, or the reason why the tape cannot hold one more.
    ///
    /// # Errors
    /// If the tape is full, or there is no memory for the variable.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// assert_eq!(tape.try_var(3.0)?.value(), 3.0);
    /// # Ok::<(), wengert::TapeError>(())
    /// ```
    pub fn try_var(&self, value: F) -> Result<Var<F>, TapeError> {
        let index = self.core.change(|storage| storage.push_leaves(1))?;
        Ok(Var::leaf(value, index, self.core.recording()))
    }

    /// An array of variables.
    ///
    /// # Panics
    /// If the tape is full.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let [a, b] = tape.vars([-2.0, 30.0]);
    /// assert_eq!((a * b).value(), -60.0);
    /// ```
    #[inline]
    #[track_caller]
    pub fn vars<const N: usize>(&self, values: [F; N]) -> [Var<F>; N] {
        let first = self.leaves(N);
        let recording = self.core.recording();
        let mut i = 0;
        values.map(|value| {
            i += 1;
            Var::leaf(value, first.offset(i - 1), recording)
        })
    }

    /// A variable for each number of a slice.
    ///
    /// # Panics
    /// If the tape is full.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let w = tape.vars_from(&[1.0, 2.0, 3.0]);
    /// assert_eq!(w.iter().sum::<wengert::Var>().value(), 6.0);
    /// ```
    #[track_caller]
    pub fn vars_from(&self, values: &[F]) -> Vec<Var<F>> {
        let mut list = Vec::new();
        self.extend_vars(values, &mut list);
        list
    }

    /// Puts a variable for each number of a slice at the end of `list`: [`Tape::vars_from`] for a
    /// list whose memory is reused.
    ///
    /// # Panics
    /// If the tape is full.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let mut w = Vec::new();
    /// for step in 0..3 {
    ///     tape.clear();
    ///     w.clear();
    ///     tape.extend_vars(&[1.0, 2.0], &mut w);
    ///     assert_eq!((w[0] * w[1]).backward().wrt(&w), [2.0, 1.0]);
    /// }
    /// ```
    #[track_caller]
    pub fn extend_vars(&self, values: &[F], list: &mut Vec<Var<F>>) {
        let first = self.leaves(values.len());
        let recording = self.core.recording();
        let indexed = values.iter().enumerate();
        list.extend(indexed.map(|(i, &x)| Var::leaf(x, first.offset(i), recording)));
    }

    #[track_caller]
    fn leaves(&self, n: usize) -> storage::StatementId {
        match self.core.change(|storage| storage.push_leaves(n)) {
            Ok(first) => first,
            Err(error) => panic!("{error}"),
        }
    }

    /// Forgets the recording and keeps the memory. Variables from before are stale from here on.
    ///
    /// ```should_panic
    /// let tape = wengert::Tape::new();
    /// let x = tape.var(1.0);
    /// tape.clear();
    /// x.backward(); // panics: stale
    /// ```
    pub fn clear(&self) {
        self.core.renew();
    }

    /// The kinks met since the tape was made or cleared, in the order of recording.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let x = tape.var(2.0);
    /// let y = (x - 2.0).abs() + (x - 1.0).abs();
    /// assert_eq!(y.backward().wrt(x), 1.0); // 0 at the kink, and 1
    /// let kinks = tape.kinks();
    /// assert_eq!(kinks.len(), 1);
    /// println!("{}", kinks[0]); // abs at [0.0], src/main.rs:3:9
    /// ```
    pub fn kinks(&self) -> Vec<Kink> {
        self.core.kinks.borrow().iter().filter(|kink| kink.distance == 0.0).cloned().collect()
    }

    /// All kinks written, those only near included, in the order of recording.
    pub(crate) fn with_kinks<R>(&self, f: impl FnOnce(&[Kink]) -> R) -> R {
        f(&self.core.kinks.borrow())
    }

    /// Forgets the recording and watches the next.
    pub(crate) fn watch(&self, radius: f64) {
        self.core.watch(Some(radius));
    }

    /// The operations that turned finite operands into an infinity or NaN, in value or in slope:
    /// where a non-finite gradient began. The first 64 are kept.
    ///
    /// The table's functions and division are watched. An overflow of `+`, `-` or `*` is not.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let x = tape.var(0.0);
    /// let y = x.sqrt() * 2.0;
    /// assert!(y.backward().wrt(x).is_infinite());
    /// println!("{}", tape.troubles()[0]); // what, of which operands, where, and a way out
    /// ```
    pub fn troubles(&self) -> Vec<Trouble> {
        self.core.troubles.borrow().clone()
    }

    /// What the tape holds.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let [a, b] = tape.vars([1.0, 2.0]);
    /// let y = (a * b + a).sin(); // still two edges, carried by `y` itself
    /// assert_eq!((tape.stats().statement_count, tape.stats().edge_count), (2, 0));
    /// ```
    pub fn stats(&self) -> TapeStats {
        let kink_count =
            self.core.kinks.borrow().iter().filter(|kink| kink.distance == 0.0).count();
        self.core.read(|storage| TapeStats {
            statement_count: storage.len(),
            edge_count: storage.count_edges(),
            kink_count,
            bytes: storage.bytes(),
        })
    }

    /// Sweeps back from several outputs at once, each with a seed: the gradient of `Σ seed · output`.
    ///
    /// # Panics
    /// If an output is stale, belongs to another tape, or the recording had failed.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let x = tape.var(3.0);
    /// let g = tape.backward([(x * x, 1.0), (x * 2.0, 10.0)]);
    /// assert_eq!(g.wrt(x), 6.0 + 20.0);
    /// ```
    #[track_caller]
    pub fn backward(&self, outputs: impl IntoIterator<Item = (Var<F>, F)>) -> Gradient<F> {
        match self.try_backward(outputs) {
            Ok(gradient) => gradient,
            Err(error) => panic!("{error}"),
        }
    }

    /// [`Tape::backward`], or the reason why the recording had to stop before it was whole.
    ///
    /// # Errors
    /// If the tape ran full while recording.
    ///
    /// # Panics
    /// If an output is stale or belongs to another tape.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let x = tape.var(3.0);
    /// assert_eq!(tape.try_backward([(x * x, 1.0)])?.wrt(x), 6.0);
    /// # Ok::<(), wengert::TapeError>(())
    /// ```
    #[track_caller]
    pub fn try_backward(
        &self,
        outputs: impl IntoIterator<Item = (Var<F>, F)>,
    ) -> Result<Gradient<F>, TapeError> {
        let mut gradient = self.seeded(outputs)?;
        self.core.read(|storage| gradient.sweep(storage));
        Ok(gradient)
    }

    /// The gradient of several outputs, before the sweep.
    #[track_caller]
    pub(crate) fn seeded(
        &self,
        outputs: impl IntoIterator<Item = (Var<F>, F)>,
    ) -> Result<Gradient<F>, TapeError> {
        self.core.failure()?;
        let recording = self.core.recording();
        let statements = self.core.read(storage::Storage::len);
        let mut gradient = Gradient::zeroed(recording, statements);
        for (output, seed) in outputs {
            if !output.is_constant() && !std::ptr::eq(output.live_tape(), self.core) {
                core::Misuse::Foreign.panic();
            }
            gradient.seed(&output, seed);
        }
        Ok(gradient)
    }
}

impl<F: Real> Default for Tape<F> {
    /// An empty tape.
    fn default() -> Self {
        Tape { core: Core::acquire() }
    }
}

impl<F: Real> Drop for Tape<F> {
    fn drop(&mut self) {
        self.core.release();
    }
}

impl<F: Real> fmt::Debug for Tape<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tape").field("stats", &self.stats()).finish()
    }
}
