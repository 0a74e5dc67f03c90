//! No pass changes a bit: random programs against their definition, node by node and row by row.
//!
//! [`evaluate`](crate::program::ir::operation::evaluate) is the definition. It is compared with what comes out when nodes are simplified as
//! they are added, fused, put into registers, and run in blocks on each instruction set.

use super::maker::{
    COLUMNS, Maker, PARAMETERS, ROWS, Random, defined, random_program, random_rows, same,
};
use crate::op::vector::level::Level;
use crate::program::ir::entries::BinaryKind;
use crate::program::ir::graph::Graph;
use crate::program::ir::operation::{Gate, Operation};
use crate::program::{Columns, NonFinite, Program};
use crate::{Scalar, objective};

const BLOCKS: [usize; 4] = [32, 64, 96, 1024];

/// Runs on each instruction set with each length of blocks.
fn all_ways(program: &Program, mut check: impl FnMut(&str, &mut crate::program::Sweep)) {
    for level in Level::all() {
        for block in BLOCKS {
            let mut sweep = program.compile_for(level, Some(block)).non_finite(NonFinite::Take);
            check(&format!("{level:?}, blocks of {block}"), &mut sweep);
        }
    }
}

/// A number of any kind, or a `tame` one: of these no sum over rows is NaN but for what a program makes of a 0, as
/// an infinite slope.
fn number(random: &mut Random, tame: bool) -> f64 {
    if tame { random.below(17) as f64 / 4.0 - 2.0 } else { random.number() }
}

#[test]
fn random_programs_compute_what_their_nodes_define() {
    for seed in 0..400 {
        let mut random = Random(seed ^ 0x5eed);
        let tame = random.below(2) == 0;
        let columns: Vec<Vec<f64>> =
            (0..COLUMNS).map(|_| (0..ROWS).map(|_| number(&mut random, tame)).collect()).collect();
        let parameters: Vec<f64> = (0..PARAMETERS).map(|_| number(&mut random, tame)).collect();
        let mut maker = Maker::new(seed, &columns, &parameters);
        for _ in 0..25 {
            maker.grow();
        }
        let (program, expected) = maker.finish(false);
        let slices: Vec<&[f64]> = columns.iter().map(|c| &c[..]).collect();
        let data = Columns::new(&slices).expect("columns");
        let program = if seed % 2 == 0 { program } else { program.trimmed() };
        let block = BLOCKS[(seed / 2) as usize % BLOCKS.len()];
        for level in Level::all() {
            let mut sweep = program.compile_for(level, Some(block)).non_finite(NonFinite::Take);
            let found = sweep.run(&parameters, &data).expect("a run");
            for (at, &want) in expected.iter().enumerate() {
                let got = found.output(at)[0];
                let way = format!("{seed}, {level:?}, blocks of {block}, {at}");
                assert!(same(got, want), "{way}: {got:?}, not {want:?}\n{program}");
            }
        }
    }
}

/// A random program, or one of its derivatives.
pub(super) fn derived(seed: u64) -> Program {
    let program = random_program(seed);
    match seed % 6 {
        0 => program,
        1 => program.gradient(),
        2 => program.gradient_along(),
        3 => random_rows(seed).jacobian(),
        4 => random_rows(seed).gauss_newton(),
        _ => program.gradient().jvp(),
    }
}

