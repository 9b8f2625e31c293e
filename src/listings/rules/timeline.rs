//! What happened to a listing, what comes next and by when.
//!
//! Up to the publication the steps are those of the procedure; from then on they are its lot's. Before the
//! publication the lot's steps are those it would have if the listing were published now.

use entity::Timestamp;
use entity::listings::{ListingState, listing};

use super::offer::Offer;
use super::{exhibition, machine, pricing, schedule};
use crate::auctions::rules::timeline::{Course, Dates, Sale, announcement, course, result, while_scored};
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{By, Calendar, Snapshot, Step, StepNote, arranged};

/// A date that hangs on the day of publication.
const IF_PUBLISHED_NOW: StepNote =
    StepNote::of("provisional_on_publication", "以现在公告为准推算", "reckoned as if the listing were published now");
/// Dates that cannot be kept.
const OUTSIDE_RULE: StepNote = StepNote::of(
    "outside_rule",
    "所选日期或参数现已超出规则允许的范围，须修改后方可公告",
    "as it stands the offer lies outside the rules; it cannot be published before it is written anew",
);

/// The lot of a listing that was published, and what came of it.
#[derive(Clone, Copy)]
pub struct Announced<'a> {
    /// Its course.
    pub course: Course<'a>,
    /// The deals it led to; told to insiders.
    pub sales: &'a [&'a Sale],
    /// When all results were made public.
    pub result_published_at: Option<Timestamp>,
}

/// What a listing's timeline is made of.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    /// The listing.
    pub listing: &'a listing::Model,
    /// What it offers.
    pub offer: &'a Offer,
    /// The rules it follows: those it was approved under, or today's.
    pub rules: &'a Snapshot,
    /// The states it came to, and when; told to insiders.
    pub past: Option<&'a [(ListingState, Timestamp)]>,
    /// Its lot, once published.
    pub announced: Option<Announced<'a>>,
    /// Working days.
    pub calendar: &'a Calendar,
    /// Now.
    pub now: Timestamp,
}

/// The lot's steps, and when it opens.
struct Lot {
    steps: Vec<Step>,
    opens_at: Timestamp,
}

/// The steps of a listing for a caller.
pub fn steps(sight: &Sight) -> Result<Vec<Step>, Problem> {
    let lot = match &sight.announced {
        Some(announced) => Some(announced_lot(sight, announced, sight.offer)?),
        None if is_over(sight) => None,
        None => planned_lot(sight, sight.offer)?,
    };
    let mut steps = sight.past.map(|past| procedure(sight, past)).unwrap_or_default();
    steps.push(publication(sight, lot.is_some()));
    if let Some(lot) = lot {
        if sight.past.is_some() {
            steps.push(warning(sight, lot.opens_at)?);
        }
        steps.extend(lot.steps);
    }
    Ok(arranged(steps, sight.now))
}

fn is_over(sight: &Sight) -> bool {
    machine::is_over(sight.listing.state)
}

/// The step that leads to a state, as far as the procedure is the listing's own.
fn leading_to(state: ListingState, is_announced: bool) -> Option<Step> {
    let (code, zh, en, by) = match state {
        ListingState::Draft => ("rewritten", "修改草稿", "Written anew", By::Seller),
        ListingState::Submitted => ("submitted", "提交审核", "Handed in", By::Seller),
        ListingState::UnderReview => ("taken", "受理审核", "Taken for review", By::Reviewer),
        ListingState::Returned => ("returned", "退回修改", "Sent back", By::Reviewer),
        ListingState::Rejected => ("rejected", "驳回", "Rejected", By::Reviewer),
        ListingState::Approved => ("approved", "审核通过", "Approved", By::Reviewer),
        ListingState::Terminated if !is_announced => ("terminated", "终结", "Terminated", By::Seller),
        _ => return None,
    };
    Some(Step::coming(code, zh, en, by))
}

