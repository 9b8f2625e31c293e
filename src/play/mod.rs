//! The market played through its own API, as any client could: for the demo, for replays, for tests.

pub mod market;
pub mod parties;
pub mod recorded;

use std::time::Duration;

use crate::client::{Client, ClientError};
use crate::sandbox::flows::{secret, staff_email};
use chrono::{DateTime, Utc};
use entity::identity::StaffRole;
use entity::money::Money;
use serde_json::{Value, json};

pub use parties::{NewParty, Party};

/// The sandbox's own staff, signed in.
#[derive(Clone, Debug)]
pub struct Staff {
    /// Checks organisations, applicants and listings.
    pub reviewer: Client,
    /// Conducts auctions.
    pub host: Client,
    /// Keeps the money.
    pub finance: Client,
    /// Publishes.
    pub publisher: Client,
    /// Looks after staff and, in sandbox, the clock.
    pub security: Client,
    /// Reads everything.
    pub supervisor: Client,
    /// Reads the audit trail.
    pub auditor: Client,
}

impl Staff {
    /// Signs the sandbox's staff in.
    pub async fn of_sandbox(base: &Client, password: &str) -> Result<Self, ClientError> {
        let sign_in = async |role| {
            let email = staff_email(role);
            base.sign_in_with(&email, password, Some(secret(&email, password).to_vec())).await
        };
        Ok(Self {
            reviewer: sign_in(StaffRole::Reviewer).await?,
            host: sign_in(StaffRole::AuctionHost).await?,
            finance: sign_in(StaffRole::Finance).await?,
            publisher: sign_in(StaffRole::Publisher).await?,
            security: sign_in(StaffRole::SecurityAdmin).await?,
            supervisor: sign_in(StaffRole::Supervisor).await?,
            auditor: sign_in(StaffRole::Auditor).await?,
        })
    }

    /// The officer of a role.
    pub fn officer(&self, role: StaffRole) -> &Client {
        match role {
            StaffRole::Reviewer => &self.reviewer,
            StaffRole::AuctionHost => &self.host,
            StaffRole::Finance => &self.finance,
            StaffRole::Publisher => &self.publisher,
            StaffRole::SecurityAdmin => &self.security,
            StaffRole::Auditor => &self.auditor,
            StaffRole::Supervisor => &self.supervisor,
        }
    }

    /// The market's time.
    pub async fn now(&self) -> Result<DateTime<Utc>, ClientError> {
        let clock = self.security.get("/v1/sandbox/clock").await?;
        Ok(instant(&clock["now"]))
    }

    /// Lets time stand still.
    pub async fn stop_clock(&self) -> Result<(), ClientError> {
        self.set_clock(json!({"factor": 0})).await
    }

    /// Lets time run.
    pub async fn run_clock(&self, factor: i64) -> Result<(), ClientError> {
        self.set_clock(json!({"factor": factor})).await
    }

    /// Moves time on; everything due on the way is done when this returns.
    pub async fn move_clock(&self, to: DateTime<Utc>) -> Result<(), ClientError> {
        self.set_clock(json!({"to": to})).await
    }

    async fn set_clock(&self, setting: Value) -> Result<(), ClientError> {
        // All that is due on the way is done before the answer, and it may be the ends of hundreds of lots.
        let move_on = self.security.post("/v1/sandbox/clock", setting).within(Duration::from_mins(15));
        move_on.send().await?.ok().map(|_| ())
    }
}

/// A listing that is published, with its lot.
#[derive(Clone, Debug)]
pub struct Published {
    /// The listing.
    pub listing: String,
    /// The lot.
    pub lot: String,
    /// The deposit.
    pub deposit: Value,
}

/// A right to register with its legal status, as the API takes them.
#[derive(Clone, Debug)]
pub struct NewAsset {
    /// Body of the asset.
    pub body: Value,
    /// Its legal status code.
    pub status: String,
}

