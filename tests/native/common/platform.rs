//! The platform of the tests: real requests, a clock that stands still until a test moves it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use latchkey::clock::{Span, Timestamp};
use latchkey::error::{Code, Error, Result};
use latchkey::event::Event;
use latchkey::http::{Answer, MAX_ANSWER, Request};
use latchkey::platform::{FunctionId, Platform, Url};
use latchkey::token::{Grant, Secret};
use serde_json::Value;
use tokio::sync::watch;

use super::config;

/// A function of the user's.
#[derive(Clone)]
pub(crate) enum Function {
    /// One that gives a credential.
    Credential(Rc<dyn Fn() -> Result<Secret>>),
    /// One that never answers.
    Silent,
    /// One that gets a token.
    Acquire(Rc<dyn Fn() -> Result<Grant>>),
}

/// What all clients of a scene share.
pub(crate) struct Stage {
    clock: watch::Sender<Timestamp>,
    functions: RefCell<Vec<Function>>,
    drawn: Cell<u8>,
    /// One that follows no redirect and keeps no connection, on which a fault could strike twice.
    pub(crate) http: reqwest::Client,
    /// The waits between tries.
    pub(crate) waits: RefCell<Vec<Span>>,
    /// What `onEvent` was told.
    pub(crate) events: RefCell<Vec<Event>>,
    /// What errors said.
    pub(crate) said: RefCell<Vec<String>>,
}

impl Stage {
    pub(crate) fn new(now: Timestamp) -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .no_proxy()
            .build()
            .unwrap();
        Stage {
            clock: watch::Sender::new(now),
            functions: RefCell::default(),
            drawn: Cell::default(),
            http,
            waits: RefCell::default(),
            events: RefCell::default(),
            said: RefCell::default(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        *self.clock.borrow()
    }

    pub(crate) fn advance(&self, span: Span) {
        self.clock.send_modify(|now| *now = *now + span);
    }

    /// Keeps a function, and gives what stands for it in a configuration.
    pub(crate) fn keep(&self, function: Function) -> Value {
        let mut functions = self.functions.borrow_mut();
        functions.push(function);
        config::function(functions.len() - 1)
    }

    fn function(&self, id: FunctionId) -> Function {
        self.functions.borrow()[id.0].clone()
    }
}

/// The platform of one client.
pub(crate) struct Native {
    pub(crate) stage: Rc<Stage>,
    /// The client's `timeout`, by which a timer is told from a wait before the next try.
    pub(crate) timeout: Span,
}

impl Platform for Native {
    fn now(&self) -> Timestamp {
        self.stage.now()
    }

    fn random(&self) -> f64 {
        0.5
    }

    fn fresh_id(&self) -> String {
        self.stage.drawn.set(self.stage.drawn.get() + 1);
        format!("{:032x}", self.stage.drawn.get())
    }

    fn parse_url(&self, text: &str, base: Option<&str>) -> Option<Url> {
        parse_url(text, base)
    }

    /// A timeout ends when the test moves the clock so far. A wait before the next try is noted, and over at once.
    fn sleep(&self, span: Span) -> impl Future<Output = ()> + 'static {
        let end = (span == self.timeout).then_some(self.now() + span);
        if end.is_none() {
            self.stage.waits.borrow_mut().push(span);
        }
        let mut clock = self.stage.clock.subscribe();
        async move {
            if let Some(end) = end {
                // It fails when the scene is over, and then nobody waits.
                let _ = clock.wait_for(|now| *now >= end).await;
            }
        }
    }

    fn spawn(&self, work: impl Future<Output = ()> + 'static) {
        tokio::task::spawn_local(work);
    }

    async fn send(&self, request: Request) -> Result<Answer> {
        let sent_at = self.now();
        let method = request.method.as_str().parse::<reqwest::Method>().unwrap();
        let mut sending = self.stage.http.request(method, &request.url);
        for (name, value) in &request.headers {
            sending = sending.header(name, value.reveal());
        }
        if let Some(body) = &request.body {
            sending = sending.body(body.reveal().to_owned());
        }
        let mut response = sending.send().await.map_err(network)?;
        let header = |name: &&str| {
            let value = response.headers().get(*name)?.to_str().ok()?;
            Some(((*name).to_owned(), value.to_owned()))
        };
        let mut answer = Answer {
            status: response.status().as_u16(),
            headers: Answer::HEADERS.iter().filter_map(header).collect(),
            body: String::new(),
            asked: request.name(),
            sent_at,
            arrived_at: sent_at,
        };
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(network)? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_ANSWER {
                return Err(answer.wrong("more than 1 MiB, which no answer of it has"));
            }
        }
        answer.body = String::from_utf8(body).map_err(|_| answer.wrong("a body that is not UTF-8"))?;
        answer.arrived_at = self.now();
        Ok(answer)
    }

    async fn credential(&self, function: FunctionId) -> Result<Secret> {
        // A vault takes its time, and others act meanwhile.
        tokio::task::yield_now().await;
        match self.stage.function(function) {
            Function::Credential(function) => function(),
            Function::Silent => core::future::pending().await,
            Function::Acquire(_) => panic!("acquire was asked for a credential"),
        }
    }

    async fn acquire(&self, function: FunctionId) -> Result<Grant> {
        tokio::task::yield_now().await;
        match self.stage.function(function) {
            Function::Acquire(function) => function(),
            Function::Silent => core::future::pending().await,
            Function::Credential(_) => panic!("a credential function was asked for a token"),
        }
    }

    fn emit(&self, event: Event) {
        self.stage.events.borrow_mut().push(event);
    }
}

/// No connection, or it broke.
pub(crate) fn network(error: reqwest::Error) -> Error {
    Error::new(Code::Network, "the connection failed")
        .with_cause("reqwest::Error", error.without_url().to_string())
}

/// The `url` crate follows the standard that the platforms of JavaScript follow.
pub(crate) fn parse_url(text: &str, base: Option<&str>) -> Option<Url> {
    let base = base.map(|base| url::Url::parse(base).unwrap());
    let url = url::Url::options().base_url(base.as_ref()).parse(text).ok()?;
    Some(Url {
        href: url.to_string(),
        origin: url.origin().ascii_serialization(),
        protocol: format!("{}:", url.scheme()),
        hostname: url.host_str().unwrap_or_default().to_owned(),
        pathname: url.path().to_owned(),
        search: url.query().map(|query| format!("?{query}")).unwrap_or_default(),
        has_credentials: !url.username().is_empty() || url.password().is_some(),
    })
}
