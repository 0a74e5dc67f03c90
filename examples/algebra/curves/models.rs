//! The models of the collection, each written once as it is published.

use std::f64::consts::PI;
use wengert::objective;
use wengert::program::{Program, RecordError};

/// The residuals of the model of this name, model less response, if there is one.
pub(crate) fn record(
    name: &str,
    start: &[f64],
    row: &[f64],
) -> Option<Result<Program, RecordError>> {
    macro_rules! by_name {
        ($($($name:literal)|+ => |$parameters:tt, $row:tt| $residual:expr),+ $(,)?) => {
            match name {
                $($($name)|+ => Program::record(&objective!(|$parameters, $row| $residual), start, row),)+
                _ => return None,
            }
        };
    }
    Some(by_name! {
        "Bennett5" => |[b1, b2, b3], [y, x]| b1 * (b2 + x).powf(-b3.recip()) - y,
        "BoxBOD" | "Misra1a" => |[b1, b2], [y, x]| b1 * (1.0 - (-b2 * x).exp()) - y,
        "Chwirut1" | "Chwirut2" => |[b1, b2, b3], [y, x]| (-b1 * x).exp() / (b2 + b3 * x) - y,
        "DanWood" => |[b1, b2], [y, x]| b1 * x.powf(b2) - y,
        "ENSO" => |b, [y, x]| {
            let wave = |a: T, b: T, period: T| {
                let phase = x * (2.0 * PI) / period;
                a * phase.cos() + b * phase.sin()
            };
            b[0] + wave(b[1], b[2], T::from(12.0)) + wave(b[4], b[5], b[3])
                + wave(b[7], b[8], b[6]) - y
        },
        "Eckerle4" => |[b1, b2, b3], [y, x]| b1 / b2 * (((x - b3) / b2).square() * -0.5).exp() - y,
        "Gauss1" | "Gauss2" | "Gauss3" => |b, [y, x]| {
            let peak = |b: &[T]| b[0] * (-((x - b[1]).square() / b[2].square())).exp();
            b[0] * (-b[1] * x).exp() + peak(&b[2..5]) + peak(&b[5..8]) - y
        },
        "Hahn1" | "Thurber" => |[b1, b2, b3, b4, b5, b6, b7], [y, x]| {
            (b1 + x * (b2 + x * (b3 + x * b4))) / (1.0 + x * (b5 + x * (b6 + x * b7))) - y
        },
        "Kirby2" => |[b1, b2, b3, b4, b5], [y, x]| {
            (b1 + x * (b2 + x * b3)) / (1.0 + x * (b4 + x * b5)) - y
        },
        "Lanczos1" | "Lanczos2" | "Lanczos3" => |b, [y, x]| {
            b.chunks(2).map(|b| b[0] * (-b[1] * x).exp()).sum::<T>() - y
        },
        "MGH09" => |[b1, b2, b3, b4], [y, x]| {
            b1 * (x.square() + x * b2) / (x.square() + x * b3 + b4) - y
        },
        "MGH10" => |[b1, b2, b3], [y, x]| b1 * (b2 / (x + b3)).exp() - y,
        "MGH17" => |[b1, b2, b3, b4, b5], [y, x]| b1 + b2 * (-x * b4).exp() + b3 * (-x * b5).exp() - y,
        "Misra1b" => |[b1, b2], [y, x]| b1 * (1.0 - (1.0 + b2 * x / 2.0).powi(-2)) - y,
        "Misra1c" => |[b1, b2], [y, x]| b1 * (1.0 - (1.0 + b2 * x * 2.0).powf(-0.5)) - y,
        "Misra1d" => |[b1, b2], [y, x]| b1 * b2 * x / (1.0 + b2 * x) - y,
        // Of the logarithm of the response, as it is certified.
        "Nelson" => |[b1, b2, b3], [y, x1, x2]| b1 - b2 * x1 * (-b3 * x2).exp() - y.ln(),
        "Rat42" => |[b1, b2, b3], [y, x]| b1 / (1.0 + (b2 - b3 * x).exp()) - y,
        "Rat43" => |[b1, b2, b3, b4], [y, x]| {
            b1 / (1.0 + (b2 - b3 * x).exp()).powf(b4.recip()) - y
        },
        "Roszman1" => |[b1, b2, b3, b4], [y, x]| b1 - b2 * x - (b3 / (x - b4)).atan() / PI - y,
    })
}
