//! Whose a line is, case by case and for any movements.

use std::collections::{BTreeMap, BTreeSet};

use entity::ids::{ListingId, LotId, OrganisationId, PersonId};
use entity::money::Currency;
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::super::samples::{at, line, waiting};
use super::*;

const NAME: &str = "某公司（集团）";

/// A qualified applicant for a deposit of 1.00 yuan, due before second 200.
fn claim(number: u128) -> Claim {
    let lot_id = LotId(Uuid::from_u128(number));
    let admission = admission::Model {
        id: AdmissionId(Uuid::from_u128(number)),
        lot_id,
        organisation_id: OrganisationId(Uuid::from_u128(number)),
        state: AdmissionState::Qualified,
        reason: None,
        deposit_reference: format!("D-{number:08}"),
        pseudonym: None,
        suspended: false,
        documents: json!([]),
        party_confidential: false,
        hold_transfer_id: None,
        applied_by: PersonId(Uuid::from_u128(number)),
        decided_by: None,
        version: 2,
        created_at: at(110),
        preemption_rank: None,
        offered_minor: None,
        offered_until: None,
        carried_over_at: None,
    };
    let call = admission_call::Model {
        lot_id,
        listing_id: ListingId(Uuid::from_u128(number)),
        seller_organisation_id: OrganisationId(Uuid::from_u128(99)),
        opens_at: at(100),
        closes_at: at(200),
        deposit_minor: 100,
        currency: Currency::Cny,
        conditions: json!({}),
        barred_organisations: json!([]),
        barred_persons: json!([]),
        refund_rule: json!({"span": "3wd", "source": "x"}),
        closed_at: None,
        holders: None,
    };
    Claim { admission, call, registered_name: NAME.into(), before_bidding: true }
}

fn paid(counterparty_name: &str, fen: i64, second: i64) -> Movement<'_> {
    Movement { direction: BankDirection::Credit, bank_reference: "B-1", money: Money::fen(fen), counterparty_name, booked_at: at(second) }
}

