//! Schedules against those of PyTorch and optax.

use super::measured::{OPTAX, Options, TORCH, runs};
use wengert::optim::{Cyclic, OneCycle, Plateau, Schedule, Shape};

/// PyTorch's schedules of an optimizer whose rate is 0.1.
fn torch(name: &str, o: &mut Options) -> Schedule {
    let factor = |o: &mut Options, name: &str, default: f64| o.number(name).unwrap_or(default);
    match name {
        "StepLR" => Schedule::step(o.count("step_size").unwrap(), factor(o, "gamma", 0.1)),
        "MultiStepLR" => {
            let at: Vec<u64> =
                o.list("milestones").unwrap().iter().map(|&step| step as u64).collect();
            Schedule::multi_step(&at, factor(o, "gamma", 0.1))
        }
        "ExponentialLR" => Schedule::exponential(o.number("gamma").unwrap()),
        "PolynomialLR" => {
            Schedule::polynomial(o.count("total_iters").unwrap_or(5), factor(o, "power", 1.0))
        }
        "LinearLR" => Schedule::linear(
            factor(o, "start_factor", 1.0 / 3.0),
            factor(o, "end_factor", 1.0),
            o.count("total_iters").unwrap_or(5),
        ),
        "ConstantLR" => {
            let factor = factor(o, "factor", 1.0 / 3.0);
            Schedule::held(factor, o.count("total_iters").unwrap_or(5))
        }
        "CosineAnnealingLR" => {
            Schedule::cosine(o.count("T_max").unwrap(), factor(o, "eta_min", 0.0))
        }
        "CosineAnnealingWarmRestarts" => Schedule::cosine_restarts(
            o.count("T_0").unwrap(),
            o.count("T_mult").unwrap_or(1),
            factor(o, "eta_min", 0.0),
        ),
        "OneCycleLR" => {
            let mut cycle =
                OneCycle::new(o.number("max_lr").unwrap(), o.count("total_steps").unwrap())
                    .share(factor(o, "pct_start", 0.3))
                    .div_factors(factor(o, "div_factor", 25.0), factor(o, "final_div_factor", 1e4));
            if o.flag("three_phase") {
                cycle = cycle.three_phase();
            }
            if o.word("anneal_strategy").is_some_and(|strategy| strategy == "linear") {
                cycle = cycle.linear();
            }
            cycle.into()
        }
        "CyclicLR" => {
            let up = o.count("step_size_up").unwrap();
            let (least, most) = (o.number("base_lr").unwrap(), o.number("max_lr").unwrap());
            let cycle =
                Cyclic::between(least, most, up).down(o.count("step_size_down").unwrap_or(up));
            match o.word("mode").as_deref() {
                Some("triangular2") => cycle.halved().into(),
                None => cycle.into(),
                other => panic!("{other:?}"),
            }
        }
        "ReduceLROnPlateau" => {
            let plateau = Plateau::new(factor(o, "factor", 0.1))
                .patience(o.count("patience").unwrap_or(10))
                .cooldown(o.count("cooldown").unwrap_or(0))
                .least(factor(o, "min_lr", 0.0));
            let threshold = factor(o, "threshold", 1e-4);
            match o.word("threshold_mode").as_deref() {
                Some("abs") => plateau.absolute_threshold(threshold).into(),
                None => plateau.threshold(threshold).into(),
                other => panic!("{other:?}"),
            }
        }
        _ => panic!("{name}"),
    }
}

/// optax's schedules, whose first or greatest rate is 1.
fn optax(name: &str, o: &mut Options) -> Schedule {
    let line = Shape::Power(1.0);
    match name {
        "exponential_decay" => {
            assert_eq!(o.number("init_value"), Some(1.0));
            let (rate, steps) =
                (o.number("decay_rate").unwrap(), o.count("transition_steps").unwrap());
            if o.flag("staircase") {
                Schedule::stairs(rate, steps)
            } else {
                Schedule::decay(rate, steps)
            }
        }
        "polynomial_schedule" => {
            assert_eq!(o.number("init_value"), Some(1.0));
            let (end, power) = (o.number("end_value").unwrap(), o.number("power").unwrap());
            let steps = o.count("transition_steps").unwrap();
            let begin = o.count("transition_begin").unwrap();
            Schedule::constant().then(begin, Schedule::ramp(1.0, end, steps, Shape::Power(power)))
        }
        "warmup_cosine_decay_schedule" | "warmup_exponential_decay_schedule" => {
            assert_eq!((o.number("init_value"), o.number("peak_value")), (Some(0.0), Some(1.0)));
            let warm_up = o.count("warmup_steps").unwrap();
            let after = match o.count("decay_steps") {
                Some(steps) => Schedule::ramp(1.0, 0.0, steps - warm_up, Shape::Cosine(1.0)),
                None => Schedule::decay(
                    o.number("decay_rate").unwrap(),
                    o.count("transition_steps").unwrap(),
                ),
            };
            Schedule::warm_up(warm_up).then(warm_up, after)
        }
        "linear_onecycle_schedule" => {
            assert_eq!(o.number("peak_value"), Some(1.0));
            let steps = o.count("transition_steps").unwrap();
            let (rise, fall) = (steps * 3 / 10, steps * 85 / 100);
            Schedule::ramp(1.0 / 25.0, 1.0, rise, line)
                .then(rise, Schedule::ramp(1.0, 1.0 / 25.0, fall - rise, line))
                .then(fall, Schedule::ramp(1.0 / 25.0, 1.0 / 25e4, steps - fall, line))
        }
        "cosine_onecycle_schedule" => {
            assert_eq!(o.number("peak_value"), Some(1.0));
            let steps = o.count("transition_steps").unwrap();
            let (rise, wave) = (steps * 3 / 10, Shape::Cosine(1.0));
            Schedule::ramp(1.0 / 25.0, 1.0, rise, wave)
                .then(rise, Schedule::ramp(1.0, 1.0 / 25e4, steps - rise, wave))
        }
        _ => panic!("{name}"),
    }
}

