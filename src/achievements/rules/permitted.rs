//! What the legal status of a right permits (专利法律状态与可交易方式).

use entity::achievements::{AssetKind, LegalStatus};
use entity::listings::TransferMode;

/// Whether a right of a status may pass in a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permitted {
    /// It may.
    Yes,
    /// It may, if this is disclosed.
    Warn(Reason),
    /// It may not.
    No(Reason),
}

/// Why not, or what must be disclosed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Stable code.
    pub code: &'static str,
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
}

macro_rules! reasons {
    ($($name:ident = $code:literal $zh:literal $en:literal;)+) => {
        $(const $name: Reason = Reason { code: $code, zh: $zh, en: $en };)+
    };
}

reasons! {
    SECRET = "secret_patent" "保密专利、国防专利不得在公开平台交易" "secret and defence patents are never dealt in on the public platform";
    SUSPENDED = "suspended" "处于中止程序（专利法实施细则第一百零三至一百零五条），转让、变更、质押手续均已停止" "proceedings are suspended (Implementing Rules of the Patent Law, art. 103 to 105)";
    INVALIDATED = "invalidated" "已被宣告全部无效，视为自始不存在（专利法第四十七条）" "declared wholly invalid and deemed never to have existed (Patent Law art. 47)";
    CEASED = "ceased" "因未缴年费已终止，恢复前不得交易" "ended for unpaid fees; it cannot be dealt in until it is restored";
    ENDED = "ended" "权利已放弃或届满（民法典第八百六十五条）" "abandoned or expired (Civil Code art. 865)";
    LOST = "application_lost" "申请已被驳回、撤回或视为撤回，恢复前不得交易" "the application was rejected, withdrawn or deemed withdrawn";
    NOT_GRANTED = "not_granted" "尚未授权，只能作为专利申请权转让" "not granted: only the right in the application can pass";
    ALREADY_GRANTED = "already_granted" "已授权，应登记为专利权" "already granted: register it as the patent";
    NOT_OF_KIND = "not_of_kind" "该法律状态不适用于此类标的" "this legal status does not belong to this kind of right";
    ANNUITY = "annuity_grace" "处于年费滞纳期，逾期未缴将自应缴费之日起终止（专利法实施细则第一百一十五条）" "in the grace period for fees; if unpaid, the right ends from the due date (Implementing Rules art. 115)";
    NOT_RECORDABLE = "not_recordable" "处于年费滞纳期，许可合同可以订立但不予备案" "in the grace period for fees: a licence can be agreed but not recorded";
    INVALIDATION = "invalidation_pending" "无效宣告审理中，须披露" "an invalidation request is pending, which must be disclosed";
    PARTLY = "partially_invalid" "部分无效，仅就维持有效的权利要求交易" "partially invalid: only the maintained claims can be dealt in";
    UNPUBLISHED = "unpublished" "申请尚未公布，须按保密方式办理" "the application is not published and must be handled in confidence";
    AS_SECRET = "as_technical_secret" "申请尚未公布，按技术秘密许可（技术合同司法解释第二十九条）" "the application is not published: it is licensed as a technical secret (SPC-TC art. 29)";
    BY_ANALOGY = "licence_of_application" "尚未授权，参照专利实施许可的规定（技术合同司法解释第二十九条）" "not granted: the rules on patent licences apply by analogy (SPC-TC art. 29)";
    UNREGISTERED = "unregistered" "软件著作权未登记，权属依合同和证据确定" "the copyright is not registered: title rests on contract and evidence";
    GRACE_UNRECORDED = "annuity_grace_not_recordable" "处于年费滞纳期，许可不予备案" "in the grace period for fees: no licence is recorded";
    GRACE_CLOSED = "annuity_grace_not_openable" "处于年费滞纳期，不得声明开放许可（专利法实施细则第八十六条第三项）" "in the grace period for fees: no open licence is declared (Implementing Rules art. 86(3))";
    UNPUBLISHED_UNRECORDED = "unpublished_not_recordable" "申请尚未公布，不予备案" "the application is not published: no licence of it is recorded";
    NO_REGISTRY = "no_recordal" "此类权利的许可不办理备案" "licences of this kind of right are not recorded";
    NOT_A_PATENT = "not_a_patent" "开放许可只适用于已授权的专利（专利法第五十条）" "an open licence is of a granted patent only (Patent Law art. 50)";
    VARIETY_PENDING = "variety_not_granted" "品种权尚未授予，仅转让申请权" "the variety right is not granted: only the right in the application passes";
}

