use chrono::TimeDelta;
use entity::identity::SellerClass;
use entity::ids::{DocumentId, NoticeId};
use entity::objections::{ObjectionGround, ObjectionState};
use entity::sealed::Sealed;
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::super::examples::{at, buyer, offer, officer, open, person, seller};
use super::super::machine::{self, Decision, Said};
use super::*;
use crate::documents::views::DocumentRef;
use crate::notices::rules::examples::draft;
use crate::notices::rules::publish;
use crate::objections::rules::{NewObjection, submitted};
use crate::rulebook::rules::shipped::{CALENDAR, RULEBOOK};
use crate::rulebook::rules::timeline::proof::is_a_timeline;

/// When its notice ends, where one was published.
fn end() -> Timestamp {
    at(20 * 86_400)
}

fn agreed() -> negotiation::Model {
    machine::accepted(&open(), &offer(1, NegotiationSide::Seller, 90_000, 10), &buyer(20), &Said::default(), at(10)).unwrap()
}

fn decided() -> negotiation::Model {
    let decision = Decision { document: None, rules: json!({}), text: "{}".into(), by_second: true };
    machine::decided(&agreed(), &[offer(1, NegotiationSide::Seller, 90_000, 10)], &seller(11), decision, at(20)).unwrap()
}

fn noticed() -> negotiation::Model {
    machine::published(&decided(), &officer(30), NoticeId(Uuid::from_u128(9))).unwrap()
}

fn confirmed() -> negotiation::Model {
    let one = machine::confirmed(&noticed(), &seller(12), end() + TimeDelta::seconds(1)).unwrap();
    let both = machine::confirmed(&one, &buyer(22), end() + TimeDelta::seconds(2)).unwrap();
    machine::concluded(&both, NoticeId(Uuid::from_u128(8)))
}

/// The notice of the price: it runs, or has ended.
fn price(state: NoticeState) -> Shown {
    let notice = publish(&draft(), person(30), Some(end()), at(30)).unwrap();
    Shown { notice: notice::Model { state, ..notice }, ends_at: Some(end()) }
}

/// The draft of the result.
fn drafted() -> Shown {
    Shown { notice: notice::Model { created_at: end() + TimeDelta::seconds(2), ..draft() }, ends_at: None }
}

fn unit_notice() -> UnitNotice {
    let document = DocumentRef { id: DocumentId(Uuid::from_u128(40)), version: 1, sha256: "ab".into(), title: "公示截图".into() };
    UnitNotice { document, published_on: crate::rulebook::rules::shanghai_date(at(30)), place: "公告栏".into() }
}

fn waits(what: AwaitedThing, until: Option<Timestamp>) -> Awaited {
    Awaited { what, until }
}

fn objected(due_at: Timestamp) -> objection::Model {
    let new = NewObjection {
        id: Uuid::from_u128(50).into(),
        objector: person(60),
        organisation: None,
        ground: ObjectionGround::Procedure,
        words: Sealed::default(),
        evidence: json!([]),
        at: at(40),
        due_at,
    };
    submitted(&price(NoticeState::Published).notice, Some(end()), "程序有误", new).unwrap()
}

fn rules(class: SellerClass) -> Snapshot {
    RULEBOOK.snapshot(class, "2026-05-29".parse().unwrap())
}

/// What is looked at beside the negotiation.
#[derive(Default)]
struct Beside {
    price: Option<Shown>,
    result: Option<Shown>,
    unit: Option<UnitNotice>,
    waits_for: Vec<Awaited>,
    objections: Vec<objection::Model>,
}

fn told(held: &negotiation::Model, beside: &Beside, class: SellerClass, now: Timestamp) -> Vec<Step> {
    let last = offer(1, NegotiationSide::Seller, 90_000, 10);
    let sight = Sight {
        held,
        last: &last,
        price: beside.price.as_ref(),
        result: beside.result.as_ref(),
        unit_notice: beside.unit.as_ref().map(|unit| (unit, at(50))),
        waits_for: &beside.waits_for,
        objections: &beside.objections,
        rules: &rules(class),
        calendar: &CALENDAR,
        now,
    };
    steps(&sight).unwrap()
}

