//! Sums of squares of curved models, to the values that are certified for them: the Statistical Reference
//! Datasets of the National Institute of Standards and Technology, nonlinear regression, from both starts.

use wengert::Var;
use wengert::optim::KinkDescent;

struct Set {
    name: &'static str,
    text: &'static str,
    /// The response, from the parameters and a row of predictors.
    model: fn(&[Var], &[f64]) -> Var,
}

macro_rules! sets {
    ($($level:ident / $name:ident: |$b:ident, $x:ident| $model:expr),+ $(,)?) => {
        [$(Set {
            name: stringify!($name),
            text: include_str!(concat!(
                "../../examples/data/nist/", stringify!($level), "/", stringify!($name), ".dat"
            )),
            model: |$b, row| { let $x = row; $model },
        }),+]
    };
}

fn exponentials(b: &[Var], t: f64) -> Var {
    b.chunks(2).map(|b| b[0] * (b[1] * -t).exp()).sum()
}

fn peaks(b: &[Var], t: f64) -> Var {
    let peak = |b: &[Var]| b[0] * (-((t - b[1]) / b[2]).powi(2)).exp();
    b[0] * (b[1] * -t).exp() + peak(&b[2..5]) + peak(&b[5..8])
}

fn sets() -> Vec<Set> {
    sets! {
        higher / Bennett5: |b, x| b[0] * (b[1] + x[0]).powf(-b[2].recip()),
        higher / BoxBOD: |b, x| b[0] * (1.0 - (b[1] * -x[0]).exp()),
        lower / Chwirut1: |b, x| (b[0] * -x[0]).exp() / (b[1] + b[2] * x[0]),
        lower / Chwirut2: |b, x| (b[0] * -x[0]).exp() / (b[1] + b[2] * x[0]),
        lower / DanWood: |b, x| b[0] * Var::from(x[0]).powf(b[1]),
        higher / Eckerle4: |b, x| b[0] / b[1] * (((x[0] - b[2]) / b[1]).powi(2) * -0.5).exp(),
        lower / Gauss1: |b, x| peaks(b, x[0]),
        lower / Gauss2: |b, x| peaks(b, x[0]),
        average / Lanczos1: |b, x| exponentials(b, x[0]),
        average / Lanczos2: |b, x| exponentials(b, x[0]),
        lower / Lanczos3: |b, x| exponentials(b, x[0]),
        higher / MGH09: |b, x| b[0] * (b[1] * x[0] + x[0] * x[0]) / (b[2] * x[0] + x[0] * x[0] + b[3]),
        higher / MGH10: |b, x| b[0] * (b[1] / (b[2] + x[0])).exp(),
        lower / Misra1a: |b, x| b[0] * (1.0 - (b[1] * -x[0]).exp()),
        lower / Misra1b: |b, x| b[0] * (1.0 - (b[1] * (0.5 * x[0]) + 1.0).powi(-2)),
        average / Misra1c: |b, x| b[0] * (1.0 - (b[1] * (2.0 * x[0]) + 1.0).powf(-0.5)),
        average / Misra1d: |b, x| b[0] * b[1] * x[0] / (b[1] * x[0] + 1.0),
        average / Nelson: |b, x| b[0] - b[1] * x[0] * (b[2] * -x[1]).exp(),
        higher / Rat42: |b, x| b[0] / ((b[1] - b[2] * x[0]).exp() + 1.0),
        higher / Thurber: |b, x| {
            let cubic = |b: &[Var]| (b[2] * x[0] + b[1]) * x[0] + b[0];
            (cubic(&b[1..4]) * x[0] + b[0]) / (cubic(&b[4..7]) * x[0] + 1.0)
        },
    }
    .into()
}

impl Set {
    /// The two starts, and the certified values.
    fn parameters(&self) -> [Vec<f64>; 3] {
        let mut columns = [Vec::new(), Vec::new(), Vec::new()];
        for line in self.text.lines() {
            if let Some((name, numbers)) = line.split_once('=')
                && name.trim().strip_prefix('b').is_some_and(|n| n.parse::<u32>().is_ok())
            {
                let numbers = numbers.split_whitespace().map(|x| x.parse().expect("a number"));
                columns.iter_mut().zip(numbers).for_each(|(column, x)| column.push(x));
            }
        }
        columns
    }

    fn least(&self) -> f64 {
        let line = self.text.lines().find(|line| line.starts_with("Residual Sum of Squares"));
        line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).expect("a sum of squares")
    }

    fn rows(&self) -> Vec<Vec<f64>> {
        let numbers = |line: &str| -> Vec<f64> {
            line.split_whitespace().filter_map(|x| x.parse().ok()).collect()
        };
        let data = self.text.rfind("Data:").expect("data");
        let rows = self.text[data..].lines().skip(1).map(numbers);
        rows.filter(|row| !row.is_empty()).collect()
    }
}

#[test]
fn sums_of_squares_end_at_the_certified_values_or_without_a_certificate() {
    let (mut certified, mut cases) = (0, 0);
    for set in sets() {
        let ([first, second, right], rows) = (set.parameters(), set.rows());
        assert!(right.len() > 1 && rows.len() > 5, "{}", set.name);
        let is_log = set.name == "Nelson";
        let loss = |b: &[Var]| -> Var {
            let error = |row: &Vec<f64>| {
                let y = if is_log { row[0].ln() } else { row[0] };
                (set.model)(b, &row[1..]) - y
            };
            rows.iter().map(|row| error(row).powi(2)).sum()
        };
        for start in [&first, &second, &right] {
            let mut x = start.clone();
            let found = KinkDescent::new().minimize(&mut x, loss).unwrap();
            let off = (found.value() - set.least()) / set.least();
            println!(
                "{}: {off:.1e} {:?} {:?} {:.1e} {}",
                set.name,
                found.is_certified(),
                found.ending(),
                found.error() / found.value(),
                found.recording_count()
            );
            cases += 1;
            if found.is_certified() {
                certified += 1;
                let error = found.error() / set.least();
                assert!(off < 1e-6 || off < error, "{} {start:?} {x:?}\n{found}", set.name);
            }
        }
    }
    println!("{certified} of {cases}");
    assert!(certified >= 45, "{certified} of {cases}");
}
