//! Transfers: a package's way to a cloud. <https://developer.massive.io/masv-api/connect>
//!
//! Documented are the header and that a package's transfers are at `/v1/packages/{id}/transfer`. The rest is a guess:
//! the list's shape, the states, the claims, and where a transfer is seen, retried and cancelled.

use axum::Json;
use axum::extract::Path;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::super::Call;
use super::routes::{Access, Needs, Routes};
use super::store::Transfer;
use super::{error, not_found};
use crate::settings::Algorithm;
use crate::world::State;

pub(super) fn add(routes: Routes) -> Routes {
    let manage = Needs::Package(&[Access::Manage]);
    routes
        .add(Method::GET, "/v1/packages/{id}/transfer", manage, list)
        .add(Method::POST, "/v1/packages/{id}/transfer", manage, create)
        .add(Method::GET, "/v1/transfers/{id}", Needs::Transfer, one)
        .add(Method::POST, "/v1/transfers/{id}/retry", Needs::Transfer, retry)
        .add(Method::POST, "/v1/transfers/{id}/cancel", Needs::Transfer, cancel)
}

fn show(transfer: &Transfer) -> Value {
    json!({ "id": transfer.id, "package_id": transfer.package, "state": transfer.state })
}

fn with_token(state: &mut State, call: &Call, mut shown: Value) -> Value {
    let id = shown["id"].as_str().unwrap_or_default().to_owned();
    let claims = json!({ "imp": false, "typ": "transfer" });
    let lifetime = state.settings.package_lifetime;
    shown["access_token"] = state.issue_for(call, &id, claims, lifetime, Algorithm::HS256, "JWT").text.into();
    shown
}

async fn list(call: Call, Path(id): Path<String>) -> Result<Json<Value>, Response> {
    call.world.with(|state| {
        state.masv.package(&id)?;
        let of_package = state.masv.transfers.iter().filter(|transfer| transfer.package == id);
        let shown: Vec<Value> = of_package.map(show).collect();
        Ok(Json(shown.into_iter().map(|shown| with_token(state, &call, shown)).collect()))
    })
}

async fn create(call: Call, Path(id): Path<String>) -> Result<Response, Response> {
    call.world.with(|state| {
        state.masv.package(&id)?;
        let transfer = Transfer { id: state.masv.next_id(), package: id, state: "transferring" };
        let shown = show(&transfer);
        state.masv.transfers.push(transfer);
        Ok((StatusCode::CREATED, Json(with_token(state, &call, shown))).into_response())
    })
}

async fn one(call: Call, Path(id): Path<String>) -> Result<Json<Value>, Response> {
    change(&call, &id, |_| None)
}

/// Only what has stopped can be started again.
async fn retry(call: Call, Path(id): Path<String>) -> Result<Json<Value>, Response> {
    change(&call, &id, |held| Some(("transferring", held != "transferring")))
}

/// Only what goes on can be stopped.
async fn cancel(call: Call, Path(id): Path<String>) -> Result<Json<Value>, Response> {
    change(&call, &id, |held| Some(("cancelled", held == "transferring")))
}

/// Shows a transfer after what becomes of its state: the next one, and whether it can be had.
fn change(
    call: &Call,
    id: &str,
    next: impl FnOnce(&str) -> Option<(&'static str, bool)>,
) -> Result<Json<Value>, Response> {
    call.world.with(|state| {
        let transfer = state.masv.transfers.iter_mut().find(|transfer| transfer.id == id);
        let transfer = transfer.ok_or_else(|| not_found("transfer"))?;
        match next(transfer.state) {
            Some((_, false)) => {
                let why = format!("The transfer is {}", transfer.state);
                return Err(error(StatusCode::CONFLICT, "conflict", &why));
            }
            Some((state, true)) => transfer.state = state,
            None => {}
        }
        Ok(Json(show(transfer)))
    })
}
