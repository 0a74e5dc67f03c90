//! What all rules have from the driver: groups, rates of single parameters, penalties, refusals.

use super::measured::{START, rosenbrock};
use approx::assert_relative_eq;
use wengert::optim::rule::UpdateRule;
use wengert::optim::{
    AdaBelief, Adadelta, Adagrad, Adam, AdamW, Adamax, Adan, AmsGrad, Asgd, Bounds, Cyclic,
    DriverBuilder, End, Lion, NAdam, OneCycle, OptimError, Optimizer, Plateau, RAdam, RmsProp,
    Rprop, Schedule, Search, Sgd, StepSize, Yogi,
};

/// Calls a macro's body with the options of every rule at rate 0.01.
macro_rules! with_every_rule {
    ($check:ident) => {
        $check(Sgd::builder(0.01).momentum(0.9));
        $check(Adam::builder(0.01));
        $check(AmsGrad::builder(0.01));
        $check(NAdam::builder(0.01));
        $check(RAdam::builder(0.01));
        $check(Adamax::builder(0.01));
        $check(Yogi::builder(0.01));
        $check(AdaBelief::builder(0.01));
        $check(Adan::builder(0.01));
        $check(RmsProp::builder(0.01).centered(true).momentum(0.5));
        $check(Adagrad::builder(0.01));
        $check(Adadelta::builder(0.01));
        $check(Rprop::builder(0.01));
        $check(Lion::builder(0.01));
        $check(Asgd::builder(0.01));
    };
}

/// A bowl that is not separable.
fn bowl(x: &[f64]) -> (f64, Vec<f64>) {
    let value = x[0] * x[0] + x[0] * x[1] + 2.0 * x[1] * x[1] + (x[2] - 1.0).powi(2);
    (value, vec![2.0 * x[0] + x[1], x[0] + 4.0 * x[1], 2.0 * (x[2] - 1.0)])
}

fn walk<R: UpdateRule>(options: DriverBuilder<R>, steps: usize) -> [f64; 3] {
    let mut optimizer = options.build().unwrap();
    let mut x = [0.7, -1.2, 0.4];
    for _ in 0..steps {
        let (value, slope) = bowl(&x);
        optimizer.step(&mut x, value, &slope).unwrap();
    }
    x
}

#[test]
fn a_group_of_all_parameters_is_the_optimizer_itself() {
    fn check<R: UpdateRule>(options: DriverBuilder<R>) {
        let grouped = options.clone().group(0..3, options.clone().weight_decay(0.1));
        assert_eq!(walk(grouped, 20), walk(options.weight_decay(0.1), 20));
    }
    with_every_rule!(check);
}

#[test]
fn a_parameter_in_a_group_moves_as_if_it_were_alone() {
    // The slopes are given, so that no parameter sees another.
    let slope = |k: usize, i: usize| ((k * 7 + i * 3) as f64).sin() + 0.1;
    let group = Adam::builder(0.03).betas(0.5, 0.8).weight_decay(0.2).decoupled(true);
    let group = group.schedule(Schedule::exponential(0.9));
    let rest = Adam::builder(0.01).weight_decay(0.1);
    let mut both = rest.clone().group(1..3, group.clone()).build().unwrap();
    let mut alone = [rest.build().unwrap(), group.build().unwrap()];
    let (mut x, mut y) = ([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]);
    for k in 0..25 {
        let g: Vec<f64> = (0..4).map(|i| slope(k, i)).collect();
        both.step(&mut x, 0.0, &g).unwrap();
        let [a, b, c, d] = y;
        let (mut outer, mut inner) = ([a, d], [b, c]);
        alone[0].step(&mut outer, 0.0, &[g[0], g[3]]).unwrap();
        alone[1].step(&mut inner, 0.0, &g[1..3]).unwrap();
        y = [outer[0], inner[0], inner[1], outer[1]];
        assert_eq!(x, y);
    }
}

#[test]
fn maximizing_is_minimizing_the_negative_to_the_bit() {
    fn check<R: UpdateRule>(options: DriverBuilder<R>) {
        let options = options.weight_decay(0.05);
        let mut down = options.clone().build().unwrap();
        let mut up = options.maximize(true).build().unwrap();
        let (mut x, mut y) = ([0.7, -1.2, 0.4], [0.7, -1.2, 0.4]);
        for _ in 0..20 {
            let (value, slope) = bowl(&x);
            down.step(&mut x, value, &slope).unwrap();
            let negative: Vec<f64> = slope.iter().map(|g| -g).collect();
            up.step(&mut y, -value, &negative).unwrap();
            assert_eq!(x, y);
        }
    }
    with_every_rule!(check);
}

