//! Sums that begin with numbers times the same rows, as the units of a layer do, whatever follows in each, and
//! whether or not they are products of derivatives.

use super::maker::{COLUMNS, PARAMETERS, Random, defined, program, same};
use crate::op::vector::level::Level;
use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::operation::{Gate, Operation};
use crate::program::{Columns, Name, NonFinite, Output, Program};

/// Units that share their first rows, handed out by row.
fn layer(random: &mut Random) -> Program {
    let mut graph = Graph::default();
    let mut push = |operation, args: &[Id]| graph.push(operation, args, None);
    let mut rows: Vec<Id> =
        (0..COLUMNS as u32).map(|at| push(Operation::Column(at), &[])).collect();
    let parameters: Vec<Id> =
        (0..PARAMETERS as u32).map(|at| push(Operation::Parameter(at), &[])).collect();
    for _ in 0..12 {
        let [a, b] = [0; 2].map(|_| rows[random.below(rows.len())]);
        let operation = [Operation::Mul, Operation::Sub, Operation::Div][random.below(3)];
        rows.push(push(operation, &[a, b]));
    }
    let operation = match random.below(3) {
        0 => Operation::Mul,
        1 => Operation::Chain(Gate::First),
        _ => Operation::Chain(Gate::Either),
    };
    let first = random.below(rows.len());
    let shared: Vec<Id> =
        (0..2 + random.below(9)).map(|k| rows[(first + k) % rows.len()]).collect();
    // Numbers times other rows, products of rows, and numbers, with which each unit ends.
    let [scaled, products, numbers] = [0; 3].map(|_| [0, 0, 1, 2][random.below(4)]);
    let mut number = |random: &mut Random| {
        let factor = random.below(33) as f64 / 16.0 - 1.0;
        let factor = push(Operation::Constant(factor.into()), &[]);
        push(Operation::Mul, &[parameters[random.below(PARAMETERS)], factor])
    };
    let numbers: Vec<Vec<Id>> = (0..2 + random.below(8))
        .map(|_| (0..shared.len() + scaled + 2 * numbers).map(|_| number(random)).collect())
        .collect();
    let mut entries: Vec<(u32, Id)> = Vec::new();
    for (place, numbers) in (0..).zip(&numbers) {
        let (of_shared, rest) = numbers.split_at(shared.len());
        let (of_scaled, pairs) = rest.split_at(scaled);
        let mut pairs: Vec<[Id; 2]> = pairs.as_chunks().0.to_vec();
        let mut row = || rows[random.below(rows.len())];
        let own = of_scaled.iter().map(|&number| [row(), number]);
        let mut all: Vec<[Id; 2]> =
            shared.iter().copied().zip(of_shared.iter().copied()).map(Into::into).collect();
        all.extend(own);
        all.extend((0..products).map(|_| [row(), row()]));
        all.append(&mut pairs);
        let terms: Vec<Id> = all.iter().map(|pair| graph.push(operation, pair, None)).collect();
        entries.push((place, graph.push(Operation::Sum, &terms, None)));
    }
    let rows = Output::Rows { len: entries.len(), entries, scatters: Vec::new() };
    program(graph, vec![(Name::Jacobian, rows)])
}

#[test]
fn layers_of_all_shapes_have_the_bits_of_their_definition() {
    let (mut infinite, mut stopped) = (0, 0);
    for seed in 0..300 {
        let mut random = Random(seed ^ 0x1a7e);
        let program = layer(&mut random);
        let n = [1, 7, 8, 33, 64][random.below(5)];
        // Zeros among them, over which others are infinite.
        let mut number = || random.below(9) as f64 / 2.0 - 2.0;
        let columns: Vec<Vec<f64>> =
            (0..COLUMNS).map(|_| (0..n).map(|_| number()).collect()).collect();
        let at = [0; PARAMETERS].map(|_| number());
        let fused = seed % 4 == 0;
        let (program, definition) = match fused {
            true => {
                let fused = program.allow_fused_products();
                (fused.clone(), fused.joined())
            }
            false => (program.clone(), program.summed()),
        };
        let expected = &defined(&definition, &at, &columns)[0];
        infinite += expected.iter().filter(|x| x.is_infinite()).count();
        stopped += expected.iter().filter(|x| x.is_finite()).count();
        let slices: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
        let data = Columns::new(&slices).expect("columns");
        for level in Level::all() {
            let block = [1, 7, 32, 1024][random.below(4)];
            let mut sweep = program.compile_for(level, Some(block)).non_finite(NonFinite::Take);
            let found = sweep.run(&at, &data).expect("a run");
            for (place, (&got, &want)) in found.output(0).iter().zip(expected).enumerate() {
                let way = format!("{seed}, {level:?}, blocks of {block}, {place}");
                assert!(same(got, want), "{way}: {got:?}, not {want:?}\n{program}");
            }
        }
    }
    assert!(infinite > 1000 && stopped > 10_000, "{infinite} and {stopped}");
}
