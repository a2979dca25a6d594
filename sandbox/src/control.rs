//! The sandbox's own routes: worlds, and what can be seen and changed of one.

mod seeding;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequestParts, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, delete, get, patch, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tower_http::services::ServeDir;

use crate::faults::Fault;
use crate::gateway;
use crate::server::Shared;
use crate::services::Service;
use crate::world::World;

pub(crate) fn router(shared: Arc<Shared>, www: Option<PathBuf>, package: Option<PathBuf>) -> Router {
    let world = Router::new()
        .route("/", get(describe))
        .route("/settings", patch(set))
        .route("/log", get(log).delete(clear_log))
        .route("/counters", get(counters))
        .route("/faults", get(faults).post(add_faults).delete(clear_faults))
        .route("/revoke", post(revoke))
        .route("/credentials", post(change_credentials))
        .route("/rpc-keys", put(set_rpc_keys))
        .merge(seeding::router());
    let own = Router::new()
        .route("/worlds", post(create))
        .route("/w/{world}", delete(remove))
        .nest("/w/{world}/_sandbox", world)
        .layer(middleware::from_fn(allow_origins));
    let app = own.route("/w/{world}/{*rest}", any(gateway::pass)).with_state(shared);
    app.merge(page(www, package))
}

/// The folders of files, where some were given.
fn page(www: Option<PathBuf>, package: Option<PathBuf>) -> Router {
    let mut page = Router::new();
    if let Some(folder) = package {
        page = page.nest_service("/latchkey", ServeDir::new(folder));
    }
    if let Some(folder) = www {
        page = page.fallback_service(ServeDir::new(folder));
    }
    page.layer(middleware::from_fn(revalidate))
}

/// Who edits the page, or builds the package anew, sees that at the next reload.
async fn revalidate(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// An error of the sandbox itself, in a shape that no service has.
pub(crate) fn error(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "sandbox": message }))).into_response()
}

/// A page of any origin may steer the sandbox.
async fn allow_origins(request: Request, next: Next) -> Response {
    let preflight = request.method() == Method::OPTIONS;
    let mut response =
        if preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    for name in [
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        header::ACCESS_CONTROL_ALLOW_METHODS,
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static("*"));
    }
    response
}

/// The world that a path names.
struct Of(Arc<World>);

impl FromRequestParts<Arc<Shared>> for Of {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Response> {
        let id =
            Path::<String>::from_request_parts(parts, shared).await.map_err(IntoResponse::into_response)?;
        let world = shared.world(&id).map(Self);
        world.ok_or_else(|| error(StatusCode::NOT_FOUND, "there is no such world"))
    }
}

type Sent<T> = Result<Json<T>, JsonRejection>;

/// What was sent, or why it can not be read.
fn sent<T>(body: Sent<T>) -> Result<T, Response> {
    body.map(|Json(body)| body).map_err(|why| error(StatusCode::BAD_REQUEST, &why.body_text()))
}

fn refused(why: String) -> Response {
    error(StatusCode::BAD_REQUEST, &why)
}

async fn create(State(shared): State<Arc<Shared>>) -> Response {
    (StatusCode::CREATED, Json(json!({ "url": shared.create_next().url }))).into_response()
}

async fn remove(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> StatusCode {
    if shared.remove(&id) { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

async fn describe(Of(world): Of) -> Json<Value> {
    Json(world.describe())
}

async fn set(Of(world): Of, body: Sent<Value>) -> Result<Response, Response> {
    Ok(Json(world.set(&sent(body)?).map_err(refused)?).into_response())
}

async fn log(Of(world): Of) -> Response {
    Json(world.log()).into_response()
}

async fn clear_log(Of(world): Of) -> StatusCode {
    world.clear_log();
    StatusCode::NO_CONTENT
}

async fn counters(Of(world): Of) -> Json<BTreeMap<String, u64>> {
    Json(world.counters())
}

async fn faults(Of(world): Of) -> Response {
    Json(world.faults()).into_response()
}

async fn add_faults(Of(world): Of, body: Sent<Value>) -> Result<StatusCode, Response> {
    let faults = match sent(body)? {
        Value::Array(faults) => faults,
        fault => vec![fault],
    };
    let faults: Vec<Fault> = faults.iter().map(Fault::read).collect::<Result<_, _>>().map_err(refused)?;
    faults.into_iter().for_each(|fault| world.fault(fault));
    Ok(StatusCode::NO_CONTENT)
}

async fn clear_faults(Of(world): Of) -> StatusCode {
    world.clear_faults();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revocation {
    service: Service,
    #[serde(default)]
    sticky: bool,
}

async fn revoke(Of(world): Of, body: Sent<Revocation>) -> Result<StatusCode, Response> {
    let Revocation { service, sticky } = sent(body)?;
    world.revoke(service, sticky);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotation {
    service: Service,
    credentials: BTreeMap<String, String>,
}

async fn change_credentials(Of(world): Of, body: Sent<Rotation>) -> Result<StatusCode, Response> {
    let Rotation { service, credentials } = sent(body)?;
    world.change_credentials(service, credentials).map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn set_rpc_keys(Of(world): Of, body: Sent<Vec<Value>>) -> Result<StatusCode, Response> {
    world.set_rpc_keys(&sent(body)?);
    Ok(StatusCode::NO_CONTENT)
}
