//! Masivo, a storefront API. Guide: <https://docs.masivo.ai/>
//!
//! An API key is exchanged for a JWT that lives one hour; the guide refreshes it five minutes early. The guide names three
//! base URLs, all of which work by configuration.

use super::Service;
use crate::config::table::fields;

pub(super) const SERVICE: Service = Service {
    base_url: Some("https://app.masivo.ai/api/storefront/v1"),
    fields: fields!["apiKey" needs Credential],
    request: r#"{"method":"GET","path":"/auth/authorize","headers":{"x-api-key":"{{apiKey}}"}}"#,
    // An hour is what the guide says of a token that does not say it itself.
    response: r#"{"token":"/data","lifetime":3600}"#,
    ..Service::USUAL
};

#[cfg(test)]
mod tests {
    use super::super::ProviderName;
    use super::super::tests::*;
    use crate::error::Code;

    #[test]
    fn the_key_is_exchanged_for_a_token() {
        let masivo = provider(ProviderName::Masivo, r#"{"apiKey":"key"}"#);
        let secrets = secrets(&[("apiKey", "key")]);
        let request = request(&masivo, &given("https://app.masivo.ai/api/storefront/v1", &secrets));
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
