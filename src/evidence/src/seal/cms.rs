//! Signed data of CMS (RFC 5652), as far as time stamps use it: one signer with
//! signed attributes. Signatures and certificates are checked by `webpki`.

use super::tlv::Reader;
use aws_lc_rs::digest::{self, Algorithm as Digest};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use std::time::Duration;
use webpki::aws_lc_rs as algorithms;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

/// id-kp-timeStamping 1.3.6.1.5.5.7.3.8, as the contents of an OBJECT IDENTIFIER.
const TIME_STAMPING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 8];
const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
/// RFC 2634 (SHA-1) and RFC 5035: which certificate the signer meant.
const SIGNING_CERTIFICATE: &str = "1.2.840.113549.1.9.16.2.12";
const SIGNING_CERTIFICATE_V2: &str = "1.2.840.113549.1.9.16.2.47";

/// Why a signature was not found to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unverified {
    /// It does not hold.
    Wrong(String),
    /// It is of a kind that this program does not check.
    Unsupported(String),
}

/// Signed data, read.
#[derive(Clone, Debug)]
pub(super) struct Signed {
    /// What kind of content it is.
    pub(super) content_type: String,
    /// The content.
    pub(super) content: Vec<u8>,
    certificates: Vec<Vec<u8>>,
    /// Issuer and serial number of the signer's certificate, as they stand there.
    issuer: Vec<u8>,
    serial: Vec<u8>,
    digest: String,
    /// The signed attributes as a SET, which is what the signature covers.
    attributes: Vec<u8>,
    algorithm: String,
    signature: Vec<u8>,
}

impl Signed {
    /// Reads a ContentInfo.
    pub(super) fn parse(from: &mut Reader<'_>) -> Result<Self, String> {
        let mut info = from.sequence()?;
        if info.oid()? != SIGNED_DATA {
            return Err("it holds no signed data".to_owned());
        }
        let mut inside = Reader::new(info.take(0xa0)?);
        info.end()?;
        let mut data = inside.sequence()?;
        inside.end()?;
        version(&mut data, &[3])?;
        let mut digests = Reader::new(data.take(0x31)?);
        let named = algorithm(&mut digests)?;
        digests.end()?;
        let mut encapsulated = data.sequence()?;
        let content_type = encapsulated.oid()?;
        let mut explicit = Reader::new(encapsulated.take(0xa0)?);
        encapsulated.end()?;
        let content = explicit.take(4)?.to_vec();
        explicit.end()?;
        let mut certificates = Vec::new();
        if data.peek() == Some(0xa0) {
            let mut all = Reader::new(data.take(0xa0)?);
            while all.peek().is_some() {
                certificates.push(all.whole(0x30)?.0.to_vec());
            }
        }
        if data.peek() == Some(0xa1) {
            data.take(0xa1)?;
        }
        let mut signers = Reader::new(data.take(0x31)?);
        data.end()?;
        let mut signer = signers.sequence()?;
        signers.end()?;
        version(&mut signer, &[1])?;
        let mut sid = signer.sequence().map_err(|_| {
            "its signer is not named by issuer and serial number, which this program cannot read"
                .to_owned()
        })?;
        let issuer = sid.whole(0x30)?.0.to_vec();
        let serial = sid.take(2)?.to_vec();
        sid.end()?;
        let digest = algorithm(&mut signer)?;
        if digest != named {
            return Err("its signer uses another digest than it names".to_owned());
        }
        let mut attributes = signer.whole(0xa0)?.0.to_vec();
        attributes[0] = 0x31;
        let algorithm = algorithm(&mut signer)?;
        let signature = signer.take(4)?.to_vec();
        if signer.peek() == Some(0xa1) {
            signer.take(0xa1)?;
        }
        signer.end()?;
        Ok(Self {
            content_type,
            content,
            certificates,
            issuer,
            serial,
            digest,
            attributes,
            algorithm,
            signature,
        })
    }

