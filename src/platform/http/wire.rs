//! A connection as the HTTP library reads and writes it. Beside the library a feed may write what thousands are told alike: waking the
//! task of each of them takes longer than the writing.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use actix_web::HttpRequest;
use actix_web::http::header::UPGRADE;
use actix_web::http::{Method, Version};
use actix_web::web::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// A connection.
pub struct Wire {
    read: OwnedReadHalf,
    outlet: Arc<Outlet>,
}

/// The way out of a connection.
pub struct Outlet(Mutex<Way>);

struct Way {
    out: OwnedWriteHalf,
    /// What of something written beside has not gone out; it goes before all else.
    rest: Bytes,
    /// Whether the library has something to write, or is about to.
    is_claimed: bool,
}

/// What became of something that was to be written beside the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It went out.
    Wholly,
    /// A part of it did. The rest goes when the library next looks at the connection.
    Begun,
    /// Nothing did: the library is at it, or the client takes nothing, or is gone.
    NotNow,
}

impl Wire {
    /// Of a connection that was accepted. What is written goes at once.
    pub fn of(stream: TcpStream) -> Self {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "small answers may be held back");
        }
        let (read, out) = stream.into_split();
        Self { read, outlet: Arc::new(Outlet(Mutex::new(Way { out, rest: Bytes::new(), is_claimed: false }))) }
    }

    /// Its way out.
    pub fn outlet(&self) -> &Arc<Outlet> {
        &self.outlet
    }
}

impl Outlet {
    /// The way out of the connection of a request, if its answer may be written beside the library: one in chunks, which the library
    /// makes none of for somebody who wants another protocol.
    pub fn of(request: &HttpRequest) -> Option<Arc<Self>> {
        let is_plain = request.method() == Method::GET && !request.headers().contains_key(UPGRADE);
        let is_chunked = request.version() == Version::HTTP_11 && is_plain;
        request.conn_data::<Arc<Self>>().filter(|_| is_chunked).cloned()
    }

    /// The library is about to write: until it has, nothing is written beside it.
    pub fn claim(&self) {
        self.way().is_claimed = true;
    }

    /// Writes beside the library, where it has nothing to write.
    pub fn write(&self, bytes: &Bytes) -> Written {
        let mut way = self.way();
        if way.is_claimed || !way.rest.is_empty() {
            return Written::NotNow;
        }
        match way.out.try_write(bytes) {
            Ok(count) if count == bytes.len() => Written::Wholly,
            Ok(count) if count > 0 => {
                way.rest = bytes.slice(count..);
                Written::Begun
            }
            // An error is found by the library too, which then ends the connection.
            Ok(_) | Err(_) => Written::NotNow,
        }
    }

    /// Does something with the socket.
    pub fn with_socket<T>(&self, done: impl FnOnce(&TcpStream) -> T) -> T {
        done(self.way().out.as_ref())
    }

