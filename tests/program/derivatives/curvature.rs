//! Second derivatives at kinks, at infinities and outside the domains.

use crate::derivatives::hessians::hessian;
use wengert::loss::{LogCosh, Loss, PseudoHuber};
use wengert::op::Op;
use wengert::program::{Columns, Program};
use wengert::{Objective, Scalar, objective};

/// An entry of the table, of one parameter or two.
struct Row(Op, Vec<f64>);

impl Objective for Row {
    fn at<T: Scalar>(&self, x: &[T], _: &[T]) -> T {
        let arguments = self.0.arity().map_or(0, |(arguments, _)| arguments);
        self.0.apply(&x[..arguments], &self.1).unwrap()
    }
}

#[test]
fn outside_its_domain_a_row_has_no_second_derivative() {
    // Beside the domains' ends, on both sides, and at them.
    let nasty = [-3.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0];
    let mut met = 0;
    for &op in Op::ENTRIES.iter() {
        let (arguments, parameters) = op.arity().unwrap();
        let row = Row(op, [0.25, 2.0][..parameters].to_vec());
        // Linear between its jumps: nothing there depends on the arguments.
        if op == Op::RemEuclid {
            continue;
        }
        let program = Program::record(&row, &vec![0.5; arguments], &[]).unwrap();
        let mut sweep = program.hessian().compile();
        let points: Vec<Vec<f64>> = match arguments {
            1 => nasty.iter().map(|&x| vec![x]).collect(),
            _ => nasty.iter().flat_map(|&a| nasty.map(|b| vec![a, b])).collect(),
        };
        for x in points {
            let found = sweep.run(&x, &Columns::none()).unwrap();
            if !found.value().is_nan() {
                continue;
            }
            met += 1;
            for i in 0..arguments {
                let entries = found.output(2 + i);
                assert!(entries.iter().all(|x| x.is_nan()), "{op:?} at {x:?}: {entries:?}");
            }
        }
    }
    assert!(met > 50, "{met}");
}

#[test]
fn at_a_kink_they_are_those_of_the_piece_that_the_direction_enters() {
    let none = &Columns::none();
    let one = |objective: &dyn Fn() -> Vec<f64>, want: f64| assert_eq!(objective(), [want]);
    one(&|| hessian(&objective!(|[x]| x.abs() * x.abs()), &[0.0], none), 2.0);
    one(&|| hessian(&objective!(|[x]| x.abs().powi(2)), &[0.0], none), 2.0);
    one(&|| hessian(&objective!(|[x]| x.relu().powi(2)), &[0.0], none), 2.0);
    one(&|| hessian(&objective!(|[x]| x.abs()), &[0.0], none), 0.0);
    one(&|| hessian(&objective!(|[x]| x * (-x.powf(1.1) + 1.0)), &[0.0], none), 0.0);
    let identity = [1.0, 0.0, 0.0, 1.0];
    let half_norm = objective!(|x| T::norm(x).powi(2) * 0.5);
    let half_product = objective!(|x| T::norm(x) * T::norm(x) * 0.5);
    let half_hypot = objective!(|[a, b]| a.hypot(b).powi(2) * 0.5);
    assert_eq!(hessian(&half_norm, &[0.0; 2], none), identity);
    assert_eq!(hessian(&half_product, &[0.0; 2], none), identity);
    assert_eq!(hessian(&half_hypot, &[0.0; 2], none), identity);
    let extremes = objective!(|[a, b]| a.max(b).powi(2) + a.min(b).powi(2));
    assert_eq!(hessian(&extremes, &[2.0; 2], none), [2.0, 0.0, 0.0, 2.0]);
    let greatest = objective!(|x| T::max_of(x).powi(2) + T::min_of(x).powi(2));
    assert_eq!(hessian(&greatest, &[2.0; 2], none), [2.0, 0.0, 0.0, 2.0]);
}

