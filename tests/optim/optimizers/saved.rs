//! A run that is stopped, written, read and resumed ends at the same bits.

use super::measured::{START, rosenbrock};
use serde_json::Value;
use wengert::optim::rule::UpdateRule;
use wengert::optim::{
    AdaBelief, Adadelta, Adagrad, Adam, AdamW, Adamax, Adan, AmsGrad, Asgd, Cyclic, Driver,
    DriverBuilder, DriverState, Lion, NAdam, OneCycle, OptimError, Optimizer, Plateau, RAdam,
    RmsProp, Rprop, Schedule, Sgd, StepSize, Yogi,
};

fn steps<R: UpdateRule>(
    optimizer: &mut Driver<R>,
    x: &mut [f64; 4],
    count: usize,
) -> Vec<[u64; 4]> {
    let one = |_| {
        let (value, slope) = rosenbrock(x);
        optimizer.step(x, value, &slope).unwrap();
        x.map(f64::to_bits)
    };
    (0..count).map(one).collect()
}

/// Twelve steps in one run, and in two with a file between, cut at each place.
fn resumes<R: UpdateRule>(options: DriverBuilder<R>) {
    let mut whole = options.clone().build().unwrap();
    let mut x = START;
    let expected = steps(&mut whole, &mut x, 12);
    for cut in 0..12 {
        let (mut first, mut x) = (options.clone().build().unwrap(), START);
        steps(&mut first, &mut x, cut);
        let text = serde_json::to_string(&first.state()).unwrap();
        let state: DriverState = serde_json::from_str(&text).unwrap();
        assert_eq!(state, first.state());
        let mut second = options.clone().build().unwrap();
        // Whatever it did before is forgotten.
        steps(&mut second, &mut START.clone(), 3);
        second.restore(state).unwrap();
        assert_eq!(steps(&mut second, &mut x, 12 - cut), expected[cut..], "{options:?} at {cut}");
        assert_eq!(second.state(), whole.state());
    }
}

#[test]
fn every_rule_resumes_bit_for_bit() {
    resumes(Sgd::builder(1e-4));
    resumes(Sgd::builder(1e-4).momentum(0.9).nesterov(true).average_from(4));
    resumes(Sgd::with_step_size(StepSize::decaying(1e-4, 0.5)).momentum(0.5));
    resumes(Sgd::with_step_size(StepSize::target_level(10.0)));
    resumes(Adam::builder(1e-2).maximize(true));
    resumes(AdamW::builder(1e-2));
    resumes(AmsGrad::builder(1e-2));
    resumes(NAdam::builder(1e-2));
    resumes(RAdam::builder(1e-5));
    resumes(Adamax::builder(1e-2));
    resumes(Yogi::builder(1e-2));
    resumes(AdaBelief::builder(1e-2));
    resumes(Adan::builder(1e-2));
    resumes(RmsProp::builder(1e-3).centered(true).momentum(0.9));
    resumes(Adagrad::builder(1e-2));
    resumes(Adadelta::standard());
    resumes(Rprop::builder(1e-2));
    resumes(Lion::builder(1e-3));
    resumes(Asgd::builder(1e-4).t0(3));
}

#[test]
fn every_schedule_resumes_bit_for_bit() {
    let schedules = [
        Schedule::step(5, 0.5),
        Schedule::exponential(0.9),
        Schedule::linear(0.25, 1.0, 8),
        Schedule::cosine(5, 1e-3),
        Schedule::cosine_restarts(3, 2, 1e-3),
        OneCycle::new(0.1, 12).into(),
        Cyclic::between(0.01, 0.1, 3).into(),
        Schedule::from(Plateau::new(0.5).patience(0).cooldown(1)).every(3),
        Schedule::warm_up(3).then(3, Schedule::polynomial(6, 2.0)).then(9, Plateau::new(0.5)),
        Schedule::inverse_sqrt(4).times(Schedule::multi_step(&[3, 7], 0.1)),
    ];
    for schedule in schedules {
        resumes(Adam::builder(1e-2).schedule(schedule));
    }
}

#[test]
fn groups_resume_bit_for_bit() {
    let slow = NAdam::builder(1e-3).schedule(Schedule::exponential(0.9)).betas(0.5, 0.9);
    resumes(NAdam::builder(1e-2).group(1..3, slow).clip_norm(50.0).soft_threshold(0.1));
}

