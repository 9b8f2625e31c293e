//! Bringing one message to one public address (SSRF). The host is resolved at every delivery, every address found must
//! be public, and the connection goes to one of the very addresses that were looked at: nothing resolves a second
//! time, follows a redirect, knows a proxy or keeps a connection. Of the answer no more than its head is read.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use entity::notifications::DeliveryOutcome;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, redirect};
use url::Host;

use super::rules::address::{address_allowed, url_allowed};
use crate::platform::tls;

/// How long everything may take, from the question to the head of the answer.
const LONGEST: Duration = Duration::from_secs(10);
/// How long a connection is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// What came of it, and the HTTP status if there was one.
pub type Outcome = (DeliveryOutcome, Option<u16>);

/// Whoever brings messages.
pub struct Post {
    client: Client,
    private_too: bool,
}

impl Post {
    /// A post that asks the system for addresses. With `private_too`, which tests use, any address will do.
    pub fn new(private_too: bool) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Self::asking(Dns, private_too)
    }

    fn asking(resolver: impl Resolve + 'static, private_too: bool) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let client = Client::builder()
            .tls_backend_preconfigured(tls::trusting_authorities())
            .dns_resolver(Arc::new(Guarded { resolver: Arc::new(resolver), private_too }))
            .redirect(redirect::Policy::none())
            .no_proxy()
            // A connection kept would pass the look at the address by.
            .pool_max_idle_per_host(0)
            .http1_only()
            .timeout(LONGEST)
            .connect_timeout(PATIENCE)
            .user_agent(concat!("Zhepai/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client, private_too })
    }

    /// Posts a JSON text with these headers.
    pub async fn bring(&self, url: &str, headers: &[(&str, String)], body: String) -> Outcome {
        // What was good when the webhook was made is looked at again: the rule may have changed since.
        let Ok(url) = url_allowed(url, self.private_too) else { return (DeliveryOutcome::AddressRefused, None) };
        let literal = match url.host() {
            Some(Host::Ipv4(v4)) => Some(IpAddr::V4(v4)),
            Some(Host::Ipv6(v6)) => Some(IpAddr::V6(v6)),
            _ => None,
        };
        if literal.is_some_and(|address| !self.private_too && !address_allowed(address)) {
            return (DeliveryOutcome::AddressRefused, None);
        }
        let mut request = self.client.post(url).header("content-type", "application/json").body(body);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        match request.send().await {
            Ok(answer) => {
                let status = answer.status().as_u16();
                (judge(status), Some(status))
            }
            Err(error) => (failed(&error), None),
        }
    }
}

/// What a status says.
fn judge(status: u16) -> DeliveryOutcome {
    match status {
        200..=299 => DeliveryOutcome::Delivered,
        410 => DeliveryOutcome::Gone,
        _ => DeliveryOutcome::Refused,
    }
}

/// What a failure says.
fn failed(error: &reqwest::Error) -> DeliveryOutcome {
    if let Some(refused) = cause::<Refused>(error) {
        return refused.0;
    }
    if error.is_timeout() {
        DeliveryOutcome::TimedOut
    } else if cause::<rustls::Error>(error).is_some() {
        DeliveryOutcome::TlsFailed
    } else if cause::<io::Error>(error).is_some() || error.is_connect() {
        DeliveryOutcome::Unreachable
    } else {
        DeliveryOutcome::Garbled
    }
}

/// The cause of one kind behind an error, also where an error of input and output is wrapped around it.
fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next: Option<&'a (dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = wrapped.map_or_else(|| error.source(), |inner| Some(inner));
    }
    None
}

/// A host that is not spoken to.
#[derive(Clone, Copy, Debug)]
struct Refused(DeliveryOutcome);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the host is not spoken to: {:?}", self.0)
    }
}

impl Error for Refused {}

/// The system's resolver.
struct Dns;

