//! Sparse Hessians and Jacobians against dense ones, and colorings against their definition.

use wengert::program::{Columns, Program, Residuals};
use wengert::sparse::{Coloring, Pattern};
use wengert::{Objective, objective, residuals};

struct Random(u64);
impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

fn dense(pattern: &Pattern, values: &[f64]) -> Vec<Vec<f64>> {
    let mut rows = vec![vec![0.0; pattern.column_count()]; pattern.row_count()];
    for ((row, column), &x) in pattern.iter().zip(values) {
        rows[row][column] = x;
    }
    rows
}

/// Compares the sparse Hessian with the dense one; returns the number of products that it took.
fn assert_hessian(f: &impl Objective, at: &[f64], columns: &[&[f64]]) -> usize {
    let row: Vec<f64> = columns.iter().map(|column| column[0]).collect();
    let program = Program::record(f, at, &row).unwrap();
    let data = if columns.is_empty() { Columns::none() } else { Columns::new(columns).unwrap() };
    let mut full = program.clone().hessian().compile();
    let full = full.run(at, &data).unwrap();
    let sparse = program.sparse_hessian();
    let mut sweep = sparse.compile();
    let found = sweep.run(at, &data).unwrap();
    assert_eq!(found.gradient(), full.gradient());
    let hessian = found.sparse_hessian();
    let rows = dense(hessian.pattern(), &hessian.values());
    for (i, (got, want)) in rows.iter().zip(full.hessian()).enumerate() {
        for (j, (got, want)) in got.iter().zip(want).enumerate() {
            assert!(
                (got - want).abs() <= 1e-13 * (1.0 + want.abs()),
                "{i}, {j}: {got}, not {want}"
            );
        }
    }
    found.output_count() - 2
}

#[test]
fn of_chains_arrows_and_blocks() {
    let at: Vec<f64> = (0..60).map(|i| (f64::from(i) * 0.7).sin() + 0.1).collect();
    let chain = objective!(|x| x
        .windows(2)
        .map(|w| 100.0 * (w[1] - w[0].square()).square() + (1.0 - w[0]).square())
        .sum());
    assert_eq!(assert_hessian(&chain, &at, &[]), 3);
    let arrow = objective!(|x| x[1..].iter().map(|&y| (x[0] * y).sin()).sum());
    assert_eq!(assert_hessian(&arrow, &at, &[]), 2);
    let blocks = objective!(|x| x.chunks(4).map(|c| T::norm(c) * c[0].exp()).sum());
    assert_eq!(assert_hessian(&blocks, &at, &[]), 4);
    let separable = objective!(|x| x.iter().map(|x| x.sin()).sum());
    assert_eq!(assert_hessian(&separable, &at, &[]), 1);
    let linear = objective!(|x| x.iter().copied().sum::<T>() * 3.0);
    assert_eq!(assert_hessian(&linear, &at, &[]), 0);
    let full = objective!(|x| T::log_sum_exp(x));
    assert_eq!(assert_hessian(&full, &at[..9], &[]), 9);
    let grid = objective!(|x| {
        let (right, down) = ((0..60).filter(|i| i % 8 != 7), 0..52);
        let right = right.filter(|&i| i + 1 < 60).map(|i| (x[i] * x[i + 1]).cos());
        right.sum::<T>() + down.map(|i| (x[i] - x[i + 8]).powi(4)).sum::<T>()
    });
    assert!(assert_hessian(&grid, &at, &[]) <= 8);
}

#[test]
fn over_rows_and_of_parameters_that_rows_choose() {
    let x: Vec<f64> = (0..40).map(|i| f64::from(i) / 8.0 - 2.0).collect();
    let y: Vec<f64> = x.iter().map(|x| (x * 1.7).sin()).collect();
    let pairs = objective!(|p, [x, y]| (p[0] * x + p[1]).tanh() * y + (p[2] * y).exp() + p[3] * x);
    assert_eq!(assert_hessian(&pairs, &[0.3, -0.2, 0.5, 1.0], &[&x, &y]), 2);
    let kinds: Vec<f64> = (0..40).map(|i| f64::from(i % 3)).collect();
    let offsets = objective!(|p, [k, x]| (T::gather(&p[1..4], k) * x + p[0]).square() * p[4]);
    assert_hessian(&offsets, &[0.5, 1.0, -1.5, 2.0, 0.25], &[&kinds, &x]);
}

