//! The gates an offer passes (合规门): their runs and findings, who decided what about a finding, and what they look at: declarations for
//! them, facts and relations of organisations, restrictions of trust, papers of a technology export.

use chrono::NaiveDate;

use crate::Timestamp;
use crate::ids::{
    DealId, ExportPaperId, GateAcknowledgementId, GateDeclarationId, GateRunId, ListingId, OrganisationFactsId, OrganisationId,
    OrganisationRelationId, PersonId, RestrictionId,
};

codes! {
    /// A gate, G1 to G12 in this order.
    Gate {
        /// G1: nothing on offer is a state secret.
        SecretDeclaration,
        /// G2: the legal status is fresh and permits the mode.
        LegalStatus,
        /// G3: the seller is the registered holder, and every co-owner consents.
        Title,
        /// G4: burdens are declared and cured.
        Encumbrances,
        /// G5: no licence, grant or other offer stands against it.
        LicenceConflict,
        /// G6: what may leave the mainland.
        Export,
        /// G7: what public money paid for.
        StateFunding,
        /// G8: what the price rests on.
        PriceBasis,
        /// G9: who is related to whom.
        RelatedParty,
        /// G10: how and how long it is announced.
        Publicity,
        /// G11: who may not trade.
        Integrity,
        /// G12: clauses that monopolise technology.
        Clauses,
    }
}

codes! {
    /// What a gate says.
    GateVerdict {
        /// Nothing was found.
        Pass,
        /// A named person has to decide about what was found.
        Warn,
        /// What was found has to be cured.
        Block,
    }
}

codes! {
    /// When the gates are run.
    GateStage {
        /// A listing is approved.
        Approval,
        /// What was changed of a published listing is published.
        Amendment,
        /// The last party signs the confirmation of a deal.
        Confirmation,
    }
}

codes! {
    /// What a person decided about a finding.
    FindingDecision {
        /// It stands in nobody's way: the clause is lawful, the technology is not in the catalogue.
        Accepted,
        /// It is as was feared.
        Confirmed,
    }
}

codes! {
    /// How a technology may leave the mainland (技术出口).
    ExportClass {
        /// Its contract is registered.
        Free,
        /// It needs a licence, and a letter of intent before anybody negotiates.
        Restricted,
        /// It does not.
        Prohibited,
    }
}

codes! {
    /// Where an organisation is established.
    Establishment {
        /// On the mainland.
        Mainland,
        /// In Hong Kong, Macao or Taiwan.
        Region,
        /// In another country.
        Foreign,
    }
}

codes! {
    /// How two organisations are related (关联关系).
    RelationKind {
        /// One legal representative.
        SameRepresentative,
        /// One controller.
        SameController,
        /// One holds shares of the other, directly or through others.
        Shareholding,
        /// Who made the technology is shareholder, director or executive of the other.
        CompleterInterest,
        /// Those who decide are kin.
        Kin,
        /// One address, telephone or bank account.
        SameContact,
    }
}

codes! {
    /// What an organisation is kept from for a breach of trust (失信惩戒).
    RestrictionScope { Project, Award, TradeSupport, Expert, Trading }
}

codes! {
    /// A paper of a technology export.
    ExportPaperKind {
        /// The letter of intent of an export licence (技术出口许可意向书).
        LetterOfIntent,
        /// The export licence (技术出口许可证).
        ExportLicence,
        /// The registration of the contract of a free export (技术出口合同登记证书).
        ContractRegistration,
    }
}

codes! {
    /// Where such a paper stands.
    ExportPaperState { HandedIn, Verified, Refused }
}

codes! {
    /// A clause that monopolises technology (SPC-TC art. 10).
    ClauseKind {
        /// Improvements go back, and nothing comes for them (回授).
        GrantBack,
        /// No other technology may be had from others (限制竞争技术).
        NoCompetition,
        /// How much, what, for how much and where may be made and sold (限制产销).
        SalesLimits,
        /// Something else must be taken with it (搭售).
        TieIn,
        /// Who may supply (限制采购渠道).
        SourcingLimits,
        /// Nobody may doubt the right (不质疑条款).
        NoChallenge,
    }
}

table! {
    /// What a seller declares for the gates, beside its offer; the last number counts.
    gate_declaration "gate_declaration" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: GateDeclarationId,
        pub listing_id: ListingId,
        pub organisation_id: OrganisationId,
        pub number: i64,
        /// Whether foreign parties may buy.
        pub admits_foreign: bool,
        /// Entries of the catalogue of technology export it falls under, as the seller says.
        pub export_entries: sea_orm::JsonValue,
        /// Words that describe the technology, for the search through that catalogue.
        pub keywords: sea_orm::JsonValue,
        /// Clauses of the contract beside the offer's.
        pub clauses: Option<String>,
        /// The kinds of clauses the contract has, as the seller says.
        pub clause_kinds: sea_orm::JsonValue,
        /// The approval of a transfer abroad of what public money paid for, as it was.
        pub funding_approval: Option<sea_orm::JsonValue>,
        /// The outbound review of the rights, where there was one.
        pub security_review: Option<sea_orm::JsonValue>,
        pub declared_by: PersonId,
        pub declared_at: Timestamp,
    }
}

