//! A request of Latchkey's own: sent, and sent again while it fails in a way that may pass.

use super::Client;
use crate::clock::{Span, Timestamp};
use crate::error::{Code, Error, Result};
use crate::event::EventKind;
use crate::http::{self, Answer, Request};
use crate::task::{Effect, Next, Outcome, Work};
use crate::text::text;

/// The first wait between tries of one request, and the longest that chance makes of it.
const RETRY: (Span, Span) = (Span::from_millis(500), http::LONGEST_WAIT);

/// Whether one of Latchkey's own requests can be made twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// It changes nothing, or nothing more the second time.
    Safe,
    /// It changes something: after an ambiguous failure nobody knows whether it did.
    Never,
    /// It changes nothing, and when it is made again is for whoever asked.
    Later,
}

/// A request on its way. It comes to the answer.
pub(super) struct Send {
    client: Client,
    request: Request,
    repeat: Repeat,
    tries: u32,
    sent_at: Timestamp,
    waits_for: WaitsFor,
}

#[derive(Clone, Copy)]
enum WaitsFor {
    Nothing,
    Answer,
    /// That it was told how long the wait is.
    Telling(Span),
}

impl Send {
    pub(super) fn new(client: &Client, request: Request, repeat: Repeat) -> Self {
        let (client, waits_for) = (client.clone(), WaitsFor::Nothing);
        Send { client, request, repeat, tries: 0, sent_at: Timestamp::default(), waits_for }
    }

    /// What becomes of a failure: another try, unless that is no use.
    fn fail(&mut self, error: Error) -> Result<Next> {
        self.tries += 1;
        let retries = if self.repeat == Repeat::Safe { self.client.0.config.retries } else { 0 };
        if self.repeat == Repeat::Never && matches!(error.code, Code::Network | Code::Timeout) {
            let mut error = error.saying("; whether it was done is not known: read before you repeat it");
            error.code = Code::OutcomeUnknown;
            return Err(error);
        }
        let asked = error.retry_after;
        if self.tries > retries
            || !error.code.is_retryable()
            || asked.is_some_and(|wait| wait > http::LONGEST_WAIT)
        {
            return Err(error);
        }
        let delay = http::backoff(self.tries, RETRY.0, RETRY.1, asked, self.client.0.platform.random());
        let (attempt, status, code) = (self.tries, error.status, error.code);
        self.waits_for = WaitsFor::Telling(delay);
        Ok(Next::Do(self.client.event(EventKind::Retry { attempt, delay, status, code })))
    }

    /// Learns from an answer what time it is there. A status that may pass is an error here, so that the request is tried
    /// again; any other is for whoever asked.
    fn receive(&self, outcome: Outcome) -> Result<Box<Answer>> {
        let client = &self.client;
        let answer = Answer::of(&self.request, outcome, client.now())?;
        if let Some(date) = answer.date() {
            client.kept().clock.learn(date, self.sent_at, answer.arrived_at);
        }
        if answer.status >= 400 {
            let error = client.0.config.provider.read_error(&answer);
            if error.code.is_retryable() {
                return Err(error);
            }
        }
        Ok(answer)
    }
}

impl Work for Send {
    fn next(&mut self, came: Result<Outcome>) -> Result<Next> {
        match self.waits_for {
            WaitsFor::Nothing => came.map(drop)?,
            WaitsFor::Answer => {
                return match came.and_then(|outcome| self.receive(outcome)) {
                    Ok(answer) => Ok(Next::Done(Outcome::Answer(answer))),
                    Err(error) => self.fail(error),
                };
            }
            WaitsFor::Telling(delay) => {
                self.waits_for = WaitsFor::Nothing;
                return Ok(Next::effect(Effect::Sleep(delay)));
            }
        }
        check(&self.request)?;
        self.sent_at = self.client.now();
        self.waits_for = WaitsFor::Answer;
        Ok(Next::effect(Effect::Send(self.request.clone(), self.client.0.config.timeout)))
    }
}

/// What cannot be sent is told here, where it is known why.
fn check(request: &Request) -> Result<()> {
    for (name, value) in &request.headers {
        if !http::is_header_value(value.reveal()) {
            let message = text![
                "the credential has characters that the header ",
                name,
                " cannot: only visible ASCII can be sent"
            ];
            return Err(Error::new(Code::Credential, message));
        }
    }
    Ok(())
}
