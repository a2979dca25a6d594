//! A request of Latchkey's own: sent, and sent again while it fails in a way that may pass.

use super::Client;
use crate::clock::{Span, Timestamp};
use crate::error::{Code, Error, Result};
use crate::event::EventKind;
use crate::http::{self, Answer, Request};
use crate::task::{Effect, Outcome};
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

impl Client {
    /// Sends a request, and again while it fails in a way that may pass, if it can be sent twice.
    pub(super) async fn repeat(&self, repeat: Repeat, request: &Request) -> Result<Box<Answer>> {
        check(request)?;
        let retries = if repeat == Repeat::Safe { self.0.config.retries } else { 0 };
        let mut tries = 0;
        loop {
            let sent_at = self.now();
            let came = self.perform(Effect::Send(request.clone(), self.0.config.timeout)).await;
            let error = match came.and_then(|outcome| self.receive(request, sent_at, outcome)) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            tries += 1;
            if repeat == Repeat::Never && matches!(error.code, Code::Network | Code::Timeout) {
                let mut error = error.saying("; whether it was done is not known: read before you repeat it");
                error.code = Code::OutcomeUnknown;
                return Err(error);
            }
            let asked = error.retry_after;
            if tries > retries
                || !error.code.is_retryable()
                || asked.is_some_and(|wait| wait > http::LONGEST_WAIT)
            {
                return Err(error);
            }
            let delay = http::backoff(tries, RETRY.0, RETRY.1, asked, self.0.platform.random());
            let (status, code) = (error.status, error.code);
            let _ = self.tell(EventKind::Retry { attempt: tries, delay, status, code }).await;
            self.have_done(Effect::Sleep(delay)).await?;
        }
    }

    /// Learns from an answer what time it is there. A status that may pass is an error here, so that the request is tried
    /// again; any other is for the provider to read.
    fn receive(&self, request: &Request, sent_at: Timestamp, outcome: Outcome) -> Result<Box<Answer>> {
        let answer = Answer::of(request, outcome, self.now())?;
        if let Some(date) = answer.date() {
            let mut clock = self.0.clock.get();
            clock.learn(date, sent_at, answer.arrived_at);
            self.0.clock.set(clock);
        }
        if answer.status >= 400 {
            let error = self.0.config.provider.read_error(&answer);
            if error.code.is_retryable() {
                return Err(error);
            }
        }
        Ok(answer)
    }

    pub(super) fn succeed(&self, answer: Box<Answer>) -> Result<Box<Answer>> {
        if (200..300).contains(&answer.status) {
            Ok(answer)
        } else {
            Err(self.0.config.provider.read_error(&answer))
        }
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
