//! A request of Latchkey's own that is to succeed, with the token where it needs one.

use super::hold::Hold;
use super::send::{Repeat, Send};
use super::{CHANCES, Client, is_worth_another};
use crate::error::{Code, Error, Result};
use crate::http::Request;
use crate::keys::Read;
use crate::lifecycle::{Held, Want};
use crate::task::{Next, Outcome, Work};

/// It comes to the answer, if that is a success: of any other, the error is what the provider makes of it, or `ERR_OUTCOME_UNKNOWN`
/// if a request that changes something was sent and nothing came back. An error is for [`Client::dress`].
pub(super) struct Call {
    client: Client,
    request: Request,
    with_token: bool,
    repeat: Repeat,
    /// What of the answer is seen from then on; all of it without one.
    read: Option<&'static Read>,
    chances: u32,
    held: Option<Held>,
    /// What a 401 said of the token that is held.
    refusal: Option<Error>,
}

impl Call {
    pub(super) fn new(
        client: &Client,
        request: Request,
        with_token: bool,
        repeat: Repeat,
        read: Option<&'static Read>,
    ) -> Self {
        let (client, chances, held, refusal) = (client.clone(), CHANCES, None, None);
        Call { client, request, with_token, repeat, read, chances, held, refusal }
    }

    fn hold(&self) -> Next {
        Next::First(Box::new(Hold::new(&self.client, Want::default(), self.held.as_ref())))
    }
}

impl Work for Call {
    fn next(&mut self, came: Result<Outcome>) -> Result<Next> {
        let client = &self.client;
        let request = match came? {
            Outcome::Answer(mut answer) => {
                if (200..300).contains(&answer.status) {
                    if let Some(read) = self.read {
                        answer.read = read.read(client.config(), &answer)?.into();
                    }
                    return Ok(Next::Done(Outcome::Answer(answer)));
                }
                let error = client.config().provider.read_error(&answer);
                // A 401 means that nothing was done, so even what changes something may be sent again.
                return match &self.held {
                    Some(held)
                        if error.code == Code::Unauthorized && is_worth_another(&mut self.chances, held) =>
                    {
                        self.refusal = Some(error);
                        Ok(self.hold())
                    }
                    _ => Err(error),
                };
            }
            Outcome::Held(held) => {
                let refusal = self.refusal.take();
                match (refusal, &self.held) {
                    (Some(error), Some(old)) if old.generation == held.generation => return Err(error),
                    _ => {}
                }
                let (name, value) = client.header(&held);
                self.held = Some(held);
                self.request.clone().header(name, value)
            }
            _ if self.with_token => return Ok(self.hold()),
            _ => self.request.clone(),
        };
        Ok(Next::First(Box::new(Send::new(&self.client, request, self.repeat))))
    }
}
