//! The steps of a listing, one by one and in any order.

use super::super::tests::{at, draft, person, rules};
use super::*;
use proptest::prelude::*;

fn timing() -> Timing {
    Timing { registration_closes_at: at("2026-03-18T16:00:00Z"), auction_opens_at: at("2026-03-20T02:00:00Z") }
}

fn officer(number: u128) -> Officer {
    Officer { person: person(number), sits_with_seller: false }
}

fn in_state(state: ListingState) -> listing::Model {
    listing::Model { state, submitted_by: Some(person(2)), reviewer: Some(person(3)), ..draft() }
}

#[test]
fn the_whole_way_from_draft_to_sold() {
    let now = at("2026-03-03T02:00:00Z");
    let [notice, of_auction] = [7, 9].map(|number| NoticeId::from(uuid::Uuid::from_u128(number)));
    let lot = LotId::from(uuid::Uuid::from_u128(8));
    let listing = submitted(&draft(), person(2), SellerClass::State).unwrap();
    let listing = taken(&listing, officer(3)).unwrap();
    let listing = approved(&listing, officer(3), &rules(SellerClass::State), notice, Some(of_auction)).unwrap();
    assert_eq!((listing.notice_id, listing.auction_notice_id), (Some(notice), Some(of_auction)));
    let listing = published(&listing, officer(4), lot, timing(), now).unwrap();
    assert!(is_published_by(&listing, person(4)) && !is_published_by(&listing, person(3)));
    let listing = registration_closed(&listing).unwrap();
    let listing = bidding(&listing).unwrap();
    let listing = lot_over(&listing, LotState::ClosedSold).unwrap();
    assert_eq!((listing.state, listing.version), (ListingState::Sold, 8));
    assert!(is_over(listing.state) && allowed(listing.state).is_empty());
}

#[test]
fn four_eyes_at_review_and_six_at_publication() {
    let code = |outcome: Result<listing::Model, Problem>| outcome.unwrap_err().code;
    let submitted = in_state(ListingState::Submitted);
    assert_eq!(code(taken(&submitted, officer(2))), Code::SamePerson);
    assert_eq!(code(taken(&submitted, officer(1))), Code::SamePerson);
    let review = in_state(ListingState::UnderReview);
    assert_eq!(code(returned(&review, officer(5), "x")), Code::Forbidden);
    let approved = in_state(ListingState::Approved);
    assert_eq!(may_publish(&approved, officer(3)).unwrap_err().code, Code::SamePerson);
    assert_eq!(may_publish(&approved, officer(2)).unwrap_err().code, Code::SamePerson);
    assert!(may_publish(&approved, officer(4)).is_ok());
    let insider = Officer { sits_with_seller: true, ..officer(4) };
    assert_eq!(may_publish(&approved, insider).unwrap_err().code, Code::ConflictOfInterest);
}

#[test]
fn a_review_is_taken_over_but_not_taken_twice() {
    let review = in_state(ListingState::UnderReview);
    assert_eq!(taken(&review, officer(3)).unwrap_err().code, Code::WrongState);
    let other = taken(&review, officer(5)).unwrap();
    assert_eq!(returned(&other, officer(3), "x").unwrap_err().code, Code::Forbidden);
    assert!(returned(&other, officer(5), "x").is_ok());
}

#[test]
fn what_is_approved_is_sent_back_by_any_reviewer_without_interest_until_it_is_public() {
    let [notice, of_auction] = [7, 9].map(|number| NoticeId::from(uuid::Uuid::from_u128(number)));
    let review = in_state(ListingState::UnderReview);
    let listing = approved(&review, officer(3), &rules(SellerClass::State), notice, Some(of_auction)).unwrap();
    let insider = Officer { sits_with_seller: true, ..officer(5) };
    for (by, refused) in [(officer(1), Code::SamePerson), (officer(2), Code::SamePerson), (insider, Code::ConflictOfInterest)] {
        assert_eq!(returned(&listing, by, "简介有误").unwrap_err().code, refused);
    }
    assert_eq!(returned(&listing, officer(5), " ").unwrap_err().code, Code::Invalid);
    for by in [3, 5] {
        let back = returned(&listing, officer(by), "简介有误").unwrap();
        assert_eq!((back.state, back.state_reason.as_deref()), (ListingState::Returned, Some("简介有误")));
        assert_eq!((back.notice_id, back.auction_notice_id, back.rulebook_version, back.rules), (None, None, None, None));
    }
    assert!(lets_go(ListingState::Returned));
    let public = in_state(ListingState::Published);
    assert_eq!(returned(&public, officer(3), "简介有误").unwrap_err().code, Code::WrongState);
}

