//! Long sums in single precision: values and slopes of many rows, in every way to add them up, against
//! double precision.

use wengert::loss::{
    AbsoluteError, CrossEntropy, Loss, SquaredError, mean_absolute_error, mean_squared_error,
    root_mean_squared_error, weighted_root_mean_squared_error,
};
use wengert::{Scalar, Tape, Var, gradient, gradient_array, gradient_sum};

/// Numbers between 0 and 1.
fn numbers(n: usize, seed: u64) -> impl Iterator<Item = f32> + Clone {
    let mut state = seed;
    (0..n).map(move |_| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 24) as f32
    })
}

/// Within a few units of the last place, as a sum of a few terms is.
#[track_caller]
fn assert_close(got: f32, want: f64) {
    let error = (f64::from(got) - want).abs() / want.abs();
    assert!(error <= 20.0 * f64::from(f32::EPSILON), "{got}, not {want}: {error:e}");
}

#[test]
fn the_mean_of_ones_is_one() {
    // More than the 2²⁴ at which a sum of ones ends.
    const N: usize = 18_000_000;
    let pairs = || (0..N).map(|_| (1.0_f32, 0.0));
    assert_eq!(mean_absolute_error(pairs()), Ok(1.0));
    let (value, slope) =
        gradient_array(|[x]| mean_absolute_error((0..N).map(|_| (x, 0.0))).unwrap(), [1.0_f32]);
    assert_eq!((value, slope), (1.0, [1.0]));
}

#[test]
fn sums_of_a_loss_are_right_pending_or_not() {
    const N: usize = 400_000;
    let xs = || numbers(N, 1);
    let (a, b) = (0.75_f32, 0.5_f32);
    let of = |x: f32| f64::from(a) * f64::from(x) + f64::from(b);
    let mean = |of: &dyn Fn(f64) -> f64| xs().map(|x| of(f64::from(x))).sum::<f64>() / N as f64;
    let want = mean(&|x| of(x as f32));
    // One variable, two, two apart and together, constants among them.
    type Row = fn(f32, Var<f32>, Var<f32>) -> Var<f32>;
    let rows: [(Row, bool); 5] = [
        (|x, a, _| a * x + 0.5, false),
        (|x, a, b| a * x + b, true),
        (|x, a, b| if x > 0.999 { a * x + 0.5 } else { a * x + b }, true),
        (|x, a, b| if x < 1e-3 { Var::from(0.75 * x + 0.5) } else { a * x + b }, true),
        (|x, a, b| (a * x + b + 1e-3).max(b * 1e-9), true),
    ];
    for (at, (row, both)) in rows.into_iter().enumerate() {
        let (value, slopes) = gradient_array(
            |[a, b]| AbsoluteError.mean(xs().map(|x| (row(x, a, b), 0.0))).unwrap(),
            [a, b],
        );
        let want = if at == 4 { want + 1e-3 } else { want };
        assert_close(value, want);
        let by_a = mean(&|x| if at == 3 && (x as f32) < 1e-3 { 0.0 } else { x });
        assert_close(slopes[0], by_a);
        let counts = |x: f32| match at {
            2 => x <= 0.999,
            3 => x >= 1e-3,
            _ => both,
        };
        let by_b = xs().filter(|&x| counts(x)).count() as f64 / N as f64;
        assert!(both || slopes[1] == 0.0);
        if both {
            assert_close(slopes[1], by_b);
        }
    }
    // Plain numbers.
    let plain = xs().map(|x| (a * x + b, 0.0));
    assert_close(mean_absolute_error(plain.clone()).unwrap(), want);
    let squares = mean(&|x| of(x as f32).powi(2));
    assert_close(mean_squared_error(plain.clone()).unwrap(), squares);
    assert_close(root_mean_squared_error(plain.clone()).unwrap(), squares.sqrt());
    let weighted = plain.clone().map(|(x, y)| (x, y, 0.7));
    assert_close(weighted_root_mean_squared_error(weighted.clone()).unwrap(), squares.sqrt());
    assert_close(AbsoluteError.weighted_mean(weighted).unwrap(), want);
    // Squares so small that the root is formed as a norm, with its own sum of the weights.
    let tiny = plain.map(|(x, y)| (x * 1e-30, y, 0.7));
    assert_close(weighted_root_mean_squared_error(tiny).unwrap(), squares.sqrt() * 1e-30);
}

