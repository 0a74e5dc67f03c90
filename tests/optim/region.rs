//! Boxes and projections: the constrained minimum, from inside, and nothing else changed.

use crate::quadratic::Random;
use wengert::optim::{
    Best, Bounds, End, OptimError, Optimizer, Projection, Region, Search, Sgd, SgdBuilder, Step,
    StepSize,
};
use wengert::{Params, ParamsError, Real, Scalar, Var};

pub(crate) const N: usize = 3;

#[test]
fn going_up_ends_at_the_other_side() {
    let area = |l: &[Var]| l[0] * (100.0 - l[0]);
    for (bounds, best) in [([0.0, 40.0], 40.0), ([60.0, 90.0], 60.0), ([0.0, 90.0], 50.0)] {
        let sgd = Sgd::builder(0.2).maximize(true);
        let sgd = sgd.within(Bounds::new(&bounds[..1], &bounds[1..]).unwrap()).build().unwrap();
        let mut length = [57.0];
        let arrival = Search::new(sgd, 200).flat(1e-9).fit(&mut length, area).unwrap();
        assert_eq!(arrival.end, End::Flat);
        approx::assert_relative_eq!(length[0], best, max_relative = 1e-9);
    }
}

/// Every rule of step size and every option, to be kept in a box.
fn all_kinds() -> Vec<SgdBuilder> {
    let sizes = [
        StepSize::constant(0.7),
        StepSize::constant(3.0).normalized(),
        StepSize::decaying(2.0, 0.5),
        StepSize::geometric(4.0, 0.9).normalized(),
        StepSize::polyak(-2.0),
        StepSize::target_level(3.0),
    ];
    let mut all: Vec<_> = sizes.into_iter().map(Sgd::with_step_size).collect();
    all.extend([
        Sgd::builder(0.5).momentum(0.9),
        Sgd::builder(0.5).momentum(0.9).nesterov(true),
        Sgd::builder(0.5).momentum(0.9).dampening(0.5).weight_decay(0.25),
        Sgd::builder(2.0).clip_norm(0.5),
        Sgd::builder(2.0).clip_value(0.25).maximize(true),
        Sgd::builder(0.5).factors(&[1.0, 0.0, 8.0]),
    ]);
    all
}

/// The way of an optimizer over a bumpy function, `steps` long.
fn way(mut sgd: impl Optimizer, start: [f64; N], steps: usize) -> Vec<[f64; N]> {
    let bumpy = |x: &[Var]| {
        (x[0] * 3.0 + x[1]).sin() + (x[1] - x[2] * 2.0).abs() + (x[0] * x[2]).sin() * 0.5
    };
    let mut x = start;
    let mut way = vec![x];
    for _ in 0..steps {
        let (value, slope) = wengert::gradient(bumpy, &x);
        sgd.step(&mut x, value, &slope).unwrap();
        way.push(x);
    }
    way
}

#[test]
fn no_step_leaves_the_box() {
    let mut random = Random(2);
    for _ in 0..100 {
        let (lower, upper) = random.bounds::<N>();
        let bounds = Bounds::new(&lower, &upper).unwrap();
        for sgd in all_kinds() {
            let sgd = sgd.within(bounds.clone()).build().unwrap();
            for x in &way(sgd, random.list(), 40)[1..] {
                assert!(bounds.contains(x), "{x:?} in {bounds:?}");
            }
        }
    }
}

