//! MASV: a user's token for days, an API key that needs no exchange, and tokens for one package or one transfer.
//! <https://developer.massive.io/masv-api/>
//!
//! Documented there: the login, creating an API key, the routes of packages, links and files, what a link's and a
//! package's answer hold, and the headers. Seen in its examples: the claims of a user's, a link's and a management
//! token. Probable only: the shape of errors, listing and deleting API keys, which states refuse what, and all that
//! [`transfers`] says of a transfer but its header.

mod files;
mod keys;
mod links;
mod packages;
mod routes;
mod store;
mod transfers;

use axum::extract::rejection::JsonRejection;
use axum::http::{Method, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

pub use self::routes::{Access, MasvRoute, masv_routes};
use self::routes::{Needs, Routes};
pub(crate) use self::store::Store;
use super::{Call, resources, sent};

const USER: &str = "user-demo";
const TEAM: &str = "team-demo";
const PORTAL: &str = "portal-demo";

pub(super) fn router() -> Router {
    routes()
        .router
        .merge(resources::router("", routes::authenticate_any))
        .fallback(async || error(StatusCode::NOT_FOUND, "not_found", "No such resource"))
        // Over everything above, so that no route can be without it.
        .layer(middleware::from_fn(routes::one_credential))
}

fn routes() -> Routes {
    let own = Routes::default().add(Method::POST, "/v1/auth", Needs::Nothing, log_in).add(
        Method::GET,
        "/v1/user",
        Needs::Account,
        user,
    );
    transfers::add(links::add(files::add(packages::add(keys::add(own)))))
}

/// What a request to this path is for. `package` stands for those whose answer has a token for a package or a transfer.
pub(super) fn purpose(path: &str) -> &'static str {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match parts.as_slice() {
        ["v1", "teams", _, "api_keys"] | ["v1", "api_keys", _] => "keys",
        ["v1", "portals" | "teams", _, "packages"]
        | ["v1.1", "teams", _, "packages", ..]
        | ["v1", "links", _]
        | ["v1", "packages", _, "transfer"] => "package",
        _ => "resource",
    }
}

#[derive(Deserialize)]
struct Login {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

async fn log_in(call: Call, body: Result<Json<Login>, JsonRejection>) -> Result<Response, Response> {
    let login = sent(body, bad_request)?;
    if !call.knows(&[("email", &login.email), ("password", &login.password)]) {
        return Err(error(StatusCode::UNAUTHORIZED, "invalid_credentials", "Invalid email or password"));
    }
    let token = call.world.with(|state| state.issue(&call, USER, json!({ "ext": {}, "imp": false })));
    Ok(Json(json!({ "token": token.text, "teams": teams(), "user": account(&login.email) })).into_response())
}

/// That an answer to this has the teams too is a guess: the guide shows them in the answer of a login only.
async fn user(call: Call) -> Json<Value> {
    let mut user = account(&call.world.credential(call.service, "email"));
    user["teams"] = teams();
    Json(user)
}

fn account(email: &str) -> Value {
    json!({ "id": USER, "name": "Demo", "email": email, "primary_team_id": TEAM })
}

fn teams() -> Value {
    json!([{ "id": TEAM, "name": "Demo", "subdomain": "demo" }])
}

/// Refuses a team that the user is no member of.
fn member(team: &str) -> Result<(), Response> {
    if team == TEAM { Ok(()) } else { Err(forbidden("You are no member of this team")) }
}

fn error(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({ "code": code, "message": message }))).into_response()
}

fn bad_request(why: &str) -> Response {
    error(StatusCode::BAD_REQUEST, "bad_request", why)
}

fn unauthorized(why: &str) -> Response {
    error(StatusCode::UNAUTHORIZED, "unauthorized", why)
}

fn forbidden(why: &str) -> Response {
    error(StatusCode::FORBIDDEN, "forbidden", why)
}

fn not_found(what: &str) -> Response {
    error(StatusCode::NOT_FOUND, "not_found", &format!("There is no such {what}"))
}
