//! What follows outside a lot from an event of its log. Rules only name it; whoever stores the event carries it out in the
//! same transaction (`auctions/flows/mod.rs: record`).

use entity::auctions::{LotEventKind, LotState, lot, lot_event};

use super::clock::next_look;

/// What an event brings about outside its lot. Who has the lot, and what becomes of deposits, follows from the awards of its end
/// (`close`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Others hear of it at once.
    Tell(News),
    /// What was sealed is no secret any more, neither what nor whose, or never will be opened.
    Reveal,
    /// Somebody must look at the lot when its next time comes (`clock::looks`), for no look that is seen to already can find
    /// what is due then.
    LookAgain,
}

/// What others hear of a lot at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// It opened.
    Opened,
    /// It was interrupted.
    Paused,
    /// It goes on.
    Resumed,
    /// There is more time.
    Extended,
    /// It opens later than was announced.
    Postponed,
    /// A holder of a right of pre-emption is asked.
    PreemptionAsked,
    /// Several holders take it, and seal one more bid.
    PreemptionRound,
}

/// The effects of an event of such a kind on a lot that stood as `before` and stands as `after`.
pub fn of(kind: LotEventKind, before: &lot::Model, after: &lot::Model) -> Vec<Effect> {
    let told = news(kind).map(Effect::Tell);
    let revealed = opens_what_was_sealed(kind).then_some(Effect::Reveal);
    let looked = must_be_looked_at(kind, before, after).then_some(Effect::LookAgain);
    [told, revealed, looked].into_iter().flatten().collect()
}

/// The effects of events that took a lot from `before` to `after`, one after another. What the lot was between them asks for no look
/// of its own.
pub fn of_all(events: &[lot_event::Model], before: &lot::Model, after: &lot::Model) -> Vec<Effect> {
    events.iter().flat_map(|event| of(event.kind, before, after)).collect()
}

fn news(kind: LotEventKind) -> Option<News> {
    match kind {
        LotEventKind::Opened => Some(News::Opened),
        LotEventKind::Paused => Some(News::Paused),
        LotEventKind::Resumed => Some(News::Resumed),
        LotEventKind::Extended | LotEventKind::ExtendedForOutage | LotEventKind::TieRound => Some(News::Extended),
        LotEventKind::Postponed => Some(News::Postponed),
        LotEventKind::PreemptionAsked => Some(News::PreemptionAsked),
        LotEventKind::PreemptionRound => Some(News::PreemptionRound),
        _ => None,
    }
}

/// Whether it is told with such an event who has sealed something, or nothing will be opened any more.
fn opens_what_was_sealed(kind: LotEventKind) -> bool {
    use LotEventKind::{Aborted, BidsOpened, FirstOffersOpened, TurnEnded};
    matches!(kind, Aborted | BidsOpened | FirstOffersOpened | TurnEnded)
}

/// A later end is found by the look at the earlier one, so bids and extensions ask for none, but for one that ends the bidding at
/// once. Nor is a lot opened by the look at an earlier opening, if it was moved; where it waits for its turn, it may be put off once more
/// then.
fn must_be_looked_at(kind: LotEventKind, before: &lot::Model, after: &lot::Model) -> bool {
    use LotEventKind::{ExtendedForOutage, Postponed, Resumed};
    let opens_later = after.state == LotState::Scheduled && matches!(kind, ExtendedForOutage | Postponed | Resumed);
    let Some(next) = next_look(after) else { return opens_later };
    let is_sooner = next_look(before).is_some_and(|looked| next < looked);
    is_sooner || opens_later || moves_next_look(kind)
}

