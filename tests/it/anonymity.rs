//! Over lots of every format with the same few bidders: nothing that is told of them holds a value by which a bidder is known again in
//! another lot, and what is secret stands in none of it before its time.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use entity::money::Money;
use serde_json::{Value, json};
use zhepai::play::{self, Party, text};

use crate::authz::{offer, right, session};
use crate::common::Market;
use crate::common::fixtures::{by_rounds, enterprise, university};
use crate::common::play::{Watch, bid, bid_in_turn, cny, granted, log, seal};
use crate::notifications::{Receiver, everything_went_out, webhook_to};
use crate::{on_both, sealed, weighted};

/// How many lots there are of each way to find a price.
const EACH: usize = 2;

/// How two bidders bid for a lot.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bids {
    /// One after another, for everybody to see.
    Openly,
    /// The same, and then the first by right at the price that stands.
    AtPar,
    /// Maxima, the second above the first.
    Maxima,
    /// The first buys it at once.
    AtOnce,
    /// The first takes it at what the clock shows.
    ByTheClock,
    /// Both seal a bid.
    Sealed,
    /// Both seal a bid, and are scored before the opening.
    Scored,
    /// Both seal a first offer, and whose turn it is raises his.
    InTurns,
}

/// A way to find a price: what its offer says, and how is bid.
struct Way {
    offer: fn(&mut Value, &[Party; 2]),
    secret_reserve: bool,
    bids: Bids,
}

const fn way(offer: fn(&mut Value, &[Party; 2]), secret_reserve: bool, bids: Bids) -> Way {
    Way { offer, secret_reserve, bids }
}

fn closing(offer: &mut Value, mode: &str) {
    offer["auction"]["closing_mode"] = mode.into();
}

fn format(offer: &mut Value, format: Value) {
    closing(offer, "hard_close");
    offer["auction"]["format"] = format;
}

const WAYS: &[Way] = &[
    way(|offer, _| closing(offer, "soft_close"), true, Bids::Openly),
    way(|offer, _| closing(offer, "hard_close"), true, Bids::Openly),
    way(|offer, _| closing(offer, "timed_cycle"), true, Bids::Openly),
    way(|offer, _| offer["auction"]["proxy"] = true.into(), true, Bids::Maxima),
    way(|offer, _| offer["auction"]["buy_now"] = cny("15000.00"), false, Bids::AtOnce),
    way(|offer, firms| prefers(offer, &firms[0], "ask_after"), true, Bids::Openly),
    way(|offer, firms| prefers(offer, &firms[0], "parity"), true, Bids::AtPar),
    way(falls, false, Bids::ByTheClock),
    way(|offer, _| format(offer, json!({"kind": "first_price"})), true, Bids::Sealed),
    way(|offer, _| format(offer, json!({"kind": "vickrey"})), true, Bids::Sealed),
    way(|offer, _| format(offer, json!({"kind": "one_shot"})), true, Bids::Sealed),
    way(|offer, _| offer["auction"] = by_rounds(), true, Bids::InTurns),
    way(|offer, _| licences(offer, json!({"kind": "pay_as_bid", "units": 2, "cap": 1})), true, Bids::Sealed),
    way(|offer, _| licences(offer, json!({"kind": "uniform_price", "units": 2, "cap": 1, "pays": "lowest_accepted"})), true, Bids::Sealed),
    way(|offer, _| format(offer, weighted::format()), true, Bids::Scored),
];

/// Several licences of one right.
fn licences(offer: &mut Value, several: Value) {
    format(offer, several);
    offer["terms"] = json!({"mode": "non_exclusive_licence", "fields": ["all"], "territory": ["all"], "months": 12, "sublicence": false});
}

/// A falling clock has neither steps nor lengths of its own.
fn falls(offer: &mut Value, _: &[Party; 2]) {
    let format = json!({"kind": "dutch", "floor": cny("600.00"), "decrement": cny("50.00")});
    offer["auction"] = json!({"closing_mode": "hard_close", "min_bidders": 1, "format": format});
}

