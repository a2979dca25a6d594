//! The judge of the sandbox's Masumi: every recorded exchange is made again, in order and over HTTP, and its status,
//! body and telling headers are compared. Ids and keys differ from run to run in the real service, so they are mapped.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;

use latchkey_sandbox::{Sandbox, World};
use reqwest::{Client, Method};
use serde::Deserialize;
use serde_json::{Value, json};

const RECORDED: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/contracts/masumi-0.28.jsonl"));

/// The headers that are part of the contract. The recording has no others.
const HEADERS: [&str; 7] = [
    "access-control-allow-origin",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-max-age",
    "access-control-expose-headers",
    "allow",
    "content-type",
];

/// Exchanges that can not be compared, and why. It is asserted exactly: a stale entry fails.
const LEFT_OUT: [(&str, &str); 0] = [];

/// A call of the real session that was not recorded, whose effect shows later.
struct Bridge {
    /// The recorded exchange that it came before.
    before: &'static str,
    evidence: &'static str,
    method: Method,
    body: fn() -> Value,
    /// The id and the masked token of the key that it made, as recorded later.
    made: Option<(&'static str, &'static str)>,
}

const LIMITED: &str = "cmwr3cvl50002tw7d98mqus26";

const BRIDGES: [Bridge; 5] = [
    Bridge {
        before: "017_create_no_perms",
        evidence: "053 lists a key that may pay and not read, made between those of 015 and 017",
        method: Method::POST,
        body: || json!({ "UsageCredits": [], "canRead": false, "canPay": true }),
        made: Some(("cmwr3cvsw0005tw7dto60wksc", "*****en1x")),
    },
    Bridge {
        before: "030_create_unit_too_long",
        evidence: "053 lists a key with two credits of one unit, made between those of 026 and 031",
        method: Method::POST,
        body: || json!({ "UsageCredits": [{ "unit": "", "amount": "1" }, { "unit": "", "amount": "2" }] }),
        made: Some(("cmwr3cxga000ctw7dy592yssi", "*****381r")),
    },
    Bridge {
        before: "072_patch_credits_underflow",
        evidence: "070 shows 5 of \"abc\", 077 none",
        method: Method::PATCH,
        body: || json!({ "id": LIMITED, "UsageCreditsToAddOrRemove": [{ "unit": "abc", "amount": "-5" }] }),
        made: None,
    },
    Bridge {
        before: "080_patch_status_bad",
        evidence: "077 shows the network Preprod, 082 none, and the other chain in both",
        method: Method::PATCH,
        body: || json!({ "id": LIMITED, "NetworkLimit": [] }),
        made: None,
    },
    Bridge {
        before: "208_status_cc",
        evidence: "207 made a key with 100, 208 shows 105",
        method: Method::PATCH,
        body: || {
            json!({
                "id": "cmwr3ewo1000qtw7dkzp3s4gd",
                "UsageCreditsToAddOrRemove": [{ "unit": "", "amount": "5" }],
            })
        },
        made: None,
    },
];

#[derive(Deserialize)]
struct Exchange {
    name: String,
    request: Request,
    response: Response,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    path: String,
    headers: HashMap<String, String>,
    body: Value,
}

#[derive(Deserialize, Debug, PartialEq)]
struct Response {
    status: u16,
    headers: HashMap<String, String>,
    body: Value,
}

/// Recorded ids and tokens, and what they are called in this run.
#[derive(Default)]
struct Names {
    here: HashMap<String, String>,
    recorded: HashMap<String, String>,
}

impl Names {
    fn learn(&mut self, recorded: &Value, here: &Value) {
        let (Some(recorded), Some(here)) = (recorded.as_str(), here.as_str()) else {
            panic!("names are texts: {recorded} and {here}");
        };
        self.here.insert(recorded.to_owned(), here.to_owned());
        self.recorded.insert(here.to_owned(), recorded.to_owned());
    }

    fn learn_key(&mut self, recorded: &Value, here: &Value) {
        self.learn(&recorded["id"], &here["id"]);
        self.learn(&recorded["token"], &here["token"]);
        self.learn(&mask(&recorded["token"]), &mask(&here["token"]));
    }
}

/// A token as lists show it; a masked one stays as it is.
fn mask(token: &Value) -> Value {
    let token = token.as_str().unwrap_or_default();
    format!("*****{}", &token[token.len() - 4..]).into()
}

