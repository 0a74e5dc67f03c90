//! Kinks, troubles and nodes are on the user's line, whatever entry or list met them: here on one of this file.

use crate::loss::{self, CrossEntropy, Loss};
use crate::op::for_each_signature;
use crate::program::{Columns, Program, RecordError};
use crate::{Scalar, Tape, Var, objective};

macro_rules! parameter {
    (i32) => {
        -3
    };
    (real) => {
        0.75
    };
}

macro_rules! emit_entries {
    (
        unary { $($unary:ident = $Unary:ident ( $($param:ident : $kind:ident),* );)+ }
        binary { $($binary:ident = $Binary:ident;)+ }
        three { $($three:ident = $Three:ident ( $second:ident, $third:ident );)+ }
        list { $($list:ident = $List:ident;)+ }
    ) => {
        /// Every entry of the table.
        fn entries<S: Scalar>(x: S, y: S) -> Vec<S> {
            vec![
                $(x.$unary($(parameter!($kind)),*),)+
                $(x.$binary(y), x.$binary(0.0),)+
                $(x.$three(y, 0.0), x.$three(y, x),)+
                $(S::$list(&[x, y, x]),)+
            ]
        }
    };
}
for_each_signature!(emit_entries);

/// What is no entry: operators, choices, lists.
fn others<S: Scalar>(x: S, y: S) -> Vec<S> {
    let [list, constants] = [[x, y, x, y], [x, y, S::ONE, S::ZERO]];
    let mut all = vec![x + y, x - y, x * y, x / y, x % y, x / 0.0, -x, x.square(), x.pow(-2)];
    all.extend([x.sin_cos().0, x.mul_add(y, x), S::select(x.above(y), x * y, y * y)]);
    for xs in [&list[..], &constants, &[x, y], &[x]] {
        all.extend([S::sum_of(xs), S::mean(xs), S::norm(xs), S::max_of(xs), S::min_of(xs)]);
        all.extend([S::dot(xs, xs), S::dot(xs, &[0.5, 2.0, -1.0, 0.0][..xs.len()])]);
        all.extend([S::log_sum_exp(xs), S::median_of(xs), S::quantile_of(xs, 0.3)]);
        all.extend(S::softmax(xs));
        all.extend(S::sorted(xs));
    }
    all
}

/// Losses, but for those that choose between two computations, in which a trouble is on a line of its own.
fn losses<S: Scalar>(x: S, y: S) -> Vec<S> {
    fn forms<S: Scalar>(loss: &impl Loss, x: S, y: S) -> Vec<S> {
        let (pairs, points) = ([(x, 1.0), (y, 1.0)], [(x, 1.0, 0.5), (y, 1.0, 0.0)]);
        let all = [
            loss.sum(pairs),
            loss.mean(pairs),
            loss.weighted_sum(points),
            loss.weighted_mean(points),
        ];
        all.into_iter().flatten().chain([loss.at(x, y)]).collect()
    }
    let quantile = loss::Quantile::new(0.3).expect("a level");
    let insensitive = loss::EpsilonInsensitive::new(0.5).expect("a width");
    let mut all = forms(&loss::AbsoluteError, x, y);
    all.extend(forms(&loss::SquaredError, x, y));
    all.extend(forms(&quantile, x, y));
    all.extend(forms(&insensitive, x, y));
    all.extend(forms(&loss::Poisson, x, y));
    all.extend(forms(&loss::BinaryCrossEntropy, x, y));
    all.extend(forms(&loss::Hinge, x, y));
    all.extend(forms(&loss::Logistic, x, y));
    all.extend(forms(&loss::LogCosh, x, y));
    all.extend(CrossEntropy.at(&[x, y, x], 1));
    all.extend(CrossEntropy.mean([([x, y], 1), ([y, x], 0)]));
    all.extend(loss::root_mean_squared_error([(x, 1.0), (y, 1.0)]));
    all.extend(loss::weighted_root_mean_squared_error([(x, 1.0, 2.0), (y, 1.0, 1.0)]));
    all
}

fn all<S: Scalar>(x: S, y: S) -> Vec<S> {
    [entries(x, y), others(x, y), losses(x, y)].concat()
}

