//! G3: the seller is the registered holder of every right, and no recordal is pending that would make another one so.
//!
//! Source: Patent Law art. 10 and 14; licence-recordal refusals (licensor is not the right holder).

use entity::gates::Gate;
use entity::ids::AssetId;

use super::case::GateCase;
use super::finding::{GateFinding, Rule};
use crate::achievements::rules::is_owner;

const HOLDER: Rule = Rule {
    gate: Gate::Title,
    name: "G3.holder",
    source: "PL art.10, 14",
    cure: ("在权利人名册中登记转让方，或由登记的权利人挂牌", "enter the seller among the owners, or let the registered holder list it"),
};

const PENDING: Rule =
    Rule {
        gate: Gate::Title, name: "G3.recordal", source: "PL art.10", cure: ("待变更登记办结", "wait until the change is registered")
    };

/// What is wrong with the title.
pub fn title(case: &GateCase) -> Vec<GateFinding> {
    let strange = case.assets.iter().filter(|facts| !facts.owners.iter().any(|owner| is_owner(owner, case.seller)));
    strange
        .map(|facts| {
            let (zh, en) = ("转让方不是该权利登记的权利人", "the seller is not among the registered owners of the right");
            HOLDER.blocks("not_holder", facts.asset.id.to_string(), (zh.into(), en.into()))
        })
        .collect()
}

const OWNERS: Rule = Rule {
    gate: Gate::Title,
    name: "G3.owners",
    source: "PL art.14; SPC-TC art.20; SWR art.10",
    cure: ("录入全体共有人的书面同意，或者共有人约定", "enter the written consent of every co-owner, or what the owners agreed on"),
};

/// That owners beside the seller have not agreed, whose consent the deal takes.
pub fn owners_missing(asset: AssetId, code: &str, said: (String, String)) -> GateFinding {
    OWNERS.blocks(code, asset.to_string(), said)
}

/// That owners beside the seller share in the deal, which somebody has to look at.
pub fn owners_disclosed(asset: AssetId, code: &str, said: (String, String)) -> GateFinding {
    OWNERS.warns(code, asset.to_string(), said)
}

/// That a change of the holder of a right is being registered.
pub fn pending_recordal(asset: AssetId) -> GateFinding {
    let (zh, en) = ("该权利的变更登记正在办理", "a change of this right is being registered");
    PENDING.blocks("recordal_pending", asset.to_string(), (zh.into(), en.into()))
}
