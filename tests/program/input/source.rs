//! Streams and files of a strange size, and streams that change: an error that says what is wrong, in
//! little time and memory.

use crate::samples::{PARAMETERS, Rows, bits, curve, worst};
use std::convert::Infallible;
use std::io;
use wengert::program::stream::{Binary, Chunk, Layout, Raw, ReadError, Stream, StreamError};
use wengert::program::{NumberType, RunError, Sweep};

const HUGE: [usize; 5] = [1 << 29, 1 << 61, (1 << 61) + 1, usize::MAX / 8, usize::MAX];

/// The lengths of the chunks of three rows of two numbers, and the error at their end.
fn read(layout: Layout, chunks: Option<usize>) -> (Vec<usize>, Option<ReadError>) {
    let bytes: Vec<u8> = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0_f64].map(f64::to_le_bytes).concat();
    let mut file = Binary::new(&bytes[..], layout);
    if let Some(rows) = chunks {
        file = file.chunks(rows);
    }
    let (mut chunk, mut lengths) = (Raw::default(), Vec::new());
    loop {
        match file.read(&mut chunk) {
            Ok(true) => lengths.push(chunk.columns().unwrap().row_count()),
            Ok(false) => break (lengths, None),
            Err(error) => break (lengths, Some(error)),
        }
        assert!(lengths.len() < 10);
    }
}

#[test]
fn chunks_longer_than_the_file_are_the_file() {
    for rows in HUGE {
        for layout in [Layout::rows(2, NumberType::F64), Layout::groups(2, NumberType::F64, rows)] {
            let (lengths, error) = read(layout, Some(rows));
            assert_eq!((&lengths[..], error.is_none()), (&[3][..], true), "{layout:?}");
        }
        let mut sweep = curve().compile();
        let few = Rows::new(1000);
        let bytes: Vec<u8> = few
            .x
            .iter()
            .zip(&few.y)
            .flat_map(|(x, y)| [x, y].map(|x| x.to_le_bytes()))
            .flatten()
            .collect();
        let expected = {
            let data = wengert::program::Columns::new(&[&few.x, &few.y]).unwrap();
            bits(sweep.run(&[0.5, 0.25], &data).unwrap())
        };
        let file = Binary::new(&bytes[..], Layout::rows(2, NumberType::F64)).chunks(rows);
        assert_eq!(bits(sweep.run_stream(&[0.5, 0.25], file).unwrap()), expected);
    }
}

#[test]
fn a_row_longer_than_the_file_is_half_a_row() {
    for columns in HUGE {
        for number in [NumberType::F64, NumberType::F32] {
            let numbers = 48 / number.size();
            let layouts = [
                Layout::rows(columns, number),
                Layout::groups(columns, number, 1),
                Layout::groups(columns, number, columns),
            ];
            for layout in layouts {
                for chunks in [None, Some(1), Some(columns)] {
                    let (lengths, error) = read(layout, chunks);
                    assert_eq!(lengths, [0; 0], "{layout:?}");
                    let Some(ReadError::HalfRow { row: 0, expected, found }) = error else {
                        panic!("{layout:?}: {error:?}")
                    };
                    assert_eq!((expected, found), (columns, numbers));
                }
            }
        }
    }
}

#[test]
fn sizes_of_nothing_panic() {
    use std::panic::catch_unwind;
    assert!(catch_unwind(|| Layout::groups(2, NumberType::F64, 0)).is_err());
    assert!(catch_unwind(|| Binary::new(io::empty(), Layout::rows(0, NumberType::F64))).is_err());
    let file = || Binary::new(io::empty(), Layout::rows(2, NumberType::F64));
    assert!(catch_unwind(|| file().chunks(0)).is_err());
}

#[test]
fn what_was_not_read_has_no_columns() {
    let mut chunk = Raw::default();
    assert_eq!(chunk.columns().unwrap().column_count(), 0);
    let mut file = Binary::new(&[0; 16][..], Layout::rows(2, NumberType::F64));
    assert!(file.read(&mut chunk).unwrap());
    assert_eq!(chunk.columns().unwrap().column_count(), 2);
    assert!(!file.read(&mut chunk).unwrap());
    assert_eq!(chunk.columns().unwrap().row_count(), 0);
    let mut wide = Binary::new(&[0; 16][..], Layout::rows(1 << 61, NumberType::F64));
    assert!(wide.read(&mut chunk).is_err());
    assert_eq!(chunk.columns().unwrap().column_count(), 0);
}

#[test]
fn what_failed_stands_in_the_message() {
    let layout = Layout::rows(2, NumberType::F64);
    let mut sweep = curve().compile();
    let failed = sweep.run_stream(&[1.0, 1.0], Binary::new(&[0; 40][..], layout));
    let message = failed.unwrap_err().to_string();
    assert_eq!(message, "the stream failed after 2 rows: row 2 has 1 numbers instead of 2");
    struct Gone;
    impl io::Read for Gone {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the line is dead"))
        }
    }
    let failed = sweep.run_stream(&[1.0, 1.0], Binary::new(Gone, layout));
    let message = failed.unwrap_err().to_string();
    assert_eq!(
        message,
        "the stream failed after 0 rows: row 0 could not be read: the line is dead"
    );
}

