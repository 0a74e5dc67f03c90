//! The measured trajectories: `torch.tsv`, `optax.tsv`, and `optax_held.tsv`, which `generate.py` made with
//! torch 2.15.0 and optax 0.2.8, and the function whose minimum they seek.

use serde_json::{Map, Value};

pub(crate) const TORCH: &str = include_str!("torch.tsv");
pub(crate) const OPTAX: &str = include_str!("optax.tsv");
pub(crate) const OPTAX_HELD: &str = include_str!("optax_held.tsv");

pub(crate) const START: [f64; 4] = [-1.2, 1.0, -0.5, 0.8];

/// One line of a file.
pub(crate) struct Line<'a> {
    pub(crate) name: &'a str,
    pub(crate) options: &'a str,
    pub(crate) step: usize,
    pub(crate) numbers: Vec<f64>,
}

/// The lines of one optimizer or schedule with the same options, in order.
pub(crate) fn runs(text: &str) -> Vec<Vec<Line<'_>>> {
    let mut runs: Vec<Vec<Line>> = Vec::new();
    for text in text.lines().filter(|line| !line.starts_with('#')) {
        let mut cells = text.split('\t');
        let line = Line {
            name: cells.next().unwrap(),
            options: cells.next().unwrap(),
            step: cells.next().unwrap().parse().unwrap(),
            numbers: cells.map(|cell| cell.parse().unwrap()).collect(),
        };
        match runs.last_mut() {
            Some(run) if (run[0].name, run[0].options) == (line.name, line.options) => {
                run.push(line);
            }
            _ => runs.push(vec![line]),
        }
    }
    runs
}

/// Options by name, each of which must be asked for.
pub(crate) struct Options(Map<String, Value>);

impl Options {
    pub(crate) fn of(text: &str) -> Self {
        Options(serde_json::from_str(text).unwrap())
    }

    pub(crate) fn number(&mut self, name: &str) -> Option<f64> {
        self.0.remove(name).map(|value| value.as_f64().unwrap())
    }

    pub(crate) fn count(&mut self, name: &str) -> Option<u64> {
        self.0.remove(name).map(|value| value.as_u64().unwrap())
    }

    pub(crate) fn truth(&mut self, name: &str) -> Option<bool> {
        self.0.remove(name).map(|value| value.as_bool().unwrap())
    }

    pub(crate) fn flag(&mut self, name: &str) -> bool {
        self.truth(name).unwrap_or(false)
    }

    pub(crate) fn word(&mut self, name: &str) -> Option<String> {
        self.0.remove(name).map(|value| value.as_str().unwrap().to_owned())
    }

    pub(crate) fn list(&mut self, name: &str) -> Option<Vec<f64>> {
        let list = self.0.remove(name)?;
        Some(list.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect())
    }

    /// That nothing was overlooked.
    pub(crate) fn are_used(&self) {
        assert!(self.0.is_empty(), "options that nobody asked for: {:?}", self.0);
    }
}

/// Rosenbrock's function in four unknowns and its gradient, in the order of `generate.py`.
pub(crate) fn rosenbrock(x: &[f64]) -> (f64, [f64; 4]) {
    let (mut value, mut g) = (0.0, [0.0; 4]);
    for i in 0..3 {
        let u = x[i + 1] - x[i] * x[i];
        value += 100.0 * u.powi(2) + (1.0 - x[i]).powi(2);
        g[i] += -400.0 * u * x[i] - 2.0 * (1.0 - x[i]);
        g[i + 1] += 200.0 * u;
    }
    (value, g)
}

/// The greatest difference between two lists, relative to the second.
pub(crate) fn difference(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let relative = |(a, b): (&f64, &f64)| if a == b { 0.0 } else { (a - b).abs() / b.abs() };
    found.iter().zip(expected).map(relative).fold(0.0, f64::max)
}
