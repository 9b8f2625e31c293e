//! The numbered steps.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::{append_only, claims, dialect, relax, states};

/// Declares a step: its number and name, its states, its SQL, its append-only tables; or its SQL for PostgreSQL alone.
macro_rules! step {
    ($module:ident, $name:literal, states { $($table:literal: $states:ty),* $(,)? }, keep [$($kept:literal),* $(,)?]) => {
        step!($module, $name, |manager| {
            $(states::table(manager, $table, <$states>::codes()).await?;)*
            dialect::run(manager, include_str!(concat!($name, ".sql"))).await?;
            $(append_only::guard(manager, $kept).await?;)*
        });
    };
    ($module:ident, $name:literal, postgres) => {
        step!($module, $name, |manager| {
            if manager.get_database_backend() == DatabaseBackend::Postgres {
                dialect::run(manager, include_str!(concat!($name, ".sql"))).await?;
            }
        });
    };
    ($module:ident, $name:literal, |$manager:ident| { $($up:tt)* }) => {
        mod $module {
            use super::*;
            pub struct Step;
            impl MigrationName for Step {
                fn name(&self) -> &'static str { $name }
            }
            #[async_trait::async_trait]
            impl MigrationTrait for Step {
                async fn up(&self, $manager: &SchemaManager) -> Result<(), DbErr> {
                    $($up)*
                    Ok(())
                }
            }
        }
    };
}

