//! Text of sparse features: the numbers of the same rows written in full, and what cannot be read.

use crate::partials::partial::{Random, outcome};
use crate::samples::numbers;
use std::io::Read;
use wengert::objective;
use wengert::program::stream::{Chunk, Libsvm, LibsvmError, Stream, StreamError, Table};
use wengert::program::{Column, Columns, Program, RunError};

/// Gives its bytes one at a time.
struct Slow<'b>(&'b [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        let len = to.len().min(1);
        self.0.read(&mut to[..len])
    }
}

/// All rows, and the error that ends them.
fn read<R: Read>(mut stream: Libsvm<R>) -> (Vec<Vec<f64>>, Option<LibsvmError>) {
    let (mut rows, mut chunk) = (Vec::new(), Table::default());
    loop {
        match stream.read(&mut chunk) {
            Ok(true) => {}
            Ok(false) => return (rows, None),
            Err(error) => return (rows, Some(error)),
        }
        let data = chunk.columns().unwrap();
        rows.extend(rows_of(&data));
    }
}

/// The numbers of each row, by the Jacobian of one residual for each column.
fn rows_of(data: &Columns<'_>) -> Vec<Vec<f64>> {
    let width = data.column_count();
    let dot = objective!(|w, row| T::dot(w, row));
    let at = vec![1.0; width];
    let program = Program::record(&dot, &at, &at).unwrap().jacobian();
    let taking = wengert::program::NonFinite::Take;
    let mut sweep = program.compile().non_finite(taking);
    let found = sweep.run(&at, data).unwrap();
    found.jacobian().as_slice().chunks(width).map(<[f64]>::to_vec).collect()
}

fn rows(text: &str, width: usize) -> Vec<Vec<f64>> {
    let (rows, error) = read(Libsvm::new(text.as_bytes(), width));
    assert!(error.is_none(), "{error:?}");
    assert_eq!(read(Libsvm::new(Slow(text.as_bytes()), width)).0, rows);
    rows
}

#[test]
fn features_that_are_not_named_are_0() {
    let text =
        "+1 1:0.5 3:-2e1\n-1\t2:1  \r\n\n# nothing\n   # nothing\n0.25 qid:3 1:1 # 2:9\n3#x\n7 3:1";
    let expected = [
        [1.0, 0.5, 0.0, -20.0],
        [-1.0, 0.0, 1.0, 0.0],
        [0.25, 1.0, 0.0, 0.0],
        [3.0, 0.0, 0.0, 0.0],
        [7.0, 0.0, 0.0, 1.0],
    ];
    assert_eq!(rows(text, 3), expected);
    assert_eq!(rows(&format!("\u{feff}{text}"), 3), expected);
    assert_eq!(rows("", 3), Vec::<Vec<f64>>::new());
    assert_eq!(rows(" \n#", 3), Vec::<Vec<f64>>::new());
    let zero = read(Libsvm::new("1 0:2 1:3\n".as_bytes(), 2).from_zero());
    assert!(zero.1.is_none());
    assert_eq!(zero.0, [[1.0, 2.0, 3.0]]);
    assert_eq!(rows("5\n6\n", 0), [[5.0], [6.0]]);
}

#[test]
fn the_query_is_the_last_column_where_it_is_asked_for() {
    let text = "2 qid:7 1:0.5\n1 1:3\n";
    let stream = || Libsvm::new(text.as_bytes(), 1).with_query();
    let mut chunk = Table::default();
    assert!(stream().read(&mut chunk).unwrap());
    let data = chunk.columns().unwrap();
    assert_eq!(rows_of(&data.range(0..1)), [[2.0, 0.5, 7.0]]);
    let last = objective!(|[a], [_label, _x, query]| a * query);
    let mut sweep = Program::record(&last, &[1.0], &[1.0; 3]).unwrap().compile();
    let error = sweep.run_stream(&[1.0], stream()).map(outcome).unwrap_err();
    let StreamError::Run(error) = error else { panic!("{error}") };
    assert_eq!(error, RunError::Missing { column: 2, name: None, row: 1 });
    assert!(Column::MISSING.is_nan());
}

/// Rows of which most features are 0, written by Rust's own shortest decimals.
#[test]
fn sparse_rows_give_the_bits_of_dense_ones() {
    let (width, n) = (40, 5000);
    let mut random = Random(5);
    let drawn = numbers(width * n, 3);
    let mut dense: Vec<Vec<f64>> = vec![Vec::new(); width + 1];
    let mut text = String::new();
    for row in 0..n {
        let label = if random.below(2) == 0 { 1.0 } else { -1.0 };
        dense[0].push(label);
        text += &label.to_string();
        for feature in 0..width {
            let x = if random.below(8) == 0 { drawn[row * width + feature] } else { 0.0 };
            dense[feature + 1].push(x);
            if x != 0.0 {
                text += &format!(" {}:{x:?}", feature + 1);
            }
        }
        text.push('\n');
    }
    let columns: Vec<&[f64]> = dense.iter().map(Vec::as_slice).collect();
    let loss = objective!(|w, row| (-(T::dot(w, &row[1..]) * row[0])).softplus());
    let at: Vec<f64> = (0..width).map(|i| (i as f64).sin()).collect();
    let program = Program::record(&loss, &at, &vec![0.5; width + 1]).unwrap().mean().gradient();
    let mut sweep = program.compile();
    let expected = outcome(sweep.run(&at, &Columns::new(&columns).unwrap()).unwrap());
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &text).unwrap();
    let stream = Libsvm::open(file.path(), width).unwrap();
    assert_eq!(outcome(sweep.run_stream(&at, stream).unwrap()), expected);
}

