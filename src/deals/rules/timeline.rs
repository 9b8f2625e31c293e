//! What happened to a deal, what comes next and by when.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::deals::{DealState, SignatureSide, deal, deal_signature};
use entity::notices::{NoticeState, notice};

use super::periods::{confirm_by, contract_by, pay_by, publish_by, shown_until};
use super::signing::{lapse, required};
use crate::platform::problem::Problem;
use crate::rulebook::rules::{By, Calendar, Deadline, Snapshot, Step, StepNote, arranged};

/// If the buyer does not sign.
const BUYER_ANSWERS: StepNote = StepNote::of(
    "default_buyer",
    "逾期未签署的，受让方违约；保证金留存至没收与否决定作出",
    "if time runs out, the buyer is in default; its deposit stays until its forfeiture is decided",
);
/// If only the seller's signature is missing.
const SELLER_ANSWERS: StepNote = StepNote::of(
    "default_seller",
    "逾期未签署的，转让方违约；受让方保证金退还",
    "if time runs out, the seller is in default; the buyer's deposit goes back",
);
/// If nobody is at fault.
const NOBODY_ANSWERS: StepNote = StepNote::of(
    "lapsed",
    "逾期失效，双方均无过错；受让方保证金退还",
    "if time runs out, the confirmation lapses without fault; the buyer's deposit goes back",
);
/// A date that hangs on the day of publication.
const IF_PUBLISHED_NOW: StepNote =
    StepNote::of("provisional_on_publication", "以现在公示为准推算", "reckoned as if the result were published now");
/// As long as an objection holds it up.
const WAITS_FOR_OBJECTION: StepNote = StepNote::of(
    "waits_for_objection",
    "异议未办结，签署期限中止计算；办结后顺延同样长的时间",
    "an objection is open: the time to sign stands still, and is given back once it is over",
);
/// As long as an objection to the result is open.
const RESULT_WAITS_FOR_OBJECTION: StepNote = StepNote::of(
    "waits_for_objection",
    "对成交结果的异议未办结，签约付款应待其办结；期限顺延同样长的时间",
    "an objection to the result is open: contract and payment wait until it is over, and have as much more time",
);
/// What the parties do among themselves.
const BETWEEN_THE_PARTIES: StepNote = StepNote::of(
    "between_the_parties",
    "由双方自行办理，平台不记载其完成",
    "done between the parties; whether it is done is not recorded here",
);

/// What a deal's timeline is made of.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    /// The deal.
    pub deal: &'a deal::Model,
    /// The rules it follows, as they were announced.
    pub rules: &'a Snapshot,
    /// The signatures given.
    pub signatures: &'a [deal_signature::Model],
    /// The result notice, once drafted.
    pub notice: Option<&'a notice::Model>,
    /// Whether an objection holds it up.
    pub held_up: bool,
    /// How long objections to its result took since the confirmation; nothing while one still does.
    pub result_time_lost: Option<TimeDelta>,
    /// Whether the rights sold stand at the deadline, as far as is known.
    pub rights_stand: bool,
    /// When it came to nothing: the deadline passed without every signature, or it ended for an objection.
    pub ended_at: Option<Timestamp>,
    /// Working days.
    pub calendar: &'a Calendar,
    /// Now.
    pub now: Timestamp,
}

/// The steps of a deal, for its parties and for officers.
pub fn steps(sight: &Sight) -> Result<Vec<Step>, Problem> {
    let mut steps = vec![
        Step::coming("confirmation_drawn_up", "生成成交确认书", "The confirmation is drawn up", By::System).done(sight.deal.created_at),
    ];
    steps.extend(required(sight.deal.host_required).into_iter().map(|side| signature(sight, side)));
    steps.extend(confirmation(sight)?);
    steps.extend(publication(sight)?);
    steps.extend(rescission(sight));
    steps.extend(execution(sight)?);
    Ok(arranged(steps, sight.now))
}

/// Whether the confirmation waits for signatures.
fn waits(sight: &Sight) -> bool {
    sight.deal.state == DealState::ConfirmationGenerated
}

/// Whether it waits for signatures and none is taken, so that nobody knows when its time to sign is over.
fn stands_still(sight: &Sight) -> bool {
    sight.held_up && waits(sight)
}

