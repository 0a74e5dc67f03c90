//! Trainings on disk: where one is, so that it can be gone on with.
//!
//! ```text
//! {"format":"wengert training","version":4,"bytes":1234,"crc32":305419896}
//! {"made_of":{...},"start":[...],"place":{...},"parameters":[...],"best":{...},"optimizer":{...},"history":[...]}
//! ```
//!
//! The first line tells whether the file is one, whole, and undamaged; the rest is JSON, with each number
//! written so that it is read back to the bit.

use super::file;
use crate::Real;
use crate::optim::OptimError;
use crate::train::history::History;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::{fs, io};

const FORMAT: &str = "wengert training";
const VERSION: u64 = 4;

/// A saved training that could not be written, read, or gone on from. What was on the disk stays as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SavedError {
    /// The file could not be written or read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is no saved training.
    #[error("{} is no saved training", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file was written in another form.
    #[error("{} is of version {found}, and version {expected} is read", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The version that is read.
        expected: u64,
        /// The version of the file.
        found: u64,
    },
    /// The file is cut short, or its bytes have changed.
    #[error("{} is damaged", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The training that was saved was another.
    #[error("{} is of another training: its {what} is {found}, not {expected}", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: &'static str,
        /// What this training has.
        expected: String,
        /// What the file has.
        found: String,
    },
    /// The optimizer cannot go on from its state.
    #[error("{}: {source}", path.display())]
    Optimizer {
        /// The file.
        path: PathBuf,
        /// Why.
        source: OptimError,
    },
}

/// What the headers of all versions have.
#[derive(Deserialize)]
struct Kind {
    format: String,
    version: u64,
}

#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    version: u64,
    bytes: usize,
    crc32: u32,
}

/// What a training is made of. One that goes on from a file has to be made of the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::train) struct MadeOf {
    pub(in crate::train) parameters: usize,
    /// The bits of a number.
    pub(in crate::train) precision: usize,
    pub(in crate::train) maximizes: bool,
    /// What the loss tells of its expression.
    pub(in crate::train) loss: u64,
    /// What the loss tells of its data, where the training started.
    pub(in crate::train) data: u64,
    /// Of the rows to train on and those held back.
    pub(in crate::train) rows: u64,
    pub(in crate::train) batch_size: usize,
    pub(in crate::train) seed: Option<u64>,
    pub(in crate::train) drops_last: bool,
    /// Of the labels by which batches are stratified.
    pub(in crate::train) labels: Option<u64>,
}

impl MadeOf {
    /// The first thing that differs, and what it is here and there.
    fn difference(&self, other: &MadeOf) -> Option<(&'static str, String, String)> {
        let number = |x: u64| format!("{x:#x}");
        let seed = |seed: Option<u64>| seed.map_or("none".to_owned(), |seed| seed.to_string());
        let aim = |maximizes| if maximizes { "the greatest" } else { "the least" }.to_owned();
        let both = [self, other];
        let told: [(&'static str, [String; 2]); 10] = [
            ("number of parameters", both.map(|m| m.parameters.to_string())),
            ("precision", both.map(|m| format!("{} bits", m.precision))),
            ("aim", both.map(|m| aim(m.maximizes))),
            ("loss's checksum", both.map(|m| number(m.loss))),
            ("data's checksum", both.map(|m| number(m.data))),
            ("rows' checksum", both.map(|m| number(m.rows))),
            ("batch size", both.map(|m| m.batch_size.to_string())),
            ("seed", both.map(|m| seed(m.seed))),
            ("dropping of a last batch", both.map(|m| m.drops_last.to_string())),
            ("labels' checksum", both.map(|m| m.labels.map_or("none".to_owned(), number))),
        ];
        let differs = told.into_iter().find(|(_, [here, there])| here != there);
        differs.map(|(what, [here, there])| (what, here, there))
    }
}

/// How far a training has come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::train) struct Reached<F> {
    /// Epochs that are over.
    pub(in crate::train) epoch: u64,
    /// Batches of the next one that are over.
    pub(in crate::train) batch: usize,
    pub(in crate::train) step: u64,
    /// Of this epoch's batches: the sum of weight times loss, and of the weights.
    pub(in crate::train) loss: F,
    pub(in crate::train) weight: F,
    pub(in crate::train) rate: F,
    pub(in crate::train) seconds: f64,
    /// Whether a loss or a slope of the epoch was other than 0.
    pub(in crate::train) steep: bool,
    /// Of the epoch that is over: the norm of its mean gradient, and how far it led, where a rule asks.
    pub(in crate::train) slope: Option<F>,
    pub(in crate::train) moved: Option<F>,
}

