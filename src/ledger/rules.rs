//! The law of the books: what a transfer may be, what transfers add up to, what may be taken out.

use std::collections::BTreeMap;

use entity::Timestamp;
use entity::ids::{AccountId, AdmissionId, LotId, OrganisationId, RefundId, TransferId};
use entity::ledger::{AccountKind, RefundState, TransferPhase, TransferReason, ledger_account, ledger_transfer, refund};
use entity::money::{Currency, Money};

use crate::platform::problem::{Code, Faults, Problem};

/// The account meant, before its row is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Money at the custodian bank.
    Bank,
    /// Money held for an organisation.
    ClientFunds(OrganisationId),
    /// Deposits held for a lot.
    Deposits(LotId),
}

impl Purpose {
    /// The kind of account.
    pub fn kind(self) -> AccountKind {
        match self {
            Self::Bank => AccountKind::Bank,
            Self::ClientFunds(_) => AccountKind::ClientFunds,
            Self::Deposits(_) => AccountKind::Deposits,
        }
    }

    /// The account's row, made at first use.
    pub fn open(self, id: AccountId, currency: Currency, at: Timestamp) -> ledger_account::Model {
        let (organisation_id, lot_id) = match self {
            Self::Bank => (None, None),
            Self::ClientFunds(organisation) => (Some(organisation), None),
            Self::Deposits(lot) => (None, Some(lot)),
        };
        ledger_account::Model { id, kind: self.kind(), organisation_id, lot_id, currency, created_at: at }
    }
}

/// A side of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What left it, or for the bank, what came in.
    Debit,
    /// What came to it, or for the bank, what left.
    Credit,
}

/// What an account's transfers add up to, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Final debits.
    pub debits: i64,
    /// Final credits.
    pub credits: i64,
    /// Debits reserved and not resolved yet.
    pub pending_debits: i64,
    /// Credits reserved and not resolved yet.
    pub pending_credits: i64,
}

impl Balance {
    /// The balance with `minor` more on one side. A resolution repeats the amount of the pending
    /// transfer it points to, so it takes that much off what is pending.
    pub fn with(self, side: Side, phase: TransferPhase, minor: i64) -> Result<Self, Problem> {
        let (settled, reserved) = match phase {
            TransferPhase::Single => (minor, 0),
            TransferPhase::Pending => (0, minor),
            TransferPhase::Post => (minor, -minor),
            TransferPhase::Void | TransferPhase::Expire => (0, -minor),
        };
        let mut next = self;
        let (posted, pending) = match side {
            Side::Debit => (&mut next.debits, &mut next.pending_debits),
            Side::Credit => (&mut next.credits, &mut next.pending_credits),
        };
        *posted = sum(*posted, settled)?;
        *pending = sum(*pending, reserved)?;
        Ok(next)
    }

    /// The sum of two balances.
    pub fn plus(self, other: Self) -> Result<Self, Problem> {
        Ok(Self {
            debits: sum(self.debits, other.debits)?,
            credits: sum(self.credits, other.credits)?,
            pending_debits: sum(self.pending_debits, other.pending_debits)?,
            pending_credits: sum(self.pending_credits, other.pending_credits)?,
        })
    }

    /// What a client may still dispose of: what came, less what left and what is reserved.
    pub fn available(self) -> Result<i64, Problem> {
        let held = self.credits.checked_sub(self.debits).and_then(|rest| rest.checked_sub(self.pending_debits));
        held.ok_or_else(out_of_range)
    }

    /// By how much the final sides differ, and by how much the pending ones; over all accounts both are nothing.
    pub fn difference(self) -> Result<(i64, i64), Problem> {
        let posted = self.debits.checked_sub(self.credits);
        let pending = self.pending_debits.checked_sub(self.pending_credits);
        posted.zip(pending).ok_or_else(out_of_range)
    }
}

/// Sums of transfers, added up to one balance.
pub fn tally(sums: impl IntoIterator<Item = (Side, TransferPhase, i64)>) -> Result<Balance, Problem> {
    sums.into_iter().try_fold(Balance::default(), |balance, (side, phase, minor)| balance.with(side, phase, minor))
}