#[test]
fn where_the_first_rate_is_0_the_second_decides() {
    let none = &Columns::none();
    let one = |objective: &dyn Fn() -> Vec<f64>, want: f64| assert_eq!(objective(), [want]);
    one(&|| hessian(&objective!(|[x]| (-(x * x)).abs()), &[0.0], none), 2.0);
    one(&|| hessian(&objective!(|[x]| (x * x).abs()), &[0.0], none), 2.0);
    one(&|| hessian(&objective!(|[x]| (x * x).relu()), &[0.0], none), 2.0);
    one(&|| hessian(&objective!(|[x]| (-(x * x)).relu()), &[0.0], none), 0.0);
    one(&|| hessian(&objective!(|[x]| (x * x).max(0.0)), &[0.0], none), 2.0);
    one(&|| hessian(&objective!(|[x]| (x * x).max(-x * x)), &[0.0], none), 2.0);
    one(&|| hessian(&objective!(|[x]| (x * x).min(-x * x * 3.0)), &[0.0], none), -6.0);
    one(&|| hessian(&objective!(|[x]| (x * x).leaky_relu(0.25)), &[0.0], none), 2.0);
    // Kinks between curved pieces: that of the piece which is entered.
    one(&|| hessian(&objective!(|[x]| x.elu(2.0)), &[0.0], none), 0.0);
    one(&|| hessian(&objective!(|[x]| (-x).elu(2.0)), &[0.0], none), 2.0);
    one(&|| hessian(&objective!(|[x]| (x - 1.0).elu(2.0)), &[0.0], none), 2.0 * (-1.0f64).exp());
    one(&|| hessian(&objective!(|[x]| (-(x * x)).elu(2.0)), &[0.0], none), -4.0);
    one(&|| hessian(&objective!(|[x]| (-(x * x)).leaky_relu(0.25)), &[0.0], none), -0.5);
    one(&|| hessian(&objective!(|[x]| (x * x).clamp(0.0, 1.0)), &[0.0], none), 2.0);
    // Kinks within kinks, and beside what is not 0.
    one(&|| hessian(&objective!(|[x]| (-(-(x * x)).abs()).abs()), &[0.0], none), 2.0);
    one(&|| hessian(&objective!(|[x]| (x.cos() - 1.0).abs()), &[0.0], none), 1.0);
    one(&|| hessian(&objective!(|[x]| x.cosh().max(1.0)), &[0.0], none), 1.0);
    one(&|| hessian(&objective!(|[x]| x.cosh().max(x + 1.0)), &[0.0], none), 0.0);
    let square = objective!(|[x]| T::max_of(&[-x * x, x * x * 3.0, x * x, T::from(0.0)]));
    one(&|| hessian(&square, &[0.0], none), 6.0);
    let chosen = objective!(|[x]| T::select((x * x).above(0.0), x * x, x * x * -5.0).abs());
    one(&|| hessian(&chosen, &[0.0], none), 2.0);
    let long = objective!(|[x]| T::norm(&[x * x * 3.0, x * x * 4.0]));
    one(&|| hessian(&long, &[0.0], none), 10.0);
    one(&|| hessian(&objective!(|[x]| (x * x * 3.0).hypot(x * x * -4.0)), &[0.0], none), 10.0);
    // Over rows: the greatest of -x², x², 3 x².
    let worst = Program::record(&objective!(|[x], [c]| x * x * c), &[1.0], &[1.0]).unwrap().max();
    let data = Columns::new(&[&[-1.0, 1.0, 3.0, 2.0]]).unwrap();
    assert_eq!(worst.hessian().compile().run(&[0.0], &data).unwrap().output(2), [6.0]);
}

#[test]
fn what_no_second_rate_decides_follows_the_convention_and_is_counted() {
    let cubic = objective!(|[x, y]| (x.powi(3) + y).abs() * x);
    let program = Program::record(&cubic, &[1.0, 1.0], &[]).unwrap().hessian();
    let mut sweep = program.compile();
    let found = sweep.run(&[0.0; 2], &Columns::none()).unwrap();
    // Beside the origin, at (t, 0), it is (0, 1) and more with t.
    assert_eq!((found.output(2), found.kinks().len()), (&[0.0, 0.0][..], 1));
    assert_eq!(hessian(&cubic, &[1e-3, 0.0], &Columns::none())[1], 1.0);
    // All along the first axis the second number is at its kink.
    let held = objective!(|[x, y]| y.abs() * x);
    assert_eq!(hessian(&held, &[0.0; 2], &Columns::none())[..2], [0.0, 0.0]);
}

