//! Sums of numbers that follow one another, and of such as nearly do.

use super::{all_ways, one_by_one, same};
use crate::program::Columns;
use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::operation::Operation;
use crate::program::tests::maker::of_numbers;

/// How one of the sums is unlike the others.
#[derive(Clone, Copy, Debug)]
enum Unlike {
    Not,
    /// Two of its terms stand in the other order.
    Swapped,
    /// Its last term is one of another sum.
    Foreign,
    /// It begins one number later, as the next does.
    Shifted,
    /// All its terms are the same.
    Repeated,
    /// It has a term less.
    Shorter,
}

#[test]
fn sums_of_neighbours_but_for_one_are_each_added_up_in_their_order() {
    use Unlike::*;
    for (n, width) in (1..=20_usize).flat_map(|n| [2, 3, 4, 5, 9].map(|width| (n, width))) {
        // Numbers of which no sum is the same in another order.
        let x: Vec<f64> = (0..n * width + 1).map(|i| (i as f64 * 0.37).sin() * 1e3).collect();
        for unlike in [Not, Swapped, Foreign, Shifted, Repeated, Shorter] {
            // In the middle, or the last.
            let which = if width % 2 == 0 { n / 2 } else { n - 1 };
            let mut graph = Graph::default();
            let inputs: Vec<Id> = (0..x.len() as u32)
                .map(|place| graph.push(Operation::Parameter(place), &[], None))
                .collect();
            let mut sums: Vec<Id> = Vec::new();
            for (at, terms) in inputs.chunks_exact(width).enumerate() {
                let mut terms = terms.to_vec();
                match unlike {
                    _ if at != which => {}
                    Not => {}
                    Swapped => terms.swap(width / 2, width - 1),
                    Foreign => terms[width - 1] = inputs[(at * width + 2 * width) % inputs.len()],
                    Shifted => terms = inputs[at * width + 1..][..width].to_vec(),
                    Repeated => terms = vec![terms[0]; width],
                    Shorter => terms.truncate(width - 1),
                }
                sums.push(graph.push(Operation::Sum, &terms, None));
            }
            let values = one_by_one(&graph, &x);
            let program = of_numbers(graph, x.len(), &sums);
            for (way, mut sweep) in all_ways(&program) {
                let found = sweep.run(&x, &Columns::none()).expect("a run");
                for (at, id) in sums.iter().enumerate() {
                    let (found, expected) = (found.output(at)[0], values[id.at()]);
                    let what = format!("{n} of {width}, {unlike:?} at {which}, {way}, {at}");
                    assert!(same(found, expected), "{what}: {found:?}, not {expected:?}");
                }
            }
        }
    }
}
