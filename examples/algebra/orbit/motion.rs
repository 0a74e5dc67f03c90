//! How the moon goes round, step by step and in closed form, for every kind of number.

use wengert::program::{Steps, Transition};
use wengert::{CheckpointError, Checkpoints, Recurrence, Scalar, Unrolled, checkpointed};

/// What is fitted: where the moon is at first and how fast, in its plane, in millions of kilometres and days;
/// and the planet's mass times the constant of gravity.
pub(crate) const TRUTH: [f64; 5] = [1.52, 0.31, -0.139, 0.69, 0.945_7];

/// A step of this many days, of the fourth order: three steps of Störmer and Verlet, the middle one back in
/// time. H. Yoshida, "Construction of higher order symplectic integrators", Physics Letters A 150, 1990.
#[inline]
pub(crate) fn step<T: Scalar>(days: f64, mass: T, state: [T; 4]) -> [T; 4] {
    // 1 / (2 - ∛2), and what is left of 1.
    const OUTER: f64 = 1.351_207_191_959_657_6;
    const INNER: f64 = 1.0 - 2.0 * OUTER;
    [OUTER, INNER, OUTER].into_iter().fold(state, |state, part| leap(part * days, mass, state))
}

/// Half a drift, a kick, half a drift.
#[inline]
fn leap<T: Scalar>(days: f64, mass: T, [x, y, vx, vy]: [T; 4]) -> [T; 4] {
    let half = 0.5 * days;
    let (x, y) = (x + vx * half, y + vy * half);
    let square = x * x + y * y;
    let pull = mass * -days / (square * square.sqrt());
    let (vx, vy) = (vx + x * pull, vy + y * pull);
    [x + vx * half, y + vy * half, vx, vy]
}

/// Where it is after so many days, in closed form: by the change `E` of the eccentric anomaly, which Kepler's
/// equation `n t = E - (1 - r/a) sin E + (r·v/√(μ a)) (1 - cos E)` gives, and Lagrange's coefficients. R. Battin,
/// "An Introduction to the Mathematics and Methods of Astrodynamics", AIAA, 1999, section 4.3.
pub(crate) fn kepler<T: Scalar>(days: f64, &[x, y, vx, vy, mass]: &[T; 5]) -> [T; 2] {
    let distance = x.hypot(y);
    // One over half the long axis.
    let alpha = 2.0 / distance - (vx * vx + vy * vy) / mass;
    let motion = (mass * alpha).sqrt() * alpha;
    let along = (x * vx + y * vy) * (alpha / mass).sqrt();
    let beyond = 1.0 - distance * alpha;
    let mean = motion * days;
    // Each step of Newton's doubles the digits, those of the derivatives one step later.
    let anomaly = (0..12).fold(mean, |e, _| {
        let (sin, cos) = e.sin_cos();
        let excess = e - beyond * sin + along * (1.0 - cos) - mean;
        e - excess / (1.0 - beyond * cos + along * sin)
    });
    let (sin, cos) = anomaly.sin_cos();
    let f = 1.0 - (1.0 - cos) / (distance * alpha);
    let g = days - (anomaly - sin) / motion;
    [f * x + g * vx, f * y + g * vy]
}

/// Positions seen at even times, each with its error.
#[derive(Clone, Debug)]
pub(crate) struct Sightings {
    /// Days to a step, and steps from one sighting to the next.
    pub(crate) days: f64,
    pub(crate) every: usize,
    /// The standard deviation of the errors.
    pub(crate) deviation: f64,
    pub(crate) positions: Vec<[f64; 2]>,
}

