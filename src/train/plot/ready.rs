//! Plots that come ready made.

use super::axis::widened;
use super::error::PlotError;
use super::grid::Grid;
use super::layer::{Plot, Points, Shape};
use crate::{Real, train::History};

/// How many lines of equal value a contour has at most.
const LEVELS: usize = 14;

impl Plot {
    /// Data as dots, and a curve through them over their span.
    ///
    /// ```
    /// use wengert::plot::Plot;
    /// let plot = Plot::fit("A line", &[(0.0, 1.1), (1.0, 2.9), (2.0, 5.0)], |x| 1.0 + 2.0 * x);
    /// assert!(plot.svg()?.contains("fit"));
    /// # Ok::<(), wengert::plot::PlotError>(())
    /// ```
    pub fn fit(
        title: impl Into<String>,
        points: &[(f64, f64)],
        curve: impl FnMut(f64) -> f64,
    ) -> Self {
        let xs = points.iter().map(|point| point.0).filter(|x| x.is_finite());
        let [from, to] =
            [xs.clone().fold(f64::INFINITY, f64::min), xs.fold(f64::NEG_INFINITY, f64::max)];
        let plot = Plot::new(title, "x", "y").dots("data", points.iter().copied());
        if from <= to { plot.curve("fit", [from, to], curve) } else { plot }
    }

    /// What a model leaves over, observed less predicted, above what it predicted; a good one leaves no pattern.
    ///
    /// # Errors
    /// If the lists have different lengths.
    ///
    /// ```
    /// use wengert::plot::{Plot, PlotError};
    /// assert!(Plot::residuals("Left over", &[1.0, 2.0], &[1.1, 1.9])?.svg().is_ok());
    /// let refused = Plot::residuals("Left over", &[1.0, 2.0], &[1.1]).unwrap_err();
    /// assert!(matches!(refused, PlotError::Length { expected: 2, found: 1 }));
    /// # Ok::<(), PlotError>(())
    /// ```
    pub fn residuals(
        title: impl Into<String>,
        predicted: &[f64],
        observed: &[f64],
    ) -> Result<Self, PlotError> {
        let (expected, found) = (predicted.len(), observed.len());
        if expected != found {
            return Err(PlotError::Length { expected, found });
        }
        let points = predicted.iter().zip(observed).map(|(p, y)| (*p, y - p));
        let plot = Plot::new(title, "predicted", "observed − predicted");
        Ok(plot.dots("residuals", points).ink("", Shape::Rule { y: 0.0 }))
    }

    /// What a classifier of two inputs makes of each place, and the points by which it learnt.
    ///
    /// A score of at least 0 is the first class. The names are those of the classes; a point's flag says
    /// whether it is of the first. The plot spans the points; the score is looked at in 281 by 281 places.
    ///
    /// ```
    /// use wengert::plot::Plot;
    /// let points = [([0.0, 1.0], true), ([1.0, 0.0], false)];
    /// let plot = Plot::decision("Above or below", ["above", "below"], &points, |[x, y]| y - x);
    /// assert!(plot.svg()?.contains("boundary"));
    /// # Ok::<(), wengert::plot::PlotError>(())
    /// ```
    pub fn decision(
        title: impl Into<String>,
        names: [&str; 2],
        points: &[([f64; 2], bool)],
        mut score: impl FnMut([f64; 2]) -> f64,
    ) -> Self {
        let [x, y] = [0, 1].map(|i| {
            let xs = points.iter().map(|(at, _)| at[i]).filter(|x| x.is_finite());
            let ends =
                [xs.clone().fold(f64::INFINITY, f64::min), xs.fold(f64::NEG_INFINITY, f64::max)];
            widened(ends, 0.08)
        });
        let of = |is_first: bool| -> Points {
            let own = points.iter().filter(|(_, first)| *first == is_first);
            own.map(|([x, y], _)| (*x, *y)).collect()
        };
        let mut plot = Plot::new(title, "x₁", "x₂");
        if x[0] < x[1] && y[0] < y[1] {
            let grid = Grid::of(x, y, |x, y| score([x, y]));
            let sides = Shape::Sides { strips: grid.strips(), boundary: grid.lines(0.0) };
            plot = plot.ink("boundary", sides).x_range(x[0], x[1]).y_range(y[0], y[1]);
        }
        plot.dots(names[0], of(true)).dots(names[1], of(false))
    }

