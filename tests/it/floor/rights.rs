//! What was found out about a bidder is remembered from bid to bid, on PostgreSQL; whatever of it is changed, at another server or by
//! hand, he is judged by it at once.

use sea_orm::{ConnectionTrait, Database, TransactionTrait};
use zhepai::client::{Client, Reply};

use super::a_lot_and_two_bidders;
use crate::common::database::has_postgres;
use crate::common::play::{bid, eventually, granted, membership};
use crate::common::{Base, Market};
use crate::keys::{key, program};

/// A market whose lot two bid for, the first of them with a key too.
struct Rivals {
    market: Market,
    lot: String,
    one: Client,
    program: Client,
    two: Client,
    price: i64,
}

impl Rivals {
    async fn meet() -> Self {
        let market = Market::start(Base::Postgres).await;
        let (lot, one, two) = a_lot_and_two_bidders(&market, "ZL201610200331.9").await;
        let program = program(&market, &key(&one, &["bids:place"]).await);
        Self { market, lot, one, program, two, price: 10_000 }
    }

    async fn bid(&mut self, bidder: &Client) -> Reply {
        self.price += 100;
        bid(bidder, &self.lot, &format!("{}.00", self.price)).await
    }

    /// Both bid, and what is needed to judge them is known.
    async fn are_known(&mut self, first: &Client) {
        let two = self.two.clone();
        // Whom he stood for may have been looked up while he could not bid.
        eventually(async || self.bid(first).await.status == 201).await;
        granted(&self.bid(&two).await, 201);
    }

    /// The first is refused.
    async fn is_refused(&mut self, first: &Client, change: &str) {
        let said = self.bid(first).await;
        assert!([401, 403].contains(&said.status), "{change}: {}", said.body);
    }
}

/// What takes a bidder's right away, and what gives it back.
async fn changes(rivals: &Rivals) -> Vec<(Client, String, String)> {
    let organisation = membership(&rivals.one).await["organisation_id"].as_str().unwrap().to_owned();
    let person = format!("(SELECT person_id FROM membership WHERE organisation_id = '{organisation}')");
    let memberships = format!("membership_id IN (SELECT id FROM membership WHERE organisation_id = '{organisation}')");
    let lot = &rivals.lot;
    let its = format!("lot_id = '{lot}' AND organisation_id = '{organisation}'");
    let set = |table: &str, [changed, as_it_was]: [&str; 2], of: &str| {
        [changed, as_it_was].map(|value| format!("UPDATE {table} SET {value} WHERE {of}"))
    };
    let of_person = [
        set("person", ["suspended_at = now()", "suspended_at = NULL"], &format!("id IN {person}")),
        set("person", ["closed_at = now()", "closed_at = NULL"], &format!("id IN {person}")),
        set("organisation", ["state = 'refused'", "state = 'verified'"], &format!("id = '{organisation}'")),
        set("membership", ["state = 'suspended'", "state = 'active'"], &format!("organisation_id = '{organisation}'")),
        set("membership_role", ["role = 'viewer'", "role = 'bidder'"], &format!("role IN ('viewer', 'bidder') AND {memberships}")),
        set("session", ["revoked_at = now()", "revoked_at = NULL"], &format!("person_id IN {person}")),
        set("admission", ["state = 'refused'", "state = 'admitted'"], &its),
        set(
            "admission_call",
            [
                &format!("seller_organisation_id = '{organisation}'"),
                "seller_organisation_id = (SELECT seller_organisation_id FROM lot WHERE lot.id = admission_call.lot_id)",
            ],
            &format!("lot_id = '{lot}'"),
        ),
        // Nobody of the seller's bids.
        [
            format!(
                "INSERT INTO membership (id, organisation_id, person_id, email, state, invited_by, version, created_at) \
                 SELECT gen_random_uuid(), seller_organisation_id, person_id, 'joined', 'active', person_id, 1, now() \
                 FROM lot, membership WHERE lot.id = '{lot}' AND organisation_id = '{organisation}'"
            ),
            "DELETE FROM membership WHERE email = 'joined'".to_owned(),
        ],
    ];
    let of_key = set("api_key", ["revoked_at = now(), revoked_why = 'test'", "revoked_at = NULL, revoked_why = NULL"], "true");
    let of_person = of_person.into_iter().map(|[change, undone]| (rivals.one.clone(), change, undone));
    let of_key = [of_key].map(|[change, undone]| (rivals.program.clone(), change, undone));
    of_person.chain(of_key).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_remembered_of_bidders_ends_with_any_change_of_it() {
    if !has_postgres() {
        return;
    }
    let mut rivals = Rivals::meet().await;
    for (bidder, change, undone) in changes(&rivals).await {
        rivals.are_known(&bidder).await;
        rivals.market.by_hand(&change).await;
        rivals.is_refused(&bidder, &change).await;
        rivals.market.by_hand(&undone).await;
    }
    let one = rivals.one.clone();
    rivals.are_known(&one).await;
}

/// What was changed before it was looked at is seen once it is committed, however late.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_is_committed_late_is_seen_then() {
    if !has_postgres() {
        return;
    }
    let mut rivals = Rivals::meet().await;
    let (_, change, _) = changes(&rivals).await.into_iter().find(|(_, change, _)| change.contains("UPDATE admission ")).unwrap();
    let by_hand = Database::connect(rivals.market.config.database.as_str()).await.unwrap();
    let late = by_hand.begin().await.unwrap();
    late.execute_unprepared(&change).await.unwrap();
    let one = rivals.one.clone();
    for _ in 0..3 {
        rivals.are_known(&one).await;
    }
    late.commit().await.unwrap();
    rivals.is_refused(&one, &change).await;
}
