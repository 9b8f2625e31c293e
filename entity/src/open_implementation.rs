//! The list of patents that public money paid for and nobody uses (专利公开实施): what their owners say of them.

use crate::Timestamp;
use crate::ids::{AssetId, OrganisationId, PersonId};

codes! {
    /// Where a patent on the list stands.
    OpenImplementationState {
        /// It is on the list.
        Listed,
        /// It is, and its owner says why it should not be; an officer has yet to decide.
        Claimed,
        /// It is on the list no more: it is used, or there is a good reason that it is not.
        Excused,
    }
}

codes! {
    /// How the owner lets others use it (公开实施方式).
    OpenImplementationMethod {
        /// By an open licence (开放许可).
        OpenLicence,
        /// By a licence to whoever asks for one (普通许可).
        NonExclusiveLicence,
        /// For nothing (免费许可).
        FreeOfCharge,
    }
}

codes! {
    /// Why a patent should not be on the list.
    ImplementationClaim {
        /// Its owner uses it himself (自行实施).
        Exploited,
        /// There is a good reason that nobody does (正当理由).
        GoodReason,
    }
}

table! {
    /// What the owner of a patent said of it, and what an officer decided. Whether it is on the list follows from the patent and its use;
    /// of most there is no row.
    open_implementation "open_implementation" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub asset_id: AssetId,
        pub organisation_id: OrganisationId,
        pub state: OpenImplementationState,
        pub method: Option<OpenImplementationMethod>,
        /// What it costs, as an open licence says it.
        pub fee: Option<sea_orm::JsonValue>,
        pub terms_set_by: Option<PersonId>,
        pub terms_set_at: Option<Timestamp>,
        pub claim: Option<ImplementationClaim>,
        /// The claim in words, and the paper that shows it.
        pub statement: Option<String>,
        pub document: Option<sea_orm::JsonValue>,
        pub claimed_by: Option<PersonId>,
        pub claimed_at: Option<Timestamp>,
        /// What was decided on it last.
        pub decision_reason: Option<String>,
        pub decided_by: Option<PersonId>,
        pub decided_at: Option<Timestamp>,
        pub version: i64,
        pub created_at: Timestamp,
    }
}
