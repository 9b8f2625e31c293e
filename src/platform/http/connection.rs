//! Connections: how many there are, and how long a client may take nothing of what is sent to him, or be about a head.

use std::time::Duration;

use actix_web::dev::Extensions;
use tokio::net::TcpStream;

use super::heads::Lines;
use super::wire::Wire;

/// A connection, counted until it ends.
struct Open;

impl Open {
    fn counted() -> Self {
        metrics::gauge!("zhepai_http_connections").increment(1.0);
        Self
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        metrics::gauge!("zhepai_http_connections").decrement(1.0);
    }
}

/// Takes a new connection in. A client who then takes nothing for so long, of what waits for him, is let go; and whose
/// heads are slow, where connections are watched.
pub fn taken_in(wire: &Wire, kept: &mut Extensions, patience: Option<Duration>, watched: Option<&Lines>) {
    kept.insert(Open::counted());
    kept.insert(wire.outlet().clone());
    if let Some(patience) = patience {
        wire.outlet().with_socket(|stream| bound(stream, patience));
    }
    if let Some(lines) = watched {
        lines.take_in(wire, kept);
    }
}

/// The operating system watches (RFC 5482), since an answer is not asked for more while its client takes nothing, and
/// so could not tell. On Linux a window that stays shut counts like an acknowledgement that does not come.
#[cfg(target_os = "linux")]
fn bound(stream: &TcpStream, patience: Duration) {
    if let Err(error) = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(patience)) {
        tracing::warn!(%error, "a client who reads nothing will not be let go");
    }
}

/// Elsewhere a connection ends when the system gives it up.
#[cfg(not(target_os = "linux"))]
fn bound(_: &TcpStream, _: Duration) {}
