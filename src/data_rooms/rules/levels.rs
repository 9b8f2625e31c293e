//! What may lie at which level.
//!
//! Trade secrets lose their protection once everybody may read them, and what an application that is not published describes is nobody's to
//! read (Patent Law art. 21, Regulations of the SPC on technology contracts art. 1): of these everybody, and every member of an organisation,
//! reads what the technology does and never how.

use entity::achievements::{AssetKind, LegalStatus};
use entity::data_rooms::Disclosure;
use entity::documents::Confidentiality;

use crate::achievements::store::AssetFacts;
use crate::data_rooms::stamps::{Markable, Unmarkable};
use crate::platform::problem::{Code, Fault, Faults, Problem};

/// Whether what a right consists in is not public.
pub fn is_secret(right: &AssetFacts) -> bool {
    use LegalStatus::{FiledUnpublished, SecretPatent};
    let asset = &right.asset;
    let is_unpublished = asset.kind == AssetKind::PatentApplication && asset.publication_number.is_none();
    let status = right.status.as_ref().map(|read| read.status);
    asset.kind == AssetKind::TradeSecret || is_unpublished || matches!(status, Some(FiledUnpublished | SecretPatent))
}

/// A document that is to be laid out.
#[derive(Clone, Copy, Debug)]
pub struct Placing {
    /// For whom it is.
    pub level: Confidentiality,
    /// How much it tells.
    pub disclosure: Disclosure,
    /// Whether its owner lets it be handed out without a watermark.
    pub unmarked: bool,
    /// Who may read it elsewhere.
    pub own: Confidentiality,
    /// Whether anything that is offered is secret.
    pub is_secret: bool,
    /// What of a watermark it can bear, and whether it does.
    pub marking: Option<(Markable, Result<(), Unmarkable>)>,
}

/// Whether content at a level bears a watermark as it is handed out.
pub fn bears_watermark(level: Confidentiality, unmarked: bool) -> bool {
    matches!(level, Confidentiality::Nda | Confidentiality::DataRoom) && !unmarked
}

/// Whether a document may lie where it is to.
pub fn placed(new: &Placing) -> Result<(), Problem> {
    use Confidentiality::{DataRoom, Private, Public, Registered};
    let is_wide = matches!(new.level, Public | Registered);
    let mut faults = Faults::new();
    faults
        .require(new.level != Private, "/level", "no_level", "资料室没有此密级", "is no level of a room")
        .require(
            new.own >= new.level,
            "/level",
            "read_elsewhere",
            "该文件本身的密级低于所选密级，他处即可查阅",
            "the document itself is open to more people than this: they read it elsewhere",
        )
        .require(
            !(is_wide && new.is_secret && new.disclosure == Disclosure::Substance),
            "/level",
            "secret",
            "技术秘密和未公开申请的实质内容不得公开或者向注册用户开放",
            "how a trade secret or an unpublished application works is read under an agreement, or in the room",
        )
        .require(
            !new.unmarked || new.level == DataRoom,
            "/unmarked",
            "not_here",
            "仅 data_room 级可不加水印",
            "only what is at the level of the room is handed out unmarked",
        );
    marks(&mut faults, *new);
    faults.done()
}

/// Whether it bears its watermark: whatever could bear one must, at every level, for it may be moved; other files lie in the room alone, where
/// their owner lets them go without.
fn marks(faults: &mut Faults, new: Placing) {
    let bears = bears_watermark(new.level, new.unmarked);
    match new.marking {
        Some((_, Err(Unmarkable::Encrypted))) => {
            faults.push(Fault::new("/document_id", "encrypted", "文件已加密，不能放入资料室", "is encrypted, and cannot lie in a room"));
        }
        Some((_, Err(Unmarkable::TooLarge))) => {
            faults.push(Fault::new(
                "/document_id",
                "too_large",
                "页数过多或图像过大，不能加水印",
                "has too many pages or pixels to bear a watermark",
            ));
        }
        Some((_, Err(Unmarkable::Broken))) => {
            faults.push(Fault::new("/document_id", "broken", "文件无法读取，不能放入资料室", "cannot be read, and so bears no watermark"));
        }
        Some((_, Ok(()))) => {}
        None => {
            faults.require(
                !bears,
                "/document_id",
                "bears_none",
                "此类文件不能加水印：请改用 PDF 或图像，或在 data_room 级由权利人明示同意不加水印",
                "cannot bear a watermark: use a PDF or a picture, or let it go unmarked at the level of the room",
            );
        }
    }
}

