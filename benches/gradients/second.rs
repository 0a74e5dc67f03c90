//! What second derivatives cost, beside the gradient on the same tape.

use crate::loss::{Sample, by_operators, hinge, hinge_by_dot, rosenbrock_of};
use crate::problem::{Way, perceptron_data, step};
use crate::report::{TURN, median};
use std::hint::black_box;
use std::rc::Rc;
use std::time::Instant;
use wengert::{Dual2, Var2, gradient, hessian, hvp};

/// Turns that each of the two gets.
const ROUNDS: usize = 51;

/// A gradient, and second derivatives of the same function.
struct Work {
    name: &'static str,
    parameters: usize,
    gradient: Way,
    second: Box<dyn FnMut()>,
}

/// Prints the table, measured or with empty cells.
pub(crate) fn print(measured: bool) {
    println!("\n| second derivatives | gradient, ns | second, ns | second / gradient |");
    println!("| --- | --: | --: | --: |");
    for mut work in works() {
        let mut out = vec![0.0; work.parameters];
        (work.gradient)(&mut out);
        (work.second)();
        if !measured {
            println!("| {} | - | - | - |", work.name);
            continue;
        }
        let mut first = || {
            black_box((work.gradient)(black_box(&mut out)));
        };
        let times = [(); ROUNDS].map(|()| [turn(&mut first), turn(&mut work.second)]);
        let [gradient, second] = [0, 1].map(|i| median(times.iter().map(|t| t[i]).collect()));
        let ratio = median(times.map(|[gradient, second]| second / gradient).to_vec());
        println!("| {} | {gradient:.0} | {second:.0} | {ratio:.2} |", work.name);
    }
}

/// Nanoseconds for one call.
fn turn(f: &mut dyn FnMut()) -> f64 {
    f();
    let (start, mut count) = (Instant::now(), 0);
    while start.elapsed() < TURN {
        f();
        count += 1;
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(count)
}

fn works() -> Vec<Work> {
    vec![
        product(
            "Hessian-vector product, perceptron, by operators",
            |w, samples| hinge(w, samples, by_operators, by_operators),
            |w, samples| hinge(w, samples, by_operators, by_operators),
        ),
        product("Hessian-vector product, perceptron, by dot", hinge_by_dot, hinge_by_dot),
        dense("Hessian, Rosenbrock, n = 4", 4, hessian_on_tape),
        dense("Hessian by `Dual2`, Rosenbrock, n = 4", 4, hessian_forward::<4>),
        dense("Hessian, Rosenbrock, n = 10", 10, hessian_on_tape),
        dense("Hessian by `Dual2`, Rosenbrock, n = 10", 10, hessian_forward::<10>),
        dense("Hessian, Rosenbrock, n = 100", 100, hessian_on_tape),
    ]
}

fn hessian_on_tape(x: &[f64]) -> Vec<Vec<f64>> {
    hessian(rosenbrock_of, x).2
}

fn hessian_forward<const N: usize>(x: &[f64]) -> Vec<Vec<f64>> {
    let x = x.try_into().expect("so many variables as directions");
    rosenbrock_of(&Dual2::<N>::seeds(x)).hessian().map(Vec::from).into()
}

fn product(
    name: &'static str,
    first: fn(&[wengert::Var], &[Sample]) -> wengert::Var,
    second: fn(&[Var2], &[Sample]) -> Var2,
) -> Work {
    let (weights, samples) = perceptron_data();
    let direction: Vec<f64> = weights.iter().map(|w| 0.5 - w).collect();
    let few: Rc<[Sample]> = samples[..4].into();
    let along = |step: f64| {
        let moved: Vec<f64> = weights.iter().zip(&direction).map(|(w, d)| w + step * d).collect();
        gradient(|w| first(w, &few), &moved).1
    };
    // Between kinks the loss is a polynomial of low degree in the step.
    let step_length = 1e-5;
    let (ahead, back) = (along(step_length), along(-step_length));
    let computed = hvp(|w| second(w, &few), &weights, &direction).expect("one length").2;
    for ((a, b), c) in ahead.iter().zip(&back).zip(computed) {
        let difference = (a - b) / (2.0 * step_length);
        assert!((difference - c).abs() <= 1e-6, "{name}: {difference} and {c}");
    }
    let (x, data) = (weights.clone(), samples.clone());
    Work {
        name,
        parameters: weights.len(),
        gradient: Box::new(step(weights.clone(), move |w| first(w, &data))),
        second: Box::new(move || {
            let _ = black_box(hvp(|w| second(w, &samples), black_box(&x), &direction));
        }),
    }
}

fn dense(name: &'static str, n: usize, way: fn(&[f64]) -> Vec<Vec<f64>>) -> Work {
    let x: Rc<[f64]> = (0..n).map(|i| (i as f64 * 0.37).sin()).collect();
    for (i, row) in way(&x).iter().enumerate() {
        let diagonal = |i: usize| {
            let own = if i + 1 < n { 1200.0 * x[i] * x[i] - 400.0 * x[i + 1] + 2.0 } else { 0.0 };
            own + if i > 0 { 200.0 } else { 0.0 }
        };
        for (j, &got) in row.iter().enumerate() {
            let want = match i.abs_diff(j) {
                0 => diagonal(i),
                1 => -400.0 * x[i.min(j)],
                _ => 0.0,
            };
            assert!((got - want).abs() <= 1e-9, "{name}, {i} {j}: {got} and {want}");
        }
    }
    Work {
        name,
        parameters: n,
        gradient: Box::new(step(x.clone(), rosenbrock_of)),
        second: Box::new(move || {
            black_box(way(black_box(&x)));
        }),
    }
}
