//! What is taken from somebody is taken at once and everywhere: his tokens are nobody's and the feeds he has open end,
//! also at another server than the one where it was done.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use zhepai::client::{Asking, Client};
use zhepai::play::{Party, text};
use zhepai::server::Server;

use crate::authz::{address, announced, arrange, draft_session, join, lot, officer, person};
use crate::common::play::{PASSWORD, Watch, bid, give_roles, granted, membership, through, within_a_second};
use crate::common::{Market, fixtures};
use crate::on_both;

/// How soon an open feed ends: within a second, and one more on a busy machine.
const AT_ONCE: Duration = Duration::from_secs(2);

/// The bare token of a client: it proves nothing by itself.
fn bare(client: &Client) -> Client {
    client.with_token(client.token().unwrap())
}

/// Something that must succeed.
async fn done(asking: Asking<'_>) {
    let reply = asking.send().await.unwrap();
    assert!(reply.status < 300, "{}: {}", reply.asked, reply.body);
}

/// Another server on the market's database, where that may have two: SQLite has one, which sees what is done at itself.
struct Elsewhere {
    second: Option<(Server, Client)>,
    url: String,
}

impl Elsewhere {
    async fn of(market: &Market) -> Self {
        let second = if market.house().db.is_sqlite() { None } else { Some(market.second_server().await) };
        let url = second.as_ref().map_or_else(|| market.server.url(), |(server, _)| server.url());
        Self { second, url }
    }

    /// The same caller there.
    fn through(&self, caller: &Client) -> Client {
        self.second.as_ref().map_or_else(|| bare(caller), |(_, door)| through(door, caller))
    }

    /// A feed opened there.
    async fn open(&self, thing: &str, caller: &Client) -> Watch {
        let request = crate::common::http().get(format!("{}{thing}/stream", self.url));
        Watch::of(request.bearer_auth(caller.token().unwrap())).await
    }

    /// A feed that is read there; when it has ended.
    async fn watch(&self, thing: &str, caller: &Client) -> JoinHandle<Instant> {
        let mut feed = self.open(thing, caller).await;
        tokio::spawn(async move {
            feed.rest().await;
            Instant::now()
        })
    }

    async fn close(self) {
        if let Some((server, _)) = self.second {
            server.stop().await;
        }
    }
}

/// Feeds that should end, and what ended them when.
#[derive(Default)]
struct Ended(Vec<(String, Instant, JoinHandle<Instant>)>);

impl Ended {
    /// Does what must end a feed that goes on until then.
    async fn by(&mut self, what: &str, feed: JoinHandle<Instant>, deed: impl Future<Output = ()>) {
        assert!(!feed.is_finished(), "{what}: the feed had ended before");
        deed.await;
        self.0.push((what.to_owned(), Instant::now(), feed));
    }

    /// Sees that each has.
    async fn at_once(self) {
        for (what, done, feed) in self.0 {
            let ended = tokio::time::timeout(AT_ONCE, feed).await.unwrap_or_else(|_| panic!("{what}: the feed goes on")).unwrap();
            let after = ended.saturating_duration_since(done);
            assert!(after < AT_ONCE, "{what}: the feed went on for {after:?}");
        }
    }
}

/// A lot open for bids, and who may bid there.
async fn open_lot(market: &Market) -> (Party, Party, String) {
    let (seller, buyer) = (fixtures::university(market).await, fixtures::enterprise(market, "buyer", 1).await);
    let lot = lot(market, &seller, "一种正在竞价的技术", &[&buyer]).await.lot;
    (seller, buyer, lot)
}

// ---- Sessions ----

/// How a session ends.
#[derive(Clone, Copy, Debug)]
enum End {
    SignedOut,
    SessionEnded,
    OthersEnded,
    PasswordChanged,
    PasswordReset,
    FactorReset,
    Suspended,
    Closed,
    ClosedByOfficer,
}

impl End {
    const ALL: [Self; 9] = [
        Self::SignedOut,
        Self::SessionEnded,
        Self::OthersEnded,
        Self::PasswordChanged,
        Self::PasswordReset,
        Self::FactorReset,
        Self::Suspended,
        Self::Closed,
        Self::ClosedByOfficer,
    ];

