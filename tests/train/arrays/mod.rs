//! Parameters as files of arrays: what comes back, what Python makes of them, and files that are none.

mod damaged;
mod numpy;
mod python;

use std::fs;
use std::path::Path;
use wengert::train::{ArrayError, Initial, Perceptron};
use wengert::{Error, Params, Real};

/// A kind of file.
struct Kind<F: Real> {
    name: &'static str,
    save: fn(&Params<F>, &Path) -> Result<(), ArrayError>,
    load: fn(&mut Params<F>, &Path) -> Result<(), ArrayError>,
    from: fn(&Path) -> Result<Params<F>, ArrayError>,
}

fn kinds<F: Real>() -> [Kind<F>; 2] {
    [
        Kind {
            name: "npz",
            save: |params, path| params.save_npz(path),
            load: |params, path| params.load_npz(path),
            from: |path| Params::from_npz(path),
        },
        Kind {
            name: "safetensors",
            save: |params, path| params.save_safetensors(path),
            load: |params, path| params.load_safetensors(path),
            from: |path| Params::from_safetensors(path),
        },
    ]
}

/// Numbers at the edges of a precision, NaN of both kinds and signs among them, under names of all sorts, which are
/// in the order of their bytes.
fn edges<F: Real>(of: impl Fn(u64) -> F, words: &[u64]) -> Params<F> {
    let numbers: Vec<F> = words.iter().map(|&word| of(word)).collect();
    let zeros = vec![F::zero(); numbers.len()];
    let mut params = Params::new();
    let names = ["", "../up", "a b", "a.npy", "a/b", "a\\b", "größe", "weights 1", "零"];
    for (i, name) in names.into_iter().enumerate() {
        let long = [1, numbers.len(), 1];
        let shape = if i % 2 == 0 { &long[1..2] } else { &long };
        params.insert_array(name, shape, &zeros).expect("a new name");
    }
    params.insert_array("零 none", &[2, 0, 3], &[]).expect("a new name");
    params.insert("零 one", F::from_double(0.1)).expect("a new name");
    for chunk in params.values_mut().chunks_exact_mut(numbers.len()) {
        chunk.copy_from_slice(&numbers);
    }
    params
}

fn double() -> Params<f64> {
    let words = [0x7ff0_0000_0000_0001, 0xfff8_0000_0000_0123, 0x7ff0_0000_0000_0000, 1, 1 << 63];
    edges(f64::from_bits, &words)
}

fn single() -> Params<f32> {
    edges(|word| f32::from_bits(word as u32), &[0x7f80_0001, 0xffc0_0123, 0x7f80_0000, 1, 1 << 31])
}

/// Names, shapes and bits.
fn told<F: Real>(params: &Params<F>, bits: fn(F) -> u64) -> Vec<String> {
    let names = params.iter().map(|(name, values)| {
        let values: Vec<u64> = values.iter().map(|&x| bits(x)).collect();
        format!("{name} {:?} {values:x?}", params.shape(name).expect("a name"))
    });
    names.collect()
}

fn comes_back<F: Real>(params: &Params<F>, bits: fn(F) -> u64) {
    let directory = tempfile::tempdir().expect("a directory");
    for kind in kinds() {
        let path = directory.path().join(kind.name);
        (kind.save)(params, &path).expect("written");
        let read = (kind.from)(&path).expect("read");
        let mut expected = told(params, bits);
        if kind.name == "safetensors" {
            expected.sort(); // as it lays them
        }
        assert_eq!(told(&read, bits), expected, "{}", kind.name);
        let mut zeros = params.clone();
        zeros.values_mut().fill(F::zero());
        (kind.load)(&mut zeros, &path).expect("read");
        assert_eq!(told(&zeros, bits), told(params, bits), "{}", kind.name);
        // The same bytes each time, and nothing else in the folder.
        let bytes = fs::read(&path).expect("a file");
        (kind.save)(&read, &path).expect("written");
        assert_eq!(fs::read(&path).expect("a file"), bytes, "{}", kind.name);
    }
    assert_eq!(fs::read_dir(directory.path()).expect("a folder").count(), 2);
}

#[test]
fn all_bits_names_and_shapes_come_back() {
    comes_back(&double(), f64::to_bits);
    comes_back(&single(), |x| u64::from(x.to_bits()));
    comes_back(&Params::<f64>::new(), f64::to_bits);
    let net = Perceptron::new(&[3, 5, 2]).expect("widths").params::<f64>(Initial::He, 1);
    assert_eq!(net.shape("weights 2").expect("a name"), [2, 5]);
    comes_back(&net, f64::to_bits);
}

