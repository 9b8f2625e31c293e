//! Who signs a confirmation, until when, and what becomes of it.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::deals::{DealState, SignatureSide, deal, deal_signature};
use entity::identity::StaffRole;
use entity::ids::{NoticeId, OrganisationId, PersonId};

use crate::notices::rules::second_person;
use crate::platform::problem::{Code, Problem};

/// Whose signatures a confirmation needs (AL art. 52).
pub fn required(host_required: bool) -> Vec<SignatureSide> {
    let host = host_required.then_some(SignatureSide::Host);
    [SignatureSide::Buyer, SignatureSide::Seller].into_iter().chain(host).collect()
}

/// Who has not signed yet.
pub fn missing(host_required: bool, signed: &[SignatureSide]) -> Vec<SignatureSide> {
    required(host_required).into_iter().filter(|side| !signed.contains(side)).collect()
}

/// For which side somebody signs: a signatory for the organisation he acts from, an auction host
/// where one is needed.
pub fn side_of(deal: &deal::Model, organisation: Option<OrganisationId>, staff: Option<StaffRole>) -> Result<SignatureSide, Problem> {
    match (organisation, staff) {
        (Some(own), _) if own == deal.buyer_organisation_id => Ok(SignatureSide::Buyer),
        (Some(own), _) if own == deal.seller_organisation_id => Ok(SignatureSide::Seller),
        (_, Some(StaffRole::AuctionHost)) if deal.host_required => Ok(SignatureSide::Host),
        _ => Err(Code::Forbidden.into()),
    }
}

/// Whether a signature may be added: in time, once for each side, under this very text, and not as
/// host by somebody who decided the case.
///
/// `signed` are the signatures that stand. Nobody signs for two sides: each answers for its own.
pub fn may_sign(deal: &deal::Model, signed: &[deal_signature::Model], signature: &deal_signature::Model) -> Result<(), Problem> {
    awaits(deal, signed, signature.side, signature.person_id, signature.signed_at)?;
    if signature.confirmation_sha256 != deal.confirmation_sha256 {
        return Err(Code::Invalid.at(
            "/confirmation_sha256",
            "mismatch",
            "与成交确认书的 SHA-256 不符，请重新读取后签署",
            "is not the SHA-256 of the confirmation; read it again before signing",
        ));
    }
    Ok(())
}

/// Whether the confirmation awaits a signature for this side, by this person, at this instant.
pub fn awaits(
    deal: &deal::Model,
    signed: &[deal_signature::Model],
    side: SignatureSide,
    by: PersonId,
    at: Timestamp,
) -> Result<(), Problem> {
    if side == SignatureSide::Host {
        second_person(&deal.barred_persons, by)?;
    }
    if deal.state != DealState::ConfirmationGenerated {
        return Err(wrong_state(deal));
    }
    if at >= deal.confirm_by {
        return Err(wrong_state(deal).with("confirm_by", deal.confirm_by).with("allowed", Vec::<&str>::new()));
    }
    let sides: Vec<_> = signed.iter().map(|one| one.side).collect();
    if sides.contains(&side) {
        return Err(Code::AlreadySigned.with("side", side).with("missing", missing(deal.host_required, &sides)));
    }
    if signed.iter().any(|one| one.person_id == by) {
        return Err(Code::SamePerson.into());
    }
    Ok(())
}

/// The deal with one signature more, others missing.
pub fn signed(deal: &deal::Model) -> deal::Model {
    deal::Model { version: deal.version + 1, ..deal.clone() }
}

/// The deal once all have signed, with the result notice it drafted.
pub fn confirm(deal: &deal::Model, notice: NoticeId, now: Timestamp) -> deal::Model {
    deal::Model {
        state: DealState::Confirmed,
        confirmed_at: Some(now),
        result_notice_id: Some(notice),
        version: deal.version + 1,
        ..deal.clone()
    }
}

/// The deal after its deadline passed without every signature; nothing before, or when it has gone on.
///
/// The buyer answers first: a seller need not sign for a buyer who does not. Where only the host is
/// missing no party is at fault; nor where only the buyer is, and his signature would have been refused
/// because the rights sold do not stand (`rights_stand`). A signature that is not the last is not refused for that.
pub fn lapse(deal: &deal::Model, signed: &[SignatureSide], rights_stand: bool, now: Timestamp) -> Option<deal::Model> {
    if deal.state != DealState::ConfirmationGenerated || now < deal.confirm_by {
        return None;
    }
    let missing = missing(deal.host_required, signed);
    let state = if missing == [SignatureSide::Buyer] && !rights_stand {
        DealState::Lapsed
    } else if missing.contains(&SignatureSide::Buyer) {
        DealState::DefaultBuyer
    } else if missing.contains(&SignatureSide::Seller) {
        DealState::DefaultSeller
    } else {
        DealState::Lapsed
    };
    Some(deal::Model { state, version: deal.version + 1, ..deal.clone() })
}

