//! `*` and `?` in patterns.

/// Whether `text` fits `pattern`; `*` stands for any characters, `?` for one.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
    let p: Vec<char> = pattern.chars().collect();
    let t: Vec<char> = text.chars().collect();
    let (mut i, mut j) = (0, 0);
    // Where the last star stands, and how much of the text it has taken.
    let mut star: Option<(usize, usize)> = None;
    while j < t.len() {
        match p.get(i) {
            Some('*') => {
                star = Some((i, j));
                i += 1;
            }
            Some(c) if *c == '?' || *c == t[j] => {
                i += 1;
                j += 1;
            }
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    i = at + 1;
                    j = taken + 1;
                }
                None => return false,
            },
        }
    }
    p[i..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn stars_and_question_marks() {
        for (p, t) in [
            ("*", ""),
            ("*", "anything"),
            ("s3:Get*", "s3:GetObject"),
            ("s3:*Object*", "s3:GetObjectAcl"),
            ("a?c", "abc"),
            ("**", "x"),
            ("a*b*c", "a1b2b3c"),
            ("", ""),
            ("*", "*"),
        ] {
            assert!(glob(p, t), "{p} {t}");
        }
        for (p, t) in [
            ("s3:Get*", "s3:PutObject"),
            ("a?c", "ac"),
            ("a", "ab"),
            ("a*b", "a"),
            ("", "x"),
        ] {
            assert!(!glob(p, t), "{p} {t}");
        }
    }

    #[test]
    fn many_stars_end_in_time() {
        assert!(!glob(&"*a".repeat(200), &"b".repeat(2000)));
    }
}
