//! What was found out about those who bid is remembered from one batch of bids to the next, on PostgreSQL. Each batch asks in its
//! transaction, under the locks it holds, whether anything of it has been changed since; only then all is asked for again.
//!
//! Whoever changes what anybody may bid with, on whichever server or by hand, leaves a row in `rights_change` (by triggers). That tells
//! exactly which changes a snapshot has not seen, in whatever order they were committed.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::bids::PlacedBid;
use super::known::{AskedKnown, Known, Wanted};
use crate::auctions::store;
use crate::auctions::store::rights::Moment;
use crate::house::{Asked, Heard, House, Tx};
use crate::platform::db::{Ending, Question, Questions};
use crate::platform::problem::{Code, Problem};

/// How much is remembered.
const MOST: usize = 50_000;

/// What is remembered of those who bid. Whoever serves the floor takes it, and puts it back.
#[derive(Default)]
pub struct Rights(Mutex<Option<Remembered>>);

/// What was known as of a moment.
struct Remembered {
    known: Known,
    moment: Moment,
}

/// What was asked for, beside what is remembered.
pub(super) struct AskedRights {
    remembered: Option<Remembered>,
    /// What is not among it.
    rest: Option<AskedKnown>,
    moment: Option<Question<Moment>>,
    /// All there is to be known.
    wanted: Wanted,
}

impl Rights {
    /// Asks for what is not remembered, and whether what is remembered still holds.
    pub(super) fn ask(&self, tx: &Tx, questions: &mut Questions, bids: &[Asked<PlacedBid>]) -> AskedRights {
        let wanted = Wanted::of(bids.iter().map(|bid| (&*bid.by, bid.input.lot)));
        if tx.house.db.is_sqlite() {
            let rest = Some(wanted.ask(questions));
            return AskedRights { remembered: None, rest, moment: None, wanted: Wanted::default() };
        }
        let remembered = self.kept().take().filter(|kept| kept.known.size() < MOST);
        let rest = remembered.as_ref().map_or_else(|| wanted.clone(), |kept| wanted.but_for(&kept.known));
        let rest = (!rest.is_empty()).then(|| rest.ask(questions));
        let moment = Some(questions.ask(store::rights::moment_after(remembered.as_ref().map(|kept| &kept.moment))));
        AskedRights { remembered, rest, moment, wanted }
    }

    fn kept(&self) -> MutexGuard<'_, Option<Remembered>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers what a batch knew.
    pub(super) fn keep(&self, learnt: Learnt) {
        *self.kept() = learnt.moment.map(|moment| Remembered { known: learnt.known, moment });
    }
}

/// What is known now, and as of which moment, where it may be remembered.
pub(super) struct Learnt {
    /// What is known.
    pub known: Known,
    moment: Option<Moment>,
}

impl AskedRights {
    /// What is known now. What has been changed is asked for again, with all else.
    pub async fn learn(self, tx: &Tx, heard: &mut Heard) -> Result<Learnt, Problem> {
        let Some(moment) = self.moment else {
            let rest = self.rest.ok_or(Code::Internal)?;
            return Ok(Learnt { known: rest.found(&mut heard.answers)?, moment: None });
        };
        let moment = heard.answers.take(moment)?.pop().ok_or(Code::Internal)?;
        if moment.is_changed {
            let mut questions = Questions::to(tx.conn());
            let asked = self.wanted.ask(&mut questions);
            let moment = questions.ask(store::rights::moment_after(None));
            let mut again = tx.hear(questions).await?;
            let moment = again.answers.take(moment)?.pop();
            return Ok(Learnt { known: asked.found(&mut again.answers)?, moment });
        }
        let mut known = self.remembered.map(|kept| kept.known).unwrap_or_default();
        if let Some(rest) = self.rest {
            known.learn(rest.found(&mut heard.answers)?);
        }
        Ok(Learnt { known, moment: Some(moment) })
    }
}

/// Forgets changes that everybody has seen.
pub async fn forget_old_rights_changes(house: &House) -> Result<(), Problem> {
    if house.db.is_sqlite() {
        return Ok(());
    }
    house
        .db
        .transact(move |tx| async move {
            store::rights::delete_old_changes(&*tx).await?;
            Ok(Ending::Commit(()))
        })
        .await
}
