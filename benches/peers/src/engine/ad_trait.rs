//! `ad_trait`: its reverse mode, a graph for each thread.

use super::{add, by_chunks};
use crate::number::{Beside, Number};
use crate::rows::{self, RowLoss};
use ad_trait::AD;
use ad_trait::nalgebra::ComplexField;
use ad_trait::reverse_ad::adr::adr;
use std::ops::{Add, Mul, Neg, Sub};

/// Its number, with operators for plain numbers.
#[derive(Clone, Copy)]
struct Adr(adr);

impl Neg for Adr {
    type Output = Adr;

    #[inline]
    fn neg(self) -> Adr {
        Adr(-self.0)
    }
}

macro_rules! operator {
    ($Trait:ident $method:ident, |$a:ident, $c:ident| $scalar:expr) => {
        impl $Trait for Adr {
            type Output = Adr;

            #[inline]
            fn $method(self, other: Adr) -> Adr {
                Adr($Trait::$method(self.0, other.0))
            }
        }

        impl $Trait<f64> for Adr {
            type Output = Adr;

            #[inline]
            fn $method(self, $c: f64) -> Adr {
                let $a = self.0;
                Adr($scalar)
            }
        }
    };
}
operator!(Add add, |a, c| AD::add_scalar(c, a));
operator!(Sub sub, |a, c| AD::sub_r_scalar(a, c));
operator!(Mul mul, |a, c| AD::mul_scalar(c, a));

impl Number for Adr {
    fn value(self) -> f64 {
        self.0.value()
    }

    #[inline]
    fn abs(self) -> Self {
        Adr(ComplexField::abs(self.0))
    }

    #[inline]
    fn exp(self) -> Self {
        Adr(ComplexField::exp(self.0))
    }

    #[inline]
    fn ln(self) -> Self {
        Adr(ComplexField::ln(self.0))
    }

    #[inline]
    fn ln_1p(self) -> Self {
        Adr(ComplexField::ln_1p(self.0))
    }
}

impl Beside<f64> for Adr {}
impl Beside<Adr> for Adr {}

/// Records and sweeps, and returns the value.
fn gradient(at: &[f64], sum: &mut [f64], loss: impl FnOnce(&[Adr]) -> Adr) -> f64 {
    let vars = at.iter().enumerate().map(|(i, &x)| Adr(adr::new_variable(x, i == 0)));
    let vars: Vec<Adr> = vars.collect();
    let loss = loss(&vars);
    let found = loss.0.get_backwards_mode_grad();
    add(sum, vars.iter().map(|var| found.wrt(&var.0)));
    loss.value()
}

pub(crate) fn rows<L: RowLoss>(at: &[f64], rows: &[f64], chunk: usize, out: &mut [f64]) -> f64 {
    by_chunks::<L>(rows, chunk, out, |rows, out| gradient(at, out, |x| L::sum(x, rows)))
}

pub(crate) fn rosenbrock(x: &[f64], out: &mut [f64]) -> f64 {
    out.fill(0.0);
    gradient(x, out, rows::rosenbrock)
}
