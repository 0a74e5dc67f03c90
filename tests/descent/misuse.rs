//! What is refused, and leaves the parameters as they were.

use wengert::loss::{LossError, mean_absolute_error};
use wengert::optim::{KinkDescent, OptimError, Place};
use wengert::{Params, Var};

#[test]
fn options_out_of_their_range_are_refused() {
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(KinkDescent::builder().tolerance(bad).build().is_err());
        assert!(KinkDescent::builder().radius(bad).build().is_err());
    }
    assert!(KinkDescent::builder().recordings(0).build().is_err());
    assert!(KinkDescent::builder().moves(0).build().is_err());
}

#[test]
fn a_start_that_is_not_finite_is_refused() {
    let mut x = [1.0, f64::NAN];
    let refused = KinkDescent::new().minimize(&mut x, |x| x[0].abs()).unwrap_err();
    assert!(matches!(
        refused,
        OptimError::NonFiniteParameter { place: Place { index: 1, .. }, .. }
    ));

    let mut x = [1.0];
    let refused = KinkDescent::new().minimize(&mut x, |x| (x[0] - 2.0).ln()).unwrap_err();
    assert!(matches!(refused, OptimError::NonFiniteValue { .. }));
    let refused = KinkDescent::new().minimize(&mut x, |x| (x[0] - 1.0).sqrt()).unwrap_err();
    assert!(matches!(refused, OptimError::NonFiniteGradient { .. }));
    assert_eq!(x, [1.0]);
}

#[test]
fn a_loss_without_end_is_refused() {
    let mut x = [1.0, 1.0];
    let refused = KinkDescent::new().minimize(&mut x, |x| x[0] + x[1].abs()).unwrap_err();
    assert!(matches!(refused, OptimError::Unbounded { .. }), "{refused}");
    assert_eq!(x, [1.0, 1.0]);
}

#[test]
fn what_the_loss_refuses_is_handed_on() {
    #[derive(Debug, PartialEq, thiserror::Error)]
    enum Trouble {
        #[error(transparent)]
        Loss(#[from] LossError),
        #[error(transparent)]
        Optim(#[from] OptimError),
    }
    let mut params = Params::from_scalars([("a", 1.0)]).unwrap();
    let refused = params
        .minimize(&KinkDescent::new(), |p| {
            let a = p.vars()[0];
            Ok::<_, Trouble>(mean_absolute_error([(a, 1.0), (a, f64::NAN)])?)
        })
        .unwrap_err();
    assert!(matches!(refused, Trouble::Loss(LossError::Target { index: 1, .. })));
    assert_eq!(params.values(), [1.0]);
}

#[test]
fn steps_that_leave_the_domain_are_shortened() {
    // The logarithm of what is below 0 is NaN.
    let mut x = [4.0];
    let found = KinkDescent::new()
        .minimize(&mut x, |x| x[0] * 10.0 - x[0].ln() + (x[0] - 0.3).abs() * 0.5)
        .unwrap();
    assert!(found.is_certified() && (x[0] - 1.0 / 9.5).abs() < 1e-8, "{x:?}\n{found}");
}

#[test]
fn a_constant_loss_and_no_parameters_are_minima_at_once() {
    let mut x = [3.0];
    let found = KinkDescent::new().minimize(&mut x, |_| Var::from(2.0)).unwrap();
    assert!(found.is_exact() && found.value() == 2.0 && x == [3.0]);
    let found = KinkDescent::new().minimize(&mut [], |_| Var::from(2.0)).unwrap();
    assert!(found.is_exact());
}

#[test]
fn recordings_that_run_out_leave_the_best_point_uncertified() {
    let mut x = [-1.2, 1.0];
    let found = KinkDescent::builder()
        .recordings(4)
        .build()
        .unwrap()
        .minimize(&mut x, |x| (x[1] - x[0] * x[0]).abs() * 10.0 + (x[0] - 1.0).powi(2))
        .unwrap();
    assert!(!found.is_certified() && found.recording_count() <= 6, "{found}");
    assert!(found.value() < 4.4 + 4.84);
    assert!(found.to_string().contains("NOT certified"));
}

#[test]
fn kinks_at_infinity_do_not_loop() {
    let mut x = [1.0];
    let found = KinkDescent::new()
        .minimize(&mut x, |x| {
            (x[0] - 3.0).abs() * 2.0 + (x[0] - f64::MAX).relu() + x[0].min(f64::INFINITY)
        })
        .unwrap();
    assert!(found.is_certified(), "{x:?}\n{found}");
}