/// Whether the deal fell through.
fn fell_through(sight: &Sight) -> bool {
    sight.deal.state.fell_through()
}

fn signature(sight: &Sight, side: SignatureSide) -> Step {
    let step = match side {
        SignatureSide::Buyer => Step::coming("signed_by_buyer", "受让方签署", "The buyer signs", By::Buyer),
        SignatureSide::Seller => Step::coming("signed_by_seller", "转让方签署", "The seller signs", By::Seller),
        SignatureSide::Host => Step::coming("signed_by_host", "拍卖师签署", "The auction host signs", By::Host),
    };
    let step = step.under(sight.rules, "confirm_deadline");
    let step = if stands_still(sight) { step.note(WAITS_FOR_OBJECTION) } else { step.before(sight.deal.confirm_by) };
    match sight.signatures.iter().find(|signature| signature.side == side) {
        Some(given) => step.done(given.signed_at),
        // They sign in any order.
        None if waits(sight) => step.awaited(),
        None => step.skipped(),
    }
}

/// All have signed, or the deadline passes: then whoever has not signed answers for it.
fn confirmation(sight: &Sight) -> Result<Vec<Step>, Problem> {
    let deal = sight.deal;
    let period = confirm_by(sight.rules, deal.created_at, sight.calendar)?;
    let step = Step::coming("confirmed", "成交确认", "The deal is confirmed", By::BothSides).under(sight.rules, "confirm_deadline");
    if stands_still(sight) {
        let default =
            Step::coming("defaulted", "逾期未签", "The deadline to sign passes", By::System).under(sight.rules, "confirm_deadline");
        return Ok(vec![step.note(WAITS_FOR_OBJECTION), default.may_come().note(WAITS_FOR_OBJECTION)]);
    }
    let step = step.within(period).before(deal.confirm_by);
    if let Some(confirmed_at) = deal.confirmed_at {
        return Ok(vec![step.done(confirmed_at)]);
    }
    let default = Step::coming("defaulted", "逾期未签", "The deadline to sign passes", By::System)
        .under(sight.rules, "confirm_deadline")
        .exactly(deal.confirm_by);
    if fell_through(sight) {
        let default = default.done(sight.ended_at.unwrap_or(deal.confirm_by)).note(meaning(deal.state));
        return Ok(vec![step.skipped(), default]);
    }
    let signed: Vec<_> = sight.signatures.iter().map(|signature| signature.side).collect();
    // What the timer would decide if nobody signed any more.
    let fate = lapse(deal, &signed, sight.rights_stand, deal.confirm_by).map_or(DealState::Lapsed, |after| after.state);
    Ok(vec![step, default.may_come().note(meaning(fate))])
}

fn meaning(state: DealState) -> StepNote {
    match state {
        DealState::DefaultBuyer => BUYER_ANSWERS,
        DealState::DefaultSeller => SELLER_ANSWERS,
        _ => NOBODY_ANSWERS,
    }
}

/// The result notice: drafted with the last signature, published, shown for its period.
fn publication(sight: &Sight) -> Result<Vec<Step>, Problem> {
    let drafted = Step::coming("result_drafted", "起草成交公示", "The result notice is drafted", By::System);
    let published =
        Step::coming("result_published", "发布成交公示", "The result is published", By::Publisher).under(sight.rules, "publish_result");
    let ends = Step::coming("result_period_ends", "公示期满", "The notice period of the result ends", By::System)
        .under(sight.rules, "result_notice_period");
    if fell_through(sight) && sight.notice.is_none() {
        return Ok(vec![drafted.skipped(), published.skipped(), ends.skipped()]);
    }
    let published = match sight.deal.confirmed_at {
        Some(confirmed_at) => published.within(publish_by(sight.rules, confirmed_at, sight.calendar)?),
        None => published,
    };
    let Some(notice) = sight.notice else { return Ok(vec![drafted, published, ends]) };
    let drafted = drafted.done(notice.created_at);
    let Some(published_at) = notice.published_at else {
        if fell_through(sight) {
            return Ok(vec![drafted, published.skipped(), ends.skipped()]);
        }
        let shown = shown_until(sight.rules, sight.now, sight.calendar)?;
        let ends = Step { provisional: shown.provisional, ..ends.exactly(shown.ends_at) }.note(IF_PUBLISHED_NOW);
        return Ok(vec![drafted, published, ends]);
    };
    let ends = match notice.ends_at {
        Some(ends_at) if notice.state == NoticeState::Ended => ends.exactly(ends_at).done(ends_at),
        // Withdrawn before its time was over, it stood no more.
        Some(ends_at) if notice.state == NoticeState::Withdrawn => {
            let is_over = notice.withdrawn_at.is_some_and(|withdrawn_at| ends_at <= withdrawn_at);
            if is_over { ends.exactly(ends_at).done(ends_at) } else { ends.skipped() }
        }
        Some(ends_at) => ends.exactly(ends_at),
        None => ends.skipped(),
    };
    Ok(vec![drafted, published.done(published_at), ends])
}

