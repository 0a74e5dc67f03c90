//! What errors and reports say of very great and very small numbers can be read.

use wengert::check::{self, CheckError};
use wengert::loss::{Huber, mean_absolute_error, weighted_root_mean_squared_error};
use wengert::optim::{Bounds, KinkDescent, OptimError, Optimizer, Search, Sgd, StepSize};
use wengert::program::{Column, Columns, Program, RecordError};
use wengert::{KinkError, Params, ParamsError, Rule, Scalar, Tape, Var, objective};

const GREAT: f64 = 1.2345e297;
const SMALL: f64 = -1.2345e-297;

/// Asserts that a message is short and holds the number with its exponent.
#[track_caller]
fn readable(message: &impl ToString, x: f64) {
    let message = message.to_string();
    let number = format!("{x:e}");
    assert!(message.contains(number.trim_start_matches('-')), "{number} is not in {message}");
    for line in message.lines() {
        assert!(line.len() < 180, "{line}");
    }
}

#[test]
fn errors_of_optimizers() {
    for x in [GREAT, SMALL] {
        let at = || 3.into();
        for error in [
            OptimError::Option { option: "learning rate", value: x, expected: "positive" },
            OptimError::Bounds { place: at(), lower: x, upper: x },
            OptimError::Projection { place: at(), value: x },
            OptimError::NonFiniteValue { value: x },
            OptimError::NonFiniteGradient { place: at(), value: x },
            OptimError::NonFiniteParameter { place: at(), value: x },
            OptimError::Overflow { place: at(), from: x, to: f64::INFINITY },
            OptimError::Unbounded { value: x },
            OptimError::BeyondOptimum { value: x, optimum: x },
        ] {
            readable(&error, x);
        }
    }
    readable(&Sgd::builder(-GREAT).build().unwrap_err(), GREAT);
    readable(&Bounds::new(&[GREAT], &[SMALL]).unwrap_err(), GREAT);
    let mut sgd = Sgd::with_step_size(StepSize::polyak(GREAT)).build().unwrap();
    readable(&sgd.step(&mut [1.0], 0.0, &[1.0]).unwrap_err(), GREAT);
    let mut sgd = Sgd::builder(1e300).build().unwrap();
    readable(&sgd.step(&mut [GREAT], 0.0, &[1e300]).unwrap_err(), GREAT);
}

#[test]
fn certificates() {
    for x in [GREAT, SMALL] {
        let loss = |p: &[Var]| (p[0].abs() + 1.0) * x.abs();
        let found = KinkDescent::new().minimize(&mut [3.0], loss).unwrap();
        readable(&found, x);
        assert!(format!("{found:.2}").starts_with(&format!("loss {:.2e},", x.abs())), "{found:.2}");
    }
}

#[test]
fn errors_of_parameters_losses_and_checks() {
    let mut params = Params::from_scalars([("a", GREAT), ("b", SMALL)]).unwrap();
    params.insert_block("w", &[SMALL, 0.5]).unwrap();
    readable(&params, GREAT);
    readable(&params.factors(&[("a", SMALL)]).unwrap_err(), SMALL);
    readable(&ParamsError::NonFinite { place: "a".into(), value: GREAT }, GREAT);
    readable(&Huber::new(-GREAT).unwrap_err(), GREAT);
    let refused = weighted_root_mean_squared_error([(1.0, 2.0, SMALL)]).unwrap_err();
    readable(&refused, SMALL);
    assert!(mean_absolute_error([(GREAT, SMALL)]).is_ok());
    for x in [GREAT, SMALL] {
        let differ = CheckError::Differ { index: 0, expected: x, found: x, tolerance: x };
        readable(&differ, x);
    }
    readable(&check::differences(|x: &[Var]| x[0] * 0.0 + GREAT, &[1.0]), GREAT);
    readable(&check::differences(|x: &[Var]| x[0] * SMALL, &[1.0]), SMALL);
}

#[test]
fn reports_of_kinks_and_troubles() {
    let tape = Tape::new().watching(1e-290).unwrap();
    let [a, b, c] = tape.vars([GREAT, SMALL, GREAT]);
    let tie = a.max(c);
    let near = b.abs();
    readable(&tape.kinks()[0], GREAT);
    readable(&tape.near_kinks()[0], SMALL);
    for choice in
        (tie * SMALL + near * GREAT).backward_with(Rule::Directional).unwrap().kinks().unwrap()
    {
        readable(&choice, GREAT);
    }
    let _ = Var::custom("steep", [a], |[x]| (x, [f64::INFINITY]));
    readable(&tape.troubles()[0], GREAT);
    readable(&Tape::new().watching(-GREAT).unwrap_err(), GREAT);
    for error in [
        KinkError::Radius { value: GREAT },
        KinkError::Tolerance { value: GREAT },
        KinkError::Direction { index: 0, value: GREAT },
    ] {
        readable(&error, GREAT);
    }
}

#[test]
fn arrivals() {
    for x in [GREAT, SMALL] {
        let sgd = Sgd::builder(1.0).factors(&[0.0]).build().unwrap();
        let arrival = Search::new(sgd, 3).fit(&mut [1.0], |v| v[0] * x).unwrap();
        readable(&arrival, x);
        let text = format!("{arrival:.2}");
        assert!(text.contains(&format!("{x:.2e}")), "{text}");
    }
}

#[test]
fn programs() {
    let loss = objective!(|[a], [x]| a * x * 1.2345e297);
    readable(&Program::record(&loss, &[1.0], &[1.0]).unwrap(), GREAT);
    let table = objective!(|w, [k]| T::gather(w, k));
    let refused = Program::record(&table, &[1.0, 2.0], &[GREAT]).unwrap_err();
    assert!(matches!(refused, RecordError::Index { .. }));
    readable(&refused, GREAT);
    let mut sweep = Program::record(&table, &[1.0, 2.0], &[0.0]).unwrap().sum().compile();
    let data = Columns::mixed([Column::F64(&[0.0, GREAT])]).unwrap();
    readable(&sweep.run(&[1.0, 2.0], &data).unwrap_err(), GREAT);
    let index = std::panic::catch_unwind(|| f64::gather(&[1.0], GREAT)).unwrap_err();
    readable(index.downcast_ref::<String>().unwrap(), GREAT);
}
