//! The training loop: where it goes, by which rule it ends, and what remains when something is refused.

use proptest::prelude::*;
use wengert::loss::{LossError, mean_absolute_error};
use wengert::optim::{
    Arrival, End, OptimError, Optimizer, Search, Sgd, SgdBuilder, Step, StepSize,
};
use wengert::program::{Columns, Program};
use wengert::{Params, Scalar, Tape, Var, gradient, objective};

const START: [f64; 2] = [-1.2, 1.0];

fn rosenbrock<T: Scalar>(x: &[T]) -> T {
    (x[1] - x[0] * x[0]).powi(2) * 100.0 + (-x[0] + 1.0).powi(2)
}

/// Points, values and gradients of the plain loop.
fn by_hand(sgd: SgdBuilder, steps: usize) -> Vec<(Vec<f64>, f64, Vec<f64>)> {
    let (mut sgd, mut x) = (sgd.build().unwrap(), START);
    let mut way = Vec::new();
    for _ in 0..=steps {
        let (value, slope) = gradient(rosenbrock, &x);
        way.push((x.to_vec(), value, slope.clone()));
        sgd.step(&mut x, value, &slope).unwrap();
    }
    way
}

#[test]
fn every_kind_of_objective_goes_the_way_of_the_plain_loop_to_the_bit() {
    let options = [
        Sgd::builder(1e-3),
        Sgd::builder(1e-3).momentum(0.9).nesterov(true).clip_norm(5.0),
        Sgd::with_step_size(StepSize::target_level(1.0)).factors(&[1.0, 0.25]),
    ];
    for sgd in options {
        let expected = by_hand(sgd.clone(), 50);
        let searched = |search: &mut dyn FnMut(Search<'_, Sgd>) -> Arrival| {
            let mut way = Vec::new();
            let each = Search::new(sgd.clone().build().unwrap(), 50)
                .each(|at| way.push((at.x.to_vec(), at.value, at.gradient.to_vec())));
            let arrival = search(each);
            assert_eq!(way, expected);
            assert_eq!((arrival.end, arrival.step_count), (End::Steps, 50));
            let best = expected.iter().map(|at| at.1).fold(f64::INFINITY, f64::min);
            assert_eq!((arrival.value, expected[arrival.at_step as usize].1), (best, best));
            expected[arrival.at_step as usize].0.clone()
        };
        // The point found is where the loop was at that step.
        let mut x = START;
        let found = searched(&mut |mut search| search.fit(&mut x, rosenbrock).unwrap());
        assert_eq!(x[..], found);

        let mut x = START;
        let tape = Tape::new();
        let mut run = |x: &[f64], slope: &mut [f64]| {
            tape.clear();
            let vars = tape.vars_from(x);
            let y = rosenbrock(&vars);
            y.backward().write_wrt(&vars, slope);
            Ok::<_, OptimError>(y.value())
        };
        let found = searched(&mut |mut search| search.run(&mut x, &mut run).unwrap());
        assert_eq!(x[..], found);

        let mut params = Params::from_scalars([("u", START[0]), ("v", START[1])]).unwrap();
        let mut loss = |p: &wengert::Recorded<'_>| Ok::<_, OptimError>(rosenbrock(p.vars()));
        let found = searched(&mut |mut search| params.fit(&mut search, &mut loss).unwrap());
        assert_eq!(params.values(), found);
    }
}

#[test]
fn a_program_is_an_objective() {
    let loss = objective!(|[a, b], [x, y]| (a * x * x + b * x - y).abs());
    let at = [1.0, 99.0];
    let program = Program::record(&loss, &[-2.0, 30.0], &at).unwrap().mean().gradient();
    let x: Vec<f64> = (0..100).map(f64::from).collect();
    let y: Vec<f64> = x.iter().map(|x| 100.0 * x - x * x).collect();
    let data = Columns::new(&[&x, &y]).unwrap();
    let mut sweep = program.compile();
    let sgd = Sgd::with_step_size(StepSize::polyak(0.0)).factors(&[9e-8, 4e-4]);
    let mut ab = [-2.0, 30.0];
    let mut search = Search::new(sgd.build().unwrap(), 1000).target(1e-8);
    let arrival = search.run(&mut ab, |ab, slope| {
        let found = sweep.run(ab, &data)?;
        slope.copy_from_slice(found.gradient());
        Ok::<_, Box<dyn std::error::Error>>(found.value())
    });
    assert_eq!(arrival.unwrap().end, End::Target);
    approx::assert_relative_eq!(ab[..], [-1.0, 100.0][..], max_relative = 1e-9);
}

