use super::*;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn token(claims: impl AsRef<[u8]>) -> String {
    format!("{}.{}.c2ln", base64url(r#"{"alg":"HS256"}"#), base64url(claims))
}

#[track_caller]
fn refused(token: &str, why: &str) {
    let error = decode(token).expect_err(token);
    assert_eq!(error.code, Code::TokenMalformed);
    assert!(error.message.contains(why), "{:?} should say {why:?}", error.message);
    assert_eq!(times(token), Err(error), "times refuses what decode refuses");
}

/// RFC 7519 §3.1, whose JSON has line breaks in it.
#[test]
fn the_example_of_the_rfc() {
    let example = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
        eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
        dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let decoded = decode(example).unwrap();
    assert_eq!(decoded.header(), "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}");
    assert_eq!(decoded.times, Times { exp: 1_300_819_380.0, ..Times::default() });
    assert!(decoded.claims().contains("http://example.com/is_root"));
}

#[test]
fn all_three_times_are_read_with_their_fractions() {
    let read = times(&token(r#"{"exp":1.5,"nbf":0,"iat":8.64e12}"#)).unwrap();
    assert_eq!(read, Times { exp: 1.5, nbf: 0.0, iat: 8.64e12 });
}

#[test]
fn a_time_deeper_down_is_no_time_of_the_token() {
    assert_eq!(times(&token(r#"{"act":{"exp":"never"}}"#)).unwrap(), Times::default());
}

#[test]
fn it_expires_at_its_very_second_and_leeway_lengthens_its_life() {
    let read = times(&token(r#"{"exp":1000}"#)).unwrap();
    let at = Timestamp::from_millis;
    assert!(!read.is_expired(at(999_999), 0.0));
    assert!(read.is_expired(at(1_000_000), 0.0));
    assert!(!read.is_expired(at(1_004_999), 5.0));
    assert!(read.is_expired(at(1_005_000), 5.0));
    assert!(!Times::default().is_expired(at(i64::MAX), 0.0), "without exp it never expires");
}

#[test]
fn anything_but_three_parts_is_refused() {
    refused("", "empty");
    refused("opaque", "no dot");
    refused("a.b", "2 parts");
    refused("a.b.c.d", "4 parts");
    refused("a.b.c.d.e", "JWE");
}

#[test]
fn what_stands_around_the_token_is_refused() {
    let good = token("{}");
    refused(&format!("Bearer {good}"), "Bearer");
    refused(&format!("bearer {good}"), "Bearer");
    refused(&format!(" {good}"), "white space at character 0");
    refused(&format!("{good}\n"), "white space");
    refused(&format!("\u{feff}{good}"), "white space");
}

#[test]
fn base64_that_is_not_exactly_base64url_is_refused() {
    let header = base64url("{}");
    refused(&format!("{header}.e30=.c2ln"), "padded with '=' at 3");
    refused(&format!("{header}.e+0A.c2ln"), "standard alphabet");
    refused(&format!("{header}.e/0A.c2ln"), "standard alphabet");
    refused(&format!("{header}.e!0A.c2ln"), "wrong character at 1");
    refused(&format!("{header}.e.c2ln"), "1 characters cannot be whole bytes");
    refused(&format!("{header}.e31.c2ln"), "bits that mean nothing");
    refused(&format!("{header}.e30.c2m"), "the signature is not base64url: the last character");
    refused(&format!("{header}.e30.c2l="), "the signature is padded");
}

#[test]
fn an_unsecured_token_has_an_empty_signature_and_can_be_read() {
    assert_eq!(decode(&format!("{}.e30.", base64url(r#"{"alg":"none"}"#))).unwrap().claims(), "{}");
}

#[test]
fn a_payload_that_is_not_an_object_is_refused() {
    for claims in ["[]", "null", "1", "\"{}\"", "true"] {
        refused(&token(claims), "not an object");
    }
    refused(&format!("{}.e30.", base64url("[]")), "the header: it is not an object");
    refused(&token(""), "not an object");
}

#[test]
fn a_member_that_stands_twice_is_refused_wherever_it_stands() {
    refused(&token(r#"{"exp":1,"exp":2}"#), "\"exp\" stands twice");
    refused(&token(r#"{"a":[{"b":1,"c":2,"b":1}]}"#), "\"b\" stands twice");
    refused(&token(r#"{"sub":"x","s\u0075b":"y"}"#), "\"sub\" stands twice");
    let header = base64url(r#"{"alg":"HS256","alg":"none"}"#);
    refused(&format!("{header}.e30."), "the header: the member \"alg\" stands twice");
}

#[test]
fn times_that_no_date_can_hold_are_refused() {
    for name in ["exp", "nbf", "iat"] {
        for (value, why) in [
            ("\"1\"", "must be a number"),
            ("null", "must be a number"),
            ("[1]", "must be a number"),
            ("true", "must be a number"),
            ("-1", "is no date"),
            ("8.65e12", "is no date"),
            ("18446744073709551615", "is no date"),
            ("1e400", "number out of range"),
        ] {
            refused(&token(format!("{{\"{name}\":{value}}}")), why);
        }
    }
}

#[test]
fn bad_text_is_refused() {
    refused(&token(b"\xef\xbb\xbf{}"), "byte order mark");
    refused(&token(b"{\"a\":\"\xff\"}"), "not UTF-8: wrong byte at 6");
    refused(&token(r#"{"a":"\ud800"}"#), "wrong escape");
    refused(&token("{\"a\":\"\n\"}"), "control character");
    refused(&token("{}x"), "after the end");
    refused(&token("{\"a\":1,}"), "no name of a member");
    refused(&token("{\"a\":01}"), "no number as JSON");
    refused(&token("{'a':1}"), "no name of a member");
}

#[test]
fn length_and_depth_are_bounded() {
    let nested = |depth: usize| token(format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth)));
    assert!(decode(&nested(MAX_DEPTH - 1)).is_ok());
    refused(&nested(MAX_DEPTH), "nested more than 32 deep");
    refused(&nested(10_000), "nested more than 32 deep");
    refused(&"a".repeat(MAX_LENGTH + 1), "65537 characters");
}

/// A token in which nothing is unusual is read in one pass, and any other member by member: both must take the same for one.
#[test]
fn what_is_plain_is_judged_as_what_is_not() {
    let wide = |members: usize| {
        let members: Vec<_> = (0..members).map(|n| format!("\"m{n}\":[{{\"a\":1,\"b\":2}}]")).collect();
        format!("{{{},\"exp\":7}}", members.join(","))
    };
    for claims in [
        wide(31),
        wide(32),
        wide(900),
        r#"{"exp":7,"a\u0062":1,"ab2":"\/"}"#.into(),
        r#"{"exp":7e0}"#.into(),
        " { \"exp\" : 7 , \"a\" : [ ] , \"b\" : { } } ".into(),
        r#"{"a":{"exp":1},"exp":7,"b":[{"exp":2}]}"#.into(),
    ] {
        assert_eq!(times(&token(&claims)).unwrap().exp, 7.0, "{claims}");
    }
    let wide = wide(40);
    for claims in [
        r#"{"exp":7,"a":{"b":1,"c":{"d":1,"d":2}}}"#.to_owned(),
        r#"{"exp":7,"ab":1,"a\u0062":2}"#.into(),
        wide.replace("\"m39\"", "\"m0\""),
        wide.replace("\"b\":2", "\"a\":2"),
    ] {
        refused(&token(&claims), "stands twice");
    }
    for claims in [
        r#"{"exp":7"#,
        r#"{"exp":7,"a":[1}"#,
        r#"{"exp":7,"a":{]}"#,
        r#"{"exp":7]"#,
        r#"{"exp":7,"a":truex}"#,
    ] {
        assert!(times(&token(claims)).is_err(), "{claims}");
    }
}
