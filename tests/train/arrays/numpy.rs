//! Files that numpy wrote: `numpy/make.py` makes them, and those beside it were made by numpy 2.4.6.

use std::fs;
use std::path::Path;
use wengert::Params;
use wengert::train::ArrayError;

/// What `make.py` writes to be read, as single or as double precision has it.
fn assert_read(path: &Path) {
    let params = Params::<f64>::from_npz(path).expect("arrays of numpy");
    let sevenths: Vec<f64> = (0..6).map(|k| f64::from(k) / 7.0).collect();
    let rounded: Vec<f64> = sevenths.iter().map(|&x| f64::from(x as f32)).collect();
    let order: Vec<&str> = params.iter().map(|(name, _)| name).collect();
    let single = ["single", "big single"];
    let double = ["plain", "fortran", "big", "big fortran"];
    assert_eq!(
        order,
        [
            "plain",
            "fortran",
            "cube",
            "big",
            "big fortran",
            "single",
            "big single",
            "none",
            "scalar",
            "edges"
        ]
    );
    for (names, expected) in [(&double[..], &sevenths), (&single[..], &rounded)] {
        for name in names {
            assert_eq!(params[*name], expected[..], "{name}");
            assert_eq!(params.shape(name).expect("a name"), [2, 3], "{name}");
        }
    }
    let cube: Vec<f64> = (0..24).map(f64::from).collect();
    assert_eq!(
        (&params["cube"], params.shape("cube").expect("a name")),
        (&cube[..], &[2, 3, 4][..])
    );
    assert_eq!((params["none"].len(), params.shape("none").expect("a name")), (0, &[0, 3][..]));
    assert_eq!(params.scalar("scalar").expect("a name"), 1.0 / 3.0);
    assert!(params.shape("scalar").expect("a name").is_empty());
    let edges: Vec<u64> = params["edges"].iter().map(|x| x.to_bits()).collect();
    assert_eq!(edges, [0x7ff8_0000_0000_0123, 0xfff0_0000_0000_0000, 1, 1 << 63]);

    let refused = Params::<f32>::from_npz(path).expect_err("doubles");
    assert!(matches!(refused, ArrayError::Dtype { expected: "f32", .. }), "{refused}");
}

/// All files of a folder; how many.
pub(super) fn assert_folder(place: &Path) -> usize {
    let mut count = 0;
    for file in fs::read_dir(place).expect("a folder") {
        let path = file.expect("a file").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        if path.extension().is_none_or(|ending| ending != "npz") {
            continue;
        }
        count += 1;
        if matches!(&name[..], "stored" | "compressed") {
            assert_read(&path);
            continue;
        }
        let error = Params::<f64>::from_npz(&path).expect_err(&name);
        let is_told = match name.split('_').next() {
            Some("dtype") => matches!(&error, ArrayError::Dtype { name, .. } if name == "a"),
            Some("damaged") => matches!(error, ArrayError::Damaged { .. }),
            Some("unexpected") => {
                matches!(&error, ArrayError::NoArray { name, .. } if name == "README")
                    && error.to_string().ends_with("has an entry `README`, which is no array")
            }
            _ => panic!("{name}"),
        };
        assert!(is_told, "{name}: {error}");
    }
    count
}

#[test]
fn files_of_numpy_are_read_or_refused() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/train/arrays/numpy");
    assert_eq!(assert_folder(&place), 11);
}