#[test]
fn a_box_that_is_not_met_changes_no_bit() {
    let mut random = Random(3);
    let bits = |way: &[[f64; N]]| way.iter().map(|x| x.map(f64::to_bits)).collect::<Vec<_>>();
    for sgd in all_kinds() {
        for start in [random.list(), [0.0, -0.0, 1.0], random.list().map(|x: f64| x * 1e-200)] {
            let plain = way(sgd.clone().build().unwrap(), start, 40);
            let entry = |of: fn(f64, f64) -> f64| {
                plain.iter().fold(plain[0], |a, b| std::array::from_fn(|i| of(a[i], b[i])))
            };
            // The narrowest box that the way stays in.
            let bounds = Bounds::new(&entry(f64::min), &entry(f64::max)).unwrap();
            let boxed = way(sgd.clone().within(bounds.clone()).build().unwrap(), start, 40);
            assert_eq!(bits(&boxed), bits(&plain));
            let identity = Projection::new(|_: &mut [f64]| ());
            let projected = way(sgd.clone().within(identity).build().unwrap(), start, 40);
            assert_eq!(bits(&projected), bits(&plain));
            // As a search.
            let visits = |region: Option<Bounds>| {
                let mut visits = Vec::new();
                let mut x = start;
                let mut search = Search::new(Sgd::builder(0.125).build().unwrap(), 20)
                    .each(|at| visits.push(<[f64; N]>::try_from(at.x).unwrap()));
                if let Some(bounds) = region {
                    search = search.within(bounds);
                }
                search.fit(&mut x, |x| x[0] * x[0] + (x[1] - x[2]).abs()).unwrap();
                drop(search);
                bits(&visits)
            };
            let far = Bounds::new(&[-1e3; N], &[1e3; N]).unwrap();
            assert_eq!(visits(Some(far)), visits(None));
        }
    }
}

#[test]
fn single_precision_is_kept_in_its_box_too() {
    let bounds = Bounds::<f32>::new(&[0.1, -1.0], &[0.3, 1.0]).unwrap();
    let sgd = Sgd::<f32>::builder(0.25).momentum(0.5).within(bounds.clone()).build().unwrap();
    let mut x = [9.0_f32, -9.0];
    let mut search = Search::new(sgd, 200).flat(1e-6).each(|at| assert!(bounds.contains(at.x)));
    let arrival = search.fit(&mut x, |x| (x[0] - 2.0).powi(2) + (x[1] - 0.5).powi(2)).unwrap();
    drop(search);
    assert_eq!((arrival.end, x[0]), (End::Flat, 0.3));
    assert!((x[1] - 0.5).abs() < 1e-6);
}

#[test]
fn a_bounded_median_is_the_bound_or_the_median() {
    let data = [1.0, 2.0, 3.5, 20.0, 50.0];
    let error = |m: &[Var]| data.iter().map(|&y| (m[0] - y).abs()).sum();
    for (lower, upper, best) in
        [(5.0, 9.0, 5.0), (-3.0, 2.5, 2.5), (0.0, 10.0, 3.5), (3.5, 9.0, 3.5), (30.0, 60.0, 30.0)]
    {
        let bounds = || Bounds::new(&[lower], &[upper]).unwrap();
        let least = data.iter().map(|y| f64::abs(best - y)).sum();
        // Polyak's rule with the least value of the box arrives there.
        let polyak = Sgd::with_step_size(StepSize::polyak(least)).build().unwrap();
        let mut x = [40.0];
        Search::new(polyak, 1000).within(bounds()).fit(&mut x, error).unwrap();
        approx::assert_relative_eq!(x[0], best, max_relative = 1e-6);
        let level = Sgd::with_step_size(StepSize::target_level(10.0)).within(bounds()).build();
        let mut x = [40.0];
        Search::new(level.unwrap(), 3000).patience(500, 1e-12).fit(&mut x, error).unwrap();
        approx::assert_relative_eq!(x[0], best, max_relative = 1e-9);
    }
    // A line with bounds: the slope may not be above 2.5, so that the intercept gives way.
    let line = |p: &[Var]| {
        let points = [(1.0, 8.0), (2.0, 11.0), (3.0, 14.0)];
        points.iter().map(|&(x, y)| (p[0] * x + p[1] - y).abs()).sum()
    };
    let bounds = Bounds::new(&[0.0, f64::NEG_INFINITY], &[2.5, f64::INFINITY]).unwrap();
    let sgd = Sgd::with_step_size(StepSize::target_level(1.0)).build().unwrap();
    let mut p = [0.0, 0.0];
    let found = Search::new(sgd, 20_000).within(bounds).fit(&mut p, line).unwrap();
    // Residuals at the slope 2.5 are spread by 1 about their median.
    approx::assert_relative_eq!(&p[..], &[2.5, 6.0][..], max_relative = 1e-6);
    approx::assert_relative_eq!(found.value, 1.0, max_relative = 1e-6);
}