/// A holder of a right of pre-emption is asked after the bidding, or bids the price that stands.
fn prefers(offer: &mut Value, holder: &Party, variant: &str) {
    let named = json!([{"organisation_id": holder.organisation, "basis": "合作开发者", "rank": 1}]);
    offer["auction"]["preemption"] = json!({"variant": variant, "holders": named});
    offer["declarations"]["encumbrances"] = json!([{"kind": "preemption", "description": "合作开发者享有优先受让权"}]);
}

// What is secret, in fen: each is more in each lot, and nowhere by chance.
const RESERVE: i64 = 4_312_478_653;
const MAXIMA: [i64; 2] = [61_243_718_529, 73_915_284_637];
const SEALED: [i64; 2] = [52_917_438_261, 84_615_273_917];
const FIRST: [i64; 2] = [31_748_261_953, 36_185_274_917];
const IN_TURN: i64 = 42_617_385_291;
/// What each bidder is scored where bids are weighted, and the paper it stands in, of which nobody is ever told.
const POINTS: [[&str; 5]; 2] = [["61.37", "62.41", "63.53", "64.59", "65.61"], ["83.19", "84.23", "85.29", "86.31", "87.43"]];
const PAPER: &str = "评审记录 2026-017";

/// The beginning of the points as they are written, which is the same in texts within texts.
fn points() -> impl Iterator<Item = String> {
    POINTS.into_iter().flatten().map(|points| format!("\"{points}"))
}

/// A lot, and every mark that was told of it.
struct Lot {
    number: i64,
    way: &'static Way,
    id: String,
    /// Its lot, its listing, its notice.
    about: [String; 3],
    told: BTreeSet<String>,
}

impl Lot {
    /// Its own of these amounts.
    fn own(&self, base: i64) -> Money {
        Money::fen(base + 1_013 * self.number)
    }
}

/// Whether a word could be the mark of somebody: an id, a hash, a salt, a name with digits; no amount, number or time.
fn is_mark(word: &str) -> bool {
    let plain = word.chars().all(|c| c.is_ascii_digit() || "-TZ".contains(c));
    word.len() >= 8 && word.contains(|c: char| c.is_ascii_digit()) && (!plain || word.len() >= 16)
}

