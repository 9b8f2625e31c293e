//! Whether an offer is well said.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::auctions::{ClosingMode, Direction, Step};
use entity::listings::{LicenceTerms, TransferTerms};
use entity::money::Money;

use super::{Contact, Declarations, Offer, OfferedAuction, OfferedFormat, OfferedReserve, buy_now_makes_sense};
use crate::auctions::rules::direction::better;
use crate::licences::rules::scope::{Scope, ScopeTerms};
use crate::listings::rules::{dutch, units, weighted};
use crate::platform::problem::{Code, Fault, Faults, Problem};

/// Longest period in seconds an offer may speak of: a hundred days.
const LONGEST_SECONDS: i64 = 8_640_000;

/// Refuses what must not even be kept: an offer without the declaration that nothing in it is secret.
pub fn declares_no_secret(offer: &Offer) -> Result<(), Problem> {
    let declarations = &offer.declarations;
    if !declarations.secret_level_none {
        return Err(Code::DeclarationMissing.at(
            "/declarations/secret_level_none",
            "declaration_missing",
            "须声明不涉及国家秘密；涉密成果不得在本平台登记",
            "declare that nothing is a state secret; secret results are never put on this platform",
        ));
    }
    let number = declarations.confidentiality_review_number.as_deref().unwrap_or_default();
    if number.trim().is_empty() {
        return Err(Code::DeclarationMissing.at(
            "/declarations/confidentiality_review_number",
            "declaration_missing",
            "须填写本单位保密审查编号",
            "give the number of your organisation's confidentiality review",
        ));
    }
    Ok(())
}

/// Refuses an offer that asks for secrecy no listing can give. Whoever announces one is named in its notice, and what is found by bids, in
/// every format, stands in a log that anybody recomputes.
///
/// Source: Auction Law art. 21 lets the parties ask for secrecy of identity; what cannot be kept is not promised.
pub fn asks_no_secrecy(offer: &Offer) -> Result<(), Problem> {
    let mut faults = Faults::new();
    secrecy(&mut faults, offer);
    faults.done()
}

/// Whether an offer is well said, whatever the rules and the rights make of it.
///
/// `sealed` tells whether a secret reserve is sealed already, so that it need not be given again.
pub fn well_formed(offer: &Offer, sealed: bool) -> Result<(), Problem> {
    let mut faults = Faults::new();
    texts(&mut faults, offer);
    assets(&mut faults, offer);
    prices(&mut faults, offer, sealed);
    auction(&mut faults, offer);
    super::exhibition::well_said(&mut faults, &offer.auction);
    super::preemption::well_named(&mut faults, offer);
    super::standing_aside::well_named(&mut faults, offer);
    terms_make_sense(&mut faults, "/terms", &offer.terms);
    declarations(&mut faults, &offer.declarations);
    contact(&mut faults, &offer.contact);
    secrecy(&mut faults, offer);
    faults.done()
}

fn secrecy(faults: &mut Faults, offer: &Offer) {
    faults
        .require(
            !offer.party_confidential,
            "/party_confidential",
            "cannot_be_kept",
            "挂牌公告须载明转让方，其名称不能保密；受让方可在报名时就本方名称提出保密要求",
            "a listing names its seller, so that cannot be kept secret; a buyer asks for its own name as it registers",
        )
        .require(
            !offer.amount_confidential,
            "/amount_confidential",
            "cannot_be_kept",
            "竞价形成的价格载于公开的竞价记录，不能保密；需要保密的可采用协议定价",
            "a price that is found by bids stands in their public log, so it cannot be kept secret; that of a negotiated sale can",
        );
}

fn texts(faults: &mut Faults, offer: &Offer) {
    faults
        .text("/title", &offer.title, 200)
        .optional_text("/title_en", offer.title_en.as_ref(), 300)
        .text("/summary", &offer.summary, 5_000)
        .optional_text("/summary_en", offer.summary_en.as_ref(), 5_000)
        .optional_text("/payment", offer.payment.as_ref(), 1_000)
        .optional_text("/taxes", offer.taxes.as_ref(), 1_000)
        .optional_text("/defects", offer.defects.as_ref(), 2_000);
    at_most(faults, "/conditions", offer.conditions.len(), 50);
    for (index, condition) in offer.conditions.iter().enumerate() {
        faults.text(&format!("/conditions/{index}"), condition, 500);
    }
}