mod m01_platform;
mod m14_bank;
step!(m02_rulebook, "m02_rulebook", states {}, keep["rulebook_edition"]);
step!(m03_identity, "m03_identity", states {
    "organisation_kind": entity::identity::OrganisationKind,
    "ownership": entity::identity::Ownership,
    "uscc_standing": entity::identity::UsccStanding,
    "organisation_state": entity::identity::OrganisationState,
    "membership_state": entity::identity::MembershipState,
    "org_role": entity::identity::OrgRole,
    "staff_role": entity::identity::StaffRole,
    "seller_class": entity::identity::SellerClass,
}, keep []);
step!(m04_documents, "m04_documents", states {
    "confidentiality": entity::documents::Confidentiality,
}, keep ["document_version"]);
step!(m05_achievements, "m05_achievements", states {
    "asset_kind": entity::achievements::AssetKind,
    "legal_status_code": entity::achievements::LegalStatus,
    "status_source": entity::achievements::StatusSource,
}, keep ["legal_status"]);
step!(m06_listings, "m06_listings", states {
    "listing_state": entity::listings::ListingState,
    "transfer_mode": entity::listings::TransferMode,
    "currency": entity::money::Currency,
}, keep []);
step!(m07_notices, "m07_notices", states {
    "notice_kind": entity::notices::NoticeKind,
    "notice_state": entity::notices::NoticeState,
}, keep ["notice_version"]);
step!(m08_auctions, "m08_auctions", states {
    "lot_state": entity::auctions::LotState,
    "lot_event_kind": entity::auctions::LotEventKind,
}, keep ["lot_event"]);
step!(m09_ledger, "m09_ledger", states {
    "account_kind": entity::ledger::AccountKind,
    "transfer_phase": entity::ledger::TransferPhase,
    "transfer_reason": entity::ledger::TransferReason,
    "refund_state": entity::ledger::RefundState,
    "admission_state": entity::admissions::AdmissionState,
}, keep ["ledger_transfer", "bank_credit"]);
step!(m10_deals, "m10_deals", states {
    "deal_state": entity::deals::DealState,
    "signature_side": entity::deals::SignatureSide,
}, keep ["award", "deal_signature"]);
mod m11_mends;
step!(m12_accounts, "m12_accounts", states {}, keep []);
step!(m13_event_subject, "m13_event_subject", states {}, keep []);
step!(m17_sessions, "m17_sessions", states {
    "lot_session_state": entity::lot_sessions::LotSessionState,
    "lot_session_mode": entity::lot_sessions::LotSessionMode,
}, keep []);
step!(m15_imports, "m15_imports", states {
    "import_kind": entity::imports::ImportKind,
    "import_format": entity::imports::ImportFormat,
    "import_state": entity::imports::ImportState,
    "import_row_state": entity::imports::ImportRowState,
}, keep ["import_row"]);
step!(m18_bank_decisions, "m18_bank_decisions", states {}, keep[]);
step!(m19_api_keys, "m19_api_keys", states {}, keep[]);
step!(m20_audit_reading, "m20_audit_reading", states {}, keep[]);
mod m21_mends;
step!(m22_notifications, "m22_notifications", states {
    "webhook_state": entity::notifications::WebhookState,
    "webhook_scope": entity::notifications::WebhookScope,
    "signing_scheme": entity::notifications::SigningScheme,
    "delivery_state": entity::notifications::DeliveryState,
    "delivery_outcome": entity::notifications::DeliveryOutcome,
    "mail_state": entity::notifications::MailState,
}, keep []);
mod m23_privacy;
step!(m24_requests, "m24_requests", states {
    "data_wish": entity::identity::DataWish,
}, keep []);
step!(m25_registrations, "m25_registrations", states {}, keep []);
step!(m26_device_letters, "m26_device_letters", states {}, keep []);
mod m27_bank_words;
step!(m28_key_call_filters, "m28_key_call_filters", states {}, keep []);
step!(m29_letters, "m29_letters", states {
    "mail_choice": entity::notifications::MailChoice,
}, keep []);
mod m30_audit_network;
mod m31_contact;
step!(m32_letter_writer, "m32_letter_writer", states {}, keep []);
step!(m33_lists, "m33_lists", states {}, keep []);
step!(m34_alike, "m34_alike", states {}, keep []);
step!(m35_outages, "m35_outages", states {}, keep["outage"]);
step!(m36_integrity, "m36_integrity", states {
    "integrity_signal_kind": entity::integrity::SignalKind,
}, keep ["integrity_bidder", "integrity_signal"]);
step!(m37_receipts, "m37_receipts", states {}, keep["receipt_key"]);
step!(m38_maxima, "m38_maxima", states {}, keep[]);
step!(m39_sealed, "m39_sealed", states {}, keep["sealed_bid"]);
step!(m41_reverse, "m41_reverse", states {}, keep[]);
step!(m42_rounds, "m42_rounds", states {}, keep["first_offer", "turn_bid"]);
step!(m43_preemption, "m43_preemption", states {}, keep[]);
step!(m45_units, "m45_units", states {}, keep[]);
step!(m46_scores, "m46_scores", states {}, keep["bidder_score"]);
step!(m47_rounds_people, "m47_rounds_people", states {}, keep[]);
step!(m48_devices, "m48_devices", states {}, keep[]);
mod m49_unopened;
step!(m50_out_of_reach, "m50_out_of_reach", states {}, keep[]);
mod m51_preemption_round;
mod m52_audit_indexes;
// The kind of a lot's event is checked, not looked up. Whoever adds a kind alters the check; SQLite, which can alter none, goes on
// looking it up.
step!(m53_bid_writes, "m53_bid_writes", postgres);
step!(m54_receipt_trees, "m54_receipt_trees", states {}, keep[]);
// A page of lots keeps room for a new form of each, so that no index is written. The kinds of events are one value to compare with; what
// stands was checked by m53. What guards the trail looks at a row after it was changed, which needs no lock of its own, and refuses
// the whole statement as before.
step!(m55_floor_writes, "m55_floor_writes", postgres);
// Whoever changes what anybody bids with leaves a row, so that a batch of bids need not look everybody up again.
step!(m56_rights_changes, "m56_rights_changes", postgres);
step!(m57_notice_periods, "m57_notice_periods", states {}, keep[]);
step!(m58_objections, "m58_objections", states {
    "objection_state": entity::objections::ObjectionState,
    "objection_ground": entity::objections::ObjectionGround,
    "objection_outcome": entity::objections::ObjectionOutcome,
}, keep []);
// Databases of a time between releases have an index that nothing looks through.
step!(m59_notice_proposals, "m59_notice_proposals", states {
    "notice_proposal_kind": entity::notices::NoticeProposalKind,
    "notice_proposal_state": entity::notices::NoticeProposalState,
}, keep []);
// What a lot was announced with is kept beside its row, which every bid writes anew; what every bid changes stays in it.
step!(m60_lot_rows, "m60_lot_rows", postgres);
step!(m61_questions, "m61_questions", states {
    "question_state": entity::questions::QuestionState,
}, keep []);
step!(m62_tips, "m62_tips", states {}, keep[]);
/// What would make a notice another, or unsay one that was published.
const UNSAID: &str = "OLD.kind <> NEW.kind OR OLD.listing_id IS DISTINCT FROM NEW.listing_id \
     OR OLD.negotiation_id IS DISTINCT FROM NEW.negotiation_id OR OLD.deal_id IS DISTINCT FROM NEW.deal_id \
     OR OLD.organisation_id <> NEW.organisation_id OR NEW.current_version < OLD.current_version \
     OR (OLD.published_at IS NOT NULL AND (NEW.state = 'drafted' OR NEW.published_at IS DISTINCT FROM OLD.published_at \
     OR NEW.published_by IS DISTINCT FROM OLD.published_by))";
