//! The books under whatever may be tried on them.

#![allow(clippy::unwrap_used)]

use chrono::{TimeZone, Utc};
use entity::Timestamp;
use entity::ids::{AccountId, AdmissionId, LotId, OrganisationId, RefundId, TransferId};
use entity::ledger::{BankDirection, RefundState, TransferPhase, ledger_account, ledger_transfer};
use entity::money::{Currency, Money};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn at(second: i64) -> Timestamp {
    Utc.timestamp_opt(1_700_000_000 + second, 0).unwrap()
}

fn account(number: u128, purpose: Purpose) -> ledger_account::Model {
    purpose.open(AccountId(Uuid::from_u128(number)), Currency::Cny, at(0))
}

fn slip(number: usize, fen: i64) -> Slip {
    Slip { id: transfer_id(number), money: Money::fen(fen), at: at(0) }
}

fn transfer_id(number: usize) -> TransferId {
    TransferId(Uuid::from_u128(1000 + u128::try_from(number).unwrap()))
}

/// A bank, two clients, two lots, what is nobody's, and what has been written so far.
struct Books {
    bank: ledger_account::Model,
    suspense: ledger_account::Model,
    fees: ledger_account::Model,
    clients: [ledger_account::Model; 2],
    lots: [ledger_account::Model; 2],
    transfers: Vec<ledger_transfer::Model>,
}

impl Books {
    fn new() -> Self {
        let client = |n| Purpose::ClientFunds(OrganisationId(Uuid::from_u128(n)));
        let lot = |n| Purpose::Deposits(LotId(Uuid::from_u128(n)));
        Self {
            bank: account(1, Purpose::Bank),
            suspense: account(6, Purpose::Suspense),
            fees: account(7, Purpose::Fees),
            clients: [account(2, client(2)), account(3, client(3))],
            lots: [account(4, lot(4)), account(5, lot(5))],
            transfers: Vec::new(),
        }
    }

    fn funds(&self, client: usize) -> Balance {
        balance_of(self.clients[client].id, &self.transfers).unwrap()
    }

    fn next(&self, fen: i64) -> Slip {
        slip(self.transfers.len(), fen)
    }

    /// The resolution of a pending transfer, if it has one.
    fn resolution(&self, id: TransferId) -> Option<&ledger_transfer::Model> {
        self.transfers.iter().find(|t| t.pending_id == Some(id))
    }

    fn play(&mut self, deed: &Deed) -> Result<(), Problem> {
        let written = match *deed {
            Deed::Credit(client, fen) => credit(self.next(fen), &self.bank, &self.clients[client])?,
            Deed::Hold(client, lot, fen) => hold(self.next(fen), &self.clients[client], &self.lots[lot], self.funds(client))?,
            Deed::Refund(client, fen) => pay_back(self.next(fen), &self.clients[client], &self.bank, self.funds(client))?,
            Deed::Suspend(direction, fen) => suspend(self.next(fen), direction, &self.bank, &self.suspense)?,
            Deed::Apply(client, fen) => apply(self.next(fen), &self.suspense, &self.clients[client])?,
            Deed::SendBack(fen) => send_back(self.next(fen), &self.suspense, &self.bank)?,
            Deed::Explain(direction, fen) => explain(self.next(fen), direction, &self.suspense, &self.fees)?,
            Deed::Resolve(which, resolution) => {
                let Some(pending) = self.transfers.get(which) else { return Ok(()) };
                resolve(self.next(1).id, pending, self.resolution(pending.id), resolution, at(1))?
            }
        };
        self.transfers.push(written);
        Ok(())
    }

    fn accounts(&self) -> impl Iterator<Item = &ledger_account::Model> {
        [&self.bank, &self.suspense, &self.fees].into_iter().chain(&self.clients).chain(&self.lots)
    }

    fn grand_sum(&self) -> Balance {
        self.accounts().fold(Balance::default(), |sum, account| sum.plus(balance_of(account.id, &self.transfers).unwrap()).unwrap())
    }
}

