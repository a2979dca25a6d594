//! A scene: a world of the sandbox, a clock that the test moves, and the platform between them and a client.

mod client;
mod config;
mod platform;
mod request;

use std::rc::Rc;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use futures_util::FutureExt;
use latchkey::client::TokenOptions;
use latchkey::clock::{Span, Timestamp};
use latchkey::config::Config;
use latchkey::error::{Code, Error, Result};
use latchkey::event::{Event, EventKind};
use latchkey::token::Secret;
use latchkey_sandbox::{Fault, Kind, Sandbox, Service, World};
use serde_json::{Value, json};

pub(crate) use self::client::{ApiKey, Credit, RpcKey, TestClient, TestKeys};
use self::platform::{Function, Stage};
pub(crate) use self::request::Ask;

/// A test that takes so long waits for something that does not come.
const HANGS: Duration = Duration::from_secs(60);

static SANDBOX: LazyLock<Sandbox> = LazyLock::new(|| Sandbox::start().expect("the sandbox starts"));
static ELSEWHERE: LazyLock<Sandbox> = LazyLock::new(|| Sandbox::start().expect("the sandbox starts"));

/// What every secret of a scene has in it: the credentials as [`config::plant`] sets them, and what the sandbox gives.
const MARKS: &[&str] = &["canary", "eyJ", "opaque-", "refresh-", "masumi-payment-", "BlockfrostKey"];

/// Where a test plays.
pub(crate) struct Scene {
    /// The services.
    pub(crate) world: Arc<World>,
    stage: Rc<Stage>,
}

/// Plays a test in a scene of its own, and looks at the end whether anything that was told gave a secret away.
pub(crate) fn run(test: impl AsyncFnOnce(&Scene)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let scene = Scene::new();
        tokio::time::timeout(HANGS, test(&scene)).await.expect("the test hangs");
        scene.keeps_its_secrets();
    });
}

/// The clock of a scene starts where the sandbox's is.
fn started() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Timestamp::from_millis(since.as_millis().try_into().unwrap())
}

/// A world of another origin.
pub(crate) fn elsewhere() -> Arc<World> {
    ELSEWHERE.world()
}

/// A token request that asks for a new one whatever is held.
pub(crate) const FORCED: TokenOptions = TokenOptions { force_refresh: true, min_validity: Span::ZERO };

impl Scene {
    fn new() -> Self {
        let world = SANDBOX.world();
        config::plant(&world);
        Scene { world, stage: Rc::new(Stage::new(started())) }
    }

    /// A client of this service, with the credentials that it knows.
    pub(crate) fn client(&self, service: Service) -> TestClient {
        self.client_with(service, json!({}))
    }

    /// The same with some fields of its configuration set, or taken away by a null.
    pub(crate) fn client_with(&self, service: Service, changes: Value) -> TestClient {
        let mut config = config::of(&self.world, service);
        let fields = config.as_object_mut().unwrap();
        for (name, value) in changes.as_object().unwrap() {
            fields.insert(name.clone(), value.clone());
        }
        fields.retain(|_, value| !value.is_null());
        let config = Config::read(config::given(config), &platform::parse_url).expect("a good configuration");
        TestClient::new(config, &self.stage)
    }

    /// A credential function, to stand in a configuration.
    pub(crate) fn credential(&self, function: impl Fn() -> Result<Secret> + 'static) -> Value {
        self.stage.keep(Function::Credential(Rc::new(function)))
    }

    /// An `acquire` function, to stand in a configuration.
    pub(crate) fn acquire(&self, function: impl Fn() -> Result<Value> + 'static) -> Value {
        self.stage.keep(Function::Acquire(Rc::new(function)))
    }

    /// A function that never answers, to stand in a configuration.
    pub(crate) fn silent(&self) -> Value {
        self.stage.keep(Function::Silent)
    }

    /// What the client's clock says.
    pub(crate) fn now(&self) -> Timestamp {
        self.stage.now()
    }

    /// Lets time pass, here and at the services.
    pub(crate) fn pass(&self, seconds: i64) {
        let offset = self.world.describe()["settings"]["clockOffset"].as_i64().unwrap();
        self.set(json!({ "clockOffset": offset + seconds }));
        self.stage.advance(Span::from_seconds(seconds));
    }