#[test]
fn of_random_structures() {
    let mut random = Random(0x5eed_0f5a);
    for case in 0..60 {
        let n = 2 + random.below(20);
        let terms: Vec<[usize; 3]> = (0..1 + random.below(2 * n))
            .map(|_| [random.below(n), random.below(n), random.below(n)])
            .collect();
        let terms = &terms[..];
        let f = objective!((terms: &[[usize; 3]]) |x| {
            let term = |&[a, b, c]: &[usize; 3]| match (a + b) % 4 {
                0 => (x[a] * x[b]).sin() + x[c],
                1 => x[a].exp() * 3.0 - x[b],
                2 => T::dot(&[x[a], x[b]], &[x[c], x[a]]),
                _ => (x[a] - x[b]).hypot(x[c] + 3.0),
            };
            terms.iter().map(term).sum()
        });
        let at: Vec<f64> = (0..n).map(|i| (i as f64 + case as f64).cos()).collect();
        assert_hessian(&f, &at, &[]);
    }
}

/// Compares the sparse Jacobian with that of rows.
fn assert_jacobian(of: &impl Residuals, at: &[f64]) -> usize {
    let program = Program::record_residuals(of, at, &[]).unwrap();
    let mut full = program.clone().jacobian().compile();
    let full = full.run(at, &Columns::none()).unwrap();
    let mut sweep = program.sparse_jacobian().compile();
    let found = sweep.run(at, &Columns::none()).unwrap();
    let jacobian = found.sparse_jacobian();
    let rows = dense(jacobian.pattern(), &jacobian.values());
    assert_eq!(rows.len(), full.jacobian().row_count());
    for (i, got) in rows.iter().enumerate() {
        for (got, want) in got.iter().zip(full.jacobian().row(i)) {
            assert!((got - want).abs() <= 1e-14 * (1.0 + want.abs()), "{i}: {got}, not {want}");
        }
    }
    found.output_count() - rows.len()
}

#[test]
fn jacobians_by_columns_or_by_rows() {
    let at: Vec<f64> = (0..50).map(|i| (f64::from(i) * 0.7).sin()).collect();
    let steps = residuals!(|x| x.windows(2).map(|w| w[1] - w[0] * w[0]).collect::<Vec<T>>());
    assert_eq!(assert_jacobian(&steps, &at), 2);
    // One row of all: by columns it would take fifty.
    let total = residuals!(|x| {
        let all = x.iter().map(|x| x.exp()).sum::<T>();
        x.iter().map(|x| x.sin()).take(9).chain([all]).collect::<Vec<T>>()
    });
    assert_eq!(assert_jacobian(&total, &at), 2);
    // One column of all.
    let shift = residuals!(|x| x[1..].iter().map(|&y| y * x[0]).collect::<Vec<T>>());
    assert_eq!(assert_jacobian(&shift, &at), 2);
    let constant = residuals!(|x| vec![x[0] - x[0], T::ONE]);
    assert_jacobian(&constant, &at);
}

/// A residual is one for each row, whether it looks at the row or not.
#[test]
fn a_residual_that_looks_at_no_column_counts_once_for_each_row() {
    let x = [1.0, -2.0, 4.0];
    let data = Columns::new(&[&x]).unwrap();
    let at = [1.0, 2.0];
    let record = |f: &dyn Fn() -> Program| f();
    let mixed = residuals!(|[a, b], [x]| [a * b, a * x]);
    let none = residuals!(|[a, b], [_x]| [a * b, a]);
    for (program, rows) in [
        (record(&|| Program::record_residuals(&mixed, &at, &[1.0]).unwrap()), {
            x.map(|x| [[2.0, 1.0], [x, 0.0]])
        }),
        (record(&|| Program::record_residuals(&none, &at, &[1.0]).unwrap()), {
            x.map(|_| [[2.0, 1.0], [1.0, 0.0]])
        }),
    ] {
        let mut full = program.clone().jacobian().compile();
        let found = full.run(&at, &data).unwrap();
        let jacobian = found.jacobian();
        assert_eq!(jacobian.row_count(), 6);
        for (i, row) in rows.as_flattened().iter().enumerate() {
            assert_eq!(jacobian.row(i), row, "{i}");
        }
        let residuals = found.residuals().to_vec();
        // Sums over the rows.
        let mut sweep = program.clone().sparse_jacobian().compile();
        let found = sweep.run(&at, &data).unwrap();
        let summed = dense(found.sparse_jacobian().pattern(), &found.sparse_jacobian().values());
        for (which, got) in summed.iter().enumerate() {
            let want = [0, 1].map(|p| rows.iter().map(|row| row[which][p]).sum::<f64>());
            assert_eq!(got[..], want, "{which}");
        }
        let mut sweep = program.gauss_newton().compile();
        let found = sweep.run(&at, &data).unwrap();
        let all = rows.as_flattened();
        for p in 0..2 {
            let by = |row: &[f64; 2]| row[p];
            let slope: f64 = all.iter().zip(&residuals).map(|(row, r)| by(row) * r).sum();
            assert_eq!(found.gradient()[p], slope);
            for q in 0..2 {
                let curve: f64 = all.iter().map(|row| row[p] * row[q]).sum();
                assert_eq!(found.gauss_newton()[p][q], curve);
            }
        }
        assert_eq!(found.value(), residuals.iter().map(|r| r * r).sum::<f64>() / 2.0);
    }
}