    fn way(&self) -> MutexGuard<'_, Way> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Way {
    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.rest.is_empty() {
            let count = ready!(Pin::new(&mut self.out).poll_write(cx, &self.rest))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            let _ = self.rest.split_to(count);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().read).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    /// The library gives all it has, so when that has gone out it has nothing more to write.
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut way = self.outlet.way();
        way.is_claimed = true;
        ready!(way.poll_rest(cx))?;
        let count = ready!(Pin::new(&mut way.out).poll_write(cx, bytes))?;
        way.is_claimed = count < bytes.len();
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut way = self.outlet.way();
        ready!(way.poll_rest(cx))?;
        Pin::new(&mut way.out).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.outlet.way().out).poll_shutdown(cx)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(in crate::platform::http) mod tests {
    use proptest::prelude::*;
    use socket2::SockRef;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// A wire with little room, and its other end.
    pub(in crate::platform::http) async fn narrow() -> (Wire, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        SockRef::from(&server).set_send_buffer_size(16 << 10).unwrap();
        SockRef::from(&client).set_recv_buffer_size(16 << 10).unwrap();
        server.writable().await.unwrap();
        (Wire::of(server), client)
    }

    #[tokio::test]
    async fn nothing_is_written_beside_the_library_while_it_has_something_to_write() {
        let (mut wire, mut client) = narrow().await;
        let beside = Bytes::from_static(b"beside");
        wire.outlet().claim();
        assert_eq!(wire.outlet().write(&beside), Written::NotNow);
        wire.write_all(b"library ").await.unwrap();
        assert_eq!(wire.outlet().write(&beside), Written::Wholly);
        let mut read = [0; 14];
        client.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"library beside");
    }

    #[tokio::test]
    async fn what_was_begun_beside_goes_out_before_what_the_library_writes() {
        let (mut wire, mut client) = narrow().await;
        let long = Bytes::from(vec![b'a'; 4 << 20]);
        assert_eq!(wire.outlet().write(&long), Written::Begun);
        assert_eq!(wire.outlet().write(&Bytes::from_static(b"b")), Written::NotNow);
        let reading = tokio::spawn(async move {
            let mut read = Vec::new();
            client.read_to_end(&mut read).await.unwrap();
            read
        });
        wire.write_all(b"c").await.unwrap();
        drop(wire);
        let read = reading.await.unwrap();
        assert_eq!(read.len(), long.len() + 1);
        assert!(read.ends_with(b"ac") && read[..long.len()].iter().all(|byte| *byte == b'a'));
    }

    #[tokio::test]
    async fn what_was_begun_beside_goes_out_when_the_library_flushes() {
        let (mut wire, mut client) = narrow().await;
        let long = Bytes::from(vec![b'a'; 4 << 20]);
        assert_eq!(wire.outlet().write(&long), Written::Begun);
        let mut read = vec![0; long.len()];
        let (flushed, all) = tokio::join!(wire.flush(), client.read_exact(&mut read));
        assert_eq!((flushed.unwrap(), all.unwrap()), ((), long.len()));
        assert_eq!(wire.outlet().write(&Bytes::from_static(b"b")), Written::Wholly);
    }

    #[tokio::test]
    async fn nothing_is_written_to_who_is_gone() {
        let (wire, client) = narrow().await;
        SockRef::from(&client).set_linger(Some(std::time::Duration::ZERO)).unwrap();
        drop(client);
        let word = Bytes::from_static(b"a");
        let gone = async {
            while wire.outlet().write(&word) != Written::NotNow {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(10), gone).await.unwrap();
    }

    /// Somebody writes so many bytes, the library or a feed.
    fn writings() -> impl Strategy<Value = Vec<(bool, usize)>> {
        prop::collection::vec((any::<bool>(), prop_oneof![1_usize..100, 1_000_usize..60_000]), 1..20)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        /// Whatever both write arrives whole and in the order in which it was taken, however slowly it is read.
        #[test]
        fn all_that_was_taken_arrives_in_order(writings in writings(), slowly in 1_usize..4) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let (taken, read) = runtime.block_on(async {
                let (mut wire, mut client) = narrow().await;
                let reading = tokio::spawn(async move {
                    let (mut all, mut piece) = (Vec::new(), vec![0; 32_000 / slowly]);
                    loop {
                        tokio::task::yield_now().await;
                        match client.read(&mut piece).await.unwrap() {
                            0 => return all,
                            count => all.extend_from_slice(&piece[..count]),
                        }
                    }
                });
                let mut taken = Vec::new();
                for (number, (beside, length)) in writings.into_iter().enumerate() {
                    let said = Bytes::from(vec![u8::try_from(number).unwrap(); length]);
                    if !beside {
                        wire.write_all(&said).await.unwrap();
                        taken.extend_from_slice(&said);
                    } else if wire.outlet().write(&said) != Written::NotNow {
                        taken.extend_from_slice(&said);
                    }
                    tokio::task::yield_now().await;
                }
                wire.flush().await.unwrap();
                drop(wire);
                (taken, reading.await.unwrap())
            });
            prop_assert!(taken == read, "{} bytes were taken and {} arrived", taken.len(), read.len());
        }
    }
}
