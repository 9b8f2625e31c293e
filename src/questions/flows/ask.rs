//! Asking.

use entity::ids::{ListingId, QuestionId};
use entity::questions::question;

use super::{answer_due_at, places_of, words_of};
use crate::house::{Done, House, Tx};
use crate::listings;
use crate::objections;
use crate::platform::access::Context;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};
use crate::questions::events::QuestionEvent;
use crate::questions::rules::{self, Asker};
use crate::questions::store;
use crate::rulebook::rules::shanghai_date;

/// Asks about a public listing.
pub async fn ask(house: &House, by: &Context, listing: ListingId, question: String) -> Result<Done<question::Model>, Problem> {
    house.write(by, (listing, question), |tx, (listing, question)| async move { ask_within(&tx, listing, &question).await }).await
}

async fn ask_within(tx: &Tx, listing: ListingId, text: &str) -> Result<question::Model, Problem> {
    let actor = tx.by.actor()?.clone();
    let open = store::count_open(tx.conn(), actor.person, listing).await?;
    // Whoever ends it meanwhile comes before or after this.
    objections::store::touch_listing(tx.conn(), listing).await?;
    let about = listings::store::find(tx.conn(), listing).await?.filter(|about| about.published_at.is_some()).ok_or(Code::NotFound)?;
    let places = places_of(tx.conn(), actor.person).await?;
    let most = tx.house.rulebook.current().rulebook.count("questions_open_at_once", None, shanghai_date(tx.now));
    let most = most.map_err(|_| Code::Internal)?;
    let asker = Asker { person: actor.person, organisation: actor.organisation(), places: &places, open, most };
    rules::may_ask(&about, &asker, tx.now)?;
    rules::asked_well(text)?;
    let id: QuestionId = tx.id();
    let words = tx.sealed(words_of(id), text).await?;
    let row = rules::asked(&about, id, &asker, words, answer_due_at(tx, about.auction_opens_at)?, tx.now)?;
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("question", id, &row);
    tx.publish(&QuestionEvent::asked(&row))?;
    Ok(row)
}
