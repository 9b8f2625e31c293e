//! The rules of negotiated prices, one by one.

#![allow(clippy::unwrap_used)]

use chrono::TimeDelta;
use entity::identity::{SellerClass, organisation};
use entity::ids::NoticeId;
use entity::listings::PriceBasis;
use entity::money::Money;
use entity::negotiations::{BuyerRelation, NegotiationSide, NegotiationState, negotiation, negotiation_offer};
use entity::notices::notice_version;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::examples::{BUYER, at, buyer, offer, officer, open, person, seller, terms};
use super::machine::{self, Decision, DeclaredRelation, Deed, Hand, Said, Standing};
use super::notice::{Announcement, price_notice, result_notice};
use super::offers::{NegotiatedTerms, Validity, expiry, few, terms_are_sound, terms_of, text_of};
use super::pricing::{decided_well, may_negotiate, valued};
use crate::listings::rules::tests as listings;
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::Snapshot;
use crate::rulebook::rules::shipped::{CALENDAR, RULEBOOK};

fn rules(class: SellerClass) -> Snapshot {
    RULEBOOK.snapshot(class, "2026-03-03".parse().unwrap())
}

fn nothing() -> Said {
    Said::default()
}

/// Offered by person 10 of the seller for 90 000, accepted by person 20 of the buyer.
fn agreed() -> negotiation::Model {
    machine::accepted(&open(), &offer(1, NegotiationSide::Seller, 90_000, 10), &buyer(20), &nothing(), at(10)).unwrap()
}

fn first() -> negotiation_offer::Model {
    offer(1, NegotiationSide::Seller, 90_000, 10)
}

fn decision() -> Decision {
    Decision { document: None, rules: json!({}), text: "{}".into(), by_second: true }
}

fn decided() -> negotiation::Model {
    machine::decided(&agreed(), &[first()], &seller(11), decision(), at(20)).unwrap()
}

fn noticed() -> negotiation::Model {
    machine::published(&decided(), &officer(30), NoticeId(Uuid::from_u128(9))).unwrap()
}

fn code<T: std::fmt::Debug>(tried: Result<T, Problem>) -> Code {
    tried.unwrap_err().code
}

#[test]
fn the_procedure_runs_from_an_offer_to_a_public_result() {
    let one = machine::confirmed(&noticed(), &seller(12), at(40)).unwrap();
    assert!(!machine::is_confirmed(&one));
    let both = machine::confirmed(&one, &buyer(22), at(41)).unwrap();
    assert!(machine::is_confirmed(&both));
    let concluded = machine::concluded(&both, NoticeId(Uuid::from_u128(8)));
    let public = machine::result_published(&concluded, &officer(31)).unwrap();
    assert_eq!(public.state, NegotiationState::ResultPublished);
    assert_eq!((public.noticed_offer, public.agreed_offer, public.published_by), (Some(1), Some(1), Some(person(30))));
}

#[test]
fn only_the_others_last_offer_is_accepted_and_only_in_time() {
    let own = offer(1, NegotiationSide::Seller, 90_000, 10);
    let why = |problem: Problem| (problem.code, problem.facts["why"].clone());
    let refused = machine::accepted(&open(), &own, &seller(11), &nothing(), at(10)).unwrap_err();
    assert_eq!(why(refused), (Code::OfferNotOpen, json!("own")));
    let late = machine::accepted(&open(), &own, &buyer(20), &nothing(), own.expires_at).unwrap_err();
    assert_eq!(why(late), (Code::OfferNotOpen, json!("expired")));
    let again = machine::accepted(&agreed(), &own, &buyer(20), &nothing(), at(11)).unwrap_err();
    assert_eq!(why(again), (Code::OfferNotOpen, json!("accepted")));
    assert_eq!(code(machine::accepted(&open(), &own, &officer(30), &nothing(), at(10))), Code::Forbidden, "nobody else's");
}

