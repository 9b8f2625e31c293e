//! Reading questions.

use entity::ids::{ListingId, QuestionId};
use entity::questions::{QuestionState, question};
use uuid::Uuid;

use super::{places_of, words};
use crate::house::House;
use crate::identity::{self, personal};
use crate::platform::access::{self, Caller, Context, Permit, Unpublished};
use crate::platform::http::{Page, PageQuery};
use crate::platform::problem::{Code, Problem};
use crate::questions::http::{OPERATIONS, ReadQuestion};
use crate::questions::rules::{self, Moderator};
use crate::questions::store::{self, Wanted};
use crate::questions::views::{QuestionAsker, QuestionView, Reader};

/// Reads a question, as far as the caller may know of it.
pub async fn read(house: &House, by: &Context, permit: &Permit<ReadQuestion>, id: QuestionId) -> Result<QuestionView, Problem> {
    let found = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    told(house, by, &found).await
}

/// A page of questions: those that everybody reads, or others, to officers, the seller and who asked them.
pub async fn list(house: &House, by: &Context, wanted: Wanted, page: &PageQuery) -> Result<Page<QuestionView>, Problem> {
    let rows = store::list(house.db.read(), &open_to(by, wanted), page).await?;
    let (mut opened, now) = (Vec::with_capacity(rows.len()), house.world.now());
    for row in rows {
        let question = words(house, &row)?;
        opened.push((row, question));
    }
    let place = |(row, _): &(question::Model, String)| (row.asked_at, Uuid::from(row.id));
    page.page(opened, place, |(row, question)| QuestionView::of(&row, question, reader(by, &row), now))
}

/// What everybody reads about a listing, newest first.
pub async fn published_about(house: &House, by: &Context, listing: ListingId, most: u64) -> Result<Vec<QuestionView>, Problem> {
    let wanted = Wanted { listing_id: Some(listing), states: vec![QuestionState::Published], ..Wanted::default() };
    Ok(list(house, by, wanted, &PageQuery::onward(most, None)).await?.items)
}

/// A question that everybody reads, as everybody does.
pub fn public(row: &question::Model, now: entity::Timestamp) -> Result<QuestionView, Problem> {
    let words = row.published_words.clone().ok_or(Code::Internal)?;
    Ok(QuestionView::of(row, words, Reader::Public, now))
}

/// What of the questions asked for a caller may see.
fn open_to(by: &Context, wanted: Wanted) -> Wanted {
    if wanted.asker.is_some() || wanted.states == [QuestionState::Published] {
        return wanted;
    }
    match by.lists_unpublished(wanted.organisation_id) {
        Unpublished::OfAll => wanted,
        Unpublished::Of(own) => Wanted { organisation_id: Some(own), ..wanted },
        Unpublished::OfNobody => Wanted { states: Vec::new(), ..wanted },
    }
}

/// As whom a caller reads a question.
fn reader(by: &Context, row: &question::Model) -> Reader {
    match &by.caller {
        Caller::System => Reader::Insider,
        Caller::Person(actor) if actor.staff.is_some() || actor.organisation() == Some(row.organisation_id) => Reader::Insider,
        Caller::Person(actor) if actor.person == row.asker => Reader::Asker,
        Caller::Person(_) | Caller::Stranger => Reader::Public,
    }
}

/// A question as the caller is told of it, with what he may do; who asks never to somebody of the seller, who is not to know who is
/// interested. What its record holds may be sealed under a key that is gone by now, so
/// it is read as it stands.
pub async fn told(house: &House, by: &Context, row: &question::Model) -> Result<QuestionView, Problem> {
    let db = house.db.read();
    let kept = store::find(db, row.id).await?.ok_or(Code::Internal)?;
    let (open, knows_asker) = match &by.caller {
        Caller::Person(actor) => {
            let places = places_of(db, actor.person).await?;
            let is_officer = actor.staff.is_some() && !places.contains(&row.organisation_id);
            (rules::open_to(row, Moderator::of(row, actor.person, &places)), is_officer || actor.person == row.asker)
        }
        Caller::Stranger | Caller::System => (Vec::new(), false),
    };
    let deeds = access::allowed(OPERATIONS, &by.caller, row, &open);
    let asker = if knows_asker { Some(asker(house, row).await?) } else { None };
    let view = QuestionView::of(row, words(house, &kept)?, reader(by, row), house.world.now());
    Ok(QuestionView { asker, allowed_deeds: Some(deeds), ..view })
}

async fn asker(house: &House, row: &question::Model) -> Result<QuestionAsker, Problem> {
    let asker = identity::store::person(house.db.read(), row.asker).await?.ok_or(Code::Internal)?;
    Ok(QuestionAsker { person_id: row.asker, name: personal::name(house, &asker)?, organisation_id: row.asker_organisation_id })
}
