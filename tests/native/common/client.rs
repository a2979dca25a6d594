//! A client and its keys as the tests use them: each call is a task that is driven to its end.

use std::cell::Cell;
use std::rc::Rc;

use latchkey::client::{Client, Script, TokenOptions};
use latchkey::clock::Timestamp;
use latchkey::config::Config;
use latchkey::error::Result;
use latchkey::keys::{self, ApiKeyChanges, Credit, Keys, List, Listing, NewApiKey};
use latchkey::lifecycle::Held;
use latchkey::token::Secret;
use serde::{Deserialize, Deserializer};

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

    /// Plays a script to its end.
    async fn play<T: 'static>(&self, run: impl Fn(&Client, &mut Script) -> Result<T> + 'static) -> Result<T> {
        self.play_with(run, None).await.0
    }

    /// The same of one that sends this request of the user's; and the answer to its last sending.
    async fn play_with<T: 'static>(
        &self,
        run: impl Fn(&Client, &mut Script) -> Result<T> + 'static,
        request: Option<&Ask>,
    ) -> (Result<T>, Option<Got>) {
        let (core, came) = (self.core.clone(), Rc::<Cell<Option<T>>>::default());
        let given = Rc::clone(&came);
        let task = self.core.task(Box::new(move |script| {
            given.set(Some(run(&core, script)?));
            Ok(String::new())
        }));
        let (result, got) = self.driver.drive(task, request).await;
        let result = result.map(|_| came.take().expect("the script has come to something"));
        (result.map_err(|error| self.core.dress(error)), got)
    }

    pub(crate) fn config(&self) -> &Config {
        self.core.config()
    }

    pub(crate) async fn token(&self, options: TokenOptions) -> Result<Held> {
        self.play(move |core, script| core.token(script, options).cloned()).await
    }

    pub(crate) async fn fetch(&self, request: &Ask) -> Result<Got> {
        let outgoing = request.outgoing();
        let run = move |core: &Client, script: &mut Script| core.fetch(script, &outgoing, None);
        let (result, got) = self.play_with(run, Some(request)).await;
        result.map(|()| got.expect("there was an answer"))
    }

    pub(crate) async fn logout(&self) -> Result<()> {
        self.play(Client::logout).await
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
        Some(
            self.core
                .held(self.now())?
                .token
                .scopes
                .as_deref()?
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
        )
    }

    /// Its keys.
    pub(crate) fn keys(&self) -> Result<TestKeys> {
        Ok(TestKeys { keys: Keys::of(self.core.clone())?, client: self.clone() })
    }

    fn now(&self) -> Timestamp {
        self.driver.stage.now()
    }
}

/// A key as a caller sees it, from the object that the core gives.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApiKey {
    pub(crate) id: String,
    pub(crate) permission: String,
    pub(crate) status: String,
    pub(crate) usage_limited: bool,
    #[serde(deserialize_with = "credits")]
    pub(crate) credits: Vec<Credit>,
    pub(crate) networks: Vec<String>,
    pub(crate) hint: Option<String>,
}

fn credits<'de, D: Deserializer<'de>>(from: D) -> core::result::Result<Vec<Credit>, D::Error> {
    let list = Vec::<serde_json::Value>::deserialize(from)?;
    let credit = |credit: &serde_json::Value| Credit {
        unit: credit["unit"].as_str().unwrap().to_owned(),
        amount: credit["amount"].as_str().unwrap().parse().unwrap(),
    };
    Ok(list.iter().map(credit).collect())
}

impl From<keys::ApiKey> for ApiKey {
    fn from(key: keys::ApiKey) -> Self {
        serde_json::from_str(&key.told.to_text()).expect("a key has all of these")
    }
}

/// A key to somebody else's service, likewise.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RpcKey {
    pub(crate) id: String,
    pub(crate) provider: String,
    pub(crate) network: String,
    pub(crate) rpc_provider_api_key: String,
}

impl From<keys::ApiKey> for RpcKey {
    fn from(key: keys::ApiKey) -> Self {
        serde_json::from_str(&key.told.to_text()).expect("a key has all of these")
    }
}

/// The keys of a client's service.
pub(crate) struct TestKeys {
    keys: Keys,
    client: TestClient,
}

impl TestKeys {
    async fn play<T: 'static>(&self, run: impl Fn(&Keys, &mut Script) -> Result<T> + 'static) -> Result<T> {
        let keys = self.keys.clone();
        self.client.play(move |_, script| run(&keys, script)).await
    }

    pub(crate) async fn status(&self) -> Result<ApiKey> {
        self.play(Keys::status).await.map(ApiKey::from)
    }

    pub(crate) async fn create(&self, new: NewApiKey) -> Result<(ApiKey, Secret)> {
        let made = self.play(move |keys, script| keys.create(script, &new)).await?;
        let secret = made.secret.clone();
        Ok((made.into(), secret))
    }

    pub(crate) async fn update(&self, id: &str, changes: ApiKeyChanges) -> Result<ApiKey> {
        let id = id.to_owned();
        self.play(move |keys, script| keys.update(script, &id, &changes)).await.map(ApiKey::from)
    }

    pub(crate) async fn revoke(&self, id: &str, even_if_in_use: bool) -> Result<ApiKey> {
        let id = id.to_owned();
        self.play(move |keys, script| keys.revoke(script, &id, even_if_in_use)).await.map(ApiKey::from)
    }

    pub(crate) async fn page(&self, after: Option<String>, size: Option<u32>) -> Result<Vec<ApiKey>> {
        let page = self.play(move |keys, script| keys.page(script, after.as_deref(), size)).await?;
        Ok(page.into_iter().map(ApiKey::from).collect())
    }

    /// The pages of a list, one a call; an empty one after the last.
    pub(crate) fn list<Key: From<keys::ApiKey> + 'static>(
        &self,
        list: List,
        size: Option<u32>,
    ) -> impl AsyncFnMut() -> Result<Vec<Key>> + use<Key> {
        let (listing, client) = (Rc::new(Listing::new(self.keys.clone(), list, size)), self.client.clone());
        async move || {
            let listing = Rc::clone(&listing);
            let page = client.play(move |_, script| listing.next(script)).await?;
            Ok(page.into_iter().map(Key::from).collect())
        }
    }
}
