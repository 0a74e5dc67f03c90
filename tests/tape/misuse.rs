//! Stale and foreign variables, and derivatives of what has none: a panic that says so, at the line
//! of the caller, and never a wrong number.

use crate::panics::{misuse, panic_of};
use wengert::loss::{
    CrossEntropy, Huber, Loss, mean_absolute_error, root_mean_squared_error,
    weighted_root_mean_squared_error,
};
use wengert::optim::{OptimError, Search, Sgd};
use wengert::{Params, Scalar, Tape, Var};

pub(crate) fn stale_leaf(tape: &Tape) -> Var {
    let x = tape.var(1.0);
    tape.clear();
    x
}

#[test]
fn a_variable_from_before_a_clear_panics_where_it_is_used() {
    let tape = Tape::new();
    let x = stale_leaf(&tape);
    misuse!("stale variable", x.backward());
    misuse!("stale variable", (x * 2.0).backward());
    misuse!("stale variable", (x * 2.0).keep());
    misuse!("stale variable", x.try_backward());
    misuse!("stale variable", tape.backward([(x, 1.0)]));
    misuse!("stale variable", tape.try_backward([(x * x, 1.0)]));
    misuse!("stale variable", wengert::gradient(|_: &[Var]| x, &[1.0]));
    misuse!("stale variable", wengert::gradient_array(|[_]| x, [1.0]));
    misuse!("stale variable", wengert::gradient_sum(|_: &[Var], ()| x, &[1.0], [()]));
    let mut search = Search::new(Sgd::builder(0.1).build().unwrap(), 1);
    misuse!("stale variable", search.fit(&mut [1.0], |_| x));
    let mut params = Params::from_scalars([("a", 1.0)]).unwrap();
    misuse!("stale variable", params.fit(&mut search, |_| Ok::<_, OptimError>(x)));
    assert_eq!((x * 2.0).value(), 2.0, "its value can still be read");
}

#[test]
fn a_stale_or_foreign_variable_in_a_growing_sum_panics_where_it_is_added() {
    let (tape, other) = (Tape::new(), Tape::new());
    let grown = |tape: &Tape| {
        let [w, h] = tape.vars([1.0, 2.0]);
        let z = (w * h).keep() + w * 2.0 * tape.var(1.0);
        (z, w, h)
    };
    for _ in 0..2 {
        let (z, w, h) = grown(&tape);
        tape.clear();
        // At once, while it is the recording that was written last.
        misuse!("stale variable", z + w * h);
        misuse!("stale variable", z.backward());
        let (y, v, g) = grown(&other);
        misuse!("stale variable", z + w * h);
        misuse!("stale variable", w * h + z);
        misuse!("stale variable", z - w * h);
        misuse!("stale variable", z + w * 2.0 + h * 3.0);
        misuse!("two recordings", z + v * g);
        misuse!("two recordings", v * g + z);
        misuse!("two recordings", y - w * h);
        // Neither tape has taken harm.
        assert_eq!((y + v * g).backward().wrt(g), 1.0 + 1.0);
        let (z, w, h) = grown(&tape);
        assert_eq!((z + w * h).backward().wrt([w, h]), [2.0 + 2.0 + 2.0, 1.0 + 1.0]);
    }
    let (z, w, h) = grown(&tape);
    drop(tape);
    misuse!("stale variable", z + w * h);
}

#[test]
fn a_stale_variable_at_a_kink_or_pole_panics_where_it_is_used() {
    let tape = Tape::new();
    let x = stale_leaf(&tape);
    let [zero, pending] = [x - 1.0, x * 2.0 - 2.0];
    for x in [zero, pending] {
        misuse!("stale variable", x.abs());
        misuse!("stale variable", x.relu());
        misuse!("stale variable", x.clamp(0.0, 1.0));
        misuse!("stale variable", x.max(0.0));
        misuse!("stale variable", x.hypot(0.0));
        misuse!("stale variable", x.sqrt());
        misuse!("stale variable", x.ln());
        misuse!("stale variable", 1.0 / x);
        misuse!("stale variable", Var::select(x.above(0.0), x, -x));
        misuse!("stale variable", Var::select_with(x.below(0.0), || -x, || x * x));
        misuse!("stale variable", {
            Var::custom_pieces("bent", x, 0.0, |x| (x, 1.0), |x| (x, 2.0))
        });
        misuse!("stale variable", Var::norm(&[x, x]));
        misuse!("stale variable", Var::max_of(&[x, x]));
        misuse!("stale variable", Var::custom("pole", [x], |[x]| (x.recip(), [f64::INFINITY])));
    }
}

