//! Random compositions at points where many kinks are met at once.

use super::limits::{Directions, close, gradient_away, moved, within};
use super::subdifferential::support;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use wengert::op::Op;
use wengert::{Extent, Rule, Scalar, Tape, Var};

#[derive(Clone, Debug)]
enum Expr {
    Leaf(usize),
    Constant(f64),
    Scaled(f64, Box<Expr>),
    Row(Op, Vec<f64>, Vec<Expr>),
    Sum(Vec<Expr>),
    Product(Box<[Expr; 2]>),
    Extreme(bool, Vec<Expr>),
    Norm(Vec<Expr>),
    Dot(Vec<Expr>),
    /// A function of two pieces, which are not straight.
    Pieces(f64, Box<Expr>),
    /// A select between two numbers that meet where what is compared is equal.
    Branch(Box<[Expr; 3]>),
}

impl Expr {
    fn eval<T: Scalar>(&self, x: &[T]) -> T {
        let of = |list: &[Expr]| list.iter().map(|e| e.eval(x)).collect::<Vec<T>>();
        match self {
            Expr::Leaf(i) => x[*i],
            Expr::Constant(c) => T::from(*c),
            Expr::Scaled(c, e) => e.eval(x) * *c,
            Expr::Row(op, parameters, list) => op.apply(&of(list), parameters).expect("arity"),
            Expr::Sum(list) => of(list).into_iter().sum(),
            Expr::Product(pair) => pair[0].eval(x) * pair[1].eval(x),
            Expr::Extreme(true, list) => T::max_of(&of(list)),
            Expr::Extreme(false, list) => T::min_of(&of(list)),
            Expr::Norm(list) => T::norm(&of(list)),
            Expr::Dot(list) => {
                let list = of(list);
                let back: Vec<T> = list.iter().rev().copied().collect();
                T::dot(&list, &back)
            }
            Expr::Pieces(at, e) => {
                let at = *at;
                let left = |x: f64| ((x - at) * (x + 1.0), 2.0 * x + 1.0 - at);
                T::custom_pieces("pieces", e.eval(x), at, left, |x| (at - x, -1.0))
            }
            Expr::Branch(three) => {
                let [a, b, c] = [0, 1, 2].map(|i: usize| three[i].eval(x));
                T::select(a.above(b), c + (a - b) * 2.0, c - (a - b))
            }
        }
    }
}

const LEAVES: usize = 3;

/// Numbers that tie often and exactly.
fn number() -> impl Strategy<Value = f64> {
    prop::sample::select(vec![0.0, 0.0, 0.0, 1.0, 1.0, -1.0, 2.0, -0.5])
}

fn expression() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        5 => (0..LEAVES).prop_map(Expr::Leaf),
        1 => number().prop_map(Expr::Constant),
    ];
    leaf.prop_recursive(6, 40, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 1..5);
        let row = |ops: Vec<(Op, Vec<f64>)>, n: usize| {
            let args = prop::collection::vec(inner.clone(), n);
            (prop::sample::select(ops), args).prop_map(|((op, p), list)| Expr::Row(op, p, list))
        };
        let unary = vec![
            (Op::Abs, vec![]),
            (Op::Relu, vec![]),
            (Op::LeakyRelu, vec![0.25]),
            (Op::LeakyRelu, vec![-2.0]),
            (Op::Clamp, vec![-1.0, 1.0]),
            (Op::Clamp, vec![0.0, 2.0]),
            (Op::Tanh, vec![]),
            (Op::Sin, vec![]),
            (Op::ExpM1, vec![]),
        ];
        let binary = vec![(Op::Max, vec![]), (Op::Min, vec![]), (Op::Hypot, vec![])];
        let scale = prop::sample::select(vec![-1.0, 2.0, 0.5, -3.0]);
        prop_oneof![
            4 => row(unary, 1),
            4 => row(binary, 2),
            3 => list.clone().prop_map(Expr::Sum),
            2 => (scale, inner.clone()).prop_map(|(c, e)| Expr::Scaled(c, Box::new(e))),
            1 => [inner.clone(), inner.clone()].prop_map(|pair| Expr::Product(Box::new(pair))),
            2 => (any::<bool>(), list.clone()).prop_map(|(most, list)| Expr::Extreme(most, list)),
            1 => list.clone().prop_map(Expr::Norm),
            1 => list.prop_map(Expr::Dot),
            1 => (number(), inner.clone()).prop_map(|(at, e)| Expr::Pieces(at, Box::new(e))),
            2 => [inner.clone(), inner.clone(), inner].prop_map(|three| Expr::Branch(Box::new(three))),
        ]
    })
}

