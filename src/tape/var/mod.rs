//! The recording variable, and how pending edges join.
//!
//! A [`Var`] carries up to two edges itself. An operation scales the edges of its operands and
//! joins them; only where the result would depend on more than two statements is a statement
//! written, and the result becomes one edge to it. This is vertex elimination during recording: the
//! chain rule is applied forward as long as that makes nothing longer.

pub(in crate::tape) mod apart;
mod backward;
pub(crate) mod dot;
mod interop;
pub(in crate::tape) mod mask;
mod methods;
pub(crate) mod nary;
mod numeric;
mod ops;
mod order;
pub(crate) mod sum;
mod write;

use crate::Real;
use crate::op::{Binary, Unary};
use crate::real::Number;
use crate::tape::core::{Core, Misuse, RecordingId};
use crate::tape::storage::parents::{Join, Parents};
use crate::tape::storage::{Link, StatementId};
use std::marker::PhantomData;
use std::panic::Location;
use write::{write_both, write_one, write_onto};

/// A number that remembers how it was computed from the variables of a [`Tape`](super::Tape).
///
/// It is used like an `f64`: with operators, with the methods of [`Scalar`](crate::Scalar), in
/// comparisons, sums and products. [`Var::backward`] gives its gradient. A `Var` without a tape is a
/// constant, as `Var::from(2.0)` is.
///
/// Comparisons go by value, so `if x > 0.0` is ordinary control flow.
///
/// A variable stays on its thread. With the feature `nalgebra`, whose elements have to be `Send` and `Sync`, it
/// is not the compiler that sees to it: on another thread, what would write to the tape panics as it does after
/// the tape has been dropped.
///
/// ```
/// use wengert::Tape;
/// let tape = Tape::new();
/// let length = tape.var(57.0);
/// let area = length * (100.0 - length);
/// assert_eq!(area.value(), 2451.0);
/// assert_eq!(area.backward().wrt(length), -14.0);
/// ```
#[derive(Clone, Copy)]
pub struct Var<F = f64> {
    pub(in crate::tape) value: F,
    /// The partial of an unused slot means nothing.
    pub(in crate::tape) partials: [F; 2],
    pub(in crate::tape) parents: Parents,
    pub(in crate::tape) recording: RecordingId,
    /// The recording is the thread's own.
    pub(in crate::tape) on_thread: OnThread,
}

/// Keeps variables on their thread, by the compiler.
#[cfg(not(feature = "nalgebra"))]
pub(in crate::tape) type OnThread = PhantomData<*const ()>;

/// Elements of `nalgebra` have to be `Send` and `Sync`. A variable is plain data, and the id of its recording
/// is that of no other in the process: on another thread it is found to be foreign or stale.
#[cfg(feature = "nalgebra")]
pub(in crate::tape) type OnThread = PhantomData<()>;

impl<F: Number> Var<F> {
    /// A number with these pending edges.
    #[inline(always)]
    pub(in crate::tape) fn carrying(value: F, link: Link<F>, recording: RecordingId) -> Self {
        let Link { partials, parents } = link;
        Var { value, partials, parents, recording, on_thread: PhantomData }
    }

    /// A number that depends on nothing.
    #[inline(always)]
    pub(crate) fn constant(value: F) -> Self {
        let partials = [F::zero(); 2];
        Self::carrying(value, Link { partials, parents: Parents::NONE }, RecordingId::NONE)
    }

    /// A variable of the tape.
    #[inline(always)]
    pub(in crate::tape) fn leaf(value: F, index: StatementId, recording: RecordingId) -> Self {
        let partials = [F::one(), F::zero()];
        Self::carrying(value, Link { partials, parents: Parents::leaf(index) }, recording)
    }

    /// A number that is the statement `index` itself.
    #[inline(always)]
    pub(in crate::tape) fn statement(value: F, index: StatementId, recording: RecordingId) -> Self {
        let partials = [F::one(), F::zero()];
        Self::carrying(value, Link { partials, parents: Parents::interior(index) }, recording)
    }
}