#[derive(Clone, Debug)]
enum Deed {
    Credit(usize, i64),
    Hold(usize, usize, i64),
    Refund(usize, i64),
    Suspend(BankDirection, i64),
    Apply(usize, i64),
    SendBack(i64),
    Explain(BankDirection, i64),
    Resolve(usize, Resolution),
}

fn direction() -> impl Strategy<Value = BankDirection> {
    prop::sample::select(BankDirection::ALL)
}

fn deed() -> impl Strategy<Value = Deed> {
    let resolution = prop_oneof![Just(Resolution::Void), Just(Resolution::Post), Just(Resolution::Expire)];
    prop_oneof![
        (0..2_usize, 1..1_000_i64).prop_map(|(client, fen)| Deed::Credit(client, fen)),
        (0..2_usize, 0..2_usize, 1..1_000_i64).prop_map(|(client, lot, fen)| Deed::Hold(client, lot, fen)),
        (0..2_usize, 1..1_000_i64).prop_map(|(client, fen)| Deed::Refund(client, fen)),
        (direction(), 1..1_000_i64).prop_map(|(direction, fen)| Deed::Suspend(direction, fen)),
        (0..2_usize, 1..1_000_i64).prop_map(|(client, fen)| Deed::Apply(client, fen)),
        (1..1_000_i64).prop_map(Deed::SendBack),
        (direction(), 1..1_000_i64).prop_map(|(direction, fen)| Deed::Explain(direction, fen)),
        (0..40_usize, resolution).prop_map(|(which, how)| Deed::Resolve(which, how)),
    ]
}

proptest! {
    #[test]
    fn whatever_is_tried_the_books_sum_to_zero_and_nobody_is_overdrawn(deeds in prop::collection::vec(deed(), 0..60)) {
        let mut books = Books::new();
        for deed in &deeds {
            let before = books.transfers.len();
            let refused = books.play(deed).is_err();
            prop_assert!(!refused || books.transfers.len() == before);
            prop_assert_eq!(books.grand_sum().difference().unwrap(), (0, 0));
            for client in 0..2 {
                let funds = books.funds(client);
                prop_assert!(funds.available().unwrap() >= 0 && funds.pending_debits >= 0);
            }
            for lot in &books.lots {
                let deposits = balance_of(lot.id, &books.transfers).unwrap();
                prop_assert!(deposits.pending_credits >= 0 && deposits.credits >= 0 && deposits.debits == 0);
            }
        }
        for pending in books.transfers.iter().filter(|t| t.phase == TransferPhase::Pending) {
            prop_assert!(books.transfers.iter().filter(|t| t.pending_id == Some(pending.id)).count() <= 1);
        }
    }

    #[test]
    fn sums_by_kind_say_the_same_as_the_accounts(deeds in prop::collection::vec(deed(), 0..40)) {
        let mut books = Books::new();
        for deed in &deeds {
            let _ = books.play(deed);
        }
        let kind_of = |id: AccountId| books.accounts().find(|a| a.id == id).unwrap().kind;
        let sums: Vec<_> = books.transfers.iter().flat_map(|t| {
            [(Side::Debit, t.debit_account_id), (Side::Credit, t.credit_account_id)].map(|(side, id)| KindSum {
                kind: kind_of(id), currency: t.currency, side, phase: t.phase, minor: t.amount_minor,
            })
        }).collect();
        let lines = trial_balance(&sums).unwrap();
        let total = lines.values().fold(Balance::default(), |sum, line| sum.plus(*line).unwrap());
        prop_assert_eq!(total, books.grand_sum());
    }
}

