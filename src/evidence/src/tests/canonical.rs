//! Forms that are digested: one for equal content, another for other content.

use crate::population::{Member, lines, lines_digest};
use crate::seal::pae;
use proptest::prelude::*;
use shoseki_model::Verdict;

fn member() -> impl Strategy<Value = Member> {
    let text = || prop_oneof!["[ab\\\\tnr\t\n\r]{0,4}", any::<String>()];
    let verdict = prop::sample::select(vec![
        Verdict::Pass,
        Verdict::Fail,
        Verdict::Unknown,
        Verdict::NotApplicable,
    ]);
    let texts = prop::collection::vec(text(), 7);
    (texts, verdict, any::<bool>()).prop_map(|(t, verdict, excepted)| Member {
        rule: t[0].clone(),
        r#type: t[1].clone(),
        account: t[2].clone(),
        scope: t[3].clone(),
        region: t[4].clone(),
        id: t[5].clone(),
        finding: t[6].clone(),
        verdict,
        // Nothing but a failure is excepted.
        excepted: excepted && verdict == Verdict::Fail,
    })
}

/// A field of a line read back, as readers of `@tsv` do.
fn unescaped(field: &str) -> String {
    let mut out = String::new();
    let mut chars = field.chars();
    while let Some(c) = chars.next() {
        out.push(match (c, c == '\\') {
            (c, false) => c,
            _ => match chars.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('\\') => '\\',
                other => unreachable!("an escape {other:?}"),
            },
        });
    }
    out
}

proptest! {
    #[test]
    fn a_line_of_a_population_reads_back(m in member()) {
        let line = m.line();
        prop_assert!(!line.contains(['\n', '\r']));
        let fields: Vec<String> = line.split('\t').map(unescaped).collect();
        let wanted = [
            &m.rule, &m.r#type, &m.account, &m.scope, &m.region, &m.id, &m.finding, m.word(),
        ];
        prop_assert_eq!(fields, wanted.map(str::to_owned).to_vec());
    }

    #[test]
    fn members_that_differ_have_lines_that_differ(a in member(), b in member()) {
        prop_assert_eq!(a == b, a.line() == b.line());
    }

    #[test]
    fn the_order_of_members_changes_no_digest(
        all in prop::collection::vec(member(), 0..6), turn in 0_usize..6,
    ) {
        let mut other = all.clone();
        other.reverse();
        let turn = turn.min(other.len());
        other.rotate_left(turn);
        prop_assert_eq!(lines_digest(all.iter()), lines_digest(other.iter()));
        let text = lines(all.iter());
        let list: Vec<&str> = text.lines().collect();
        prop_assert!(list.is_sorted());
    }

    #[test]
    fn one_member_more_changes_the_digest(
        all in prop::collection::vec(member(), 0..5), one in member(),
    ) {
        prop_assume!(!all.contains(&one));
        let more = all.iter().chain([&one]);
        prop_assert_ne!(lines_digest(all.iter()), lines_digest(more));
    }

    #[test]
    fn an_encoding_before_signing_reads_back(
        kind in any::<String>(), payload in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let bytes = pae(&kind, &payload);
        let rest = bytes.strip_prefix(b"DSSEv1 ").unwrap();
        let (found, rest) = counted(rest);
        prop_assert_eq!(found, kind.as_bytes());
        let (found, rest) = counted(rest.strip_prefix(b" ").unwrap());
        prop_assert_eq!(found, &payload[..]);
        prop_assert!(rest.is_empty());
    }

    #[test]
    fn no_two_statements_are_encoded_alike(
        a in ("[0-9 a]{0,6}", "[0-9 a]{0,8}"), b in ("[0-9 a]{0,6}", "[0-9 a]{0,8}"),
    ) {
        let of = |(kind, payload): &(String, String)| pae(kind, payload.as_bytes());
        prop_assert_eq!(a == b, of(&a) == of(&b));
    }
}

/// A number, a space and so many bytes.
fn counted(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|b| *b == b' ').unwrap();
    let n: usize = std::str::from_utf8(&bytes[..end]).unwrap().parse().unwrap();
    bytes[end + 1..].split_at(n)
}

/// <https://github.com/secure-systems-lab/dsse/blob/master/protocol.md>
#[test]
fn the_example_of_the_protocol_is_encoded_as_there() {
    let given = pae("http://example.com/HelloWorld", b"hello world");
    let wanted = "DSSEv1 29 http://example.com/HelloWorld 11 hello world";
    assert_eq!(given, wanted.as_bytes());
}
