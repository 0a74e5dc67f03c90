//! numpy's files: the bits of the same rows in memory, mapped, in archives and streamed; and what cannot be read.

use crate::partials::partial::outcome;
use crate::samples::{PARAMETERS, Rows, by_kind, curve, numbers};
use ndarray::{Array1, Array2, ShapeBuilder};
use ndarray_npy::{NpzWriter, WritableElement, WriteNpyExt};
use std::fs::File;
use std::io::{Cursor, Write};
use std::path::Path;
use wengert::program::npy::{Npy, NpyError};
use wengert::program::stream::{Chunk, Stream, StreamError};
use wengert::program::{Columns, RunError};
use zip::write::{SimpleFileOptions, ZipWriter};

/// A file by the crate `ndarray-npy`.
fn list<T: WritableElement + Clone>(numbers: &[T]) -> Vec<u8> {
    let mut bytes = Vec::new();
    Array1::from(numbers.to_vec()).write_npy(&mut bytes).unwrap();
    bytes
}

fn table<T: WritableElement + Clone>(columns: &[&[T]], by_columns: bool) -> Vec<u8> {
    let (rows, width) = (columns[0].len(), columns.len());
    let at = |(row, column): (usize, usize)| columns[column][row].clone();
    let mut bytes = Vec::new();
    let table = Array2::from_shape_fn((rows, width).set_f(by_columns), at);
    table.write_npy(&mut bytes).unwrap();
    bytes
}

/// The header that numpy writes for this type and shape, and these bytes.
fn by_hand(dtype: &str, order: &str, shape: &str, numbers: &[u8]) -> Vec<u8> {
    let text = format!("{{'descr': {dtype}, 'fortran_order': {order}, 'shape': {shape}, }}");
    let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    bytes.extend_from_slice(text.as_bytes());
    bytes.resize(127, b' ');
    bytes.push(b'\n');
    [&bytes, numbers].concat()
}

/// The same bytes at an address that is a multiple of 64, and `by` more.
fn at_address<T>(bytes: &[u8], by: usize, then: impl FnOnce(&[u8]) -> T) -> T {
    let mut room = vec![0; bytes.len() + 128];
    let from = room.as_ptr().align_offset(64) + by;
    room[from..][..bytes.len()].copy_from_slice(bytes);
    then(&room[from..][..bytes.len()])
}

#[test]
fn tables_in_both_orders_and_at_any_address_give_the_bits_of_columns() {
    let (x, y) = (numbers(9001, 1), numbers(9001, 2));
    let mut sweep = curve().compile();
    let at = &PARAMETERS[..2];
    let expected = outcome(sweep.run(at, &Columns::new(&[&x, &y]).unwrap()).unwrap());
    let [x32, y32] = [&x, &y].map(|x| x.iter().map(|&x| x as f32).collect::<Vec<f32>>());
    let data = Columns::mixed([(&x32).into(), (&y32).into()]).unwrap();
    let single = outcome(sweep.run(at, &data).unwrap());
    assert_ne!(single, expected);
    for by_columns in [false, true] {
        for by in [0, 1, 4, 7] {
            let found = at_address(&table(&[&x, &y], by_columns), by, |bytes| {
                outcome(sweep.run(at, &Columns::npy(bytes).unwrap()).unwrap())
            });
            assert!(found == expected, "{by} bytes off, by columns: {by_columns}");
            let found = at_address(&table(&[&x32, &y32], by_columns), by, |bytes| {
                outcome(sweep.run(at, &Columns::npy(bytes).unwrap()).unwrap())
            });
            assert!(found == single, "{by} bytes off, by columns: {by_columns}");
        }
    }
}

/// What lies in a file is what is computed with: no copy is made.
#[test]
fn mapped_files_are_read_where_they_lie() {
    let (x, y) = (numbers(5000, 1), numbers(5000, 2));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), table(&[&x, &y], false)).unwrap();
    #[expect(unsafe_code, reason = "nobody else knows the file, and nobody writes to it")]
    // SAFETY: nobody writes to the file while it is mapped.
    let bytes = unsafe { memmap2::Mmap::map(&File::open(file.path()).unwrap()) }.unwrap();
    let mut sweep = curve().compile();
    let at = &PARAMETERS[..2];
    let expected = outcome(sweep.run(at, &Columns::new(&[&x, &y]).unwrap()).unwrap());
    assert_eq!(outcome(sweep.run(at, &Columns::npy(&bytes).unwrap()).unwrap()), expected);
}

