//! An epoch of training beside the derivatives by hand and burn: a perceptron with 48 hidden units reads the
//! handwritten digits, 64 at a time, by plain gradient descent. Asserts that all ways end at the same
//! weights, measures them in turns, and prints the ratios of medians.
//!
//! `cargo run --release --bin training`

use burn::tensor::activation::{log_softmax, relu};
use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use std::error::Error;
use std::time::Instant;
use wengert::Var;
use wengert::optim::Sgd;
use wengert::program::{Columns, Objective, Program};
use wengert::train::{BatchLoss, Batches, Initial, Perceptron, ProgramLoss, TapeLoss, Trainer};
use wengert::{Scalar, optim::Optimizer};

const PIXELS: usize = 64;
const HIDDEN: usize = 48;
const CLASSES: usize = 10;
const BATCH: usize = 64;
const RATE: f64 = 0.1;
const TURNS: usize = 15;

struct CrossEntropy(Perceptron);

impl Objective for CrossEntropy {
    fn at<T: Scalar>(&self, weights: &[T], row: &[T]) -> T {
        let (pixels, digit) = row.split_at(PIXELS);
        let scores = self.0.outputs(weights, pixels, T::relu);
        T::log_sum_exp(&scores) - T::gather(&scores, digit[0])
    }
}

/// The mean over a batch by plain loops; writes its gradient.
fn by_hand(weights: &[f64], rows: &[Vec<f64>], batch: &[u32], slope: &mut [f64]) -> f64 {
    slope.fill(0.0);
    let (w1, rest) = weights.split_at(PIXELS * HIDDEN);
    let (b1, rest) = rest.split_at(HIDDEN);
    let (w2, b2) = rest.split_at(HIDDEN * CLASSES);
    let (s1, rest) = slope.split_at_mut(PIXELS * HIDDEN);
    let (t1, rest) = rest.split_at_mut(HIDDEN);
    let (s2, t2) = rest.split_at_mut(HIDDEN * CLASSES);
    let share = 1.0 / batch.len() as f64;
    let mut sum = 0.0;
    for &row in batch {
        let (x, digit) = rows[row as usize].split_at(PIXELS);
        let digit = digit[0] as usize;
        let mut hidden = [0.0; HIDDEN];
        for (j, hidden) in hidden.iter_mut().enumerate() {
            let products = w1[j * PIXELS..][..PIXELS].iter().zip(x).map(|(w, x)| w * x);
            *hidden = (products.sum::<f64>() + b1[j]).max(0.0);
        }
        let mut scores = [0.0; CLASSES];
        for (k, score) in scores.iter_mut().enumerate() {
            let products = w2[k * HIDDEN..][..HIDDEN].iter().zip(&hidden).map(|(w, h)| w * h);
            *score = products.sum::<f64>() + b2[k];
        }
        let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let powers = scores.map(|score| (score - most).exp());
        let all: f64 = powers.iter().sum();
        sum += all.ln() + most - scores[digit];
        let mut back = [0.0; HIDDEN];
        for k in 0..CLASSES {
            let by = share * (powers[k] / all - f64::from(u8::from(k == digit)));
            t2[k] += by;
            for j in 0..HIDDEN {
                s2[k * HIDDEN + j] += by * hidden[j];
                back[j] += by * w2[k * HIDDEN + j];
            }
        }
        for j in (0..HIDDEN).filter(|&j| hidden[j] > 0.0) {
            t1[j] += back[j];
            let slopes = s1[j * PIXELS..][..PIXELS].iter_mut().zip(x);
            slopes.for_each(|(slope, x)| *slope += back[j] * x);
        }
    }
    sum * share
}

/// The same by tensors; the batches are tensors already.
struct Burn {
    device: Device,
    batches: Vec<(Tensor<2>, Tensor<2, Int>)>,
}

impl Burn {
    fn new(rows: &[Vec<f64>], order: &[u32]) -> Self {
        let device = Device::flex().autodiff();
        let batch = |batch: &[u32]| {
            let all = batch.iter().map(|&row| &rows[row as usize]);
            let pixels: Vec<f64> = all.clone().flat_map(|row| row[..PIXELS].to_vec()).collect();
            let digits: Vec<i64> = all.map(|row| row[PIXELS] as i64).collect();
            let n = batch.len();
            let pixels = TensorData::new(pixels, [n, PIXELS]);
            let digits = TensorData::new(digits, [n, 1]);
            let options = (&device, DType::F64);
            (Tensor::from_data(pixels, options), Tensor::from_data(digits, &device))
        };
        let batches = order.chunks(BATCH).map(batch).collect();
        Burn { batches, device }
    }

