//! A bar that shows how a training goes: [`ProgressBar`].

use super::observer::{BatchView, EpochView, Observer};
use crate::Real;
use crate::real::rounded;
use indicatif::{ProgressDrawTarget, ProgressStyle};
use std::fmt;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// Between two messages; writing one costs more than a small step.
const PAUSE: Duration = Duration::from_millis(50);

/// Shows on standard error how far a training is: a bar over all its steps, the mean loss of the epoch so far, that
/// over the rows held back, the learning rate, and the time left.
///
/// Where standard error is no terminal it writes nothing, so that logs stay clean. When the training ends, the
/// last line stays. It draws at most twenty times a second. With the feature
/// `progress`.
///
/// ```
/// use wengert::optim::Sgd;
/// use wengert::train::{ProgressBar, TapeLoss, Trainer};
/// let mut loss = TapeLoss::new(4, |x, row| (x[0] - row as f64).square());
/// let mut trainer = Trainer::new(Sgd::builder(0.1).build()?).epochs(50).callback(ProgressBar::new());
/// trainer.fit(&mut [5.0], &mut loss)?;
/// // epoch 50/50 ━━━━━━━━━━━━━━━━━━━━━━ loss 1.250 · rate 0.1 · 0s left
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ProgressBar {
    bar: indicatif::ProgressBar,
    epochs: u64,
    /// Whether no step was seen: a training that goes on from a file begins in the middle.
    is_new: bool,
    epoch: Epoch,
    /// As of the last epoch over.
    validation: Option<f64>,
    /// When the message was last written.
    told: Option<Instant>,
}

/// What is known of the epoch that is going on.
#[derive(Clone, Copy, Debug, Default)]
struct Epoch {
    number: u64,
    sum: f64,
    batches: f64,
}

impl ProgressBar {
    /// A bar on standard error.
    ///
    /// ```
    /// use wengert::train::ProgressBar;
    /// assert!(format!("{:?}", ProgressBar::new()).starts_with("ProgressBar"));
    /// ```
    #[must_use]
    pub fn new() -> Self {
        // It stays hidden where there is no terminal.
        Self::drawn_on(ProgressDrawTarget::stderr())
    }

    fn drawn_on(target: ProgressDrawTarget) -> Self {
        let bar = indicatif::ProgressBar::with_draw_target(None, target);
        let (epochs, epoch) = (0, Epoch::default());
        ProgressBar { bar, epochs, is_new: true, epoch, validation: None, told: None }
    }

    /// Shows the loss of the epoch so far.
    fn show(&mut self, loss: f64, rate: f64) {
        self.told = Some(Instant::now());
        let mut words = format!("loss {}", Figure(loss));
        if let Some(validation) = self.validation {
            words += &format!(" · held back {}", Figure(validation));
        }
        self.bar.set_message(format!("{words} · rate {}", rounded(rate)));
    }
}

/// A number of four digits.
struct Figure(f64);

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.abs();
        if size == 0.0 || !(1e-3..1e5).contains(&size) {
            return write!(f, "{:.3e}", self.0);
        }
        let decimals = (3.0 - size.log10().floor()).max(0.0) as usize;
        write!(f, "{:.*}", decimals, self.0)
    }
}

impl Default for ProgressBar {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ProgressBar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (position, length) = (self.bar.position(), self.bar.length());
        f.debug_struct("ProgressBar")
            .field("position", &position)
            .field("length", &length)
            .finish_non_exhaustive()
    }
}

impl<F: Real> Observer<F> for ProgressBar {
    fn begin(&mut self, epochs: u64, batches: usize) {
        // Without an end that can be counted there is no time left to tell.
        let steps = epochs.checked_mul(batches as u64);
        let line = match steps {
            Some(_) => "{prefix} {bar:22} {msg} · {eta} left",
            None => "{prefix} {spinner} {msg} · {elapsed}",
        };
        if let Ok(style) = ProgressStyle::with_template(line) {
            self.bar.set_style(style.progress_chars("━━╌"));
        }
        self.bar.reset();
        match steps {
            Some(steps) => self.bar.set_length(steps),
            None => self.bar.unset_length(),
        }
        (self.epochs, self.is_new, self.validation) = (epochs, true, None);
        self.epoch = Epoch::default();
    }