#[test]
fn a_variable_of_a_dropped_tape_panics_where_it_is_used() {
    let x = Tape::new().var(1.0);
    misuse!("stale variable", x.backward());
    // The next tape of the thread takes over the memory of the last one.
    let tape = Tape::new();
    let y = tape.var(2.0);
    misuse!("stale variable", x.backward());
    misuse!("two recordings", x + y);
    misuse!("two recordings", y * x);
    misuse!("another recording", (y * y).backward().wrt(x));
    assert_eq!((y * y).backward().wrt(y), 4.0);
}

#[test]
fn variables_of_two_recordings_panic_where_they_meet() {
    let (first, second) = (Tape::new(), Tape::new());
    let stale = stale_leaf(&first);
    let [a, b] = [first.var(1.0), second.var(1.0)];
    for (x, y) in [(a, b), (b, a), (a, stale), (stale, a), (a * 2.0, b), (a, b * 2.0 + 1.0)] {
        misuse!("two recordings", x + y);
        misuse!("two recordings", x - y);
        misuse!("two recordings", x * y);
        misuse!("two recordings", x / y);
        misuse!("two recordings", x % y);
        misuse!("two recordings", {
            let mut z = x;
            z += y;
            z
        });
        misuse!("two recordings", {
            let mut z = x;
            z *= &y;
            z
        });
        misuse!("two recordings", x.mul_add(2.0, y));
        misuse!("two recordings", x.mul_add(y, 2.0));
        misuse!("two recordings", (x + 3.0).max(y));
        misuse!("two recordings", x.hypot(y));
        misuse!("two recordings", x.atan2(y));
        misuse!("two recordings", x.powf(y));
        // A list may say of a stale variable that it is stale: that it was "recorded" earlier.
        misuse!("record", Var::sum_of(&[x, y]));
        misuse!("record", Var::mean(&[x, y]));
        misuse!("record", Var::dot(&[x], &[y]));
        misuse!("record", Var::dot(&[x, y], &[1.0, 2.0]));
        misuse!("record", Var::norm(&[x, y]));
        misuse!("record", Var::log_sum_exp(&[x, y]));
        misuse!("record", Var::softmax(&[x, y]));
        misuse!("record", Var::custom("f", [x, y], |[a, b]| (a + b, [1.0, 1.0])));
        misuse!("record", Var::custom("g", [x, y, x], |[a, b, _]| (a + b, [1.0, 1.0, 0.0])));
    }
}

#[test]
fn variables_of_two_recordings_panic_where_they_tie_or_meet_at_a_pole() {
    let (first, second) = (Tape::new(), Tape::new());
    let [a, b] = [first.var(0.0), second.var(0.0)];
    for (x, y) in [(a, b), (b, a), (a * 2.0, b), (a, b * 2.0)] {
        misuse!("two recordings", x.max(y));
        misuse!("two recordings", x.min(y));
        misuse!("two recordings", x.hypot(y));
        misuse!("two recordings", x.atan2(y));
        misuse!("two recordings", (x + 1.0) / y);
        misuse!("two recordings", Var::norm(&[x, y]));
        misuse!("two recordings", Var::max_of(&[x, y, y]));
        misuse!("two recordings", Var::min_of(&[x, x, y]));
    }
}

/// What only chooses among its operands gives no other number for a foreign one, but is no less misuse.
#[test]
fn variables_of_two_recordings_panic_where_one_is_chosen() {
    let (first, second) = (Tape::new(), Tape::new());
    let stale = stale_leaf(&first);
    let [a, b] = [first.var(1.0), second.var(1.0)];
    let numbers = [a, a * 2.0, a * a, 0.5.into()];
    for other in [b, b * 3.0 - 1.0, b.sin(), stale, stale * 0.5] {
        for at in 0..4 {
            let mut list = numbers;
            list[at] = other;
            let [w, x, y, z] = list;
            misuse!("two recordings", Var::max_of(&list));
            misuse!("two recordings", Var::min_of(&list));
            misuse!("two recordings", w.max(x).max(y).max(z));
            for shift in [-9.0, 0.0, 9.0] {
                let shift = shift + w.value() - x.value();
                let (above, below) = ((w - shift).above(x), (w - shift).below(x));
                misuse!("two recordings", Var::select(above, y, z));
                misuse!("two recordings", Var::select(below, y, z));
                if at < 2 {
                    misuse!("two recordings", Var::select_with(above, || y, || y));
                    misuse!("two recordings", Var::select_with(below, || y, || y));
                }
            }
        }
    }
    // Only the branch that is taken is carried out.
    let kept = Var::select_with(a.above(0.0), || a, || b + stale);
    assert_eq!(kept.backward().wrt(a), 1.0);
}

