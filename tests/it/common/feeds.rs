//! What every live feed is held to, whatever it tells of.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use super::play::{Said, Watch};
use super::proxy::Proxy;
use super::{Market, http};

/// Watches by way of a proxy, as somebody who would take compressed answers. Compression would hold small pieces back; whatever stands
/// between is told not to, and to keep nothing.
pub async fn watch_by_way_of(proxy: &Proxy, path: &str, last_seen: Option<i64>) -> Watch {
    let mut request = http().get(format!("{}{path}", proxy.url())).header("Accept-Encoding", "gzip, br, zstd");
    if let Some(last_seen) = last_seen {
        request = request.header("Last-Event-ID", last_seen.to_string());
    }
    let watch = Watch::of(request).await;
    assert!(watch.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream")));
    assert!(watch.header("content-encoding").is_none_or(|how| how == "identity"));
    assert_eq!(watch.header("cache-control"), Some("no-store, no-transform"));
    assert_eq!(watch.header("x-accel-buffering"), Some("no"));
    watch
}

/// What a feed tells next, within a second from now.
pub async fn soon(watch: &mut Watch) -> Said {
    let step = timeout(Duration::from_secs(1), watch.step()).await;
    step.expect("nothing is told for a second").expect("the feed ended")
}

/// What somebody is told who goes from one server to the other after each step, until he knows enough.
pub async fn to_and_fro(
    servers: [&str; 2],
    begun: i64,
    open: impl AsyncFn(&str, i64) -> Watch,
    is_enough: impl Fn(&[Said]) -> bool,
) -> Vec<Said> {
    let mut said: Vec<Said> = Vec::new();
    while !is_enough(&said) {
        let known = said.last().map_or(begun, |said| said.id);
        let mut watch = open(servers[said.len() % 2], known).await;
        said.push(watch.step().await.expect("the feed ended"));
    }
    said
}

/// Somebody who asks for a feed and then reads nothing for long.
pub struct SlowReader {
    line: TcpStream,
    heard: Vec<u8>,
}

impl SlowReader {
    /// Asks for what follows an event; he has little room for what he does not read.
    pub async fn ask(market: &Market, path: &str, last_seen: i64) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(1_024).unwrap();
        let mut line = socket.connect(market.server.address).await.unwrap();
        let asked = format!("GET {path} HTTP/1.1\r\nHost: market\r\nLast-Event-ID: {last_seen}\r\n\r\n");
        line.write_all(asked.as_bytes()).await.unwrap();
        let mut reader = Self { line, heard: Vec::new() };
        reader.hear_until(b"\r\n\r\n").await;
        reader
    }

    /// Reads on, to where he was cut; the last he was told.
    pub async fn reads_on(mut self) -> i64 {
        timeout(Duration::from_secs(40), self.hear_until(b"\r\n0\r\n\r\n")).await.expect("the slow reader is not cut");
        let said = String::from_utf8_lossy(&self.heard);
        assert!(said.contains("retry: "), "he is not told when to come back");
        said.rsplit("\nid: ").next().unwrap().lines().next().unwrap().parse().unwrap()
    }

    async fn hear_until(&mut self, end: &[u8]) {
        while !self.heard.ends_with(end) {
            assert_ne!(self.line.read_buf(&mut self.heard).await.unwrap(), 0, "the feed was torn");
        }
    }
}
