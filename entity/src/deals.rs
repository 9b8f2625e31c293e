//! Deals: what follows when a price is found.

use crate::Timestamp;
use crate::ids::{AdmissionId, AwardId, DealId, ListingId, LotId, NoticeId, OrganisationId, PersonId, TransferId};
use crate::money::Currency;

codes! {
    /// Where a deal stands (成交).
    DealState {
        /// The confirmation is drawn up and waits for signatures.
        ConfirmationGenerated,
        /// All have signed.
        Confirmed,
        /// The result notice is public.
        ResultPublished,
        /// The buyer let the deadline pass.
        DefaultBuyer,
        /// The seller let the deadline pass.
        DefaultSeller,
        /// Neither party is at fault; the confirmation lapsed.
        Lapsed,
        /// An objection was right after all had signed, and the deal ended for it; neither party is at fault.
        Rescinded,
    }
}

impl DealState {
    /// Whether it came to nothing.
    pub fn fell_through(self) -> bool {
        matches!(self, Self::DefaultBuyer | Self::DefaultSeller | Self::Lapsed | Self::Rescinded)
    }
}

codes! {
    /// Who signs a confirmation.
    SignatureSide { Buyer, Seller, Host }
}

table! {
    deal "deal" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: DealId,
        pub award_id: AwardId,
        pub lot_id: LotId,
        pub listing_id: ListingId,
        pub seller_organisation_id: OrganisationId,
        pub buyer_organisation_id: OrganisationId,
        pub buyer_admission_id: AdmissionId,
        pub price_minor: i64,
        pub currency: Currency,
        pub state: DealState,
        /// What the deal was opened with: parties, terms, assets, rules, counts; by value.
        pub facts: sea_orm::JsonValue,
        /// The confirmation exactly as signed and hashed (成交确认书).
        pub confirmation: String,
        pub confirmation_sha256: Vec<u8>,
        pub host_required: bool,
        pub barred_persons: sea_orm::JsonValue,
        pub deposit_transfer_id: Option<TransferId>,
        pub confirm_by: Timestamp,
        pub confirmed_at: Option<Timestamp>,
        pub result_notice_id: Option<NoticeId>,
        pub version: i64,
        pub created_at: Timestamp,
    }
}

table! {
    /// A signature under a confirmation; never changed.
    deal_signature "deal_signature" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub deal_id: DealId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub side: SignatureSide,
        pub person_id: PersonId,
        pub organisation_id: Option<OrganisationId>,
        pub confirmation_sha256: Vec<u8>,
        pub signed_at: Timestamp,
    }
}