#[test]
fn single_precision_is_widened_and_double_is_not_rounded() {
    let directory = tempfile::tempdir().expect("a directory");
    let bits = [0x3dcc_cccd, 1, 0x7f7f_ffff, 0x8000_0000, 0xff80_0000];
    for (narrow, wide) in kinds::<f32>().into_iter().zip(kinds::<f64>()) {
        let path = directory.path().join(wide.name);
        let mut params = Params::new();
        params.insert_block("a", &[0.0; 5]).expect("a new name");
        params.values_mut().copy_from_slice(&bits.map(f32::from_bits));
        (narrow.save)(&params, &path).expect("written");
        let read = (wide.from)(&path).expect("read");
        // Sign, exponent and fraction by hand: 0.1 rounded, 2^-149, (2 - 2^-23) 2^127.
        let expected =
            [13_421_773.0 / 2_f64.powi(27), 2_f64.powi(-149), 16_777_215.0 * 2_f64.powi(104)];
        assert_eq!(read.values()[..3], expected, "{}", wide.name);
        assert_eq!(read.values()[3].to_bits(), 1 << 63);
        assert_eq!(read.values()[4], f64::NEG_INFINITY);

        (wide.save)(&read, &path).expect("written");
        let before = params.clone();
        let refused = (narrow.load)(&mut params, &path).expect_err("doubles");
        assert!(
            matches!(&refused, ArrayError::Dtype { name, expected: "f32", .. } if name == "a"),
            "{refused}"
        );
        assert_eq!(params, before);
        (narrow.from)(&path).expect_err("doubles");
    }
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    for kind in kinds::<f64>() {
        let path = directory.path().join(kind.name);
        let mut saved = Params::from_scalars([("a", 1.0), ("b", 2.0)]).expect("names");
        saved.insert_block("w", &[3.0, 4.0, 5.0, 6.0]).expect("a new name");
        (kind.save)(&saved, &path).expect("written");
        let refused = |params: &mut Params| {
            let before = params.clone();
            let refused = (kind.load)(params, &path).expect_err("another");
            assert_eq!(*params, before);
            refused
        };

        let mut more = saved.clone();
        more.insert("c", 7.0).expect("a new name");
        let error = refused(&mut more);
        assert!(error.to_string().ends_with(" has no array `c`"), "{error}");
        assert!(
            matches!(error, ArrayError::Missing { found, .. } if found == ["a", "b", "w"]),
            "the names of the file"
        );
        let error = refused(&mut Params::from_scalars([("a", 0.0), ("b", 0.0)]).expect("names"));
        assert!(matches!(&error, ArrayError::Unexpected { name, .. } if name == "w"), "{error}");
        for shape in [&[2, 2][..], &[1, 4], &[4, 1]] {
            let mut other = Params::from_scalars([("a", 0.0), ("b", 0.0)]).expect("names");
            other.insert_array("w", shape, &[0.0; 4]).expect("a new name");
            let error = refused(&mut other);
            assert!(
                matches!(&error, ArrayError::Shape { name, expected, found, .. }
                    if name == "w" && expected == shape && *found == [4]),
                "{error}"
            );
        }
        // A block of one is no scalar.
        let mut block = Params::from_scalars([("b", 0.0)]).expect("names");
        block.insert_block("a", &[0.0]).expect("a new name");
        block.insert_block("w", &[0.0; 4]).expect("a new name");
        assert!(matches!(refused(&mut block), ArrayError::Shape { name, .. } if name == "a"));
    }
}

#[test]
fn files_that_cannot_be_written_or_read_are_errors() {
    let directory = tempfile::tempdir().expect("a directory");
    let params = Params::from_scalars([("a", 1.0)]).expect("a name");
    for kind in kinds::<f64>() {
        let path = directory.path().join("nowhere").join(kind.name);
        let error = (kind.save)(&params, &path).expect_err("no folder");
        assert!(matches!(error, ArrayError::Io { .. }), "{error}");
        let error = (kind.from)(&path).expect_err("no file");
        assert!(
            matches!(&error, ArrayError::Io { path: of, source }
                if *of == path && source.kind() == std::io::ErrorKind::NotFound),
            "{error}"
        );
        assert!(matches!(Error::from(error), Error::Array(_)));
    }
    let long = Params::from_scalars([("x".repeat(70_000).as_str(), 1.0)]).expect("a name");
    let path = directory.path().join("long.npz");
    assert!(matches!(long.save_npz(&path), Err(ArrayError::Io { .. })));
    let reserved = Params::from_scalars([("__metadata__", 1.0)]).expect("a name");
    let path = directory.path().join("reserved.safetensors");
    let error = reserved.save_safetensors(&path).expect_err("a reserved name");
    assert!(matches!(&error, ArrayError::Name { name, .. } if name == "__metadata__"), "{error}");
    assert_eq!(fs::read_dir(directory.path()).expect("a folder").count(), 0);
}
