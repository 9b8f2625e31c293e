//! What happened to a sale at a negotiated price, what comes next and by when.

mod objected;
mod places;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

use entity::Timestamp;
use entity::negotiations::{NegotiationSide, NegotiationState, negotiation, negotiation_offer};
use entity::notices::{NoticeState, notice};
use entity::objections::objection;

use places::Places;

use super::machine::Deed;
use super::notice::PERIOD;
use crate::deals::rules::unruled;
use crate::notices::rules::both_places::{Awaited, AwaitedThing, UnitNotice};
use crate::platform::problem::Problem;
use crate::rulebook::rules::{By, Calendar, Progress, Snapshot, Step, StepNote, arranged, deadline};

/// The rule that says how long an offer stands that names no day.
const VALIDITY: &str = "negotiated_offer_validity";
/// The rule a notice of the result runs by.
const RESULT_PERIOD: &str = "result_notice_period";

/// An offer that stands for as long as its party said.
const CHOSEN: StepNote = StepNote::of("chosen_by_party", "由要约方指定", "chosen by who made the offer");
/// A date that hangs on the day of publication.
const IF_PUBLISHED_NOW: StepNote =
    StepNote::of("provisional_on_publication", "以现在公示为准推算", "reckoned as if the notice were published now");
/// A date that hangs on a paper that is not there yet.
const IF_SHOWN: StepNote = StepNote::of(
    "unit_notice_not_shown",
    "须提交本单位公示证明；本单位公示晚于单位决策日开始的，相应顺延",
    "if the seller shows that his own notice stands; where that was put up after the day of his decision, it is later by as much",
);
/// While nobody can read it.
const AWAY: StepNote = StepNote::of("notice_away", "公示页面已下架，公示期中止", "its page is away, and no period ends meanwhile");
/// As long as an objection holds it up.
const WAITS_FOR_OBJECTION: StepNote =
    StepNote::of("waits_for_objection", "异议办结前，双方不得确认成交", "until objections are settled the parties cannot confirm");

/// A notice, and when its period is over as far as is known.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The notice.
    pub notice: notice::Model,
    /// When its period is over.
    pub ends_at: Option<Timestamp>,
}

/// What the timeline of a negotiation is made of.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    /// The negotiation.
    pub held: &'a negotiation::Model,
    /// Its last offer.
    pub last: &'a negotiation_offer::Model,
    /// The notice of the price, once there is one.
    pub price: Option<&'a Shown>,
    /// The notice of the result, once it is drafted.
    pub result: Option<&'a Shown>,
    /// The seller's own notice, once it was shown, and when that was.
    pub unit_notice: Option<(&'a UnitNotice, Timestamp)>,
    /// What the parties wait for before they may confirm, once the notice is public.
    pub waits_for: &'a [Awaited],
    /// What was objected to.
    pub objections: &'a [objection::Model],
    /// The rules it follows: those it was decided under, or today's.
    pub rules: &'a Snapshot,
    /// Working days.
    pub calendar: &'a Calendar,
    /// Now.
    pub now: Timestamp,
}

impl Sight<'_> {
    /// Whether it still has to be announced what is agreed on.
    fn is_unannounced(&self) -> bool {
        matches!(self.held.state, NegotiationState::Open | NegotiationState::Agreed | NegotiationState::Decided)
    }

    fn is_held_up(&self) -> bool {
        self.waits_for.iter().any(|awaited| awaited.what == AwaitedThing::Objections)
    }

    /// Whether a party that has not confirmed may now.
    fn is_open_to_confirm(&self) -> bool {
        self.held.state == NegotiationState::Noticed && self.waits_for.is_empty()
    }
}

/// The steps of a negotiation, for its parties and for officers.
pub fn steps(sight: &Sight) -> Result<Vec<Step>, Problem> {
    let places = Places::of(sight)?;
    let mut steps = vec![Step::coming("begun", "发起协议定价", "The sale is begun", By::Seller).done(sight.held.created_at)];
    steps.extend(bargaining(sight));
    steps.extend(announcement(sight));
    steps.extend(own_notice(sight, &places));
    steps.push(notice_period(sight, &places));
    steps.extend(confirmation(sight, &places));
    steps.extend(result(sight)?);
    steps.extend(standing_offer(sight)?);
    if sight.held.state == NegotiationState::Ended {
        steps = steps.into_iter().map(|step| if step.state == Progress::Done { step } else { step.skipped() }).collect();
    }
    steps.extend(objected::steps(sight.objections, sight.rules));
    steps.extend(sight.held.ended_at.map(|at| Step::coming("ended", "终止", "It comes to nothing", By::BothSides).done(at)));
    Ok(arranged(steps, sight.now))
}

