//! What a partition has come to: [`Stretches`].

use crate::error::QueryError;
use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::{DataType, Float64Type, UInt64Type};
use datafusion::common::{DataFusionError, Result, ScalarValue, exec_err};
use datafusion::logical_expr::Accumulator;
use std::collections::BTreeMap;
use std::error::Error;
use std::ops::Range;
use std::sync::Mutex;
use wengert::program::partials::{Offset, Partial, PartialError};
use wengert::program::{Columns, Sweep};

/// The partial results of stretches of consecutive rows.
#[derive(Debug)]
pub(crate) struct Stretches {
    /// It is used by one thread at a time, but an accumulator may be looked at by several.
    sweep: Mutex<Sweep>,
    columns: usize,
    parameters: Vec<f64>,
    /// By their first row. One may begin where the one before it ends, until they are joined: to add rows before a
    /// stretch copies the stretch, so that rows that come backwards would be copied again and again.
    found: BTreeMap<u64, Partial>,
    /// How many rows these carry.
    carried: u64,
}

fn external(error: impl Error + Send + Sync + 'static) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// Of a program over rows.
fn run(error: impl Into<PartialError>) -> DataFusionError {
    QueryError::Run(error.into()).into()
}

impl Stretches {
    pub(crate) fn new(sweep: Sweep, parameters: Vec<f64>) -> Self {
        let columns = sweep.column_count();
        let (sweep, found) = (Mutex::new(sweep), BTreeMap::new());
        Stretches { sweep, columns, parameters, found, carried: 0 }
    }

    /// Adds consecutive rows: to the stretch that they follow, if there is one.
    fn add(&mut self, start: u64, data: &Columns<'_>) -> Result<()> {
        let Some(end) = start.checked_add(data.row_count() as u64) else {
            return Err(QueryError::Last { row: start }.into());
        };
        self.check_new(start..end)?;
        let sweep = self.sweep.get_mut().unwrap_or_else(|poisoned| poisoned.into_inner());
        match self.found.range_mut(..start).next_back() {
            Some((_, before)) if before.rows().end == start => {
                self.carried -= before.carried_count();
                let extended = sweep.extend(before, &self.parameters, &[], data);
                self.carried += before.carried_count();
                extended.map_err(run)
            }
            _ => {
                let partial = sweep.partial(&self.parameters, &[], data, Offset::at(start));
                self.carried += partial.carried_count();
                self.found.insert(start, partial);
                Ok(())
            }
        }
    }

    /// Adds the result of a stretch.
    fn insert(&mut self, partial: Partial) -> Result<()> {
        let rows = partial.rows();
        if rows.is_empty() {
            return Ok(());
        }
        self.check_new(rows.clone())?;
        self.carried += partial.carried_count();
        self.found.insert(rows.start, partial);
        Ok(())
    }

    fn check_new(&self, rows: Range<u64>) -> Result<()> {
        let before = self.found.range(..rows.start).next_back();
        let twice = match self.found.range(rows.clone()).next() {
            Some((&next, _)) => Some(next),
            None => before.filter(|(_, before)| before.rows().end > rows.start).map(|_| rows.start),
        };
        match twice {
            Some(row) => Err(QueryError::Twice { row }.into()),
            None => Ok(()),
        }
    }

    /// Merges stretches that follow one another, and computes rows that are carried where now a segment has all.
    fn join(&mut self) -> Result<()> {
        let sweep = self.sweep.get_mut().unwrap_or_else(|poisoned| poisoned.into_inner());
        let none = vec![&[][..]; self.columns];
        let none = Columns::new(&none).map_err(run)?;
        let mut joined: Vec<Partial> = Vec::new();
        for next in std::mem::take(&mut self.found).into_values() {
            match joined.last_mut() {
                Some(last) if last.rows().end == next.rows().start => {
                    last.merge(&next).map_err(run)?;
                }
                _ => joined.push(next),
            }
        }
        self.carried = 0;
        for mut partial in joined {
            if partial.carried_count() > 0 {
                sweep.extend(&mut partial, &self.parameters, &[], &none).map_err(run)?;
            }
            self.carried += partial.carried_count();
            self.found.insert(partial.rows().start, partial);
        }
        Ok(())
    }
}

/// Where consecutive numbers begin and end.
fn stretches(rows: &[u64]) -> impl Iterator<Item = Range<usize>> {
    fn follow(rows: &[u64]) -> impl Iterator<Item = bool> {
        let first = rows[0];
        rows.iter().zip(0..).map(move |(&row, at)| row.wrapping_sub(first) == at)
    }
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = rows.get(from..).filter(|rest| !rest.is_empty())?;
        // Most batches are one stretch, and a loop that goes through all is vector code.
        let last = rest[rest.len() - 1].wrapping_sub(rest[0]);
        let whole = last == rest.len() as u64 - 1;
        let len = if whole && follow(rest).fold(true, |all, follows| all & follows) {
            rest.len()
        } else {
            follow(rest).take_while(|&follows| follows).count()
        };
        from += len;
        Some(from - len..from)
    })
}