/// Layouts, lengths of chunks and of files at random, against the file cut up by hand.
#[test]
fn any_file_is_cut_into_its_rows() {
    let mut state = 1_u64;
    let mut below = |n: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    for _ in 0..800 {
        let number = [NumberType::F64, NumberType::F32][below(2)];
        let (columns, bytes) = (1 + below(4), below(400));
        let row = columns * number.size();
        let group = [None, Some(1 + below(9)), Some(1 << (1 + below(62)))][below(3)];
        let chunk = [None, Some(1 + below(9)), Some(1 << (1 + below(62)))][below(3)];
        let layout = match group {
            None => Layout::rows(columns, number),
            Some(rows) => Layout::groups(columns, number, rows),
        };
        let data: Vec<u8> = (0..bytes).map(|i| i as u8).collect();
        let mut file = Binary::new(&data[..], layout);
        if let Some(rows) = chunk {
            file = file.chunks(rows);
        }
        let length = group.or(chunk).unwrap_or(usize::MAX);
        let (rows, rest) = (bytes / row, bytes % row);
        let (mut chunk, mut seen) = (Raw::default(), 0);
        let ended = loop {
            match file.read(&mut chunk) {
                Ok(true) => {
                    let found = chunk.columns().unwrap();
                    assert_eq!(found.column_count(), columns);
                    assert_eq!(found.row_count(), length.min(rows - seen), "{layout:?}");
                    seen += found.row_count();
                }
                Ok(false) => break None,
                Err(error) => break Some(error),
            }
        };
        match ended {
            None => assert_eq!((seen, rest), (rows, 0)),
            Some(ReadError::HalfRow { row, expected, found }) => {
                assert_eq!((row, expected), (rows as u64, columns));
                assert_eq!(found, rest / number.size());
                // A last group that is not whole is lost; its columns cannot be told apart.
                assert!(rest > 0 && (seen == rows || group.is_some() && seen + length > rows));
            }
            Some(error) => panic!("{error}"),
        }
    }
}

type Run = Result<(), StreamError<Infallible>>;

/// Runs over rows in chunks of these lengths, one for each pass, which `change` has changed.
fn run(
    sweep: &mut Sweep,
    n: usize,
    lengths: [usize; 2],
    change: impl Fn(&mut [Vec<f64>; 3]),
) -> Run {
    let mut pass = 0;
    let found = sweep.run_reopened(&PARAMETERS, || {
        let mut columns = Rows::new(n).chunk(0, n);
        if pass > 0 {
            change(&mut columns);
        }
        let length = lengths[pass.min(1)];
        pass += 1;
        Ok((0..n).step_by(length).map(move |from| {
            Ok(columns.each_ref().map(|column| column[from..n.min(from + length)].to_vec()))
        }))
    });
    found.map(drop)
}

#[test]
fn a_stream_with_other_numbers_when_it_is_opened_again_is_refused() {
    let mut sweep = worst().compile();
    for n in [1, 7, 8, 511, 513, 5000, 20_011] {
        let altered = Err(StreamError::Altered { rows: n as u64 });
        for lengths in [[n, n], [n, 37], [1000, 512], [8, 3]] {
            assert_eq!(run(&mut sweep, n, lengths, |_| ()), Ok(()), "{n} {lengths:?}");
            // Among the first rows, and in one run of later ones, each number counts.
            for row in [0, n / 2, n - 1].into_iter().filter(|&row| row < 512 || row % 512 < 8) {
                for column in 0..3 {
                    let change = |columns: &mut [Vec<f64>; 3]| match &mut columns[column][row] {
                        kind if column == 2 => *kind = (*kind + 1.0) % 5.0,
                        number => *number = number.next_up(),
                    };
                    assert_eq!(run(&mut sweep, n, lengths, change), altered, "{n} {row}");
                }
            }
        }
        if n > 1 {
            let turned = |columns: &mut [Vec<f64>; 3]| columns[0].reverse();
            assert_eq!(run(&mut sweep, n, [n, n], turned), altered);
        }
        if n > 600 {
            // The rows that are always looked at stay as they are.
            let rotated = |columns: &mut [Vec<f64>; 3]| columns[1][512..].rotate_left(1);
            assert_eq!(run(&mut sweep, n, [n, 100], rotated), altered);
        }
    }
    // The sweep stays usable.
    assert_eq!(run(&mut sweep, 5000, [5000, 100], |_| ()), Ok(()));
}

#[test]
fn chunks_that_do_not_fit_are_refused_in_a_second_pass_too() {
    let mut sweep = worst().compile();
    let mut pass = 0;
    let failed = sweep.run_reopened(&PARAMETERS, || {
        pass += 1;
        let columns: Vec<Vec<f64>> = Rows::new(10).chunk(0, 10).into();
        let columns = columns[..if pass == 1 { 3 } else { 2 }].to_vec();
        Ok([Ok::<_, Infallible>(columns)].into_iter())
    });
    let error = RunError::Columns { expected: 3, found: 2 };
    assert_eq!(failed.unwrap_err(), StreamError::Run(error));
}
