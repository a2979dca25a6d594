//! Held against serde_json, which is what this would be if it were smaller.

use super::*;
use crate::json::{Json, Value as Owned};
use crate::text::Text;
use serde_json::Value;

fn same(ours: &Json, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Json::Null, Value::Null) => true,
        (Json::Bool(a), Value::Bool(b)) => a == b,
        (Json::Text(a), Value::String(b)) => a.as_str() == b,
        (Json::Number(a), Value::Number(b)) => {
            let (a, b) = (number(a).unwrap(), b.as_f64().unwrap());
            (a - b).abs() <= b.abs() * 4.0 * f64::EPSILON + f64::MIN_POSITIVE
        }
        (Json::List(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, value)| b.get(name.as_str()).is_some_and(|theirs| same(value, theirs)))
        }
        _ => false,
    }
}

#[track_caller]
fn agree(text: &str) {
    match (Json::parse(text), serde_json::from_str::<Value>(text)) {
        (Ok(ours), Ok(theirs)) => {
            assert!(same(&ours, &theirs), "{text:?}: {ours:?} and {theirs:?}");
            assert_eq!(
                serde_json::from_str::<Value>(&ours.to_text()).unwrap(),
                theirs,
                "{text:?} written again"
            );
        }
        (Err(_), Err(_)) => {}
        (ours, theirs) => panic!("{text:?}: {ours:?} and {theirs:?}"),
    }
    for text in [text, &format!("{{\"a\":{text}}}")] {
        let looked_through = Json::parse_for(text, &|_| false).map(drop);
        assert_eq!(looked_through, Json::parse(text).map(drop), "{text:?}: both refuse the same");
        assert_eq!(Json::parse_for(text, &|_| true), Json::parse(text), "{text:?}: both read the same");
    }
}

const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\"a\"",
    "\"b\":",
    "\\",
    "\\u0041",
    "\\ud83d\\ude00",
    "\\ud800",
    "\\n",
    "\\x",
    "0",
    "-",
    "1",
    ".5",
    "e",
    "E+",
    "-0",
    "12",
    "1e9",
    "01",
    "true",
    "false",
    "null",
    "nul",
    " ",
    "\n",
    "\t",
    "\u{1}",
    "ü",
    "\u{1F600}",
    "\u{feff}",
    "/",
];

/// Every text of up to three pieces, and a hundred thousand longer ones.
#[test]
fn it_reads_what_serde_json_reads() {
    for a in PIECES {
        agree(a);
        for b in PIECES {
            agree(&format!("{a}{b}"));
            for c in PIECES {
                agree(&format!("{a}{b}{c}"));
                agree(&format!("[\"{a}{b}{c}\"]"));
            }
        }
    }
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..100_000 {
        let mut text = String::new();
        for _ in 0..12 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(PIECES[(state >> 33) as usize % PIECES.len()]);
        }
        // What stands twice is refused here and not there.
        if Json::parse(&text).is_err_and(|problem| problem.contains("twice")) {
            continue;
        }
        agree(&text);
    }
}

#[test]
fn numbers_are_read_as_near_as_whole_seconds_need() {
    for text in [
        "0",
        "-0",
        "1800000000",
        "9007199254740993",
        "18446744073709551615",
        "1.5",
        "0.1",
        "123456789.125",
        "1e-7",
        "1800000000.123",
        "8.64e12",
        "1e22",
    ] {
        assert_eq!(number(text), text.parse().ok(), "{text}: the nearest double");
    }
    assert_eq!(number("1e400"), None);
    assert_eq!(number("1e-400"), Some(0.0));
    assert_eq!(number("123456789012345678901234567890e-20").map(|n| n as i64), Some(1_234_567_890));
    assert!(Json::parse("1e99999999999").is_err());
}

