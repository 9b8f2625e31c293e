//! Grants of rights to the completers of an achievement (赋权): what a unit proposes, decides, announces and agrees on.

use chrono::NaiveDate;

use crate::Timestamp;
use crate::ids::{AchievementId, AssetId, NoticeId, OrganisationId, PersonId, RightsGrantId};

codes! {
    /// Where a grant of rights stands.
    RightsGrantState {
        /// It is proposed; the unit's own decision is due.
        Proposed,
        /// The unit has decided, and the notice waits for a second person.
        Decided,
        /// The notice is public.
        Noticed,
        /// The agreement is signed; the register has yet to show the share.
        Agreed,
        /// The completers have the right.
        Effective,
        /// It came to nothing.
        Ended,
    }
}

codes! {
    /// What is granted (赋权方式).
    GrantKind {
        /// 所有权份额: a share of the ownership.
        OwnershipShare,
        /// 长期使用权: a right to use it for a long time.
        LongTermUseRight,
    }
}

table! {
    rights_grant "rights_grant" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: RightsGrantId,
        /// The unit that grants.
        pub organisation_id: OrganisationId,
        pub achievement_id: AchievementId,
        pub state: RightsGrantState,
        pub kind: GrantKind,
        /// Of an ownership share: how large, in ten-thousandths.
        pub share_bp: Option<i32>,
        /// Of a use right: for how long.
        pub use_months: Option<i32>,
        /// The completers by name, each with his part of what is granted.
        pub team: sea_orm::JsonValue,
        /// What the unit declares of the achievement.
        pub declarations: sea_orm::JsonValue,
        /// The title of the achievement in English; where there is none, that which the achievement has.
        pub title_en: Option<String>,
        /// What the technology does, never how: this is published.
        pub summary: String,
        pub summary_en: Option<String>,
        /// The rules as they stood when it was decided.
        pub rules: Option<sea_orm::JsonValue>,
        /// The unit's own decision (决策文件), as it was then.
        pub decision_document: Option<sea_orm::JsonValue>,
        pub decided_by: Option<PersonId>,
        pub decided_at: Option<Timestamp>,
        /// The text of the notice, frozen for the second person; and its hash.
        pub drafted: Option<String>,
        pub drafted_sha256: Option<Vec<u8>>,
        pub notice_id: Option<NoticeId>,
        pub published_by: Option<PersonId>,
        /// What shows that the unit's own notice stood at its own place, as said and by which file.
        pub unit_notice: Option<sea_orm::JsonValue>,
        /// The written agreement with the team (赋权协议), as it was then.
        pub agreement_document: Option<sea_orm::JsonValue>,
        pub agreed_by: Option<PersonId>,
        pub agreed_at: Option<Timestamp>,
        /// The day from which the register shows the share, and the number under which it says so.
        pub registry_date: Option<NaiveDate>,
        pub registry_document: Option<String>,
        pub registered_by: Option<PersonId>,
        pub registered_at: Option<Timestamp>,
        pub ended_at: Option<Timestamp>,
        pub end_reason: Option<String>,
        pub created_by: PersonId,
        pub version: i64,
        pub created_at: Timestamp,
    }
}

table! {
    /// The rights of the achievement that a grant is about.
    rights_grant_asset "rights_grant_asset" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub rights_grant_id: RightsGrantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub asset_id: AssetId,
    }
}
