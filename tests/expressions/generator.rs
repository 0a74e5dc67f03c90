//! Random expressions, generic over the number that they are computed in.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use std::ops::{Add, Div, Mul, Rem, Sub};
use wengert::op::Op;
use wengert::{Real, Scalar};

#[derive(Clone, Debug)]
pub(crate) enum Expr {
    Leaf(usize),
    Constant(f64),
    /// An operator between two expressions.
    Operator(char, Box<[Expr; 2]>),
    /// An operator between an expression and a number on its right.
    Number(char, Box<Expr>, f64),
    Neg(Box<Expr>),
    Row(Op, Vec<Expr>, Vec<f64>),
    MulAdd(Box<[Expr; 3]>),
    Many(Many, Vec<Expr>),
    /// A subexpression that is used twice.
    Twice(Box<Expr>),
    /// The square, the square of that, and so on, so many times.
    Squares(Box<Expr>, u32),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Many {
    Sum,
    Mean,
    Product,
    Iterated,
    SelfDot,
    /// Of the first half and the second.
    Dot,
    Norm,
    LogSumExp,
    Softmax,
    MaxOf,
    Variance,
    /// Of the first, one in the middle, and the last.
    Lerp,
    Custom,
}

impl Many {
    pub(crate) const ALL: [Many; 13] = [
        Many::Sum,
        Many::Mean,
        Many::Product,
        Many::Iterated,
        Many::SelfDot,
        Many::Dot,
        Many::Norm,
        Many::LogSumExp,
        Many::Softmax,
        Many::MaxOf,
        Many::Variance,
        Many::Lerp,
        Many::Custom,
    ];

    pub(crate) fn of<F: Real, S: Scalar<F>>(self, x: &[S]) -> S {
        match self {
            Many::Sum => S::sum_of(x),
            Many::Mean => S::mean(x),
            Many::Product => x.iter().product(),
            Many::Iterated => x.iter().copied().sum(),
            Many::SelfDot => S::dot(x, x),
            Many::Dot => S::dot(&x[..x.len() / 2], &x[x.len() - x.len() / 2..]),
            Many::Norm => S::norm(x),
            Many::LogSumExp => S::log_sum_exp(x),
            Many::Softmax => S::softmax(x)[0],
            Many::MaxOf => S::max_of(x),
            Many::Variance => S::variance(x),
            Many::Lerp => x[0].lerp(x[x.len() / 2], x[x.len() - 1]),
            Many::Custom => S::custom_slice("sum of squares", x, |x| {
                let squares = x.iter().map(|&x| x * x).sum();
                (squares, x.iter().map(|&x| x + x).collect())
            }),
        }
    }
}

/// An operator on a number and another, or a plain one.
pub(crate) fn operate<S, B>(operator: char, a: S, b: B) -> S
where
    S: Add<B, Output = S> + Sub<B, Output = S> + Mul<B, Output = S>,
    S: Div<B, Output = S> + Rem<B, Output = S>,
{
    match operator {
        '+' => a + b,
        '-' => a - b,
        '*' => a * b,
        '/' => a / b,
        _ => a % b,
    }
}

impl Expr {
    pub(crate) fn children(&self) -> Vec<&Expr> {
        match self {
            Expr::Leaf(_) | Expr::Constant(_) => vec![],
            Expr::Operator(_, pair) => pair.iter().collect(),
            Expr::Number(_, x, _) | Expr::Neg(x) | Expr::Twice(x) => vec![x],
            Expr::Squares(x, _) => vec![x],
            Expr::Row(_, list, _) | Expr::Many(_, list) => list.iter().collect(),
            Expr::MulAdd(three) => three.iter().collect(),
        }
    }

    /// This expression's own operation, of what its children have come to.
    pub(crate) fn apply<F: Real, S: Scalar<F>>(&self, leaves: &[S], x: &[S]) -> S {
        match self {
            Expr::Leaf(i) => leaves[*i],
            Expr::Constant(c) => S::from(F::from_double(*c)),
            Expr::Operator(operator, _) => operate(*operator, x[0], x[1]),
            Expr::Number(operator, _, c) => operate(*operator, x[0], F::from_double(*c)),
            Expr::Neg(_) => -x[0],
            Expr::Row(op, _, parameters) => op.apply(x, parameters).expect("arity"),
            Expr::MulAdd(_) => x[0].mul_add(x[1], x[2]),
            Expr::Many(many, _) => many.of(x),
            Expr::Twice(_) => x[0] * x[0] + x[0],
            Expr::Squares(_, times) => (0..*times).fold(x[0], |x, _| x * x),
        }
    }

