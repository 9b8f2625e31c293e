//! Entering a licence: it is held against the register, and the database keeps apart what is for one alone.

use std::collections::BTreeSet;

use entity::identity::organisation;
use entity::ids::{AssetId, OrganisationId};
use entity::licences::{LicenceGrantState, licence_cross, licence_grant};
use entity::listings::TransferTerms;
use entity::open_licences::OpenLicenceState;
use serde_json::{Value, json};

use super::end::UNDER;
use super::{grantee_within, judged_within, record};
use crate::achievements;
use crate::achievements::rules::{being_granted, licensed_openly};
use crate::documents::flows::kept_within;
use crate::encumbrances;
use crate::encumbrances::rules::{Intended, allows, verdicts};
use crate::house::{Done, House, Tx};
use crate::identity::flows::organisations::verified_within;
use crate::licences::events::LicenceEvent;
use crate::licences::http::RecordLicence;
use crate::licences::rules::grant::{self, Made, NewLicence, Source};
use crate::licences::rules::scope::{Scope, offered};
use crate::licences::rules::{consent, cross, history, passing};
use crate::licences::store;
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// Enters a licence that the caller's organisation granted.
pub async fn enter(house: &House, by: &Context, _: Permit<RecordLicence>, new: NewLicence) -> Result<Done<licence_grant::Model>, Problem> {
    house.write(by, new, |tx, new| async move { Box::pin(enter_within(&tx, new)).await }).await
}

async fn enter_within(tx: &Tx, new: NewLicence) -> Result<licence_grant::Model, Problem> {
    let (person, licensor) = (tx.by.actor()?.person, tx.by.seat()?.organisation);
    let seller = verified_within(tx, licensor).await?;
    grant::said_well(&new)?;
    let scope = Scope::read("/scope", &new.scope)?;
    let assets = store::hold_assets(tx.conn(), &new.asset_ids).await?;
    let ids: BTreeSet<AssetId> = assets.iter().filter(|asset| asset.organisation_id == licensor).map(|asset| asset.id).collect();
    // Another's is as unknown to him as one that does not exist.
    if ids.len() != new.asset_ids.len() {
        return Err(Code::Invalid.at("/asset_ids", "unknown", "其中有的标的不存在", "not all of these rights exist"));
    }
    grant::within_terms(&new.scope, &assets)?;
    is_free(tx, &new, &scope).await?;
    may_grant(tx, &new, &seller).await?;
    given_for(tx, &new, licensor).await?;
    let grantee = grantee_within(tx, &new.grantee, licensor).await?;
    let replaced = judged_within(tx, &grant::proposed(&new, scope.clone()), &new.asset_ids).await?;
    let row = grant::entered(Made {
        id: tx.id(),
        by: (licensor, person),
        grantee,
        mode: new.mode,
        source: Source::Recorded(kept_within(tx, new.document_id, licensor).await?),
        ends_on: grant::ends_on(&new.scope, &assets),
        may_sublicense: new.may_sublicense,
        is_proxy: new.is_proxy,
        parent: None,
        beside: beside(tx, &new, licensor).await?,
        scope: new.scope,
        at: tx.now,
    })?;
    entered_within(tx, &row, (&scope, &new.asset_ids), &replaced).await?;
    if let Some(counterpart_id) = new.counterpart_id {
        db::insert(tx.conn(), licence_cross::Model { licence_grant_id: row.id, counterpart_id }).await?;
    }
    Ok(row)
}

/// Refuses what a burden stops, and what needs owners whose consent is not there.
async fn may_grant(tx: &Tx, new: &NewLicence, by: &organisation::Model) -> Result<(), Problem> {
    let Some(deed) = consent::deed_of(new.mode) else { return Ok(()) };
    let standing = encumbrances::store::standing(tx.conn(), &new.asset_ids, tx.now).await?;
    let found = verdicts(&standing, &Intended { deed, abroad: false, by }, shanghai_date(tx.now));
    let (burdens, owners): (Vec<_>, Vec<_>) = found.into_iter().partition(|finding| finding.burden.is_some());
    allows(&burdens, "/asset_ids", &[])?;
    consent::of_every_owner(owners.into_iter().flat_map(|finding| finding.missing), &new.co_owner_consents)
}