fn done_if(step: Step, at: Option<Timestamp>) -> Step {
    match at {
        Some(at) => step.done(at),
        None => step,
    }
}

fn by(side: NegotiationSide) -> By {
    match side {
        NegotiationSide::Seller => By::Seller,
        NegotiationSide::Buyer => By::Buyer,
    }
}

/// Who may accept what a party offers.
fn other(side: NegotiationSide) -> By {
    match side {
        NegotiationSide::Seller => By::Buyer,
        NegotiationSide::Buyer => By::Seller,
    }
}

/// The last offer, and the agreement.
fn bargaining(sight: &Sight) -> Vec<Step> {
    let last = sight.last;
    let made = Step::coming("offered", "要约", "The last offer is made", by(last.side)).done(last.made_at);
    let agreed = |by| Step::coming("agreed", "达成一致", "An offer is accepted", by);
    if let Some(at) = sight.held.agreed_at {
        return vec![made, agreed(By::BothSides).done(at)];
    }
    if sight.now < last.expires_at {
        return vec![made, agreed(other(last.side)).under(sight.rules, VALIDITY).before(last.expires_at)];
    }
    vec![made, Step::coming("offered_anew", "重新要约", "A party makes another offer", By::BothSides), agreed(By::BothSides)]
}

/// What becomes of the last offer, where nobody has accepted it and somebody could.
fn standing_offer(sight: &Sight) -> Result<Vec<Step>, Problem> {
    let (held, last) = (sight.held, sight.last);
    if !Deed::Accept.is_allowed_in(held.state) || held.agreed_offer >= Some(last.number) {
        return Ok(Vec::new());
    }
    let span = sight.rules.span(VALIDITY).map_err(|error| unruled(&error))?;
    let is_usual = deadline(last.made_at, span, sight.calendar).ends_at == last.expires_at;
    let expires = Step::coming("offer_expires", "要约失效", "The last offer expires", By::System).under(sight.rules, VALIDITY);
    let expires = if is_usual { expires } else { expires.note(CHOSEN) };
    if last.expires_at <= sight.now {
        return Ok(vec![expires.done(last.expires_at)]);
    }
    let mut steps = vec![expires.may_come().exactly(last.expires_at)];
    if held.agreed_at.is_some() {
        let anew = Step::coming("agreed_anew", "重新达成一致", "The last offer is accepted, and announced anew", other(last.side));
        steps.push(anew.may_come().before(last.expires_at));
    }
    Ok(steps)
}

/// The seller's decision, and the publication of what was agreed on; of what was agreed anew once more.
fn announcement(sight: &Sight) -> Vec<Step> {
    let decided = Step::coming("decided", "单位决策", "The seller decides", By::Seller);
    let published = Step::coming("notice_published", "发布协议定价公示", "The notice of the price is published", By::Publisher);
    let first = sight.price.and_then(|price| price.notice.published_at);
    let mut steps = vec![done_if(decided, sight.held.decided_at), done_if(published, first)];
    if let Some(price) = sight.price {
        let anew = Step::coming("notice_published_anew", "重新公示", "What was agreed anew is announced anew", By::Publisher);
        if sight.is_unannounced() {
            steps.push(anew);
        } else {
            steps.extend(price.notice.revised_at.map(|at| anew.done(at)));
        }
    }
    steps
}

/// The notice in the seller's own place, where the rules want one.
fn own_notice(sight: &Sight, places: &Places) -> Vec<Step> {
    if !places.in_unit {
        return Vec::new();
    }
    let shown = Step::coming("unit_notice_shown", "提交本单位公示证明", "The seller shows that his own notice stands", By::Seller);
    let ends = Step::coming("unit_notice_period_ends", "本单位公示期满", "The period of the seller's own notice ends", By::System)
        .under(sight.rules, PERIOD);
    let (Some((_, shown_at)), Some(until)) = (sight.unit_notice, places.unit) else { return vec![shown, ends] };
    let ends = ends.exactly(until).reckoned(sight.calendar);
    vec![shown.done(shown_at), if until <= sight.now { ends.done(until) } else { ends }]
}

