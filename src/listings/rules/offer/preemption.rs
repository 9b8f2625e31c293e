//! Holders of a right of pre-emption as the seller names them (优先购买权人): the public is told on what each right rests
//! and its rank, never which organisation was named.

use std::collections::BTreeSet;

use entity::auctions::Preemption;
use entity::ids::OrganisationId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{Encumbrance, EncumbranceKind, Offer, OfferedFormat};
use crate::admissions::rules::Holder;
use crate::listings::rules::findings::unruled;
use crate::platform::problem::{Code, Faults, Problem};
use crate::rulebook::rules::{Snapshot, Span};

/// How many may be named.
const MOST_HOLDERS: usize = 20;
/// The last rank there is.
const LAST_RANK: i32 = 100;

/// How holders of a right of pre-emption use it, and who they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferedPreemption {
    /// How they use it, in the room: a holder applies and pays the deposit like anybody else.
    pub variant: PreemptionVariant,
    /// Who holds such a right.
    #[schema(min_items = 1, max_items = 20)]
    pub holders: Vec<OfferedHolder>,
}

/// How holders of a right of pre-emption use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PreemptionVariant {
    /// A holder may bid the price that stands, and leads with it: where bids are open and ascending.
    Parity,
    /// When bidding has ended, holders are asked by rank, all of one rank at once, whether they take the lot at its price; several of
    /// one rank who take it seal one more bid. In every format that finds one price for one thing.
    AskAfter,
}

/// A holder of a right of pre-emption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferedHolder {
    /// The organisation; shown to the seller and to staff only.
    #[schema(required = false)]
    pub organisation_id: OrganisationId,
    /// On what the right rests. This is published and stays: name no person.
    #[schema(min_length = 1, max_length = 500, example = "合作开发者（民法典第八百六十条）")]
    pub basis: String,
    /// Its rank: 1 comes before 2; several may be of one rank.
    #[schema(minimum = 1, maximum = 100)]
    pub rank: i32,
}

/// Whether such a right, wherever it is written, goes with the rest: `is_plain` tells whether the lot is bid for upwards, bid
/// after bid, at open prices alone, and `has_one_price` whether bidding for it, upwards or by a falling clock, finds one price for one
/// thing.
pub fn preemption_makes_sense(faults: &mut Faults, place: &str, variant: PreemptionVariant, is_plain: bool, has_one_price: bool) {
    let (fits, zh, en) = match variant {
        PreemptionVariant::Parity => (
            is_plain,
            "以相同价格行使的优先购买权仅用于多次增价竞价，且不得与代理出价或一口价并用",
            "holders bid the price that stands only where bids are ascending, bid after bid, and neither beside maxima nor beside a buy-now price",
        ),
        PreemptionVariant::AskAfter => (
            has_one_price,
            "竞价结束后的征询以一物一价为前提：降价出价和一口价不适用；综合评审中价格并非唯一因素，多份许可有多名受让方，亦不适用",
            "holders are asked after the bidding about one price for one thing: neither where bids descend nor beside a buy-now price; nor where bids are weighted, since the price is not all that counts, nor where several units are sold, which have several buyers",
        ),
    };
    faults.require(fits, place, "contradiction", zh, en);
}

/// Whether a format finds one price for one thing. Of weighted bids the price is not all that counts, and several units have several
/// buyers.
fn finds_one_price(format: &OfferedFormat) -> bool {
    match format {
        OfferedFormat::English {}
        | OfferedFormat::Dutch { .. }
        | OfferedFormat::FirstPrice {}
        | OfferedFormat::Vickrey {}
        | OfferedFormat::OneShot {}
        | OfferedFormat::Rounds {} => true,
        OfferedFormat::Weighted { .. } | OfferedFormat::UniformPrice { .. } | OfferedFormat::PayAsBid { .. } => false,
    }
}

