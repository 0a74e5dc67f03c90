//! Arrow arrays as columns: the bits of plain columns, nulls as missing rows, and what cannot be read.

use crate::partials::partial::{in_ranges, outcome};
use crate::samples::{PARAMETERS, Rows, by_kind, curve, numbers};
use arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, Int8Type, Int64Type, UInt16Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Float32Array, Float64Array, Int8Array,
    Int16Array, Int32Array, Int64Array, PrimitiveArray, RecordBatch, StringArray, UInt8Array,
    UInt16Array, UInt32Array, UInt64Array,
};
use std::sync::Arc;
use wengert::objective;
use wengert::program::partials::Offset;
use wengert::program::stream::StreamError;
use wengert::program::{
    ArrowChunk, ArrowColumnError, Column, Columns, NonFinite, Program, RunError,
};

fn column<'a>(array: &'a dyn Array) -> Column<'a> {
    Column::arrow("x", array).unwrap()
}

/// Some rows as arrays of all types of numbers: plain ones, and dictionaries whose lists have more than is chosen.
fn arrays(rows: impl Iterator<Item = Option<u32>> + Clone) -> Vec<ArrayRef> {
    fn plain<A: Array + FromIterator<Option<T>> + 'static, T>(
        rows: impl Iterator<Item = Option<T>>,
    ) -> ArrayRef {
        Arc::new(A::from_iter(rows))
    }
    fn dictionary<K: ArrowDictionaryKeyType>(keys: PrimitiveArray<K>, list: ArrayRef) -> ArrayRef {
        Arc::new(DictionaryArray::try_new(keys, list).unwrap())
    }
    let of = || rows.clone();
    // The list 4, 3, 2, 1, 0, and a number that no `f64` holds and no row has.
    let list: ArrayRef = Arc::new(Int64Array::from(vec![4, 3, 2, 1, 0, i64::MAX]));
    // A row may be missing by its key, or by what that chooses.
    let holes: ArrayRef = Arc::new(Float32Array::from(vec![
        Some(0.0),
        Some(1.0),
        Some(2.0),
        Some(3.0),
        Some(4.0),
        None,
    ]));
    vec![
        plain::<UInt8Array, _>(of().map(|x| x.map(|x| x as u8))),
        plain::<UInt16Array, _>(of().map(|x| x.map(|x| x as u16))),
        plain::<UInt32Array, _>(of()),
        plain::<UInt64Array, _>(of().map(|x| x.map(u64::from))),
        plain::<Int8Array, _>(of().map(|x| x.map(|x| x as i8))),
        plain::<Int16Array, _>(of().map(|x| x.map(|x| x as i16))),
        plain::<Int32Array, _>(of().map(|x| x.map(|x| x as i32))),
        plain::<Int64Array, _>(of().map(|x| x.map(i64::from))),
        plain::<Float32Array, _>(of().map(|x| x.map(|x| x as f32))),
        plain::<Float64Array, _>(of().map(|x| x.map(f64::from))),
        dictionary::<Int8Type>(of().map(|x| x.map(|x| 4 - x as i8)).collect(), list),
        dictionary::<UInt64Type>(of().map(|x| Some(x.unwrap_or(5).into())).collect(), holes),
    ]
}

#[test]
fn arrays_of_all_types_give_the_bits_of_plain_columns() {
    let rows = Rows::new(5000);
    let (x, y) = (Float64Array::from(rows.x.clone()), Float64Array::from(rows.y.clone()));
    let mut sweep = by_kind().compile();
    let whole = outcome(sweep.run(&PARAMETERS, &rows.columns()).unwrap());
    for kind in &arrays(rows.kind.iter().map(|&kind| Some(kind))) {
        let data = Columns::mixed([column(&x), column(&y), column(kind)]).unwrap();
        assert_eq!(outcome(sweep.run(&PARAMETERS, &data).unwrap()), whole, "{}", kind.data_type());
    }
}

