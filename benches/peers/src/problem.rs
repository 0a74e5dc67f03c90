//! The gradients to be computed, and every way to each.

use crate::by_hand;
use crate::engine::program::{self, Compiled};
use crate::engine::{ad_trait, burn, echidna, num_dual, reverse, wengert};
use crate::hand::{plain, tuned};
use crate::loss::{DIM, MIXTURE, Sample, WEIGHTS, checked};
use crate::rows::{self, AbsoluteError, FEATURES, Logistic, Mixture, Perceptron, RowLoss};
use ::wengert::Objective;
use std::array;
use std::hint::black_box;
use std::rc::Rc;

/// Writes a gradient and returns the value.
pub(crate) type Way = Box<dyn FnMut(&mut [f64]) -> f64>;

/// One gradient, and the ways to it by their names, the plain loop first.
pub(crate) struct Problem {
    pub(crate) name: String,
    pub(crate) parameters: usize,
    pub(crate) ways: Vec<(&'static str, Way)>,
}

pub(crate) const PLAIN: &str = "by hand, plain loop";
const TUNED: &str = "by hand, tuned";
const TAPE: &str = "**wengert**, tape";
const PROGRAM: &str = "**wengert**, program";
const ECHIDNA: &str = "echidna, tape";
const BYTECODE: &str = "echidna, bytecode";
#[cfg(feature = "xad-rs")]
const XAD: &str = "xad-rs";
const REVERSE: &str = "reverse";
const AD_TRAIT: &str = "ad_trait, reverse";
const NUM_DUAL: &str = "num-dual, forward";
const BURN: &str = "burn, flex";

/// What makes the problems, one after another, so that the data of one are in memory at a time. The
/// sizes are divided by `part`.
pub(crate) fn all(part: usize) -> Vec<Box<dyn FnOnce() -> Problem>> {
    vec![
        Box::new(move || mean_absolute_error(1_000_000 / part)),
        Box::new(move || logistic(1_000_000 / part)),
        Box::new(move || perceptron(100_000 / part)),
        Box::new(move || mixture(10_000 / part)),
        Box::new(|| rosenbrock(10_000)),
    ]
}

/// Where a loss over rows is differentiated.
struct Rows {
    at: Rc<[f64]>,
    rows: Rc<[f64]>,
    columns: Rc<[Vec<f64>]>,
    /// Rows that are recorded together.
    chunk: usize,
    /// What the sum over the rows is multiplied by.
    scale: f64,
}

impl Rows {
    /// `mean` says whether the loss is the mean over the rows, and not the sum.
    fn new<L: RowLoss>(at: Vec<f64>, rows: Vec<f64>, chunk: usize, mean: bool) -> Self {
        let n = rows.len() / L::WIDTH;
        let column = |j| rows.iter().skip(j).step_by(L::WIDTH).copied().collect();
        let columns = (0..L::WIDTH).map(column).collect();
        let scale = if mean { 1.0 / n as f64 } else { 1.0 };
        Rows { at: at.into(), columns, rows: rows.into(), chunk, scale }
    }
}

impl Problem {
    fn new(name: impl Into<String>, parameters: usize) -> Self {
        Problem { name: name.into(), parameters, ways: Vec::new() }
    }

    fn by(mut self, name: &'static str, way: impl FnMut(&mut [f64]) -> f64 + 'static) -> Self {
        self.ways.push((name, Box::new(way)));
        self
    }

    /// By an engine that gives the sum over the rows `data` at parameters.
    fn by_sum(
        self,
        name: &'static str,
        data: &Rows,
        mut sum: impl FnMut(&[f64], &[f64], usize, &mut [f64]) -> f64 + 'static,
    ) -> Self {
        let (at, rows, chunk, scale) = (data.at.clone(), data.rows.clone(), data.chunk, data.scale);
        self.by(name, move |gradient| {
            let value = sum(black_box(&at), &rows, chunk, gradient) * scale;
            gradient.iter_mut().for_each(|slope| *slope *= scale);
            value
        })
    }

