//! G11: who may not trade, or is kept from something else, for a breach of trust (失信惩戒).
//!
//! Source: 科技部令第19号; domain rule 7.8: who is kept from something else may still sell what is his, and whoever approves it sees that.

use chrono::NaiveDate;
use entity::gates::{Gate, RestrictionScope, restriction};

use super::case::{GateCase, Restricted};
use super::finding::{GateFinding, Rule};

const RESTRICTED: Rule = Rule {
    gate: Gate::Integrity,
    name: "G11.restriction",
    source: "科技部令19号",
    cure: (
        "待惩戒期满或者被解除；不限制交易的，由审核人员作出判断",
        "wait until it has ended or was lifted; where it does not keep from trading, an officer decides",
    ),
};

/// Whether a restriction is in force on a day.
pub fn in_force(row: &restriction::Model, on: NaiveDate) -> bool {
    row.lifted_at.is_none() && row.from_day <= on && row.until_day.is_none_or(|last| on <= last)
}

/// Those of these that are in force on a day.
pub fn live(rows: &[restriction::Model], on: NaiveDate) -> Vec<Restricted> {
    let live = rows.iter().filter(|row| in_force(row, on));
    let told = |row: &restriction::Model| Restricted {
        organisation_id: row.organisation_id,
        scope: row.scope,
        source_number: row.source_number.clone(),
    };
    live.map(told).collect()
}

/// What is known against the parties.
pub fn integrity(case: &GateCase) -> Vec<GateFinding> {
    let found = case.restrictions.iter().filter_map(|one| {
        let subject = format!("{}/{}", one.organisation_id, one.source_number);
        let (party_zh, party_en) =
            if one.organisation_id == case.seller.id { ("转让方", "the seller") } else { ("受让方", "the buyer") };
        if one.scope == RestrictionScope::Trading {
            let said =
                (format!("{party_zh}被限制交易（{}）", one.source_number), format!("{party_en} may not trade ({})", one.source_number));
            return Some(RESTRICTED.blocks("restricted", subject, said));
        }
        // What keeps a buyer from public money does not keep him from buying.
        let is_seller = one.organisation_id == case.seller.id;
        let said = (
            format!("{party_zh}有失信惩戒记录（{}）", one.source_number),
            format!("{party_en} has a record of a breach of trust ({})", one.source_number),
        );
        is_seller.then(|| RESTRICTED.warns("flagged", subject, said))
    });
    found.collect()
}
