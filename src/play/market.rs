//! The seed market: organisations, rights and what is done with them as data in `seeds/market.toml`, played through the API.

mod afterwards;
mod dates;
mod granted;
mod licensed;
mod negotiated;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::money::{Currency, Money};
use serde::Deserialize;
use serde_json::{Value, json};

use super::parties::{found, invented_public_uscc, invented_uscc};
use super::{NewAsset, NewParty, Party, Published, Staff, admit, bid, instant, publish, read_status, register, sign, text};
use crate::client::{Client, ClientError};

pub use afterwards::{SeedAmendment, SeedQuestion};
pub use granted::{Grant, SeedDecider};
pub use licensed::OpenLicence;
pub use negotiated::{Negotiation, SeedObjection};

const SEEDS: &str = include_str!("../../seeds/market.toml");

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The seed market.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Market {
    /// Who is in it.
    pub organisation: Vec<Organisation>,
    /// What is offered.
    pub offer: Vec<Offer>,
    /// What is sold at a negotiated price.
    pub negotiation: Vec<Negotiation>,
    /// What is granted to who made it.
    pub grant: Vec<Grant>,
    /// Of what anybody may have a licence.
    pub open_licence: Vec<OpenLicence>,
}

/// An organisation of the seed market.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// What the seeds call it.
    pub key: String,
    /// Kind.
    pub kind: String,
    /// `state` or `private`.
    pub ownership: String,
    /// Name.
    pub name: String,
    /// Name in English.
    pub name_en: Option<String>,
    /// Its real code; an invented one is made from `invented`.
    pub uscc: Option<String>,
    /// Number an invented code is made from.
    pub invented: Option<u32>,
}

/// An offer of the seed market.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// What becomes of it.
    pub scenario: Scenario,
    /// Key of the seller.
    pub seller: String,
    /// Keys of the bidders.
    #[serde(default)]
    pub bidders: Vec<String>,
    /// Prices bid in turn by the bidders, decimal text.
    #[serde(default)]
    pub prices: Vec<String>,
    /// Body of the achievement.
    pub achievement: Value,
    /// The rights.
    pub assets: Vec<SeedAsset>,
    /// Body of the listing, without ids.
    pub listing: Value,
    /// What somebody asks about it.
    pub question: Option<SeedQuestion>,
    /// In what it is announced anew.
    pub amendment: Option<SeedAmendment>,
}

/// A right of the seed market.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedAsset {
    /// Legal status.
    pub status: String,
    /// Body of the asset.
    pub body: Value,
}

/// What becomes of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scenario {
    /// Auctioned, signed, published.
    Sold,
    /// Auctioned without a bid.
    Unsold,
    /// Published; registration is open.
    Published,
    /// The same of an auction in the sense of the law, which is exhibited before.
    Exhibited,
    /// Open for bids now; scripted bidders keep it alive.
    Live,
}

impl Scenario {
    /// Whether it is over when the demo begins.
    fn is_past(self) -> bool {
        matches!(self, Self::Sold | Self::Unsold)
    }
}

/// The market after it was played.
pub struct Played {
    /// Its staff.
    pub staff: Staff,
    /// Its parties by key.
    pub parties: BTreeMap<String, Party>,
    /// The live lot and the keys of those who bid for it.
    pub live: Vec<(Published, Vec<String>)>,
    /// The password of every party's owner.
    pub password: String,
}

/// The password of every owner in the seed market.
pub const PASSWORD: &str = "zhepai-demo-owner";

/// Reads the seeds.
pub fn seeds() -> Result<Market, Failure> {
    Ok(toml::from_str(SEEDS)?)
}

/// How much there is to do, for a progress bar.
pub fn steps(market: &Market) -> u64 {
    (market.organisation.len() + market.offer.len() + market.negotiation.len() + market.grant.len() + market.open_licence.len()) as u64
}