/// That an objection to its result was right ended it, told once that has happened.
fn rescission(sight: &Sight) -> Option<Step> {
    let rescinded_at = sight.ended_at.filter(|_| sight.deal.state == DealState::Rescinded)?;
    Some(
        Step::coming("rescinded", "异议成立，成交撤销", "The deal is rescinded, since an objection was right", By::System)
            .done(rescinded_at),
    )
}

/// What the parties owe each other after the confirmation.
fn execution(sight: &Sight) -> Result<Vec<Step>, Problem> {
    let contract = Step::coming("contract_signed", "签订交易合同", "The parties sign their contract", By::BothSides)
        .under(sight.rules, "contract_deadline")
        .note(BETWEEN_THE_PARTIES);
    let payment =
        Step::coming("price_paid", "支付价款", "The price is paid", By::Buyer).under(sight.rules, "pay_deadline").note(BETWEEN_THE_PARTIES);
    if fell_through(sight) {
        return Ok(vec![contract.skipped(), payment.skipped()]);
    }
    let Some(confirmed_at) = sight.deal.confirmed_at else { return Ok(vec![contract, payment]) };
    let Some(lost) = sight.result_time_lost else {
        return Ok(vec![contract.note(RESULT_WAITS_FOR_OBJECTION), payment.note(RESULT_WAITS_FOR_OBJECTION)]);
    };
    let announced = contract_by(sight.rules, confirmed_at, sight.calendar)?;
    let contract_period = Deadline { ends_at: announced.ends_at + lost, ..announced };
    let payment_period = pay_by(sight.rules, contract_period, sight.calendar)?;
    // Nobody here knows whether they did, so nothing is said to be late.
    let known = |step: Step| if step.due_at.is_some_and(|due_at| due_at <= sight.now) { step.may_come() } else { step };
    Ok(vec![known(contract.within(contract_period)), known(payment.within(payment_period))])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::deals::SignatureSide::{Buyer, Seller};
    use proptest::prelude::*;

    use super::super::examples::{self, at, facts, signature};
    use super::super::signing::confirm;
    use super::*;
    use crate::rulebook::rules::Progress;
    use crate::rulebook::rules::timeline::proof::is_a_timeline;

    fn notice(created_at: Timestamp) -> notice::Model {
        notice::Model { created_at, ..examples::notice() }
    }

    fn of(deal: &deal::Model, signatures: &[deal_signature::Model], notice: Option<&notice::Model>, now: Timestamp) -> Vec<Step> {
        let (rules, calendar) = (facts().deal.rules, Calendar::default());
        let sight = Sight {
            deal,
            rules: &rules,
            signatures,
            notice,
            held_up: false,
            result_time_lost: Some(TimeDelta::zero()),
            rights_stand: true,
            ended_at: Some(deal.confirm_by),
            calendar: &calendar,
            now,
        };
        steps(&sight).unwrap()
    }

    #[test]
    fn while_an_objection_holds_it_up_nobody_is_told_a_day_to_be_in_default() {
        let (deal, rules, calendar) = (examples::deal(), facts().deal.rules, Calendar::default());
        let now = deal.confirm_by + TimeDelta::days(1);
        let sight = Sight {
            deal: &deal,
            rules: &rules,
            signatures: &[],
            notice: None,
            held_up: true,
            result_time_lost: Some(TimeDelta::zero()),
            rights_stand: true,
            ended_at: None,
            calendar: &calendar,
            now,
        };
        let held_up = steps(&sight).unwrap();
        for code in ["signed_by_buyer", "signed_by_seller", "confirmed", "defaulted"] {
            let step = find(&held_up, code);
            assert_eq!((step.due_at, step.overdue, &*step.notes), (None, false, &[WAITS_FOR_OBJECTION][..]), "{code}");
        }
        // What is confirmed is held up no more.
        let confirmed = confirm(&deal, notice(at(60)).id, at(60));
        let past = steps(&Sight { deal: &confirmed, signatures: &[signature(Buyer), signature(Seller)], ..sight }).unwrap();
        assert_eq!((find(&past, "confirmed").state, find(&past, "confirmed").notes.len()), (Progress::Done, 0));
    }

    #[test]
    fn while_an_objection_to_the_result_is_open_what_follows_it_waits_and_has_as_much_more_time_then() {
        let (rules, calendar, draft) = (facts().deal.rules, Calendar::default(), notice(at(60)));
        let deal = confirm(&examples::deal(), draft.id, at(60));
        let public = notice::Model { state: NoticeState::Published, published_at: Some(at(90)), ends_at: Some(at(90_000)), ..draft };
        let sight = Sight {
            deal: &deal,
            rules: &rules,
            signatures: &[signature(Buyer), signature(Seller)],
            notice: Some(&public),
            held_up: false,
            result_time_lost: None,
            rights_stand: true,
            ended_at: None,
            calendar: &calendar,
            now: at(120),
        };
        let waits = steps(&sight).unwrap();
        for code in ["contract_signed", "price_paid"] {
            let step = find(&waits, code);
            assert_eq!((step.due_at, &*step.notes), (None, &[BETWEEN_THE_PARTIES, RESULT_WAITS_FOR_OBJECTION][..]), "{code}");
        }
        assert_eq!(find(&waits, "result_period_ends").due_at, public.ends_at, "the notice runs on");
        let later = steps(&Sight { result_time_lost: Some(TimeDelta::days(2)), ..sight }).unwrap();
        let announced = contract_by(&rules, at(60), &calendar).unwrap().ends_at;
        assert_eq!(find(&later, "contract_signed").due_at, Some(announced + TimeDelta::days(2)));
    }

    #[test]
    fn what_was_rescinded_says_what_had_happened_and_when_it_ended() {
        let draft = notice(at(60));
        let confirmed = confirm(&examples::deal(), draft.id, at(60));
        let deal = deal::Model { state: DealState::Rescinded, ..confirmed };
        let public = notice::Model {
            state: NoticeState::Withdrawn,
            published_at: Some(at(90)),
            ends_at: Some(at(900_000)),
            withdrawn_at: Some(deal.confirm_by),
            ..draft.clone()
        };
        let signed = [signature(Buyer), signature(Seller)];
        let now = deal.confirm_by + TimeDelta::hours(1);
        let steps = of(&deal, &signed, Some(&public), now);
        let done = [
            "confirmation_drawn_up",
            "signed_by_buyer",
            "signed_by_seller",
            "confirmed",
            "result_drafted",
            "result_published",
            "rescinded",
        ];
        let codes: Vec<_> = steps.iter().filter(|step| step.state == Progress::Done).map(|step| step.code).collect();
        assert_eq!(codes, done);
        assert!(steps.iter().all(|step| matches!(step.state, Progress::Done | Progress::Skipped)), "{steps:?}");
        // What was not published yet is not published any more.
        let never = of(&deal, &signed, Some(&draft), now);
        assert_eq!((find(&never, "result_drafted").state, find(&never, "result_published").state), (Progress::Done, Progress::Skipped));
    }

    fn find<'a>(steps: &'a [Step], code: &str) -> &'a Step {
        steps.iter().find(|step| step.code == code).unwrap()
    }

    #[test]
    fn both_signatures_are_awaited_and_who_would_answer_is_said() {
        let deal = examples::deal();
        let open = of(&deal, &[], None, at(60));
        for code in ["signed_by_buyer", "signed_by_seller"] {
            assert_eq!((find(&open, code).state, find(&open, code).due_at), (Progress::Next, Some(deal.confirm_by)));
        }
        assert_eq!(find(&open, "defaulted").notes, [BUYER_ANSWERS]);
        assert!(open.iter().all(|step| step.code != "signed_by_host"));

        let signed = of(&deal, &[signature(Buyer)], None, at(120));
        assert_eq!((find(&signed, "signed_by_buyer").state, find(&signed, "signed_by_buyer").at), (Progress::Done, Some(at(60))));
        assert_eq!(find(&signed, "defaulted").notes, [SELLER_ANSWERS]);
        let hosted = deal::Model { host_required: true, ..examples::deal() };
        let both = of(&hosted, &[signature(Buyer), signature(Seller)], None, at(120));
        assert_eq!((find(&both, "signed_by_host").state, &*find(&both, "defaulted").notes), (Progress::Next, &[NOBODY_ANSWERS][..]));
    }

    #[test]
    fn after_the_confirmation_the_notice_and_the_parties_deadlines_follow() {
        let deal = examples::deal();
        let confirmed_at = at(600);
        let draft = notice(confirmed_at);
        let deal = confirm(&deal, draft.id, confirmed_at);
        let now = at(700);
        let steps = of(&deal, &[signature(Buyer), signature(Seller)], Some(&draft), now);
        let next: Vec<_> = steps.iter().filter(|step| step.state == Progress::Next).map(|step| step.code).collect();
        assert_eq!(next, ["result_published"]);
        let rules = facts().deal.rules;
        let calendar = Calendar::default();
        assert_eq!(find(&steps, "result_published").due_at, Some(publish_by(&rules, confirmed_at, &calendar).unwrap().ends_at));
        assert_eq!(find(&steps, "result_period_ends").due_at, Some(shown_until(&rules, now, &calendar).unwrap().ends_at));
        assert_eq!(find(&steps, "result_period_ends").notes, [IF_PUBLISHED_NOW]);
        assert_eq!(find(&steps, "contract_signed").due_at, Some(contract_by(&rules, confirmed_at, &calendar).unwrap().ends_at));
        assert!(steps.iter().all(|step| step.code != "defaulted"));
        let late = of(&deal, &[signature(Buyer), signature(Seller)], Some(&draft), at(10 * 86_400));
        assert!(find(&late, "result_published").overdue && !find(&late, "contract_signed").overdue);
    }

    #[test]
    fn what_fell_through_goes_no_further() {
        let deal = deal::Model { state: DealState::DefaultBuyer, ..examples::deal() };
        let steps = of(&deal, &[signature(Seller)], None, deal.confirm_by + TimeDelta::hours(1));
        assert_eq!((find(&steps, "defaulted").state, find(&steps, "defaulted").at), (Progress::Done, Some(deal.confirm_by)));
        assert_eq!(find(&steps, "defaulted").notes, [BUYER_ANSWERS]);
        let rest: Vec<_> = steps.iter().filter(|step| step.state != Progress::Done).collect();
        assert!(rest.iter().all(|step| step.state == Progress::Skipped && step.due_at.is_none()), "{rest:?}");
    }

    proptest! {
        #[test]
        fn every_deal_at_every_instant_has_a_timeline(
            signed in (any::<bool>(), any::<bool>()), host in any::<bool>(), stage in 0..5_u8, minutes in 2_i64..60_000,
        ) {
            let now = at(60 * minutes);
            let open = deal::Model { host_required: host, ..examples::deal() };
            let confirmed_at = at(90);
            let mut result = notice(confirmed_at);
            let deal = match stage {
                0 => open,
                1 => deal::Model { state: DealState::DefaultBuyer, confirm_by: at(100), ..open },
                _ => confirm(&open, result.id, confirmed_at),
            };
            if stage > 2 {
                let ends_at = at(3_600);
                (result.published_at, result.ends_at) = (Some(at(100)), Some(ends_at));
                result.state = if ends_at <= now { NoticeState::Ended } else { NoticeState::Published };
            }
            let signatures: Vec<_> = match stage {
                0 | 1 => [(signed.0, Buyer), (signed.1 && (host || !signed.0), Seller)]
                    .into_iter()
                    .filter(|(given, _)| *given)
                    .map(|(_, side)| signature(side))
                    .collect(),
                _ => required(host).into_iter().map(signature).collect(),
            };
            is_a_timeline(&of(&deal, &signatures, (stage > 1).then_some(&result), now), now)?;
        }
    }
}