    fn batch(&mut self, at: BatchView<'_, F>) -> ControlFlow<()> {
        if self.epoch.number != at.epoch {
            self.epoch = Epoch { number: at.epoch, ..Epoch::default() };
            let prefix = match self.bar.length() {
                Some(_) => format!("epoch {}/{}", at.epoch, self.epochs),
                None => format!("epoch {}", at.epoch),
            };
            self.bar.set_prefix(prefix);
        }
        self.epoch.sum += at.loss.to_double();
        self.epoch.batches += 1.0;
        let is_due = self.told.is_none_or(|told| told.elapsed() >= PAUSE);
        if is_due && !self.bar.is_hidden() {
            self.show(self.epoch.sum / self.epoch.batches, at.rate.to_double());
        }
        self.bar.set_position(at.step_count);
        if self.is_new {
            // Steps of an earlier run took none of this run's time.
            self.bar.reset_eta();
            self.is_new = false;
        }
        ControlFlow::Continue(())
    }

    fn epoch(&mut self, at: EpochView<'_, F>) -> ControlFlow<()> {
        self.validation = at.record.validation.map(Real::to_double);
        self.show(at.record.loss.to_double(), at.record.rate.to_double());
        ControlFlow::Continue(())
    }

    fn end(&mut self) {
        self.bar.abandon();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::Sgd;
    use crate::train::{Split, TapeLoss, Trainer};
    use indicatif::TermLike;
    use std::io;
    use std::sync::{Arc, Mutex};

    /// A terminal that keeps what is written.
    #[derive(Clone, Debug, Default)]
    struct Paper(Arc<Mutex<String>>);

    impl TermLike for Paper {
        fn width(&self) -> u16 {
            200
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            self.write_str("\n")
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What a training of three epochs, of ten rows with two held back, writes at its end.
    fn last_line(configure: impl FnOnce(Trainer<'_, Sgd>) -> Trainer<'_, Sgd>) -> String {
        let paper = Paper::default();
        let target = ProgressDrawTarget::term_like(Box::new(paper.clone()));
        let mut loss = TapeLoss::new(10, |x, row| (x[0] - row as f64).square());
        let split = Split::random(10, 0.2, 1).unwrap();
        let trainer = Trainer::new(Sgd::builder(0.1).build().unwrap());
        let trainer = trainer.batch_size(4).rows(&split.training).validate(&split.validation);
        let mut trainer = configure(trainer).callback(ProgressBar::drawn_on(target));
        let trained = trainer.fit(&mut [5.0], &mut loss).unwrap();
        let written = paper.0.lock().unwrap().clone();
        let last = written.lines().rev().find(|line| line.contains("loss")).unwrap_or(&written);
        if let Some(record) = trained.history.epochs().last() {
            let held_back = record.validation.unwrap();
            let words = format!("loss {} · held back {}", Figure(record.loss), Figure(held_back));
            assert!(last.contains(&words), "{words}\n{written}");
        }
        last.to_owned()
    }

    #[test]
    fn a_terminal_shows_epoch_losses_rate_and_time_left() {
        let last = last_line(|trainer| trainer.epochs(3));
        assert!(last.starts_with("epoch 3/3 ━━━━━━━━━━━━━━━━━━━━━━ loss "), "{last}");
        assert!(last.trim_end().ends_with(" · rate 0.1 · 0s left"), "{last}");
    }

    #[test]
    fn epochs_beyond_counting_have_no_time_left() {
        let last = last_line(|trainer| trainer.epochs(u64::MAX).steps(5));
        assert!(last.starts_with("epoch ") && !last.contains("left"), "{last}");
    }

    #[test]
    fn figures_have_four_digits() {
        let texts = [12345.678, 123.456, 1.0, 0.0123471, 1.2e-5, 1e7, f64::NAN].map(Figure);
        let texts = texts.map(|figure| figure.to_string());
        assert_eq!(texts, ["12346", "123.5", "1.000", "0.01235", "1.200e-5", "1.000e7", "NaN"]);
    }
}
