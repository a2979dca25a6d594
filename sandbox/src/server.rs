//! Accepting connections, on a thread and a runtime of its own, and cutting them on demand.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tower::ServiceExt;

use crate::control;
use crate::services::Service;
use crate::world::World;

/// A running server. Dropping it ends it and closes its connections.
#[derive(Debug)]
pub struct Sandbox {
    /// Its origin: `http://127.0.0.1:PORT`.
    pub url: String,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

/// How to start.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The port; any that is free if it is 0.
    pub port: u16,
    /// A folder to serve at `/`.
    pub www: Option<PathBuf>,
    /// A folder to serve at `/latchkey`: the built package, for the modules of the page.
    pub package: Option<PathBuf>,
}

impl Sandbox {
    /// Starts one on a free port of the loopback address.
    pub fn start() -> io::Result<Self> {
        Self::start_with(Options::default())
    }

    /// Starts one as told.
    pub fn start_with(options: Options) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, options.port)))?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let shared = Arc::new(Shared::new(url.clone()));
        shared.create("demo");
        let app = control::router(shared.clone(), options.www, options.package);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("sandbox".into()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, app) => {}
                    _ = stopped => {}
                }
            });
        })?;
        Ok(Self { url, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// A world of its own for a test.
    pub fn world(&self) -> Arc<World> {
        self.shared.create_next()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It has nothing to say that the test does not know.
            let _ = thread.join();
        }
    }
}

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Shared {
    origin: String,
    worlds: RwLock<HashMap<String, Arc<World>>>,
    next: AtomicU64,
    pub(crate) routers: HashMap<&'static str, Router>,
}

impl Shared {
    fn new(origin: String) -> Self {
        let routers = Service::ALL.map(|service| (service.name(), service.router()));
        let routers = routers.into_iter().collect();
        Self { origin, worlds: RwLock::default(), next: AtomicU64::new(1), routers }
    }

    pub(crate) fn create_next(&self) -> Arc<World> {
        self.create(&self.next.fetch_add(1, Ordering::Relaxed).to_string())
    }

    fn create(&self, id: &str) -> Arc<World> {
        let world = Arc::new(World::new(&self.origin, id));
        let mut worlds = self.worlds.write().unwrap_or_else(PoisonError::into_inner);
        worlds.insert(id.to_owned(), world.clone());
        world
    }

    pub(crate) fn world(&self, id: &str) -> Option<Arc<World>> {
        self.worlds.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    pub(crate) fn remove(&self, id: &str) -> bool {
        self.worlds.write().unwrap_or_else(PoisonError::into_inner).remove(id).is_some()
    }
}

/// Marks a response that is not to be sent: the connection is closed in its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut;

impl Cut {
    pub(crate) fn response() -> Response {
        let mut response = ().into_response();
        response.extensions_mut().insert(Self);
        response
    }
}

async fn accept(listener: std::net::TcpListener, app: Router) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(serve(stream, app.clone()))),
            // Out of file descriptors, say: it passes when connections end.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn serve(stream: TcpStream, app: Router) {
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let app = app.clone();
        async move {
            let Ok(response) = app.oneshot(request.map(Body::new)).await;
            // hyper closes a connection whose service fails, without a word.
            if response.extensions().get::<Cut>().is_some() {
                return Err(io::Error::from(io::ErrorKind::ConnectionAborted));
            }
            Ok(response)
        }
    });
    // Without this a small answer may wait for the client's acknowledgement of the one before.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service);
    // A client that goes away, and a connection that was cut, are no concern of the sandbox.
    let _ = connection.await;
}
