//! G6 and G7: what may leave the mainland, and what public money paid for.
//!
//! Source: TIER art. 29-36; 国办发〔2018〕19号 (outbound review of rights); STPL art. 34; Regulations on Plant Varieties art. 9.

use entity::achievements::AssetKind;
use entity::gates::{ExportClass, FindingDecision, Gate};
use entity::listings::TransferMode;

use super::case::{GateCase, ReviewOpinion};
use super::catalogue::{CatalogueEntry, Match, Technology};
use super::finding::{GateFinding, Rule, said};

const CATALOGUE: Rule = Rule {
    gate: Gate::Export,
    name: "G6.catalogue",
    source: "TIER art.29-36; 中国禁止出口限制出口技术目录",
    cure: (
        "由审核人员对照控制要点作出判断；属于禁止出口的，不得向境外主体开放",
        "an officer compares it with the control points; what is prohibited is open to no foreign party",
    ),
};

const PARTY: Rule = Rule {
    gate: Gate::Export,
    name: "G6.party",
    source: "TIER art.31-36",
    cure: (
        "上传技术出口许可意向书并经核验；项目未向境外主体开放的，不得成交",
        "file the letter of intent and have it verified; what is open to no foreign party is not sold to one",
    ),
};

const REVIEW: Rule = Rule {
    gate: Gate::Export,
    name: "G6.review",
    source: "国办发〔2018〕19号",
    cure: ("办理知识产权对外转让审查并登记意见", "have the outbound review done and enter its opinion"),
};

const VARIETY: Rule = Rule {
    gate: Gate::Export,
    name: "G6.variety",
    source: "PVR art.9",
    cure: ("取得主管部门对向境外转让品种权的批准", "have the authority's approval of the transfer abroad"),
};

const FUNDING: Rule = Rule {
    gate: Gate::StateFunding,
    name: "G7.approval",
    source: "STPL art.34",
    cure: ("上传项目管理机构的批准文件，或不向境外主体开放", "file the approval of the project's manager, or admit no foreign party"),
};

/// The technology on offer, as it is described.
fn technology(case: &GateCase) -> Technology {
    let symbols = case.assets.iter().filter_map(|facts| facts.asset.details.get("ipc")?.as_array());
    let ipc = symbols.flatten().filter_map(serde_json::Value::as_str).map(ToOwned::to_owned).collect();
    let rights = case.assets.iter().flat_map(|facts| [Some(facts.asset.title.clone()), facts.asset.title_en.clone()]).flatten();
    let words = case.titles.iter().map(|title| (*title).to_owned()).chain(rights).chain(case.declared.keywords.iter().cloned()).collect();
    Technology { ipc, words, entries: case.declared.export_entries.clone() }
}

/// Whether somebody foreign may buy, or does.
fn goes_abroad(case: &GateCase) -> bool {
    case.declared.admits_foreign || case.buyer.as_ref().is_some_and(|buyer| buyer.is_foreign)
}

/// What is wrong with a sale abroad, and how the technology may leave; nothing of either where nobody foreign may buy.
pub fn export(case: &GateCase) -> (Vec<GateFinding>, Option<ExportClass>) {
    if !goes_abroad(case) {
        return (Vec::new(), None);
    }
    let (mut found, class) = screened(case);
    match &case.declared.review {
        Some(review) if review.opinion == ReviewOpinion::NotPermitted => {
            found.push(REVIEW.blocks(
                "review_negative",
                &review.authority,
                said("审查意见不同意对外转让", "the review does not permit a transfer abroad"),
            ));
        }
        None if class == ExportClass::Restricted => {
            found.push(REVIEW.warns(
                "review_open",
                "review",
                said("限制出口的技术尚无对外转让审查意见", "there is no opinion of the outbound review of a restricted technology"),
            ));
        }
        Some(_) | None => {}
    }
    if case.mode == TransferMode::Assignment {
        let varieties = case.assets.iter().filter(|facts| facts.asset.kind == AssetKind::PlantVariety);
        let words = || said("向境外转让植物新品种权须经批准", "a plant variety right goes abroad only with approval");
        found.extend(varieties.map(|facts| VARIETY.warns("variety_approval", facts.asset.id.to_string(), words())));
    }
    if let Some(buyer) = case.buyer.as_ref().filter(|buyer| buyer.is_foreign) {
        if !case.declared.admits_foreign {
            found.push(PARTY.blocks(
                "foreign_not_admitted",
                buyer.organisation_id.to_string(),
                said("项目未向境外主体开放", "the listing admits no foreign party"),
            ));
        } else if class == ExportClass::Restricted && !buyer.has_letter {
            found.push(PARTY.blocks(
                "export_letter_missing",
                buyer.organisation_id.to_string(),
                said(
                    "限制出口的技术，境外受让方尚无经核验的许可意向书",
                    "the technology is restricted, and the foreign buyer has no verified letter of intent",
                ),
            ));
        }
    }
    (found, Some(class))
}

/// What the search through the catalogue says, after what people decided about it.
fn screened(case: &GateCase) -> (Vec<GateFinding>, ExportClass) {
    let version = case.catalogue.version(case.today).map_or("", |version| version.code.as_str());
    let technology = technology(case);
    let (mut found, mut class) = (Vec::new(), ExportClass::Free);
    for (entry, hit) in case.catalogue.search(&technology, case.today) {
        let possible = possible(entry, version);
        let is_one = hit == Match::Confirmed || case.decision(&possible) == Some(FindingDecision::Confirmed);
        match (is_one, entry.level) {
            (false, _) => found.push(possible),
            (true, ExportClass::Prohibited) => {
                let (zh, en) = (format!("属于禁止出口技术“{}”", entry.zh), format!("is prohibited from export: {}", entry.en));
                found.push(CATALOGUE.blocks("export_prohibited", subject(entry, version), (zh, en)));
            }
            (true, level) => class = class.max(level),
        }
    }
    (found, class)
}

fn possible(entry: &CatalogueEntry, version: &str) -> GateFinding {
    let (zh, en) = (format!("可能属于目录中的“{}”", entry.zh), format!("may fall under an entry of the catalogue: {}", entry.en));
    CATALOGUE.warns("export_possible", subject(entry, version), (zh, en))
}

/// With another version of the catalogue it is another finding, about which somebody decides anew.
fn subject(entry: &CatalogueEntry, version: &str) -> String {
    format!("{version}/{}", entry.called())
}

/// What public money paid for goes abroad, or to one licensee there alone, with the approval of the project's manager.
pub fn funding(case: &GateCase) -> Vec<GateFinding> {
    let needs_approval = matches!(case.mode, TransferMode::Assignment | TransferMode::Equity | TransferMode::ExclusiveLicence);
    if !(case.state_funded && goes_abroad(case) && needs_approval) || case.declared.funding_approved {
        return Vec::new();
    }
    let (zh, en) = (
        "财政性资金形成的成果向境外转让或者独占许可，须经项目管理机构批准",
        "what public money paid for goes abroad, or to one licensee there, only with approval",
    );
    vec![FUNDING.blocks("funding_approval_missing", "/funding_approval_document_id", said(zh, en))]
}
