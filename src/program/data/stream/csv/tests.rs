//! Tables of random fields, against what was written into them.

use super::{Csv, Table};
use crate::program::data::stream::{ReadError, Stream};

const NUMBERS: [&str; 12] =
    ["1", "-2.5", "1e300", " 7 ", "\"3\"", "+4", "1e999", "-0", ".5", "nan", "", "NA"];
const OTHERS: [&str; 10] =
    ["x", "0x1", "--1", "1 2", "\u{fc}", "1_000", "\"a\nb\"", "\u{663}", "\"1,5\"", "1;2"];

/// What reading must come to: numbers, and the first fault as row and column, or only its row where it
/// has another length.
struct Expected {
    text: String,
    width: usize,
    numbers: Vec<u64>,
    fault: Option<(u64, Option<usize>)>,
}

fn table(below: &mut impl FnMut(usize) -> usize) -> Expected {
    let (lines, width) = (below(12), 1 + below(4));
    let mut text = (0..width).map(|i| format!("c{i}")).collect::<Vec<_>>().join(",");
    let (mut numbers, mut fault, mut row) = (Vec::new(), None, 0);
    for _ in 0..lines {
        let length = if below(60) == 0 { 1 + below(5) } else { width };
        let fields: Vec<&str> = (0..length)
            .map(|_| match below(40) {
                0 => OTHERS[below(OTHERS.len())],
                _ => NUMBERS[below(NUMBERS.len())],
            })
            .collect();
        text += "\n";
        text += &fields.join(",");
        // An empty line is no row.
        if fault.is_some() || fields == [""] {
            continue;
        }
        let number = |field: &&str| match field.trim().trim_matches('"') {
            "" | "NA" => Some(f64::NAN.to_bits()),
            plain => plain.parse().ok().map(f64::to_bits),
        };
        let found: Vec<Option<u64>> = fields.iter().map(number).collect();
        match found.iter().position(Option::is_none) {
            _ if length != width => fault = Some((row, None)),
            Some(column) => fault = Some((row, Some(column))),
            None => numbers.extend(found.into_iter().flatten()),
        }
        row += 1;
    }
    Expected { text, width, numbers, fault }
}

#[test]
fn any_table_gives_its_numbers_up_to_the_first_field_that_is_none() {
    let mut state = 7_u64;
    let mut below = |n: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    let mut faults = [0; 3];
    for _ in 0..4000 {
        let Expected { text, width, numbers, fault } = table(&mut below);
        let (mut stream, mut chunk) = (Csv::new(text.as_bytes()), Table::default());
        let mut found = Vec::new();
        let ended = loop {
            match stream.read(&mut chunk) {
                Ok(true) => {
                    assert_eq!(chunk.columns, width);
                    found.extend(chunk.numbers.iter().map(|x| x.to_bits()));
                }
                Ok(false) => break None,
                Err(error) => break Some(error),
            }
        };
        assert_eq!(found, numbers, "{text}");
        let named = match ended {
            None => None,
            Some(ReadError::Number { row, column, .. }) => Some((row, Some(column))),
            Some(ReadError::HalfRow { row, expected, .. }) if expected == width => {
                Some((row, None))
            }
            Some(error) => panic!("{error}\n{text}"),
        };
        assert_eq!(named, fault, "{text}");
        faults[fault.map_or(0, |(_, column)| 1 + usize::from(column.is_some()))] += 1;
    }
    assert!(faults.into_iter().all(|count| count > 200), "{faults:?}");
}
