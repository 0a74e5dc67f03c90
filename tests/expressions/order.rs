//! Sorted lists, medians and quantiles on all engines, against plain sorting, at ties above all.

use std::panic::catch_unwind;
use wengert::program::{Columns, Program};
use wengert::{Objective, Rule, Scalar, Tape, Var, gradient, objective};

struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    /// Between -4 and 4, without ties.
    fn distinct(&mut self, n: usize) -> Vec<f64> {
        (0..n).map(|_| self.next() as f64 / (1_u64 << 28) as f64 - 4.0).collect()
    }

    /// Whole numbers below a small one, most of them tied.
    fn tied(&mut self, n: usize, below: u64) -> Vec<f64> {
        (0..n).map(|_| (self.next() % below) as f64 - 1.0).collect()
    }
}

const LEVELS: [f64; 7] = [0.0, 0.1, 0.25, 0.5, 0.6, 0.75, 1.0];

/// By the definition.
fn quantile(xs: &[f64], level: f64) -> f64 {
    let mut xs = xs.to_vec();
    xs.sort_by(f64::total_cmp);
    let at = level * (xs.len() - 1) as f64;
    let (below, above) = (xs[at.floor() as usize], xs[at.ceil() as usize]);
    below + (above - below) * at.fract()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-14 * (1.0 + b.abs())
}

/// The quantile of this level, of parameters and columns together.
struct Ranks(f64);

impl Objective for Ranks {
    fn at<T: Scalar>(&self, x: &[T], row: &[T]) -> T {
        let all: Vec<T> = x.iter().chain(row).copied().collect();
        T::quantile_of(&all, self.0)
    }
}

#[test]
fn plain_numbers_are_sorted() {
    let mut numbers = Numbers(1);
    for n in 1..40 {
        for xs in [numbers.distinct(n), numbers.tied(n, 5)] {
            let mut want = xs.clone();
            want.sort_by(f64::total_cmp);
            assert_eq!(f64::sorted(&xs), want);
            for level in LEVELS {
                assert!(close(f64::quantile_of(&xs, level), quantile(&xs, level)));
            }
            assert!(close(f64::median_of(&xs), quantile(&xs, 0.5)));
        }
    }
    assert_eq!((f64::sorted(&[]), f64::median_of(&[]).is_nan()), (vec![], true));
    assert_eq!(f32::median_of(&[3.0, 1.0, 2.0, 7.0]), 2.5);
    let infinite = [f64::INFINITY, 1.0, f64::NEG_INFINITY];
    assert_eq!(f64::sorted(&infinite), [f64::NEG_INFINITY, 1.0, f64::INFINITY]);
    assert_eq!(f64::median_of(&infinite), 1.0);
    assert_eq!(f64::median_of(&[f64::MAX, f64::MAX]), f64::MAX);
    for level in [-0.1, 1.1, f64::NAN] {
        let text = catch_unwind(|| f64::quantile_of(&[1.0], level)).unwrap_err();
        assert!(text.downcast_ref::<String>().unwrap().contains("not between 0 and 1"));
    }
}

#[test]
fn without_ties_a_tape_writes_nothing_and_the_slope_is_of_the_number_chosen() {
    let mut numbers = Numbers(2);
    for n in [1, 2, 3, 4, 7, 10, 33, 200] {
        let xs = numbers.distinct(n);
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|&a, &b| xs[a].total_cmp(&xs[b]));
        let tape = Tape::new();
        let vars = tape.vars_from(&xs);
        let before = tape.stats().statement_count;
        let sorted = Var::sorted(&vars);
        assert_eq!(tape.stats().statement_count, before);
        for (rank, &place) in order.iter().enumerate() {
            let slopes = sorted[rank].backward().wrt(&vars);
            let want: Vec<f64> = (0..n).map(|at| f64::from(at == place)).collect();
            assert_eq!((sorted[rank].value(), slopes), (xs[place], want));
        }
        for level in LEVELS {
            let (value, slopes) = gradient(|x| Var::quantile_of(x, level), &xs);
            let at = level * (n - 1) as f64;
            let mut want = vec![0.0; n];
            want[order[at.floor() as usize]] += 1.0 - at.fract();
            want[order[at.ceil() as usize]] += at.fract();
            assert!(close(value, quantile(&xs, level)));
            assert!(slopes.iter().zip(&want).all(|(&got, &want)| close(got, want)));
        }
        assert!(tape.kinks().is_empty());
    }
}

