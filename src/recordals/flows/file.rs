//! Handing in, and mending what the registry wants mended.

use entity::ids::RecordalId;
use entity::recordals::{RecordalState, recordal};

use super::{REPLY_BY, held, papers_of, record};
use crate::documents::flows::kept_within;
use crate::encumbrances::rules::{Intended, pledged, verdicts};
use crate::gates::flows::may_settle_within;
use crate::house::{Done, House, Tx};
use crate::platform::access::{Context, Permit};
use crate::platform::problem::{Code, Problem};
use crate::recordals::http::{RecordRecordalDefect, ResubmitRecordal, SubmitRecordal};
use crate::recordals::rules::machine::{self, Deed};
use crate::recordals::rules::precheck::{self, Case};
use crate::recordals::rules::terms::{NewDefect, NewFiling, NewResubmission, declared};
use crate::recordals::store;
use crate::rulebook::rules::{end_of, shanghai_date};
use crate::{achievements, deals, encumbrances, identity, licences};

/// Says that it was handed in, unless the registry would refuse it.
pub async fn submit(
    house: &House,
    by: &Context,
    permit: Permit<SubmitRecordal>,
    id: RecordalId,
    new: NewFiling,
) -> Result<Done<recordal::Model>, Problem> {
    house
        .write(by, (permit, id, new), |tx, (permit, id, new)| async move {
            let held = held(&tx, &permit, id).await?;
            machine::require(&held, Deed::Submit)?;
            new.said_well(&held, shanghai_date(tx.now))?;
            Box::pin(precheck(&tx, &held)).await?;
            let next = machine::submitted(&held, new)?;
            record(&tx, &held, &next).await?;
            Ok(next)
        })
        .await
}

/// Looks at everything for which the registry would refuse it.
async fn precheck(tx: &Tx, held: &recordal::Model) -> Result<(), Problem> {
    let ids = store::assets(tx.conn(), held.id).await?;
    let assets = achievements::store::share_named(tx.conn(), &ids).await?;
    let rights = achievements::store::facts(tx.conn(), assets).await?;
    let (licence, is_recorded) = match held.licence_grant_id {
        Some(id) => {
            let registered = store::of_licence(tx.conn(), id, &[RecordalState::Registered]).await?;
            (Some(licences::store::find(tx.conn(), id).await?.ok_or(Code::Internal)?), registered.is_some())
        }
        None => (None, false),
    };
    let sold_by = held.deal_id.or_else(|| licence.as_ref().and_then(|licence| licence.deal_id));
    if let Some(deal) = sold_by {
        let deal = deals::store::find(tx.conn(), deal).await?.ok_or(Code::Internal)?;
        // What goes abroad is registered once its export papers are there.
        may_settle_within(tx, deal.listing_id, deal.buyer_organisation_id).await?;
    }
    let holder = identity::store::organisation(tx.conn(), held.organisation_id).await?.ok_or(Code::Internal)?;
    let standing = encumbrances::store::standing(tx.conn(), &ids, tx.now).await?;
    let today = shanghai_date(tx.now);
    let intended = Intended { deed: precheck::deed_of(held.kind), abroad: false, by: &holder };
    precheck::passes(&Case {
        kind: held.kind,
        // Whose the licence is now, where its right has passed.
        holder: licence.as_ref().map_or(held.organisation_id, |licence| licence.licensor_id),
        rights: &rights,
        licence: licence.as_ref(),
        secured_until: held.secured_until,
        is_recorded,
        pledged: &pledged(&standing, today),
        entered: &verdicts(&standing, &intended, today),
        declared: declared(held)?,
        pledgee_agrees: held.pledgee_consent_document.is_some(),
        is_acceptance_shown: held.acceptance_document.is_some(),
        today,
    })
}

/// Says what the registry wants mended, by when.
pub async fn record_defect(
    house: &House,
    by: &Context,
    permit: Permit<RecordRecordalDefect>,
    id: RecordalId,
    new: NewDefect,
) -> Result<Done<recordal::Model>, Problem> {
    house
        .write(by, (permit, id, new), |tx, (permit, id, new)| async move {
            let held = held(&tx, &permit, id).await?;
            machine::require(&held, Deed::RecordDefect)?;
            new.said_well(shanghai_date(tx.now))?;
            let document = kept_within(&tx, new.document_id, papers_of(&tx, &held)?).await?;
            let until = end_of(new.reply_by);
            let next = machine::defective(&held, new, document)?;
            record(&tx, &held, &next).await?;
            tx.arm(REPLY_BY, id, until);
            Ok(next)
        })
        .await
}

/// Says that it was mended.
pub async fn resubmit(
    house: &House,
    by: &Context,
    permit: Permit<ResubmitRecordal>,
    id: RecordalId,
    new: NewResubmission,
) -> Result<Done<recordal::Model>, Problem> {
    house
        .write(by, (permit, id, new), |tx, (permit, id, new)| async move {
            let held = held(&tx, &permit, id).await?;
            machine::require(&held, Deed::Resubmit)?;
            new.said_well(&held, shanghai_date(tx.now))?;
            let next = machine::resubmitted(&held, &new)?;
            record(&tx, &held, &next).await?;
            Ok(next)
        })
        .await
}
