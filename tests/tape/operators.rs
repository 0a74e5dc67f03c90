//! Every form of every operator, sums and products, comparisons, printing.

use wengert::{Real, Scalar, Tape, Var, gradient_array};

/// Each form of an operator, with the value and slopes `(y, by a, by b)` at `a = 7, b = 2`.
macro_rules! forms {
    ($op:tt, $assign:tt, $F:ty, $y:expr, $by_a:expr, $by_b:expr) => {{
        let (p, q): ($F, $F) = (7.0, 2.0);
        let tape = Tape::<$F>::default();
        let [a, b] = tape.vars([p, q]);
        let assigned = |mut x: Var<$F>, f: &dyn Fn(&mut Var<$F>)| { f(&mut x); x };
        let by_both: [Var<$F>; 6] = [
            a $op b, &a $op b, a $op &b, &a $op &b,
            assigned(a, &|x| *x $assign b), assigned(a, &|x| *x $assign &b),
        ];
        for y in by_both {
            assert_eq!(y.value(), $y);
            assert_eq!(y.backward().wrt([a, b]), [$by_a, $by_b]);
        }
        let by_a: [Var<$F>; 6] = [
            a $op q, &a $op q, a $op &q, &a $op &q,
            assigned(a, &|x| *x $assign q), assigned(a, &|x| *x $assign &q),
        ];
        for y in by_a {
            assert_eq!(y.value(), $y);
            assert_eq!(y.backward().wrt([a, b]), [$by_a, 0.0]);
        }
        let by_b: [Var<$F>; 4] = [p $op b, p $op &b, &p $op b, &p $op &b];
        for y in by_b {
            assert_eq!(y.value(), $y);
            assert_eq!(y.backward().wrt([a, b]), [0.0, $by_b]);
        }
    }};
}

macro_rules! forms_in {
    ($F:ty) => {
        forms!(+, +=, $F, 9.0, 1.0, 1.0);
        forms!(-, -=, $F, 5.0, 1.0, -1.0);
        forms!(*, *=, $F, 14.0, 2.0, 7.0);
        forms!(/, /=, $F, 3.5, 0.5, -1.75);
        forms!(%, %=, $F, 1.0, 1.0, -3.0);
    };
}

#[test]
fn each_operator_has_the_same_slopes_in_every_form_and_precision() {
    forms_in!(f64);
    forms_in!(f32);
}

#[test]
fn negation_works_on_values_and_references() {
    let tape = Tape::new();
    let x = tape.var(3.0);
    for y in [-x, -&x, -(-(-x))] {
        assert_eq!((y.value(), y.backward().wrt(x)), (-3.0, -1.0));
    }
}

#[test]
fn a_variable_meets_itself() {
    let slope = |f: fn(Var) -> Var| gradient_array(|[x]| f(x), [3.0]);
    assert_eq!(slope(|x| x + x), (6.0, [2.0]));
    assert_eq!(slope(|x| x - x), (0.0, [0.0]));
    assert_eq!(slope(|x| x * x), (9.0, [6.0]));
    assert_eq!(slope(|x| x / x), (1.0, [0.0]));
    assert_eq!(slope(|x| x * x * x - x * x + x), (21.0, [22.0]));
}

#[test]
fn sums_and_products_take_values_and_references_and_may_be_empty() {
    let tape = Tape::new();
    let x = tape.vars_from(&[2.0, 3.0, 5.0]);
    let sums: [Var; 3] = [x.iter().sum(), x.iter().copied().sum(), Var::sum_of(&x)];
    for y in sums {
        assert_eq!((y.value(), y.backward().wrt(&x)), (10.0, vec![1.0; 3]));
    }
    let products: [Var; 2] = [x.iter().product(), x.iter().copied().product()];
    for y in products {
        assert_eq!((y.value(), y.backward().wrt(&x)), (30.0, vec![15.0, 10.0, 6.0]));
    }
    let nothing: [Var; 0] = [];
    assert_eq!(nothing.iter().sum::<Var>(), 0.0);
    assert_eq!(nothing.into_iter().product::<Var>(), 1.0);
    assert!(nothing.iter().sum::<Var>().is_constant());
    let constants = [Var::from(1.0), Var::from(2.0)];
    assert!(constants.iter().sum::<Var>().is_constant());
    let mixed = [Var::from(1.0), x[0], Var::from(4.0), x[0], x[2]];
    let y: Var = mixed.iter().sum();
    assert_eq!((y.value(), y.backward().wrt(&x)), (14.0, vec![2.0, 0.0, 1.0]));
}

#[test]
fn sums_of_signed_zeros_are_those_of_plain_numbers_to_the_bit() {
    let tape = Tape::new();
    for zeros in [&[][..], &[-0.0], &[-0.0, -0.0], &[0.0, -0.0], &[-0.0, 0.0, -0.0]] {
        let x = tape.vars_from(zeros);
        let sum: Var = x.iter().sum();
        assert_eq!(sum.value().to_bits(), zeros.iter().sum::<f64>().to_bits(), "{zeros:?}");
        assert_eq!(Var::sum_of(&x).value().to_bits(), f64::sum_of(zeros).to_bits(), "{zeros:?}");
    }
}

#[test]
fn a_product_with_a_zero_has_the_products_of_the_others_as_slopes() {
    let (y, slope) = gradient_array(|x| x.iter().product(), [2.0, 0.0, 5.0]);
    assert_eq!((y, slope), (0.0, [0.0, 10.0, 0.0]));
    let (y, slope) = gradient_array(|x| x.into_iter().product(), [0.0, 0.0, 5.0]);
    assert_eq!((y, slope), (0.0, [0.0, 0.0, 0.0]));
}

