//! Sealing with an authority on loopback, made with OpenSSL.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use super::*;
use shoseki_evidence::seal::{About, Proof, Trust};
use shoseki_evidence::{RunInfo, RunWriter, Selection};
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::process::Command;

const CONFIG: &str = "[tsa]\ndefault_tsa = t\n[t]\nserial = serial\ndigests = sha256\n\
    default_policy = 1.2.3.4.1\nsigner_digest = sha256\ness_cert_id_alg = sha256\n";

fn openssl(dir: &Path, line: &str) {
    let out = Command::new("openssl")
        .args(line.split(' '))
        .current_dir(dir)
        .output()
        .unwrap();
    assert!(
        out.status.success(),
        "{line}: {}",
        String::from_utf8_lossy(&out.stderr)
    );
}

fn authority(dir: &Path) {
    let put = |name: &str, text: &str| std::fs::write(dir.join(name), text).unwrap();
    put("cnf", CONFIG);
    put("serial", "01\n");
    put("ext", "extendedKeyUsage=critical,timeStamping\n");
    let key = "-newkey rsa:2048 -nodes";
    openssl(
        dir,
        &format!("req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=CA -days 9"),
    );
    openssl(
        dir,
        &format!("req {key} -keyout tsa.key -out tsa.csr -subj /CN=TSA"),
    );
    openssl(
        dir,
        "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -set_serial 2 -out tsa.pem -days 9 -extfile ext",
    );
}

/// Answers one request: stamped, or with this status.
fn serve(dir: PathBuf, status: u16) -> hyper::Uri {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/tsr", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut length, mut kind, mut line) = (0, false, String::new());
        while reader.read_line(&mut line).unwrap() > 2 {
            let lower = line.trim().to_ascii_lowercase();
            kind |= lower == "content-type: application/timestamp-query";
            if let Some(n) = lower.strip_prefix("content-length: ") {
                length = n.parse().unwrap();
            }
            line.clear();
        }
        assert!(kind);
        let mut query = vec![0; length];
        reader.read_exact(&mut query).unwrap();
        std::fs::write(dir.join("q"), query).unwrap();
        openssl(
            &dir,
            "ts -reply -config cnf -queryfile q -signer tsa.pem -inkey tsa.key -out r",
        );
        let body = std::fs::read(dir.join("r")).unwrap();
        write!(
            stream,
            "HTTP/1.1 {status} x\r\ncontent-length: {}\r\n\r\n",
            body.len()
        )
        .unwrap();
        stream.write_all(&body).unwrap();
    });
    address(&url).unwrap()
}

fn run(dir: &Path) {
    let now = "2026-11-23T01:02:03Z".to_owned();
    let info = RunInfo {
        backfill: None,
        tool: crate::record::tool(),
        started: now.clone(),
        ended: now.clone(),
        judged_at: now,
        sought: Vec::new(),
        targets: Vec::new(),
        selection: Selection::default(),
        edition: None,
    };
    RunWriter::create(dir).unwrap().finish(info, false).unwrap();
}

fn common() -> Common {
    use clap::Parser as _;
    crate::args::Cli::parse_from(["shoseki", "lint"]).common
}

#[tokio::test]
async fn a_run_is_sealed_and_stamped_and_an_authority_that_fails_leaves_no_seal() {
    let dir = tempfile::tempdir().unwrap();
    let (tsa, at) = (dir.path().join("tsa"), dir.path().join("run"));
    std::fs::create_dir(&tsa).unwrap();
    authority(&tsa);
    run(&at);
    let mut sealer = Sealer {
        key: Key::File(SecretKey::generate(Algorithm::Ed25519).unwrap()),
        timestamp: Some(serve(tsa.clone(), 500)),
    };
    let failed = sealer.seal(&at, &common()).await.unwrap_err();
    assert!(
        failed.message.contains("it answers 500"),
        "{}",
        failed.message
    );
    assert!(!seal::is_sealed(&at));
    assert!(!at.join("redaction.json").exists());
    sealer.timestamp = Some(serve(tsa.clone(), 200));
    sealer.seal(&at, &common()).await.unwrap();
    let mut trust = Trust {
        keys: vec![sealer.key.public()],
        ..Trust::default()
    };
    trust.add_roots(&tsa.join("ca.pem")).unwrap();
    let report = seal::check(&at, &trust).unwrap();
    assert!(report.proven(), "{report:#?}");
    assert_eq!(report.about(About::TimeStamp).unwrap().proof, Proof::Proven);
    openssl(
        &at,
        &format!(
            "ts -verify -data seal.dsse.json -in seal.tsr -CAfile {}",
            tsa.join("ca.pem").display()
        ),
    );
    assert!(not_sealed(&at, "").is_err());
}

#[test]
fn an_address_is_http() {
    for bad in ["", "tsa.example", "ftp://tsa.example/", "http://", "/tsr"] {
        assert!(address(bad).is_err(), "{bad}");
    }
    assert!(address("https://tsa.example:8443/tsr").is_ok());
}
