//! The messages of an Arrow IPC file: where each lies, and what it holds.
//!
//! ```text
//! file:     "ARROW1", zeros up to a multiple of 8 bytes or of 64, stream, list of the messages, its length, "ARROW1"; or the stream alone
//! stream:   the schema; dictionaries and batches; a length of 0, unless the file ends
//! message:  0xffffffff unless it is old, the length of what describes it, that, its body
//! ```
//!
//! The crate `arrow-ipc` trusts lengths: it panics, or asks for as much memory as they say. So they are compared with
//! the file here, and what panics all the same is an error.

use crate::program::data::arrow::guard::guarded;
use arrow_array::RecordBatch;
use arrow_ipc::convert::fb_to_schema;
use arrow_ipc::reader::FileDecoder;
use arrow_ipc::{Block, MessageHeader, MetadataVersion, root_as_message};
use arrow_schema::SchemaRef;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

type Error = Box<dyn std::error::Error + Send + Sync>;

const MAGIC: &[u8] = b"ARROW1";
/// What may stand before the length of a message.
const CONTINUATION: [u8; 4] = [0xff; 4];
/// No buffer is longer when it is decompressed.
const LONGEST: i64 = 1 << 31;

/// All messages of a file.
pub(super) struct Messages {
    pub(super) schema: SchemaRef,
    pub(super) version: MetadataVersion,
    /// Those after the schema, in their order.
    pub(super) all: Vec<Message>,
}

/// Where a message lies, and what it holds.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) kind: Kind,
    /// Its first byte.
    at: u64,
    /// Bytes of what describes it, with its length.
    head: u64,
    body: u64,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Dictionary,
    Batch { rows: u64 },
}

impl Messages {
    /// Looks for the messages of a file.
    pub(super) fn of(file: &mut File) -> Result<Self, Error> {
        let len = file.metadata()?.len();
        let (mut at, end) = bounds(file, len)?;
        let (mut schema, mut all, mut rows) = (None, Vec::new(), 0_u64);
        while let Some(bytes) = head(file, at, end)? {
            let message = parse(&bytes)?;
            let (head, body) = (bytes.len() as u64, u64::try_from(message.bodyLength())?);
            if body > end - at - head {
                return Err(short(at, body, end - at - head));
            }
            let kind = match message.header_type() {
                MessageHeader::Schema if schema.is_none() => {
                    let found = message.header_as_schema().ok_or("a schema is empty")?;
                    let read = guarded(|| fb_to_schema(found))?;
                    schema = Some((Arc::new(read), message.version()));
                    None
                }
                MessageHeader::DictionaryBatch => Some(Kind::Dictionary),
                MessageHeader::RecordBatch => {
                    let batch = message.header_as_record_batch().ok_or("a batch is empty")?;
                    let found = batch.length().try_into()?;
                    rows = rows.checked_add(found).ok_or("there are more rows than are counted")?;
                    Some(Kind::Batch { rows: found })
                }
                other => return Err(format!("byte {at}: unexpected message {other:?}").into()),
            };
            if schema.is_none() {
                return Err("the first message is no schema".into());
            }
            all.extend(kind.map(|kind| Message { kind, at, head, body }));
            at += head + body;
        }
        // Of a file the list of messages follows the last of them, and the mark of its end.
        if end < len && end - at > 8 {
            return Err(format!("byte {at}: the messages end {} bytes too early", end - at).into());
        }
        let (schema, version) = schema.ok_or("there is no schema")?;
        Ok(Messages { schema, version, all })
    }

    /// How many rows each batch has.
    pub(super) fn batches(&self) -> impl Iterator<Item = u64> {
        self.all.iter().filter_map(|message| match message.kind {
            Kind::Dictionary => None,
            Kind::Batch { rows } => Some(rows),
        })
    }
}

