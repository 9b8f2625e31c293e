//! A whole server: the house, what runs by itself in it, and its HTTP face.

use std::net::SocketAddr;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use futures_util::future::join_all;
use tokio::task::{JoinHandle, JoinSet};

use crate::house::{House, clockwork};
use crate::platform::config::Config;
use crate::platform::http::server::{self, Face, Routes};

/// A running server.
pub struct Server {
    /// The house it serves.
    pub house: House,
    /// Where it listens.
    pub address: SocketAddr,
    /// Where those who watch are served: at an address of their own, or where everything is.
    pub feeds: SocketAddr,
    serving: Vec<Serving>,
    tasks: JoinSet<()>,
}

/// What serves one address.
struct Serving {
    handle: ServerHandle,
    task: JoinHandle<std::io::Result<()>>,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

impl Server {
    /// Opens the house and starts serving.
    pub async fn start(config: Config) -> Result<Self, Failure> {
        Box::pin(Self::started(config, None)).await
    }

    /// The same with endpoints that no other server has.
    pub async fn start_with(config: Config, own: Routes) -> Result<Self, Failure> {
        Box::pin(Self::started(config, Some(own))).await
    }

    async fn started(config: Config, own: Option<Routes>) -> Result<Self, Failure> {
        let house = House::open(config).await?;
        if house.config.sandbox {
            crate::sandbox::flows::ensure_staff(&house).await?;
        }
        // Before anything can close, or be refused as too late: was the market away?
        crate::auctions::flows::beat(&house).await?;
        let mut tasks = clockwork::start(&house);
        let (address, everything) = opened(&house, Face::main(&house.config), own, &mut tasks)?;
        let (mut feeds, mut serving) = (address, vec![everything]);
        if let Some(face) = Face::feeds(&house.config) {
            let (apart, watchers) = opened(&house, face, own, &mut tasks)?;
            feeds = apart;
            serving.push(watchers);
        }
        Ok(Self { house, address, feeds, serving, tasks })
    }

    /// The address clients use.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends gently: says it is going, ends streams, lets requests finish, stops what runs by itself, closes the database.
    pub async fn stop(mut self) {
        self.house.announce_closing();
        self.house.stop.cancel();
        join_all(self.serving.iter().map(|one| one.handle.stop(true))).await;
        for one in self.serving {
            let _ = one.task.await;
        }
        // The last calls were answered after the clockwork had gone.
        if let Err(problem) = crate::identity::keys::flows::write_down(&self.house).await {
            tracing::warn!(%problem, "calls made with keys were not written down");
        }
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(Duration::from_secs(5), ended).await.is_err() {
            self.tasks.abort_all();
        }
        self.house.db.clone().close().await;
    }

    /// Waits for SIGTERM or SIGINT, then ends gently.
    pub async fn run(self) -> std::io::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
        self.stop().await;
        Ok(())
    }
}

/// Begins to serve an address; which one it is.
fn opened(house: &House, face: Face<'_>, own: Option<Routes>, tasks: &mut JoinSet<()>) -> std::io::Result<(SocketAddr, Serving)> {
    let running = server::serve(house, face, own)?;
    if let Some(lines) = running.lines {
        tasks.spawn(lines.watch(house.stop.clone()));
    }
    Ok((running.address, Serving { handle: running.handle, task: tokio::spawn(running.server) }))
}
