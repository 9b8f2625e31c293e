//! Admissions as a machine: three organisations, one call and one lot, whatever is done in whatever order. Each goes only the
//! ways of the transition table (领域 4.10, D1 to D5 as far as deposits are decided here), what the table refuses the rules
//! refuse, and after every step all that came in is held or was given back once (4.9).

mod table;

use std::cell::RefCell;
use std::collections::BTreeSet;

use entity::admissions::{AdmissionState, admission, admission_call};
use entity::deals::DealState;
use entity::ids::{AccountId, AdmissionId, OrganisationId, PersonId, TransferId};
use entity::ledger::{ledger_account, ledger_transfer};
use entity::money::{Currency, Money};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::json;
use uuid::Uuid;

use super::samples::{OFFICER, at, call};
use super::{
    Applicant, DealNews, Fate, Paper, Payment, Settlement, admit, after_deal, application, at_close, at_settlement, close, credited,
    may_apply, qualify, refuse, reinstate, suspend, withdraw,
};
use crate::ledger::rules::{self as ledger, Balance, Purpose, Resolution, Slip, balance_of};
use crate::platform::problem::{Code, Problem};
use table::{Deposit, Table};

/// The deposit asked for, in fen.
const DEPOSIT: i64 = 100_000;
const NAME: &str = "杭州某某有限公司";

/// What is tried on an admission.
#[derive(Clone, Debug)]
enum Deed {
    Apply,
    Qualify,
    Refuse,
    Withdraw,
    /// So many fen more than the deposit come, in the own name or in another.
    Pay(i64, bool),
    Suspend,
    Reinstate,
}

/// What happens.
#[derive(Clone, Debug)]
enum Event {
    /// Something is tried on one of them.
    Tried(usize, Deed),
    /// The call is closed.
    Shut,
    /// The lot ends: which of those admitted wins, if any, and which of the others waits for the deal.
    Settled(Option<usize>, Option<usize>),
    /// The deal comes to stand here, if it can.
    Dealt(DealState),
}

fn any_deed() -> impl Strategy<Value = Deed> {
    let more = prop_oneof![4 => Just(0), 1 => -1_i64..2];
    prop_oneof![
        12 => Just(Deed::Apply),
        12 => Just(Deed::Qualify),
        1 => Just(Deed::Refuse),
        1 => Just(Deed::Withdraw),
        16 => (more, prop::bool::weighted(0.8)).prop_map(|(more, own)| Deed::Pay(more, own)),
        2 => Just(Deed::Suspend),
        2 => Just(Deed::Reinstate),
    ]
}

fn any_event() -> impl Strategy<Value = Event> {
    let anybody = || prop::option::of(0..3_usize);
    prop_oneof![
        92 => (0..3_usize, any_deed()).prop_map(|(who, deed)| Event::Tried(who, deed)),
        1 => Just(Event::Shut),
        1 => (anybody(), anybody()).prop_map(|(winner, next)| Event::Settled(winner, next)),
        12 => any_deal().prop_map(Event::Dealt),
    ]
}

fn any_deal() -> impl Strategy<Value = DealState> {
    prop::sample::select(DealState::ALL)
}

/// Events, each after a wait of so many seconds; and what becomes of the deal.
fn any_events() -> impl Strategy<Value = (Vec<(i64, Event)>, DealState)> {
    (prop::collection::vec((0_i64..3, any_event()), 30..100), any_deal())
}

/// From where to where an admission has gone.
type Way = (AdmissionState, AdmissionState);

/// Every way there is.
const WAYS: [Way; 10] = [
    (AdmissionState::Applied, AdmissionState::Qualified),
    (AdmissionState::Applied, AdmissionState::Refused),
    (AdmissionState::Applied, AdmissionState::NotAdmitted),
    (AdmissionState::Applied, AdmissionState::Withdrawn),
    (AdmissionState::Qualified, AdmissionState::Admitted),
    (AdmissionState::Qualified, AdmissionState::NotAdmitted),
    (AdmissionState::Qualified, AdmissionState::Withdrawn),
    (AdmissionState::Admitted, AdmissionState::Won),
    (AdmissionState::Admitted, AdmissionState::Lost),
    (AdmissionState::Won, AdmissionState::Defaulted),
];

/// The books of the lot's deposits.
struct Books {
    bank: ledger_account::Model,
    clients: [ledger_account::Model; 3],
    deposits: ledger_account::Model,
    transfers: Vec<ledger_transfer::Model>,
}

impl Books {
    fn new() -> Self {
        let account = |number, purpose: Purpose| purpose.open(AccountId(Uuid::from_u128(number)), Currency::Cny, at(0));
        let client = |who: usize| account(10 + who as u128, Purpose::ClientFunds(organisation(who)));
        let deposits = account(2, Purpose::Deposits(call().lot_id));
        Self { bank: account(1, Purpose::Bank), clients: [0, 1, 2].map(client), deposits, transfers: Vec::new() }
    }

    fn slip(&self) -> Slip {
        Slip { id: TransferId(Uuid::from_u128(self.transfers.len() as u128)), money: Money::fen(DEPOSIT), at: at(0) }
    }

