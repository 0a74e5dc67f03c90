//! Losses as problems of argmin: derivatives beside argmin's own, its solvers to known minima, and errors.

use argmin::core::{
    CostFunction, Error, Executor, Gradient, Hessian, IterState, Jacobian, Operator, Solver, State,
    TerminationReason, TerminationStatus,
};
use argmin::solver::conjugategradient::{NonlinearConjugateGradient, beta::PolakRibierePlus};
use argmin::solver::gradientdescent::SteepestDescent;
use argmin::solver::landweber::Landweber;
use argmin::solver::linesearch::{HagerZhangLineSearch, MoreThuenteLineSearch};
use argmin::solver::neldermead::NelderMead;
use argmin::solver::newton::NewtonCG;
use argmin::solver::quasinewton::{BFGS, DFP, LBFGS, SR1, SR1TrustRegion};
use argmin::solver::trustregion::{CauchyPoint, Steihaug, TrustRegion};
use argmin_testfunctions::{rosenbrock, rosenbrock_derivative, rosenbrock_hessian};
use wengert::optim::argmin::{
    Evaluate, ExpressionLoss, ExpressionResiduals, Problem, ProblemError, ProgramLoss,
    ProgramResiduals, TapeLoss,
};
use wengert::program::{Columns, Program, RunError};
use wengert::{Objective, Scalar, Var, objective, residuals};

/// Rosenbrock's function of any number of variables.
#[derive(Clone, Copy)]
struct Valley;

/// argmin's `NewtonCG` compares the square of a norm with a norm, and takes Newton's steps only while slopes are far
/// above 1: its losses are multiplied by this.
const STEEP: f64 = 1e4;

impl Objective for Valley {
    fn at<T: Scalar>(&self, x: &[T], _: &[T]) -> T {
        let steps =
            x.windows(2).map(|x| (1.0 - x[0]).square() + 100.0 * (x[1] - x[0].square()).square());
        steps.sum()
    }
}

/// The state of a run.
type Walk<G, J, H, R> = IterState<Vec<f64>, G, J, H, R, f64>;

fn near(found: &[f64], expected: &[f64], error: f64) {
    assert_eq!(found.len(), expected.len());
    for (x, y) in found.iter().zip(expected) {
        assert!((x - y).abs() <= error * y.abs().max(f64::MIN_POSITIVE), "{found:?} {expected:?}");
    }
}

#[test]
fn derivatives_are_those_by_hand() {
    let points = [vec![-1.2, 1.0, 0.3], vec![1.0, 1.0, 1.0], vec![4.0, -7.0, 1e3]];
    let program = Program::record(&Valley, &points[0], &[]).expect("a program");
    let on_tape = Problem::new(ExpressionLoss::new(Valley));
    let swept = Problem::new(ProgramLoss::new(&program, &Columns::none()));
    let closure = Problem::new(TapeLoss::new(|x: &[Var]| Valley.at(x, &[])));
    for x in &points {
        let (value, slope) = (rosenbrock(x), rosenbrock_derivative(x));
        let costs = [on_tape.cost(x), swept.cost(x), closure.cost(x)].map(|y| y.expect("a cost"));
        near(&costs, &[value; 3], 1e-14);
        for gradient in [on_tape.gradient(x), swept.gradient(x), closure.gradient(x)] {
            near(&gradient.expect("a gradient"), &slope, 1e-13);
        }
        let hessian = rosenbrock_hessian(x).concat();
        for found in [on_tape.hessian(x), swept.hessian(x)] {
            near(&found.expect("a Hessian").concat(), &hessian, 1e-13);
        }
    }
}

/// Where a solver ends, and after how many steps.
fn ended<O, S, G, J, H, R>(
    problem: O,
    solver: S,
    start: impl FnOnce(Walk<G, J, H, R>) -> Walk<G, J, H, R>,
) -> Result<Vec<f64>, Error>
where
    S: Solver<O, Walk<G, J, H, R>>,
    Walk<G, J, H, R>: State<Param = Vec<f64>, Float = f64>,
{
    let found = Executor::new(problem, solver).configure(start).run()?;
    Ok(found.state().get_best_param().expect("a step was taken").clone())
}

/// A state at these parameters, and the most steps.
fn from<G, J, H, R>(
    start: [f64; 2],
    steps: u64,
) -> impl FnOnce(Walk<G, J, H, R>) -> Walk<G, J, H, R> {
    move |state| state.param(start.to_vec()).max_iters(steps)
}

fn valley() -> Problem<ExpressionLoss<Valley>> {
    Problem::new(ExpressionLoss::new(Valley))
}