fn at_most(faults: &mut Faults, pointer: &str, count: usize, most: usize) {
    let (zh, en) = (format!("至多 {most} 项"), format!("at most {most} entries"));
    faults.require(count <= most, pointer, "too_many", &zh, &en);
}

fn assets(faults: &mut Faults, offer: &Offer) {
    let different: BTreeSet<_> = offer.asset_ids.iter().collect();
    faults.require((1..=200).contains(&offer.asset_ids.len()), "/asset_ids", "range", "须为 1 至 200 项资产", "1 to 200 assets").require(
        different.len() == offer.asset_ids.len(),
        "/asset_ids",
        "repeated",
        "资产不得重复",
        "no asset twice",
    );
}

fn prices(faults: &mut Faults, offer: &Offer, sealed: bool) {
    let start = offer.starts_at();
    positive(faults, "/base_price", offer.base_price);
    positive(faults, "/start_price", start);
    if let Some(deposit) = offer.deposit {
        positive(faults, "/deposit", deposit);
    }
    match &offer.reserve {
        OfferedReserve::None {} => {}
        OfferedReserve::Open { amount } | OfferedReserve::Secret { amount: Some(amount) } => reserve_fits(faults, *amount, offer),
        OfferedReserve::Secret { amount: None } => {
            faults.require(sealed, "/reserve/amount", "missing_field", "须填写保留价", "give the reserve price");
        }
    }
}

fn positive(faults: &mut Faults, pointer: &str, money: Money) {
    faults.require(money.minor > 0, pointer, "range", "金额须大于零", "the amount must be above zero");
}

fn reserve_fits(faults: &mut Faults, reserve: Money, offer: &Offer) {
    let direction = offer.direction();
    let (zh, en) = match direction {
        Direction::Ascending => ("保留价不得低于起拍价", "a reserve lies at the start price or above"),
        Direction::Descending => {
            ("降价竞价的保留价须大于零且不得高于起拍价", "a reserve of a descending lot lies above zero, at the start price or below")
        }
    };
    let fits = reserve.minor > 0 && !better(offer.starts_at().minor, reserve.minor, direction);
    faults.require(fits, "/reserve/amount", "range", zh, en);
}

/// Whether a reserve that was sealed earlier still fits the offer.
pub fn sealed_reserve_fits(reserve: Money, offer: &Offer) -> Result<(), Problem> {
    let mut faults = Faults::new();
    reserve_fits(&mut faults, reserve, offer);
    faults.done()
}

fn auction(faults: &mut Faults, offer: &Offer) {
    let auction = &offer.auction;
    let lengths = [
        ("free_period_seconds", auction.free_period_seconds),
        ("timed_cycle_seconds", auction.timed_cycle_seconds),
        ("max_duration_seconds", auction.max_duration_seconds),
    ];
    lengths_make_sense(faults, "/auction", lengths);
    faults
        .require(
            auction.min_bidders.is_none_or(|n| (1..=100).contains(&n)),
            "/auction/min_bidders",
            "range",
            "须在 1 至 100 之间",
            "must be between 1 and 100",
        )
        .require(
            !(auction.enforce_step == Some(false) && auction.multiples_only == Some(true)),
            "/auction/multiples_only",
            "contradiction",
            "不强制加价幅度时不能要求整数倍",
            "whole steps cannot be asked for where no step is demanded",
        );
    if let Some(step) = &auction.step {
        step_makes_sense(faults, "/auction/step", step, offer.starts_at());
    }
    match auction.format {
        OfferedFormat::English {} | OfferedFormat::FirstPrice {} | OfferedFormat::Vickrey {} | OfferedFormat::OneShot {} => {}
        OfferedFormat::Dutch { floor, decrement, tick_seconds } => {
            dutch::clock_makes_sense(faults, "/auction/format", offer.starts_at(), floor, decrement);
            lengths_make_sense(faults, "/auction/format", [("tick_seconds", tick_seconds)]);
            dutch::stands_alone(faults, offer);
        }
        OfferedFormat::Rounds {} => by_rounds(faults, auction),
        OfferedFormat::Weighted { price_weight_bp, ref criteria } => {
            weighted::criteria_make_sense(faults, "/auction/format", price_weight_bp, criteria);
        }
        OfferedFormat::UniformPrice { .. } | OfferedFormat::PayAsBid { .. } => units::offered_well(faults, offer),
    }
    let rises = offer.direction().is_ascending();
    let is_english = matches!(auction.format, OfferedFormat::English {});
    let descends = is_english || matches!(auction.format, OfferedFormat::FirstPrice {} | OfferedFormat::OneShot {});
    may_descend(faults, "/auction/direction", rises || descends);
    if let Some(price) = auction.buy_now {
        let reserve = offer.announced_reserve(None);
        buy_now_makes_sense(faults, "/auction/buy_now", price, offer.starts_at(), &reserve, rises && is_english);
    }
    if auction.proxy == Some(true) {
        faults.require(rises, "/auction/proxy", "contradiction", "代理出价仅用于增价竞价", "maxima are bid only in an ascending format");
        maxima_make_sense(faults, "/auction", auction.multiples_only == Some(true), auction.step.as_ref());
    }
    if let Some(licence) = &auction.auction_licence {
        faults.text("/auction/auction_licence/enterprise", &licence.enterprise, 200).text(
            "/auction/auction_licence/auctioneer_licence",
            &licence.auctioneer_licence,
            100,
        );
    }
}