#[test]
fn a_state_is_taken_under_its_own_kind_of_schedule_alone() {
    let started = |schedule: Schedule| {
        let mut adam = Adam::builder(0.1).schedule(schedule).build().unwrap();
        adam.step(&mut [1.0], 2.0, &[0.5]).unwrap();
        adam
    };
    let (constant, falls) = (Schedule::constant, || Schedule::exponential(0.5));
    let kinds = [
        falls(),
        Plateau::new(0.5).into(),
        Schedule::warm_up(3),
        constant().then(3, falls()),
        constant().times(falls()),
        falls().times(constant()),
        falls().every(2).then(3, falls()),
        falls().then(3, falls().every(2)),
    ];
    for (i, one) in kinds.iter().enumerate() {
        for (k, other) in kinds.iter().enumerate() {
            let (mut adam, state) = (started(one.clone()), started(other.clone()).state());
            let before = adam.state();
            assert_eq!(adam.restore(state).is_ok(), i == k, "{one:?} {other:?}");
            assert_eq!(adam.state(), before);
        }
    }
    let refused = started(Plateau::new(0.5).into()).restore(started(falls()).state());
    let words = refused.unwrap_err().to_string();
    assert_eq!(words, "the state is of `exponential`, not of `plateau`");
    let another_rate = started(Schedule::exponential(0.25)).state();
    assert!(started(falls()).restore(another_rate).is_ok());
}

#[test]
fn a_state_with_a_number_that_is_none_is_refused() {
    let mut growing = Sgd::builder(1.0).schedule(Schedule::exponential(1e200)).build().unwrap();
    for _ in 0..2 {
        growing.step(&mut [0.0], 0.0, &[0.0]).unwrap();
    }
    let refused = growing.clone().restore(growing.state()).unwrap_err();
    let expected = OptimError::NonFiniteState { part: "schedule", value: f64::INFINITY };
    assert_eq!(refused, expected);
    assert_eq!(refused.to_string(), "a number of the schedule of the state is inf");
}

/// A state of two parameters with a schedule and a mean.
fn optimizer() -> Driver<wengert::optim::rule::Adam> {
    let options = Adam::builder(0.1).average_from(0);
    let schedule = Schedule::constant().then(3, Schedule::exponential(0.5));
    let mut adam = options.schedule(schedule).build().unwrap();
    adam.step(&mut [1.0, 2.0], 0.0, &[0.5, 0.25]).unwrap();
    adam
}

#[test]
fn a_foreign_or_damaged_state_changes_nothing() {
    let whole = serde_json::to_value(optimizer().state()).unwrap();
    let damaged = |damage: &dyn Fn(&mut Value)| {
        let mut value = whole.clone();
        damage(&mut value);
        let state: DriverState = serde_json::from_value(value).unwrap();
        let mut adam = optimizer();
        let before = adam.state();
        let refused = adam.restore(state).unwrap_err();
        assert_eq!(adam.state(), before);
        refused
    };
    let foreign = damaged(&|state| state["rule"] = "yogi".into());
    assert_eq!(foreign, OptimError::ForeignState { expected: "adam", found: "yogi".into() });
    let foreign = damaged(&|state| state["buffers"][0]["name"] = "momentum".into());
    assert_eq!(foreign, OptimError::ForeignState { expected: "mean", found: "momentum".into() });
    let length = |part: &str, expected, found| OptimError::StateLength {
        part: part.into(),
        expected,
        found,
    };
    let short = damaged(&|state| state["buffers"][1]["values"] = vec![0.5].into());
    assert_eq!(short, length("mean of squares", 2, 1));
    let fewer = damaged(&|state| {
        state["buffers"].as_array_mut().unwrap().pop();
    });
    assert_eq!(fewer, length("list of buffers", 2, 1));
    let mean = damaged(&|state| state["average"] = vec![0.5; 3].into());
    assert_eq!(mean, length("average", 2, 3));
    let groups = damaged(&|state| {
        let group = state["groups"][0].clone();
        state["groups"].as_array_mut().unwrap().push(group);
    });
    assert_eq!(groups, length("list of groups", 1, 2));
    let course = damaged(&|state| {
        let cell = state["groups"][0]["course"]["cells"][0].clone();
        state["groups"][0]["course"]["cells"].as_array_mut().unwrap().push(cell);
    });
    assert_eq!(course, length("schedule", 2, 3));
    let none = damaged(&|state| state["groups"][0]["course"] = Value::Null);
    assert_eq!(none, length("schedule", 1, 0));

    let mut state = optimizer().state();
    state.buffers[1].values[1] = f64::NAN;
    let mut adam = optimizer();
    match adam.restore(state) {
        Err(OptimError::StateOverflow { place, buffer: "mean of squares" }) => {
            assert_eq!(place.index, 1);
        }
        other => panic!("{other:?}"),
    }
    let mut state = optimizer().state();
    state.average[0] = f64::INFINITY;
    match adam.restore(state) {
        Err(OptimError::StateOverflow { place, buffer: "average" }) => assert_eq!(place.index, 0),
        other => panic!("{other:?}"),
    }
    let mut bounded = Adam::builder(0.1).factors(&[1.0; 3]).build().unwrap();
    let refused = bounded.restore(optimizer().state());
    assert_eq!(refused, Err(OptimError::ParameterCount { expected: 3, found: 2 }));
    // Another number of parameters than the state's is known at the step.
    adam.restore(optimizer().state()).unwrap();
    let refused = adam.step(&mut [0.0; 3], 0.0, &[0.0; 3]);
    assert_eq!(refused, Err(OptimError::ParameterCount { expected: 2, found: 3 }));
}
