//! What transfers add up to.

use std::collections::BTreeMap;

use entity::ids::AccountId;
use entity::ledger::{AccountKind, TransferPhase, ledger_transfer};
use entity::money::Currency;

use super::out_of_range;
use crate::platform::problem::Problem;

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

fn sum(a: i64, b: i64) -> Result<i64, Problem> {
    a.checked_add(b).ok_or_else(out_of_range)
}