/// Whether the holders are named as they must be, and declared among the burdens.
pub fn well_named(faults: &mut Faults, offer: &Offer) {
    let place = "/auction/preemption";
    let Some(named) = &offer.auction.preemption else {
        let is_open = |burden: &Encumbrance| burden.kind == EncumbranceKind::Preemption && burden.cure_document_id.is_none();
        faults.require(
            !offer.declarations.encumbrances.iter().any(is_open),
            place,
            "contradiction",
            "申报优先购买权的，须列明权利人及其行使方式，或者附其放弃的证明文件",
            "a right of pre-emption that is declared needs its holders and how they use it, or the paper by which they waive it",
        );
        return;
    };
    let different: BTreeSet<_> = named.holders.iter().map(|holder| holder.organisation_id).collect();
    let (auction, rises) = (&offer.auction, offer.direction().is_ascending());
    let is_plain = matches!(auction.format, OfferedFormat::English {}) && auction.proxy != Some(true);
    let is_alone = rises && auction.buy_now.is_none();
    preemption_makes_sense(faults, place, named.variant, is_alone && is_plain, is_alone && finds_one_price(&auction.format));
    faults
        .require(
            offer.declarations.encumbrances.iter().any(|burden| burden.kind == EncumbranceKind::Preemption),
            "/declarations/encumbrances",
            "contradiction",
            "须申报优先购买权",
            "declare the right of pre-emption",
        )
        .require(
            (1..=MOST_HOLDERS).contains(&named.holders.len()) && different.len() == named.holders.len(),
            &format!("{place}/holders"),
            "range",
            "须为 1 至 20 人，且不得重复",
            "1 to 20 holders, and none twice",
        );
    for (index, holder) in named.holders.iter().enumerate() {
        faults.text(&format!("{place}/holders/{index}/basis"), &holder.basis, 500).require(
            (1..=LAST_RANK).contains(&holder.rank),
            &format!("{place}/holders/{index}/rank"),
            "range",
            "须在 1 至 100 之间",
            "must be between 1 and 100",
        );
    }
}

/// How the lot runs with such rights; its numbers are the rules'. An offer whose rules were kept before there was a round among
/// holders of one rank has none.
pub fn settled(offered: &OfferedPreemption, rules: &Snapshot) -> Result<Preemption, Problem> {
    match offered.variant {
        PreemptionVariant::Parity => Ok(Preemption::Parity {}),
        PreemptionVariant::AskAfter => {
            let span = rules.span("preemption_answer").map_err(|error| unruled(&error))?;
            let answer_seconds = span.elapsed().ok_or(Code::Internal)?.num_seconds();
            let round_seconds = rules.span("preemption_round").ok().and_then(Span::elapsed).map(|length| length.num_seconds());
            Ok(Preemption::AskAfter { answer_seconds, round_seconds })
        }
    }
}

/// What is announced of the holders, by rank.
pub fn announced(offer: &Offer) -> Value {
    let Some(named) = &offer.auction.preemption else { return Value::Null };
    let holders: Vec<_> = by_rank(named).into_iter().map(|holder| json!({"rank": holder.rank, "basis": holder.basis})).collect();
    json!({"variant": named.variant, "holders": holders})
}

/// The holders, the first rank first.
pub fn by_rank(named: &OfferedPreemption) -> Vec<&OfferedHolder> {
    let mut holders: Vec<_> = named.holders.iter().collect();
    holders.sort_by_key(|holder| holder.rank);
    holders
}

/// Whom the call for buyers knows as a holder.
pub fn called(offer: &Offer) -> Vec<Holder> {
    let named = offer.auction.preemption.iter().flat_map(|named| &named.holders);
    named.map(|holder| Holder { organisation_id: holder.organisation_id, rank: holder.rank }).collect()
}