#[test]
fn what_is_agreed_anew_voids_what_was_decided_shown_and_confirmed() {
    let shown = machine::unit_notice_shown(&noticed(), json!({})).unwrap();
    let confirmed = machine::confirmed(&shown, &seller(12), at(40)).unwrap();
    let anew = machine::accepted(&confirmed, &offer(2, NegotiationSide::Buyer, 95_000, 20), &seller(10), &nothing(), at(50)).unwrap();
    assert_eq!((anew.state, anew.agreed_offer, anew.noticed_offer), (NegotiationState::Agreed, Some(2), Some(1)));
    assert_eq!((&anew.decided_by, &anew.rules, &anew.drafted), (&None, &None, &None));
    assert_eq!((&anew.unit_notice, &anew.seller_confirmed_by, &anew.published_by), (&None, &None, &None));
    assert_eq!(anew.notice_id, confirmed.notice_id, "it gets another version");
    assert_eq!(code(machine::confirmed(&anew, &buyer(22), at(51))), Code::WrongState);
}

#[test]
fn what_was_decided_stays_whatever_is_agreed_on_later() {
    assert_eq!(machine::decision_kept(&agreed()), None);
    let document = json!({"id": Uuid::from_u128(40), "version": 1, "sha256": "ab", "title": "纪要"});
    let held = machine::decided(&agreed(), &[first()], &seller(11), Decision { document: Some(document.clone()), ..decision() }, at(20));
    let held = held.unwrap();
    let kept = machine::decision_kept(&held).unwrap();
    assert_eq!((kept.negotiation_id, kept.offer, kept.agreed_at), (held.id, 1, at(10)));
    assert_eq!((kept.decided_by, kept.decided_at, kept.document), (person(11), at(20), Some(document)));
    assert_eq!(kept.drafted_sha256, sha256(b"{}"));
    let anew = machine::accepted(&held, &offer(2, NegotiationSide::Buyer, 95_000, 20), &seller(10), &nothing(), at(50)).unwrap();
    assert_eq!(machine::decision_kept(&anew), None, "another is not decided on yet");
}

#[test]
fn nobody_decides_who_negotiated_where_the_rules_want_another() {
    let (held, made) = (agreed(), [first(), offer(2, NegotiationSide::Buyer, 91_000, 20), offer(3, NegotiationSide::Seller, 92_000, 13)]);
    assert_eq!(code(machine::may_decide(&held, &made, &seller(10), true)), Code::SamePerson, "who began it");
    assert_eq!(code(machine::may_decide(&held, &made, &seller(13), true)), Code::SamePerson, "who made an offer, be it another");
    assert!(machine::may_decide(&held, &made, &seller(10), false).is_ok());
    assert!(machine::may_decide(&held, &made, &seller(11), true).is_ok());
    assert_eq!(code(machine::may_decide(&held, &made, &buyer(20), false)), Code::Forbidden);
    let by_seller = negotiation::Model { agreed_by: Some(person(11)), ..held };
    assert_eq!(code(machine::may_decide(&by_seller, &made, &seller(11), true)), Code::SamePerson, "who accepted it");
}

#[test]
fn nobody_publishes_who_sits_with_a_party() {
    let tied = Hand { sits_with_party: true, ..officer(30) };
    assert_eq!(code(machine::published(&decided(), &tied, NoticeId(Uuid::from_u128(9)))), Code::ConflictOfInterest);
    assert_eq!(machine::hands(&noticed(), &[first()]), [10, 11, 20].map(person));
}

#[test]
fn each_party_confirms_once() {
    let one = machine::confirmed(&noticed(), &seller(12), at(40)).unwrap();
    assert_eq!(code(machine::confirmed(&one, &seller(13), at(41))), Code::AlreadySigned);
    assert_eq!(code(machine::confirmed(&one, &officer(30), at(41))), Code::Forbidden);
    assert_eq!(code(machine::confirmed(&one, &buyer(12), at(41))), Code::SamePerson, "nobody confirms for both");
    assert_eq!(code(machine::accepted(&open(), &first(), &buyer(10), &nothing(), at(10))), Code::SamePerson, "nor deals with himself");
}

#[test]
fn a_deed_in_the_wrong_state_names_those_that_are_right() {
    let problem = machine::require(&agreed(), Deed::Confirm).unwrap_err();
    assert_eq!(problem.code, Code::WrongState);
    assert_eq!(problem.facts["allowed"], json!(["make_offer", "accept_offer", "decide_negotiation", "withdraw_negotiation"]));
    let early = machine::instead(&noticed(), Deed::Confirm, Code::NoticeNotOver.into());
    assert_eq!(early.facts["allowed"], json!(["make_offer", "accept_offer", "show_unit_notice", "withdraw_negotiation"]));
    let over = machine::withdrawn(&noticed(), &buyer(20), "融资未到位", at(60)).unwrap();
    assert_eq!((over.state, over.end_reason.as_deref()), (NegotiationState::Ended, Some("融资未到位")));
    assert!(machine::allowed(over.state).is_empty());
    assert_eq!(code(machine::withdrawn(&noticed(), &buyer(20), " ", at(60))), Code::Invalid);
    let tied = Hand { sits_with_party: true, ..officer(30) };
    assert_eq!(code(machine::withdrawn(&noticed(), &tied, "x", at(60))), Code::ConflictOfInterest);
}

