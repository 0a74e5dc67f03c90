//! Parquet files: the bits of the same rows in memory, in groups of any length, and what cannot be read.

use super::write_later;
use crate::partials::partial::outcome;
use crate::samples::{PARAMETERS, Rows, by_kind};
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, UInt32Array};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use wengert::program::partials::{Offset, Partial};
use wengert::program::stream::{Chunk, Stream, StreamError};
use wengert::program::{ArrowColumnError, NonFinite, Parquet, ParquetError};

const NAMES: [&str; 3] = ["x", "y", "kind"];

/// The rows with a text and a number that nobody asks for, in a file of its own.
fn written(rows: &Rows, group: usize, compression: Compression) -> (TempDir, PathBuf) {
    let n = rows.x.len();
    let missing = |at: usize| at % 11 == 7;
    let kinds = rows.kind.iter().enumerate().map(|(at, &kind)| (!missing(at)).then_some(kind));
    let columns: [(&str, ArrayRef); 5] = [
        ("text", Arc::new(StringArray::from_iter_values((0..n).map(|at| at.to_string())))),
        ("kind", Arc::new(UInt32Array::from_iter(kinds))),
        ("y", Arc::new(Float64Array::from(rows.y.clone()))),
        ("long", Arc::new(Int64Array::from_iter_values((0..n as i64).map(|at| at + (1 << 53))))),
        ("x", Arc::new(Float64Array::from(rows.x.clone()))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("rows.parquet");
    let properties = WriterProperties::builder();
    let properties =
        properties.set_compression(compression).set_max_row_group_row_count(Some(group)).build();
    let file = File::create(&path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    (directory, path)
}

fn kept(rows: &Rows) -> Rows {
    let keep = || (0..rows.x.len()).filter(|at| at % 11 != 7);
    Rows {
        x: keep().map(|at| rows.x[at]).collect(),
        y: keep().map(|at| rows.y[at]).collect(),
        kind: keep().map(|at| rows.kind[at]).collect(),
    }
}

#[test]
fn files_of_any_form_have_the_bits_of_the_rows_in_memory() {
    let zstd = Compression::ZSTD(ZstdLevel::default());
    for (n, group, compression) in [
        (0, 100, zstd),
        (1, 100, Compression::SNAPPY),
        (9000, 1000, Compression::UNCOMPRESSED),
        (5000, 1000, Compression::GZIP(GzipLevel::default())),
        (5000, 1000, Compression::BROTLI(BrotliLevel::default())),
        (5000, 1000, Compression::LZ4),
        (5000, 1000, Compression::LZ4_RAW),
        (50_000, 4096, zstd),
        (50_000, 1 << 20, Compression::SNAPPY),
    ] {
        let rows = Rows::new(n);
        let (_directory, path) = written(&rows, group, compression);
        let mut sweep = by_kind().compile().non_finite(NonFinite::Skip);
        let expected = sweep.run(&PARAMETERS, &kept(&rows).columns()).map(outcome).unwrap();
        let file = Parquet::open(&path, &NAMES).unwrap();
        assert_eq!((file.row_count(), file.group_count()), (n as u64, n.div_ceil(group)));
        for _ in 0..2 {
            let found = sweep.run_stream(&PARAMETERS, file.clone()).unwrap();
            assert_eq!(found.skipped_count() + kept(&rows).x.len() as u64, n as u64);
            let ((found, kinks, _), (expected, same, _)) = (outcome(found), &expected);
            assert_eq!((&found, &kinks), (expected, same), "{n} rows in groups of {group}");
        }
    }
}

#[test]
fn ranges_of_groups_are_parts_of_the_whole() {
    let rows = Rows::new(20_000);
    let (_directory, path) = written(&rows, 3000, Compression::UNCOMPRESSED);
    let mut sweep = by_kind().compile().non_finite(NonFinite::Skip);
    let expected = sweep.run(&PARAMETERS, &kept(&rows).columns()).map(outcome).unwrap();
    let whole = Parquet::open(&path, &NAMES).unwrap();
    let (mut start, mut parts) = (Offset::at(0), Vec::new());
    for range in [0..2, 2..2, 2..3, 3..7] {
        let mut part = whole.clone().groups(range).unwrap();
        let (mut chunk, mut left) = (None, part.row_count());
        while part.read(&mut chunk).unwrap() {
            let data = chunk.columns().unwrap();
            left -= data.row_count() as u64;
            parts.push(sweep.partial(&PARAMETERS, &[], &data, start));
            start = start + sweep.count(&data).unwrap();
        }
        assert_eq!(left, 0);
    }
    let all = Partial::merge_all(parts).unwrap().unwrap();
    let (found, kinks, _) = sweep.finish(&PARAMETERS, [all]).map(outcome).unwrap();
    assert_eq!((found, kinks), (expected.0, expected.1));
}

fn open(path: &Path, names: &[&str]) -> ParquetError {
    Parquet::open(path, names).unwrap_err()
}

#[test]
fn what_cannot_be_read_is_told_with_file_column_group_and_row() {
    let rows = Rows::new(10_000);
    let (directory, path) = written(&rows, 3000, Compression::UNCOMPRESSED);
    let absent = directory.path().join("absent.parquet");
    assert!(matches!(open(&absent, &NAMES), ParquetError::Io { path, .. } if path == absent));
    let column = |names: &[&str]| match open(&path, names) {
        ParquetError::Column { source, .. } => source,
        other => panic!("{other}"),
    };
    assert!(matches!(column(&["x", "z"]), ArrowColumnError::Missing { name } if name == "z"));
    assert!(matches!(column(&["text"]), ArrowColumnError::Type { name, .. } if name == "text"));
    let file = Parquet::open(&path, &NAMES).unwrap();
    for range in [0..5, 5..5, std::ops::Range { start: 2, end: 1 }] {
        let error = file.clone().groups(range.clone()).unwrap_err();
        let ParquetError::Groups { expected: 4, found, .. } = error else { panic!("{error}") };
        assert_eq!(found, range);
    }
    // The first number that is too long is that of row 1.
    let mut long = Parquet::open(&path, &["long"]).unwrap();
    let error = long.read(&mut None).unwrap_err().to_string();
    assert!(error.contains("row group 0") && error.contains("9007199254740993"), "{error}");

    // Cut short, at any place: no file, or one whose groups cannot be read.
    let bytes = std::fs::read(&path).unwrap();
    for len in [0, 3, 100, bytes.len() / 2, bytes.len() - 9, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..len]).unwrap();
        assert!(matches!(open(&path, &NAMES), ParquetError::File { .. }), "{len} bytes");
    }
    // While it is read, of more rows than are read at once.
    let (_directory, path) = written(&Rows::new(50_000), 3000, Compression::UNCOMPRESSED);
    let bytes = std::fs::read(&path).unwrap();
    for len in [0, 3, 100, bytes.len() / 3] {
        std::fs::write(&path, &bytes).unwrap();
        let mut file = Parquet::open(&path, &NAMES).unwrap();
        let mut chunk = None;
        assert!(file.read(&mut chunk).unwrap());
        let mut rows = chunk.columns().unwrap().row_count() as u64;
        File::options().write(true).open(&path).unwrap().set_len(len as u64).unwrap();
        let error = loop {
            match file.read(&mut chunk) {
                Ok(more) => assert!(more),
                Err(error) => break error,
            }
            rows += chunk.columns().unwrap().row_count() as u64;
        };
        let ParquetError::Group { group, row, .. } = error else { panic!("{len} bytes: {error}") };
        assert_eq!((row, row / 3000), (rows, group as u64));
    }
}

/// Where reading a file fails: the group, the column and the row.
fn place(path: &Path, names: &[&str]) -> (usize, Option<String>, u64) {
    let mut file = Parquet::open(path, names).unwrap();
    loop {
        match file.read(&mut None) {
            Ok(more) => assert!(more),
            Err(ParquetError::Group { group, column, row, .. }) => return (group, column, row),
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn the_group_column_and_row_at_fault_are_those_that_are_damaged() {
    let (_directory, path) = written(&Rows::new(50_000), 3000, Compression::UNCOMPRESSED);
    let metadata = ArrowReaderMetadata::load(&File::open(&path).unwrap(), Default::default());
    let bytes = std::fs::read(&path).unwrap();
    for (group, column) in [(0, "x"), (3, "y"), (9, "kind"), (16, "x")] {
        let chunk = metadata.as_ref().unwrap().metadata().row_group(group);
        let chunk = chunk.columns().iter().find(|chunk| chunk.column_path().string() == column);
        // What stands before a page.
        let (from, _) = chunk.unwrap().byte_range();
        let mut damaged = bytes.clone();
        damaged[from as usize..][..12].fill(0xff);
        std::fs::write(&path, damaged).unwrap();
        let expected = (group, Some(column.to_string()), 3000 * group as u64);
        // Of many columns few rows are read at once, of one the rows of several groups.
        for names in [&NAMES[..], &[column]] {
            assert_eq!(place(&path, names), expected);
        }
    }
}

#[test]
fn a_number_that_is_too_long_is_told_with_its_row_of_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("long.parquet");
    for at in [0, 776, 777, 4321, 29_999] {
        let long = (0..30_000).map(|row| if row == at { (1 << 53) + 1 } else { row });
        let long: ArrayRef = Arc::new(Int64Array::from_iter_values(long));
        let batch = RecordBatch::try_from_iter([("long", long)]).unwrap();
        let properties = WriterProperties::builder().set_max_row_group_row_count(Some(777)).build();
        let file = File::create(&path).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let names = ["long"; 20];
        let expected = (at as usize / 777, Some("long".to_string()), at as u64);
        assert_eq!(place(&path, &names), expected);
        let error = Parquet::open(&path, &names).and_then(|mut file| {
            while file.read(&mut None)? {}
            Ok(())
        });
        let said = error.unwrap_err().to_string();
        assert!(said.contains(&format!("in row {at},")), "{said}");
    }
}

/// `pq.write_table(pa.table({"x": [1.0, 2.0, 3.0], "y": [3.0, 5.0, 7.0]}), "checked.parquet", write_page_checksum=True,
/// use_dictionary=False, store_schema=False, write_statistics=False, compression="none")` of pyarrow 26.
const CHECKED: &[u8] = include_bytes!("checked.parquet");

#[test]
fn a_page_that_differs_from_its_checksum_is_not_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("checked.parquet");
    std::fs::write(&path, CHECKED).unwrap();
    let (mut file, mut chunk) = (Parquet::open(&path, &["x", "y"]).unwrap(), None);
    assert!(file.read(&mut chunk).unwrap());
    assert_eq!(chunk.columns().unwrap().row_count(), 3);
    for (number, column) in [(2.0_f64, "x"), (5.0, "y")] {
        let at = CHECKED.windows(8).position(|bytes| bytes == number.to_le_bytes()).unwrap();
        for bit in [0, 17, 63] {
            let mut changed = CHECKED.to_vec();
            changed[at + bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, changed).unwrap();
            assert_eq!(place(&path, &["x", "y"]), (0, Some(column.to_string()), 0));
        }
    }
}

/// All rows of a file, damaged or not.
fn read(path: &Path) -> Result<u64, ParquetError> {
    let mut file = Parquet::open(path, &NAMES)?;
    let (mut chunk, mut rows) = (None, 0);
    while file.read(&mut chunk)? {
        rows += chunk.columns().map_or(0, |data| data.row_count() as u64);
    }
    Ok(rows)
}

/// The crate that decodes panics at some: that is an error too, and its message need not be printed.
#[test]
fn every_changed_byte_is_an_error_or_leaves_all_rows() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let own =
            |file: &str| !["arrow", "parquet", "bytes"].iter().any(|name| file.contains(name));
        if panic.location().is_none_or(|at| own(at.file()) || at.file().contains("tests")) {
            hook(panic);
        }
    }));
    for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY] {
        let (_directory, path) = written(&Rows::new(60), 25, compression);
        let whole = std::fs::read(&path).unwrap();
        assert_eq!(read(&path).unwrap(), 60);
        let mut refused = 0;
        for at in 0..whole.len() {
            for by in [1, 0x80] {
                let mut changed = whole.clone();
                changed[at] ^= by;
                std::fs::write(&path, &changed).unwrap();
                match read(&path) {
                    Err(_) => refused += 1,
                    Ok(rows) => assert_eq!(rows, 60, "byte {at}"),
                }
            }
        }
        assert!(refused > whole.len() / 4, "{refused} of {}", 2 * whole.len());
    }
    drop(std::panic::take_hook());
}

