//! Time stamps: the request and the answer of RFC 3161.

use super::cms::{self, Signed};
use super::tlv::{Reader, integer};
use der::Encode;
use der::asn1::{Int, OctetString};
use der::oid::ObjectIdentifier;
use pkcs8::spki::AlgorithmIdentifierOwned;
use rustls_pki_types::CertificateDer;
use sha2::{Digest, Sha256};

const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
/// id-ct-TSTInfo, RFC 3161 section 2.4.2.
const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";

#[derive(der::Sequence)]
struct MessageImprint {
    algorithm: AlgorithmIdentifierOwned,
    hashed: OctetString,
}

#[derive(der::Sequence)]
struct TimeStampReq {
    version: u8,
    imprint: MessageImprint,
    nonce: Int,
    /// That the authority shall send its certificate.
    cert_req: bool,
}

/// Media type of a request.
pub const QUERY_TYPE: &str = "application/timestamp-query";

/// A new nonce, in hexadecimal: 16 digits, positive as an integer of DER.
pub fn nonce() -> Result<String, super::Error> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|e| super::Error::Stamp(e.to_string()))?;
    // Neither negative nor with leading zeros, so that it has one form only.
    bytes[0] = (bytes[0] & 0x7f) | 0x40;
    Ok(shoseki_model::hex(&bytes))
}

/// The request (a TimeStampReq in DER) for a stamp on these bytes.
pub fn request(data: &[u8], nonce: &str) -> Result<Vec<u8>, super::Error> {
    let told = |e: der::Error| super::Error::Stamp(e.to_string());
    let number =
        unhex(nonce).ok_or_else(|| super::Error::Stamp("the nonce is no number".into()))?;
    TimeStampReq {
        version: 1,
        imprint: MessageImprint {
            algorithm: AlgorithmIdentifierOwned {
                oid: SHA256,
                parameters: Some(der::Any::null()),
            },
            hashed: OctetString::new(Sha256::digest(data).to_vec()).map_err(told)?,
        },
        nonce: Int::new(&number).map_err(told)?,
        cert_req: true,
    }
    .to_der()
    .map_err(told)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |b: u8| (b as char).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let pairs = text.as_bytes().chunks(2).map(|p| match p {
        [a, b] => Some(digit(*a)? << 4 | digit(*b)?),
        _ => None,
    });
    pairs.collect()
}

/// A time stamp, read; its signature is checked by [`Stamp::verify`].
#[derive(Clone, Debug)]
pub struct Stamp {
    /// The time that the authority states, RFC 3339 in UTC.
    pub time: String,
    imprint: Vec<u8>,
    nonce: Option<String>,
    signed: Signed,
}

impl Stamp {
    /// Reads a TimeStampResp. Says why where the authority refused, or where the
    /// bytes are none.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut outer = Reader::new(bytes);
        let mut response = outer.sequence()?;
        outer.end()?;
        let mut status = response.sequence()?;
        let code = integer(status.take(2)?);
        if code != "00" {
            return Err(format!(
                "the authority did not grant it: its status is {code}, with {} bytes of reasons",
                status.rest().len()
            ));
        }
        status.end()?;
        let signed = Signed::parse(&mut response)?;
        response.end()?;
        if signed.content_type != TST_INFO {
            return Err(format!("it holds {}, no time stamp", signed.content_type));
        }
        let content = signed.content.clone();
        let mut whole = Reader::new(&content);
        let mut info = whole.sequence()?;
        whole.end()?;
        if integer(info.take(2)?) != "01" {
            return Err("it is of another version than 1".to_owned());
        }
        info.oid()?;
        let mut imprint = info.sequence()?;
        let algorithm = imprint.sequence()?.oid()?;
        if algorithm != SHA256.to_string() {
            return Err(format!("it is over a digest {algorithm}, not SHA-256"));
        }
        let hashed = imprint.take(4)?.to_vec();
        imprint.end()?;
        info.take(2)?;
        let time = time(info.take(0x18)?)?;
        // Accuracy, ordering, nonce, the authority's name, extensions.
        let mut nonce = None;
        while let Some((tag, value)) = info.any()? {
            if tag == 2 {
                nonce = Some(integer(value));
            }
        }
        Ok(Self {
            time,
            imprint: hashed,
            nonce,
            signed,
        })
    }

    /// Whether it is over these bytes and answers the request with this nonce.
    pub fn covers(&self, data: &[u8], nonce: Option<&str>) -> Result<(), String> {
        if self.imprint[..] != Sha256::digest(data)[..] {
            return Err("it is over other bytes than this seal".to_owned());
        }
        match nonce {
            Some(n) if self.nonce.as_deref() != Some(n) => {
                Err("it answers another request than this seal's".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// Checks the authority's signature and its certificate at the stated time
    /// against these roots.
    pub fn verify(&self, roots: &[CertificateDer<'static>]) -> Result<(), cms::Unverified> {
        self.signed.verify(roots, &self.time)
    }
}

/// A GeneralizedTime of RFC 3161, which may have fractions of a second.
fn time(value: &[u8]) -> Result<String, String> {
    let wrong = || "its time cannot be read".to_owned();
    let text = std::str::from_utf8(value).map_err(|_| wrong())?;
    let digits = text.strip_suffix('Z').ok_or_else(wrong)?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.len() != 14 || !all(whole) || !all(fraction) || fraction.len() > 9 {
        return Err(wrong());
    }
    let dot = if fraction.is_empty() { "" } else { "." };
    let rfc3339 = format!(
        "{}-{}-{}T{}:{}:{}{dot}{fraction}Z",
        &whole[..4],
        &whole[4..6],
        &whole[6..8],
        &whole[8..10],
        &whole[10..12],
        &whole[12..]
    );
    rfc3339
        .parse::<jiff::Timestamp>()
        .map(|_| rfc3339)
        .map_err(|_| wrong())
}
