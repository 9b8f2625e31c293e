//! G9: who is related to whom (关联关系).
//!
//! Source: ZJ-TTR art. 17; domain rule 9.6: one legal representative or controller, a share of a quarter, an interest of who made the
//! technology, kin, one address, telephone or bank account. What is declared counts, and what the facts that both declare show.

use std::collections::BTreeSet;

use entity::gates::{Gate, GateStage, RelationKind, organisation_facts, organisation_relation};
use entity::ids::OrganisationId;

use super::case::{GateCase, Related};
use super::finding::{GateFinding, Rule};

const RELATED: Rule = Rule {
    gate: Gate::RelatedParty,
    name: "G9.related",
    source: "ZJ-TTR art.17; AL art.22, 30",
    cure: ("关联方回避；确属误报的，由审核人员终止该关联登记", "whoever is related stands aside; what was entered wrongly an officer ends"),
};

/// Who is related to an organisation by what was declared: by either side, and of shareholdings those as large as the rules name.
pub fn declared(of: OrganisationId, rows: &[organisation_relation::Model], share_that_counts: u32) -> Vec<Related> {
    let live = rows.iter().filter(|row| row.ended_at.is_none());
    let counts = |row: &&organisation_relation::Model| {
        row.share_bp.is_none_or(|share| u32::try_from(share).is_ok_and(|share| share >= share_that_counts))
    };
    live.filter(counts)
        .filter_map(|row| {
            let other = match of {
                one if one == row.organisation_id => row.other_organisation_id,
                one if one == row.other_organisation_id => row.organisation_id,
                _ => return None,
            };
            Some(Related { organisation_id: other, kind: row.kind })
        })
        .collect()
}

/// How the facts that two organisations declare show them to be related.
pub fn shown(one: &organisation_facts::Model, other: &organisation_facts::Model) -> Option<RelationKind> {
    let same = |of: fn(&organisation_facts::Model) -> Option<&[u8]>| of(one).is_some() && of(one) == of(other);
    if same(|facts| facts.representative.as_deref()) {
        return Some(RelationKind::SameRepresentative);
    }
    if same(|facts| facts.controller.as_deref()) {
        return Some(RelationKind::SameController);
    }
    let is_reached_alike =
        same(|facts| facts.address.as_deref()) || same(|facts| facts.phone.as_deref()) || same(|facts| facts.bank_account.as_deref());
    is_reached_alike.then_some(RelationKind::SameContact)
}

/// Everybody related to an organisation, each once.
pub fn all(
    of: OrganisationId,
    rows: &[organisation_relation::Model],
    own: Option<&organisation_facts::Model>,
    others: &[organisation_facts::Model],
    share_that_counts: u32,
) -> Vec<Related> {
    let mut known = BTreeSet::new();
    let by_facts = others.iter().filter(|facts| facts.organisation_id != of).filter_map(|facts| {
        let kind = shown(own?, facts)?;
        Some(Related { organisation_id: facts.organisation_id, kind })
    });
    let mut found = declared(of, rows, share_that_counts);
    found.extend(by_facts);
    found.retain(|one| known.insert(one.organisation_id));
    found
}

/// Of those related to the seller, whoever buys; before that is known, whoever has a right of pre-emption.
pub fn related(case: &GateCase) -> Vec<GateFinding> {
    let finds = |related: &Related| {
        let (zh, en) = kind_words(related.kind);
        let subject = related.organisation_id.to_string();
        if case.stage == GateStage::Confirmation {
            let said = (format!("受让方与转让方存在关联关系：{zh}"), format!("the buyer is related to the seller: {en}"));
            RELATED.blocks("related_buyer", subject, said)
        } else {
            let said = (
                format!("优先购买权人与转让方存在关联关系：{zh}"),
                format!("a holder of a right of pre-emption is related to the seller: {en}"),
            );
            RELATED.warns("related_holder", subject, said)
        }
    };
    case.related.iter().map(finds).collect()
}

/// A kind of relation in words.
pub fn kind_words(kind: RelationKind) -> (&'static str, &'static str) {
    match kind {
        RelationKind::SameRepresentative => ("法定代表人相同", "one legal representative"),
        RelationKind::SameController => ("实际控制人相同", "one controller"),
        RelationKind::Shareholding => ("持股", "a shareholding"),
        RelationKind::CompleterInterest => ("成果完成人在对方持股或者任职", "who made it has shares or an office there"),
        RelationKind::Kin => ("近亲属", "kin"),
        RelationKind::SameContact => ("地址、电话或者银行账户相同", "one address, telephone or bank account"),
    }
}