/// Plays the seeds into a fresh sandbox whose time stands. Past deals happen in the past; at the end
/// time runs from `until` on.
pub async fn play(
    base: &Client,
    staff_password: &str,
    market: &Market,
    until: DateTime<Utc>,
    step: impl Fn(&str),
) -> Result<Played, Failure> {
    let staff = Staff::of_sandbox(base, staff_password).await?;
    staff.stop_clock().await?;
    let mut parties = BTreeMap::new();
    for organisation in &market.organisation {
        let party = found(base, &staff, &new_party(organisation)).await?;
        parties.insert(organisation.key.clone(), party);
        step(&organisation.name);
    }
    let mut played = Played { staff, parties, live: Vec::new(), password: PASSWORD.into() };
    for offer in market.offer.iter().filter(|offer| offer.scenario.is_past()) {
        played.past(offer).await?;
        step(&text(&offer.listing["title"]));
    }
    if until > played.staff.now().await? {
        played.staff.move_clock(until).await?;
    }
    for sale in &market.negotiation {
        played.negotiated(sale).await?;
        step(&text(&sale.body["title"]));
    }
    for grant in &market.grant {
        played.granted(base, grant).await?;
        step(&text(&grant.achievement["title"]));
    }
    for licence in &market.open_licence {
        played.licensed(licence).await?;
        step(&text(&licence.achievement["title"]));
    }
    for offer in market.offer.iter().filter(|offer| !offer.scenario.is_past()) {
        played.present(offer).await?;
        step(&text(&offer.listing["title"]));
    }
    played.staff.run_clock(1).await?;
    Ok(played)
}

fn new_party(organisation: &Organisation) -> NewParty {
    let invented = if organisation.kind == "enterprise" { invented_uscc } else { invented_public_uscc };
    NewParty {
        email: format!("{}@demo.example", organisation.key),
        password: PASSWORD.into(),
        kind: organisation.kind.clone(),
        ownership: organisation.ownership.clone(),
        name: organisation.name.clone(),
        name_en: organisation.name_en.clone(),
        uscc: organisation.uscc.clone().unwrap_or_else(|| invented(organisation.invented.unwrap_or_default())),
    }
}

/// Registers an achievement of the seeds with its rights; their ids.
async fn registered(owner: &Party, achievement: &Value, assets: &[SeedAsset]) -> Result<(String, Vec<String>), ClientError> {
    let assets: Vec<_> = assets.iter().map(|a| NewAsset { body: a.body.clone(), status: a.status.clone() }).collect();
    register(owner, achievement.clone(), &assets).await
}

impl Played {
    fn party(&self, key: &str) -> Result<&Party, Failure> {
        self.parties.get(key).ok_or_else(|| format!("the seeds name the unknown party {key}").into())
    }

    /// A party by its key in the seeds.
    pub fn parties_of(&self, keys: &[String]) -> Result<Vec<&Party>, Failure> {
        keys.iter().map(|key| self.party(key)).collect()
    }

    async fn offered(&self, offer: &Offer, listing: Value) -> Result<(Published, Vec<String>), Failure> {
        let seller = self.party(&offer.seller)?;
        let (achievement, assets) = registered(seller, &offer.achievement, &offer.assets).await?;
        Ok((publish(seller, &self.staff, listing, &achievement, &assets).await?, assets))
    }

    /// An offer whose auction lies in the past when the demo begins.
    async fn past(&self, offer: &Offer) -> Result<(), Failure> {
        let (published, assets) = self.offered(offer, offer.listing.clone()).await?;
        let bidders = self.parties_of(&offer.bidders)?;
        for bidder in &bidders {
            admit(bidder, &self.staff, &published.lot).await?;
        }
        let lot = self.staff.supervisor.get(&format!("/v1/lots/{}", published.lot)).await?;
        self.staff.move_clock(instant(&lot["opens_at"])).await?;
        for (price, bidder) in offer.prices.iter().zip(bidders.iter().cycle()) {
            let now = self.staff.now().await?;
            self.staff.move_clock(now + TimeDelta::minutes(7)).await?;
            bid(bidder, &published.lot, Money::parse(price, Currency::Cny)?).await?;
        }
        self.run_out(&published.lot).await?;
        if offer.scenario == Scenario::Unsold {
            return Ok(());
        }
        let seller = self.party(&offer.seller)?;
        for asset in &assets {
            // The status read at listing is too old for the confirmation.
            read_status(seller, asset, &offer.assets[0].status).await?;
        }
        self.conclude(seller, &bidders, &published.lot).await
    }

