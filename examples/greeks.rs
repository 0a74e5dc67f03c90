//! The Greeks of an option: how its price moves with what it depends on, to second order.
//!
//! ```text
//! cargo run --release --example greeks
//! ```
//!
//! The price of Black and Scholes is written once, as an ordinary expression. Numbers that carry second
//! derivatives (`Dual2`) give delta and vega, gamma, vanna and volga from one evaluation; a tape gives all first
//! derivatives. Both are compared with the closed forms. Then the same option is priced by paths: a program
//! over a column of normal numbers gives the mean of the payoff and its derivatives, path by path.

use std::error::Error;
use std::f64::consts::PI;
use wengert::program::{Columns, Program};
use wengert::{Dual2, Scalar, gradient_array, objective};

/// What the price of a call depends on.
#[derive(Clone, Copy, Debug)]
struct Call<T> {
    /// The price of the share today.
    spot: T,
    /// The price at which the holder may buy.
    strike: f64,
    /// Interest a year, compounded continuously.
    rate: T,
    /// The standard deviation of the share's logarithm in a year.
    volatility: T,
    /// Years until the holder may buy.
    years: T,
}

/// `S Φ(d₁) - K e^(-rt) Φ(d₂)`. F. Black and M. Scholes, "The pricing of options and corporate liabilities",
/// Journal of Political Economy 81(3), 1973.
fn price<T: Scalar>(call: Call<T>) -> T {
    let Call { spot, strike, rate, volatility, years } = call;
    let spread = volatility * years.sqrt();
    let d1 = ((spot / strike).ln() + (rate + volatility.square() / 2.0) * years) / spread;
    let d2 = d1 - spread;
    spot * d1.normal_cdf() - strike * (-rate * years).exp() * d2.normal_cdf()
}

/// Delta, vega, theta, rho; gamma, vanna, volga.
type Greeks = [f64; 7];
const NAMES: [&str; 7] = ["delta", "vega", "theta", "rho", "gamma", "vanna", "volga"];

fn closed_forms(call: Call<f64>) -> Greeks {
    let Call { spot: s, strike: k, rate: r, volatility: v, years: t } = call;
    let spread = v * t.sqrt();
    let d1 = ((s / k).ln() + (r + v * v / 2.0) * t) / spread;
    let d2 = d1 - spread;
    let density = (-d1 * d1 / 2.0).exp() / (2.0 * PI).sqrt();
    let owed = k * (-r * t).exp() * d2.normal_cdf();
    let vega = s * density * t.sqrt();
    [
        d1.normal_cdf(),
        vega,
        s * density * v / (2.0 * t.sqrt()) + r * owed, // by the years that are left
        t * owed,
        density / (s * spread),
        -density * d2 / v,
        vega * d1 * d2 / v,
    ]
}

/// All of them by differentiation of [`price`].
fn greeks(call: Call<f64>) -> (f64, Greeks) {
    let [spot, volatility] = Dual2::seeds([call.spot, call.volatility]);
    let (rate, years) = (call.rate.into(), call.years.into());
    let second = price(Call { spot, strike: call.strike, rate, volatility, years });
    let [delta, vega] = second.gradient();
    let [[gamma, vanna], [_, volga]] = second.hessian();
    let Call { spot, strike, rate, volatility, years } = call;
    let (value, [_, rho, _, theta]) = gradient_array(
        |[spot, rate, volatility, years]| price(Call { spot, strike, rate, volatility, years }),
        [spot, rate, volatility, years],
    );
    assert_eq!(second.value(), value);
    (value, [delta, vega, theta, rho, gamma, vanna, volga])
}

/// Normal numbers that fill the line evenly: quantiles of a sequence of van der Corput.
fn normal_numbers(n: u32) -> Vec<f64> {
    let uniform = |i: u32| (f64::from(i.reverse_bits()) + 0.5) / f64::from(u32::MAX);
    (1..=n).map(|i| (2.0 * uniform(i) - 1.0).erf_inv() * 2_f64.sqrt()).collect()
}

/// Price, delta, vega and rho as means over paths.
fn by_paths(call: Call<f64>, paths: u32) -> Result<(f64, [f64; 3]), Box<dyn Error>> {
    let Call { spot, strike, rate, volatility, years } = call;
    let payoff = objective!((strike: f64, years: f64) |[s, v, r], [z]| {
        let end = s * ((r - v.square() / 2.0) * years + v * z * years.sqrt()).exp();
        (-r * years).exp() * (end - strike).relu()
    });
    let at = [spot, volatility, rate];
    let program = Program::record(&payoff, &at, &[1.0])?.mean().gradient();
    let z = normal_numbers(paths);
    let mut sweep = program.compile();
    let found = sweep.run(&at, &Columns::new(&[&z])?)?;
    let &[delta, vega, rho] = found.gradient() else { unreachable!("three parameters") };
    Ok((found.value(), [delta, vega, rho]))
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("A call on a share at 100, a quarter of a year, 2 % interest, 30 % volatility\n");
    print!("{:>7}{:>10}", "strike", "price");
    NAMES.iter().for_each(|name| print!("{name:>10}"));
    println!("{:>12}", "worst error");
    let mut worst = 0.0_f64;
    for strike in [60.0, 80.0, 90.0, 100.0, 110.0, 120.0, 150.0] {
        let call = Call { spot: 100.0, strike, rate: 0.02, volatility: 0.3, years: 0.25 };
        let (value, found) = greeks(call);
        let errors = found.iter().zip(closed_forms(call)).map(|(x, want)| (x / want - 1.0).abs());
        let error = errors.fold(0.0, f64::max);
        print!("{strike:>7}{value:>10.4}");
        found.iter().for_each(|x| print!("{x:>10.4}"));
        println!("{error:>12.1e}");
        worst = worst.max(error);
    }
    assert!(worst < 1e-11, "off by {worst:e} of the closed forms");

    let call = Call { spot: 100.0, strike: 105.0, rate: 0.02, volatility: 0.3, years: 0.25 };
    let [delta, vega, _, rho, ..] = closed_forms(call);
    let want = [price(call), delta, vega, rho];
    println!("\nAt strike 105 by a million paths, and by the closed forms");
    let (value, [delta, vega, rho]) = by_paths(call, 1_000_000)?;
    for ((name, got), want) in
        ["price", "delta", "vega", "rho"].into_iter().zip([value, delta, vega, rho]).zip(want)
    {
        println!("{name:>7}{got:>12.6}{want:>12.6}");
        assert!((got / want - 1.0).abs() < 1e-3, "{name} by paths is {got}, not {want}");
    }
    // The payoff has a kink, so its second derivative along a path says nothing of gamma.
    Ok(())
}