#[test]
fn whole_numbers_of_every_width_are_indices() {
    let rows = Rows::new(5000);
    let mut sweep = by_kind().compile();
    let expected = outcome(sweep.run(&PARAMETERS, &rows.columns()).unwrap());
    let (x, y) = (list(&rows.x), list(&rows.y));
    fn of<T: WritableElement + Clone>(rows: &Rows, cast: impl Fn(u32) -> T) -> Vec<u8> {
        list(&rows.kind.iter().map(|&kind| cast(kind)).collect::<Vec<T>>())
    }
    let kinds = [
        of(&rows, |kind| kind as u8),
        of(&rows, |kind| kind as u16),
        of(&rows, |kind| kind),
        of(&rows, u64::from),
        of(&rows, |kind| kind as i8),
        of(&rows, |kind| kind as i16),
        of(&rows, |kind| kind as i32),
        of(&rows, i64::from),
        of(&rows, |kind| kind as f32),
        of(&rows, f64::from),
    ];
    for kind in &kinds {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let stored =
            SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        for (name, bytes) in [("kind", kind), ("y", &y), ("x", &x)] {
            archive.start_file(format!("{name}.npy"), stored).unwrap();
            archive.write_all(bytes).unwrap();
        }
        let archive = archive.finish().unwrap().into_inner();
        let data = Columns::npz(&archive, &["x", "y", "kind"]).unwrap();
        assert!(outcome(sweep.run(&PARAMETERS, &data).unwrap()) == expected);
    }
}

#[test]
fn archives_of_ndarray_npy_have_columns_by_name() {
    let (x, y) = (numbers(500, 1), numbers(500, 2));
    let archive = |is_compressed: bool| {
        let bytes = Cursor::new(Vec::new());
        let mut archive =
            if is_compressed { NpzWriter::new_compressed(bytes) } else { NpzWriter::new(bytes) };
        archive.add_array("y", &Array1::from(y.clone())).unwrap();
        archive.add_array("x", &Array1::from(x.clone())).unwrap();
        archive.add_array("few", &Array1::from(vec![1.0])).unwrap();
        archive.finish().unwrap().into_inner()
    };
    let plain = archive(false);
    let mut sweep = curve().compile();
    let at = &PARAMETERS[..2];
    let expected = outcome(sweep.run(at, &Columns::new(&[&x, &y]).unwrap()).unwrap());
    let data = Columns::npz(&plain, &["x", "y"]).unwrap();
    assert_eq!(outcome(sweep.run(at, &data).unwrap()), expected);
    let error = |bytes: &[u8], names: &[&str]| Columns::npz(bytes, names).map(drop).unwrap_err();
    assert!(matches!(error(&plain, &["z"]), NpyError::Missing { name } if name == "z"));
    let lengths = RunError::Length { column: 1, expected: 500, found: 1 };
    assert!(matches!(error(&plain, &["x", "few"]), NpyError::Run(found) if found == lengths));
    assert!(matches!(error(&archive(true), &["x"]), NpyError::Compressed { name } if name == "x"));
    for len in 0..plain.len() {
        let cut = Columns::npz(&plain[..len], &["x", "y"]).map(drop);
        assert!(matches!(cut, Err(NpyError::Archive { .. })), "{len} bytes");
    }
    for at in 0..plain.len() {
        let mut changed = plain.clone();
        changed[at] ^= 0x41;
        // Numbers that were changed are other numbers; no way leads to a panic.
        if let Ok(data) = Columns::npz(&changed, &["x", "y"]) {
            assert_eq!((data.column_count(), data.row_count()), (2, 500));
        }
    }
}

