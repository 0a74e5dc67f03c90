//! What a pass over the rows of many ranks costs, and where more ranks stop helping.
//!
//! With `N` rows, `P` ranks and `n` parameters, a pass takes about
//!
//! ```text
//! N t / P  +  2 ⌈log₂ P⌉ (α + b / β)  +  ⌈log₂ P⌉ m
//! ```
//!
//! - `t`: a row's share of a pass on one rank, as [`Sweep::run`](wengert::program::Sweep::run) takes it.
//! - `α`: how long a short message is under way; `β`: how many bytes go by in a second.
//! - `b`: the bytes of a message. A partial result over whole segments holds `n + 1` sums, one for each level of
//!   the tree of sums that is still open: one where the ranges are alike and `P` is a power of two, up to
//!   `log₂ (N / 4096)`. That is `8 (n + 1)` to `8 (n + 1) log₂ (N / 4096)` bytes, and some hundred more.
//! - `m`: what a merge takes, reading and writing: about the time to copy `b` bytes some times.
//!
//! So at least `8 (n + 1) log₂ P` bytes arrive at the first rank in each pass, and as many leave it. There are `2 (P - 1)` messages
//! in all, none of them to all at once; the longest way has `2 ⌈log₂ P⌉`. A test counts them on up to 64 ranks, with a
//! clock that a message moves on: `tests/ranks/cost.rs`.
//!
//! # Where it stops
//!
//! More ranks help as long as the rows of each take longer than the messages: while
//!
//! ```text
//! N t / P  >  2 log₂ P (α + b / β)
//! ```
//!
//! The constants of a machine are printed by `mpirun -n P examples/cluster/target/release/cluster cost`. On two idle cores of
//! x86-64, by shared memory (Open MPI 4.1.4):
//!
//! | sums | one rank, µs | two ranks, µs | each with a segment of rows more, µs |
//! | --: | --: | --: | --: |
//! | 2 | 1.8 | 3.4 | 9.0 |
//! | 11 | 3.8 | 5.7 | 22 |
//! | 101 | 22 | 33 | 51 |
//! | 1,001 | 467 | 522 | 809 |
//! | 10,001 | 6,308 | 7,138 | 22,745 |
//!
//! So `α` is about 1 µs there, and a message of 80 KB with its merge takes about half a millisecond. Where `α`
//! is 30 µs, as it may be by Ethernet, ten million rows of the article's curve, 24 ns each with decoding, are a quarter of a second: a
//! thousand ranks spend 0.6 ms on messages and 0.24 ms on rows; near four hundred both are alike. By the same example, two
//! ranks on two cores go through a million rows in Parquet at 1.82 (2 columns) and 1.91 (21 columns) of the rate of one.
