use super::*;
use crate::functions::tests::call;
use serde_json::json;

fn ciphers(names: &[&str], expected: Option<bool>) {
    for n in names {
        let got = call(cipher, &[json!(n)]).ok();
        assert_eq!(got, expected.map(|b| json!(b)), "{n}");
    }
}

#[test]
fn recommended_suites() {
    ciphers(
        &[
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_AES_128_CCM_SHA256",
            "TLS_AES_128_CCM_8_SHA256",
            "TLS_CHACHA20_POLY1305_SHA256",
            "ECDHE-RSA-AES128-GCM-SHA256",
            "ECDHE-ECDSA-AES256-GCM-SHA384",
            "ECDHE-ECDSA-AES128-SHA256",
            "ECDHE-RSA-AES256-SHA384",
            "ECDHE-RSA-CHACHA20-POLY1305",
            "ECDHE-ECDSA-AES256-CCM8",
            "ECDHE-ECDSA-AES128-CCM",
            "DHE-RSA-AES128-GCM-SHA256",
            "ECDHE-RSA-CAMELLIA128-SHA256",
            "ECDHE-ECDSA-CAMELLIA256-SHA384",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_DHE_RSA_WITH_CAMELLIA_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8",
        ],
        Some(true),
    );
}

#[test]
fn suites_that_are_not() {
    ciphers(
        &[
            "AES128-GCM-SHA256",
            "AES256-SHA",
            "DES-CBC3-SHA",
            "ECDHE-RSA-AES128-SHA",
            "ECDHE-RSA-DES-CBC3-SHA",
            "RC4-MD5",
            "RC4-SHA",
            "ADH-AES128-GCM-SHA256",
            "EXP-RC4-MD5",
            "TLS_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
            "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
            "TLS_RSA_EXPORT_WITH_RC4_40_MD5",
            "TLS_RSA_WITH_NULL_SHA",
            "TLS_DH_anon_WITH_AES_128_GCM_SHA256",
            "ECDHE-ECDSA-ARIA128-GCM-SHA256",
        ],
        Some(false),
    );
}

#[test]
fn what_is_unknown_is_no_verdict() {
    ciphers(
        &[
            "",
            "TLS",
            "AES",
            "TLS_FOO_WITH_AES_128_GCM_SHA256",
            "PSK-AES128-GCM-SHA256",
            "ECDHE-RSA-AES128-XYZ",
        ],
        None,
    );
}

#[test]
fn keys() {
    for (name, bits, expected) in [
        ("RSA", 2048, Some(true)),
        ("RSA", 1024, Some(false)),
        ("RSA_2048", 0, Some(true)),
        ("RSA-4096", 0, Some(true)),
        ("RSA_1024", 0, Some(false)),
        ("rsa-2048", 0, Some(true)),
        ("EC", 256, Some(true)),
        ("ECDSA", 192, Some(false)),
        ("EC_prime256v1", 0, Some(true)),
        ("EC_secp384r1", 0, Some(true)),
        ("ECC_NIST_P521", 0, Some(true)),
        ("ed25519", 0, Some(true)),
        ("ECC_NIST_EDWARDS25519", 0, Some(true)),
        ("SYMMETRIC_DEFAULT", 0, Some(true)),
        ("HMAC_256", 0, Some(true)),
        ("HMAC_224", 0, Some(false)),
        ("SM2", 0, Some(false)),
        ("RSA", 0, None),
        ("rsa", 0, None),
        ("ML_DSA_44", 0, None),
        ("ECC_SECG_P256K1", 0, None),
        ("", 2048, None),
    ] {
        let got = call(key, &[json!(name), json!(bits)]).ok();
        assert_eq!(got, expected.map(|b| json!(b)), "{name} {bits}");
    }
}

#[test]
fn keys_of_cloud_kms() {
    for (name, expected) in [
        ("GOOGLE_SYMMETRIC_ENCRYPTION", true),
        ("AES_256_GCM", true),
        ("AES_128_CTR", true),
        ("RSA_SIGN_PSS_2048_SHA256", true),
        ("RSA_SIGN_PKCS1_4096_SHA512", true),
        ("RSA_SIGN_RAW_PKCS1_3072", true),
        ("RSA_DECRYPT_OAEP_3072_SHA256", true),
        ("RSA_DECRYPT_OAEP_2048_SHA1", false),
        ("EC_SIGN_P256_SHA256", true),
        ("EC_SIGN_P384_SHA384", true),
        ("EC_SIGN_ED25519", true),
        ("EC_SIGN_SECP256K1_SHA256", false),
        ("HMAC_SHA1", false),
        ("HMAC_SHA256", true),
    ] {
        assert_eq!(
            call(key, &[json!(name), json!(0)]),
            Ok(json!(expected)),
            "{name}"
        );
    }
    for name in [
        "PQ_SIGN_ML_DSA_65",
        "ML_KEM_768",
        "KEM_XWING",
        "EXTERNAL_SYMMETRIC_ENCRYPTION",
    ] {
        assert!(call(key, &[json!(name), json!(0)]).is_err(), "{name}");
    }
}