// A notice, and what is objected to or told about it, is about a listing or about a sale at a negotiated price.
step!(m63_negotiations, "m63_negotiations", |manager| {
    states::table(manager, "negotiation_state", entity::negotiations::NegotiationState::codes()).await?;
    states::table(manager, "negotiation_side", entity::negotiations::NegotiationSide::codes()).await?;
    states::table(manager, "buyer_relation", entity::negotiations::BuyerRelation::codes()).await?;
    for table in ["notice", "objection", "tip"] {
        relax::let_be_empty(manager, table, "listing_id").await?;
    }
    relax::check_instead(
        manager,
        "notice_proposal",
        "ck_notice_proposal_made",
        "(made_version IS NOT NULL) = (kind = 'erratum' AND state = 'published')",
        "(made_version IS NOT NULL) = (kind IN ('erratum', 'revision') AND state = 'published')",
    )
    .await?;
    dialect::run(manager, include_str!("m63_negotiations.sql")).await?;
    append_only::guard(manager, "negotiation_offer").await?;
    append_only::lift(manager, "notice", "update").await?;
    append_only::forbid(manager, "notice", "update", "UPDATE", Some(UNSAID)).await?;
});
step!(m64_base_price, "m64_base_price", states {}, keep []);
/// SQLite looks a kind of event up, PostgreSQL checks it. What stands was of fewer kinds, so that it need not be checked again.
const POSTPONED: &str = "INSERT INTO lot_event_kind (code) VALUES ('postponed') ON CONFLICT DO NOTHING";
step!(m65_postponed, "m65_postponed", |manager| {
    manager.get_connection().execute_unprepared(POSTPONED).await?;
    if manager.get_database_backend() == DatabaseBackend::Postgres {
        dialect::run(manager, include_str!("m65_postponed.sql")).await?;
    }
});
// What a notice withholds until a date opens by itself, in a version that nobody decided on.
step!(m66_openings, "m66_openings", |manager| {
    relax::check_instead(
        manager,
        "notice_proposal",
        "ck_notice_proposal_made",
        "(made_version IS NOT NULL) = (kind IN ('erratum', 'revision') AND state = 'published')",
        "(made_version IS NOT NULL) = (kind IN ('erratum', 'revision', 'opening') AND state = 'published')",
    )
    .await?;
    relax::check_instead(
        manager,
        "notice_proposal",
        "ck_notice_proposal_decided",
        "(decided_at IS NULL) = (state = 'open') AND (decided_at IS NULL) = (decided_by IS NULL)",
        "(decided_at IS NULL) = (state = 'open') AND (decided_at IS NULL OR kind = 'opening') = (decided_by IS NULL)",
    )
    .await?;
    dialect::run(manager, include_str!("m66_openings.sql")).await?;
});
step!(m67_amendments, "m67_amendments", states {
    "amendment_state": entity::listings::AmendmentState,
}, keep []);
// An auction in the sense of the law has a notice of its own beside that of its listing.
step!(m68_auction_notices, "m68_auction_notices", states {}, keep []);
/// What a notice was about before there were grants of rights, and what it is about since: exactly one of three.
const ONE_OF_TWO: &str = "(listing_id IS NULL) <> (negotiation_id IS NULL)";
const ONE_OF_THREE: &str = "(CASE WHEN listing_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN negotiation_id IS NULL THEN 0 ELSE 1 END) \
     + (CASE WHEN rights_grant_id IS NULL THEN 0 ELSE 1 END) = 1";