#[test]
fn what_is_no_column_is_told() {
    let error = |bytes: &[u8]| Columns::npy(bytes).map(drop).unwrap_err();
    let [one, two] = [1.0_f64, 2.0].map(f64::to_le_bytes);
    let pair = [one, two].concat();
    assert!(Columns::npy(&by_hand("'<f8'", "False", "(2,)", &pair)).is_ok());
    for dtype in ["'>f8'", "'<f2'", "'|b1'", "'<c16'", "'|O'", "'<U4'", "[('x', '<f8')]"] {
        let found = error(&by_hand(dtype, "False", "(2,)", &pair));
        let NpyError::Type { found, .. } = found else { panic!("{found}") };
        assert!(dtype.contains(&found) || found.contains("<f8"), "{found}");
    }
    for (shape, extents) in [("()", vec![]), ("(1, 2, 1)", vec![1, 2, 1])] {
        let found = error(&by_hand("'<f8'", "False", shape, &pair));
        assert!(matches!(found, NpyError::Shape { found, .. } if found == extents));
    }
    let huge = by_hand("'<f8'", "False", "(4611686018427387904, 4)", &pair);
    assert!(matches!(error(&huge), NpyError::Shape { .. }));
    let whole = by_hand("'<f8'", "False", "(2,)", &pair);
    for len in 0..whole.len() {
        match error(&whole[..len]) {
            NpyError::Header { .. } => assert!(len < 128),
            NpyError::Length { expected: 16, found, .. } => assert_eq!(found, len as u64 - 128),
            other => panic!("{other}"),
        }
    }
    let longer = [&whole[..], &[0]].concat();
    assert!(matches!(error(&longer), NpyError::Length { expected: 16, found: 17, .. }));
    for at in 0..whole.len() {
        for flip in 1..=255 {
            let mut changed = whole.clone();
            changed[at] ^= flip;
            let _ = Columns::npy(&changed);
        }
    }
    // In a table by rows and one by columns, the number that is too long is in row 1 of column 0.
    let words: Vec<u8> =
        [1, 2, (1 << 53) + 1, 4].iter().flat_map(|x: &i64| x.to_le_bytes()).collect();
    let digits = error(&by_hand("'<i8'", "False", "(2, 2)", &words));
    let value = (1 << 53) + 1;
    assert!(
        matches!(digits, NpyError::Digits { column: 0, row: 1, value: found, .. } if found == value)
    );
    let digits = error(&by_hand("'<u8'", "True", "(2, 2)", &words));
    assert!(
        matches!(digits, NpyError::Digits { column: 1, row: 0, value: found, .. } if found == value)
    );
}

fn put(bytes: &[u8]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    file
}

fn open(path: &Path) -> NpyError {
    Npy::open(path).unwrap_err()
}

#[test]
fn streamed_files_give_the_bits_of_columns() {
    let (x, y) = (numbers(70_000, 1), numbers(70_000, 2));
    let mut sweep = curve().compile();
    let at = &PARAMETERS[..2];
    let expected = outcome(sweep.run(at, &Columns::new(&[&x, &y]).unwrap()).unwrap());
    let file = put(&table(&[&x, &y], false));
    let stream = Npy::open(file.path()).unwrap();
    assert_eq!((stream.row_count(), stream.column_count()), (70_000, 2));
    assert_eq!(outcome(sweep.run_stream(at, stream).unwrap()), expected);
    let stream = Npy::open(file.path()).unwrap().chunks(333);
    assert_eq!(outcome(sweep.run_stream(at, stream).unwrap()), expected);
    let none = put(&table::<f64>(&[&[], &[]], false));
    let mut chunk = Default::default();
    assert!(!Npy::open(none.path()).unwrap().read(&mut chunk).unwrap());
    let kinds = put(&list(&[3_i16, -1, 4]));
    assert!(Npy::open(kinds.path()).unwrap().read(&mut chunk).unwrap());
    assert_eq!(chunk.columns().unwrap().row_count(), 3);
}