    fn funds(&self, who: usize) -> Balance {
        balance_of(self.clients[who].id, &self.transfers).unwrap()
    }

    /// A deposit comes, and is held for the lot.
    fn take(&mut self, who: usize) -> TransferId {
        self.transfers.push(ledger::credit(self.slip(), &self.bank, &self.clients[who]).unwrap());
        let held = ledger::hold(self.slip(), &self.clients[who], &self.deposits, self.funds(who)).unwrap();
        let id = held.id;
        self.transfers.push(held);
        id
    }

    /// A deposit that is held goes back, which happens once.
    fn give_back(&mut self, id: TransferId) {
        let pending = self.transfers.iter().find(|transfer| transfer.id == id).unwrap();
        let earlier = self.transfers.iter().find(|transfer| transfer.pending_id == Some(id));
        let written = ledger::resolve(self.slip().id, pending, earlier, Resolution::Void, at(0)).unwrap();
        self.transfers.push(written);
    }
}

/// The admissions as the rules have them, beside the table.
struct Machine {
    call: admission_call::Model,
    held: [Option<admission::Model>; 3],
    books: Books,
    given_back: BTreeSet<AdmissionId>,
    settlement: Option<Settlement>,
    deal: Option<DealState>,
    second: i64,
    table: Table,
    gone: BTreeSet<Way>,
}

impl Machine {
    fn called() -> Self {
        Self {
            call: call(),
            held: [None, None, None],
            books: Books::new(),
            given_back: BTreeSet::new(),
            settlement: None,
            deal: None,
            second: 95,
            table: Table::blank(),
            gone: BTreeSet::new(),
        }
    }

    /// One event after a wait of so many seconds.
    fn step(&mut self, wait: i64, event: &Event) -> Result<(), TestCaseError> {
        self.second += wait;
        match event {
            Event::Shut => self.shut()?,
            Event::Settled(winner, next) => self.settle(*winner, *next)?,
            Event::Dealt(state) => self.hear(*state)?,
            Event::Tried(who, deed) => {
                let (tried, due) = (self.tried(*who, deed), self.table.after(*who, deed, self.second));
                prop_assert_eq!(tried.is_ok(), due.is_some(), "{:?} at {} where {:?}", event, self.second, self.table);
                if let (Ok(next), Some(place)) = (tried, due) {
                    self.table.places[*who] = Some(place);
                    self.stands(*who, next)?;
                }
            }
        }
        self.holds()
    }

    /// A deed about one of them as its flow does it.
    fn tried(&mut self, who: usize, deed: &Deed) -> Result<admission::Model, Problem> {
        let (now, call, held) = (at(self.second), &self.call, self.held[who].as_ref());
        if matches!(deed, Deed::Apply) {
            let by = applicant(who);
            may_apply(call, &by, held, now)?;
            return Ok(application(call, &by, paper(who), now));
        }
        let held = held.ok_or(Code::NotFound)?;
        match deed {
            Deed::Apply | Deed::Qualify => qualify(held, call, OFFICER, now),
            Deed::Refuse => refuse(held, call, OFFICER, "不符合条件", now),
            Deed::Withdraw => withdraw(held, call, now).map(|fate| fate.next),
            Deed::Suspend => suspend(held, call, "涉嫌串通", now),
            Deed::Reinstate => reinstate(held, call, "已查清", now),
            Deed::Pay(more, own) => {
                let payment = Payment { payer_name: if *own { NAME } else { "他人" }, amount: Money::fen(DEPOSIT + more) };
                credited(held, call, NAME, payment, now)?;
                Ok(admit(held, format!("竞买人 {who:04}"), self.books.take(who), None))
            }
        }
    }

    /// An admission stands like this from now on, one version later, and had a way there.
    fn stands(&mut self, who: usize, next: admission::Model) -> Result<(), TestCaseError> {
        if let Some(held) = &self.held[who] {
            prop_assert_eq!(next.version, held.version + 1);
            let way = (held.state, next.state);
            if way.0 != way.1 {
                prop_assert!(WAYS.contains(&way), "there is no way {:?}", way);
                self.gone.insert(way);
            }
        }
        self.held[who] = Some(next);
        Ok(())
    }

    /// Each meets the fate that a rule has for it.
    fn meet(&mut self, fate: impl Fn(&admission::Model) -> Option<Fate>) -> Result<(), TestCaseError> {
        for who in 0..self.held.len() {
            let Some(held) = self.held[who].clone() else { continue };
            let Some(Fate { next, release }) = fate(&held) else { continue };
            // As the flow does: a deposit that went back already does not go back again.
            if let Some(transfer) = next.hold_transfer_id.filter(|_| release && self.given_back.insert(next.id)) {
                self.books.give_back(transfer);
            }
            if next != held {
                self.stands(who, next)?;
            }
        }
        Ok(())
    }

    fn shut(&mut self) -> Result<(), TestCaseError> {
        if self.call.closed_at.is_none() {
            self.call = close(&self.call, at(self.second));
            self.meet(at_close)?;
        }
        self.table.shut();
        Ok(())
    }