#[test]
fn slopes_that_many_statements_add_to_few_variables_are_right() {
    const N: usize = 200_000;
    let xs = || numbers(N, 2);
    let w = [0.5_f32, 0.25, 1.0];
    let double = |x: &f32| f64::from(*x);
    let zs: Vec<f64> = xs()
        .map(|x| double(&w[0]) * double(&x) + double(&w[1]) * double(&x).powi(2) + double(&w[2]))
        .collect();
    let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        xs().zip(&zs).map(|(x, &z)| of(f64::from(x), z)).sum::<f64>() / N as f64
    };
    let want = sum(&|_, z| z.tanh());
    let slope = |z: f64| z.cosh().powi(-2);
    let slopes = [sum(&|x, z| slope(z) * x), sum(&|x, z| slope(z) * x * x), sum(&|_, z| slope(z))];
    // A statement for each row, by a run or by links; the three copied first, to stand behind others.
    type Row = fn(&[Var<f32>], f32) -> Var<f32>;
    let rows: [Row; 3] = [
        |w, x| Var::dot(w, &[x, x * x, 1.0]).tanh(),
        |w, x| (w[0] * x + w[2] + w[1] * (x * x)).tanh(),
        |w, x| (w[1] * (x * x) + w[0] * x).tanh_of_shifted(w[2]),
    ];
    for row in rows {
        for copied in [false, true] {
            let (value, found) = gradient(
                |w| {
                    let copies: Vec<Var<f32>> = w.iter().map(|&w| (w * 1.0).keep()).collect();
                    let w = if copied { &copies } else { w };
                    AbsoluteError.mean(xs().map(|x| (row(w, x), 0.0))).unwrap()
                },
                &w,
            );
            assert_close(value, want);
            found.iter().zip(slopes).for_each(|(&got, want)| assert_close(got, want));
        }
    }
    // One statement of many edges to one variable.
    let tape = Tape::<f32>::default();
    let x = tape.var(0.5);
    let terms: Vec<Var<f32>> = xs().map(|c| x * c).collect();
    let want = sum(&|x, _| x);
    for (total, scale) in [
        (Var::sum_of(&terms), N as f64),
        (Var::mean(&terms), 1.0),
        (Var::dot(&terms, &vec![1.0_f32; N]), N as f64),
    ] {
        assert_close(total.value(), 0.5 * want * scale);
        assert_close(total.backward().wrt(x), want * scale);
        assert_close(total.jvp(&[x], &[2.0]).unwrap(), 2.0 * want * scale);
    }
}

trait TanhOfShifted {
    fn tanh_of_shifted(self, by: Self) -> Self;
}

impl TanhOfShifted for Var<f32> {
    fn tanh_of_shifted(self, by: Self) -> Self {
        (self.keep() + by).tanh()
    }
}

#[test]
fn sums_over_chunks_are_right() {
    let xs: Vec<f32> = numbers(500_000, 3).collect();
    let want = xs.iter().map(|&x| f64::from(x)).sum::<f64>();
    let loss = |w: &[Var<f32>], chunk: &[f32]| chunk.iter().map(|&x| w[0] * x).sum();
    let (value, slope) = gradient_sum(loss, &[2.0_f32], xs.chunks(7));
    assert_close(value, 2.0 * want);
    assert_close(slope[0], want);
}

#[test]
fn functions_of_long_lists_are_right_and_of_plain_numbers_the_same_to_the_bit() {
    for n in [3, 255, 256, 257, 258, 300, 511, 1000, 300_000] {
        let (a, b): (Vec<f32>, Vec<f32>) = (numbers(n, 4).collect(), numbers(n, 5).collect());
        let tape = Tape::<f32>::default();
        let (x, y) = (tape.vars_from(&a), tape.vars_from(&b));
        let scattered: Vec<Var<f32>> = x.iter().map(|&x| x * 1.0 + y[0] * 0.0).collect();
        let double = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
            a.iter().zip(&b).map(|(&a, &b)| of(a.into(), b.into())).sum()
        };
        let found: [(Var<f32>, f32, f64); 6] = [
            (Var::sum_of(&x), f32::sum_of(&a), double(&|a, _| a)),
            (Var::mean(&x), f32::mean(&a), double(&|a, _| a) / n as f64),
            (Var::dot(&x, &y), f32::dot(&a, &b), double(&|a, b| a * b)),
            (Var::dot(&scattered, &y), f32::dot(&a, &b), double(&|a, b| a * b)),
            (Var::norm(&x), f32::norm(&a), double(&|a, _| a * a).sqrt()),
            (Var::log_sum_exp(&x), f32::log_sum_exp(&a), double(&|a, _| a.exp()).ln()),
        ];
        for (at, (recorded, plain, want)) in found.into_iter().enumerate() {
            assert_eq!(recorded.value().to_bits(), plain.to_bits(), "{n} numbers, {at}");
            assert_close(plain, want);
        }
        let total: f64 = Scalar::softmax(&a[..]).iter().map(|&p| f64::from(p)).sum();
        assert!((total - 1.0).abs() < 1e-5);
    }
}

#[test]
fn cross_entropies_and_squares_add_up() {
    const N: usize = 1_000_000;
    let points = || numbers(N, 6).map(|x| ([x, 1.0 - x], usize::from(x > 0.25)));
    let want: f64 = points()
        .map(|([a, b], class)| {
            let (a, b) = (f64::from(a), f64::from(b));
            (a.exp() + b.exp()).ln() - [a, b][class]
        })
        .sum();
    assert_close(CrossEntropy.sum(points()).unwrap(), want);
    let squares = SquaredError.sum(numbers(N, 7).map(|x| (x + 1.0, 0.0))).unwrap();
    assert_close(squares, numbers(N, 7).map(|x| (f64::from(x) + 1.0).powi(2)).sum());
}