#[test]
fn a_refused_step_leaves_parameters_and_state_untouched() {
    fn check<R: UpdateRule>(options: DriverBuilder<R>) {
        let options = options.average_from(1);
        let mut tried = options.clone().build().unwrap();
        let mut spared = options.build().unwrap();
        let (mut x, mut y) = ([0.7, -1.2, 0.4], [0.7, -1.2, 0.4]);
        for _ in 0..4 {
            let (value, slope) = bowl(&x);
            for bad in [f64::NAN, f64::INFINITY] {
                let refused = tried.step(&mut x, value, &[slope[0], bad, slope[2]]).unwrap_err();
                assert!(matches!(refused, OptimError::NonFiniteGradient { .. }), "{refused}");
                assert!(tried.step(&mut x, bad, &slope).is_err());
            }
            assert!(tried.step(&mut x, value, &slope[..2]).is_err());
            if tried.step_count() > 0 {
                assert!(tried.step(&mut x[..2], value, &slope[..2]).is_err());
            }
            tried.step(&mut x, value, &slope).unwrap();
            spared.step(&mut y, value, &slope).unwrap();
            assert_eq!((x, tried.state()), (y, spared.state()));
        }
    }
    with_every_rule!(check);
}

#[test]
fn every_rule_goes_down_the_bowl() {
    fn check<R: UpdateRule>(options: DriverBuilder<R>) {
        let [before, after] = [0, 100].map(|steps| bowl(&walk(options.clone(), steps)).0);
        assert!(after < before, "{before} {after} {options:?}");
    }
    with_every_rule!(check);
}

#[test]
fn a_rate_of_0_is_a_step_that_stays() {
    fn check<R: UpdateRule>(options: DriverBuilder<R>) {
        if R::OWN_SIZE {
            return; // It takes no schedule.
        }
        let from_0 = options.clone().schedule(Schedule::warm_up(2));
        assert_eq!(walk(from_0.clone(), 1), walk(options.clone(), 0));
        assert_ne!(walk(from_0.clone(), 2), walk(from_0, 1));
        let to_0 = options.schedule(Schedule::polynomial(2, 1.0));
        assert_ne!(walk(to_0.clone(), 2), walk(to_0.clone(), 1));
        assert_eq!(walk(to_0.clone(), 5), walk(to_0, 2));
    }
    with_every_rule!(check);
    check(Asgd::builder(0.01).single_rate(false));
}

#[test]
fn single_precision_follows_double() {
    let (mut x, mut y) = (START.map(|x| x as f32), START);
    let mut single = Adam::builder(0.01_f32).weight_decay(0.1).build().unwrap();
    let mut double = Adam::builder(0.01).weight_decay(0.1).build().unwrap();
    for _ in 0..20 {
        let (value, slope) = rosenbrock(&y);
        double.step(&mut y, value, &slope).unwrap();
        single.step(&mut x, value as f32, &slope.map(|g| g as f32)).unwrap();
    }
    for (x, y) in x.into_iter().zip(y) {
        assert_relative_eq!(f64::from(x), y, max_relative = 1e-5);
    }
}

#[test]
fn soft_thresholds_find_the_lasso_s_solution() {
    // min ½ Σ cᵢ (xᵢ − tᵢ)² + λ Σ |xᵢ| has xᵢ = sign(tᵢ) max(|tᵢ| − λ/cᵢ, 0).
    let (c, t, penalty) = ([1.0, 2.0, 4.0], [3.0, -0.4, 0.2], 0.5);
    let mut x = [1.0, 1.0, 1.0];
    let mut sgd = Sgd::builder(0.2).soft_threshold(penalty).build().unwrap();
    for _ in 0..300 {
        let slope = [0, 1, 2].map(|i| c[i] * (x[i] - t[i]));
        sgd.step(&mut x, 0.0, &slope).unwrap();
    }
    assert_relative_eq!(&x[..], &[2.5, -0.15, 0.075][..], max_relative = 1e-12);
    let mut sgd = Sgd::builder(0.2).soft_threshold(2.0).build().unwrap();
    for _ in 0..300 {
        let slope = [0, 1, 2].map(|i| c[i] * (x[i] - t[i]));
        sgd.step(&mut x, 0.0, &slope).unwrap();
    }
    assert_relative_eq!(x[0], 1.0, max_relative = 1e-12);
    assert_eq!(x[1..], [0.0, 0.0]);
}