    /// Lines of equal value of a loss of two parameters, dark where it is low. They lie closer together where it is
    /// low: the levels follow its values, so that no unit matters. A flat loss has none, and the legend
    /// says so. It is looked at in 281 by 281 places.
    ///
    /// ```
    /// use wengert::plot::Plot;
    /// let loss = |x: f64, y: f64| (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2);
    /// let plot = Plot::contour("Rosenbrock", [-2.0, 2.0], [-1.0, 3.0], loss);
    /// assert!(plot.path("a step", [(-1.5, 2.0), (1.0, 1.0)]).svg()?.contains("loss"));
    /// # Ok::<(), wengert::plot::PlotError>(())
    /// ```
    pub fn contour(
        title: impl Into<String>,
        x: [f64; 2],
        y: [f64; 2],
        loss: impl FnMut(f64, f64) -> f64,
    ) -> Self {
        let grid = Grid::of(x, y, loss);
        let levels = grid.levels(LEVELS);
        let lines = levels.iter().map(|level| grid.lines(*level)).collect();
        let plot = Plot::new(title, "x", "y").x_range(x[0], x[1]).y_range(y[0], y[1]);
        plot.ink("loss", Shape::Levels { seen: grid.seen(), levels, lines })
    }

    /// The losses of trainings, epoch by epoch: over their batches as lines, over the rows held back dashed,
    /// each with its best epoch marked. Each run has a name, which a single one may leave empty. The axis is
    /// logarithmic where positive losses span more than a decade.
    ///
    /// ```
    /// use wengert::optim::Sgd;
    /// use wengert::plot::Plot;
    /// use wengert::train::{TapeLoss, Trainer};
    /// let mut loss = TapeLoss::new(2, |x, row| (x[0] - row as f64).square());
    /// let trained = Trainer::new(Sgd::builder(0.1).build()?).epochs(9).fit(&mut [5.0], &mut loss)?;
    /// assert!(Plot::losses("Descent", &[("SGD", &trained.history)]).svg()?.contains("SGD"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn losses<F: Real + serde::Serialize>(
        title: impl Into<String>,
        runs: &[(&str, &History<F>)],
    ) -> Self {
        let mut plot = Plot::new(title, "epoch", "loss");
        let mut all = Vec::new();
        for (name, history) in runs {
            let epochs = history.epochs();
            let training = epochs.iter().map(|e| (e.epoch as f64, e.loss.to_double()));
            let held_back =
                epochs.iter().filter_map(|e| Some((e.epoch as f64, e.validation?.to_double())));
            let (training, held_back): (Points, Points) = (training.collect(), held_back.collect());
            let judged = if held_back.is_empty() { &training } else { &held_back };
            let best = judged.iter().copied().filter(|point| !point.1.is_nan());
            let best = best.min_by(|a, b| a.1.total_cmp(&b.1));
            all.extend(training.iter().chain(&held_back).map(|point| point.1));
            let is_named = !name.is_empty();
            plot = plot.line(if is_named { *name } else { "training" }, training);
            if !held_back.is_empty() {
                let name = if is_named { format!("{name}, held back") } else { "held back".into() };
                plot = plot.dashed(name, held_back);
            }
            if let Some((epoch, loss)) = best {
                let words = format!("{} after epoch {epoch}", super::axis::short(loss));
                plot = plot.mark((epoch, loss), words);
            }
        }
        let positive = all.iter().copied().filter(|x| *x > 0.0 && x.is_finite());
        let [least, most] =
            [positive.clone().fold(f64::INFINITY, f64::min), positive.fold(0.0, f64::max)];
        let has_others = all.iter().any(|x| *x <= 0.0);
        if !has_others && most > 10.0 * least { plot.log_y() } else { plot }
    }
}
