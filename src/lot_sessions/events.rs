//! What the world hears of sessions of lots.

use entity::ids::LotSessionId;
use entity::lot_sessions::{LotSessionMode, LotSessionState, lot_session};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::outbox::Event;

/// Something happened to a session of lots.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LotSessionEvent {
    #[serde(skip)]
    name: &'static str,
    /// The session.
    lot_session_id: LotSessionId,
    /// How its lots follow each other.
    mode: LotSessionMode,
    /// Where it stands.
    state: LotSessionState,
}

impl LotSessionEvent {
    /// It is public from now on, its order frozen.
    pub fn published(session: &lot_session::Model) -> Self {
        Self::of("lot_session.published", session)
    }

    /// It was interrupted as a whole.
    pub fn paused(session: &lot_session::Model) -> Self {
        Self::of("lot_session.paused", session)
    }

    /// It goes on.
    pub fn resumed(session: &lot_session::Model) -> Self {
        Self::of("lot_session.resumed", session)
    }

    /// Every lot of it has ended.
    pub fn ended(session: &lot_session::Model) -> Self {
        Self::of("lot_session.ended", session)
    }

    fn of(name: &'static str, session: &lot_session::Model) -> Self {
        Self { name, lot_session_id: session.id, mode: session.mode, state: session.state }
    }
}

impl Event for LotSessionEvent {
    fn kind(&self) -> &'static str {
        self.name
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("lot_session", self.lot_session_id.into())
    }
}