/// Whether a right of this kind and status may pass in this mode. A contribution of equity may be of
/// title or of use, so it must be permitted both ways.
pub fn permitted(status: LegalStatus, kind: AssetKind, mode: TransferMode) -> Permitted {
    if let Some(reason) = bar(status) {
        return Permitted::No(reason);
    }
    match mode {
        TransferMode::Assignment => title(status, kind),
        TransferMode::ExclusiveLicence | TransferMode::SoleLicence | TransferMode::NonExclusiveLicence => licence(status, kind),
        TransferMode::Equity => stricter(title(status, kind), licence(status, kind)),
    }
}

/// Whether a licence of a right of this kind and status is recorded (许可备案): of patents and of published applications; that of software
/// may be.
pub fn recordable(status: LegalStatus, kind: AssetKind) -> Permitted {
    use LegalStatus::{AnnuityGrace, FiledUnpublished};
    if let Some(reason) = bar(status) {
        return Permitted::No(reason);
    }
    match (kind, status) {
        (AssetKind::IcLayout | AssetKind::PlantVariety | AssetKind::TradeSecret | AssetKind::OtherTech | AssetKind::BioNewDrug, _) => {
            Permitted::No(NO_REGISTRY)
        }
        (AssetKind::Software, _) => licence(status, kind),
        (_, FiledUnpublished) => Permitted::No(UNPUBLISHED_UNRECORDED),
        (_, AnnuityGrace) => Permitted::No(GRACE_UNRECORDED),
        _ => licence(status, kind),
    }
}

/// Whether an open licence of it may be declared (PL art. 50; Implementing Rules art. 85, 86).
pub fn openable(status: LegalStatus, kind: AssetKind) -> Permitted {
    if let Some(reason) = bar(status) {
        return Permitted::No(reason);
    }
    match (kind, status) {
        (AssetKind::Invention | AssetKind::UtilityModel | AssetKind::Design, LegalStatus::AnnuityGrace) => Permitted::No(GRACE_CLOSED),
        (AssetKind::Invention | AssetKind::UtilityModel | AssetKind::Design, _) => title(status, kind),
        _ => Permitted::No(NOT_A_PATENT),
    }
}

/// A status under which nothing passes.
fn bar(status: LegalStatus) -> Option<Reason> {
    match status {
        LegalStatus::SecretPatent => Some(SECRET),
        LegalStatus::Suspended => Some(SUSPENDED),
        LegalStatus::Invalidated => Some(INVALIDATED),
        LegalStatus::CeasedNonpayment => Some(CEASED),
        LegalStatus::Abandoned | LegalStatus::Expired => Some(ENDED),
        LegalStatus::Rejected | LegalStatus::Withdrawn | LegalStatus::DeemedWithdrawn => Some(LOST),
        _ => None,
    }
}

fn stricter(one: Permitted, other: Permitted) -> Permitted {
    match (one, other) {
        (Permitted::No(_), _) | (Permitted::Warn(_), Permitted::Yes | Permitted::Warn(_)) => one,
        (_, other) => other,
    }
}