table! {
    /// The gates were run, and nothing stood in the way.
    gate_run "gate_run" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: GateRunId,
        pub listing_id: ListingId,
        pub deal_id: Option<DealId>,
        pub stage: GateStage,
        /// The edition of the rulebook.
        pub rulebook_version: i64,
        /// The version of the catalogue of technology export.
        pub catalogue_version: String,
        /// How the technology may leave the mainland, where foreign parties may buy.
        pub export_class: Option<ExportClass>,
        pub run_by: Option<PersonId>,
        pub run_at: Timestamp,
    }
}

table! {
    /// What a run found at a gate; nothing found is a row too.
    gate_finding "gate_finding" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub run_id: GateRunId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub gate: Gate,
        pub verdict: GateVerdict,
        /// What was found, in full.
        pub finding: Option<sea_orm::JsonValue>,
        pub finding_sha256: Option<Vec<u8>>,
    }
}

table! {
    /// What a named person decided about a finding; it counts for this very finding alone.
    gate_acknowledgement "gate_acknowledgement" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: GateAcknowledgementId,
        pub listing_id: ListingId,
        pub gate: Gate,
        pub finding_sha256: Vec<u8>,
        pub decision: FindingDecision,
        pub reason: String,
        pub decided_by: PersonId,
        pub decided_at: Timestamp,
    }
}

table! {
    /// What an organisation declares of itself; the last number counts. Who represents and controls it, and where it is reached, is kept
    /// as keyed hashes that can be compared and not read.
    organisation_facts "organisation_facts" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: OrganisationFactsId,
        pub organisation_id: OrganisationId,
        pub number: i64,
        pub established: Establishment,
        /// Whether foreigners control it.
        pub foreign_control: bool,
        /// The largest share a foreign beneficial owner has, in ten-thousandths.
        pub foreign_beneficial_bp: i32,
        /// Whether technical data would go outside the mainland.
        pub data_leaves: bool,
        #[serde(skip)]
        pub representative: Option<Vec<u8>>,
        #[serde(skip)]
        pub controller: Option<Vec<u8>>,
        #[serde(skip)]
        pub address: Option<Vec<u8>>,
        #[serde(skip)]
        pub phone: Option<Vec<u8>>,
        #[serde(skip)]
        pub bank_account: Option<Vec<u8>>,
        pub declared_by: PersonId,
        pub declared_at: Timestamp,
    }
}

table! {
    /// Two organisations are related, as one of them or an officer says.
    organisation_relation "organisation_relation" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: OrganisationRelationId,
        pub organisation_id: OrganisationId,
        pub other_organisation_id: OrganisationId,
        pub kind: RelationKind,
        /// The share held, in ten-thousandths, where it is a shareholding.
        pub share_bp: Option<i32>,
        pub declared_by: PersonId,
        pub declared_at: Timestamp,
        pub ended_by: Option<PersonId>,
        pub ended_at: Option<Timestamp>,
        pub end_reason: Option<String>,
        pub version: i64,
    }
}

table! {
    /// An organisation is kept from something for a breach of trust.
    restriction "restriction" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: RestrictionId,
        pub organisation_id: OrganisationId,
        pub scope: RestrictionScope,
        /// The number of the decision it rests on.
        pub source_number: String,
        pub from_day: NaiveDate,
        pub until_day: Option<NaiveDate>,
        pub entered_by: PersonId,
        pub entered_at: Timestamp,
        pub lifted_by: Option<PersonId>,
        pub lifted_at: Option<Timestamp>,
        pub lift_reason: Option<String>,
        pub version: i64,
    }
}

table! {
    /// A paper of a technology export, which a foreign buyer hands in for a listing.
    export_paper "export_paper" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ExportPaperId,
        pub listing_id: ListingId,
        pub organisation_id: OrganisationId,
        pub kind: ExportPaperKind,
        pub number: String,
        pub valid_until: NaiveDate,
        pub document: sea_orm::JsonValue,
        pub state: ExportPaperState,
        pub reason: Option<String>,
        pub handed_in_by: PersonId,
        pub handed_in_at: Timestamp,
        pub decided_by: Option<PersonId>,
        pub decided_at: Option<Timestamp>,
        pub version: i64,
    }
}
