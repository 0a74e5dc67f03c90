//! Which products of derivatives have to be looked at.
//!
//! Where such a product is NaN and a factor is 0, it is 0: that is rare, and the interpreter does it. So it is
//! enough to notice it. A NaN goes through sums and products to the outputs, of which there are fewer:
//! where it surely gets there, only these are looked at.

use super::arithmetic::shows_nan;
use super::items::{Items, Task};
use crate::program::ir::operation::Operation;

/// By item: whether a NaN among its results might not show in an output; and whether any product shows there,
/// so that outputs are to be looked at.
pub(super) fn hidden(items: &Items, writes_outputs: bool) -> (Vec<bool>, bool) {
    let mut hidden = vec![true; items.list.len()];
    let mut any = false;
    if !writes_outputs {
        return (hidden, any);
    }
    let mut shows = vec![false; items.producer.len()];
    for (item, hidden) in items.list.iter().zip(&mut hidden).rev() {
        let passes = match item.task {
            Task::Number(_) | Task::Entry(_) => true,
            Task::Compute(operation) => shows_nan(operation),
            Task::Copy | Task::Neighbours(_) => true,
            Task::Call(_) | Task::Zero(_) | Task::Guard { .. } | Task::Interpret(_) => false,
        };
        let goes_out = matches!(item.task, Task::Number(_) | Task::Entry(_));
        if !goes_out && !matches!(item.task, Task::Zero(_) | Task::Guard { .. }) {
            let results = &shows[item.out as usize..(item.out + item.len) as usize];
            *hidden = !results.iter().all(|&shows| shows);
            let chained =
                matches!(item.task, Task::Compute(Operation::Chain(_) | Operation::ChainDot(_)));
            any |= chained && !*hidden;
        }
        if !passes {
            continue;
        }
        for at in 0..item.len {
            if !goes_out && !shows[(item.out + at) as usize] {
                continue;
            }
            match item.task {
                Task::Neighbours(width) => {
                    let from = items.operands(item)[0].of(at) as usize;
                    shows[from..from + width as usize].fill(true);
                }
                _ => items.operands(item).iter().for_each(|x| shows[x.of(at) as usize] = true),
            }
        }
    }
    (hidden, any)
}