/// How far apart two numbers are, in units in the last place.
fn ulps(a: f64, b: f64) -> u64 {
    a.to_bits().abs_diff(b.to_bits())
}

/// Compares all schedules of a file by a distance that is at most `allowed`; a line may end with the loss.
fn compare(
    text: &str,
    rate: f64,
    build: fn(&str, &mut Options) -> Schedule,
    allowed: impl Fn(&str, f64, f64) -> bool,
) -> usize {
    let (mut compared, mut wrong) = (0, Vec::new());
    for run in runs(text) {
        let Some(name) = run[0].name.strip_prefix("rate ") else { continue };
        let mut options = Options::of(run[0].options);
        let mut pace = build(name, &mut options).pace(rate).unwrap();
        options.are_used();
        for (k, line) in run.iter().enumerate() {
            assert_eq!(line.step, k);
            let (found, expected) = (pace.rate(), line.numbers[0]);
            if !allowed(name, found, expected) {
                wrong.push(format!("{found} {expected}: {name} {} at {k}", line.options));
            }
            pace.advance(line.numbers.get(1).copied().unwrap_or(0.0));
        }
        compared += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    compared
}

#[test]
fn rates_are_pytorch_s_to_the_last_bit() {
    let same = |_: &str, found: f64, expected: f64| found.to_bits() == expected.to_bits();
    assert_eq!(compare(TORCH, 0.1, torch, same), 14);
}

#[test]
fn a_schedule_does_what_it_says_at_its_first_and_after_its_last_step() {
    let held = |factor, steps| Schedule::held(factor, steps).rates(8.0, 3).unwrap();
    assert_eq!(held(0.25, 0), [8.0; 3]);
    assert_eq!(held(0.25, 1), [2.0, 8.0, 8.0]);
    let stairs = |at: &[u64]| Schedule::multi_step(at, 0.5).rates(8.0, 4).unwrap();
    assert_eq!(stairs(&[0, 2]), [4.0, 4.0, 2.0, 2.0]);
    assert_eq!(stairs(&[0, 0, 3]), [2.0, 2.0, 2.0, 1.0]);
    let begun_later = Schedule::constant().then(1, Schedule::multi_step(&[0], 0.5));
    assert_eq!(begun_later.rates(8.0, 3).unwrap(), [8.0, 4.0, 4.0]);
    assert_eq!(Schedule::polynomial(2, 0.0).rates(8.0, 4).unwrap(), [8.0; 4]);
    for share in [0.0, 0.05, 0.3, 0.5, 0.6, 0.95, 1.0] {
        let cycle = OneCycle::new(1.0, 10).share(share);
        for cycle in [cycle, cycle.linear(), cycle.three_phase(), cycle.three_phase().linear()] {
            let rates = Schedule::from(cycle).rates(1.0, 30).unwrap();
            assert!(rates[10..].iter().all(|rate| *rate == rates[9]), "{share}: {rates:?}");
        }
    }
}

#[test]
fn a_plateau_goes_on_after_a_loss_that_is_no_number() {
    let plateau = Plateau::new(0.5).patience(1);
    for plateau in [plateau, plateau.threshold(0.0), plateau.absolute_threshold(0.1)] {
        let rates = |losses: &[f64]| {
            let mut pace = Schedule::from(plateau).pace(8.0).unwrap();
            let next = |loss: &f64| {
                pace.advance(*loss);
                pace.rate()
            };
            losses.iter().map(next).collect::<Vec<_>>()
        };
        for none in [f64::INFINITY, f64::NAN] {
            assert_eq!(rates(&[none, 4.0, 3.0, 2.0, 1.0]), [8.0; 5]);
            assert_eq!(rates(&[4.0, none, 3.0, none, none]), [8.0, 8.0, 8.0, 8.0, 4.0]);
            assert_eq!(rates(&[none; 4]), [8.0, 4.0, 4.0, 2.0]);
        }
    }
}

#[test]
fn rates_are_optax_s_to_the_last_place() {
    // Its one-cycles are composed here of ramps that round elsewhere: to the last place of the greatest rate.
    let near = |name: &str, found: f64, expected: f64| {
        let composed = name.contains("onecycle") && (found - expected).abs() <= f64::EPSILON;
        composed || ulps(found, expected) <= 1
    };
    assert_eq!(compare(OPTAX, 1.0, optax, near), 7);
}