/// The balance of an account by a list of transfers.
pub fn balance_of(account: AccountId, transfers: &[ledger_transfer::Model]) -> Result<Balance, Problem> {
    let legs = transfers.iter().flat_map(|transfer| {
        let sides = [(Side::Debit, transfer.debit_account_id), (Side::Credit, transfer.credit_account_id)];
        sides.into_iter().filter(move |(_, own)| *own == account).map(move |(side, _)| (side, transfer.phase, transfer.amount_minor))
    });
    tally(legs)
}

/// A sum of transfers on one side of all accounts of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindSum {
    /// The kind of account.
    pub kind: AccountKind,
    /// The currency.
    pub currency: Currency,
    /// The side.
    pub side: Side,
    /// What the transfers do.
    pub phase: TransferPhase,
    /// Minor units.
    pub minor: i64,
}

/// The trial balance: what each kind of account adds up to in each currency.
pub fn trial_balance(sums: &[KindSum]) -> Result<BTreeMap<(AccountKind, Currency), Balance>, Problem> {
    let mut lines = BTreeMap::new();
    for part in sums {
        let line: &mut Balance = lines.entry((part.kind, part.currency)).or_default();
        *line = line.with(part.side, part.phase, part.minor)?;
    }
    Ok(lines)
}

/// What a new transfer is called, and how much it moves when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slip {
    /// The transfer's id.
    pub id: TransferId,
    /// How much.
    pub money: Money,
    /// When.
    pub at: Timestamp,
}

/// Money arrived at the bank and is owed to the client.
pub fn credit(slip: Slip, bank: &ledger_account::Model, client: &ledger_account::Model) -> Result<ledger_transfer::Model, Problem> {
    transfer(slip, (TransferPhase::Single, TransferReason::BankCredit), bank, client)
}

/// A client's money is reserved for a lot; it must be there.
pub fn hold(
    slip: Slip,
    client: &ledger_account::Model,
    deposits: &ledger_account::Model,
    funds: Balance,
) -> Result<ledger_transfer::Model, Problem> {
    covers(funds, slip.money)?;
    transfer(slip, (TransferPhase::Pending, TransferReason::DepositHold), client, deposits)
}

/// Money is paid back to the client by the bank; it must be there.
pub fn pay_back(
    slip: Slip,
    client: &ledger_account::Model,
    bank: &ledger_account::Model,
    funds: Balance,
) -> Result<ledger_transfer::Model, Problem> {
    covers(funds, slip.money)?;
    transfer(slip, (TransferPhase::Single, TransferReason::Refund), client, bank)
}

/// How a pending transfer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// It becomes final.
    Post,
    /// It is given back.
    Void,
    /// It is given back because its time ran out.
    Expire,
}

/// Resolves a pending transfer, which happens once: `earlier` is how it was resolved already, if it was.
pub fn resolve(
    id: TransferId,
    pending: &ledger_transfer::Model,
    earlier: Option<&ledger_transfer::Model>,
    resolution: Resolution,
    at: Timestamp,
) -> Result<ledger_transfer::Model, Problem> {
    let stands = earlier.map_or(pending.phase, |resolved| resolved.phase);
    if stands != TransferPhase::Pending {
        return Err(nothing_allowed(stands));
    }
    let (phase, reason) = match resolution {
        Resolution::Post => (TransferPhase::Post, pending.reason),
        Resolution::Void => (TransferPhase::Void, TransferReason::DepositRelease),
        Resolution::Expire => (TransferPhase::Expire, TransferReason::DepositRelease),
    };
    Ok(ledger_transfer::Model { id, phase, reason, pending_id: Some(pending.id), created_at: at, ..pending.clone() })
}

fn transfer(
    slip: Slip,
    (phase, reason): (TransferPhase, TransferReason),
    debit: &ledger_account::Model,
    credit: &ledger_account::Model,
) -> Result<ledger_transfer::Model, Problem> {
    let Slip { id, money, at } = slip;
    if money.minor <= 0 {
        return Err(out_of_range());
    }
    if debit.id == credit.id || debit.currency != money.currency || credit.currency != money.currency {
        return Err(Code::OutsideRule.with("name", "currency"));
    }
    Ok(ledger_transfer::Model {
        id,
        phase,
        reason,
        pending_id: None,
        debit_account_id: debit.id,
        credit_account_id: credit.id,
        amount_minor: money.minor,
        currency: money.currency,
        created_at: at,
    })
}

/// Nobody disposes of more than is there.
fn covers(funds: Balance, money: Money) -> Result<(), Problem> {
    let available = Money { minor: funds.available()?, ..money };
    if available.minor < money.minor {
        return Err(Code::WrongState.with("state", "insufficient_funds").with("available", available).with("needed", money));
    }
    Ok(())
}

