//! Partial results computed, and made a whole again.

use super::origin::{Origin, of_numbers, under_rule};
use super::partial::Stamp;
use super::piece::{Carried, Piece};
use super::standing::Standing;
use super::{Offset, Partial, PartialError};
use crate::program::data::columns::Columns;
use crate::program::plan::pass::SEGMENT;
use crate::program::run::progress::Stretch;
use crate::program::run::sieve::{LeftOut, Wanted};
use crate::program::{Found, NonFinite, RunError, Sweep};
use smallvec::SmallVec;
use std::borrow::Cow;

impl Sweep {
    /// How many passes over the rows it takes to [`finish`](Self::finish): at least one.
    ///
    /// ```
    /// use wengert::{objective, program::Program};
    /// let program = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?;
    /// assert_eq!(program.clone().mean().gradient().compile().pass_count(), 1);
    /// // The greatest, how many rows have it, their slopes.
    /// assert_eq!(program.max().gradient().compile().pass_count(), 3);
    /// # Ok::<(), wengert::program::RecordError>(())
    /// ```
    pub fn pass_count(&self) -> usize {
        self.passes().max(1)
    }

    /// How many columns the data need to have.
    ///
    /// ```
    /// use wengert::{objective, program::Program};
    /// let program = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?;
    /// assert_eq!(program.mean().compile().column_count(), 1);
    /// # Ok::<(), wengert::program::RecordError>(())
    /// ```
    pub fn column_count(&self) -> usize {
        self.columns
    }

    /// How many rows make a segment: ranges that begin at multiples of it make the smallest partial results. It is
    /// a power of two from 1,024 to 4,096, smaller for long programs.
    ///
    /// ```
    /// use wengert::{objective, program::Program};
    /// let program = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?;
    /// assert_eq!(program.mean().compile().segment(), 4096);
    /// # Ok::<(), wengert::program::RecordError>(())
    /// ```
    pub fn segment(&self) -> u64 {
        self.plan.passes.iter().map(|pass| pass.segment() as u64).max().unwrap_or(SEGMENT as u64)
    }

