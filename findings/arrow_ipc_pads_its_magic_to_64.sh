#!/usr/bin/env bash
# arrow-ipc 58.4.1 (Rust): its files hold no stream where the format says that it begins.
#
# The format of Arrow's IPC files is the word ARROW1, padding to the next multiple of 8 bytes, and then what a stream is.
# pyarrow 23.0.0 writes so: all but the first 8 bytes of its file can be read as a stream. The file writer of arrow-ipc
# pads to its option `alignment`, 64 bytes by default. So the stream begins at byte 64, and whoever looks at byte 8
# finds a length of 0, which ends a stream. Readers that go by the list at the file's end do not notice.
#
# Seen:
#     pyarrow, bytes from 8 on: 1 batch of 3 rows
#     arrow-ipc, bytes from 8 on: Tried reading schema message, was null or length 0
#     arrow-ipc, bytes from 64 on: 1 batch of 3 rows
#     arrow-ipc, read as a file: 1 batch of 3 rows
#     arrow-ipc, alignment 8, bytes from 8 on: 1 batch of 3 rows
#
# Exits with 0 while they behave so.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

mkdir -p "$folder/src"
cat >"$folder/Cargo.toml" <<'TOML'
[package]
name = "padding"
version = "0.0.0"
edition = "2024"

[dependencies]
arrow-array = { version = "=58.4.1", default-features = false }
arrow-ipc = { version = "=58.4.1", default-features = false }
TOML
cat >"$folder/src/main.rs" <<'RUST'
use arrow_array::{ArrayRef, Int32Array, RecordBatch};
use arrow_ipc::MetadataVersion;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions};
use std::sync::Arc;

fn main() {
    let numbers: ArrayRef = Arc::new(Int32Array::from(vec![1, 2, 3]));
    let batch = RecordBatch::try_from_iter([("x", numbers)]).unwrap();
    let narrow = IpcWriteOptions::try_new(8, false, MetadataVersion::V5).unwrap();
    for (name, options) in [("wide.arrow", IpcWriteOptions::default()), ("narrow.arrow", narrow)] {
        let file = std::fs::File::create(name).unwrap();
        let mut writer = FileWriter::try_new_with_options(file, &batch.schema(), options).unwrap();
        writer.write(&batch).unwrap();
        writer.finish().unwrap();
    }
}
RUST
(cd "$folder" && cargo run -q)

python3 -m venv "$folder/python"
"$folder/python/bin/pip" install -q "pyarrow==23.0.0"
"$folder/python/bin/python" - "$folder" <<'PYTHON'
import sys
import pyarrow

assert pyarrow.__version__ == "23.0.0", pyarrow.__version__
folder = sys.argv[1]
batch = pyarrow.record_batch([pyarrow.array([1, 2, 3], pyarrow.int32())], names=["x"])
sink = pyarrow.BufferOutputStream()
with pyarrow.ipc.new_file(sink, batch.schema) as writer:
    writer.write_batch(batch)


def read(data, opened):
    try:
        table = opened(data).read_all()
    except pyarrow.ArrowInvalid as error:
        return str(error)
    return f"{len(table.to_batches())} batch of {table.num_rows} rows"


stream, file = pyarrow.ipc.open_stream, pyarrow.ipc.open_file
theirs = sink.getvalue().to_pybytes()
wide, narrow = (open(f"{folder}/{name}.arrow", "rb").read() for name in ("wide", "narrow"))
found = {
    "pyarrow, bytes from 8 on": read(theirs[8:], stream),
    "arrow-ipc, bytes from 8 on": read(wide[8:], stream),
    "arrow-ipc, bytes from 64 on": read(wide[64:], stream),
    "arrow-ipc, read as a file": read(wide, file),
    "arrow-ipc, alignment 8, bytes from 8 on": read(narrow[8:], stream),
}
for what, seen in found.items():
    print(what, seen, sep=": ")
whole = "1 batch of 3 rows"
assert [seen == whole for seen in found.values()] == [True, False, True, True, True]
assert wide[:64] == b"ARROW1".ljust(64, b"\0"), wide[:64]
PYTHON