/// The procedure up to the publication: what was done, and what is still to be.
fn procedure(sight: &Sight, past: &[(ListingState, Timestamp)]) -> Vec<Step> {
    use ListingState::{Approved, Draft, Rejected, Returned, Submitted, UnderReview};
    let step = |state: ListingState| leading_to(state, sight.announced.is_some());
    let mut steps = vec![Step::coming("drafted", "起草", "Written", By::Seller).done(sight.listing.created_at)];
    steps.extend(past.iter().filter_map(|(state, at)| Some(step(*state)?.done(*at))));
    let stood = past.iter().rev().map(|(state, _)| *state).find(|state| !machine::is_over(*state)).unwrap_or(Draft);
    let ahead: &[ListingState] = match stood {
        Draft | Returned => &[Submitted, UnderReview, Approved],
        Submitted => &[UnderReview, Approved],
        UnderReview => &[Approved],
        _ => &[],
    };
    if is_over(sight) {
        steps.extend(ahead.iter().filter_map(|state| step(*state)).map(Step::skipped));
        return steps;
    }
    steps.extend(ahead.iter().filter_map(|state| step(*state)));
    let back: &[ListingState] = match stood {
        Approved if sight.listing.published_at.is_none() => &[Returned],
        _ if ahead.is_empty() => &[],
        _ => &[Returned, Rejected],
    };
    steps.extend(back.iter().filter_map(|state| step(*state)).map(Step::may_come));
    steps
}

fn publication(sight: &Sight, can_be_planned: bool) -> Step {
    match sight.listing.published_at {
        Some(published_at) => announcement().done(published_at),
        None if is_over(sight) => announcement().skipped(),
        None if can_be_planned => announcement(),
        None => announcement().note(OUTSIDE_RULE),
    }
}

/// The lot as it was announced.
fn announced_lot(sight: &Sight, announced: &Announced, offer: &Offer) -> Result<Lot, Problem> {
    // The offer knows of its dates also where the lot is from before they were kept with it.
    let dates = schedule::dates(offer, sight.rules)?;
    let announced_course = Course { dates: &dates, ..announced.course };
    let mut steps = course(&announced_course);
    steps.extend(result(&announced_course, announced.sales, announced.result_published_at, sight.calendar)?);
    Ok(Lot { steps: while_scored(&announced_course, steps, sight.now), opens_at: announced.course.opens_at })
}

/// The lot as it would be announced now; nothing where the rules would refuse that.
fn planned_lot(sight: &Sight, offer: &Offer) -> Result<Option<Lot>, Problem> {
    let timing = schedule::plan(offer, sight.rules, sight.calendar, sight.now);
    let planned = timing.and_then(|timing| {
        exhibition::keeps_the_rules(offer, sight.rules, Some(timing.auction_opens_at), sight.now)?;
        Ok((timing, pricing::settle(offer, sight.rules, None)?))
    });
    let (timing, bidding) = match planned {
        Ok(planned) => planned,
        Err(problem) if problem.code == Code::Internal => return Err(problem),
        Err(_) => return Ok(None),
    };
    let terms = bidding.lot_terms(timing.auction_opens_at, sight.rules.version);
    let dates = schedule::dates(offer, sight.rules)?;
    let planned = Course::planned(&terms, timing.registration_closes_at, &dates, sight.rules);
    let mut steps = course(&planned);
    steps.extend(result(&planned, &[], None, sight.calendar)?);
    let steps = steps.into_iter().map(|step| if is_chosen(&step, &dates) { step } else { if_published_now(step, sight) });
    Ok(Some(Lot { steps: steps.collect(), opens_at: timing.auction_opens_at }))
}

/// Whether the seller chose the date of a step, so that it hangs on no day of publication.
fn is_chosen(step: &Step, dates: &Dates) -> bool {
    match step.code {
        "registration_closes" => dates.registration_chosen,
        "bidding_opens" => dates.opening_chosen,
        _ => false,
    }
}

fn if_published_now(step: Step, sight: &Sight) -> Step {
    if step.due_at.is_some() { step.reckoned(sight.calendar).note(IF_PUBLISHED_NOW) } else { step }
}

