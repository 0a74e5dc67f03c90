//! The bits of a result depend on the parameters and the rows alone.

use super::stream::{Stream, StreamError};
use super::{Columns, Found, NonFinite, Program};
use crate::objective;
use crate::op::vector::level::Level;

/// Reductions of all kinds, kinks, an adjoint of 0 that meets an infinite slope where `x` is 0, and
/// what is gathered and scattered.
fn programs() -> [Program; 2] {
    use crate::Scalar;
    let loss = objective!(|p, [x, y, kind]| {
        let offset = Scalar::gather(&p[..3], kind);
        let root = (p[3] * x.abs()).sqrt() * (p[3] * 0.0);
        (p[3] * x + offset - y).abs() + root + (x * p[4]).tanh().exp()
    });
    let record = || Program::record(&loss, &AT, &[0.5, 0.25, 1.0]).unwrap();
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
    (found.value().to_bits(), gradient, found.kinks().iter().map(|kink| kink.rows).collect())
}

#[test]
fn every_level_length_of_blocks_and_chunking_gives_the_same_bits() {
    for n in [1, 33, 4096, 5001] {
        let [x, y, kind] = data(n);
        let columns = Columns::new(&[&x, &y, &kind]).unwrap();
        for program in programs() {
            let expected = bits(program.compile().run(&AT, &columns).unwrap());
            assert!(expected.1.iter().all(|&slope| f64::from_bits(slope).is_finite()));
            for level in Level::all() {
                for block in [7, 32, 96, 1024] {
                    let mut sweep = program.compile_for(level, Some(block));
                    let found = bits(sweep.run(&AT, &columns).unwrap());
                    assert_eq!(found, expected, "{n} rows, {level:?}, blocks of {block}");
                    for length in [1000, 4500] {
                        let cut =
                            |column: &[f64], from| column[from..n.min(from + length)].to_vec();
                        let open = || {
                            let starts = (0..n).step_by(length);
                            Ok(starts.map(|from| Ok([&x, &y, &kind].map(|all| cut(all, from)))))
                        };
                        let found = sweep.run_reopened(&AT, once(open)).unwrap();
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
        let columns = Columns::new(&[&x, &y, &kind]).unwrap();
        for block in [1, 7, 64, 1024] {
            let [program, _] = programs();
            let sweep = program.compile_for(Level::best(), Some(block));
            let error = sweep.non_finite(non_finite).run(&AT, &columns).unwrap_err();
            assert!(error.to_string().contains(&format!("in row {row}")), "{error}");
            let _: StreamError<()> = error.into();
        }
    }
}