#[test]
fn derivatives_of_random_programs_compute_what_their_nodes_define() {
    let mut finite = 0;
    for seed in 0..600 {
        let mut random = Random(seed ^ 0xde51);
        // Which products are rounded together with their additions is known when they are joined, after shares have
        // become products too.
        let (program, definition) = match random.below(3) {
            0 => {
                let fused = derived(seed).allow_fused_products();
                (fused.clone(), fused.prepared().into_owned())
            }
            _ => (derived(seed), derived(seed).summed()),
        };
        let tame = random.below(2) == 0;
        let mut number = || number(&mut random, tame);
        let columns: Vec<Vec<f64>> =
            (0..COLUMNS).map(|_| (0..ROWS).map(|_| number()).collect()).collect();
        let parameters: Vec<f64> = (0..program.parameters).map(|_| number()).collect();
        let expected = defined(&definition, &parameters, &columns);
        let sums = expected.iter().filter(|output| output.len() < ROWS).flatten();
        finite += sums.filter(|x| x.is_normal()).count();
        let slices: Vec<&[f64]> = columns.iter().map(|c| &c[..]).collect();
        let data = Columns::new(&slices).expect("columns");
        let block = BLOCKS[random.below(BLOCKS.len())];
        for level in Level::all() {
            let mut sweep = program.compile_for(level, Some(block)).non_finite(NonFinite::Take);
            let found = sweep.run(&parameters, &data).expect("a run");
            for (at, expected) in expected.iter().enumerate() {
                assert_eq!(found.output(at).len(), expected.len());
                for (place, (&got, &want)) in found.output(at).iter().zip(expected).enumerate() {
                    let way = format!("{seed}, {level:?}, blocks of {block}, {at}, {place}");
                    assert!(same(got, want), "{way}: {got:?}, not {want:?}\n{program}");
                }
            }
        }
    }
    assert!(finite > 300, "only {finite} numbers tell anything apart");
}

/// The value in each row alone, to the bit.
fn each_row(program: &Program, xs: &[f64]) -> Vec<f64> {
    let mut sweep = program.clone().max().compile().non_finite(NonFinite::Take);
    let data = Columns::new(&[xs]).expect("columns");
    (0..xs.len())
        .map(|row| sweep.run(&[], &data.range(row..row + 1)).expect("a run").value())
        .collect()
}

#[test]
fn cheaper_operations_have_the_same_bits() {
    let mut random = Random(5);
    let xs: Vec<f64> = (0..500).map(|_| random.number()).collect();
    for n in 1..=6 {
        let power = objective!((n: i32) |_w, [x]| x.powi(n));
        let program = Program::record(&power, &[], &[1.0]).expect("a recording");
        assert_eq!(program.to_string().contains("powi"), !(2..=5).contains(&n));
        for (&x, got) in xs.iter().zip(each_row(&program, &xs)) {
            assert!(same(got, Scalar::powi(x, n)), "{x:e}^{n}");
        }
    }
    let two = 2_f64;
    for (divisor, product) in [
        (2.0, true),
        (-0.25, true),
        (two.powi(1022), true),
        (two.powi(-1022), true),
        (two.powi(1023), false), // its reciprocal is subnormal
        (5e-324, false),
        (3.0, false),
        (f64::INFINITY, false),
        (0.0, false),
    ] {
        let quotient = objective!((divisor: f64) |_w, [x]| x / divisor);
        let program = Program::record(&quotient, &[], &[1.0]).expect("a recording");
        assert_eq!(program.to_string().contains("mul"), product, "{divisor:e}");
        for (&x, got) in xs.iter().zip(each_row(&program, &xs)) {
            assert!(same(got, x / divisor), "{x:e} / {divisor:e}");
        }
    }
}

#[test]
fn what_could_change_a_bit_is_not_simplified() {
    let mut graph = Graph::default();
    let x = graph.push(Operation::Column(0), &[], None);
    let constant = [0.0, -0.0, 1.0, f64::NAN].map(|c| graph.constant(c));
    let [zero, minus_zero, one, nan] = constant;
    use Operation::*;
    // `-0 + 0` is `0`; `x · 0` may be NaN; `x - x` may be NaN; `x / x` too.
    for (operation, args) in [
        (Add, [x, zero]),
        (Mul, [x, zero]),
        (Mul, [x, minus_zero]),
        (Sub, [x, x]),
        (Sub, [zero, x]),
        (Sub, [x, minus_zero]),
        (Div, [x, x]),
        (Div, [zero, x]),
        (Mul, [x, nan]),
        (Equal, [x, x]),
        (AtLeast, [x, x]),
        (Binary(BinaryKind::Max), [x, x]),
        (Chain(Gate::First), [x, zero]),
    ] {
        let id = graph.binary(operation, args[0], args[1]);
        assert!(id != x && graph.constant_value(id).is_none(), "{operation:?} {args:?}");
    }
    for (operation, args) in [(Add, [x, minus_zero]), (Sub, [x, zero]), (Mul, [x, one])] {
        assert_eq!(graph.binary(operation, args[0], args[1]), x, "{operation:?}");
    }
}