impl<F> Var<F> {
    /// [`Var::constant`] as a constant.
    pub(crate) const fn unchanging(value: F, partials: [F; 2]) -> Self {
        let (parents, recording) = (Parents::NONE, RecordingId::NONE);
        Var { value, partials, parents, recording, on_thread: PhantomData }
    }

    /// Whether it depends on no variable.
    ///
    /// ```
    /// use wengert::{Tape, Var};
    /// let x = Tape::new().var(1.0);
    /// assert!(Var::from(2.0).is_constant() && !(x + 2.0).is_constant());
    /// ```
    #[inline(always)]
    pub fn is_constant(self) -> bool {
        self.parents == Parents::NONE
    }
}

impl<F: Real> Var<F> {
    /// The constant 0, with which a loop begins a sum.
    ///
    /// ```
    /// use wengert::{Tape, Var};
    /// let tape = Tape::new();
    /// let [a, b] = tape.vars([1.0, 2.0]);
    /// let mut total = Var::ZERO;
    /// for x in [a, b] {
    ///     total += 3.0 * x;
    /// }
    /// assert_eq!(total.backward().wrt([a, b]), [3.0, 3.0]);
    /// ```
    ///
    /// A plain number cannot begin such a sum, because it cannot hold what the sum depends on:
    ///
    /// ```compile_fail
    /// # let x = wengert::Tape::new().var(1.0);
    /// let mut total = 0.0;
    /// total += x;
    /// ```
    pub const ZERO: Self = Self::unit(0);

    /// The constant 1, with which a loop begins a product.
    ///
    /// ```
    /// use wengert::{Tape, Var};
    /// let tape = Tape::new();
    /// let x = tape.var(3.0);
    /// let mut power = Var::ONE;
    /// for _ in 0..3 {
    ///     power *= x;
    /// }
    /// assert_eq!(power.backward().wrt(x), 27.0);
    /// ```
    pub const ONE: Self = Self::unit(1);

    const fn unit(value: usize) -> Self {
        Self::unchanging(F::UNITS[value], [F::UNITS[0]; 2])
    }

    /// The square, `x · x`.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let x = tape.var(3.0);
    /// assert_eq!(x.square().backward().wrt(x), 6.0);
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn square(self) -> Self {
        self * self
    }

    /// A power, by a whole number ([`Scalar::powi`](crate::Scalar::powi)), or by a number or a variable
    /// ([`Scalar::powf`](crate::Scalar::powf)).
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let [x, y] = tape.vars([4.0, 2.0]);
    /// assert_eq!(x.pow(2).backward().wrt(x), 8.0);
    /// assert_eq!(x.pow(0.5).backward().wrt(x), 0.25);
    /// assert_eq!(x.pow(y).backward().wrt(x), 8.0);
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn pow<E>(self, exponent: E) -> Self
    where
        Self: num_traits::Pow<E, Output = Self>,
    {
        num_traits::Pow::pow(self, exponent)
    }

    /// The value.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// assert_eq!((tape.var(3.0) * 2.0).value(), 6.0);
    /// ```
    #[inline(always)]
    pub fn value(self) -> F {
        self.value
    }

    /// An entry of one argument.
    #[inline(always)]
    #[track_caller]
    pub(in crate::tape) fn unary<O: Unary>(self, entry: O) -> Self {
        let x = self.value.to_double();
        let y = entry.value(x);
        let value = F::from_double(y);
        if entry.is_smooth(x) && !self.recording.is_watched() {
            let slope = F::from_double(entry.slope(x, y));
            if O::TAME || (value.is_finite() && slope.is_finite()) {
                // A flat piece passes nothing on, not even of an infinite partial.
                let result = if slope == F::zero() {
                    Var { partials: [F::zero(); 2], ..self.shifted(value) }
                } else {
                    self.chained(value, slope)
                };
                // A layer's unit goes into each of the next layer: better one edge than two.
                let wide = self.parents.any_interior() && !self.parents.is_single();
                return if wide { result.written() } else { result };
            }
        }
        let Var { value: x, partials: [p, q], parents, recording, .. } = self;
        if self.is_constant() {
            return Self::constant(value);
        }
        let index = apart::unary(entry, x, p, q, parents, recording, Location::caller()).index();
        Var::statement(value, index, recording)
    }

