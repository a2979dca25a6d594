//! A client and its keys as the tests use them: each call is a task that is driven to its end.

use std::cell::Cell;
use std::rc::Rc;

use latchkey::client::{Client, Script, TokenOptions};
use latchkey::clock::Timestamp;
use latchkey::config::{Config, Fields};
use latchkey::error::Result;
use latchkey::json::Value as Owned;
use latchkey::keys::Talk;
use latchkey::lifecycle::Held;
use latchkey::text::Text;
use latchkey::token::Secret;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::platform::{Driver, Stage};
use super::request::{Ask, Got};
use super::{config, platform};

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
            Ok(Text::new())
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
        self.core.held(self.now()).map(|(_, end)| end).filter(|end| !end.is_never())
    }

    pub(crate) fn scopes(&self) -> Option<Vec<String>> {
        Some(self.core.held(self.now())?.0.scopes.as_deref()?.split_whitespace().map(str::to_owned).collect())
    }

    /// Its keys.
    pub(crate) fn keys(&self) -> Result<TestKeys> {
        let keys = TestKeys(self.clone());
        keys.talk("status", None, json!({}))?;
        Ok(keys)
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
    secret: Option<String>,
}

/// An amount of something that a key may spend.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Credit {
    pub(crate) unit: String,
    pub(crate) amount: i64,
}

fn credits<'de, D: Deserializer<'de>>(from: D) -> core::result::Result<Vec<Credit>, D::Error> {
    let list = Vec::<serde_json::Value>::deserialize(from)?;
    let credit = |credit: &serde_json::Value| Credit {
        unit: credit["unit"].as_str().unwrap().to_owned(),
        amount: credit["amount"].as_str().unwrap().parse().unwrap(),
    };
    Ok(list.iter().map(credit).collect())
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

/// The keys of a client's service.
pub(crate) struct TestKeys(TestClient);

impl TestKeys {
    /// What is asked of them, as the package asks it.
    fn talk(&self, name: &str, id: Option<&str>, options: Value) -> Result<Rc<Talk>> {
        let options = Fields::new("options", config::given(options), &platform::parse_url);
        Talk::read(&self.0.core, name, id.map(Owned::from).unwrap_or_default(), options)
    }

    async fn call<T: DeserializeOwned>(&self, name: &str, id: Option<&str>, options: Value) -> Result<T> {
        let talk = self.talk(name, id, options)?;
        let told = self.0.play(move |_, script| Ok(talk.say(script, 0))).await?;
        Ok(serde_json::from_str(&told).expect("a key has all of these"))
    }

    pub(crate) async fn status(&self) -> Result<ApiKey> {
        self.call("status", None, json!({})).await
    }

    pub(crate) async fn create(&self, new: Value) -> Result<(ApiKey, Secret)> {
        let mut made: ApiKey = self.call("create", None, new).await?;
        let secret = made.secret.take().expect("it was just made");
        Ok((made, Secret::new(secret)))
    }

    pub(crate) async fn update(&self, id: &str, changes: Value) -> Result<ApiKey> {
        self.call("update", Some(id), changes).await
    }

    pub(crate) async fn revoke(&self, id: &str, even_if_in_use: bool) -> Result<ApiKey> {
        self.call("revoke", Some(id), json!({ "evenIfInUse": even_if_in_use })).await
    }

    pub(crate) async fn page(&self, after: Option<&str>, size: Option<f64>) -> Result<Vec<ApiKey>> {
        let options = size.map_or(json!({}), |size| json!({ "pageSize": size }));
        self.call("page", after, options).await
    }

    /// The pages of a list, `list` or `rpc`, one a call; an empty one after the last.
    pub(crate) fn list<Key: DeserializeOwned>(
        &self,
        list: &str,
        size: Option<u32>,
    ) -> impl AsyncFnMut() -> Result<Vec<Key>> + use<Key> {
        let options = size.map_or(json!({}), |size| json!({ "pageSize": size }));
        let (talk, client) = (self.talk(list, None, options).unwrap(), self.0.clone());
        async move || {
            let talk = Rc::clone(&talk);
            let page = client.play(move |_, script| Ok(talk.say(script, 0))).await?;
            Ok(serde_json::from_str(&page).expect("a key has all of these"))
        }
    }
}
