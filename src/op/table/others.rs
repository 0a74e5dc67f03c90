//! The operations that are no entries.
//!
//! An operation reads `Marker { name, arity, apply, words }`. `apply` is what it is of a list of numbers of any type
//! `S`, as an arm of a match: a list of another length than its pattern has is no list for it. The word `list` holds
//! the columns of an entry that is a [`List`](crate::op::List), the word `extreme` that of an
//! [`Extreme`](crate::op::Extreme), the words `shares` and `pairs` those of [`Shares`](crate::op::Shares) and
//! [`Pairs`](crate::op::Pairs).

/// Hands the entries, and these, to `emit`.
macro_rules! with_others {
    ($emit:ident $($entries:tt)*) => {
        $emit! {
            $($entries)*
            others {
                // Operators, which compute in the caller's own precision.

                /// The operator `-` of one operand.
                Neg { name: "-", arity: (1), apply: (&[a] => -a), ulp: 1, }
                /// The operator `+`.
                Add { name: "+", arity: (2), apply: (&[a, b] => a + b), ulp: 1, }
                /// The operator `-`.
                Sub { name: "-", arity: (2), apply: (&[a, b] => a - b), ulp: 1, }
                /// The operator `*`.
                Mul { name: "*", arity: (2), apply: (&[a, b] => a * b), ulp: 1, }
                /// The operator `/`. Its second slope is a quotient of a rounded quotient.
                Div { name: "/", arity: (2), apply: (&[a, b] => a / b), ulp: 2, hint: "keep the divisor away from 0", }
                /// The operator `%`.
                Rem { name: "%", arity: (2), apply: (&[a, b] => a % b), ulp: 1, }
                /// [`Scalar::mul_add`]
                MulAdd { name: "mul_add", arity: (3), apply: (&[a, b, c] => a.mul_add(b, c)), ulp: 1, }

                // Choices.

                /// [`Scalar::select`]
                Select { name: "select", arity: (3), apply: (&[mask, a, b] => S::select(mask.above(S::ZERO), a, b)), ulp: 1, }

                // Functions of lists.

                /// [`Scalar::sum_of`]
                SumOf { name: "sum_of", arity: (any), apply: (xs => S::sum_of(xs)), ulp: 1, list: {
                    parts: F = |xs, number, _| nary::sum_of(xs, number),
                    value: |sum, _| sum,
                    slope: |_, _, _| F::one(),
                }, }
                /// [`Scalar::mean`]
                Mean { name: "mean", arity: (any), apply: (xs => S::mean(xs)), ulp: 1, list: {
                    parts: (F, F) = |xs, number, _| (nary::sum_of(xs, number), F::still(xs.len() as f64)),
                    value: |(sum, n), _| sum / n,
                    slope: |(_, n), _, _| n.recip(),
                }, }
                /// [`Scalar::dot`], of the numbers of one side and then those of the other.
                Dot { name: "dot", arity: (any), apply: (xs if xs.len().is_multiple_of(2) => S::dot(&xs[..xs.len() / 2], &xs[xs.len() / 2..])), ulp: 1, pairs: {
                    of: |a, b| arithmetic::mul(a, b),
                }, }
                /// [`Scalar::norm`]
                Norm { name: "norm", arity: (any), apply: (xs => S::norm(xs)), ulp: 4, list: {
                    parts: nary::Norm<F> = |xs, number, _| nary::Norm::of(xs.iter().map(number)),
                    value: |norm, _| norm.value(),
                    slope: |norm, x, _| norm.slope(x),
                    law: |one, slope, value| [one, value, slope],
                    divisors: |norm| [norm.root, norm.scale],
                    tip: true,
                }, }
                /// [`Scalar::max_of`]
                MaxOf { name: "max_of", arity: (any), apply: (xs => S::max_of(xs)), ulp: 1, extreme: { greater: true, }, }
                /// [`Scalar::min_of`]
                MinOf { name: "min_of", arity: (any), apply: (xs => S::min_of(xs)), ulp: 1, extreme: { greater: false, }, }
                /// [`Scalar::log_sum_exp`]
                LogSumExp { name: "log_sum_exp", arity: (any), apply: (xs => S::log_sum_exp(xs)), ulp: 4, list: {
                    parts: nary::LogSum<F> = |xs, number, kept| {
                        kept.extend(xs.iter().map(number));
                        nary::softmax(kept.as_mut())
                    },
                    value: |sum, xs| nary::right_near_zero(sum, xs),
                    slope: |_, _, share| share(),
                    law: |one, slope, _| [slope, one, one],
                    keeps: true,
                    shifts: true,
                }, }
                /// [`Scalar::softmax`], of which it is the first share. A slope is a product of two
                /// shares of one rounded sum.
                Softmax { name: "softmax", arity: (any), apply: (xs if !xs.is_empty() => S::softmax(xs)[0]), ulp: 8, shares: { of: LogSumExp, }, }
            }
        }
    };
}
pub(crate) use with_others;
