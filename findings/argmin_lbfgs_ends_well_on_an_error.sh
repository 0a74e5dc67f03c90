#!/usr/bin/env bash
# argmin 0.11.0: where the cost function returns an error, L-BFGS ends as if all were well.
#
# An error of cost() or gradient() ends a run of the other solvers, and Executor::run returns it. LBFGS, when its line
# search returns it, returns Ok instead: the state is terminated with SolverExit, whose text tells the error, the
# parameters are those before, the error itself is gone, and so is the problem, which was lent to the line search.
# Whoever writes run()? takes the start for the minimum. Only the termination status says otherwise.
#
# Seen, of x² from 3, whose cost is an error below 1:
#     steepest descent: Err(no cost at -3)
#     L-BFGS: Ok, x = [3.0], solver exit "Line search terminated with: 'no cost at -3'", problem left: false
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

[workspace]
TOML
cat >"$place/src/main.rs" <<'RUST'
use argmin::core::{CostFunction, Error, Executor, Gradient, State};
use argmin::core::{TerminationReason, TerminationStatus};
use argmin::solver::gradientdescent::SteepestDescent;
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;

struct Square;

impl CostFunction for Square {
    type Param = Vec<f64>;
    type Output = f64;
    fn cost(&self, x: &Vec<f64>) -> Result<f64, Error> {
        if x[0] < 1.0 { Err(Error::msg(format!("no cost at {}", x[0]))) } else { Ok(x[0] * x[0]) }
    }
}

impl Gradient for Square {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;
    fn gradient(&self, x: &Vec<f64>) -> Result<Vec<f64>, Error> {
        Ok(vec![2.0 * x[0]])
    }
}

fn main() {
    let steepest = Executor::new(Square, SteepestDescent::new(MoreThuenteLineSearch::new()))
        .configure(|state| state.param(vec![3.0]).max_iters(10))
        .run();
    let error = steepest.map(|_| ()).expect_err("the behaviour has changed");
    println!("steepest descent: Err({error})");
    let found = Executor::new(Square, LBFGS::new(MoreThuenteLineSearch::new(), 7))
        .configure(|state| state.param(vec![3.0]).max_iters(10))
        .run()
        .expect("the behaviour has changed");
    let x = found.state().get_best_param().expect("a start").clone();
    let TerminationStatus::Terminated(TerminationReason::SolverExit(reason)) =
        found.state().get_termination_status()
    else {
        panic!("the behaviour has changed")
    };
    let left = found.problem().problem.is_some();
    println!("L-BFGS: Ok, x = {x:?}, solver exit {reason:?}, problem left: {left}");
    assert_eq!((x, left), (vec![3.0], false), "the behaviour has changed");
    assert!(reason.contains("no cost at -3"), "the behaviour has changed");
}
RUST
cargo run --quiet --manifest-path "$place/Cargo.toml"