/// The best parameters so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::train) struct BestSoFar<F> {
    pub(in crate::train) value: F,
    pub(in crate::train) epoch: u64,
    pub(in crate::train) parameters: Vec<F>,
    /// The best value at the last gain, and its epoch.
    pub(in crate::train) gained: F,
    pub(in crate::train) gained_at: u64,
}

/// All that a training needs to go on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::train) struct Saved<F: Real> {
    pub(in crate::train) made_of: MadeOf,
    /// Where the training started: there the data are known again.
    pub(in crate::train) start: Vec<F>,
    pub(in crate::train) place: Reached<F>,
    pub(in crate::train) parameters: Vec<F>,
    pub(in crate::train) best: Option<BestSoFar<F>>,
    /// Of an epoch that has begun: its first parameters, and the sum of weight times gradient.
    pub(in crate::train) from: Vec<F>,
    pub(in crate::train) slope: Vec<F>,
    pub(in crate::train) optimizer: serde_json::Value,
    pub(in crate::train) history: History<F>,
}

impl<F: Real + Serialize + DeserializeOwned> Saved<F> {
    pub(in crate::train) fn write(&self, path: &Path) -> Result<(), SavedError> {
        let failed = |source| SavedError::Io { path: path.to_owned(), source };
        let body = serde_json::to_string(self).map_err(|error| failed(error.into()))?;
        let head = Header {
            format: FORMAT.to_owned(),
            version: VERSION,
            bytes: body.len(),
            crc32: crc32fast::hash(body.as_bytes()),
        };
        let head = serde_json::to_string(&head).map_err(|error| failed(error.into()))?;
        file::replace(path, format!("{head}\n{body}").as_bytes()).map_err(failed)
    }

    /// What is in a file, if it is there.
    pub(in crate::train) fn read(path: &Path) -> Result<Option<Self>, SavedError> {
        let path_of = || path.to_owned();
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(SavedError::Io { path: path_of(), source }),
        };
        let end = text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len());
        let (head, body) = (&text[..end], text.get(end + 1..).unwrap_or_default());
        let kind = serde_json::from_slice::<Kind>(head).ok().filter(|kind| kind.format == FORMAT);
        let Some(kind) = kind else { return Err(SavedError::Foreign { path: path_of() }) };
        if kind.version != VERSION {
            let (expected, found) = (VERSION, kind.version);
            return Err(SavedError::Version { path: path_of(), expected, found });
        }
        let is_sound =
            |head: &Header| body.len() == head.bytes && crc32fast::hash(body) == head.crc32;
        serde_json::from_slice::<Header>(head)
            .ok()
            .filter(is_sound)
            .and_then(|_| serde_json::from_slice::<Self>(body).ok())
            .filter(Self::is_whole)
            .map(Some)
            .ok_or_else(|| SavedError::Damaged { path: path_of() })
    }

    /// Whether it is of a training made of the same.
    pub(in crate::train) fn check(&self, path: &Path, made_of: &MadeOf) -> Result<(), SavedError> {
        match made_of.difference(&self.made_of) {
            Some((what, expected, found)) => {
                Err(SavedError::Other { path: path.to_owned(), what, expected, found })
            }
            None => Ok(()),
        }
    }

    /// Whether its lists are as long as they say, and its epochs not ahead of it.
    fn is_whole(&self) -> bool {
        let fits = |list: &Vec<F>| list.len() == self.made_of.parameters;
        let kept = [&self.from, &self.slope];
        let best_fits = |best: &BestSoFar<F>| {
            fits(&best.parameters) && best.epoch.max(best.gained_at) <= self.place.epoch
        };
        fits(&self.parameters)
            && fits(&self.start)
            && kept.into_iter().all(|list| list.is_empty() || fits(list))
            && self.best.as_ref().is_none_or(best_fits)
    }
}
