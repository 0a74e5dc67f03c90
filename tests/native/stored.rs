//! From stored programs to native code: what is damaged is an error, or another program; it never crashes.

use wengert::objective;
use wengert::program::{Columns, Program};

fn programs() -> Vec<Program> {
    let small = objective!(|[a, b, c]| {
        let scaled = if a > 0.0 { a } else { b };
        (scaled * b).tanh() + (b - c).abs() * c.max(a)
    });
    let small = Program::record(&small, &[0.5, 0.25, 1.0], &[]).expect("a recording");
    let long = objective!(|x| x.windows(2).map(|p| (p[1] - p[0] * p[0]).square()).sum());
    let long = Program::record(&long, &[0.3; 40], &[]).expect("a recording");
    let rows = objective!(|[a, b], [x, y]| (a * a * x + b - y).abs());
    let rows = Program::record(&rows, &[0.1, 0.2], &[1.0, 2.0]).expect("a recording");
    vec![small.clone().gradient(), small.hessian(), long.gradient(), rows.mean().gradient()]
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % n as u64) as usize
    }
}

/// Bytes replaced, digits changed, pieces cut out or doubled.
fn damaged(text: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = text.to_vec();
    for _ in 0..1 + random.below(3) {
        let at = random.below(bytes.len());
        match random.below(4) {
            0 => bytes[at] = random.below(256) as u8,
            1 => {
                let digit = bytes[at..].iter().position(u8::is_ascii_digit);
                if let Some(found) = digit {
                    bytes[at + found] = b'0' + random.below(10) as u8;
                }
            }
            2 => {
                let to = bytes.len().min(at + 1 + random.below(12));
                bytes.drain(at..to);
            }
            _ => {
                let piece = bytes[at..bytes.len().min(at + 1 + random.below(12))].to_vec();
                bytes.splice(at..at, piece);
            }
        }
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

#[test]
fn damage_is_an_error_or_another_program_that_runs_alike() {
    let mut random = Random(7);
    let [mut refused, mut alike] = [0; 2];
    for program in programs() {
        let text = serde_json::to_vec(&program).expect("a stored program");
        for _ in 0..400 {
            let Ok(read) = serde_json::from_slice::<Program>(&damaged(&text, &mut random)) else {
                refused += 1;
                continue;
            };
            if read.parameter_count() > 1000 || read.column_count() > 10 {
                assert!(
                    read.compile_native().is_ok()
                        || read.compile_best().call(&[], &mut []).is_err()
                );
                continue;
            }
            let at: Vec<f64> =
                (0..read.parameter_count()).map(|i| (i as f64 + 0.5).sin()).collect();
            let columns = vec![vec![0.5, 1.5, 1.0]; read.column_count()];
            let slices: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
            let data = Columns::new(&slices).expect("columns");
            let Ok(mut native) = read.compile_native() else { continue };
            let mut interpreted = read.compile();
            match (native.run(&at, &data), interpreted.run(&at, &data)) {
                (Ok(found), Ok(expected)) => {
                    alike += 1;
                    for output in 0..expected.output_count() {
                        let pairs = found.output(output).iter().zip(expected.output(output));
                        for (a, b) in pairs {
                            assert!(a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan());
                        }
                    }
                }
                (found, expected) => assert_eq!(found.err(), expected.err()),
            }
        }
    }
    assert!(refused > 100 && alike > 100, "{refused} refused, {alike} alike");
}
