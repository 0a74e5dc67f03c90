//! The bits of a result depend on the parameters and the rows alone.

use super::definition::derived;
use super::maker::{COLUMNS, PARAMETERS, Random};
use crate::objective;
use crate::op::vector::level::Level;
use crate::program::data::stream::{Stream, StreamError};
use crate::program::{Columns, Found, NonFinite, Program, Sweep};

/// Reductions of all kinds, kinks, an adjoint of 0 that meets an infinite slope where `x` is 0, and
/// what is gathered and scattered.
fn programs() -> [Program; 2] {
    use crate::Scalar;
    let loss = objective!(|p, [x, y, kind]| {
        let offset = Scalar::gather(&p[..3], kind);
        let root = (p[3] * x.abs()).sqrt() * (p[3] * 0.0);
        (p[3] * x + offset - y).abs() + root + (x * p[4]).tanh().exp()
    });
    let record = || Program::record(&loss, &AT, &[0.5, 0.25, 1.0]).expect("a recording");
    [record().mean().gradient(), record().max().gradient()]
}

const AT: [f64; 5] = [0.1, -0.2, 0.3, 0.75, 1.5];

fn data(n: usize) -> [Vec<f64>; 3] {
    let column = |of: fn(f64) -> f64| (0..n).map(|i| of(i as f64)).collect();
    [
        column(|i| if i % 700.0 == 5.0 { 0.0 } else { (i * 0.37).sin() }),
        column(|i| (i * 1.71).cos()),
        column(|i| i % 3.0),
    ]
}

fn bits(found: Found<'_>) -> (u64, Vec<u64>, Vec<u64>) {
    let gradient = found.gradient().iter().map(|x| x.to_bits()).collect();
    (found.value().to_bits(), gradient, found.kinks().iter().map(|kink| kink.row_count).collect())
}

#[test]
fn every_level_length_of_blocks_and_chunking_gives_the_same_bits() {
    for n in [1, 33, 4096, 5001] {
        let [x, y, kind] = data(n);
        let columns = Columns::new(&[&x, &y, &kind]).expect("columns");
        for program in programs() {
            let expected = bits(program.compile().run(&AT, &columns).expect("a run"));
            assert!(expected.1.iter().all(|&slope| f64::from_bits(slope).is_finite()));
            for level in Level::all() {
                for block in [7, 32, 96, 1024] {
                    let mut sweep = program.compile_for(level, Some(block));
                    let found = bits(sweep.run(&AT, &columns).expect("a run"));
                    assert_eq!(found, expected, "{n} rows, {level:?}, blocks of {block}");
                    for length in [1000, 4500] {
                        let cut =
                            |column: &[f64], from| column[from..n.min(from + length)].to_vec();
                        let open = || {
                            let starts = (0..n).step_by(length);
                            Ok(starts.map(|from| Ok([&x, &y, &kind].map(|all| cut(all, from)))))
                        };
                        let found = sweep.run_reopened(&AT, once(open)).expect("a run");
                        assert_eq!(bits(found), expected, "{n} rows, chunks of {length}");
                    }
                }
            }
        }
    }
}

/// Tells the compiler what the error of a stream is that cannot fail.
fn once<S: Stream<Error = ()>>(
    open: impl FnMut() -> Result<S, ()>,
) -> impl FnMut() -> Result<S, ()> {
    open
}

#[test]
fn the_same_row_is_named_whatever_the_length_of_blocks() {
    let [mut x, y, mut kind] = data(3000);
    (kind[1500], x[1501], x[200]) = (3.0, f64::NAN, f64::INFINITY);
    for (non_finite, row) in [(NonFinite::Refuse, 200), (NonFinite::Take, 1500)] {
        let columns = Columns::new(&[&x, &y, &kind]).expect("columns");
        for block in [1, 7, 64, 1024] {
            let [program, _] = programs();
            let sweep = program.compile_for(Level::best(), Some(block));
            let error = sweep.non_finite(non_finite).run(&AT, &columns).unwrap_err();
            assert!(error.to_string().contains(&format!("in row {row}")), "{error}");
            let _: StreamError<()> = error.into();
        }
    }
}

