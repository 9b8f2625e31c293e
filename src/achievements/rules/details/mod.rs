//! The fields of each kind of right.

mod settle;

use chrono::NaiveDate;
use entity::achievements::AssetKind;
use entity::ids::DocumentId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) use settle::{Distances, national_phase, people};

use crate::codes::parse_publication_number;

/// What is known of a right, by its kind (知识产权类型).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum AssetDetails {
    /// Invention patent (发明).
    Invention {
        /// Filing date (申请日).
        #[schema(example = "2020-06-19")]
        filed_on: NaiveDate,
        /// Date of the announcement of grant (授权公告日), once granted.
        granted_on: Option<NaiveDate>,
        /// Publication number (公开号 or 授权公告号).
        #[schema(max_length = 40, example = "CN116911408B")]
        publication_number: Option<String>,
        /// IPC symbols, the main one first.
        #[schema(min_items = 1, max_items = 50, example = json!(["G06N 3/08"]))]
        ipc: Vec<String>,
        /// Edition of the IPC the symbols are of.
        #[schema(pattern = r"^[0-9]{4}\.[0-9]{2}$", example = "2026.01")]
        ipc_edition: Option<String>,
        /// Inventors (发明人).
        #[schema(min_items = 1, max_items = 50, example = json!(["王某"]))]
        inventors: Vec<String>,
        /// Days by which the patent office has extended the term (专利权期限补偿).
        #[serde(default)]
        #[schema(maximum = 1827, example = 0)]
        compensation_days: u32,
    },
    /// Utility model (实用新型).
    UtilityModel {
        /// Filing date.
        #[schema(example = "2020-06-19")]
        filed_on: NaiveDate,
        /// Date of the announcement of grant, once granted.
        granted_on: Option<NaiveDate>,
        /// Publication number.
        #[schema(max_length = 40, example = "CN209861402U")]
        publication_number: Option<String>,
        /// IPC symbols, the main one first.
        #[schema(min_items = 1, max_items = 50, example = json!(["B65D 81/18"]))]
        ipc: Vec<String>,
        /// Edition of the IPC the symbols are of.
        #[schema(pattern = r"^[0-9]{4}\.[0-9]{2}$", example = "2026.01")]
        ipc_edition: Option<String>,
        /// Inventors.
        #[schema(min_items = 1, max_items = 50, example = json!(["王某"]))]
        inventors: Vec<String>,
    },
    /// Design (外观设计).
    Design {
        /// Filing date.
        #[schema(example = "2020-06-19")]
        filed_on: NaiveDate,
        /// Date of the announcement of grant, once granted.
        granted_on: Option<NaiveDate>,
        /// Publication number.
        #[schema(max_length = 40, example = "CN305123456S")]
        publication_number: Option<String>,
        /// Locarno classes.
        #[schema(min_items = 1, max_items = 50, example = json!(["14-02"]))]
        locarno: Vec<String>,
        /// Designers (设计人).
        #[schema(min_items = 1, max_items = 50, example = json!(["王某"]))]
        inventors: Vec<String>,
    },
    /// Right in a patent application (专利申请权), Chinese or under the PCT.
    PatentApplication {
        /// Filing date.
        #[schema(example = "2020-06-19")]
        filed_on: NaiveDate,
        /// Earliest priority date, where priority is claimed.
        priority_on: Option<NaiveDate>,
        /// Publication number; an application that is not published has none.
        #[schema(max_length = 40, example = "CN114048838A")]
        publication_number: Option<String>,
        /// IPC symbols, the main one first; none for a design.
        #[serde(default)]
        #[schema(max_items = 50, example = json!(["H04M 11/00"]))]
        ipc: Vec<String>,
        /// Edition of the IPC the symbols are of.
        #[schema(pattern = r"^[0-9]{4}\.[0-9]{2}$", example = "2026.01")]
        ipc_edition: Option<String>,
        /// Locarno classes of a design; none otherwise.
        #[serde(default)]
        #[schema(max_items = 50, example = json!([]))]
        locarno: Vec<String>,
        /// Inventors.
        #[schema(min_items = 1, max_items = 50, example = json!(["王某"]))]
        inventors: Vec<String>,
    },
    /// Software copyright (软件著作权).
    Software {
        /// Version of the software.
        #[schema(min_length = 1, max_length = 50, example = "V1.0")]
        version: String,
        /// When its development was completed (开发完成日期).
        #[schema(example = "2020-06-19")]
        completed_on: NaiveDate,
        /// When it was first published, if it was (首次发表日期).
        published_on: Option<NaiveDate>,
        /// Who holds the copyright, on which its term depends.
        #[serde(default)]
        rights_holder: RightsHolder,
    },
    /// Layout design of an integrated circuit (集成电路布图设计). The drawings are never asked for.
    IcLayout {
        /// Filing date of the registration.
        #[schema(example = "2020-06-19")]
        filed_on: NaiveDate,
        /// First commercial use anywhere, if there was one (首次商业利用日).
        first_exploited_on: Option<NaiveDate>,
        /// When the layout was completed (创作完成日).
        created_on: Option<NaiveDate>,
    },
    /// Plant variety right (植物新品种权).
    PlantVariety {
        /// Genus or species.
        #[schema(min_length = 1, max_length = 100, example = "水稻")]
        species: String,
        /// Which authority keeps the register.
        authority: VarietyAuthority,
        /// Whether it is a woody plant or a vine, whose right stands longer (木本、藤本植物).
        woody_or_vine: bool,
        /// Date of grant, once granted.
        granted_on: Option<NaiveDate>,
    },
    /// Technical secret (技术秘密). Its substance is never told here: publishing it destroys it.
    TradeSecret {
        /// What it does, in words that give nothing away.
        #[schema(min_length = 1, max_length = 2_000, example = "使产品良率提高三个百分点的热处理工艺")]
        public_abstract: String,
        /// Evidence that it is kept secret: an uploaded document (保密措施证明).
        confidentiality_evidence: DocumentId,
    },
    /// Other technology that no registry keeps (其他非专利技术).
    OtherTech {
        /// What it does, never how.
        #[schema(min_length = 1, max_length = 2_000, example = "成套工艺数据与样品")]
        public_abstract: String,
    },
    /// New biopharmaceutical product (生物医药新品种).
    BioNewDrug {
        /// How far it has come with the drug authority.
        stage: NmpaStage,
        /// What kind of drug it is.
        drug_class: DrugClass,
        /// Acceptance number of the application (受理号).
        #[schema(pattern = "^[A-Z]{4}[0-9]{7}$", example = "CXHL2300123")]
        acceptance_number: Option<String>,
        /// Approval number (批准文号), once approved.
        #[schema(pattern = "^国药准字[A-Z]{1,2}[0-9]{8}$", example = "国药准字H20230001")]
        approval_number: Option<String>,
        /// Marketing authorisation holder (上市许可持有人), once approved.
        #[schema(min_length = 1, max_length = 200)]
        authorisation_holder: Option<String>,
    },
}

