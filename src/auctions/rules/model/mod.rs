//! The engine and a model written apart from it, from the text of the rules (`tests/model/`), say the same of random
//! histories of every format. A file for each draws terms and deeds, and plays them through the rules of the engine. What is the
//! same for all is in `play.rs`, with what comes by itself (`timer.rs`), what holders of a right of pre-emption do
//! (`preemption.rs`), and what the model is told (`told.rs`). A format that is added has a file here, and a test below.

mod dice;
mod dutch;
mod english;
mod maxima;
mod play;
mod preemption;
mod rounds;
mod sealed;
mod timer;
mod told;
mod units;
mod weighted;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use entity::auctions::{ClosingMode, Format};

use dice::Dice;
use play::Play;

/// Of each of thirteen kinds: a hundred and four thousand together.
const EACH: usize = 8_000;
/// Of maxima, each of which is committed to by hundreds of hashes.
const FEW: usize = 1_500;

/// Draws histories, and holds what the model says of them against what the engine said. What is to happen often happens in
/// one of two hundred at least: histories in which hardly anything happens would prove little.
fn agree(histories: usize, seed: u64, draw: impl Fn(&mut Dice) -> Play, often: &[&str]) {
    assert_eq!(draw(&mut Dice(seed)).history(), draw(&mut Dice(seed)).history(), "the same is drawn each time");
    let (mut dice, mut lines, mut happened) = (Dice(seed), String::new(), BTreeMap::<_, usize>::new());
    for _ in 0..histories {
        let play = draw(&mut dice);
        writeln!(lines, "{}", play.history()).unwrap();
        for what in play.happened() {
            *happened.entry(what).or_default() += 1;
        }
    }
    let seldom: Vec<_> = often.iter().filter(|what| happened.get(**what).is_none_or(|times| times * 200 < histories)).collect();
    assert!(seldom.is_empty(), "hardly ever: {seldom:?} in {happened:?}");
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/model/auction.py");
    let mut python = Command::new("python3").arg(model).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = python.stdin.take().unwrap();
    let writes = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let said = python.wait_with_output().unwrap();
    writes.join().unwrap().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
}

/// What happens whatever the format.
const ALWAYS: [&str; 19] = [
    "sold",
    "unsold",
    "bid done",
    "bid too_low",
    "bid not_open",
    "bid closed",
    "bid paused",
    "bid bidder_suspended",
    "pause done",
    "pause closed",
    "pause wrong_state",
    "resume done",
    "extend done",
    "extend closed",
    "paused",
    "resumed",
    "extended",
    "out of order",
    "at one instant",
];

fn always_and(more: &[&'static str]) -> Vec<&'static str> {
    [&ALWAYS[..], more].concat()
}

/// What happens where one price is found for one thing, about which holders of a right of pre-emption may be asked.
const ASKED: [&str; 6] = ["preemption_asked", "preemption_answered", "answer done", "answer wrong_state", "answer closed", "suspend done"];

fn asked_and(more: &[&'static str]) -> Vec<&'static str> {
    always_and(&[&ASKED[..], more].concat())
}

/// What happens where bids are made one after another, up or down.
const OPEN: [&str; 10] = [
    "aborted",
    "bid too_high",
    "bid not_a_step",
    "bid already_leading",
    "buy done",
    "buy buy_now_over",
    "bought_now",
    "at par",
    "at par after a pause",
    "at par on a ladder",
];

#[test]
fn engine_and_model_agree_on_hard_closes() {
    agree(EACH, 1, |dice| english::history(dice, ClosingMode::HardClose), &asked_and(&OPEN));
}

#[test]
fn engine_and_model_agree_on_soft_closes() {
    agree(EACH, 2, |dice| english::history(dice, ClosingMode::SoftClose), &asked_and(&OPEN));
}

#[test]
fn engine_and_model_agree_on_timed_cycles() {
    let often = asked_and(&[&OPEN[..], &["timed_phase_started"]].concat());
    agree(EACH, 3, |dice| english::history(dice, ClosingMode::TimedCycle), &often);
}

#[test]
fn engine_and_model_agree_on_holders_who_are_asked() {
    let often = ["aborted", "answer bidder_suspended", "suspended before his turn"];
    agree(EACH, 4, preemption::history, &asked_and(&often));
}

#[test]
fn engine_and_model_agree_on_holders_of_one_rank() {
    let often = ["preemption_round", "bids_opened", "seal done", "seal too_low", "seal not_in_tie_round", "seal busy", "seal closed"];
    agree(EACH, 14, preemption::history_of_one_rank, &asked_and(&often));
}

#[test]
fn engine_and_model_agree_on_maxima() {
    let often = ["aborted", "maximum_placed", "maxima_opened", "met the maximum", "buy done"];
    agree(FEW, 5, maxima::history, &asked_and(&often));
}

#[test]
fn engine_and_model_agree_on_falling_clocks() {
    agree(EACH, 6, dutch::history, &asked_and(&["aborted"]));
}

#[test]
fn engine_and_model_agree_on_first_price() {
    let often = ["aborted", "bids_opened", "tie_round", "bid not_in_tie_round", "bid again", "bid too_high"];
    agree(EACH, 7, |dice| sealed::history(dice, |tie_round_seconds| Format::FirstPrice { tie_round_seconds }), &asked_and(&often));
}

#[test]
fn engine_and_model_agree_on_one_shot() {
    let often = ["aborted", "bids_opened", "tie_round", "bid not_in_tie_round", "bid again", "bid too_high"];
    agree(EACH, 8, |dice| sealed::history(dice, |tie_round_seconds| Format::OneShot { tie_round_seconds }), &asked_and(&often));
}

#[test]
fn engine_and_model_agree_on_vickrey() {
    agree(EACH, 9, |dice| sealed::history(dice, |_| Format::Vickrey {}), &asked_and(&["aborted", "bids_opened"]));
}

#[test]
fn engine_and_model_agree_on_rounds() {
    let often = ["first_offers_opened", "turn_ended", "bid not_your_turn", "changed", "equal offers", "no first offer"];
    agree(EACH, 10, rounds::history, &asked_and(&often));
}

#[test]
fn engine_and_model_agree_on_units_at_one_price() {
    let often = ["aborted", "bids_opened", "bid invalid", "several units", "several buyers", "several of one"];
    agree(EACH, 11, |dice| units::history(dice, units::one_price), &always_and(&often));
}

#[test]
fn engine_and_model_agree_on_units_at_their_own_prices() {
    let often = ["aborted", "bids_opened", "bid invalid", "several units", "several buyers", "several of one"];
    agree(EACH, 12, |dice| units::history(dice, units::own_prices), &always_and(&often));
}

#[test]
fn engine_and_model_agree_on_weighted_quotes() {
    agree(EACH, 13, weighted::history, &always_and(&["aborted", "bids_opened", "a lower price wins"]));
}

/// A model that had the text wrong would agree with an engine that has it wrong too.
#[test]
fn the_model_says_what_the_text_of_the_rules_says() {
    let vectors = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/model/test_auction.py");
    let said = Command::new("python3").arg(vectors).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}
