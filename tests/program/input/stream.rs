//! Streams: the bits of the rows in memory, and errors that lose nothing.

use crate::samples::{LENGTHS, PARAMETERS, Rows, bits, by_kind, curve, worst};
use std::fmt;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use wengert::program::stream::{Binary, Chunk, Layout, ReadError, StreamError, read_ahead};
use wengert::program::{Column, Columns, NonFinite, NumberType, RunError};

/// Chunks of this many rows, then, if there is one, an error.
fn chunks(
    rows: &Rows,
    length: usize,
    error: Option<Lost>,
) -> impl Iterator<Item = Result<[Vec<f64>; 3], Lost>> + Send + '_ {
    let n = rows.x.len();
    let starts = (0..n).step_by(length);
    let chunks = starts.map(move |from| Ok(rows.chunk(from, n.min(from + length))));
    chunks.chain(error.map(Err))
}

/// A source that is gone.
#[derive(Clone, Debug, PartialEq)]
struct Lost;

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the line is dead")
    }
}

impl std::error::Error for Lost {}

#[test]
fn chunks_of_any_length_give_the_bits_of_the_data_in_memory() {
    for n in LENGTHS {
        let rows = Rows::new(n);
        for program in [by_kind(), worst()] {
            let mut sweep = program.compile();
            let expected = bits(sweep.run(&PARAMETERS, &rows.columns()).unwrap());
            for length in [37, 1000, 4096, 100_000] {
                let open = || Ok(chunks(&rows, length, None));
                let found = sweep.run_reopened(&PARAMETERS, open).unwrap();
                assert_eq!(bits(found), expected, "{n} rows by {length}");
            }
        }
    }
}

#[test]
fn chunks_in_single_precision_are_widened() {
    let (x, y) = (vec![1.0_f32, 2.0, 0.5], vec![3.0_f32, -1.0, 0.25]);
    let expected = {
        let data = Columns::mixed([Column::F32(&x), Column::F32(&y)]).unwrap();
        bits(curve().compile().run(&[0.1, 0.2], &data).unwrap())
    };
    let chunks =
        [0..1, 1..3].map(|rows| Ok::<_, Lost>([x[rows.clone()].to_vec(), y[rows].to_vec()]));
    let found = bits(curve().compile().run_stream(&[0.1, 0.2], chunks.into_iter()).unwrap());
    assert_eq!(found, expected);
}

#[test]
fn skipped_rows_of_a_stream_count_for_nothing() {
    let mut rows = Rows::new(20_000);
    for row in (5..20_000).step_by(777) {
        rows.x[row] = f64::NAN;
    }
    let mut sweep = by_kind().compile().non_finite(NonFinite::Skip);
    let expected = bits(sweep.run(&PARAMETERS, &rows.columns()).unwrap());
    for length in [3, 5000, 20_000] {
        let found = sweep.run_stream(&PARAMETERS, chunks(&rows, length, None)).unwrap();
        assert_eq!(found.skipped_count(), 26);
        assert_eq!(bits(found), expected);
    }
}

#[test]
fn a_stream_that_fails_leaves_the_sweep_and_the_last_result() {
    let rows = Rows::new(10_000);
    let mut sweep = by_kind().compile();
    let expected = bits(sweep.run(&PARAMETERS, &rows.columns()).unwrap());
    let failed = sweep.run_stream(&PARAMETERS, chunks(&rows, 4000, Some(Lost))).unwrap_err();
    assert_eq!(failed, StreamError::Source { rows: 10_000, error: Lost });
    let source = std::error::Error::source(&failed).unwrap().to_string();
    assert_eq!(source, "the line is dead");
    assert_eq!(bits(sweep.found().unwrap()), expected);
    let again = sweep.run_stream(&PARAMETERS, chunks(&rows, 4000, None)).unwrap();
    assert_eq!(bits(again), expected);
}

#[test]
fn a_stream_that_panics_panics_in_the_caller_and_leaves_the_sweep() {
    let rows = Rows::new(10_000);
    let mut sweep = by_kind().compile();
    let expected = bits(sweep.run(&PARAMETERS, &rows.columns()).unwrap());
    let broken = chunks(&rows, 4000, None).inspect(|chunk| {
        assert!(chunk.as_ref().is_ok_and(|chunk| chunk[0].len() == 4000), "the source broke");
    });
    let run = AssertUnwindSafe(|| sweep.run_stream(&PARAMETERS, broken).map(drop));
    let panic = catch_unwind(run).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"the source broke"));
    assert_eq!(bits(sweep.found().unwrap()), expected);
    let again = sweep.run_stream(&PARAMETERS, chunks(&rows, 4000, None)).unwrap();
    assert_eq!(bits(again), expected);
}

