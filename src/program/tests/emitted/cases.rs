//! Programs as people write them, and random ones.

use super::{Case, agree};
use crate::program::tests::maker::{COLUMNS, PARAMETERS, Random, random_program, random_rows};
use crate::program::{Objective, Program};
use crate::{Scalar, objective, residuals};

const SPECIAL: [f64; 9] =
    [0.0, -0.0, 1.0, -1.5, 1e300, 5e-324, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];

fn rows(random: &mut Random, columns: usize, rows: usize) -> Vec<Vec<f64>> {
    let mut number = || (random.bits() >> 11) as f64 / (1_u64 << 50) as f64 - 4.0;
    (0..columns).map(|_| (0..rows).map(|_| number()).collect()).collect()
}

/// Points of ordinary and of special numbers.
fn points(parameters: usize) -> Vec<(Vec<f64>, Vec<Vec<f64>>)> {
    let mut random = Random(7);
    let mut points = vec![(vec![0.0; parameters], Vec::new()), (vec![1.0; parameters], Vec::new())];
    for at in 0..12 {
        let mut point = rows(&mut random, 1, parameters).concat();
        if at > 3 {
            for x in &mut point {
                if random.below(3) == 0 {
                    *x = SPECIAL[random.below(SPECIAL.len())];
                }
            }
        }
        points.push((point, Vec::new()));
    }
    points
}

fn recorded(objective: impl Objective, parameters: &[f64], row: &[f64]) -> Program {
    Program::record(&objective, parameters, row).expect("a recording")
}

/// Numbers of rows that fill lanes and segments in part, wholly, and more than once.
fn lengths(parameters: &[f64], columns: usize) -> Vec<(Vec<f64>, Vec<Vec<f64>>)> {
    let mut random = Random(11);
    let lengths = [0, 1, 31, 32, 33, 100, 4095, 4096, 4097, 13_000];
    lengths.map(|n| (parameters.to_vec(), rows(&mut random, columns, n))).into()
}

fn of_points() -> Vec<Case> {
    let rosenbrock = objective!(|w| (0..w.len() - 1)
        .map(|i| 100.0 * (w[i + 1] - w[i] * w[i]).square() + (1.0 - w[i]).square())
        .sum());
    let network = objective!(|w| {
        let hidden =
            [0, 1, 2].map(|k| (w[3 * k] * 0.3 + w[3 * k + 1] * -0.7 + w[3 * k + 2]).tanh());
        (T::dot(&hidden, &w[9..12]) + w[12] - 0.25).square()
    });
    let choices = objective!(|[a, b, c]| {
        let list = [a * b, b - c, c];
        T::select(a.above(b), a.max(c) / b, (a % c).abs()) + T::max_of(&list) + T::norm(&list)
            - T::softmax(&list)[1]
            + T::log_sum_exp(&list)
            + a.hypot(b).atan2(c)
            + a.powf(b)
            + a.lerp(b, c).floor()
    });
    let guarded = objective!(|[a, b]| if a > b { a * b } else { a.sin() - b.relu() });
    let camera = residuals!(|[x, y, z, ax, ay, az, f]| {
        let theta = T::norm(&[ax, ay, az]);
        let (s, c) = (theta.sin(), theta.cos());
        let u = [ax / theta, ay / theta, az / theta];
        let dot = (u[0] * x + u[1] * y + u[2] * z) * (1.0 - c);
        let p = [
            x * c + (u[1] * z - u[2] * y) * s + u[0] * dot,
            y * c + (u[2] * x - u[0] * z) * s + u[1] * dot,
            z * c + (u[0] * y - u[1] * x) * s + u[2] * dot,
        ];
        let [q, r] = [p[0] / p[2], p[1] / p[2]];
        let near = (q * q + r * r).exp_m1() * 0.01 + 1.0;
        [f * near * q - 0.1, f * near * r + 0.2]
    });
    let parameters = [0.3, -1.2, 0.5];
    let rosenbrock = recorded(rosenbrock, &parameters, &[]);
    let network = recorded(network, &[0.1; 13], &[]);
    let choices = recorded(choices, &[0.7, 0.2, 1.5], &[]);
    let guarded = recorded(guarded, &[1.0, 2.0], &[]);
    let camera = Program::record_residuals(&camera, &[1.0, 2.0, 5.0, 0.1, 0.2, 0.3, 2.0], &[])
        .expect("a recording");
    let programs = [
        rosenbrock.clone().hessian(),
        rosenbrock.clone().gradient().jvp(),
        rosenbrock.gradient(),
        network.gradient(),
        choices.clone(),
        choices.gradient(),
        guarded.gradient(),
        camera.clone().jacobian(),
        camera.gauss_newton(),
    ];
    programs
        .into_iter()
        .map(|program| Case { points: points(program.parameter_count()), program })
        .collect()
}

