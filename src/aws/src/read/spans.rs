//! Where secrets stand in the bytes of an answer, by the model.

use crate::model::{Member, Of, Protocol, Service, Shape};
use shoseki_caller::{Marks, Step, secrets};
use std::ops::Range;

/// Places of the secret scalars in `body`, which is known to be valid JSON.
pub(crate) fn json(
    body: &[u8],
    model: &Service,
    members: &[Member],
    marks: &Marks<'_>,
) -> Vec<Range<usize>> {
    let start = At {
        model,
        here: Here::Members(members),
        marks: marks.clone(),
    };
    secrets(body, &start)
}

/// What the model says of the value at hand.
#[derive(Clone, Copy)]
enum Here<'m> {
    Members(&'m [Member]),
    Of(Of),
    /// Nothing: a free document, or a member that the model lacks.
    Unknown,
}

/// A value of an answer.
struct At<'a> {
    model: &'a Service,
    here: Here<'a>,
    marks: Marks<'a>,
}

impl Step for At<'_> {
    fn secret(&self) -> bool {
        self.marks.secret
    }

    fn member(&self, key: &str) -> Self {
        let (here, marks) = self.under(key);
        Self {
            model: self.model,
            here,
            marks,
        }
    }

    fn element(&self, _: usize) -> Self {
        let (here, secret) = match self.here {
            Here::Of(Of::Shape(i)) => match self.model.shapes.get(i) {
                Some(Shape::List(e)) => (Here::Of(e.of), e.secret),
                _ => (Here::Unknown, false),
            },
            _ => (Here::Unknown, false),
        };
        Self {
            model: self.model,
            here,
            marks: self.marks.also(secret),
        }
    }
}

impl<'a> At<'a> {
    /// What stands under `key`.
    fn under(&self, key: &str) -> (Here<'a>, Marks<'a>) {
        let members = match self.here {
            Here::Members(members) => Some(members),
            Here::Of(Of::Shape(i)) => match self.model.shapes.get(i) {
                Some(Shape::Structure(s)) => Some(s.members.as_slice()),
                Some(Shape::Map(kv)) => {
                    return (Here::Of(kv.1.of), self.marks.enter(key, kv.1.secret));
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
            Some(m) => (Here::Of(m.of), self.marks.enter(&m.name, m.secret)),
            None => (Here::Unknown, self.marks.enter(key, false)),
        }
    }
}