#[test]
fn solvers_reach_the_minimum_of_rosenbrock_s_function() {
    let start = [-1.2, 1.0];
    let search = || MoreThuenteLineSearch::new().with_c(1e-4, 0.9).expect("options");
    let arrived = |name: &str, x: Result<Vec<f64>, Error>, error: f64| {
        let x = x.unwrap_or_else(|refused| panic!("{name}: {refused}"));
        assert!(x.iter().all(|x| (x - 1.0).abs() < error), "{name}: {x:?}");
    };
    // argmin's defaults end where the cost changes by less than rounding.
    arrived("LBFGS", ended(valley(), LBFGS::new(search(), 7), from(start, 100)), 1e-7);
    let hager = LBFGS::new(HagerZhangLineSearch::new(), 7);
    arrived("LBFGS, Hager and Zhang", ended(valley(), hager, from(start, 100)), 1e-6);
    let steep = objective!(|[x, y]| STEEP * Valley.at(&[x, y], &[]));
    let steep = Problem::new(ExpressionLoss::new(steep));
    arrived("NewtonCG", ended(steep, NewtonCG::new(search()), from(start, 40)), 1e-10);
    let region = TrustRegion::new(Steihaug::new().with_max_iters(20));
    arrived("Steihaug", ended(valley(), region, from(start, 60)), 1e-10);
    let region = TrustRegion::new(CauchyPoint::new());
    arrived("CauchyPoint", ended(valley(), region, from(start, 20_000)), 1e-2);
    let exact = MoreThuenteLineSearch::new().with_c(1e-4, 0.1).expect("options");
    let conjugate =
        NonlinearConjugateGradient::new(exact, PolakRibierePlus::new()).restart_orthogonality(0.1);
    // It has no end of its own, and at the minimum no direction.
    let near = |state| from(start, 500)(state).target_cost(1e-8);
    arrived("NonlinearConjugateGradient", ended(valley(), conjugate, near), 1e-3);
    arrived(
        "SteepestDescent",
        ended(valley(), SteepestDescent::new(search()), from(start, 20_000)),
        1e-2,
    );
    arrived("Landweber", ended(valley(), Landweber::new(1e-3), from(start, 30_000)), 1e-2);
    let simplex = NelderMead::new(vec![start.to_vec(), vec![0.0, 0.0], vec![1.0, 2.0]]);
    arrived(
        "NelderMead",
        ended(valley(), simplex.with_sd_tolerance(1e-14).expect("an option"), |s| s.max_iters(500)),
        1e-5,
    );
    let unit = vec![vec![1.0, 0.0], vec![0.0, 1.0]];
    let with = |steps| {
        let inverse = unit.clone();
        move |state: IterState<_, _, _, _, _, _>| {
            state.param(start.to_vec()).inv_hessian(inverse).max_iters(steps)
        }
    };
    arrived("BFGS", ended(valley(), BFGS::new(search()), with(100)), 1e-6);
    arrived("DFP", ended(valley(), DFP::new(search()), with(500)), 1e-4);
    // With a line search its matrix is soon not positive, and it ends in the valley.
    let close = |state| with(500)(state).param(vec![1.1, 1.2]);
    let found = ended(valley(), SR1::new(search()), close).expect("an end");
    assert!(rosenbrock(&found) < 0.5 * rosenbrock(&[1.1, 1.2]), "{found:?}");
    let region = SR1TrustRegion::new(Steihaug::new().with_max_iters(20));
    let with = |state: IterState<_, _, _, _, _, _>| {
        state.param(start.to_vec()).hessian(unit.clone()).max_iters(500)
    };
    arrived("SR1TrustRegion", ended(valley(), region, with), 1e-4);
}

/// The rows of a data set of the National Institute of Standards and Technology: `y`, then `x`.
fn columns(text: &str) -> [Vec<f64>; 2] {
    let (_, rows) = text.rsplit_once("Data:").expect("data");
    let rows = rows.lines().skip(1);
    let number = |text: &str| text.parse::<f64>().expect("a number");
    let rows = rows.filter_map(|line| line.trim().split_once(char::is_whitespace));
    let (x, y) = rows.map(|(y, x)| (number(x.trim()), number(y))).unzip();
    [x, y]
}