/// The projection onto a ball around the origin.
fn ball(radius: f64) -> Projection {
    Projection::new(move |x: &mut [f64]| {
        let norm = f64::norm(x);
        if norm > radius {
            x.iter_mut().for_each(|x| *x *= radius / norm);
        }
    })
}

#[test]
fn in_a_ball_the_nearest_point_is_found_and_known_to_be_flat() {
    // The scale of the parameters does not matter.
    for scale in [1.0, 2_f64.powi(-300), 2_f64.powi(300)] {
        let wanted = [3.0 * scale, -4.0 * scale];
        let distance =
            |x: &[Var]| x.iter().zip(wanted).map(|(&x, y)| ((x - y) / scale).powi(2)).sum::<Var>();
        for (radius, best) in [(1.0, [0.6, -0.8]), (10.0, [3.0, -4.0])] {
            let sgd = Sgd::builder(0.25 * scale * scale).build().unwrap();
            let mut x = [0.0, 0.0];
            let arrival = Search::new(sgd, 500)
                .within(ball(radius * scale))
                .flat(1e-6 / scale)
                .fit(&mut x, distance)
                .unwrap();
            assert_eq!(arrival.end, End::Flat, "{scale:e} {radius}");
            approx::assert_relative_eq!(&x.map(|x| x / scale)[..], &best[..], max_relative = 1e-6);
        }
    }
    // At a point of the sphere whose slope does not point outwards it is steep.
    let sgd = Sgd::builder(1.0).factors(&[0.0, 0.0]).build().unwrap();
    let mut x = [1.0, 0.0];
    let search = Search::new(sgd, 3).within(ball(1.0)).flat(0.5).fit(&mut x, |x| x[0] + x[1] * 3.0);
    assert_eq!(search.unwrap().end, End::Steps);
    // And at the origin of a small ball, for slopes of any size.
    for slope in [1e-9, 1.0, 1e9] {
        let sgd = Sgd::builder(1.0).factors(&[0.0]).build().unwrap();
        let mut search = Search::new(sgd, 3).within(ball(1e-20)).flat(slope / 2.0);
        assert_eq!(search.fit(&mut [0.0], |x| x[0] * slope).unwrap().end, End::Steps);
    }
}

#[test]
fn the_start_is_projected_also_where_the_loss_fails_there() {
    let bounds = || Bounds::new(&[1.5], &[5.0]).unwrap();
    let sgd = Sgd::builder(1e-3).build().unwrap();
    let mut met = Vec::new();
    let mut x = [-2.0];
    let mut search = Search::new(sgd, 3).within(bounds()).each(|at| met.push(at.x[0]));
    search.fit(&mut x, |x| (x[0] - 1.0).sqrt()).unwrap();
    drop(search);
    assert_eq!((met[0], x), (1.5, [1.5]));
    let mut search = Search::new(Sgd::builder(1e-3).build().unwrap(), 3).within(bounds());
    let mut x = [9.0];
    let refused = search.fit(&mut x, |x| (x[0] - 7.0).ln());
    assert!(matches!(refused, Err(OptimError::NonFiniteValue { .. })));
    assert_eq!(x, [5.0]);
}

#[test]
fn bounds_that_hold_nothing_are_refused_with_their_place() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    for (lower, upper) in
        [(1.0, 0.0), (nan, 0.0), (0.0, nan), (inf, inf), (-inf, -inf), (inf, -inf)]
    {
        let refused = Bounds::new(&[0.0, lower], &[1.0, upper]).unwrap_err();
        let OptimError::Bounds { place, .. } = refused else { panic!("{refused}") };
        assert_eq!(place.index, 1);
    }
    for (lower, upper) in [(-inf, inf), (0.0, 0.0), (-0.0, 0.0), (0.0, -0.0), (-inf, f64::MIN)] {
        let bounds = Bounds::new(&[lower], &[upper]).unwrap();
        let mut x = [0.25];
        bounds.project(&mut x).unwrap();
        assert!(bounds.contains(&x) && x[0].is_finite());
    }
    let lengths = Bounds::new(&[0.0], &[1.0, 2.0]).unwrap_err();
    assert_eq!(lengths, OptimError::BoundsLength { expected: 1, found: 2 });
}

