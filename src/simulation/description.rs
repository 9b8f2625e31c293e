//! How an auction is described: how it is bid for, who may bid, and what happens when.

mod events;
mod terms;

use std::collections::{BTreeMap, BTreeSet};

use entity::auctions::{LotTerms, Reserve};
use entity::micros;
use entity::money::Money;
use entity::scores::GivenScore;
use serde::{Deserialize, Serialize};

use crate::auctions::rules::log::OpenedReserve;
use crate::auctions::rules::reserve;
use crate::auctions::rules::sealed::scores::{Scores, are_complete, criteria};
use crate::platform::http::body;
use crate::platform::keys::unhex;
use crate::platform::problem::{Faults, Problem};
use events::Entry;
pub use events::{Deed, Event};

/// The file as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    terms: LotTerms,
    secret_reserve: Option<Secret>,
    bidders: Vec<String>,
    #[serde(default)]
    holders: BTreeMap<String, i32>,
    #[serde(default)]
    scores: BTreeMap<String, Vec<GivenScore>>,
    events: Vec<Entry>,
    /// For whoever reads the file.
    note: Option<String>,
}

/// A secret reserve as it will be opened.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Secret {
    amount: Money,
    salt: String,
}

/// A described auction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// What is sold.
    pub title: String,
    /// How it is bid for.
    pub terms: LotTerms,
    /// The secret reserve as it is opened at the close, where the terms have one.
    pub reserve: Option<OpenedReserve>,
    /// Who may bid, by pseudonym.
    pub bidders: Vec<String>,
    /// Who of them holds a right of pre-emption, and of which rank.
    pub holders: BTreeMap<String, i32>,
    /// What the bidders are given, where the price is one indicator among others.
    pub scores: Scores,
    /// What happens, in order of time.
    pub events: Vec<Event>,
}

/// Reads a description strictly. What is wrong is named by the path of its field, all of it at once.
pub fn read(bytes: &[u8]) -> Result<Description, Problem> {
    let file: File = body::parse(bytes)?;
    let mut faults = Faults::new();
    faults.text("/title", &file.title, 200);
    terms::check(&mut faults, &file.terms);
    check_names(&mut faults, &file.bidders);
    check_holders(&mut faults, &file);
    check_scores(&mut faults, &file);
    let reserve = opened(&mut faults, &file);
    events::check_members(&mut faults, &file.events, file.terms.format.units().is_some());
    let rules_version = Some(terms::rules_version(&mut faults, file.terms.rules_version));
    let terms = LotTerms { opens_at: micros(file.terms.opens_at), rules_version, ..file.terms };
    let events = events::in_order(&mut faults, file.events, terms.opens_at, &file.bidders);
    faults.done()?;
    Ok(Description { title: file.title, terms, reserve, bidders: file.bidders, holders: file.holders, scores: file.scores, events })
}

fn check_names(faults: &mut Faults, bidders: &[String]) {
    let mut known = BTreeSet::new();
    for (index, name) in bidders.iter().enumerate() {
        let place = format!("/bidders/{index}");
        faults.name(&place, name, 100).require(known.insert(name), &place, "repeated", "不得重复", "nobody twice");
    }
}

/// Rights of pre-emption are held by those who may bid, where the terms know of such rights.
fn check_holders(faults: &mut Faults, file: &File) {
    let announced = file.holders.is_empty() || file.terms.preemption.is_some();
    faults.require(announced, "/holders", "unknown_field", "条件中没有优先购买权", "the terms know of no right of pre-emption");
    for (name, rank) in &file.holders {
        faults
            .require(file.bidders.contains(name), "/holders", "unknown", &format!("没有竞买人 {name}"), &format!("{name} is no bidder"))
            .require(*rank >= 1, "/holders", "range", "顺位须至少为 1", "a rank is at least 1");
    }
}

/// Where the price is one indicator among others, every bidder is scored for those, and nobody else.
fn check_scores(faults: &mut Faults, file: &File) {
    let wanted = criteria(&file.terms.format);
    for name in &file.bidders {
        let given = file.scores.get(name).map(Vec::as_slice).unwrap_or_default();
        faults.require(
            are_complete(wanted, given),
            "/scores",
            "criterion",
            &format!("{name} 的评分须与各项指标逐一对应"),
            &format!("the scores of {name} must be those of the indicators, one for each in their order"),
        );
    }
    for name in file.scores.keys().filter(|name| !file.bidders.contains(name)) {
        faults.require(false, "/scores", "unknown", &format!("没有竞买人 {name}"), &format!("{name} is no bidder"));
    }
}

/// The secret reserve, which must be the one the terms are committed to.
fn opened(faults: &mut Faults, file: &File) -> Option<OpenedReserve> {
    let is_secret = matches!(file.terms.reserve, Reserve::Secret { .. });
    faults
        .require(
            !is_secret || file.secret_reserve.is_some(),
            "/secret_reserve",
            "missing_field",
            "保留价保密时须填写",
            "missing: the terms have a secret reserve",
        )
        .require(
            is_secret || file.secret_reserve.is_none(),
            "/secret_reserve",
            "unknown_field",
            "条件中没有保密的保留价",
            "the terms have no secret reserve",
        );
    let (Reserve::Secret { commitment }, Some(secret)) = (&file.terms.reserve, &file.secret_reserve) else { return None };
    let salt: Option<[u8; 16]> = unhex(&secret.salt).and_then(|bytes| bytes.try_into().ok());
    faults.require(salt.is_some(), "/secret_reserve/salt", "salt", "须为 16 字节的十六进制", "must be 16 bytes in hexadecimal");
    let salt = salt?;
    let made = reserve::commitment(&salt, secret.amount);
    faults.require(
        *commitment == made,
        "/terms/reserve/commitment",
        "commitment",
        &format!("与 secret_reserve 不符，应为 {made}"),
        &format!("does not follow from secret_reserve, which makes {made}"),
    );
    reserve::unpack(&reserve::pack(&salt, secret.amount), secret.amount.currency)
}