/// Who holds a software copyright.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RightsHolder {
    /// A legal person or other organisation.
    #[default]
    LegalPerson,
    /// A natural person: the right stands for life and fifty years.
    NaturalPerson,
}

/// Which authority grants variety rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VarietyAuthority {
    /// The ministry of agriculture.
    Agriculture,
    /// The forestry and grassland administration.
    Forestry,
}

/// How far a new drug has come with the drug authority (NMPA).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NmpaStage {
    /// Before any clinical trial (临床前).
    Preclinical,
    /// Trial application accepted (临床试验申请受理).
    TrialApplied,
    /// Trial permitted (临床试验批准).
    TrialPermitted,
    /// Phase I (I 期).
    #[serde(rename = "phase_1")]
    Phase1,
    /// Phase II (II 期).
    #[serde(rename = "phase_2")]
    Phase2,
    /// Phase III (III 期).
    #[serde(rename = "phase_3")]
    Phase3,
    /// Marketing application accepted (上市申请受理).
    MarketingApplied,
    /// Approved (批准上市).
    Approved,
}

/// What kind of drug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DrugClass {
    /// Chemical drug (化学药).
    Chemical,
    /// Biological product (生物制品).
    Biological,
    /// Traditional Chinese medicine (中药).
    TraditionalChinese,
}

impl AssetDetails {
    /// The kind they are of.
    pub fn kind(&self) -> AssetKind {
        match self {
            Self::Invention { .. } => AssetKind::Invention,
            Self::UtilityModel { .. } => AssetKind::UtilityModel,
            Self::Design { .. } => AssetKind::Design,
            Self::PatentApplication { .. } => AssetKind::PatentApplication,
            Self::Software { .. } => AssetKind::Software,
            Self::IcLayout { .. } => AssetKind::IcLayout,
            Self::PlantVariety { .. } => AssetKind::PlantVariety,
            Self::TradeSecret { .. } => AssetKind::TradeSecret,
            Self::OtherTech { .. } => AssetKind::OtherTech,
            Self::BioNewDrug { .. } => AssetKind::BioNewDrug,
        }
    }

    /// When the right was filed for, where its kind is filed for.
    pub fn filed_on(&self) -> Option<NaiveDate> {
        match self {
            Self::Invention { filed_on, .. }
            | Self::UtilityModel { filed_on, .. }
            | Self::Design { filed_on, .. }
            | Self::PatentApplication { filed_on, .. }
            | Self::IcLayout { filed_on, .. } => Some(*filed_on),
            _ => None,
        }
    }

    /// When the right was granted, if it was.
    pub fn granted_on(&self) -> Option<NaiveDate> {
        match self {
            Self::Invention { granted_on, .. }
            | Self::UtilityModel { granted_on, .. }
            | Self::Design { granted_on, .. }
            | Self::PlantVariety { granted_on, .. } => *granted_on,
            _ => None,
        }
    }

    /// The number under which it was published, if it was.
    pub fn publication_number(&self) -> Option<&str> {
        match self {
            Self::Invention { publication_number, .. }
            | Self::UtilityModel { publication_number, .. }
            | Self::Design { publication_number, .. }
            | Self::PatentApplication { publication_number, .. } => publication_number.as_deref(),
            _ => None,
        }
    }

    /// Whether a date or a publication says that a patent was granted.
    pub fn is_granted(&self) -> bool {
        let announced = self.publication_number().and_then(|number| parse_publication_number(number).ok());
        self.granted_on().is_some() || announced.is_some_and(|publication| publication.granted)
    }

    /// Whether a right of this kind can be without a number of its registry: software need not be
    /// registered, and a variety has none before its grant.
    pub fn may_lack_number(&self) -> bool {
        matches!(self, Self::Software { .. } | Self::PlantVariety { granted_on: None, .. })
    }

    /// The uploaded document they rest on, if any.
    pub fn document(&self) -> Option<DocumentId> {
        match self {
            Self::TradeSecret { confidentiality_evidence, .. } => Some(*confidentiality_evidence),
            _ => None,
        }
    }

    /// Whether a right of `held` kind can have become one of these details' kind: an application
    /// becomes the patent it is granted as, everything else stays what it is.
    pub fn may_follow(&self, held: AssetKind) -> bool {
        use AssetKind::{Design, Invention, PatentApplication, UtilityModel};
        self.kind() == held || (held == PatentApplication && matches!(self.kind(), Invention | UtilityModel | Design))
    }
}
