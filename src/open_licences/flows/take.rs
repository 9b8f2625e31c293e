//! Taking an open licence, and what becomes of that. Locks are taken in the order declaration, what was taken of it, right.

use entity::ids::{LicenceGrantId, OpenLicenceAcceptanceId, OpenLicenceId, OrganisationId};
use entity::open_licences::{open_licence, open_licence_acceptance};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::achievements;
use crate::documents::flows::usable_within;
use crate::house::{Done, House, Tx};
use crate::identity;
use crate::identity::flows::organisations::verified_within;
use crate::licences;
use crate::licences::flows::Granted;
use crate::licences::rules::grant::{Source, stands};
use crate::open_licences::events::AcceptanceEvent;
use crate::open_licences::http::taken::{
    ConfirmOpenLicencePayment, OPERATIONS, ReadOpenLicenceAcceptance, RecordOpenLicenceRecordal, RefuteOpenLicencePayment, TakeOpenLicence,
};
use crate::open_licences::rules::acceptance::{self, NewAcceptance, NewPayment, NewRecordal, Payment};
use crate::open_licences::rules::taken::{self, Deed, Paid, Sent};
use crate::open_licences::rules::terms::{entered_well, fee_of};
use crate::open_licences::store;
use crate::open_licences::store::taken::Wanted;
use crate::open_licences::views::taken::{OpenLicenceAcceptanceDetail, OpenLicenceAcceptanceView};
use crate::platform::access::{self, Actor, Caller, Context, Permission, Permit};
use crate::platform::db;
use crate::platform::http::{Page, PageQuery};
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{deadline, shanghai_date};

/// Timer: a notice is to be paid by now.
pub const PAY_BY: &str = "open_licences.pay_by";
/// The rule by which it is.
const PAYMENT: &str = "open_licence_payment";

/// Why a notice lapses that was not paid.
const UNPAID: &str = "未在期限内支付许可使用费 It was not paid in time";
/// Why one lapses whose licence is over.
const OVER: &str = "所取得的许可已终止或者期限届满 The licence that was had is over";

/// Takes an open licence for the caller's organisation.
pub async fn take(
    house: &House,
    by: &Context,
    permit: Permit<TakeOpenLicence>,
    id: OpenLicenceId,
    new: NewAcceptance,
) -> Result<Done<open_licence_acceptance::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(take_within(&tx, &permit, id, new)).await }).await
}

async fn take_within(
    tx: &Tx,
    permit: &Permit<TakeOpenLicence>,
    id: OpenLicenceId,
    new: NewAcceptance,
) -> Result<open_licence_acceptance::Model, Problem> {
    // What nobody was told of nobody takes.
    let declared = store::hold(tx.conn(), id).await?.filter(|row| row.notice_id.is_some()).ok_or(Code::NotFound)?;
    permit.over(&declared)?;
    let taker = verified_within(tx, tx.by.seat()?.organisation).await?;
    let earlier = earlier(tx, id, taker.id).await?;
    // Who has the licence has it, whatever became of the declaration since.
    if let Some(held) = earlier.as_ref().filter(|held| held.licence_grant_id.is_some()) {
        tx.nothing_changed();
        return Ok(held.clone());
    }
    let today = shanghai_date(tx.now);
    acceptance::may_take(&declared, taker.id, today)?;
    let fee = fee_of(&declared)?;
    acceptance::by_the_standard(&fee, &new, today)?;
    let paid = match new.payment {
        Some(payment) => Some(paid_within(tx, id, payment, taker.id).await?),
        None => None,
    };
    let is_paid = paid.is_some() || acceptance::due_at_once(&fee).is_none();
    match earlier {
        Some(held) if !is_paid => {
            tx.nothing_changed();
            Ok(held)
        }
        Some(held) => {
            let licence = license(tx, &declared, (taker.id, &taker.name)).await?;
            let next = taken::licensed(&held, licence, paid, tx.now);
            record(tx, &held, &next).await?;
            Ok(next)
        }
        None => {
            let row = taken::sent(&Sent {
                id: tx.id(),
                declared: &declared,
                by: (taker.id, tx.by.actor()?.person),
                undertakes_royalty: new.undertakes_royalty,
                pay_by: pay_by(tx)?,
                at: tx.now,
            });
            let row = if is_paid {
                let licence = license(tx, &declared, (taker.id, &taker.name)).await?;
                open_licence_acceptance::Model { version: row.version, ..taken::licensed(&row, licence, paid, tx.now) }
            } else {
                tx.arm(PAY_BY, row.id, row.pay_by);
                row
            };
            db::insert(tx.conn(), row.clone()).await?;
            tx.created("open_licence_acceptance", row.id, &row);
            tx.publish(&AcceptanceEvent::of(&row))?;
            Ok(row)
        }
    }
}