impl Sightings {
    /// Of the true orbit, with errors that are normal.
    pub(crate) fn new(days: f64, every: usize, deviation: f64, count: usize) -> Self {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut error = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let uniform = ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
            deviation * (2.0 * uniform - 1.0).erf_inv() * 2_f64.sqrt()
        };
        let positions = (1..=count)
            .map(|at| kepler(days * (at * every) as f64, &TRUTH).map(|place| place + error()));
        Sightings { days, every, deviation, positions: positions.collect() }
    }

    /// The first so many of them.
    pub(crate) fn first(&self, count: usize) -> Self {
        Sightings { positions: self.positions[..count].to_vec(), ..self.clone() }
    }

    /// The same with steps that are so many times as long.
    pub(crate) fn coarser(&self, times: usize) -> Self {
        let (days, every) = (self.days * times as f64, self.every / times);
        Sightings { days, every, ..self.clone() }
    }

    pub(crate) fn step_count(&self) -> usize {
        self.every * self.positions.len()
    }

    /// The sighting that falls after so many steps.
    pub(crate) fn after(&self, steps: usize) -> Option<[f64; 2]> {
        let due = steps > 0 && steps.is_multiple_of(self.every);
        due.then(|| self.positions[steps / self.every - 1])
    }

    /// How far a place is from a sighting, in standard deviations, for each axis.
    pub(crate) fn misses<T: Scalar>(&self, [x, y]: [T; 2], seen: [f64; 2]) -> [T; 2] {
        [(x - seen[0]) / self.deviation, (y - seen[1]) / self.deviation]
    }

    /// Half the square of that.
    pub(crate) fn of_one<T: Scalar>(&self, place: [T; 2], seen: [f64; 2]) -> T {
        let [a, b] = self.misses(place, seen);
        (a * a + b * b) * 0.5
    }

    /// The gradient of the loss by the orbit, in the memory of so many states.
    pub(crate) fn gradient(
        &self,
        &[x, y, vx, vy, mass]: &[f64; 5],
        checkpoints: usize,
    ) -> Result<([f64; 5], Unrolled), CheckpointError> {
        let plan = Checkpoints::new(self.step_count(), checkpoints)?;
        let found = checkpointed(plan, self, &[mass], &[x, y, vx, vy]);
        Ok((by_orbit(&found), found))
    }

    /// The same by programs of the steps.
    pub(crate) fn gradient_by(
        &self,
        steps: &mut Steps<'_, Self>,
        &[x, y, vx, vy, mass]: &[f64; 5],
        checkpoints: usize,
    ) -> Result<([f64; 5], Unrolled), CheckpointError> {
        let plan = Checkpoints::new(self.step_count(), checkpoints)?;
        let found = steps.checkpointed(plan, &[mass], &[x, y, vx, vy], &[])?;
        Ok((by_orbit(&found), found))
    }

    /// What `each` makes of every sighting and the place computed for it, step by step.
    pub(crate) fn along<T: Scalar>(
        &self,
        &[x, y, vx, vy, mass]: &[T; 5],
        mut each: impl FnMut([T; 2], [f64; 2]),
    ) {
        let mut state = [x, y, vx, vy];
        for at in 1..=self.step_count() {
            state = step(self.days, mass, state);
            if let Some(seen) = self.after(at) {
                each([state[0], state[1]], seen);
            }
        }
    }

    /// The loss of all, step by step.
    pub(crate) fn integrated<T: Scalar>(&self, orbit: &[T; 5]) -> T {
        let mut losses = Vec::with_capacity(self.positions.len());
        self.along(orbit, |place, seen| losses.push(self.of_one(place, seen)));
        T::sum_of(&losses)
    }

    /// The loss of all, in closed form.
    pub(crate) fn closed<T: Scalar>(&self, orbit: &[T; 5]) -> T {
        let losses = self.positions.iter().zip(1..).map(|(&seen, at)| {
            self.of_one(kepler(self.days * (at * self.every) as f64, orbit), seen)
        });
        T::sum_of(&losses.collect::<Vec<_>>())
    }
}

/// The derivatives by the state and then the mass.
fn by_orbit(found: &Unrolled) -> [f64; 5] {
    let state = &found.by_state;
    [state[0], state[1], state[2], state[3], found.by_parameters[0]]
}

impl Recurrence for Sightings {
    #[inline]
    fn step<T: Scalar>(&self, _: usize, mass: &[T], state: &mut [T]) {
        let next = step(self.days, mass[0], [state[0], state[1], state[2], state[3]]);
        state.copy_from_slice(&next);
    }

    #[inline]
    fn loss<T: Scalar>(&self, t: usize, _: &[T], state: &[T]) -> T {
        self.after(t).map_or(T::ZERO, |seen| self.of_one([state[0], state[1]], seen))
    }
}

impl Transition for Sightings {
    #[inline]
    fn next<T: Scalar>(&self, mass: &[T], _: &[T], state: &mut [T]) {
        Recurrence::step(self, 0, mass, state);
    }

    #[inline]
    fn is_seen(&self, t: usize) -> bool {
        self.after(t).is_some()
    }

    #[inline]
    fn loss<T: Scalar>(&self, t: usize, mass: &[T], state: &[T]) -> T {
        Recurrence::loss(self, t, mass, state)
    }
}