/// Gradients of a program over `rows` rows, on each level and in each length of blocks.
fn assert_one_result(program: &Program, parameters: &[f64], columns: &[Vec<f64>], rows: usize) {
    let columns: Vec<&[f64]> = columns.iter().map(|c| &c[..rows]).collect();
    let data = Columns::new(&columns).expect("columns");
    let mut first: Option<Vec<u64>> = None;
    all_ways(program, |way, sweep| {
        let found = sweep.run(parameters, &data).expect("a run");
        let value = found.value().to_bits();
        let counts = found.kinks().iter().map(|kink| kink.row_count).collect::<Vec<_>>();
        let gradient = found.gradient().iter().map(|x| x.to_bits());
        let all = std::iter::once(value).chain(gradient).chain(counts).collect();
        assert_eq!(*first.get_or_insert_with(|| Vec::clone(&all)), all, "{way}, {rows} rows");
    });
}

#[test]
fn bits_depend_neither_on_the_instructions_nor_on_the_length_of_blocks() {
    let mut random = Random(11);
    let columns: Vec<Vec<f64>> = (0..3)
        .map(|which| {
            let numbers = (0..9000).map(|_| (random.bits() >> 40) as f64 / 1e6 - 8.0);
            // The last is an index, with rows that meet kinks.
            numbers.map(|x| if which == 2 { (x.abs() * 7.0).floor() % 4.0 } else { x }).collect()
        })
        .collect();
    let absolute = objective!(|w, [x, y]| (w[0] * x * x + w[1] * x - y).abs() + (x - y).relu());
    let network = objective!(|w, [x, y, k]| {
        let hidden = [w[0] * x + w[1] * y, w[2] * x - w[3], x * y].map(|h| h.tanh());
        let out = T::dot(&hidden, &w[..3]) + T::gather(w, k);
        out.softplus() + T::log_sum_exp(&hidden) * T::norm(&hidden) - (k * 0.25).sin()
    });
    let weights = [0.3, -0.2, 0.7, 1.1];
    let row = [0.5, 0.25, 1.0];
    let absolute = Program::record(&absolute, &weights, &row[..2]).expect("a recording");
    let network = Program::record(&network, &weights, &row).expect("a recording");
    for rows in [1, 31, 33, 1000, 4096, 4097, 9000] {
        assert_one_result(&absolute.clone().mean().gradient(), &weights, &columns, rows);
        assert_one_result(
            &network.clone().weighted_mean().gradient(),
            &weights,
            &{
                let mut columns = columns.clone();
                columns.push(columns[2].clone());
                columns
            },
            rows,
        );
        assert_one_result(&network.clone().max().gradient(), &weights, &columns, rows);
        // A fused product is rounded once on all processors alike.
        let fused = network.clone().mean().gradient().allow_fused_products();
        assert_one_result(&fused, &weights, &columns, rows);
    }
}

#[test]
fn bits_do_not_depend_on_them_where_a_zero_adjoint_meets_an_infinity() {
    // Infinite slopes where nothing flows back, in some rows of some blocks.
    let root = objective!(|[a], [x]| T::select(x.above(0.0), (a * x).sqrt(), T::from(0.0)));
    let program = Program::record(&root, &[1.0], &[1.0]).expect("a recording").sum().gradient();
    let mut column: Vec<f64> = (0..9000).map(|i| f64::from(i % 100)).collect();
    column[5000] = -3.0;
    all_ways(&program, |way, sweep| {
        let data = Columns::new(&[&column]).expect("columns");
        let slope = sweep.run(&[4.0], &data).expect("a run").gradient()[0];
        let roots = column.iter().filter(|&&x| x > 0.0).map(|x| x.sqrt() / 4.0);
        let want: f64 = roots.sum();
        assert!((slope - want).abs() <= 1e-11 * want, "{way}: {slope}, not {want}");
    });
    assert_one_result(&program, &[4.0], &[column], 9000);
}
