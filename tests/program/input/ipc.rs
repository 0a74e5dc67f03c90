//! Arrow IPC files of both forms: the bits of the same rows in memory, parts, and what cannot be read.

use super::write_later;
use crate::partials::partial::outcome;
use crate::samples::{PARAMETERS, Rows, by_kind};
use arrow_array::types::Int16Type;
use arrow_array::{
    ArrayRef, DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray, UInt32Array,
};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use arrow_schema::{DataType, Field, Schema};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use wengert::program::partials::{Offset, Partial};
use wengert::program::stream::{Chunk, Stream};
use wengert::program::{ArrowColumnError, ArrowIpc, ArrowIpcError, NonFinite};

const NAMES: [&str; 3] = ["x", "y", "kind"];

/// The rows with a text and a number that nobody asks for.
fn batch(rows: &Rows) -> RecordBatch {
    let n = rows.x.len();
    let kinds = rows.kind.iter().map(|&kind| Some(kind as i16)).enumerate();
    let kinds = kinds.map(|(at, kind)| kind.filter(|_| at % 11 != 7)).collect();
    let list: ArrayRef = Arc::new(UInt32Array::from_iter_values(0..5));
    let columns: [(&str, ArrayRef); 5] = [
        ("text", Arc::new(StringArray::from_iter_values((0..n).map(|at| at.to_string())))),
        ("kind", Arc::new(DictionaryArray::<Int16Type>::try_new(kinds, list).unwrap())),
        ("y", Arc::new(Float64Array::from(rows.y.clone()))),
        ("long", Arc::new(Int64Array::from_iter_values((0..n as i64).map(|at| at + (1 << 53))))),
        ("x", Arc::new(Float64Array::from(rows.x.clone()))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

/// A batch cut into others of so many rows, as the bytes of a file.
fn bytes(
    batch: &RecordBatch,
    length: usize,
    is_file: bool,
    by: Option<CompressionType>,
) -> Vec<u8> {
    let options = IpcWriteOptions::default().try_with_compression(by).unwrap();
    let pieces = (0..batch.num_rows()).step_by(length);
    let mut pieces = pieces.map(|from| batch.slice(from, length.min(batch.num_rows() - from)));
    let (out, schema) = (Vec::new(), batch.schema());
    if is_file {
        let mut writer = FileWriter::try_new_with_options(out, &schema, options).unwrap();
        pieces.try_for_each(|piece| writer.write(&piece)).unwrap();
        writer.into_inner().unwrap()
    } else {
        let mut writer = StreamWriter::try_new_with_options(out, &schema, options).unwrap();
        pieces.try_for_each(|piece| writer.write(&piece)).unwrap();
        writer.into_inner().unwrap()
    }
}

fn put(bytes: &[u8]) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("rows.arrow");
    std::fs::write(&path, bytes).unwrap();
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
    let (lz4, zstd) = (Some(CompressionType::LZ4_FRAME), Some(CompressionType::ZSTD));
    for (n, length, by) in [
        (0, 100, None),
        (1, 100, lz4),
        (9000, 1000, None),
        (50_000, 4096, zstd),
        (50_000, 1 << 20, lz4),
    ] {
        let rows = Rows::new(n);
        let mut sweep = by_kind().compile().non_finite(NonFinite::Skip);
        let expected = sweep.run(&PARAMETERS, &kept(&rows).columns()).map(outcome).unwrap();
        for is_file in [true, false] {
            let (_directory, path) = put(&bytes(&batch(&rows), length, is_file, by));
            let file = ArrowIpc::open(&path, &NAMES).unwrap();
            assert_eq!((file.row_count(), file.batch_count()), (n as u64, n.div_ceil(length)));
            for _ in 0..2 {
                let found = sweep.run_stream(&PARAMETERS, file.clone()).unwrap();
                assert_eq!(found.skipped_count() + kept(&rows).x.len() as u64, n as u64);
                let ((found, kinks, _), (expected, same, _)) = (outcome(found), &expected);
                assert_eq!((&found, &kinks), (expected, same), "{n} rows, {length} to a batch");
            }
        }
    }
}

#[test]
fn ranges_of_batches_are_parts_of_the_whole() {
    let rows = Rows::new(20_000);
    let mut sweep = by_kind().compile().non_finite(NonFinite::Skip);
    let expected = sweep.run(&PARAMETERS, &kept(&rows).columns()).map(outcome).unwrap();
    for is_file in [true, false] {
        let (_directory, path) = put(&bytes(&batch(&rows), 3000, is_file, None));
        let whole = ArrowIpc::open(&path, &NAMES).unwrap();
        let (mut start, mut parts) = (Offset::at(0), Vec::new());
        for range in [0..2, 2..2, 2..3, 3..7] {
            let mut part = whole.clone().batches(range).unwrap();
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
        assert_eq!((found, kinks), (expected.0.clone(), expected.1.clone()));
    }
}

fn open(path: &Path, names: &[&str]) -> ArrowIpcError {
    ArrowIpc::open(path, names).unwrap_err()
}

#[test]
fn what_cannot_be_read_is_told_with_file_column_batch_and_row() {
    let rows = Rows::new(10_000);
    let (directory, path) = put(&bytes(&batch(&rows), 3000, true, None));
    let absent = directory.path().join("absent.arrow");
    assert!(matches!(open(&absent, &NAMES), ArrowIpcError::Io { path, .. } if path == absent));
    let column = |names: &[&str]| match open(&path, names) {
        ArrowIpcError::Column { source, .. } => source,
        other => panic!("{other}"),
    };
    assert!(matches!(column(&["x", "z"]), ArrowColumnError::Missing { name } if name == "z"));
    assert!(matches!(column(&["text"]), ArrowColumnError::Type { name, .. } if name == "text"));
    let file = ArrowIpc::open(&path, &NAMES).unwrap();
    for range in [0..5, 5..5, std::ops::Range { start: 2, end: 1 }] {
        let error = file.clone().batches(range.clone()).unwrap_err();
        let ArrowIpcError::Batches { expected: 4, found, .. } = error else { panic!("{error}") };
        assert_eq!(found, range);
    }
    // The first number that is too long is that of row 1.
    let mut long = ArrowIpc::open(&path, &["long"]).unwrap();
    let error = long.read(&mut None).unwrap_err().to_string();
    assert!(error.contains("batch 0, from row 0") && error.contains("9007199254740993"), "{error}");
    // Cut short while it is read.
    let (mut file, mut chunk, mut rows) = (file, None, 0);
    assert!(file.read(&mut chunk).unwrap());
    let bytes = std::fs::metadata(&path).unwrap().len();
    File::options().write(true).open(&path).unwrap().set_len(bytes / 2).unwrap();
    let error = loop {
        rows += chunk.columns().unwrap().row_count() as u64;
        match file.read(&mut chunk) {
            Ok(more) => assert!(more),
            Err(error) => break error,
        }
    };
    let ArrowIpcError::Batch { batch, row, .. } = error else { panic!("{error}") };
    assert_eq!((row, row / 3000), (rows, batch as u64));
}

/// What a file comes to, damaged or not.
fn read(path: &Path) -> Result<u64, ArrowIpcError> {
    let mut file = ArrowIpc::open(path, &NAMES)?;
    let (mut chunk, mut rows) = (None, 0);
    while file.read(&mut chunk)? {
        rows += chunk.columns().map_or(0, |data| data.row_count() as u64);
    }
    Ok(rows)
}

/// Without a panic, and without more memory than the file could fill. The decoder panics where lengths do not fit:
/// that is an error too, and its message need not be printed.
#[test]
fn every_truncation_and_every_changed_byte_is_an_error_or_harmless() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.location().is_none_or(|at| !at.file().contains("arrow")) {
            hook(panic);
        }
    }));
    let rows = Rows::new(40);
    for (is_file, by) in [(true, None), (false, Some(CompressionType::LZ4_FRAME))] {
        let whole = bytes(&batch(&rows), 25, is_file, by);
        let (_directory, path) = put(&whole);
        assert_eq!(read(&path).unwrap(), 40);
        let mut refused = 0;
        for len in 0..whole.len() {
            std::fs::write(&path, &whole[..len]).unwrap();
            match read(&path) {
                Err(_) => refused += 1,
                // A mere stream may end after any message.
                Ok(rows) => assert!(!is_file && [0, 25, 40].contains(&rows), "{len} bytes: {rows}"),
            }
        }
        assert!(refused > whole.len() - 12, "{refused} of {} refused", whole.len());
        let mut refused = 0;
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= [1, 0x80][at % 2];
            std::fs::write(&path, &changed).unwrap();
            match read(&path) {
                Err(_) => refused += 1,
                Ok(rows) => assert!(!is_file || rows == 40, "byte {at}: {rows}"),
            }
        }
        assert!(refused > 150, "{refused} refused");
    }
    drop(std::panic::take_hook());
}