#[test]
fn what_cannot_be_read_is_told_with_file_line_and_word() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = |line: &str| {
        std::fs::write(file.path(), format!("1 1:1\n\n{line}\n1 1:1\n")).unwrap();
        let (rows, error) = read(Libsvm::open(file.path(), 3).unwrap());
        assert_eq!(rows, [[1.0, 1.0, 0.0, 0.0]], "{line}");
        let text = error.as_ref().unwrap().to_string();
        assert!(text.starts_with(&format!("{}, line 3 ", file.path().display())), "{text}");
        error.unwrap()
    };
    for (line, word, what) in [
        ("one 1:1", "one", "a label"),
        ("1:1", "1:1", "a label"),
        ("1,2 1:1", "1,2", "a label"),
        ("1 1", "1", "index:value"),
        ("1 1:", "1:", "index:value"),
        ("1 :1", ":1", "index:value"),
        ("1 1:1:1", "1:1:1", "index:value"),
        ("1 1:x", "1:x", "index:value"),
        ("1 -1:1", "-1:1", "index:value"),
        ("1 +1:1", "+1:1", "index:value"),
        ("1 1.0:1", "1.0:1", "index:value"),
        ("1 99999999999999999999:1", "99999999999999999999:1", "index:value"),
        ("1 qid:x 1:1", "qid:x", "qid:number"),
        ("1 qid:18014398509481985 1:1", "qid:18014398509481985", "qid:number"),
        ("1 1:1 qid:2", "qid:2", "index:value"),
        ("1 qid:2 qid:2", "qid:2", "index:value"),
    ] {
        let LibsvmError::Word { line: 3, expected, found, .. } = error(line) else {
            panic!("{line}")
        };
        assert_eq!((&*found, expected), (word, what), "{line}");
    }
    for (line, index) in [("1 0:1", 0), ("1 1:1 4:1", 4), ("1 9007199254740992:1", 1 << 53)] {
        let LibsvmError::Index { line: 3, expected, found, .. } = error(line) else {
            panic!("{line}")
        };
        assert_eq!((expected, found), (1..4, index));
    }
    for (line, before, index) in [("1 2:1 1:1", 2, 1), ("1 1:1 1:1", 1, 1), ("1 3:1 2:x 1:1", 3, 2)]
    {
        let found = error(line);
        match found {
            LibsvmError::Order { line: 3, expected, found, .. } => {
                assert_eq!((expected, found), (before, index))
            }
            // The word is looked at as a whole first.
            LibsvmError::Word { line: 3, found, .. } => assert_eq!(found, "2:x"),
            other => panic!("{other}"),
        }
    }
    assert!(matches!(Libsvm::open("no such file", 3), Err(LibsvmError::Io { path: Some(_), .. })));
}

/// A word or comment without an end takes the memory of its beginning.
#[test]
fn what_never_ends_is_told_by_its_beginning() {
    let endless = |byte: u8| std::io::repeat(byte).take(32 << 20);
    let (rows, error) = read(Libsvm::new(endless(b'7'), 3));
    assert!(rows.is_empty());
    let Some(LibsvmError::Word { line: 1, found, .. }) = error else { panic!("{error:?}") };
    assert!(found.starts_with("777") && found.ends_with('…') && found.len() < 100);
    let comment = b"#".chain(endless(b'x')).chain(&b"\n1 1:2"[..]);
    assert_eq!(read(Libsvm::new(comment, 1)).0, [[1.0, 2.0]]);
    // As long as the exact decimals of a number may be.
    let long = format!("1 1:0.{}1\n", "0".repeat(1000));
    assert_eq!(read(Libsvm::new(long.as_bytes(), 1)).0, [[1.0, 0.0]]);
}

#[test]
fn truncated_and_changed_texts_are_errors_or_other_rows() {
    let text = "+1 qid:3 1:0.5 3:-2e1 # one\r\n-1 2:1\n0.25 1:nan\n";
    let mut refused = 0;
    for len in 0..text.len() {
        let (rows, error) = read(Libsvm::new(&text.as_bytes()[..len], 3));
        assert!(rows.len() <= 3 && rows.iter().all(|row| row.len() == 4));
        refused += usize::from(error.is_some());
    }
    for at in 0..text.len() {
        for byte in 0..=255 {
            let mut changed = text.as_bytes().to_vec();
            changed[at] = byte;
            let (rows, error) = read(Libsvm::new(&changed[..], 3));
            assert!(rows.len() <= 5 && rows.iter().all(|row| row.len() == 4));
            refused += usize::from(error.is_some());
        }
    }
    assert!(refused > 1000, "{refused} refused");
}

#[test]
fn a_row_for_which_there_is_no_room_is_told() {
    for width in [usize::MAX, usize::MAX - 1, usize::MAX >> 4] {
        let (rows, error) = read(Libsvm::new("# none\n1 1:2\n".as_bytes(), width).with_query());
        assert!(rows.is_empty());
        let Some(LibsvmError::Io { line: 2, source, .. }) = error else { panic!("{error:?}") };
        assert_eq!(source.kind(), std::io::ErrorKind::OutOfMemory);
    }
}
