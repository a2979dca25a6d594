//! A fixed count of hostile inputs through what `cargo xtask fuzz` runs for longer: valid examples, spoilt by chance.
//!
//! Each input is one seed, and a failure tells it: `LATCHKEY_SEED=<seed> cargo test --test fuzz` makes that one again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs,
    reason = "a test says what it expects by failing"
)]

#[path = "../../fuzz/src/lib.rs"]
mod targets;

use fastrand::Rng;
use std::panic::catch_unwind;

/// Inputs of each target.
const INPUTS: u64 = 40_000;

/// What stands between others in every format that is read.
const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u0000",
    "\\ud83d\\ude00",
    "\\ud800",
    "null",
    "true",
    "0",
    "-1",
    "1e400",
    "1e22",
    "8.64e12",
    "8.65e12",
    "9007199254740993",
    "0.1",
    "\"exp\":",
    "\"exp\":1,",
    "\"\":",
    "=",
    ".",
    "..",
    "-",
    "_",
    "+",
    "/",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\0",
    "\u{feff}",
    "é",
    "\u{1f511}",
    "GMT",
    "Feb",
    "29",
    "31",
    "00",
    "99",
    "1969",
    "2100",
    "bearer",
    "Bearer ",
    "insufficient_scope",
    "insufficient",
    "error=",
];

const CLAIMS: &[&str] = &[
    "{}",
    r#"{"exp":1800000000,"iat":1799996400,"nbf":1799996400.5,"sub":"a\u00e9","aud":["x","y"],"act":{"sub":"z"}}"#,
    r#"{"exp":8.64e12,"n":[1,-2.5e-3,1e22,123456789012345678901234567890],"t":true,"f":false,"z":null}"#,
];

const ANSWERS: &[&str] = &[
    r#"{"data":"a.b.c"}"#,
    r#"{"token":"a.b.c","teams":[],"user":{}}"#,
    r#"{"access_token":"t","created_at":1799999000,"expires_in":3600,"refresh_token":"r","scope":"a b","token_type":"Bearer"}"#,
    r#"{"error":"invalid_client","error_description":"no such client"}"#,
    r#"{"code":40102,"message":"no access to tenant","status":401}"#,
    r#"{"r":[{"t":"tok"}],"in":"60","at":"2027-01-15T08:00:00.5Z"}"#,
    r#"{"status":"error","error":{"message":"id: Required; a.b: Too long"}}"#,
    r#"{"status":"success","data":{"id":"i","token":"*****abcd","permission":"Admin","status":"Active","usageLimited":false,"NetworkLimit":["Preprod"],"RemainingUsageCredits":[{"unit":"","amount":"10"}],"canRead":true,"WalletScopes":[{"hotWalletId":"w"}]}}"#,
    r#"{"status":"success","data":{"ApiKeys":[{"id":"i","token":"t","permission":"Read","status":"Revoked","usageLimited":true,"networkLimit":["Mainnet"],"RemainingUsageCredits":[]}]}}"#,
    r#"{"status":"success","data":{"RpcProviderKeys":[{"id":"i","rpcProvider":"p","network":"Mainnet","rpcProviderApiKey":"k","createdAt":"c","updatedAt":"u"}]}}"#,
];

const WAITS: &[&str] = &[
    "120",
    "Fri, 15 Jan 2027 08:00:09 GMT\nFri, 15 Jan 2027 08:00:00 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT\nSun Nov  6 08:49:37 1994",
    "Tue, 29 Feb 2028 23:59:59 GMT\n",
];

const CHALLENGES: &[&str] = &[
    r#"Bearer realm="a", error="insufficient_scope", scope="x y""#,
    r#"Basic realm="b", Bearer error="invalid_token""#,
];

const SETS: &[&str] = &[
    r#"{"keys":[{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB","alg":"RS256","use":"sig"},{"kty":"EC","crv":"P-256","kid":"b","x":"AA","y":"AA"}]}"#,
    r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA","kid":"a","key_ops":["verify"]},{"kty":"oct","kid":"k","k":"AA"},{"kty":"EC","crv":"P-256","d":"AA"}]}"#,
];

fn pick<'a>(rng: &mut Rng, from: &[&'a str]) -> &'a str {
    from[rng.usize(..from.len())]
}

