//! Reading negotiations: their parties and officers do.

use entity::ids::NegotiationId;
use entity::negotiations::negotiation;
use uuid::Uuid;

use super::conclude::awaited;
use super::publish::second;
use super::{hand, look};
use crate::house::House;
use crate::negotiations::http::{OPERATIONS, ReadNegotiation};
use crate::negotiations::rules::machine;
use crate::negotiations::store::{self, Wanted};
use crate::negotiations::views::{NegotiationDetail, NegotiationView, OfferView};
use crate::platform::access::{self, Caller, Context, Permit};
use crate::platform::http::{Page, PageQuery};
use crate::platform::keys::hex;
use crate::platform::problem::{Code, Problem};

/// Lists negotiations: officers see all, everybody else those his organisation is a party to.
pub async fn list(house: &House, by: &Context, wanted: Wanted, page: &PageQuery) -> Result<Page<NegotiationView>, Problem> {
    let is_officer = matches!(&by.caller, Caller::Person(actor) if actor.staff.is_some());
    let party = if is_officer { None } else { Some(by.seat()?.organisation) };
    let rows = store::list(house.db.read(), &Wanted { party, ..wanted }, page).await?;
    let mut told = Vec::with_capacity(rows.len());
    for row in rows {
        told.push((row.created_at, Uuid::from(row.id), NegotiationView::of(&row)?));
    }
    page.page(told, |(at, id, _)| (*at, *id), |(.., view)| view)
}

/// Reads one, with its offers and what the caller may do.
pub async fn read(house: &House, by: &Context, permit: &Permit<ReadNegotiation>, id: NegotiationId) -> Result<NegotiationDetail, Problem> {
    let found = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    told(house, by, &found).await
}

/// One as the caller is told of it.
pub async fn told(house: &House, by: &Context, row: &negotiation::Model) -> Result<NegotiationDetail, Problem> {
    let (db, now) = (house.db.read(), house.world.now());
    let offers = store::offers(db, row.id).await?;
    let last = offers.last().ok_or(Code::Internal)?;
    let waits_for = awaited(house, db, row, now).await?;
    let open = match &by.caller {
        Caller::Person(actor) => {
            let rules = look::followed(house, row, now)?;
            let hand = hand(db, actor, row).await?;
            let standing = machine::Standing { last, offers: &offers, awaits: !waits_for.is_empty(), by_second: second(&rules)? };
            machine::open_to(row, &standing, &hand, now)
        }
        Caller::Stranger | Caller::System => Vec::new(),
    };
    let awaits_publication = machine::Deed::Publish.is_allowed_in(row.state);
    Ok(NegotiationDetail {
        negotiation: NegotiationView::of(row)?,
        asset_ids: store::assets(db, row.id).await?,
        offers: OfferView::all(&offers, row.agreed_offer, now)?,
        drafted_text: row.drafted.clone().filter(|_| awaits_publication),
        drafted_sha256: row.drafted_sha256.as_deref().map(hex).filter(|_| awaits_publication),
        waits_for,
        allowed_deeds: access::allowed(OPERATIONS, &by.caller, row, &open),
    })
}
