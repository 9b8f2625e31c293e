//! A line that can be cut: a proxy between servers and their database, or between clients and a server.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

/// What a proxy does to lines that say the word it looks out for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Nothing.
    Never,
    /// The word is not passed on, and the line is cut.
    Unsent,
    /// The first half of the word is passed on, and the line is cut.
    Halfway,
    /// The word is passed on; the line is cut once it is answered, and the answer with it.
    Unanswered,
    /// The word is passed on and its answer too; then the line is cut.
    Answered,
}

/// How many kinds of cuts there are.
const KINDS: usize = 5;

/// A proxy in front of an address that may change.
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    shared: Arc<Shared>,
    taking: JoinHandle<()>,
}

struct Shared {
    state: Mutex<State>,
    /// How often every line was cut at once.
    cuts: watch::Sender<usize>,
}

struct State {
    target: SocketAddr,
    cut: Cut,
    /// What it looks out for in what callers say.
    word: Vec<u8>,
    /// How many lines were cut at a word, by how.
    were_cut: [usize; KINDS],
}

impl Shared {
    /// What is to be done to a line on which this is said, and up to where what is said is passed on if it is cut halfway.
    fn cut_at(&self, said: &[u8]) -> Option<(Cut, usize)> {
        let state = self.state.lock().unwrap();
        if state.cut == Cut::Never {
            return None;
        }
        let at = said.windows(state.word.len()).position(|piece| piece == state.word)?;
        Some((state.cut, at + state.word.len() / 2))
    }

    /// Counts a line that is cut.
    fn count(&self, how: Cut) {
        self.state.lock().unwrap().were_cut[how as usize] += 1;
    }
}

impl Proxy {
    /// In front of an address, looking out for a word.
    pub async fn before(target: SocketAddr, word: &[u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = State { target, cut: Cut::Never, word: word.to_vec(), were_cut: [0; KINDS] };
        let shared = Arc::new(Shared { state: Mutex::new(state), cuts: watch::Sender::new(0) });
        let taking = tokio::spawn(take(listener, shared.clone()));
        Self { address, shared, taking }
    }

    /// In front of the database an address names, looking out for commits; the address by way of it.
    pub async fn before_database(database: &str) -> (Self, String) {
        let mut by_way = Url::parse(database).unwrap();
        let target = format!("{}:{}", by_way.host_str().unwrap(), by_way.port().unwrap_or(5432));
        let target = tokio::net::lookup_host(target).await.unwrap().next().unwrap();
        // With the end of the word, so that READ COMMITTED is none.
        let proxy = Self::before(target, b"COMMIT\0").await;
        by_way.set_host(Some("127.0.0.1")).unwrap();
        by_way.set_port(Some(proxy.address.port())).unwrap();
        (proxy, by_way.into())
    }

    /// In front of the server an address names, looking out for deeds.
    pub async fn before_server(url: &str) -> Self {
        Self::before(socket(url), b"POST /").await
    }

    /// Where it listens, as servers are addressed.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on it leads to another server.
    pub fn lead_to(&self, url: &str) {
        self.shared.state.lock().unwrap().target = socket(url);
    }

    /// From now on it looks out for another word.
    pub fn look_out_for(&self, word: &[u8]) {
        self.shared.state.lock().unwrap().word = word.to_vec();
    }

    /// What it does from now on.
    pub fn set(&self, cut: Cut) {
        self.shared.state.lock().unwrap().cut = cut;
    }

    /// Cuts every line there is.
    pub fn cut_all(&self) {
        self.shared.cuts.send_modify(|count| *count += 1);
    }

    /// How many lines were cut so at a word.
    pub fn were_cut(&self, how: Cut) -> usize {
        self.shared.state.lock().unwrap().were_cut[how as usize]
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.taking.abort();
        self.cut_all();
    }
}

/// The socket a server listens on.
fn socket(url: &str) -> SocketAddr {
    url.trim_start_matches("http://").parse().unwrap()
}

async fn take(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        // Out of files for a moment: others are closed soon.
        if let Ok((caller, _)) = listener.accept().await {
            let shared = shared.clone();
            tokio::spawn(async move {
                let mut cuts = shared.cuts.subscribe();
                tokio::select! {
                    _ = cuts.changed() => {}
                    // However a line ends, both its ends are closed.
                    _ = carry(caller, &shared) => {}
                }
            });
        }
    }
}

