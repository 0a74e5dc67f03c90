//! Files that are cut short, changed, or of another kind.

use super::{double, kinds, told};
use std::fs;
use wengert::Params;
use wengert::train::ArrayError;

#[test]
fn a_file_that_is_cut_short_is_an_error() {
    let directory = tempfile::tempdir().expect("a directory");
    for kind in kinds::<f64>() {
        let path = directory.path().join(kind.name);
        (kind.save)(&double(), &path).expect("written");
        let bytes = fs::read(&path).expect("a file");
        for end in (0..bytes.len()).step_by(7).chain([bytes.len() - 1]) {
            fs::write(&path, &bytes[..end]).expect("written");
            let error = (kind.from)(&path).expect_err("cut short");
            let is_told = matches!(error, ArrayError::Damaged { .. } | ArrayError::Foreign { .. });
            assert!(is_told, "{} {end}: {error}", kind.name);
        }
    }
}

#[test]
fn a_changed_byte_changes_no_number_where_there_is_a_checksum() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut params = Params::from_scalars([("a", 0.1)]).expect("a name");
    params.insert_array("b", &[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).expect("a new name");
    let right = told(&params, f64::to_bits);
    for kind in kinds::<f64>() {
        let path = directory.path().join(kind.name);
        (kind.save)(&params, &path).expect("written");
        let bytes = fs::read(&path).expect("a file");
        // safetensors has none: there the header alone is looked at.
        let checked = match kind.name {
            "npz" => bytes.len(),
            _ => bytes.len() - size_of_val(params.values()),
        };
        let mut noticed = 0;
        for at in 0..checked {
            for bit in [0, 3, 7] {
                let mut bytes = bytes.clone();
                bytes[at] ^= 1 << bit;
                fs::write(&path, &bytes).expect("written");
                let mut read = params.clone();
                match (kind.load)(&mut read, &path) {
                    Ok(()) => assert_eq!(told(&read, f64::to_bits), right, "{} {at}", kind.name),
                    Err(_) => noticed += 1,
                }
                assert_eq!(told(&read, f64::to_bits), right, "{} {at}", kind.name);
            }
        }
        assert!(noticed > checked, "{}: {noticed} of {}", kind.name, 3 * checked);
    }
}

#[test]
fn a_file_of_another_kind_is_foreign() {
    let directory = tempfile::tempdir().expect("a directory");
    let files: Vec<Vec<u8>> = kinds::<f64>()
        .iter()
        .map(|kind| {
            let path = directory.path().join(kind.name);
            (kind.save)(&double(), &path).expect("written");
            fs::read(&path).expect("a file")
        })
        .collect();
    let path = directory.path().join("foreign");
    for (kind, other) in kinds::<f64>().iter().zip([&files[1], &files[0]]) {
        let others: [&[u8]; 4] = [other, b"", b"\x93NUMPY\x01\x00", b"name,value\na,1\n"];
        for bytes in others {
            fs::write(&path, bytes).expect("written");
            let error = (kind.from)(&path).expect_err("another kind");
            assert!(
                matches!(error, ArrayError::Foreign { expected, .. } if expected[1..] == *kind.name),
                "{error}"
            );
        }
    }
}

/// A file of safetensors with this header.
fn headed(header: &str, content: &[u8]) -> Vec<u8> {
    let length = (header.len() as u64).to_le_bytes();
    [&length[..], header.as_bytes(), content].concat()
}

#[test]
fn headers_of_safetensors_are_read_by_what_they_say() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("by hand.safetensors");
    let read = |header: &str, content: &[u8]| {
        fs::write(&path, headed(header, content)).expect("written");
        Params::<f64>::from_safetensors(&path)
    };
    let array = |dtype: &str, shape: &str, end: usize| {
        format!(r#"{{"a":{{"dtype":"{dtype}","shape":{shape},"data_offsets":[0,{end}]}}}}"#)
    };
    let params = read(&array("F32", "[1,1]", 4), &1.5_f32.to_le_bytes()).expect("a file");
    assert_eq!((params.values(), params.shape("a").expect("a name")), (&[1.5][..], &[1, 1][..]));
    // Metadata are no array, and arrays need not lie in the order of their names.
    let header = r#"{"__metadata__":{"format":"pt"},
        "b":{"dtype":"F64","shape":[],"data_offsets":[0,8]},
        "a":{"dtype":"F64","shape":[],"data_offsets":[8,16]}}"#;
    let content = [2.0_f64.to_le_bytes(), 3.0_f64.to_le_bytes()].concat();
    let params = read(header, &content).expect("a file");
    assert_eq!(params.iter().collect::<Vec<_>>(), [("a", &[3.0][..]), ("b", &[2.0])]);

    for (dtype, size) in
        [("F16", 2), ("BF16", 2), ("F8_E4M3", 1), ("I64", 8), ("U8", 1), ("BOOL", 1)]
    {
        let error = read(&array(dtype, "[]", size), &vec![0; size]).expect_err("another type");
        assert!(
            matches!(&error, ArrayError::Dtype { found, expected: "f64 or f32", .. } if found == dtype),
            "{error}"
        );
    }
    let wrong = [
        array("F64", "[2]", 8),
        array("F64", "[1]", 9),
        array("F65", "[1]", 8),
        array("F64", "[-1]", 8),
        array("F64", "[4611686018427387904,8]", 8),
        array("F64", "[18446744073709551616]", 8),
        r#"{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}"#.to_owned(),
        "{".repeat(60_000),
    ];
    for header in wrong {
        let error = read(&header, &[0; 8]).expect_err("no such header");
        assert!(matches!(error, ArrayError::Damaged { .. }), "{error}");
    }
}