/// Whether no look at what was due before can find what is due after such an event.
fn moves_next_look(kind: LotEventKind) -> bool {
    use LotEventKind::{
        BoughtNow, FirstOffersOpened, Opened, PreemptionAnswered, PreemptionAsked, PreemptionRound, Resumed, SessionJoined, TieRound,
        TimedPhaseStarted, TurnCame, TurnEnded,
    };
    let opened = matches!(kind, Opened | TimedPhaseStarted | Resumed | SessionJoined | TurnCame);
    let comes_next = matches!(kind, FirstOffersOpened | TurnEnded | TieRound | PreemptionAsked | PreemptionAnswered | PreemptionRound);
    opened || comes_next || kind == BoughtNow
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::auctions::{ClosingMode, Format, LotTerms};
    use entity::money::Money;

    use super::*;
    use crate::auctions::rules::log::{Body, Cause, append, apply};
    use crate::auctions::rules::pause::{self, Order};
    use crate::auctions::rules::tests::{at, bid, lot, terms};
    use crate::auctions::rules::{clock, judge, postpone};

    /// A lot that is open.
    fn open(terms: LotTerms) -> lot::Model {
        clock::advance(&lot(terms), at(0)).1
    }

    /// The effects of an event after a lot.
    fn effects(before: &lot::Model, body: &Body, second: i64) -> (lot::Model, Vec<Effect>) {
        let (event, after) = append(before, at(second), body, Cause::default());
        let (applied, effects) = apply(before, &event, body);
        assert_eq!(applied, after, "the event makes of the lot what it did when it was written");
        (after, effects)
    }

    #[test]
    fn a_lot_that_opens_is_told_of_and_looked_at_again() {
        let scheduled = lot(terms());
        let opened = effects(&scheduled, &Body::Opened { closes_at: scheduled.closes_at }, 0).1;
        assert_eq!(opened, [Effect::Tell(News::Opened), Effect::LookAgain]);
    }

    #[test]
    fn a_bid_has_none_for_the_look_at_the_end_before_finds_the_later_one() {
        let soft = open(LotTerms { closing_mode: ClosingMode::SoftClose, ..terms() });
        let judged = judge(&soft, &[bid(1, 10_000, 3_599)]);
        let body: Body = serde_json::from_str(&judged.events[0].body).unwrap();
        let (after, effects) = effects(&soft, &body, 3_599);
        assert!(after.closes_at > soft.closes_at);
        assert_eq!(effects, []);
    }

    #[test]
    fn an_acceptance_that_ends_the_bidding_is_looked_at_at_once() {
        let format = Format::Dutch { floor: Money::fen(6_000), decrement: Money::fen(500), tick_seconds: 60 };
        let dutch = open(LotTerms { format, closing_mode: ClosingMode::HardClose, ..terms() });
        let judged = judge(&dutch, &[bid(1, 10_000, 1)]);
        let body: Body = serde_json::from_str(&judged.events[0].body).unwrap();
        let (after, effects) = effects(&dutch, &body, 1);
        assert_eq!(effects, [Effect::LookAgain]);
        assert!(clock::next_look(&after) < clock::next_look(&dutch));
    }

    #[test]
    fn what_is_opened_is_revealed_and_so_is_what_never_will_be() {
        let sealed = open(LotTerms { format: Format::Vickrey {}, ..terms() });
        let opened = effects(&sealed, &Body::BidsOpened { round: 1, bids: Vec::new(), weighing: None }, 3_600).1;
        let aborted = effects(&sealed, &Body::aborted("listing_terminated"), 5).1;
        assert!(opened.contains(&Effect::Reveal) && aborted.contains(&Effect::Reveal));
    }

    #[test]
    fn a_paused_lot_is_told_of_and_nobody_looks_at_it_until_it_is_resumed() {
        let order = Order { reason: "网络故障".into(), ..Order::default() };
        let open = open(terms());
        let (event, paused) = pause::pause(&open, &order, at(10)).unwrap();
        assert_eq!(of(event.kind, &open, &paused), [Effect::Tell(News::Paused)]);
        let (event, resumed) = pause::resume(&paused, &order, at(20)).unwrap();
        assert_eq!(of(event.kind, &paused, &resumed), [Effect::Tell(News::Resumed), Effect::LookAgain]);
    }

    #[test]
    fn a_lot_that_opens_later_is_told_of_and_looked_at_then_or_once_it_is_resumed() {
        let order = Order { reason: "网络故障".into(), ..Order::default() };
        let waiting = lot::Model { enough_admitted: None, ..lot(terms()) };
        let (event, later) = postpone::postponed(&waiting, at(60), "公告网页中断", at(-10)).unwrap();
        assert_eq!(of(event.kind, &waiting, &later), [Effect::Tell(News::Postponed), Effect::LookAgain]);
        let paused = pause::pause(&waiting, &order, at(-20)).unwrap().1;
        let (event, later) = postpone::postponed(&paused, at(60), "公告网页中断", at(-10)).unwrap();
        assert_eq!(of(event.kind, &paused, &later), [Effect::Tell(News::Postponed)]);
    }

    #[test]
    fn a_lot_that_waits_for_its_turn_is_looked_at_when_it_might_open_now() {
        let order = Order { reason: "网络故障".into(), ..Order::default() };
        let looks = |lot: &lot::Model| clock::looks(lot).collect::<Vec<_>>();
        let waiting = lot::Model { hosted: true, opens_by: Some(at(1_800)), enough_admitted: None, ..lot(terms()) };
        assert_eq!(looks(&waiting), [at(1_800), at(0)]);
        let (event, later) = postpone::postponed(&waiting, at(60), "公告网页中断", at(-10)).unwrap();
        assert_eq!(of(event.kind, &waiting, &later), [Effect::Tell(News::Postponed), Effect::LookAgain]);
        assert_eq!(looks(&later), [at(60)]);
        let paused = pause::pause(&later, &order, at(-5)).unwrap().1;
        assert!(looks(&paused).is_empty());
        let (event, resumed) = pause::resume(&paused, &order, at(5)).unwrap();
        assert_eq!(of(event.kind, &paused, &resumed), [Effect::Tell(News::Resumed), Effect::LookAgain]);
        assert_eq!(looks(&resumed), [at(70)]);
    }
}