    /// By wengert, and by all that differentiate by reverse mode what is generic over numbers.
    fn by_engines<L: RowLoss>(self, data: &Rows, objective: &impl Objective) -> Self {
        let row: Vec<f64> = data.columns.iter().map(|column| column[0]).collect();
        let mut compiled = if data.scale == 1.0 {
            Compiled::sum(objective, &data.at, &row)
        } else {
            Compiled::mean(objective, &data.at, &row)
        };
        let (at, columns) = (data.at.clone(), data.columns.clone());
        checked(|v| L::sum(v, &data.rows[..L::WIDTH]), &data.at);
        let mut eager = wengert::Eager::default();
        let recorded = &data.rows[..data.chunk * L::WIDTH];
        let mut bytecode = echidna::Bytecode::rows::<L>(&data.at, recorded);
        let tape = ::reverse::Tape::new();
        let problem = self
            .by_sum(TAPE, data, move |at, rows, chunk, out| eager.rows::<L>(at, rows, chunk, out))
            .by(PROGRAM, move |out| compiled.run(black_box(&at), &columns, out))
            .by_sum(ECHIDNA, data, echidna::eager::<L>)
            .by_sum(BYTECODE, data, move |at, rows, _, out| bytecode.run(at, rows, out))
            .by_sum(REVERSE, data, move |at, rows, chunk, out| {
                reverse::rows::<L>(&tape, at, rows, chunk, out)
            })
            .by_sum(AD_TRAIT, data, ad_trait::rows::<L>);
        #[cfg(feature = "xad-rs")]
        let problem = {
            let mut tape = xad_rs::Tape::new(false);
            problem.by_sum(XAD, data, move |at, rows, chunk, out| {
                crate::engine::xad::rows::<L>(&mut tape, at, rows, chunk, out)
            })
        };
        problem
    }