#[test]
fn bounds_of_another_length_and_two_regions_are_refused() {
    let bounds = || Bounds::new(&[0.0; 2], &[1.0; 2]).unwrap();
    let count = |expected, found| OptimError::ParameterCount { expected, found };
    let mut sgd = Sgd::builder(0.1).within(bounds()).build().unwrap();
    assert_eq!(sgd.step(&mut [0.5], 0.0, &[1.0]).unwrap_err(), count(2, 1));
    assert_eq!(bounds().project(&mut [0.5; 3]).unwrap_err(), count(2, 3));
    let mut x = [7.0; 3];
    let search = |x: &mut [f64], region: Option<Bounds>, sgd: Sgd| {
        let mut search = Search::new(sgd, 1);
        if let Some(region) = region {
            search = search.within(region);
        }
        search.fit(x, |x| x[0]).unwrap_err()
    };
    let plain = || Sgd::builder(0.1).build().unwrap();
    assert_eq!(search(&mut x, Some(bounds()), plain()), count(2, 3));
    assert_eq!(search(&mut x, None, sgd.clone()), count(2, 3));
    let both = search(&mut [0.5; 2], Some(bounds()), sgd.clone());
    assert!(matches!(both, OptimError::Contradiction { .. }), "{both}");
    assert_eq!(x, [7.0; 3]);
    let factors = Sgd::builder(0.1).factors(&[1.0; 3]).within(bounds()).build();
    assert_eq!(factors.unwrap_err(), count(3, 2));
}

#[test]
fn a_projection_that_fails_changes_nothing() {
    let broken = || {
        Projection::new(|x: &mut [f64]| {
            x[0] = 9.0;
            if x[1] > 1.0 {
                x[1] = f64::NAN;
            }
        })
    };
    let mut sgd = Sgd::builder(1.0).momentum(0.5).within(broken()).build().unwrap();
    let mut x = [1.0, 0.0];
    sgd.step(&mut x, 0.0, &[1.0, 0.0]).unwrap();
    let before = (x, sgd.momentum_buffer().to_vec(), sgd.step_count());
    let refused = sgd.step(&mut x, 0.0, &[0.0, -3.0]).unwrap_err();
    let OptimError::Projection { place, value } = refused else { panic!("{refused}") };
    assert_eq!((place.index, value.is_nan()), (1, true));
    assert_eq!((x, sgd.momentum_buffer().to_vec(), sgd.step_count()), before);

    // A search ends at the best point that it had met.
    let mut x = [1.0, 0.5];
    let mut search = Search::new(Sgd::builder(1.0).build().unwrap(), 5).within(broken());
    let refused = search.fit(&mut x, |x| -x[1]).unwrap_err();
    assert!(matches!(refused, OptimError::Projection { .. }));
    assert_eq!(x, [9.0, 0.5]);
    let mut x = [1.0, 5.0];
    assert!(search.fit(&mut x, |x| -x[1]).is_err());
    assert_eq!(x, [1.0, 5.0]);
}

#[test]
fn an_optimizer_s_region_is_known_where_it_is_lent_and_to_a_search() {
    let mut sgd = Sgd::builder(0.25).within(ball(1.0)).build().unwrap();
    assert!(Optimizer::<f64>::region(&&mut sgd).is_some());
    assert!(Sgd::builder(0.25).build().unwrap().region().is_none());
    /// One without a region of its own.
    struct Downhill;
    impl<F: Real> Optimizer<F> for Downhill {
        fn step(&mut self, x: &mut [F], _: F, gradient: &[F]) -> Result<Step<F>, OptimError> {
            x.iter_mut().zip(gradient).for_each(|(x, &g)| *x -= g);
            Ok(Step::new(F::one(), F::zero()))
        }
        fn reset(&mut self) {}
        fn maximizes(&self) -> bool {
            false
        }
    }
    let mut x = [0.0];
    let bounds = Bounds::new(&[-1.0], &[0.5]).unwrap();
    let arrival = Search::new(Downhill, 9).within(bounds).flat(0.0).fit(&mut x, |x| -x[0]).unwrap();
    assert_eq!((arrival.end, x), (End::Flat, [0.5]));
}