fn fixed(cases: u32) -> Config {
    let rng_seed = RngSeed::Fixed(1964);
    Config { cases, rng_seed, failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(fixed(3000))]

    #[test]
    fn every_direction_gives_the_gradient_where_it_leads(
        expr in expression(),
        at in prop::collection::vec(number(), LEAVES),
    ) {
        // What ties but for rounding is not at its kink, and looks as if it were.
        let tape = Tape::new().watching(1e-9).expect("a radius");
        let x = tape.vars_from(&at);
        let y: Var = expr.eval(&x);
        prop_assume!(y.value().abs() < 1e3 && tape.near_kinks().is_empty());
        prop_assert_eq!(y.value(), expr.eval::<f64>(&at));
        let mut directions = Directions::new();
        for _ in 0..8 {
            let direction = directions.of(LEAVES);
            let gradient = y.backward_with(Rule::Along(&x, &direction)).expect("a direction");
            let slope = gradient.wrt(&x);
            // Where the function bends sharply the limit is seen from closer by only.
            let towards = [1.0, 0.01].map(|scale| {
                gradient_away(|x| expr.eval(x), &at, &direction, scale)
            });
            if let [Some(far), Some(nearer)] = towards {
                let is_limit = close(&slope, &far) || close(&slope, &nearer);
                prop_assert!(is_limit, "{slope:?} {far:?} {nearer:?} {:?}", gradient.kinks());
            }
            // The derivative along it is that of the branch, and that of the values.
            let along = y.jvp(&x, &direction).expect("a direction");
            let product: f64 = slope.iter().zip(&direction).map(|(a, b)| a * b).sum();
            prop_assert!((along - product).abs() <= 1e-12 * (1.0 + product.abs()));
            let step = 1e-7;
            let difference = (expr.eval::<f64>(&moved(&at, &direction, step)) - y.value()) / step;
            let closer = (expr.eval::<f64>(&moved(&at, &direction, step / 100.0)) - y.value()) * 100.0 / step;
            let is_limit = [difference, closer].iter().any(|&limit| close(&[along], &[limit]));
            prop_assert!(is_limit, "{along} {difference} {closer}");
        }
    }

    #[test]
    fn the_subdifferential_holds_the_gradients_along_directions_and_no_foreign_pieces(
        expr in expression(),
        at in prop::collection::vec(number(), LEAVES),
    ) {
        let tape = Tape::new();
        let x = tape.vars_from(&at);
        let y: Var = expr.eval(&x);
        prop_assume!(y.value().abs() < 1e3);
        let set = y.subdifferential(&x).expect("a whole recording");
        let mut directions = Directions::new();
        for _ in 0..20 {
            let direction = directions.of(LEAVES);
            let gradient = y.backward_with(Rule::Along(&x, &direction)).expect("a direction");
            let slope = gradient.wrt(&x);
            let along: f64 = slope.iter().zip(&direction).map(|(a, b)| a * b).sum();
            let most = support(&set, &direction);
            match set.extent() {
                Extent::Incomplete => {}
                // One of the pieces that are listed, each of which some direction enters.
                _ if !set.pieces().is_empty() => {
                    let listed = set.pieces().iter().any(|piece| within(1e-9, &slope, piece));
                    prop_assert!(listed, "{slope:?} {:?}", set.pieces());
                }
                // Where all kinks bend upwards, the furthest out; where all bend downwards, the least.
                Extent::Whole => {
                    let against: Vec<f64> = direction.iter().map(|d| -d).collect();
                    let ends = [most, -support(&set, &against)];
                    let near = |end: &f64| (along - end).abs() <= 1e-9 * (1.0 + along.abs());
                    prop_assert!(ends.iter().any(near), "{along} {ends:?}");
                }
                _ => prop_assert!(along <= most + 1e-9 * (1.0 + along.abs()), "{along} {most}"),
            }
        }
        let least = set.least_norm();
        let square: f64 = least.iter().map(|p| p * p).sum();
        let against: Vec<f64> = least.iter().map(|p| -p).collect();
        prop_assert!((square + support(&set, &against)).abs() <= 1e-9 * (1.0 + square));
    }

    #[test]
    fn a_watched_tape_has_the_same_values_kinks_and_gradients(
        expr in expression(),
        at in prop::collection::vec(number(), LEAVES),
        radius in prop::sample::select(vec![0.0, 0.75, f64::INFINITY]),
    ) {
        let (plain, watched) = (Tape::new(), Tape::new().watching(radius).expect("a radius"));
        let [x, w] = [&plain, &watched].map(|tape| tape.vars_from(&at));
        let [y, z]: [Var; 2] = [expr.eval(&x), expr.eval(&w)];
        prop_assert_eq!(y.value().to_bits(), z.value().to_bits());
        // On a watched tape a flat piece is a statement, so a select between two is not seen through.
        let met = |tape: &Tape| tape.kinks().iter().filter(|k| k.op() != Op::Select).count();
        prop_assert_eq!(met(&plain), met(&watched));
        prop_assume!(y.value().abs() < 1e6);
        for rule in [Rule::Default, Rule::Left, Rule::First, Rule::Directional] {
            let a = y.backward_with(rule).expect("no direction").wrt(&x);
            let b = z.backward_with(rule).expect("no direction").wrt(&w);
            prop_assert!(within(1e-9, &a, &b), "{rule:?} {a:?} {b:?}");
        }
    }

    #[test]
    fn a_gradient_that_is_classical_is_the_same_under_every_rule(
        expr in expression(),
        at in prop::collection::vec(number(), LEAVES),
    ) {
        let tape = Tape::new();
        let x = tape.vars_from(&at);
        let y: Var = expr.eval(&x);
        let gradient = y.backward();
        let classical = gradient.is_classical().expect("a live recording");
        prop_assert_eq!(y.backward_with(Rule::Error).is_ok(), classical);
        if classical {
            for rule in [Rule::Left, Rule::Right, Rule::First, Rule::Directional] {
                let other = y.backward_with(rule).expect("no direction");
                prop_assert!(close(&other.wrt(&x), &gradient.wrt(&x)), "{rule:?}");
            }
        }
        // The recording is as it was.
        prop_assert_eq!(y.backward(), gradient);
    }
}