    /// Lets it come to a session, at the market's first server.
    async fn come(self, market: &Market, somebody: &Client, email: &str) {
        let (security, here) = (&market.staff.security, bare(somebody));
        let id = text(&here.get("/v1/me").await.unwrap()["person"]["id"]);
        let officers = |deed: &str| format!("/v1/persons/{id}/{deed}");
        let again = async || market.stranger.sign_in(email, PASSWORD).await.unwrap();
        match self {
            Self::SignedOut => done(here.ask(Method::DELETE, "/v1/sessions/current")).await,
            Self::SessionEnded => {
                let session = current_session(&here).await;
                done(again().await.ask(Method::POST, &format!("/v1/sessions/{session}/end"))).await;
            }
            Self::OthersEnded => done(again().await.ask(Method::DELETE, "/v1/sessions")).await,
            Self::PasswordChanged => {
                let change = json!({"current_password": PASSWORD, "new_password": "another phrase of mine"});
                done(again().await.ask(Method::PUT, "/v1/me/password").body(change)).await;
            }
            Self::PasswordReset => {
                let reset = security.act(&officers("password-reset")).await.unwrap();
                let set = json!({"reset_token": reset["reset_token"], "new_password": "another phrase of mine"});
                done(market.stranger.post("/v1/password-resets/use", set)).await;
            }
            Self::FactorReset => {
                somebody.prove().await.unwrap();
                done(security.ask(Method::POST, &officers("reset-second-factor"))).await;
            }
            Self::Suspended => done(security.post(&officers("suspend"), json!({"reason": "账号被盗"}))).await,
            Self::Closed => done(here.post("/v1/me/close", json!({"password": PASSWORD}))).await,
            Self::ClosedByOfficer => done(security.post(&officers("close"), json!({"reason": "本人书面申请"}))).await,
        }
    }
}

/// The session somebody acts in.
async fn current_session(client: &Client) -> String {
    let sessions = client.get("/v1/sessions").await.unwrap();
    let current = sessions["items"].as_array().unwrap().iter().find(|one| one["current"] == true);
    text(&current.unwrap()["id"])
}

on_both! {
    /// However a session ends (N3): its token is nobody's within a second, and what is open ends, at every server.
    async fn what_ends_a_session_ends_it_everywhere(market) {
        let elsewhere = Elsewhere::of(&market).await;
        let (_, _, lot) = open_lot(&market).await;
        let mut ended = Ended::default();
        for (number, end) in (1..).zip(End::ALL) {
            let key = format!("e-nds-{number}");
            let somebody = person(&market, &key).await;
            let there = elsewhere.through(&somebody);
            granted(&there.look("/v1/me").await.unwrap(), 200);
            let feed = elsewhere.watch(&format!("/v1/lots/{lot}"), &somebody).await;
            ended.by(&format!("{end:?}"), feed, end.come(&market, &somebody, &address(&key))).await;
            assert!(within_a_second(async || there.look("/v1/me").await.unwrap().status == 401).await, "{end:?}: the token lives");
        }
        ended.at_once().await;
        elsewhere.close().await;
    }
}

// ---- Rights ----

/// A key of somebody.
async fn key(owner: &Client) -> Value {
    owner.prove().await.unwrap();
    owner.create("/v1/api-keys", json!({"name": "程序", "scopes": ["bids:read"]})).await.unwrap()
}

