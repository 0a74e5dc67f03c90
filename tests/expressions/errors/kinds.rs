//! One `Result` for all that the crate may refuse, and lists as they come from data.

use wengert::check::CheckError;
use wengert::loss::LossError;
use wengert::optim::OptimError;
use wengert::program::stream::{ReadError, StreamError};
use wengert::program::{Columns, Program, RunError};
use wengert::sparse::{Coloring, Pattern, SparseError};
use wengert::{
    Dual2, Error, KinkError, LengthError, ListError, Params, Partials, Scalar, Tape, Var, Var2,
    objective,
};

type IsKind = fn(&Error) -> bool;

/// What an error must be to go through threads and boxes.
fn goes_anywhere<E: std::error::Error + Send + Sync + 'static>()
where
    Error: From<E>,
{
}

#[test]
fn each_error_goes_into_the_one_error_and_to_other_threads() {
    goes_anywhere::<wengert::TapeError>();
    goes_anywhere::<KinkError>();
    goes_anywhere::<LengthError>();
    goes_anywhere::<ListError>();
    goes_anywhere::<SparseError>();
    goes_anywhere::<LossError>();
    goes_anywhere::<wengert::ParamsError>();
    goes_anywhere::<OptimError>();
    goes_anywhere::<CheckError>();
    goes_anywhere::<wengert::program::EmitError>();
    goes_anywhere::<wengert::program::RecordError>();
    goes_anywhere::<RunError>();
    goes_anywhere::<wengert::program::partials::PartialError>();
    #[cfg(feature = "arrow")]
    goes_anywhere::<wengert::program::ArrowColumnError>();
    #[cfg(feature = "parquet")]
    goes_anywhere::<wengert::program::ParquetError>();
    #[cfg(feature = "ipc")]
    goes_anywhere::<wengert::program::ArrowIpcError>();
    #[cfg(feature = "npy")]
    goes_anywhere::<wengert::program::npy::NpyError>();
    #[cfg(feature = "libsvm")]
    goes_anywhere::<wengert::program::stream::LibsvmError>();
    goes_anywhere::<ReadError>();
    goes_anywhere::<StreamError<ReadError>>();
    goes_anywhere::<Error>();
}

fn refused<T>(attempt: impl FnOnce() -> Result<T, Error>) -> Error {
    match attempt() {
        Ok(_) => panic!("it was accepted"),
        Err(error) => error,
    }
}

#[test]
fn each_error_of_the_crate_goes_into_one_and_keeps_its_words() {
    let loss = objective!(|[a], [x]| a * x);
    let tape = Tape::new();
    let x = tape.var(1.0);
    let attempts: [(Error, IsKind); 12] = [
        (refused(|| Ok(tape.try_reserve(usize::MAX)?)), |e| matches!(e, Error::Tape(_))),
        (refused(|| Ok(x.subdifferential_with(&[x], 0)?)), |e| matches!(e, Error::Kink(_))),
        (refused(|| Ok(f64::try_dot(&[1.0], &[1.0, 2.0])?)), |e| matches!(e, Error::Length(_))),
        (refused(|| Ok(Var::try_gather(&[x], x * 2.0)?)), |e| matches!(e, Error::List(_))),
        (refused(|| Ok(Pattern::try_from_rows(1, [[1]])?)), |e| matches!(e, Error::Sparse(_))),
        (refused(|| Ok(Columns::new(&[&[1.0]])?.try_range(0..2)?)), |e| matches!(e, Error::Run(_))),
        (refused(|| Ok(wengert::loss::mean_absolute_error::<f64, f64>([])?)), |e| {
            matches!(e, Error::Loss(LossError::Empty))
        }),
        (refused(|| Ok(Params::from_scalars([("a", f64::NAN)])?)), |e| {
            matches!(e, Error::Params(_))
        }),
        (refused(|| Ok(wengert::optim::Sgd::builder(-1.0).build()?)), |e| {
            matches!(e, Error::Optim(OptimError::Option { .. }))
        }),
        (refused(|| Ok(Program::record(&loss, &[], &[])?)), |e| matches!(e, Error::Record(_))),
        (refused(|| Ok(Columns::new(&[&[1.0], &[1.0, 2.0]])?)), |e| matches!(e, Error::Run(_))),
        (
            refused(|| {
                let mut sweep = Program::record(&loss, &[1.0], &[1.0])?.compile();
                Ok(sweep.finish(&[1.0], []).map(drop)?)
            }),
            |e| matches!(e, Error::Partial(_)),
        ),
    ];
    for (error, is_its_kind) in attempts {
        assert!(is_its_kind(&error), "{error:?}");
        let words = error.to_string();
        assert!(words.starts_with(char::is_lowercase) && !words.ends_with('.'), "{words}");
    }
    assert!(matches!(KinkError::Over.into(), Error::Kink(KinkError::Over)));
    let length = CheckError::Length { expected: 2, found: 1 };
    assert_eq!(Error::from(length.clone()).to_string(), length.to_string());
}

#[test]
fn an_error_of_a_stream_tells_what_its_source_said() {
    let source = ReadError::Name { name: "income".into() };
    let error = Error::from(StreamError::Source { rows: 3, error: source });
    let words = "the stream failed after 3 rows: no column is called \"income\"";
    assert_eq!(error.to_string(), words);
    let said = std::error::Error::source(&error).map(ToString::to_string);
    assert_eq!(said.as_deref(), Some("no column is called \"income\""));
    let run = RunError::Parameters { expected: 1, found: 2 };
    let error = Error::from(StreamError::<std::io::Error>::Run(run.clone()));
    assert!(matches!(error, Error::Run(found) if found == run));
}

