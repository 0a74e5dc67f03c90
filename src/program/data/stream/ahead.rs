//! Reading ahead: the next chunks are read while one is computed.

use super::{Chunk, Stream, StreamError};
use crate::program::Columns;
use std::panic::resume_unwind;
use std::sync::mpsc::sync_channel;
use std::thread;

/// How many chunks there are: one that is computed, one that is ready, one that is read.
const CHUNKS: usize = 3;

/// Calls `each` with the rows of one chunk after the other, while a thread reads the next ones.
///
/// So a fit by mini-batches goes through a file once, with a step for each chunk. An error of the
/// stream or of `each` ends the call. It is returned when the thread has ended, after the chunk
/// that it was reading. An error of the stream is converted into the error of `each`. A panic of
/// the stream goes on in the caller.
///
/// # Errors
/// Those of the stream, of chunks that do not fit together, and those of `each`.
///
/// ```
/// use wengert::optim::{Optimizer, Sgd};
/// use wengert::{objective, program::{Program, stream}};
///
/// let loss = objective!(|[a], [x, y]| (a * x - y).powi(2));
/// let mut sweep = Program::record(&loss, &[0.0], &[1.0, 1.0])?.mean().gradient().compile();
/// let (mut a, mut sgd) = ([0.0], Sgd::builder(0.3).build()?);
/// let mut chunks = (0..100).map(|i| {
///     let x = f64::from(i % 7) / 7.0 + 0.5;
///     Ok::<_, std::io::Error>([vec![x], vec![3.0 * x]])
/// });
/// stream::read_ahead(&mut chunks, |rows| -> Result<(), Box<dyn std::error::Error>> {
///     let found = sweep.run(&a, rows)?;
///     sgd.step(&mut a, found.value(), found.gradient())?;
///     Ok(())
/// })?;
/// assert!((a[0] - 3.0).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_ahead<S, X>(
    stream: &mut S,
    mut each: impl FnMut(&Columns<'_>) -> Result<(), X>,
) -> Result<(), X>
where
    S: Stream<Chunk: Send, Error: Send> + Send,
    X: From<StreamError<S::Error>>,
{
    thread::scope(|scope| {
        let (give_back, empty) = sync_channel::<S::Chunk>(CHUNKS);
        let (send, full) = sync_channel(CHUNKS);
        for _ in 0..CHUNKS {
            let _ = give_back.send(S::Chunk::default());
        }
        let reader = scope.spawn(move || {
            while let Ok(mut chunk) = empty.recv() {
                let read = match stream.read(&mut chunk) {
                    Ok(true) => Ok(chunk),
                    Ok(false) => break,
                    Err(error) => Err(error),
                };
                let failed = read.is_err();
                if send.send(read).is_err() || failed {
                    break;
                }
            }
        });
        // Its ends of both channels are dropped when it returns, before the thread is waited for:
        // whatever the thread waits for then, it learns that nobody is there, and ends.
        let compute = move || {
            let mut rows = 0;
            for chunk in full {
                let chunk = chunk.map_err(|error| StreamError::Source { rows, error })?;
                let columns = chunk.columns();
                let columns =
                    columns.map_err(|error| StreamError::Run(error.in_row(|row| rows + row)))?;
                rows += columns.row_count() as u64;
                each(&columns)?;
                drop(columns);
                // The thread may have ended, and need no more.
                let _ = give_back.send(chunk);
            }
            Ok(())
        };
        let result = compute();
        reader.join().unwrap_or_else(|panic| resume_unwind(panic));
        result
    })
}