#[test]
fn momentum_goes_on_against_a_bound() {
    // As `torch.optim.SGD` followed by `clamp_`.
    let bounds = Bounds::new(&[-1.0], &[1.0]).unwrap();
    let mut sgd = Sgd::builder(1.0).momentum(0.5).within(bounds).build().unwrap();
    let mut x = [0.0];
    let mut way = Vec::new();
    for gradient in [-1.0, -1.0, -1.0, 1.0, 1.0, 1.0] {
        sgd.step(&mut x, 0.0, &[gradient]).unwrap();
        way.push((x[0], sgd.momentum_buffer()[0]));
    }
    // Momentum as without a bound: it holds on for one step more than the gradient does.
    assert_eq!(
        way,
        [
            (1.0, -1.0),
            (1.0, -1.5),
            (1.0, -1.75),
            (0.875, 0.125),
            (-0.1875, 1.0625),
            (-1.0, 1.53125)
        ]
    );
}

#[test]
fn the_best_point_within_bounds_is_kept() {
    let bounds = Bounds::new(&[0.0], &[1.0]).unwrap();
    for mut best in [Best::minimum().within(bounds.clone()), Best::maximum().within(bounds)] {
        for outside in [-1e-300, 1.0 + f64::EPSILON, f64::NAN, f64::INFINITY] {
            assert!(!best.observe(&[outside], 0.0));
        }
        assert!(!best.observe(&[0.5, 0.5], 0.0) && best.value().is_none());
        assert!(best.observe(&[1.0], 0.0) && !best.observe(&[2.0], -1.0));
        assert_eq!((best.values(), best.value()), (&[1.0][..], Some(0.0)));
    }
}

#[test]
fn bounds_by_name() {
    let mut params = Params::from_scalars([("a", 5.0), ("b", -5.0)]).unwrap();
    params.insert_block("w", &[2.0, 3.0]).unwrap();
    let bounds = params.bounds(&[("b", -1.0..=f64::INFINITY), ("w", 0.0..=0.5)]).unwrap();
    let mut search =
        Search::new(Sgd::builder(0.25).build().unwrap(), 100).within(bounds).flat(1e-9);
    let arrival = params.fit(&mut search, |p| {
        let sum = p.vars().iter().map(|&x| (x + 2.0).powi(2)).sum::<Var>();
        Ok::<_, OptimError>(sum)
    });
    assert_eq!(arrival.unwrap().end, End::Flat);
    approx::assert_relative_eq!(params.values(), &[-2.0, -1.0, 0.0, 0.0][..], max_relative = 1e-9);
    let refused = params.bounds(&[("c", 0.0..=1.0)]).unwrap_err();
    assert!(matches!(refused, OptimError::Params(ParamsError::Unknown { .. })));
    let refused = params.bounds(&[("a", 0.0..=1.0), ("b", 0.0..=1.0), ("a", 0.0..=1.0)]);
    let repeated = ParamsError::Repeated { name: "a".into() };
    assert_eq!(refused.unwrap_err(), OptimError::Params(repeated));
    let refused = params.bounds(&[("w", f64::NAN..=1.0)]).unwrap_err();
    assert!(refused.to_string().ends_with("at index 2 (`w[0]`)"), "{refused}");
    let broken = Projection::new(|x: &mut [f64]| x[3] = f64::INFINITY);
    let mut sgd = Sgd::builder(0.25).within(broken).build().unwrap();
    let refused = params.step(&mut sgd, 0.0, &[0.0; 4]).unwrap_err();
    assert!(refused.to_string().contains("`w[1]`"), "{refused}");
}

#[test]
fn a_region_goes_where_threads_go() {
    fn sent<T: Send + Sync>(_: &T) {}
    sent(&Region::from(ball(1.0)));
    sent(&Sgd::builder(0.1).within(ball(1.0)).build().unwrap());
}
