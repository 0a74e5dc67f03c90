//! Comparisons that turn, and what cannot be recorded, are errors that say where.

use wengert::program::{Columns, NonFinite, Program, RecordError, RunError, SourceLine};
use wengert::{Objective, objective};

fn here(line: &SourceLine, want: u32) {
    assert_eq!((line.file.as_ref(), line.line), (file!(), want), "{line}");
}

#[test]
fn a_comparison_that_turns_names_its_line_and_the_row() {
    let cost = objective!(|[a], [x]| if a * x > 1.0 { (a * x).ln() } else { a * x - 1.0 });
    let line = line!() - 1;
    let program = Program::record(&cost, &[1.0], &[2.0]).unwrap();
    assert_eq!(program.guards().map(|guard| guard.holds).collect::<Vec<_>>(), [true]);
    let mut sweep = program.sum().gradient().compile();
    let mut x = vec![2.0; 10_000];
    for turned in [0, 31, 32, 4095, 4096, 9_999] {
        x[turned] = 1.0;
        let data = Columns::new(&[&x]).unwrap();
        let error = sweep.run(&[1.0], &data).unwrap_err();
        let RunError::GuardTurned { line: at, row } = &error else { panic!("{error}") };
        here(at, line);
        assert_eq!(*row, Some(turned as u64));
        assert!(error.to_string().ends_with(&format!("in row {turned}")), "{error}");
        // Of a range, rows are counted from its first.
        if turned > 20 {
            let error = sweep.run(&[1.0], &data.range(20..10_000)).unwrap_err();
            let row = turned as u64 - 20;
            assert!(matches!(error, RunError::GuardTurned { row: Some(at), .. } if at == row));
        }
        drop(data);
        x[turned] = 2.0;
        // The program stays usable.
        let data = Columns::new(&[&x]).unwrap();
        assert_eq!(sweep.run(&[1.0], &data).unwrap().gradient(), [1e4]);
    }
}

#[test]
fn a_comparison_of_parameters_alone_names_no_row() {
    let cost = objective!(|[a, b], [x]| if a < b { a * x } else { b * x });
    let line = line!() - 1;
    let mut sweep = Program::record(&cost, &[1.0, 2.0], &[1.0]).unwrap().sum().compile();
    let data = Columns::new(&[&[1.0, 2.0]]).unwrap();
    assert_eq!(sweep.run(&[3.0, 4.0], &data).unwrap().value(), 9.0);
    for turned in [[4.0, 3.0], [3.0, 3.0], [f64::NAN, 3.0]] {
        let error = sweep.run(&turned, &data).unwrap_err();
        let RunError::GuardTurned { line: at, row: None } = &error else { panic!("{error}") };
        here(at, line);
    }
}

/// What plain numbers do, or an error: never another number.
#[test]
fn every_kind_of_comparison_is_guarded() {
    let branches = objective!(|[a, b]| {
        let mut y = a;
        for (holds, by) in [(a > b, 1.0), (a >= b, 2.0), (a < b, 4.0), (a <= b, 8.0)] {
            y += if holds { by } else { -by };
        }
        for (holds, by) in [(a == b, 16.0), (a != b, 32.0), (a > 1.0, 64.0), (a == 1.0, 128.0)] {
            y += if holds { by } else { -by };
        }
        match a.partial_cmp(&b) {
            Some(order) => y + f64::from(order as i8),
            None => y * 0.5,
        }
    });
    let numbers = [-1.0, -0.0, 0.0, 1.0, 2.0, f64::INFINITY, f64::NAN];
    let pairs = || numbers.into_iter().flat_map(|a| numbers.map(|b| [a, b]));
    let (mut ran, mut turned) = (0, 0);
    for recorded in pairs() {
        let mut sweep = Program::record(&branches, &recorded, &[]).unwrap().compile();
        for x in pairs() {
            let plain = branches.at(&x, &[]);
            match sweep.run(&x, &Columns::none()) {
                Ok(found) => {
                    ran += 1;
                    let same = found.value() == plain || (plain.is_nan() && found.value().is_nan());
                    assert!(same, "{recorded:?} at {x:?}: {} and {plain}", found.value());
                }
                Err(RunError::GuardTurned { .. }) => turned += 1,
                Err(other) => panic!("{other}"),
            }
        }
        // Where it was recorded it runs.
        assert!(sweep.run(&recorded, &Columns::none()).is_ok(), "{recorded:?}");
    }
    assert!(ran > 100 && turned > 1000, "{ran} ran, {turned} turned");
}

