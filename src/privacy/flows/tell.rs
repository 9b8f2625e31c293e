//! Telling somebody all that is held of him.

use std::collections::{BTreeMap, BTreeSet};

use entity::identity::{DataWish, person};
use entity::ids::PersonId;

use crate::auctions::rules::unopened;
use crate::data_rooms::views::AccessView;
use crate::house::{Done, House};
use crate::identity::flows::members::{self, Member};
use crate::identity::flows::people;
use crate::identity::keys::flows::seen_from_outside;
use crate::identity::keys::store::KeyFilter;
use crate::identity::keys::views::ApiKeyView;
use crate::identity::views::SessionView;
use crate::identity::{self, personal};
use crate::notifications::views::MailPreferencesView;
use crate::platform::access::Context;
use crate::platform::http::{Page, PageQuery};
use crate::platform::problem::{Code, Problem};
use crate::privacy::flows::requests;
use crate::privacy::store;
use crate::privacy::views::{DeedView, OwnBidView, OwnFirstOfferView, OwnSealedBidView, OwnSignatureView, OwnTurnBidView, PersonalData};
use crate::{auctions, audit, data_rooms, deals, notifications, objections, questions};

/// How many of a kind are told at most; what is left out is said to be.
const MOST: usize = 10_000;
/// How many are read of what takes no pages: of one more it is enough to know that it is there.
const ONE_MORE: u64 = MOST as u64 + 1;
/// How many are read at once.
const AT_A_TIME: u64 = 100;

/// What is held of the caller.
pub async fn tell(house: &House, by: &Context) -> Result<PersonalData, Problem> {
    let held = identity::store::person(house.db.read(), by.actor()?.person).await?.ok_or(Code::NotFound)?;
    gathered(house, held, To::Himself).await
}

/// To whom it is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum To {
    Himself,
    /// Whoever sees to it that he is told: of what is sealed nobody else learns before it is opened.
    Officer,
}

