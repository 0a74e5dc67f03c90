//! The bits of a run do not depend on where the rows are cut, nor on which instruction set computes which range.

use super::definition::derived;
use super::maker::{COLUMNS, Random};
use super::same_bits::all_bits;
use crate::op::vector::level::Level;
use crate::program::partials::{Offset, Partial};
use crate::program::{Columns, NonFinite, Program, Sweep};

#[cfg(all(feature = "parallel", feature = "serde"))]
mod processes;

/// Machines of all instruction sets and lengths of blocks in turn.
fn machines(program: &Program, rule: NonFinite) -> Vec<Sweep> {
    let of = |(at, level)| program.compile_for(level, Some([7, 32, 1024][at])).non_finite(rule);
    (0..3).flat_map(|turn| (0..).map(move |at| (turn + at) % 3).zip(Level::all())).map(of).collect()
}

/// Merges neighbours until one is left, which ones by chance.
fn merged(mut parts: Vec<Partial>, random: &mut Random) -> Partial {
    while parts.len() > 1 {
        let at = random.below(parts.len() - 1);
        let next = parts.remove(at + 1);
        parts[at].merge(&next).expect("neighbours");
    }
    parts.remove(0)
}

/// All outputs of a run whose rows are cut there.
fn cut(
    machines: &mut [Sweep],
    at: &[f64],
    data: &Columns<'_>,
    cuts: &[usize],
    random: &mut Random,
) -> Vec<Vec<u64>> {
    let ranges = || cuts.windows(2).map(|cut| data.range(cut[0]..cut[1]));
    let mut start = Offset::default();
    let starts = ranges().map(|rows| {
        let before = start;
        start = start + machines[0].count(&rows).expect("a count");
        before
    });
    let starts: Vec<Offset> = starts.collect();
    let mut before = Vec::new();
    while before.len() < machines[0].pass_count() {
        let parts = ranges().zip(&starts).map(|(rows, &start)| {
            let machine = random.below(machines.len());
            machines[machine].partial(at, &before, &rows, start)
        });
        let parts = parts.collect();
        before.push(merged(parts, random));
    }
    let machine = random.below(machines.len());
    all_bits(machines[machine].finish(at, before).expect("a whole"))
}

/// Ends of ranges, some of which have no rows or end with segments.
fn cuts(n: usize, random: &mut Random) -> Vec<usize> {
    let inner = (0..random.below(6)).map(|_| {
        let at = random.below(n + 1);
        if random.below(3) == 0 { at / 1024 * 1024 } else { at }
    });
    let mut cuts: Vec<usize> = inner.chain([0, n]).collect();
    cuts.sort_unstable();
    cuts
}

#[test]
fn random_programs_have_the_same_bits_wherever_the_rows_are_cut() {
    const LENGTHS: [usize; 9] = [0, 1, 7, 33, 4095, 4096, 4097, 9001, 12_345];
    let (mut finite, mut passes) = (0, 0);
    for seed in 500..600 {
        let mut random = Random(seed ^ 0xc07);
        let program = derived(seed);
        let at: Vec<f64> = (0..program.parameters).map(|at| 0.75 - at as f64).collect();
        let n = LENGTHS[random.below(LENGTHS.len())];
        let rule = if seed % 2 == 0 { NonFinite::Take } else { NonFinite::Skip };
        let columns: Vec<Vec<f64>> =
            (0..COLUMNS).map(|_| (0..n).map(|_| random.number()).collect()).collect();
        let slices: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
        let data = Columns::new(&slices).expect("columns");
        let mut machines = machines(&program, rule);
        let whole = all_bits(machines[0].run(&at, &data).expect("a run"));
        finite += whole.iter().flatten().filter(|&&x| f64::from_bits(x).is_normal()).count();
        passes += usize::from(machines[0].pass_count() > 1);
        let cuts = cuts(n, &mut random);
        let found = cut(&mut machines, &at, &data, &cuts, &mut random);
        assert_eq!(found, whole, "{seed}: {n} rows cut at {cuts:?}, {rule:?}\n{program}");
    }
    assert!(finite > 300 && passes > 7, "{finite} numbers, {passes} programs of several passes");
}