/// Spoils a text in a few places, each time in one of the ways in which texts go bad.
fn spoil(rng: &mut Rng, text: &mut Vec<u8>, others: &[&str]) {
    for _ in 0..rng.usize(0..4) {
        let at = rng.usize(0..=text.len());
        let end = rng.usize(at..=text.len().min(at + 12));
        match rng.u8(0..7) {
            0 => drop(text.splice(at..end, [])),
            1 => drop(text.splice(at..at, pick(rng, WORDS).bytes())),
            2 => drop(text.splice(at..end, pick(rng, WORDS).bytes())),
            3 if at < text.len() => text[at] ^= 1 << rng.u8(0..8),
            4 => {
                let piece = text[at..end].to_vec();
                let to = rng.usize(0..=text.len());
                text.splice(to..to, piece);
            }
            5 => {
                let other = pick(rng, others).as_bytes();
                let from = rng.usize(0..=other.len());
                text.splice(at.., other[from..].iter().copied());
            }
            _ => {
                // Deeper than anybody nests: the bound is met, and so is the stack.
                let depth = rng.usize(1..60);
                let nest = format!("{}{}", "[".repeat(depth), "]".repeat(if rng.bool() { depth } else { 0 }));
                text.splice(at..end, nest.bytes());
            }
        }
    }
}

fn spoilt(rng: &mut Rng, examples: &[&str]) -> Vec<u8> {
    let mut text = pick(rng, examples).as_bytes().to_vec();
    spoil(rng, &mut text, examples);
    text
}

fn jwt(rng: &mut Rng) -> Vec<u8> {
    let headers = [r#"{"alg":"HS256","typ":"JWT"}"#, r#"{"alg":"none"}"#];
    let header = if rng.bool() { spoilt(rng, &headers) } else { headers[0].into() };
    let claims = spoilt(rng, CLAIMS);
    if rng.bool() {
        return [b"\0", &header[..], b"\n", &claims].concat();
    }
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let token = format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let mut token = token.into_bytes();
    if rng.bool() {
        spoil(rng, &mut token, &["a.b.c", "e30.e30."]);
    }
    token
}

fn answer(rng: &mut Rng) -> Vec<u8> {
    // Mostly 200, which is where a token is looked for.
    let status = if rng.bool() { 0 } else { rng.u8(..) };
    [vec![rng.u8(..), status], spoilt(rng, ANSWERS)].concat()
}

fn run(target: fn(&[u8]), make: impl Fn(&mut Rng) -> Vec<u8>) {
    let seeds = match std::env::var("LATCHKEY_SEED") {
        Ok(seed) => {
            let seed: u64 = seed.parse().expect("LATCHKEY_SEED is a number");
            seed..seed + 1
        }
        Err(_) => 0..INPUTS,
    };
    for seed in seeds {
        let input = make(&mut Rng::with_seed(seed));
        if catch_unwind(|| target(&input)).is_err() {
            panic!("LATCHKEY_SEED={seed}: {:?}", String::from_utf8_lossy(&input));
        }
    }
}

#[test]
fn tokens() {
    run(targets::jwt, jwt);
}

#[test]
fn json() {
    run(targets::json, |rng| spoilt(rng, &[CLAIMS, ANSWERS].concat()));
}

#[test]
fn answers() {
    run(targets::answers, answer);
}

#[test]
fn key_sets() {
    run(targets::jwks, |rng| [pick(rng, &["a\n", "b\n", "\n", ""]).as_bytes(), &spoilt(rng, SETS)].concat());
}

#[test]
fn waits() {
    run(targets::waits, |rng| spoilt(rng, WAITS));
}

#[test]
fn challenges() {
    run(targets::challenges, |rng| spoilt(rng, CHALLENGES));
}

/// Chance has to leave some inputs good, or the half of each comparison that accepts would never be made.
#[test]
fn good_inputs_are_among_them() {
    let tokens = (0..1000).filter(|seed| {
        let input = jwt(&mut Rng::with_seed(*seed));
        std::str::from_utf8(&input).is_ok_and(|text| latchkey::jwt::decode(text).is_ok())
    });
    let texts = (0..1000).filter(|seed| {
        let input = spoilt(&mut Rng::with_seed(*seed), ANSWERS);
        std::str::from_utf8(&input).is_ok_and(|text| latchkey::json::Json::parse(text).is_ok())
    });
    let sets = (0..1000).filter(|seed| {
        let input = spoilt(&mut Rng::with_seed(*seed), SETS);
        std::str::from_utf8(&input).is_ok_and(|text| latchkey::verify::jwks::Set::read(text).is_ok())
    });
    let sets = sets.count();
    assert!((100..900).contains(&sets), "{sets} of 1000 key sets are good");
    let (tokens, texts) = (tokens.count(), texts.count());
    assert!((50..950).contains(&tokens), "{tokens} of 1000 tokens are good");
    assert!((100..900).contains(&texts), "{texts} of 1000 texts are good");
}