/// What is held of somebody else, who has asked for it; that it was told stays in the trail.
pub async fn tell_of(house: &House, by: &Context, id: PersonId, reason: String) -> Result<Done<PersonalData>, Problem> {
    requests::check_reason(&reason)?;
    let done = house
        .write(by, (id, reason), |tx, (id, reason)| async move {
            let held = identity::store::hold_person(tx.conn(), id).await?.ok_or(Code::NotFound)?;
            // Of whom is forgotten already, nothing new is kept.
            let reason = if held.forgotten_at.is_some() { String::new() } else { reason };
            requests::keep(&tx, id, DataWish::Export, &reason).await?;
            tx.changed("personal_data", id, None::<&PersonId>, Some(&id));
            Ok(())
        })
        .await?;
    let held = identity::store::person(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    Ok(Done { value: gathered(house, held, To::Officer).await?, replayed: done.replayed })
}

/// The newest of a kind, read page by page, and whether earlier ones are left out.
async fn newest<T>(most: usize, read: impl AsyncFn(PageQuery) -> Result<Page<T>, Problem>) -> Result<(Vec<T>, bool), Problem> {
    let (mut told, mut cursor) = (Vec::new(), None);
    loop {
        let page = read(PageQuery::onward(AT_A_TIME, cursor)).await?;
        told.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() || told.len() >= most {
            let is_cut = cursor.is_some() || told.len() > most;
            told.truncate(most);
            return Ok((told, is_cut));
        }
    }
}

/// What was read at once, and whether there is more than is told.
fn bounded<T>(most: usize, mut read: Vec<T>) -> (Vec<T>, bool) {
    let is_cut = read.len() > most;
    read.truncate(most);
    (read, is_cut)
}

async fn gathered(house: &House, held: person::Model, to: To) -> Result<PersonalData, Problem> {
    let (db, now, id) = (house.db.read(), house.world.real_now(), held.id);
    let mut memberships = Vec::new();
    for membership in identity::store::my_memberships(db, &held).await? {
        let roles = identity::store::roles(db, membership.id).await?;
        memberships.push(members::shown(house, Member { membership, roles })?);
    }
    let sessions = newest(MOST, async |page: PageQuery| {
        let rows = store::sessions(db, id, &page).await?;
        page.page(rows, |row| (row.created_at, row.id.0), |row| SessionView::seen(row, None))
    });
    let (sessions, sessions_cut) = sessions.await?;
    let keys = newest(MOST, async |page: PageQuery| {
        let mut rows = identity::keys::store::keys(db, KeyFilter { person: Some(id), organisation: None }, &page).await?;
        if to == To::Officer {
            for row in &mut rows {
                *row = seen_from_outside(house, row.clone()).await?;
            }
        }
        page.page(rows, |row| (row.created_at, row.id.0), |row| ApiKeyView::at(row, now))
    });
    let (api_keys, keys_cut) = keys.await?;
    let deeds = newest(MOST, async |page: PageQuery| {
        let wanted = audit::store::Wanted { person: Some(id), ..audit::store::Wanted::default() };
        let rows = audit::store::rows(db, wanted, &page).await?;
        page.page_by_position(rows, |row| row.position.unwrap_or_default(), DeedView::from)
    });
    let (deeds, deeds_left_out) = deeds.await?;
    let (requests, requests_cut) = newest(MOST, async |page: PageQuery| requests::list(house, Some(id), &page).await).await?;
    // Whoever looks for little in all there is may look long, once.
    let (bids, bids_cut) = bounded(MOST, auctions::store::bids_of(house.db.read_long(), id, ONE_MORE).await?);
    let (mut sealed, sealed_cut) = bounded(MOST, auctions::store::sealed_bids_of(house.db.read_long(), id, ONE_MORE).await?);
    let (mut offers, offers_cut) = bounded(MOST, auctions::store::first_offers_of(house.db.read_long(), id, ONE_MORE).await?);
    let (mut turns, turns_cut) = bounded(MOST, auctions::store::turn_bids_of(house.db.read_long(), id, ONE_MORE).await?);
    if to == To::Officer {
        let of: BTreeSet<_> = sealed.iter().map(|row| row.lot_id).chain(offers.iter().map(|row| row.lot_id)).collect();
        let of: Vec<_> = of.into_iter().chain(turns.iter().map(|row| row.lot_id)).collect();
        let lots = auctions::store::lots(house.db.read_long(), &of).await?;
        let lots: BTreeMap<_, _> = lots.into_iter().map(|lot| (lot.id, lot)).collect();
        sealed.retain(|row| lots.get(&row.lot_id).is_some_and(|lot| !unopened::sealed_bids(lot, row.round)));
        offers.retain(|row| lots.get(&row.lot_id).is_some_and(|lot| !unopened::first_offers(lot)));
        turns.retain(|row| lots.get(&row.lot_id).is_some_and(|lot| !unopened::turn_bids(lot, row.round, row.turn)));
    }
    let (signatures, signatures_cut) = bounded(MOST, deals::store::signatures_of(house.db.read_long(), id, ONE_MORE).await?);
    let (objections, objections_cut) = bounded(MOST, objections::store::of_person(house.db.read_long(), id, ONE_MORE).await?);
    let (questions, questions_cut) = bounded(MOST, questions::store::of_person(house.db.read_long(), id, ONE_MORE).await?);
    let (accesses, accesses_cut) = bounded(MOST, data_rooms::store::accesses_of(house.db.read_long(), id, ONE_MORE).await?);
    let (registrations, registrations_cut) = match &held.email_blind {
        Some(account) => bounded(MOST, identity::store::registrations::asked_for(db, account, ONE_MORE).await?),
        None => (Vec::new(), false),
    };
    let cut = [
        ("sessions", sessions_cut),
        ("api_keys", keys_cut),
        ("bids", bids_cut),
        ("sealed_bids", sealed_cut),
        ("signatures", signatures_cut),
        ("deeds", deeds_left_out),
        ("requests", requests_cut),
        ("registrations", registrations_cut),
        ("first_offers", offers_cut),
        ("turn_bids", turns_cut),
        ("objections", objections_cut),
        ("questions", questions_cut),
        ("data_room_accesses", accesses_cut),
    ];
    let factor = identity::store::second_factor(db, id).await?;
    let letters_go_out = notifications::flows::letters::go_to(house, id).await?;
    let by_letter = notifications::store::preferences_of(db, id).await?;
    Ok(PersonalData {
        suspended_at: held.suspended_at,
        suspended_why: personal::suspended_why(house, &held)?,
        closed_at: held.closed_at,
        forget_at: held.forget_at,
        password_changed_at: held.password_changed_at,
        staff_role: identity::store::staff(db, id).await?.map(|place| place.role),
        second_factor_since: factor.and_then(|factor| factor.confirmed_at),
        sessions,
        api_keys,
        bids: bids.iter().filter_map(OwnBidView::of).collect(),
        sealed_bids: sealed.into_iter().map(OwnSealedBidView::from).collect(),
        first_offers: offers.into_iter().map(OwnFirstOfferView::from).collect(),
        turn_bids: turns.into_iter().map(OwnTurnBidView::from).collect(),
        objections: objections.iter().map(|row| objections::flows::own(house, row)).collect::<Result<_, _>>()?,
        questions: questions.iter().map(|row| questions::flows::own(house, row)).collect::<Result<_, _>>()?,
        data_room_accesses: accesses.into_iter().map(AccessView::from).collect(),
        signatures: signatures.into_iter().map(OwnSignatureView::from).collect(),
        deeds_left_out,
        deeds,
        memberships,
        registrations,
        mail_preferences: by_letter.iter().map(|row| MailPreferencesView::of(row, letters_go_out)).collect(),
        requests,
        left_out: cut.into_iter().filter(|(_, is_cut)| *is_cut).map(|(kind, _)| kind.to_owned()).collect(),
        person: people::told(house, &held)?,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The numbers below a bound, as pages.
    async fn told_of(rows: usize, most: usize) -> (Vec<usize>, bool) {
        let told = newest(most, async |page: PageQuery| {
            let from: usize = page.cursor.as_deref().map_or(0, |cursor| cursor.trim_end_matches('A').parse().unwrap());
            let next = from + usize::try_from(page.size().unwrap()).unwrap();
            Ok(Page { items: (from..next.min(rows)).collect(), next_cursor: (next < rows).then(|| next.to_string()) })
        });
        told.await.unwrap()
    }

    #[tokio::test]
    async fn everything_is_told_up_to_the_bound_and_what_is_left_out_is_known() {
        for (rows, most, told) in [(0, 250, 0), (100, 250, 100), (249, 250, 249), (250, 250, 250), (251, 250, 250), (300, 200, 200)] {
            assert_eq!(told_of(rows, most).await, ((0..told).collect::<Vec<_>>(), rows > told), "{rows} of at most {most}");
        }
    }
}
