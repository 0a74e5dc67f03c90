//! The instruction sets that a loop is compiled for, one of which is chosen at run time.
//!
//! A plain build knows only the instructions that every processor of its kind has: on x86-64 those
//! of 2003, with vectors of two numbers. The same loop compiled again for AVX2 and AVX-512 takes
//! four and eight numbers at a time. Nothing is fused or reordered on the way, so the bits of the
//! results do not depend on the level.

#![allow(
    unsafe_code,
    reason = "calls of functions compiled for instructions that were found at run time"
)]

/// Work to be compiled for each level.
///
/// `run` and `run_in`, and all that they call in a loop, must be `#[inline(always)]`: what is not inlined is
/// compiled for the baseline alone. A closure cannot bear that attribute, hence a trait.
///
/// `run` at a level is a method, not a function of this module, so that the compiler puts each into the
/// module of its work. As functions here they were half of the crate, compiled as one unit by one core.
pub(crate) trait Work: Sized {
    /// What it gives.
    type Output;
    /// Does it.
    fn run(self) -> Self::Output;

    /// The same where vectors hold `WIDTH` numbers, for work whose shape depends on that. Whatever the width, the
    /// bits are those of `run`.
    #[inline(always)]
    fn run_in<const WIDTH: usize>(self) -> Self::Output {
        self.run()
    }

    /// `run` with the instructions that every processor has.
    #[inline(never)] // so that the work is compiled once, not at each caller
    fn baseline(self) -> Self::Output {
        self.run_in::<2>()
    }

    /// `run` with vectors of four numbers.
    ///
    /// # Safety
    /// The processor must have these features.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma")]
    unsafe fn avx2(self) -> Self::Output {
        self.run_in::<4>()
    }

    /// `run` with vectors of eight numbers.
    ///
    /// # Safety
    /// The processor must have these features.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
    unsafe fn avx512(self) -> Self::Output {
        self.run_in::<8>()
    }
}

/// An instruction set that this processor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Level(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// SSE2 on x86-64; NEON on AArch64.
    Baseline,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Level {
    /// All that this processor has, the widest last.
    pub(crate) fn all() -> impl DoubleEndedIterator<Item = Self> {
        [
            Some(Kind::Baseline),
            #[cfg(target_arch = "x86_64")]
            (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"))
                .then_some(Kind::Avx2),
            #[cfg(target_arch = "x86_64")]
            (is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("fma"))
            .then_some(Kind::Avx512),
        ]
        .into_iter()
        .flatten()
        .map(Self)
    }

    /// The widest that this processor has.
    pub(crate) fn best() -> Self {
        Self::all().next_back().unwrap_or(Self(Kind::Baseline))
    }

    /// Does the work with these instructions.
    pub(crate) fn run<W: Work>(self, work: W) -> W::Output {
        match self.0 {
            Kind::Baseline => work.baseline(),
            // SAFETY: only `all` makes a level of this kind, if the processor has the features.
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => unsafe { work.avx2() },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => unsafe { work.avx512() },
        }
    }
}