#[test]
fn a_name_of_several_columns_is_refused_and_a_column_may_be_asked_for_twice() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("twice.parquet");
    let column = |x| Arc::new(Float64Array::from(vec![x])) as ArrayRef;
    let columns = [("x", column(1.0)), ("y", column(2.0)), ("x", column(3.0))];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let file = File::create(&path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let ParquetError::Column { source, .. } = open(&path, &["y", "x"]) else { panic!("a column") };
    assert_eq!(source, ArrowColumnError::Twice { name: "x".into() });
    let mut chunk = None;
    assert!(Parquet::open(&path, &["y", "y"]).unwrap().read(&mut chunk).unwrap());
    assert_eq!(chunk.columns().unwrap().column_count(), 2);
}

#[test]
fn a_file_that_changed_since_it_was_opened_is_told() {
    let rows = Rows::new(5000);
    let (_directory, path) = written(&rows, 3000, Compression::UNCOMPRESSED);
    let mut sweep = by_kind().compile().non_finite(NonFinite::Skip);
    let file = Parquet::open(&path, &NAMES).unwrap();
    sweep.run_stream(&PARAMETERS, file.clone()).unwrap();
    let mut changed = || {
        let error = sweep.run_stream(&PARAMETERS, file.clone()).err().unwrap();
        let StreamError::Source { error, rows: 0 } = error else { panic!("{error}") };
        assert!(matches!(&error, ParquetError::Changed { path: of } if *of == path), "{error}");
        assert!(error.to_string().ends_with("was changed since it was opened"), "{error}");
    };
    // As many bytes, later.
    let bytes = std::fs::read(&path).unwrap();
    write_later(&path, &bytes);
    changed();
    std::fs::write(&path, &bytes[..1000]).unwrap();
    changed();
    std::fs::remove_file(&path).unwrap();
    let error = sweep.run_stream(&PARAMETERS, file).err().unwrap();
    assert!(matches!(error, StreamError::Source { error: ParquetError::Io { .. }, .. }), "{error}");
}
