//! A post office on this machine, and markets that hand their letters in there.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use entity::identity::person;
use sea_orm::EntityTrait;
use sea_orm::sea_query::Expr;
use zhepai::house::House;
use zhepai::platform::config::{AccountConfig, Config, Registration};
use zhepai::platform::db::Ending;

use super::play::eventually;
use super::{Market, monday};

/// Where the markets here are reached from outside, as their letters say.
pub const PUBLIC: &str = "https://market.example";

/// A post office on this machine.
pub struct PostOffice {
    port: u16,
    /// What was handed in.
    pub letters: Arc<Mutex<Vec<String>>>,
    /// Whether it takes nothing now.
    pub shut: Arc<AtomicBool>,
}

impl PostOffice {
    /// An open one, that may refuse the first letter for now.
    pub fn open(mut refuses: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (letters, shut) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicBool>::default());
        let (kept, is_shut) = (letters.clone(), shut.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = BufReader::new(stream.unwrap());
                if is_shut.load(Ordering::Acquire) {
                    let _ = stream.get_mut().write_all(b"421 closed\r\n");
                    continue;
                }
                let mut letter = String::new();
                let _ = stream.get_mut().write_all(b"220 post.example\r\n");
                let mut line = String::new();
                while stream.read_line(&mut line).is_ok_and(|count| count > 0) {
                    let answer: &[u8] = match line.get(..4).unwrap_or_default() {
                        "RCPT" if std::mem::take(&mut refuses) => b"451 come again\r\n",
                        "DATA" => b"354 go on\r\n",
                        "QUIT" => b"221 bye\r\n",
                        _ => b"250 well\r\n",
                    };
                    letter.push_str(&line);
                    let _ = stream.get_mut().write_all(answer);
                    if line.starts_with("DATA") {
                        line.clear();
                        while line != ".\r\n" {
                            letter.push_str(&line);
                            line.clear();
                            stream.read_line(&mut line).unwrap();
                        }
                        kept.lock().unwrap().push(std::mem::take(&mut letter));
                        let _ = stream.get_mut().write_all(b"250 taken\r\n");
                    }
                    line.clear();
                }
            }
        });
        Self { port, letters, shut }
    }

    /// Where letters are handed in.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Waits for a letter to somebody with a word that begins so; the word.
    pub async fn word(&self, to: &str, beginning: &str) -> String {
        let receiver = format!("RCPT TO:<{to}>");
        let find = || {
            let letters = self.letters.lock().unwrap();
            let his: Vec<_> = letters.iter().filter(|letter| letter.contains(&receiver)).map(|letter| decoded(letter)).collect();
            his.iter().flat_map(|said| said.split_whitespace()).find(|word| word.starts_with(beginning)).map(ToOwned::to_owned)
        };
        eventually(async || find().is_some()).await;
        find().unwrap()
    }

    /// The letters that were handed in and can be stopped: those about inboxes, not those about accounts.
    pub fn news(&self) -> Vec<String> {
        let letters = self.letters.lock().unwrap();
        letters.iter().filter(|letter| head(letter, "List-Unsubscribe").is_some()).cloned().collect()
    }
}

/// A market on the same kind of database whose letters go there.
async fn posting(like: &Market, office: &PostOffice, change: impl FnOnce(Config) -> Config) -> Market {
    let posting =
        |config: Config| Config { smtp_url: Some(office.url()), mail_from: Some("Zhepai <no-reply@zhepai.example>".into()), ..config };
    Market::set_up(like.base(), monday(), |config| change(posting(config))).await
}

/// A market on the same kind of database that hands its letters in; what was handed in. News of inboxes goes by no letter.
pub async fn with_post(like: &Market, refuses: bool) -> (Market, Arc<Mutex<Vec<String>>>) {
    with_post_and(like, refuses, |config| config).await
}

/// The same with other settings.
pub async fn with_post_and(like: &Market, refuses: bool, change: impl FnOnce(Config) -> Config) -> (Market, Arc<Mutex<Vec<String>>>) {
    let office = PostOffice::open(refuses);
    (posting(like, &office, change).await, office.letters)
}

/// The same where registration is by letter.
pub async fn by_letter(like: &Market) -> (Market, Arc<Mutex<Vec<String>>>) {
    let accounts = AccountConfig { registration: Some(Registration::ByLetter) };
    with_post_and(like, false, |config| Config { accounts, ..config }).await
}

/// A market on the same kind of database whose news goes by letter.
pub async fn with_news_by_letter(like: &Market) -> (Market, PostOffice) {
    let office = PostOffice::open(false);
    (posting(like, &office, |config| Config { public_url: Some(PUBLIC.into()), ..config }).await, office)
}

/// Waits for so many letters; the last of them.
pub async fn letter(letters: &Arc<Mutex<Vec<String>>>, count: usize) -> String {
    eventually(async || letters.lock().unwrap().len() >= count).await;
    let letters = letters.lock().unwrap();
    assert_eq!(letters.len(), count);
    letters[count - 1].clone()
}

/// The text of a letter, whatever it was encoded in for the way.
pub fn decoded(letter: &str) -> String {
    let (head, body) = letter.split_once("\r\n\r\n").unwrap();
    if head.to_lowercase().contains("base64") {
        let packed: String = body.split_whitespace().collect();
        return String::from_utf8(STANDARD.decode(packed.trim_end_matches('.')).unwrap()).unwrap();
    }
    unquoted(&body.replace("=\r\n", ""))
}

/// Undoes quoted-printable.
fn unquoted(body: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), body.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let pair = after.get(..2).filter(|_| *first == b'=').and_then(|pair| std::str::from_utf8(pair).ok());
        let meant = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        bytes.push(meant.unwrap_or(*first));
        rest = if meant.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).unwrap()
}

/// What a head of a letter says, unfolded.
pub fn head(letter: &str, name: &str) -> Option<String> {
    let (heads, _) = letter.split_once("\r\n\r\n").unwrap();
    let unfolded = heads.replace("\r\n ", " ");
    unfolded.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(|said| said.trim().to_owned()))
}

/// Lets everybody's address be known to be his.
pub async fn prove_addresses(house: &House) {
    let now = house.world.real_now();
    let proved = house.db.transact(move |tx| async move {
        person::Entity::update_many().col_expr(person::Column::AddressProvedAt, Expr::value(now)).exec(&*tx).await?;
        Ok(Ending::Commit(()))
    });
    proved.await.unwrap();
}