/// Refuses a document that changed while its watermark was tried.
pub fn as_tried(tried: Option<&[u8]>, found: &[u8]) -> Result<(), Problem> {
    match tried {
        Some(tried) if tried != found => Err(Code::Busy.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use Confidentiality::{DataRoom, Nda, Private, Public, Registered};
    use proptest::prelude::*;

    use super::*;

    const PDF: Option<(Markable, Result<(), Unmarkable>)> = Some((Markable::Pdf, Ok(())));

    fn new(level: Confidentiality) -> Placing {
        Placing { level, disclosure: Disclosure::Substance, unmarked: false, own: Private, is_secret: true, marking: PDF }
    }

    fn wrong(new: Placing) -> Vec<String> {
        placed(&new).err().map(|problem| problem.errors).unwrap_or_default().into_iter().map(|fault| fault.code).collect()
    }

    #[test]
    fn how_a_secret_works_is_read_under_an_agreement_or_in_the_room() {
        for level in [Public, Registered] {
            assert_eq!(wrong(new(level)), ["secret"]);
            assert!(wrong(Placing { disclosure: Disclosure::Abstract, ..new(level) }).is_empty(), "what it does is told");
            assert!(wrong(Placing { is_secret: false, ..new(level) }).is_empty());
        }
        assert!(wrong(new(Nda)).is_empty() && wrong(new(DataRoom)).is_empty());
        assert_eq!(wrong(new(Private)), ["no_level"]);
    }

    #[test]
    fn what_is_read_elsewhere_is_not_kept_here() {
        assert_eq!(wrong(Placing { own: Public, ..new(DataRoom) }), ["read_elsewhere"]);
        assert_eq!(wrong(Placing { own: Nda, ..new(DataRoom) }), ["read_elsewhere"]);
        assert!(wrong(Placing { own: DataRoom, ..new(Nda) }).is_empty());
    }

    #[test]
    fn what_bears_no_watermark_lies_in_the_room_alone_and_with_its_owners_leave() {
        let text = |level, unmarked| Placing { marking: None, unmarked, ..new(level) };
        assert_eq!(wrong(text(Nda, false)), ["bears_none"]);
        assert_eq!(wrong(text(DataRoom, false)), ["bears_none"]);
        assert!(wrong(text(DataRoom, true)).is_empty());
        assert_eq!(wrong(text(Nda, true)), ["not_here"]);
        for (why, code) in [(Unmarkable::Encrypted, "encrypted"), (Unmarkable::Broken, "broken"), (Unmarkable::TooLarge, "too_large")] {
            let odd = Placing { marking: Some((Markable::Pdf, Err(why))), unmarked: true, ..new(DataRoom) };
            assert_eq!(wrong(odd), [code], "no leave makes it sound");
        }
    }

    #[test]
    fn a_document_that_changed_meanwhile_is_tried_again() {
        assert!(as_tried(Some(&[1]), &[1]).is_ok() && as_tried(None, &[1]).is_ok());
        assert_eq!(as_tried(Some(&[1]), &[2]).unwrap_err().code, Code::Busy);
    }

    proptest! {
        /// Whatever may lie somewhere may lie, as far as secrets go, at every stricter level that is no stricter than the document itself.
        #[test]
        fn a_stricter_level_never_tells_more(level in 0_usize..4, stricter in 0_usize..4, is_secret: bool) {
            let levels = [Public, Registered, Nda, DataRoom];
            prop_assume!(stricter >= level);
            let at = |level| Placing { is_secret, ..new(level) };
            prop_assert!(!wrong(at(levels[level])).is_empty() || wrong(at(levels[stricter])).is_empty());
        }
    }
}