/// A refund to be owed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRefund {
    /// The admission whose deposit goes back.
    pub admission: AdmissionId,
    /// To whom.
    pub organisation: OrganisationId,
    /// How much.
    pub money: Money,
    /// By when.
    pub due_at: Timestamp,
    /// The rule the date follows from, in words.
    pub rule: String,
}

/// The refund that is owed from now on.
pub fn owe(new: NewRefund, id: RefundId, at: Timestamp) -> refund::Model {
    refund::Model {
        id,
        admission_id: new.admission,
        organisation_id: new.organisation,
        amount_minor: new.money.minor,
        currency: new.money.currency,
        state: RefundState::Due,
        due_at: new.due_at,
        rule: new.rule,
        transfer_id: None,
        paid_at: None,
        version: 1,
        created_at: at,
    }
}

/// The refund once it is paid; it is paid once.
pub fn paid(held: &refund::Model, transfer: TransferId, at: Timestamp) -> Result<refund::Model, Problem> {
    if held.state != RefundState::Due {
        return Err(nothing_allowed(held.state));
    }
    Ok(refund::Model {
        state: RefundState::Paid,
        transfer_id: Some(transfer),
        paid_at: Some(at),
        version: held.version + 1,
        ..held.clone()
    })
}

/// Whether a refund is owed and its day has come.
pub fn falls_due(held: &refund::Model, at: Timestamp) -> bool {
    held.state == RefundState::Due && held.due_at <= at
}

/// Longest reference of a bank.
pub const LONGEST_REFERENCE: usize = 64;

/// Whether a text can be the reference a bank gives a transaction (银行流水号): visible ASCII characters.
pub fn is_bank_reference(text: &str) -> bool {
    (1..=LONGEST_REFERENCE).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Notes a fault if the text at `/bank_reference` cannot be a bank's reference.
pub fn check_bank_reference<'a>(faults: &'a mut Faults, text: &str) -> &'a mut Faults {
    faults.require(
        is_bank_reference(text),
        "/bank_reference",
        "bank_reference",
        "银行流水号须为 1 至 64 个可见 ASCII 字符，且不含空格",
        "a bank reference has 1 to 64 visible ASCII characters without blanks",
    )
}

/// A state from which nothing leads on.
fn nothing_allowed(state: impl serde::Serialize) -> Problem {
    Code::WrongState.with("state", state).with("allowed", Vec::<String>::new())
}

fn sum(a: i64, b: i64) -> Result<i64, Problem> {
    a.checked_add(b).ok_or_else(out_of_range)
}

fn out_of_range() -> Problem {
    Code::OutsideRule.with("name", "amount")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::{TimeZone, Utc};
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

    /// A bank, two clients, two lots, and what has been written so far.
    struct Books {
        bank: ledger_account::Model,
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
                Deed::Resolve(which, resolution) => {
                    let Some(pending) = self.transfers.get(which) else { return Ok(()) };
                    resolve(self.next(1).id, pending, self.resolution(pending.id), resolution, at(1))?
                }
            };
            self.transfers.push(written);
            Ok(())
        }

        fn accounts(&self) -> impl Iterator<Item = &ledger_account::Model> {
            std::iter::once(&self.bank).chain(&self.clients).chain(&self.lots)
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
        Resolve(usize, Resolution),
    }

    fn deed() -> impl Strategy<Value = Deed> {
        let resolution = prop_oneof![Just(Resolution::Void), Just(Resolution::Post), Just(Resolution::Expire)];
        prop_oneof![
            (0..2_usize, 1..1_000_i64).prop_map(|(client, fen)| Deed::Credit(client, fen)),
            (0..2_usize, 0..2_usize, 1..1_000_i64).prop_map(|(client, lot, fen)| Deed::Hold(client, lot, fen)),
            (0..2_usize, 1..1_000_i64).prop_map(|(client, fen)| Deed::Refund(client, fen)),
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
        let once = paid(&due, transfer_id(1), at(60)).unwrap();
        assert_eq!((once.state, once.version, once.paid_at), (RefundState::Paid, 2, Some(at(60))));
        assert!(!falls_due(&once, at(61)));
        assert_eq!(paid(&once, transfer_id(2), at(61)).unwrap_err().facts["state"], "paid");
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
}