/// What somebody took of it before, held. What is over lapses, so that he may take it anew.
async fn earlier(tx: &Tx, id: OpenLicenceId, taker: OrganisationId) -> Result<Option<open_licence_acceptance::Model>, Problem> {
    let Some(held) = store::taken::hold_of(tx.conn(), id, taker).await? else { return Ok(None) };
    let Some(licence) = held.licence_grant_id else { return Ok(Some(held)) };
    let today = shanghai_date(tx.now);
    if licences::store::find(tx.conn(), licence).await?.is_some_and(|row| stands(&row, today)) {
        return Ok(Some(held));
    }
    record(tx, &held, &taken::lapsed(&held, OVER, tx.now)).await?;
    Ok(None)
}

/// Until when a notice of now is to be paid.
fn pay_by(tx: &Tx) -> Result<entity::Timestamp, Problem> {
    let edition = tx.house.rulebook.current();
    let span = edition.rulebook.span(PAYMENT, None, shanghai_date(tx.now)).map_err(|_| Code::Internal)?;
    Ok(deadline(tx.now, span, &edition.calendar).ends_at)
}

/// What was paid, as it is kept. Nobody has a licence by what another paid.
async fn paid_within(tx: &Tx, id: OpenLicenceId, new: NewPayment, taker: OrganisationId) -> Result<Paid, Problem> {
    if store::taken::is_paid_with(tx.conn(), id, &new.reference).await? {
        let (zh, en) = ("该笔付款已用于另一许可", "another licence was had by this payment");
        return Err(Code::Invalid.at("/payment/reference", "used", zh, en));
    }
    let document = usable_within(tx, new.document_id, taker).await?;
    let payment = Payment { amount: new.amount, reference: new.reference, paid_on: new.paid_on, document };
    let kept = serde_json::to_value(&payment).map_err(|_| Code::Internal)?;
    Ok((kept, payment.reference))
}

/// Enters the licence in the register.
async fn license(tx: &Tx, declared: &open_licence::Model, (taker, name): (OrganisationId, &str)) -> Result<LicenceGrantId, Problem> {
    let asset = achievements::store::hold_asset(tx.conn(), declared.asset_id).await?.ok_or(Code::Internal)?;
    acceptance::still_stands(&achievements::store::facts_of(tx.conn(), asset).await?)?;
    let assets = [declared.asset_id];
    let source = Source::OpenLicence(declared.id);
    let granted = Granted { source, licensor: declared.organisation_id, grantee: (Some(taker), name), assets: &assets };
    Ok(licences::flows::taken(tx, granted, acceptance::term(declared, shanghai_date(tx.now))).await?.id)
}

/// The patentee says that the money came.
pub async fn confirm(
    house: &House,
    by: &Context,
    permit: Permit<ConfirmOpenLicencePayment>,
    id: OpenLicenceAcceptanceId,
) -> Result<Done<open_licence_acceptance::Model>, Problem> {
    house.write(by, (permit, id), |tx, (permit, id)| async move { Box::pin(confirm_within(&tx, &permit, id)).await }).await
}

async fn confirm_within(
    tx: &Tx,
    permit: &Permit<ConfirmOpenLicencePayment>,
    id: OpenLicenceAcceptanceId,
) -> Result<open_licence_acceptance::Model, Problem> {
    let (declared, held) = held(tx, permit, id).await?;
    taken::require(&held, Deed::Confirm)?;
    let received = taken::received(&held, tx.by.actor()?.person, tx.now);
    let next = if held.licence_grant_id.is_some() {
        received
    } else {
        acceptance::may_take(&declared, held.organisation_id, shanghai_date(tx.now))?;
        let taker = identity::store::organisation(tx.conn(), held.organisation_id).await?.ok_or(Code::Internal)?;
        let licence = license(tx, &declared, (taker.id, &taker.name)).await?;
        open_licence_acceptance::Model { version: received.version, ..taken::licensed(&received, licence, None, tx.now) }
    };
    record(tx, &held, &next).await?;
    Ok(next)
}

/// Enters that the patent office put the licence on record.
pub async fn record_recordal(
    house: &House,
    by: &Context,
    permit: Permit<RecordOpenLicenceRecordal>,
    id: OpenLicenceAcceptanceId,
    new: NewRecordal,
) -> Result<Done<open_licence_acceptance::Model>, Problem> {
    house
        .write(by, (permit, id, new), |tx, (permit, id, new)| async move {
            let (_, held) = held(&tx, &permit, id).await?;
            taken::require(&held, Deed::Record)?;
            entered_well(("/number", &new.number), ("/recorded_on", new.recorded_on), shanghai_date(tx.now))?;
            let next = taken::recorded(&held, new)?;
            record(&tx, &held, &next).await?;
            Ok(next)
        })
        .await
}

