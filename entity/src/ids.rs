//! Typed identifiers: a listing's id cannot be handed to a question about lots.

use std::fmt;
use std::str::FromStr;

use sea_orm::{DbErr, DeriveValueType, TryFromU64};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord,
            Serialize, Deserialize, ToSchema, DeriveValueType,
        )]
        #[serde(transparent)]
        #[schema(value_type = Uuid, example = "01930a5e-8c4b-7d10-9a3e-2f6b1c0d4e5f")]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::Custom("ids are not numbers".into()))
            }
        }
    )+};
}

ids! {
    /// A natural person with an account.
    PersonId,
    /// What is proposed about a public notice.
    NoticeProposalId,
    /// What is proposed to be offered otherwise in a published listing.
    ListingAmendmentId,
    /// An objection to a notice.
    ObjectionId,
    /// A question about a listing.
    QuestionId,
    /// A tip about what a notice announces.
    TipId,
    /// A key a program calls with.
    ApiKeyId,
    /// A call made with a key.
    KeyCallId,
    /// An organisation.
    OrganisationId,
    /// A person's place in an organisation.
    MembershipId,
    /// A signed-in session: the family of its refresh tokens.
    SessionId,
    /// One refresh token, and the `jti` of the access token issued with it.
    TokenId,
    /// A try to sign in.
    AttemptId,
    /// A password that was replaced.
    PastPasswordId,
    /// A request to register by letter.
    RegistrationRequestId,
    /// An uploaded document.
    DocumentId,
    /// A technology achievement (科技成果).
    AchievementId,
    /// A right in an achievement (标的资产).
    AssetId,
    /// A record of an asset's legal status.
    LegalStatusId,
    /// A listing (挂牌项目).
    ListingId,
    /// A lot (标的).
    LotId,
    /// A session of lots (专场).
    LotSessionId,
    /// A buyer's admission to a lot (意向受让登记).
    AdmissionId,
    /// An award of a lot.
    AwardId,
    /// What the receipts of one transaction are leaves of.
    ReceiptTreeId,
    /// A deal (成交).
    DealId,
    /// A sale at a negotiated price (协议定价).
    NegotiationId,
    /// A grant of rights to the completers of an achievement (赋权).
    RightsGrantId,
    /// The declaration of an open licence (开放许可).
    OpenLicenceId,
    /// A burden on a right (权利负担).
    BurdenId,
    /// A consent that cures a burden, or of a co-owner.
    BurdenConsentId,
    /// What the owners of a right agreed on (共有协议).
    OwnersAgreementId,
    /// Somebody's taking of an open licence.
    OpenLicenceAcceptanceId,
    /// A licence in the register.
    LicenceGrantId,
    /// What is filed with a registry (转让登记、许可备案、质押登记).
    RecordalId,
    /// A data room (资料室).
    DataRoomId,
    /// A document that lies in a data room.
    DataRoomDocumentId,
    /// That a person may read what lies in a data room.
    DataRoomGrantId,
    /// A run of the gates (合规门).
    GateRunId,
    /// What somebody decided about a finding of a gate.
    GateAcknowledgementId,
    /// What a seller declares for the gates.
    GateDeclarationId,
    /// What an organisation declares of itself.
    OrganisationFactsId,
    /// A relation of two organisations (关联关系).
    OrganisationRelationId,
    /// A restriction of an organisation for a breach of trust (失信惩戒).
    RestrictionId,
    /// A paper of a technology export (技术出口文件).
    ExportPaperId,
    /// A certificate of a licence.
    LicenceCertificateId,
    /// A public notice (公示).
    NoticeId,
    /// A ledger account.
    AccountId,
    /// A ledger transfer.
    TransferId,
    /// A recorded bank credit.
    BankCreditId,
    /// A refund owed or paid.
    RefundId,
    /// A statement of the bank.
    BankStatementId,
    /// A line of a statement.
    BankLineId,
    /// Money to be returned to whoever paid it.
    BankReturnId,
    /// A file of payments for the bank.
    PaymentFileId,
    /// One payment of a file.
    PaymentItemId,
    /// A timer.
    TimerId,
    /// An event in the outbox.
    EventId,
    /// A time in which the market stood still.
    OutageId,
    /// An import of a file (批量导入).
    ImportId,
    /// A signal of collusion (线索).
    IntegritySignalId,
    /// Something in an organisation's inbox.
    InboxItemId,
    /// A webhook.
    WebhookId,
    /// One attempt to deliver an event.
    WebhookAttemptId,
    /// A letter.
    MailId,
    /// A letter about the inbox.
    InboxLetterId,
    /// What stands in the address that stops somebody's letters.
    MailStopId,
    /// What an officer did at somebody's request with his personal data.
    DataRequestId,
    /// A sealed bid.
    SealedBidId,
}