impl Resolve for Dns {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Looks at every address a resolver finds.
struct Guarded {
    resolver: Arc<dyn Resolve>,
    private_too: bool,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (asked, private_too) = (self.resolver.resolve(name), self.private_too);
        Box::pin(async move {
            let found: Vec<SocketAddr> = asked.await.map_err(|_| Refused(DeliveryOutcome::NameUnknown))?.collect();
            if found.is_empty() {
                return Err(Refused(DeliveryOutcome::NameUnknown).into());
            }
            // One that is not public spoils the whole answer: whoever mixes them is up to something.
            if !private_too && !found.iter().all(|address| address_allowed(address.ip())) {
                return Err(Refused(DeliveryOutcome::AddressRefused).into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Answers with one list after the other; the last stays.
    #[derive(Clone)]
    struct Changing {
        answers: Arc<Mutex<Vec<Vec<IpAddr>>>>,
        asked: Arc<AtomicUsize>,
    }

    impl Changing {
        fn with(answers: &[&[&str]]) -> Self {
            let read = |list: &&[&str]| list.iter().map(|address| address.parse().unwrap()).collect();
            Self { answers: Arc::new(Mutex::new(answers.iter().map(read).collect())), asked: Arc::default() }
        }
    }

    impl Resolve for Changing {
        fn resolve(&self, _: Name) -> Resolving {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let mut answers = self.answers.lock().unwrap();
            let now = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
            Box::pin(async move { Ok(Box::new(now.into_iter().map(|ip| SocketAddr::new(ip, 0))) as Addrs) })
        }
    }

    /// A listener on this machine, and whether anybody has knocked.
    fn listener() -> (TcpListener, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        (listener, port)
    }

    fn was_called(listener: &TcpListener) -> bool {
        listener.set_nonblocking(true).unwrap();
        listener.accept().is_ok()
    }

    /// Answers once with this text; what it was sent.
    fn answering(text: &'static str) -> (u16, std::thread::JoinHandle<String>) {
        let (listener, port) = listener();
        let heard = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut heard = Vec::new();
            let mut piece = [0; 1024];
            while !heard.ends_with(b"{}") {
                let count = stream.read(&mut piece).unwrap();
                heard.extend_from_slice(&piece[..count]);
            }
            // Whoever has heard enough hangs up.
            let _ = stream.write_all(text.as_bytes());
            String::from_utf8(heard).unwrap()
        });
        (port, heard)
    }

    async fn to(resolver: &Changing, private_too: bool, url: &str) -> Outcome {
        let post = Post::asking(resolver.clone(), private_too).unwrap();
        post.bring(url, &[("webhook-id", "e-1".into())], "{}".into()).await
    }

    #[tokio::test]
    async fn no_private_address_is_spoken_to_whatever_the_resolver_says() {
        let (listener, port) = listener();
        for private in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1", "169.254.169.254"] {
            let resolver = Changing::with(&[&[private]]);
            assert_eq!(to(&resolver, false, "https://rebinding.example/").await, (DeliveryOutcome::AddressRefused, None), "{private}");
            // One bad address among good ones is enough.
            let resolver = Changing::with(&[&["3ffe::1", private]]);
            assert_eq!(to(&resolver, false, "https://rebinding.example/").await, (DeliveryOutcome::AddressRefused, None), "{private}");
        }
        for url in [format!("https://127.0.0.1:{port}/"), format!("http://127.0.0.1:{port}/"), "https://127.0.0.1:8443/".into()] {
            assert_eq!(to(&Changing::with(&[&["127.0.0.1"]]), false, &url).await.0, DeliveryOutcome::AddressRefused);
        }
        assert!(!was_called(&listener));
    }

    /// The name is asked for once in each delivery, so there is no second answer that could be another.
    #[tokio::test]
    async fn an_answer_that_changes_after_the_look_is_never_asked_for() {
        // 3ffe::/16 was given back and is given to nobody; a connection to it comes to nothing.
        let resolver = Changing::with(&[&["3ffe::1"], &["127.0.0.1"]]);
        let first = tokio::time::timeout(Duration::from_millis(200), to(&resolver, false, "https://rebinding.example:8443/")).await;
        assert!(first.is_err() || matches!(first.unwrap().0, DeliveryOutcome::Unreachable | DeliveryOutcome::TimedOut));
        assert_eq!(resolver.asked.load(Ordering::SeqCst), 1);
        assert_eq!(to(&resolver, false, "https://rebinding.example:8443/").await.0, DeliveryOutcome::AddressRefused, "looked at anew");
        assert_eq!(resolver.asked.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_receiver_is_sent_headers_and_body_and_its_status_is_heard() {
        let (port, heard) = answering("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
        let resolver = Changing::with(&[&["127.0.0.1"]]);
        let outcome = to(&resolver, true, &format!("http://receiver.example:{port}/in?a=b")).await;
        assert_eq!(outcome, (DeliveryOutcome::Delivered, Some(204)));
        let heard = heard.join().unwrap();
        let heard = heard.to_ascii_lowercase();
        assert!(
            heard.starts_with("post /in?a=b http/1.1\r\n") && heard.contains(&format!("\r\nhost: receiver.example:{port}\r\n")),
            "{heard}"
        );
        assert!(heard.contains("\r\nwebhook-id: e-1\r\n") && heard.contains("\r\ncontent-length: 2\r\n"), "{heard}");
        assert!(heard.ends_with("\r\n\r\n{}"), "{heard}");
    }

    #[tokio::test]
    async fn redirects_are_refusals_and_nonsense_is_nonsense() {
        let (other, other_port) = listener();
        let elsewhere: &'static str = format!("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{other_port}/\r\n\r\n").leak();
        for (text, due) in [
            (elsewhere, (DeliveryOutcome::Refused, Some(302))),
            ("HTTP/1.1 500 Internal Server Error\r\n\r\n", (DeliveryOutcome::Refused, Some(500))),
            ("HTTP/1.0 410 Gone\r\n\r\n", (DeliveryOutcome::Gone, Some(410))),
            ("SSH-2.0-OpenSSH_9.2\r\n\r\n", (DeliveryOutcome::Garbled, None)),
            ("HTTP/1.1 2000 OK\r\n\r\n", (DeliveryOutcome::Garbled, None)),
            ("", (DeliveryOutcome::Garbled, None)),
        ] {
            let (port, _heard) = answering(text);
            let outcome = to(&Changing::with(&[&["127.0.0.1"]]), true, &format!("http://receiver.example:{port}/")).await;
            assert_eq!(outcome, due, "{text}");
        }
        assert!(!was_called(&other));
    }

    #[tokio::test]
    async fn an_answer_without_end_is_not_read_to_its_end() {
        let (port, _heard) = answering(Box::leak("x".repeat(4 << 20).into_boxed_str()));
        let outcome = to(&Changing::with(&[&["127.0.0.1"]]), true, &format!("http://receiver.example:{port}/")).await;
        assert!(matches!(outcome.0, DeliveryOutcome::Garbled | DeliveryOutcome::Unreachable));
    }

    #[tokio::test]
    async fn nobody_home_and_nobody_known() {
        let (closed, port) = listener();
        drop(closed);
        let outcome = to(&Changing::with(&[&["127.0.0.1"]]), true, &format!("http://receiver.example:{port}/")).await;
        assert_eq!(outcome, (DeliveryOutcome::Unreachable, None));
        assert_eq!(to(&Changing::with(&[&[]]), false, "https://receiver.example/").await, (DeliveryOutcome::NameUnknown, None));
    }
}