#[test]
fn what_is_ambiguous_or_boundless_is_refused() {
    for (text, why) in [
        (r#"{"a":1,"a":2}"#, "the member \"a\" stands twice, at character 10"),
        (r#"{"a":{"b":1,"\u0062":2}}"#, "the member \"b\" stands twice"),
        ("{} {}", "something after the end"),
        ("[1,]", "no JSON value at character 3"),
        ("{\"a\"}", "no colon"),
        ("[1 2]", "no comma"),
        ("\"a", "does not end"),
    ] {
        let problem = Json::parse(text).unwrap_err();
        assert!(problem.contains(why), "{text}: {problem:?}");
    }
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(Json::parse(&nested(MAX_DEPTH)).is_ok());
    assert!(Json::parse(&nested(MAX_DEPTH + 1)).is_err());
    let object = |members: usize| {
        let members: Vec<_> = (0..members).map(|n| format!("\"{n}\":0")).collect();
        format!("{{{}}}", members.join(","))
    };
    assert!(Json::parse(&object(MAX_MEMBERS)).is_ok());
    assert!(Json::parse(&object(MAX_MEMBERS + 1)).is_err());
}

/// RFC 6901 §5.
#[test]
fn pointers_point_as_the_rfc_says() {
    let document = Json::parse(r#"{"foo":["bar","baz"],"":0,"a/b":1,"m~n":8}"#).unwrap();
    let at = |pointer| document.pointer(pointer).map(Json::to_text);
    assert_eq!(at("/foo/1").as_deref(), Some("\"baz\""));
    assert_eq!(at("/").as_deref(), Some("0"));
    assert_eq!(at("/a~1b").as_deref(), Some("1"));
    assert_eq!(at("/m~0n").as_deref(), Some("8"));
    assert_eq!(at(""), Some(document.to_text()));
    assert_eq!(Json::parse(r#"{"a":{"":1}}"#).unwrap().pointer("/a/").and_then(Json::to_number), Some(1.0));
    assert_eq!(at("/foo/2"), None);
    assert_eq!(at("/foo/-0"), None);
    assert_eq!(at("/foo/x"), None);
}

/// The items of a list; what is none is its own only one.
#[test]
fn one_is_taken_as_a_list_of_one() {
    let is = |wanted: &'static str| move |item: &Json| item.is(wanted);
    for (text, first, second, has_b) in [
        (r#"["a","b"]"#, Some("\"a\""), Some("\"b\""), true),
        (r#"["a"]"#, Some("\"a\""), None, false),
        ("[]", None, None, false),
        (r#"[["b"]]"#, Some(r#"["b"]"#), None, false),
        (r#""b""#, Some("\"b\""), None, true),
        ("null", Some("null"), None, false),
        (r#"{"b":"b"}"#, Some(r#"{"b":"b"}"#), None, false),
    ] {
        let json = Json::parse(text).unwrap();
        let item = |at| json.item(at).map(Json::to_text);
        assert_eq!((item(0).as_deref(), item(1).as_deref()), (first, second), "{text}");
        assert_eq!((item(2), json.items().any(is("b"))), (None, has_b), "{text}");
        assert_eq!(json.as_list().is_some(), text.starts_with('['), "{text}");
    }
}

#[test]
fn a_value_is_put_together_as_it_is_read() {
    let mut list = Owned::list();
    for item in [Owned::from("a"), (&"b".to_owned()).into(), Text::from("c").into(), true.into()] {
        list.push(item);
    }
    list.push(Json::Number("7".into()).into());
    list.push(Owned::default());
    let mut object = Owned::object().with("list", list).with("a\"", Owned::object()).with("old", "o".into());
    object.set("old", "new".into());
    assert_eq!(object.to_text(), r#"{"list":["a","b","c",true,7,null],"a\"":{},"old":"new"}"#);
    assert_eq!(Ok(object), Json::parse(r#"{"list":["a","b","c",true,7,null],"a\"":{},"old":"new"}"#));
}

#[test]
fn only_a_list_has_items_and_only_an_object_has_members() {
    for text in ["null", "true", "1", "\"a\"", "[]", "{}"] {
        let was = Json::parse(text).unwrap();
        let mut json = was.own();
        json.push("item".into());
        assert_eq!(json == was, text != "[]", "{text}");
        let json = was.own().with("name", "member".into());
        assert_eq!(json == was, text != "{}", "{text}");
    }
}

#[test]
fn what_is_owned_is_another() {
    let given = Json::parse(r#"{"a":["b"]}"#).unwrap();
    let mut own = given.get("a").unwrap().own();
    assert_eq!(Some(&*own), given.get("a"));
    own.push("c".into());
    assert_eq!((own.to_text(), given.list("a").len()), (r#"["b","c"]"#.into(), 1));
    assert_eq!(own.take_items().len(), 2);
    assert_eq!((own, size_of::<Option<Owned>>()), (Owned::list(), size_of::<usize>()));
}
