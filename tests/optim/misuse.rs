//! Optimizers fed with what should not be: numbers from the ends of the range, infinities, NaN, and
//! lengths that differ. Each build and each step is refused whole, with an error that can be read, or
//! leads from finite numbers to finite numbers.

use wengert::optim::{
    Best, Bounds, OptimError, Optimizer, Projection, Search, Sgd, SgdBuilder, StepSize,
};
use wengert::{Params, Real, Var};

/// How many cases of each kind.
fn cases() -> u32 {
    std::env::var("MISUSE_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(4000)
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % n as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// Half of them everyday numbers, half from the ends.
    fn number<F: Real>(&mut self) -> F {
        let everyday = F::from_double(self.below(2001) as f64 / 500.0 - 2.0);
        let ends = [
            F::zero(),
            F::neg_zero(),
            F::one(),
            F::nan(),
            F::infinity(),
            F::neg_infinity(),
            F::max_value(),
            F::min_value(),
            F::max_value().sqrt(),
            F::min_positive_value(),
            F::min_positive_value() * F::epsilon(),
            -F::min_positive_value().sqrt(),
            F::epsilon(),
            F::one() - F::epsilon(),
        ];
        if self.one_in(2) { everyday } else { ends[self.below(ends.len())] }
    }

    /// Mostly everyday numbers.
    fn tame<F: Real>(&mut self) -> F {
        if self.one_in(12) { self.number() } else { F::from_double(self.below(1001) as f64 / 1e3) }
    }

    fn list<F: Real>(&mut self, len: usize) -> Vec<F> {
        (0..len).map(|_| self.tame()).collect()
    }

    fn length(&mut self) -> usize {
        if self.one_in(8) { self.below(4) } else { 2 }
    }

    fn step_size<F: Real>(&mut self) -> StepSize<F> {
        let size = match self.below(6) {
            0 => StepSize::constant(self.tame()),
            1 => StepSize::decaying(self.tame(), self.tame()),
            2 => StepSize::geometric(self.tame(), self.tame()),
            3 => StepSize::polyak(-self.tame::<F>()),
            4 => StepSize::target_level(self.tame()),
            _ => StepSize::target_level_with(
                self.tame(),
                self.tame(),
                F::one() + self.tame::<F>(),
                self.tame(),
            ),
        };
        if self.one_in(4) { size.normalized() } else { size }
    }

    fn bounds<F: Real>(&mut self) -> Result<Bounds<F>, OptimError> {
        let (lower, upper) = (self.length(), self.length());
        let lower: Vec<F> = self.list::<F>(lower).iter().map(|&x| x - F::one()).collect();
        Bounds::new(&lower, &self.list(upper))
    }

    fn sgd<F: Real>(&mut self) -> SgdBuilder<F> {
        let mut sgd = Sgd::with_step_size(self.step_size());
        if self.one_in(2) {
            sgd = sgd.momentum(self.tame()).nesterov(self.one_in(3));
        }
        if self.one_in(5) {
            sgd = sgd.dampening(self.tame());
        }
        if self.one_in(4) {
            sgd = sgd.weight_decay(self.tame());
        }
        if self.one_in(4) {
            sgd = sgd.clip_norm(self.tame());
        }
        if self.one_in(4) {
            sgd = sgd.clip_value(self.tame());
        }
        if self.one_in(4) {
            let len = self.length();
            sgd = sgd.factors(&self.list(len));
        }
        sgd.maximize(self.one_in(3))
    }
}

/// An error must say something in one line, without hundreds of digits.
fn readable(error: &OptimError) {
    let text = error.to_string();
    assert!((10..300).contains(&text.len()) && !text.contains('\n'), "{text}");
}

fn bits<F: Real>(list: &[F]) -> Vec<u64> {
    list.iter().map(|x| x.to_double().to_bits()).collect()
}

fn steps_are_whole_or_refused<F: Real>(seed: u64) -> [u32; 3] {
    let mut random = Random(seed);
    let mut counts = [0; 3];
    for _ in 0..cases() {
        let mut builder = random.sgd::<F>();
        let mut region = None;
        match random.below(4) {
            0 => match random.bounds() {
                Ok(bounds) => {
                    region = Some(bounds.clone());
                    builder = builder.within(bounds);
                }
                Err(error) => readable(&error),
            },
            1 => {
                let to: F = random.tame();
                builder = builder.within(Projection::new(move |x: &mut [F]| {
                    if let Some(x) = x.first_mut() {
                        *x = if *x > to { to } else { *x };
                    }
                }));
            }
            _ => {}
        }
        let mut sgd = match builder.build() {
            Ok(sgd) => sgd,
            Err(error) => {
                readable(&error);
                counts[0] += 1;
                continue;
            }
        };
        let len = random.length();
        let mut x: Vec<F> = random.list(len);
        for _ in 0..4 {
            let before = (bits(&x), bits(sgd.momentum_buffer()), sgd.step_count());
            let len = if random.one_in(10) { random.length() } else { x.len() };
            let (value, gradient): (F, Vec<F>) = (random.tame(), random.list(len));
            match sgd.step(&mut x, value, &gradient) {
                Ok(step) => {
                    counts[2] += 1;
                    assert_eq!(sgd.step_count(), before.2 + 1);
                    assert!(x.iter().all(|x| x.is_finite()), "{x:?} by {sgd:?}");
                    assert!(step.size >= F::zero(), "{step:?} of {sgd:?}");
                    assert!(region.as_ref().is_none_or(|bounds| bounds.contains(&x)));
                }
                Err(error) => {
                    counts[1] += 1;
                    readable(&error);
                    let after = (bits(&x), bits(sgd.momentum_buffer()), sgd.step_count());
                    assert_eq!(after, before, "{error} of {sgd:?}");
                }
            }
        }
    }
    counts
}

#[test]
fn a_step_is_taken_whole_or_refused_whole() {
    for counts in [steps_are_whole_or_refused::<f64>(1), steps_are_whole_or_refused::<f32>(2)] {
        // Not all is refused, and not all is taken.
        assert!(counts.into_iter().all(|count| count > cases() / 20), "{counts:?}");
    }
}

#[test]
fn a_search_ends_at_the_best_point_it_met_whatever_it_was_told() {
    let mut random = Random(3);
    let mut counts = [0; 2];
    for _ in 0..cases() / 4 {
        let Ok(sgd) = random.sgd::<f64>().build() else { continue };
        let mut met: Vec<(Vec<f64>, f64)> = Vec::new();
        let maximize = sgd.maximizes();
        let mut search = Search::new(sgd, random.below(30) as u64)
            .each(|at| met.push((at.x.to_vec(), at.value)));
        if random.one_in(3) {
            search = search.flat(random.tame());
        }
        if random.one_in(3) {
            search = search.target(random.tame());
        }
        if random.one_in(3) {
            search = search.patience(random.below(9) as u64, random.tame());
        }
        let bounds = if random.one_in(3) { random.bounds().ok() } else { None };
        if let Some(bounds) = &bounds {
            search = search.within(bounds.clone());
        }
        let len = random.length();
        let start = random.list::<f64>(len);
        let mut x = start.clone();
        let shift = random.list::<f64>(len);
        let result = search.fit(&mut x, |x| {
            let terms = x.iter().zip(&shift).map(|(&x, &shift)| (x - shift).abs().sqrt());
            terms.sum::<Var>()
        });
        drop(search);
        let better = |a: f64, b: f64| if maximize { a > b } else { a < b };
        match &result {
            Ok(arrival) => {
                counts[0] += 1;
                assert!(arrival.value.is_finite() && arrival.at_step <= arrival.step_count);
                let (at, value) = &met[arrival.at_step as usize];
                assert_eq!((bits(at), *value), (bits(&x), arrival.value));
            }
            Err(error) => {
                counts[1] += 1;
                readable(error);
            }
        }
        for (at, value) in &met {
            assert!(bounds.as_ref().is_none_or(|bounds| bounds.contains(at)), "{at:?}");
            assert!(value.is_finite());
        }
        // What is left is a point that was met, or the start where there was none.
        match met.iter().find(|(at, _)| bits(at) == bits(&x)) {
            Some((_, value)) if result.is_err() => {
                assert!(!met.iter().any(|(_, other)| better(*other, *value)));
            }
            Some(_) => {}
            None => assert!(met.is_empty() && (bounds.is_some() || bits(&x) == bits(&start))),
        }
    }
    assert!(counts.into_iter().all(|count| count > cases() / 200), "{counts:?}");
}

#[test]
fn nothing_to_search_is_no_fault() {
    let sgd = || Sgd::builder(0.1).momentum(0.5).clip_norm(1.0).build().unwrap();
    let mut none: [f64; 0] = [];
    assert!(sgd().step(&mut none, 1.0, &[]).is_ok());
    let arrival = Search::new(sgd(), 3).fit(&mut none, |_| Var::from(2.0)).unwrap();
    assert_eq!((arrival.value, arrival.step_count), (2.0, 3));
    let arrival = Search::new(sgd(), 3).flat(0.0).fit(&mut [1.0], |_| Var::from(2.0)).unwrap();
    assert_eq!((arrival.value, arrival.step_count), (2.0, 0));
    let bounds = Bounds::new(&[], &[]).unwrap();
    assert!(Search::new(sgd(), 3).within(bounds).fit(&mut none, |_| Var::from(2.0)).is_ok());
    let mut best = Best::minimum();
    assert!(best.observe(&[], 1.0) && best.values().is_empty());
    let mut params = Params::<f64>::new();
    params.insert_block("w", &[]).unwrap();
    assert!(params.step(&mut sgd(), 0.0, &[]).is_ok());
    assert!(params.scalar("w").is_err() && params.block("w").unwrap().is_empty());
    assert!(params.factors(&[("w", 0.5)]).unwrap().is_empty());
    assert!(params.bounds(&[("w", 0.0..=0.5)]).unwrap().is_empty());
    assert_eq!(params.name_of(0), None);
}

#[test]
fn polyak_s_optimum_is_forgiven_by_the_size_of_the_losses_alone() {
    for scale in [1.0, 2_f64.powi(-500), 2_f64.powi(500)] {
        let step = |values: &[f64], optimum: f64| {
            let size = StepSize::polyak(optimum * scale);
            let mut sgd = Sgd::with_step_size(size).build().unwrap();
            let mut x = [0.0];
            let mut sizes = values.iter().map(|v| sgd.step(&mut x, v * scale, &[scale]));
            sizes.find(Result::is_err).map_or(Ok(()), |refused| refused.map(drop))
        };
        assert!(step(&[1.0, -1e-9], 0.0).is_ok(), "{scale:e}");
        assert!(step(&[1.0, -1e-7], 0.0).is_err(), "{scale:e}");
        assert!(step(&[-1e-9], 0.0).is_err(), "{scale:e}");
        assert!(step(&[3.0 - 1e-9], 3.0).is_ok(), "{scale:e}");
        assert!(step(&[3.0 - 1e-7], 3.0).is_err(), "{scale:e}");
    }
}
