//! Key sets as they come, and as they should not.

use super::*;
use crate::verify::jwks::{MAX_KEYS, Set};

const KEYS: &str = r#"{"keys":[
    {"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB","alg":"RS256","use":"sig"},
    {"kty":"EC","crv":"P-256","kid":"b","x":"AQAB","y":"AQAB"},
    {"kty":"RSA","kid":"b","n":"AQAB","e":"AQAB","alg":"RS256"},
    {"kty":"RSA","kid":"enc","n":"AQAB","e":"AQAB","use":"enc"},
    {"kty":"EC","crv":"P-256","kid":"private","x":"AQAB","y":"AQAB","d":"AQAB"},
    {"kty":"oct","kid":"secret","k":"AQAB"},
    {"kty":"AKP","kid":"new","alg":"ML-DSA-44"},
    {"kty":"RSA","kid":"plain","n":"AQAB","e":"AQAB"},
    {"kty":"OKP","crv":"Ed25519","x":"AQAB","kid":"twice"},
    {"kty":"OKP","crv":"Ed25519","x":"AQAC","kid":"twice"}
]}"#;

fn choose(kid: Option<&str>, alg: &str, options: &str) -> Result<Option<&'static str>> {
    let token = format!("{}.", unsigned(&format!(r#"{{"alg":"{alg}"}}"#), "{}"));
    let unverified = Unverified::read(&token)?;
    let mut wanted = unverified.wanted(policy(options)?.algorithms)?;
    let kid = kid.map(str::to_owned);
    wanted.kid = kid.as_ref();
    Ok(Set::read(KEYS).unwrap().choose(&wanted)?.map(|named| named.algorithm.name()))
}

#[test]
fn a_key_is_chosen_by_its_id_and_its_algorithm() {
    assert_eq!(choose(Some("a"), "RS256", "{}").unwrap(), Some("RS256"));
    assert_eq!(choose(Some("b"), "ES256", "{}").unwrap(), Some("ES256"), "two kinds may have one id");
    assert_eq!(choose(Some("b"), "RS256", "{}").unwrap(), Some("RS256"));
    assert_eq!(choose(Some("a"), "ES256", "{}").unwrap(), None);
    assert_eq!(choose(Some("c"), "RS256", "{}").unwrap(), None);
    assert_eq!(choose(None, "ES256", "{}").unwrap(), Some("ES256"), "the only one of its kind");
    assert_eq!(choose(Some("plain"), "PS384", r#"{"algorithms":["PS384","ES256"]}"#).unwrap(), Some("PS384"));
}

#[test]
fn a_key_that_does_not_do_is_refused_with_its_reason() {
    for (kid, alg, code, said) in [
        (Some("enc"), "RS256", Code::Signature, "not meant to verify"),
        (Some("private"), "ES256", Code::Signature, "private"),
        (Some("secret"), "RS256", Code::Signature, "secret"),
        (Some("new"), "RS256", Code::Signature, "unknown kind"),
        (Some("twice"), "EdDSA", Code::Signature, "more than one"),
        (None, "EdDSA", Code::Signature, "more than one"),
        (Some("plain"), "RS256", Code::Config, "must name one"),
        (Some("a"), "none", Code::Signature, "alg is not allowed"),
        (Some("secret"), "HS256", Code::Signature, "alg is not allowed"),
    ] {
        let error = choose(kid, alg, "{}").unwrap_err();
        assert!(error.code == code && error.message.contains(said), "{kid:?} {alg}: {error}");
    }
    let error = choose(Some("a"), "RS256", r#"{"algorithms":"ES256"}"#).unwrap_err();
    assert!(error.code == Code::Signature && error.message.contains("not allowed"), "{error}");
}

#[test]
fn what_is_no_set_is_refused_with_its_reason() {
    let many = format!(r#"{{"keys":[{}]}}"#, vec![r#"{"kty":"RSA"}"#; MAX_KEYS + 1].join(","));
    for (body, said) in [
        ("", "no JSON"),
        ("<!doctype html><title>Sign in</title>", "no JSON"),
        (r#"{"keys":[{"kty":"RSA","kty":"EC"}]}"#, "stands twice"),
        (r#"{"keys":[{"kty":"RSA""#, "no JSON"),
        ("[]", "no list"),
        ("{}", "no list"),
        (r#"{"keys":{}}"#, "no list"),
        (r#"{"keys":[]}"#, "no keys"),
        (&many, "more than 100"),
    ] {
        let why = Set::read(body).unwrap_err();
        assert!(why.contains(said), "{body}: {why:?}");
    }
    assert!(Set::read(r#"{"keys":[5,null,{}]}"#).is_ok(), "kept with their reason");
}