/// Refuses what is said to be given for a licence that its holder did not give. That is held, so that it is given for one alone.
async fn given_for(tx: &Tx, new: &NewLicence, licensor: OrganisationId) -> Result<(), Problem> {
    let Some(id) = new.counterpart_id else { return Ok(()) };
    let other = store::hold(tx.conn(), id).await?;
    let is_crossed = store::counterpart(tx.conn(), id).await?.is_some();
    cross::may_be_given_for(other.as_ref(), (licensor, &new.grantee), (is_crossed, shanghai_date(tx.now)))
}

/// Writes a licence that was judged, in the place of those that it replaces. What was under these is under it, where it allows that, or
/// ends with them.
pub(super) async fn entered_within(
    tx: &Tx,
    row: &licence_grant::Model,
    (scope, assets): (&Scope, &[AssetId]),
    replaced: &[licence_grant::Model],
) -> Result<(), Problem> {
    let mut standing = Vec::with_capacity(replaced.len());
    for earlier in replaced {
        // Whoever ended it meanwhile left nothing to replace.
        let held = store::hold(tx.conn(), earlier.id).await?.filter(|held| held.state == LicenceGrantState::Effective);
        standing.extend(held);
        store::give_up_claims(tx.conn(), earlier.id).await?;
    }
    store::enter(tx.conn(), row, assets, grant::claims(row, scope, assets)).await?;
    db::insert(tx.conn(), history::next((None, row), None, tx.now)).await?;
    tx.created("licence", row.id, row);
    tx.publish(&LicenceEvent::of(row, None))?;
    for earlier in &standing {
        for under in store::hold_under(tx.conn(), earlier.id).await? {
            let next = if row.may_sublicense { passing::moved(&under, row.id) } else { grant::terminated(&under, UNDER, None, tx.now) };
            record(tx, &under, &next).await?;
        }
        record(tx, earlier, &grant::superseded(earlier, row.id, tx.now)).await?;
    }
    Ok(())
}

/// Refuses a licence for one alone of what others have been promised a licence of: what is on offer holds its scope, and what is agreed on at a
/// negotiated price all of it.
async fn on_offer_to_several(tx: &Tx, new: &NewLicence, scope: &Scope) -> Result<(), Problem> {
    let today = shanghai_date(tx.now);
    for (listing, offer) in store::offered_to_several(tx.conn(), &new.asset_ids).await? {
        let terms: TransferTerms = serde_json::from_value(offer["terms"].clone()).map_err(|_| Code::Internal)?;
        if let TransferTerms::NonExclusiveLicence(terms) = terms
            && offered(&terms, today)?.meets(scope)
        {
            return Err(Code::AssetHeld.with("asset_ids", &new.asset_ids).with("listing_id", listing));
        }
    }
    match store::agreed_for_several(tx.conn(), &new.asset_ids).await? {
        Some(negotiation) => Err(Code::AssetHeld.with("asset_ids", &new.asset_ids).with("negotiation_id", negotiation)),
        None => Ok(()),
    }
}

/// Refuses a licence of what is on offer to one alone, and one that shuts others out of what is declared to all or is being granted to who
/// made it.
async fn is_free(tx: &Tx, new: &NewLicence, scope: &Scope) -> Result<(), Problem> {
    let held = achievements::store::held_alone(tx.conn(), (None, None), &new.asset_ids).await?;
    if !held.is_empty() {
        return Err(Code::AssetHeld.with("asset_ids", held));
    }
    if !new.mode.is_alone() {
        return Ok(());
    }
    on_offer_to_several(tx, new, scope).await?;
    being_granted(&achievements::store::held_by_grants(tx.conn(), &new.asset_ids).await?)?;
    licensed_openly(&achievements::store::declared_open(tx.conn(), &new.asset_ids, &OpenLicenceState::OPEN).await?)
}

/// Earlier licences beside it, and who agreed to it with their papers, as they are kept.
async fn beside(tx: &Tx, new: &NewLicence, licensor: OrganisationId) -> Result<[Value; 2], Problem> {
    let mut waivers = Vec::with_capacity(new.waivers.len());
    for waiver in &new.waivers {
        let document = kept_within(tx, waiver.document_id, licensor).await?;
        waivers.push(json!({"licence_id": waiver.licence_id, "document": document}));
    }
    for consent in &new.co_owner_consents {
        let document = kept_within(tx, consent.document_id, licensor).await?;
        waivers.push(json!({"owner": consent.owner, "document": document}));
    }
    Ok([json!(new.carve_outs), waivers.into()])
}