/// Carries what is said from one end to the other, until one hangs up or the line is cut.
async fn carry(mut caller: TcpStream, shared: &Shared) -> io::Result<()> {
    let target = shared.state.lock().unwrap().target;
    let mut server = TcpStream::connect(target).await?;
    caller.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut asked, mut answered) = (vec![0_u8; 65_536], vec![0_u8; 65_536]);
    let mut doomed = None;
    loop {
        tokio::select! {
            count = caller.read(&mut asked) => {
                let said = &asked[..count?];
                if said.is_empty() {
                    return Ok(());
                }
                if doomed.is_none() && let Some((how, middle)) = shared.cut_at(said) {
                    match how {
                        Cut::Never => {}
                        Cut::Unsent => {
                            shared.count(how);
                            return Ok(());
                        }
                        Cut::Halfway => {
                            shared.count(how);
                            return server.write_all(&said[..middle]).await;
                        }
                        Cut::Unanswered | Cut::Answered => doomed = Some(how),
                    }
                }
                server.write_all(said).await?;
            }
            count = server.read(&mut answered) => {
                let said = &answered[..count?];
                if let Some(how) = doomed {
                    // Before anybody can hear the answer, and look whether it was cut.
                    shared.count(how);
                    if how == Cut::Unanswered {
                        return Ok(());
                    }
                }
                if said.is_empty() {
                    return Ok(());
                }
                caller.write_all(said).await?;
                if doomed.is_some() {
                    return Ok(());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;
    use crate::common::play::eventually;

    /// A server that says every word it hears in capitals; how many bytes it has heard.
    async fn echoing() -> (SocketAddr, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, heard) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let counted = heard.clone();
        tokio::spawn(async move {
            loop {
                let (mut line, _) = listener.accept().await.unwrap();
                let counted = counted.clone();
                tokio::spawn(async move {
                    let mut said = [0; 64];
                    while let Ok(count @ 1..) = line.read(&mut said).await {
                        counted.fetch_add(count, Ordering::AcqRel);
                        let loud = said[..count].to_ascii_uppercase();
                        line.write_all(&loud).await.unwrap();
                    }
                });
            }
        });
        (address, heard)
    }

    /// Says something on a line; what is answered, or nothing where the line is cut.
    async fn says(line: &mut TcpStream, what: &[u8]) -> Option<Vec<u8>> {
        line.write_all(what).await.ok()?;
        let mut answer = vec![0; 64];
        let count = tokio::time::timeout(Duration::from_secs(5), line.read(&mut answer)).await.unwrap().ok()?;
        answer.truncate(count);
        Some(answer).filter(|answer| !answer.is_empty())
    }

    #[tokio::test]
    async fn a_line_is_cut_at_the_word_or_at_its_answer_and_at_no_other() {
        let (server, heard) = echoing().await;
        let proxy = Proxy::before(server, b"go!").await;
        let line = async || TcpStream::connect(proxy.address).await.unwrap();
        let mut first = line().await;
        assert_eq!(says(&mut first, b"go!").await, Some(b"GO!".to_vec()));
        proxy.set(Cut::Unsent);
        assert_eq!(says(&mut first, b"stay").await, Some(b"STAY".to_vec()));
        assert_eq!(says(&mut first, b"go!").await, None);
        assert_eq!(heard.load(Ordering::Acquire), 7, "what was to be kept back was sent");
        proxy.set(Cut::Unanswered);
        assert_eq!(says(&mut line().await, b"go!").await, None);
        assert_eq!(heard.load(Ordering::Acquire), 10, "what was to be sent was kept back");
        proxy.set(Cut::Halfway);
        assert_eq!(says(&mut line().await, b"go!").await, None);
        eventually(async || heard.load(Ordering::Acquire) == 11).await;
        proxy.look_out_for(b"halt");
        proxy.set(Cut::Answered);
        let mut heeded = line().await;
        assert_eq!(says(&mut heeded, b"go!").await, Some(b"GO!".to_vec()), "it looks out for another word");
        assert_eq!(says(&mut heeded, b"halt").await, Some(b"HALT".to_vec()));
        assert_eq!(says(&mut heeded, b"stay").await, None);
        proxy.set(Cut::Never);
        let mut last = line().await;
        assert_eq!(says(&mut last, b"go!").await, Some(b"GO!".to_vec()));
        proxy.cut_all();
        assert_eq!(says(&mut last, b"stay").await, None);
        assert_eq!([Cut::Unsent, Cut::Halfway, Cut::Unanswered, Cut::Answered].map(|how| proxy.were_cut(how)), [1; 4]);
    }
}
