//! The rules of other engines answer what those answered when they were run, and the page says so.

use super::conventions::answers::{Answer, answers, claims, same};
use super::page::{Row, cases, find, rows, slope};
use std::collections::BTreeSet;

/// The columns of the page that are a rule of an engine, the engine, and the release that was run. What
/// was not run on the newest release is taken from the one before.
const COLUMNS: [(&str, &str, &[&str]); 5] = [
    ("PyTorch", "PyTorch", &["2.15.0"]),
    ("PyTorch 2.13", "PyTorch", &["2.13.0"]),
    ("JAX", "JAX", &["0.12.0.1", "0.10.2"]),
    ("JAX 0.11", "JAX", &["0.10.2"]),
    ("CasADi", "CasADi", &["3.8.2"]),
];

/// Where the columns are what the rules answer and the engines do not.
const APART: &str = "Where a rule is not its engine";

/// What an engine answered to a row, by the spelling that its rule follows.
fn answer<'a>(table: &'a [Answer], row: &Row, column: &str) -> Option<&'a Answer> {
    let (_, engine, releases) = COLUMNS.iter().find(|(name, ..)| *name == column)?;
    releases.iter().find_map(|release| {
        let fits = |answer: &&Answer| {
            (answer.engine, answer.release) == (*engine, *release)
                && (answer.here, answer.at) == (row.expression.as_str(), row.at.as_str())
        };
        table.iter().find(fits)
    })
}

#[test]
fn the_columns_of_engines_are_what_they_answered() {
    let table = answers();
    let mut cells = 0;
    for row in rows() {
        let columns = row.cells.iter().filter(|(name, _)| COLUMNS.iter().any(|c| c.0 == *name));
        let mut apart = 0;
        for (column, cell) in columns {
            let want = answer(&table, &row, column).unwrap_or_else(|| panic!("{column}: {row:?}"));
            let agrees = same(cell, &want.slope);
            assert!(agrees || row.section == APART, "{column}: {row:?}, but {want:?}");
            apart += usize::from(!agrees);
            cells += 1;
        }
        assert_eq!(apart > 0, row.section == APART, "{row:?}");
    }
    assert!(cells > 180, "{cells}");
}

#[test]
fn the_rules_answer_as_the_releases_that_they_name() {
    let (table, cases) = (answers(), cases());
    let mut answered = 0;
    for row in rows().iter().filter(|row| row.section != APART) {
        // A row without columns of engines is of an expression that they have not.
        if row.cells.iter().all(|(name, _)| *name != "PyTorch") {
            continue;
        }
        for (column, ..) in COLUMNS {
            let Some(want) = answer(&table, row, column) else { continue };
            // CasADi makes the root of a square an absolute value, and so no kink is met here.
            if column == "CasADi" && row.section == "Functions beside them" {
                continue;
            }
            let got = slope(find(&cases, row), row.cell("at"), column);
            assert!(same(&got, &want.slope), "{column}: {row:?}: {got:?}, but {want:?}");
            answered += 1;
        }
    }
    assert!(answered > 250, "{answered}");
}

#[test]
fn what_is_said_of_elsewhere_is_in_the_table() {
    let table = answers();
    let mut count = 0;
    for row in rows() {
        for claim in claims(&row.elsewhere) {
            assert!(claim.holds(&table, &row.expression, &row.at), "{row:?}");
            count += 1;
        }
    }
    assert!(count > 70, "{count}");
}

#[test]
fn every_row_of_the_table_is_of_an_expression_of_a_page() {
    let kinks: BTreeSet<(String, String)> =
        rows().into_iter().map(|row| (row.expression, row.at)).collect();
    let conventions = include_str!("../../src/kink/conventions.md");
    for Answer { here, at, .. } in answers() {
        let other = conventions.contains(&format!("| `{here}` | {at} |"));
        assert!(other || kinks.contains(&(here.to_owned(), at.to_owned())), "{here} at {at}");
    }
}
