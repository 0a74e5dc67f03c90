//! Sums of products over a block, and what is handed out of it.

use crate::op::vector::level::Level;
use crate::program::ir::operation::Gate;
use crate::program::kernel::{self, Arg, CROSSED, Lanes, MOST, Start, SummandOf, UNITS};
use crate::program::plan::pass::{CrossMoments, EmittedRun, Group, Layer, Source, Summand};
use smallvec::SmallVec;

/// A sum of terms.
#[inline(always)]
pub(super) fn add<'a, const FUSED: bool>(
    level: Level,
    out: &mut [f64],
    groups: &[Group],
    numbers: &[f64],
    rows: &impl Fn(Source) -> &'a [f64],
) {
    let mut start = Start::Nothing;
    for group in groups {
        start = add_group::<FUSED>(level, out, start, group, numbers, rows);
    }
    if let Start::Number(x) = start {
        out.fill(x);
    }
}

/// Adds a group of terms to the sums.
#[inline(always)]
fn add_group<'a, const FUSED: bool>(
    level: Level,
    out: &mut [f64],
    start: Start,
    group: &Group,
    numbers: &[f64],
    rows: &impl Fn(Source) -> &'a [f64],
) -> Start {
    let mut terms = [SummandOf::default(); MOST];
    for (to, term) in terms.iter_mut().zip(&group.terms) {
        *to = match *term {
            Summand::Number(a, b) => {
                let number = numbers[a as usize] * numbers[b as usize];
                return kernel::add_number(level, out, start, number);
            }
            Summand::Scaled(a, x) => {
                SummandOf { number: numbers[a as usize], first: &[], second: rows(x) }
            }
            Summand::Product(a, x, y) => {
                SummandOf { number: numbers[a as usize], first: rows(x), second: rows(y) }
            }
        };
    }
    kernel::add_terms::<FUSED>(level, out, start, &terms, (group.terms.len(), group.varying));
    Start::Sum
}

/// Sums of numbers times the same rows. If `careful`, products are as
/// [`chain`](crate::program::ir::operation::chain).
pub(super) fn layer<'a>(
    level: Level,
    careful: Option<Gate>,
    mut outs: SmallVec<[&mut [f64]; UNITS]>,
    layer: &Layer,
    numbers: &[f64],
    rows: impl Fn(Source) -> &'a [f64],
) {
    let rows: SmallVec<[&[f64]; 16]> = layer.rows.iter().map(|&x| rows(x)).collect();
    let number = |unit: usize, k: usize| numbers[layer.numbers[k][unit] as usize];
    let last =
        |unit: usize| layer.last[unit].map(|[a, b]| numbers[a as usize] * numbers[b as usize]);
    if let Some(gate) = careful {
        for (unit, out) in outs.iter_mut().enumerate() {
            let pair = |(k, &x)| (Arg::Rows(x), Arg::Same(number(unit, k)));
            kernel::chained_products(gate, out, rows.iter().enumerate().map(pair));
        }
    } else if layer.fused {
        kernel::layer::<true>(level, &mut outs, &rows, number, last);
    } else {
        kernel::layer::<false>(level, &mut outs, &rows, number, last);
    }
}

/// Adds the products of several factors with the same others to the lanes of their sums, the first row's
/// to lane `from`. If `careful`, they are as [`chain`](crate::program::ir::operation::chain).
pub(super) fn cross_moments<'a>(
    level: Level,
    careful: Option<Gate>,
    lanes: &mut [Lanes],
    from: usize,
    moments: &CrossMoments,
    rows: impl Fn(Source) -> &'a [f64],
) {
    let CrossMoments { factors, others, count, .. } = moments;
    let mut own = SmallVec::<[&mut [Lanes]; CROSSED]>::new();
    let (mut rest, mut at) = (lanes, 0);
    for &(_, into) in factors {
        let (next, after) = rest[into as usize - at..].split_at_mut(*count);
        own.push(next);
        (rest, at) = (after, into as usize + count);
    }
    let factors: SmallVec<[&[f64]; CROSSED]> =
        factors.iter().map(|&(factor, _)| rows(factor)).collect();
    let others = others.map(|other| other.map(&rows));
    kernel::add_cross_moments(level, careful, &mut own, from, &factors, others);
}

/// Adds numbers to their places in each row's list.
pub(super) fn emit<'a>(
    level: Level,
    out: &mut [f64],
    width: usize,
    runs: &[EmittedRun],
    rows: impl Fn(Source) -> &'a [f64],
) {
    let runs: SmallVec<[kernel::Run<'_>; 8]> = runs
        .iter()
        .map(|EmittedRun { base, xs }| kernel::Run {
            base: *base as usize,
            xs: xs.iter().map(|&x| rows(x)).collect(),
        })
        .collect();
    kernel::emit(level, out, width, &runs);
}