/// Goes through the numbers 0, 1, 2 and so on.
struct Count {
    maximize: bool,
}

impl Optimizer for Count {
    fn step(&mut self, x: &mut [f64], value: f64, gradient: &[f64]) -> Result<Step, OptimError> {
        x[0] += 1.0;
        // No one else can make a `Step`.
        Sgd::builder(1.0).factors(&[0.0]).build()?.step(&mut [0.0], value, gradient)
    }
    fn reset(&mut self) {}
    fn maximizes(&self) -> bool {
        self.maximize
    }
}

#[derive(Debug, Clone)]
struct Rules {
    steps: u64,
    target: Option<f64>,
    flat: Option<f64>,
    patience: Option<(u64, f64)>,
    maximize: bool,
}

/// What the documentation of the rules says of a way through these values and slopes.
fn expected(rules: &Rules, values: &[f64], slopes: &[f64]) -> (End, u64, f64, u64) {
    let better = |a: f64, b: f64| if rules.maximize { a > b } else { a < b };
    let best_until = |k: usize| {
        (0..=k).fold(0, |best, i| if better(values[i], values[best]) { i } else { best })
    };
    for k in 0.. {
        let best = best_until(k);
        let found = |end| (end, k as u64, values[best], best as u64);
        if rules.flat.is_some_and(|flat| slopes[k].abs() <= flat) {
            return (End::Flat, k as u64, values[k], k as u64);
        }
        if rules.target.is_some_and(|target| !better(target, values[k])) {
            return found(End::Target);
        }
        if let Some((steps, gain)) = rules.patience {
            // The best value at the last gain: each gain counts from the one before.
            let (mut gained, mut at) = (values[0], 0);
            for (i, &value) in values[..=k].iter().enumerate() {
                let enough = (value - gained).abs() > gain * gained.abs();
                if better(value, gained) && enough {
                    (gained, at) = (value, i);
                }
            }
            if (k - at) as u64 >= steps {
                return found(End::Patience);
            }
        }
        if k as u64 == rules.steps {
            return found(End::Steps);
        }
    }
    unreachable!("the steps run out")
}

fn rules() -> impl Strategy<Value = Rules> {
    let level = prop::option::of(-3.0..3.0);
    let flat = prop::option::of(0.0..0.5);
    let patience = prop::option::of((0..12_u64, 0.0..0.3));
    (0..40_u64, level, flat, patience, any::<bool>()).prop_map(
        |(steps, target, flat, patience, maximize)| Rules {
            steps,
            target,
            flat,
            patience,
            maximize,
        },
    )
}

proptest! {
    #[test]
    fn it_ends_by_the_first_rule_that_holds_and_at_the_point_that_rule_names(
        rules in rules(),
        values in prop::collection::vec(prop::sample::select(vec![-2.0, -1.0, -0.9, 0.0, 0.5, 2.5]), 41),
        slopes in prop::collection::vec(-2.0..2.0, 41),
    ) {
        let mut search = Search::new(Count { maximize: rules.maximize }, rules.steps);
        if let Some(target) = rules.target {
            search = search.target(target);
        }
        if let Some(flat) = rules.flat {
            search = search.flat(flat);
        }
        if let Some((steps, gain)) = rules.patience {
            search = search.patience(steps, gain);
        }
        let mut x = [0.0];
        let mut seen = 0;
        let arrival = search.run(&mut x, |x, slope| {
            seen += 1;
            let at = x[0] as usize;
            slope[0] = slopes[at];
            Ok::<_, OptimError>(values[at])
        }).unwrap();
        let Arrival { end, step_count, value, at_step, .. } = arrival;
        prop_assert_eq!((end, step_count, value, at_step), expected(&rules, &values, &slopes));
        prop_assert_eq!(x[0], at_step as f64);
        prop_assert_eq!(seen, step_count + 1);
    }
}

#[derive(Debug, PartialEq, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Loss(#[from] LossError),
    #[error(transparent)]
    Optim(#[from] OptimError),
}

