//! The confidentiality agreement (保密协议) of a room: its texts, and who accepted which.

use entity::Timestamp;
use entity::data_rooms::{data_room, data_room_acceptance, data_room_nda};
use entity::ids::{OrganisationId, PersonId};

use super::machine::{Deed, moved, require};
use crate::platform::http::NamedHash;
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Faults, Problem};

/// The longest text, characters.
const LONGEST_TEXT: usize = 20_000;

/// The room with another text of its agreement, and that text: whoever accepted an earlier one accepts this one anew.
pub fn put(
    held: &data_room::Model,
    text: String,
    by: PersonId,
    now: Timestamp,
) -> Result<(data_room::Model, data_room_nda::Model), Problem> {
    require(held, Deed::PutNda)?;
    Faults::new().text("/text", &text, LONGEST_TEXT).done()?;
    let next = data_room::Model { nda_version: held.nda_version + 1, ..moved(held, held.state) };
    let sha256 = sha256(text.as_bytes()).to_vec();
    let nda = data_room_nda::Model { data_room_id: held.id, version: next.nda_version, text, sha256, put_by: by, put_at: now };
    Ok((next, nda))
}

/// Who accepts, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepting {
    /// Who.
    pub person: PersonId,
    /// For whom.
    pub organisation: OrganisationId,
    /// Which text it accepted last.
    pub accepted: Option<i64>,
    /// From which network.
    pub network: Option<String>,
}

/// That an organisation accepts the text that stands, which it names by its hash. Nobody promises himself anything.
pub fn accepted(
    held: &data_room::Model,
    nda: &data_room_nda::Model,
    by: Accepting,
    named: &NamedHash,
    now: Timestamp,
) -> Result<data_room_acceptance::Model, Problem> {
    if by.organisation == held.organisation_id {
        return Err(Code::ConflictOfInterest.into());
    }
    if by.accepted == Some(nda.version) {
        return Err(Code::AlreadySigned.with("allowed", Vec::<String>::new()));
    }
    named.means(&nda.sha256, "/sha256")?;
    Ok(data_room_acceptance::Model {
        data_room_id: held.id,
        version: nda.version,
        organisation_id: by.organisation,
        sha256: nda.sha256.clone(),
        accepted_by: by.person,
        accepted_at: now,
        network: by.network,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::examples::{at, buyer, id, opened_room};
    use super::*;
    use crate::platform::keys::hex;

    fn accepting() -> Accepting {
        Accepting { person: id(5), organisation: buyer(), accepted: None, network: Some("203.0.113.0/24".into()) }
    }

    #[test]
    fn who_accepts_names_the_text_that_stands() {
        let (room, first) = put(&opened_room(), "保密协议".into(), id(1), at(1)).unwrap();
        assert_eq!((room.nda_version, first.version), (1, 1));
        let named = NamedHash(hex(&first.sha256));
        let kept = accepted(&room, &first, accepting(), &named, at(2)).unwrap();
        assert_eq!((kept.version, &kept.sha256, kept.accepted_by), (1, &first.sha256, id(5)));
        let again = Accepting { accepted: Some(1), ..accepting() };
        assert_eq!(accepted(&room, &first, again.clone(), &named, at(3)).unwrap_err().code, Code::AlreadySigned);

        let (room, second) = put(&room, "保密协议（修订）".into(), id(1), at(3)).unwrap();
        assert_eq!(accepted(&room, &second, again.clone(), &named, at(4)).unwrap_err().code, Code::Invalid, "that was the earlier text");
        assert!(accepted(&room, &second, again, &NamedHash(hex(&second.sha256)), at(4)).is_ok());
    }

    #[test]
    fn nobody_promises_himself_anything() {
        let (room, nda) = put(&opened_room(), "保密协议".into(), id(1), at(1)).unwrap();
        let own = Accepting { organisation: room.organisation_id, ..accepting() };
        assert_eq!(accepted(&room, &nda, own, &NamedHash(hex(&nda.sha256)), at(2)).unwrap_err().code, Code::ConflictOfInterest);
        assert_eq!(put(&room, " ".into(), id(1), at(2)).unwrap_err().code, Code::Invalid);
    }
}
