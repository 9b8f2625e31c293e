//! Who bought, once that is public. It stands beside the log, in which nobody has a name, and follows from nothing in it.

use chrono::{DateTime, Utc};
use entity::ids::{DealId, NoticeId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::course::CourseOutcome;
use crate::deals::rules::PublishedResult;

/// A buyer, as the published notice of the result tells of him.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublishedBuyer {
    /// The name under which he bid.
    #[schema(example = "竞买人 7F3K")]
    pub bidder: String,
    /// His name as the notice gives it: masked where he asked for secrecy and the rules let him, absent where it gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "杭州某新材料公司")]
    pub buyer: Option<String>,
    /// The notice (成交公示).
    pub notice_id: NoticeId,
    /// The deal it is about.
    pub deal_id: DealId,
    /// When it became public.
    pub published_at: DateTime<Utc>,
}

impl From<PublishedResult> for PublishedBuyer {
    fn from(result: PublishedResult) -> Self {
        Self {
            bidder: result.pseudonym,
            buyer: result.buyer,
            notice_id: result.notice_id,
            deal_id: result.deal_id,
            published_at: result.published_at,
        }
    }
}

impl CourseOutcome {
    /// The outcome with the buyers whose results are public, in the order in which they became so.
    ///
    /// The log says what each of several buyers pays, under his pseudonym. So of one whose notice withholds the price, as of lots from
    /// before listings were refused that, it is not told which he is.
    #[must_use]
    pub fn with_buyers(self, mut results: Vec<PublishedResult>) -> Self {
        results.retain(|result| result.tells_price || self.awards.len() < 2);
        results.sort_by_key(|result| (result.published_at, result.notice_id));
        Self { published: results.into_iter().map(PublishedBuyer::from).collect(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use entity::auctions::{LotState, UnitAward};
    use entity::money::Money;
    use uuid::Uuid;

    use super::*;
    use crate::auctions::rules::tests::at;

    fn result(who: u128, published: i64, tells_price: bool) -> PublishedResult {
        PublishedResult {
            deal_id: DealId(Uuid::from_u128(who)),
            pseudonym: format!("竞买人 {who:04}"),
            notice_id: NoticeId(Uuid::from_u128(who)),
            published_at: at(published),
            buyer: None,
            tells_price,
        }
    }

    /// Who is told of, of a lot so many have.
    fn told(awards: u128, results: Vec<PublishedResult>) -> Vec<String> {
        let award = |who: u128| UnitAward { bidder: format!("竞买人 {who:04}"), units: 1, price: Money::fen(100) };
        let awards = (1..=awards).map(award).collect();
        let outcome = CourseOutcome { state: LotState::ClosedSold, winner: None, price: None, awards, published: Vec::new() };
        outcome.with_buyers(results).published.into_iter().map(|told| told.bidder).collect()
    }

    #[test]
    fn buyers_stand_in_the_order_in_which_they_were_told_of() {
        let results = vec![result(1, 60, true), result(3, 30, true), result(2, 30, true)];
        assert_eq!(told(3, results), ["竞买人 0002", "竞买人 0003", "竞买人 0001"]);
        assert_eq!(told(0, Vec::new()), Vec::<String>::new());
    }

    #[test]
    fn a_price_that_is_withheld_is_not_found_by_the_pseudonym() {
        assert_eq!(told(2, vec![result(1, 1, false), result(2, 2, true)]), ["竞买人 0002"]);
        // Of a single buyer anybody knows who he is in the log.
        assert_eq!(told(1, vec![result(1, 1, false)]), ["竞买人 0001"]);
        assert_eq!(told(0, vec![result(1, 1, false)]), ["竞买人 0001"]);
    }
}