#[test]
fn every_rule_stays_in_a_box() {
    fn check<R: UpdateRule>(options: DriverBuilder<R>) {
        let bounds = Bounds::new(&[0.5, -1.5, 0.0], &[0.8, -1.0, 0.5]).unwrap();
        let mut optimizer = options.within(bounds.clone()).build().unwrap();
        let mut x = [0.7, -1.2, 0.4];
        for _ in 0..50 {
            let (value, slope) = bowl(&x);
            optimizer.step(&mut x, value, &slope).unwrap();
            assert!(bounds.contains(&x), "{x:?}");
        }
    }
    with_every_rule!(check);
}

#[test]
fn meaningless_options_are_refused_by_name() {
    fn refused<R: UpdateRule>(options: DriverBuilder<R>, option: &str) {
        let message = options.build().unwrap_err().to_string();
        assert!(message.starts_with(option), "{message}, not {option}");
    }
    for rate in [0.0, -0.1, f64::NAN, f64::INFINITY] {
        refused(Adam::builder(rate), "learning rate");
        refused(Rprop::builder(rate), "learning rate");
        refused(Adam::builder(0.1).group(0..1, Adam::builder(rate)), "learning rate");
    }
    refused(Adam::builder(0.1).schedule(Schedule::warm_up(0)), "steps of a warm-up");
    for beta in [-0.1, 1.0, f64::NAN] {
        refused(Adam::builder(0.1).betas(beta, 0.9), "beta 1");
        refused(Lion::builder(0.1).betas(0.9, beta), "beta 2");
        refused(Adan::builder(0.1).betas3(0.9, 0.9, beta), "beta 3");
        refused(RmsProp::builder(0.1).alpha(beta), "alpha");
        refused(Adadelta::builder(0.1).rho(beta), "rho");
    }
    refused(Adam::builder(0.1).eps(-1e-9), "eps");
    refused(Adam::builder(0.1).eps_root(f64::NAN), "eps inside");
    refused(AdamW::builder(0.1).weight_decay(-1.0), "weight decay");
    refused(NAdam::builder(0.1).momentum_decay(-1.0), "decay of the momentum");
    refused(RmsProp::builder(0.1).nesterov(true), "nesterov");
    refused(RmsProp::builder(0.1).momentum(-0.5), "momentum");
    refused(RmsProp::builder(0.1).initial_mean(-0.5), "initial mean");
    refused(Adagrad::builder(0.1).initial_sum(-0.5), "initial sum");
    refused(Adagrad::builder(0.1).rate_decay(-0.5), "decay of the rate");
    refused(Yogi::builder(0.1).initial(-0.5), "initial estimate");
    refused(Rprop::builder(0.1).etas(1.2, 0.5), "eta minus");
    refused(Rprop::builder(0.1).etas(0.5, 1.0), "eta plus");
    refused(Rprop::builder(0.1).step_sizes(2.0, 1.0), "greatest step size");
    refused(Rprop::builder(0.1).schedule(Schedule::constant()), "a schedule");
    refused(Asgd::builder(0.1).lambda(-0.1), "lambda");
    refused(Sgd::builder(0.1).soft_threshold(-1.0), "penalty");

    let polyak = || Sgd::with_step_size(StepSize::polyak(0.0));
    refused(polyak().soft_threshold(1.0), "a penalty");
    refused(polyak().schedule(Schedule::constant()), "a schedule");
    refused(polyak().group(0..1, Sgd::builder(0.1)), "a group");
    let adam = || Adam::builder(0.1);
    refused(adam().group(0..3, adam()).group(2..4, adam()), "a group");
    refused(adam().group(0..3, adam().clip_norm(1.0)), "clipping");
    refused(adam().group(0..3, adam().maximize(true)), "maximizing");
    refused(adam().group(0..3, adam().factors(&[1.0])), "a list of factors");
    refused(adam().group(0..3, adam().average_from(1)), "averaging");
    refused(adam().group(0..3, adam().group(0..1, adam())), "averaging, or a group");

    let scheduled = |schedule: Schedule| Adam::builder(0.1).schedule(schedule);
    refused(scheduled(Schedule::step(0, 0.5)), "steps between falls");
    refused(scheduled(Schedule::exponential(0.0)), "ratio");
    refused(scheduled(Schedule::exponential(f64::INFINITY)), "ratio");
    refused(scheduled(Schedule::stairs(-1.5, 2)), "ratio");
    refused(scheduled(Schedule::linear(0.0, 1.0, 5)), "first factor");
    refused(scheduled(Schedule::cosine(0, 0.0)), "steps of a wave");
    refused(scheduled(Schedule::constant().then(3, Schedule::polynomial(0, 1.0))), "steps of a p");
    refused(scheduled(Schedule::constant().every(0)), "steps between rates");
    refused(scheduled(OneCycle::new(0.0, 5).into()), "greatest rate");
    refused(scheduled(Cyclic::between(0.2, 0.1, 5).into()), "greatest rate");
    refused(scheduled(Plateau::new(1.0).into()), "factor of a plateau");
}

