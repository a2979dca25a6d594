//! An OAuth 2.0 authorization server: RFC 6749 §4.4 and §6, its keys (RFC 7517) and its discovery documents (RFC 8414).

use axum::extract::rejection::FormRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::resources::{self, Holder};
use super::{Call, INVALID_TOKEN, after_scheme, challenge};
use crate::tokens::jwks;
use crate::world::State;

pub(super) fn router() -> Router {
    Router::new()
        .route("/token", post(token))
        .route("/jwks", get(async || Json(jwks())))
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/.well-known/oauth-authorization-server", get(discovery))
        .merge(resources::router("", authenticate))
}

/// The token request's parameters: a list, since `resource` may be there twice.
struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    fn audience(&self) -> Vec<&str> {
        let names = |name: &str| name == "audience" || name == "resource";
        self.0.iter().filter(|(name, _)| names(name)).map(|(_, value)| value.as_str()).collect()
    }
}

async fn token(
    call: Call,
    headers: HeaderMap,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Response, Response> {
    let Form(form) = form.map_err(|why| invalid("invalid_request", &why.body_text()))?;
    let form = Parameters(form);
    let client = client(&call, &headers, &form)?;
    let requested = form.get("scope").map(str::to_owned);
    if requested.as_deref().is_some_and(|scope| scope.split(' ').any(|scope| scope == "forbidden")) {
        return Err(invalid("invalid_scope", "The scope \"forbidden\" is never granted"));
    }
    let answer = call.world.with(|state| match form.get("grant_type") {
        Some("client_credentials") => {
            let mut answer = access_token(state, &call, &form, &client, requested.as_deref());
            if state.settings.refresh_tokens {
                answer["refresh_token"] = refresh_token(state, requested).into();
            }
            Ok(answer)
        }
        Some("refresh_token") => refresh(state, &call, &form, &client, requested),
        Some(_) => Err(invalid("unsupported_grant_type", "Only client_credentials and refresh_token")),
        None => Err(invalid("invalid_request", "grant_type is missing")),
    })?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}

fn refresh(
    state: &mut State,
    call: &Call,
    form: &Parameters,
    client: &str,
    requested: Option<String>,
) -> Result<Value, Response> {
    let given = form.get("refresh_token").unwrap_or_default();
    let Some(granted) = state.tokens.refresh.get(given).cloned() else {
        return Err(invalid("invalid_grant", "The refresh token is unknown or used"));
    };
    let scope = requested.or_else(|| granted.clone());
    let mut answer = access_token(state, call, form, client, scope.as_deref());
    if state.settings.rotate_refresh_tokens {
        state.tokens.refresh.remove(given);
        answer["refresh_token"] = refresh_token(state, granted).into();
    }
    Ok(answer)
}

fn refresh_token(state: &mut State, scope: Option<String>) -> String {
    let token = state.tokens.next_refresh_token();
    state.tokens.refresh.insert(token.clone(), scope);
    token
}

fn access_token(
    state: &mut State,
    call: &Call,
    form: &Parameters,
    client: &str,
    scope: Option<&str>,
) -> Value {
    let mut claims = json!({ "iss": issuer(call), "client_id": client });
    if let Some(scope) = scope {
        claims["scope"] = scope.into();
    }
    match form.audience().as_slice() {
        [] => {}
        [one] => claims["aud"] = (*one).into(),
        several => claims["aud"] = several.to_vec().into(),
    }
    let algorithm = state.settings.algorithm;
    let token = state.issue_as(call, client, claims, algorithm, "at+jwt");
    let mut answer = json!({ "access_token": token.text, "token_type": state.settings.token_type });
    if state.settings.send_expires_in {
        answer["expires_in"] = (token.expires_at - token.issued_at).into();
    }
    if let Some(scope) = scope {
        answer["scope"] = scope.into();
    }
    answer
}

/// Which client asks: by Basic, whose halves are form-encoded first (RFC 6749 §2.3.1), or by the body.
fn client(call: &Call, headers: &HeaderMap, form: &Parameters) -> Result<String, Response> {
    let posted = form.get("client_id").zip(form.get("client_secret"));
    let basic = after_scheme(headers, "authorization", "Basic");
    let (id, secret) = match (basic, posted) {
        (Some(_), Some(_)) => {
            return Err(invalid("invalid_request", "More than one way of client authentication"));
        }
        (Some(basic), None) => decode_basic(basic).ok_or_else(invalid_client)?,
        (None, Some((id, secret))) => (id.to_owned(), secret.to_owned()),
        (None, None) => return Err(invalid_client()),
    };
    if call.knows(&[("clientId", &id), ("clientSecret", &secret)]) { Ok(id) } else { Err(invalid_client()) }
}

fn decode_basic(encoded: &str) -> Option<(String, String)> {
    let text = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((form_decode(id)?, form_decode(secret)?))
}

/// Decodes one form-encoded value strictly: what is not encoded as it should be is not known either.
fn form_decode(value: &str) -> Option<String> {
    if value.contains(['&', '=', ' ']) {
        return None;
    }
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&format!("v={value}")).ok()?;
    pairs.into_iter().next().map(|(_, value)| value)
}

fn invalid(error: &str, description: &str) -> Response {
    let body = json!({ "error": error, "error_description": description });
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

fn invalid_client() -> Response {
    let mut response = invalid("invalid_client", "Client authentication failed");
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    let challenge = HeaderValue::from_static("Basic realm=\"sandbox\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    response
}

fn issuer(call: &Call) -> String {
    call.world.service_url(call.service)
}

async fn discovery(call: Call) -> Json<Value> {
    let issuer = issuer(&call);
    Json(json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "grant_types_supported": ["client_credentials", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "RS256", "EdDSA"],
    }))
}

fn authenticate(call: &Call, headers: &HeaderMap) -> Result<Holder, Response> {
    resources::bearer(call, headers).ok_or_else(|| {
        let body = Json(json!({ "error": "invalid_token" }));
        challenge((StatusCode::UNAUTHORIZED, body).into_response(), INVALID_TOKEN)
    })
}