#[test]
fn what_was_sold_stays_held_until_the_deal_lapses() {
    let sold = in_state(ListingState::Sold);
    assert!(!lets_go(sold.state));
    let failed = deal_lapsed(&sold, &[DealState::DefaultBuyer]).unwrap();
    assert!(lets_go(failed.state));
    assert_eq!(deal_lapsed(&failed, &[DealState::DefaultBuyer]), None);
}

#[test]
fn of_several_deals_one_that_stands_keeps_the_listing_sold() {
    let sold = in_state(ListingState::Sold);
    for stands in [DealState::ConfirmationGenerated, DealState::Confirmed, DealState::ResultPublished] {
        assert_eq!(deal_lapsed(&sold, &[DealState::DefaultBuyer, stands]), None, "{stands:?}");
    }
    let failed = deal_lapsed(&sold, &[DealState::DefaultSeller, DealState::DefaultBuyer, DealState::Lapsed]).unwrap();
    assert_eq!((failed.state, failed.state_reason.as_deref()), (ListingState::Failed, Some("deal_lapsed")));
    let rescinded = deal_lapsed(&sold, &[DealState::DefaultBuyer, DealState::Rescinded]).unwrap();
    assert_eq!((rescinded.state, rescinded.state_reason.as_deref()), (ListingState::Failed, Some("deal_rescinded")));
}

#[test]
fn a_wrong_state_tells_what_is_allowed() {
    let problem = submitted(&in_state(ListingState::Published), person(2), SellerClass::State).unwrap_err();
    assert_eq!(problem.code, Code::WrongState);
    assert_eq!(problem.facts["state"], "published");
    assert_eq!(problem.facts["allowed"], serde_json::json!(["propose_listing_amendment", "terminate_listing"]));
    let waits = instead(&in_state(ListingState::Published), Deed::Amend, Code::ProposalOpen.into());
    assert_eq!(waits.facts["allowed"], serde_json::json!(["terminate_listing"]));
}

#[test]
fn nothing_is_terminated_once_bidding_may_have_opened() {
    let listing = listing::Model { auction_opens_at: Some(at("2026-03-20T02:00:00Z")), ..in_state(ListingState::RegistrationClosed) };
    assert!(terminated(&listing, "卖方撤回", at("2026-03-20T01:59:59Z")).is_ok());
    assert_eq!(terminated(&listing, "卖方撤回", at("2026-03-20T02:00:00Z")).unwrap_err().code, Code::WrongState);
    assert_eq!(terminated(&listing, " ", at("2026-03-20T01:59:59Z")).unwrap_err().code, Code::Invalid);
}

#[test]
fn an_objection_ends_what_is_announced_until_bidding_opens() {
    for state in ListingState::ALL.iter().copied() {
        let next = objected(&in_state(state), "异议成立").map(|next| (next.state, next.state_reason));
        let ends = matches!(state, ListingState::Published | ListingState::RegistrationClosed);
        assert_eq!(next, ends.then(|| (ListingState::Terminated, Some("异议成立".into()))), "{state:?}");
    }
}

#[test]
fn a_pause_before_the_opening_moves_the_day_of_bidding() {
    let planned = at("2026-03-20T02:00:00Z");
    let listing = listing::Model { auction_opens_at: Some(planned), ..in_state(ListingState::RegistrationClosed) };
    assert!(reopens(&listing, planned).is_none());
    let later = at("2026-03-21T02:00:00Z");
    assert_eq!(reopens(&listing, later).unwrap().auction_opens_at, Some(later));
    assert!(reopens(&bidding(&listing).unwrap(), later).is_none());
}

#[test]
fn a_decision_needs_a_reason() {
    assert_eq!(rejected(&in_state(ListingState::UnderReview), person(3), "\n").unwrap_err().code, Code::Invalid);
}

proptest! {
    #[test]
    fn what_is_over_never_moves_again(index in 0..ListingState::ALL.len()) {
        let held = in_state(ListingState::ALL[index]);
        let events = [registration_closed(&held), bidding(&held), sold(&held), failed(&held, "x")];
        if is_over(held.state) {
            prop_assert!(events.iter().all(Option::is_none));
            prop_assert!(allowed(held.state).is_empty());
        }
        for next in events.into_iter().flatten() {
            prop_assert_eq!(next.version, held.version + 1);
            prop_assert_ne!(next.state, held.state);
        }
    }
}
