//! Loops over runs of numbers of every length, on which side of which a single number stands as may be.

use super::{all_ways, one_by_one, same};
use crate::op;
use crate::program::Columns;
use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::operation::{Gate, Operation};
use crate::program::tests::maker::of_numbers;

/// All pairs of these meet in a run of as many as there are pairs.
const FIRST: [f64; 7] = [1.5, 0.0, -0.0, f64::INFINITY, f64::NAN, -2.25, 1e308];
const SECOND: [f64; 5] = [0.75, f64::NEG_INFINITY, -0.0, f64::NAN, 0.0];

#[test]
fn runs_of_every_length_have_the_bits_of_one_operation_after_the_other() {
    use Operation::*;
    let operations = [
        Neg,
        Add,
        Sub,
        Mul,
        Div,
        Chain(Gate::First),
        Chain(Gate::Either),
        Binary(op::Max.into()),
        Unary(op::Exp {}.into()),
        MulAdd,
        Select,
    ];
    for len in (1..=9).chain([16, 17, 31, 32, 33, 65]) {
        for (which, operation) in operations.into_iter().enumerate() {
            let mut graph = Graph::default();
            let mut x: Vec<f64> = Vec::new();
            let mut list = |numbers: &[f64], len: usize, graph: &mut Graph| -> Vec<Id> {
                let new = numbers.iter().copied().cycle().take(len);
                new.map(|number| {
                    x.push(number);
                    graph.push(Parameter(x.len() as u32 - 1), &[], None)
                })
                .collect()
            };
            let [a, b] = [&FIRST[..], &SECOND].map(|numbers| list(numbers, len, &mut graph));
            let single = list(&SECOND, SECOND.len(), &mut graph);
            let mut outputs: Vec<Id> = Vec::new();
            let mut add = |args: [&dyn Fn(usize) -> Id; 3]| {
                let arity = operation.arity().unwrap_or(2);
                outputs.extend((0..len).map(|i| {
                    let args = args.map(|arg| arg(i));
                    graph.push(operation, &args[..arity], None)
                }));
            };
            add([&|i| a[i], &|i| b[i], &|i| a[i]]);
            for one in [which, which + 2].map(|at| single[at % single.len()]) {
                add([&|i| a[i], &|_| one, &|i| b[i]]);
                add([&|_| one, &|i| a[i], &|i| b[i]]);
            }
            // One that follows its neighbour now and then only, up to the middle or from there on, or in turns.
            add([&|i| a[i], &|i| b[i / 2], &|i| a[i]]);
            add([&|i| a[i], &|i| b[i.min(len / 2)], &|i| a[i]]);
            add([&|i| a[i.saturating_sub(len / 2)], &|i| b[i], &|i| b[len - 1 - i]]);
            add([&|i| a[2 * i % len], &|i| b[3 * i % len], &|i| a[i]]);
            // A sum of each with some others, as many as make it a list.
            for terms in (2..=7).filter(|_| which == 0) {
                outputs.extend((0..len).map(|i| {
                    let back = a[len - 1 - i];
                    let all = [a[i], b[i], single[0], back, b[len / 2], a[len / 2], b[i]];
                    graph.push(Sum, &all[..terms], None)
                }));
            }
            let values = one_by_one(&graph, &x);
            let program = of_numbers(graph, x.len(), &outputs);
            for (way, mut sweep) in all_ways(&program) {
                let found = sweep.run(&x, &Columns::none()).expect("a run");
                for (at, id) in outputs.iter().enumerate() {
                    let (found, expected) = (found.output(at)[0], values[id.at()]);
                    let what = format!("{operation:?}, {len}, {way}, {at}");
                    assert!(same(found, expected), "{what}: {found:?}, not {expected:?}");
                }
            }
        }
    }
}
