//! What every request to a service passes: the log, the faults, CORS and the clock.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;

use crate::control::error;
use crate::faults::{self, Kind};
use crate::server::{Cut, Shared};
use crate::services::{Call, Service};
use crate::world::{World, moved};

/// Bodies up to this are read before a fault answers in the service's place, so that the client is not cut off early.
const DRAINED: usize = 16 << 20;

/// Takes a request to its world and service.
pub(crate) async fn pass(
    State(shared): State<Arc<Shared>>,
    Path((id, rest)): Path<(String, String)>,
    mut request: Request,
) -> Response {
    let name = rest.split('/').next().unwrap_or_default();
    let Some(world) = shared.world(&id) else {
        return error(StatusCode::NOT_FOUND, "there is no such world");
    };
    let (Some(service), Some(router)) = (Service::named(name), shared.routers.get(name)) else {
        return error(StatusCode::NOT_FOUND, "there is no such service");
    };
    // The path as it was sent, percent-encoding and all, without the world and the service.
    let path = request.uri().path();
    let start = path.match_indices('/').nth(3).map_or(path.len(), |(start, _)| start);
    let below = request.uri().path_and_query().map_or("", |sent| &sent.as_str()[start..]);
    let below = if below.starts_with('/') { below.to_owned() } else { format!("/{below}") };
    let Ok(uri) = below.parse::<Uri>() else {
        return error(StatusCode::BAD_REQUEST, "the path is malformed");
    };
    *request.uri_mut() = uri;
    // Else the service's own paths would have the parameters of this one too.
    request.extensions_mut().clear();
    handle(world, service, router.clone(), request).await
}

async fn handle(world: Arc<World>, service: Service, router: axum::Router, mut request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let base = service.base();
    let inner = path.strip_prefix(base).unwrap_or(&path);
    let preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let purpose = if preflight { "preflight" } else { service.purpose(inner) };

    let n = world.arrive(service, purpose, (request.method(), &path, request.uri(), request.headers()));
    let struck = world.with(|state| faults::strike(state, service, purpose, request.method(), inner));
    world.note(n, |entry| entry.faults = struck.iter().map(Kind::name).collect());
    for kind in &struck {
        if let Kind::Delay { seconds } = kind {
            wait(*seconds).await;
        }
    }

    let instead = world.with(|state| struck.iter().filter_map(|kind| faults::answer(kind, state)).next());
    let replaced = instead.is_some();
    let mut response = match instead {
        Some(response) => {
            // What it says is of no concern, only that it has been read.
            let _ = axum::body::to_bytes(request.into_body(), DRAINED).await;
            response
        }
        None => {
            let expired = struck.iter().any(|kind| matches!(kind, Kind::Expired));
            request.extensions_mut().insert(Call { world: world.clone(), service, expired });
            // Masumi answers preflights in its own way.
            if preflight && !matches!(service, Service::Masumi | Service::Masumi025) {
                StatusCode::NO_CONTENT.into_response()
            } else {
                let Ok(response) = router.oneshot(request).await;
                response
            }
        }
    };
    for kind in &struck {
        if let Kind::DelayAfter { seconds } = kind {
            wait(*seconds).await;
        }
    }
    if struck.iter().any(|kind| matches!(kind, Kind::CutAfter)) {
        response = Cut::response();
    }
    if struck.iter().any(|kind| matches!(kind, Kind::Truncated)) {
        response = faults::truncate(response).await;
    }
    // Masumi sends these headers on some answers only, so it sets them itself.
    if replaced || !matches!(service, Service::Masumi | Service::Masumi025) {
        service.allow_origins(response.headers_mut());
    }
    date(&world, &struck, &mut response);
    if response.extensions().get::<Cut>().is_none() {
        world.note(n, |entry| entry.status = Some(response.status().as_u16()));
    }
    response
}

async fn wait(seconds: f64) {
    tokio::time::sleep(Duration::try_from_secs_f64(seconds).unwrap_or_default()).await;
}

fn date(world: &World, struck: &[Kind], response: &mut Response<Body>) {
    let wrong = struck.iter().find_map(|kind| match kind {
        Kind::Date { offset } => Some(*offset),
        _ => None,
    });
    let (send, now) = world.with(|state| (state.settings.send_date, state.time()));
    if send && let Ok(value) = HeaderValue::try_from(httpdate::fmt_http_date(moved(now, wrong.unwrap_or(0))))
    {
        response.headers_mut().insert(header::DATE, value);
    }
}
