//! What members choose to get by letter, and stopping it.

use entity::ids::{MailStopId, OrganisationId, PersonId};
use entity::notifications::{MailChoice, mail_preference};

use crate::house::{Done, House, Tx};
use crate::notifications::views::NewMailPreferences;
use crate::notifications::{rules, store};
use crate::platform::access::Context;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// What stands as long as somebody chose nothing.
pub(super) fn usual(house: &House, person: PersonId, organisation: OrganisationId) -> mail_preference::Model {
    mail_preference::Model {
        person_id: person,
        organisation_id: organisation,
        choice: MailChoice::Usual,
        kinds: None,
        stop_id: house.world.secret_id(),
        version: 1,
        changed_at: house.world.now(),
    }
}

fn whose(by: &Context) -> Result<(PersonId, OrganisationId), Problem> {
    Ok((by.actor()?.person, by.seat()?.organisation))
}

/// What the caller gets by letter of the news of the organisation he acts for.
pub async fn read_preferences(house: &House, by: &Context) -> Result<mail_preference::Model, Problem> {
    let (person, own) = whose(by)?;
    let standing = store::preference(house.db.read(), person, own).await?;
    Ok(standing.unwrap_or_else(|| usual(house, person, own)))
}

/// The caller chooses what he gets by letter of the news of the organisation he acts for.
pub async fn set_preferences(house: &House, by: &Context, new: NewMailPreferences) -> Result<Done<mail_preference::Model>, Problem> {
    rules::check_choice(new.choice, new.kinds.as_deref())?;
    let (person, own) = whose(by)?;
    house.write(by, (person, own, new), |tx, (person, own, new)| async move { set_within(&tx, person, own, new).await }).await
}

async fn set_within(tx: &Tx, person: PersonId, own: OrganisationId, new: NewMailPreferences) -> Result<mail_preference::Model, Problem> {
    db::insert_if_absent(tx.conn(), usual(&tx.house, person, own)).await?;
    let held = store::hold_preference(tx.conn(), person, own).await?.ok_or(Code::Internal)?;
    tx.by.expects(held.version)?;
    let next = rules::chosen(&held, new.choice, new.kinds, tx.now);
    record(tx, &held, next).await
}

async fn record(tx: &Tx, held: &mail_preference::Model, next: mail_preference::Model) -> Result<mail_preference::Model, Problem> {
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("mail_preference", next.person_id, Some(held), Some(&next));
    Ok(next)
}

/// Whether a stop address is somebody's.
pub async fn may_stop(house: &House, id: MailStopId) -> Result<(), Problem> {
    store::preference_to_stop(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    Ok(())
}

/// Whoever has the stop address of somebody's letters about an organisation stops them; there is nothing else he can do
/// with it. What waits is not sent any more.
pub async fn stop(house: &House, by: &Context, id: MailStopId) -> Result<(), Problem> {
    house.write(by, id, |tx, id| async move { stop_within(&tx, id).await }).await.map(|_| ())
}

async fn stop_within(tx: &Tx, id: MailStopId) -> Result<(), Problem> {
    let held = store::hold_preference_to_stop(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    if held.choice == MailChoice::Nothing {
        tx.nothing_changed();
        return Ok(());
    }
    let next = rules::chosen(&held, MailChoice::Nothing, None, tx.now);
    record(tx, &held, next).await.map(|_| ())
}