#[test]
fn a_list_with_a_variable_of_another_recording_in_any_place_panics() {
    let (first, second) = (Tape::new(), Tape::new());
    let stale = stale_leaf(&first);
    for tape in [first, Tape::new().watching(1e-3).unwrap()] {
        let foreign = second.var(0.0);
        for len in [2, 3, 4, 9] {
            let leaves = tape.vars_from(&vec![1.0; len]);
            let lists = [
                leaves.clone(),
                leaves.iter().enumerate().map(|(i, &x)| x * i as f64).collect(),
                leaves.iter().map(|&x| x * leaves[0] + leaves[1]).collect(),
            ];
            for (list, at) in lists.iter().flat_map(|list| (0..len).map(move |at| (list, at))) {
                for other in [foreign, foreign * 3.0 + 1.0, stale, stale - 1.0] {
                    let mut mixed = list.clone();
                    mixed[at] = other;
                    let args: [Var; 2] = [mixed[at], mixed[(at + 1) % len]];
                    misuse!("record", Var::sum_of(&mixed));
                    misuse!("record", Var::mean(&mixed));
                    misuse!("record", Var::norm(&mixed));
                    misuse!("record", Var::max_of(&mixed));
                    misuse!("record", Var::min_of(&mixed));
                    misuse!("record", Var::log_sum_exp(&mixed));
                    misuse!("record", Var::softmax(&mixed));
                    misuse!("record", Var::dot(&mixed, &vec![2.0; len]));
                    misuse!("record", Var::dot(&mixed, &mixed));
                    misuse!("record", Var::dot(&mixed, &leaves));
                    misuse!("record", Var::dot(list, &mixed));
                    misuse!("record", Var::custom("sum", args, |[a, b]| (a + b, [1.0; 2])));
                    misuse!("record", Var::custom("pole", args, |[a, b]| (a + b, [f64::NAN; 2])));
                    misuse!(
                        "record",
                        Var::custom_slice("sum", &mixed, |x| {
                            (x.iter().sum(), x.iter().map(|_| 1.0).collect())
                        })
                    );
                    misuse!("record", args[0].mul_add(args[1], 1.0));
                    misuse!("record", args[1].mul_add(args[0], args[1]));
                    misuse!("record", args[1].mul_add(2.0, args[0]));
                }
            }
        }
    }
}

