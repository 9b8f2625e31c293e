//! What happens to sessions of lots.
//!
//! The order of holding is session, then its lots in the order of their ids.

mod arrange;
mod conduct;
mod create;
mod follow;
mod publish;
mod read;

pub use arrange::arrange;
pub use conduct::{advance, extend, pause, resume};
pub use create::create;
pub use follow::hear_lot_gives_way;
pub use publish::publish;
pub use read::{list, lots, page, read};

use entity::auctions::lot;
use entity::ids::LotSessionId;
use entity::lot_sessions::lot_session;

use super::{rules, store};
use crate::auctions;
use crate::house::Tx;
use crate::platform::access::{Permission, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// The session, held, where the caller may do this to it and has seen how it stands.
async fn hold<P: Permission>(tx: &Tx, permit: &Permit<P>, id: LotSessionId) -> Result<lot_session::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.version)?;
    Ok(held)
}

/// The lots of a session, held, in its order.
async fn hold_lots(tx: &Tx, id: LotSessionId) -> Result<Vec<lot::Model>, Problem> {
    let order = store::order(tx.conn(), id).await?;
    let held = auctions::store::hold_all(tx.conn(), &order).await?;
    rules::in_order(&order, held)
}

/// Keeps a session as it stands after a deed.
async fn record(tx: &Tx, held: &lot_session::Model, next: &lot_session::Model) -> Result<(), Problem> {
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("lot_session", next.id, Some(held), Some(next));
    Ok(())
}
