//! What a file of evidence says of a sale at a negotiated price.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::ids::{NegotiationId, OrganisationId, PersonId};
use entity::negotiations::{NegotiationSide, NegotiationState, negotiation, negotiation_decision, negotiation_offer};
use serde::Serialize;
use utoipa::ToSchema;

use super::{EvidenceNotice, EvidenceVersion};
use crate::documents::views::DocumentRef;
use crate::negotiations::views::NegotiationView;
use crate::notices::rules::both_places::UnitNotice;
use crate::platform::keys::hex;
use crate::platform::problem::Problem;

/// A sale at a negotiated price.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceNegotiation {
    /// Id.
    pub id: NegotiationId,
    /// Who sells.
    pub organisation_id: OrganisationId,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub state: NegotiationState,
    /// The offers, in order.
    pub offers: Vec<EvidenceOffer>,
    /// The offer that is agreed on, by its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreed_offer: Option<i64>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreed_at: Option<DateTime<Utc>>,
    /// The seller's own decision on it, with the hash it had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_document: Option<DocumentRef>,
    /// When the seller decided on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<DateTime<Utc>>,
    /// Everything the seller decided, in order: also on offers in whose place another was agreed on since.
    pub decisions: Vec<EvidenceDecision>,
    /// The seller's own notice of it, as it was shown last; all that were shown stand with the notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_notice: Option<UnitNotice>,
    /// When the parties confirmed.
    pub confirmations: Vec<EvidenceConfirmation>,
}

/// An offer: that there was one, since only what was agreed on was published.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceOffer {
    /// Its number.
    pub number: i64,
    /// Whose it is.
    pub side: NegotiationSide,
    /// SHA-256 of the text of its terms, hexadecimal, where they were announced with their price: of others prices could be tried by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms_sha256: Option<String>,
    /// When it was made.
    pub made_at: DateTime<Utc>,
}

/// A decision of the seller.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceDecision {
    /// The offer, by its number.
    pub offer: i64,
    /// When that was agreed on.
    pub agreed_at: DateTime<Utc>,
    /// The document that says so, with the hash it had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentRef>,
    /// Who decided, for the seller.
    pub decided_by: PersonId,
    /// When.
    pub decided_at: DateTime<Utc>,
    /// SHA-256 of the text that was frozen then, hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub drafted_sha256: String,
    /// The version of the notice that has this text; absent where it was never announced.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub notice_version: Option<i64>,
}

/// A confirmation of a party.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceConfirmation {
    /// For which party.
    pub side: NegotiationSide,
    /// When.
    pub confirmed_at: DateTime<Utc>,
}

impl EvidenceDecision {
    fn of(row: &negotiation_decision::Model, notices: &[EvidenceNotice]) -> Result<Self, Problem> {
        Ok(Self {
            offer: row.offer,
            agreed_at: row.agreed_at,
            document: DocumentRef::kept(row.document.as_ref())?,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            drafted_sha256: hex(&row.drafted_sha256),
            notice_version: announced(row, notices).map(|version| version.summary.version),
        })
    }
}

/// The text that was published of a decision: the first since then that has its hash, for what is agreed anew may be said in the same
/// words.
fn announced<'a>(of: &negotiation_decision::Model, notices: &'a [EvidenceNotice]) -> Option<&'a EvidenceVersion> {
    let sha256 = hex(&of.drafted_sha256);
    let mut versions = notices.iter().flat_map(|notice| &notice.versions);
    versions.find(|version| version.summary.sha256 == sha256 && version.summary.published_at >= Some(of.decided_at))
}

