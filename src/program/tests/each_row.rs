//! Numbers handed out for each row: of any count, side by side, with places missing between, and at places that
//! the row chooses.

use super::maker::{Random, defined, program};
use super::same_bits::{all_bits, in_portions};
use crate::op::vector::level::Level;
use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::operation::Operation;
use crate::program::ir::output::Scatter;
use crate::program::{Columns, Name, NonFinite, Output, Program, Sweep};

/// The rows' choices are below this.
const CHOICES: usize = 5;

/// A multiple of one half, few of which make sums that are exact in any order.
fn half(random: &mut Random) -> f64 {
    random.below(33) as f64 / 2.0 - 8.0
}

/// A program of one to three outputs of so many numbers a row; the last column is of choices.
fn handed_out(random: &mut Random, len: usize) -> Program {
    let mut graph = Graph::default();
    let mut push = |operation, args: &[Id]| graph.push(operation, args, None);
    let columns: Vec<Id> = (0..3).map(|at| push(Operation::Column(at), &[])).collect();
    let parameters: Vec<Id> = (0..2).map(|at| push(Operation::Parameter(at), &[])).collect();
    let one = push(Operation::Constant(1.0.into()), &[]);
    let mut varying = columns.clone();
    let mut alike = [parameters.clone(), vec![one]].concat();
    for _ in 0..2 + random.below(2 * len) {
        let [x, y] = [0; 2].map(|_| columns[random.below(2)]);
        let p = parameters[random.below(2)];
        let constant = push(Operation::Constant(half(random).into()), &[]);
        let product = push(Operation::Mul, &[x, constant]);
        varying.push(match random.below(3) {
            0 => push(Operation::Add, &[product, p]),
            1 => push(Operation::Mul, &[x, y]),
            _ => product,
        });
        alike.push(push(Operation::Mul, &[p, constant]));
    }
    let mut outputs = Vec::new();
    for _ in 0..1 + random.below(3) {
        // Runs of places, which break off where one is missing.
        let missing = [0, 0, 1, 4][random.below(4)];
        let mut entries: Vec<(u32, Id)> = Vec::new();
        for place in 0..len {
            if random.below(8) >= missing {
                let list = if random.below(6) == 0 { &alike } else { &varying };
                // Two numbers in one place are added up.
                for _ in 0..1 + random.below(12) / 11 {
                    entries.push((place as u32, list[random.below(list.len())]));
                }
            }
        }
        let mut scatters = Vec::new();
        if len >= CHOICES {
            for _ in 0..random.below(3) {
                let base = random.below(len - CHOICES + 1) as u32;
                let value = varying[random.below(varying.len())];
                let index = columns[2];
                scatters.push(Scatter { base, len: CHOICES as u32, index, value, scale: one });
            }
        }
        outputs.push((Name::Jacobian, Output::Rows { len, entries, scatters }));
    }
    program(graph, outputs)
}

/// On each instruction set, and with numbers computed by native code.
fn all_ways(program: &Program, block: usize) -> Vec<(String, Sweep)> {
    let compiled = |level| (format!("{level:?}"), program.compile_for(level, Some(block)));
    #[allow(unused_mut, reason = "there may be no more")]
    let mut ways: Vec<(String, Sweep)> = Level::all().map(compiled).collect();
    #[cfg(feature = "native")]
    ways.push(("native".to_owned(), program.compile_native().expect("native code")));
    ways
}

#[test]
fn numbers_of_each_row_are_those_of_the_definition() {
    for seed in 0..200 {
        let mut random = Random(seed ^ 0xe317);
        // Each of the short lists, and some so long that many numbers wait for their neighbours.
        let len = if seed < 160 { 1 + seed as usize % 40 } else { 41 + random.below(200) };
        let program = handed_out(&mut random, len);
        let n = random.below(200);
        let mut columns: Vec<Vec<f64>> =
            (0..2).map(|_| (0..n).map(|_| half(&mut random)).collect()).collect();
        columns.push((0..n).map(|_| random.below(CHOICES) as f64).collect());
        let at = [0; 2].map(|_| half(&mut random));
        let bits = |x: &f64| x.to_bits();
        let expected: Vec<Vec<u64>> = match n {
            0 => vec![Vec::new(); program.outputs.len()],
            _ => defined(&program, &at, &columns)
                .iter()
                .map(|output| output.iter().map(bits).collect())
                .collect(),
        };
        let slices: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
        let data = Columns::new(&slices).expect("columns");
        let block = [1, 7, 32, 96, 1024][random.below(5)];
        for (way, sweep) in all_ways(&program, block) {
            let mut sweep = sweep.non_finite(NonFinite::Take);
            let way = format!("{seed}: {n} rows of {len}, {way}, blocks of {block}");
            let found = all_bits(sweep.run(&at, &data).expect("a run"));
            assert_eq!(found[..expected.len()], expected, "{way}\n{program}");
            let length = [1, 13, 32, 64][random.below(4)];
            let found = in_portions(&mut sweep, &at, &columns, n, length);
            assert_eq!(found[..expected.len()], expected, "{way}, by {length}\n{program}");
        }
    }
}