fn unseen(named: Named<'_>) -> Look<'_> {
    Look { earlier: &[], entry: None, named, parts: &[], payable: None }
}

#[test]
fn the_right_payment_is_the_deposit_and_every_other_has_its_reason() {
    let open = claim(1);
    assert_eq!(judge(&paid("某公司(集团) ", 100, 199), &open), Ok(()));
    let reason = |movement, claim: &Claim| judge(&movement, claim).unwrap_err();
    assert_eq!(reason(paid("别的公司", 100, 150), &open), UnmatchedReason::PayerMismatch);
    assert_eq!(reason(paid(NAME, 99, 150), &open), UnmatchedReason::AmountShort);
    assert_eq!(reason(paid(NAME, 101, 150), &open), UnmatchedReason::AmountExcess);
    assert_eq!(reason(paid(NAME, 100, 200), &open), UnmatchedReason::Late);
    let mut there = claim(1);
    there.admission.hold_transfer_id = Some(TransferId(Uuid::from_u128(5)));
    assert_eq!(reason(paid(NAME, 100, 150), &there), UnmatchedReason::AlreadyPaid);
    for state in AdmissionState::ALL.iter().filter(|state| **state != AdmissionState::Qualified) {
        let mut other = claim(1);
        other.admission.state = *state;
        assert_eq!(reason(paid(NAME, 100, 150), &other), UnmatchedReason::AdmissionNotWaiting, "{state:?}");
    }
    let mut shut = claim(1);
    shut.call.closed_at = Some(at(180));
    assert_eq!(reason(paid(NAME, 100, 150), &shut), UnmatchedReason::AdmissionNotWaiting);
    assert_eq!(reason(paid(NAME, 100, 190), &shut), UnmatchedReason::Late);
}

#[test]
fn what_the_bank_booked_in_time_admits_until_bidding_opens() {
    let mut lapsed = claim(1);
    lapsed.call.closed_at = Some(at(200));
    lapsed.admission.state = AdmissionState::NotAdmitted;
    lapsed.admission.decided_by = Some(PersonId(Uuid::from_u128(9)));
    assert_eq!(judge(&paid(NAME, 100, 199), &lapsed), Ok(()));
    assert_eq!(judge(&paid(NAME, 99, 199), &lapsed), Err(UnmatchedReason::AmountShort));
    assert_eq!(judge(&paid(NAME, 100, 200), &lapsed), Err(UnmatchedReason::Late));
    let mut unfit = lapsed.clone();
    unfit.admission.decided_by = None;
    let mut open = lapsed.clone();
    open.before_bidding = false;
    let mut refused = lapsed;
    refused.admission.state = AdmissionState::Refused;
    for other in [unfit, open, refused] {
        assert_eq!(judge(&paid(NAME, 100, 199), &other), Err(UnmatchedReason::AdmissionNotWaiting));
    }
}

#[test]
fn who_is_not_named_is_not_guessed() {
    let movement = paid(NAME, 100, 150);
    assert_eq!(fate(&movement, &unseen(Named::Nobody)), Fate::Suspense(UnmatchedReason::NoReference));
    assert_eq!(fate(&movement, &unseen(Named::Unknown)), Fate::Suspense(UnmatchedReason::UnknownReference));
    assert_eq!(fate(&movement, &unseen(Named::One(&claim(1)))), Fate::Deposit);
}

#[test]
fn parts_match_together_when_they_are_exactly_the_deposit() {
    let part = |number, minor| Part { line: BankLineId(Uuid::from_u128(number)), minor };
    let claim = claim(1);
    let with = |parts: &[Part], fen| fate(&paid(NAME, fen, 150), &Look { parts, ..unseen(Named::One(&claim)) });
    assert_eq!(with(&[part(1, 30), part(2, 30)], 40), Fate::Deposit);
    for (parts, fen) in [(vec![], 40), (vec![part(1, 30)], 40), (vec![part(1, 60), part(2, 30)], 40)] {
        assert_eq!(with(&parts, fen), Fate::Suspense(UnmatchedReason::AmountShort), "{parts:?}");
    }
    // A whole deposit does not need the parts, which stay where they are owed back from.
    assert_eq!(judge(&paid(NAME, 100, 150), &claim), Ok(()));
}

#[test]
fn what_was_booked_before_is_known_and_what_differs_is_told() {
    let (earlier, claim) = (line(7, BankDirection::Credit, 100), claim(1));
    let movement = Movement { bank_reference: "BANK-7", ..paid("某公司", 100, 150) };
    let lines = [Earlier { line: earlier.clone(), name: "某公司".into() }];
    let look = Look { earlier: &lines, ..unseen(Named::One(&claim)) };
    let before = Fate::Known { transfer: earlier.transfer_id, line: Some(earlier.id) };
    assert_eq!(fate(&movement, &look), before);
    let debit = Movement { direction: BankDirection::Debit, ..movement };
    assert_eq!(known([(&movement, &lines[..]), (&debit, &lines[..])].into_iter()), 100);
    let entry = bank_entry::Model {
        direction: BankDirection::Credit,
        bank_reference: "BANK-7".into(),
        counterparty_name: "某公司".to_owned().into(),
        amount_minor: 100,
        currency: Currency::Cny,
        transfer_id: TransferId(Uuid::from_u128(8)),
        entered_at: at(120),
    };
    let entered = Entered { entry: entry.clone(), name: "某公司".into() };
    let look = Look { entry: Some(&entered), ..unseen(Named::One(&claim)) };
    assert_eq!(fate(&movement, &look), Fate::Known { transfer: entry.transfer_id, line: None });
    let other = Movement { money: Money::fen(99), ..movement };
    assert_eq!(fate(&other, &look), Fate::Suspense(UnmatchedReason::ReferenceConflict));
    let renamed = Movement { counterparty_name: "别的公司", ..movement };
    assert_eq!(fate(&renamed, &look), Fate::Doubtful { transfer: entry.transfer_id, line: None });
    let look = Look { earlier: &lines, entry: Some(&entered), ..unseen(Named::Nobody) };
    assert_eq!(fate(&renamed, &look), Fate::Doubtful { transfer: earlier.transfer_id, line: Some(earlier.id) });
    assert_eq!(known([(&renamed, &lines[..])].into_iter()), 100);
}

#[test]
fn a_debit_pays_what_is_owed_and_nothing_else() {
    let item = payment_item::Model {
        id: entity::ids::PaymentItemId(Uuid::from_u128(1)),
        file_id: entity::ids::PaymentFileId(Uuid::from_u128(1)),
        row_number: 1,
        payment_reference: "R-7K2M9QXP".into(),
        refund_id: Some(entity::ids::RefundId(Uuid::from_u128(1))),
        return_id: None,
        source_line_id: None,
        payee_name: NAME.to_owned().into(),
        amount_minor: 100,
        currency: Currency::Cny,
        state: PaymentState::Open,
        confirmed_by_line_id: None,
    };
    let debit = |fen, name| Movement { direction: BankDirection::Debit, ..paid(name, fen, 150) };
    let after = |movement: &Movement<'_>, item: &payment_item::Model, owed| {
        let payable = Payable { item: item.clone(), payee: NAME.into(), owed };
        fate(movement, &Look { payable: Some(&payable), ..unseen(Named::Nobody) })
    };
    let unknown = Fate::Suspense(UnmatchedReason::UnknownDebit);
    assert_eq!(after(&debit(100, NAME), &item, true), Fate::Pays);
    assert_eq!(after(&debit(100, ""), &item, true), Fate::Pays);
    assert_eq!(after(&debit(99, NAME), &item, true), unknown);
    assert_eq!(after(&debit(100, "别的公司"), &item, true), unknown);
    assert_eq!(after(&debit(100, NAME), &item, false), unknown);
    let cancelled = payment_item::Model { state: PaymentState::Cancelled, ..item.clone() };
    assert_eq!(after(&debit(100, NAME), &cancelled, true), Fate::Pays);
    let confirmed = payment_item::Model { state: PaymentState::Confirmed, ..item };
    assert_eq!(after(&debit(100, NAME), &confirmed, true), unknown);
}

