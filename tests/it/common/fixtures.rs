//! Parties and offers most tests need.

use entity::money::Money;
use serde_json::{Value, json};
use zhepai::play::parties::{found, invented_uscc};
use zhepai::play::{NewAsset, NewParty, Party, Published, admit, publish, register};

use super::Market;
use super::play::PASSWORD;

/// A verified enterprise.
pub async fn enterprise(market: &Market, key: &str, number: u32) -> Party {
    party(market, key, "enterprise", "private", &invented_uscc(number)).await
}

/// A verified state university, 浙江大学 with its real code.
pub async fn university(market: &Market) -> Party {
    party(market, "zju", "university", "state", "12100000470095016Q").await
}

async fn party(market: &Market, key: &str, kind: &str, ownership: &str, uscc: &str) -> Party {
    let new = NewParty {
        email: format!("{key}@test.example"),
        password: PASSWORD.into(),
        kind: kind.into(),
        ownership: ownership.into(),
        name: format!("测试机构 {key}"),
        name_en: None,
        uscc: uscc.into(),
    };
    found(&market.stranger, &market.staff, &new).await.unwrap()
}

/// An import of a party that is done, of one row that was refused; its id.
pub async fn imported(party: &Party) -> String {
    let row = b"title,kind\nx,software\n".to_vec();
    let started = party.client.send_file("/v1/imports?kind=assets&file_name=x.csv", "text/csv", row).await.unwrap();
    let id = started.ok().unwrap()["id"].as_str().unwrap_or_default().to_owned();
    let ended = super::play::import_ended(&party.client, &id).await;
    assert_eq!((&ended["state"], &ended["refused"]), (&json!("done"), &json!(1)));
    id
}

/// An achievement body.
pub fn achievement() -> Value {
    json!({
        "title": "一种河岸带减污方法",
        "summary": "削减河岸带面源污染的方法，可用于小流域治理。",
        "field": "07",
        "completers": ["完成人甲"],
        "state_funded": false
    })
}

/// A granted invention patent with a real number.
pub fn patent(holder: &Party) -> NewAsset {
    patent_numbered(holder, "ZL201610200331.9")
}

/// A granted invention patent with this number.
pub fn patent_numbered(holder: &Party, number: &str) -> NewAsset {
    NewAsset { body: zhepai::play::market::patent("一种河岸带减污方法", number, &holder.name), status: "granted".into() }
}

/// A rehearsal offer that opens at once: soft close, step 100.00, 24 hours, one bidder is enough.
pub fn rehearsal(start: Money, opens: chrono::DateTime<chrono::Utc>) -> Value {
    json!({
        "title": "一种河岸带减污方法",
        "summary": "削减河岸带面源污染的方法。",
        "terms": {"mode": "assignment"},
        "rehearsal": true,
        "base_price": start,
        "base_price_basis": "own_decision",
        "auction": {
            "closing_mode": "soft_close",
            "step": {"kind": "fixed", "amount": {"amount": "100.00", "currency": "CNY"}},
            "free_period_seconds": 86_400,
            "timed_cycle_seconds": 300,
            "min_bidders": 1
        },
        "schedule": {"registration_closes_at": opens - chrono::TimeDelta::seconds(1), "auction_opens_at": opens},
        "declarations": {"secret_level_none": true, "confidentiality_review_number": "BM-1", "no_other_encumbrances": true},
        "contact": {"office": "技术转移中心", "phone": "0571-88000000"}
    })
}

/// How a lot is bid for by rounds, step 100.00; one bidder is enough.
pub fn by_rounds() -> Value {
    json!({
        "closing_mode": "hard_close",
        "step": {"kind": "fixed", "amount": {"amount": "100.00", "currency": "CNY"}},
        "min_bidders": 1,
        "format": {"kind": "rounds"}
    })
}

/// A published rehearsal lot of the seller that opens in one minute.
pub async fn rehearsal_lot(market: &Market, seller: &Party, number: &str, start: Money) -> Published {
    let opens = market.staff.now().await.unwrap() + chrono::TimeDelta::minutes(1);
    lot(market, seller, number, rehearsal(start, opens)).await
}

/// A published lot of one patent under an offer.
pub async fn lot(market: &Market, seller: &Party, number: &str, offer: Value) -> Published {
    let (achievement, assets) = register(seller, achievement(), &[patent_numbered(seller, number)]).await.unwrap();
    publish(seller, &market.staff, offer, &achievement, &assets).await.unwrap()
}

/// A lot open for bids now, with the bidders admitted.
pub async fn open_lot(market: &Market, seller: &Party, number: &str, start: Money, bidders: &[&Party]) -> Published {
    let published = rehearsal_lot(market, seller, number, start).await;
    for bidder in bidders {
        admit(bidder, &market.staff, &published.lot).await.unwrap();
    }
    market.pass(2).await;
    published
}
