//! Numbers as they are written: by their bits, so that NaN and infinities come back.

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Numbers that are written as whole numbers where people may read them, and as bytes elsewhere.
#[derive(Debug, PartialEq)]
pub(super) struct Numbers(pub(super) Vec<f64>);

impl Serialize for Numbers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bits = self.0.iter().map(|x| x.to_bits());
        if serializer.is_human_readable() {
            serializer.collect_seq(bits)
        } else {
            serializer.serialize_bytes(&bits.flat_map(u64::to_le_bytes).collect::<Vec<u8>>())
        }
    }
}

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let bits = Vec::<u64>::deserialize(deserializer)?;
            Ok(Numbers(bits.into_iter().map(f64::from_bits).collect()))
        } else {
            deserializer.deserialize_bytes(Bytes)
        }
    }
}

struct Bytes;

impl<'de> Visitor<'de> for Bytes {
    type Value = Numbers;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes of numbers, 8 each")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Numbers, E> {
        match bytes.as_chunks::<8>() {
            (numbers, []) => Ok(Numbers(numbers.iter().map(|x| f64::from_le_bytes(*x)).collect())),
            _ => Err(E::invalid_length(bytes.len(), &self)),
        }
    }

    /// Formats that have no bytes of their own.
    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Numbers, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = sequence.next_element::<u8>()? {
            bytes.push(byte);
        }
        self.visit_bytes(&bytes)
    }
}