#[test]
fn a_part_that_waited_waits_no_more() {
    let next = matched(&waiting(&line(1, BankDirection::Credit, 40), UnmatchedReason::AmountShort));
    assert_eq!((next.state, next.reason, next.version), (LineState::Matched, None, 2));
}

/// Books movements one after the other as an import does.
#[derive(Default)]
struct Books {
    claims: BTreeMap<u128, Claim>,
    lines: Vec<(bank_line::Model, bank_case::Model, Option<u128>)>,
    /// What the lines say, in their order.
    names: Vec<String>,
    entries: Vec<Entered>,
    deposits: BTreeMap<u128, Vec<BankLineId>>,
}

impl Books {
    fn new() -> Self {
        Self { claims: (1..=3).map(|number| (number, claim(number))).collect(), ..Self::default() }
    }

    fn book(&mut self, number: u128, movement: &Movement<'_>, asked: Option<u128>) {
        let waits = |(_, case, named): &&(bank_line::Model, bank_case::Model, Option<u128>)| {
            case.reason == Some(UnmatchedReason::AmountShort) && *named == asked
        };
        let parts: Vec<_> = self.lines.iter().filter(waits).map(|(line, ..)| Part { line: line.id, minor: line.amount_minor }).collect();
        let said = self.lines.iter().zip(&self.names).map(|((line, ..), name)| Earlier { line: line.clone(), name: name.clone() });
        let earlier: Vec<_> = said.filter(|earlier| earlier.line.bank_reference == movement.bank_reference).collect();
        let is_it = |entry: &bank_entry::Model| entry.bank_reference == movement.bank_reference && entry.direction == movement.direction;
        let entry = self.entries.iter().find(|entered| is_it(&entered.entry)).cloned();
        let named = asked.map(|number| self.claims.get(&number));
        let named = match named {
            None => Named::Nobody,
            Some(None) => Named::Unknown,
            Some(Some(claim)) => Named::One(claim),
        };
        let look = Look { earlier: &earlier, entry: entry.as_ref(), named, parts: &parts, payable: None };
        let fate = fate(movement, &look);
        let mut new = bank_line::Model {
            bank_reference: movement.bank_reference.into(),
            booked_at: movement.booked_at,
            ..line(number, movement.direction, movement.money.minor)
        };
        if let Fate::Known { transfer, line } | Fate::Doubtful { transfer, line } = &fate {
            (new.transfer_id, new.booked, new.known_line_id) = (*transfer, false, *line);
        } else if entry.is_none() {
            let name = movement.counterparty_name.to_owned();
            let entry = bank_entry::Model {
                direction: movement.direction,
                bank_reference: movement.bank_reference.into(),
                counterparty_name: name.clone().into(),
                amount_minor: movement.money.minor,
                currency: Currency::Cny,
                transfer_id: new.transfer_id,
                entered_at: at(160),
            };
            self.entries.push(Entered { entry, name });
        }
        if fate == Fate::Deposit {
            let admitted = asked.unwrap();
            let whole = movement.money.minor == 100;
            let used: Vec<_> = if whole { Vec::new() } else { parts.iter().map(|part| part.line).collect() };
            for (_, case, _) in self.lines.iter_mut().filter(|(line, ..)| used.contains(&line.id)) {
                *case = matched(case);
            }
            self.claims.get_mut(&admitted).unwrap().admission.hold_transfer_id = Some(new.transfer_id);
            let before = self.deposits.insert(admitted, [used, vec![new.id]].concat());
            assert!(before.is_none(), "a deposit was taken twice");
        }
        let case = standing(&new, &fate, None);
        self.lines.push((new, case, asked));
        self.names.push(movement.counterparty_name.to_owned());
    }
}

