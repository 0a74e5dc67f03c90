//! What other engines answered when they were run, and what the pages say of it.

use std::f64::consts::FRAC_1_SQRT_2;

const TABLE: &str = include_str!("answers.tsv");

/// A row of the table, which `answers.py` beside it makes.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) engine: &'static str,
    pub(crate) release: &'static str,
    /// The expression of a page.
    pub(crate) here: &'static str,
    pub(crate) at: &'static str,
    pub(crate) spelling: &'static str,
    pub(crate) slope: Vec<f64>,
}

/// The table. Of several spellings of an expression the rules follow the first.
pub(crate) fn answers() -> Vec<Answer> {
    let mut lines = TABLE.lines();
    assert_eq!(lines.next(), Some("engine\trelease\there\tat\tspelling\tslope"));
    let row = |line: &'static str| match line.split('\t').collect::<Vec<_>>()[..] {
        [engine, release, here, at, spelling, slope] => {
            Answer { engine, release, here, at, spelling, slope: numbers(slope) }
        }
        _ => panic!("what is {line}?"),
    };
    lines.map(row).collect()
}

/// What a cell of a column `elsewhere` says: `slope in engine release, spelling, spelling`, and after a
/// semicolon the next; at last, in brackets, where it was reported.
pub(crate) struct Claim<'a> {
    slope: Vec<f64>,
    engine: &'a str,
    release: &'a str,
    spelling: &'a str,
}

pub(crate) fn claims(cell: &str) -> Vec<Claim<'_>> {
    let reported = cell.rfind("` (").map_or(cell.len(), |end| end + 1);
    let mut claims = Vec::new();
    for claim in cell[..reported].split("; ").filter(|claim| !claim.is_empty()) {
        let malformed = || panic!("what is {claim}?");
        let (slope, rest) = claim.split_once(" in ").unwrap_or_else(malformed);
        let (engine, rest) = rest.split_once(' ').unwrap_or_else(malformed);
        let (release, spellings) = rest.split_once(", ").unwrap_or_else(malformed);
        let slope = numbers(slope);
        let of = |spelling| Claim { slope: slope.clone(), engine, release, spelling };
        claims.extend(spellings.trim_matches('`').split("`, `").map(of));
    }
    claims
}

impl Claim<'_> {
    /// Whether the table has it of this expression.
    pub(crate) fn holds(&self, table: &[Answer], here: &str, at: &str) -> bool {
        table.iter().any(|answer| {
            (answer.engine, answer.release, answer.spelling)
                == (self.engine, self.release, self.spelling)
                && (answer.here, answer.at) == (here, at)
                && same(&self.slope, &answer.slope)
        })
    }
}

/// The numbers that a cell of a page stands for.
pub(crate) fn numbers(cell: &str) -> Vec<f64> {
    let inner = cell.trim_start_matches('(').trim_end_matches(')');
    inner.split(", ").map(number).collect()
}

fn number(text: &str) -> f64 {
    let (sign, text) = text.strip_prefix('-').map_or((1.0, text), |rest| (-1.0, rest));
    sign * match text {
        "½" => 0.5,
        "⅓" => 1.0 / 3.0,
        "¼" => 0.25,
        "¾" => 0.75,
        "√½" => FRAC_1_SQRT_2,
        "NaN" => f64::NAN,
        "∞" => f64::INFINITY,
        "tiny" => f64::from_bits(1),
        _ => text.parse().unwrap_or_else(|_| panic!("what is {text}?")),
    }
}

/// To the last place or so; NaN is NaN.
pub(crate) fn same(got: &[f64], want: &[f64]) -> bool {
    let pairs = got.iter().zip(want);
    let alike = |(g, w): (&f64, &f64)| {
        g == w
            || (g - w).abs() <= 1e-15 * w.abs().max(f64::MIN_POSITIVE)
            || g.is_nan() && w.is_nan()
    };
    got.len() == want.len() && pairs.into_iter().all(alike)
}
