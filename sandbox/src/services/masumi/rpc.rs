//! The keys of the RPC providers that the service pays through.

use serde_json::{Map, Value, json};

use super::Refusal;
use super::input::Input;
use super::store::{Store, page};

pub(super) fn list(store: &Store, query: &Map<String, Value>) -> Result<Value, Refusal> {
    let mut input = Input::new(query);
    let cursor = input.string("cursorId", 1, 250);
    let limit = input.number("limit", 100);
    input.finish()?;
    let rows = page(&store.rpc_keys, cursor.map(|id| move |row: &Value| row["id"] == id), limit);
    Ok(json!({ "RpcProviderKeys": rows }))
}

/// The two of the recorded service.
pub(super) fn recorded() -> Vec<Value> {
    vec![
        json!({
            "id": "cfg1", "rpcProviderApiKey": "preprodBlockfrostKey1", "rpcProvider": "Blockfrost",
            "createdAt": "2026-11-22T00:21:06.924Z", "updatedAt": "2026-11-22T00:21:05.924Z", "network": "Preprod",
        }),
        json!({
            "id": "cfg2", "rpcProviderApiKey": "preprodBlockfrostKey2", "rpcProvider": "Blockfrost",
            "createdAt": "2026-11-22T00:21:07.977Z", "updatedAt": "2026-11-22T00:21:05.977Z", "network": "Mainnet",
        }),
    ]
}
