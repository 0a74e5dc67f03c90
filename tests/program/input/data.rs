//! Data as they lie in memory: choices of rows, numbers that are missing, input that does not fit.

use crate::samples::{LENGTHS, PARAMETERS, Rows, bits, by_kind, curve, numbers, worst};
use wengert::objective;
use wengert::program::{Column, Columns, NonFinite, NumberType, Program, RunError};

const AT: [f64; 2] = [-2.0, 30.0];

#[test]
fn every_kind_of_column_gives_the_same_bits() {
    let n = 5000;
    let (x, y): (Vec<f32>, Vec<f32>) =
        numbers(2 * n, 1).chunks(2).map(|pair| (pair[0] as f32, pair[1] as f32)).unzip();
    let wide = |column: &[f32]| -> Vec<f64> { column.iter().map(|&x| x.into()).collect() };
    let (wide_x, wide_y) = (wide(&x), wide(&y));
    let table: Vec<f64> = wide_x.iter().zip(&wide_y).flat_map(|(&x, &y)| [x, y]).collect();
    let narrow: Vec<f32> = table.iter().map(|&x| x as f32).collect();
    let bytes64: Vec<u8> = table.iter().flat_map(|x| x.to_le_bytes()).collect();
    let bytes32: Vec<u8> =
        x.iter().zip(&y).flat_map(|(x, y)| [x, y]).flat_map(|x| x.to_le_bytes()).collect();
    let raw = |bytes, first, stride, number| Column::Bytes { bytes, first, stride, number };
    let all: Vec<u32> = (0..n as u32).collect();
    let plain = Columns::new(&[&wide_x, &wide_y]).unwrap();
    let expected = bits(curve().compile().run(&AT, &plain).unwrap());
    let others = [
        Columns::mixed([Column::F32(&x), Column::F32(&y)]).unwrap(),
        Columns::table(&table, 2).unwrap(),
        Columns::table_f32(&narrow, 2).unwrap(),
        Columns::mixed([0, 8].map(|first| raw(&bytes64, first, 16, NumberType::F64))).unwrap(),
        Columns::mixed([0, 4].map(|first| raw(&bytes32, first, 8, NumberType::F32))).unwrap(),
        plain.pick(&all).unwrap(),
    ];
    for data in others {
        assert_eq!(bits(curve().compile().run(&AT, &data).unwrap()), expected, "{data:?}");
    }
}

#[test]
fn a_range_and_a_list_are_the_data_that_they_choose() {
    let rows = Rows::new(9000);
    let [x, y, kind] = rows.chunk(4000, 9000);
    let alone = Columns::new(&[&x, &y, &kind]).unwrap();
    let mut sweep = by_kind().compile();
    let expected = bits(sweep.run(&PARAMETERS, &alone).unwrap());
    let data = rows.columns();
    assert_eq!(bits(sweep.run(&PARAMETERS, &data.range(4000..9000)).unwrap()), expected);
    let list: Vec<u32> = (1000..9000).collect();
    let picked = data.pick(&list).unwrap();
    assert_eq!(bits(sweep.run(&PARAMETERS, &picked.range(3000..8000)).unwrap()), expected);
}

#[test]
fn a_list_may_live_shorter_than_the_data() {
    let x = [1.0, 2.0, 3.0];
    let data = Columns::new(&[&x]).unwrap();
    let mut sweep =
        Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0]).unwrap().sum().compile();
    for batch in [vec![0, 1], vec![2, 2]] {
        let expected: f64 = batch.iter().map(|&row| x[row as usize]).sum();
        assert_eq!(sweep.run(&[1.0], &data.pick(&batch).unwrap()).unwrap().value(), expected);
    }
    assert_eq!(data.pick(&[0, 7]).err(), Some(RunError::Row { row: 7, index: 1, len: 3 }));
}

#[test]
fn a_list_counts_from_the_first_row_of_its_range() {
    let x: Vec<f64> = (0..100).map(f64::from).collect();
    let data = Columns::new(&[&x]).unwrap();
    let training = data.range(20..80);
    let mut sweep =
        Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0]).unwrap().sum().compile();
    for (list, sum) in [(vec![0, 59], 20.0 + 79.0), (vec![3, 3, 1], 23.0 + 23.0 + 21.0)] {
        assert_eq!(sweep.run(&[1.0], &training.pick(&list).unwrap()).unwrap().value(), sum);
    }
    let outside = training.pick(&[2, 60]).unwrap_err();
    assert_eq!(outside, RunError::Row { row: 60, index: 1, len: 60 });
    assert_eq!(outside.to_string(), "row 60, at index 1 of the list, is outside data of 60 rows");
}