    /// An entry of two arguments.
    #[inline(always)]
    #[track_caller]
    pub(in crate::tape) fn binary<O: Binary>(self, other: Self, entry: O) -> Self {
        let (a, b) = (self.value.to_double(), other.value.to_double());
        let y = entry.value(a, b);
        let value = F::from_double(y);
        let watched = self.recording.is_watched() || other.recording.is_watched();
        if entry.kink(a, b).is_none() && !watched {
            // A constant's partial leads nowhere, so it is not computed.
            let by_a = if self.is_constant() { 0.0 } else { entry.slope_a(a, b, y) };
            let by_b = if other.is_constant() { 0.0 } else { entry.slope_b(a, b, y) };
            let (by_a, by_b) = (F::from_double(by_a), F::from_double(by_b));
            if value.is_finite() && by_a.is_finite() && by_b.is_finite() {
                // A slope of 0 passes nothing on, not even of a partial that is NaN.
                let [a, b] = [self.passing(by_a), other.passing(by_b)];
                return a.joined(b, (value, by_a, by_b));
            }
        }
        let Var { value: a, partials: [p, q], parents, recording, .. } = self;
        let Var { value: b, partials: [r, s], parents: others, recording: theirs, .. } = other;
        let at = Location::caller();
        if self.is_constant() && other.is_constant() {
            return Self::constant(value);
        }
        let written =
            apart::binary(entry, a, p, q, parents, recording, b, r, s, others, theirs, at);
        Var::statement(value, written.index(), if self.is_constant() { theirs } else { recording })
    }

    /// The same number as a statement of its own, so that the gradient answers for it.
    ///
    /// An intermediate result otherwise leaves no trace of its own on the tape.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let x = tape.var(3.0);
    /// let y = (x * x).keep();
    /// let g = (y * y).backward();
    /// assert_eq!(g.wrt(y), 18.0); // 2 y
    /// assert_eq!(g.wrt(x), 108.0); // 4 x³
    /// ```
    ///
    /// # Panics
    /// If the variable's tape has been cleared or dropped.
    #[track_caller]
    pub fn keep(self) -> Self {
        if self.is_constant() || self.own_statement().is_some() {
            return self;
        }
        self.written()
    }
}

impl<F: Number> Var<F> {
    /// Its pending edges, for a statement.
    #[inline(always)]
    pub(in crate::tape) fn link(self) -> Link<F> {
        Link { partials: self.partials, parents: self.parents.derived() }
    }

    /// The statement that this number is, if it is one itself.
    #[inline(always)]
    pub(in crate::tape) fn own_statement(&self) -> Option<StatementId> {
        self.parents.is_itself().then(|| self.parents.place(0))
    }