fn rename(value: &Value, names: &HashMap<String, String>) -> Value {
    match value {
        Value::String(text) => names.get(text).unwrap_or(text).clone().into(),
        Value::Array(items) => items.iter().map(|item| rename(item, names)).collect(),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), rename(value, names))).collect())
        }
        other => other.clone(),
    }
}

struct Replay {
    client: Client,
    world: Arc<World>,
    names: Names,
}

impl Replay {
    async fn send(&self, request: &Request) -> Response {
        let Request { method, path, headers, body } = request;
        let path = match path.split_once("cursorId=") {
            Some((before, id)) => format!("{before}cursorId={}", self.names.here.get(id).map_or(id, |id| id)),
            None => path.clone(),
        };
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut sent = self.client.request(method, format!("{}/masumi{path}", self.world.url));
        for (name, value) in headers {
            sent = sent.header(name, self.names.here.get(value).unwrap_or(value));
        }
        sent = match body {
            Value::Null => sent,
            // Of the body that was too big the recording has only a description.
            Value::String(_) => {
                sent.body(format!("{{\"UsageCredits\":[],\"padding\":\"{}\"}}", "x".repeat(1 << 20)))
            }
            body => match body.get("raw").and_then(Value::as_str) {
                Some(raw) => sent.body(raw.to_owned()),
                None => sent.body(rename(body, &self.names.here).to_string()),
            },
        };
        let answer = sent.send().await.expect("the sandbox answers");
        let status = answer.status().as_u16();
        let headers = answer.headers().iter().filter(|(name, _)| HEADERS.contains(&name.as_str()));
        let headers = headers
            .map(|(name, value)| (name.to_string(), value.to_str().expect("headers are text").to_owned()))
            .collect();
        let body = answer.text().await.expect("the body arrives");
        let body = serde_json::from_str(&body).unwrap_or(Value::String(body));
        Response { status, headers, body }
    }

    async fn bridge(&mut self, bridge: &Bridge) {
        let headers = [("token", "abcdef_this_should_be_very_secure"), ("content-type", "application/json")];
        let request = Request {
            method: bridge.method.to_string(),
            path: "/api/v1/api-key".to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            body: (bridge.body)(),
        };
        let answer = self.send(&request).await;
        assert_eq!(answer.status, 200, "bridge before {}: {}", bridge.before, answer.body);
        if let Some((id, token)) = bridge.made {
            self.names.learn_key(&json!({ "id": id, "token": token }), &answer.body["data"]);
        }
    }

    /// What differs, if anything.
    async fn repeat(&mut self, exchange: &Exchange) -> Option<String> {
        let mut answer = self.send(&exchange.request).await;
        if exchange.request.method == "POST" && exchange.response.status == 200 && answer.status == 200 {
            self.names.learn_key(&exchange.response.body["data"], &answer.body["data"]);
        }
        answer.body = rename(&answer.body, &self.names.recorded);
        (answer != exchange.response)
            .then(|| format!("{}\n  recorded {:?}\n  here     {answer:?}", exchange.name, exchange.response))
    }
}

#[tokio::test]
async fn every_recorded_exchange_is_answered_alike() {
    let sandbox = Sandbox::start().expect("the sandbox starts");
    let mut replay = Replay { client: Client::new(), world: sandbox.world(), names: Names::default() };
    let exchanges: Vec<Exchange> =
        RECORDED.lines().map(|line| serde_json::from_str(line).expect("a recorded exchange")).collect();
    let mut bridges = BRIDGES.iter().peekable();
    let mut differing = Vec::new();

    for exchange in &exchanges {
        while let Some(bridge) = bridges.next_if(|bridge| bridge.before == exchange.name) {
            replay.bridge(bridge).await;
        }
        let difference = replay.repeat(exchange).await;
        differing.extend(difference.map(|difference| (exchange.name.clone(), difference)));
    }

    let total = exchanges.len();
    // Straight to the standard output, since the number is worth seeing when the test passes too.
    writeln!(std::io::stdout(), "{} of {total} exchanges match", total - differing.len())
        .expect("standard output");
    assert_eq!(total, 105);
    if let Some(bridge) = bridges.next() {
        panic!("no exchange {} to bridge to ({})", bridge.before, bridge.evidence);
    }
    let unexplained: Vec<_> = differing
        .iter()
        .filter(|(name, _)| !LEFT_OUT.iter().any(|(left_out, _)| left_out == name))
        .map(|(_, difference)| difference.as_str())
        .collect();
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
    assert_eq!(differing.len(), LEFT_OUT.len(), "an exchange that is left out matches after all");
}