#[test]
fn the_way_into_a_norm_turns_as_its_arguments_do() {
    // Along the first axis `‖(t, t² + b)‖` has the slope t by b, near t = 0.
    let bent = objective!(|[a, b]| T::norm(&[a, a * a + b]));
    let hypot = objective!(|[a, b]| a.hypot(a * a + b));
    let none = &Columns::none();
    assert_eq!(hessian(&bent, &[0.0; 2], none)[..2], [0.0, 1.0]);
    assert_eq!(hessian(&hypot, &[0.0; 2], none)[..2], [0.0, 1.0]);
}

/// `(δ - uᵢ uⱼ) / y` of the norm `y`, with unit vectors `u` that are known.
#[test]
fn the_curvature_of_a_norm_is_right_at_both_ends_of_the_range() {
    const INF: f64 = f64::INFINITY;
    let norm = objective!(|x| T::norm(x));
    let found = |x: [f64; 2]| hessian(&norm, &x, &Columns::none());
    assert_eq!(found([1e-310, 2e-310]), [INF, -INF, -INF, INF]);
    assert_eq!(found([5e-324, 0.0]), [0.0, 0.0, 0.0, INF]);
    assert_eq!(found([0.0, -1e-320]), [INF, 0.0, 0.0, 0.0]);
    for e in [-307, -200, -100, 0, 100, 200, 300, 307] {
        // 5 times a power of ten is the norm.
        let power = format!("1e{e}").parse::<f64>().unwrap();
        let want = [16.0, -12.0, -12.0, 9.0].map(|w| w / 125.0 / power);
        for (got, want) in found([3.0 * power, 4.0 * power]).into_iter().zip(want) {
            assert!(
                (got - want).abs() <= 1e-14 * want.abs() + f64::MIN_POSITIVE,
                "{e}: {got} {want}"
            );
        }
    }
}

/// Kinks of kinks of quadratic functions of two variables that are 0 at the origin.
enum Tree {
    Quadratic([f64; 5]),
    Abs(Box<Tree>),
    Relu(Box<Tree>),
    Greatest(Vec<Tree>),
    Max(Box<[Tree; 2]>),
    Difference(Box<[Tree; 2]>),
    Choice(Box<[Tree; 2]>),
}

impl Tree {
    fn random(below: &mut dyn FnMut(usize) -> usize, depth: usize) -> Tree {
        let kind = if depth == 0 { 0 } else { below(7) };
        let mut one = || Tree::random(below, depth - 1);
        match kind {
            // Half of them without linear terms.
            0 => {
                let linear = below(2) as f64;
                let mut number = |scale: f64| (below(5) as f64 - 2.0) * scale;
                let [a, b] = [linear; 2].map(&mut number);
                Tree::Quadratic([a, b, number(1.0), number(1.0), number(1.0)])
            }
            1 => Tree::Abs(one().into()),
            2 => Tree::Relu(one().into()),
            3 => Tree::Greatest((0..3).map(|_| one()).collect()),
            4 => Tree::Max([one(), one()].into()),
            5 => Tree::Difference([one(), one()].into()),
            _ => Tree::Choice([one(), one()].into()),
        }
    }
}

impl Objective for Tree {
    fn at<T: Scalar>(&self, x: &[T], row: &[T]) -> T {
        match self {
            Tree::Quadratic([a, b, c, d, e]) => {
                let [x, y] = [x[0], x[1]];
                x * *a + y * *b + x * x * *c + x * y * *d + y * y * *e
            }
            Tree::Abs(tree) => tree.at(x, row).abs(),
            Tree::Relu(tree) => tree.at(x, row).relu(),
            Tree::Greatest(trees) => {
                T::max_of(&trees.iter().map(|tree| tree.at(x, row)).collect::<Vec<_>>())
            }
            Tree::Max(two) => two[0].at(x, row).max(two[1].at(x, row)),
            Tree::Difference(two) => two[0].at(x, row) - two[1].at(x, row),
            Tree::Choice(two) => {
                let [a, b] = [0, 1].map(|i| two[i].at(x, row));
                T::select(a.below(b), a, b)
            }
        }
    }
}

