//! The sockets.

use std::collections::BTreeMap;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use axum::routing::get;
use axum::serve::{IncomingStream, Listener};
use tokio::net::{TcpListener, TcpStream};

use super::clock::Time;
use super::faults::{Fault, Faults};
use super::gateway::{self, session::Gateway};
use super::model::User;
use super::rest::{self, Call};
use super::world::{Shared, World};
use super::{FakeDiscord, Options};

/// Accepts connections such that each can be closed from outside while a request waits.
struct Door(TcpListener);

/// The other end of a connection.
#[derive(Debug, Clone)]
struct Peer(Arc<std::net::TcpStream>);

impl Listener for Door {
    type Io = TcpStream;
    type Addr = Option<Peer>;

    async fn accept(&mut self) -> (TcpStream, Option<Peer>) {
        let (stream, _): (TcpStream, SocketAddr) = Listener::accept(&mut self.0).await;
        let _ = stream.set_nodelay(true);
        let stream = stream.into_std().unwrap();
        let peer = Peer(Arc::new(stream.try_clone().unwrap()));
        (TcpStream::from_std(stream).unwrap(), Some(peer))
    }

    fn local_addr(&self) -> io::Result<Option<Peer>> {
        Ok(None)
    }
}

impl Connected<IncomingStream<'_, Door>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        stream.remote_addr().clone().unwrap()
    }
}

pub(super) async fn start(options: Options) -> FakeDiscord {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let shared = Shared::new(world(options, base));
    let router = Router::new()
        .route("/gateway", get(upgrade))
        .route("/gateway/", get(upgrade))
        .fallback(answer)
        .with_state(shared.clone());
    let service = router.into_make_service_with_connect_info::<Peer>();
    let server = tokio::spawn(async move {
        let _ = axum::serve(Door(listener), service).await;
    });
    FakeDiscord { shared, server }
}

fn world(options: Options, base: String) -> World {
    let mut time = Time::from(options.start);
    let bot = User {
        id: time.id(),
        name: "warden".to_owned(),
        bot: true,
        takes_messages: false,
    };
    World {
        base,
        time,
        users: BTreeMap::from([(bot.id, bot.clone())]),
        bot,
        guilds: BTreeMap::new(),
        channels: BTreeMap::new(),
        messages: BTreeMap::new(),
        interactions: BTreeMap::new(),
        commands: BTreeMap::new(),
        files: BTreeMap::new(),
        gateway: Gateway::default(),
        faults: Faults::default(),
        requests: Vec::new(),
        pings: Vec::new(),
        violations: Vec::new(),
        lines: Vec::new(),
        options,
    }
}

async fn upgrade(State(shared): State<Shared>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(|socket| gateway::serve(shared, socket))
}

/// Reads a request, lets it meet the fault that waits for it, and otherwise has the world answer.
async fn answer(
    State(shared): State<Shared>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
) -> Response {
    let call = match Call::read(request).await {
        Ok(call) => call,
        Err(rejection) => return rest::reject(rejection),
    };
    match shared.touch(|world| world.faults.take(&call)) {
        Some(Fault::Hang) => {
            shared.touch(|world| world.record(&call, 0));
            std::future::pending().await
        }
        Some(Fault::Closed) => {
            shared.touch(|world| world.record(&call, 0));
            peer.close().await
        }
        Some(Fault::Lost) => {
            let _ = shared.touch(|world| rest::answer(world, &call));
            peer.close().await
        }
        Some(fault) => shared.touch(|world| rest::fail(world, &call, fault)),
        None => shared.touch(|world| rest::answer(world, &call)),
    }
}

impl Peer {
    /// Closes the connection and never answers.
    async fn close(&self) -> Response {
        let _ = self.0.shutdown(Shutdown::Both);
        std::future::pending().await
    }
}
