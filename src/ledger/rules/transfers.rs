//! What a transfer may be: between which accounts, out of which funds, and how a pending one ends.

use entity::Timestamp;
use entity::ids::{AccountId, LotId, OrganisationId, TransferId};
use entity::ledger::{AccountKind, BankDirection, TransferPhase, TransferReason, ledger_account, ledger_transfer};
use entity::money::{Currency, Money};

use super::{Balance, nothing_allowed, out_of_range};
use crate::platform::problem::{Code, Problem};

/// The account meant, before its row is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Money at the custodian bank.
    Bank,
    /// Money held for an organisation.
    ClientFunds(OrganisationId),
    /// Deposits held for a lot.
    Deposits(LotId),
    /// Money that moved at the bank and is nobody's yet.
    Suspense,
    /// What the bank charged or paid the platform itself.
    Fees,
}

impl Purpose {
    /// The kind of account.
    pub fn kind(self) -> AccountKind {
        match self {
            Self::Bank => AccountKind::Bank,
            Self::ClientFunds(_) => AccountKind::ClientFunds,
            Self::Deposits(_) => AccountKind::Deposits,
            Self::Suspense => AccountKind::Suspense,
            Self::Fees => AccountKind::Fees,
        }
    }

    /// The account's row, made at first use.
    pub fn open(self, id: AccountId, currency: Currency, at: Timestamp) -> ledger_account::Model {
        let (organisation_id, lot_id) = match self {
            Self::Bank | Self::Suspense | Self::Fees => (None, None),
            Self::ClientFunds(organisation) => (Some(organisation), None),
            Self::Deposits(lot) => (None, Some(lot)),
        };
        ledger_account::Model { id, kind: self.kind(), organisation_id, lot_id, currency, created_at: at }
    }
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
    paying: &ledger_account::Model,
    funds: Balance,
) -> Result<ledger_transfer::Model, Problem> {
    covers(funds, slip.money)?;
    transfer(slip, (TransferPhase::Single, TransferReason::Refund), client, paying)
}

/// Money moved at the bank and nobody knows yet for whom.
pub fn suspend(
    slip: Slip,
    direction: BankDirection,
    bank: &ledger_account::Model,
    suspense: &ledger_account::Model,
) -> Result<ledger_transfer::Model, Problem> {
    match direction {
        BankDirection::Credit => transfer(slip, (TransferPhase::Single, TransferReason::UnmatchedCredit), bank, suspense),
        BankDirection::Debit => transfer(slip, (TransferPhase::Single, TransferReason::UnmatchedDebit), suspense, bank),
    }
}

/// What was nobody's turns out to be a client's.
pub fn apply(slip: Slip, suspense: &ledger_account::Model, client: &ledger_account::Model) -> Result<ledger_transfer::Model, Problem> {
    transfer(slip, (TransferPhase::Single, TransferReason::SuspenseApplied), suspense, client)
}

/// What was nobody's is paid back by the bank to whoever sent it.
pub fn send_back(slip: Slip, suspense: &ledger_account::Model, bank: &ledger_account::Model) -> Result<ledger_transfer::Model, Problem> {
    transfer(slip, (TransferPhase::Single, TransferReason::UnmatchedReturn), suspense, bank)
}

/// What was nobody's turns out to be the bank's and the platform's own affair.
pub fn explain(
    slip: Slip,
    direction: BankDirection,
    suspense: &ledger_account::Model,
    fees: &ledger_account::Model,
) -> Result<ledger_transfer::Model, Problem> {
    match direction {
        BankDirection::Credit => transfer(slip, (TransferPhase::Single, TransferReason::BankCharge), suspense, fees),
        BankDirection::Debit => transfer(slip, (TransferPhase::Single, TransferReason::BankCharge), fees, suspense),
    }
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
        return Err(super::nothing_allowed("insufficient_funds").with("available", available).with("needed", money));
    }
    Ok(())
}
