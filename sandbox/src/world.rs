//! A world: the state of all services, apart from that of every other world.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use axum::http::{HeaderMap, Method, Uri};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::credentials::Credentials;
use crate::faults::Fault;
use crate::log::{self, Entry};
use crate::services::masumi::Store;
use crate::services::masv;
use crate::services::{Call, Service};
use crate::settings::{Algorithm, Settings};
use crate::tokens::{Request, Token, Tokens};

/// How many requests the log holds; the oldest go first. A long benchmark must not fill the memory.
const LOGGED: usize = 20_000;

/// No clock goes further than 25 years: neither a `Date` nor RFC 3339 can tell every time.
const FAR: u64 = 25 * 365 * 24 * 3600;

/// A world of its own: clock, tokens, counters, log, faults and settings.
#[derive(Debug)]
pub struct World {
    /// Where it is: `http://127.0.0.1:PORT/w/<id>`.
    pub url: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) settings: Settings,
    pub(crate) credentials: Credentials,
    pub(crate) tokens: Tokens,
    pub(crate) faults: Vec<Fault>,
    pub(crate) masumi: BTreeMap<Service, Store>,
    pub(crate) masv: masv::Store,
    log: VecDeque<Entry>,
    arrived: u64,
    counters: BTreeMap<String, u64>,
}

impl World {
    pub(crate) fn new(origin: &str, id: &str) -> Self {
        let mut state = State::default();
        state.tokens.world = id.to_owned();
        state.masv = masv::Store::new(id, SystemTime::now());
        for service in [Service::Masumi, Service::Masumi025] {
            let admin = state.credentials.get(service, "apiKey").to_owned();
            state.masumi.insert(service, Store::new(&format!("{id} {}", service.name()), &admin));
        }
        Self { url: format!("{origin}/w/{id}"), state: Mutex::new(state) }
    }

    /// A test that panics with the state in hand leaves it whole: each change is one call.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The base URL of a service.
    pub fn service_url(&self, service: Service) -> String {
        format!("{}/{}{}", self.url, service.name(), service.base())
    }

    /// All that `GET W/_sandbox` shows.
    pub fn describe(&self) -> Value {
        let urls = Service::ALL.map(|service| (service.name(), self.service_url(service)));
        let urls: BTreeMap<_, _> = urls.into_iter().collect();
        self.with(|state| {
            json!({ "url": self.url, "services": urls, "credentials": state.credentials, "settings": state.settings })
        })
    }

    /// One of a service's credentials.
    pub fn credential(&self, service: Service, name: &str) -> String {
        self.with(|state| state.credentials.get(service, name).to_owned())
    }

    /// Changes some settings: `json!({"lifetime": {"masivo": 2}, "clockOffset": 3600})`.
    pub fn set(&self, changes: &Value) -> Result<Settings, String> {
        self.with(|state| {
            state.settings = state.settings.changed(changes)?;
            Ok(state.settings.clone())
        })
    }

    /// Adds a fault; it comes after those that are there.
    pub fn fault(&self, fault: Fault) {
        self.with(|state| state.faults.push(fault));
    }

    /// The faults that are still to come.
    pub fn faults(&self) -> Vec<Fault> {
        self.with(|state| state.faults.clone())
    }

    /// Takes all faults back.
    pub fn clear_faults(&self) {
        self.with(|state| state.faults.clear());
    }

    /// The requests so far, or the last 20,000 of them.
    pub fn log(&self) -> Vec<Entry> {
        self.with(|state| state.log.iter().cloned().collect())
    }

    /// Empties the log and the counters.
    pub fn clear_log(&self) {
        self.with(|state| {
            state.log.clear();
            state.counters.clear();
        });
    }

    /// How many requests there were, by `service.purpose`.
    pub fn counters(&self) -> BTreeMap<String, u64> {
        self.with(|state| state.counters.clone())
    }

    /// One of the counters: `world.count("masivo.token")`.
    pub fn count(&self, counter: &str) -> u64 {
        self.with(|state| state.counters.get(counter).copied().unwrap_or_default())
    }

    /// Refuses all tokens that a service has issued so far. With `sticky`, its login gives the refused one again.
    pub fn revoke(&self, service: Service, sticky: bool) {
        self.with(|state| state.tokens.revoke(service, sticky));
    }

