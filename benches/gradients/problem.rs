//! The gradients to be computed, each in several ways.

use crate::baseline::{Nodes, Noted};
use crate::hand::{plain, tuned};
use crate::loss::{
    self, DIM, INPUTS, MIXTURE, Sample, WEIGHTS, by_loop, by_operators, checked, hinge,
    hinge_by_dot, mixture,
};
use crate::program::{self, Mixture, Perceptron};
use criterion::Criterion;
use std::hint::black_box;
use std::rc::Rc;
use wengert::program::Program;
use wengert::{Tape, Var, objective};

/// Writes a gradient and returns the value.
pub(crate) type Way = Box<dyn FnMut(&mut [f64]) -> f64>;

const BASELINE: &str = "one node per operation";

/// One gradient, and the ways to it.
pub(crate) struct Problem {
    name: String,
    pub(crate) parameters: usize,
    /// By hand as a plain loop, by hand tuned, by wengert, and perhaps by the baseline.
    pub(crate) ways: Vec<(&'static str, Way)>,
}

impl Problem {
    fn new(
        name: impl Into<String>,
        parameters: usize,
        plain: impl FnMut(&mut [f64]) -> f64 + 'static,
        tuned: impl FnMut(&mut [f64]) -> f64 + 'static,
    ) -> Self {
        let ways: Vec<(&str, Way)> = vec![("plain", Box::new(plain)), ("tuned", Box::new(tuned))];
        Problem { name: name.into(), parameters, ways }
    }

    /// Another way to the same gradient.
    fn by(mut self, way: &'static str, f: impl FnMut(&mut [f64]) -> f64 + 'static) -> Self {
        self.ways.push((way, Box::new(f)));
        self
    }

    /// The ways that get a row of the table, with its title.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (usize, String)> {
        let tapes = self.ways.iter().enumerate().skip(2).filter(|(_, (way, _))| *way != BASELINE);
        tapes.map(|(i, (way, _))| {
            let how = way.strip_prefix("wengert").unwrap_or(way);
            (i, format!("{}{how}", self.name))
        })
    }

    /// Which way is the baseline.
    pub(crate) fn baseline(&self) -> Option<usize> {
        self.ways.iter().position(|(way, _)| *way == BASELINE)
    }

    /// Panics unless all ways give the same value and gradient, up to rounding.
    pub(crate) fn assert_equal(&mut self) {
        let mut results = self.ways.iter_mut().map(|(way, f)| {
            let mut gradient = vec![f64::NAN; self.parameters];
            (*way, f(&mut gradient), gradient)
        });
        let Some((_, value, gradient)) = results.next() else {
            return;
        };
        let steepest = gradient.iter().fold(0.0_f64, |most, slope| most.max(slope.abs()));
        assert!(value.is_finite() && steepest > 0.0, "{}: {value}, {steepest}", self.name);
        for (way, other_value, other_gradient) in results {
            let same = |a: f64, b: f64, scale: f64| (a - b).abs() <= 1e-10 * scale;
            let name = &self.name;
            assert!(
                same(value, other_value, value.abs()),
                "{name}: the value is {value}, but {other_value} by {way}"
            );
            for (i, (&a, &b)) in gradient.iter().zip(&other_gradient).enumerate() {
                assert!(same(a, b, steepest), "{name}: slope {i} is {a}, but {b} by {way}");
            }
        }
    }

    /// Hands all ways to criterion.
    pub(crate) fn bench(&mut self, criterion: &mut Criterion) {
        let mut group = criterion.benchmark_group(&self.name);
        let mut gradient = vec![0.0; self.parameters];
        for (way, f) in &mut self.ways {
            group.bench_function(*way, |bencher| bencher.iter(|| f(black_box(&mut gradient))));
        }
        group.finish();
    }
}

/// One gradient after another on one tape, as in training: after the first, nothing is allocated.
pub(crate) fn step(
    x: Rc<[f64]>,
    mut loss: impl FnMut(&[Var]) -> Var + 'static,
) -> impl FnMut(&mut [f64]) -> f64 + 'static {
    let (tape, mut vars) = (Tape::new(), Vec::new());
    move |gradient| {
        tape.clear();
        vars.clear();
        tape.extend_vars(black_box(&x), &mut vars);
        let loss = loss(&vars);
        loss.backward().write_wrt(&vars, gradient);
        loss.value()
    }
}