/// Of every array with nulls, a slice that begins anywhere in it.
#[test]
fn rows_with_nulls_are_as_if_they_were_not_there() {
    let n = 9000;
    let rows = Rows::new(n);
    let there = |i: usize| i % 7 != 3 && !i.is_multiple_of(64);
    for (first, len) in [(0, n), (1, n - 1), (13, 4100), (4096, 70), (8999, 1)] {
        let keep = || (first..first + len).filter(|&i| there(i));
        let few = Rows {
            x: keep().map(|i| rows.x[i]).collect(),
            y: keep().map(|i| rows.y[i]).collect(),
            kind: keep().map(|i| rows.kind[i]).collect(),
        };
        let mut sweep = by_kind().compile().non_finite(NonFinite::Skip);
        let whole = sweep.run(&PARAMETERS, &few.columns()).map(outcome).unwrap();
        let kinds = arrays((0..n).map(|i| there(i).then_some(rows.kind[i])));
        let (x, y) = (Float64Array::from(rows.x.clone()), Float64Array::from(rows.y.clone()));
        for kind in kinds {
            let [x, y]: [ArrayRef; 2] =
                [Arc::new(x.slice(first, len)), Arc::new(y.slice(first, len))];
            let kind = kind.slice(first, len);
            let data = Columns::mixed([column(&x), column(&y), column(&kind)]).unwrap();
            let found = sweep.run(&PARAMETERS, &data).map(outcome).unwrap();
            assert_eq!(
                (&found.0, &found.1),
                (&whole.0, &whole.1),
                "{} from {first}",
                kind.data_type()
            );
            assert_eq!(found.2, [whole.2[0], len as u64 - whole.2[0]]);
            // Rows that are picked one by one.
            let list: Vec<u32> = (0..len as u32).collect();
            let picked = sweep.run(&PARAMETERS, &data.pick(&list).unwrap()).map(outcome).unwrap();
            assert_eq!(picked, found);
        }
    }
}

/// By the run of the whole, and of parts that begin within segments, where rows are carried.
#[test]
fn a_null_is_refused_by_its_name_and_row_where_none_is_allowed() {
    let (x, y) = (numbers(9000, 1), Float64Array::from(numbers(9000, 2)));
    for null in [0, 70, 4095, 4096, 8999] {
        let x = Float64Array::from_iter((0..9000).map(|i| (i != null).then_some(x[i])));
        let columns: [(&str, ArrayRef); 2] = [("x", Arc::new(x)), ("y", Arc::new(y.clone()))];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let data = Columns::arrow(&batch, &["y", "x"]).unwrap();
        let mut sweep = curve().compile();
        let at = &PARAMETERS[..2];
        let error = sweep.run(at, &data).map(outcome).unwrap_err();
        let expected = RunError::Missing { column: 1, name: Some("x".into()), row: null as u64 };
        assert_eq!(error, expected);
        assert_eq!(error.to_string(), format!("column \"x\" is missing in row {null}"));
        let chunks = [&batch].into_iter().map(|batch| ArrowChunk::new(batch, &["y", "x"]));
        let streamed = sweep.run_stream(at, chunks).map(outcome).unwrap_err();
        assert_eq!(streamed, StreamError::Run(expected.clone()));
        for cuts in [[0, 1, 9000], [0, 5000, 9000], [0, 4096, 9000]] {
            let found = in_ranges(&mut sweep, at, &data, &cuts, |partial| partial).unwrap_err();
            assert_eq!(found, expected.clone().into(), "cut at {cuts:?}");
        }
    }
    // A weight is a number as any other.
    let weights = Float64Array::from(vec![Some(1.0), None]);
    let columns: [(&str, ArrayRef); 2] =
        [("w", Arc::new(weights)), ("x", Arc::new(Float64Array::from(vec![1.0, 2.0])))];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let weighted = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0]).unwrap();
    let data = Columns::arrow(&batch, &["x", "w"]).unwrap();
    let error = weighted.weighted_mean().compile().run(&[1.0], &data).map(outcome).unwrap_err();
    assert_eq!(error, RunError::Missing { column: 1, name: Some("w".into()), row: 1 });
}