#[test]
fn lists_of_different_lengths_change_nothing() {
    let tape = Tape::new();
    let x = tape.vars([3.0, 4.0]);
    let g = (x[0] * x[1]).backward();
    let mut out = [7.0; 3];
    for result in [g.try_write_wrt(&x, &mut out), g.try_add_wrt(&x, &mut out)] {
        let LengthError { expected, found, .. } = result.expect_err("three numbers for two");
        assert_eq!((expected, found), (2, 3));
    }
    assert_eq!(out, [7.0; 3]);
    assert_eq!(g.try_add_wrt(&x, &mut out[..2]), Ok(()));
    assert_eq!(out, [11.0, 10.0, 7.0]);
    assert!(Var::try_dot(&x, &[1.0]).is_err());
    assert_eq!(Var::try_dot(&x, &[1.0, 2.0]).map(Var::value), Ok(11.0));
}

/// Asks every number of a list of three for a place and a level.
fn ask<T: Scalar>(index: f64, level: f64) -> [Result<f64, ListError>; 2] {
    let list = [5.0, 1.0, 3.0].map(T::from);
    [T::try_gather(&list, T::from(index)), T::try_quantile_of(&list, level)]
        .map(|found| found.map(T::value))
}

#[test]
fn what_a_list_does_not_have_is_an_error_for_every_number() {
    for asked in [ask::<f64>, ask::<Var>, ask::<Var2>, ask::<Dual2>] {
        assert_eq!(asked(2.0, 0.5), [Ok(3.0), Ok(3.0)]);
        assert_eq!(asked(0.0, 1.0), [Ok(5.0), Ok(5.0)]);
        for (index, level) in [(3.0, 1.5), (-1.0, -1e-9), (0.5, f64::INFINITY), (1e300, 50.0)] {
            let index_error = ListError::Index { expected: 3, found: index };
            let level_error = ListError::Level { found: level };
            assert_eq!(asked(index, level), [Err(index_error), Err(level_error)]);
        }
        let [index, level] = asked(f64::NAN, f64::NAN);
        assert!(matches!(index, Err(ListError::Index { expected: 3, .. })), "{index:?}");
        assert!(matches!(level, Err(ListError::Level { .. })), "{level:?}");
    }
}

#[test]
fn structures_of_matrices_that_do_not_fit_are_errors() {
    let column = Pattern::try_from_rows(3, [vec![2], vec![0, 3]]);
    assert_eq!(column, Err(SparseError::Column { row: 1, expected: 3, found: 3 }));
    let oblong = Pattern::from_rows(3, [[0], [1]]);
    let refused = Coloring::try_of_symmetric(&oblong);
    assert_eq!(refused, Err(SparseError::Square { expected: 3, found: 2 }));
    let lower = Pattern::from_rows(3, [vec![0, 1], vec![0], vec![1]]);
    let refused = Coloring::try_of_symmetric(&lower);
    assert_eq!(refused, Err(SparseError::Asymmetric { row: 2, column: 1 }));
    let whole = Pattern::from_rows(3, [vec![0, 1], vec![0, 2], vec![1]]);
    assert_eq!(Coloring::try_of_symmetric(&whole), Ok(Coloring::of_symmetric(&whole)));
}

#[test]
fn ranges_of_rows_that_are_not_there_are_errors() {
    let x = [1.0, 2.0, 3.0, 4.0];
    let data = Columns::new(&[&x]).expect("a column");
    let picked = data.pick(&[3, 1, 0]).expect("rows that are there");
    let backwards = std::ops::Range { start: 2, end: 1 };
    for (range, len) in [(3..5, 4), (5..5, 4), (backwards, 4), (0..4, 3)] {
        let (start, end) = (range.start, range.end);
        let of = if len == 4 { &data } else { &picked };
        assert_eq!(of.try_range(range).unwrap_err(), RunError::Range { start, end, len });
    }
    assert_eq!(data.try_range(4..4).expect("no rows").row_count(), 0);
    assert_eq!(picked.try_range(1..3).expect("two rows").row_count(), 2);
}

#[test]
fn parameters_are_a_collection() {
    let mut params: Params = [("b", 1.0), ("a", 2.0), ("b", 3.0)].into_iter().collect();
    assert_eq!(params.values(), [3.0, 2.0]);
    params.insert_block("w", &[4.0, 5.0]).expect("the name is free");
    params.extend([(String::from("c"), f64::NAN)]);
    assert_eq!((params["w"][1], params["b"].len()), (5.0, 1));
    let names: Vec<_> = (&params).into_iter().map(|(name, values)| (name, values.len())).collect();
    assert_eq!(names, [("b", 1), ("a", 1), ("w", 2), ("c", 1)]);
    assert_eq!(params.iter().len(), 4);
    for mistake in
        [|p: &mut Params| assert!(p["d"].is_empty()), |p: &mut Params| p.extend([("w", 1.0)])]
    {
        let mut copy = params.clone();
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| mistake(&mut copy)));
        let words = *panic.expect_err("it is a mistake").downcast::<String>().expect("in words");
        assert!(words.contains("`d`") || words.contains("has length 2, not 1"), "{words}");
    }
}

#[test]
fn partials_are_made_of_any_list() {
    let collected: Partials<f64> = [1.0, 2.0].into_iter().collect();
    let mut extended = Partials::from(&[1.0][..]);
    extended.extend([2.0]);
    for partials in [Partials::from([1.0, 2.0]), Partials::from(vec![1.0, 2.0]), extended] {
        assert_eq!(partials, collected);
        assert_eq!(partials[..], [1.0, 2.0]);
    }
}
