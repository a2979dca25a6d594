//! The routes of `seeding`.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use super::{Of, Sent, refused, sent};
use crate::server::Shared;
use crate::services::Service;
use crate::services::masv::{MasvRoute, masv_routes};

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/masumi/keys", post(add_keys).delete(delete_keys))
        .route("/masumi/spend", post(spend))
        .route("/masumi/wallets", put(set_wallets))
        .route("/masv/packages", post(add_package))
        .route("/masv/routes", get(routes))
}

fn newer() -> Service {
    Service::Masumi
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Adding {
    #[serde(default = "newer")]
    service: Service,
    count: usize,
}

async fn add_keys(Of(world): Of, body: Sent<Adding>) -> Result<Response, Response> {
    let Adding { service, count } = sent(body)?;
    let ids = world.add_masumi_keys(service, count).map_err(refused)?;
    Ok((StatusCode::CREATED, Json(json!({ "ids": ids }))).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Deletion {
    #[serde(default = "newer")]
    service: Service,
    ids: Vec<String>,
}

async fn delete_keys(Of(world): Of, body: Sent<Deletion>) -> Result<Response, Response> {
    let Deletion { service, ids } = sent(body)?;
    let deleted = world.delete_masumi_keys(service, &ids).map_err(refused)?;
    Ok(Json(json!({ "deleted": deleted })).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spending {
    #[serde(default = "newer")]
    service: Service,
    id: String,
    #[serde(default)]
    unit: String,
    /// A text, as in the service's own answers: JavaScript has no numbers of 64 bits.
    amount: String,
}

async fn spend(Of(world): Of, body: Sent<Spending>) -> Result<StatusCode, Response> {
    let Spending { service, id, unit, amount } = sent(body)?;
    let amount = amount.parse().map_err(|_| refused("amount is no number of 64 bits".to_owned()))?;
    world.spend(service, &id, &unit, amount).map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn set_wallets(Of(world): Of, body: Sent<Vec<String>>) -> Result<StatusCode, Response> {
    world.set_wallets(&sent(body)?);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sending {
    #[serde(default)]
    name: String,
    password: Option<String>,
}

async fn add_package(Of(world): Of, body: Sent<Sending>) -> Result<Response, Response> {
    let Sending { name, password } = sent(body)?;
    let told = world.add_masv_package(&name, password.as_deref());
    Ok((StatusCode::CREATED, Json(told)).into_response())
}

async fn routes(Of(_): Of) -> Json<Vec<MasvRoute>> {
    Json(masv_routes())
}
