//! Packages: how they come to be, how a team lists them, and what managing one means.
//! <https://developer.massive.io/masv-api/packages>

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::{Call, sent};
use super::routes::{Access, Needs, Routes};
use super::store::{Package, seconds};
use super::{PORTAL, TEAM, USER, bad_request, member, not_found};
use crate::settings::Algorithm;
use crate::world::State;

const MANAGE: Needs = Needs::Package(&[Access::Manage]);

pub(super) fn add(routes: Routes) -> Routes {
    let any = Needs::Package(&[Access::Write, Access::Read, Access::Manage]);
    routes
        .add(Method::POST, "/v1/portals/{portal}/packages", Needs::Nothing, create_in_portal)
        .add(Method::POST, "/v1/teams/{team}/packages", Needs::Account, create_in_team)
        .add(Method::GET, "/v1.1/teams/{team}/packages", Needs::Account, list)
        .add(Method::GET, "/v1.1/teams/{team}/packages/{package}", Needs::Account, one_of_team)
        .add(Method::GET, "/v1/packages/{id}", any, one)
        .add(Method::PUT, "/v1/packages/{id}", MANAGE, update)
        .add(Method::PUT, "/v1/packages/{id}/expiry", MANAGE, set_expiry)
        .add(Method::DELETE, "/v1/packages/{id}", MANAGE, remove)
}

fn show(package: &Package) -> Value {
    json!({
        "created_at": package.created_at,
        "description": package.description,
        "expiry": package.expiry,
        "id": package.id,
        "name": package.name,
        "sender": package.sender,
        "size": package.files.iter().map(|file| file.size).sum::<u64>(),
        "state": package.upload.name(),
        "team_id": TEAM,
        "total_files": package.files.len(),
        "unlimited_storage": package.unlimited_storage,
    })
}

/// A token for one package; a link's says which link it came by, a member's who the member is.
pub(super) fn token(state: &mut State, call: &Call, id: &str, access: Access, link: Option<&str>) -> String {
    let mut claims = json!({ "imp": false, "lvl": access.level(), "typ": "package" });
    match (access, link) {
        (Access::Manage, _) => claims["uid"] = USER.into(),
        (_, Some(link)) => claims["lid"] = link.into(),
        _ => {}
    }
    let lifetime = state.settings.package_lifetime;
    state.issue_for(call, id, claims, lifetime, Algorithm::HS256, "JWT").text
}

/// The package with a token for it.
fn with_token(state: &mut State, call: &Call, mut shown: Value, access: Access) -> Value {
    let id = shown["id"].as_str().unwrap_or_default().to_owned();
    shown["access_token"] = token(state, call, &id, access, None).into();
    shown
}

#[derive(Deserialize)]
struct Wanted {
    name: String,
    #[serde(default)]
    description: String,
    sender: Option<String>,
}

fn create(call: &Call, wanted: &Wanted, sender: &str) -> Response {
    let shown = call.world.with(|state| {
        let now = state.time();
        let package = state.masv.new_package(&wanted.name, &wanted.description, sender, now);
        let shown = show(&package);
        state.masv.packages.push(package);
        with_token(state, call, shown, Access::Write)
    });
    (StatusCode::CREATED, Json(shown)).into_response()
}

async fn create_in_portal(
    call: Call,
    Path(portal): Path<String>,
    body: Result<Json<Wanted>, JsonRejection>,
) -> Result<Response, Response> {
    let wanted = sent(body, bad_request)?;
    if portal != PORTAL {
        return Err(not_found("portal"));
    }
    let sender = wanted.sender.as_deref().ok_or_else(|| bad_request("sender is missing"))?;
    Ok(create(&call, &wanted, sender))
}

async fn create_in_team(
    call: Call,
    Path(team): Path<String>,
    body: Result<Json<Wanted>, JsonRejection>,
) -> Result<Response, Response> {
    let wanted = sent(body, bad_request)?;
    member(&team)?;
    Ok(create(&call, &wanted, &call.world.credential(call.service, "email")))
}

#[derive(Deserialize)]
#[serde(default)]
struct Listing {
    page: usize,
    limit: usize,
    status: String,
}

impl Default for Listing {
    fn default() -> Self {
        Self { page: 1, limit: 50, status: "finalized,expired".to_owned() }
    }
}

/// A page of the packages in those states: 50 at most, and those that still take files only if they are asked for.
async fn list(
    call: Call,
    Path(team): Path<String>,
    Query(listing): Query<Listing>,
) -> Result<Json<Value>, Response> {
    member(&team)?;
    if listing.page == 0 || !(1..=50).contains(&listing.limit) {
        return Err(bad_request("page starts at 1, limit is 1 to 50"));
    }
    Ok(Json(call.world.with(|state| {
        let wanted = |package: &&Package| listing.status.split(',').any(|name| name == package.upload.name());
        let all: Vec<Value> = state.masv.packages.iter().filter(wanted).map(show).collect();
        let total = all.len();
        let page = all.into_iter().skip((listing.page - 1).saturating_mul(listing.limit)).take(listing.limit);
        let records: Vec<Value> = page.map(|shown| with_token(state, &call, shown, Access::Manage)).collect();
        json!({ "metadata": { "total": total }, "records": records })
    })))
}

/// Not in the guide; MASV's own server for the Model Context Protocol gets a package's token by it.
async fn one_of_team(call: Call, Path((team, id)): Path<(String, String)>) -> Result<Json<Value>, Response> {
    member(&team)?;
    call.world.with(|state| {
        let shown = show(state.masv.package(&id)?);
        Ok(Json(with_token(state, &call, shown, Access::Manage)))
    })
}

async fn one(call: Call, Path(id): Path<String>) -> Result<Json<Value>, Response> {
    call.world.with(|state| Ok(Json(show(state.masv.package(&id)?))))
}

#[derive(Deserialize)]
struct Changes {
    name: Option<String>,
    description: Option<String>,
}

async fn update(
    call: Call,
    Path(id): Path<String>,
    body: Result<Json<Changes>, JsonRejection>,
) -> Result<Json<Value>, Response> {
    let Changes { name, description } = sent(body, bad_request)?;
    call.world.with(|state| {
        let package = state.masv.package(&id)?;
        package.name = name.unwrap_or_else(|| package.name.clone());
        package.description = description.unwrap_or_else(|| package.description.clone());
        Ok(Json(show(package)))
    })
}

#[derive(Deserialize)]
struct Expiry {
    #[serde(default)]
    unlimited_storage: bool,
    expiry: Option<String>,
}

async fn set_expiry(
    call: Call,
    Path(id): Path<String>,
    body: Result<Json<Expiry>, JsonRejection>,
) -> Result<Json<Value>, Response> {
    let Expiry { unlimited_storage, expiry } = sent(body, bad_request)?;
    if unlimited_storage == expiry.is_some() || expiry.as_deref().is_some_and(|text| seconds(text).is_none())
    {
        return Err(bad_request("either unlimited_storage, or an expiry in ISO 8601"));
    }
    call.world.with(|state| {
        let package = state.masv.package(&id)?;
        package.unlimited_storage = unlimited_storage;
        package.expiry = expiry.unwrap_or_else(|| package.expiry.clone());
        Ok(Json(show(package)))
    })
}

async fn remove(call: Call, Path(id): Path<String>) -> Result<StatusCode, Response> {
    call.world.with(|state| {
        state.masv.package(&id)?;
        state.masv.packages.retain(|package| package.id != id);
        Ok(StatusCode::NO_CONTENT)
    })
}