impl Message {
    /// Reads it: a batch, or a dictionary, which the decoder then has.
    pub(super) fn decode(
        &self,
        file: &mut File,
        decoder: &mut FileDecoder,
    ) -> Result<Option<RecordBatch>, Error> {
        let Message { ref kind, at, head, body } = *self;
        let bytes = read(file, at, head + body)?;
        let (start, rest) = bytes.split_at(head as usize);
        let message = parse(start)?;
        // The file may have changed since.
        let batch = match kind {
            Kind::Dictionary => message.header_as_dictionary_batch().and_then(|of| of.data()),
            Kind::Batch { .. } => message.header_as_record_batch(),
        };
        check_buffers(batch.ok_or("the file has changed")?, rest)?;
        let block = Block::new(at.try_into()?, head.try_into()?, body.try_into()?);
        let read = guarded(|| match kind {
            Kind::Dictionary => decoder.read_dictionary(&block, &bytes.into()).map(|()| None),
            Kind::Batch { .. } => decoder.read_record_batch(&block, &bytes.into()),
        })?;
        Ok(read?)
    }
}

/// Where the messages begin, and where at the latest they end.
fn bounds(file: &mut File, len: u64) -> Result<(u64, u64), Error> {
    let magic = MAGIC.len() as u64;
    if len < magic || read(file, 0, magic)? != MAGIC {
        return Ok((0, len));
    }
    // The length of the list, and the same mark again.
    let tail = magic + 4;
    if len < 8 + tail || !read(file, len - tail, tail)?.ends_with(MAGIC) {
        return Err("the end of the file is missing".into());
    }
    let list = read(file, len - tail, 4)?;
    let list = list.first_chunk().map_or(0, |&list| u32::from_le_bytes(list));
    let Some(end) = (len - tail).checked_sub(list.into()).filter(|&end| end >= 8) else {
        return Err("the list of the messages is longer than the file".into());
    };
    let start = read(file, 0, end.min(64))?;
    let zeros = start[8..].iter().take_while(|&&byte| byte == 0).count() as u64;
    Ok((8 + zeros / 8 * 8, end))
}

/// What describes the message that begins there, with its length; `None` after the last.
fn head(file: &mut File, at: u64, end: u64) -> Result<Option<Vec<u8>>, Error> {
    if at == end {
        return Ok(None);
    }
    let word = |file: &mut File, at: u64| match end.checked_sub(at) {
        Some(4..) => Ok(<[u8; 4]>::try_from(read(file, at, 4)?).unwrap_or_default()),
        found => Err(short(at, 4, found.unwrap_or(0))),
    };
    let (mut len, mut before) = (word(file, at)?, 4);
    if len == CONTINUATION {
        (len, before) = (word(file, at + 4)?, 8);
    }
    let len = u64::from(u32::from_le_bytes(len));
    match end - at - before {
        _ if len == 0 => Ok(None),
        found if found < len => Err(short(at, len, found)),
        _ => read(file, at, before + len).map(Some),
    }
}

/// What describes a message, after its length.
fn parse(head: &[u8]) -> Result<arrow_ipc::Message<'_>, Error> {
    let before = if head.starts_with(&CONTINUATION) { 8 } else { 4 };
    // Its error is one of `std` only with a feature that no crate here asks for.
    root_as_message(&head[before..]).map_err(|error| error.to_string().into())
}

fn read(file: &mut File, at: u64, len: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(len.try_into()?)?;
    file.seek(SeekFrom::Start(at))?;
    file.take(len).read_to_end(&mut bytes)?;
    let found = bytes.len() as u64;
    if found < len { Err(short(at, len, found)) } else { Ok(bytes) }
}

fn short(at: u64, expected: u64, found: u64) -> Error {
    format!("byte {at}: {expected} bytes should follow, but {found} do").into()
}

/// Whether the buffers lie within the body, and are of no absurd length when they are decompressed.
fn check_buffers(batch: arrow_ipc::RecordBatch<'_>, body: &[u8]) -> Result<(), Error> {
    let compressed = batch.compression().is_some();
    for buffer in batch.buffers().into_iter().flatten() {
        let (from, len) = (usize::try_from(buffer.offset())?, usize::try_from(buffer.length())?);
        let bytes = from.checked_add(len).and_then(|to| body.get(from..to));
        let bytes = bytes.ok_or("a buffer lies outside its batch")?;
        let plain = bytes.first_chunk().filter(|_| compressed);
        if let Some(len) = plain.map(|&len| i64::from_le_bytes(len)).filter(|&len| len > LONGEST) {
            return Err(
                format!("a buffer should have {len} bytes, expected up to {LONGEST}").into()
            );
        }
    }
    Ok(())
}
