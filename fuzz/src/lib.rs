//! What is fuzzed: each function takes any bytes, has the core read them, and holds what comes out against a reference.
//!
//! `cargo xtask fuzz` runs them under libFuzzer; `tests/fuzz` runs a fixed count of inputs through the same functions.

pub mod reference;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use latchkey::clock::{ServerClock, Span, Timestamp};
use latchkey::config::Config;
use latchkey::http::{self, Answer, Header};
use latchkey::json::Json;
use latchkey::jwt;
use latchkey::platform::Url;
use latchkey::provider::masumi::keys;
use latchkey::store::{Call, Record};
use latchkey::text::Text;
use latchkey::verify::Algorithms;
use latchkey::verify::jwks::{MAX_KEYS, Named, Set, Wanted};
use reference::{Doubt, Strict};
use std::rc::Rc;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// A JWT: as it stands or, after a first byte of 0, as header and claims with a line between them, which are encoded here.
pub fn jwt(data: &[u8]) {
    let text = match data.split_first() {
        Some((0, parts)) => {
            let mut parts = parts.splitn(2, |byte| *byte == b'\n').map(|part| URL_SAFE_NO_PAD.encode(part));
            format!("{}.{}.c2ln", parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
        }
        _ => String::from_utf8_lossy(data).into_owned(),
    };
    let ours = jwt::decode(&text);
    assert_eq!(jwt::times(&text).ok(), ours.as_ref().ok().map(|decoded| decoded.times), "{text:?}: times");
    match (ours, reference::jwt(&text)) {
        (_, Err(Doubt::Number)) | (Err(_), Err(Doubt::Wrong)) => {}
        (Ok(ours), Ok((header, claims))) => {
            assert_eq!(Strict::read(ours.header()).as_ref(), Ok(&header), "{text:?}");
            assert_eq!(Strict::read(ours.claims()).as_ref(), Ok(&claims), "{text:?}");
            for (name, time) in [("exp", ours.times.exp), ("nbf", ours.times.nbf), ("iat", ours.times.iat)] {
                match (time.is_finite().then_some(time), claims.get(name)) {
                    (Some(time), Some(Strict::Number(number))) => {
                        assert!(near(time, *number), "{text:?}: {name}")
                    }
                    (time, said) => assert!(time.is_none() && said.is_none(), "{text:?}: {name} is {time:?}"),
                }
            }
        }
        (ours, theirs) => panic!("{text:?}: {ours:?}, and the reference {theirs:?}"),
    }
}

/// A JSON text.
pub fn json(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let ours = Json::parse(&text);
    let looked_through = Json::parse_for(&text, &|_| false);
    assert_eq!(looked_through.as_ref().err(), ours.as_ref().err(), "{text:?}: both refuse the same");
    assert_eq!(Json::parse_for(&text, &|_| true), ours, "{text:?}: both read the same");
    match (ours, Strict::read(&text)) {
        (_, Err(Doubt::Number)) | (Err(_), Err(Doubt::Wrong)) => {}
        (Ok(ours), Ok(theirs)) => {
            assert!(same(&ours, &theirs), "{text:?}: {ours:?}, and the reference {theirs:?}");
            assert_eq!(Strict::read(&ours.to_text()).as_ref(), Ok(&theirs), "{text:?} written again");
        }
        (ours, theirs) => panic!("{text:?}: {ours:?}, and the reference {theirs:?}"),
    }
}

/// The configurations whose answers are read, and where each finds its token.
pub const PROVIDERS: &[(&str, &str)] = &[
    (r#"{"provider":"masivo","apiKey":"k"}"#, "/data"),
    (r#"{"provider":"masv","email":"a@b.example","password":"p"}"#, "/token"),
    (r#"{"provider":"login","baseUrl":"https://a.example","apiKey":"k"}"#, "/access_token"),
    (r#"{"provider":"brifle","key":"k","secret":"s"}"#, "/access_token"),
    (r#"{"provider":"masumi","apiKey":"k"}"#, ""),
    (
        r#"{"provider":"oauth2","baseUrl":"https://a.example","tokenUrl":"https://a.example/t","clientId":"i","clientSecret":"s"}"#,
        "/access_token",
    ),
    (
        r#"{"provider":"custom","baseUrl":"https://a.example","credentials":{"k":"v"},"attach":{"header":"X"},
            "request":{"method":"GET","path":"/in"},"response":{"token":"/r/0/t","expiresIn":"/in","expiresAt":"/at"}}"#,
        "/r/0/t",
    ),
];

const STATUSES: &[u16] = &[200, 201, 204, 301, 400, 401, 403, 404, 408, 409, 429, 500, 503];

/// What an answer has of headers.
fn headers(sent: &[(Header, &str)]) -> Text {
    let mut headers = [""; Answer::HEADERS.len()];
    for (header, value) in sent {
        headers[*header as usize] = value;
    }
    headers.join("\n").into()
}

/// An answer: its first byte chooses the provider, its second the status, the rest is the body.
pub fn answers(data: &[u8]) {
    let [provider, status, body @ ..] = data else { return };
    let (config, pointer) = PROVIDERS[usize::from(*provider) % PROVIDERS.len()];
    let answer = Answer {
        status: STATUSES[usize::from(*status) % STATUSES.len()],
        headers: headers(&[(Header::ContentType, "application/json")]),
        body: String::from_utf8_lossy(body).into_owned().into(),
        asked: "GET /".into(),
        arrived_at: NOW,
        read: Default::default(),
        seen: Default::default(),
    };
    let config = Config::read(Json::parse(config).expect("a configuration"), &parse_url);
    let provider = config.map_err(|error| error.to_string()).expect("a configuration").provider;
    let error = provider.read_error(&answer);
    assert!(!error.message.is_empty());
    if let Ok(grant) = provider.read_token(&answer) {
        assert!((200..300).contains(&answer.status), "a token in an answer of {}", answer.status);
        let body: serde_json::Value = serde_json::from_str(&answer.body).expect("the reference reads it too");
        let token = body.pointer(pointer).and_then(serde_json::Value::as_str);
        assert_eq!(token, Some(grant.token.secret.reveal().as_str()), "{:?}", answer.body);
        assert!(http::is_header_value(grant.token.secret.reveal()));
        assert!(grant.expires_in.is_none_or(|span| span >= Span::ZERO));
        if let Ok(token) = grant.accept(NOW, &ServerClock::default()) {
            assert!(token.expires_at > NOW, "{:?}: has ended", answer.body);
        }
    }
    for version in ["0.28", "0.25"] {
        let config = format!(r#"{{"provider":"masumi","apiKey":"k","apiVersion":"{version}"}}"#);
        let config = Config::read(Json::parse(&config).expect("a configuration"), &parse_url);
        let config = config.map_err(|error| error.to_string()).expect("a configuration");
        for read in [keys::KEY, keys::PAGE, keys::RPC_PAGE] {
            let _ = read.read(&config, &answer);
        }
    }
}

/// A key set, and the key of a token: the first line is the token's `kid`, or nothing.
pub fn jwks(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (kid, body) = text.split_once('\n').unwrap_or(("", &text));
    let Ok(set) = Set::read(body) else { return };
    let theirs: serde_json::Value = serde_json::from_str(body).expect("the reference reads it too");
    let keys = theirs["keys"].as_array().expect("a list of keys");
    assert!((1..=MAX_KEYS).contains(&keys.len()), "{text:?}");
    let kid = kid.to_owned();
    for name in ["RS256", "ES256", "EdDSA"] {
        let kid = Some(&kid).filter(|kid| !kid.is_empty());
        let wanted = Wanted { kid, algorithm: Algorithms::named(name), allowed: Algorithms::named(name) };
        let Ok(Some(Named { algorithm, text: key })) = set.choose(&wanted) else { continue };
        let algorithm = algorithm.name();
        let key: serde_json::Value = serde_json::from_str(&key).expect("the text of a key");
        assert_eq!(algorithm, name, "{text:?}");
        assert!(keys.contains(&key) && key.get("d").is_none() && key.get("k").is_none(), "{text:?}");
        assert!(wanted.kid.is_none_or(|kid| key["kid"] == *kid), "{text:?}");
        let kinds = [("RS256", "RSA"), ("ES256", "EC"), ("EdDSA", "OKP")];
        assert!(kinds.iter().any(|(name, kind)| *name == algorithm && key["kty"] == *kind), "{text:?}");
    }
}

/// `Retry-After` and, on a second line, `Date`.
pub fn waits(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (wait, date) = text.split_once('\n').unwrap_or((&text, ""));
    // No header has a line of its own within.
    let date = date.split('\n').next().unwrap_or_default();
    let mut answer = Answer {
        status: 503,
        headers: headers(&[(Header::RetryAfter, wait), (Header::Date, date)]),
        body: Text::new(),
        asked: "GET /".into(),
        arrived_at: NOW,
        read: Default::default(),
        seen: Default::default(),
    };
    let span = answer.retry_after();
    assert!(span.is_none_or(|span| span >= Span::ZERO), "{text:?}: {span:?}");
    if let Ok(seconds) = wait.parse::<u32>() {
        assert_eq!(
            span,
            Some(Span::from_seconds(seconds.into())).filter(|_| !wait.starts_with('+')),
            "{text:?}"
        );
    }
    for date in [wait, date] {
        let ours = Timestamp::from_http_date(date);
        // The reference takes anything for some of the separators, so it is asked about texts that it could have written.
        if let Ok(theirs) = httpdate::parse_http_date(date)
            && is_written_out(date, theirs)
        {
            let since = theirs.duration_since(std::time::UNIX_EPOCH).expect("it reads none before 1970");
            assert_eq!(ours, Some(Timestamp::from_millis(since.as_millis() as i64)), "{date:?}");
        }
    }
    // A wait until a date is told by the clock of who wrote the date.
    if let (Some(until), Some(from)) = (Timestamp::from_http_date(wait), answer.date())
        && wait.trim().bytes().any(|byte| !byte.is_ascii_digit())
    {
        assert_eq!(span, Some((until - from).max(Span::ZERO)), "{text:?}");
    }
    answer.headers = headers(&[(Header::RetryAfter, wait), (Header::Date, date), (Header::Age, "1")]);
    assert_eq!(answer.date(), None);
    let _ = http::error_of(&answer);
    let _ = Timestamp::from_rfc3339(wait);
}

/// Whether this is how one of the three forms writes that instant.
fn is_written_out(date: &str, instant: std::time::SystemTime) -> bool {
    let first = httpdate::fmt_http_date(instant);
    let words: Vec<_> = first.split(' ').collect();
    let [weekday, day, month, year, time, _] = words[..] else { return false };
    let second = format!(", {day}-{month}-{} {time} GMT", &year[2..]);
    let third = format!("{} {month} {:>2} {time} {year}", &weekday[..3], day.trim_start_matches('0'));
    date == first || date.ends_with(&second) || date == third
}

/// `WWW-Authenticate`.
pub fn challenges(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    assert_eq!(http::is_insufficient_scope(&text), text.contains("insufficient_scope"), "{text:?}");
}

/// A record of a store.
pub fn records(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let lines: Vec<_> = text.split('\n').collect();
    let Some(Record { generation, token }) = Record::read(&text, NOW, Span::ZERO) else {
        // Nothing that is right is refused.
        let is_number =
            |line: &str| line.bytes().all(|byte| byte.is_ascii_digit()) && line.parse::<i64>().is_ok();
        if let [generation, made_at, life, token, ..] = lines[..] {
            let is_right = lines.len() == 7 && [generation, made_at].iter().all(|line| is_number(line));
            let is_right = is_right && (life.is_empty() || is_number(life)) && http::is_header_value(token);
            assert!(!is_right, "{text:?} is refused");
        }
        return;
    };
    assert_eq!(lines.len(), 7, "{text:?}");
    assert_eq!(lines[0].parse(), Ok(generation), "{text:?}");
    assert_eq!(lines[3], token.secret.reveal());
    assert!(http::is_header_value(token.secret.reveal()));
    // Beyond what a `Date` can tell there is no instant.
    let bounded = |line: &str| line.parse::<i64>().ok().map(|millis| millis.min(8_640_000_000_000_000));
    let (made_at, life) = (bounded(lines[1]).expect("a number"), bounded(lines[2]));
    let end = (!token.expires_at.is_never()).then(|| token.expires_at.as_millis());
    let longest = life.map(|life| (made_at + life).min(NOW.as_millis() + life));
    assert_eq!(end, longest, "{text:?}");
    // What is read is what is written.
    if token.expires_at >= NOW {
        let again = Call::set(generation, &token, NOW, Span::ZERO).record;
        let again = Record::read(again.reveal(), NOW, Span::ZERO).expect("what was written is read");
        assert_eq!((again.generation, &again.token.secret), (generation, &token.secret));
        assert_eq!(again.token.expires_at, token.expires_at, "{text:?}");
        assert_eq!((again.token.scopes, again.token.id), (token.scopes, token.id), "{text:?}");
    }
}

fn same(ours: &Json, theirs: &Strict) -> bool {
    match (ours, theirs) {
        (Json::Null, Strict::Null) => true,
        (Json::Bool(a), Strict::Bool(b)) => a == b,
        (Json::Text(a), Strict::Text(b)) => a.as_str() == b,
        (Json::Number(a), Strict::Number(b)) => latchkey::json::number(a).is_some_and(|a| near(a, *b)),
        (Json::List(a), Strict::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Object(a), Strict::Object(b)) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|((name, a), (other, b))| name == other.as_str() && same(a, b))
        }
        _ => false,
    }
}

/// As near as `json::number` promises to come.
fn near(ours: f64, theirs: f64) -> bool {
    (ours - theirs).abs() <= theirs.abs() * 4.0 * f64::EPSILON + f64::MIN_POSITIVE
}

fn parse_url(text: &str, base: Option<&str>) -> Option<Rc<Url>> {
    let base = base.and_then(|base| url::Url::parse(base).ok());
    let url = url::Url::options().base_url(base.as_ref()).parse(text).ok()?;
    Some(Rc::new(Url {
        href: url.to_string(),
        origin: url.origin().ascii_serialization(),
        protocol: format!("{}:", url.scheme()),
        hostname: url.host_str().unwrap_or_default().to_owned(),
        pathname: url.path().to_owned(),
        search: url.query().map(|query| format!("?{query}")).unwrap_or_default(),
        has_credentials: !url.username().is_empty() || url.password().is_some(),
    }))
}
