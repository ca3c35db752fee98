//! Where secrets stand in the bytes of a JSON answer, and their replacement.

use crate::marks::Marks;
use shoseki_model::REDACTED;
use std::borrow::Cow;
use std::ops::Range;

/// `body` with each range replaced by `by`; ranges are in order and apart.
pub fn replace<'b>(body: &'b [u8], ranges: Vec<Range<usize>>, by: &str) -> Cow<'b, [u8]> {
    if ranges.is_empty() {
        return Cow::Borrowed(body);
    }
    let mut ranges = ranges;
    // Attributes are found before the elements around them are left.
    ranges.sort_by_key(|r| r.start);
    let mut out = Vec::with_capacity(body.len());
    let mut from = 0;
    for r in ranges {
        out.extend_from_slice(body.get(from..r.start).unwrap_or_default());
        out.extend_from_slice(by.as_bytes());
        from = r.end;
    }
    out.extend_from_slice(body.get(from..).unwrap_or_default());
    Cow::Owned(out)
}

/// What is known of a value, followed on the way down.
pub trait Step {
    /// Whether the value, or everything in it, is secret.
    fn secret(&self) -> bool;
    /// What is known of the member `key`.
    #[must_use]
    fn member(&self, key: &str) -> Self;
    /// What is known of the element at `index` of the list.
    #[must_use]
    fn element(&self, index: usize) -> Self;
}

/// Places of the secret scalars in `body`, which is known to be valid JSON.
pub fn secrets<S: Step>(body: &[u8], start: &S) -> Vec<Range<usize>> {
    let mut scan = Scan {
        body,
        at: 0,
        found: Vec::new(),
    };
    scan.value(start);
    // What was replaced by its look is not counted twice.
    let mark = format!("\"{REDACTED}\"");
    let mut found = scan.found;
    found.retain(|r| body.get(r.clone()) != Some(mark.as_bytes()));
    found
}

/// Secrets by paths, and by the names of members where no model marks them.
#[derive(Clone, Debug)]
pub struct Named<'p> {
    marks: Marks<'p>,
    /// The nearest named ancestor.
    parent: String,
    /// Whether the member of a parent is secret: `(parent, member)`.
    is: fn(&str, &str) -> bool,
}

impl<'p> Named<'p> {
    /// At the top of an answer.
    pub fn start(marks: Marks<'p>, is: fn(&str, &str) -> bool) -> Self {
        Self {
            marks,
            parent: String::new(),
            is,
        }
    }
}

impl Step for Named<'_> {
    fn secret(&self) -> bool {
        self.marks.secret
    }

    fn member(&self, key: &str) -> Self {
        Self {
            marks: self.marks.enter(key, (self.is)(&self.parent, key)),
            parent: key.to_owned(),
            is: self.is,
        }
    }

    fn element(&self, _: usize) -> Self {
        self.clone()
    }
}

/// Walks JSON text. It trusts that the text is valid, and ends
/// early, finding less, where it is not.
struct Scan<'a> {
    body: &'a [u8],
    at: usize,
    found: Vec<Range<usize>>,
}

impl Scan<'_> {
    fn peek(&mut self) -> Option<u8> {
        while self.body.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.body.get(self.at).copied()
    }

    fn value<S: Step>(&mut self, here: &S) {
        match self.peek() {
            Some(b'{') => self.object(here),
            Some(b'[') => self.list(here),
            Some(b'"') => {
                let range = self.string();
                // An empty text is a fact, and no secret.
                if here.secret() && range.len() > 2 {
                    self.found.push(range);
                }
            }
            Some(_) => {
                let start = self.at;
                while let Some(c) = self.body.get(self.at)
                    && !matches!(c, b',' | b'}' | b']')
                    && !c.is_ascii_whitespace()
                {
                    self.at += 1;
                }
                if here.secret() && self.body.get(start) != Some(&b'n') {
                    self.found.push(start..self.at);
                }
            }
            None => {}
        }
    }

    fn object<S: Step>(&mut self, here: &S) {
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => {
                    let key = self.string();
                    let key: String = self
                        .body
                        .get(key)
                        .and_then(|k| serde_json::from_slice(k).ok())
                        .unwrap_or_default();
                    self.peek();
                    self.at += 1; // The colon.
                    self.value(&here.member(&key));
                }
                Some(b',') => self.at += 1,
                _ => break,
            }
        }
        self.at += 1;
    }

    fn list<S: Step>(&mut self, here: &S) {
        let mut index = 0;
        self.at += 1;
        loop {
            match self.peek() {
                Some(b']') | None => break,
                Some(b',') => self.at += 1,
                Some(_) => {
                    self.value(&here.element(index));
                    index += 1;
                }
            }
        }
        self.at += 1;
    }

    /// The range of a string with its quotes.
    fn string(&mut self) -> Range<usize> {
        let start = self.at;
        self.at += 1;
        while let Some(c) = self.body.get(self.at) {
            self.at += match c {
                b'\\' => 2,
                b'"' => break,
                _ => 1,
            };
        }
        self.at = (self.at + 1).min(self.body.len());
        start..self.at
    }
}