/// The warning of legal statuses that will be stale when bidding opens.
fn warning(sight: &Sight, opens_at: Timestamp) -> Result<Step, Problem> {
    let published_at = sight.listing.published_at.unwrap_or(sight.now);
    let due_at = schedule::warned_at(published_at, opens_at, sight.rules, sight.calendar)?;
    let step = Step::coming("status_warning", "法律状态预警", "The seller is warned of legal statuses that grow old", By::System)
        .under(sight.rules, "stale_warning_lead")
        .exactly(due_at);
    let Some(announced) = &sight.announced else { return Ok(if_published_now(step, sight)) };
    Ok(match announced.course.end {
        Some(end) if end.at < due_at => step.skipped(),
        _ if due_at <= sight.now => step.done(due_at),
        _ => step,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::TimeDelta;
    use entity::auctions::LotState;
    use entity::identity::SellerClass;
    use proptest::prelude::*;

    use super::super::offer::OfferedAuction;
    use super::super::tests::{at, auction, calendar, draft, offer, rules};
    use super::*;
    use crate::auctions::rules::timeline::{CHOSEN, End};
    use crate::rulebook::rules::Progress;
    use crate::rulebook::rules::timeline::proof::is_a_timeline;

    /// The way to a state before publication, and when each step of it was taken.
    fn way(to: ListingState) -> Vec<(ListingState, Timestamp)> {
        use ListingState::{Approved, Draft, Rejected, Returned, Submitted, UnderReview};
        let states: &[ListingState] = match to {
            Draft => &[Submitted, UnderReview, Returned, Draft],
            Submitted => &[Submitted],
            UnderReview => &[Submitted, UnderReview],
            Returned => &[Submitted, UnderReview, Returned],
            Rejected => &[Submitted, UnderReview, Rejected],
            ListingState::Terminated => &[Submitted, ListingState::Terminated],
            _ => &[Submitted, UnderReview, Approved],
        };
        let hours = (1..).map(TimeDelta::hours);
        states.iter().zip(hours).map(|(state, hour)| (*state, draft().created_at + hour)).collect()
    }

    fn told(listing: &listing::Model, past: &[(ListingState, Timestamp)], now: Timestamp) -> Vec<Step> {
        let (rules, calendar) = (rules(SellerClass::State), calendar());
        let offered = super::super::read_offer(super::super::written(listing, &offer().contact).unwrap()).unwrap();
        steps(&Sight { listing, offer: &offered, rules: &rules, past: Some(past), announced: None, calendar: &calendar, now }).unwrap()
    }

    fn find<'a>(steps: &'a [Step], code: &str) -> &'a Step {
        steps.iter().find(|step| step.code == code).unwrap_or_else(|| panic!("no {code} in {steps:?}"))
    }

    /// Whether a step names the rule its date follows, if it has one.
    fn is_ruled(step: &Step) -> bool {
        step.due_at.is_none() || step.rule.is_some()
    }

    fn next(steps: &[Step]) -> Vec<&'static str> {
        steps.iter().filter(|step| step.state == Progress::Next).map(|step| step.code).collect()
    }

    #[test]
    fn somebody_is_awaited_at_every_step() {
        for (state, awaited) in [
            (ListingState::Draft, "submitted"),
            (ListingState::Returned, "submitted"),
            (ListingState::Submitted, "taken"),
            (ListingState::UnderReview, "approved"),
            (ListingState::Approved, "published"),
        ] {
            let listing = listing::Model { state, ..draft() };
            assert_eq!(next(&told(&listing, &way(state), at("2026-03-03T02:00:00Z"))), [awaited], "{state:?}");
        }
    }

    #[test]
    fn what_is_approved_may_still_be_sent_back() {
        let listing = listing::Model { state: ListingState::Approved, ..draft() };
        let steps = told(&listing, &way(ListingState::Approved), at("2026-03-03T02:00:00Z"));
        assert_eq!(find(&steps, "returned").state, Progress::MayCome);
        assert!(steps.iter().all(|step| step.code != "rejected"));
    }

    #[test]
    fn before_publication_the_dates_are_those_of_a_publication_now() {
        let now = at("2026-03-03T02:00:00Z");
        let steps = told(&listing::Model { state: ListingState::Approved, ..draft() }, &way(ListingState::Approved), now);
        let timing = schedule::plan(&offer(), &rules(SellerClass::State), &calendar(), now).unwrap();
        assert_eq!(find(&steps, "registration_closes").due_at, Some(timing.registration_closes_at));
        assert_eq!(find(&steps, "registration_closes").rule.as_ref().unwrap().name, "listing_period");
        assert_eq!(find(&steps, "bidding_opens").due_at, Some(timing.auction_opens_at));
        assert_eq!(find(&steps, "bidding_ends").due_at, Some(timing.auction_opens_at + TimeDelta::hours(24)));
        assert!(
            ["registration_closes", "bidding_opens", "bidding_ends"]
                .iter()
                .all(|code| find(&steps, code).notes.contains(&IF_PUBLISHED_NOW))
        );
    }

    #[test]
    fn spring_festival_is_reckoned_with_and_years_to_come_are_provisional() {
        let approved = listing::Model { state: ListingState::Approved, ..draft() };
        // Published on Tuesday the 10th of February: four working days before the holidays, the worked Saturday among
        // them; the fifth is Tuesday the 24th, and after another worked Saturday the tenth is Monday the 2nd of March.
        let steps = told(&approved, &[], at("2026-02-10T02:00:00Z"));
        assert_eq!(find(&steps, "registration_closes").due_at, Some(at("2026-03-02T16:00:00Z")));
        assert!(!find(&steps, "registration_closes").provisional);
        assert!(find(&told(&approved, &[], at("2026-12-28T02:00:00Z")), "registration_closes").provisional);
    }

    #[test]
    fn dates_the_seller_chose_are_said_to_be_and_those_that_hold_no_more_are_not_told() {
        let mut chosen = offer();
        chosen.schedule.registration_closes_at = Some(at("2026-03-20T16:00:00Z"));
        let listing = listing::Model { state: ListingState::Approved, offer: super::super::kept_offer(&chosen).unwrap(), ..draft() };
        let steps = told(&listing, &[], at("2026-03-03T02:00:00Z"));
        assert!(find(&steps, "registration_closes").notes.contains(&CHOSEN));
        let late = told(&listing, &[], at("2026-03-20T02:00:00Z"));
        assert_eq!(find(&late, "published").notes, [OUTSIDE_RULE]);
        assert!(late.iter().all(|step| step.code != "registration_closes"));
    }

    #[test]
    fn an_auction_that_is_exhibited_nowhere_has_no_dates() {
        let offered = super::super::kept_offer(&auction()).unwrap();
        let listing = listing::Model { state: ListingState::Approved, offer: offered, ..draft() };
        let planned = told(&listing, &[], at("2026-03-03T02:00:00Z"));
        assert_eq!(find(&planned, "bidding_opens").due_at, Some(at("2026-03-12T02:00:00Z")));
        let without = super::super::kept_offer(&Offer { auction: OfferedAuction { exhibition: None, ..auction().auction }, ..auction() });
        let incomplete = told(&listing::Model { offer: without.unwrap(), ..listing }, &[], at("2026-03-03T02:00:00Z"));
        assert_eq!(find(&incomplete, "published").notes, [OUTSIDE_RULE]);
    }

    #[test]
    fn what_was_refused_for_good_goes_no_further() {
        let listing = listing::Model { state: ListingState::Rejected, ..draft() };
        let steps = told(&listing, &way(ListingState::Rejected), at("2026-03-03T02:00:00Z"));
        assert_eq!((find(&steps, "rejected").state, find(&steps, "published").state), (Progress::Done, Progress::Skipped));
        assert_eq!(find(&steps, "approved").state, Progress::Skipped);
        assert!(next(&steps).is_empty());
    }

    /// A listing that was published on the 3rd of March, with its lot at a stage.
    fn published(reached: usize, now: Timestamp, check: impl FnOnce(&Sight)) {
        let (rules, calendar) = (rules(SellerClass::State), calendar());
        let at_publication = at("2026-03-03T02:00:00Z");
        let timing = schedule::plan(&offer(), &rules, &calendar, at_publication).unwrap();
        let terms = pricing::settle(&offer(), &rules, None).unwrap().lot_terms(timing.auction_opens_at, 1);
        let dates = schedule::dates(&offer(), &rules).unwrap();
        let expected = Course::planned(&terms, timing.registration_closes_at, &dates, &rules);
        let closed = Course { registration_closed_at: Some(timing.registration_closes_at), ..expected };
        let end = |at, terminated| Some(End { at, terminated });
        let (state, course) = match reached {
            0 => (ListingState::Published, expected),
            1 => (ListingState::RegistrationClosed, closed),
            2 => (ListingState::Bidding, Course { state: LotState::OpenFree, ..closed }),
            3 => (ListingState::Sold, Course { state: LotState::ClosedSold, end: end(closed.decided_at(), false), ..closed }),
            4 => (ListingState::Failed, Course { state: LotState::Aborted, end: end(timing.registration_closes_at, false), ..closed }),
            _ => {
                let early = Course { registration_closed_at: Some(at_publication), end: end(at_publication, true), ..expected };
                (ListingState::Terminated, Course { state: LotState::Aborted, ..early })
            }
        };
        let listing = listing::Model { state, published_at: Some(at_publication), ..draft() };
        let past = way(ListingState::Approved);
        let announced = Some(Announced { course, sales: &[], result_published_at: None });
        let offered = offer();
        check(&Sight { listing: &listing, offer: &offered, rules: &rules, past: Some(&past), announced, calendar: &calendar, now });
    }

    /// An instant of a stage, some minutes in.
    fn during(stage: usize, minutes: i64) -> Timestamp {
        let begun = ["2026-03-03T02:00:00Z", "2026-03-17T16:00:00Z", "2026-03-19T02:00:00Z", "2026-03-20T02:01:00Z"];
        let begun = match stage {
            4 => begun[1],
            5.. => begun[0],
            early => begun[early],
        };
        at(begun) + TimeDelta::minutes(minutes)
    }

    #[test]
    fn the_public_is_told_the_public_steps_only() {
        published(0, during(0, 5), |sight| {
            let inner = ["drafted", "submitted", "taken", "approved", "status_warning"];
            let insiders = steps(sight).unwrap();
            assert!(inner.iter().all(|code| insiders.iter().any(|step| step.code == *code)));
            let public = steps(&Sight { past: None, ..*sight }).unwrap();
            let codes: Vec<_> = public.iter().map(|step| step.code).collect();
            assert_eq!(
                codes,
                ["published", "registration_closes", "bidding_opens", "terminated", "bidding_ends", "sold", "failed", "result_published"]
            );
            assert_eq!(next(&public), ["registration_closes"]);
        });
    }

    proptest! {
        #[test]
        fn every_listing_at_every_state_has_a_timeline(index in 0..ListingState::ALL.len(), hours in 24_i64..8_000) {
            let state = ListingState::ALL[index];
            let listing = listing::Model { state, ..draft() };
            let now = draft().created_at + TimeDelta::hours(hours);
            let steps = told(&listing, &way(state), now);
            is_a_timeline(&steps, now)?;
            prop_assert!(steps.iter().all(is_ruled), "{:?}", steps);
        }

        #[test]
        fn every_published_listing_has_a_timeline(stage in 0..6_usize, minutes in 0_i64..1_400, insider in any::<bool>()) {
            let now = during(stage, minutes);
            let mut proved = Ok(());
            published(stage, now, |sight| {
                let past = sight.past.filter(|_| insider);
                let told = steps(&Sight { past, ..*sight }).unwrap();
                assert!(told.iter().all(is_ruled), "{told:?}");
                proved = is_a_timeline(&told, now);
            });
            proved?;
        }
    }
}
