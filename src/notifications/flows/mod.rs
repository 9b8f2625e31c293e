//! What happens to news: told to inboxes, queued and delivered to webhooks, sent by letter; and what organisations and
//! their members do with these.

pub mod courier;
mod inbox;
pub mod letters;
mod preferences;
mod tell;
mod webhooks;

pub use inbox::{list, mark_all_read, mark_read};
pub use preferences::{may_stop, read_preferences, set_preferences, stop};
pub use tell::{tell_all, trigger};
pub use webhooks::{Shown, create, hear_account, hear_member_left, list_attempts, list_webhooks, read, replay, rotate_secret, step, test};

use entity::ids::WebhookId;

use super::store;
use crate::house::House;
use crate::platform::db::Ending;
use crate::platform::problem::Problem;

/// Who reads the events for the inboxes.
pub const CONSUMER: &str = "notifications";

/// Who reads them after that, to write letters about what came into the inboxes.
pub const LETTERS: &str = "letters";

/// What the sealed keys of a webhook belong to.
fn belongs_to(id: WebhookId) -> Vec<u8> {
    [b"webhook/".as_slice(), id.0.as_bytes()].concat()
}

/// Forgets what need not be kept any longer of what was sent, by real time.
pub async fn forget_old(house: &House) -> Result<(), Problem> {
    let real = house.world.real_now();
    let limit = real - house.span("webhook_log_retention", real)?;
    house
        .db
        .transact(move |tx| async move {
            store::forget_before(&*tx, limit).await?;
            Ok(Ending::Commit(()))
        })
        .await
}