fn any_movement() -> impl Strategy<Value = (BankDirection, u8, i64, bool, i64, Option<u128>)> {
    let direction = prop_oneof![4 => Just(BankDirection::Credit), 1 => Just(BankDirection::Debit)];
    let fen = prop::sample::select(vec![40_i64, 60, 100, 120]);
    let second = prop::sample::select(vec![150_i64, 150, 150, 250]);
    (direction, 0..12_u8, fen, prop::bool::weighted(0.8), second, prop::option::weighted(0.8, 1..=4_u128))
}

proptest! {
    /// Never booked twice, all that came is booked, and a deposit is exactly what was asked for.
    #[test]
    fn what_comes_in_is_booked_once(movements in prop::collection::vec(any_movement(), 0..60)) {
        let mut books = Books::new();
        let mut distinct = BTreeSet::new();
        for (number, (direction, reference, fen, own, second, names)) in (1..).zip(movements) {
            let (reference, name) = (format!("B-{reference}"), if own { NAME } else { "别的公司" });
            let movement =
                Movement { direction, bank_reference: &reference, money: Money::fen(fen), counterparty_name: name, booked_at: at(second) };
            books.book(number, &movement, names);
            distinct.insert((direction, reference.clone(), fen));
        }
        for direction in BankDirection::ALL {
            let came: i64 = distinct.iter().filter(|one| one.0 == *direction).map(|one| one.2).sum();
            let booked = books.lines.iter().filter(|(line, ..)| line.booked && line.direction == *direction);
            prop_assert_eq!(booked.map(|(line, ..)| line.amount_minor).sum::<i64>(), came);
        }
        let mut used = BTreeSet::new();
        for lines in books.deposits.values() {
            let sum: i64 = books.lines.iter().filter(|(line, ..)| lines.contains(&line.id)).map(|(line, ..)| line.amount_minor).sum();
            prop_assert_eq!(sum, 100);
            for id in lines {
                prop_assert!(used.insert(*id), "a payment is in two deposits");
            }
        }
        for (line, case, _) in &books.lines {
            prop_assert_eq!(case.state == LineState::Matched, used.contains(&line.id));
            let known = case.state == LineState::Duplicate || case.reason == Some(UnmatchedReason::NameConflict);
            prop_assert_eq!(known, !line.booked);
            prop_assert_eq!(case.state == LineState::Unmatched, case.reason.is_some());
        }
    }
}