/// The same with one node for each operation.
fn baseline_step(
    x: Rc<[f64]>,
    loss: impl Fn(&[Noted]) -> Noted + 'static,
) -> impl FnMut(&mut [f64]) -> f64 + 'static {
    let (nodes, mut vars, mut adjoints) = (Nodes::leak(), Vec::new(), Vec::new());
    move |gradient| {
        nodes.clear();
        vars.clear();
        vars.extend(black_box(&x).iter().map(|&x| nodes.leaf(x)));
        loss(&vars).backward(&mut adjoints, gradient)
    }
}

/// One column of rows.
fn column<R>(rows: &[R], of: impl Fn(&R) -> f64) -> Vec<f64> {
    rows.iter().map(of).collect()
}

/// All problems.
pub(crate) fn all() -> Vec<Problem> {
    vec![
        mean_absolute_error("mean absolute error, 100 points", 100),
        mean_absolute_error("mean absolute error, 1,000,000 points", 1_000_000),
        rosenbrock("Rosenbrock, n = 2", 2),
        rosenbrock("Rosenbrock, n = 100", 100),
        rosenbrock("Rosenbrock, n = 10,000", 10_000),
        perceptron(),
        gaussian_mixture(),
    ]
}

fn mean_absolute_error(name: &str, n: usize) -> Problem {
    let curve = |x: f64| (x, 100.0 * x - x * x);
    let points: Rc<[(f64, f64)]> = (0..n).map(|i| curve(i as f64 * 100.0 / n as f64)).collect();
    let [p, q, r, s] = [(); 4].map(|()| points.clone());
    let at = [-2.0, 30.0];
    let few: Vec<(f64, f64)> = points.iter().step_by(n / 100).copied().collect();
    checked(|v| loss::mean_absolute_error([v[0], v[1]], &few), &at);
    let tape = Tape::new();
    Problem::new(
        name,
        2,
        move |gradient| plain::mean_absolute_error(black_box(at), &p, gradient),
        move |gradient| tuned::mean_absolute_error(black_box(at), &q, gradient),
    )
    .by("wengert", move |gradient| {
        tape.clear();
        let ab = tape.vars(black_box(at));
        let loss = loss::mean_absolute_error(ab, &r);
        gradient.copy_from_slice(&loss.backward().wrt(ab));
        loss.value()
    })
    .by("wengert, as a program", {
        let columns = vec![column(&points, |p| p.0), column(&points, |p| p.1)];
        let loss = objective!(|[a, b], [x, y]| (a * x * x + b * x - y).abs());
        let mut run = program::gradient(&loss, &at, columns, Program::mean);
        move |gradient| run(&black_box(at), gradient)
    })
    .by(BASELINE, baseline_step(at.into(), move |v| loss::mean_absolute_error([v[0], v[1]], &s)))
}

fn rosenbrock(name: &str, n: usize) -> Problem {
    let x: Rc<[f64]> = (0..n).map(|i| (i as f64 * 0.37).sin()).collect();
    let few = &x[..n.min(100)];
    checked(loss::rosenbrock, few);
    checked(loss::rosenbrock_loop, few);
    let (p, q) = (x.clone(), x.clone());
    Problem::new(
        name,
        n,
        move |gradient| plain::rosenbrock(black_box(&p), gradient),
        move |gradient| tuned::rosenbrock(black_box(&q), gradient),
    )
    .by("wengert", step(x.clone(), loss::rosenbrock))
    .by("wengert, added up in a loop", step(x.clone(), loss::rosenbrock_loop))
    .by("wengert, as a program", {
        let loss = objective!(|x| loss::rosenbrock_of(x));
        let (x, mut run) = (x.clone(), program::gradient(&loss, &x, Vec::new(), |one| one));
        move |gradient| run(black_box(&x), gradient)
    })
    .by(BASELINE, baseline_step(x, loss::rosenbrock))
}

/// Weights and samples of the perceptron.
pub(crate) fn perceptron_data() -> (Rc<[f64]>, Rc<[Sample]>) {
    let mut random = Uniform::new();
    let weights: Rc<[f64]> = (0..WEIGHTS).map(|_| random.next()).collect();
    let samples: Rc<[Sample]> = (0..100)
        .map(|i| {
            let angle = f64::from(i) * 0.7;
            let class = if (1.3 * angle).sin() > 0.0 { 1.0 } else { -1.0 };
            ([angle.sin(), 1.3 * angle.cos()], class)
        })
        .collect();
    (weights, samples)
}