fn notice_period(sight: &Sight, places: &Places) -> Step {
    let ends = Step::coming("notice_period_ends", "公示期满", "The notice period of the price ends", By::System).under(sight.rules, PERIOD);
    match sight.price.filter(|_| !sight.is_unannounced()) {
        Some(price) => runs(ends, price, sight),
        None => match places.platform {
            Some(at) => ends.exactly(at).reckoned(sight.calendar).note(IF_PUBLISHED_NOW),
            None => ends,
        },
    }
}

/// The end of the period of a public notice.
fn runs(step: Step, shown: &Shown, sight: &Sight) -> Step {
    let notice = &shown.notice;
    match (notice.state, notice.ends_at, shown.ends_at) {
        (NoticeState::Ended, Some(ended_at), _) => step.exactly(ended_at).done(ended_at),
        // Withdrawn after its time was over, it had stood for all of it.
        (NoticeState::Withdrawn, Some(ended_at), _) if notice.withdrawn_at.is_some_and(|at| ended_at <= at) => {
            step.exactly(ended_at).done(ended_at)
        }
        (NoticeState::Withdrawn, ..) => step.skipped(),
        _ if notice.taken_down_at.is_some() => step.note(AWAY),
        (.., Some(ends_at)) => step.exactly(ends_at).reckoned(sight.calendar),
        _ => step,
    }
}

/// When the parties may confirm at the earliest, and that they do.
fn confirmation(sight: &Sight, places: &Places) -> Vec<Step> {
    let held = sight.held;
    let given = [
        ("confirmed_by_seller", "转让方确认成交", "The seller confirms", By::Seller, held.seller_confirmed_at),
        ("confirmed_by_buyer", "受让方确认成交", "The buyer confirms", By::Buyer, held.buyer_confirmed_at),
    ];
    let confirms = given.into_iter().map(|(code, zh, en, by, at)| {
        let step = Step::coming(code, zh, en, by);
        match at {
            Some(at) => step.done(at),
            // They confirm in any order.
            None if sight.is_open_to_confirm() => step.awaited(),
            None if sight.is_held_up() => step.note(WAITS_FOR_OBJECTION),
            None => step,
        }
    });
    std::iter::once(opening(sight, places)).chain(confirms).collect()
}

fn opening(sight: &Sight, places: &Places) -> Step {
    let held = sight.held;
    let opens = Step::coming("confirmation_opens", "可以确认成交", "The parties may confirm", By::System).under(sight.rules, PERIOD);
    let first = held.seller_confirmed_at.into_iter().chain(held.buyer_confirmed_at).min();
    if first.is_some() || sight.is_open_to_confirm() {
        return opens.done(places.opened_at(sight).min(first.unwrap_or(sight.now)));
    }
    if sight.is_held_up() {
        return opens.note(WAITS_FOR_OBJECTION);
    }
    let Some(earliest) = places.earliest() else { return opens };
    let opens = if sight.is_unannounced() { opens.note(IF_PUBLISHED_NOW) } else { opens };
    let opens = if places.in_unit && sight.unit_notice.is_none() { opens.may_come().note(IF_SHOWN) } else { opens };
    if sight.now < earliest { opens.exactly(earliest).reckoned(sight.calendar) } else { opens }
}

/// The notice of the result: drafted with the second confirmation, published, shown for its period.
fn result(sight: &Sight) -> Result<Vec<Step>, Problem> {
    let drafted = Step::coming("result_drafted", "起草成交公示", "The result notice is drafted", By::System);
    let published = Step::coming("result_published", "发布成交公示", "The result is published", By::Publisher);
    let ends = Step::coming("result_period_ends", "成交公示期满", "The notice period of the result ends", By::System)
        .under(sight.rules, RESULT_PERIOD);
    let Some(result) = sight.result else { return Ok(vec![drafted, published, ends]) };
    let drafted = drafted.done(result.notice.created_at);
    if let Some(published_at) = result.notice.published_at {
        return Ok(vec![drafted, published.done(published_at), runs(ends, result, sight)]);
    }
    let span = sight.rules.span(RESULT_PERIOD).map_err(|error| unruled(&error))?;
    let ends_at = deadline(sight.now, span, sight.calendar).ends_at;
    Ok(vec![drafted, published, ends.exactly(ends_at).reckoned(sight.calendar).note(IF_PUBLISHED_NOW)])
}