#[test]
fn columns_whose_numbers_would_lie_in_one_another_are_refused() {
    let (table, bytes) = ([1.0, 2.0], [0; 40]);
    let strided = |width| Column::Strided { table: &table, first: 0, width };
    let raw = |first, stride, number| Column::Bytes { bytes: &bytes, first, stride, number };
    for (column, expected, found) in [
        (strided(0), 1, 0),
        (raw(0, 0, NumberType::F32), 4, 0),
        (raw(0, 3, NumberType::F32), 4, 3),
        (raw(0, 7, NumberType::F64), 8, 7),
    ] {
        let refused = Columns::mixed([column]).unwrap_err();
        assert_eq!(refused, RunError::Stride { column: 0, expected, found });
    }
    for (column, rows) in [
        (raw(0, 8, NumberType::F64), 5),
        (raw(33, 8, NumberType::F64), 0),
        (raw(usize::MAX, 8, NumberType::F64), 0),
        (raw(32, usize::MAX, NumberType::F64), 1),
        (strided(5), 1),
    ] {
        assert_eq!(Columns::mixed([column]).unwrap().row_count(), rows, "{column:?}");
    }
}

#[test]
fn great_numbers_are_told_in_few_digits() {
    let error = RunError::Index { index: 1e300, len: 3, row: 7 };
    assert_eq!(error.to_string(), "the index 1e300 is outside a table of 3, in row 7");
    let error = RunError::Index { index: -2.0, len: 3, row: 7 };
    assert_eq!(error.to_string(), "the index -2 is outside a table of 3, in row 7");
}

#[test]
fn no_rows_have_no_mean_a_sum_of_zero_and_no_greatest() {
    let program = || Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0]).unwrap();
    let full = [1.0, 2.0];
    let none = Columns::new(&[&full]).unwrap().range(1..1);
    assert!(program().mean().compile().run(&[1.0], &none).unwrap().value().is_nan());
    assert_eq!(program().sum().compile().run(&[1.0], &none).unwrap().value(), 0.0);
    assert_eq!(program().max().compile().run(&[1.0], &none).unwrap().value(), f64::NEG_INFINITY);
    let picked = Columns::new(&[&full]).unwrap();
    let picked = picked.pick(&[]).unwrap();
    assert_eq!(program().sum().gradient().compile().run(&[1.0], &picked).unwrap().row_count(), 0);
}

#[test]
fn the_first_bad_number_is_refused_with_its_row_and_column() {
    for n in LENGTHS.into_iter().filter(|&n| n > 0) {
        for at in [0, n / 2, n - 1] {
            for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                let mut rows = Rows::new(n);
                rows.y[at] = bad;
                rows.x[n - 1] = f64::NAN;
                let error = by_kind().compile().run(&PARAMETERS, &rows.columns()).unwrap_err();
                let RunError::NotFinite { column, row, value } = error else { panic!("{error}") };
                let expected = if at == n - 1 { (0, f64::NAN) } else { (1, bad) };
                assert_eq!((row, column), (at as u64, expected.0));
                assert_eq!(value.is_nan(), expected.1.is_nan());
            }
        }
    }
}

#[test]
fn great_numbers_are_finite_though_their_sum_is_not() {
    let x = [f64::MAX; 100];
    let mut sweep =
        Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0]).unwrap().max().compile();
    assert_eq!(sweep.run(&[1.0], &Columns::new(&[&x]).unwrap()).unwrap().value(), f64::MAX);
}

#[test]
fn data_found_finite_are_not_confused_with_other_rows_of_the_same_columns() {
    let x = [1.0, 2.0, f64::NAN];
    let data = Columns::new(&[&x]).unwrap();
    let mut sweep =
        Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0]).unwrap().sum().compile();
    let part = data.range(0..2);
    for _ in 0..2 {
        assert_eq!(sweep.run(&[1.0], &part).unwrap().value(), 3.0);
        assert!(sweep.run(&[1.0], &data).is_err());
    }
    // A column that the program does not read may hold anything.
    let data = Columns::new(&[&[1.0, 2.0], &[f64::NAN, 0.0]]).unwrap();
    assert_eq!(sweep.run(&[1.0], &data).unwrap().value(), 3.0);
}

#[test]
fn skipped_rows_count_for_nothing() {
    for n in LENGTHS.into_iter().chain([145_000]) {
        let mut rows = Rows::new(n);
        let bad = |row: usize| row % 1000 == 7 || row % 70_000 > 69_990;
        for row in (0..n).filter(|&row| bad(row)) {
            let column = if row % 2 == 0 { &mut rows.x } else { &mut rows.y };
            column[row] = [f64::NAN, f64::INFINITY][row % 3 % 2];
        }
        let kept = (0..n).filter(|&row| !bad(row));
        let mut without = Rows { x: vec![], y: vec![], kind: vec![] };
        for row in kept.clone() {
            without.x.push(rows.x[row]);
            without.y.push(rows.y[row]);
            without.kind.push(rows.kind[row]);
        }
        let all: Vec<u32> = (0..n as u32).collect();
        for program in [by_kind(), worst()] {
            let expected = bits(program.compile().run(&PARAMETERS, &without.columns()).unwrap());
            let mut skipping = program.compile().non_finite(NonFinite::Skip);
            for data in [rows.columns(), rows.columns().pick(&all).unwrap()] {
                let found = skipping.run(&PARAMETERS, &data).unwrap();
                assert_eq!(found.skipped_count(), (n - kept.clone().count()) as u64);
                assert_eq!(bits(found), expected, "{n}");
            }
        }
    }
}

