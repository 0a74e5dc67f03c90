//! The pendulum, and what a plan of torques costs, for every kind of number.

use wengert::{Objective, Scalar};

/// Steps that a plan looks ahead, each with a torque of its own.
pub(crate) const STEPS: usize = 30;

/// What a plan depends on: the angle and the speed now, and the torques.
pub(crate) const PARAMETERS: usize = 2 + STEPS;

/// Seconds that a torque is held.
pub(crate) const HOLD: f64 = 0.05;

/// One over seconds squared: what gravity does to a metre of pendulum that lies level. The torque is bounded
/// by less than half of that, so that the pendulum has to be swung up.
pub(crate) const GRAVITY: f64 = 9.81;
pub(crate) const MOST_TORQUE: f64 = 4.0;

/// One over seconds: how friction slows it.
pub(crate) const FRICTION: f64 = 0.1;

/// What speed and torque cost each step, beside `1 - cos` of the angle, and what the end costs.
pub(crate) const SPEED_COST: f64 = 0.01;
pub(crate) const TORQUE_COST: f64 = 0.005;
pub(crate) const END_ANGLE_COST: f64 = 5.0;
pub(crate) const END_SPEED_COST: f64 = 0.5;

/// A step of Euler's, the angle by the speed after it. The angle is counted from upright, in radians; the
/// torque is that of a kilogram at the end of the metre, in newton metres.
#[inline]
pub(crate) fn step<T: Scalar>(seconds: f64, [angle, speed]: [T; 2], torque: T) -> [T; 2] {
    let speed = speed + (angle.sin() * GRAVITY - speed * FRICTION + torque) * seconds;
    [angle + speed * seconds, speed]
}

/// What it costs to hold each torque in turn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan;

impl Objective for Plan {
    fn at<T: Scalar>(&self, parameters: &[T], _: &[T]) -> T {
        let [angle, speed, ref torques @ ..] = *parameters else {
            unreachable!("a plan has a state")
        };
        let (mut state, mut cost) = ([angle, speed], T::from(0.0));
        for &torque in torques {
            state = step(HOLD, state, torque);
            let [angle, speed] = state;
            cost += (1.0 - angle.cos()) + speed.square() * SPEED_COST;
            cost += torque.square() * TORQUE_COST;
        }
        let [angle, speed] = state;
        cost + (1.0 - angle.cos()) * END_ANGLE_COST + speed.square() * END_SPEED_COST
    }
}
