//! Descent to the kink: minima, and certificates that are checked without the search.

mod bounds;
mod curved;
mod degenerate;
mod large;
mod level;
mod linear;
mod misuse;
mod narrow;
mod nist;
mod proved;
mod refuted;
mod rounded;
mod units;

use wengert::optim::Certificate;

/// A reproducible stream of numbers (Steele, Lea and Flood, OOPSLA 2014).
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// Laplace's distribution.
    fn laplace(&mut self) -> f64 {
        let u = self.unit() - 0.5;
        -u.signum() * (1.0 - 2.0 * u.abs()).ln()
    }
}

/// What a certificate says of itself must fit together.
fn assert_consistent(found: &Certificate, n: usize) {
    let scale: f64 = found.kinks().iter().map(|k| k.weight().abs()).sum::<f64>()
        + found.rest().iter().map(|g| g.abs()).sum::<f64>()
        + 1.0;
    let close = |sum: &[f64], what: &str| {
        for (a, b) in sum.iter().zip(found.least()) {
            assert!((a - b).abs() <= 1e-10 * scale, "{what}: {sum:?}\n{found}");
        }
    };
    let mut sum = vec![0.0; n];
    let mut shares = 0.0;
    for (share, gradient) in found.pieces() {
        assert!(*share >= 0.0);
        shares += share;
        sum.iter_mut().zip(gradient).for_each(|(s, g)| *s += share * g);
    }
    assert!((shares - 1.0).abs() < 1e-12);
    close(&sum, "pieces");
    for kink in found.kinks() {
        let sides = [kink.sides().left, kink.sides().right];
        let [low, high] = [sides[0].min(sides[1]), sides[0].max(sides[1])];
        assert!((low - 1e-12..=high + 1e-12).contains(&kink.slope()), "{found}");
    }
    if !found.is_nested() {
        let mut sum = found.rest().to_vec();
        for bound in found.bounds() {
            let sign = if bound.is_upper() { 1.0 } else { -1.0 };
            sum[bound.place()] += sign * bound.multiplier();
        }
        for kink in found.kinks() {
            let by = kink.weight() * kink.slope();
            sum.iter_mut().zip(kink.row()).for_each(|(s, a)| *s += by * a);
        }
        close(&sum, "kinks");
    }
}