    /// By forward mode in as many directions as there are parameters.
    fn by_forward<L: RowLoss, const N: usize>(self, data: &Rows) -> Self {
        self.by_sum(NUM_DUAL, data, |at, rows, _, out| num_dual::rows::<L, N>(at, rows, out))
    }
}

/// The article's parabola; no point lies on it, which would be a kink.
fn mean_absolute_error(n: usize) -> Problem {
    let curve = |x: f64| (x, 100.0 * x - x * x);
    let place = |i: usize| (i as f64 + 0.5) * 100.0 / n as f64;
    let points: Rc<[(f64, f64)]> = (0..n).map(|i| curve(place(i))).collect();
    let rows = points.iter().flat_map(|&(x, y)| [x, y]).collect();
    let at = [-2.0, 30.0];
    let data = Rows::new::<AbsoluteError>(at.to_vec(), rows, 1000.min(n), true);

    let (p, q, columns) = (points.clone(), points, data.columns.clone());
    let tensors = burn::Labelled::new(&data.rows, AbsoluteError::WIDTH);
    let mut problem = Problem::new(format!("mean absolute error, {n} points"), 2)
        .by(PLAIN, move |out| plain::mean_absolute_error(black_box(at), &p, out))
        .by(TUNED, move |out| tuned::mean_absolute_error(black_box(at), &q, out));
    if let Some((name, error)) = by_hand::vector_error() {
        problem = problem.by(name, move |out| error(black_box(at), &columns[0], &columns[1], out));
    }
    problem
        .by_engines::<AbsoluteError>(&data, &program::absolute_error())
        .by_forward::<AbsoluteError, 2>(&data)
        .by(BURN, move |out| tensors.mean_absolute_error(black_box(&at), out))
}

fn logistic(n: usize) -> Problem {
    const PARAMETERS: usize = FEATURES + 1;
    let mut random = Uniform::new();
    let row = |_| {
        let mut row: [f64; FEATURES + 1] = array::from_fn(|_| random.next());
        row[FEATURES] = if row[0] + 0.3 * row[1] > 0.1 { 1.0 } else { 0.0 };
        row
    };
    let rows: Vec<f64> = (0..n).flat_map(row).collect();
    let at = (0..PARAMETERS).map(|_| random.next()).collect();
    let data = Rows::new::<Logistic>(at, rows, 100.min(n), true);

    let (p, q, v, w, x) =
        (data.rows.clone(), data.rows.clone(), data.at.clone(), data.at.clone(), data.at.clone());
    let tensors = burn::Labelled::new(&data.rows, Logistic::WIDTH);
    Problem::new(format!("logistic regression, {FEATURES} features, {n} rows"), PARAMETERS)
        .by(PLAIN, move |out| by_hand::logistic(black_box(&v), &p, out))
        .by(TUNED, move |out| by_hand::logistic_tuned(black_box(&w), &q, out))
        .by_engines::<Logistic>(&data, &program::logistic())
        .by_forward::<Logistic, PARAMETERS>(&data)
        .by(BURN, move |out| tensors.logistic(black_box(&x), out))
}

fn perceptron(n: usize) -> Problem {
    let mut random = Uniform::new();
    let at: Vec<f64> = (0..WEIGHTS).map(|_| random.next()).collect();
    let sample = |i: usize| {
        let angle = i as f64 * 0.7;
        let class = if (1.3 * angle).sin() > 0.0 { 1.0 } else { -1.0 };
        ([angle.sin(), 1.3 * angle.cos()], class)
    };
    let samples: Rc<[Sample]> = (0..n).map(sample).collect();
    let rows = samples.iter().flat_map(|&(x, class)| [x[0], x[1], class]).collect();
    let data = Rows::new::<Perceptron>(at, rows, 10, true);

    let (p, q) = (samples.clone(), samples);
    let (v, w, x) = (data.at.clone(), data.at.clone(), data.at.clone());
    let tensors = burn::Labelled::new(&data.rows, Perceptron::WIDTH);
    Problem::new(format!("perceptron 2-16-16-1, {n} rows"), WEIGHTS)
        .by(PLAIN, move |out| plain::hinge(black_box(&v), &p, out))
        .by(TUNED, move |out| tuned::hinge(black_box(&w), &q, out))
        .by_engines::<Perceptron>(&data, &program::Perceptron)
        .by(BURN, move |out| tensors.hinge(black_box(&x), out))
}

fn mixture(n: usize) -> Problem {
    let mut random = Uniform::new();
    let at: Vec<f64> = (0..MIXTURE).map(|_| random.next()).collect();
    let points: Rc<[[f64; DIM]]> =
        (0..n).map(|_| array::from_fn(|_| 2.0 * random.next())).collect();
    let data = Rows::new::<Mixture>(at, points.as_flattened().to_vec(), 10, false);

    let (p, q) = (points.clone(), points);
    let (v, w, x) = (data.at.clone(), data.at.clone(), data.at.clone());
    let tensors = burn::Points::new(&data.rows, DIM);
    Problem::new(format!("Gaussian mixture, d = {DIM}, K = 25, {n} points"), MIXTURE)
        .by(PLAIN, move |out| plain::mixture(black_box(&v), &p, out))
        .by(TUNED, move |out| tuned::mixture(black_box(&w), &q, out))
        .by_engines::<Mixture>(&data, &program::Mixture)
        .by(BURN, move |out| tensors.mixture(black_box(&x), out))
}

fn rosenbrock(n: usize) -> Problem {
    let x: Rc<[f64]> = (0..n).map(|i| (i as f64 * 0.37).sin()).collect();
    let at = || x.clone();
    let (p, q, r, s, t, u, v, w) = (at(), at(), at(), at(), at(), at(), at(), at());
    checked(rows::rosenbrock, &x[..100]);
    let mut eager = wengert::Eager::default();
    let mut compiled = Compiled::sum(&program::rosenbrock(), &x, &[]);
    let mut bytecode = echidna::Bytecode::rosenbrock(&x);
    let tape = ::reverse::Tape::new();
    let device = burn::device();
    let problem = Problem::new(format!("Rosenbrock, n = {n}"), n)
        .by(PLAIN, move |out| plain::rosenbrock(black_box(&p), out))
        .by(TUNED, move |out| tuned::rosenbrock(black_box(&q), out))
        .by(TAPE, move |out| eager.rosenbrock(black_box(&r), out))
        .by(PROGRAM, move |out| compiled.run(black_box(&s), &[], out))
        .by(ECHIDNA, move |out| echidna::eager_rosenbrock(black_box(&t), out))
        .by(BYTECODE, move |out| bytecode.run(black_box(&u), &[], out))
        .by(REVERSE, move |out| reverse::rosenbrock(&tape, black_box(&v), out))
        .by(AD_TRAIT, move |out| ad_trait::rosenbrock(black_box(&w), out));
    #[cfg(feature = "xad-rs")]
    let problem = {
        let (mut tape, x) = (xad_rs::Tape::new(false), at());
        problem.by(XAD, move |out| crate::engine::xad::rosenbrock(&mut tape, black_box(&x), out))
    };
    problem.by(BURN, move |out| burn::rosenbrock(&device, black_box(&x), out))
}

/// Numbers in ±½ from a linear congruential generator (Knuth's MMIX) of fixed seed.
struct Uniform(u64);

impl Uniform {
    fn new() -> Self {
        Uniform(12345)
    }

    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    }
}
