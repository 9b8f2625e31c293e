//! The exhibition before an auction in the sense of the law, as it is offered (拍卖标的展示, AL art. 48).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::OfferedAuction;
use crate::platform::problem::Faults;

/// When and where what is auctioned can be looked at (标的展示), and where else than here the auction is announced. What the rules want of
/// it is asked when the offer is handed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Exhibition {
    /// When it begins (展示开始).
    #[schema(example = "2026-03-10T09:00:00+08:00")]
    pub from: DateTime<Utc>,
    /// When it ends (展示结束): not after bidding opens.
    #[schema(example = "2026-03-11T17:00:00+08:00")]
    pub to: DateTime<Utc>,
    /// Where (展示地点); of technology the room in which its papers can be read.
    #[schema(min_length = 1, max_length = 300, example = "杭州市西湖区某路 1 号技术转移中心资料室")]
    pub place: String,
    /// The newspaper or other media in which the auction is announced (公告媒体, AL art. 47).
    #[schema(min_length = 1, max_length = 200, example = "某日报")]
    pub media: String,
}

/// Whether an exhibition is well said: of an auction in the sense of the law, and from a time to a later one.
pub fn well_said(faults: &mut Faults, auction: &OfferedAuction) {
    let Some(shown) = &auction.exhibition else { return };
    faults
        .require(
            auction.auction_licence.is_some(),
            "/auction/exhibition",
            "contradiction",
            "展示仅用于拍卖法意义上的拍卖，须填写拍卖企业",
            "only an auction in the sense of the auction law has an exhibition: name the auction enterprise",
        )
        .instant("/auction/exhibition/from", Some(shown.from))
        .instant("/auction/exhibition/to", Some(shown.to))
        .require(shown.from < shown.to, "/auction/exhibition/to", "order", "展示结束须晚于开始", "the exhibition ends after it begins")
        .text("/auction/exhibition/place", &shown.place, 300)
        .text("/auction/exhibition/media", &shown.media, 200);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::super::tests::{at, auction, offer};
    use super::super::{Offer, well_formed};
    use super::*;

    /// What is wrong with an auction on the 12th of March 2026 that is exhibited on the two days before, by place and code.
    fn wrong(change: impl FnOnce(&mut OfferedAuction)) -> Vec<(String, String)> {
        let mut changed = auction();
        change(&mut changed.auction);
        let faults = well_formed(&changed, true).err().map(|problem| problem.errors).unwrap_or_default();
        faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    /// The same with an exhibition changed as told.
    fn ill_said(change: impl FnOnce(&mut Exhibition)) -> Vec<(String, String)> {
        wrong(|auction| change(auction.exhibition.as_mut().unwrap()))
    }

    #[test]
    fn only_an_auction_in_the_sense_of_the_law_has_one() {
        let found = |place: &str, code: &str| vec![(place.to_owned(), code.to_owned())];
        assert!(wrong(|_| {}).is_empty());
        assert!(wrong(|auction| auction.exhibition = None).is_empty(), "what is missing is found when it is handed in");
        assert_eq!(wrong(|auction| auction.auction_licence = None), found("/auction/exhibition", "contradiction"));
    }

    #[test]
    fn it_is_somewhere_from_a_time_to_a_later_one() {
        let found = |place: &str, code: &str| vec![(format!("/auction/exhibition/{place}"), code.to_owned())];
        assert_eq!(ill_said(|shown| shown.to = shown.from), found("to", "order"));
        assert_eq!(ill_said(|shown| shown.to = at("0001-01-01T00:00:00Z")).len(), 2, "no database knows such a time");
        assert_eq!(ill_said(|shown| shown.place = " ".into()), found("place", "text"));
        assert_eq!(ill_said(|shown| shown.media = "报".repeat(201)), found("media", "text"));
        assert!(ill_said(|shown| shown.media = "报".repeat(200)).is_empty());
    }

    #[test]
    fn it_reads_back_as_it_was_kept_and_an_offer_without_one_says_nothing_of_it() {
        let kept = serde_json::to_value(auction()).unwrap();
        assert_eq!(kept["auction"]["exhibition"]["place"], "资料室");
        assert_eq!(serde_json::from_value::<Offer>(kept).unwrap(), auction());
        assert_eq!(serde_json::to_value(offer()).unwrap()["auction"].get("exhibition"), None);
    }
}
