//! Whether a price may be negotiated, on what it may rest, and when it needs a decision of its own.
//!
//! Source: Zhejiang regulation on the conversion of achievements art. 17; `negotiated_..` and `price_basis_..` of the rules.

use entity::listings::PriceBasis;
use entity::money::Money;

use crate::deals::rules::unruled;
use crate::listings::rules::gates::basis_rule;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::Snapshot;

/// Refuses a seller whose class sells in another way.
pub fn may_negotiate(rules: &Snapshot) -> Result<(), Problem> {
    if rules.flag("negotiated_pricing_allowed").map_err(|error| unruled(&error))? {
        return Ok(());
    }
    let source = rules.find("negotiated_pricing_allowed").map_err(|error| unruled(&error))?.source.clone();
    Err(Code::MechanismNotAllowed.with("mechanism", "negotiated_pricing").with("source", source))
}

/// Refuses a base price that rests on what it may not, or on what nobody can look up and no document shows.
pub fn valued(basis: PriceBasis, has_document: bool, rules: &Snapshot) -> Result<(), Problem> {
    if !rules.flag(basis_rule(basis)).map_err(|error| unruled(&error))? {
        return Err(Code::Invalid.at(
            "/base_price_basis",
            "basis",
            "该类转让方不得以此为定价依据",
            "a seller of this class may not rest a price on that",
        ));
    }
    let must_show = rules.flag("price_basis_document").map_err(|error| unruled(&error))?;
    if must_show && basis != PriceBasis::MarketComparison && !has_document {
        let missing = "give the document the base price rests on";
        return Err(Code::DeclarationMissing.at("/basis_document_id", "basis_missing", "须附定价依据文件", missing));
    }
    Ok(())
}

/// Refuses a decision that names no document where the price is lower than the rules let pass without.
pub fn decided_well(price: Money, base_price: Money, has_document: bool, rules: &Snapshot) -> Result<(), Problem> {
    let share = rules.basis_points("negotiated_decision_below").map_err(|error| unruled(&error))?;
    let least = i128::from(base_price.minor) * i128::from(share);
    if has_document || i128::from(price.minor) * 10_000 >= least {
        return Ok(());
    }
    let source = rules.find("negotiated_decision_below").map_err(|error| unruled(&error))?.source.clone();
    Err(Code::DeclarationMissing
        .at(
            "/decision_document_id",
            "decision_missing",
            "成交价低于基准价，须附决策文件",
            "the price is below the base price: give the decision that says why",
        )
        .with("base_price", base_price)
        .with("price", price)
        .with("source", source))
}