#[test]
fn choices_that_the_program_makes_itself_need_no_guard() {
    let choices = objective!(|[a], [x]| {
        let chosen = T::select(x.above(a), x, a) + x.max(a) + x.min(a) + (x - a).abs();
        chosen + x.clamp(0.0, 1.0) + T::max_of(&[x, a]) + (x - a).relu() + x.floor()
    });
    let program = Program::record(&choices, &[0.0], &[1.0]).unwrap();
    assert_eq!(program.guards().count(), 0);
    let mut sweep = program.sum().compile();
    for x in [-3.5, 0.0, 2.5, 7.0] {
        let found = sweep.run(&[2.0], &Columns::new(&[&[x]]).unwrap()).unwrap();
        assert_eq!(found.value(), choices.at(&[2.0], &[x]));
    }
}

#[test]
fn comparisons_of_constants_are_no_guards() {
    let cost = objective!(|[a]| {
        let two = T::from(2.0);
        if two * 2.0 > 3.0 { a } else { a * 2.0 }
    });
    assert_eq!(Program::record(&cost, &[1.0], &[]).unwrap().guards().count(), 0);
}

#[test]
fn reading_a_value_is_refused() {
    let cost = objective!(|[a], [x]| if x.value() > 0.0 { a } else { a * x });
    let line = line!() - 1;
    let error = Program::record(&cost, &[1.0], &[1.0]).unwrap_err();
    let RecordError::ValueRead { line: at } = &error else { panic!("{error}") };
    here(at, line);
    // Of a constant it may be read.
    let constant = objective!(|[a]| a * T::from(2.0).value());
    assert!(Program::record(&constant, &[1.0], &[]).is_ok());
}

#[test]
fn functions_of_the_users_own_are_refused() {
    let one = objective!(|[a]| T::custom("mine", [a * 2.0], |[x]| (x, [1.0])));
    let line = line!() - 1;
    let error = Program::record(&one, &[1.0], &[]).unwrap_err();
    let RecordError::Custom { name: "mine", line: at } = &error else { panic!("{error}") };
    here(at, line);
    let list = objective!(|w| T::custom_slice("list", w, |x| (x[0], x.iter().copied().collect())));
    let error = Program::record(&list, &[1.0, 2.0], &[]).unwrap_err();
    assert!(matches!(error, RecordError::Custom { name: "list", .. }), "{error}");
}

#[test]
fn indices_outside_their_table_are_errors() {
    let cost = objective!(|w, [k]| T::gather(w, k));
    let line = line!() - 1;
    for index in [3.0, -1.0, 0.5, f64::NAN, f64::INFINITY] {
        let error = Program::record(&cost, &[1.0, 2.0, 3.0], &[index]).unwrap_err();
        let RecordError::Index { len: 3, line: at, .. } = &error else { panic!("{error}") };
        here(at, line);
        let program = Program::record(&cost, &[1.0, 2.0, 3.0], &[0.0]).unwrap();
        let mut k = vec![1.0; 5000];
        k[4321] = index;
        let mut sweep = program.sum().gradient().compile().non_finite(NonFinite::Take);
        let error = sweep.run(&[1.0; 3], &Columns::new(&[&k]).unwrap()).unwrap_err();
        assert!(matches!(error, RunError::Index { len: 3, row: 4321, .. }), "{error}");
    }
}

#[test]
fn a_long_table_of_computed_numbers_is_refused_with_the_cure() {
    let table = |w: usize| vec![1.0; w];
    let computed = objective!(|w, [k]| {
        let doubled: Vec<T> = w.iter().map(|&w| w * 2.0).collect();
        T::gather(&doubled, k)
    });
    assert!(Program::record(&computed, &table(4096), &[4095.0]).is_ok());
    let error = Program::record(&computed, &table(4097), &[0.0]).unwrap_err();
    assert!(matches!(error, RecordError::Table { .. }), "{error}");
    assert!(error.to_string().contains("make its numbers parameters"), "{error}");
}

#[test]
fn an_index_that_comes_from_no_column_is_refused() {
    let cost = objective!(|w| T::gather(&w[1..], w[0]));
    let line = line!() - 1;
    let error = Program::record(&cost, &[1.0, 5.0, 6.0], &[]).unwrap_err();
    let RecordError::IndexOfNoColumn { line: at } = &error else { panic!("{error}") };
    here(at, line);
    // A constant one is the element itself.
    let constant = objective!(|w| T::gather(w, T::from(1.0)));
    let mut sweep = Program::record(&constant, &[1.0, 5.0], &[]).unwrap().compile();
    assert_eq!(sweep.run(&[2.0, 3.0], &Columns::none()).unwrap().value(), 3.0);
}
