//! Text constants: quotes and escapes.

use super::{Span, SyntaxError};

/// Reads the constant that opens at `start` (its quote at `quote`, after an
/// `r` when `raw`); gives the text and where it ends.
pub(super) fn read(
    src: &str,
    start: usize,
    quote: usize,
    raw: bool,
) -> Result<(String, usize), SyntaxError> {
    let mark = src.as_bytes()[quote];
    let mut out = String::new();
    let mut at = quote + 1;
    loop {
        let Some(c) = src[at..].chars().next() else {
            return Err(open(start, at));
        };
        match c {
            c if c as u32 == u32::from(mark) => return Ok((out, at + 1)),
            '\n' | '\r' => return Err(open(start, at)),
            '\\' if !raw => at = escape(src, at, &mut out)?,
            c => {
                out.push(c);
                at += c.len_utf8();
            }
        }
    }
}

fn open(start: usize, end: usize) -> SyntaxError {
    SyntaxError::new(Span::new(start, end), "this text has no closing quote")
}

/// Reads the escape at `at`; gives where it ends.
fn escape(src: &str, at: usize, out: &mut String) -> Result<usize, SyntaxError> {
    let Some(c) = src[at + 1..].chars().next() else {
        return Err(open(at, at + 1));
    };
    let plain = match c {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '\\' | '?' | '"' | '\'' | '`' => c,
        'x' | 'X' => return code(src, at, 2, 2, 16, out),
        'u' => return code(src, at, 2, 4, 16, out),
        'U' => return code(src, at, 2, 8, 16, out),
        '0'..='3' => return code(src, at, 1, 3, 8, out),
        _ => {
            return Err(SyntaxError::new(
                Span::new(at, at + 1 + c.len_utf8()),
                format!("unknown escape \\{c}"),
            )
            .help(r#"write r"…" for text with backslashes, as regular expressions have"#));
        }
    };
    out.push(plain);
    Ok(at + 2)
}

/// Reads `digits` digits that begin `skip` bytes after `at`.
fn code(
    src: &str,
    at: usize,
    skip: usize,
    digits: usize,
    radix: u32,
    out: &mut String,
) -> Result<usize, SyntaxError> {
    let end = at + skip + digits;
    let c = src
        .get(at + skip..end)
        .filter(|d| d.chars().all(|c| c.is_digit(radix)))
        .and_then(|d| u32::from_str_radix(d, radix).ok())
        .and_then(char::from_u32);
    match c {
        Some(c) => {
            out.push(c);
            Ok(end)
        }
        None => Err(SyntaxError::new(
            Span::new(at, at + skip),
            format!("this escape needs {digits} digits that name a character"),
        )),
    }
}