fn find<'a>(steps: &'a [Step], code: &str) -> &'a Step {
    steps.iter().find(|step| step.code == code).unwrap_or_else(|| panic!("no {code} in {steps:?}"))
}

fn next(steps: &[Step]) -> Vec<&'static str> {
    steps.iter().filter(|step| step.state == Progress::Next).map(|step| step.code).collect()
}

#[test]
fn an_offer_is_accepted_before_it_expires_or_another_is_made() {
    let expires_at = offer(1, NegotiationSide::Seller, 90_000, 10).expires_at;
    let stands = told(&open(), &Beside::default(), SellerClass::State, at(60));
    assert_eq!(next(&stands), ["agreed"]);
    assert_eq!((find(&stands, "agreed").due_at, find(&stands, "agreed").by), (Some(expires_at), By::Buyer));
    let end = find(&stands, "offer_expires");
    assert_eq!((end.state, end.due_at, &*end.notes), (Progress::MayCome, Some(expires_at), &[CHOSEN][..]));
    let expired = told(&open(), &Beside::default(), SellerClass::State, expires_at);
    assert_eq!((next(&expired), find(&expired, "offer_expires").state), (vec!["offered_anew"], Progress::Done));
    let accepted = told(&agreed(), &Beside::default(), SellerClass::State, at(60));
    assert_eq!(next(&accepted), ["decided"]);
    assert!(accepted.iter().all(|step| step.code != "offer_expires"), "it was accepted");
}

#[test]
fn until_it_is_published_its_dates_are_those_of_a_notice_put_up_now() {
    let now = at(60);
    let period = rules(SellerClass::State).span(PERIOD).unwrap();
    let ends_at = deadline(now, period, &CALENDAR).ends_at;
    let steps = told(&decided(), &Beside::default(), SellerClass::State, now);
    assert_eq!(next(&steps), ["notice_published"]);
    assert_eq!(
        (find(&steps, "notice_period_ends").due_at, &*find(&steps, "notice_period_ends").notes),
        (Some(ends_at), &[IF_PUBLISHED_NOW][..])
    );
    let opens = find(&steps, "confirmation_opens");
    assert_eq!((opens.state, opens.due_at), (Progress::MayCome, Some(ends_at)));
    assert_eq!(opens.notes, [IF_PUBLISHED_NOW, IF_SHOWN]);
    // Who need not show it in his own place waits for one notice alone.
    let plain = told(&decided(), &Beside::default(), SellerClass::Private, now);
    assert!(plain.iter().all(|step| step.code != "unit_notice_shown"));
    assert_eq!((find(&plain, "confirmation_opens").exact, &*find(&plain, "confirmation_opens").notes), (true, &[IF_PUBLISHED_NOW][..]));
}

#[test]
fn the_parties_confirm_once_both_notices_are_over() {
    let unit = unit_notice();
    let until = unit.ends_at(&crate::notices::rules::period::Period::of(&rules(SellerClass::State), PERIOD).unwrap(), &CALENDAR);
    let running = Beside {
        price: Some(price(NoticeState::Published)),
        unit: Some(unit.clone()),
        waits_for: vec![waits(AwaitedThing::Notice, Some(end())), waits(AwaitedThing::UnitNotice, Some(until))],
        ..Beside::default()
    };
    let steps = told(&noticed(), &running, SellerClass::State, at(60));
    assert_eq!(find(&steps, "notice_period_ends").due_at, Some(end()));
    assert_eq!(find(&steps, "unit_notice_period_ends").due_at, Some(until));
    let opens = find(&steps, "confirmation_opens");
    assert_eq!((opens.state, opens.due_at, opens.exact), (Progress::Coming, Some(end().max(until)), true));
    let unshown = Beside { unit: None, waits_for: vec![waits(AwaitedThing::UnitNotice, None)], ..running };
    let steps = told(&noticed(), &unshown, SellerClass::State, at(60));
    assert_eq!((next(&steps), find(&steps, "confirmation_opens").state), (vec!["unit_notice_shown"], Progress::MayCome));

    let over = Beside { price: Some(price(NoticeState::Ended)), unit: Some(unit), ..Beside::default() };
    let now = end().max(until) + TimeDelta::hours(1);
    let steps = told(&noticed(), &over, SellerClass::State, now);
    assert_eq!(next(&steps), ["confirmed_by_seller", "confirmed_by_buyer"]);
    assert_eq!(find(&steps, "confirmation_opens").at, Some(end().max(until)));
    let done = Beside { result: Some(drafted()), ..over };
    let steps = told(&confirmed(), &done, SellerClass::State, now);
    assert_eq!(next(&steps), ["result_published"]);
    assert_eq!(find(&steps, "result_period_ends").notes, [IF_PUBLISHED_NOW]);
}