    /// Changes some of a service's credentials.
    pub fn change_credentials(
        &self,
        service: Service,
        changes: BTreeMap<String, String>,
    ) -> Result<(), String> {
        self.with(|state| {
            state.credentials.change(service, changes)?;
            if let Some(store) = state.masumi.get_mut(&service) {
                store.rename_admin(state.credentials.get(service, "apiKey"));
            }
            Ok(())
        })
    }

    /// The RPC provider keys that both Masumi services list.
    pub fn set_rpc_keys(&self, keys: &[Value]) {
        self.with(|state| {
            state.masumi.values_mut().for_each(|store| store.rpc_keys = keys.to_vec());
        });
    }

    pub(crate) fn arrive(
        &self,
        service: Service,
        purpose: &str,
        request: (&Method, &str, &Uri, &HeaderMap),
    ) -> u64 {
        let (method, path, uri, headers) = request;
        self.with(|state| {
            state.arrived += 1;
            *state.counters.entry(format!("{}.{purpose}", service.name())).or_default() += 1;
            if state.log.len() == LOGGED {
                state.log.pop_front();
            }
            state.log.push_back(Entry {
                n: state.arrived,
                at: timestamp(SystemTime::now()),
                service,
                purpose: purpose.to_owned(),
                method: method.to_string(),
                path: path.to_owned(),
                query: log::query(uri),
                headers: log::headers(headers, log::digest),
                credentials: log::credentials(headers),
                faults: Vec::new(),
                status: None,
            });
            state.arrived
        })
    }

    /// Changes the log's entry of that number, if it has not been cleared meanwhile.
    pub(crate) fn note(&self, n: u64, change: impl FnOnce(&mut Entry)) {
        self.with(|state| {
            if let Ok(index) = state.log.binary_search_by_key(&n, |entry| entry.n) {
                change(&mut state.log[index]);
            }
        });
    }
}

impl State {
    /// The world's time.
    pub(crate) fn time(&self) -> SystemTime {
        moved(SystemTime::now(), self.settings.clock_offset)
    }

    /// The world's time in seconds.
    pub(crate) fn now(&self) -> i64 {
        unix(self.time())
    }

    /// Issues a token of a service; an expired one if the call says so.
    pub(crate) fn issue(&mut self, call: &Call, subject: &str, claims: Value) -> Token {
        self.issue_as(call, subject, claims, Algorithm::HS256, "JWT")
    }

    pub(crate) fn issue_as(
        &mut self,
        call: &Call,
        subject: &str,
        claims: Value,
        algorithm: Algorithm,
        typ: &'static str,
    ) -> Token {
        let lifetime = self.settings.lifetime.get(&call.service).copied().unwrap_or_default();
        self.issue_for(call, subject, claims, lifetime, algorithm, typ)
    }

    /// Issues a token that lives otherwise than the service's others.
    pub(crate) fn issue_for(
        &mut self,
        call: &Call,
        subject: &str,
        claims: Value,
        lifetime: i64,
        algorithm: Algorithm,
        typ: &'static str,
    ) -> Token {
        // An expired token is one that was issued a lifetime and a minute ago.
        let issued_at = self.now() - if call.expired { lifetime.saturating_add(60) } else { 0 };
        let expires_at = issued_at.saturating_add(lifetime);
        let claims = claims.as_object().cloned().unwrap_or_default();
        let subject = subject.to_owned();
        let service = call.service;
        self.tokens.issue(Request { service, subject, algorithm, typ, issued_at, expires_at, claims })
    }
}

/// A time that is some seconds later, or earlier.
pub(crate) fn moved(time: SystemTime, seconds: i64) -> SystemTime {
    let by = Duration::from_secs(seconds.unsigned_abs().min(FAR));
    if seconds < 0 { time - by } else { time + by }
}

/// Seconds since 1970.
pub(crate) fn unix(time: SystemTime) -> i64 {
    DateTime::<Utc>::from(time).timestamp()
}

/// A time as RFC 3339 has it, with milliseconds.
pub(crate) fn timestamp(time: SystemTime) -> String {
    DateTime::<Utc>::from(time).to_rfc3339_opts(SecondsFormat::Millis, true)
}
