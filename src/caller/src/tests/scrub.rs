#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use super::*;

/// Text of an alphabet, made of a seed.
fn text(seed: u64, alphabet: &str, n: usize) -> String {
    let letters: Vec<char> = alphabet.chars().collect();
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..n)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            letters[(state % letters.len() as u64) as usize]
        })
        .collect()
}

const ANY: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &str = "0123456789abcdef";

/// A text of each kind, and the secret in it.
fn kinds(seed: u64) -> Vec<(&'static str, String, String)> {
    let any = |n| text(seed, ANY, n);
    let hex = |n| text(seed + 1000, HEX, n);
    let whole = |name, s: String| (name, format!("see {s}."), s);
    let pem = format!("-----BEGIN RSA PRIVATE KEY-----\n{}\n", any(64));
    let body = any(64);
    vec![
        (
            "private key",
            format!("{pem}-----END RSA PRIVATE KEY-----"),
            body.clone(),
        ),
        (
            "openssh key",
            format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{body}"),
            body,
        ),
        (
            "aws secret",
            format!("aws_secret_access_key = {}", any(40)),
            any(40),
        ),
        (
            "aws pair",
            format!("AKIAIOSFODNN7EXAMPLE {}", any(40)),
            any(40),
        ),
        (
            "aws session",
            format!("AWS_SESSION_TOKEN={}", any(120)),
            any(120),
        ),
        (
            "presigned",
            format!("https://b.s3.amazonaws.com/k?X-Amz-Signature={}", hex(64)),
            hex(64),
        ),
        whole("jwt", format!("eyJ{}.eyJ{}.{}", any(20), any(40), any(43))),
        whole("github", format!("ghp_{}", any(36))),
        whole("github pat", format!("github_pat_{}", any(60))),
        whole("gitlab", format!("glpat-{}", any(20))),
        whole("slack", format!("xoxb-123456789012-{}", any(24))),
        (
            "slack hook",
            format!(
                "https://hooks.slack.com/services/T01234567/B01234567/{}",
                any(24)
            ),
            any(24),
        ),
        whole("google", format!("AIza{}", any(35))),
        whole("stripe", format!("sk_live_{}", any(24))),
        whole("sendgrid", format!("SG.{}.{}", any(22), any(43))),
        whole("twilio", format!("SK{}", hex(32))),
        whole("npm", format!("npm_{}", any(36))),
        whole("openai", format!("sk-proj-{}", any(48))),
        whole("vault", format!("hvs.{}", any(24))),
        (
            "password in an address",
            format!("postgres://app:{}@db.example:5432/x", any(16)),
            any(16),
        ),
        (
            "connection string",
            format!("Server=db;User Id=app;Password={};Encrypt=true", any(16)),
            any(16),
        ),
        (
            "storage key",
            format!("AccountName=x;AccountKey={}==;", any(86)),
            any(86),
        ),
        (
            "assignment",
            format!("export DB_PASSWORD={}", any(16)),
            any(16),
        ),
        (
            "header",
            format!("Authorization: Bearer {}", any(32)),
            any(32),
        ),
        (
            "docker",
            format!("{{\"auths\":{{\"r\":{{\"auth\":\"{}\"}}}}}}", any(32)),
            any(32),
        ),
    ]
}