/// Runs a program in portions that begin at these rows.
pub(super) fn in_portions(
    sweep: &mut Sweep,
    at: &[f64],
    columns: &[Vec<f64>],
    n: usize,
    length: usize,
) -> Vec<Vec<u64>> {
    let open = || {
        let starts = (0..n).step_by(length);
        let cut = move |from: usize| {
            let part = |column: &Vec<f64>| column[from..n.min(from + length)].to_vec();
            Ok(columns.iter().map(part).collect::<Vec<_>>())
        };
        Ok(starts.map(cut))
    };
    all_bits(sweep.run_reopened(at, once(open)).expect("a run"))
}

/// So many columns of numbers, which are all finite unless they are to be `wild`.
pub(super) fn columns(random: &mut Random, n: usize, wild: bool) -> Vec<Vec<f64>> {
    let mut number = || {
        let x = random.number();
        if wild || x.abs() < 8.0 { x } else { 1.5 }
    };
    (0..COLUMNS).map(|_| (0..n).map(|_| number()).collect()).collect()
}

/// All outputs, any NaN like any other.
pub(super) fn all_bits(found: Found<'_>) -> Vec<Vec<u64>> {
    let bits = |x: &f64| if x.is_nan() { f64::NAN } else { *x }.to_bits();
    let kinks = found.kinks().iter().map(|kink| kink.row_count).collect();
    let outputs = (0..found.output_count()).map(|at| found.output(at).iter().map(bits).collect());
    outputs.chain([kinks, vec![found.row_count()]]).collect()
}

#[test]
fn random_programs_have_the_same_bits_whichever_way_they_are_run() {
    const LENGTHS: [usize; 12] = [0, 1, 6, 7, 8, 31, 32, 33, 4095, 4096, 4097, 9001];
    let mut finite = 0;
    for seed in 0..96 {
        let mut random = Random(seed ^ 0xb17);
        let program = derived(seed);
        let at: Vec<f64> = (0..program.parameters).map(|at| 0.75 - at as f64).collect();
        assert!(at.len() >= PARAMETERS);
        let n = LENGTHS[random.below(LENGTHS.len())];
        let columns = columns(&mut random, n, seed % 3 == 0);
        let slices: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
        let data = Columns::new(&slices).expect("columns");
        let sweep =
            |level, block| program.compile_for(level, Some(block)).non_finite(NonFinite::Take);
        let mut expected = sweep(Level::best(), 512);
        let expected = all_bits(expected.run(&at, &data).expect("a run"));
        let numbers = expected.iter().flatten().map(|&bits| f64::from_bits(bits));
        finite += numbers.filter(|x| x.is_normal()).count();
        for level in Level::all() {
            let block = [1, 7, 32, 96, 1024][random.below(5)];
            let mut sweep = sweep(level, block);
            let found = all_bits(sweep.run(&at, &data).expect("a run"));
            assert_eq!(
                found, expected,
                "{seed}: {n} rows, {level:?}, blocks of {block}\n{program}"
            );
            let length = [13, 1000, 4096, 5000][random.below(4)];
            let found = in_portions(&mut sweep, &at, &columns, n, length);
            assert_eq!(
                found, expected,
                "{seed}: {n} rows by {length}, blocks of {block}\n{program}"
            );
        }
    }
    assert!(finite > 300, "only {finite} numbers tell anything apart");
}

#[cfg(feature = "parallel")]
#[test]
fn random_programs_have_the_same_bits_on_any_number_of_threads() {
    const N: usize = 60_001;
    let mut random = Random(0x7ead);
    let columns = columns(&mut random, N, false);
    let slices: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
    let data = Columns::new(&slices).expect("columns");
    for seed in 1000..1012 {
        let program = derived(seed);
        let at: Vec<f64> = (0..program.parameters).map(|at| 0.75 - at as f64).collect();
        let run = |threads: usize| {
            let pool =
                rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            let mut sweep = program.compile().non_finite(NonFinite::Take);
            pool.install(|| all_bits(sweep.run(&at, &data).expect("a run")))
        };
        let expected = run(1);
        for threads in [2, 3] {
            assert_eq!(run(threads), expected, "{seed}, {threads} threads\n{program}");
        }
    }
}
