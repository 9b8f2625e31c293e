//! Beginning a negotiation with a first offer.

use entity::identity::SellerClass;
use entity::ids::{NegotiationId, OrganisationId};
use entity::negotiations::{NegotiationSide, negotiation};

use super::look;
use crate::documents::flows::kept_if_named_within;
use crate::gates::flows::is_abroad;
use crate::house::{Done, House, Tx};
use crate::identity;
use crate::identity::flows::organisations::verified_within;
use crate::identity::rules::seller_class;
use crate::negotiations::events::NegotiationEvent;
use crate::negotiations::http::StartNegotiation;
use crate::negotiations::rules::machine::{Beginning, Said, begun, said_well};
use crate::negotiations::rules::{offers, pricing};
use crate::negotiations::store;
use crate::negotiations::views::NewNegotiation;
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Faults, Problem};

/// Begins a negotiation.
pub async fn start(
    house: &House,
    by: &Context,
    _: Permit<StartNegotiation>,
    new: NewNegotiation,
) -> Result<Done<negotiation::Model>, Problem> {
    house.write(by, new, |tx, new| async move { Box::pin(start_within(&tx, new)).await }).await
}

async fn start_within(tx: &Tx, new: NewNegotiation) -> Result<negotiation::Model, Problem> {
    well_formed(&new, tx.house.config.sandbox)?;
    let (person, organisation) = (tx.by.actor()?.person, tx.by.seat()?.organisation);
    let seller = verified_within(tx, organisation).await?;
    let class = if new.rehearsal { SellerClass::Rehearsal } else { seller_class(&seller) };
    let (edition, rules) = look::rules_of(tx, class);
    pricing::may_negotiate(&rules)?;
    buyer(tx, &new, organisation).await?;
    // Foreign parties buy what its seller opens to them and a reviewer screens, which is a listing.
    if is_abroad(tx, new.buyer_organisation_id).await? {
        return Err(Code::MechanismNotAllowed.with("mechanism", "negotiated_pricing").with("source", "TIER art. 31-32"));
    }
    let basis_document = kept_if_named_within(tx, new.basis_document_id, organisation).await?;
    pricing::valued(new.base_price_basis, basis_document.is_some(), &rules)?;
    let assets = look::offered(tx, &new).await?;

    let id: NegotiationId = tx.id();
    let row = begun(Beginning {
        id,
        seller: (organisation, class),
        buyer: new.buyer_organisation_id,
        achievement_id: new.achievement_id,
        rehearsal: new.rehearsal,
        title: new.title.clone(),
        title_en: new.title_en.clone(),
        summary: new.summary.clone(),
        summary_en: new.summary_en.clone(),
        base_price: new.base_price,
        base_price_basis: new.base_price_basis,
        basis_document,
        by: person,
        at: tx.now,
    });
    let first = offers::NewOffer {
        negotiation: id,
        number: 1,
        side: NegotiationSide::Seller,
        expires_at: offers::expiry(new.offer.expires_at, &look::validity(&rules, &edition)?, tx.now).map_err(|why| why.under("/offer"))?,
        terms: new.offer.terms.clone(),
        said: Said { relation: new.offer.relation.clone(), name_confidential: new.offer.name_confidential },
        by: person,
        at: tx.now,
    };
    said_well(NegotiationSide::Seller, &first.said).map_err(|why| why.under("/offer"))?;
    look::may_pass(tx, &row, &assets, &first.terms).await?;
    let first = offers::made(&first)?;
    db::insert(tx.conn(), row.clone()).await?;
    store::set_assets(tx.conn(), id, &new.asset_ids).await?;
    db::insert(tx.conn(), first.clone()).await?;
    tx.created("negotiation", id, &row);
    tx.created("negotiation_offer", id, &first);
    tx.publish(&NegotiationEvent::offered(&row))?;
    Ok(row)
}

fn well_formed(new: &NewNegotiation, is_sandbox: bool) -> Result<(), Problem> {
    if !new.secret_level_none {
        return Err(Code::DeclarationMissing.at(
            "/secret_level_none",
            "declaration_missing",
            "须声明不涉及国家秘密；涉密成果不得在本平台登记",
            "declare that nothing is a state secret; secret results are never put on this platform",
        ));
    }
    if new.rehearsal && !is_sandbox {
        return Err(Code::SandboxOnly.into());
    }
    Faults::new()
        .text("/title", &new.title, 200)
        .optional_text("/title_en", new.title_en.as_ref(), 300)
        .text("/summary", &new.summary, 5_000)
        .optional_text("/summary_en", new.summary_en.as_ref(), 5_000)
        .require(new.base_price.minor > 0, "/base_price/amount", "range", "须大于零", "must be more than nothing")
        .require(
            new.base_price.currency == new.offer.terms.price.currency,
            "/offer/terms/price/currency",
            "currency",
            "须与基准价格币种一致",
            "must be the currency of the base price",
        )
        .done()?;
    offers::terms_are_sound("/offer/terms", &new.offer.terms)
}

/// The buyer is an organisation that was verified, and not the seller.
async fn buyer(tx: &Tx, new: &NewNegotiation, seller: OrganisationId) -> Result<(), Problem> {
    let found = identity::store::organisation(tx.conn(), new.buyer_organisation_id).await?;
    if found.is_none() || new.buyer_organisation_id == seller {
        let (zh, en) = ("没有此机构，或为转让方本身", "no such organisation, or the seller itself");
        return Err(Code::Invalid.at("/buyer_organisation_id", "unknown", zh, en));
    }
    verified_within(tx, new.buyer_organisation_id).await.map(|_| ())
}
