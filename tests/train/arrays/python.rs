//! What Python with numpy makes of the files, and numpy's of today. `PYTHON` names another interpreter than
//! `python3`; where it has no numpy, a line on stderr says that nothing was compared.

use super::{double, kinds, numpy, single};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use wengert::{Params, Real};

fn python(script: &str, arguments: &[&Path]) -> Option<String> {
    let interpreter = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let has_numpy = Command::new(&interpreter).args(["-c", "import numpy"]).output();
    if !has_numpy.is_ok_and(|output| output.status.success()) {
        let name = std::thread::current().name().unwrap_or_default().to_owned();
        // Written past the harness, which keeps what a test that passes prints to itself.
        let told = writeln!(std::io::stderr(), "SKIPPED {name}: there is no Python with numpy");
        told.expect("a stderr");
        return None;
    }
    let output = Command::new(&interpreter).arg("-c").arg(script).args(arguments).output();
    let output = output.expect("a process");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).expect("text"))
}

/// Prints of each array its name, type, shape and bits.
const TELL: &str = r#"
import json, sys
import numpy as np

def told(arrays):
    for name, array in sorted(arrays.items()):
        bits = np.ascontiguousarray(array).reshape(-1).view(f"<u{array.dtype.itemsize}")
        print(json.dumps([name, array.dtype.str, list(array.shape), [f"{b:x}" for b in bits.tolist()]]))

def parsed(path):
    data = open(path, "rb").read()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    types = {"F64": "<f8", "F32": "<f4"}
    return {
        name: np.frombuffer(data[start:][slice(*of["data_offsets"])], types[of["dtype"]]).reshape(of["shape"])
        for name, of in header.items()
    }

with np.load(sys.argv[1]) as file:
    told(dict(file))
told(parsed(sys.argv[2]))
try:
    from safetensors.numpy import load_file
except ImportError:
    pass
else:
    told(load_file(sys.argv[2]))
"#;

fn assert_seen<F: Real>(params: &Params<F>, dtype: &str, bits: fn(F) -> u64) {
    let directory = tempfile::tempdir().expect("a directory");
    let files = kinds().map(|kind| {
        let path = directory.path().join(format!("file.{}", kind.name));
        (kind.save)(params, &path).expect("written");
        path
    });
    let Some(printed) = python(TELL, &[&files[0], &files[1]]) else { return };
    let expected = params.iter().map(|(name, values)| {
        let bits: Vec<String> = values.iter().map(|&x| format!("{:x}", bits(x))).collect();
        serde_json::json!([name, dtype, params.shape(name).expect("a name"), bits])
    });
    let expected: Vec<serde_json::Value> = expected.collect();
    let seen: Vec<serde_json::Value> =
        printed.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    // Twice without the package for safetensors.
    assert!(seen.len() >= 2 * expected.len());
    for seen in seen.chunks(expected.len()) {
        assert_eq!(seen, expected);
    }
}

#[test]
fn python_sees_the_same_names_shapes_and_bits() {
    assert_seen(&double(), "<f8", f64::to_bits);
    assert_seen(&single(), "<f4", |x| u64::from(x.to_bits()));
}

#[test]
fn files_of_the_numpy_that_is_there_are_read_or_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let script = include_str!("numpy/make.py");
    if python(script, &[directory.path()]).is_some() {
        assert_eq!(numpy::assert_folder(directory.path()), 19);
    }
}
