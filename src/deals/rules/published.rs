//! What a result notice that is public tells of the buyer. Whether he is named in it was decided when it was frozen: it is read
//! here, and not decided again.

use entity::Timestamp;
use entity::deals::deal;
use entity::ids::{DealId, NoticeId};
use entity::notices::{notice, notice_version};
use serde_json::Value;

use super::facts::facts;
use crate::platform::problem::{Code, Problem};

/// A result that is public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedResult {
    /// Of which deal.
    pub deal_id: DealId,
    /// The name under which the buyer bid.
    pub pseudonym: String,
    /// The notice.
    pub notice_id: NoticeId,
    /// When it became public.
    pub published_at: Timestamp,
    /// The buyer's name as the notice gives it, masked where it is masked there; none where it gives none.
    pub buyer: Option<String>,
    /// Whether the notice tells the price.
    pub tells_price: bool,
}

/// What a published notice of a deal's result tells, by the version of its text that stands.
pub fn published_result(deal: &deal::Model, notice: &notice::Model, text: &notice_version::Model) -> Result<PublishedResult, Problem> {
    let content: Value = serde_json::from_str(&text.content).map_err(|_| Code::Internal)?;
    Ok(PublishedResult {
        deal_id: deal.id,
        pseudonym: facts(deal)?.deal.pseudonym,
        notice_id: notice.id,
        published_at: notice.published_at.ok_or(Code::Internal)?,
        buyer: buyer_told(&content),
        tells_price: content.get("final_price").is_some(),
    })
}

/// The buyer's name in the text of a notice, or what is shown instead.
fn buyer_told(content: &Value) -> Option<String> {
    let mut withheld = content["withheld"].as_array().into_iter().flatten();
    let masked = withheld.find(|gap| gap["field"] == "buyer_name").and_then(|gap| gap["shown_instead"].as_str());
    content["buyer_name"].as_str().or(masked).map(ToOwned::to_owned)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::identity::SellerClass;
    use serde_json::json;

    use super::super::examples::{self, at, person};
    use super::super::facts::{Facts, NewDeal};
    use super::super::result_content;
    use super::*;
    use crate::notices::rules::publish;
    use crate::rulebook::rules::RedactionRule;
    use crate::rulebook::rules::shipped::{CALENDAR, RULEBOOK};

    fn frozen(content: &Value) -> notice_version::Model {
        let notice_id = examples::notice().id;
        notice_version::Model { notice_id, version: 1, content: content.to_string(), sha256: Vec::new(), created_at: at(120) }
    }

    /// What is told of the example, sold by a seller of a class, whose buyer, and party to the amount, asked for secrecy or not.
    fn told(class: SellerClass, secret: bool, policy: &[RedactionRule]) -> PublishedResult {
        let facts = examples::facts();
        let deal = NewDeal { rules: examples::rules(class), buyer_confidential: secret, ..facts.deal.clone() };
        let facts = Facts { deal, amount_confidential: secret, ..facts };
        let content = result_content(examples::deal().id, &facts, at(120), policy, &CALENDAR).unwrap();
        let public = publish(&examples::notice(), person(1), None, at(300)).unwrap();
        published_result(&examples::deal(), &public, &frozen(&content)).unwrap()
    }

    #[test]
    fn a_buyer_is_told_of_as_the_notice_does() {
        let shown = told(SellerClass::State, true, &RULEBOOK.redaction);
        assert_eq!((shown.buyer.as_deref(), shown.tells_price), (Some("杭州华纳新材料科技有限公司"), true));
        assert_eq!((shown.pseudonym.as_str(), shown.published_at), ("竞买人 7F3K", at(300)));
        assert_eq!((shown.deal_id, shown.notice_id), (examples::deal().id, examples::notice().id));
        let masked = told(SellerClass::Private, true, &RULEBOOK.redaction);
        assert_eq!((masked.buyer.as_deref(), masked.tells_price), (Some("杭州某新材料公司"), false));
        assert_eq!(told(SellerClass::Private, false, &RULEBOOK.redaction).buyer, shown.buyer);
    }

    #[test]
    fn a_name_the_notice_does_not_give_is_found_nowhere_else() {
        let public = publish(&examples::notice(), person(1), None, at(300)).unwrap();
        for content in [
            json!({}),
            json!({"withheld": []}),
            json!({"withheld": [{"field": "buyer_name"}, {"field": "seller_name", "shown_instead": "x"}]}),
        ] {
            let told = published_result(&examples::deal(), &public, &frozen(&content)).unwrap();
            assert_eq!((told.buyer, told.tells_price), (None, false), "{content}");
        }
    }

    #[test]
    fn a_draft_tells_nothing() {
        let told = published_result(&examples::deal(), &examples::notice(), &frozen(&json!({"buyer_name": "x"})));
        assert_eq!(told.unwrap_err().code, Code::Internal);
    }
}
