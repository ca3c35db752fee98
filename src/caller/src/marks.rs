//! Which values of an answer are secret, followed on the way down.

/// Paths of secrets, `Listeners[].Secret`, cut into names; `{}` is any key.
#[derive(Clone, Debug, Default)]
pub struct Paths(Vec<Vec<String>>);

impl Paths {
    /// Paths as collectors write them.
    pub fn new(paths: &[String]) -> Self {
        Self(
            paths
                .iter()
                .map(|p| {
                    p.replace("{}", ".{}")
                        .split('.')
                        .map(|s| s.replace("[]", ""))
                        .filter(|s| !s.is_empty())
                        .collect()
                })
                .collect(),
        )
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the member `name` at the top, whose model says `secret`, is one.
    pub fn covers(&self, name: &str, secret: bool) -> bool {
        Marks::start(self).enter(name, secret).secret
    }
}

/// What is known of the value at hand.
#[derive(Clone, Debug, Default)]
pub struct Marks<'p> {
    /// The whole value is secret.
    pub secret: bool,
    /// What is left of the paths that lead through it.
    rest: Vec<&'p [String]>,
}

impl<'p> Marks<'p> {
    /// At the top of an answer.
    pub fn start(paths: &'p Paths) -> Self {
        Self {
            secret: false,
            rest: paths.0.iter().map(Vec::as_slice).collect(),
        }
    }

    /// In the member or under the key `name`; lists are passed through.
    pub fn enter(&self, name: &str, secret: bool) -> Self {
        let mut inner = Marks {
            secret: self.secret || secret,
            rest: Vec::new(),
        };
        for path in &self.rest {
            match path {
                [last] if last == name || last == "{}" => inner.secret = true,
                [first, rest @ ..] if first == name || first == "{}" => inner.rest.push(rest),
                _ => {}
            }
        }
        inner
    }

    /// An element of a list or value of a map, whose model says `secret`.
    pub fn also(&self, secret: bool) -> Self {
        Marks {
            secret: self.secret || secret,
            rest: self.rest.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_of_a_map_are_any_of_its_members() {
        let paths = Paths::new(&["items{}.disks[].key".to_owned(), "labels{}".to_owned()]);
        let top = Marks::start(&paths);
        let of = |names: &[&str]| {
            let end = names.iter().fold(top.clone(), |m, n| m.enter(n, false));
            end.secret
        };
        assert!(of(&["items", "zones/a", "disks", "key"]));
        assert!(!of(&["items", "disks", "key"]));
        assert!(of(&["labels", "any"]));
        assert!(!of(&["labels"]));
    }
}