/// Any operation of any operands panics if and only if variables of two recordings are among them.
#[test]
fn of_random_operations_those_of_two_recordings_panic_and_no_others() {
    let (first, second) = (Tape::new(), Tape::new().watching(0.5).unwrap());
    let mut state = 11_u64;
    let mut below = |n: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    let mut counts = [0; 2];
    for _ in 0..300 {
        first.clear();
        // Numbers with the recordings they come from; those of before the last `clear` among them.
        let stale = stale_leaf(&first);
        let mut pool: Vec<(Var, Option<usize>)> = vec![(stale, Some(2))];
        pool.extend([0.0, 1.0, -0.5].map(|x| (x.into(), None)));
        pool.extend([0.0, 1.0, 1.0, -2.0].map(|x| (first.var(x), Some(0))));
        pool.extend([0.0, 1.0, 0.25].map(|x| (second.var(x), Some(1))));
        for _ in 0..60 {
            let picked: Vec<(Var, Option<usize>)> =
                (0..4).map(|_| pool[below(pool.len())]).collect();
            let [a, b, c, d] = [0, 1, 2, 3].map(|i| picked[i].0);
            let mut long = vec![a; 1 + below(9)];
            let at = below(long.len());
            long[at] = b;
            type Operation<'a> = (usize, Box<dyn Fn() -> Var + 'a>);
            let operations: Vec<Operation<'_>> = vec![
                (2, Box::new(|| a + b)),
                (2, Box::new(|| a * b)),
                (2, Box::new(|| a / b)),
                (2, Box::new(|| a.max(b))),
                (2, Box::new(|| a.hypot(b))),
                (2, Box::new(|| a.copysign(b))),
                (3, Box::new(|| a.mul_add(b, c))),
                (4, Box::new(|| Var::max_of(&[a, b, c, d]))),
                (4, Box::new(|| Var::min_of(&[d, b, c, a]))),
                (4, Box::new(|| Var::select(a.above(b), c, d))),
                (4, Box::new(|| Var::select(a.below(b), c, d))),
                (3, Box::new(|| Var::select_with(a.above(b), || c, || c))),
                (4, Box::new(|| Var::dot(&[a, b], &[c, d]))),
                (4, Box::new(|| Var::dot(&[a, b, c], &[b, c, d]))),
                (4, Box::new(|| Var::sum_of(&[a, b, c, d]))),
                (4, Box::new(|| Var::norm(&[a, b, c, d]))),
                (4, Box::new(|| Var::log_sum_exp(&[a, b, c, d]))),
                (4, Box::new(|| Var::softmax(&[a, b, c, d])[1])),
                (4, Box::new(|| [a, b, c, d].iter().product())),
                (4, Box::new(|| [a, b, c, d].iter().sum())),
                (2, Box::new(|| Var::custom("f", [a, b], |[x, y]| (x - y, [1.0, -1.0])))),
                (0, Box::new(|| Var::max_of(&long))),
                (0, Box::new(|| Var::mean(&long))),
                (0, Box::new(|| Var::dot(&long, &vec![0.5; long.len()]))),
            ];
            let (arity, operation) = &operations[below(operations.len())];
            let operands = match arity {
                0 if long.len() == 1 => &picked[1..2],
                0 => &picked[..2],
                &arity => &picked[..arity],
            };
            let mut recordings: Vec<usize> = operands.iter().filter_map(|x| x.1).collect();
            recordings.dedup();
            recordings.sort_unstable();
            recordings.dedup();
            if recordings == [2] {
                continue; // whether a stale number alone is noticed yet depends on what is written
            }
            let result = std::cell::Cell::new(None);
            let run = || result.set(Some(operation()));
            counts[usize::from(recordings.len() > 1)] += 1;
            if recordings.len() > 1 {
                let panic = panic_of(&format!("{picked:?}"), run);
                assert!(panic.message.contains("record"), "{}", panic.message);
                continue;
            }
            run();
            let Some(y) = result.get() else { panic!("it gave nothing") };
            let varies = format!("{y:?}").starts_with("Var");
            if y.value().is_finite() {
                pool.push((y, recordings.first().copied().filter(|_| varies)));
            }
        }
    }
    assert!(counts.into_iter().all(|count| count > 4000), "{counts:?}");
}

#[test]
fn long_lists_with_one_foreign_variable_panic() {
    let (first, second) = (Tape::new(), Tape::new());
    let list = first.vars_from(&[1.0; 40]);
    let foreign = second.vars_from(&[1.0; 40]);
    for at in [0, 1, 17, 39] {
        let mut mixed = list.clone();
        mixed[at] = foreign[at]; // the very same place on its tape
        misuse!("two recordings", Var::sum_of(&mixed));
        misuse!("two recordings", Var::dot(&mixed, &[2.0; 40]));
        misuse!("two recordings", Var::norm(&mixed));
        misuse!("two recordings", Var::log_sum_exp(&mixed));
        misuse!("two recordings", Var::dot(&list, &mixed));
        misuse!("two recordings", Var::dot(&mixed, &mixed));
    }
    misuse!("two recordings", Var::dot(&list, &foreign));
}

/// Numbers of recordings that follow one another at even distances, as the variables' places do.
#[test]
fn a_variable_from_each_recording_of_a_tape_panics() {
    let tape = Tape::new();
    let [.., third] = tape.vars([1.0; 3]);
    tape.clear();
    let [_, second, _] = tape.vars([1.0; 3]);
    tape.clear();
    let list = tape.vars([1.0; 3]);
    let mixed = [list[0], second, third];
    misuse!("two recordings", Var::dot(&mixed, &list));
    misuse!("two recordings", Var::dot(&list, &mixed));
}

