//! Sums of products over a block, and what is handed out of it.

use crate::op::nary;
use crate::op::vector::level::Level;
use crate::program::ir::operation::Gate;
use crate::program::kernel::{self, Arg, MOST, Start, SummandOf, UNITS};
use crate::program::plan::pass::{EmittedRun, Group, Layer, Source, Summand};
use smallvec::SmallVec;

/// Adds terms to a sum.
#[inline(always)]
pub(super) fn add<'a, const FUSED: bool>(
    level: Level,
    out: &mut [f64],
    mut start: Start,
    groups: &[Group],
    numbers: &[f64],
    rows: &impl Fn(Source) -> &'a [f64],
) {
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
                return kernel::add_number(level, out, start, product(numbers, [a, b]));
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
    (numbers, factors): (&[f64], &mut Vec<f64>),
    rows: impl Fn(Source) -> &'a [f64],
) {
    /// The terms of a long sum that are added in turn.
    const TERMS: usize = nary::IN_TURN;
    let rows: SmallVec<[&[f64]; TERMS]> = layer.rows.iter().map(|&x| rows(x)).collect();
    factors.clear();
    factors.extend(layer.numbers.iter().map(|&at| numbers[at as usize]));
    if let Some(gate) = careful {
        let units = outs.len();
        for (unit, out) in outs.iter_mut().enumerate() {
            let own = factors[unit..].iter().step_by(units);
            let pairs = rows.iter().zip(own).map(|(x, &a)| (Arg::Rows(x), Arg::Same(a)));
            kernel::chained_products(gate, out, pairs);
        }
        return;
    }
    let last = layer.last.iter().map(|last| last.map(|ab| product(numbers, ab)));
    let last: SmallVec<[Option<f64>; UNITS]> = last.collect();
    let layer = if layer.fused { kernel::layer::<true> } else { kernel::layer::<false> };
    layer(level, &mut outs, &rows, factors, &last);
}

fn product(numbers: &[f64], [a, b]: [u32; 2]) -> f64 {
    numbers[a as usize] * numbers[b as usize]
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
