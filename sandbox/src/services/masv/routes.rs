//! Which routes there are and what each of them takes: one table, from which the router is made and the list for tests.

use axum::Router;
use axum::extract::{RawPathParams, Request};
use axum::handler::Handler;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{MethodFilter, on};
use serde::Serialize;

use super::super::resources::Holder;
use super::super::{Call, header_value};
use super::{USER, error, forbidden, unauthorized};
use crate::tokens::Token;

const USER_TOKEN: &str = "x-user-token";
const API_KEY: &str = "x-api-key";
const PACKAGE_TOKEN: &str = "x-package-token";
const TRANSFER_TOKEN: &str = "x-transfer-token";

/// Every header that says who asks.
const CREDENTIALS: [&str; 4] = [USER_TOKEN, API_KEY, PACKAGE_TOKEN, TRANSFER_TOKEN];

/// What a token for a package or a transfer may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Finish an upload: add files, take some away, finalize the package. It comes with a new package.
    Write,
    /// See the package and its files and download them. It comes with a link.
    Read,
    /// All that a recipient may, and change, end and share the package. It comes with a team's list of packages.
    Manage,
    /// See a transfer, retry it and cancel it.
    Transfer,
}

impl Access {
    /// The claim `lvl` that stands for it. The guide shows a link's and a management token; a `u` nobody has seen.
    pub(super) fn level(self) -> &'static str {
        match self {
            Self::Write => "u",
            Self::Read => "d",
            Self::Manage => "f",
            Self::Transfer => "",
        }
    }

    /// What the token may do; nothing of the kind if it is a user's.
    fn of(token: &Token) -> Option<Self> {
        match token.claims.get("typ")?.as_str()? {
            "transfer" => Some(Self::Transfer),
            _ => [Self::Write, Self::Read, Self::Manage]
                .into_iter()
                .find(|access| token.claims.get("lvl").is_some_and(|level| level == access.level())),
        }
    }
}

/// A route of MASV, for tests that go over all of them.
#[derive(Clone, Debug, Serialize)]
pub struct MasvRoute {
    /// The method.
    pub method: String,
    /// The path beneath the service's base URL, with `{name}` for what varies.
    pub path: &'static str,
    /// The headers of which it takes one, in lower case; none where no credential is asked for.
    pub takes: &'static [&'static str],
    /// What a token for a package or a transfer must be allowed to, any of these.
    pub access: &'static [Access],
}

/// Every route of MASV.
pub fn masv_routes() -> Vec<MasvRoute> {
    let mut all = super::routes().listed;
    for (method, path) in [(Method::GET, "/whoami"), (Method::GET, "/scoped"), (Method::POST, "/echo")] {
        all.push(Needs::Any.listed(&method, path));
    }
    all
}

/// What a route asks for.
#[derive(Clone, Copy)]
pub(super) enum Needs {
    /// Nothing: a login, a portal's visitor, a link with its secret.
    Nothing,
    /// A user's token, and no API key.
    UserToken,
    /// A user's token or an API key.
    Account,
    /// A token for the package in the path that may do one of these.
    Package(&'static [Access]),
    /// A token for the transfer in the path.
    Transfer,
    /// Any credential at all: the resources that every service has.
    Any,
}

impl Needs {
    fn takes(self) -> &'static [&'static str] {
        match self {
            Self::Nothing => &[],
            Self::UserToken => &[USER_TOKEN],
            Self::Account => &[USER_TOKEN, API_KEY],
            Self::Package(_) => &[PACKAGE_TOKEN],
            Self::Transfer => &[TRANSFER_TOKEN],
            Self::Any => &CREDENTIALS,
        }
    }

    fn listed(self, method: &Method, path: &'static str) -> MasvRoute {
        let access = match self {
            Self::Package(access) => access,
            Self::Transfer => &[Access::Transfer],
            _ => &[],
        };
        MasvRoute { method: method.to_string(), path, takes: self.takes(), access }
    }
}