/// Rows of a table whose last row may be cut off.
#[derive(Default)]
struct Cut(Vec<f64>);

impl Chunk for Cut {
    fn columns(&self) -> Result<Columns<'_>, RunError> {
        Columns::table(&self.0, 2)
    }
}

#[test]
fn a_row_that_a_chunk_lacks_is_counted_from_the_first_of_the_stream() {
    let chunks = [vec![1.0; 2000], vec![1.0; 15]].map(|numbers| Ok::<_, Lost>(Cut(numbers)));
    let failed = curve().compile().run_stream(&[1.0, 1.0], chunks.into_iter()).unwrap_err();
    let error = RunError::HalfRow { row: 1007, expected: 2, found: 1 };
    assert_eq!(failed, StreamError::Run(error));
}

#[test]
fn rows_in_error_are_counted_from_the_first_of_the_stream() {
    let mut rows = Rows::new(10_000);
    rows.y[7777] = f64::NEG_INFINITY;
    for non_finite in [NonFinite::Refuse, NonFinite::Skip] {
        let mut sweep = by_kind().compile().non_finite(non_finite);
        rows.kind[8888] = 6;
        let failed = sweep.run_stream(&PARAMETERS, chunks(&rows, 1001, None)).unwrap_err();
        let value = f64::NEG_INFINITY;
        let expected = match non_finite {
            NonFinite::Refuse => RunError::NotFinite { column: 1, row: 7777, value },
            _ => RunError::Index { index: 6.0, len: 5, row: 8888 },
        };
        assert_eq!(failed, StreamError::Run(expected));
    }
}

#[test]
fn chunks_that_do_not_fit_are_refused() {
    let mut sweep = curve().compile();
    let run = |sweep: &mut wengert::program::Sweep, chunk: Vec<Vec<f64>>| {
        let chunks = [vec![vec![1.0], vec![2.0]], chunk].into_iter().map(Ok::<_, Lost>);
        sweep.run_stream(&[-2.0, 30.0], chunks).map(drop)
    };
    let uneven = run(&mut sweep, vec![vec![1.0], vec![]]);
    let error = RunError::Length { column: 1, expected: 1, found: 0 };
    assert_eq!(uneven, Err(StreamError::Run(error)));
    let few = run(&mut sweep, vec![vec![1.0]]);
    assert_eq!(few, Err(StreamError::Run(RunError::Columns { expected: 2, found: 1 })));
    assert_eq!(run(&mut sweep, vec![vec![1.0], vec![1.0]]), Ok(()));
}

#[test]
fn two_passes_need_a_stream_that_opens_again() {
    let rows = Rows::new(5000);
    let mut sweep = worst().compile();
    let once = sweep.run_stream(&PARAMETERS, chunks(&rows, 100, None)).unwrap_err();
    assert!(matches!(once, StreamError::Passes { passes: 2.. }));
    let mut times = 0;
    let open = || {
        times += 1;
        let rows = if times == 2 { 4000 } else { 5000 };
        Ok(chunks_of(rows))
    };
    let changed = sweep.run_reopened(&PARAMETERS, open).unwrap_err();
    assert_eq!(changed, StreamError::Changed { expected: 5000, found: 4000 });
    let closed = sweep.run_reopened(&PARAMETERS, || {
        Err::<std::vec::IntoIter<Result<[Vec<f64>; 3], Lost>>, _>(Lost)
    });
    assert_eq!(closed.unwrap_err(), StreamError::Source { rows: 0, error: Lost });
}

fn chunks_of(n: usize) -> std::vec::IntoIter<Result<[Vec<f64>; 3], Lost>> {
    vec![Ok(Rows::new(n).chunk(0, n))].into_iter()
}