// A notice, and what is objected to or told about it, is about a listing, a sale at a negotiated price, or a grant of rights.
step!(m69_rights_grants, "m69_rights_grants", |manager| {
    states::table(manager, "rights_grant_state", entity::rights_grants::RightsGrantState::codes()).await?;
    states::table(manager, "grant_kind", entity::rights_grants::GrantKind::codes()).await?;
    dialect::run(manager, include_str!("m69_rights_grants.sql")).await?;
    for table in ["notice", "objection", "tip"] {
        relax::check_instead(manager, table, &format!("ck_{table}_matter"), ONE_OF_TWO, ONE_OF_THREE).await?;
    }
    append_only::lift(manager, "notice", "update").await?;
    let unsaid = format!("{UNSAID} OR OLD.rights_grant_id IS DISTINCT FROM NEW.rights_grant_id");
    append_only::forbid(manager, "notice", "update", "UPDATE", Some(&unsaid)).await?;
});
/// The same since there are open licences: exactly one of four.
const ONE_OF_FOUR: &str = "(CASE WHEN listing_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN negotiation_id IS NULL THEN 0 ELSE 1 END) \
     + (CASE WHEN rights_grant_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN open_licence_id IS NULL THEN 0 ELSE 1 END) = 1";
// Or about an open licence.
step!(m70_open_licences, "m70_open_licences", |manager| {
    states::table(manager, "open_licence_state", entity::open_licences::OpenLicenceState::codes()).await?;
    dialect::run(manager, include_str!("m70_open_licences.sql")).await?;
    for table in ["notice", "objection", "tip"] {
        relax::check_instead(manager, table, &format!("ck_{table}_matter"), ONE_OF_THREE, ONE_OF_FOUR).await?;
    }
    append_only::lift(manager, "notice", "update").await?;
    let unsaid = format!(
        "{UNSAID} OR OLD.rights_grant_id IS DISTINCT FROM NEW.rights_grant_id OR OLD.open_licence_id IS DISTINCT FROM NEW.open_licence_id"
    );
    append_only::forbid(manager, "notice", "update", "UPDATE", Some(&unsaid)).await?;
});
mod m71_listing_periods;
// A deal may be rescinded for an objection to its result, and who objects for no organisation shows documents of his own.
step!(m72_objections, "m72_objections", states {}, keep []);
// What is announced of a sale at a negotiated price or a grant of rights is said in English too.
step!(m73_texts_in_english, "m73_texts_in_english", states {}, keep []);
// Every notice of a unit in its own place stays as it was shown, and every decision on a negotiated price as it was made. Of those from
// before, the last is what is left.
step!(m74_unit_notices, "m74_unit_notices", states {}, keep ["unit_notice", "negotiation_decision"]);
// What burdens a right, what cures it and what its owners agreed on stays as it was entered; what comes later is a row of its own.
step!(m76_encumbrances, "m76_encumbrances", states {
    "burden_kind": entity::encumbrances::BurdenKind,
    "burden_step_kind": entity::encumbrances::BurdenStepKind,
    "consent_kind": entity::encumbrances::ConsentKind,
    "pledged_price": entity::encumbrances::PledgedPrice,
}, keep ["burden", "burden_step", "burden_consent", "consent_withdrawal", "owners_agreement"]);
// The register of licences.
step!(m75_licences, "m75_licences", |manager| {
    states::table(manager, "licence_mode", entity::licences::LicenceMode::codes()).await?;
    states::table(manager, "licence_grant_state", entity::licences::LicenceGrantState::codes()).await?;
    states::table(manager, "licence_origin", entity::licences::LicenceOrigin::codes()).await?;
    dialect::run(manager, include_str!("m75_licences.sql")).await?;
    claims::keep_apart(manager).await?;
});
// What is filed with registries, whose rights were at any instant, and what an application was before it became the patent.
step!(m77_recordals, "m77_recordals", states {
    "recordal_kind": entity::recordals::RecordalKind,
    "recordal_state": entity::recordals::RecordalState,
    "title_basis": entity::recordals::TitleBasis,
}, keep ["asset_title", "patent_grant"]);
// Who accepted which agreement, and who read what, stays as it was.
step!(m78_data_rooms, "m78_data_rooms", states {
    "data_room_state": entity::data_rooms::DataRoomState,
    "disclosure": entity::data_rooms::Disclosure,
    "room_act": entity::data_rooms::RoomAct,
    "room_refusal": entity::data_rooms::RoomRefusal,
}, keep ["data_room_nda", "data_room_acceptance", "data_room_access"]);
// What the gates found and who decided about it stays as it was; so does what was declared for them.
step!(m79_gates, "m79_gates", states {
    "gate": entity::gates::Gate,
    "gate_verdict": entity::gates::GateVerdict,
    "gate_stage": entity::gates::GateStage,
    "finding_decision": entity::gates::FindingDecision,
    "export_class": entity::gates::ExportClass,
    "establishment": entity::gates::Establishment,
    "relation_kind": entity::gates::RelationKind,
    "restriction_scope": entity::gates::RestrictionScope,
    "export_paper_kind": entity::gates::ExportPaperKind,
    "export_paper_state": entity::gates::ExportPaperState,
}, keep ["gate_declaration", "gate_run", "gate_finding", "gate_acknowledgement", "organisation_facts"]);
/// What would make a certificate another, or unsay what became of it.
const CERTIFIED_OTHERWISE: &str = "OLD.licence_grant_id <> NEW.licence_grant_id OR OLD.edition <> NEW.edition OR OLD.number <> NEW.number \
     OR OLD.said_sha256 <> NEW.said_sha256 OR OLD.jws <> NEW.jws OR OLD.issued_by <> NEW.issued_by OR OLD.issued_at <> NEW.issued_at \
     OR (OLD.superseded_at IS NOT NULL AND NEW.superseded_at IS DISTINCT FROM OLD.superseded_at) \
     OR (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)";