#[test]
fn what_somebody_may_do_is_what_the_rules_let_him() {
    let made = first();
    let offers = [first()];
    let may = |held: &negotiation::Model, by: &Hand, awaits| {
        machine::open_to(held, &Standing { last: &made, offers: &offers, awaits, by_second: true }, by, at(5))
    };
    assert_eq!(may(&open(), &seller(10), false), ["make_offer", "withdraw_negotiation"]);
    assert_eq!(may(&open(), &buyer(20), false), ["make_offer", "accept_offer", "withdraw_negotiation"]);
    assert_eq!(may(&agreed(), &seller(10), false), ["make_offer", "withdraw_negotiation"]);
    assert_eq!(may(&agreed(), &seller(11), false), ["make_offer", "decide_negotiation", "withdraw_negotiation"]);
    assert_eq!(may(&decided(), &officer(30), false), ["publish_negotiation", "withdraw_negotiation"]);
    assert_eq!(may(&noticed(), &buyer(20), true), ["make_offer", "withdraw_negotiation"]);
    assert_eq!(may(&noticed(), &buyer(20), false), ["make_offer", "confirm_negotiation", "withdraw_negotiation"]);
    assert_eq!(may(&noticed(), &seller(12), true), ["make_offer", "show_unit_notice", "withdraw_negotiation"]);
}

#[test]
fn what_is_said_beside_an_offer_counts_once_it_is_agreed_on() {
    let relation = DeclaredRelation { kind: BuyerRelation::Shareholding, note: "第二完成人持股30%".into() };
    let beside = negotiation_offer::Model {
        relation: Some(relation.kind),
        relation_note: Some(relation.note.clone()),
        name_confidential: Some(true),
        ..offer(2, NegotiationSide::Buyer, 91_000, 20)
    };
    let (offered, _) =
        machine::offered(&agreed(), &buyer(20), &Said { relation: Some(relation.clone()), name_confidential: Some(true) }).unwrap();
    assert_eq!((offered.relation, offered.buyer_confidential), (None, false), "what is agreed on was said without it");
    let anew = machine::accepted(&offered, &beside, &seller(10), &nothing(), at(20)).unwrap();
    assert_eq!(
        (anew.relation, anew.relation_note.as_deref(), anew.buyer_confidential),
        (Some(relation.kind), Some("第二完成人持股30%"), true)
    );
    let last = offer(3, NegotiationSide::Seller, 92_000, 10);
    let kept = machine::accepted(&anew, &last, &buyer(20), &nothing(), at(30)).unwrap();
    assert_eq!((kept.relation, kept.buyer_confidential), (Some(BuyerRelation::Shareholding), true), "what was declared stays so");
    let other = DeclaredRelation { kind: BuyerRelation::Kin, note: "亲属".into() };
    let told =
        machine::accepted(&anew, &last, &buyer(20), &Said { relation: Some(other), name_confidential: Some(false) }, at(30)).unwrap();
    assert_eq!((told.relation, told.buyer_confidential), (Some(BuyerRelation::Kin), false));
    let asked = machine::offered(&open(), &seller(10), &Said { name_confidential: Some(true), ..nothing() }).unwrap_err();
    assert_eq!((asked.code, asked.errors[0].pointer.as_str()), (Code::Invalid, "/name_confidential"));
}

#[test]
fn an_offer_stands_as_long_as_the_rules_let_it() {
    let rules = rules(SellerClass::State);
    let by = Validity {
        usual: rules.span("negotiated_offer_validity").unwrap(),
        longest: rules.span("negotiated_offer_longest").unwrap(),
        calendar: &CALENDAR,
    };
    let usual = expiry(None, &by, at(0)).unwrap();
    assert!(usual > at(0) + TimeDelta::days(14) && usual < at(0) + TimeDelta::days(20));
    assert_eq!(expiry(Some(at(60)), &by, at(0)), Ok(at(60)));
    for wrong in [at(0), at(-1), at(0) + TimeDelta::days(100)] {
        assert_eq!(code(expiry(Some(wrong), &by, at(0))), Code::OutsideRule);
    }
}