fn of_rows() -> Vec<Case> {
    let fence = objective!(|[a, b], [x, y]| (a * x * x + b * x - y).abs());
    let fence = || recorded(fence, &[-2.0, 30.0], &[1.0, 99.0]);
    let wave = residuals!(|[a, b], [t, y]| [(a * t).tanh() - y, (b * t).exp() * a.max(b)]);
    let wave = Program::record_residuals(&wave, &[0.3, 0.2], &[1.0, 2.0]).expect("a recording");
    let alike = recorded(objective!(|[a, b], [_x, _y]| a * b), &[1.0, 2.0], &[3.0, 4.0]);
    let ordered = recorded(
        objective!(|[a, b], [x, y]| if x > -5.0 { a * x } else { b * y }),
        &[1.0; 2],
        &[1.0; 2],
    );
    let shares = recorded(
        objective!(|[a, b], [x, y]| T::softmax(&[a * x, b * y, a - b])[0].ln()),
        &[1.0; 2],
        &[1.0; 2],
    );
    // Near 0 where the numbers are small, and where they cancel.
    let logarithms = recorded(
        objective!(|[a, b], [x, y]| {
            let half = T::from(0.5_f64.ln());
            let list = |t: T| T::log_sum_exp(&[half + t, half - t, half + t * t]);
            list(x * 1e-5) + T::log_sum_exp(&[half, half + x * 1e-9 * b]) + list(a * y * 0.1)
        }),
        &[1.0; 2],
        &[1.0; 2],
    );
    let programs = [
        logarithms.sum().gradient(),
        fence().mean().gradient(),
        fence().sum().hessian(),
        fence().max().gradient(),
        fence().weighted_mean().gradient(),
        fence().mean().gradient().jvp(),
        fence().allow_fused_products().mean().gradient(),
        fence(),
        wave.clone().jacobian(),
        wave.gauss_newton(),
        alike.clone().mean().gradient(),
        alike.weighted_mean().gradient(),
        ordered.sum().gradient(),
        shares.mean().gradient(),
    ];
    let mut cases = Vec::new();
    for program in programs {
        let parameters = &[0.7, -0.3, 0.2, 1.1][..program.parameter_count()];
        let mut points = lengths(parameters, program.column_count());
        let few = rows(&mut Random(3), program.column_count(), 50);
        let special = SPECIAL.iter().map(|&x| {
            let mut parameters = parameters.to_vec();
            parameters[0] = x;
            (parameters, few.clone())
        });
        points.extend(special);
        if program.weights.is_some() {
            // Weights, of which some are 0.
            let last = program.column_count() - 1;
            for (_, columns) in &mut points {
                columns[last].iter_mut().for_each(|w| *w = w.max(0.0));
            }
        }
        cases.push(Case { program, points });
    }
    cases
}

fn gathered() -> Case {
    /// Levels of which each row chooses one, and a slope that all have in common.
    struct Levels;
    impl Objective for Levels {
        fn at<T: Scalar>(&self, parameters: &[T], row: &[T]) -> T {
            (T::gather(&parameters[1..], row[0]) + parameters[0] * row[1]).square()
        }
    }
    let program = recorded(Levels, &[0.1, 1.0, 2.0, 3.0], &[1.0, 0.5]).mean().gradient();
    let mut points = lengths(&[0.3, -0.0, 2.0, 1.5], 2);
    for (_, columns) in &mut points {
        columns[0].iter_mut().for_each(|x| *x = (x.abs() * 0.7).floor().min(2.0));
    }
    // Outside the table.
    points.push((vec![0.3, 1.0, 2.0, 1.5], vec![vec![0.0, 3.0], vec![1.0, 1.0]]));
    points.push((vec![0.3, 1.0, 2.0, 1.5], vec![vec![0.5], vec![1.0]]));
    Case { program, points }
}

fn random() -> Vec<Case> {
    let mut cases = Vec::new();
    for seed in 0..60 {
        let program = if seed % 2 == 0 { random_program(seed) } else { random_rows(seed) };
        if program.to_rust("f").is_err() {
            continue; // it has a variance
        }
        let mut numbers = Random(seed);
        let points = (0..4).map(|_| {
            let mut parameters = [0.0; PARAMETERS];
            parameters.iter_mut().for_each(|x| *x = numbers.number());
            (parameters.to_vec(), rows(&mut numbers, COLUMNS, 75))
        });
        cases.push(Case { points: points.collect(), program });
    }
    assert!(cases.len() > 30);
    cases
}

#[test]
fn printed_programs_have_the_bits_of_the_interpreter() {
    let mut cases = of_points();
    cases.extend(of_rows());
    cases.push(gathered());
    cases.extend(random());
    agree("cases", &cases);
}

/// Far more steps than one function takes, of a program of numbers and of one with rows.
#[test]
fn long_programs_are_printed_in_pieces() {
    let long = objective!(|w, [x]| {
        let mut sum = T::from(0.0);
        for i in 0..700 {
            let next = w[(i + 1) % w.len()];
            sum += (w[i % w.len()] * next - x * f64::from(i as u32)).square() * (next * x).abs();
            sum = sum * 0.5 + sum.sin();
        }
        sum
    });
    let of_rows = recorded(long, &[0.2, 0.4, 0.9], &[0.3]).mean().gradient();
    let of_numbers = objective!(|w| {
        let mut sum = T::from(0.0);
        for i in 0..2000 {
            sum += (w[i % w.len()] - sum * 0.1).square();
        }
        sum
    });
    let of_numbers = recorded(of_numbers, &[0.2, 0.4, 0.9], &[]).gradient();
    let valley = objective!(|w| (0..w.len() - 1)
        .map(|i| (w[i + 1] - w[i] * w[i]).square() * 100.0 + (w[i] * -1.0 + 1.0).square())
        .sum());
    let many = recorded(valley, &[0.5; 400], &[]).gradient();
    let cases = [
        Case { program: many, points: points(400)[..6].to_vec() },
        Case { program: of_rows, points: lengths(&[0.1, 0.2, 0.3], 1)[..4].to_vec() },
        Case { points: points(3), program: of_numbers },
    ];
    for case in &cases {
        assert!(case.program.to_rust("f").expect("a text").contains("f_part_2"));
    }
    agree("pieces", &cases);
}
