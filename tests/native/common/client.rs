//! A client and its keys as the tests use them: each call is a task that is driven to its end.

use std::rc::Rc;

use latchkey::client::{Client, TokenOptions};
use latchkey::clock::Timestamp;
use latchkey::config::Config;
use latchkey::error::Result;
use latchkey::keys::{ApiKey, ApiKeyChanges, Keys, NewApiKey, RpcKey};
use latchkey::lifecycle::Held;
use latchkey::token::Secret;

use super::platform::{Driver, Stage};
use super::request::{Ask, Got};

/// A client.
#[derive(Clone)]
pub(crate) struct TestClient {
    core: Client,
    driver: Rc<Driver>,
}

impl TestClient {
    pub(crate) fn new(config: Config, stage: &Rc<Stage>) -> Self {
        let core = Client::new(config, Rc::clone(stage) as _);
        TestClient { core, driver: Rc::new(Driver::new(Rc::clone(stage))) }
    }

    /// Does this with the client, to its end.
    async fn drive<T>(&self, work: impl AsyncFnOnce(Client) -> T + 'static) -> T
    where
        T: 'static,
    {
        let core = self.core.clone();
        self.driver.drive(self.core.task(async move { work(core).await })).await
    }

    pub(crate) fn config(&self) -> &Config {
        self.core.config()
    }

    pub(crate) async fn token(&self, options: TokenOptions) -> Result<Held> {
        self.drive(async move |core| core.token(options).await).await
    }

    pub(crate) async fn fetch(&self, request: &Ask) -> Result<Got> {
        let (core, outgoing) = (self.core.clone(), request.outgoing());
        let task = self.core.task(async move { core.fetch(&outgoing).await });
        let (result, got) = self.driver.drive_request(task, Some(request)).await;
        result.map(|_| got.expect("there was an answer"))
    }

    pub(crate) async fn logout(&self) -> Result<()> {
        self.drive(async |core| core.logout().await).await
    }

    pub(crate) fn invalidate(&self) {
        self.core.invalidate();
        self.driver.abandon();
    }

    pub(crate) fn close(&self) {
        self.core.close();
        self.driver.close();
    }

    pub(crate) fn cached(&self) -> Option<Held> {
        self.core.cached(self.now()).map(|(held, _)| held)
    }

    pub(crate) fn expires_at(&self) -> Option<Timestamp> {
        self.core.expires_at(self.now())
    }

    pub(crate) fn scopes(&self) -> Option<Vec<String>> {
        self.core.scopes(self.now())
    }

    /// Its keys.
    pub(crate) fn keys(&self) -> Result<TestKeys> {
        Ok(TestKeys { keys: Keys::of(self.core.clone())?, client: self.clone() })
    }

    fn now(&self) -> Timestamp {
        self.driver.stage.now()
    }
}

/// The keys of a client's service.
pub(crate) struct TestKeys {
    keys: Keys,
    client: TestClient,
}

impl TestKeys {
    async fn drive<T>(&self, work: impl AsyncFnOnce(Keys) -> T + 'static) -> T
    where
        T: 'static,
    {
        let keys = self.keys.clone();
        self.client.drive(async move |_| work(keys).await).await
    }

    pub(crate) async fn status(&self) -> Result<ApiKey> {
        self.drive(async |keys| keys.status().await).await
    }

    pub(crate) async fn create(&self, new: NewApiKey) -> Result<(ApiKey, Secret)> {
        self.drive(async |keys| keys.create(new).await).await
    }

    pub(crate) async fn update(&self, id: &str, changes: ApiKeyChanges) -> Result<ApiKey> {
        let id = id.to_owned();
        self.drive(async move |keys| keys.update(&id, changes).await).await
    }

    pub(crate) async fn revoke(&self, id: &str, even_if_in_use: bool) -> Result<ApiKey> {
        let id = id.to_owned();
        self.drive(async move |keys| keys.revoke(&id, even_if_in_use).await).await
    }

    pub(crate) async fn page(&self, after: Option<String>, size: Option<u32>) -> Result<Vec<ApiKey>> {
        self.drive(async move |keys| keys.page(after, size).await).await
    }

    pub(crate) async fn rpc_page(&self, after: Option<String>, size: Option<u32>) -> Result<Vec<RpcKey>> {
        self.drive(async move |keys| keys.rpc_page(after, size).await).await
    }

    /// The pages of a list, one a call.
    pub(crate) fn list(&self, size: u32) -> impl AsyncFnMut() -> Result<Option<Vec<ApiKey>>> + use<> {
        let (listing, client) = (Rc::new(self.keys.clone().list(Some(size))), self.client.clone());
        async move || {
            let listing = Rc::clone(&listing);
            client.drive(async move |_| listing.next().await).await
        }
    }
}
