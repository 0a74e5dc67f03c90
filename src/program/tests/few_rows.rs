//! A pass of few rows comes to totals without lanes in memory, unless the rows come in portions.

use super::definition::derived;
use super::maker::{COLUMNS, Random, defined};
use super::same_bits::{all_bits, columns, in_portions};
use crate::objective;
use crate::op::vector::level::Level;
use crate::program::{Columns, NonFinite, Program};

/// Asserts that a program has the bits of its definition, on each instruction set, over all rows at once and in
/// portions; without rows, that both ways are alike.
fn assert_defined(program: &Program, columns: &[Vec<f64>], random: &mut Random) {
    let n = columns[0].len();
    let at: Vec<f64> = (0..program.parameters).map(|at| 0.75 - at as f64).collect();
    let slices: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
    let data = Columns::new(&slices).expect("columns");
    let bits = |x: &f64| if x.is_nan() { f64::NAN } else { *x }.to_bits();
    let expected: Option<Vec<Vec<u64>>> = (n > 0).then(|| {
        let outputs = defined(&program.clone().summed(), &at, columns);
        outputs.iter().map(|output| output.iter().map(bits).collect()).collect()
    });
    for level in Level::all() {
        let block = [1, 7, 32, 64, 1024][random.below(5)];
        let mut sweep = program.compile_for(level, Some(block)).non_finite(NonFinite::Take);
        let whole = all_bits(sweep.run(&at, &data).expect("a run"));
        let way = format!("{n} rows, {level:?}, blocks of {block}");
        if let Some(expected) = &expected {
            assert_eq!(&whole[..expected.len()], &expected[..], "{way}\n{program}");
        }
        let length = [1, 13, 32, 50, 64][random.below(5)];
        let found = in_portions(&mut sweep, &at, columns, n, length);
        assert_eq!(found, whole, "{way}, by {length}\n{program}");
    }
}

#[test]
fn short_passes_of_every_length_have_the_bits_of_the_definition() {
    let programs: Vec<Program> = (300..348).map(derived).collect();
    for n in 0..=200 {
        let mut random = Random(n as u64);
        let columns = columns(&mut random, n, n % 3 == 0);
        // A step that has nothing in common with their number: each kind of derivative has lengths of all kinds.
        assert_defined(&programs[5 * n % programs.len()], &columns, &mut random);
    }
}

/// Sums, maxima and weighted means over rows of which one or two are not finite: an infinity meets its opposite in
/// the same lane, in another, or nowhere, and a NaN is one number of many.
#[test]
fn what_is_not_finite_in_few_rows_comes_to_the_totals_of_the_definition() {
    let line = objective!(|[a, b], [x, y]| (a * x + b - y).abs() + (x * y).relu() * b);
    let root = objective!(|[a, b], [x, y]| (a * x.abs()).sqrt() * (y + b));
    let line = Program::record(&line, &[0.5, 0.25], &[1.0, 2.0]).expect("a recording");
    let root = Program::record(&root, &[0.5, 0.25], &[1.0, 2.0]).expect("a recording");
    let mut programs = Vec::new();
    for program in [line, root] {
        programs.extend([
            program.clone().sum().gradient(),
            program.clone().mean().gradient(),
            program.clone().max().gradient(),
            program.clone().weighted_mean().gradient(),
            program.mean().gradient().jvp(),
        ]);
    }
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e308];
    for n in 1..=130 {
        let mut random = Random(n as u64 ^ 0x7e55);
        for program in programs.iter().skip(n % 3).step_by(3) {
            let mut columns = columns(&mut random, n, false);
            let lane = random.below(n);
            let other = [lane, (lane + 32) % n, random.below(n)][random.below(3)];
            let [first, second] = [0; 2].map(|_| odd[random.below(odd.len())]);
            (columns[0][lane], columns[random.below(2)][other]) = (first, second);
            columns.truncate(program.columns);
            if program.weights.is_some() {
                // Rows of weight 0 would be left out.
                columns[2].iter_mut().for_each(|w| *w = w.abs() + 0.5);
            }
            assert_defined(program, &columns, &mut random);
        }
    }
    assert_eq!(programs[3].columns, COLUMNS);
}