/// The gradient beside a point, on the side that a direction enters: there, no numbers tie.
fn beside(f: &Ranks, x: &[f64], direction: &[f64]) -> Vec<f64> {
    let moved: Vec<f64> = x.iter().zip(direction).map(|(x, d)| x + d * 1e-9).collect();
    gradient(|x| f.at(x, &[]), &moved).1
}

#[test]
fn at_ties_directions_choose_and_whether_a_gradient_is_classical_is_told_truly() {
    let mut numbers = Numbers(3);
    let (mut classical, mut kinked) = (0, 0);
    for case in 0..400 {
        let n = 1 + case % 7;
        let x = numbers.tied(n, 2 + case as u64 % 4);
        let f = Ranks(LEVELS[case % LEVELS.len()]);
        let tape = Tape::new();
        let vars = tape.vars_from(&x);
        let y = f.at(&vars, &[]);
        assert!(close(y.value(), quantile(&x, f.0)));
        let mut all = Vec::new();
        for _ in 0..60 {
            let direction = numbers.distinct(n);
            let want = beside(&f, &x, &direction);
            let found = y.backward_with(Rule::Along(&vars, &direction)).unwrap().wrt(&vars);
            assert!(found.iter().zip(&want).all(|(&a, &b)| close(a, b)), "{x:?} {direction:?}");
            let along: f64 = want.iter().zip(&direction).map(|(slope, d)| slope * d).sum();
            assert!(close(y.jvp(&vars, &direction).unwrap(), along));
            all.push(want);
        }
        let truth =
            all.windows(2).all(|pair| pair[0].iter().zip(&pair[1]).all(|(&a, &b)| close(a, b)));
        let gradient = y.backward();
        assert_eq!(gradient.is_classical().unwrap(), truth, "{x:?} {}", f.0);
        // The default shares: it is a mean of what directions choose.
        let total: f64 = gradient.wrt(&vars).iter().sum();
        assert!(close(total, 1.0) && gradient.wrt(&vars).iter().all(|&slope| slope >= 0.0));
        *if truth { &mut classical } else { &mut kinked } += 1;
    }
    assert!(classical > 50 && kinked > 50, "{classical} and {kinked}");
}

#[test]
fn a_program_sorts_each_row_and_agrees_with_the_tape_ties_included() {
    let mut numbers = Numbers(4);
    for n in [1, 2, 3, 5, 8, 13] {
        for level in LEVELS {
            let f = Ranks(level);
            // Two parameters among columns.
            let x = [0.5, 1.0];
            let columns: Vec<Vec<f64>> = (0..n).map(|_| numbers.tied(300, 5)).collect();
            let rows: Vec<Vec<f64>> =
                (0..300).map(|row| columns.iter().map(|column| column[row]).collect()).collect();
            let row = |row: &[f64]| row.iter().map(|&x| Var::from(x)).collect::<Vec<_>>();
            let tape = Tape::new();
            let vars = tape.vars(x);
            let total: Var = rows.iter().map(|r| f.at(&vars, &row(r))).sum();
            let program = Program::record(&f, &x, &rows[0]).unwrap().sum();
            let data: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
            let data = Columns::new(&data).unwrap();
            let mut sweep = program.clone().gradient().compile();
            let found = sweep.run(&x, &data).unwrap();
            assert!(close(found.value(), total.value()));
            let slopes = total.backward().wrt(vars);
            assert!(found.gradient().iter().zip(slopes).all(|(&a, b)| close(a, b)), "{n} {level}");
            for direction in [[1.0, 0.3], [-0.7, 1.0], [-1.0, -2.0]] {
                let want = total.backward_with(Rule::Along(&vars, &direction)).unwrap().wrt(vars);
                let mut along = program.clone().gradient_along().compile();
                let inputs = [x, direction].concat();
                let found = along.run(&inputs, &data).unwrap().output(1).to_vec();
                assert!(found.iter().zip(want).all(|(&a, b)| close(a, b)), "{n} {level}");
                let mut forward = program.clone().jvp().compile();
                let found = forward.run(&inputs, &data).unwrap().output(1)[0];
                // It follows the convention of the gradient.
                let along = slopes[0] * direction[0] + slopes[1] * direction[1];
                assert!(close(found, along), "{n} {level} {direction:?}: {found}, not {along}");
            }
        }
    }
}

