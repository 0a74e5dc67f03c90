//! Threads: as many as the pool has, the same bits as one.

use crate::samples::{PARAMETERS, Rows, bits, by_kind, curve, numbers, worst};
use wengert::program::{Columns, NonFinite, Program, RunError};

fn with_threads<T: Send>(threads: usize, run: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(run)
}

#[test]
fn any_number_of_threads_gives_the_bits_of_one() {
    for n in [0, 4097, 131_072, 140_001] {
        let rows = Rows::new(n);
        for program in [by_kind(), worst(), curve()] {
            let parameters = &PARAMETERS[..program.parameter_count()];
            let run = || bits(program.compile().run(parameters, &rows.columns()).unwrap());
            let expected = with_threads(1, run);
            for threads in [2, 5] {
                assert_eq!(with_threads(threads, run), expected, "{n} rows, {threads} threads");
            }
        }
    }
}

#[test]
fn long_programs_have_work_for_threads_in_few_rows() {
    let sum = wengert::objective!(|w, [x, y]| {
        w.iter().map(|&w| (w * x - y).tanh() * (w * y + x).exp()).sum()
    });
    let w: Vec<f64> = (0..200).map(|i| f64::from(i) * 0.005 - 0.5).collect();
    let program = Program::record(&sum, &w, &[0.5, 0.25]).unwrap().mean().gradient();
    for n in [1023, 1025, 6001] {
        let (x, y) = (numbers(n, 1), numbers(n, 2));
        let data = Columns::new(&[&x, &y]).unwrap();
        let run = || bits(program.compile().run(&w, &data).unwrap());
        let expected = with_threads(1, run);
        let portions = (0..n).step_by(700).map(|from| {
            let to = n.min(from + 700);
            Ok::<_, std::io::Error>([x[from..to].to_vec(), y[from..to].to_vec()])
        });
        let streamed = bits(program.compile().run_stream(&w, portions).unwrap());
        assert_eq!(streamed, expected, "{n} rows in portions");
        for threads in [2, 3] {
            assert_eq!(with_threads(threads, run), expected, "{n} rows, {threads} threads");
        }
    }
}

#[test]
fn portions_that_begin_anywhere_give_the_same_bits() {
    let rows = Rows::new(260_000);
    let program = curve();
    let chunks = || {
        let cuts = [0, 1, 5000, 119_999, 130_000, 260_000];
        let chunks = cuts.windows(2).map(|cut| rows.chunk(cut[0], cut[1]));
        chunks.map(Ok::<_, std::io::Error>).collect::<Vec<_>>().into_iter()
    };
    let expected =
        with_threads(1, || bits(program.compile().run(&PARAMETERS[..2], &rows.columns()).unwrap()));
    for threads in [1, 2, 5] {
        let found = with_threads(threads, || {
            bits(program.compile().run_stream(&PARAMETERS[..2], chunks()).unwrap())
        });
        assert_eq!(found, expected, "{threads}");
    }
}

#[test]
fn the_first_row_in_error_wins() {
    let mut rows = Rows::new(200_000);
    rows.y[190_000] = f64::NAN;
    rows.x[150_001] = f64::INFINITY;
    rows.x[150_002] = f64::NAN;
    for program in [by_kind(), curve()] {
        for threads in [1, 2, 4] {
            let mut sweep = program.compile();
            let parameters = &PARAMETERS[..program.parameter_count()];
            let error =
                with_threads(threads, || sweep.run(parameters, &rows.columns()).unwrap_err());
            let value = f64::INFINITY;
            assert_eq!(error, RunError::NotFinite { column: 0, row: 150_001, value });
            let mut skipping = program.compile().non_finite(NonFinite::Skip);
            let found =
                with_threads(threads, || bits(skipping.run(parameters, &rows.columns()).unwrap()));
            assert_eq!(found.3, 199_997);
        }
    }
}

#[test]
fn adjoints_of_zero_meet_infinite_slopes_alike_in_all_threads() {
    // The slope of the root is infinite at 0, and what comes to it there is 0.
    let loss = wengert::objective!(|[a, b], [x]| (a * x.abs()).sqrt() * (a * 0.0) + b * x);
    let program = Program::record(&loss, &[1.0, 2.0], &[1.0]).unwrap().mean().gradient();
    let mut x = numbers(150_000, 9);
    (x[5], x[123_456]) = (0.0, 0.0);
    let data = Columns::new(&[&x]).unwrap();
    let run = || bits(program.compile().run(&[1.0, 2.0], &data).unwrap());
    let expected = with_threads(1, run);
    assert!(f64::from_bits(expected.1[0]).is_finite());
    assert_eq!(with_threads(3, run), expected);
}

#[test]
fn threads_need_little_memory_each() {
    let rows = Rows::new(140_000);
    let mut sweep = by_kind().compile();
    with_threads(4, || sweep.run(&PARAMETERS, &rows.columns()).map(drop)).unwrap();
    let bytes = sweep.bytes();
    assert!(bytes < 4 << 20, "{bytes}");
    with_threads(4, || sweep.run(&PARAMETERS, &rows.columns()).map(drop)).unwrap();
    assert!(sweep.bytes() < 4 << 20);
}