#[test]
fn an_objection_has_its_own_deadline_and_holds_the_confirmation_up() {
    let held_up = Beside {
        price: Some(price(NoticeState::Published)),
        waits_for: vec![waits(AwaitedThing::Notice, Some(end())), waits(AwaitedThing::Objections, None)],
        objections: vec![objected(at(500))],
        ..Beside::default()
    };
    let steps = told(&noticed(), &held_up, SellerClass::Private, at(60));
    let accepted = find(&steps, "objection_accepted");
    assert_eq!(
        (accepted.due_at, accepted.by, accepted.rule.as_ref().unwrap().name.as_str()),
        (Some(at(500)), By::Reviewer, "objection_acceptance")
    );
    for code in ["confirmation_opens", "confirmed_by_seller", "confirmed_by_buyer"] {
        assert_eq!((find(&steps, code).due_at, &*find(&steps, code).notes), (None, &[WAITS_FOR_OBJECTION][..]), "{code}");
    }
    assert!(find(&told(&noticed(), &held_up, SellerClass::Private, at(600)), "objection_accepted").overdue);
    let dropped = objection::Model { state: ObjectionState::Withdrawn, due_at: None, closed_at: Some(at(70)), ..objected(at(500)) };
    let free = Beside { waits_for: vec![waits(AwaitedThing::Notice, Some(end()))], objections: vec![dropped], ..held_up };
    let steps = told(&noticed(), &free, SellerClass::Private, at(80));
    assert!(steps.iter().all(|step| step.code != "objection_accepted"));
    assert_eq!(find(&steps, "confirmation_opens").due_at, Some(end()));
}

#[test]
fn what_came_to_nothing_goes_no_further() {
    let ended = machine::ended(&decided(), "不再转让", at(70));
    let steps = told(&ended, &Beside::default(), SellerClass::State, at(80));
    assert_eq!(find(&steps, "ended").at, Some(at(70)));
    let rest: Vec<_> = steps.iter().filter(|step| step.state != Progress::Done).collect();
    assert!(!rest.is_empty() && rest.iter().all(|step| step.state == Progress::Skipped && step.due_at.is_none()), "{rest:?}");
}

proptest! {
    #[test]
    fn every_negotiation_at_every_stage_has_a_timeline(
        stage in 0..7_u8, later in 0..60_i64, minutes in 1..600_i64, shown in any::<bool>(), is_objected in any::<bool>(), state in any::<bool>(),
    ) {
        let class = if state { SellerClass::State } else { SellerClass::Private };
        let (held, since) = match stage {
            0 => (open(), at(0)),
            1 => (agreed(), at(10)),
            2 => (decided(), at(20)),
            3 => (noticed(), at(60)),
            4 => (noticed(), end()),
            5 => (confirmed(), end() + TimeDelta::seconds(2)),
            _ => (machine::ended(&noticed(), "不再转让", at(60)), at(60)),
        };
        let now = since + TimeDelta::days(later) + TimeDelta::minutes(minutes);
        let published = match stage {
            0..=2 => None,
            3 => Some(price(NoticeState::Published)),
            4 | 5 => Some(price(NoticeState::Ended)),
            _ => Some(Shown { notice: notice::Model { withdrawn_at: Some(at(60)), ..price(NoticeState::Withdrawn).notice }, ends_at: Some(end()) }),
        };
        let beside = Beside {
            price: published,
            result: (stage == 5).then(drafted),
            unit: (shown && stage > 2).then(unit_notice),
            waits_for: if stage == 3 { vec![waits(AwaitedThing::Notice, Some(end()))] } else { Vec::new() },
            objections: if is_objected && stage > 2 { vec![objected(at(500))] } else { Vec::new() },
        };
        is_a_timeline(&told(&held, &beside, class, now), now)?;
    }
}
