//! Sales at a negotiated price (协议定价): what two parties offer each other, agree on, announce and confirm.

use crate::Timestamp;
use crate::identity::SellerClass;
use crate::ids::{AchievementId, AssetId, NegotiationId, NoticeId, OrganisationId, PersonId};
use crate::listings::PriceBasis;
use crate::money::Currency;

codes! {
    /// Where a sale at a negotiated price stands.
    NegotiationState {
        /// The parties make offers.
        Open,
        /// One was accepted; the seller's own decision is due.
        Agreed,
        /// The seller has decided, and the notice waits for a second person.
        Decided,
        /// The notice is public.
        Noticed,
        /// Both parties have confirmed.
        Confirmed,
        /// The result is public.
        ResultPublished,
        /// It came to nothing.
        Ended,
    }
}

codes! {
    /// A party of a negotiation.
    NegotiationSide { Seller, Buyer }
}

codes! {
    /// What binds a buyer to the seller or to who made the technology (关联关系).
    BuyerRelation {
        /// 完成人: the buyer is one of those who made it, or theirs.
        Completer,
        /// 法定代表人或实际控制人相同.
        SameController,
        /// 持股.
        Shareholding,
        /// 任职: a completer is a director or executive of the buyer.
        Office,
        /// 亲属.
        Kin,
        /// Something else, said in words.
        Other,
    }
}

table! {
    negotiation "negotiation" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: NegotiationId,
        /// Who sells.
        pub organisation_id: OrganisationId,
        pub buyer_organisation_id: OrganisationId,
        pub achievement_id: AchievementId,
        pub seller_class: SellerClass,
        pub rehearsal: bool,
        pub state: NegotiationState,
        pub title: String,
        pub title_en: Option<String>,
        /// What the technology does, never how: this is published.
        pub summary: String,
        pub summary_en: Option<String>,
        /// What the seller reasonably determines it to be worth (基准价格), and on what that rests.
        pub base_price_minor: i64,
        pub currency: Currency,
        pub base_price_basis: PriceBasis,
        /// The appraisal or decision that shows it, as it was then.
        pub basis_document: Option<sea_orm::JsonValue>,
        /// How the buyer is related, as the parties declare; nothing where he is not.
        pub relation: Option<BuyerRelation>,
        pub relation_note: Option<String>,
        /// The buyer asks that his name be kept secret, where the rules let him.
        pub buyer_confidential: bool,
        /// The offer that was accepted, by its number.
        pub agreed_offer: Option<i64>,
        pub agreed_by: Option<PersonId>,
        pub agreed_at: Option<Timestamp>,
        /// The seller's own decision (决策文件), as it was then.
        pub decision_document: Option<sea_orm::JsonValue>,
        pub decided_by: Option<PersonId>,
        pub decided_at: Option<Timestamp>,
        /// The rules as they stood when it was decided.
        pub rules: Option<sea_orm::JsonValue>,
        /// The text of the notice, frozen for the second person; and its hash.
        pub drafted: Option<String>,
        pub drafted_sha256: Option<Vec<u8>>,
        pub notice_id: Option<NoticeId>,
        /// Which offer the notice tells of.
        pub noticed_offer: Option<i64>,
        pub published_by: Option<PersonId>,
        /// What shows that the seller's own notice stood at his own place, as said and by which file.
        pub unit_notice: Option<sea_orm::JsonValue>,
        pub seller_confirmed_by: Option<PersonId>,
        pub seller_confirmed_at: Option<Timestamp>,
        pub buyer_confirmed_by: Option<PersonId>,
        pub buyer_confirmed_at: Option<Timestamp>,
        pub result_notice_id: Option<NoticeId>,
        pub ended_at: Option<Timestamp>,
        pub end_reason: Option<String>,
        pub created_by: PersonId,
        pub version: i64,
        pub created_at: Timestamp,
    }
}

table! {
    /// An offer of one party to the other; never changed.
    negotiation_offer "negotiation_offer" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub negotiation_id: NegotiationId,
        /// From 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        pub side: NegotiationSide,
        pub terms: sea_orm::JsonValue,
        pub price_minor: i64,
        pub currency: Currency,
        /// Hash of the canonical text of the terms.
        pub sha256: Vec<u8>,
        /// What its party says beside it: how the buyer is related, and whether he asks that his name be kept secret.
        pub relation: Option<BuyerRelation>,
        pub relation_note: Option<String>,
        pub name_confidential: Option<bool>,
        pub expires_at: Timestamp,
        pub made_by: PersonId,
        pub made_at: Timestamp,
    }
}

table! {
    /// What the seller decided on an offer that was agreed on, whatever is agreed on later; never changed.
    negotiation_decision "negotiation_decision" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub negotiation_id: NegotiationId,
        /// The offer, by its number.
        #[sea_orm(primary_key, auto_increment = false)]
        pub offer: i64,
        pub agreed_at: Timestamp,
        /// The document that says so (决策文件), as it was then.
        pub document: Option<sea_orm::JsonValue>,
        /// Hash of the text that was frozen for the notice.
        pub drafted_sha256: Vec<u8>,
        pub decided_by: PersonId,
        pub decided_at: Timestamp,
    }
}

table! {
    /// The rights a negotiation is about; once it was agreed that one passes in a way that excludes others, it is held.
    negotiation_asset "negotiation_asset" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub negotiation_id: NegotiationId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub asset_id: AssetId,
        pub held: bool,
    }
}
