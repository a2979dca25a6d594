//! What reads a token and JSON as strictly as we do, by other people's code: `base64` and `serde_json`, with the bounds that
//! the core states put around them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use latchkey::clock::Timestamp;
use latchkey::json::{MAX_DEPTH, MAX_MEMBERS};
use latchkey::jwt::MAX_LENGTH;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::HashSet;
use std::fmt;

/// JSON in which no member stands twice.
#[derive(Debug, PartialEq)]
pub enum Strict {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Strict>),
    Object(Vec<(String, Strict)>),
}

/// Why the reference gives no value.
#[derive(Debug, PartialEq)]
pub enum Doubt {
    /// It is refused.
    Wrong,
    /// A number at the edge of what a double holds, where the two may round to different sides, or an exponent that we
    /// refuse unseen.
    Number,
}

/// Header and claims of a JWT.
pub fn jwt(text: &str) -> Result<(Strict, Strict), Doubt> {
    let parts: Vec<_> = text.split('.').collect();
    let [header, claims, signature] = parts[..] else { return Err(Doubt::Wrong) };
    let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Doubt::Wrong);
    let object = |part: &str| {
        let text = String::from_utf8(bytes(part)?).map_err(|_| Doubt::Wrong)?;
        Strict::read(&text).and_then(|value| match value {
            Strict::Object(_) => Ok(value),
            _ => Err(Doubt::Wrong),
        })
    };
    bytes(signature)?;
    let (header, claims) = (object(header)?, object(claims)?);
    for name in ["exp", "nbf", "iat"] {
        match claims.get(name) {
            None => {}
            Some(Strict::Number(seconds)) if (0.0..=Timestamp::MAX_SECONDS).contains(seconds) => {}
            Some(_) => return Err(Doubt::Wrong),
        }
    }
    if text.len() > MAX_LENGTH { Err(Doubt::Wrong) } else { Ok((header, claims)) }
}

impl Strict {
    /// Reads a text that is one value.
    pub fn read(text: &str) -> Result<Strict, Doubt> {
        let exponents = text.split(['e', 'E']).skip(1).map(|rest| rest.trim_start_matches(['+', '-']));
        if exponents.into_iter().any(|rest| rest.bytes().take_while(u8::is_ascii_digit).count() > 18) {
            return Err(Doubt::Number);
        }
        let value: Strict = serde_json::from_str(text).map_err(|error| {
            if error.to_string().contains("out of range") { Doubt::Number } else { Doubt::Wrong }
        })?;
        if value.depth() > MAX_DEPTH { Err(Doubt::Wrong) } else { value.check_numbers().map(|()| value) }
    }

    /// The member of this name.
    pub fn get(&self, name: &str) -> Option<&Strict> {
        match self {
            Strict::Object(members) => {
                members.iter().find(|(given, _)| given == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    fn inner(&self) -> Vec<&Strict> {
        match self {
            Strict::List(items) => items.iter().collect(),
            Strict::Object(members) => members.iter().map(|(_, value)| value).collect(),
            _ => Vec::new(),
        }
    }

    fn depth(&self) -> usize {
        let own = usize::from(matches!(self, Strict::List(_) | Strict::Object(_)));
        own + self.inner().into_iter().map(Strict::depth).max().unwrap_or(0)
    }

    fn check_numbers(&self) -> Result<(), Doubt> {
        match self {
            Strict::Number(number) if number.abs() > 1e300 => Err(Doubt::Number),
            _ => self.inner().into_iter().try_for_each(Strict::check_numbers),
        }
    }
}

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reading)
    }
}

struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Strict;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Strict, E> {
        Ok(Strict::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Strict, E> {
        Ok(Strict::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Strict, E> {
        Ok(Strict::Number(value as f64))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Strict, E> {
        Ok(Strict::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Strict, E> {
        Ok(Strict::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Strict, E> {
        Ok(Strict::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Strict, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Strict::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Strict, A::Error> {
        let (mut object, mut names) = (Vec::new(), HashSet::new());
        while let Some((name, value)) = members.next_entry::<String, Strict>()? {
            if !names.insert(name.clone()) || names.len() > MAX_MEMBERS {
                return Err(A::Error::custom("twice, or too many"));
            }
            object.push((name, value));
        }
        Ok(Strict::Object(object))
    }
}