#[test]
fn what_cannot_be_streamed_is_told_with_its_file() {
    let (x, y) = (numbers(40_000, 1), numbers(40_000, 2));
    let file = put(&table(&[&x, &y], true));
    assert!(matches!(open(file.path()), NpyError::Order { .. }));
    assert!(matches!(open(Path::new("no such file")), NpyError::Io { .. }));
    let bytes = table(&[&x, &y], false);
    for len in [0, 5, 100, 128, bytes.len() / 2, bytes.len() - 1] {
        let file = put(&bytes[..len]);
        let error = open(file.path());
        let text = error.to_string();
        assert!(text.starts_with(&file.path().display().to_string()), "{text}");
        assert!(matches!(error, NpyError::Header { .. } | NpyError::Length { .. }), "{error}");
    }
    // One that is cut short when it was opened.
    let file = put(&bytes);
    let mut sweep = curve().compile();
    for len in [128, 1000, bytes.len() / 2, bytes.len() - 1] {
        let stream = Npy::open(file.path()).unwrap();
        File::options().write(true).open(file.path()).unwrap().set_len(len as u64).unwrap();
        let error = sweep.run_stream(&PARAMETERS[..2], stream).map(outcome).unwrap_err();
        let StreamError::Source { rows, error: NpyError::Length { expected, found, .. } } = error
        else {
            panic!("{error}")
        };
        assert_eq!((expected, found), (640_000, rows * 16));
        std::fs::write(file.path(), &bytes).unwrap();
    }
    let mut words = vec![0_u64; 100_000];
    words[80_001] = u64::MAX;
    let file = put(&list(&words));
    let mut stream = Npy::open(file.path()).unwrap();
    let mut chunk = Default::default();
    let error = loop {
        match stream.read(&mut chunk) {
            Ok(more) => assert!(more),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, NpyError::Digits { column: 0, row: 80_001, .. }), "{error}");
}

/// A table without rows has no bytes that bound its columns, and one with few not enough.
#[test]
fn columns_of_few_rows_are_bounded() {
    let empty = |columns: u64| by_hand("'<f8'", "False", &format!("(0, {columns})"), &[]);
    let few = empty(3);
    let few = Columns::npy(&few).unwrap();
    assert_eq!((few.column_count(), few.row_count()), (3, 0));
    for columns in [(1 << 16) + 1, 1 << 40, 1 << 60] {
        let many = empty(columns);
        for error in [Columns::npy(&many).map(drop).unwrap_err(), open(put(&many).path())] {
            assert!(matches!(error, NpyError::Header { .. }), "{error}");
            assert!(error.to_string().contains(&columns.to_string()), "{error}");
        }
    }
    let bytes = |dtype: &str, rows: usize, columns: usize, size: usize| {
        let shape = format!("({rows}, {columns})");
        by_hand(dtype, "False", &shape, &vec![0; rows * columns * size])
    };
    for many in [bytes("'|u1'", 1, 1 << 17, 1), bytes("'<f8'", 2, 70_000, 8)] {
        for error in [Columns::npy(&many).map(drop).unwrap_err(), open(put(&many).path())] {
            let said = error.to_string();
            assert!(matches!(error, NpyError::Header { .. }), "{said}");
            assert!(said.ends_with("rows, expected at most 65536 of so few"), "{said}");
        }
    }
    // No more than that, or as many bytes as columns take.
    for (rows, columns) in [(1, 1 << 16), (200, 70_000)] {
        let bytes = bytes("'|u1'", rows, columns, 1);
        let data = Columns::npy(&bytes).unwrap();
        assert_eq!((data.column_count(), data.row_count()), (columns, rows));
        assert_eq!(Npy::open(put(&bytes).path()).unwrap().column_count(), columns);
    }
}

/// A pipe has a length that is not known, and no place to go back to.
#[cfg(unix)]
#[test]
fn a_pipe_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let to = pipe.clone();
    // It may be closed at the other end before all was written.
    let writer = std::thread::spawn(move || drop(std::fs::write(to, list(&[1.0, 2.0]))));
    let error = open(&pipe);
    writer.join().unwrap();
    assert!(matches!(error, NpyError::Io { .. }), "{error}");
    assert!(error.to_string().ends_with("pipe: it is no regular file"), "{error}");
}
