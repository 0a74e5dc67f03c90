//! Rows of Jacobians and Hessians, whose numbers are computed two at a time, have the bits of the interpreter.

use crate::shapes::same_bits;
use wengert::Scalar;
use wengert::program::{Objective, Program, Residuals};

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) as usize % n
    }
}

/// Residuals of one shape, each from numbers of its own and from some that all share; every few of another shape.
struct Alike {
    seed: u64,
    rows: usize,
}

impl Alike {
    fn row<T: Scalar>(&self, shape: u64, shared: &[T], own: &[T]) -> T {
        let mut random = Random(shape);
        let mut late = vec![own[0], own[1 % own.len()], shared[0]];
        for _ in 0..4 + random.below(12) {
            let pick = |at: usize| late[late.len() - 1 - at % late.len().min(6)];
            let (a, b) = (pick(random.below(6)), pick(random.below(6)));
            let c = shared[random.below(shared.len())];
            late.push(match random.below(16) {
                0 => a + c,
                1 => a - b,
                2 => a * c,
                3 => a * b,
                4 => a / (b * b + 1.0),
                5 => -a,
                6 => a.abs(),
                7 => a.max(b),
                8 => (a * a + 0.5).sqrt(),
                9 => a.powi(3) * 0.125,
                10 => a.relu() + c * 0.75,
                11 => a.sin() * c - a.cos(),
                12 => a.cos() + b.sin(),
                13 => (a * 0.25).tanh(),
                14 => a.mul_add(b, c),
                _ => c.recip() + a * 2.5,
            });
        }
        late[late.len() - 1] + late[late.len() - 2] * 0.5
    }
}

impl Residuals for Alike {
    fn at<T: Scalar>(&self, p: &[T], _: &[T]) -> Vec<T> {
        let angle = p[0] + 0.25;
        let shared = [angle.cos(), p[p.len() - 1] * angle.sin(), p[0] * p[1] + 1.5];
        let shape = |row: usize| self.seed + u64::from(row % 4 == 3);
        let mut before = p[0];
        let rows = (0..self.rows).map(|row| {
            let own = [p[row % p.len()], before];
            let found = self.row(shape(row), &shared, &own);
            // Some rows go on from what the row before gave.
            before = if self.seed.is_multiple_of(3) { found * 0.5 } else { p[(row + 1) % p.len()] };
            found
        });
        rows.collect()
    }
}

/// Their sum.
struct Total(Alike);

impl Objective for Total {
    fn at<T: Scalar>(&self, p: &[T], _: &[T]) -> T {
        self.0.at(p, &[]).into_iter().sum()
    }
}

#[test]
fn rows_of_jacobians_and_hessians() {
    for seed in 0..60 {
        let mut random = Random(seed);
        let (parameters, rows) = (2 + random.below(5), 2 + random.below(6));
        let x: Vec<f64> = (0..parameters).map(|i| (i as f64 * 1.7 + seed as f64).sin()).collect();
        let alike = Alike { seed, rows };
        let program = Program::record_residuals(&alike, &x, &[]).expect("a recording");
        same_bits(&program.clone().jacobian(), &x);
        same_bits(&program.gauss_newton(), &x);
        let program = Program::record(&Total(alike), &x, &[]).expect("a recording");
        same_bits(&program.hessian(), &x);
    }
}

#[test]
fn pairs_do_not_wait_for_each_other() {
    // Slopes: in the first row what is subtracted comes from the other number, in the second that
    // from what is subtracted.
    let crossed = wengert::residuals!(|[p]| {
        let [x, y, z] = [1.1, 0.7, 2.3].map(|shift| (p * shift).floor() + shift);
        let (first, other) = (x / y, z / y);
        [p * (first - first / y), p * (other / y - other)]
    });
    let program = Program::record_residuals(&crossed, &[2.0], &[]).expect("a recording");
    same_bits(&program.jacobian(), &[2.0]);
}

/// A sine and its cosine come of one call, wherever they go.
#[test]
fn sines_and_cosines_that_go_out_as_they_are() {
    let apart = wengert::residuals!(|[p, q, r]| {
        [p.sin(), p * q, r.cos(), q.sin() * r, (p * q).cos(), q.cos(), (r * 0.5).sin()]
    });
    let program = Program::record_residuals(&apart, &[0.3, -1.2, 2.5], &[]).expect("a recording");
    same_bits(&program.clone().jacobian(), &[0.3, -1.2, 2.5]);
    same_bits(&program.gauss_newton(), &[0.3, -1.2, 2.5]);
    let one = wengert::residuals!(|[p]| [p.sin(), p + 1.0, p * 2.0, p.cos()]);
    let program = Program::record_residuals(&one, &[0.3], &[]).expect("a recording").jacobian();
    let mut native = program.compile_native().expect("native code");
    let none = wengert::program::Columns::none();
    let found = native.run(&[0.3], &none).expect("a run");
    assert!((found.residuals()[0] - 0.3_f64.sin()).abs() < 1e-15);
    let expected = [0.3_f64.cos(), 1.0, 2.0, -0.3_f64.sin()];
    for (found, expected) in found.jacobian().as_slice().iter().zip(expected) {
        assert!((found - expected).abs() < 1e-15, "{found}, not {expected}");
    }
}
