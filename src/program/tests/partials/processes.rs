//! Processes, each with its rows, its threads and its instruction set, that send each other bytes.

use super::super::maker::Random;
use super::super::same_bits::all_bits;
use crate::objective;
use crate::op::vector::level::Level;
use crate::program::partials::{Offset, Partial};
use crate::program::{Columns, Program, Sweep};
use rayon::{ThreadPool, ThreadPoolBuilder};

const AT: [f64; 4] = [1.25, -0.5, 0.75, 0.0];

/// Sums with kinks, sums at places that rows choose, and a greatest number, for which rows are gone through
/// three times.
fn programs() -> [Program; 3] {
    let curve = objective!(|p, [x, y, _kind]| (p[0] * x * x + p[1] * x - y).abs());
    let chosen = objective!(|p, [x, y, kind]| (T::gather(p, kind) * x - y).abs() * p[2]);
    let record = |objective: &dyn Fn() -> _| {
        let program: Result<Program, _> = objective();
        program.expect("a recording")
    };
    let row = [0.5, 0.25, 1.0];
    let curve = || record(&|| Program::record(&curve, &AT, &row));
    let chosen = record(&|| Program::record(&chosen, &AT, &row));
    [curve().mean().gradient(), chosen.mean().gradient(), curve().max().gradient()]
}

fn sent(partial: &Partial) -> Partial {
    let bytes = postcard::to_allocvec(partial).expect("bytes");
    postcard::from_bytes(&bytes).expect("a partial result")
}

/// All outputs, as the first process has them: each sends what it has found up a tree, as bytes or as it is.
fn together(
    processes: &mut [Sweep],
    (pool, as_bytes): (&ThreadPool, bool),
    data: &Columns<'_>,
    cuts: &[usize],
) -> Vec<Vec<u64>> {
    let sent = |partial: Partial| if as_bytes { sent(&partial) } else { partial };
    let mut before: Vec<Partial> = Vec::new();
    while before.len() < processes[0].pass_count() {
        let own = processes.iter_mut().zip(cuts.windows(2)).map(|(sweep, cut)| {
            let rows = data.range(cut[0]..cut[1]);
            let start = Offset::at(cut[0] as u64);
            sent(pool.install(|| sweep.partial(&AT, &before, &rows, start)))
        });
        let mut parts: Vec<Partial> = own.collect();
        while parts.len() > 1 {
            let pairs = parts.chunks_mut(2).map(|pair| {
                if let [first, second] = pair {
                    first.merge(second).expect("neighbours");
                }
                sent(pair[0].clone())
            });
            parts = pairs.collect();
        }
        before.append(&mut parts);
    }
    all_bits(processes[0].finish(&AT, before).expect("a whole"))
}

/// Where so many ranges end, some of which have no rows or end with segments.
fn cuts(n: usize, ranges: usize, random: &mut Random) -> Vec<usize> {
    let inner = (1..ranges).map(|_| {
        let at = random.below(n + 1);
        if random.below(4) == 0 { at / 4096 * 4096 } else { at }
    });
    let mut cuts: Vec<usize> = inner.chain([0, n]).collect();
    cuts.sort_unstable();
    cuts
}

#[test]
fn processes_threads_and_instruction_sets_do_not_matter_for_a_hundred_cuts() {
    const CUTS: usize = 100;
    const LENGTHS: [usize; 4] = [8193, 1000, 2500, 4097];
    let column = |of: fn(f64) -> f64| (0..8193).map(|i| of(f64::from(i))).collect::<Vec<f64>>();
    let x = column(|i| (i * 0.37).sin());
    // In some rows both losses are at a kink.
    let y = column(|i| if i % 700.0 == 5.0 { 0.0 } else { (i * 1.71).cos() });
    let x: Vec<f64> = x.iter().zip(&y).map(|(&x, &y)| if y == 0.0 { 0.0 } else { x }).collect();
    let kind = column(|i| i % 4.0);
    let data = Columns::new(&[&x, &y, &kind]).expect("columns");
    let (programs, mut random) = (programs(), Random(2026));
    // Most go through the rows once, and send little.
    let program = |cut: usize| [0, 0, 0, 1, 0, 0, 0, 0, 2, 0][cut % 10];
    let expected: Vec<Vec<Vec<u64>>> = (0..CUTS)
        .map(|cut| {
            let rows = data.range(0..LENGTHS[cut % 4]);
            all_bits(programs[program(cut)].compile().run(&AT, &rows).expect("a run"))
        })
        .collect();
    let met = expected.iter().filter(|bits| bits[bits.len() - 2].iter().any(|&rows| rows > 0));
    assert!(met.count() > CUTS / 2);
    // A set for all, and another for each.
    let mut sets: Vec<Vec<Level>> = Level::all().map(|level| vec![level]).collect();
    sets.push(Level::all().collect());
    for threads in [1, 2] {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        for levels in &sets {
            for count in [1, 2, 3, 5, 8] {
                let mut processes = programs.each_ref().map(|program| {
                    let levels = levels.iter().cycle().take(count);
                    levels.map(|&level| program.compile_for(level, None)).collect::<Vec<Sweep>>()
                });
                for (cut, expected) in expected.iter().enumerate() {
                    let n = LENGTHS[cut % 4];
                    let (rows, cuts) = (data.range(0..n), cuts(n, count, &mut random));
                    let how = (&pool, cut % 5 < 2);
                    let found = together(&mut processes[program(cut)], how, &rows, &cuts);
                    assert_eq!(&found, expected, "{n} rows cut at {cuts:?}, {levels:?}, {threads}");
                }
            }
        }
    }
}