    /// Checks attributes, signature and certificate; the latter at `time`,
    /// RFC 3339.
    pub(super) fn verify(
        &self,
        roots: &[CertificateDer<'static>],
        time: &str,
    ) -> Result<(), Unverified> {
        let hash = digest_of(&self.digest)?;
        let certificate = self.certificate()?;
        self.check_attributes(hash, certificate)
            .map_err(Unverified::Wrong)??;
        let der = CertificateDer::from(certificate);
        let wrong = |e: webpki::Error| {
            Unverified::Wrong(format!("the authority's certificate does not hold: {e}"))
        };
        let signer = EndEntityCert::try_from(&der).map_err(wrong)?;
        let candidates = candidates(&self.algorithm, &self.digest)?;
        if !candidates.iter().any(|a| {
            signer
                .verify_signature(*a, &self.attributes, &self.signature)
                .is_ok()
        }) {
            return Err(Unverified::Wrong(
                "the authority's signature does not hold".to_owned(),
            ));
        }
        let anchors: Result<Vec<_>, _> = roots.iter().map(anchor_from_trusted_cert).collect();
        let anchors = anchors.map_err(wrong)?;
        let between: Vec<_> = self
            .certificates
            .iter()
            .map(|c| CertificateDer::from(c.as_slice()))
            .collect();
        signer
            .verify_for_usage(
                webpki::ALL_VERIFICATION_ALGS,
                &anchors,
                &between,
                moment(time)?,
                KeyUsage::required(TIME_STAMPING),
                None,
                None,
            )
            .map_err(wrong)?;
        Ok(())
    }

    /// The certificate that the signer's issuer and serial number name.
    fn certificate(&self) -> Result<&[u8], Unverified> {
        let named =
            |c: &&Vec<u8>| names(c).is_ok_and(|n| n == (&self.serial[..], &self.issuer[..]));
        match self.certificates.iter().find(named) {
            Some(c) => Ok(c),
            None => Err(Unverified::Unsupported(
                "it does not carry the certificate of its signer".to_owned(),
            )),
        }
    }

    fn check_attributes(
        &self,
        hash: &'static Digest,
        certificate: &[u8],
    ) -> Result<Result<(), Unverified>, String> {
        let mut outer = Reader::new(&self.attributes);
        let mut all = Reader::new(outer.take(0x31)?);
        outer.end()?;
        let (mut kind, mut imprint, mut signer) = (None, None, None);
        while all.peek().is_some() {
            let mut attribute = all.sequence()?;
            let oid = attribute.oid()?;
            let mut values = Reader::new(attribute.take(0x31)?);
            attribute.end()?;
            match oid.as_str() {
                CONTENT_TYPE => kind = Some(values.oid()?),
                MESSAGE_DIGEST => imprint = Some(values.take(4)?),
                SIGNING_CERTIFICATE => {
                    let found = meant(values, &digest::SHA1_FOR_LEGACY_USE_ONLY)?;
                    // The newer attribute, if there is one, decides.
                    signer = signer.or(Some(found));
                }
                SIGNING_CERTIFICATE_V2 => signer = Some(meant(values, &digest::SHA256)?),
                _ => {}
            }
        }
        if kind.as_deref() != Some(&self.content_type) {
            return Err("its attributes name another content".to_owned());
        }
        if imprint != Some(digest::digest(hash, &self.content).as_ref()) {
            return Err("its content is not what was signed".to_owned());
        }
        let Some((hash, digest)) = signer else {
            return Ok(Err(Unverified::Unsupported(
                "it does not say which certificate signed (RFC 5816)".to_owned(),
            )));
        };
        if digest::digest(hash, certificate).as_ref() != digest {
            return Err("it was signed with another certificate than it carries".to_owned());
        }
        Ok(Ok(()))
    }
}

/// The first certificate that a SigningCertificate attribute names: its digest.
fn meant<'a>(
    mut values: Reader<'a>,
    default: &'static Digest,
) -> Result<(&'static Digest, &'a [u8]), String> {
    let mut id = values.sequence()?.sequence()?.sequence()?;
    let hash = if id.peek() == Some(0x30) {
        let oid = algorithm(&mut id)?;
        digest_of(&oid).map_err(|_| format!("its certificate is named by a digest {oid}"))?
    } else {
        default
    };
    Ok((hash, id.take(4)?))
}