    /// How many rows these are, and how many of them are left out: where the rows begin that follow.
    ///
    /// # Errors
    /// If there are too few columns, or a number is no weight. Its row is counted from the first of these.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, NonFinite, Program, partials::Offset}};
    /// let program = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?;
    /// let mut sweep = program.compile().non_finite(NonFinite::Skip);
    /// let count = sweep.count(&Columns::new(&[&[1.0, f64::NAN, 3.0]])?)?;
    /// assert_eq!(count, Offset { rows: 3, left_out: 1 });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn count(&mut self, data: &Columns<'_>) -> Result<Offset, RunError> {
        self.check_columns(data.column_count())?;
        let mut left_out = LeftOut::default();
        if self.sifts() {
            let wanted = Wanted::of(self.non_finite, &self.read, self.weights);
            self.sieve.sift((self.level, data, 0), wanted, &mut left_out, |_| Ok(()))?;
        }
        Ok(Offset { rows: data.row_count() as u64, left_out: left_out.rows() })
    }

    /// What the next pass comes to in a range of the rows, which begins there; `before` are the merged partial results
    /// of the passes before, none for the first.
    ///
    /// It always has one: what is wrong is a part of it, see [`Partial::error`].
    /// [The module](crate::program::partials) tells how they go together.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program, partials::Offset}};
    /// let mut sweep = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?.compile();
    /// let partial = sweep.partial(&[3.0], &[], &Columns::new(&[&[1.0, 2.0]])?, Offset::at(0));
    /// assert_eq!(sweep.finish(&[3.0], [partial])?.value(), 9.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn partial(
        &mut self,
        parameters: &[f64],
        before: &[Partial],
        data: &Columns<'_>,
        start: Offset,
    ) -> Partial {
        let start = if self.sifts() { start } else { Offset::at(start.rows) };
        let rows = data.row_count() as u64;
        let stands = start.check(rows).and_then(|()| self.stand(parameters, before));
        let stands = stands
            .and_then(|origin| Ok(self.check_columns(data.column_count()).map(|()| origin)?));
        match stands {
            Ok(origin) => {
                let mut partial = Partial::new(origin, start);
                self.add(&mut partial, parameters, data);
                partial
            }
            Err(error) => {
                let pass = before.len() as u64;
                let origin = Origin { pass, totals: None, ..self.origin(parameters) };
                let mut partial = Partial::new(origin, start);
                partial.end.rows = start.rows.saturating_add(rows);
                partial.failure = Some(Box::new(error));
                partial
            }
        }
    }

    /// Adds the rows that follow to a partial result that was computed at the same parameters, after the same
    /// passes. It also computes rows that merging has brought to those that they are added to; for that the
    /// data may have no rows.
    ///
    /// What is wrong in a row becomes a part of the partial result. Of one that has an error already, the rows that
    /// follow are counted, and nothing else is looked at.
    ///
    /// # Errors
    /// If the partial result is not of this program, these parameters and this pass, or if there are too few
    /// columns. It stays as it is.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program, partials::Offset}};
    /// let mut sweep = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?.compile();
    /// let mut partial = sweep.partial(&[3.0], &[], &Columns::new(&[&[1.0]])?, Offset::at(0));
    /// for chunk in [[2.0, 3.0], [4.0, 5.0]] {
    ///     sweep.extend(&mut partial, &[3.0], &[], &Columns::new(&[&chunk])?)?;
    /// }
    /// assert_eq!(partial.rows(), 0..5);
    /// assert_eq!(sweep.finish(&[3.0], [partial])?.value(), 45.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn extend(
        &mut self,
        partial: &mut Partial,
        parameters: &[f64],
        before: &[Partial],
        data: &Columns<'_>,
    ) -> Result<(), PartialError> {
        let rows = data.row_count() as u64;
        partial.end.check(rows)?;
        if partial.failure.is_some() {
            partial.end.rows += rows;
            partial.stamp = Stamp::new();
            return Ok(());
        }
        let origin = self.stand(parameters, before)?;
        self.check_columns(data.column_count())?;
        self.admit(&origin, partial)?;
        partial.origin = origin;
        self.add(partial, parameters, data);
        Ok(())
    }

    /// Adds the rows that follow to a partial result of the pass before which it stands.
    fn add(&mut self, partial: &mut Partial, parameters: &[f64], data: &Columns<'_>) {
        let stage = partial.origin.pass as usize;
        (self.seen, self.left_out) = (partial.end.rows, LeftOut::default());
        partial.end.rows += data.row_count() as u64;
        (partial.trusted, partial.stamp) = (true, Stamp::new());
        if self.passes() > 0
            && let Err(error) = self.add_rows(partial, (stage, parameters, data))
        {
            // Rows that are carried come before whatever was computed.
            let carried = |piece: &&Piece| matches!(piece, Piece::Rows(_));
            let carried = partial.pieces.iter().take_while(carried).count();
            partial.pieces.truncate(carried);
            partial.failure = Some(Box::new(error.into()));
        }
    }

    /// The results of partial results that are whole: one for each pass, each over the same rows from the first on.
    ///
    /// # Errors
    /// If they are not whole, not of this program or not of these parameters; as [`run`](Self::run), if a row is at fault,
    /// of which the first is named. The sweep stays usable, and [`found`](Self::found) still has the result of the run before.
    ///
    /// ```
    /// use wengert::program::partials::{Offset, PartialError};
    /// use wengert::{objective, program::{Columns, Program}};
    /// let mut sweep = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?.mean().compile();
    /// let data = Columns::new(&[&[1.0, 2.0]])?;
    /// let [whole, late] = [0, 7].map(|row| sweep.partial(&[3.0], &[], &data, Offset::at(row)));
    /// assert_eq!(sweep.finish(&[3.0], [whole])?.value(), 4.5);
    /// let error = PartialError::Rows { expected: Offset::at(0), found: Offset::at(7) };
    /// assert_eq!(sweep.finish(&[3.0], [late]).err(), Some(error));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn finish(
        &mut self,
        parameters: &[f64],
        passes: impl IntoIterator<Item = Partial>,
    ) -> Result<Found<'_>, PartialError> {
        let mut standing = self.go_through(parameters, passes.into_iter().map(Cow::Owned))?;
        let (expected, found) = (self.pass_count(), standing.origin.pass as usize);
        if found != expected {
            return Err(PartialError::Passes { expected, found });
        }
        if self.passes() > 0 {
            self.compute(expected)?;
        }
        let end = standing.end.unwrap_or_default();
        // Its room is for the next.
        standing.forget();
        self.standing = Some(standing);
        Ok(self.end(end.rows))
    }

    /// Makes it stand before the pass that follows these, if it does not; what that pass is.
    fn stand(&mut self, parameters: &[f64], before: &[Partial]) -> Result<Origin, PartialError> {
        if let Some(standing) = &self.standing
            && standing.before.len() == before.len()
            && standing.is_at(parameters, before.iter().map(|partial| partial.stamp))
        {
            return Ok(standing.origin);
        }
        let mut standing = self.go_through(parameters, before.iter().map(Cow::Borrowed))?;
        let (stage, expected) = (standing.origin.pass as usize, self.pass_count());
        if stage == expected {
            return Err(PartialError::Passes { expected, found: stage + 1 });
        }
        if !standing.is_computed {
            self.compute(stage)?;
            standing.is_computed = true;
        }
        let origin = standing.origin;
        self.standing = Some(standing);
        Ok(origin)
    }

    /// What the first pass at these parameters is.
    fn origin(&self, parameters: &[f64]) -> Origin {
        let parameters = of_numbers(0, parameters.iter().copied());
        let program = under_rule(self.digest, self.non_finite);
        Origin { program, parameters, pass: 0, totals: Some(0) }
    }

    /// Does as if the passes that these are of had been computed here; where it then stands.
    fn go_through<'p>(
        &mut self,
        parameters: &[f64],
        passes: impl Iterator<Item = Cow<'p, Partial>>,
    ) -> Result<Standing, PartialError> {
        let passes: SmallVec<[Cow<'p, Partial>; 1]> = passes.collect();
        let mut stamps = passes.iter().map(|partial| partial.stamp);
        let mut standing = match self.standing.take() {
            Some(standing) if standing.is_at(parameters, &mut stamps) => standing,
            room => {
                self.begin(parameters)?;
                Standing::first(self.origin(parameters), parameters, room)
            }
        };
        let gone = standing.before.len();
        for partial in passes.into_iter().skip(gone) {
            let (stage, expected) = (standing.origin.pass as usize, self.pass_count());
            if stage == expected {
                return Err(PartialError::Passes { expected, found: stage + 1 });
            }
            self.admit(&standing.origin, &partial)?;
            let ends = [
                (Offset::default(), partial.start),
                (*standing.end.get_or_insert(partial.end), partial.end),
            ];
            // Where a row is at fault, that is to be known.
            let known = if partial.failure.is_some() { &ends[..1] } else { &ends };
            if let Some(&(expected, found)) =
                known.iter().find(|(expected, found)| expected != found)
            {
                return Err(PartialError::Rows { expected, found });
            }
            let (rows, left_out) = (partial.end.rows, partial.left_out);
            standing.before.push(partial.stamp);
            let (pieces, failure) = match partial {
                Cow::Owned(partial) => (partial.pieces, partial.failure),
                // No later pass needs the numbers of each row.
                Cow::Borrowed(partial) => {
                    let pieces: Vec<Piece> =
                        partial.pieces.iter().map(Piece::without_rows).collect();
                    (pieces, partial.failure.clone())
                }
            };
            if !std::mem::take(&mut standing.is_computed) {
                self.compute(stage)?;
            }
            let passes = self.passes() > 0;
            if passes {
                let begun = self.take_in(stage, parameters, 0, pieces)?;
                self.passes[stage].keep(begun);
            }
            if let Some(error) = failure {
                return Err(*error);
            }
            if passes {
                self.end_pass(stage)?;
                let totals = self.plan.passes[stage].reductions.iter();
                let totals = totals.map(|&(_, at)| self.numbers[at as usize]);
                let kept = self.passes[stage].rows() as f64;
                let before = &mut standing.origin.totals;
                *before = before.map(|before| of_numbers(before, totals.chain([kept])));
            }
            (self.seen, self.left_out) = (rows, left_out);
            standing.origin.pass += 1;
        }
        Ok(standing)
    }

    /// Checks that a partial result is of a pass, and holds what that computes.
    fn admit(&self, origin: &Origin, partial: &Partial) -> Result<(), PartialError> {
        origin.check(&partial.origin)?;
        let pass = self.plan.passes.get(origin.pass as usize);
        if partial.trusted || partial.fits(pass, self.parameters) {
            Ok(())
        } else {
            Err(PartialError::Contents)
        }
    }

    /// Adds the rows that follow to what has come of a pass, which has begun.
    fn add_rows(
        &mut self,
        partial: &mut Partial,
        (stage, parameters, data): (usize, &[f64], &Columns<'_>),
    ) -> Result<(), RunError> {
        let first = self.seen;
        let size = self.plan.passes[stage].segment() as u64;
        let (mut at, mut carried) = (partial.start.kept(), 0);
        while !at.is_multiple_of(size)
            && let Some(Piece::Rows(rows)) = partial.pieces.get(carried)
        {
            at += rows.len();
            carried += 1;
        }
        let pieces = match carried {
            0 => std::mem::take(&mut partial.pieces),
            _ => partial.pieces.split_off(carried),
        };
        let mut from = 0;
        if !at.is_multiple_of(size) {
            let mut rows = Carried::new(&self.plan.passes[stage]);
            let put = self.put_aside(stage, data, size - at % size, &mut rows);
            at += rows.len();
            if rows.len() > 0 {
                partial.pieces.push(Piece::Rows(rows));
            }
            from = put?;
        }
        if at.is_multiple_of(size) {
            let begun = self.take_in(stage, parameters, at, pieces)?;
            self.seen = first + from as u64;
            if from == 0 {
                self.push(stage, parameters, data, false)?;
                self.note_finite(stage, data);
            } else {
                self.push(stage, parameters, &data.range(from..data.row_count()), false)?;
            }
            let pass = &self.plan.passes[stage];
            let stretch = self.passes[stage].take(pass, at, begun);
            partial.pieces.extend(stretch.map(Piece::Segments));
        }
        partial.left_out = partial.left_out + self.left_out;
        partial.end.left_out += self.left_out.rows();
        Ok(())
    }

    /// Remembers that the columns of a pass are finite, when it has looked at all rows.
    fn note_finite(&self, stage: usize, data: &Columns<'_>) {
        if self.non_finite == NonFinite::Refuse && self.left_out.rows() == 0 {
            let columns = &self.plan.passes[stage].columns;
            columns.iter().for_each(|&column| data.found_finite(column as usize));
        }
    }

    /// Begins a pass with row `at`, of which on pieces have come elsewhere. The lists of the first change places with
    /// those that the pass had, for which it is then the room.
    fn take_in(
        &mut self,
        stage: usize,
        parameters: &[f64],
        at: u64,
        pieces: Vec<Piece>,
    ) -> Result<Option<Box<Stretch>>, RunError> {
        let mut pieces = pieces.into_iter();
        let (mut begun, next) = match pieces.next() {
            Some(Piece::Segments(stretch)) => (Some(stretch), None),
            next => (None, next),
        };
        let pass = &self.plan.passes[stage];
        self.passes[stage].begin_at((pass, self.parameters), at, begun.as_deref_mut());
        let columns = self.columns;
        for piece in next.into_iter().chain(pieces) {
            let (progress, inputs, ..) = self.under_way(stage, parameters);
            match piece {
                Piece::Segments(stretch) => progress.go_on(*stretch),
                Piece::Rows(rows) => {
                    // Columns that the pass does not read are not there.
                    let unread = vec![0.0; rows.rows.len()];
                    let mut slices = vec![&unread[..]; columns.max(1)];
                    for (&at, column) in inputs.pass.columns.iter().zip(&rows.columns) {
                        slices[at as usize] = column;
                    }
                    let before = progress.rows();
                    progress
                        .push(inputs, &Columns::new(&slices)?, false)
                        .map_err(|error| error.in_row(|row| rows.rows[(row - before) as usize]))?;
                }
            }
        }
        Ok(begun)
    }

    /// Puts up to so many rows aside, as they come; how many rows were read.
    fn put_aside(
        &mut self,
        stage: usize,
        data: &Columns<'_>,
        most: u64,
        aside: &mut Carried,
    ) -> Result<usize, RunError> {
        let n = data.row_count();
        let finite = (self.level, self.non_finite == NonFinite::Refuse);
        if !self.sifts() {
            let taken = n.min(most as usize);
            aside.add(&self.plan.passes[stage], finite, &data.range(0..taken), self.seen..)?;
            return Ok(taken);
        }
        let Sweep { plan, sieve, read, weights, non_finite, level, seen, left_out, .. } = self;
        let wanted = Wanted::of(*non_finite, read, *weights);
        let mut taken = 0;
        while taken < n && aside.len() < most {
            let mut piece = data.range(taken..n.min(taken + SEGMENT));
            let from = *seen + taken as u64;
            // The row after the last that is wanted. What is wrong from there on is not of these.
            let (mut kept, missing, mut end) = (0, (most - aside.len()) as usize, None);
            let mut uncounted = LeftOut::default();
            let _ = sieve.sift((*level, &piece, from), wanted, &mut uncounted, |rows| {
                let more = rows.data.row_count();
                if end.is_none() && kept + more >= missing {
                    end = Some(rows.row(missing - kept - 1) + 1);
                }
                kept += more;
                Ok(())
            });
            if let Some(end) = end {
                piece = piece.range(0..end);
            }
            sieve.sift((*level, &piece, from), wanted, left_out, |rows| {
                let places = rows.rows().map(|row| from + row as u64);
                aside.add(&plan.passes[stage], finite, &rows.data, places)
            })?;
            taken += piece.row_count();
        }
        Ok(taken)
    }
}
