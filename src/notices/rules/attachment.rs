//! Documents that go with a public text, and the places where it is shown.

use serde_json::{Value, json};

use crate::documents::views::DocumentRef;

/// A document that goes with a notice: by its hash everybody knows which one it was, and may ask whose notice it is for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// What it is.
    pub kind: AttachmentKind,
    /// The document, as it was.
    pub document: DocumentRef,
}

/// What a document that goes with a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttachmentKind {
    /// What a price rests on.
    Basis,
    /// The decision of the unit.
    Decision,
    /// The consent of a co-owner.
    Consent,
    /// What cures an encumbrance.
    Cure,
    /// The evaluation report of a patent.
    Evaluation,
    /// The consent of a pledgee.
    PledgeeConsent,
}

/// The documents that go with a text, as it tells of them.
pub fn told(attachments: &[Attachment]) -> Vec<Value> {
    attachments.iter().map(one).collect()
}

fn one(of: &Attachment) -> Value {
    let (code, zh, en) = match of.kind {
        AttachmentKind::Basis => ("basis", "定价依据", "what the price rests on"),
        AttachmentKind::Decision => ("decision", "单位决策文件", "the decision of the unit"),
        AttachmentKind::Consent => ("consent", "共有人同意文件", "the consent of a co-owner"),
        AttachmentKind::Cure => ("cure", "权利负担处理文件", "what cures an encumbrance"),
        AttachmentKind::Evaluation => ("evaluation", "专利权评价报告", "the evaluation report of the patent"),
        AttachmentKind::PledgeeConsent => ("pledgee_consent", "质权人同意文件", "the consent of the pledgee"),
    };
    json!({"kind": code, "zh": zh, "en": en, "sha256": of.document.sha256})
}

/// Where a text is shown: here, and where that is so in the unit's own place.
pub fn places(in_unit: bool) -> Vec<Value> {
    let mut places = vec![json!({"zh": "网上技术市场（浙拍）", "en": "the technology market (Zhepai)"})];
    if in_unit {
        places.push(json!({"zh": "本单位", "en": "the unit's own place"}));
    }
    places
}