#[test]
fn of_random_kinks_of_quadratics_they_are_those_a_little_way_in() {
    let mut state = 1_u64;
    let mut below = |n: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % n
    };
    let mut tested = 0;
    for _ in 0..600 {
        let tree = Tree::Abs(Tree::random(&mut below, 3).into());
        let program = Program::record(&tree, &[0.3, 0.7], &[]).unwrap();
        let mut gradient = program.clone().gradient().compile();
        let mut product = program.clone().gradient().jvp().compile();
        let d = [below(7) as f64 - 3.0, below(7) as f64 - 3.0];
        // All numbers are whole multiples of h², so that nothing is rounded.
        let h = (-12_f64).exp2();
        let mut beside = |t: f64| {
            let found = gradient.run(&d.map(|d| d * t), &Columns::none()).unwrap();
            (found.gradient().to_vec(), found.kinks().is_empty())
        };
        let ((near, smooth), (far, _)) = (beside(h), beside(2.0 * h));
        if !smooth {
            continue;
        }
        let found = product.run(&[0.0, 0.0, d[0], d[1]], &Columns::none()).unwrap();
        let want: Vec<f64> = far.iter().zip(&near).map(|(far, near)| (far - near) / h).collect();
        assert_eq!(found.output(3), want, "along {d:?}: {}", program);
        tested += 1;
    }
    assert!(tested > 400, "{tested}");
}

#[test]
fn a_convex_loss_curves_upwards_however_far_from_its_corner() {
    struct At<L>(L);
    impl<L: Loss> Objective for At<L> {
        fn at<T: Scalar>(&self, x: &[T], _: &[T]) -> T {
            self.0.at(x[0], T::from(0.0))
        }
    }
    fn curvature<L: Loss>(loss: L, r: f64) -> f64 {
        hessian(&At(loss), &[r], &Columns::none())[0]
    }
    let close = |found: f64, right: f64, what: &str| {
        let off = (found - right).abs();
        assert!(off <= 1e-13 * right.abs() + 1e-300, "{what}: {found:e} for {right:e}");
    };
    for exponent in -60..=60 {
        for sign in [1.0, -1.0] {
            let r = sign * 2f64.powi(exponent) * 1.3;
            for delta in [1e-8, 1e-3, 0.5, 1.0, 3.0, 1e3, 1e8] {
                let right = (delta / r.hypot(delta)).powi(3);
                close(
                    curvature(PseudoHuber::new(delta).unwrap(), r),
                    right,
                    &format!("{delta} {r}"),
                );
            }
            if r.abs() < 300.0 {
                close(curvature(LogCosh, r), r.cosh().powi(-2), &format!("ln cosh {r}"));
                // σ(r) σ(-r), of a margin that is the prediction.
                let half = (0.5 * r).cosh();
                let at = objective!(|[x]| x.softplus());
                let found = hessian(&at, &[r], &Columns::none())[0];
                close(found, 0.25 / (half * half), &format!("softplus {r}"));
                let at = objective!(|[x]| x.log_sigmoid() * -1.0);
                let found = hessian(&at, &[r], &Columns::none())[0];
                close(found, 0.25 / (half * half), &format!("log_sigmoid {r}"));
            }
        }
    }
}

#[test]
fn the_kinks_where_the_side_matters_are_counted() {
    let f = objective!(|[x]| x.abs() * x);
    let program = Program::record(&f, &[1.0], &[]).unwrap().gradient().jvp();
    let mut sweep = program.compile();
    for (direction, want) in [(1.0, 2.0), (-1.0, 2.0)] {
        let found = sweep.run(&[0.0, direction], &Columns::none()).unwrap();
        // Along -1 the slope -2x of -x² changes by 2.
        assert_eq!((found.output(3), found.kinks().len()), (&[want][..], 1));
    }
    assert_eq!(sweep.run(&[0.5, 1.0], &Columns::none()).unwrap().kinks().len(), 0);
}