#[test]
fn colorings_keep_their_promise() {
    let mut random = Random(0x0c01_07ed);
    for _ in 0..300 {
        let n = 1 + random.below(24);
        let edges = random.below(3 * n + 1);
        let pairs: Vec<[u32; 2]> =
            (0..edges).map(|_| [random.below(n), random.below(n)].map(|i| i as u32)).collect();
        let row = |i: u32| {
            let of = |&[a, b]: &[u32; 2]| if a == i { Some(b) } else { (b == i).then_some(a) };
            pairs.iter().filter_map(of).collect::<Vec<u32>>()
        };
        let pattern = Pattern::from_rows(n, (0..n as u32).map(row));
        let colors = Coloring::of_columns(&pattern);
        for i in 0..n {
            let mut seen: Vec<u32> =
                pattern.row(i).iter().map(|&j| colors.colors()[j as usize]).collect();
            seen.sort_unstable();
            assert!(seen.is_sorted_by(|a, b| a < b), "two columns of a color in row {i}");
        }
        let star = Coloring::of_symmetric(&pattern);
        let color = |i: usize| star.colors()[i];
        let next = |i: usize| pattern.row(i).iter().map(|&j| j as usize).filter(move |&j| j != i);
        for a in 0..n {
            for b in next(a) {
                assert_ne!(color(a), color(b));
                for c in next(b).filter(|&c| c != a) {
                    for d in next(c).filter(|&d| d != b && d != a) {
                        let two = color(a) == color(c) && color(b) == color(d);
                        assert!(!two, "a path {a} {b} {c} {d} of two colors");
                    }
                }
            }
        }
    }
}

/// By what it takes for a chain of as many pairs: what grows with the square takes thousands of times as long.
#[test]
fn hubs_do_not_make_it_slow() {
    let n = 20_000;
    let at = vec![0.5; n];
    let chain = objective!(|x| x.windows(2).map(|w| (w[0] * w[1]).sin()).sum());
    let arrow = objective!(|x| {
        let last = x[x.len() - 1];
        x.iter().map(|&y| (last * y).sin()).sum()
    });
    let timed = |program: Program| {
        let begun = std::time::Instant::now();
        let mut sweep = program.sparse_hessian().compile();
        let found = sweep.run(&at, &Columns::none()).unwrap();
        assert_eq!(found.sparse_hessian().pattern().len(), 3 * n - 2);
        (begun.elapsed().as_secs_f64(), found.output_count())
    };
    let (chain, _) = timed(Program::record(&chain, &at, &[]).unwrap());
    let (arrow, outputs) = timed(Program::record(&arrow, &at, &[]).unwrap());
    assert_eq!(outputs, 4);
    assert!(arrow < 30.0 * chain, "{arrow} s, and a chain {chain} s");
}