/// Rows of two columns as a file has them.
fn file(rows: &Rows, number: NumberType, group: Option<usize>) -> Vec<u8> {
    let n = rows.x.len();
    let write = |x: f64| match number {
        NumberType::F32 => (x as f32).to_le_bytes().to_vec(),
        _ => x.to_le_bytes().to_vec(),
    };
    let group = group.unwrap_or(1);
    let groups = (0..n).step_by(group).map(|from| from..n.min(from + group));
    groups
        .flat_map(|rows_of| {
            let x = rows.x[rows_of.clone()].iter();
            x.chain(&rows.y[rows_of]).flat_map(|&x| write(x)).collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn raw_files_give_the_bits_of_the_data_in_memory() {
    for n in LENGTHS.into_iter().chain([40_000]) {
        let rows = Rows::new(n);
        let narrow = |column: &[f64]| -> Vec<f32> { column.iter().map(|&x| x as f32).collect() };
        let (x, y) = (narrow(&rows.x), narrow(&rows.y));
        let mut sweep = curve().compile();
        let at = [0.5, -0.25];
        for number in [NumberType::F64, NumberType::F32] {
            let data = match number {
                NumberType::F32 => Columns::mixed([Column::F32(&x), Column::F32(&y)]).unwrap(),
                _ => Columns::new(&[&rows.x, &rows.y]).unwrap(),
            };
            let expected = bits(sweep.run(&at, &data).unwrap());
            for group in [None, Some(1), Some(1000), Some(100_000)] {
                let bytes = file(&rows, number, group);
                let layout = match group {
                    None => Layout::rows(2, number),
                    Some(rows) => Layout::groups(2, number, rows),
                };
                for length in [999, 30_000] {
                    let stream = Binary::new(&bytes[..], layout).chunks(length);
                    let found = sweep.run_stream(&at, stream).unwrap();
                    assert_eq!(bits(found), expected, "{n} {layout:?} {length}");
                }
            }
        }
    }
}

#[test]
fn a_file_that_ends_in_mid_row_says_in_which() {
    let rows = Rows::new(5000);
    let whole = file(&rows, NumberType::F64, None);
    for cut in [1, 8, 9, 15] {
        let cut_off = &whole[..whole.len() - cut];
        let stream = Binary::new(cut_off, Layout::rows(2, NumberType::F64)).chunks(1000);
        let failed = curve().compile().run_stream(&[1.0, 1.0], stream).unwrap_err();
        let StreamError::Source { rows: 4999, error } = failed else { panic!("{failed}") };
        let found = (16 - cut) / 8;
        assert!(matches!(error,
            ReadError::HalfRow { row: 4999, expected: 2, found: f } if f == found));
    }
    let layout = Layout::groups(2, NumberType::F64, 1000);
    let stream = Binary::new(&whole[..whole.len() - 24], layout);
    let failed = curve().compile().run_stream(&[1.0, 1.0], stream).unwrap_err();
    let StreamError::Source { rows: 4000, error } = failed else { panic!("{failed}") };
    assert!(matches!(error, ReadError::HalfRow { row: 4998, expected: 2, found: 1 }));
}

/// Gives bytes in small portions, with interruptions, and breaks after so many.
struct Slow<'b> {
    bytes: &'b [u8],
    calls: usize,
    breaks: bool,
}

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.calls += 1;
        if self.calls.is_multiple_of(5) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        if self.bytes.is_empty() && self.breaks {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let most = buffer.len().min(1021);
        self.bytes.read(&mut buffer[..most])
    }
}

#[test]
fn a_slow_source_loses_nothing_and_a_broken_one_says_where() {
    let rows = Rows::new(3000);
    let bytes = file(&rows, NumberType::F64, None);
    let layout = Layout::rows(2, NumberType::F64);
    let mut sweep = curve().compile();
    let expected =
        bits(sweep.run(&[1.0, 1.0], &Columns::new(&[&rows.x, &rows.y]).unwrap()).unwrap());
    let slow = |breaks| Binary::new(Slow { bytes: &bytes, calls: 0, breaks }, layout).chunks(700);
    assert_eq!(bits(sweep.run_stream(&[1.0, 1.0], slow(false)).unwrap()), expected);
    let failed = sweep.run_stream(&[1.0, 1.0], slow(true)).unwrap_err();
    let StreamError::Source { rows: 3000, error: ReadError::Io { row: 3000, error } } = failed
    else {
        panic!("{failed}")
    };
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}

#[test]
fn reading_ahead_ends_with_the_first_error_of_either_side() {
    let rows = Rows::new(1000);
    let mut seen = 0;
    let ended =
        read_ahead(&mut chunks(&rows, 10, None), |chunk| -> Result<(), StreamError<Lost>> {
            seen += chunk.row_count();
            if seen == 500 {
                Err(RunError::Parameters { expected: 0, found: 1 }.into())
            } else {
                Ok(())
            }
        });
    assert_eq!(ended, Err(StreamError::Run(RunError::Parameters { expected: 0, found: 1 })));
    assert_eq!(seen, 500);
    let mut seen = 0;
    let ended = read_ahead(&mut chunks(&rows, 300, Some(Lost)), |chunk| {
        seen += chunk.row_count();
        Ok::<(), StreamError<Lost>>(())
    });
    assert_eq!(ended, Err(StreamError::Source { rows: 1000, error: Lost }));
    assert_eq!(seen, 1000);
}

#[cfg(feature = "csv")]
mod csv {
    use super::*;
    use wengert::program::stream::Csv;

    const AT: [f64; 2] = [-2.0, 30.0];

    #[test]
    fn tables_of_text_give_the_bits_of_their_numbers() {
        let rows = Rows::new(50_000);
        let lines = rows.x.iter().zip(&rows.y).map(|(x, y)| format!("{y},name, {x}\n"));
        let text = std::iter::once("y,name,x\n".to_owned()).chain(lines).collect::<String>();
        let mut sweep = curve().compile();
        let data = Columns::new(&[&rows.x, &rows.y]).unwrap();
        let expected = bits(sweep.run(&AT, &data).unwrap());
        let stream = Csv::new(text.as_bytes()).columns(&["x", "y"]).unwrap();
        assert_eq!(bits(sweep.run_stream(&AT, stream).unwrap()), expected);
    }

    #[test]
    fn what_is_wrong_in_a_table_is_named_with_row_and_column() {
        let run =
            |text: &str| curve().compile().run_stream(&AT, Csv::new(text.as_bytes())).map(drop);
        let source = |text: &str| match run(text) {
            Err(StreamError::Source { rows, error }) => (rows, error),
            other => panic!("{other:?}"),
        };
        let (2, ReadError::Number { row: 2, column: 1, text }) = source("x,y\n1,2\n3,4\n5,six\n")
        else {
            panic!()
        };
        assert_eq!(text, "six");
        let half = source("x,y\n1,2\n3,4\n5");
        assert!(matches!(half, (2, ReadError::HalfRow { row: 2, expected: 2, found: 1 })));
        let missing = run("x,y\n1,2\n3,\n").unwrap_err();
        assert!(matches!(missing,
            StreamError::Run(RunError::NotFinite { column: 1, row: 1, value }) if value.is_nan()));
        let Err(ReadError::Name { name }) = Csv::new("x,y\n".as_bytes()).columns(&["x", "z"])
        else {
            panic!()
        };
        assert_eq!(name, "z");
    }

    #[test]
    fn what_is_wrong_in_a_table_stands_in_the_message() {
        let run = |text: &str| {
            curve().compile().run_stream(&AT, Csv::new(text.as_bytes())).map(drop).unwrap_err()
        };
        assert_eq!(
            run("x,y\n1,2\n3,4\n5,six\n").to_string(),
            "the stream failed after 2 rows: column 1 is \"six\" in row 2, which is no number"
        );
        assert_eq!(
            run("x,y\n1,2\n3,4\n5").to_string(),
            "the stream failed after 2 rows: row 2 has 1 numbers instead of 2"
        );
    }

    #[test]
    fn a_header_of_numbers_only_is_a_row_or_names_but_never_silently_dropped() {
        let mut sweep = curve().compile();
        let mut run =
            |stream: Csv<&[u8]>| sweep.run_stream(&AT, stream).map(|found| found.row_count());
        for header in
            ["1,99", "1, 99", "1.5e3,-2", ",99", "NA,0", "inf,1", "NA,NA", "nan,NaN", ",NA"]
        {
            let text = format!("{header}\n2,196\n");
            let refused = run(Csv::new(text.as_bytes()));
            let Err(StreamError::Source { rows: 0, error: ReadError::Header { .. } }) = refused
            else {
                panic!("{header}: {refused:?}")
            };
        }
        let text = "2019,2020\n2,196\n3,291\n";
        let named = Csv::new(text.as_bytes()).columns(&["2020", "2019"]).unwrap();
        assert_eq!(run(named).unwrap(), 2);
        assert_eq!(run(Csv::without_header(text.as_bytes())).unwrap(), 3);
        for header in ["x,2", "1,y", ",", "NA,y", "1.2.3,4"] {
            let text = format!("{header}\n2,196\n");
            assert_eq!(run(Csv::new(text.as_bytes())).unwrap(), 1, "{header}");
        }
        let mut dialect = ::csv::ReaderBuilder::new();
        let mut with = |headers| Csv::with(dialect.has_headers(headers), text.as_bytes());
        assert_eq!(run(with(false)).unwrap(), 3);
        assert!(run(with(true)).is_err());
        // A table without names has no columns by name.
        for table in [with(false), Csv::without_header(text.as_bytes())] {
            let refused = table.columns(&["2019", "2020"]);
            let Err(ReadError::NoHeader { name }) = refused else { panic!("{refused:?}") };
            assert_eq!(name, "2019");
        }
    }

    /// Few bytes at a time, with an interruption before each.
    struct Interrupted<'t> {
        text: &'t [u8],
        most: usize,
        asked: usize,
    }

    impl Read for Interrupted<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.asked += 1;
            if self.asked % 2 == 1 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let most = self.most.min(buffer.len());
            self.text.read(&mut buffer[..most])
        }
    }

    #[test]
    fn a_table_is_the_same_with_a_mark_before_it_and_however_few_bytes_come() {
        let plain = "x,y\n1,2\n3,4.5\n";
        let marked = format!("\u{feff}{plain}");
        for text in [plain, &marked] {
            for most in [1, 2, 3, 4, 5, 100] {
                let source = || Interrupted { text: text.as_bytes(), most, asked: 0 };
                for choice in [&["x", "y"][..], &["y"]] {
                    let mut table = Csv::new(source()).columns(choice).unwrap();
                    let mut chunk = Default::default();
                    assert!(
                        wengert::program::stream::Stream::read(&mut table, &mut chunk).unwrap()
                    );
                    let want: &[f64] =
                        if choice.len() == 2 { &[1.0, 2.0, 3.0, 4.5] } else { &[2.0, 4.5] };
                    let found = format!("{chunk:?}");
                    assert!(found.contains(&format!("{want:?}")), "{found}");
                }
            }
        }
        // Of a text that ends within what could be a mark nothing is lost.
        for text in [&b""[..], b"\xef", b"\xef\xbb", b"\xef\xbbx"] {
            let source = Interrupted { text, most: 1, asked: 0 };
            let mut sweep = curve().compile();
            let failed = sweep.run_stream(&AT, Csv::without_header(source));
            match failed.map(|found| found.row_count()) {
                Ok(rows) => assert!(text.is_empty() && rows == 0),
                Err(StreamError::Source { error: ReadError::Number { .. }, .. })
                    if !text.is_empty() => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    }

    #[test]
    fn a_name_that_two_columns_have_is_refused() {
        let table = || Csv::new("x,y,x\n1,2,3\n".as_bytes());
        assert!(table().columns(&["y"]).is_ok());
        assert!(
            matches!(table().columns(&["y", "x"]), Err(ReadError::Ambiguous { name }) if name == "x")
        );
        // The same column twice is no fault.
        assert!(table().columns(&["y", "y"]).is_ok());
    }

    #[test]
    fn a_long_field_is_shown_by_its_beginning() {
        let text = format!("x,y\n1,{}\n", "long".repeat(10_000));
        let failed = curve().compile().run_stream(&AT, Csv::new(text.as_bytes())).map(drop);
        let message = failed.unwrap_err().to_string();
        assert!(message.len() < 200 && message.contains("longlong"), "{message}");
    }

    #[test]
    fn rows_of_other_lengths_are_refused_though_the_reader_lets_them_pass() {
        let table = |text: &'static str| {
            let mut dialect = ::csv::ReaderBuilder::new();
            Csv::with(dialect.flexible(true), text.as_bytes())
        };
        // Six numbers, which would be three rows of two.
        let run = curve().compile().run_stream(&AT, table("x,y\n1,2\n3,4,5\n6\n")).map(drop);
        let Err(StreamError::Source { rows: 1, error }) = run else { panic!("{run:?}") };
        assert!(matches!(error, ReadError::HalfRow { row: 1, expected: 2, found: 3 }), "{error}");
        // A field of a named column that a row lacks is missing.
        let named = table("x,y\n1,99\n3\n").columns(&["x", "y"]).unwrap();
        let run = curve().compile().run_stream(&AT, named).map(drop).unwrap_err();
        assert!(matches!(run, StreamError::Run(RunError::NotFinite { column: 1, row: 1, .. })));
    }

    #[test]
    fn missing_fields_are_skipped_on_request() {
        let mut sweep = curve().compile().non_finite(NonFinite::Skip);
        let text = "x,y\n1,99\nNA,3\n2,\n2,196\n";
        let found = sweep.run_stream(&[-1.0, 100.0], Csv::new(text.as_bytes())).unwrap();
        assert_eq!((found.value(), found.row_count(), found.skipped_count()), (0.0, 2, 2));
    }
}
