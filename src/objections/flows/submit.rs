//! Handing an objection in.

use entity::ids::{NoticeId, ObjectionId};
use entity::objections::objection;

use super::{due, words_of};
use crate::documents::flows::{hand_in_within, usable_within};
use crate::documents::views::DocumentRef;
use crate::house::{Done, House, Tx};
use crate::identity;
use crate::identity::rules::address_proved;
use crate::notices;
use crate::notices::rules::Matter;
use crate::objections::events::ObjectionEvent;
use crate::objections::rules::{self, Words};
use crate::objections::store;
use crate::objections::views::NewObjection;
use crate::platform::access::{Actor, Context};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// Objects to a public notice.
pub async fn submit(house: &House, by: &Context, notice: NoticeId, new: NewObjection) -> Result<Done<objection::Model>, Problem> {
    house.write(by, (notice, new), |tx, (notice, new)| async move { submit_within(&tx, notice, new).await }).await
}

async fn submit_within(tx: &Tx, notice: NoticeId, new: NewObjection) -> Result<objection::Model, Problem> {
    // What it is about before its notice, as whoever ends it holds them.
    let known = notices::store::find(tx.conn(), notice).await?.ok_or(Code::NotFound)?;
    store::touch(tx.conn(), Matter::of(&known)?).await?;
    if let Some(deal) = known.deal_id {
        store::touch_deal(tx.conn(), deal).await?;
    }
    // Held, so that of two at once the second finds the first.
    let notice = notices::store::hold(tx.conn(), notice).await?.filter(|notice| notice.published_at.is_some()).ok_or(Code::NotFound)?;
    let actor = tx.by.actor()?.clone();
    // A name counts if who gives it can be reached under it.
    let person = identity::store::person(tx.conn(), actor.person).await?.ok_or(Code::Internal)?;
    address_proved(&person, tx.house.mailer.is_some())?;
    let ends_at = notices::flows::ends_at(&tx.house, tx.conn(), &notice, tx.now).await?;
    rules::may_object(&notice, ends_at, tx.now)?;
    let known = store::of_objector(tx.conn(), notice.id, notice.current_version, actor.person).await?;
    rules::objects_once(known.as_ref(), &notice, tx.now)?;
    rules::few_documents(&new.evidence)?;
    let id: ObjectionId = tx.id();
    let words = Words { statement: new.statement.clone(), review_statement: None };
    let text = serde_json::to_string(&words).map_err(|_| Code::Internal)?;
    let made = rules::NewObjection {
        id,
        objector: actor.person,
        organisation: actor.organisation(),
        ground: new.ground,
        words: tx.sealed(words_of(id), &text).await?,
        evidence: evidence(tx, &actor, &new).await?,
        at: tx.now,
        due_at: due(tx, "objection_acceptance")?,
    };
    let row = rules::submitted(&notice, ends_at, &new.statement, made)?;
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("objection", id, &row);
    tx.publish(&ObjectionEvent::submitted(&row))?;
    Ok(row)
}

/// The documents that show it, as they are now; of whoever acts for no organisation his own, which who handles it reads from now on.
async fn evidence(tx: &Tx, by: &Actor, new: &NewObjection) -> Result<serde_json::Value, Problem> {
    let mut found: Vec<DocumentRef> = Vec::with_capacity(new.evidence.len());
    for id in &new.evidence {
        found.push(match by.organisation() {
            Some(organisation) => usable_within(tx, *id, organisation).await?,
            None => hand_in_within(tx, *id, by.person).await?,
        });
    }
    serde_json::to_value(found).map_err(|_| Code::Internal.into())
}