// Certificates of licences, which stay as they were signed.
step!(m80_certificates, "m80_certificates", |manager| {
    dialect::run(manager, include_str!("m80_certificates.sql")).await?;
    append_only::forbid(manager, "licence_certificate", "update", "UPDATE", Some(CERTIFIED_OTHERWISE)).await?;
    append_only::forbid(manager, "licence_certificate", "delete", "DELETE", None).await?;
    append_only::forbid_truncate(manager, "licence_certificate").await?;
    append_only::forbid_replace(manager, "licence_certificate").await?;
});
/// What each state of a declaration needed before the patent office and the calendar could end one, and what it needs since.
const DECLARED: [(&str, &str, &str); 4] = [
    (
        "ck_open_licence_submitted",
        "state NOT IN ('submitted', 'announced', 'ended') OR (submitted_by IS NOT NULL AND submitted_at IS NOT NULL AND rules IS NOT NULL AND drafted IS NOT NULL AND drafted_sha256 IS NOT NULL)",
        "state IN ('drafted', 'returned', 'withdrawn') OR (submitted_by IS NOT NULL AND submitted_at IS NOT NULL AND rules IS NOT NULL AND drafted IS NOT NULL AND drafted_sha256 IS NOT NULL)",
    ),
    (
        "ck_open_licence_announced",
        "state NOT IN ('announced', 'ended') OR notice_id IS NOT NULL",
        "state IN ('drafted', 'submitted', 'returned', 'withdrawn') OR notice_id IS NOT NULL",
    ),
    (
        "ck_open_licence_noticed",
        "(notice_id IS NULL) = (published_by IS NULL) AND (notice_id IS NULL OR state IN ('announced', 'withdrawn', 'ended'))",
        "(notice_id IS NULL) = (published_by IS NULL) AND (notice_id IS NULL OR state NOT IN ('drafted', 'submitted', 'returned'))",
    ),
    (
        "ck_open_licence_ended",
        "(ended_at IS NOT NULL) = (state = 'ended') AND (ended_at IS NULL) = (end_reason IS NULL)",
        "(ended_at IS NOT NULL) = (state IN ('ended', 'not_accepted', 'terminated_by_registry', 'expired')) AND (ended_at IS NULL) = (end_reason IS NULL)",
    ),
];
/// How a licence came into the register before open licences were taken here, and since.
const CAME_ABOUT: &str = "(document IS NOT NULL) = (origin IN ('recorded', 'sub_licence')) AND (deal_id IS NOT NULL) = (origin = 'deal') AND (negotiation_id IS NOT NULL) = (origin = 'negotiation') AND (rights_grant_id IS NOT NULL) = (origin = 'rights_grant')";
// Open licences are taken here, and patents that public money paid for and nobody uses are listed.
step!(m81_open_licence_acceptances, "m81_open_licence_acceptances", |manager| {
    states::table(manager, "acceptance_state", entity::open_licences::AcceptanceState::codes()).await?;
    states::table(manager, "open_implementation_state", entity::open_implementation::OpenImplementationState::codes()).await?;
    states::table(manager, "open_implementation_method", entity::open_implementation::OpenImplementationMethod::codes()).await?;
    states::table(manager, "implementation_claim", entity::open_implementation::ImplementationClaim::codes()).await?;
    dialect::run(manager, include_str!("m81_open_licence_acceptances.sql")).await?;
    for (name, now, then) in DECLARED {
        relax::check_instead(manager, "open_licence", name, now, then).await?;
    }
    let since = format!("{CAME_ABOUT} AND (open_licence_id IS NOT NULL) = (origin = 'open_licence')");
    relax::check_instead(manager, "licence_grant", "ck_licence_grant_origin", CAME_ABOUT, &since).await?;
});
// What became of a licence stays as it was; licences pass with their rights, and two are given for each other.
step!(m82_licence_events, "m82_licence_events", states {
    "licence_event_kind": entity::licences::LicenceEventKind,
}, keep ["licence_event", "licence_cross"]);

