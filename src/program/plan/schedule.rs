//! The order of the steps of a pass, for few live registers.
//!
//! ```text
//! while there are steps whose arguments are there:
//!     take the one that frees the most registers, less those that it needs;
//!     of several the first in the order of the program
//! ```
//!
//! So a number is used as soon as that is worth while: the terms of a long sum are not all computed
//! before the first of them is added.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A step, by what it reads of other steps and whether its result needs a register.
#[derive(Debug)]
pub(crate) struct Item {
    /// The steps that it reads, each once.
    pub(crate) reads: Vec<u32>,
    pub(crate) register: bool,
}

/// The order in which to take steps, which are given in an order that is possible.
pub(crate) fn order(items: &[Item]) -> Vec<u32> {
    let mut readers: Vec<Vec<u32>> = vec![Vec::new(); items.len()];
    for (at, item) in (0..).zip(items) {
        item.reads.iter().for_each(|&read| readers[read as usize].push(at));
    }
    // How many are still to read a result, and how many of a step's own reads are not there yet.
    let mut left: Vec<usize> = readers.iter().map(Vec::len).collect();
    let mut missing: Vec<usize> = items.iter().map(|item| item.reads.len()).collect();
    let mut done = vec![false; items.len()];
    let gain = |at: u32, left: &[usize]| {
        let Item { reads, register } = &items[at as usize];
        let last = |&&read: &&u32| left[read as usize] == 1 && items[read as usize].register;
        reads.iter().filter(last).count() as isize - isize::from(*register)
    };
    // A gain only grows, so that an entry which is out of date comes after the newer one.
    let mut ready = BinaryHeap::new();
    for at in (0..items.len() as u32).filter(|&at| missing[at as usize] == 0) {
        ready.push((gain(at, &left), Reverse(at)));
    }
    let mut order = Vec::with_capacity(items.len());
    while let Some((_, Reverse(at))) = ready.pop() {
        if std::mem::replace(&mut done[at as usize], true) {
            continue;
        }
        order.push(at);
        for &reader in &readers[at as usize] {
            missing[reader as usize] -= 1;
            if missing[reader as usize] == 0 {
                ready.push((gain(reader, &left), Reverse(reader)));
            }
        }
        for &read in &items[at as usize].reads {
            left[read as usize] -= 1;
            if left[read as usize] == 1 {
                let last = readers[read as usize].iter().find(|&&reader| !done[reader as usize]);
                if let Some(&last) = last.filter(|&&last| missing[last as usize] == 0) {
                    ready.push((gain(last, &left), Reverse(last)));
                }
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Program;
    use crate::program::plan::Plan;

    #[test]
    fn long_sums_need_few_registers() {
        let sum = crate::objective!(|w, [x]| w.iter().map(|&w| (w * x).exp()).sum());
        let program =
            Program::record(&sum, &[0.1; 1000], &[0.5]).expect("a recording").sum().gradient();
        let registers = Plan::of(&program).passes[0].registers;
        assert!(registers < 100, "{registers}");
    }

    #[test]
    fn terms_are_added_before_the_next_are_computed() {
        // Four pairs of terms, their sums, and the sum of those; a step that keeps nothing reads each.
        let leaf = || Item { reads: vec![], register: true };
        let mut items: Vec<Item> = (0..8).map(|_| leaf()).collect();
        items.extend((0..8).map(|at| Item { reads: vec![at], register: false }));
        items.extend((0..4).map(|at| Item { reads: vec![2 * at, 2 * at + 1], register: true }));
        items.push(Item { reads: (16..20).collect(), register: true });
        let order = order(&items);
        assert_eq!(order[..5], [0, 8, 1, 9, 16]);
        assert_eq!(order.len(), items.len());
        let place = |step: u32| order.iter().position(|&at| at == step);
        for (at, item) in (0..).zip(&items) {
            assert!(item.reads.iter().all(|&read| place(read) < place(at)));
        }
    }
}