/// Registers an achievement with its rights and their legal status; returns their ids.
pub async fn register(seller: &Party, achievement: Value, assets: &[NewAsset]) -> Result<(String, Vec<String>), ClientError> {
    let achievement = seller.client.create("/v1/achievements", achievement).await?;
    let achievement = text(&achievement["id"]);
    let mut ids = Vec::new();
    for asset in assets {
        let created = seller.client.create(&format!("/v1/achievements/{achievement}/assets"), asset.body.clone()).await?;
        let id = text(&created["id"]);
        read_status(seller, &id, &asset.status).await?;
        ids.push(id);
    }
    Ok((achievement, ids))
}

/// Records an asset's legal status as of now.
pub async fn read_status(seller: &Party, asset: &str, status: &str) -> Result<(), ClientError> {
    let now = seller.client.get("/v1/time").await?;
    let reading = json!({"status": status, "as_of": now["now"], "source": "registry"});
    seller.client.create(&format!("/v1/assets/{asset}/legal-statuses"), reading).await.map(|_| ())
}

/// Lists rights and takes the listing through review to publication.
pub async fn publish(
    seller: &Party,
    staff: &Staff,
    mut offer: Value,
    achievement: &str,
    assets: &[String],
) -> Result<Published, ClientError> {
    offer["achievement_id"] = achievement.into();
    offer["asset_ids"] = assets.into();
    let listing = text(&seller.client.create("/v1/listings", offer).await?["id"]);
    seller.client.act(&format!("/v1/listings/{listing}/submit")).await?;
    staff.reviewer.act(&format!("/v1/listings/{listing}/take")).await?;
    staff.reviewer.act(&format!("/v1/listings/{listing}/approve")).await?;
    let published = staff.publisher.act(&format!("/v1/listings/{listing}/publish")).await?;
    Ok(Published { lot: text(&published["lot_id"]), listing, deposit: published["deposit"].clone() })
}

/// An officer publishes what was frozen for him, as he has read it; how it stands then.
pub async fn publish_drafted(publisher: &Client, place: &str) -> Result<Value, ClientError> {
    let sha256 = publisher.get(place).await?["drafted_sha256"].clone();
    publisher.create(&format!("{place}/publish"), json!({"drafted_sha256": sha256})).await
}

/// Files a paper of a party that says no more than its title; its id.
pub async fn paper(party: &Party, title: &str) -> Result<String, ClientError> {
    let filed = party.client.upload(title, "paper.txt", "private", "text/plain", title.into()).await?;
    Ok(text(&filed["id"]))
}

/// Applies for a lot, is qualified, and pays the deposit from the simulated bank; returns the admission.
pub async fn admit(bidder: &Party, staff: &Staff, lot: &str) -> Result<Value, ClientError> {
    admit_as(bidder, staff, lot, json!({})).await
}

/// As [`admit`], with what the application says.
pub async fn admit_as(bidder: &Party, staff: &Staff, lot: &str, application: Value) -> Result<Value, ClientError> {
    let applied = bidder.client.create(&format!("/v1/lots/{lot}/admissions"), application).await?;
    let id = text(&applied["id"]);
    let qualified = staff.reviewer.act(&format!("/v1/admissions/{id}/qualify")).await?;
    let payment = json!({"deposit_reference": qualified["deposit"]["reference"], "amount": qualified["deposit"]["amount"]});
    bidder.client.create("/v1/sandbox/bank-credits", payment).await
}

/// Bids, and means it however far the price; the receipt or the refusal.
pub async fn bid(bidder: &Party, lot: &str, price: Money) -> Result<Value, ClientError> {
    bidder.client.create(&format!("/v1/lots/{lot}/bids"), json!({"price": price, "confirmed": true})).await
}

/// Both sides sign the confirmation of a deal.
pub async fn sign(deal: &str, sides: &[&Client]) -> Result<(), ClientError> {
    for side in sides {
        let confirmation = side.get(&format!("/v1/deals/{deal}/confirmation")).await?;
        side.create(&format!("/v1/deals/{deal}/sign"), json!({"confirmation_sha256": confirmation["sha256"]})).await?;
    }
    Ok(())
}

/// A JSON text, empty if it is none.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A JSON instant; the epoch if it is none.
pub fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or_default()
}
