//! Characters → tokens.

use super::{Span, SyntaxError, text};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Ident(String),
    Int(u64),
    Double(f64),
    Str(String),
    Sign(&'static str),
    End,
}

/// Longest first, so that `<=` is not read as `<`.
const SIGNS: [&str; 24] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "-", "+", "*", "/", "%", "?", ":", ".", ",",
    "(", ")", "[", "]", "{", "}",
];

/// All tokens of `src`, `End` last.
pub(super) fn lex(src: &str) -> Result<Vec<(Token, Span)>, SyntaxError> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(c) = src[at..].chars().next() {
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        let (token, end) = one(src, at, c)?;
        out.push((token, Span::new(at, end)));
        at = end;
    }
    out.push((Token::End, Span::new(src.len(), src.len())));
    Ok(out)
}

fn one(src: &str, at: usize, c: char) -> Result<(Token, usize), SyntaxError> {
    let rest = &src[at..];
    let next = rest[c.len_utf8()..].chars().next();
    match c {
        '"' | '\'' => {
            let (s, end) = text::read(src, at, at, false)?;
            Ok((Token::Str(s), end))
        }
        'r' | 'R' if matches!(next, Some('"' | '\'')) => {
            let (s, end) = text::read(src, at, at + 1, true)?;
            Ok((Token::Str(s), end))
        }
        'b' | 'B' if matches!(next, Some('"' | '\'')) => Err(SyntaxError::new(
            Span::new(at, at + 1),
            "byte constants are not part of this language",
        )),
        '_' | 'a'..='z' | 'A'..='Z' => {
            let len = rest
                .find(|c: char| c != '_' && !c.is_ascii_alphanumeric())
                .unwrap_or(rest.len());
            Ok((Token::Ident(rest[..len].to_owned()), at + len))
        }
        '0'..='9' => number(src, at),
        '.' if next.is_some_and(|c| c.is_ascii_digit()) => number(src, at),
        _ => sign(rest, at, c),
    }
}

fn sign(rest: &str, at: usize, c: char) -> Result<(Token, usize), SyntaxError> {
    if rest.starts_with("//") {
        // A folded YAML text joins its lines: the comment would swallow the rest.
        return Err(
            SyntaxError::new(Span::new(at, at + 2), "an expression holds no comments")
                .help("write it as a YAML comment (#) above the field"),
        );
    }
    if let Some(s) = SIGNS.iter().find(|s| rest.starts_with(**s)) {
        return Ok((Token::Sign(s), at + s.len()));
    }
    let span = Span::new(at, at + c.len_utf8());
    let error = SyntaxError::new(span, format!("unexpected character {c:?}"));
    Err(match c {
        '=' => error.help("equality is written =="),
        '&' => error.help("and is written &&"),
        '|' => error.help("or is written ||"),
        _ => error,
    })
}

fn number(src: &str, at: usize) -> Result<(Token, usize), SyntaxError> {
    let rest = &src[at..];
    let bad = |end: usize, m: &str| Err(SyntaxError::new(Span::new(at, at + end), m));
    let (token, end) = if rest.starts_with("0x") || rest.starts_with("0X") {
        let end = 2 + run(&rest[2..], |c| c.is_ascii_hexdigit());
        match u64::from_str_radix(&rest[2..end], 16) {
            Ok(n) => (Token::Int(n), end),
            Err(_) => return bad(end, "not a whole number of 64 bits"),
        }
    } else {
        let end = decimal(rest);
        let digits = &rest[..end];
        let token = if digits.bytes().all(|b| b.is_ascii_digit()) {
            digits.parse().ok().map(Token::Int)
        } else {
            digits.parse().ok().map(Token::Double)
        };
        match token {
            Some(t) => (t, end),
            None => return bad(end, "not a whole number of 64 bits"),
        }
    };
    let tail = run(&rest[end..], |c| c == '_' || c.is_ascii_alphanumeric());
    if tail > 0 {
        return bad(end + tail, "a number ends in letters here");
    }
    Ok((token, at + end))
}

/// Length of the decimal number that `rest` begins with.
fn decimal(rest: &str) -> usize {
    let digit = |c: char| c.is_ascii_digit();
    let mut end = run(rest, digit);
    let b = rest.as_bytes();
    if b.get(end) == Some(&b'.') && b.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end += 1 + run(&rest[end + 1..], digit);
    }
    if matches!(b.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(b.get(end + 1), Some(b'+' | b'-')));
        let digits = rest.get(end + 1 + sign..).map_or(0, |r| run(r, digit));
        if digits > 0 {
            end += 1 + sign + digits;
        }
    }
    end
}

fn run(s: &str, f: impl Fn(char) -> bool) -> usize {
    s.find(|c| !f(c)).unwrap_or(s.len())
}