/// An officer finds that what was shown was not paid: the licence ends.
pub async fn refute(
    house: &House,
    by: &Context,
    permit: Permit<RefuteOpenLicencePayment>,
    id: OpenLicenceAcceptanceId,
    reason: String,
) -> Result<Done<open_licence_acceptance::Model>, Problem> {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move { Box::pin(refute_within(&tx, &permit, id, &reason)).await })
        .await
}

async fn refute_within(
    tx: &Tx,
    permit: &Permit<RefuteOpenLicencePayment>,
    id: OpenLicenceAcceptanceId,
    reason: &str,
) -> Result<open_licence_acceptance::Model, Problem> {
    let (_, held) = held(tx, permit, id).await?;
    let places = places_of(tx.conn(), tx.by.actor()?).await?;
    let next = taken::refuted(&held, &places, reason, tx.now)?;
    record(tx, &held, &next).await?;
    if let Some(licence) = held.licence_grant_id {
        licences::flows::ended(tx, licence, reason).await?;
    }
    Ok(next)
}

/// The timer [`PAY_BY`]: what was not paid lapses.
pub async fn on_pay_by(tx: &Tx, subject: Uuid) -> Result<(), Problem> {
    let Some(held) = store::taken::hold(tx.conn(), subject.into()).await? else { return Ok(()) };
    if !taken::is_late(&held, tx.now) {
        return Ok(());
    }
    record(tx, &held, &taken::lapsed(&held, UNPAID, tx.now)).await
}

/// Lets every notice lapse that was not paid before what it takes came to its end.
pub(super) async fn lapse_unpaid(tx: &Tx, id: OpenLicenceId, reason: &str) -> Result<(), Problem> {
    for held in store::taken::hold_unpaid(tx.conn(), id).await? {
        record(tx, &held, &taken::lapsed(&held, reason, tx.now)).await?;
    }
    Ok(())
}

/// A page of what was taken.
pub async fn list(house: &House, wanted: &Wanted, page: &PageQuery) -> Result<Page<OpenLicenceAcceptanceView>, Problem> {
    let rows = store::taken::list(house.db.read(), wanted, page).await?;
    let mut told = Vec::with_capacity(rows.len());
    for row in rows {
        told.push((row.created_at, Uuid::from(row.id), OpenLicenceAcceptanceView::of(&row)?));
    }
    page.page(told, |(at, id, _)| (*at, *id), |(.., view)| view)
}

/// Reads one, with what the caller may do.
pub async fn read(
    house: &House,
    by: &Context,
    permit: &Permit<ReadOpenLicenceAcceptance>,
    id: OpenLicenceAcceptanceId,
) -> Result<OpenLicenceAcceptanceDetail, Problem> {
    let found = store::taken::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    told(house, by, &found).await
}

/// One as a party or an officer is told of it.
pub async fn told(house: &House, by: &Context, row: &open_licence_acceptance::Model) -> Result<OpenLicenceAcceptanceDetail, Problem> {
    let mut open = taken::allowed(row);
    if let Caller::Person(actor) = &by.caller {
        // It is not for the patentee to pay himself, nor for an officer of either side to judge.
        let pays = actor.organisation() == Some(row.organisation_id);
        let judges = actor.staff.is_some() && taken::may_refute(row, &places_of(house.db.read(), actor).await?).is_ok();
        open.retain(|deed| (pays || *deed != Deed::Pay.operation()) && (judges || *deed != Deed::Refute.operation()));
    }
    let allowed_deeds = access::allowed(OPERATIONS, &by.caller, row, &open);
    Ok(OpenLicenceAcceptanceDetail { acceptance: OpenLicenceAcceptanceView::of(row)?, allowed_deeds })
}

/// The organisations somebody has a place with, be it a suspended one.
async fn places_of(db: &impl ConnectionTrait, actor: &Actor) -> Result<Vec<OrganisationId>, Problem> {
    Ok(identity::store::ties(db, actor.person).await?.into_iter().map(|tie| tie.organisation_id).collect())
}

/// What was taken with its declaration, both held, if the caller may do this to it and saw it as it stands.
async fn held<P: Permission>(
    tx: &Tx,
    permit: &Permit<P>,
    id: OpenLicenceAcceptanceId,
) -> Result<(open_licence::Model, open_licence_acceptance::Model), Problem> {
    let found = store::taken::find(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    let declared = store::hold(tx.conn(), found.open_licence_id).await?.ok_or(Code::Internal)?;
    let held = store::taken::hold(tx.conn(), id).await?.ok_or(Code::Internal)?;
    permit.over(&held)?;
    tx.by.expects(held.version)?;
    Ok((declared, held))
}

/// Records a step; both sides hear of it.
async fn record(tx: &Tx, held: &open_licence_acceptance::Model, next: &open_licence_acceptance::Model) -> Result<(), Problem> {
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("open_licence_acceptance", next.id, Some(held), Some(next));
    if next.state == held.state { Ok(()) } else { tx.publish(&AcceptanceEvent::of(next)) }
}
