#!/usr/bin/env bash
# argmin 0.11.0: Newton-CG is steepest descent where slopes are small.
#
# Its inner conjugate gradients are to end when the norm of the residual is at most min(½, √|g|) |g|, as J. Nocedal
# and S. Wright have it (Numerical Optimization, 2nd edition, algorithm 7.1). What is compared is the square of that
# norm. With |g| below 1 the square is small enough after the first inner step, which goes along the gradient; so
# near a minimum, where Newton's method is at its best, the steps are those of steepest descent. It depends on the
# unit of the loss: Rosenbrock's function from (-1.2, 1) times 10,000 takes 25 steps, and itself does not arrive in
# a thousand.
#
# Seen:
#     times 1: after 1000 steps (0.9975968775, 0.9951861068), MaxItersReached
#     times 10000: after 25 steps (1.0000000000, 1.0000000000), SolverConverged
#
# Exits with 0 while argmin behaves so.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
mkdir "$place/src"
cat >"$place/Cargo.toml" <<'TOML'
[package]
name = "probe"
version = "0.1.0"
edition = "2024"

[dependencies]
argmin = { version = "=0.11.0", default-features = false }
argmin-math = { version = "=0.5.1", default-features = false, features = ["vec"] }
argmin_testfunctions = "=0.3.0"

[workspace]
TOML
cat >"$place/src/main.rs" <<'RUST'
use argmin::core::{CostFunction, Error, Executor, Gradient, Hessian, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::newton::NewtonCG;
use argmin_testfunctions::{rosenbrock, rosenbrock_derivative, rosenbrock_hessian};

struct Valley(f64);

impl CostFunction for Valley {
    type Param = Vec<f64>;
    type Output = f64;
    fn cost(&self, x: &Vec<f64>) -> Result<f64, Error> {
        Ok(self.0 * rosenbrock(x))
    }
}

impl Gradient for Valley {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;
    fn gradient(&self, x: &Vec<f64>) -> Result<Vec<f64>, Error> {
        Ok(rosenbrock_derivative(x).iter().map(|slope| self.0 * slope).collect())
    }
}

impl Hessian for Valley {
    type Param = Vec<f64>;
    type Hessian = Vec<Vec<f64>>;
    fn hessian(&self, x: &Vec<f64>) -> Result<Vec<Vec<f64>>, Error> {
        let scaled = |row: &Vec<f64>| row.iter().map(|entry| self.0 * entry).collect();
        Ok(rosenbrock_hessian(x).iter().map(scaled).collect())
    }
}

fn main() -> Result<(), Error> {
    let mut seen = Vec::new();
    for scale in [1.0, 1e4] {
        let search = MoreThuenteLineSearch::new().with_c(1e-4, 0.9)?;
        let found = Executor::new(Valley(scale), NewtonCG::new(search))
            .configure(|state| state.param(vec![-1.2, 1.0]).max_iters(1000))
            .run()?;
        let state = found.state();
        let x = state.get_best_param().expect("a start");
        let reason = state.get_termination_reason().expect("an end");
        let steps = state.get_iter();
        println!("times {scale}: after {steps} steps ({:.10}, {:.10}), {reason:?}", x[0], x[1]);
        seen.push((steps, (x[0] - 1.0).abs()));
    }
    assert!(seen[0].0 == 1000 && seen[0].1 > 1e-3, "the behaviour has changed");
    assert!(seen[1].0 < 50 && seen[1].1 < 1e-9, "the behaviour has changed");
    Ok(())
}
RUST
cargo run --quiet --manifest-path "$place/Cargo.toml"