#[test]
fn there_are_only_so_many_offers() {
    let rules = rules(SellerClass::State);
    assert!(few(199, &rules).is_ok());
    assert_eq!(few(200, &rules).unwrap_err().facts["limit"], json!(200));
}

#[test]
fn an_offer_is_known_by_the_hash_of_its_text() {
    let made = offer(1, NegotiationSide::Seller, 90_000, 10);
    assert_eq!(terms_of(&made).unwrap(), terms(90_000));
    assert_eq!(made.sha256, sha256(text_of(made.negotiation_id, &made.terms).as_bytes()));
}

#[test]
fn secrecy_of_the_amount_stands_in_the_text_only_where_it_is_agreed_on() {
    let text = |amount_confidential| text_of(open().id, &json!(NegotiatedTerms { amount_confidential, ..terms(1) }));
    assert!(!text(false).contains("confidential"), "what was offered before is known by the same text");
    assert!(text(true).contains(r#""amount_confidential":true"#));
}

#[test]
fn terms_that_cannot_be_meant_are_refused_at_their_place() {
    let fault = |terms: NegotiatedTerms| terms_are_sound("/terms", &terms).unwrap_err().errors[0].pointer.clone();
    assert_eq!(fault(terms(0)), "/terms/price/amount");
    assert_eq!(fault(NegotiatedTerms { payment: String::new(), ..terms(1) }), "/terms/payment");
    assert_eq!(fault(NegotiatedTerms { conditions: vec!["x".into(); 51], ..terms(1) }), "/terms/conditions");
    assert_eq!(fault(NegotiatedTerms { conditions: vec![String::new()], ..terms(1) }), "/terms/conditions/0");
    assert!(terms_are_sound("/terms", &terms(1)).is_ok());
}

#[test]
fn state_enterprises_do_not_negotiate_prices() {
    let problem = may_negotiate(&rules(SellerClass::Soe)).unwrap_err();
    assert_eq!((problem.code, &problem.facts["source"]), (Code::MechanismNotAllowed, &json!("Order 32 (qtfm.cn)")));
    for class in [SellerClass::State, SellerClass::Private, SellerClass::Person, SellerClass::Rehearsal] {
        assert!(may_negotiate(&rules(class)).is_ok(), "{class:?}");
    }
}

#[test]
fn a_university_shows_what_its_base_price_rests_on() {
    let state = rules(SellerClass::State);
    assert_eq!(code(valued(PriceBasis::OwnDecision, true, &state)), Code::Invalid);
    assert_eq!(code(valued(PriceBasis::Appraisal, false, &state)), Code::DeclarationMissing);
    assert!(valued(PriceBasis::Appraisal, true, &state).is_ok());
    assert!(valued(PriceBasis::MarketComparison, false, &state).is_ok(), "anybody can look prices up");
    assert!(valued(PriceBasis::OwnDecision, false, &rules(SellerClass::Private)).is_ok());
}

#[test]
fn below_its_base_price_a_university_decides_with_a_document() {
    let judge = |yuan: i64, has_document, class| decided_well(Money::fen(yuan * 100), Money::fen(10_000_000), has_document, &rules(class));
    assert!(judge(100_000, false, SellerClass::State).is_ok());
    let problem = judge(99_999, false, SellerClass::State).unwrap_err();
    assert_eq!((problem.code, problem.errors[0].pointer.as_str()), (Code::DeclarationMissing, "/decision_document_id"));
    assert!(judge(99_999, true, SellerClass::State).is_ok());
    assert!(judge(1, false, SellerClass::Private).is_ok(), "who sells his own sells as he likes");
}

/// What is announced of a sale, and what of its result.
fn told(held: &negotiation::Model) -> [Value; 2] {
    let (seller, achievement, assets) = (listings::seller(), listings::achievement(), [listings::asset(1)]);
    let buyer = organisation::Model { id: BUYER, ..seller.clone() };
    let announcement = Announcement {
        held,
        terms: &terms(90_000),
        seller: &seller,
        buyer: &buyer,
        achievement: &achievement,
        assets: &assets,
        attachments: &[],
        rules: &rules(SellerClass::State),
        policy: &RULEBOOK.redaction,
        calendar: &CALENDAR,
    };
    let notice_id = NoticeId(Uuid::from_u128(9));
    let price = notice_version::Model { notice_id, version: 1, content: String::new(), sha256: Vec::new(), created_at: at(30) };
    [price_notice(&announcement, at(20)).unwrap(), result_notice(&announcement, &price, at(40)).unwrap()]
}

#[test]
fn what_was_said_in_english_is_announced_and_what_was_not_has_its_place() {
    let [price, result] = told(&open());
    for said in [&price, &result] {
        assert_eq!((&said["title"], &said["title_en"]), (&json!("一种废水处理方法"), &json!("A method of treating waste water")));
    }
    assert_eq!((&price["summary"], &price["summary_en"]), (&json!("降低能耗"), &json!("Saves energy")));
    let [price, result] = told(&negotiation::Model { title_en: None, summary_en: None, ..open() });
    let places = [price.get("title_en"), price.get("summary_en"), result.get("title_en")];
    assert_eq!(places, [Some(&Value::Null); 3], "an erratum may set them");
}

/// What can be tried, and by whom.
#[derive(Clone, Copy, Debug)]
enum Try {
    Offer(bool),
    Accept(bool),
    Decide,
    Publish,
    Show,
    Confirm(bool),
    PublishResult,
    Withdraw,
}

fn any_try() -> impl Strategy<Value = Try> {
    prop_oneof![
        any::<bool>().prop_map(Try::Offer),
        any::<bool>().prop_map(Try::Accept),
        Just(Try::Decide),
        Just(Try::Publish),
        Just(Try::Show),
        any::<bool>().prop_map(Try::Confirm),
        Just(Try::PublishResult),
        Just(Try::Withdraw),
    ]
}

proptest! {
    /// Whatever is tried in whatever order, nothing is confirmed that was not announced, and nothing announced that was not decided.
    #[test]
    fn nothing_is_confirmed_that_was_not_announced(tries in prop::collection::vec(any_try(), 1..60)) {
        let (mut held, mut last) = (open(), offer(1, NegotiationSide::Seller, 90_000, 10));
        let by = |is_seller| if is_seller { seller(10) } else { buyer(20) };
        for tried in tries {
            let before = held.clone();
            let next = match tried {
                Try::Offer(is_seller) => machine::offered(&held, &by(is_seller), &nothing()).map(|(next, side)| {
                    last = offer(last.number + 1, side, 90_000 + last.number, if is_seller { 10 } else { 20 });
                    next
                }),
                Try::Accept(is_seller) => machine::accepted(&held, &last, &by(is_seller), &nothing(), at(10)),
                Try::Decide => {
                    machine::decided(&held, &[first()], &seller(11), decision(), at(20))
                }
                Try::Publish => machine::published(&held, &officer(30), NoticeId(Uuid::from_u128(9))),
                Try::Show => machine::unit_notice_shown(&held, json!({})),
                Try::Confirm(is_seller) => machine::confirmed(&held, &by(is_seller), at(40)).map(|next| {
                    if machine::is_confirmed(&next) { machine::concluded(&next, NoticeId(Uuid::from_u128(8))) } else { next }
                }),
                Try::PublishResult => machine::result_published(&held, &officer(31)),
                Try::Withdraw => machine::withdrawn(&held, &seller(10), "不再交易", at(60)),
            };
            match next {
                Ok(next) => {
                    prop_assert_eq!(next.version, before.version + 1);
                    held = next;
                }
                Err(problem) => prop_assert!(problem.code.status() < 500),
            }
            let announced = matches!(held.state, NegotiationState::Noticed | NegotiationState::Confirmed | NegotiationState::ResultPublished);
            prop_assert!(!announced || (held.noticed_offer == held.agreed_offer && held.decided_by.is_some() && held.published_by.is_some()));
            let some_confirmed = held.seller_confirmed_by.is_some() || held.buyer_confirmed_by.is_some();
            prop_assert!(!some_confirmed || held.noticed_offer == held.agreed_offer || held.state == NegotiationState::Ended);
            prop_assert_eq!(held.result_notice_id.is_some(), matches!(held.state, NegotiationState::Confirmed | NegotiationState::ResultPublished));
        }
    }
}
