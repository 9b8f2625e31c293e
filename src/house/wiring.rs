//! Which room answers to which timer and which event.

use entity::platform::{event, timer};
use serde_json::Value;

use super::Tx;
use crate::platform::problem::{Code, Problem};
use crate::{
    admissions, auctions, data_rooms, deals, identity, imports, integrity, ledger, listings, lot_sessions, negotiations, notices,
    notifications, objections, open_implementation, open_licences, privacy, recordals, rights_grants,
};

/// A timer has come due.
pub async fn fire(tx: &Tx, timer: &timer::Model) -> Result<(), Problem> {
    let subject = timer.subject_id;
    match timer.kind.as_str() {
        auctions::flows::OPEN => auctions::flows::on_open(tx, subject).await,
        auctions::flows::CLOSE => auctions::flows::on_close(tx, subject).await,
        auctions::flows::OFFER_END => auctions::flows::on_offer_end(tx, subject).await,
        "listings.registration_close" => Box::pin(listings::flows::on_registration_close(tx, subject)).await,
        "listings.status_warning" => listings::flows::on_status_warning(tx, subject).await,
        "deals.confirm_by" => deals::flows::on_confirm_by(tx, subject).await,
        "deals.opening" => deals::flows::on_opening(tx, subject).await,
        "negotiations.opening" => negotiations::flows::on_opening(tx, subject).await,
        objections::flows::REVIEW_END => objections::flows::on_review_end(tx, subject).await,
        recordals::flows::DEADLINE => recordals::flows::on_deadline(tx, subject).await,
        recordals::flows::REPLY_BY => recordals::flows::on_reply_by(tx, subject).await,
        "notices.end" => notices::flows::on_end(tx, subject).await,
        imports::flows::FORGET => imports::flows::on_forget(tx, subject).await,
        imports::flows::RUN => imports::flows::on_run(tx, subject, timer.attempts).await,
        identity::flows::device_letters::LETTER => identity::flows::device_letters::on_letter(tx, subject).await,
        identity::flows::passwords::RESET_LETTER => identity::flows::passwords::on_reset_letter(tx, subject).await,
        identity::flows::registrations::LETTER => identity::flows::registrations::on_letter(tx, subject).await,
        privacy::flows::FORGET => privacy::flows::on_forget(tx, subject).await,
        open_licences::flows::EXPIRE => open_licences::flows::on_expire(tx, subject).await,
        open_licences::flows::take::PAY_BY => open_licences::flows::take::on_pay_by(tx, subject).await,
        open_implementation::flows::REMIND => open_implementation::flows::on_remind(tx, subject).await,
        "ledger.refund_due" => ledger::flows::on_refund_due(tx, subject).await,
        kind => {
            tracing::error!(kind, "nobody answers to this timer");
            Err(Code::Internal.into())
        }
    }
}

/// Something happened; the rooms that must follow do so. Tells whether there was one.
pub async fn hear(tx: &Tx, event: &event::Model) -> Result<bool, Problem> {
    let body: Value = serde_json::from_str(&event.body).map_err(|error| {
        tracing::error!(%error, event = %event.id, "an event cannot be read");
        Problem::from(Code::Internal)
    })?;
    match event.kind.as_str() {
        "membership.suspended" | "membership.removed" => notifications::flows::hear_member_left(tx, &body).await?,
        "account.suspended" => notifications::flows::hear_account(tx, &body, "creator_suspended").await?,
        "account.recovered" => notifications::flows::hear_account(tx, &body, "creator_recovered").await?,
        // Of all that are read, those alone whose patent will be on the list.
        "asset.status_recorded" => return open_implementation::flows::hear_status(tx, &body).await,
        "organisation.screened" => admissions::flows::hear_screened(tx, &body).await?,
        "lot.opened" => listings::flows::hear_lot_opened(tx, &body).await?,
        "lot.resumed" => listings::flows::hear_lot_moved(tx, &body).await?,
        "lot.postponed" => {
            Box::pin(lot_sessions::flows::hear_lot_gives_way(tx, &body)).await?;
            listings::flows::hear_lot_moved(tx, &body).await?;
        }
        "lot.closed" | "lot.aborted" => {
            Box::pin(lot_sessions::flows::hear_lot_gives_way(tx, &body)).await?;
            listings::flows::hear_lot_closed(tx, &body).await?;
            integrity::flows::hear_lot_closed(tx, &body).await?;
        }
        kind @ ("admission.suspended" | "admission.reinstated") => auctions::flows::hear_admission(tx, kind, &body).await?,
        "lot.not_taken" => listings::flows::hear_deal_lapsed(tx, &body).await?,
        "objection.accepted" => listings::flows::hear_objection(tx, &body).await?,
        "notice.restored" | "notice.put_off" | "notice.corrected" => listings::flows::hear_notice_moved(tx, &body).await?,
        "notice.ended" => objections::flows::hear_notice(tx, &body).await?,
        "objection.closed" => {
            deals::flows::hear_objection(tx, &body).await?;
            objections::flows::hear_notice(tx, &body).await?;
        }
        "objection.settled" => {
            deals::flows::hear_objection(tx, &body).await?;
            Box::pin(listings::flows::hear_objection_settled(tx, &body)).await?;
            negotiations::flows::hear_objection(tx, &body).await?;
            rights_grants::flows::hear_objection(tx, &body).await?;
            open_licences::flows::hear_objection(tx, &body).await?;
            objections::flows::hear_notice(tx, &body).await?;
        }
        "listing.sold" | "listing.failed" | "listing.terminated" | "listing.rejected" => {
            data_rooms::flows::hear_listing_over(tx, &body).await?;
        }
        "negotiation.result_published" => data_rooms::flows::hear_negotiation_over(tx, &body).await?,
        "negotiation.ended" => {
            data_rooms::flows::hear_negotiation_over(tx, &body).await?;
            Box::pin(recordals::flows::hear_negotiation_ended(tx, &body)).await?;
        }
        "deal.opened" => integrity::flows::hear_deal_opened(tx, &body).await?,
        "deal.confirmed" => {
            admissions::flows::hear_deal(tx, &body, false).await?;
            Box::pin(recordals::flows::hear_deal_confirmed(tx, &body)).await?;
        }
        "negotiation.confirmed" => Box::pin(recordals::flows::hear_negotiation_confirmed(tx, &body)).await?,
        "licence.entered" => recordals::flows::hear_licence(tx, &body).await?,
        "deal.defaulted" => {
            // While the lot is offered to the runner-up its listing is still sold.
            let next_asked = auctions::flows::offer_to_next(tx, &body).await?;
            admissions::flows::hear_deal(tx, &body, next_asked).await?;
            if !next_asked {
                listings::flows::hear_deal_lapsed(tx, &body).await?;
            }
        }
        "deal.rescinded" => {
            admissions::flows::hear_deal(tx, &body, false).await?;
            listings::flows::hear_deal_lapsed(tx, &body).await?;
            Box::pin(recordals::flows::hear_deal_rescinded(tx, &body)).await?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}