/// A step that is taken whole or not at all, on SQLite too, which by itself would keep what was done of it when the server
/// was killed, and could never take it again.
struct Whole(Box<dyn MigrationTrait>);

impl MigrationName for Whole {
    fn name(&self) -> &str {
        self.0.name()
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Whole {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.0.up(manager).await
    }
}

/// Every step, in order.
pub fn all() -> Vec<Box<dyn MigrationTrait>> {
    in_order().into_iter().map(|step| Box::new(Whole(step)) as Box<dyn MigrationTrait>).collect()
}

fn in_order() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m01_platform::Step),
        Box::new(m02_rulebook::Step),
        Box::new(m03_identity::Step),
        Box::new(m04_documents::Step),
        Box::new(m05_achievements::Step),
        Box::new(m06_listings::Step),
        Box::new(m07_notices::Step),
        Box::new(m08_auctions::Step),
        Box::new(m09_ledger::Step),
        Box::new(m10_deals::Step),
        Box::new(m11_mends::Step),
        Box::new(m12_accounts::Step),
        Box::new(m13_event_subject::Step),
        Box::new(m14_bank::Step),
        Box::new(m15_imports::Step),
        Box::new(m17_sessions::Step),
        Box::new(m18_bank_decisions::Step),
        Box::new(m19_api_keys::Step),
        Box::new(m20_audit_reading::Step),
        Box::new(m21_mends::Step),
        Box::new(m22_notifications::Step),
        Box::new(m23_privacy::Step),
        Box::new(m24_requests::Step),
        Box::new(m25_registrations::Step),
        Box::new(m26_device_letters::Step),
        Box::new(m27_bank_words::Step),
        Box::new(m28_key_call_filters::Step),
        Box::new(m29_letters::Step),
        Box::new(m30_audit_network::Step),
        Box::new(m31_contact::Step),
        Box::new(m32_letter_writer::Step),
        Box::new(m33_lists::Step),
        Box::new(m34_alike::Step),
        Box::new(m35_outages::Step),
        Box::new(m36_integrity::Step),
        Box::new(m37_receipts::Step),
        Box::new(m38_maxima::Step),
        Box::new(m39_sealed::Step),
        Box::new(m41_reverse::Step),
        Box::new(m42_rounds::Step),
        Box::new(m43_preemption::Step),
        Box::new(m45_units::Step),
        Box::new(m46_scores::Step),
        Box::new(m47_rounds_people::Step),
        Box::new(m48_devices::Step),
        Box::new(m49_unopened::Step),
        Box::new(m50_out_of_reach::Step),
        Box::new(m51_preemption_round::Step),
        Box::new(m52_audit_indexes::Step),
        Box::new(m53_bid_writes::Step),
        Box::new(m54_receipt_trees::Step),
        Box::new(m55_floor_writes::Step),
        Box::new(m56_rights_changes::Step),
        Box::new(m57_notice_periods::Step),
        Box::new(m58_objections::Step),
        Box::new(m59_notice_proposals::Step),
        Box::new(m60_lot_rows::Step),
        Box::new(m61_questions::Step),
        Box::new(m62_tips::Step),
        Box::new(m63_negotiations::Step),
        Box::new(m64_base_price::Step),
        Box::new(m65_postponed::Step),
        Box::new(m66_openings::Step),
        Box::new(m67_amendments::Step),
        Box::new(m68_auction_notices::Step),
        Box::new(m69_rights_grants::Step),
        Box::new(m70_open_licences::Step),
        Box::new(m71_listing_periods::Step),
        Box::new(m72_objections::Step),
        Box::new(m73_texts_in_english::Step),
        Box::new(m74_unit_notices::Step),
        Box::new(m76_encumbrances::Step),
        Box::new(m75_licences::Step),
        Box::new(m77_recordals::Step),
        Box::new(m78_data_rooms::Step),
        Box::new(m79_gates::Step),
        Box::new(m80_certificates::Step),
        Box::new(m81_open_licence_acceptances::Step),
        Box::new(m82_licence_events::Step),
    ]
}
