#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
use super::*;

fn error(src: &str) -> (usize, usize, String) {
    let e = parse(src).unwrap_err();
    (e.span.start, e.span.end, e.message)
}

#[test]
fn operators_bind_as_the_standard_says() {
    let same = [
        ("a || b && c", "a || (b && c)"),
        ("!a.b == c", "(!(a.b)) == c"),
        ("a + b * c - d", "(a + (b * c)) - d"),
        ("a ? b : c ? d : e", "a ? b : (c ? d : e)"),
        ("a in b == c", "(a in b) == c"),
        ("-a[0].b", "-((a[0]).b)"),
    ];
    for (a, b) in same {
        assert_eq!(shape(&parse(a).unwrap()), shape(&parse(b).unwrap()), "{a}");
    }
}

/// The tree with every bracket written out.
fn shape(e: &Expr) -> String {
    match &e.kind {
        ExprKind::Ident(s) => s.clone(),
        ExprKind::Lit(l) => format!("{l:?}"),
        ExprKind::Member(e, n) => format!("({}.{})", shape(e), n.text),
        ExprKind::Index(a, b) => format!("({}[{}])", shape(a), shape(b)),
        ExprKind::Not(e) => format!("(!{})", shape(e)),
        ExprKind::Neg(e) => format!("(-{})", shape(e)),
        ExprKind::Binary(o, a, b) => format!("({} {} {})", shape(a), o.sign(), shape(b)),
        ExprKind::And(v) => format!(
            "(and {})",
            v.iter().map(shape).collect::<Vec<_>>().join(" ")
        ),
        ExprKind::Or(v) => format!("(or {})", v.iter().map(shape).collect::<Vec<_>>().join(" ")),
        ExprKind::Cond(c) => format!("(if {} {} {})", shape(&c[0]), shape(&c[1]), shape(&c[2])),
        other => format!("{other:?}"),
    }
}

#[test]
fn constants_are_read() {
    let lit = |s: &str| match parse(s).unwrap().kind {
        ExprKind::Lit(l) => l,
        k => panic!("{k:?}"),
    };
    assert_eq!(lit("0x1F"), Lit::Int(31));
    assert_eq!(lit("-9223372036854775808"), Lit::Int(i64::MIN));
    assert_eq!(lit("1.5e3"), Lit::Double(1500.0));
    assert_eq!(lit(".5"), Lit::Double(0.5));
    assert_eq!(lit(r#""a\n\x41\u3042\101""#), Lit::Str("a\nAあA".into()));
    assert_eq!(lit(r#"r"\d+""#), Lit::Str(r"\d+".into()));
    assert_eq!(lit("'it\"s'"), Lit::Str("it\"s".into()));
    assert_eq!(lit("null"), Lit::Null);
}

#[test]
fn errors_point_at_the_place() {
    assert_eq!(error("a = b").0, 2);
    assert_eq!(error("a == ").0, 5);
    assert_eq!(error("(a").2, "expected `)`, found the end");
    assert_eq!(error("a b").0, 2);
    assert_eq!(
        error("'abc"),
        (0, 4, "this text has no closing quote".into())
    );
    assert_eq!(error(r#""\d""#).2, r"unknown escape \d");
    assert_eq!(error("").2, "the expression is empty");
    assert_eq!(
        error("99999999999999999999").2,
        "not a whole number of 64 bits"
    );
    assert_eq!(error("9223372036854775808").2, "this number is too large");
    assert_eq!(error("12abc").2, "a number ends in letters here");
    assert_eq!(error("a // b").2, "an expression holds no comments");
    assert_eq!(error("for").2, "`for` is a reserved word, not a value");
    assert_eq!(error("\"日\" 本").0, 6);
}

#[test]
fn depth_is_bounded() {
    for s in [
        "(".repeat(100_000),
        "!".repeat(100_000),
        "-".repeat(100_000),
        "[".repeat(100_000),
    ] {
        assert!(parse(&s).is_err());
    }
    assert!(parse(&vec!["1"; 100_000].join("+")).is_err());
    assert!(parse(&format!("a{}", ".b".repeat(1000))).is_err());
    assert!(parse(&vec!["true"; 1000].join("&&")).is_ok());
}