    fn epoch(&self, weights: &mut [f64]) {
        let tensor = |values: &[f64], shape: [usize; 2]| {
            let data = TensorData::new(values.to_vec(), shape);
            Tensor::<2>::from_data(data, (&self.device, DType::F64))
        };
        let (w1, rest) = weights.split_at(PIXELS * HIDDEN);
        let (b1, rest) = rest.split_at(HIDDEN);
        let (w2, b2) = rest.split_at(HIDDEN * CLASSES);
        let mut leaves = [
            tensor(w1, [HIDDEN, PIXELS]),
            tensor(b1, [1, HIDDEN]),
            tensor(w2, [CLASSES, HIDDEN]),
            tensor(b2, [1, CLASSES]),
        ];
        for (pixels, digits) in &self.batches {
            let [w1, b1, w2, b2] = leaves.map(Tensor::require_grad);
            let hidden = relu(pixels.clone().matmul(w1.clone().transpose()) + b1.clone());
            let scores = hidden.matmul(w2.clone().transpose()) + b2.clone();
            let loss = -log_softmax(scores, 1).gather(1, digits.clone()).mean();
            let mut gradients = loss.backward();
            leaves = [w1, b1, w2, b2].map(|leaf| {
                let slope = leaf.grad_remove(&mut gradients).expect("it is a leaf");
                Tensor::from_inner(leaf.inner() - slope * RATE)
            });
        }
        let mut rest = weights;
        for leaf in leaves {
            let numbers = leaf.into_data().try_into_vec::<f64>().expect("doubles");
            let (own, after) = rest.split_at_mut(numbers.len());
            own.copy_from_slice(&numbers);
            rest = after;
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/digits.csv");
    let text = std::fs::read_to_string(path)?;
    let number = |(place, text): (usize, &str)| -> Result<f64, std::num::ParseFloatError> {
        Ok(text.parse::<f64>()? / if place < PIXELS { 16.0 } else { 1.0 })
    };
    let row = |line: &str| line.split(',').enumerate().map(number).collect::<Result<Vec<f64>, _>>();
    let rows = text.lines().skip(1).map(row).collect::<Result<Vec<_>, _>>()?;
    let columns: Vec<Vec<f64>> =
        (0..=PIXELS).map(|column| rows.iter().map(|row| row[column]).collect()).collect();
    let columns: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();

    let net = Perceptron::new(&[PIXELS, HIDDEN, CLASSES])?;
    let start = net.params::<f64>(Initial::He, 1).values().to_vec();
    let objective = CrossEntropy(net.clone());
    let program = Program::record(&objective, &start, &rows[0])?;
    let mut of_program = ProgramLoss::new(&program, Columns::new(&columns)?);
    let mut of_tape = TapeLoss::new(rows.len(), |weights: &[Var], row| {
        let (pixels, digit) = rows[row].split_at(PIXELS);
        let scores = net.outputs(weights, pixels, Var::relu);
        Var::log_sum_exp(&scores) - scores[digit[0] as usize]
    });
    let batches = Batches::of(BATCH).shuffled(1);
    let all: Vec<u32> = (0..rows.len() as u32).collect();
    let order = batches.epoch(&all, 0);
    let burn = Burn::new(&rows, &order);

    fn sgd() -> Result<Sgd, wengert::optim::OptimError> {
        Sgd::builder(RATE).build()
    }
    let mut slope = vec![0.0; start.len()];
    let mut bare = |loss: &mut dyn BatchLoss, weights: &mut [f64]| -> Result<(), Box<dyn Error>> {
        let mut sgd = sgd()?;
        for batch in order.chunks(BATCH) {
            let value = loss.gradient(weights, batch, &mut slope).map_err(|error| error.to_string())?;
            sgd.step(weights, value, &slope)?;
        }
        Ok(())
    };
    let trained = |loss: &mut dyn BatchLoss, weights: &mut [f64]| -> Result<(), Box<dyn Error>> {
        Trainer::new(sgd()?).batches(batches.clone()).fit(weights, loss)?;
        Ok(())
    };
    let mut hand_slope = vec![0.0; start.len()];

    let names = ["by hand", "program", "program, Trainer", "tape, Trainer", "burn"];
    let mut times = [const { Vec::new() }; 5];
    let mut ends = vec![start.clone(); names.len()];
    for _ in 0..TURNS {
        for (which, (times, weights)) in times.iter_mut().zip(&mut ends).enumerate() {
            weights.copy_from_slice(&start);
            let begun = Instant::now();
            match which {
                0 => {
                    for batch in order.chunks(BATCH) {
                        by_hand(weights, &rows, batch, &mut hand_slope);
                        let steps = weights.iter_mut().zip(&hand_slope);
                        steps.for_each(|(weight, slope)| *weight -= RATE * slope);
                    }
                }
                1 => bare(&mut of_program, weights)?,
                2 => trained(&mut of_program, weights)?,
                3 => trained(&mut of_tape, weights)?,
                _ => burn.epoch(weights),
            }
            times.push(begun.elapsed().as_secs_f64());
        }
        for (name, end) in names.iter().zip(&ends) {
            let off = end.iter().zip(&ends[0]).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(off < 1e-12, "{name} ends {off:e} from the one by hand");
        }
    }
    let medians = times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[TURNS / 2]
    });
    println!("| an epoch of 1,797 digits | ms | by hand | burn |\n| --- | --: | --: | --: |");
    for (name, time) in names.iter().zip(medians) {
        let [hand, .., burn] = medians;
        println!("| {name} | {:.2} | {:.2} | {:.2} |", time * 1e3, time / hand, time / burn);
    }
    Ok(())
}