impl EvidenceNegotiation {
    /// Of a negotiation with its offers and what was decided on them, and with what is announced about it.
    pub fn of(
        row: &negotiation::Model,
        offers: &[negotiation_offer::Model],
        decisions: &[negotiation_decision::Model],
        notices: &[EvidenceNotice],
    ) -> Result<Self, Problem> {
        let view = NegotiationView::of(row)?;
        // What the notice tells of may have opened since it was announced.
        let stands = row.noticed_offer.filter(|_| notices.iter().any(EvidenceNotice::tells_price));
        let told = decisions.iter().filter(|made| announced(made, notices).is_some_and(EvidenceVersion::tells_price));
        let priced: BTreeSet<_> = told.map(|made| made.offer).chain(stands).collect();
        let offers = offers.iter().map(|offer| EvidenceOffer {
            number: offer.number,
            side: offer.side,
            terms_sha256: priced.contains(&offer.number).then(|| hex(&offer.sha256)),
            made_at: offer.made_at,
        });
        let confirmations =
            view.confirmations.iter().map(|given| EvidenceConfirmation { side: given.side, confirmed_at: given.confirmed_at });
        Ok(Self {
            id: row.id,
            organisation_id: row.organisation_id,
            title: row.title.clone(),
            state: row.state,
            offers: offers.collect(),
            agreed_offer: row.agreed_offer,
            agreed_at: row.agreed_at,
            decided_at: row.decided_at,
            decisions: decisions.iter().map(|made| EvidenceDecision::of(made, notices)).collect::<Result<_, _>>()?,
            confirmations: confirmations.collect(),
            decision_document: view.decision_document,
            unit_notice: view.unit_notice,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::notices::{NoticeProposalKind, NoticeState, notice, notice_version};
    use serde_json::{Value, json};

    use super::*;
    use crate::negotiations::rules::examples::{at, offer, open, person};
    use crate::notices::rules::examples::draft;
    use crate::notices::rules::opened;
    use crate::notices::rules::proposal::{AtOnce, made};
    use crate::notices::views::{NoticeSummary, NoticeVersionSummary};
    use crate::platform::keys::sha256;

    fn decided(number: i64, text: &Value, second: i64) -> negotiation_decision::Model {
        negotiation_decision::Model {
            negotiation_id: open().id,
            offer: number,
            agreed_at: at(second - 1),
            document: Some(json!({"id": open().id, "version": 1, "sha256": "ab", "title": "纪要"})),
            drafted_sha256: sha256(text.to_string().as_bytes()).to_vec(),
            decided_by: person(11),
            decided_at: at(second),
        }
    }

    /// A notice whose texts were published at these instants, the later ones in the place of the first.
    fn told(texts: &[(Value, i64)]) -> EvidenceNotice {
        let first = notice::Model { state: NoticeState::Published, published_at: Some(at(texts[0].1)), ..draft() };
        let version = |(place, (text, second)): (usize, &(Value, i64))| {
            let before = notice::Model { current_version: i64::try_from(place).unwrap(), ..first.clone() };
            let of = AtOnce {
                id: uuid::Uuid::from_u128(9).into(),
                kind: NoticeProposalKind::Revision,
                reason: "理由",
                proposed: (person(11), at(*second)),
                decided: (Some(person(30)), at(*second)),
            };
            let next = opened(&before).unwrap();
            let proposal = (place > 0).then(|| made(&before, &next, &of));
            let content = text.to_string();
            let sha256 = sha256(content.as_bytes()).to_vec();
            let (version, created_at) = (next.current_version, at(*second));
            let row = notice_version::Model { notice_id: first.id, version, content, sha256, created_at };
            let summary = NoticeVersionSummary::of(&next, &row, proposal.as_ref()).unwrap();
            (EvidenceVersion { summary, published_by: Some(person(30)), content_text: row.content.clone() }, row)
        };
        let (versions, rows): (Vec<_>, Vec<_>) = texts.iter().enumerate().map(version).unzip();
        let notice = NoticeSummary::of(&first, rows.last().unwrap(), None, &[]);
        EvidenceNotice { notice, versions, proposals: Vec::new(), unit_notices: Vec::new() }
    }

    fn evidence(decisions: &[negotiation_decision::Model], notices: &[EvidenceNotice], announced: i64) -> EvidenceNegotiation {
        let offers = [1, 2, 3].map(|number| offer(number, NegotiationSide::Seller, 90_000 + number, 10));
        let row = negotiation::Model { noticed_offer: Some(announced), ..open() };
        EvidenceNegotiation::of(&row, &offers, decisions, notices).unwrap()
    }

    fn hashed(of: &EvidenceNegotiation) -> Vec<i64> {
        of.offers.iter().filter(|offer| offer.terms_sha256.is_some()).map(|offer| offer.number).collect()
    }

    #[test]
    fn every_decision_stands_with_the_version_that_announced_it() {
        let (one, never, last) = (json!({"intended_price": 1}), json!({"intended_price": 2}), json!({"intended_price": 3}));
        let decisions = [decided(1, &one, 20), decided(2, &never, 30), decided(3, &last, 40)];
        let found = evidence(&decisions, &[told(&[(one.clone(), 25), (last, 45)])], 3);
        let versions: Vec<_> = found.decisions.iter().map(|made| (made.offer, made.notice_version)).collect();
        assert_eq!(versions, [(1, Some(1)), (2, None), (3, Some(2))]);
        assert_eq!(found.decisions[0].drafted_sha256, hex(&sha256(one.to_string().as_bytes())));
        assert_eq!((found.decisions[0].decided_at, found.decisions[0].document.as_ref().unwrap().sha256.as_str()), (at(20), "ab"));
        assert_eq!(hashed(&found), [1, 3], "of what was never announced no price is tried");
        // Agreed anew, and said in the same words.
        let found = evidence(&[decided(1, &one, 20), decided(2, &one, 30)], &[told(&[(one.clone(), 25), (one, 35)])], 2);
        let versions: Vec<_> = found.decisions.iter().map(|made| made.notice_version).collect();
        assert_eq!(versions, [Some(1), Some(2)]);
    }

    #[test]
    fn of_a_price_that_was_told_in_a_band_no_hash_is_told_before_it_opens() {
        let (band, open) = (json!({"withheld": [1]}), json!({"intended_price": 3}));
        let decisions = [decided(1, &band, 20)];
        assert!(hashed(&evidence(&decisions, &[told(&[(band.clone(), 25)])], 1)).is_empty());
        assert_eq!(hashed(&evidence(&decisions, &[told(&[(band.clone(), 25), (open.clone(), 90)])], 1)), [1]);
        let result = told(&[(json!({"final_price": 3}), 60)]);
        assert_eq!(hashed(&evidence(&decisions, &[told(&[(band.clone(), 25)]), result], 1)), [1]);
        // What was in a band is no less secret since another was agreed on.
        let anew = [decided(1, &band, 20), decided(2, &open, 40)];
        assert_eq!(hashed(&evidence(&anew, &[told(&[(band, 25), (open, 45)])], 2)), [2]);
    }
}
