//! Secrets in wrappings: percent-encoding (policies of IAM), `\u` escapes (JSON of
//! some Java services), base64 (user data and the like).

use std::ops::Range;

/// Shortest run of base64 that is looked into; below it no secret has its name.
const SHORTEST: usize = 24;

/// A text with its escapes undone, and where each part came from.
pub(crate) struct View {
    pub(crate) text: Vec<u8>,
    /// Position here and position in the text, ascending; between two entries
    /// both run along.
    places: Vec<(usize, usize)>,
}

impl View {
    /// `None`: nothing is escaped.
    pub(crate) fn of(text: &[u8]) -> Option<Self> {
        let mut out = Vec::new();
        let mut places = vec![(0, 0)];
        let mut at = 0;
        while let Some(&byte) = text.get(at) {
            if let Some((byte, length)) = escape(text.get(at..).unwrap_or_default()) {
                places.push((out.len(), at));
                out.push(byte);
                at += length;
                places.push((out.len(), at));
            } else {
                out.push(byte);
                at += 1;
            }
        }
        (places.len() > 1).then_some(Self { text: out, places })
    }

    /// Where a part of this view stands in the text.
    pub(crate) fn back(&self, r: &Range<usize>) -> Range<usize> {
        self.place(r.start)..self.place(r.end)
    }

    fn place(&self, at: usize) -> usize {
        let after = self.places.partition_point(|(here, _)| *here <= at);
        let (here, there) = self.places.get(after - 1).copied().unwrap_or_default();
        there + (at - here)
    }
}

/// A printable character that is escaped at the beginning of `text`, and the
/// length of the escape. A backslash that JSON escapes stays escaped: it may be the
/// beginning of an escape within.
fn escape(text: &[u8]) -> Option<(u8, usize)> {
    let (digits, length, backslash) = match text {
        [b'%', a, b, ..] => ([*a, *b], 3, true),
        [b'\\', ..] => {
            let slashes = text.iter().take_while(|b| **b == b'\\').count();
            match text.get(slashes..) {
                Some([b'u', b'0', b'0', a, b, ..]) => ([*a, *b], slashes + 5, false),
                _ => return None,
            }
        }
        _ => return None,
    };
    let digit = |d: u8| (d as char).to_digit(16);
    let value = u8::try_from(digit(digits[0])? * 16 + digit(digits[1])?).ok()?;
    let printable =
        matches!(value, b'\t' | b'\n' | b'\r' | b' '..=b'~') && (backslash || value != b'\\');
    printable.then_some((value, length))
}

/// Runs of base64 whose contents `holds` says to hold a secret. Compressed ones
/// are not looked into, and stay: paging tokens are among them.
pub(crate) fn base64(text: &[u8], holds: &dyn Fn(&[u8]) -> bool) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|r| !r.is_empty()) {
        // Words, mostly.
        let short = rest.iter().take_while(|b| value(**b).is_some()).count();
        let slash = rest.get(short..).is_some_and(|r| r.starts_with(b"\\/"));
        if short < SHORTEST && !(short > 0 && slash) {
            at += short.max(1);
            continue;
        }
        let (digits, end) = run(text, at);
        if digits.len() >= SHORTEST && inside(&digits, holds) {
            found.push(at..end);
        }
        at = end.max(at + 1);
    }
    found
}

/// The values of the digits that begin at `at`, and where they end with their
/// padding. Lines that are broken are one run.
fn run(text: &[u8], from: usize) -> (Vec<u8>, usize) {
    let mut digits = Vec::new();
    let (mut at, mut line) = (from, 0);
    loop {
        let rest = text.get(at..).unwrap_or_default();
        match rest {
            [b, ..] if value(*b).is_some() => {
                digits.push(*b);
                line += 1;
                at += 1;
            }
            // A slash that JSON escapes.
            [b'\\', b'/', ..] if line > 0 => {
                digits.push(b'/');
                line += 1;
                at += 2;
            }
            _ => match line_end(rest) {
                Some(n) if line >= 40 => {
                    line = 0;
                    at += n;
                }
                _ => break,
            },
        }
    }
    let padding = text.get(at..).unwrap_or_default();
    at += padding.iter().take(2).take_while(|b| **b == b'=').count();
    (digits, at)
}

/// The length of a line's end before more digits, escaped or not.
fn line_end(text: &[u8]) -> Option<usize> {
    let one = |text: &[u8]| match text {
        [b'\n' | b'\r', ..] => Some(1),
        [b'\\', ..] => {
            let slashes = text.iter().take_while(|b| **b == b'\\').count();
            matches!(text.get(slashes), Some(b'n' | b'r')).then_some(slashes + 1)
        }
        _ => None,
    };
    let first = one(text)?;
    let all = first + one(text.get(first..)?).unwrap_or_default();
    let next = text.get(all)?;
    value(*next).map(|_| all)
}

fn value(digit: u8) -> Option<u32> {
    Some(u32::from(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    }))
}

fn inside(digits: &[u8], holds: &dyn Fn(&[u8]) -> bool) -> bool {
    // Most runs are names and digests: their beginning tells.
    let (start, _) = digits.split_at(16.min(digits.len()));
    let start = decode(start);
    let wide = start.chunks(2).all(|c| matches!(c, [_, 0] | [_]));
    let readable = |b: &u8| matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0x80..);
    if wide {
        // UTF-16, as PowerShell takes it.
        let narrow: Vec<u8> = decode(digits).into_iter().step_by(2).collect();
        return holds(&narrow);
    }
    start.iter().all(readable) && holds(&decode(digits))
}

fn decode(digits: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    for four in digits.chunks(4) {
        let bits = four.iter().fold(0, |n, d| n << 6 | value(*d).unwrap_or(0));
        let bits = bits << (6 * (4 - four.len()));
        let bytes = bits.to_be_bytes();
        let n = four.len().saturating_sub(1);
        out.extend_from_slice(bytes.get(1..=n).unwrap_or_default());
    }
    out
}
