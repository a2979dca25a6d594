//! A team's API keys. <https://developer.massive.io/masv-api/apikeys>
//!
//! Creating is documented, `PUT` in part: that it takes the same body, and leaves nothing of what it does not name, is
//! the meaning of `PUT` and the worse case for a client. That the list and `DELETE` are where they are is probable.

use axum::Json;
use axum::extract::Path;
use axum::extract::rejection::JsonRejection;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::{Call, sent};
use super::routes::{Needs, Routes};
use super::store::{ApiKey, seconds};
use super::{TEAM, USER, bad_request, member, not_found};
use crate::world::timestamp;

/// The expiry of a key that never expires.
const NEVER: &str = "0001-01-01T00:00:00.000Z";

pub(super) fn add(routes: Routes) -> Routes {
    routes
        .add(Method::GET, "/v1/teams/{team}/api_keys", Needs::UserToken, list)
        .add(Method::POST, "/v1/teams/{team}/api_keys", Needs::UserToken, create)
        .add(Method::PUT, "/v1/api_keys/{key}", Needs::UserToken, update)
        .add(Method::DELETE, "/v1/api_keys/{key}", Needs::UserToken, remove)
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default = "never")]
    expiry: String,
    state: KeyState,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum KeyState {
    Active,
    Inactive,
}

fn never() -> String {
    NEVER.to_owned()
}

type Body = Result<Json<Wanted>, JsonRejection>;

impl Wanted {
    /// Writes what is wanted over a key.
    fn write(self, key: &mut ApiKey) -> Result<(), Response> {
        let end = seconds(&self.expiry).ok_or_else(|| bad_request("expiry is no ISO 8601 time"))?;
        let is_never = Some(end) == seconds(NEVER);
        key.expires_at = if is_never { None } else { Some(end) };
        key.expiry = self.expiry;
        key.name = self.name;
        key.description = self.description;
        key.active = self.state == KeyState::Active;
        Ok(())
    }
}

/// A key without its value.
fn show(key: &ApiKey) -> Value {
    json!({
        "created_at": key.created_at,
        "description": key.description,
        "expiry": key.expiry,
        "id": key.id,
        "name": key.name,
        "state": if key.active { "active" } else { "inactive" },
        "team_id": TEAM,
        "user_id": USER,
    })
}

async fn list(call: Call, Path(team): Path<String>) -> Result<Json<Value>, Response> {
    member(&team)?;
    Ok(Json(call.world.with(|state| state.masv.keys.iter().map(show).collect())))
}

/// The one answer that has the key's value.
async fn create(call: Call, Path(team): Path<String>, body: Body) -> Result<Response, Response> {
    let wanted = sent(body, bad_request)?;
    member(&team)?;
    call.world.with(|state| {
        let created_at = timestamp(state.time());
        let store = &mut state.masv;
        let mut key = ApiKey {
            id: store.next_id(),
            value: store.next_secret("masv-key"),
            created_at,
            name: String::new(),
            description: String::new(),
            expiry: String::new(),
            expires_at: None,
            active: false,
        };
        wanted.write(&mut key)?;
        let mut shown = show(&key);
        shown["value"] = key.value.as_str().into();
        store.keys.push(key);
        Ok((StatusCode::CREATED, Json(shown)).into_response())
    })
}

async fn update(call: Call, Path(id): Path<String>, body: Body) -> Result<Json<Value>, Response> {
    let wanted = sent(body, bad_request)?;
    call.world.with(|state| {
        let key = state.masv.keys.iter_mut().find(|key| key.id == id);
        let key = key.ok_or_else(|| not_found("API key"))?;
        wanted.write(key)?;
        Ok(Json(show(key)))
    })
}

async fn remove(call: Call, Path(id): Path<String>) -> Result<StatusCode, Response> {
    call.world.with(|state| {
        let index = state.masv.keys.iter().position(|key| key.id == id);
        state.masv.keys.remove(index.ok_or_else(|| not_found("API key"))?);
        Ok(StatusCode::NO_CONTENT)
    })
}