/// Serial number and issuer of a certificate.
fn names(certificate: &[u8]) -> Result<(&[u8], &[u8]), String> {
    let mut signed = Reader::new(certificate).sequence()?.sequence()?;
    if signed.peek() == Some(0xa0) {
        signed.take(0xa0)?;
    }
    let serial = signed.take(2)?;
    signed.sequence()?;
    Ok((serial, signed.whole(0x30)?.0))
}

/// RFC 5652 has one version for each form.
fn version(from: &mut Reader<'_>, expected: &[u8]) -> Result<(), String> {
    if from.take(2)? == expected {
        Ok(())
    } else {
        Err("its signed data are of another version than their form asks for".to_owned())
    }
}

/// An AlgorithmIdentifier without parameters.
fn algorithm(from: &mut Reader<'_>) -> Result<String, String> {
    let mut sequence = from.sequence()?;
    let oid = sequence.oid()?;
    match sequence.any()? {
        None | Some((5, [])) => sequence.end()?,
        // Kept apart by its name, so that it is told as not supported.
        Some(_) => return Ok(format!("{oid} with parameters")),
    }
    Ok(oid)
}

fn digest_of(oid: &str) -> Result<&'static Digest, Unverified> {
    match oid {
        "2.16.840.1.101.3.4.2.1" => Ok(&digest::SHA256),
        "2.16.840.1.101.3.4.2.2" => Ok(&digest::SHA384),
        "2.16.840.1.101.3.4.2.3" => Ok(&digest::SHA512),
        _ => Err(Unverified::Unsupported(format!("its digest is {oid}"))),
    }
}

type Algorithm = &'static dyn SignatureVerificationAlgorithm;

/// What the signature may be: PKCS #1 v1.5 (RFC 8017) and ECDSA (RFC 5758), with
/// the digest of the attributes.
fn candidates(algorithm: &str, digest: &str) -> Result<Vec<Algorithm>, Unverified> {
    let size = digest_of(digest)?.output_len();
    let (rsa, ecdsa): (Algorithm, [Algorithm; 3]) = match size {
        32 => (
            algorithms::RSA_PKCS1_2048_8192_SHA256,
            [
                algorithms::ECDSA_P256_SHA256,
                algorithms::ECDSA_P384_SHA256,
                algorithms::ECDSA_P521_SHA256,
            ],
        ),
        48 => (
            algorithms::RSA_PKCS1_2048_8192_SHA384,
            [
                algorithms::ECDSA_P256_SHA384,
                algorithms::ECDSA_P384_SHA384,
                algorithms::ECDSA_P521_SHA384,
            ],
        ),
        _ => (
            algorithms::RSA_PKCS1_2048_8192_SHA512,
            [
                algorithms::ECDSA_P256_SHA512,
                algorithms::ECDSA_P384_SHA512,
                algorithms::ECDSA_P521_SHA512,
            ],
        ),
    };
    match (algorithm, size) {
        ("1.2.840.113549.1.1.1", _)
        | ("1.2.840.113549.1.1.11", 32)
        | ("1.2.840.113549.1.1.12", 48)
        | ("1.2.840.113549.1.1.13", 64) => Ok(vec![rsa]),
        ("1.2.840.10045.4.3.2", 32) | ("1.2.840.10045.4.3.3", 48) | ("1.2.840.10045.4.3.4", 64) => {
            Ok(ecdsa.to_vec())
        }
        _ => Err(Unverified::Unsupported(format!(
            "its signature is of the kind {algorithm}"
        ))),
    }
}

fn moment(rfc3339: &str) -> Result<UnixTime, Unverified> {
    let seconds = rfc3339
        .parse::<jiff::Timestamp>()
        .ok()
        .and_then(|t| u64::try_from(t.as_second()).ok());
    seconds
        .map(|s| UnixTime::since_unix_epoch(Duration::from_secs(s)))
        .ok_or_else(|| Unverified::Wrong("its time is before 1970".to_owned()))
}
