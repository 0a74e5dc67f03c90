//! How fast the vector forms are, as a table:
//! `cargo test --release --lib speed -- --ignored --nocapture`.

use super::{BOTH, Column, Visitor, ordinary, parameters, visit};
use crate::op::vector::level::Level;
use crate::op::{Binary, Op, Unary};

/// [`Ordinary`] over a column.
struct Plain<'a> {
    args: [&'a [f64]; 2],
    out: &'a mut [f64],
}

impl Visitor for Plain<'_> {
    fn unary<R: Unary>(&mut self, entry: R) {
        for (out, &x) in self.out.iter_mut().zip(self.args[0]) {
            *out = entry.value(x);
        }
    }
    fn binary<R: Binary>(&mut self, entry: R) {
        let [a, b] = self.args;
        for (out, (&a, &b)) in self.out.iter_mut().zip(a.iter().zip(b)) {
            *out = entry.value(a, b);
        }
    }
}

#[test]
#[ignore = "prints a table: cargo test --release --lib speed -- --ignored --nocapture"]
fn speed() {
    /// The least time of many, in nanoseconds an element.
    fn time(elements: usize, mut work: impl FnMut()) -> f64 {
        let least = (0..30).map(|_| {
            let start = std::time::Instant::now();
            (0..20).for_each(|_| work());
            start.elapsed().as_secs_f64() / 20.0
        });
        least.fold(f64::INFINITY, f64::min) * 1e9 / elements as f64
    }
    let column = |low: f64, high: f64| -> Vec<f64> {
        (0..1024).map(|i| low + (high - low) * f64::from(i * 389 % 1024) / 1024.0).collect()
    };
    let (mut out, mut both) = (vec![0.0; 1024], vec![0.0; 1024]);
    println!(
        "ns an element: ordinary function, then each level: {:?}",
        Level::all().collect::<Vec<_>>()
    );
    for &op in Op::ENTRIES {
        let (a, b) = match op {
            Op::Asin | Op::Acos | Op::Atanh => (column(-0.99, 0.99), column(0.1, 3.0)),
            Op::Ln | Op::Log2 | Op::Log10 | Op::Powf | Op::Log | Op::Xlogy | Op::Sqrt => {
                (column(0.1, 30.0), column(0.1, 3.0))
            }
            Op::Ln1p => (column(-0.9, 30.0), column(0.1, 3.0)),
            Op::Acosh => (column(1.0, 30.0), column(0.1, 3.0)),
            _ => (column(-5.0, 5.0), column(-3.0, 3.0)),
        };
        let ys: Vec<f64> =
            (0..1024).map(|i| ordinary(op, parameters(op), [a[i], b[i]]).value).collect();
        let mut line = format!("{:12}", op.name());
        let mut plain = Plain { args: [&a, &b], out: &mut out };
        line += &format!("{:7.2}", time(1024, || visit(&mut plain, op, parameters(op))));
        let slopes = op.arity().expect("an entry").0;
        for which in (0..=slopes).chain((slopes == 1).then_some(BOTH)) {
            line += " |";
            for level in Level::all() {
                let args = [&a[..], &b];
                let mut column =
                    Column { level, which, args, ys: &ys, out: &mut out, both: &mut both };
                line += &format!("{:7.2}", time(1024, || visit(&mut column, op, parameters(op))));
            }
        }
        println!("{line}");
    }
}