#[test]
fn rows_after_skipped_ones_keep_their_number_in_errors() {
    let mut rows = Rows::new(200_000);
    for row in [3, 5000, 70_000, 150_000] {
        rows.x[row] = f64::NAN;
    }
    for at in [4, 6000, 70_001, 199_999] {
        let mut rows = Rows { x: rows.x.clone(), y: rows.y.clone(), kind: rows.kind.clone() };
        rows.kind[at] = 5;
        let mut sweep = by_kind().compile().non_finite(NonFinite::Skip);
        let error = sweep.run(&PARAMETERS, &rows.columns()).unwrap_err();
        assert_eq!(error, RunError::Index { index: 5.0, len: 5, row: at as u64 });
    }
}

#[test]
fn taken_as_they_are_numbers_follow_ieee() {
    let mut sweep = curve().compile().non_finite(NonFinite::Take);
    let data = Columns::new(&[&[1.0, 2.0], &[99.0, f64::INFINITY]]).unwrap();
    let found = sweep.run(&AT, &data).unwrap();
    assert_eq!((found.value(), found.gradient()), (f64::INFINITY, &[-2.5, -1.5][..]));
}

#[test]
fn the_first_row_with_an_error_is_named_whatever_is_wrong_with_later_ones() {
    let guarded = objective!(|[a], [x, kind]| if x > 0.0 { a * x + kind } else { a });
    let mut sweep = Program::record(&guarded, &[1.0], &[1.0, 0.0]).unwrap().compile();
    let (mut x, mut kind) = (vec![1.0; 5000], vec![0.0; 5000]);
    (x[700], kind[701]) = (-1.0, f64::NAN);
    let run = sweep.run(&[1.0], &Columns::new(&[&x, &kind]).unwrap());
    let RunError::GuardTurned { line, row: Some(700) } = run.unwrap_err() else { panic!() };
    assert!(line.file.ends_with("data.rs"));
    kind[699] = f64::NAN;
    let run = sweep.run(&[1.0], &Columns::new(&[&x, &kind]).unwrap());
    assert!(matches!(run.unwrap_err(), RunError::NotFinite { column: 1, row: 699, .. }));
}

#[test]
fn input_that_does_not_fit_is_refused_and_leaves_the_last_result() {
    let rows = Rows::new(100);
    let mut sweep = by_kind().compile();
    assert!(sweep.found().is_none());
    let expected = bits(sweep.run(&PARAMETERS, &rows.columns()).unwrap());
    let two = Columns::new(&[&rows.x, &rows.y]).unwrap();
    let refused = sweep.run(&PARAMETERS, &two).unwrap_err();
    assert_eq!(refused, RunError::Columns { expected: 3, found: 2 });
    let refused = sweep.run(&PARAMETERS[..5], &rows.columns()).unwrap_err();
    assert_eq!(refused, RunError::Parameters { expected: 6, found: 5 });
    for (index, row) in [(5.0, 99), (-1.0, 50), (0.5, 0)] {
        let mut kind: Vec<f64> = rows.kind.iter().map(|&kind| kind.into()).collect();
        kind[row] = index;
        let data = Columns::new(&[&rows.x, &rows.y, &kind]).unwrap();
        let refused = sweep.run(&PARAMETERS, &data).unwrap_err();
        assert_eq!(refused, RunError::Index { index, len: 5, row: row as u64 });
    }
    let lengths = Columns::new(&[&[1.0, 2.0], &[1.0]]).unwrap_err();
    assert_eq!(lengths, RunError::Length { column: 1, expected: 2, found: 1 });
    for half in [Columns::table(&[1.0; 7], 3), Columns::table_f32(&[1.0; 7], 3)] {
        assert_eq!(half.unwrap_err(), RunError::HalfRow { row: 2, expected: 3, found: 1 });
    }
    assert_eq!(bits(sweep.found().unwrap()), expected);
    assert_eq!(bits(sweep.run(&PARAMETERS, &rows.columns()).unwrap()), expected);
}

#[test]
fn a_program_holds_little_beside_the_data() {
    let rows = Rows::new(140_000);
    for program in [by_kind(), worst(), curve()] {
        let mut sweep = program.compile().non_finite(NonFinite::Skip);
        let parameters = &PARAMETERS[..program.parameter_count()];
        sweep.run(parameters, &rows.columns()).unwrap();
        assert!(sweep.bytes() < 4 << 20, "{}", sweep.bytes());
    }
}