/// Whether the direction of a lot, wherever it is written, goes with its format.
pub fn may_descend(faults: &mut Faults, place: &str, fits: bool) {
    faults.require(
        fits,
        place,
        "contradiction",
        "只有多次报价、一次密封报价和一次报价可以降价",
        "only bid after bid, and sealed bids at their own price, can descend",
    );
}

/// Rounds have turns of a length the rules say, in which everybody raises his own offer by a step or leaves it: nothing that
/// says otherwise can be asked for.
fn by_rounds(faults: &mut Faults, auction: &OfferedAuction) {
    let left_open = [
        ("closing_mode", auction.closing_mode == ClosingMode::HardClose),
        ("free_period_seconds", auction.free_period_seconds.is_none()),
        ("timed_cycle_seconds", auction.timed_cycle_seconds.is_none()),
        ("max_duration_seconds", auction.max_duration_seconds.is_none()),
        ("multiples_only", auction.multiples_only != Some(true)),
        ("enforce_step", auction.enforce_step != Some(false)),
        ("allow_self_raise", auction.allow_self_raise != Some(false)),
        ("proxy", auction.proxy != Some(true)),
    ];
    for (name, fits) in left_open {
        faults.require(fits, &format!("/auction/{name}"), "contradiction", "与分轮报价不符", "does not go with bidding by rounds");
    }
}

/// Whether the periods of an auction, wherever they are written, can be waited for.
pub fn lengths_make_sense<const N: usize>(faults: &mut Faults, place: &str, lengths: [(&str, Option<i64>); N]) {
    for (name, seconds) in lengths {
        faults.require(
            seconds.is_none_or(|s| (1..=LONGEST_SECONDS).contains(&s)),
            &format!("{place}/{name}"),
            "range",
            "须在 1 至 8640000 秒之间",
            "must be between 1 and 8640000 seconds",
        );
    }
}

/// Whether a step, wherever it is written, can be bid by from a start price on.
pub fn step_makes_sense(faults: &mut Faults, place: &str, step: &Step, start: Money) {
    match step {
        Step::Fixed { amount } => positive(faults, &format!("{place}/amount"), *amount),
        Step::Percent { rate_bp } => {
            faults.require(
                (1..=10_000).contains(rate_bp),
                &format!("{place}/rate_bp"),
                "range",
                "须在 1 至 10000 之间",
                "must be between 1 and 10000",
            );
        }
        Step::Ladder { rungs } => {
            let rising = rungs.windows(2).all(|pair| pair[0].from.minor < pair[1].from.minor);
            let covers = rungs.first().is_some_and(|rung| rung.from.minor <= start.minor);
            let all = format!("{place}/rungs");
            faults
                .require((1..=50).contains(&rungs.len()), &all, "range", "须为 1 至 50 级", "1 to 50 rungs")
                .require(rising, &all, "order", "各级起点须递增", "rungs rise by their start")
                .require(covers, &all, "range", "首级起点不得高于起拍价", "the first rung starts at the start price or below");
            for (index, rung) in rungs.iter().enumerate() {
                positive(faults, &format!("{all}/{index}/step"), rung.step);
            }
        }
    }
}

