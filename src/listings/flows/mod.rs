//! What happens to listings: one file for each verb.

mod amend;
mod amendments;
mod announce;
mod announce_anew;
mod approve;
mod auction_notice;
mod close_registration;
mod contact;
mod create;
mod draw;
mod follow;
mod gates;
mod look;
mod publish;
mod put_off;
mod read;
mod replace;
mod reserve;
mod review;
mod submit;
mod terminate;
mod timeline;
mod warn;

use entity::ids::{OrganisationId, PersonId};
use entity::listings::{ListingState, listing};
use sea_orm::ConnectionTrait;

pub use amend::{propose_amendment, refuse_amendment};
pub use amendments::{amendment_told, list_amendments, read_amendment};
pub use announce_anew::publish_amendment;
pub use approve::approve;
pub use close_registration::on_registration_close;
pub use contact::{contact_of, told, written};
pub use create::{Draft, create, drafted_within, standing_within, write_within};
pub use follow::{hear_deal_lapsed, hear_lot_closed, hear_lot_moved, hear_lot_opened, hear_objection};
pub use gates::{acknowledge, declare, read_gates};
pub use publish::publish;
pub use put_off::hear_notice_moved;
pub use read::{Whose, list, read};
pub use replace::replace;
pub use review::{reject, send_back, take};
pub use submit::submit;
pub use terminate::{hear_objection_settled, terminate};
pub use timeline::timeline;
pub use warn::on_status_warning;

use super::events::ListingMoved;
use super::rules::machine::{self, Officer};
use super::store;
use crate::house::Tx;
use crate::identity;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// Timer: registration closes.
pub const REGISTRATION_CLOSE: &str = "listings.registration_close";
/// Timer: time to warn the seller of legal statuses that will be stale when bidding opens.
pub const STATUS_WARNING: &str = "listings.status_warning";

/// Who sells, and for which organisation. An organisation nobody has verified offers nothing.
fn seller(tx: &Tx) -> Result<(PersonId, OrganisationId), Problem> {
    let actor = tx.by.actor()?;
    let seat = tx.by.seat()?;
    if !seat.verified {
        return Err(Code::OrganisationNotVerified.into());
    }
    Ok((actor.person, seat.organisation))
}

/// The officer who calls, with what binds him to the seller.
async fn officer(tx: &Tx, held: &listing::Model) -> Result<Officer, Problem> {
    bound(tx.conn(), tx.by.actor()?.person, held).await
}

/// A person, with what binds him to the seller.
async fn bound(db: &impl ConnectionTrait, person: PersonId, held: &listing::Model) -> Result<Officer, Problem> {
    let ties = identity::store::ties(db, person).await?;
    Ok(Officer { person, sits_with_seller: ties.iter().any(|tie| tie.organisation_id == held.organisation_id) })
}

/// Records a step of the procedure: the row, its assets let go where the offer is over or back with
/// its author, the audit, the event.
async fn record(tx: &Tx, held: &listing::Model, next: &listing::Model) -> Result<(), Problem> {
    db::update(tx.conn(), next.clone()).await?;
    if machine::lets_go(next.state) {
        store::set_held(tx.conn(), next.id, false).await?;
    }
    tx.changed("listing", next.id, Some(held), Some(next));
    if matches!(next.state, ListingState::Bidding | ListingState::Failed) {
        auction_notice::end(tx, next).await?;
    }
    tx.publish(&ListingMoved::from(next))
}