#[test]
fn a_message_of_another_kind_or_none_is_told() {
    let (_directory, path) = put(b"no arrow at all, but long enough for a message");
    assert!(matches!(open(&path, &NAMES), ArrowIpcError::File { .. }));
    let (_directory, path) = put(b"ARROW1\0\0");
    assert!(open(&path, &NAMES).to_string().contains("the end of the file is missing"));
    let (_directory, path) = put(&[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
    assert!(open(&path, &NAMES).to_string().contains("there is no schema"));
    // A length beyond the file asks for no memory.
    let (_directory, path) = put(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1, 2, 3]);
    assert!(open(&path, &NAMES).to_string().contains("2147483647 bytes should follow, but 3 do"));
}

/// Some types that can be said have no arrays, so that the decoder panics where one is made.
#[test]
fn columns_of_types_without_arrays_do_no_harm() {
    let entry = Arc::new(Field::new("entry", DataType::Int32, true));
    let ends = Arc::new(Field::new("ends", DataType::Float32, false));
    for no_type in [
        DataType::Map(entry.clone(), false),
        DataType::RunEndEncoded(ends, entry),
        DataType::FixedSizeBinary(-1),
    ] {
        let fields = [Field::new("odd", no_type, true), Field::new("x", DataType::Float64, true)];
        let mut writer = StreamWriter::try_new(Vec::new(), &Schema::new(fields.to_vec())).unwrap();
        writer.finish().unwrap();
        let (_directory, path) = put(&writer.into_inner().unwrap());
        assert!(!ArrowIpc::open(&path, &["x"]).unwrap().read(&mut None).unwrap());
        let error = open(&path, &["x", "odd"]);
        assert!(matches!(error, ArrowIpcError::File { .. }), "{error}");
    }
}

#[test]
fn more_rows_than_are_counted_are_refused() {
    // A number that stands for nothing else in the file.
    let length = 0x1235;
    let mut changed = bytes(&batch(&Rows::new(3 * length)), length, true, None);
    let places: Vec<usize> = (0..changed.len() - 8)
        .filter(|&at| changed[at..at + 8] == (length as u64).to_le_bytes())
        .collect();
    assert!(places.len() >= 3);
    for at in places {
        changed[at..at + 8].copy_from_slice(&i64::MAX.to_le_bytes());
    }
    let (_directory, path) = put(&changed);
    let error = open(&path, &NAMES);
    assert!(matches!(error, ArrowIpcError::File { .. }), "{error}");
    assert!(error.to_string().contains("more rows than are counted"), "{error}");
}

#[test]
fn a_file_that_changed_since_it_was_opened_is_told() {
    let bytes = bytes(&batch(&Rows::new(500)), 200, true, None);
    let (_directory, path) = put(&bytes);
    let file = ArrowIpc::open(&path, &NAMES).unwrap();
    assert!(file.clone().read(&mut None).unwrap());
    let changed = || {
        let error = file.clone().read(&mut None).unwrap_err();
        assert!(matches!(&error, ArrowIpcError::Changed { path: of } if *of == path), "{error}");
    };
    // As many bytes, later.
    write_later(&path, &bytes);
    changed();
    std::fs::write(&path, &bytes[..1000]).unwrap();
    changed();
}