/// Takes out of an offer that is shown which organisations were named.
pub fn hide_organisations(offer: &mut Value) {
    let holders = offer.pointer_mut("/auction/preemption/holders").and_then(Value::as_array_mut);
    for holder in holders.into_iter().flatten().filter_map(Value::as_object_mut) {
        holder.remove("organisation_id");
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::auctions::{ClosingMode, Direction, UniformPays};
    use entity::identity::SellerClass;
    use entity::money::Money;
    use uuid::Uuid;

    use super::super::well_formed;
    use super::*;
    use crate::listings::rules::tests;

    fn holder(number: u128, rank: i32) -> OfferedHolder {
        OfferedHolder { organisation_id: OrganisationId(Uuid::from_u128(number)), basis: format!("合作开发者 {number}"), rank }
    }

    fn offer(holders: Vec<OfferedHolder>) -> Offer {
        let mut offer = tests::offer();
        offer.auction.preemption = Some(OfferedPreemption { variant: PreemptionVariant::Parity, holders });
        let description = "合作开发者享有优先受让权".into();
        offer.declarations.encumbrances = vec![Encumbrance { kind: EncumbranceKind::Preemption, description, cure_document_id: None }];
        offer
    }

    fn places(offer: &Offer) -> Vec<String> {
        let refused = well_formed(offer, false).err();
        refused.into_iter().flat_map(|problem| problem.errors).map(|fault| fault.pointer).collect()
    }

    #[test]
    fn holders_are_few_and_different_and_declared() {
        assert!(places(&offer(vec![holder(1, 1), holder(2, 1)])).is_empty());
        assert_eq!(places(&offer(vec![holder(1, 1), holder(1, 2)])), ["/auction/preemption/holders"]);
        assert_eq!(places(&offer(Vec::new())), ["/auction/preemption/holders"]);
        assert_eq!(places(&offer(vec![holder(1, 0)])), ["/auction/preemption/holders/0/rank"]);
        let mut silent = offer(vec![holder(1, 1)]);
        silent.declarations.encumbrances.clear();
        assert_eq!(places(&silent), ["/declarations/encumbrances"]);
    }

    #[test]
    fn a_right_that_is_declared_has_holders_who_are_asked_or_is_waived_on_paper() {
        let mut declared = offer(vec![holder(1, 1)]);
        declared.auction.preemption = None;
        assert_eq!(places(&declared), ["/auction/preemption"]);
        declared.declarations.encumbrances[0].cure_document_id = Some(entity::ids::DocumentId(Uuid::from_u128(5)));
        assert!(places(&declared).is_empty());
    }

    #[test]
    fn holders_are_asked_after_whatever_finds_one_price_for_one_thing() {
        use OfferedFormat::{English, FirstPrice, OneShot, PayAsBid, Rounds, UniformPrice, Vickrey, Weighted};

        let asking = |format: OfferedFormat| {
            let mut offer = offer(vec![holder(1, 1)]);
            if let Some(named) = &mut offer.auction.preemption {
                named.variant = PreemptionVariant::AskAfter;
            }
            offer.auction.closing_mode = ClosingMode::HardClose;
            offer.auction.format = format;
            offer
        };
        let mut with_maxima = asking(English {});
        with_maxima.auction.proxy = Some(true);
        let clock = OfferedFormat::Dutch { floor: Money::fen(1), decrement: Money::fen(1), tick_seconds: None };
        let fit = [English {}, FirstPrice {}, Vickrey {}, OneShot {}, Rounds {}, clock].map(asking);
        for offer in fit.iter().chain([&with_maxima]) {
            assert!(places(offer).is_empty(), "{:?}: {:?}", offer.auction.format, places(offer));
        }
        let units = [UniformPrice { units: 2, cap: 1, pays: UniformPays::HighestRejected }, PayAsBid { units: 2, cap: 1 }];
        let weighted = Weighted { price_weight_bp: 10_000, criteria: Vec::new() };
        let (mut falling, mut at_once) = (asking(English {}), asking(English {}));
        falling.auction.direction = Some(Direction::Descending);
        at_once.auction.buy_now = Some(Money::fen(30_000_000));
        let mut unfit: Vec<_> = units.into_iter().chain([weighted]).map(asking).collect();
        unfit.extend([falling, at_once]);
        for offer in unfit {
            assert!(places(&offer).contains(&"/auction/preemption".to_owned()), "{:?}", offer.auction.format);
        }
    }

    /// Rules that were kept before there was a round among holders of one rank have none.
    #[test]
    fn how_long_holders_have_is_said_by_the_rules() {
        let mut named = offer(vec![holder(1, 1)]).auction.preemption.unwrap();
        named.variant = PreemptionVariant::AskAfter;
        let mut rules = tests::rules(SellerClass::Private);
        assert_eq!(settled(&named, &rules).unwrap(), Preemption::AskAfter { answer_seconds: 300, round_seconds: Some(300) });
        rules.parameters.retain(|entry| entry.name != "preemption_round");
        assert_eq!(settled(&named, &rules).unwrap(), Preemption::AskAfter { answer_seconds: 300, round_seconds: None });
        rules.parameters.retain(|entry| entry.name != "preemption_answer");
        assert!(settled(&named, &rules).is_err());
    }

    #[test]
    fn par_goes_with_plain_ascending_bids_alone() {
        let beside: [fn(&mut Offer); 4] = [
            |offer| offer.auction.format = OfferedFormat::FirstPrice {},
            |offer| offer.auction.direction = Some(Direction::Descending),
            |offer| offer.auction.buy_now = Some(Money::fen(30_000_000)),
            |offer| offer.auction.proxy = Some(true),
        ];
        for add in beside {
            let mut changed = offer(vec![holder(1, 1)]);
            add(&mut changed);
            assert_eq!(places(&changed), ["/auction/preemption"]);
        }
    }

    #[test]
    fn the_public_is_told_of_rights_and_not_of_who_was_named() {
        let named = offer(vec![holder(0xb0b, 2), holder(0xa11ce, 1)]);
        let told = announced(&named);
        assert_eq!(told["holders"][0], json!({"rank": 1, "basis": "合作开发者 659918"}));
        let mut shown = json!(named);
        hide_organisations(&mut shown);
        for text in [told.to_string(), shown.to_string()] {
            for holder in called(&named) {
                assert!(!text.contains(&holder.organisation_id.to_string()), "{text}");
            }
        }
        assert_eq!(shown["auction"]["preemption"]["holders"][0]["rank"], 2);
        assert_eq!(announced(&tests::offer()), Value::Null);
    }
}
