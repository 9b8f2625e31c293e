//! What the result of a deal withholds until a date.

use uuid::Uuid;

use super::OPENING;
use crate::deals::{rules, store};
use crate::house::Tx;
use crate::notices;
use crate::notices::rules::canonical;
use crate::platform::problem::{Code, Problem};

/// The timer `deals.opening`: what the result withheld until now is told in a further version of its notice.
pub async fn on_opening(tx: &Tx, subject: Uuid) -> Result<(), Problem> {
    let Some(held) = store::hold(tx.conn(), subject.into()).await? else { return Ok(()) };
    let notice = held.result_notice_id.ok_or(Code::Internal)?;
    let Some(content) = notices::flows::standing_within(tx, notice).await? else { return Ok(()) };
    if let Some(next) = rules::opened_result(&content, &rules::facts(&held)?, tx.now)? {
        notices::flows::open_within(tx, notice, canonical(&next)).await?;
    }
    notices::flows::arm_opening(tx, notice, (OPENING, subject), Some(tx.now)).await
}