#[test]
fn programs_sort_whole_lists_too_and_count_the_ties() {
    let f = objective!(|w, [x]| {
        let list = [w[0] * x, w[1] + x, w[2], x * 2.0];
        T::sorted(&list).iter().zip([1.0, 10.0, 100.0, 1000.0]).map(|(&x, c)| x * c).sum()
    });
    let w = [1.5, -0.25, 2.0];
    let xs: Vec<f64> = (0..40).map(|i| f64::from(i) / 4.0 - 3.0).collect();
    let want = gradient(|w| xs.iter().map(|&x| f.at(w, &[x.into()])).sum(), &w);
    let mut sweep = Program::record(&f, &w, &[1.0]).unwrap().gradient().compile();
    let found = sweep.run(&w, &Columns::new(&[&xs]).unwrap()).unwrap();
    assert!(close(found.value(), want.0));
    assert!(found.gradient().iter().zip(&want.1).all(|(&a, &b)| close(a, b)));
    assert!(!found.kinks().is_empty());
    let kinks: Vec<_> = found.kinks().iter().map(|kink| kink.operation.to_owned()).collect();
    assert!(kinks.iter().all(|name| name == "max" || name == "min"), "{kinks:?}");
}

#[test]
fn what_is_no_number_comes_through_on_every_engine() {
    let nan = f64::NAN;
    for list in [[nan, 1.0, 2.0], [1.0, nan, 2.0], [1.0, 2.0, nan], [nan, nan, 0.0]] {
        for level in LEVELS {
            let f = Ranks(level);
            assert!(f64::quantile_of(&list, level).is_nan());
            let tape = Tape::new();
            let vars = tape.vars(list);
            let y = f.at(&vars, &[]);
            assert!(y.value().is_nan());
            let first = list.iter().position(|x| x.is_nan()).unwrap();
            let want: Vec<f64> = (0..3).map(|at| f64::from(at == first)).collect();
            assert_eq!(y.backward().wrt(&vars[..]), want);
            let mut sweep = Program::record(&f, &[0.0; 3], &[]).unwrap().gradient().compile();
            let found = sweep.run(&list, &Columns::none()).unwrap();
            assert!(found.value().is_nan() && found.gradient().iter().any(|x| x.is_nan()));
            assert!(Var::sorted(&vars).iter().all(|x| x.value().is_nan()));
        }
    }
    assert!(Var::<f64>::median_of(&[]).value().is_nan());
}

#[test]
fn a_tape_that_is_watched_sees_ties_that_are_near() {
    let of = |x: [f64; 4]| {
        let tape = Tape::<f64>::new().watching(1e-6).unwrap();
        let x = tape.vars(x);
        let y = Var::median_of(&x[..3]) + Var::quantile_of(&x, 1.0) * 0.0;
        (y.value(), tape.near_kinks().len())
    };
    assert_eq!(of([1.0, 5.0, 3.0, 9.0]), (3.0, 0));
    let (value, near) = of([1.0, 3.0 + 1e-8, 3.0, 9.0]);
    assert!(value == 3.0 && near > 0);
}

#[test]
fn variables_of_two_recordings_are_refused_at_the_callers_line() {
    let lists: [fn(&[Var]) -> Var; 3] =
        [|x| Var::sorted(x)[0], |x| Var::median_of(x), |x| Var::quantile_of(x, 0.0)];
    for list in lists {
        let refused = catch_unwind(|| {
            let (one, other) = (Tape::new(), Tape::new());
            list(&[one.var(1.0), other.var(2.0)]);
        });
        let text = refused.unwrap_err();
        assert!(text.downcast_ref::<&str>().unwrap().contains("two recordings"));
    }
}