    /// Sets the client's clock alone, forward or back.
    pub(crate) fn set_local_clock(&self, ahead: i64) {
        self.stage.advance(Span::from_seconds(ahead));
    }

    /// Changes settings of the world.
    pub(crate) fn set(&self, settings: Value) {
        self.world.set(&settings).unwrap();
    }

    /// Makes the next token request of this service go wrong.
    pub(crate) fn spoil(&self, service: Service, kind: Kind) {
        self.world.fault(Fault::once(service, "token", kind));
    }

    /// Makes every token request of this service go wrong from now on.
    pub(crate) fn spoil_all(&self, service: Service, kind: Kind) {
        self.world.fault(Fault::once(service, "token", kind).times(None));
    }

    /// Makes the next request for `/whoami` go wrong.
    pub(crate) fn spoil_whoami(&self, service: Service, kind: Kind) {
        self.world.fault(Fault::once(service, "/whoami", kind));
    }

    /// How many requests there were, as `masivo.token`.
    pub(crate) fn count(&self, counter: &str) -> u64 {
        self.world.count(counter)
    }

    /// Goes on when this is so.
    pub(crate) async fn until(&self, is_so: impl Fn() -> bool) {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    }

    /// Starts a call for a token, and goes on when its request has arrived at the service.
    pub(crate) async fn in_flight(
        &self,
        client: &TestClient,
        counter: &str,
    ) -> impl Future<Output = Result<String>> + use<> {
        let (client, before) = (client.clone(), self.count(counter));
        let call = tokio::task::spawn_local(async move { token(&client).await });
        self.until(|| self.count(counter) > before).await;
        call.map(|result| result.expect("the call does not panic"))
    }

    /// A request of the user's.
    pub(crate) fn get(&self, target: &str) -> Ask {
        Ask::new(self.stage.http.clone(), "GET", target, None)
    }

    /// A request of the user's with a body.
    pub(crate) fn post(&self, target: &str, body: &'static str) -> Ask {
        Ask::new(self.stage.http.clone(), "POST", target, Some(body))
    }

    /// What the service says of a request with the client's token.
    pub(crate) async fn whoami(&self, client: &TestClient) -> Value {
        let reply = client.fetch(&self.get("/whoami")).await.unwrap();
        assert_eq!(reply.status(), 200);
        reply.json().await
    }

    /// Checks that a call failed like this.
    #[track_caller]
    pub(crate) fn fails<T>(&self, result: Result<T>, code: Code, said: &str) -> Error {
        let error = result.err().unwrap_or_else(|| panic!("{} was expected", code.as_str()));
        self.stage.said.borrow_mut().push(format!("{error} {error:?}"));
        assert_eq!(error.code, code, "{error}");
        assert!(error.message.contains(said), "{said:?} is not in {error}");
        error
    }

    /// How long the core waited before it tried again, each time.
    pub(crate) fn waits(&self) -> Vec<Span> {
        self.stage.waits.borrow().clone()
    }

    /// What `onEvent` was told.
    pub(crate) fn events(&self) -> Vec<EventKind> {
        self.stage.events.borrow().iter().map(|event: &Event| event.kind.clone()).collect()
    }

    /// Why each token came, in order.
    pub(crate) fn reasons(&self) -> Vec<&'static str> {
        let reason = |kind: EventKind| match kind {
            EventKind::Token { reason, .. } => Some(reason.as_str()),
            _ => None,
        };
        self.events().into_iter().filter_map(reason).collect()
    }

    fn keeps_its_secrets(&self) {
        let events = self.stage.events.borrow();
        let told = events.iter().map(|event| format!("{event:?}"));
        for text in told.chain(self.stage.said.borrow().iter().cloned()) {
            let given_away = MARKS.iter().find(|mark| text.contains(**mark));
            assert_eq!(given_away, None, "a secret is in {text}");
        }
    }
}

/// The text of a token, as a caller gets it.
pub(crate) async fn token(client: &TestClient) -> Result<String> {
    token_with(client, TokenOptions::default()).await
}

/// The same with options.
pub(crate) async fn token_with(client: &TestClient, options: TokenOptions) -> Result<String> {
    client.token(options).await.map(|held| held.secret.reveal().to_owned())
}