/// Losses that choose between two computations.
fn chosen<S: Scalar>(x: S, y: S) -> Vec<S> {
    let huber = loss::Huber::new(0.5).expect("a width");
    let pseudo = loss::PseudoHuber::new(0.5).expect("a width");
    vec![loss::SquaredHinge.at(x, y), huber.at(x, y), pseudo.at(x, y)]
}

#[test]
fn a_kink_and_a_trouble_are_on_the_line_of_the_expression() {
    let numbers = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 1e200, -1e200, 1e-320, f64::INFINITY, f64::NAN];
    let (mut kinks, mut troubles) = (0, 0);
    for watched in [false, true] {
        for (x, y) in numbers.into_iter().flat_map(|x| numbers.map(|y| (x, y))) {
            let tape = Tape::new();
            if watched {
                tape.watch(0.1);
            }
            let (x, y) = (tape.var(x), tape.var(y));
            all(x, y);
            let bend = |slope: f64| move |x: f64| (slope * (x - 1.0), slope);
            Var::custom_pieces("bend", x, 1.0, bend(1.0), bend(f64::INFINITY));
            for kink in tape.kinks() {
                assert_eq!(kink.location().file(), file!(), "{kink}");
            }
            for trouble in tape.troubles() {
                assert_eq!(trouble.location().file(), file!(), "{trouble}");
            }
            kinks += tape.kinks().len();
            troubles += tape.troubles().len();
        }
    }
    assert!(kinks > 1000 && troubles > 100, "{kinks} kinks, {troubles} troubles");
}

/// The files of the lines that a program knows.
fn assert_lines(program: &Program) {
    let graph = &program.graph;
    let mut lines = 0;
    for id in graph.ids() {
        if let Some(line) = graph.line(id) {
            assert_eq!(line.file, file!(), "{line}: {:?}", graph.operation(id));
            lines += 1;
        }
    }
    let guards = program.guards.iter().map(|guard| &guard.line);
    let kinks = graph.kinks().filter_map(|(_, kinked)| kinked.line.as_ref());
    for line in guards.chain(kinks) {
        assert_eq!(line.file, file!(), "{line}");
    }
    assert!(lines > 0);
}

#[test]
fn what_a_program_knows_a_line_of_is_on_that_of_the_expression() {
    let points = [[0.0, 0.0], [1.0, 1.0], [2.0, 0.5], [-1.0, 3.0]];
    for point in points {
        let whole = objective!(|[x, y]| T::sum_of(&all(x, y)) + T::sum_of(&chosen(x, y)));
        let whole = Program::record(&whole, &point, &[]).expect("a recording");
        let rows = objective!(|[x, y], [k, t]| {
            let chosen = T::gather(&[x, y], k) + T::gather(&[x * y, y], k);
            chosen + T::sum_of(&others(x, t)) + T::sum_of(&entries(y, t))
        });
        let rows = Program::record(&rows, &point, &[1.0, 1.0]).expect("a recording");
        for program in [whole, rows] {
            assert_lines(&program);
            assert_lines(&program.clone().gradient());
            assert_lines(&program.clone().hessian());
            assert_lines(&program.gradient_along());
        }
    }
    let own = objective!(|[x]| T::custom_pieces("own", x, 0.0, |x| (x, 1.0), |x| (x, 1.0)));
    let Err(RecordError::Custom { line, .. }) = Program::record(&own, &[1.0], &[]) else {
        panic!("a function of one's own is recorded")
    };
    assert_eq!(line.file, file!());
}

#[test]
fn what_meets_a_kink_in_a_program_is_counted_at_the_line_of_the_expression() {
    let median = objective!(|[x, y]| T::sorted(&[x, y, x * y])[1]);
    let mut sweep =
        Program::record(&median, &[1.0, 1.0], &[]).expect("a recording").gradient().compile();
    let kinks = sweep.run(&[1.0, 1.0], &Columns::none()).expect("a run").kinks();
    assert!(!kinks.is_empty());
    assert!(
        kinks.iter().all(|kink| kink.line.is_some_and(|line| line.file == file!())),
        "{kinks:?}"
    );
}
