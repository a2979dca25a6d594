//! The files of a package: putting them in, until it is finalized, and getting them out.
//! <https://developer.massive.io/masv-api/upload>, <https://developer.massive.io/masv-api/download>
//!
//! The bytes themselves go to a cloud by addresses that MASV gives; here those lead nowhere.

use axum::Json;
use axum::extract::Path;
use axum::extract::rejection::JsonRejection;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::{Call, sent};
use super::routes::{Access, Needs, Routes};
use super::store::{File, Package, Upload};
use super::{bad_request, forbidden, not_found};

pub(super) fn add(routes: Routes) -> Routes {
    let write = Needs::Package(&[Access::Write]);
    let read = Needs::Package(&[Access::Read, Access::Manage]);
    routes
        .add(Method::POST, "/v1/packages/{id}/files", write, create)
        .add(Method::DELETE, "/v1/packages/{id}/files/{file}", write, remove)
        .add(Method::POST, "/v1/packages/{id}/finalize", write, finalize)
        .add(Method::GET, "/v1/packages/{id}/files", read, list)
        .add(Method::GET, "/v1/packages/{id}/files/{file}/download", read, download)
}

fn show(file: &File) -> Value {
    json!({ "id": file.id, "kind": "file", "name": file.name, "size": file.size, "virus_detected": false })
}

/// Refuses to change what has been sent.
fn still_new(package: &mut Package) -> Result<&mut Package, Response> {
    if package.upload == Upload::New { Ok(package) } else { Err(forbidden("The package is finalized")) }
}

#[derive(Deserialize)]
struct NewFile {
    name: String,
    #[serde(default)]
    size: u64,
}

async fn create(
    call: Call,
    Path(id): Path<String>,
    body: Result<Json<NewFile>, JsonRejection>,
) -> Result<Response, Response> {
    let NewFile { name, size } = sent(body, bad_request)?;
    call.world.with(|state| {
        let file = File { id: state.masv.next_id(), name, size };
        let package = still_new(state.masv.package(&id)?)?;
        let url = format!("http://127.0.0.1:9/{}", file.id);
        let shown = json!({
            "create_blueprint": { "headers": {}, "method": "POST", "url": url },
            "file": show(&file),
        });
        package.files.push(file);
        Ok((StatusCode::CREATED, Json(shown)).into_response())
    })
}

async fn remove(call: Call, Path((id, file)): Path<(String, String)>) -> Result<StatusCode, Response> {
    call.world.with(|state| {
        let package = still_new(state.masv.package(&id)?)?;
        let index = package.files.iter().position(|held| held.id == file);
        package.files.remove(index.ok_or_else(|| not_found("file"))?);
        Ok(StatusCode::NO_CONTENT)
    })
}

async fn finalize(call: Call, Path(id): Path<String>) -> Result<Json<Value>, Response> {
    call.world.with(|state| {
        let package = still_new(state.masv.package(&id)?)?;
        if package.files.is_empty() {
            return Err(bad_request("package must have at least 1 file"));
        }
        package.upload = Upload::Finalized;
        Ok(Json(json!({ "id": package.id, "state": package.upload.name() })))
    })
}

async fn list(call: Call, Path(id): Path<String>) -> Result<Json<Value>, Response> {
    call.world.with(|state| Ok(Json(state.masv.package(&id)?.files.iter().map(show).collect())))
}

async fn download(call: Call, Path((id, file)): Path<(String, String)>) -> Result<Json<Value>, Response> {
    call.world.with(|state| {
        let files = &state.masv.package(&id)?.files;
        let file = files.iter().find(|held| held.id == file).ok_or_else(|| not_found("file"))?;
        let url = format!("http://127.0.0.1:9/{}", file.id);
        Ok(Json(json!({ "name": file.name, "size": file.size, "url": url })))
    })
}