on_both! {
    /// Whoever loses his place, a role in it, his office or his key watches no longer; who lost nothing does.
    async fn what_is_taken_from_somebody_ends_his_feeds_everywhere(market) {
        let elsewhere = Elsewhere::of(&market).await;
        let (seller, buyer, lot) = open_lot(&market).await;
        let thing = format!("/v1/lots/{lot}");
        let mut kept = elsewhere.open(&thing, &seller.client).await;
        let mut ended = Ended::default();

        let lost = [("s-uspended", "suspend", thing.as_str()), ("r-emoved", "remove", thing.as_str()), ("m-arket", "suspend", "/v1/events")];
        for (name, deed, thing) in lost {
            let (member, place) = join(&market, &seller, name, &["viewer"]).await;
            let feed = elsewhere.watch(thing, &member).await;
            let deed = format!("/v1/memberships/{place}/{deed}");
            ended.by(name, feed, done(seller.client.ask(Method::POST, &deed))).await;
        }
        let (member, _) = join(&market, &seller, "c-hanged", &["bidder", "viewer"]).await;
        let (place, feed) = (membership(&member).await, elsewhere.watch(&thing, &member).await);
        ended.by("a role was taken", feed, give_roles(&seller.client, &place, &["viewer"])).await;

        // A session that only officers know of, until it is published.
        let draft = draft_session(&market.staff.host, "hosted").await;
        let waiting = announced(&market, &seller, "一种待开拍的技术", &[&buyer]).await.lot;
        arrange(&market.staff.host, &draft, &[&waiting]).await;
        let (host, id) = officer(&market, "h-ost", "auction_host").await;
        let feed = elsewhere.watch(&format!("/v1/lot-sessions/{draft}"), &host).await;
        let dismissal = market.staff.security.ask(Method::DELETE, &format!("/v1/staff/{id}"));
        ended.by("an officer was dismissed", feed, done(dismissal)).await;

        let deeds = [("revoke", json!({"reason": "异常调用"})), ("rotate", json!({"at_once": true}))];
        for (deed, body) in deeds {
            let key = key(&seller.client).await;
            let feed = elsewhere.watch(&thing, &market.stranger.with_token(&text(&key["secret"]))).await;
            let place = format!("/v1/api-keys/{}/{deed}", text(&key["key"]["id"]));
            ended.by(&format!("{deed} a key"), feed, done(seller.client.post(&place, body))).await;
        }
        let (member, place) = join(&market, &seller, "k-eyed", &["viewer"]).await;
        let key = key(&member).await;
        let feed = elsewhere.watch(&thing, &market.stranger.with_token(&text(&key["secret"]))).await;
        let deed = format!("/v1/memberships/{place}/suspend");
        ended.by("the place of a key's owner", feed, done(seller.client.ask(Method::POST, &deed))).await;
        ended.at_once().await;

        granted(&bid(&buyer.client, &lot, "1000.00").await, 201);
        while kept.next().await.expect("who lost nothing is shown out").kind != "bid_placed" {}
        elsewhere.close().await;
    }
}

on_both! {
    /// Whoever calls all the time is looked up together with others; what is taken from him counts within a second all the same.
    async fn what_is_taken_from_somebody_who_calls_all_the_time_counts_within_a_second(market) {
        let elsewhere = Elsewhere::of(&market).await;
        let (_, buyer, lot) = open_lot(&market).await;
        for what in ["a role", "the place", "the session", "the account", "nothing"] {
            let key = format!("o-ften-{}", what.replace(' ', "-"));
            let (member, place) = join(&market, &buyer, &key, &["bidder"]).await;
            let there = elsewhere.through(&member);
            let may = async || bid(&there, &lot, "1.00").await.code() == "too_low";
            // For longer than anybody is remembered without a look.
            for _ in 0..8 {
                assert!(may().await, "{what}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            match what {
                "a role" => give_roles(&buyer.client, &membership(&member).await, &["viewer"]).await,
                "the place" => done(buyer.client.ask(Method::POST, &format!("/v1/memberships/{place}/suspend"))).await,
                "the session" => End::SignedOut.come(&market, &member, &address(&key)).await,
                "the account" => End::Suspended.come(&market, &member, &address(&key)).await,
                _ => {
                    assert!(may().await, "whoever lost nothing goes on");
                    continue;
                }
            }
            assert!(within_a_second(async || !may().await).await, "{what}: he goes on");
        }
        elsewhere.close().await;
    }
}

// ---- A database that does not answer ----

on_both! {
    /// Where nothing tells whether somebody may still watch, he is shown out; whoever needs no right goes on, and who
    /// comes back once it can be told has lost nothing.
    async fn nobody_watches_while_nothing_tells_whether_he_may(market) {
        let (seller, buyer, lot) = open_lot(&market).await;
        let here = Elsewhere { second: None, url: market.server.url() };
        let thing = format!("/v1/lots/{lot}");
        let mut stranger = Watch::open(&here.url, &lot, None).await;
        let mut ended = Ended::default();
        let feed = here.watch(&thing, &seller.client).await;
        ended.by("nothing tells", feed, market.by_hand("ALTER TABLE session RENAME TO session_away")).await;
        ended.at_once().await;

        market.by_hand("ALTER TABLE session_away RENAME TO session").await;
        let seen = market.stranger.get(&thing).await.unwrap()["version"].to_string();
        granted(&bid(&buyer.client, &lot, "1000.00").await, 201);
        let request = crate::common::http().get(format!("{}{thing}/stream", here.url)).bearer_auth(seller.client.token().unwrap());
        let mut again = Watch::of(request.header("Last-Event-ID", seen)).await;
        for feed in [&mut stranger, &mut again] {
            while feed.next().await.expect("the feed ended").kind != "bid_placed" {}
        }
    }
}
