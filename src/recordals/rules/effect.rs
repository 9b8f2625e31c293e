//! When a right passes: with the day of the registry, or with the contract.
//!
//! Source: Patent Law art. 10 (patents and applications: the day of registration); IC layout regulation art. 22 (registration); software
//! regulation art. 20-21 (the contract; registration is optional). Plant varieties are registered and announced (regulation of 2014 art. 9);
//! new drugs follow their marketing authorisation.

use entity::achievements::AssetKind;
use entity::listings::{EquityContribution, TransferTerms};

/// From when on a right is its buyer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// From the day on which the registry enters it.
    AtRegistration,
    /// From the day on which the contract takes effect.
    OnContract,
}

/// From when on a right of a kind is its buyer's.
pub fn effect(kind: AssetKind) -> Effect {
    use AssetKind::{
        BioNewDrug, Design, IcLayout, Invention, OtherTech, PatentApplication, PlantVariety, Software, TradeSecret, UtilityModel,
    };
    match kind {
        Invention | UtilityModel | Design | PatentApplication | IcLayout | PlantVariety | BioNewDrug => Effect::AtRegistration,
        Software | TradeSecret | OtherTech => Effect::OnContract,
    }
}

/// Whether a licence of a right of this kind is filed (PLIR art. 15): of patents and of applications. A layout is licensed by a written
/// contract alone, and what no registry keeps by any.
pub fn is_licence_filed(kind: AssetKind) -> bool {
    matches!(kind, AssetKind::Invention | AssetKind::UtilityModel | AssetKind::Design | AssetKind::PatentApplication)
}

/// Whether a right of this kind is pledged by registration with the patent office (CC art. 444; pledge measures of 2021 art. 2).
pub fn is_pledge_filed(kind: AssetKind) -> bool {
    matches!(kind, AssetKind::Invention | AssetKind::UtilityModel | AssetKind::Design)
}

/// Whether what was sold on these terms is the right itself: assigned, or given to a company for a share of it (SPC-TC art. 16).
pub fn passes_title(terms: &TransferTerms) -> bool {
    match terms {
        TransferTerms::Assignment {} => true,
        TransferTerms::Equity(terms) => terms.contributes == EquityContribution::Title,
        TransferTerms::ExclusiveLicence(_) | TransferTerms::SoleLicence(_) | TransferTerms::NonExclusiveLicence(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use entity::listings::{EquityTerms, LicenceTerms};

    use super::*;

    #[test]
    fn patents_and_layouts_pass_with_the_registry_and_secrets_with_the_contract() {
        for kind in AssetKind::ALL {
            let on_contract = matches!(kind, AssetKind::Software | AssetKind::TradeSecret | AssetKind::OtherTech);
            assert_eq!(effect(*kind) == Effect::OnContract, on_contract, "{kind:?}");
        }
    }

    #[test]
    fn licences_are_filed_of_patents_and_applications_pledges_of_patents_alone() {
        let filed: Vec<_> = AssetKind::ALL.iter().filter(|kind| is_licence_filed(**kind)).collect();
        assert_eq!(filed, [&AssetKind::Invention, &AssetKind::UtilityModel, &AssetKind::Design, &AssetKind::PatentApplication]);
        let pledged: Vec<_> = AssetKind::ALL.iter().filter(|kind| is_pledge_filed(**kind)).collect();
        assert_eq!(pledged, [&AssetKind::Invention, &AssetKind::UtilityModel, &AssetKind::Design]);
    }

    #[test]
    fn title_passes_by_assignment_and_where_a_company_gets_it() {
        let licence = || LicenceTerms {
            acts: LicenceTerms::every_act(),
            fields: vec!["all".into()],
            territory: vec!["all".into()],
            months: 12,
            sublicence: false,
        };
        let equity = |contributes| TransferTerms::Equity(EquityTerms { contributes, company: "某公司".into(), least_share_bp: 1_000 });
        assert!(passes_title(&TransferTerms::Assignment {}) && passes_title(&equity(EquityContribution::Title)));
        assert!(!passes_title(&equity(EquityContribution::Use)));
        let all = [TransferTerms::ExclusiveLicence, TransferTerms::SoleLicence, TransferTerms::NonExclusiveLicence];
        assert!(all.iter().all(|licensed| !passes_title(&licensed(licence()))));
    }
}
