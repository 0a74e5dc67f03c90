//! The files of the collection: a data set with its two starts and what is certified of it.

use std::fs;
use std::path::{Path, PathBuf};

/// A nonlinear regression.
#[derive(Clone, Debug, Default)]
pub(crate) struct Regression {
    pub(crate) name: String,
    pub(crate) is_higher: bool,
    pub(crate) starts: [Vec<f64>; 2],
    pub(crate) parameters: Vec<f64>,
    pub(crate) deviations: Vec<f64>,
    pub(crate) sum_of_squares: f64,
    /// The response, then the predictors.
    pub(crate) columns: Vec<Vec<f64>>,
}

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataError {
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("{name}: {what} is missing")]
    Missing { name: String, what: &'static str },
    #[error("{name}, line {line}: `{text}` is not a row of {columns} finite numbers")]
    Row { name: String, line: usize, text: String, columns: usize },
}

/// All of a folder and of the folders in it, by name.
pub(crate) fn read_all(folder: &Path) -> Result<Vec<Regression>, DataError> {
    let mut paths = files_in(folder)?;
    paths.sort_by(|a, b| a.file_name().cmp(&b.file_name()));
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).map_err(|error| failed(path, error))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        parse(&name, &text)
    };
    paths.iter().map(read).collect()
}

fn files_in(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| failed(folder, error))? {
        let entry = entry.map_err(|error| failed(folder, error))?;
        let path = entry.path();
        if entry.file_type().map_err(|error| failed(&path, error))?.is_dir() {
            paths.extend(files_in(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "dat") {
            paths.push(path);
        }
    }
    Ok(paths)
}

fn failed(path: &Path, source: std::io::Error) -> DataError {
    DataError::File { path: path.to_owned(), source }
}

/// A file of the collection.
pub(crate) fn parse(name: &str, text: &str) -> Result<Regression, DataError> {
    let mut found = Regression { name: name.to_owned(), ..Regression::default() };
    let missing = |what| DataError::Missing { name: name.to_owned(), what };
    found.is_higher = text.contains("Higher Level of Difficulty");
    for line in text.lines() {
        let Some((left, right)) = line.split_once('=') else { continue };
        let is_parameter =
            left.trim().strip_prefix('b').is_some_and(|number| number.parse::<u32>().is_ok());
        if let (true, Some([one, two, value, deviation])) = (is_parameter, numbers(right)) {
            found.starts[0].push(one);
            found.starts[1].push(two);
            found.parameters.push(value);
            found.deviations.push(deviation);
        }
    }
    if found.parameters.is_empty() {
        return Err(missing("a line of starts and certified values"));
    }
    let squares =
        text.lines().find_map(|line| line.trim().strip_prefix("Residual Sum of Squares:"));
    let squares = squares.and_then(numbers::<1>).ok_or_else(|| missing("the sum of squares"))?;
    found.sum_of_squares = squares[0];
    // The data follow the last line that names them and their columns.
    let lines: Vec<&str> = text.lines().collect();
    let header = lines.iter().rposition(|line| line.starts_with("Data:"));
    let header = header.ok_or_else(|| missing("the header of the data"))?;
    let columns = lines[header].split_whitespace().count() - 1;
    found.columns = vec![Vec::new(); columns];
    for (at, text) in lines.iter().enumerate().skip(header + 1) {
        if text.trim().is_empty() {
            continue;
        }
        let row: Option<Vec<f64>> = text.split_whitespace().map(finite).collect();
        let Some(row) = row.filter(|row| row.len() == columns) else {
            let (name, text) = (name.to_owned(), text.trim().to_owned());
            return Err(DataError::Row { name, line: at + 1, text, columns });
        };
        found.columns.iter_mut().zip(row).for_each(|(column, x)| column.push(x));
    }
    if found.columns.first().is_none_or(Vec::is_empty) {
        Err(missing("the data"))
    } else {
        Ok(found)
    }
}

fn finite(text: &str) -> Option<f64> {
    text.parse().ok().filter(|x: &f64| x.is_finite())
}

fn numbers<const N: usize>(text: &str) -> Option<[f64; N]> {
    let numbers: Option<Vec<f64>> = text.split_whitespace().map(finite).collect();
    numbers?.try_into().ok()
}