    /// The lot ends once; told of it again, nobody stands elsewhere.
    fn settle(&mut self, winner: Option<usize>, next: Option<usize>) -> Result<(), TestCaseError> {
        self.shut()?;
        let settlement = if let Some(earlier) = &self.settlement {
            earlier.clone()
        } else {
            let admitted: Vec<_> = (0..3).filter(|who| self.is_admitted(*who)).collect();
            let winner = winner.and_then(|which| admitted.get(which % admitted.len().max(1)).copied());
            let next = next.filter(|next| winner.is_some_and(|winner| winner != *next));
            self.table.settle(winner, next);
            self.deal = winner.map(|_| DealState::ConfirmationGenerated);
            Settlement { winners: winner.map(id).into_iter().collect(), keep_runner_up: next.map(id) }
        };
        self.settlement = Some(settlement.clone());
        self.meet(|held| at_settlement(held, &settlement))
    }

    fn is_admitted(&self, who: usize) -> bool {
        self.held[who].as_ref().is_some_and(|held| held.state == AdmissionState::Admitted)
    }

    /// The deal goes on, if there is one and it can; it is told twice, and counts once.
    fn hear(&mut self, state: DealState) -> Result<(), TestCaseError> {
        let Some(buyer) = self.settlement.as_ref().and_then(|settlement| settlement.winners.first().copied()) else { return Ok(()) };
        let goes_on = match self.deal {
            Some(DealState::ConfirmationGenerated) => !matches!(state, DealState::ResultPublished | DealState::Rescinded),
            Some(DealState::Confirmed) => matches!(state, DealState::ResultPublished | DealState::Rescinded),
            Some(DealState::ResultPublished) => state == DealState::Rescinded,
            _ => false,
        };
        if goes_on {
            self.deal = Some(state);
            self.table.hear(state);
            let news = DealNews { lot_id: self.call.lot_id, buyer_admission_id: buyer, state, next_asked: false };
            for _ in 0..2 {
                self.meet(|held| after_deal(held, news))?;
            }
        }
        Ok(())
    }

    /// The invariants: rules and table say the same, and so do the books.
    fn holds(&self) -> Result<(), TestCaseError> {
        for (who, (held, place)) in self.held.iter().zip(self.table.places).enumerate() {
            let told = held.as_ref().map(|held| (held.state, held.suspended, held.hold_transfer_id.is_some(), held.pseudonym.is_some()));
            let deposit = place.map_or(Deposit::Elsewhere, |place| place.deposit);
            let has_paid = deposit != Deposit::Elsewhere;
            prop_assert_eq!(told, place.map(|place| (place.state, place.suspended, has_paid, has_paid)));
            let funds = self.books.funds(who);
            let due = |when: Deposit| if deposit == when { DEPOSIT } else { 0 };
            prop_assert_eq!((funds.pending_debits, funds.available().unwrap()), (due(Deposit::Held), due(Deposit::GivenBack)));
        }
        let books = &self.books;
        let all = books.clients.iter().chain([&books.bank, &books.deposits]);
        let sum = all.fold(Balance::default(), |sum, account| sum.plus(balance_of(account.id, &books.transfers).unwrap()).unwrap());
        prop_assert_eq!(sum.difference().unwrap(), (0, 0));
        Ok(())
    }
}

fn id(who: usize) -> AdmissionId {
    AdmissionId(Uuid::from_u128(100 + who as u128))
}

fn organisation(who: usize) -> OrganisationId {
    OrganisationId(Uuid::from_u128(200 + who as u128))
}

fn applicant(who: usize) -> Applicant {
    let organisation = organisation(who);
    Applicant { organisation, verified: true, person: PersonId(Uuid::from_u128(300)), belongs_to: vec![organisation] }
}

fn paper(who: usize) -> Paper {
    Paper { id: id(who), deposit_reference: format!("D-{who:08}"), documents: json!([]), party_confidential: false }
}

/// Plays it to the end of the lot and of the deal; the ways that were gone.
fn play(events: &[(i64, Event)], deal: DealState) -> Result<BTreeSet<Way>, TestCaseError> {
    let mut machine = Machine::called();
    for (wait, event) in events {
        machine.step(*wait, event)?;
    }
    for event in [Event::Settled(Some(0), Some(1)), Event::Dealt(deal)] {
        machine.step(0, &event)?;
    }
    Ok(machine.gone)
}

proptest! {
    #[test]
    fn whatever_is_done_admissions_go_only_the_ways_of_the_table((events, deal) in any_events()) {
        play(&events, deal)?;
    }
}

/// A machine that never got anywhere would prove nothing.
#[test]
fn every_way_of_the_table_is_gone() {
    let gone = RefCell::new(BTreeSet::new());
    let mut runner = TestRunner::deterministic();
    runner
        .run(&any_events(), |(events, deal)| {
            gone.borrow_mut().extend(play(&events, deal)?);
            Ok(())
        })
        .unwrap();
    assert_eq!(gone.into_inner(), BTreeSet::from(WAYS));
}
