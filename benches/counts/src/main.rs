//! The hot paths of the core on fixed inputs, for callgrind to count their instructions: `latchkey-counts NAME` does one of them,
//! and what counts is what [`measured`] does. `xtask/src/counts.rs` runs it and has the bounds.

use std::hint::black_box;
use std::rc::Rc;

use latchkey::client::{Client, Script, TokenOptions};
use latchkey::clock::Timestamp;
use latchkey::config::{Config, Fields};
use latchkey::error::Result;
use latchkey::json::Json;
use latchkey::jwt;
use latchkey::platform::{Platform, Url};
use latchkey::task::{Effect, Outcome, Step, Task};
use latchkey::text::Text;
use latchkey::verify::{Key, Policy, verify_secret};

/// What `benches/samples.mjs` makes: 680 characters, HS256, 14 claims.
const TOKEN: &str = include_str!("../token.txt");

/// The secret of a service that gives such, and its signature of that.
const SECRET: &[u8; 32] = b"0123456789abcdef0123456789abcdef";
const SIGNATURE: &str = "FKNUgU5OxLKw8G_gX4KQJAHWEtKLprgUneZjrBy-3E4";

const POLICY: &str = r#"{"algorithms":["HS256"],"issuer":"https://login.example.com/","audience":"orders"}"#;

const CONFIG: &str =
    r#"{"provider":"masumi","baseUrl":"https://api.example.com/v1","apiKey":"masumi-payment-key"}"#;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

fn main() {
    let name = std::env::args().nth(1).unwrap_or_default();
    let token = TOKEN.trim();
    let client = client();
    match name.as_str() {
        "isExpired" => twice(|| jwt::times(black_box(token)).is_ok()),
        "decode" => twice(|| jwt::decode(black_box(token)).is_ok()),
        "refused" => twice(|| jwt::decode(black_box(&token[1..])).is_err()),
        "verify" => {
            let (message, _) = token.rsplit_once('.').expect("it has three parts");
            let (signed, policy) = (format!("{message}.{SIGNATURE}"), policy());
            let key = || Key::secret(SECRET.to_vec()).expect("it is no PEM");
            twice(|| verify_secret(black_box(&signed), &policy, &key(), NOW).is_ok());
        }
        "token" => twice(|| client.cached(black_box(NOW)).is_some()),
        "fetch" => twice(|| client.ready(black_box("/orders"), NOW).is_some()),
        other => panic!("there is nothing by the name `{other}`"),
    }
}

/// The first time may have to make things that stay.
fn twice(mut work: impl FnMut() -> bool) {
    assert!(work());
    assert!(measured(&mut work));
}

#[inline(never)]
fn measured(work: &mut dyn FnMut() -> bool) -> bool {
    black_box(work())
}

fn policy() -> Policy {
    let given = Json::parse(POLICY).expect("it is JSON");
    Policy::read(Fields::new("options", given, &parse_url)).expect("it is right")
}

/// A client that holds its key.
fn client() -> Client {
    let given = Json::parse(CONFIG).expect("it is JSON");
    let config = Config::read(given, &parse_url).expect("it is right");
    let client = Client::new(config, Rc::new(Loopback));
    let caller = client.clone();
    let token = move |script: &mut Script| caller.token(script, TokenOptions::default()).map(|_| Text::new());
    drive(client.task(Box::new(token))).expect("a static key asks for nothing");
    client
}

/// Performs what needs nothing of the world.
fn drive(mut task: Task) -> Result<Outcome> {
    loop {
        match task.resume(Ok(Outcome::Done), NOW) {
            Step::Done(done) => return done,
            Step::Needs(Effect::Fly(flight)) => drop(drive(flight)),
            Step::Needs(_) => {}
        }
    }
}

/// A platform that does next to nothing, so that what is counted is the core's.
struct Loopback;

impl Platform for Loopback {
    fn random(&self) -> f64 {
        0.5
    }

    fn fresh_id(&self) -> Text {
        Text::new()
    }

    fn parse_url(&self, text: &str, _: Option<&str>) -> Option<Rc<Url>> {
        parse_url(text, None)
    }
}

/// Reads what stands above.
fn parse_url(text: &str, _: Option<&str>) -> Option<Rc<Url>> {
    let (hostname, _) = text.strip_prefix("https://")?.split_once('/')?;
    let origin = &text[..8 + hostname.len()];
    Some(Rc::new(Url {
        href: text.to_owned(),
        origin: origin.to_owned(),
        protocol: "https:".to_owned(),
        hostname: hostname.to_owned(),
        pathname: text[origin.len()..].to_owned(),
        search: String::new(),
        has_credentials: false,
    }))
}