fn perceptron() -> Problem {
    let (weights, samples) = perceptron_data();
    // A sample beyond the margin costs the hand-derived loops half, and a tape less.
    let mut gradient = [0.0; WEIGHTS];
    let active = samples.iter().filter(|&&s| plain::hinge(&weights, &[s], &mut gradient) > 0.0);
    assert_eq!(active.count(), samples.len(), "samples within the margin");

    let few = &samples[..4];
    checked(|w| hinge(w, few, by_operators, by_operators), &weights);
    checked(|w| hinge(w, few, by_loop, by_loop), &weights);
    checked(|w| hinge_by_dot(w, few), &weights);

    let [p, q, r, s, t, u] = [(); 6].map(|()| samples.clone());
    let (v, w) = (weights.clone(), weights.clone());
    Problem::new(
        "perceptron 2-16-16-1, 100 samples",
        WEIGHTS,
        move |gradient| plain::hinge(black_box(&v), &p, gradient),
        move |gradient| tuned::hinge(black_box(&w), &q, gradient),
    )
    .by(
        "wengert, by operators",
        step(weights.clone(), move |w| hinge(w, &r, by_operators, by_operators)),
    )
    .by(
        "wengert, added up in a loop",
        step(weights.clone(), move |w| hinge(w, &s, by_loop, by_loop)),
    )
    .by("wengert, by dot", step(weights.clone(), move |w| hinge_by_dot(w, &t)))
    .by("wengert, as a program", {
        let inputs = (0..INPUTS).map(|i| column(&samples, move |s| s.0[i]));
        let columns = inputs.chain([column(&samples, |s| s.1)]).collect();
        let mut run = program::gradient(&Perceptron, &weights, columns, Program::mean);
        let weights = weights.clone();
        move |gradient| run(black_box(&weights), gradient)
    })
    .by(BASELINE, baseline_step(weights, move |w| hinge(w, &u, by_operators, by_operators)))
}

fn gaussian_mixture() -> Problem {
    /// Points recorded at a time, few enough for the tape to stay in the cache.
    const CHUNK: usize = 40;

    let mut random = Uniform::new();
    let parameters: Rc<[f64]> = (0..MIXTURE).map(|_| random.next()).collect();
    let points: Rc<[[f64; DIM]]> =
        (0..1000).map(|_| [(); DIM].map(|()| 2.0 * random.next())).collect();
    checked(|v| mixture(v, &points[..1]), &parameters);
    let [p, q, r, s] = [(); 4].map(|()| points.clone());
    let [w, x, y] = [(); 3].map(|()| parameters.clone());
    let (tape, mut vars) = (Tape::new(), Vec::new());
    Problem::new(
        "Gaussian mixture, d = 10, K = 25, 1,000 points",
        MIXTURE,
        move |gradient| plain::mixture(black_box(&w), &p, gradient),
        move |gradient| tuned::mixture(black_box(&x), &q, gradient),
    )
    .by("wengert", move |gradient| {
        gradient.fill(0.0);
        let mut likelihood = 0.0;
        for chunk in r.chunks(CHUNK) {
            tape.clear();
            vars.clear();
            tape.extend_vars(black_box(&y), &mut vars);
            let part = mixture(&vars, chunk);
            part.backward().add_wrt(&vars, gradient);
            likelihood += part.value();
        }
        likelihood
    })
    .by("wengert, as a program", {
        let columns = (0..DIM).map(|i| column(&points, move |p| p[i])).collect();
        let mut run = program::gradient(&Mixture, &parameters, columns, Program::sum);
        let parameters = parameters.clone();
        move |gradient| run(black_box(&parameters), gradient)
    })
    .by("wengert, in one recording", step(parameters, move |v| mixture(v, &s)))
}

/// Numbers in ±½ from a linear congruential generator (Knuth's MMIX) of fixed seed.
pub(crate) struct Uniform(u64);

impl Uniform {
    pub(crate) fn new() -> Self {
        Uniform(12345)
    }

    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    }
}