/// The deal ended since an objection was right: no party is at fault. It lapses where signatures were missing, and is rescinded where all
/// had signed; nothing where it has come to nothing already.
pub fn ended(deal: &deal::Model) -> Option<deal::Model> {
    let state = match deal.state {
        DealState::ConfirmationGenerated => DealState::Lapsed,
        DealState::Confirmed | DealState::ResultPublished => DealState::Rescinded,
        DealState::DefaultBuyer | DealState::DefaultSeller | DealState::Lapsed | DealState::Rescinded => return None,
    };
    Some(deal::Model { state, version: deal.version + 1, ..deal.clone() })
}

/// The deal with the time to sign it put off by what objections took of it, from when it was announced to end; nothing where that is
/// no later than it is.
pub fn put_off(deal: &deal::Model, announced: Timestamp, lost: TimeDelta) -> Option<deal::Model> {
    let confirm_by = announced + lost;
    let later = deal.state == DealState::ConfirmationGenerated && confirm_by > deal.confirm_by;
    later.then(|| deal::Model { confirm_by, version: deal.version + 1, ..deal.clone() })
}

/// The refusal of a deed in the state a deal is in.
pub fn wrong_state(deal: &deal::Model) -> Problem {
    let allowed: &[&str] = match deal.state {
        DealState::ConfirmationGenerated => &["sign_deal"],
        DealState::Confirmed => &["publish_result"],
        DealState::ResultPublished | DealState::DefaultBuyer | DealState::DefaultSeller | DealState::Lapsed | DealState::Rescinded => &[],
    };
    Code::WrongState.with("state", deal.state).with("allowed", allowed)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::deals::SignatureSide::{Buyer, Host, Seller};
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::examples::{BUYER, SELLER, at, deal, person, signature};
    use super::*;

    fn hosted() -> deal::Model {
        deal::Model { host_required: true, ..deal() }
    }

    #[test]
    fn both_parties_sign_and_the_host_where_the_auction_law_asks() {
        assert_eq!(missing(false, &[]), [Buyer, Seller]);
        assert_eq!(missing(false, &[Seller]), [Buyer]);
        assert_eq!(missing(true, &[Seller, Buyer]), [Host]);
        assert!(missing(false, &[Seller, Buyer]).is_empty());
        assert!(missing(true, &[Host, Seller, Buyer]).is_empty());
    }

    #[test]
    fn everybody_signs_for_his_own_side() {
        let host = Some(StaffRole::AuctionHost);
        assert_eq!(side_of(&deal(), Some(BUYER), None).unwrap(), Buyer);
        assert_eq!(side_of(&deal(), Some(SELLER), None).unwrap(), Seller);
        assert_eq!(side_of(&hosted(), None, host).unwrap(), Host);
        for (organisation, staff) in [(None, host), (None, Some(StaffRole::Reviewer)), (None, None)] {
            assert_eq!(side_of(&deal(), organisation, staff).unwrap_err().code, Code::Forbidden);
        }
    }

    #[test]
    fn a_side_signs_once_in_time_and_under_this_text() {
        assert_eq!(may_sign(&deal(), &[], &signature(Buyer)), Ok(()));
        assert_eq!(may_sign(&deal(), &[signature(Seller)], &signature(Buyer)), Ok(()));
        assert_eq!(may_sign(&deal(), &[signature(Buyer)], &signature(Buyer)).unwrap_err().code, Code::AlreadySigned);

        let other_text = deal_signature::Model { confirmation_sha256: vec![8; 32], ..signature(Buyer) };
        let refused = may_sign(&deal(), &[], &other_text).unwrap_err();
        assert_eq!((refused.code, refused.errors[0].pointer.as_str()), (Code::Invalid, "/confirmation_sha256"));

        let late = deal_signature::Model { signed_at: deal().confirm_by, ..signature(Buyer) };
        let refused = may_sign(&deal(), &[], &late).unwrap_err();
        assert_eq!((refused.code, refused.facts["allowed"].clone()), (Code::WrongState, json!([])));

        let confirmed = confirm(&deal(), NoticeId(uuid::Uuid::nil()), at(1));
        let refused = may_sign(&confirmed, &[signature(Buyer), signature(Seller)], &signature(Buyer)).unwrap_err();
        assert_eq!((refused.code, refused.facts["allowed"].clone()), (Code::WrongState, json!(["publish_result"])));
    }

    #[test]
    fn nobody_signs_for_two_sides() {
        let buyer = signature(Buyer);
        let both = deal_signature::Model { person_id: buyer.person_id, ..signature(Seller) };
        assert_eq!(may_sign(&deal(), &[buyer], &both).unwrap_err().code, Code::SamePerson);
    }

    #[test]
    fn who_decided_the_case_is_no_host_of_it() {
        let barred = deal_signature::Model { person_id: person(0x00ba_44ed), ..signature(Host) };
        assert_eq!(may_sign(&hosted(), &[], &barred).unwrap_err().code, Code::SamePerson);
        assert_eq!(may_sign(&hosted(), &[], &signature(Host)), Ok(()));
        // A member of a party may have submitted the listing and sign all the same.
        let submitter = deal_signature::Model { side: Seller, ..barred };
        assert_eq!(may_sign(&hosted(), &[], &submitter), Ok(()));
    }

    #[test]
    fn who_is_missing_decides_how_a_confirmation_lapses() {
        let due = deal().confirm_by;
        let state = |deal: &deal::Model, signed: &[SignatureSide]| lapse(deal, signed, true, due).map(|next| next.state);
        assert_eq!(state(&deal(), &[]), Some(DealState::DefaultBuyer));
        assert_eq!(state(&deal(), &[Seller]), Some(DealState::DefaultBuyer));
        assert_eq!(state(&deal(), &[Buyer]), Some(DealState::DefaultSeller));
        assert_eq!(state(&hosted(), &[Host]), Some(DealState::DefaultBuyer));
        assert_eq!(state(&hosted(), &[Buyer, Host]), Some(DealState::DefaultSeller));
        assert_eq!(state(&hosted(), &[Buyer, Seller]), Some(DealState::Lapsed));
        assert_eq!(lapse(&deal(), &[], true, due - chrono::TimeDelta::microseconds(1)), None);
    }

    #[test]
    fn a_buyer_is_excused_only_where_his_signature_would_have_been_refused() {
        let due = deal().confirm_by;
        let state = |deal: &deal::Model, signed: &[SignatureSide]| lapse(deal, signed, false, due).map(|next| next.state);
        assert_eq!(state(&deal(), &[Seller]), Some(DealState::Lapsed));
        // Nobody has signed: his would have been taken.
        assert_eq!(state(&deal(), &[]), Some(DealState::DefaultBuyer));
        assert_eq!(state(&hosted(), &[Seller]), Some(DealState::DefaultBuyer));
        assert_eq!(state(&hosted(), &[Seller, Host]), Some(DealState::Lapsed));
        // A seller has his rights read anew himself.
        assert_eq!(state(&deal(), &[Buyer]), Some(DealState::DefaultSeller));
    }

    #[test]
    fn a_deal_that_went_on_does_not_lapse() {
        let confirmed = confirm(&deal(), NoticeId(uuid::Uuid::nil()), at(1));
        assert_eq!(lapse(&confirmed, &[Buyer, Seller], true, at(1_000_000)), None);
        let lapsed = lapse(&deal(), &[], true, at(1_000_000)).unwrap();
        assert_eq!(lapse(&lapsed, &[], true, at(1_000_000)), None);
    }

    #[test]
    fn what_ends_for_an_objection_is_rescinded_only_where_all_had_signed_and_ends_once() {
        for state in DealState::ALL {
            let held = deal::Model { state: *state, ..deal() };
            let expected = match state {
                DealState::ConfirmationGenerated => Some(DealState::Lapsed),
                DealState::Confirmed | DealState::ResultPublished => Some(DealState::Rescinded),
                _ => None,
            };
            let next = ended(&held);
            assert_eq!(next.as_ref().map(|next| next.state), expected, "{state:?}");
            if let Some(next) = next {
                assert!(next.state.fell_through() && next.version == held.version + 1);
                assert_eq!((ended(&next), lapse(&next, &[], true, at(1_000_000))), (None, None));
                assert_eq!(wrong_state(&next).facts["allowed"], json!([]));
            }
        }
    }

    proptest! {
        #[test]
        fn signatures_come_in_any_order_and_each_once(order in Just(vec![Buyer, Seller, Host]).prop_shuffle(), hosted in any::<bool>()) {
            let deal = deal::Model { host_required: hosted, ..deal() };
            let mut signed: Vec<deal_signature::Model> = Vec::new();
            let sides = |signed: &[deal_signature::Model]| signed.iter().map(|one| one.side).collect::<Vec<_>>();
            for side in order.into_iter().filter(|side| hosted || *side != Host) {
                prop_assert!(missing(hosted, &sides(&signed)).contains(&side));
                prop_assert_eq!(may_sign(&deal, &signed, &signature(side)), Ok(()));
                signed.push(signature(side));
                prop_assert_eq!(may_sign(&deal, &signed, &signature(side)).unwrap_err().code, Code::AlreadySigned);
            }
            prop_assert!(missing(hosted, &sides(&signed)).is_empty());
        }
    }
}