#[test]
fn what_cannot_be_read_as_numbers_has_its_error() {
    let flags: ArrayRef = Arc::new(BooleanArray::from(vec![true, false]));
    let big = (1_i64 << 53) + 1;
    let wide: ArrayRef = Arc::new(Int64Array::from(vec![Some(1 << 53), Some(big)]));
    let words: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
    let words: ArrayRef =
        Arc::new(DictionaryArray::<Int8Type>::try_new(vec![1, 0].into(), words).unwrap());
    let chosen: ArrayRef =
        Arc::new(DictionaryArray::<UInt16Type>::try_new(vec![0, 1].into(), wide.clone()).unwrap());
    let columns = [("flags", flags), ("wide", wide), ("words", words), ("chosen", chosen)];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let error = |name| Columns::arrow(&batch, &[name]).map(drop).unwrap_err();
    assert_eq!(
        error("flags").to_string(),
        "column \"flags\" is of type Boolean, expected f64, f32, whole numbers, or a dictionary of those"
    );
    assert!(matches!(error("words"), ArrowColumnError::Type { name, .. } if name == "words"));
    for name in ["wide", "chosen"] {
        let digits = ArrowColumnError::Digits { name: name.into(), row: 1, value: big.into() };
        assert_eq!(error(name), digits);
    }
    assert_eq!(error("none"), ArrowColumnError::Missing { name: "none".into() });
    // What is null may be anything, and the greatest and least numbers are held or not as they are.
    let nulls = Int64Array::new(vec![big, 1].into(), Some(vec![false, true].into()));
    assert!(Column::arrow("x", &nulls).is_ok());
    fn is_held<T: ArrowPrimitiveType>(value: T::Native) -> bool {
        Column::arrow("x", &PrimitiveArray::<T>::from_value(value, 1)).is_ok()
    }
    for (value, expected) in
        [(i64::MIN, true), (i64::MAX, false), (-(1 << 53) - 1, false), (1 << 62, true)]
    {
        assert_eq!(is_held::<Int64Type>(value), expected, "{value}");
    }
    for (value, expected) in
        [(u64::MAX, false), (u64::MAX << 11, true), (1 << 63, true), (1 << 53 | 1, false)]
    {
        assert_eq!(is_held::<UInt64Type>(value), expected, "{value}");
    }
}

/// A program without columns goes over the rows of a batch as over those of any data.
#[test]
fn without_names_there_are_the_rows_of_the_batch() {
    let x: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 2.0, 3.0]));
    let batch = RecordBatch::try_from_iter([("x", x)]).unwrap();
    let data = Columns::arrow(&batch, &[]).unwrap();
    assert_eq!((data.column_count(), data.row_count()), (0, 3));
    let mut sweep = Program::record(&objective!(|[a]| a * a), &[3.0], &[]).unwrap().compile();
    let found = sweep.run(&[3.0], &data).unwrap();
    assert_eq!((found.value(), found.row_count()), (9.0, 3));
    let partial = sweep.partial(&[3.0], &[], &data.range(1..3), Offset::at(1));
    assert_eq!(partial.rows(), 1..3);
}

#[test]
fn batches_one_after_the_other_give_the_bits_of_the_whole() {
    let rows = Rows::new(10_000);
    let mut sweep = by_kind().compile();
    let whole = outcome(sweep.run(&PARAMETERS, &rows.columns()).unwrap());
    let batches = (0..10_000).step_by(1234).map(|from| {
        let [x, y, kind] = rows.chunk(from, 10_000.min(from + 1234));
        let kind = Int64Array::from_iter_values(kind.iter().map(|&kind| kind as i64));
        let columns: [(&str, ArrayRef); 3] = [
            ("kind", Arc::new(kind)),
            ("y", Arc::new(Float64Array::from(y))),
            ("x", Arc::new(Float64Array::from(x))),
        ];
        RecordBatch::try_from_iter(columns).unwrap()
    });
    let batches: Vec<RecordBatch> = batches.collect();
    let names = ["x", "y", "kind"];
    let none = rows.columns().range(0..0);
    let mut partial = sweep.partial(&PARAMETERS, &[], &none, Offset::at(0));
    for batch in &batches {
        let data = Columns::arrow(batch, &names).unwrap();
        sweep.extend(&mut partial, &PARAMETERS, &[], &data).unwrap();
    }
    assert_eq!(sweep.finish(&PARAMETERS, [partial]).map(outcome).unwrap(), whole);
    let chunks = batches.iter().map(|batch| ArrowChunk::new(batch, &names));
    assert_eq!(sweep.run_stream(&PARAMETERS, chunks).map(outcome).unwrap(), whole);
    let chunks = batches.iter().map(|batch| ArrowChunk::new(batch, &["x", "y", "none"]));
    let error = sweep.run_stream(&PARAMETERS, chunks).map(outcome).unwrap_err();
    let missing = ArrowColumnError::Missing { name: "none".into() };
    assert_eq!(error, StreamError::Source { rows: 0, error: missing });
}
