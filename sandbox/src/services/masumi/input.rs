//! Checking input as the service's schemas do, with their messages: `path: message; path: message`.

use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::Refusal;

/// An input and what is wrong with it, in the order of asking.
pub(super) struct Input<'a> {
    given: &'a Map<String, Value>,
    issues: Vec<String>,
}

impl<'a> Input<'a> {
    pub(super) fn new(given: &'a Map<String, Value>) -> Self {
        Self { given, issues: Vec::new() }
    }

    /// Nothing, or all that is wrong.
    pub(super) fn finish(self) -> Result<(), Refusal> {
        if self.issues.is_empty() { Ok(()) } else { Err((StatusCode::BAD_REQUEST, self.issues.join("; "))) }
    }

    pub(super) fn string(&mut self, name: &str, min: usize, max: usize) -> Option<&'a str> {
        let value = self.given.get(name)?;
        self.text(name, Some(value), min, max)
    }

    pub(super) fn required_string(&mut self, name: &str, max: usize) -> &'a str {
        self.text(name, self.given.get(name), 0, max).unwrap_or_default()
    }

    pub(super) fn boolean(&mut self, name: &str) -> Option<bool> {
        let value = self.given.get(name)?;
        if value.as_bool().is_none() {
            self.wrong_type(name, "boolean", Some(value));
        }
        value.as_bool()
    }

    /// A number in a query, which JavaScript's `Number` reads.
    pub(super) fn number(&mut self, name: &str, default: usize) -> usize {
        let Some(text) = self.given.get(name).and_then(Value::as_str) else { return default };
        let number = if text.trim().is_empty() { Ok(0.0) } else { text.trim().parse::<f64>() };
        match number {
            Err(_) => self.issue(name, "Invalid input: expected number, received NaN"),
            Ok(number) if number < 1.0 => self.issue(name, "Too small: expected number to be >=1"),
            Ok(number) if number > 100.0 => self.issue(name, "Too big: expected number to be <=100"),
            Ok(number) => return number as usize,
        }
        default
    }

    pub(super) fn one_of(&mut self, name: &str, options: &[&str]) -> Option<&'a str> {
        let value = self.given.get(name)?;
        self.option(name, value, options)
    }

    /// A list of options.
    pub(super) fn options(&mut self, name: &str, options: &[&str], max: usize) -> Option<Vec<&'a str>> {
        let items = self.array(name, Some(max))?;
        Some(
            items
                .iter()
                .enumerate()
                .filter_map(|(n, item)| self.option(&format!("{name}[{n}]"), item, options))
                .collect(),
        )
    }

    /// A list of texts.
    pub(super) fn strings(&mut self, name: &str, max: usize) -> Option<Vec<&'a str>> {
        let items = self.array(name, Some(max))?;
        Some(
            items
                .iter()
                .enumerate()
                .filter_map(|(n, item)| self.text(&format!("{name}[{n}]"), Some(item), 0, 150))
                .collect(),
        )
    }

    /// A list of `{unit, amount}`.
    pub(super) fn credits(&mut self, name: &str, max: Option<usize>) -> Option<Vec<(&'a str, &'a str)>> {
        let items = self.array(name, max)?;
        let mut credits = Vec::new();
        for (n, item) in items.iter().enumerate() {
            let path = format!("{name}[{n}]");
            if !item.is_object() {
                self.wrong_type(&path, "object", Some(item));
                continue;
            }
            let unit = self.text(&format!("{path}.unit"), item.get("unit"), 0, 150);
            let amount = self.text(&format!("{path}.amount"), item.get("amount"), 0, usize::MAX);
            credits.extend(unit.zip(amount));
        }
        Some(credits)
    }

    pub(super) fn required_credits(&mut self, name: &str) -> Vec<(&'a str, &'a str)> {
        if !self.given.contains_key(name) {
            self.wrong_type(name, "array", None);
        }
        self.credits(name, None).unwrap_or_default()
    }

    fn array(&mut self, name: &str, max: Option<usize>) -> Option<&'a [Value]> {
        let value = self.given.get(name)?;
        let Some(items) = value.as_array() else {
            self.wrong_type(name, "array", Some(value));
            return None;
        };
        if let Some(max) = max.filter(|max| items.len() > *max) {
            self.issue(name, &format!("Too big: expected array to have <={max} items"));
            return None;
        }
        Some(items)
    }

    fn text(&mut self, path: &str, value: Option<&'a Value>, min: usize, max: usize) -> Option<&'a str> {
        let Some(text) = value.and_then(Value::as_str) else {
            self.wrong_type(path, "string", value);
            return None;
        };
        // The service counts as JavaScript does.
        let length = text.encode_utf16().count();
        if length < min {
            self.issue(path, &format!("Too small: expected string to have >={min} characters"));
        } else if length > max {
            self.issue(path, &format!("Too big: expected string to have <={max} characters"));
        }
        Some(text)
    }

    fn option(&mut self, path: &str, value: &'a Value, options: &[&str]) -> Option<&'a str> {
        let chosen = value.as_str().filter(|text| options.contains(text));
        if chosen.is_none() {
            let options: Vec<_> = options.iter().map(|option| format!("\"{option}\"")).collect();
            self.issue(path, &format!("Invalid option: expected one of {}", options.join("|")));
        }
        chosen
    }

    fn wrong_type(&mut self, path: &str, expected: &str, value: Option<&Value>) {
        let received = match value {
            None => "undefined",
            Some(Value::Null) => "null",
            Some(Value::Bool(_)) => "boolean",
            Some(Value::Number(_)) => "number",
            Some(Value::String(_)) => "string",
            Some(Value::Array(_)) => "array",
            Some(Value::Object(_)) => "object",
        };
        self.issue(path, &format!("Invalid input: expected {expected}, received {received}"));
    }

    fn issue(&mut self, path: &str, message: &str) {
        self.issues.push(format!("{path}: {message}"));
    }
}