/// Whether bids can be maxima under such terms, wherever they are written: the prices these make are no whole steps, and only
/// where no step falls does what is opened at the close tell every price there was.
pub fn maxima_make_sense(faults: &mut Faults, place: &str, multiples_only: bool, step: Option<&Step>) {
    let rungs = if let Some(Step::Ladder { rungs }) = step { rungs.as_slice() } else { &[] };
    faults
        .require(
            !multiples_only,
            &format!("{place}/multiples_only"),
            "contradiction",
            "代理出价时不能要求整数倍",
            "whole steps cannot be asked for where bids are maxima",
        )
        .require(
            rungs.windows(2).all(|pair| pair[0].step.minor <= pair[1].step.minor),
            &format!("{place}/step/rungs"),
            "order",
            "代理出价时各级加价幅度不得递减",
            "where bids are maxima no step is below the one before",
        );
}

/// Checks how rights are to pass, said at a place of the request.
pub fn terms_make_sense(faults: &mut Faults, place: &str, terms: &TransferTerms) {
    match terms {
        TransferTerms::Assignment {} => {}
        TransferTerms::ExclusiveLicence(licence) | TransferTerms::SoleLicence(licence) | TransferTerms::NonExclusiveLicence(licence) => {
            licence_makes_sense(faults, place, licence);
        }
        TransferTerms::Equity(equity) => {
            faults.text(&format!("{place}/company"), &equity.company, 500).require(
                (1..=10_000).contains(&equity.least_share_bp),
                &format!("{place}/least_share_bp"),
                "range",
                "须在 1 至 10000 之间",
                "must be between 1 and 10000",
            );
        }
    }
}

/// How far a licence goes is said as the register keeps it: words would leave open what else may be licensed beside it.
fn licence_makes_sense(faults: &mut Faults, place: &str, licence: &LicenceTerms) {
    let is_time = (1..=600).contains(&licence.months);
    faults.require(is_time, &format!("{place}/months"), "range", "须在 1 至 600 个月之间", "must be between 1 and 600 months");
    let terms = ScopeTerms {
        acts: licence.acts.clone(),
        fields: licence.fields.clone(),
        territory: licence.territory.clone(),
        // Whatever day it is: when a licence on offer begins is not known yet.
        from: NaiveDate::default(),
        until: None,
    };
    for fault in Scope::read(place, &terms).err().into_iter().flat_map(|problem| problem.errors) {
        faults.push(fault);
    }
}

fn declarations(faults: &mut Faults, declarations: &Declarations) {
    faults.optional_text("/declarations/confidentiality_review_number", declarations.confidentiality_review_number.as_ref(), 100);
    at_most(faults, "/declarations/encumbrances", declarations.encumbrances.len(), 100);
    at_most(faults, "/declarations/co_owner_consents", declarations.co_owner_consents.len(), 200);
    for (index, encumbrance) in declarations.encumbrances.iter().enumerate() {
        faults.text(&format!("/declarations/encumbrances/{index}/description"), &encumbrance.description, 1_000);
    }
    for (index, consent) in declarations.co_owner_consents.iter().enumerate() {
        faults.text(&format!("/declarations/co_owner_consents/{index}/owner"), &consent.owner, 200);
    }
}

fn contact(faults: &mut Faults, contact: &Contact) {
    let sound_phone = |phone: &str| {
        (3..=40).contains(&phone.len()) && phone.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'(' | b')' | b' ' | b'-'))
    };
    let sound_email = |email: &str| {
        (3..=254).contains(&email.len())
            && email.bytes().all(|b| b.is_ascii_graphic())
            && email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
    };
    faults.text("/contact/office", &contact.office, 200);
    if let Some(phone) = &contact.phone {
        faults.require(sound_phone(phone), "/contact/phone", "phone", "电话格式不正确", "not a telephone number");
    }
    if let Some(email) = &contact.email {
        faults.require(sound_email(email), "/contact/email", "email", "邮箱格式不正确", "not an e-mail address");
    }
    if contact.phone.is_none() && contact.email.is_none() {
        let fault = Fault::new("/contact", "missing_field", "须填写电话或邮箱", "give a telephone number or an e-mail address");
        faults.push(fault);
    }
}