impl Accumulator for Stretches {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let [rows, rest @ ..] = values else { return exec_err!("there is no row number") };
        let columns = &rest[..self.columns];
        let rows = rows.as_primitive::<UInt64Type>();
        if rows.null_count() > 0 {
            return Err(QueryError::Null.into());
        }
        // What is null is no number.
        let filled: Vec<Option<Vec<f64>>> = columns
            .iter()
            .map(|column| {
                let column = column.as_primitive::<Float64Type>();
                let missing = column.null_count() > 0;
                missing.then(|| column.iter().map(|x| x.unwrap_or(f64::NAN)).collect())
            })
            .collect();
        let slices: Vec<&[f64]> = columns
            .iter()
            .zip(&filled)
            .map(|(column, filled)| match filled {
                Some(filled) => &filled[..],
                None => &column.as_primitive::<Float64Type>().values()[..],
            })
            .collect();
        for stretch in stretches(rows.values()) {
            let data: Vec<&[f64]> = slices.iter().map(|column| &column[stretch.clone()]).collect();
            self.add(rows.value(stretch.start), &Columns::new(&data).map_err(run)?)?;
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.join()?;
        let partials: Vec<&Partial> = self.found.values().collect();
        let bytes = postcard::to_allocvec(&partials).map_err(external)?;
        Ok(vec![ScalarValue::Binary(Some(bytes))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let [states] = states else { return exec_err!("expected one column of states") };
        for state in states.as_binary::<i32>().iter().flatten() {
            let partials: Vec<Partial> = postcard::from_bytes(state).map_err(external)?;
            partials.into_iter().try_for_each(|partial| self.insert(partial))?;
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.join()?;
        let mut found = std::mem::take(&mut self.found).into_values();
        let parameters = &self.parameters;
        let sweep = self.sweep.get_mut().unwrap_or_else(|poisoned| poisoned.into_inner());
        let whole = match found.next() {
            Some(whole) => whole,
            None => {
                let none = vec![&[][..]; self.columns];
                let none = Columns::new(&none).map_err(run)?;
                sweep.partial(parameters, &[], &none, Offset::at(0))
            }
        };
        if let Some(next) = found.next() {
            let (row, next) = (whole.rows().end, next.rows().start);
            return Err(QueryError::Missing { row, next }.into());
        }
        let found = sweep.finish(parameters, [whole]).map_err(run)?;
        let all = (0..found.output_count()).flat_map(|at| found.output(at));
        let all: Vec<ScalarValue> = all.map(|&x| ScalarValue::from(x)).collect();
        let list = ScalarValue::new_list_nullable(&all, &DataType::Float64);
        Ok(ScalarValue::List(list))
    }

    fn size(&self) -> usize {
        let numbers = self.carried as usize * (1 + self.columns);
        size_of::<Self>() + self.found.len() * size_of::<Partial>() + numbers * 8
    }
}