#[test]
fn a_group_beyond_the_parameters_is_refused_at_the_step() {
    let options = Adam::builder(0.1).group(1..4, Adam::builder(0.1));
    let mut adam = options.build().unwrap();
    let refused = adam.step(&mut [0.0; 3], 0.0, &[0.0; 3]);
    assert_eq!(refused, Err(OptimError::Group { end: 4, parameters: 3 }));
    assert!(adam.step(&mut [0.0; 4], 0.0, &[0.0; 4]).is_ok());
}

#[test]
fn a_diverging_search_ends_at_the_best_point() {
    let loss = |x: &[f64], slope: &mut [f64]| {
        let (value, g) = rosenbrock(x);
        slope.copy_from_slice(&g);
        Ok::<_, OptimError>(value)
    };
    let mut x = START;
    let radam = RAdam::builder(0.01).build().unwrap();
    let arrival = Search::new(radam, 50).run(&mut x, loss).unwrap();
    assert_eq!((arrival.end, arrival.at_step), (End::Diverged, 0));
    assert!(arrival.step_count <= 5 && x == START);

    // Without a bound it goes on, until a number would be infinite.
    let radam = RAdam::builder(0.01).build().unwrap();
    let arrival = Search::new(radam, 50).diverges(f64::MAX).run(&mut x, loss).unwrap();
    assert_eq!((arrival.end, arrival.step_count), (End::Diverged, 5));

    // Far up and down again is no divergence.
    let mut sgd = Sgd::builder(0.49).momentum(0.99).build().unwrap();
    let mut x = [1e-3_f64];
    let arrival = Search::new(&mut sgd, 5000)
        .run(&mut x, |x, slope| {
            slope[0] = 2.0 * (x[0] - 1.0);
            Ok::<_, OptimError>((x[0] - 1.0).powi(2))
        })
        .unwrap();
    assert_eq!(arrival.end, End::Steps);
}

#[test]
fn the_article_s_fit_is_reached_by_adam_with_a_falling_rate() {
    // y = 100 x − x² by the mean absolute error of a x² + b x, from (−2, 30).
    let loss = |p: &[f64], slope: &mut [f64]| {
        let (mut sum, mut by_a, mut by_b) = (0.0, 0.0, 0.0);
        for x in (0..100).map(f64::from) {
            let error = p[0] * x * x + p[1] * x - (100.0 * x - x * x);
            let sign = if error == 0.0 { 0.0 } else { error.signum() };
            (sum, by_a, by_b) = (sum + error.abs(), by_a + sign * x * x, by_b + sign * x);
        }
        (slope[0], slope[1]) = (by_a / 100.0, by_b / 100.0);
        Ok::<_, OptimError>(sum / 100.0)
    };
    let mut x = [-2.0, 30.0];
    let adam = Adam::builder(1.0).schedule(Schedule::exponential(0.999)).build().unwrap();
    let arrival = Search::new(adam, 40_000).target(1e-6).run(&mut x, loss).unwrap();
    assert_eq!(arrival.end, End::Target, "{arrival} {x:?}");
    assert_relative_eq!(&x[..], &[-1.0, 100.0][..], max_relative = 1e-6);
}