#[test]
fn comparisons_go_by_value_and_steer_control_flow() {
    let tape = Tape::new();
    let [a, b, c] = tape.vars([1.0, 2.0, 1.0]);
    let bools = [a < b, b > a, a <= c, a >= c, a == c, a != b];
    assert_eq!(bools, [true; 6]);
    let bools = [a > b, b < a, b <= a, a >= b, a == b, a != c];
    assert_eq!(bools, [false; 6]);
    let bools = [a == 1.0, a < 1.5, a > 0.5, a <= 1.0, a >= 1.0, a != 2.0];
    assert_eq!(bools, [true; 6]);
    assert!(tape.var(0.0) == tape.var(-0.0));
    let nan = tape.var(f64::NAN);
    assert!(nan != nan && nan.partial_cmp(&a).is_none() && nan.partial_cmp(&1.0).is_none());
    let piecewise = |x: Var| if x > 0.0 { x * x } else { -x };
    assert_eq!(gradient_array(|[x]| piecewise(x), [3.0]), (9.0, [6.0]));
    assert_eq!(gradient_array(|[x]| piecewise(x), [-3.0]), (3.0, [-1.0]));
}

#[test]
fn numbers_print_as_their_value() {
    let x = Tape::new().var(1.5);
    assert_eq!(format!("{x} {x:8.3} {x:+}"), "1.5    1.500 +1.5");
    assert_eq!(format!("{x:?} {:?}", Var::from(2.0)), "Var(1.5) Const(2.0)");
    assert_eq!(format!("{x:e}"), "1.5e0");
    assert_eq!(Var::<f64>::default(), 0.0);
}

#[test]
fn select_lets_nothing_into_the_branch_not_taken() {
    fn guarded<F: Real, T: Scalar<F>>(x: T) -> T {
        let yes = x.sqrt() + x.ln() + T::from(F::one()) / x;
        T::select(x.above(F::zero()), yes, x * F::from_double(3.0))
    }
    for x in [0.0, -0.0, -1.0] {
        assert_eq!(gradient_array(|[x]| guarded(x), [x]), (3.0 * x, [3.0]));
        assert_eq!(gradient_array(|[x]| guarded(x), [x as f32]), (3.0 * x as f32, [3.0]));
    }
    assert_eq!(gradient_array(|[x]| guarded(x), [4.0]), (guarded(4.0), [0.25 + 0.25 - 0.0625]));
    let below = |[x]: [Var; 1]| Var::select(x.below(1.0), x, (x - 1.0).ln());
    assert_eq!(gradient_array(below, [0.5]), (0.5, [1.0]));
    assert_eq!(gradient_array(below, [2.0]), (0.0, [1.0]));
    // Neither above nor below: NaN takes the second branch.
    let nan = |[x]: [Var; 1]| Var::select(x.above(0.0), x, Var::from(1.0));
    assert_eq!(gradient_array(nan, [f64::NAN]), (1.0, [0.0]));
}

#[test]
fn a_user_operation_of_any_number_of_arguments_joins_in() {
    let tape = Tape::new();
    let x = tape.vars_from(&[1.0, 2.0, 3.0, 4.0]);
    let triple: Var =
        Var::custom("triple", [x[0], x[1], x[2]], |[a, b, c]| (a * b * c, [b * c, a * c, a * b]));
    assert_eq!(triple.value(), 6.0);
    assert_eq!((triple * 2.0).backward().wrt(&x), [12.0, 6.0, 4.0, 0.0]);
    let squares = |x: &[Var]| {
        Var::custom_slice("squares", x, |x| {
            (x.iter().map(|x| x * x).sum(), x.iter().map(|x| 2.0 * x).collect())
        })
    };
    assert_eq!(squares(&x).value(), 30.0);
    assert_eq!(squares(&x).backward().wrt(&x), [2.0, 4.0, 6.0, 8.0]);
    for n in 0..4 {
        let y = squares(&x[..n]);
        let expected: Vec<f64> =
            (0..4).map(|i| if i < n { 2.0 * (i + 1) as f64 } else { 0.0 }).collect();
        assert_eq!(y.backward().wrt(&x), expected);
    }
    // The same argument twice, and a constant.
    let y = Var::custom("axby", [x[0], x[0], Var::from(9.0)], |[a, b, c]| {
        (a + 2.0 * b + c, [1.0, 2.0, 1.0])
    });
    assert_eq!((y.value(), y.backward().wrt(x[0])), (12.0, 3.0));
    assert!(squares(&[Var::from(2.0)]).is_constant());
    let single = Tape::<f32>::default();
    let z = single.var(3.0);
    let y = Var::<f32>::custom("half", [z], |[z]| (z / 2.0, [0.5]));
    assert_eq!((y.value(), y.backward().wrt(z)), (1.5_f32, 0.5_f32));
}

#[test]
fn numbers_of_both_precisions_are_scalars_too() {
    fn both<F: Real, T: Scalar<F>>(x: &[T]) -> T {
        T::dot(x, x) + T::max_of(x) * F::from_double(2.0) - T::norm(x) + T::log_sum_exp(x)
    }
    let x = [0.5, -1.0, 0.25];
    let single = x.map(|x| x as f32);
    let tape = Tape::new();
    let vars = tape.vars(x);
    assert_eq!(both::<f64, Var>(&vars).value(), both(&x));
    let tape = Tape::<f32>::default();
    assert_eq!(both::<f32, Var<f32>>(&tape.vars(single)).value(), both(&single));
}
