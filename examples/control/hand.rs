//! The gradient of a plan's cost as a person would derive it and write it down.

use super::pendulum::{
    END_ANGLE_COST, END_SPEED_COST, FRICTION, GRAVITY, HOLD, PARAMETERS, SPEED_COST, STEPS,
    TORQUE_COST,
};

/// The cost of a plan, and its slopes.
///
/// With `h` seconds a step, the adjoints `α` of the angle `φ` and `σ` of the speed `ω` go back from the end, where they
/// are the slopes of what the end costs:
///
/// ```text
/// α ← α + sin φₖ₊₁,  σ ← σ + 2 c ωₖ₊₁ + h α    for each k, of what step k + 1 costs and of φₖ₊₁ = φₖ + h ωₖ₊₁
/// ∂/∂uₖ = h σ + 2 d uₖ
/// α ← α + h g σ cos φₖ,  σ ← (1 - h f) σ       of ωₖ₊₁ = ωₖ + h (g sin φₖ - f ωₖ + uₖ)
/// ```
pub(crate) fn gradient(plan: &[f64; PARAMETERS], slopes: &mut [f64; PARAMETERS]) -> f64 {
    let [mut angle, mut speed, ref torques @ ..] = *plan;
    let (mut sines, mut cosines, mut speeds) = ([0.0; STEPS], [0.0; STEPS], [0.0; STEPS]);
    let (mut sin, mut cos) = angle.sin_cos();
    let mut cost = 0.0;
    for (at, torque) in torques.iter().enumerate() {
        (sines[at], cosines[at]) = (sin, cos);
        speed += HOLD * (GRAVITY * sin - FRICTION * speed + torque);
        angle += HOLD * speed;
        speeds[at] = speed;
        (sin, cos) = angle.sin_cos();
        cost += 1.0 - cos + SPEED_COST * speed * speed + TORQUE_COST * torque * torque;
    }
    cost += END_ANGLE_COST * (1.0 - cos) + END_SPEED_COST * speed * speed;

    let [of_angle, of_speed, of_torques @ ..] = slopes;
    let (mut alpha, mut sigma) = (END_ANGLE_COST * sin, 2.0 * END_SPEED_COST * speed);
    for at in (0..STEPS).rev() {
        alpha += sin;
        sigma += 2.0 * SPEED_COST * speeds[at] + HOLD * alpha;
        of_torques[at] = HOLD * sigma + 2.0 * TORQUE_COST * torques[at];
        alpha += HOLD * GRAVITY * cosines[at] * sigma;
        sigma *= 1.0 - HOLD * FRICTION;
        sin = sines[at];
    }
    (*of_angle, *of_speed) = (alpha, sigma);
    cost
}
