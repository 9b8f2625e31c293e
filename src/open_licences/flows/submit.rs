//! Handing a declaration in.

use entity::ids::OpenLicenceId;
use entity::open_licences::open_licence;

use super::look::{Sight, look};
use super::{held, record};
use crate::documents::views::DocumentRef;
use crate::house::{Done, House, Tx};
use crate::notices::rules::attachment::{Attachment, AttachmentKind};
use crate::notices::rules::canonical;
use crate::open_licences::http::SubmitOpenLicence;
use crate::open_licences::rules::gates;
use crate::open_licences::rules::machine::{self, Deed, Submission};
use crate::open_licences::rules::notice::{Announcement, licence_notice};
use crate::open_licences::rules::terms::fee_of;
use crate::platform::access::{Context, Permit};
use crate::platform::problem::{Code, Problem};

/// Hands a declaration in, through the gates; the text of its notice is drawn up and frozen.
pub async fn submit(
    house: &House,
    by: &Context,
    permit: Permit<SubmitOpenLicence>,
    id: OpenLicenceId,
) -> Result<Done<open_licence::Model>, Problem> {
    house.write(by, (permit, id), |tx, (permit, id)| async move { Box::pin(submit_within(&tx, &permit, id)).await }).await
}

async fn submit_within(tx: &Tx, permit: &Permit<SubmitOpenLicence>, id: OpenLicenceId) -> Result<open_licence::Model, Problem> {
    let held = held(tx, permit, id).await?;
    machine::require(&held, Deed::Submit)?;
    let sight = look(tx, &held).await?;
    gates::submission(&sight.case(&held, tx.now))?;
    let rules = serde_json::to_value(&sight.rules).map_err(|_| Code::Internal)?;
    let new = Submission { rules, text: drawn_up(&held, &sight)? };
    let next = machine::submitted(&held, tx.by.actor()?.person, new, tx.now)?;
    record(tx, &held, &next).await?;
    Ok(next)
}

/// The text of the notice.
fn drawn_up(held: &open_licence::Model, sight: &Sight) -> Result<String, Problem> {
    let kept = [(AttachmentKind::Evaluation, &held.evaluation_document), (AttachmentKind::PledgeeConsent, &held.pledgee_consent_document)];
    let mut attachments = Vec::new();
    for (kind, document) in kept {
        attachments.extend(DocumentRef::kept(document.as_ref())?.map(|document| Attachment { kind, document }));
    }
    let content = licence_notice(&Announcement {
        held,
        fee: &fee_of(held)?,
        patentee: &sight.patentee,
        achievement: &sight.achievement,
        patent: &sight.patent,
        attachments: &attachments,
        rules: &sight.rules,
    });
    Ok(canonical(&content))
}
