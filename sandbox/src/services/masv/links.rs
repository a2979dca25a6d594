//! Links: a package for whoever has the secret, and the password if there is one.
//! <https://developer.massive.io/masv-api/links>, <https://developer.massive.io/masv-api/download>
//!
//! How a wrong secret or password is refused is probable only.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::{Call, header_value, sent};
use super::routes::{Access, Needs, Routes};
use super::store::{Link, Package, Upload};
use super::{bad_request, error, not_found, packages};

pub(super) fn add(routes: Routes) -> Routes {
    let manage = Needs::Package(&[Access::Manage]);
    routes
        .add(Method::GET, "/v1/links/{link}", Needs::Nothing, open)
        .add(Method::GET, "/v1/packages/{id}/links", manage, list)
        .add(Method::POST, "/v1/packages/{id}/links", manage, create)
        .add(Method::DELETE, "/v1/packages/{id}/links/{link}", manage, remove)
}

fn show(link: &Link, package: &Package) -> Value {
    json!({
        "access_limit": 5,
        "access_limit_enabled": false,
        "active": link.active && package.upload == Upload::Finalized,
        "download_secret": link.secret,
        "email": link.email,
        "expiry": package.expiry,
        "id": link.id,
        "password": if link.password.is_some() { "****" } else { "" },
    })
}

#[derive(Deserialize)]
struct Opening {
    #[serde(default)]
    secret: String,
}

async fn open(
    call: Call,
    Path(id): Path<String>,
    Query(Opening { secret }): Query<Opening>,
    headers: HeaderMap,
) -> Result<Json<Value>, Response> {
    call.world.with(|state| {
        let links = |package: &'_ Package| package.links.iter().position(|link| link.id == id);
        let found =
            state.masv.packages.iter().find_map(|package| Some((package, &package.links[links(package)?])));
        let found = found.filter(|(package, link)| {
            link.active && link.secret == secret && package.upload == Upload::Finalized
        });
        let (package, link) = found.ok_or_else(|| not_found("link"))?;
        let password = header_value(&headers, "x-link-password");
        if link.password.is_some() && link.password.as_deref() != password {
            return Err(error(StatusCode::UNAUTHORIZED, "invalid_password", "The link has another password"));
        }
        let mut shown = json!({
            "branding": { "primary_color": "#1DD4CA" },
            "expiry": package.expiry,
            "id": link.id,
            "name": package.name,
            "package_id": package.id,
            "package_size": package.files.iter().map(|file| file.size).sum::<u64>(),
            "recipient_email": link.email,
            "sender_email": package.sender,
        });
        let package = package.id.clone();
        shown["package_token"] = packages::token(state, &call, &package, Access::Read, Some(&id)).into();
        Ok(Json(shown))
    })
}

async fn list(call: Call, Path(id): Path<String>) -> Result<Json<Value>, Response> {
    call.world.with(|state| {
        let package = state.masv.package(&id)?;
        Ok(Json(package.links.iter().map(|link| show(link, package)).collect()))
    })
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct NewLink {
    email: String,
    password: String,
}

async fn create(
    call: Call,
    Path(id): Path<String>,
    body: Result<Json<NewLink>, JsonRejection>,
) -> Result<Response, Response> {
    let NewLink { email, password } = sent(body, bad_request)?;
    call.world.with(|state| {
        let link = state.masv.new_link(&email, Some(&password));
        let package = state.masv.package(&id)?;
        let shown = show(&link, package);
        package.links.push(link);
        Ok((StatusCode::CREATED, Json(shown)).into_response())
    })
}

/// The link stays, for the record, and opens nothing any more.
async fn remove(call: Call, Path((id, link)): Path<(String, String)>) -> Result<StatusCode, Response> {
    call.world.with(|state| {
        let links = &mut state.masv.package(&id)?.links;
        let held = links.iter_mut().find(|held| held.id == link).ok_or_else(|| not_found("link"))?;
        held.active = false;
        Ok(StatusCode::NO_CONTENT)
    })
}