#[test]
fn an_error_is_handed_on_as_it_is_and_the_best_point_is_kept() {
    // Down to 1 in halves, then the third loss is refused.
    let sgd = || Sgd::builder(0.25).build().unwrap();
    let (mut x, mut calls) = ([4.0], 0);
    let refused = Search::new(sgd(), 100).try_fit(&mut x, |x| {
        calls += 1;
        let target = if calls == 3 { f64::INFINITY } else { 0.0 };
        mean_absolute_error([(x[0], target)])?;
        Ok::<_, Trouble>(x[0] * x[0])
    });
    let wrong = mean_absolute_error([(1.0, f64::INFINITY)]).unwrap_err();
    assert_eq!(refused, Err(Trouble::Loss(wrong)));
    assert_eq!(x, [2.0]);

    let mut params = Params::from_scalars([("a", 4.0), ("b", 0.0)]).unwrap();
    let refused = params.fit(&mut Search::new(sgd(), 100), |p| {
        let [a, b] = p.scalars(["a", "b"]).unwrap();
        Ok::<_, Trouble>(a * a + b.sqrt())
    });
    let message = refused.unwrap_err().to_string();
    assert_eq!(message, "the gradient is inf at index 1 (`b`)");
    assert_eq!(params.values(), [4.0, 0.0]);
}

#[test]
fn a_value_that_is_not_finite_is_refused_wherever_it_comes() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for at in [0, 1, 5] {
            let mut x = [0.0];
            // Even at the last point, from which no step is taken.
            let mut search = Search::new(Count { maximize: true }, 5);
            let refused = search.run(&mut x, |x, slope| {
                slope[0] = 1.0;
                Ok::<_, OptimError>(if x[0] == f64::from(at) { bad } else { x[0] })
            });
            match refused {
                Err(OptimError::NonFiniteValue { value }) => {
                    assert_eq!(value.to_bits(), bad.to_bits());
                }
                other => panic!("{other:?}"),
            }
            assert_eq!(x, [f64::from(at - 1).max(0.0)]);
        }
    }
}

#[test]
fn rules_that_mean_nothing_are_refused_before_the_objective_is_asked() {
    let search = || Search::new(Sgd::builder(0.1).build().unwrap(), 10);
    for (mut search, message) in [
        (search().target(f64::NAN), "target must be finite, not NaN"),
        (search().flat(-1.0), "flat slope must be finite and not negative, not -1"),
        (search().flat(f64::INFINITY), "flat slope must be finite and not negative, not inf"),
        (search().patience(3, -0.5), "gain must be finite and not negative, not -0.5"),
        (search().patience(3, f64::NAN), "gain must be finite and not negative, not NaN"),
    ] {
        let mut x = [1.0];
        let refused = search.fit(&mut x, |_| -> Var { unreachable!("the rules are wrong") });
        assert_eq!(refused.unwrap_err().to_string(), message);
        assert_eq!(x, [1.0]);
    }
}

#[test]
fn a_lent_optimizer_goes_on_where_it_was() {
    let options = Sgd::builder(1e-3).momentum(0.9);
    let mut sgd = options.clone().build().unwrap();
    let mut x = START;
    for _ in 0..2 {
        // Momentum goes up as well as down, so the last point is put back where it is not the best.
        let mut last = x;
        let mut search = Search::new(&mut sgd, 20).each(|at| last.copy_from_slice(at.x));
        search.fit(&mut x, rosenbrock).unwrap();
        drop(search);
        x = last;
    }
    assert_eq!(sgd.step_count(), 40);
    assert_eq!(x[..], by_hand(options, 40)[40].0);
    sgd.reset();
    assert_eq!(sgd.step_count(), 0);
}

#[test]
fn no_parameters_and_no_steps_are_no_trouble() {
    let mut search = Search::new(Sgd::builder(0.1).build().unwrap(), 0);
    let arrival = search.fit(&mut [], |_| Var::from(7.0)).unwrap();
    assert_eq!((arrival.end, arrival.value), (End::Steps, 7.0));
    assert_eq!(format!("{arrival:.1}"), "the steps are used up: 7.0 at step 0 of 0");
    let arrival = search.fit(&mut [3.0], |x| x[0] * x[0]).unwrap();
    assert_eq!((arrival.step_count, arrival.value), (0, 9.0));
}

#[test]
fn a_search_in_single_precision_ends_by_the_same_rules() {
    let sgd = Sgd::builder(0.25_f32).build().unwrap();
    let mut x = [8.0_f32];
    let arrival = Search::new(sgd, 100).target(0.5).fit(&mut x, |x| x[0] * x[0]).unwrap();
    assert_eq!((arrival.end, arrival.step_count, arrival.value, x), (End::Target, 4, 0.25, [0.5]));
}
