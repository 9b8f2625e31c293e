//! Admission of buyers to a lot.

use crate::Timestamp;
use crate::ids::{AdmissionId, ListingId, LotId, OrganisationId, PersonId, TransferId};
use crate::money::Currency;

codes! {
    /// Where a buyer's admission stands (意向受让登记).
    AdmissionState { Applied, Qualified, Refused, Admitted, NotAdmitted, Withdrawn, Won, Lost, Defaulted }
}

table! {
    /// The window, deposit and conditions under which buyers are admitted to a lot.
    admission_call "admission_call" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub lot_id: LotId,
        pub listing_id: ListingId,
        pub seller_organisation_id: OrganisationId,
        pub opens_at: Timestamp,
        pub closes_at: Timestamp,
        pub deposit_minor: i64,
        pub currency: Currency,
        pub conditions: sea_orm::JsonValue,
        pub barred_organisations: sea_orm::JsonValue,
        pub barred_persons: sea_orm::JsonValue,
        pub refund_rule: sea_orm::JsonValue,
        pub closed_at: Option<Timestamp>,
        /// Organisations with a right of pre-emption and their ranks; nothing where the lot knows no such right.
        pub holders: Option<sea_orm::JsonValue>,
    }
}

table! {
    admission "admission" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AdmissionId,
        pub lot_id: LotId,
        pub organisation_id: OrganisationId,
        pub state: AdmissionState,
        pub reason: Option<String>,
        /// What the payer quotes so that the bank credit finds its admission.
        pub deposit_reference: String,
        /// The name the bidder goes by in this lot, drawn at random when admitted.
        pub pseudonym: Option<String>,
        pub suspended: bool,
        pub documents: sea_orm::JsonValue,
        /// The applicant asks that its name be kept out of the public result, where the rules let it.
        pub party_confidential: bool,
        pub hold_transfer_id: Option<TransferId>,
        pub applied_by: PersonId,
        pub decided_by: Option<PersonId>,
        pub version: i64,
        pub created_at: Timestamp,
        /// The rank of the bidder's right of pre-emption, 1 before 2.
        pub preemption_rank: Option<i32>,
        /// The price at which the lot is offered to a runner-up, since the winner defaulted.
        pub offered_minor: Option<i64>,
        /// Until when it is.
        pub offered_until: Option<Timestamp>,
        /// When it came over from the lot in whose place its own was announced. Not in records of deeds from before that could be.
        #[serde(default)]
        pub carried_over_at: Option<Timestamp>,
    }
}
