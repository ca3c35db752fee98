//! Where secrets stand in the bytes of an answer, and their replacement.

use super::marks::Marks;
use crate::model::{Member, Of, Protocol, Service, Shape};
use std::borrow::Cow;
use std::ops::Range;

/// `body` with each range replaced by `by`; ranges are in order and apart.
pub(crate) fn replace<'b>(body: &'b [u8], ranges: Vec<Range<usize>>, by: &str) -> Cow<'b, [u8]> {
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

/// Places of the secret scalars in `body`, which is known to be valid JSON.
pub(crate) fn json(
    body: &[u8],
    model: &Service,
    members: &[Member],
    marks: &Marks<'_>,
) -> Vec<Range<usize>> {
    let mut scan = Scan {
        body,
        at: 0,
        model,
        found: Vec::new(),
    };
    scan.value(Here::Members(members), marks);
    scan.found
}

/// What the model says of the value at hand.
#[derive(Clone, Copy)]
enum Here<'m> {
    Members(&'m [Member]),
    Of(Of),
    /// Nothing: a free document, or a member that the model lacks.
    Unknown,
}

/// Walks JSON text by the model. It trusts that the text is valid, and ends
/// early, finding less, where it is not.
struct Scan<'a> {
    body: &'a [u8],
    at: usize,
    model: &'a Service,
    found: Vec<Range<usize>>,
}

impl<'a> Scan<'a> {
    fn peek(&mut self) -> Option<u8> {
        while self.body.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.body.get(self.at).copied()
    }

    fn value(&mut self, here: Here<'a>, marks: &Marks<'_>) {
        match self.peek() {
            Some(b'{') => self.object(here, marks),
            Some(b'[') => self.list(here, marks),
            Some(b'"') => {
                let range = self.string();
                // An empty text is a fact, and no secret.
                if marks.secret && range.len() > 2 {
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
                if marks.secret && self.body.get(start) != Some(&b'n') {
                    self.found.push(start..self.at);
                }
            }
            None => {}
        }
    }

    fn object(&mut self, here: Here<'a>, marks: &Marks<'_>) {
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
                    let (inner, marks) = self.under(here, &key, marks);
                    self.value(inner, &marks);
                }
                Some(b',') => self.at += 1,
                _ => break,
            }
        }
        self.at += 1;
    }

    /// What stands under `key`.
    fn under<'p>(&self, here: Here<'a>, key: &str, marks: &Marks<'p>) -> (Here<'a>, Marks<'p>) {
        let members = match here {
            Here::Members(members) => Some(members),
            Here::Of(Of::Shape(i)) => match self.model.shapes.get(i) {
                Some(Shape::Structure(s)) => Some(s.members.as_slice()),
                Some(Shape::Map(kv)) => {
                    return (Here::Of(kv.1.of), marks.enter(key, kv.1.secret));
                }
                _ => None,
            },
            _ => None,
        };
        let by_wire = self.model.protocol == Protocol::RestJson;
        let found = members.and_then(|ms| {
            ms.iter()
                .find(|m| key == if by_wire { m.wire_name() } else { &m.name })
        });
        match found {
            Some(m) => (Here::Of(m.of), marks.enter(&m.name, m.secret)),
            None => (Here::Unknown, marks.enter(key, false)),
        }
    }

    fn list(&mut self, here: Here<'a>, marks: &Marks<'_>) {
        let (inner, secret) = match here {
            Here::Of(Of::Shape(i)) => match self.model.shapes.get(i) {
                Some(Shape::List(e)) => (Here::Of(e.of), e.secret),
                _ => (Here::Unknown, false),
            },
            _ => (Here::Unknown, false),
        };
        let marks = marks.also(secret);
        self.at += 1;
        loop {
            match self.peek() {
                Some(b']') | None => break,
                Some(b',') => self.at += 1,
                Some(_) => self.value(inner, &marks),
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