#[test]
fn a_hold_reserves_until_it_is_given_back() {
    let mut books = Books::new();
    books.play(&Deed::Credit(0, 500)).unwrap();
    books.play(&Deed::Hold(0, 0, 300)).unwrap();
    assert_eq!(books.funds(0).available(), Ok(200));
    let refused = books.play(&Deed::Refund(0, 201)).unwrap_err();
    assert_eq!((refused.code, &refused.facts["state"]), (Code::WrongState, &"insufficient_funds".into()));
    assert_eq!(refused.facts["available"]["amount"], "2.00");
    books.play(&Deed::Resolve(1, Resolution::Void)).unwrap();
    assert_eq!(books.funds(0).available(), Ok(500));
    for again in [Resolution::Void, Resolution::Post, Resolution::Expire] {
        let refused = books.play(&Deed::Resolve(1, again)).unwrap_err();
        assert_eq!((refused.code, &refused.facts["state"]), (Code::WrongState, &"void".into()));
    }
}

#[test]
fn what_moves_at_the_bank_and_is_nobodys_comes_to_nothing_when_it_is_decided() {
    let mut books = Books::new();
    let deeds = [
        Deed::Suspend(BankDirection::Credit, 500),
        Deed::Suspend(BankDirection::Debit, 20),
        Deed::Apply(0, 300),
        Deed::SendBack(200),
        Deed::Explain(BankDirection::Debit, 20),
    ];
    for deed in &deeds {
        books.play(deed).unwrap();
    }
    let left = |account: &ledger_account::Model| balance_of(account.id, &books.transfers).unwrap().difference().unwrap().0;
    assert_eq!((left(&books.suspense), left(&books.bank), left(&books.fees)), (0, 280, 20));
    assert_eq!(books.funds(0).available(), Ok(300));
}

#[test]
fn a_refund_in_a_payment_file_is_not_paid_otherwise() {
    assert_eq!(in_no_file(false), Ok(()));
    assert_eq!(in_no_file(true).unwrap_err().facts["state"], "in_payment_file");
}

#[test]
fn only_what_is_pending_can_be_resolved() {
    let mut books = Books::new();
    books.play(&Deed::Credit(0, 500)).unwrap();
    let refused = books.play(&Deed::Resolve(0, Resolution::Void)).unwrap_err();
    assert_eq!(refused.facts["state"], "single");
}

#[test]
fn amounts_that_leave_the_range_are_refused_not_wrapped() {
    let full = Balance::default().with(Side::Credit, TransferPhase::Single, i64::MAX).unwrap();
    assert_eq!(full.with(Side::Credit, TransferPhase::Single, 1).unwrap_err().code, Code::OutsideRule);
    let empty = Balance { debits: i64::MAX, pending_debits: 2, ..Balance::default() };
    assert_eq!(empty.available().unwrap_err().code, Code::OutsideRule);
    let books = Books::new();
    for fen in [0, -1, i64::MIN] {
        assert_eq!(credit(slip(0, fen), &books.bank, &books.clients[0]).unwrap_err().code, Code::OutsideRule);
    }
}

#[test]
fn a_refund_is_paid_once() {
    let new = NewRefund {
        admission: AdmissionId(Uuid::from_u128(1)),
        organisation: OrganisationId(Uuid::from_u128(2)),
        money: Money::fen(100),
        due_at: at(60),
        rule: "3wd".into(),
    };
    let due = owe(new, RefundId(Uuid::from_u128(3)), at(0));
    assert!(!falls_due(&due, at(59)) && falls_due(&due, at(60)));
    assert_eq!(open_on_refund(&due, false), ["pay_refund"]);
    assert!(open_on_refund(&due, true).is_empty());
    let once = paid(&due, transfer_id(1), "BANK-1", at(60)).unwrap();
    assert_eq!((once.state, once.version, once.paid_at), (RefundState::Paid, 2, Some(at(60))));
    assert!(!falls_due(&once, at(61)) && open_on_refund(&once, false).is_empty());
    assert_eq!(paid(&once, transfer_id(2), "BANK-2", at(61)).unwrap_err().facts["state"], "paid");
}

#[test]
fn bank_references_are_visible_characters() {
    for good in ["1", "BOC-2026/11:23#1", &"x".repeat(64)] {
        assert!(is_bank_reference(good), "{good}");
    }
    for bad in ["", " ", "a b", "a\u{0}", "流水", "a\n", &"x".repeat(65)] {
        assert!(!is_bank_reference(bad), "{bad}");
    }
}