#[test]
fn solvers_reach_certified_fits() {
    // b₁ x^b₂, from the second official start.
    let [x, y] = columns(include_str!("../../examples/data/nist/lower/DanWood.dat"));
    assert_eq!(x.len(), 6);
    let certified = [7.688_622_617_6e-1, 3.860_405_587_1];
    let start = [0.7, 4.0];
    let data = Columns::new(&[&x, &y]).expect("columns");
    let swept = |scale: f64| {
        let squares = objective!(
            (scale: f64) |[b1, b2], [x, y]| scale * (b1 * x.powf(b2) - y).square()
        );
        let program = Program::record(&squares, &start, &[x[0], y[0]]).expect("a program");
        Problem::new(ProgramLoss::new(&program.sum(), &data))
    };
    let search = || MoreThuenteLineSearch::new().with_c(1e-4, 0.9).expect("options");
    let quasi = LBFGS::new(search(), 7).with_tolerance_cost(0.0).expect("an option");
    near(&ended(swept(1.0), quasi, from(start, 60)).expect("a fit"), &certified, 1e-7);
    near(
        &ended(swept(STEEP), NewtonCG::new(search()), from(start, 60)).expect("a fit"),
        &certified,
        1e-7,
    );
    let region = TrustRegion::new(Steihaug::new().with_max_iters(20));
    near(&ended(swept(1.0), region, from(start, 60)).expect("a fit"), &certified, 1e-9);

    // The same by residuals: half the sum of squares, whose minimum has half the certified value.
    let residual = objective!(|[b1, b2], [x, y]| b1 * x.powf(b2) - y);
    let program = Program::record(&residual, &start, &[x[0], y[0]]).expect("a program");
    let problem = Problem::new(ProgramResiduals::new(&program, &data));
    let cost = problem.cost(&certified.to_vec()).expect("a cost");
    near(&[cost], &[4.317_308_408_3e-3 / 2.0], 1e-9);
    let quasi = LBFGS::new(search(), 7).with_tolerance_cost(0.0).expect("an option");
    near(&ended(problem, quasi, from(start, 60)).expect("a fit"), &certified, 1e-6);
}

#[test]
fn residuals_are_operators_with_jacobians() {
    let system = residuals!(|[x, y]| [x * y - 1.0, x.exp() - y, x + y]);
    let program = Program::record_residuals(&system, &[1.0, 1.0], &[]).expect("a program");
    let at = vec![0.5, -2.0];
    let root = 0.5_f64.exp();
    let values = [-2.0, root + 2.0, -1.5];
    let rows = [[-2.0, 0.5], [root, -1.0], [1.0, 1.0]];
    let slope: Vec<f64> =
        (0..2).map(|j| values.iter().zip(&rows).map(|(r, row)| r * row[j]).sum()).collect();
    let cost = values.iter().map(|r| r * r).sum::<f64>() / 2.0;
    let tape = Problem::new(ExpressionResiduals::new(system));
    let swept = Problem::new(ProgramResiduals::new(&program, &Columns::none()));
    near(&tape.apply(&at).expect("residuals"), &values, 1e-15);
    near(&swept.apply(&at).expect("residuals"), &values, 1e-15);
    for jacobian in [tape.jacobian(&at), swept.jacobian(&at)] {
        near(&jacobian.expect("a Jacobian").concat(), rows.as_flattened(), 1e-15);
    }
    for gradient in [tape.gradient(&at), swept.gradient(&at)] {
        near(&gradient.expect("a gradient"), &slope, 1e-14);
    }
    for found in [tape.cost(&at), swept.cost(&at)] {
        near(&[found.expect("a cost")], &[cost], 1e-15);
    }
}

fn told(error: &Error) -> &ProblemError {
    error.downcast_ref().unwrap_or_else(|| panic!("{error}"))
}

/// The error of a run from `start`.
fn refused<E: Evaluate>(problem: Problem<E>, start: Vec<f64>) -> Error {
    let solver = SteepestDescent::new(MoreThuenteLineSearch::new());
    ended(problem, solver, |state| state.param(start).max_iters(20)).expect_err("no answer")
}

#[test]
fn what_goes_wrong_on_the_way_comes_out_of_the_solver() {
    let swept = |program: &Program| Problem::new(ProgramLoss::new(program, &Columns::none()));
    // Down from 3, and below 1 the other branch would be taken.
    let branches = objective!(|[x]| if x > 1.0 { x * x } else { x });
    let program = Program::record(&branches, &[3.0], &[]).expect("a program");
    let error = refused(swept(&program), vec![3.0]);
    let ProblemError::Run(RunError::GuardTurned { line, row: None }) = told(&error) else {
        panic!("{error}")
    };
    assert!(line.to_string().contains("argmin.rs"), "{line}");

    // Down to where there is no logarithm: -2.
    let barrier = objective!(|[x]| x + (x + 1.0).ln() - 5.0);
    let program = Program::record(&barrier, &[0.0], &[]).expect("a program");
    let closure = TapeLoss::new(|x: &[Var]| x[0] + (x[0] + 1.0).ln() - 5.0);
    let errors = [
        refused(swept(&program), vec![0.0]),
        refused(Problem::new(ExpressionLoss::new(barrier)), vec![0.0]),
        refused(Problem::new(closure), vec![0.0]),
    ];
    for error in &errors {
        let is_told =
            matches!(told(error), ProblemError::NonFiniteValue { value } if value.is_nan());
        assert!(is_told, "{error}");
    }
    let rows = objective!(|[x], [c]| (x - c).square());
    let rows = Program::record(&rows, &[0.0], &[1.0]).expect("a program").mean();
    let data = Columns::new(&[&[9.0, f64::NAN]]).expect("a column");
    let error = refused(Problem::new(ProgramLoss::new(&rows, &data)), vec![0.0]);
    let ProblemError::Run(RunError::NotFinite { row, .. }) = told(&error) else {
        panic!("{error}")
    };
    assert_eq!(*row, 1);

    // argmin's L-BFGS alone makes an end of it, as its module says.
    let solver = LBFGS::new(MoreThuenteLineSearch::new(), 7);
    let found = Executor::new(swept(&program), solver)
        .configure(|state| state.param(vec![0.0]).max_iters(20))
        .run()
        .expect("an end");
    let TerminationStatus::Terminated(TerminationReason::SolverExit(reason)) =
        found.state().get_termination_status()
    else {
        panic!("{found}")
    };
    assert!(reason.contains(&told(&errors[0]).to_string()), "{reason}");
}

