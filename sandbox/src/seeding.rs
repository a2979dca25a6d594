//! What the services hold besides what their own routes have made of it: for tests that need much of it, or that need it
//! to change behind a client's back.

use serde_json::Value;

use crate::services::Service;
use crate::services::masumi::Store;
use crate::world::World;

impl World {
    /// Makes so many Masumi keys at once, after those that are there, and tells their ids. They may read.
    pub fn add_masumi_keys(&self, service: Service, count: usize) -> Result<Vec<String>, String> {
        self.masumi(service, |store| Ok((0..count).map(|_| store.add_reader()).collect()))
    }

    /// Deletes rows for good, as the service itself never does, and tells how many of them there were.
    pub fn delete_masumi_keys(&self, service: Service, ids: &[String]) -> Result<usize, String> {
        self.masumi(service, |store| Ok(store.delete_rows(ids)))
    }

    /// Has a Masumi key pay with its credit. Of a key that is not limited nothing is taken.
    pub fn spend(&self, service: Service, id: &str, unit: &str, amount: i64) -> Result<(), String> {
        self.masumi(service, |store| store.spend(id, unit, amount))
    }

    /// The ids of the hot wallets that both Masumi services know, for wallet scopes.
    pub fn set_wallets(&self, ids: &[String]) {
        self.with(|state| state.masumi.values_mut().for_each(|store| store.wallets = ids.to_vec()));
    }

    /// Adds a package that was sent by MASV, and a link to it: `{package, link, secret}`.
    pub fn add_masv_package(&self, name: &str, password: Option<&str>) -> Value {
        self.with(|state| {
            let now = state.time();
            state.masv.add_sent(name, password, now)
        })
    }

    fn masumi<T>(
        &self,
        service: Service,
        act: impl FnOnce(&mut Store) -> Result<T, String>,
    ) -> Result<T, String> {
        self.with(|state| {
            let store = state.masumi.get_mut(&service);
            act(store.ok_or_else(|| format!("{} has no such keys", service.name()))?)
        })
    }
}
