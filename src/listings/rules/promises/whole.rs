//! Text, timeline, rehearsal and engine never disagree, whatever a seller chooses: whole offers of every format, settled,
//! told, planned, and played through a short history.

mod drawn;
mod foretold;
mod played;
mod told;

use entity::auctions::lot;
use entity::identity::SellerClass;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::auctions::rules::log::OpenedReserve;
use crate::auctions::rules::reserve;
use crate::auctions::rules::tests::{at, lot};
use crate::listings::rules::offer::{Offer, OfferedReserve, well_formed};
use crate::listings::rules::pricing::settle;
use crate::listings::rules::rule_text::rule_text;
use crate::listings::rules::tests::rules;
use crate::rulebook::rules::Snapshot;
use played::{Answer, Deed, Play};

/// Of how many cases of other properties there is one offer here, where more is asked for than usual.
const SHARE: u32 = 16;
/// What hides a secret reserve.
const SALT: [u8; 16] = [7; 16];

/// How many offers are drawn of each of so many kinds.
fn cases(kinds: usize) -> u32 {
    let kinds = u32::try_from(kinds).unwrap();
    (ProptestConfig::default().cases / SHARE / kinds).max(8)
}

/// The secret reserve of an offer, as the close opens it.
fn secret(offer: &Offer) -> Option<OpenedReserve> {
    let OfferedReserve::Secret { amount: Some(amount) } = offer.reserve else { return None };
    reserve::unpack(&reserve::pack(&SALT, amount), amount.currency)
}

/// What of the rules a lot is asked for while it runs.
fn kept(rules: &Snapshot) -> entity::kept::Kept {
    let mut kept = rules.clone();
    kept.parameters.retain(|entry| ["extend_limit", "outage_window"].contains(&entry.name.as_str()));
    serde_json::to_value(kept).unwrap().into()
}

/// What comes of a lot.
#[derive(Clone, Debug)]
struct History {
    /// How many seal a first offer, where it is bid for by rounds.
    bidders: u8,
    deeds: Vec<Deed>,
    /// What comes of it when holders are asked.
    answers: [Answer; 2],
}

fn history() -> impl Strategy<Value = History> {
    let answers = [played::answer(), played::answer()];
    (1_u8..=3, prop::collection::vec(played::deed(), 2..7), answers).prop_map(|(bidders, deeds, answers)| History {
        bidders,
        deeds,
        answers,
    })
}

/// Holds everything that is said of an offer against what its lot does in such a history.
fn agrees(offer: &Offer, history: &History, rules: &Snapshot) -> Result<(), TestCaseError> {
    prop_assert_eq!(well_formed(offer, false), Ok(()));
    let secret = secret(offer);
    let commitment = secret.as_ref().map(|opened| reserve::commitment(&SALT, opened.amount));
    let settled = settle(offer, rules, commitment.as_deref());
    prop_assert!(settled.is_ok(), "{:?}", settled);
    let bidding = settled.unwrap();
    let text = rule_text(offer, &bidding, rules).unwrap();
    let lot = lot::Model { rules: kept(rules), ..lot(bidding.lot_terms(at(0), 1)) };
    told::holds(&text, &bidding, secret.as_ref(), &lot, rules)?;
    let holders = offer.auction.preemption.iter().flat_map(|named| &named.holders);
    let ranks = holders.map(|holder| holder.rank).collect();
    let mut play = Play::of(&lot, history.bidders, ranks, secret, &text, rules);
    play.is_as_planned()?;
    for deed in &history.deeds {
        play.does(deed)?;
    }
    play.ends(history.answers)
}

#[test]
fn nothing_that_is_said_of_a_lot_disagrees_with_what_it_does() {
    let rules = rules(SellerClass::Rehearsal);
    for format in drawn::FORMATS {
        let kinds = drawn::kinds(format);
        let cases = cases(kinds.len());
        for (way, mode) in kinds {
            // Nothing is written down of a failure: it is told whole.
            let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) };
            let held = TestRunner::new(config).run(&(drawn::whole(format, way, mode), history()), |(offer, history)| {
                // Every offer that is drawn is one that may be made, so that of every kind some are.
                agrees(&offer, &history, &rules)
            });
            if let Err(failure) = held {
                panic!("{format}, {way:?}, {mode:?}: {failure}");
            }
        }
    }
}