#[test]
fn at_infinity_two_that_tie_share() {
    const LEAST: f64 = f64::NEG_INFINITY;
    let quarter = [0.25, -0.25, -0.25, 0.25];
    let of_two = objective!(|[a, b]| a.log_add_exp(b));
    let of_many = objective!(|x| T::log_sum_exp(x));
    let none = &Columns::none();
    for x in [LEAST, -3.0, 700.0, f64::INFINITY] {
        assert_eq!(hessian(&of_two, &[x; 2], none), quarter, "{x}");
        assert_eq!(hessian(&of_many, &[x; 2], none), quarter, "{x}");
    }
    for x in [[LEAST, 1.0], [1.0, LEAST], [f64::INFINITY, 1.0]] {
        assert_eq!(hessian(&of_two, &x, none), [0.0; 4], "{x:?}");
    }
}

#[test]
fn nan_among_several_is_the_greatest_and_the_least() {
    let run = |objective: &dyn Fn() -> Program, at: &[f64]| {
        let mut sweep = objective().gradient().compile();
        sweep.run(at, &Columns::none()).unwrap().gradient().to_vec()
    };
    let greatest = || Program::record(&objective!(|x| T::max_of(x)), &[1.0, 2.0], &[]).unwrap();
    let least = || Program::record(&objective!(|x| T::min_of(x)), &[1.0, 2.0], &[]).unwrap();
    assert_eq!(run(&greatest, &[2.0, f64::NAN]), [0.0, 1.0]);
    assert_eq!(run(&least, &[2.0, f64::NAN]), [0.0, 1.0]);
    assert_eq!(run(&greatest, &[f64::NAN, 2.0]), [1.0, 0.0]);
    let held = objective!(|[a]| a.ln().max(2.0) + a);
    let program = Program::record(&held, &[1.0], &[]).unwrap();
    let found = |program: Program, at: &[f64], which: usize| {
        program.compile().run(at, &Columns::none()).unwrap().output(which).to_vec()
    };
    assert_eq!(found(program.clone().jvp(), &[-1.0, 1.0], 1), [1.0]);
    assert_eq!(found(program.hessian(), &[-1.0], 2), [0.0]);
}

/// Lines of a program's listing.
fn size(program: &Program) -> usize {
    program.to_string().lines().count()
}

#[test]
fn a_hessian_grows_with_what_it_is_of() {
    let lines = |n: usize| {
        let at: Vec<f64> = (0..n).map(|i| 0.5 + i as f64 / 100.0).collect();
        let power = objective!(|v| v[0].powf(v[1]));
        let chain = objective!(|v| v.windows(2).map(|w| w[0].powf(w[1])).sum());
        let hessian = |program: Program| size(&program.hessian());
        [
            hessian(Program::record(&power, &at, &[]).unwrap()),
            hessian(Program::record(&chain, &at, &[]).unwrap()),
        ]
    };
    // A line more for each row without entries; and of a chain as many for each link.
    let [few, more] = [lines(8), lines(40)];
    assert!(more[0] <= few[0] + 2 * 32, "{few:?} {more:?}");
    assert!(more[1] <= few[1] * 6, "{few:?} {more:?}");
}

#[test]
fn no_operation_makes_a_transformation_long() {
    for &op in Op::ENTRIES.iter() {
        let (_, parameters) = op.arity().unwrap();
        let row = Row(op, [0.25, 2.0][..parameters].to_vec());
        // A chain of them, so that what a program costs by itself does not count.
        struct Chain(Row);
        impl Objective for Chain {
            fn at<T: Scalar>(&self, x: &[T], row: &[T]) -> T {
                (0..8).fold(x[0], |y, _| self.0.at(&[y * 0.5, x[1]], row))
            }
        }
        let program = Program::record(&Chain(row), &[0.5; 2], &[]).unwrap();
        let (own, gradient) = (size(&program), size(&program.clone().gradient()));
        assert!(gradient <= 12 * own, "{op:?}: {own} {gradient}");
        for derived in [
            program.clone().jvp(),
            program.clone().gradient_along(),
            program.clone().gradient().jvp(),
        ] {
            let lines = size(&derived);
            // Their second derivatives are series.
            let most = match op {
                Op::LnGamma | Op::Digamma | Op::Trigamma => 18,
                Op::LnBeta => 24, // three of them
                _ => 12,
            };
            assert!(lines <= most * own.max(gradient), "{op:?}: {own} {gradient} {lines}");
        }
    }
}
