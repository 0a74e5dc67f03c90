//! What stands before the numbers of a `.npy` file.

use ndarray_npy::npy::header::Header;

/// A header is a dictionary with a tuple and, of structures, a list of tuples in it. What nests deeper, or is
/// longer than numpy reads, is refused before it is parsed: the time of that grows as a power of the depth.
const DEEPEST: usize = 3;
pub(super) const LONGEST: u32 = 10_000;

/// Reads what stands before the numbers; what is left are those.
pub(crate) fn read_header(bytes: &mut &[u8]) -> Result<Header, String> {
    if nests(text(bytes)?) {
        return Err("its header nests too deep".to_owned());
    }
    Header::from_reader(bytes).map_err(|error| error.to_string())
}

/// The text of an array's header, as long as is said before it, or as far as there are bytes; an error if that
/// is longer than numpy reads. Of no array it is empty: then there is nothing to parse.
fn text(bytes: &[u8]) -> Result<&[u8], String> {
    let Some((major, rest)) =
        bytes.split_at_checked(8).map(|(beginning, rest)| (beginning[6], rest))
    else {
        return Ok(&[]);
    };
    let (length, text) = match (major, rest) {
        (1, &[a, b, ref text @ ..]) => (u32::from(u16::from_le_bytes([a, b])), text),
        (2.., &[a, b, c, d, ref text @ ..]) => (u32::from_le_bytes([a, b, c, d]), text),
        _ => return Ok(&[]),
    };
    if length > LONGEST {
        return Err(format!("its header has {length} bytes, expected at most {LONGEST}"));
    }
    Ok(&text[..text.len().min(length as usize)])
}

/// Whether a header has brackets in brackets deeper than one does, or a dictionary within them. Those in strings
/// are none.
fn nests(header: &[u8]) -> bool {
    let (mut depth, mut quote, mut is_hidden) = (0_usize, None, false);
    let mut bytes = header.iter().copied();
    while let Some(byte) = bytes.next() {
        match (quote, byte) {
            // The name of a character may have quotes in it, and no header has one.
            (Some(_), b'\\') => is_hidden = bytes.next() == Some(b'N'),
            (Some(end), _) if byte == end => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(byte),
            // Of all brackets these take the parser longest.
            (None, b'{') if depth > 0 => return true,
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b')' | b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if is_hidden || depth > DEEPEST {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The header of numbers of this type and shape.
    fn described(dtype: &str, shape: &str) -> String {
        format!("{{'descr': {dtype}, 'fortran_order': False, 'shape': {shape}, }}  \n")
    }

    #[test]
    fn a_header_nests_no_deeper_than_a_dictionary_with_a_list_of_tuples_wherever_the_brackets_stand()
     {
        let shallow = [
            described("'<f8'", "(2, 3)"),
            described("[('x', '<f8'), ('y', '<f4')]", "()"),
            described(r#"[('((([[[', '<f8'), ('}\'{"\\', '<f4'), ("'[(", 'i1')]"#, "(1,)"),
            "()[]{}".repeat(100),
        ];
        for text in &shallow {
            assert!(!nests(text.as_bytes()), "{text}");
        }
        let before = ["", "\n", "\r\n\n", "']]]]]]'", "'\\''", "\"'\\\"])}\"", "'\n'", "]})"];
        for (open, close) in [('(', ')'), ('[', ']'), ('{', '}')] {
            for before in before {
                for depth in [4, 5, 9] {
                    let [open, close] = [open, close].map(|c| c.to_string().repeat(depth));
                    let text = format!("{before}{open}1{close}");
                    assert!(nests(text.as_bytes()), "{text}");
                    let inner = described("'<f8'", &format!("({before}{open})"));
                    assert!(nests(inner.as_bytes()), "{inner}");
                }
            }
        }
        for text in ["{{1}}", "[{}]", "({'a': 1},)", "'{'\n{'\\'':{1:2}}"] {
            assert!(nests(text.as_bytes()), "{text}");
        }
        // What another reader takes for one string.
        assert!(nests(br"{'\N{'}': 1}"));
    }

    #[test]
    fn a_header_is_as_long_as_is_said_and_no_longer_than_numpy_reads() {
        let npy = |major: u8, length: u32, text: &str| {
            let length = length.to_le_bytes();
            let length = if major == 1 { &length[..2] } else { &length[..] };
            [b"\x93NUMPY", &[major, 0][..], length, text.as_bytes()].concat()
        };
        for major in [1, 2, 3] {
            assert_eq!(text(&npy(major, 4, "{1}\n[[")), Ok(&b"{1}\n"[..]));
            assert_eq!(text(&npy(major, 10_000, "{1}")), Ok(&b"{1}"[..]));
            assert!(text(&npy(major, 10_001, "{1}")).is_err());
            for end in 0..10 {
                assert_eq!(text(&npy(major, 4, "")[..end]), Ok(&b""[..]));
            }
        }
        assert!(text(&npy(3, u32::MAX, "{1}")).is_err());
    }
}
