//! Quadratic functions, whose least point in a box is known.

use crate::region::N;
use wengert::Scalar;
use wengert::optim::{Bounds, End, Search, Sgd};

/// Numbers in `[-1, 1)`, the same on each run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }

    pub(crate) fn list<const N: usize>(&mut self) -> [f64; N] {
        std::array::from_fn(|_| self.next())
    }

    fn below(&mut self, n: usize) -> usize {
        ((self.next() + 1.0) / 2.0 * n as f64) as usize
    }

    /// A box of which some sides are missing, and some parameters held.
    pub(crate) fn bounds<const N: usize>(&mut self) -> ([f64; N], [f64; N]) {
        let mut sides = ([0.0; N], [0.0; N]);
        for i in 0..N {
            let [a, b] = self.list();
            let (low, high) = (a.min(b) * 2.0, a.max(b) * 2.0);
            (sides.0[i], sides.1[i]) = match self.below(5) {
                0 => (f64::NEG_INFINITY, high),
                1 => (low, f64::INFINITY),
                2 => (f64::NEG_INFINITY, f64::INFINITY),
                3 => (low, low),
                _ => (low, high),
            };
        }
        sides
    }
}

/// `½ x A x - b x` with a positive definite `A`.
struct Quadratic {
    a: [[f64; N]; N],
    b: [f64; N],
}

impl Quadratic {
    fn new(random: &mut Random) -> Self {
        let root: [[f64; N]; N] = std::array::from_fn(|_| random.list());
        let mut a = [[0.0; N]; N];
        for (i, row) in a.iter_mut().enumerate() {
            for (j, entry) in row.iter_mut().enumerate() {
                *entry = (0..N).map(|k| root[k][i] * root[k][j]).sum();
            }
            row[i] += 0.25;
        }
        Quadratic { a, b: random.list().map(|b: f64| 3.0 * b) }
    }

    fn at<T: Scalar>(&self, x: &[T]) -> T {
        let of = |i: usize| T::dot(x, &self.a[i].map(T::from)) * 0.5 - self.b[i];
        (0..N).map(|i| of(i) * x[i]).sum()
    }

    fn slope(&self, x: &[f64]) -> [f64; N] {
        std::array::from_fn(|i| (0..N).map(|j| self.a[i][j] * x[j]).sum::<f64>() - self.b[i])
    }

    /// More than the greatest eigenvalue.
    fn steepness(&self) -> f64 {
        (0..N).map(|i| self.a[i][i]).sum()
    }

    /// The least point of a box: of all choices of free parameters and sides, the one that is feasible
    /// and whose multipliers have the right signs.
    fn least(&self, lower: &[f64; N], upper: &[f64; N]) -> [f64; N] {
        for choice in 0..3_usize.pow(N as u32) {
            let kinds: [usize; N] = std::array::from_fn(|i| choice / 3_usize.pow(i as u32) % 3);
            let mut rows = [[0.0; N + 1]; N];
            for i in 0..N {
                match kinds[i] {
                    0 => rows[i][..N].copy_from_slice(&self.a[i]),
                    _ => rows[i][i] = 1.0,
                }
                rows[i][N] = [self.b[i], lower[i], upper[i]][kinds[i]];
            }
            let x = solve(rows);
            let slope = self.slope(&x);
            let tiny = 1e-11;
            let fits = (0..N).all(|i| {
                let inside = lower[i] - tiny <= x[i] && x[i] <= upper[i] + tiny;
                let signed = match kinds[i] {
                    1 => slope[i] >= -tiny || lower[i] == upper[i],
                    2 => slope[i] <= tiny || lower[i] == upper[i],
                    _ => true,
                };
                x[i].is_finite() && inside && signed
            });
            if fits {
                return x;
            }
        }
        panic!("a convex function has a least point in a box")
    }
}

/// Gauss's elimination.
fn solve(mut rows: [[f64; N + 1]; N]) -> [f64; N] {
    for i in 0..N {
        let pivot = (i..N).max_by(|&p, &q| rows[p][i].abs().total_cmp(&rows[q][i].abs())).unwrap();
        rows.swap(i, pivot);
        let own = rows[i];
        for (_, row) in rows.iter_mut().enumerate().filter(|&(j, _)| j != i) {
            let factor = row[i] / own[i];
            row.iter_mut().zip(own).for_each(|(entry, own)| *entry -= factor * own);
        }
    }
    std::array::from_fn(|i| rows[i][N] / rows[i][i])
}

#[test]
fn the_least_point_of_a_quadratic_in_a_box_is_found_and_known_to_be_flat() {
    let mut random = Random(1);
    for case in 0..400 {
        let quadratic = Quadratic::new(&mut random);
        let (lower, upper) = random.bounds();
        let expected = quadratic.least(&lower, &upper);
        let bounds = Bounds::new(&lower, &upper).unwrap();
        let builder = || Sgd::builder(1.0 / quadratic.steepness());
        let momentum = || Sgd::builder(0.5 / quadratic.steepness()).momentum(0.5);
        let start: [f64; N] = random.list().map(|x: f64| 8.0 * x);
        for own in [true, false] {
            for sgd in [builder(), momentum(), momentum().nesterov(true)] {
                let mut x = start;
                let mut search = match own {
                    true => Search::new(sgd.within(bounds.clone()).build().unwrap(), 5000),
                    false => Search::new(sgd.build().unwrap(), 5000).within(bounds.clone()),
                }
                .flat(1e-9)
                .each(|at| assert!(bounds.contains(at.x)));
                let arrival = search.fit(&mut x, |x| quadratic.at(x)).unwrap();
                drop(search);
                assert_eq!(arrival.end, End::Flat, "{case}");
                for (x, expected) in x.iter().zip(expected) {
                    assert!((x - expected).abs() < 1e-7, "{case}: {x} and {expected}");
                }
                assert!(bounds.contains(&x));
            }
        }
    }
}