#[test]
fn what_is_wrong_at_once_is_told_by_its_place() {
    let pair = objective!(|[x, y]| x * y);
    let on_tape = Problem::new(ExpressionLoss::new(pair));
    let program = Program::record(&pair, &[1.0, 1.0], &[]).expect("a program");
    let swept = Problem::new(ProgramLoss::new(&program, &Columns::none()));
    let long = vec![1.0; 3];
    let lengths =
        [on_tape.cost(&long).err(), on_tape.gradient(&long).err(), on_tape.hessian(&long).err()];
    for error in lengths.into_iter().map(|error| error.expect("too many")) {
        assert!(matches!(told(&error), ProblemError::Length { expected: 2, found: 3 }), "{error}");
    }
    let error = swept.gradient(&long).expect_err("too many");
    assert!(
        matches!(told(&error), ProblemError::Run(RunError::Parameters { expected: 2, found: 3 })),
        "{error}"
    );
    let error = on_tape.gradient(&vec![1.0, f64::NAN]).expect_err("a NaN");
    assert!(
        matches!(told(&error), ProblemError::NonFiniteParameter { place, .. } if place.index == 1),
        "{error}"
    );

    // Finite values with slopes and curvatures that are not.
    let root = Problem::new(ExpressionLoss::new(objective!(|[x, y]| x * x + y.sqrt())));
    let at = vec![1.0, 0.0];
    assert_eq!(root.cost(&at).expect("a value"), 1.0);
    let error = root.gradient(&at).expect_err("no slope");
    assert!(
        matches!(told(&error), ProblemError::NonFiniteSlope { place, value }
            if place.index == 1 && *value == f64::INFINITY),
        "{error}"
    );
    let power = Problem::new(ExpressionLoss::new(objective!(|[x, y]| x * x + y.powf(1.5))));
    assert_eq!(power.gradient(&at).expect("a slope"), [2.0, 0.0]);
    let error = power.hessian(&at).expect_err("no curvature");
    assert!(
        matches!(told(&error), ProblemError::NonFiniteCurvature { place, by, .. }
            if (place.index, by.index) == (1, 1)),
        "{error}"
    );
    let system = Problem::new(ExpressionResiduals::new(residuals!(|[x, y]| [x, y.ln(), y.sqrt()])));
    let error = system.apply(&at).expect_err("no logarithm");
    assert!(matches!(told(&error), ProblemError::NonFiniteResidual { index: 1, .. }), "{error}");
    let system = Problem::new(ExpressionResiduals::new(residuals!(|[x, y]| [x, y.sqrt()])));
    let error = system.jacobian(&at).expect_err("no slope");
    assert!(
        matches!(told(&error), ProblemError::NonFiniteDerivative { index: 1, by, .. }
            if by.index == 1),
        "{error}"
    );
}

#[test]
fn a_problem_may_be_asked_on_several_threads() {
    fn shared<T: Sync + Send>(problem: &T) -> &T {
        problem
    }
    let program = Program::record(&Valley, &[-1.2, 1.0], &[]).expect("a program");
    let problem = Problem::new(ProgramLoss::new(&program, &Columns::none()));
    let problem = shared(&problem);
    let at = |k: u32| vec![f64::from(k), 1.0];
    std::thread::scope(|scope| {
        let threads = (0..4).map(|k| scope.spawn(move || problem.cost(&at(k)).expect("a cost")));
        let threads: Vec<_> = threads.collect();
        for (k, thread) in (0..4).zip(threads) {
            near(&[thread.join().expect("a thread")], &[rosenbrock(&at(k))], 1e-14);
        }
    });
}
