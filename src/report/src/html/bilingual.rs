//! Text in both languages at one place of a page.

use crate::time;
use crate::visible::visible;
use crate::words::{self, Word};
use askama::filters::HtmlSafe;
use shoseki_model::{Cause, ExceptionState, Lang, Reach, Severity, State, Strength, Text, Verdict};
use std::borrow::{Borrow, Cow};
use std::fmt;

/// Which language comes first.
#[derive(Clone, Copy)]
pub(super) struct Bilingual {
    /// The language shown first.
    pub first: Lang,
}

impl Bilingual {
    /// Both languages of a text of the page.
    pub fn say(self, ja: &'static str, en: &'static str) -> Bi<'static> {
        self.word(Word { ja, en })
    }

    /// Whether Japanese comes first, where a text cannot be marked up.
    pub fn ja_first(self) -> bool {
        self.first == Lang::Ja
    }

    /// Both languages with a number in place of `{}`.
    pub fn count(self, ja: &str, en: &str, n: impl fmt::Display) -> Bi<'static> {
        let n = n.to_string();
        Bi {
            first: self.first,
            ja: Cow::Owned(ja.replace("{}", &n)),
            en: Cow::Owned(en.replace("{}", &n)),
        }
    }

    /// Both languages of a word.
    pub fn word(self, w: impl Borrow<Word>) -> Bi<'static> {
        let w = *w.borrow();
        Bi {
            first: self.first,
            ja: Cow::Borrowed(w.ja),
            en: Cow::Borrowed(w.en),
        }
    }

    /// Both languages of a stored text.
    pub fn text(self, t: &Text) -> Bi<'_> {
        Bi {
            first: self.first,
            ja: visible(&t.ja),
            en: visible(&t.en),
        }
    }

    /// A stranger's text, steering characters shown.
    pub fn v(self, s: &str) -> Cow<'_, str> {
        visible(s)
    }

    /// A cloud by its name.
    pub fn cloud(self, name: &str) -> Cow<'_, str> {
        visible(words::cloud(name))
    }

    pub fn state(self, s: impl Borrow<State>) -> Bi<'static> {
        self.word(words::state(*s.borrow()))
    }

    pub fn verdict(self, v: impl Borrow<Verdict>) -> Bi<'static> {
        self.word(words::verdict(*v.borrow()))
    }

    pub fn severity(self, s: impl Borrow<Severity>) -> Bi<'static> {
        self.word(words::severity(*s.borrow()))
    }

    pub fn exception(self, s: impl Borrow<ExceptionState>) -> Bi<'static> {
        self.word(words::exception(*s.borrow()))
    }

    pub fn reach(self, r: impl Borrow<Reach>) -> Bi<'static> {
        self.word(words::reach(*r.borrow()))
    }

    pub fn strength(self, s: impl Borrow<Strength>) -> Bi<'static> {
        self.word(words::strength(*s.borrow()))
    }

    pub fn cause(self, c: impl Borrow<Cause>) -> Bi<'static> {
        self.word(words::cause(*c.borrow()))
    }

    pub fn advice(self, c: impl Borrow<Cause>) -> Bi<'static> {
        self.word(words::cause_advice(*c.borrow()))
    }

    pub fn utc(self, t: &str) -> String {
        visible(&time::utc(t)).into_owned()
    }

    pub fn jst(self, t: &str) -> String {
        visible(&time::jst(t)).into_owned()
    }
}

/// Escaped text in both languages, each marked with its own.
pub(super) struct Bi<'a> {
    first: Lang,
    ja: Cow<'a, str>,
    en: Cow<'a, str>,
}

impl fmt::Display for Bi<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ja == self.en {
            return escape(f, &self.ja);
        }
        let order = match self.first {
            Lang::Ja => [("ja", &self.ja), ("en", &self.en)],
            Lang::En => [("en", &self.en), ("ja", &self.ja)],
        };
        for (lang, text) in order {
            write!(f, "<span lang=\"{lang}\">")?;
            escape(f, text)?;
            f.write_str("</span>")?;
        }
        Ok(())
    }
}

// Everything that is not a literal tag above goes through `escape`.
impl HtmlSafe for Bi<'_> {}

impl askama::FastWritable for Bi<'_> {
    fn write_into(&self, dest: &mut dyn fmt::Write, _: &dyn askama::Values) -> askama::Result<()> {
        write!(dest, "{self}")?;
        Ok(())
    }
}

fn escape(f: &mut fmt::Formatter<'_>, s: &str) -> fmt::Result {
    let mut rest = s;
    while let Some(i) = rest.find(['<', '>', '&', '"', '\'']) {
        f.write_str(&rest[..i])?;
        f.write_str(match rest.as_bytes()[i] {
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'&' => "&amp;",
            b'"' => "&quot;",
            _ => "&#39;",
        })?;
        rest = &rest[i + 1..];
    }
    f.write_str(rest)
}

/// The class of a state, the stored name of it.
pub(super) fn state_class(s: State) -> &'static str {
    match s {
        State::Contradicted => "contradicted",
        State::PartlyShown => "partly-shown",
        State::NotSeen => "not-seen",
        State::Shown => "shown",
        State::Inherited => "inherited",
        State::HumanOnly => "human-only",
    }
}

/// The class of a severity.
pub(super) fn severity_class(s: Severity) -> &'static str {
    match s {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
    }
}