    /// Moves time on until the lot has ended, however often its end moves.
    async fn run_out(&self, lot: &str) -> Result<(), Failure> {
        loop {
            let view = self.staff.supervisor.get(&format!("/v1/lots/{lot}")).await?;
            if !matches!(view["state"].as_str(), Some("scheduled" | "open_free" | "open_timed")) {
                return Ok(());
            }
            self.staff.move_clock(instant(&view["closes_at"]) + TimeDelta::minutes(1)).await?;
        }
    }

    /// Both sides sign, the publisher publishes the result.
    async fn conclude(&self, seller: &Party, bidders: &[&Party], lot: &str) -> Result<(), Failure> {
        for bidder in bidders {
            let deals = bidder.client.get("/v1/deals").await?;
            let Some(deal) = deals["items"]
                .as_array()
                .and_then(|all| all.iter().find(|d| d["lot_id"] == lot && d["buyer_organisation_id"] == bidder.organisation.as_str()))
            else {
                continue;
            };
            let deal = text(&deal["id"]);
            sign(&deal, &[&bidder.client, &seller.client]).await?;
            self.staff.publisher.act(&format!("/v1/deals/{deal}/publish-result")).await?;
        }
        Ok(())
    }

    /// An offer that is open when the demo begins.
    async fn present(&mut self, offer: &Offer) -> Result<(), Failure> {
        let listing = dates::of_listing(offer, self.staff.now().await?);
        let (published, _) = self.offered(offer, listing).await?;
        for bidder in self.parties_of(&offer.bidders)? {
            admit(bidder, &self.staff, &published.lot).await?;
        }
        self.afterwards(offer, &published.listing).await?;
        if offer.scenario == Scenario::Live {
            let now = self.staff.now().await?;
            self.staff.move_clock(now + TimeDelta::seconds(3)).await?;
            self.live.push((published, offer.bidders.clone()));
        }
        Ok(())
    }
}

/// Bids once for whoever is not leading, one step above the price: against each other up to three times the start
/// price, against anybody else at any. Tells what was bid.
pub async fn keep_alive(lot: &str, bidders: &[&Party]) -> Result<Option<Money>, ClientError> {
    let Some(first) = bidders.first() else { return Ok(None) };
    let view = first.client.get(&format!("/v1/lots/{lot}")).await?;
    let amount = |value: &Value| Money::parse(value["amount"].as_str().unwrap_or_default(), Currency::Cny).ok();
    let (Some(next), Some(start)) = (amount(&view["next_price"]), amount(&view["terms"]["start_price"])) else { return Ok(None) };
    let price = json!({"price": next});
    let high = next.minor > start.minor.saturating_mul(3);
    let mut outbid = Vec::new();
    for bidder in bidders {
        let reply = bidder.client.post(&format!("/v1/lots/{lot}/bids?dry_run=true"), price.clone()).send().await?;
        match reply.code() {
            "already_leading" if high => return Ok(None),
            "already_leading" => {}
            "" => outbid.push(bidder),
            _ => return Ok(None),
        }
    }
    let Some(bidder) = outbid.first() else { return Ok(None) };
    let reply = bidder.client.post(&format!("/v1/lots/{lot}/bids"), price).send().await?;
    Ok((reply.status < 300).then_some(next))
}

/// The body of a granted invention patent with this number; filing date from its year, grant three years on.
pub fn patent(title: &str, number: &str, holder: &str) -> Value {
    let digits: String = number.chars().filter(char::is_ascii_digit).take(4).collect();
    let year: i32 = digits.parse().unwrap_or(2016);
    json!({
        "title": title,
        "identifier": number,
        "details": {
            "kind": "invention",
            "filed_on": format!("{year}-06-01"),
            "granted_on": format!("{}-06-01", year + 2),
            "ipc": ["E02B 3/12"],
            "inventors": ["发明人甲"]
        },
        "owners": [{"name": holder, "is_holder": true, "share_bp": 10_000}]
    })
}

/// The body of technology no registry keeps.
pub fn know_how(title: &str, holder: &str) -> Value {
    json!({
        "title": title,
        "details": {"kind": "other_tech", "public_abstract": "成套工艺数据，用于演示或重放。"},
        "owners": [{"name": holder, "is_holder": true, "share_bp": 10_000}]
    })
}