/// Whether title to it may pass.
fn title(status: LegalStatus, kind: AssetKind) -> Permitted {
    use LegalStatus::{
        AnnuityGrace, FiledUnpublished, Granted, InExam, InvalidationPending, PartiallyInvalid, Published, Registered, Unregistered,
    };
    match kind {
        AssetKind::Invention | AssetKind::UtilityModel | AssetKind::Design => match status {
            Granted => Permitted::Yes,
            AnnuityGrace => Permitted::Warn(ANNUITY),
            InvalidationPending => Permitted::Warn(INVALIDATION),
            PartiallyInvalid => Permitted::Warn(PARTLY),
            FiledUnpublished | Published | InExam => Permitted::No(NOT_GRANTED),
            _ => Permitted::No(NOT_OF_KIND),
        },
        AssetKind::PatentApplication => match status {
            Published | InExam => Permitted::Yes,
            FiledUnpublished => Permitted::Warn(UNPUBLISHED),
            Granted | AnnuityGrace | InvalidationPending | PartiallyInvalid => Permitted::No(ALREADY_GRANTED),
            _ => Permitted::No(NOT_OF_KIND),
        },
        AssetKind::Software => match status {
            Registered => Permitted::Yes,
            Unregistered => Permitted::Warn(UNREGISTERED),
            _ => Permitted::No(NOT_OF_KIND),
        },
        AssetKind::IcLayout => match status {
            Registered => Permitted::Yes,
            InvalidationPending => Permitted::Warn(INVALIDATION),
            _ => Permitted::No(NOT_OF_KIND),
        },
        AssetKind::PlantVariety => match status {
            Granted | Registered => Permitted::Yes,
            InvalidationPending => Permitted::Warn(INVALIDATION),
            FiledUnpublished | Published | InExam => Permitted::Warn(VARIETY_PENDING),
            _ => Permitted::No(NOT_OF_KIND),
        },
        AssetKind::TradeSecret | AssetKind::OtherTech => match status {
            Unregistered => Permitted::Yes,
            _ => Permitted::No(NOT_OF_KIND),
        },
        AssetKind::BioNewDrug => match status {
            Registered | Unregistered => Permitted::Yes,
            _ => Permitted::No(NOT_OF_KIND),
        },
    }
}