    /// The tape it is recorded on; panics if that has been cleared or dropped since.
    #[inline(always)]
    #[track_caller]
    pub(in crate::tape) fn live_tape(&self) -> &'static Core<F> {
        Core::found(self.recording)
    }

    /// The same dependence, scaled, for another value.
    #[inline(always)]
    pub(crate) fn chained(self, value: F, slope: F) -> Self {
        let [p, q] = self.partials;
        Var { partials: [p * slope, q * slope], ..self.shifted(value) }
    }

    /// The same dependence, for another value.
    #[inline(always)]
    pub(crate) fn shifted(self, value: F) -> Self {
        Var { value, parents: self.parents.derived(), ..self }
    }

    /// The same number, but that it passes nothing on where a slope by it is 0.
    #[inline(always)]
    fn passing(self, slope: F) -> Self {
        let partials = if slope == F::zero() { [F::zero(); 2] } else { self.partials };
        Var { partials, ..self }
    }

    /// A function of this number and of another, from its value and its partials by both.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn joined(self, other: Self, rule: (F, F, F)) -> Self {
        if self.recording == other.recording {
            self.joined_within::<false>(other, rule)
        } else {
            self.joined_across(other, rule)
        }
    }

    /// [`Var::joined`] where the partial by this number is 1, as it is of one to which others are added in a
    /// loop.
    #[inline(always)]
    #[track_caller]
    pub(in crate::tape) fn grown(self, other: Self, rule: (F, F, F)) -> Self {
        if self.recording == other.recording {
            self.joined_within::<true>(other, rule)
        } else {
            self.joined_across(other, rule)
        }
    }

    /// [`Var::joined`] of two numbers of one recording, or [`Var::grown`].
    #[inline(always)]
    #[track_caller]
    pub(in crate::tape) fn joined_within<const GROWN: bool>(
        self,
        other: Self,
        (value, by_self, by_other): (F, F, F),
    ) -> Self {
        let (own, others) = (self.parents, other.parents);
        // Partials are multiplied where they are needed. The parts of the result are chosen one by one
        // and put together at the end: a `Var` put together in each case would be so in memory.
        let p = |lane: usize| self.partials[lane] * by_self;
        let q = |lane: usize| other.partials[lane] * by_other;
        let (first, second, parents) = match own.join(others) {
            Join::Same => (p(0) + q(0), p(1) + q(1), own.derived()),
            Join::Pair(parents) => (p(0), q(0), parents),
            Join::Covers(0) => (p(0) + q(0), p(1), own.derived()),
            Join::Covers(_) => (p(0), p(1) + q(0), own.derived()),
            Join::Covered(0) => (q(0) + p(0), q(1), others.derived()),
            Join::Covered(_) => (q(0), q(1) + p(0), others.derived()),
            Join::Crossed => (p(0) + q(1), p(1) + q(0), own.derived()),
            Join::Wide => {
                let (q, r, recording) = (q(0), q(1), self.recording);
                if GROWN && own.is_itself() {
                    return write_onto(value, [q, r], others, own, recording);
                }
                let index = write_both(p(0), p(1), own, q, r, others, recording).index();
                return Var::statement(value, index, recording);
            }
        };
        Var { value, partials: [first, second], parents, ..self }
    }

    /// [`Var::joined`] of two numbers of which one may be a constant.
    #[inline(always)]
    #[track_caller]
    pub(in crate::tape) fn joined_across(
        self,
        other: Self,
        (value, by_self, by_other): (F, F, F),
    ) -> Self {
        match (self.is_constant(), other.is_constant()) {
            (_, true) => self.chained(value, by_self),
            (true, _) => other.chained(value, by_other),
            _ => Misuse::Foreign.panic(),
        }
    }

    /// The sum of the dependence of both, for the value of `self`.
    #[inline(always)]
    #[track_caller]
    pub(in crate::tape) fn plus(self, other: Self) -> Self {
        self.joined(other, (self.value, F::one(), F::one()))
    }

    /// Writes the pending edges as a statement.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn written(self) -> Self {
        let Var { value, partials: [p, q], parents, recording, .. } = self;
        write_one(value, p, q, parents, recording).var(recording)
    }

    /// [`Var::keep`], or what is wrong with the variable.
    pub(in crate::tape) fn try_keep(self) -> Result<Self, Misuse> {
        if self.is_constant() || self.own_statement().is_some() {
            return Ok(self);
        }
        let index = Core::find(self.recording)?.write(|storage| storage.push(&[self.link()]));
        Ok(Var::statement(self.value, index, self.recording))
    }
}