#[test]
fn losses_of_foreign_variables_panic_where_they_are_asked_for() {
    let tapes = [Tape::new(), Tape::new()];
    let [a, b] = [tapes[0].var(1.0), tapes[1].var(1.0)];
    let huber = Huber::new(1.0).unwrap();
    misuse!("two recordings", mean_absolute_error([(a, 0.0), (b, 0.0)]));
    misuse!("two recordings", root_mean_squared_error([(a, 0.0), (b, 0.0)]));
    misuse!("two recordings", weighted_root_mean_squared_error([(a, 0.0, 1.0), (b, 0.0, 1.0)]));
    misuse!("two recordings", huber.sum([(a, 0.0), (b, 5.0)]));
    misuse!("two recordings", huber.weighted_mean([(a, 0.0, 1.0), (b, 5.0, 1.0)]));
    misuse!("two recordings", huber.at(a, b));
    misuse!("two recordings", CrossEntropy.at(&[a, b], 0));
    misuse!("two recordings", CrossEntropy.sum([([a, b], 0)]));
    misuse!("two recordings", CrossEntropy.mean([([a, a * a], 0), ([b, b * b], 1)]));
    misuse!("two recordings", CrossEntropy.weighted_mean([([a, b], 0, 2.0)]));
    misuse!("two recordings", CrossEntropy.weighted_sum([([a, b], 0, 2.0)]));
}

#[test]
fn generic_code_panics_where_it_is_written() {
    fn product<T: Scalar>(x: T, y: T) -> T {
        T::dot(&[x], &[y])
    }
    let [a, b] = [Tape::new(), Tape::new()].map(|tape| tape.var(1.0));
    let panic = panic_of("product", || _ = product(a, b));
    assert_eq!(panic.file, file!());
    let tape = Tape::new();
    let x = stale_leaf(&tape);
    misuse!("stale variable", Scalar::abs(x - 1.0));
    misuse!("stale variable", num_traits::Float::abs(x - 1.0));
    misuse!("stale variable", num_traits::Signed::abs(&(x - 1.0)));
    misuse!("stale variable", num_traits::Float::sqrt(x - 1.0));
    misuse!("stale variable", num_traits::Float::clamp(x - 1.0, Var::from(0.0), Var::from(2.0)));
    misuse!("stale variable", num_traits::Inv::inv(x - 1.0));
    misuse!("stale variable", num_traits::Pow::pow(x - 1.0, -1));
    misuse!("stale variable", num_traits::Pow::pow(&(x - 1.0), &-0.5));
    misuse!("two recordings", num_traits::MulAdd::mul_add(x, tape.var(2.0), x));
    misuse!("two recordings", num_traits::Euclid::rem_euclid(&x, &tape.var(2.0)));
}

#[test]
fn the_traits_of_num_refuse_variables_of_two_recordings() {
    use num_traits::{Euclid, Float, MulAdd, MulAddAssign, Pow, Signed};
    let (first, second) = (Tape::new(), Tape::new());
    let stale = stale_leaf(&first);
    let [a, b] = [first.var(1.5), second.var(-2.5)];
    for (x, y) in [(a, b), (b, a), (a, stale), (stale * 2.0, a), (a * 2.0, b - 1.0)] {
        misuse!("two recordings", Float::max(x, y));
        misuse!("two recordings", Float::min(x, y));
        misuse!("two recordings", Float::clamp(x, y, 9.0.into()));
        misuse!("two recordings", Float::clamp(x, (-9.0).into(), y));
        misuse!("two recordings", Float::abs_sub(x, y));
        misuse!("two recordings", Signed::abs_sub(&x, &y));
        misuse!("two recordings", Float::powf(x, y));
        misuse!("two recordings", Float::log(x, y));
        misuse!("two recordings", Float::hypot(x, y));
        misuse!("two recordings", Float::atan2(x, y));
        misuse!("two recordings", Float::copysign(x, y));
        misuse!("two recordings", Float::mul_add(x, y, x));
        misuse!("two recordings", Float::mul_add(x, x, y));
        misuse!("two recordings", MulAdd::mul_add(y, x, 1.0.into()));
        misuse!("two recordings", {
            let mut z = x;
            MulAddAssign::mul_add_assign(&mut z, 2.0.into(), y);
            z
        });
        misuse!("two recordings", Euclid::div_euclid(&x, &y));
        misuse!("two recordings", Euclid::rem_euclid(&x, &y));
        misuse!("two recordings", Pow::pow(x, y));
        misuse!("two recordings", Pow::pow(&x, &y));
    }
}

#[test]
fn an_iterator_sum_of_foreign_variables_panics() {
    let tapes = [Tape::new(), Tape::new()];
    let mixed = [tapes[0].var(1.0), tapes[1].var(1.0)];
    // `Iterator::sum` does not pass its caller on, so the line is the standard library's.
    let sum = panic_of("sum", || _ = mixed.iter().sum::<Var>());
    let product = panic_of("product", || _ = mixed.iter().product::<Var>());
    assert!(sum.message.contains("two recordings") && product.message.contains("two recordings"));
}
