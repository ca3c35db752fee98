//! Pieces of Markdown out of plain text.

use shoseki_model::Lang;

/// The text in `lang`.
pub fn pick<'t>(lang: Lang, ja: &'t str, en: &'t str) -> &'t str {
    match lang {
        Lang::Ja => ja,
        Lang::En => en,
    }
}

/// Plain text, with everything escaped that Markdown or HTML would take for a sign.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim().chars() {
        push_plain(&mut out, c);
    }
    // A number or sign at the beginning would make a list or a heading.
    if out.starts_with(['#', '+', '-', '=']) || out.starts_with(|c: char| c.is_ascii_digit()) {
        let first = out.chars().next().unwrap_or('0');
        if first.is_ascii_digit() {
            let digits = out.chars().take_while(char::is_ascii_digit).count();
            if matches!(out.as_bytes().get(digits), Some(b'.' | b')')) {
                out.insert(digits, '\\');
            }
        } else {
            out.insert(0, '\\');
        }
    }
    out
}

fn push_plain(out: &mut String, c: char) {
    match c {
        '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '{' | '}' => {
            out.push('\\');
            out.push(c);
        }
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '&' => out.push_str("&amp;"),
        '\n' => out.push(' '),
        _ => out.push(c),
    }
}

/// Plain text of several paragraphs.
pub fn paragraphs(text: &str) -> String {
    let all: Vec<String> = text
        .trim()
        .split("\n\n")
        .map(plain)
        .filter(|p| !p.is_empty())
        .collect();
    all.join("\n\n")
}

/// A name as it is written, in code type; also in a table's cell.
pub fn code(text: &str) -> String {
    let text = text.trim().replace('\n', " ").replace('|', "\\|");
    let ticks = longest_run(&text) + 1;
    let fence = "`".repeat(ticks);
    match ticks {
        1 => format!("`{text}`"),
        _ => format!("{fence} {text} {fence}"),
    }
}

/// A name in code type for a table's cell, where a narrow column may break it:
/// after its signs and before its capitals.
pub fn name(text: &str) -> String {
    let mut out = String::from("<code>");
    let mut before = ' ';
    for c in text.trim().chars() {
        let sign = matches!(before, '.' | ':' | '/' | '-' | '_' | '}' | '?' | '&');
        let capital = c.is_ascii_uppercase() && before.is_ascii_lowercase();
        if (sign && c.is_ascii_alphanumeric()) || capital {
            out.push_str("<wbr>");
        }
        push_plain(&mut out, c);
        before = c;
    }
    out.push_str("</code>");
    out
}

/// A short word that no column breaks.
pub fn short(text: &str) -> String {
    format!("<span class=\"short\">{}</span>", plain(text))
}

/// A block of code, as it is.
pub fn block(language: &str, text: &str) -> String {
    let fence = "`".repeat((longest_run(text) + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end())
}

fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// A link to a page of the book; `text` is Markdown.
pub fn link(text: &str, target: &str) -> String {
    format!("[{text}]({target})")
}

/// A table; cells are Markdown without line breaks.
pub struct Table {
    text: String,
}

impl Table {
    /// With its heads.
    pub fn new(heads: &[&str]) -> Self {
        let line = heads.iter().map(|_| "---").collect::<Vec<_>>();
        Self {
            text: format!("| {} |\n| {} |\n", heads.join(" | "), line.join(" | ")),
        }
    }

    /// One more row.
    pub fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.text.push('|');
        for cell in cells {
            self.text.push(' ');
            self.text.push_str(cell.as_ref());
            self.text.push_str(" |");
        }
        self.text.push('\n');
    }

    /// The whole, with a blank line after it.
    pub fn end(mut self) -> String {
        self.text.push('\n');
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_becomes_a_sign() {
        assert_eq!(
            plain("a_b <c> [d](e) | *f*"),
            "a\\_b &lt;c&gt; \\[d\\](e) \\| \\*f\\*"
        );
        assert_eq!(plain("1. one"), "1\\. one");
        assert_eq!(plain("- x"), "\\- x");
        assert_eq!(plain("12 days"), "12 days");
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("a`b"), "`` a`b ``");
        assert_eq!(name("s3:GetAcl"), "<code>s3:<wbr>Get<wbr>Acl</code>");
        assert_eq!(name("a_b.c"), "<code>a\\_<wbr>b.<wbr>c</code>");
        assert!(block("sh", "```\nx\n```").starts_with("````sh\n"));
    }
}
