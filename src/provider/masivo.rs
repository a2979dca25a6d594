//! Masivo, a storefront API. Guide: <https://docs.masivo.ai/>
//!
//! An API key is exchanged for a JWT that lives one hour; the guide refreshes it five minutes early. The guide names three
//! base URLs, all of which work by configuration.

use super::{Acquire, Attach, Given, Provider};
use crate::clock::Span;
use crate::config::{Credential, Fields};
use crate::error::Result;
use crate::http::{self, Answer, Method, Request};
use crate::token::Grant;

pub(super) const BASE_URL: Option<&str> = Some("https://app.masivo.ai/api/storefront/v1");
const AUTHORIZE: &str = "/auth/authorize";
const API_KEY: &str = "x-api-key";
/// What the guide says of a token that does not say it itself.
const LIFETIME: Span = Span::from_seconds(3600);

struct Masivo {
    credentials: Vec<(String, Credential)>,
    attach: Attach,
}

pub(super) fn read(fields: &mut Fields) -> impl Provider + use<> {
    Masivo { credentials: fields.all_of(&["apiKey"]), attach: Attach::bearer() }
}

impl Provider for Masivo {
    fn credentials(&self) -> &[(String, Credential)] {
        &self.credentials
    }

    fn attach(&self) -> &Attach {
        &self.attach
    }

    fn token_request(&self, given: &Given) -> Result<Acquire> {
        let request =
            Request::new(Method::Get, given.token_url(AUTHORIZE)).header(API_KEY, given.secret("apiKey"));
        Ok(Acquire::Request(request))
    }

    fn read_token(&self, answer: &Answer) -> Result<Box<Grant>> {
        let body = answer.json()?;
        let mut grant = Grant::new(http::token_at(answer, body, "/data")?);
        grant.expires_in = Some(LIFETIME);
        grant.readable = true;
        Ok(grant)
    }
}

#[cfg(test)]
mod tests {
    use super::super::ProviderName;
    use super::super::tests::*;
    use crate::error::Code;

    #[test]
    fn the_key_is_exchanged_for_a_token() {
        let masivo = provider(ProviderName::Masivo, r#"{"apiKey":"key"}"#);
        let secrets = secrets(&[("apiKey", "key")]);
        let request = request(&*masivo, &given("https://app.masivo.ai/api/storefront/v1", &secrets));
        assert_eq!(request.method.as_str(), "GET");
        assert_eq!(request.url, "https://app.masivo.ai/api/storefront/v1/auth/authorize");
        assert_eq!(header(&request, "x-api-key"), Some("key"));

        let grant = masivo.read_token(&answer(200, r#"{"data":"a.b.c"}"#)).unwrap();
        assert_eq!(grant.token.secret.reveal(), "a.b.c");
        assert_eq!(masivo.attach().value(&grant.token.secret).reveal(), "Bearer a.b.c");
    }

    #[test]
    fn an_answer_without_a_token_says_where_it_was_looked_for() {
        let masivo = provider(ProviderName::Masivo, r#"{"apiKey":"key"}"#);
        for (body, why) in
            [("{}", "nothing at /data"), (r#"{"data":7}"#, "no text"), (r#"{"data":"a b\n"}"#, "header")]
        {
            let error = masivo.read_token(&answer(200, body)).unwrap_err();
            assert_eq!(error.code, Code::Response);
            assert!(error.message.contains(why), "{error}");
        }
    }
}