    pub(crate) fn eval<F: Real, S: Scalar<F>>(&self, leaves: &[S]) -> S {
        let x: Vec<S> = self.children().into_iter().map(|child| child.eval(leaves)).collect();
        self.apply(leaves, &x)
    }

    /// Whether it reads a leaf from this one on.
    #[allow(dead_code, reason = "for programs, whose columns are such leaves")]
    pub(crate) fn reads_from(&self, leaf: usize) -> bool {
        match self {
            Expr::Leaf(i) => *i >= leaf,
            _ => self.children().into_iter().any(|child| child.reads_from(leaf)),
        }
    }
}

pub(crate) const LEAVES: usize = 4;

/// Numbers that often meet kinks, ties and edges of domains.
pub(crate) fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        3 => prop::sample::select(vec![0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.0, -2.5]),
        5 => -4.0..4.0,
    ]
}

pub(crate) fn leaves() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(number(), LEAVES)
}

pub(crate) fn expressions(
    rows: Vec<Op>,
    many: Vec<Many>,
    operators: Vec<char>,
) -> BoxedStrategy<Expr> {
    let leaf = prop_oneof![
        4 => (0..LEAVES).prop_map(Expr::Leaf),
        1 => number().prop_map(Expr::Constant),
    ];
    let grown = move |inner: BoxedStrategy<Expr>| {
        let operator = prop::sample::select(operators.clone());
        let pair = [inner.clone(), inner.clone()].prop_map(Box::new);
        let three = [inner.clone(), inner.clone(), inner.clone()].prop_map(Box::new);
        let boxed = inner.clone().prop_map(Box::new);
        let row = (prop::sample::select(rows.clone()), [inner.clone(), inner.clone()], -3..4_i32);
        let row = row.prop_map(|(op, args, n)| {
            let (arguments, parameters) = op.arity().expect("a row");
            let parameters = match parameters {
                0 => vec![],
                1 => vec![f64::from(n)],
                _ => vec![f64::from(n), f64::from(n) + 2.5],
            };
            Expr::Row(op, args.into_iter().take(arguments).collect(), parameters)
        });
        let list = prop::collection::vec(inner.clone(), 1..7);
        // What is done to each element of a vector of leaves, as centring and scaling are.
        let each = (operator.clone(), inner.clone(), prop::sample::select(many.clone()));
        let each = each.prop_map(|(operator, x, many)| {
            let one = |i| Expr::Operator(operator, Box::new([Expr::Leaf(i), x.clone()]));
            Expr::Many(many, (0..LEAVES).map(one).chain((0..LEAVES).map(Expr::Leaf)).collect())
        });
        prop_oneof![
            4 => (operator.clone(), pair).prop_map(|(o, pair)| Expr::Operator(o, pair)),
            2 => (operator, boxed.clone(), number()).prop_map(|(o, x, c)| Expr::Number(o, x, c)),
            1 => boxed.clone().prop_map(Expr::Neg),
            4 => row,
            1 => three.prop_map(Expr::MulAdd),
            2 => (prop::sample::select(many.clone()), list).prop_map(|(m, l)| Expr::Many(m, l)),
            1 => boxed.clone().prop_map(Expr::Twice),
            1 => (boxed, 1..4_u32).prop_map(|(x, times)| Expr::Squares(x, times)),
            1 => each,
        ]
    };
    leaf.prop_recursive(6, 60, 6, move |inner| grown(inner.boxed()).boxed()).boxed()
}

/// Equal to the bit, any NaN like any other.
pub(crate) fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// So many cases, the same on each run.
pub(crate) fn fixed(cases: u32) -> Config {
    let rng_seed = RngSeed::Fixed(1964);
    Config { cases, rng_seed, failure_persistence: None, ..Config::default() }
}
