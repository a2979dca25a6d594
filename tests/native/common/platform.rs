//! The world of the tests: real requests, a clock that stands still until a test moves it, and what drives a client's tasks.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;

use latchkey::clock::{Span, Timestamp};
use latchkey::error::{Code, Error, Result};
use latchkey::event::Event;
use latchkey::http::{Answer, MAX_ANSWER, Request};
use latchkey::platform::{FunctionId, Platform, Url};
use latchkey::task::{Effect, Outcome, Step, Task};
use latchkey::text::Text;
use latchkey::token::Secret;
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::config;
use super::request::{Ask, Got, head};

/// A function of the user's.
#[derive(Clone)]
pub(crate) enum Function {
    /// One that gives a credential.
    Credential(Rc<dyn Fn() -> Result<Secret>>),
    /// One that never answers.
    Silent,
    /// One that gets a token: JSON of `{ token, expiresIn? }`.
    Acquire(Rc<dyn Fn() -> Result<Value>>),
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

impl Platform for Stage {
    fn random(&self) -> f64 {
        0.5
    }

    fn fresh_id(&self) -> Text {
        self.drawn.set(self.drawn.get() + 1);
        format!("{:032x}", self.drawn.get()).into()
    }

    fn parse_url(&self, text: &str, base: Option<&str>) -> Option<Rc<Url>> {
        parse_url(text, base)
    }
}

/// What drives the tasks of one client.
pub(crate) struct Driver {
    pub(crate) stage: Rc<Stage>,
    flight: RefCell<Option<Flight>>,
    closed: watch::Sender<bool>,
}

struct Flight {
    landed: watch::Sender<bool>,
    handle: AbortHandle,
}

impl Driver {
    pub(crate) fn new(stage: Rc<Stage>) -> Self {
        Driver { stage, flight: RefCell::default(), closed: watch::Sender::new(false) }
    }

    /// Does a task to its end, which may send this request of the user's; and the answer to its last sending.
    pub(crate) async fn drive(
        self: &Rc<Self>,
        mut task: Task,
        request: Option<&Ask>,
    ) -> (Result<Outcome>, Option<Got>) {
        let (mut came, mut got) = (Ok(Outcome::Done), None);
        loop {
            match task.resume(came, self.stage.now()) {
                Step::Done(done) => return (done, got),
                Step::Needs(effect) => came = self.perform(effect, request, &mut got).await,
            }
        }
    }

    async fn perform(
        self: &Rc<Self>,
        effect: Effect,
        request: Option<&Ask>,
        got: &mut Option<Got>,
    ) -> Result<Outcome> {
        match effect {
            Effect::Send(request, timeout) => {
                self.within(timeout, "no whole answer", self.send(request)).await
            }
            Effect::Hop(hop) => {
                let sending = request.expect("a request of the user's").send(&hop);
                let response = self.until_closed(sending).await?;
                let reply = response.reply();
                *got = Some(response);
                Ok(Outcome::Reply(Box::new(reply)))
            }
            Effect::Credential(function, timeout) => {
                let asking = self.credential(function);
                let given = self.within(timeout, "the function gave nothing", asking).await?;
                Ok(Outcome::Text(given.reveal().into()))
            }
            Effect::Acquire(function, timeout) => {
                let asking = self.acquire(function);
                let given = self.within(timeout, "acquire gave no token", asking).await?;
                Ok(Outcome::Text(given.to_string().into()))
            }
            Effect::Sleep(span) => {
                self.stage.waits.borrow_mut().push(span);
                Ok(Outcome::Done)
            }
            Effect::Fly(task) => {
                self.fly(task);
                Ok(Outcome::Done)
            }
            Effect::Join => {
                let landing = self.flight.borrow().as_ref().map(|flight| flight.landed.subscribe());
                if let Some(mut landing) = landing {
                    // Where the sender is gone, the flight is over too.
                    let _ = landing.wait_for(|landed| *landed).await;
                }
                Ok(Outcome::Done)
            }
            Effect::Abandon => {
                self.abandon();
                Ok(Outcome::Done)
            }
            // The clients of these tests share nothing.
            Effect::Store(..) | Effect::Land => Err(Error::new(Code::Store, "there is no store")),
            Effect::Import(..) | Effect::Check(_) => panic!("a client verifies nothing"),
            Effect::Tell(event) => {
                self.stage.events.borrow_mut().push(*event);
                Ok(Outcome::Done)
            }
        }
    }

    fn fly(self: &Rc<Self>, task: Task) {
        let driver = Rc::clone(self);
        let landed = watch::Sender::new(false);
        let landing = landed.clone();
        let flying: Pin<Box<dyn Future<Output = ()>>> = Box::pin(async move {
            let _ = driver.drive(task, None).await;
            landing.send_replace(true);
        });
        let handle = tokio::task::spawn_local(flying).abort_handle();
        self.flight.replace(Some(Flight { landed, handle }));
    }

    /// Ends the flight, and lets those go on who wait for it.
    pub(crate) fn abandon(&self) {
        if let Some(flight) = self.flight.take() {
            flight.handle.abort();
            flight.landed.send_replace(true);
        }
    }

    /// Ends what goes on for callers.
    pub(crate) fn close(&self) {
        self.abandon();
        self.closed.send_replace(true);
    }

    async fn until_closed<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let mut closed = self.closed.subscribe();
        tokio::select! {
            result = work => result,
            _ = closed.wait_for(|closed| *closed) => Err(Error::new(Code::Network, "the client is gone")),
        }
    }

    /// What comes of the work before the test has moved the clock so far.
    async fn within<T>(&self, timeout: Span, what: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
        let end = self.stage.now() + timeout;
        let mut clock = self.stage.clock.subscribe();
        tokio::select! {
            result = work => result,
            _ = clock.wait_for(|now| *now >= end) => {
                Err(Error::new(Code::Timeout, format!("{what} within {} ms (timeout)", timeout.as_millis())))
            }
        }
    }

    async fn send(&self, request: Request) -> Result<Outcome> {
        let method = request.method.as_str().parse::<reqwest::Method>().unwrap();
        let mut sending = self.stage.http.request(method, &*request.url);
        for (name, value) in &request.headers {
            sending = sending.header(&**name, value.reveal());
        }
        if let Some(body) = &request.body {
            sending = sending.body(body.reveal().to_owned());
        }
        let mut response = sending.send().await.map_err(network)?;
        let head = head(&response);
        let status = head.status;
        let wrong = |what: &str| {
            Error::new(Code::Response, format!("the service answered {status} with {what}"))
                .with_status(status)
        };
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(network)? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_ANSWER {
                return Err(wrong("more than 1 MiB, which no answer of it has"));
            }
        }
        let body = String::from_utf8(body).map_err(|_| wrong("a body that is not UTF-8"))?;
        Ok(Outcome::Answer(Box::new(Answer { body: body.into(), ..head })))
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

    async fn acquire(&self, function: FunctionId) -> Result<Value> {
        tokio::task::yield_now().await;
        match self.stage.function(function) {
            Function::Acquire(function) => function(),
            Function::Silent => core::future::pending().await,
            Function::Credential(_) => panic!("a credential function was asked for a token"),
        }
    }
}

/// No connection, or it broke.
pub(crate) fn network(error: reqwest::Error) -> Error {
    Error::new(Code::Network, "the connection failed")
        .with_cause("reqwest::Error", &error.without_url().to_string())
}

/// The `url` crate follows the standard that the platforms of JavaScript follow.
pub(crate) fn parse_url(text: &str, base: Option<&str>) -> Option<Rc<Url>> {
    let base = base.map(|base| url::Url::parse(base).unwrap());
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