/// As it stands in an answer: JSON, JSON in JSON, XML, plain.
fn answers(text: &str) -> Vec<String> {
    let json = serde_json::json!({"D": text, "E": 1}).to_string();
    let nested = serde_json::json!({"D": json, "E": 1}).to_string();
    let escape = |s: &str| {
        s.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('"', "&quot;")
    };
    let xml = format!("<R><D>{}</D><E>1</E></R>", escape(text));
    let mixed = format!("<R><D>{}</D></R>", escape(&json));
    vec![json, nested, xml, mixed, text.to_owned()]
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Text as it is wrapped in answers, and what unwraps it.
type Unwrap = fn(&str) -> String;

fn percent(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    text.bytes()
        .map(|b| match plain(b) {
            true => char::from(b).to_string(),
            false => format!("%{b:02X}"),
        })
        .collect()
}

fn plain(text: &str) -> String {
    let view = View::of(text.as_bytes());
    view.map_or_else(|| text.to_owned(), |v| String::from_utf8(v.text).unwrap())
}

fn wrappings(text: &str) -> Vec<(String, Unwrap)> {
    let base64 = |s: &str| encoded(s);
    let inner = serde_json::json!({"D": text, "E": 1}).to_string();
    let policy = serde_json::json!({"P": percent(&inner)}).to_string();
    let escaped: String = inner
        .chars()
        .map(|c| match c {
            '=' | '&' | '<' | '>' | '\'' => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let long = base64(&format!("#!/bin/sh\n{}\n{text}\n", "echo x; ".repeat(20)));
    let lines: Vec<_> = long
        .as_bytes()
        .chunks(76)
        .map(String::from_utf8_lossy)
        .collect();
    let whole: Unwrap = str::to_owned;
    vec![
        (percent(&inner), plain),
        (percent(&percent(&inner)), |s| plain(&plain(s))),
        (policy, plain),
        (
            serde_json::json!({"D": inner, "P": escaped}).to_string(),
            whole,
        ),
        (
            serde_json::json!({"UserData": base64(text)}).to_string(),
            whole,
        ),
        (format!("<U>{}</U>", base64(&inner)), whole),
        (base64(&base64(text)), whole),
        (encoded(wide), whole),
        (lines.join("\n"), whole),
        (
            serde_json::json!({"D": lines.join("\r\n")}).to_string(),
            whole,
        ),
        (
            percent(&format!("data:text/plain;base64,{}", base64(text))),
            plain,
        ),
    ]
}

#[test]
fn secrets_are_found_in_wrappings() {
    for seed in 1..=10 {
        for (kind, text, secret) in kinds(seed) {
            for (wrapped, unwrap) in wrappings(&text) {
                let (clean, n) = scrub(wrapped.as_bytes());
                let clean = String::from_utf8(clean.into_owned()).unwrap();
                assert!(n >= 1, "{kind}: {wrapped}");
                assert!(!unwrap(&clean).contains(&secret), "{kind}: {clean}");
                let n = scrub(clean.as_bytes()).1;
                assert_eq!(n, 0, "{kind}: {clean} from {wrapped}");
                if wrapped.starts_with('{') {
                    serde_json::from_str::<serde_json::Value>(&clean).unwrap();
                }
            }
        }
    }
}

#[test]
fn members_and_names_tell_passwords() {
    for (text, secret) in [
        (r#"{"username":"a","password":"s3cr!t"}"#, "s3cr!t"),
        (r#"{"db_password": "s3cr!t"}"#, "s3cr!t"),
        (r#"{"API_KEY":"s3cr!tX"}"#, "s3cr!tX"),
        (r#"{"Name":"DB_PASSWORD","Value":"s3cr!t"}"#, "s3cr!t"),
    ] {
        let nested = serde_json::json!({"D": text}).to_string();
        for answer in [text.to_owned(), percent(text), percent(&nested), nested] {
            let (clean, n) = scrub(answer.as_bytes());
            let clean = plain(&String::from_utf8_lossy(&clean));
            assert!(n == 1 && !clean.contains(secret), "{answer}: {clean}");
        }
    }
}

#[test]
fn every_form_can_be_read() {
    let net = net();
    assert!(net.texts.is_some());
    for ((text, form), read) in KINDS.iter().zip(&net.forms) {
        assert!(read.is_some(), "{text}: {form}");
    }
}

#[test]
fn secrets_of_all_kinds_are_replaced_and_answers_stay_documents() {
    let mut seeded = 0;
    for seed in 1..=10 {
        for (kind, text, secret) in kinds(seed) {
            seeded += 1;
            for (form, answer) in answers(&text).into_iter().enumerate() {
                let (clean, n) = scrub(answer.as_bytes());
                let clean = String::from_utf8(clean.into_owned()).unwrap();
                assert!(n >= 1 && !clean.contains(&secret), "{kind}: {answer}");
                match form {
                    0 | 1 => {
                        let v: serde_json::Value = serde_json::from_str(&clean).unwrap();
                        assert_eq!(v["E"], 1, "{kind}: {clean}");
                        if form == 1 {
                            let inner = v["D"].as_str().unwrap();
                            serde_json::from_str::<serde_json::Value>(inner).unwrap();
                        }
                    }
                    2 | 3 => {
                        roxmltree::Document::parse(&clean).unwrap();
                    }
                    _ => {}
                }
                // Once more changes nothing.
                assert_eq!(scrub(clean.as_bytes()).1, 0, "{kind}: {clean}");
            }
        }
    }
    assert!(seeded >= 200, "{seeded}");
}

#[test]
fn what_rules_read_stays() {
    for plain in [
        "AKIAIOSFODNN7EXAMPLE",
        "{\"AccessKeyId\": \"AKIAIOSFODNN7EXAMPLE\", \"Status\": \"Active\"}",
        "arn:aws:iam::123456789012:user/sk-team/token",
        "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:db/password-AbCdEf",
        "arn:aws:kms:us-east-1:123456789012:key/mrk-0123456789abcdef0123456789abcdef",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "-----BEGIN CERTIFICATE-----\\nMIIC\\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\\nMIIC\\n-----END PUBLIC KEY-----",
        "{\"NextToken\": \"eyJ2IjoiMiIsImMiOiJhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eiJ9\"}",
        "{\"RequireSymbols\": true, \"MaxPasswordAge\": 90, \"PasswordReusePrevention\": 24}",
        "https://example.com:8443/a@b",
        "DB_PASSWORD=$PASSWORD",
        "DB_SECRET=arn:aws:secretsmanager:us-east-1:123456789012:secret:x",
        "{\"SecretKey\": null, \"secretAccessKeyRotated\": \"2026-01-01T00:00:00Z\"}",
        "authorization: AWS_IAM",
        "password=",
        "{\"PasswordPolicy\": {\"MinimumLength\": 8}, \"Type\": \"password\"}",
        "%7B%22Version%22%3A%222012-10-17%22%2C%22Action%22%3A%22iam%3AChangePassword%22%7D",
        "{\"ClientRequestToken\": \"a\", \"Token\": \"AAAAAAAAAAAAAAAAAAAAAAAA\"}",
        "cm9vdDp4OjA6MDpyb290Oi9yb290Oi9iaW4vYmFzaApiaW46eDoxOjE6YmluOi9iaW4=",
        "projects/alpha-beta-gamma-delta/locations/asia-northeast1/keyRings/one",
    ] {
        assert_eq!(scrub(plain.as_bytes()).1, 0, "{plain}");
    }
}