/// The routes so far.
#[derive(Default)]
pub(super) struct Routes {
    pub(super) router: Router,
    listed: Vec<MasvRoute>,
}

impl Routes {
    /// Adds a route, whose handler is not reached without what it needs.
    pub(super) fn add<H, T>(mut self, method: Method, path: &'static str, needs: Needs, handler: H) -> Self
    where
        H: Handler<T, ()>,
        T: 'static,
    {
        self.listed.push(needs.listed(&method, path));
        let filter = MethodFilter::try_from(method).expect("the method is one of HTTP's own");
        let permit = move |call: Call, params: RawPathParams, request: Request, next: Next| async move {
            let id = params.iter().find(|(name, _)| *name == "id").map(|(_, id)| id);
            match permit(&call, request.headers(), needs, id) {
                Ok(_) => next.run(request).await,
                Err(refused) => refused,
            }
        };
        let route = on(filter, handler).route_layer(middleware::from_fn(permit));
        self.router = self.router.route(path, route);
        self
    }
}

/// Refuses a request with two credentials: which of them counts is nothing that a client should leave to chance.
pub(super) async fn one_credential(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let given: Vec<&str> =
        CREDENTIALS.into_iter().flat_map(|name| headers.get_all(name).iter().map(move |_| name)).collect();
    if given.len() > 1 {
        return error(
            StatusCode::BAD_REQUEST,
            "ambiguous_credentials",
            &format!("{} at once", given.join(", ")),
        );
    }
    next.run(request).await
}

/// What the resources that every service has ask for.
pub(super) fn authenticate_any(call: &Call, headers: &HeaderMap) -> Result<Holder, Response> {
    permit(call, headers, Needs::Any, None)
}

/// Whose request it is, if it has what it needs: for `id`, where that is a package's or a transfer's.
fn permit(call: &Call, headers: &HeaderMap, needs: Needs, id: Option<&str>) -> Result<Holder, Response> {
    let given = |name: &str| header_value(headers, name);
    let Some((name, text)) = needs.takes().iter().find_map(|name| Some((*name, given(name)?))) else {
        return match (needs, given(API_KEY)) {
            (Needs::Nothing, _) => Ok(Holder { subject: String::new(), number: None }),
            (Needs::UserToken, Some(key)) => {
                api_key(call, key)?;
                Err(forbidden("An API key can not do this: it takes X-User-Token"))
            }
            _ => Err(unauthorized(&format!("One of these is needed: {}", needs.takes().join(", ")))),
        };
    };
    if name == API_KEY {
        return api_key(call, text);
    }
    let token = call.world.with(|state| state.tokens.check(call.service, text, state.now()).cloned());
    let token = token.ok_or_else(|| unauthorized("Invalid or expired token"))?;
    let access = Access::of(&token);
    let expected = match access {
        None => USER_TOKEN,
        Some(Access::Transfer) => TRANSFER_TOKEN,
        Some(_) => PACKAGE_TOKEN,
    };
    if name != expected {
        return Err(unauthorized(&format!("This token belongs in {expected}")));
    }
    if let (Needs::Package(allowed), Some(access)) = (needs, access)
        && !allowed.contains(&access)
    {
        return Err(forbidden(&format!("This takes {allowed:?}, and the token may {access:?}")));
    }
    if matches!(needs, Needs::Package(_) | Needs::Transfer) && id != Some(token.subject.as_str()) {
        return Err(forbidden("The token is for another one"));
    }
    Ok(Holder { subject: token.subject, number: Some(token.number) })
}

/// The account's own key, or one that was made for its team.
fn api_key(call: &Call, text: &str) -> Result<Holder, Response> {
    let good = call.knows(&[("apiKey", text)])
        || call.world.with(|state| {
            let now = state.now();
            state.masv.keys.iter().any(|key| key.value == text && key.works(now))
        });
    if good {
        Ok(Holder { subject: USER.into(), number: None })
    } else {
        Err(unauthorized("The API key is unknown, inactive or expired"))
    }
}
