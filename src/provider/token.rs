//! A token that a function of the user's gets: in a page, from the page's own backend, which holds the key. The shape is
//! that of "backend for frontend" in RFC 10017. <https://www.rfc-editor.org/rfc/rfc10017>

use super::{Provider, Service, told};
use crate::config::table::fields;
use crate::error::{Code, Error, Result};
use crate::http;
use crate::json::Json;
use crate::token::{Grant, Secret};

pub(super) const SERVICE: Service = Service {
    fields: fields!["acquire" needs Function, "attach" may Object(super::attach::attach!())],
    acquire: Provider::ask,
    ..Service::USUAL
};

/// What the function gave: JSON of `{ token, expiresIn? }`. Without an `expiresIn`, the token's own `exp` is believed.
///
/// # Errors
/// `ERR_CREDENTIAL` if that is no token.
pub(crate) fn read_given(given: &str) -> Result<Box<Grant>> {
    let given = Json::parse(given).unwrap_or_default();
    let token = given.text_of("token").filter(|token| http::is_header_value(token));
    let token = token
        .ok_or_else(|| Error::new(Code::Credential, "acquire gave no token that can stand in a header"))?;
    let mut grant = Grant::new(Secret::new(token));
    grant.expires_in = given.get("expiresIn").and_then(told::seconds);
    grant.readable = grant.expires_in.is_none();
    Ok(grant)
}

#[cfg(test)]
mod tests {
    use crate::config::tests::parse_url;
    use crate::config::{Fields, marked};
    use crate::json::{Json, Value};
    use crate::platform::FunctionId;
    use crate::provider::{Acquire, Provider, ProviderName, tests::given};

    #[test]
    fn the_function_is_asked() {
        let acquire = marked("function", Json::Number("3".into()).into());
        let config = Value::object().with("acquire", acquire);
        let mut fields = Fields::new("config", config, &parse_url);
        let token = Provider::read(ProviderName::Token.service(), &mut fields);
        assert_eq!(fields.finish(), Value::list());
        let acquired = token.token_request(&given("https://a.example", &[])).unwrap();
        assert!(matches!(acquired, Acquire::Ask(FunctionId(3))));
        assert_eq!(token.attach().header, "Authorization");
    }
}