/// The marks in what is said, in texts within it too.
fn marks(said: &Value, found: &mut BTreeSet<String>) {
    match said {
        Value::Array(items) => items.iter().for_each(|item| marks(item, found)),
        Value::Object(members) => members.values().for_each(|member| marks(member, found)),
        Value::String(text) => {
            if let Ok(inner @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text) {
                marks(&inner, found);
            } else {
                let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c)));
                found.extend(words.filter(|word| is_mark(word)).map(ToOwned::to_owned));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The marks told of more than one lot, beside those that were told before anybody had applied for any.
fn shared(lots: &[Lot], known: &BTreeSet<String>) -> BTreeSet<String> {
    let mut seen = BTreeMap::new();
    for mark in lots.iter().flat_map(|lot| &lot.told).filter(|mark| !known.contains(*mark)) {
        *seen.entry(mark).or_insert(0) += 1;
    }
    seen.into_iter().filter(|(_, lots)| *lots > 1).map(|(mark, _)| mark.clone()).collect()
}

/// An amount in every way in which it could be said.
fn spelled(amount: Money) -> Vec<String> {
    let (decimal, fen, bytes) = (amount.decimal(), amount.minor.to_string(), amount.minor.to_be_bytes());
    let encoded = [STANDARD.encode(&decimal), STANDARD.encode(&fen), STANDARD.encode(bytes), zhepai::platform::keys::hex(&bytes)];
    [decimal, fen].into_iter().chain(encoded).collect()
}

/// Those who are told, and what they were told so far.
struct Ears {
    hooks: [Receiver; 2],
    heard: [usize; 2],
    /// The session that two of the lots are in.
    session: String,
}

impl Ears {
    /// Everything told anew of the lots: what anybody reads, the feeds, and what came to the seller's webhook and to that of
    /// somebody who has nothing to do with them.
    async fn hear(&mut self, market: &Market, lots: &mut [Lot]) -> Vec<String> {
        let mut texts = Vec::new();
        for lot in lots.iter_mut() {
            for said in read(market, lot).await {
                marks(&said, &mut lot.told);
                texts.push(said.to_string());
            }
        }
        let session = format!("/v1/lot-sessions/{}", self.session);
        for place in ["/v1/lots?limit=100", "/v1/listings?limit=100", &session] {
            texts.push(market.stranger.get(place).await.unwrap().to_string());
        }
        everything_went_out(market.house()).await;
        for (hook, heard) in self.hooks.iter().zip(&mut self.heard) {
            let all = hook.all();
            for one in &all[*heard..] {
                for lot in lots.iter_mut().filter(|lot| lot.about.iter().any(|id| one.text.contains(id))) {
                    marks(&serde_json::from_str(&one.text).unwrap(), &mut lot.told);
                }
                texts.push(one.text.clone());
            }
            *heard = all.len();
        }
        texts
    }
}

/// What anybody reads of a lot, and its feed.
async fn read(market: &Market, lot: &Lot) -> Vec<Value> {
    let [id, listing, notice] = &lot.about;
    let mut said = Vec::new();
    for part in ["", "/bids", "/events?limit=100", "/timeline", "/course"] {
        let reply = market.stranger.look(&format!("/v1/lots/{id}{part}")).await.unwrap();
        assert!(reply.status == 200 || part == "/course", "{}: {}", reply.asked, reply.body);
        said.push(reply.body);
    }
    for place in [format!("/v1/listings/{listing}"), format!("/v1/listings/{listing}/timeline"), format!("/v1/notices/{notice}")] {
        said.push(market.stranger.get(&place).await.unwrap());
    }
    let count = log(&market.stranger, id).await.len();
    for mut feed in [Watch::newly(&market.server.url(), id).await, Watch::open(&market.server.url(), id, None).await] {
        said.push(feed.step().await.unwrap().data);
    }
    let fed = Watch::open(&market.server.url(), id, None).await.take(count).await;
    said.extend(fed.into_iter().map(|event| event.data));
    said
}

/// Sees that none of these amounts is in what was told.
#[track_caller]
fn are_secret(texts: &[String], amounts: impl IntoIterator<Item = Money>) {
    let words: Vec<_> = amounts.into_iter().flat_map(spelled).collect();
    assert!(!words.is_empty());
    for text in texts {
        for word in &words {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }
}

/// Publishes two lots of each way; nobody has applied yet.
async fn published(market: &Market, seller: &Party, firms: &[Party; 2]) -> Vec<Lot> {
    let mut lots = Vec::new();
    for (way, number) in WAYS.iter().cycle().take(WAYS.len() * EACH).zip(0..) {
        let title = format!("第{number}种技术");
        let mut offer = offer(market, &title).await;
        (way.offer)(&mut offer, firms);
        if way.secret_reserve {
            offer["reserve"] = json!({"kind": "secret", "amount": Money::fen(RESERVE + 1_013 * number)});
        }
        let (achievement, asset) = right(seller, &title).await;
        let made = play::publish(seller, &market.staff, offer, &achievement, &[asset]).await.unwrap();
        let notice = text(&market.stranger.get(&format!("/v1/listings/{}", made.listing)).await.unwrap()["notice_id"]);
        let about = [made.lot.clone(), made.listing, notice];
        lots.push(Lot { number, way, id: made.lot, about, told: BTreeSet::new() });
    }
    lots
}

/// Everybody bids, each for every lot, in the way that is its own.
async fn all_bid(lots: &[Lot], [one, two]: &[Party; 2]) {
    for lot in lots {
        let id = &lot.id;
        match lot.way.bids {
            Bids::Openly => {
                granted(&bid(&one.client, id, "50000000.00").await, 201);
                granted(&bid(&two.client, id, "50000100.00").await, 201);
            }
            Bids::AtPar => {
                for (firm, price) in [(one, "50000000.00"), (two, "50000100.00"), (one, "50000100.00")] {
                    granted(&bid(&firm.client, id, price).await, 201);
                }
            }
            Bids::Maxima => {
                for (firm, most) in [one, two].into_iter().zip(MAXIMA) {
                    granted(&bid(&firm.client, id, &lot.own(most).decimal()).await, 201);
                }
            }
            Bids::AtOnce => {
                one.client.act(&format!("/v1/lots/{id}/buy-now")).await.unwrap();
            }
            Bids::ByTheClock => {
                granted(&bid(&one.client, id, "1000.00").await, 201);
            }
            Bids::Sealed | Bids::Scored => {
                for (firm, price) in [one, two].into_iter().zip(SEALED) {
                    granted(&sealed::seal(&firm.client, id, &lot.own(price).decimal()).await, 201);
                }
            }
            Bids::InTurns => {}
        }
    }
}

/// Something of each admission of a bidder, by lot.
async fn admissions(firm: &Party, what: &str) -> BTreeMap<String, String> {
    let own = firm.client.get("/v1/admissions?limit=100").await.unwrap();
    own["items"].as_array().unwrap().iter().map(|one| (text(&one["lot_id"]), text(&one[what]))).collect()
}

/// Under which name each bidder bids for each lot.
async fn names(firm: &Party) -> BTreeMap<String, String> {
    admissions(firm, "pseudonym").await
}

/// Both are scored where bids are weighted, each for every such lot.
async fn all_are_scored(market: &Market, lots: &[Lot], firms: &[Party; 2]) {
    for (firm, points) in firms.iter().zip(POINTS) {
        let own = admissions(firm, "id").await;
        for lot in lots.iter().filter(|lot| lot.way.bids == Bids::Scored) {
            granted(&weighted::score(&market.staff.host, &lot.id, &own[&lot.id], weighted::scores("良", points)).await, 201);
        }
    }
}

/// Whoever has the turn raises his offer.
async fn takes_the_turn(market: &Market, lot: &Lot, firms: &[Party; 2]) {
    let whose = text(&market.stranger.get(&format!("/v1/lots/{}", lot.id)).await.unwrap()["book"]["turn"]["bidder"]);
    for firm in firms {
        if names(firm).await[&lot.id] == whose {
            granted(&bid_in_turn(&firm.client, &lot.id, &lot.own(IN_TURN).decimal()).await, 201);
        }
    }
}

/// Both sides sign, and the result of a lot is published.
async fn its_result_is_public(market: &Market, lot: &Lot, seller: &Party, buyer: &Party) {
    let deal = text(&buyer.client.get(&format!("/v1/deals?lot_id={}", lot.id)).await.unwrap()["items"][0]["id"]);
    play::sign(&deal, &[&buyer.client, &seller.client]).await.unwrap();
    market.staff.publisher.act(&format!("/v1/deals/{deal}/publish-result")).await.unwrap();
}

/// These amounts of the lots that are bid for so.
fn own(lots: &[Lot], bids: Bids, bases: &[i64]) -> Vec<Money> {
    lots.iter().filter(|lot| lot.way.bids == bids).flat_map(|lot| bases.iter().map(move |base| lot.own(*base))).collect()
}

on_both! {
    async fn heavy_nobody_is_known_again_over_twenty_lots(market) {
        let seller = university(&market).await;
        let firms = [enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await];
        let outsider = enterprise(&market, "firm-3", 3).await;
        let receivers = [Receiver::friendly(), Receiver::friendly()];
        let hooks = [webhook_to(&seller.client, &receivers[0].url, json!({})).await,
            webhook_to(&outsider.client, &receivers[1].url, json!({"scope": "market"})).await];
        let mut lots = published(&market, &seller, &firms).await;
        // Both of the second way, which close one after the other.
        let together = session(&market.staff.host, "staggered", &[&lots[1].id, &lots[WAYS.len() + 1].id]).await;
        let mut ears = Ears { hooks: receivers, heard: [0, 0], session: together };
        assert!(lots.len() >= 20, "{}", lots.len());
        let reserves: Vec<_> = lots.iter().filter(|lot| lot.way.secret_reserve).map(|lot| lot.own(RESERVE)).collect();

        // What is known before anybody has applied tells of nobody.
        are_secret(&ears.hear(&market, &mut lots).await, reserves.clone());
        let mut known: BTreeSet<_> = lots.iter().flat_map(|lot| lot.told.clone()).collect();
        for place in ["/v1/receipt-keys", "/v1/rulebook?class=state"] {
            marks(&market.stranger.get(place).await.unwrap(), &mut known);
        }
        for hook in &hooks {
            marks(hook, &mut known);
        }

        for lot in &lots {
            for (firm, first) in firms.iter().zip(FIRST) {
                play::admit(firm, &market.staff, &lot.id).await.unwrap();
                if lot.way.bids == Bids::InTurns {
                    granted(&seal(&firm.client, &lot.id, &lot.own(first).decimal()).await, 200);
                }
            }
        }
        let mut all = ears.hear(&market, &mut lots).await;
        are_secret(&all, reserves.iter().copied().chain(own(&lots, Bids::InTurns, &FIRST)));

        market.pass(2).await;
        all_bid(&lots, &firms).await;
        all_are_scored(&market, &lots, &firms).await;
        let bidding = ears.hear(&market, &mut lots).await;
        let amounts = [own(&lots, Bids::Sealed, &SEALED), own(&lots, Bids::Scored, &SEALED)].concat();
        let sealed = [own(&lots, Bids::Maxima, &MAXIMA), amounts.clone()].concat();
        are_secret(&bidding, reserves.iter().copied().chain(sealed.clone()));

        market.pass(5).await;
        for lot in lots.iter().filter(|lot| lot.way.bids == Bids::InTurns) {
            takes_the_turn(&market, lot, &firms).await;
        }
        let in_turn = ears.hear(&market, &mut lots).await;
        let hidden = own(&lots, Bids::InTurns, &[IN_TURN]);
        are_secret(&in_turn, reserves.into_iter().chain(sealed).chain(hidden.clone()));
        for word in points() {
            assert!(!bidding.iter().chain(&in_turn).any(|text| text.contains(&word)), "{word} is told before the opening");
        }

        market.pass(25 * 60).await;
        let over = ears.hear(&market, &mut lots).await;
        are_secret(&over, own(&lots, Bids::Maxima, &MAXIMA[1..]));
        let opened = [amounts, own(&lots, Bids::Maxima, &MAXIMA[..1]), hidden].concat();
        for word in opened.into_iter().map(Money::decimal).chain(points()) {
            assert!(over.iter().any(|text| text.contains(&word)), "{word} was there to be found, and is told in its time");
        }

        assert_eq!(shared(&lots, &known), BTreeSet::new(), "a bidder is known again");
        all.extend([bidding, in_turn, over].concat());
        assert!(!all.iter().any(|text| text.contains(PAPER)), "which paper the scores stand in is told");
        for firm in &firms {
            let person = text(&firm.client.get("/v1/me").await.unwrap()["person"]["id"]);
            for word in [&firm.organisation, &firm.name, &firm.email, &person] {
                assert!(!all.iter().any(|text| text.contains(word.as_str())), "{word} is told");
            }
            // Names are drawn for each lot; that two are the same is chance.
            let different: BTreeSet<_> = names(firm).await.into_values().collect();
            assert!(different.len() + 2 >= lots.len(), "{different:?}");
        }
        // Once a result is public it is known who bought, as its notice says; of whoever lost nothing is, and no mark leads on.
        for lot in &lots[..2] {
            its_result_is_public(&market, lot, &seller, &firms[1]).await;
        }
        let public = ears.hear(&market, &mut lots).await;
        assert_eq!(public.iter().filter(|text| text.contains(&firms[1].name)).count(), 2, "in the courses of both");
        for word in [&firms[0].name, &firms[0].organisation, &firms[1].organisation] {
            assert!(!public.iter().any(|text| text.contains(word.as_str())), "{word} is told");
        }
        assert_eq!(shared(&lots, &known), BTreeSet::new(), "a bidder is known again by more than his name");
        // What would link him is found by this.
        for lot in &mut lots[..2] {
            lot.told.insert(firms[1].organisation.clone());
        }
        assert_eq!(shared(&lots, &known), BTreeSet::from([firms[1].organisation.clone()]));
    }
}
