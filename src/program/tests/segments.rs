//! Segments of as many rows as the work of a row is worth, each reduced by itself, and what they come to joined as a
//! tree.

use super::maker::{PARAMETERS, Random, program, reduced};
use super::same_bits::{all_bits, in_portions};
use crate::op::vector::level::Level;
use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::operation::{Operation, Reduction};
use crate::program::plan::Plan;
use crate::program::{Columns, Name, Output, Program};

/// The sum and the maximum of a row's dot product of so many terms, and that as the row's own number.
fn dot(terms: usize) -> [Program; 2] {
    let mut graph = Graph::default();
    let mut push = |operation, args: &[Id]| graph.push(operation, args, None);
    let columns = [0, 1, 2].map(|at| push(Operation::Column(at), &[]));
    let factor = push(Operation::Parameter(0), &[]);
    let args: Vec<Id> = (0..terms)
        .flat_map(|k| {
            let constant = push(Operation::Constant(((k as f64) * 0.7).sin().into()), &[]);
            [columns[k % 3], push(Operation::Mul, &[factor, constant])]
        })
        .collect();
    let dot = push(Operation::Dot, &args);
    let [sum, most] = [Reduction::Sum, Reduction::Max].map(|r| push(Operation::Reduce(r), &[dot]));
    let rows = Output::Rows { len: 1, entries: vec![(0, dot)], scatters: Vec::new() };
    let totals = [sum, most].map(|id| (Name::Value, Output::Number(id)));
    [program(graph.clone(), totals.into()), program(graph, vec![(Name::Jacobian, rows)])]
}

/// Two halves, of which the first is as many segments as the greatest power of two below all.
fn tree(reduction: Reduction, segments: &[f64]) -> f64 {
    match segments {
        [] => unreachable!("no segment"),
        [one] => *one,
        all => {
            let (first, rest) = all.split_at(all.len().next_power_of_two() / 2);
            let [a, b] = [first, rest].map(|half| tree(reduction, half));
            if reduction == Reduction::Sum { a + b } else { a.max(b) }
        }
    }
}

#[test]
fn totals_are_those_of_segments_joined_as_a_tree() {
    for (terms, segment) in [(20, 4096), (300, 2048), (600, 1024)] {
        let [totals, each_row] = dot(terms);
        assert_eq!(Plan::of(&totals.prepared()).passes[0].segment(), segment, "{terms} terms");
        for n in [1, 100, segment - 1, segment, segment + 1, 3 * segment + 5] {
            let mut random = Random(n as u64);
            let mut number = |_| random.below(4001) as f64 / 1000.0 - 2.0;
            let columns: Vec<Vec<f64>> =
                (0..3).map(|_| (0..n).map(&mut number).collect()).collect();
            let at = [0.3; PARAMETERS];
            let slices: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
            let data = Columns::new(&slices).expect("columns");
            let mut rows = each_row.compile();
            let rows = rows.run(&at, &data).expect("a run").output(0).to_vec();
            let expected = [Reduction::Sum, Reduction::Max].map(|reduction| {
                let segments = rows.chunks(segment).map(|rows| reduced(reduction, rows));
                tree(reduction, &segments.collect::<Vec<f64>>()).to_bits()
            });
            for level in Level::all() {
                let block = [7, 64, 1024][random.below(3)];
                let mut sweep = totals.compile_for(level, Some(block));
                let whole = all_bits(sweep.run(&at, &data).expect("a run"));
                let way = format!("{terms} terms, {n} rows, {level:?}, blocks of {block}");
                assert_eq!([whole[0][0], whole[1][0]], expected, "{way}");
                let length = [1000, 1024, 5000][random.below(3)];
                let found = in_portions(&mut sweep, &at, &columns, n, length);
                assert_eq!(found, whole, "{way}, by {length}");
            }
        }
    }
}