/// A product computes what its color moves and no more, so that all together compute each pair about once.
#[test]
fn many_colors_cost_no_more_than_few() {
    let mut random = Random(3);
    let n = 300;
    let pairs: Vec<[usize; 2]> =
        (0..5 * n).map(|_| [random.below(n), random.below(n)]).filter(|[i, j]| i != j).collect();
    let pairs = &pairs[..];
    let f = objective!((pairs: &[[usize; 2]]) |x| {
        pairs.iter().map(|&[i, j]| (x[i] * x[j]).sin() + (x[i] - x[j]).square()).sum()
    });
    let at: Vec<f64> = (0..n).map(|i| (i as f64 * 0.7).sin()).collect();
    let products = assert_hessian(&f, &at, &[]);
    let program = Program::record(&f, &at, &[]).unwrap();
    let nodes = |program: Program| program.to_string().lines().count();
    let (gradient, hessian) = (nodes(program.clone().gradient()), nodes(program.sparse_hessian()));
    assert!(products >= 15 && hessian < 5 * gradient, "{products}: {hessian} and {gradient}");
}

#[cfg(feature = "sprs")]
mod as_matrices_of_sprs {
    use super::Random;
    use sprs::{CsMat, TriMat, prod::mul_acc_mat_vec_csr};
    use wengert::program::{Columns, Program};
    use wengert::sparse::{Pattern, SparseError};
    use wengert::{Scalar, hvp, objective, residuals};

    fn chain<T: Scalar>(x: &[T]) -> T {
        x.windows(2).map(|w| (w[1] - w[0].square()).sin() + w[0].powi(4)).sum()
    }

    #[test]
    fn a_hessian_multiplies_as_the_tape_does() {
        let at: Vec<f64> = (0..50).map(|i| (f64::from(i) * 0.7).sin()).collect();
        let program = Program::record(&objective!(|x| chain(x)), &at, &[]).unwrap();
        let mut sweep = program.sparse_hessian().compile();
        let hessian = CsMat::from(sweep.run(&at, &Columns::none()).unwrap().sparse_hessian());
        assert!(hessian.is_csr() && hessian.nnz() == 148);
        let direction: Vec<f64> = at.iter().map(|x| x.cos()).collect();
        let mut got = vec![0.0; 50];
        mul_acc_mat_vec_csr(hessian.view(), &direction, &mut got);
        let (_, _, want) = hvp(chain, &at, &direction).unwrap();
        for (got, want) in got.iter().zip(want) {
            assert!((got - want).abs() < 1e-12, "{got}, not {want}");
        }
    }

    #[test]
    fn a_jacobian_has_its_shape_and_places() {
        let pair = residuals!(|x| [x[0] * x[2], x[2] - 1.0]);
        let program = Program::record_residuals(&pair, &[1.0; 4], &[]).unwrap();
        let mut sweep = program.sparse_jacobian().compile();
        let found = sweep.run(&[2.0, 0.0, 5.0, 0.0], &Columns::none()).unwrap();
        let jacobian = CsMat::from(found.sparse_jacobian());
        assert_eq!((jacobian.rows(), jacobian.cols()), (2, 4));
        let numbers: Vec<_> = jacobian.iter().map(|(&x, place)| (place, x)).collect();
        assert_eq!(numbers, [((0, 0), 5.0), ((0, 2), 2.0), ((1, 2), 1.0)]);
        assert_eq!(Pattern::try_from(&jacobian).unwrap(), *found.sparse_jacobian().pattern());
    }

    #[test]
    fn patterns_are_read_from_rows_and_from_columns() {
        let mut random = Random(7);
        for _ in 0..20 {
            let (rows, columns) = (1 + random.below(9), 1 + random.below(9));
            let mut triplets = TriMat::new((rows, columns));
            let mut places = vec![Vec::new(); rows];
            for _ in 0..random.below(30) {
                let (i, j) = (random.below(rows), random.below(columns));
                triplets.add_triplet(i, j, 1.0);
                places[i].push(j as u32);
            }
            let want = Pattern::from_rows(columns, places);
            assert_eq!(Pattern::try_from(&triplets.to_csr()), Ok(want.clone()));
            assert_eq!(Pattern::try_from(&triplets.to_csc()), Ok(want));
        }
    }

    #[test]
    fn a_side_that_cannot_be_numbered_is_an_error() {
        let long = 1 << 33;
        let wide = CsMat::<f64>::zero((1, long));
        let error = Pattern::try_from(&wide).unwrap_err();
        assert_eq!(error, SparseError::Size { expected: u32::MAX as usize, found: long });
        assert!(error.to_string().starts_with("a side of 8589934592 is longer than 4294967295"));
    }
}
