//! The sign of a sum that is 0: sums begin with -0, on every engine.

use wengert::program::{Columns, Program};
use wengert::{Objective, Scalar, Tape, Var, objective};

/// All lists of zeros of so many signs.
fn lists(len: usize) -> impl Iterator<Item = Vec<f64>> {
    (0..1u32 << len)
        .map(move |signs| (0..len).map(|i| if signs >> i & 1 == 0 { -0.0 } else { 0.0 }).collect())
}

/// The bits of an objective of the list as parameters: on numbers, on the tape, in a program; and of the
/// list as a row.
fn bits(of: impl Objective + Copy, list: &[f64]) -> [u64; 4] {
    let tape = Tape::new();
    let vars = tape.vars_from(list);
    let program = Program::record(&of, list, &[]).unwrap();
    struct OfRow<O>(O);
    impl<O: Objective> Objective for OfRow<O> {
        fn at<T: Scalar>(&self, _: &[T], row: &[T]) -> T {
            self.0.at(row, &[])
        }
    }
    let columns: Vec<&[f64]> = list.chunks(1).collect();
    let of_row = match columns.len() {
        0 => of.at(list, &[]),
        _ => {
            // The greatest of one row is what it is; a sum over rows would begin with 0.
            let program = Program::record(&OfRow(of), &[], list).unwrap().max();
            program.compile().run(&[], &Columns::new(&columns).unwrap()).unwrap().value()
        }
    };
    let of_program = program.compile().run(list, &Columns::none()).unwrap().value();
    [of.at(list, &[]), of.at(&vars, &[]).value(), of_program, of_row].map(f64::to_bits)
}

fn check(what: &str, of: impl Objective + Copy, expected: impl Fn(&[f64]) -> f64) {
    for len in 0..=9 {
        for list in lists(len) {
            let expected = expected(&list).to_bits();
            assert_eq!(bits(of, &list), [expected; 4], "{what} of {list:?}");
        }
    }
}

#[test]
fn a_sum_of_zeros_has_the_sign_of_std_s_sum() {
    let std = |list: &[f64]| list.iter().sum::<f64>();
    check("sum", objective!(|xs| xs.iter().copied().sum()), std);
    check("sum_of", objective!(|xs| T::sum_of(xs)), std);
    check("dot with numbers", objective!(|xs| T::dot(xs, &vec![T::from(1.0); xs.len()])), std);
    let negated = |list: &[f64]| list.iter().map(|x| -x).sum::<f64>();
    check("dot", objective!(|xs| T::dot(xs, &vec![T::from(-1.0); xs.len()])), negated);
    check(
        "dot of variables",
        objective!(|xs| {
            let ones: Vec<T> = xs.iter().map(|&x| x - 1.0).collect();
            T::dot(&ones, xs)
        }),
        negated,
    );
    check("dot with itself", objective!(|xs| T::dot(xs, xs)), |list| {
        list.iter().map(|x| x * x).sum()
    });
    check("softmax of one", objective!(|xs| T::softmax(xs).iter().copied().sum()), |list| {
        // Shares of 1, and of nothing.
        if list.is_empty() { -0.0 } else { f64::softmax(list).iter().sum() }
    });
}

#[test]
fn a_mean_of_zeros_has_the_sign_of_their_sum() {
    for len in 1..=7 {
        for list in lists(len) {
            let expected = (list.iter().sum::<f64>() / len as f64).to_bits();
            let found = bits(objective!(|xs| T::mean(xs)), &list);
            assert_eq!(found, [expected; 4], "{list:?}");
        }
    }
    assert!(f64::mean(&[]).is_nan() && <Var>::mean(&[]).value().is_nan());
}

#[test]
fn single_precision_follows_the_same_rule() {
    let tape = Tape::<f32>::default();
    for len in 0..=9 {
        for list in lists(len) {
            let list: Vec<f32> = list.iter().map(|&x| x as f32).collect();
            let vars = tape.vars_from(&list);
            let std: f32 = list.iter().sum();
            let ones = vec![1.0_f32; len];
            let found = [
                f32::sum_of(&list),
                Var::sum_of(&vars).value(),
                f32::dot(&list, &ones),
                Var::dot(&vars, &ones).value(),
            ];
            assert_eq!(found.map(f32::to_bits), [std.to_bits(); 4], "{list:?}");
        }
    }
}

#[test]
fn zeros_of_both_signs_are_in_one_order_on_every_engine() {
    for len in 1..=7 {
        for mut list in lists(len) {
            for other in [None, Some(1.0), Some(-1.0)] {
                if let Some(other) = other {
                    list[len / 2] = other;
                }
                let plain = f64::sorted(&list);
                let count = |xs: &[f64]| xs.iter().filter(|x| x.is_sign_negative()).count();
                assert!(plain.is_sorted() && count(&plain) == count(&list), "{list:?}: {plain:?}");
                for (rank, value) in plain.into_iter().enumerate() {
                    let of = Rank(rank);
                    assert_eq!(bits(of, &list), [value.to_bits(); 4], "{rank} of {list:?}");
                }
            }
        }
    }
}

/// A number of a list by its rank.
#[derive(Clone, Copy)]
struct Rank(usize);

impl Objective for Rank {
    fn at<T: Scalar>(&self, list: &[T], _: &[T]) -> T {
        T::sorted(list)[self.0]
    }
}