/// Whether it may be licensed; as for title but for what is not granted yet, or in its grace period.
fn licence(status: LegalStatus, kind: AssetKind) -> Permitted {
    use LegalStatus::{AnnuityGrace, FiledUnpublished, Granted, InExam, InvalidationPending, PartiallyInvalid, Published};
    match (kind, status) {
        (AssetKind::Invention | AssetKind::UtilityModel | AssetKind::Design | AssetKind::PatentApplication, FiledUnpublished) => {
            Permitted::Warn(AS_SECRET)
        }
        (AssetKind::Invention | AssetKind::UtilityModel | AssetKind::Design, Published | InExam) => Permitted::Warn(BY_ANALOGY),
        (AssetKind::Invention | AssetKind::UtilityModel | AssetKind::Design, AnnuityGrace) => Permitted::Warn(NOT_RECORDABLE),
        (AssetKind::PatentApplication, Granted | AnnuityGrace | InvalidationPending | PartiallyInvalid) => Permitted::Warn(ALREADY_GRANTED),
        (AssetKind::PlantVariety, FiledUnpublished | Published | InExam) => Permitted::No(NOT_GRANTED),
        _ => title(status, kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::achievements::rules::fits;

    const MODES: [TransferMode; 3] = [TransferMode::Assignment, TransferMode::NonExclusiveLicence, TransferMode::Equity];

    /// `y`es, `w`arn, `n`o for assignment, licence and equity.
    fn row(status: LegalStatus, kind: AssetKind) -> String {
        MODES.into_iter().map(|mode| letter(permitted(status, kind, mode))).collect()
    }

    #[test]
    fn patents_and_applications_follow_the_table() {
        use LegalStatus::{
            Abandoned, AnnuityGrace, CeasedNonpayment, DeemedWithdrawn, Expired, FiledUnpublished, Granted, InExam, Invalidated,
            InvalidationPending, PartiallyInvalid, Published, Rejected, SecretPatent, Suspended, Withdrawn,
        };
        for (status, patent, application) in [
            (FiledUnpublished, "nwn", "www"),
            (Published, "nwn", "yyy"),
            (InExam, "nwn", "yyy"),
            (Granted, "yyy", "nwn"),
            (AnnuityGrace, "www", "nwn"),
            (Suspended, "nnn", "nnn"),
            (InvalidationPending, "www", "nwn"),
            (PartiallyInvalid, "www", "nwn"),
            (Invalidated, "nnn", "nnn"),
            (CeasedNonpayment, "nnn", "nnn"),
            (Abandoned, "nnn", "nnn"),
            (Expired, "nnn", "nnn"),
            (Rejected, "nnn", "nnn"),
            (Withdrawn, "nnn", "nnn"),
            (DeemedWithdrawn, "nnn", "nnn"),
            (SecretPatent, "nnn", "nnn"),
        ] {
            for kind in [AssetKind::Invention, AssetKind::UtilityModel, AssetKind::Design] {
                assert_eq!(row(status, kind), patent, "{status:?} {kind:?}");
            }
            assert_eq!(row(status, AssetKind::PatentApplication), application, "{status:?}");
        }
    }

    #[test]
    fn other_rights_pass_when_they_are_what_they_should_be() {
        use LegalStatus::{Granted, InExam, Registered, Unregistered};
        for (kind, status, expected) in [
            (AssetKind::Software, Registered, "yyy"),
            (AssetKind::Software, Unregistered, "www"),
            (AssetKind::Software, Granted, "nnn"),
            (AssetKind::IcLayout, Registered, "yyy"),
            (AssetKind::PlantVariety, Granted, "yyy"),
            (AssetKind::PlantVariety, InExam, "wnn"),
            (AssetKind::TradeSecret, Unregistered, "yyy"),
            (AssetKind::TradeSecret, Registered, "nnn"),
            (AssetKind::OtherTech, Unregistered, "yyy"),
            (AssetKind::BioNewDrug, Registered, "yyy"),
        ] {
            assert_eq!(row(status, kind), expected, "{kind:?} {status:?}");
        }
    }

    fn letter(permitted: Permitted) -> char {
        match permitted {
            Permitted::Yes => 'y',
            Permitted::Warn(_) => 'w',
            Permitted::No(_) => 'n',
        }
    }

    #[test]
    fn licences_are_recorded_and_opened_as_the_table_says() {
        use LegalStatus::{
            Abandoned, AnnuityGrace, CeasedNonpayment, DeemedWithdrawn, Expired, FiledUnpublished, Granted, InExam, Invalidated,
            InvalidationPending, PartiallyInvalid, Published, Rejected, SecretPatent, Suspended, Withdrawn,
        };
        // Recordal and declaration of a patent, recordal of an application.
        for (status, expected) in [
            (FiledUnpublished, "nnn"),
            (Published, "wny"),
            (InExam, "wny"),
            (Granted, "yyw"),
            (AnnuityGrace, "nnn"),
            (Suspended, "nnn"),
            (InvalidationPending, "www"),
            (PartiallyInvalid, "www"),
            (Invalidated, "nnn"),
            (CeasedNonpayment, "nnn"),
            (Abandoned, "nnn"),
            (Expired, "nnn"),
            (Rejected, "nnn"),
            (Withdrawn, "nnn"),
            (DeemedWithdrawn, "nnn"),
            (SecretPatent, "nnn"),
        ] {
            for kind in [AssetKind::Invention, AssetKind::UtilityModel, AssetKind::Design] {
                let both = [recordable(status, kind), openable(status, kind), recordable(status, AssetKind::PatentApplication)];
                assert_eq!(both.map(letter).into_iter().collect::<String>(), expected, "{status:?} {kind:?}");
            }
            assert_eq!(letter(openable(status, AssetKind::PatentApplication)), 'n', "{status:?}");
        }
    }

    #[test]
    fn what_no_registry_records_is_not_recorded_and_only_patents_are_opened() {
        use LegalStatus::{Granted, Registered, Unregistered};
        for (kind, status, recorded) in [
            (AssetKind::Software, Registered, 'y'),
            (AssetKind::Software, Unregistered, 'w'),
            (AssetKind::IcLayout, Registered, 'n'),
            (AssetKind::PlantVariety, Granted, 'n'),
            (AssetKind::TradeSecret, Unregistered, 'n'),
            (AssetKind::OtherTech, Unregistered, 'n'),
            (AssetKind::BioNewDrug, Registered, 'n'),
        ] {
            assert_eq!((letter(recordable(status, kind)), letter(openable(status, kind))), (recorded, 'n'), "{kind:?} {status:?}");
        }
    }

    #[test]
    fn a_status_that_is_not_of_the_kind_permits_nothing() {
        for kind in AssetKind::ALL {
            for status in LegalStatus::ALL {
                if !fits(*kind, *status) {
                    assert_eq!(row(*status, *kind), "nnn", "{kind:?} {status:?}");
                }
            }
        }
    }

    #[test]
    fn equity_is_never_looser_than_title_or_licence() {
        let strictness = |permitted| match permitted {
            Permitted::Yes => 0,
            Permitted::Warn(_) => 1,
            Permitted::No(_) => 2,
        };
        for kind in AssetKind::ALL {
            for status in LegalStatus::ALL {
                let [title, licence, equity] = MODES.map(|mode| strictness(permitted(*status, *kind, mode)));
                assert_eq!(equity, title.max(licence), "{kind:?} {status:?}");
            }
        }
    }
}
