//! What the public is told of a grant before anybody has it (赋权公示): achievement, team, and the share or the time of use.

use entity::achievements::achievement;
use entity::identity::organisation;
use entity::rights_grants::{GrantKind, rights_grant};
use serde_json::{Value, json};

use super::terms::TeamMember;
use crate::achievements::store::AssetFacts;
use crate::listings::rules::content::{parameters_told, public_achievement, public_asset, public_seller};
use crate::notices::rules::attachment::{self, Attachment};
use crate::notices::rules::objecting;
use crate::rulebook::rules::Snapshot;

/// The parameters a notice gives with their source, beside those by which objections are handled.
const ANNOUNCED: [&str; 2] = ["rights_grant_notice_period", "rights_grant_least_use"];

/// Who may object to a grant, and what waits for it.
const TO_OBJECT: objecting::Said = (
    "公示期内任何人可实名向本平台提出异议；异议办结前，不得签订赋权协议",
    "While this runs anybody may object on the platform, giving his name; until that is settled nothing is agreed with the team",
);

/// Everything the text is made from.
pub struct Announcement<'a> {
    /// What is granted.
    pub held: &'a rights_grant::Model,
    /// To whom.
    pub team: &'a [TeamMember],
    /// The unit.
    pub unit: &'a organisation::Model,
    /// The achievement.
    pub achievement: &'a achievement::Model,
    /// The rights.
    pub assets: &'a [AssetFacts],
    /// The unit's own decision.
    pub decision: Attachment,
    /// The rules.
    pub rules: &'a Snapshot,
}

/// The text of the notice. It names the team, since that is what is announced. Its title is that of the achievement.
pub fn grant_notice(of: &Announcement) -> Value {
    json!({
        "notice": {"zh": "赋权公示", "en": "Grant of rights"},
        "rights_grant_id": of.held.id,
        "title": of.achievement.title,
        "title_en": of.held.title_en.as_ref().or(of.achievement.title_en.as_ref()),
        "summary": of.held.summary,
        "summary_en": of.held.summary_en,
        "unit": public_seller(of.unit, of.rules),
        "granted": granted(of.held),
        "team": of.team,
        "achievement": public_achievement(of.achievement),
        "assets": of.assets.iter().map(public_asset).collect::<Vec<_>>(),
        "attachments": attachment::told(std::slice::from_ref(&of.decision)),
        "places": attachment::places(true),
        "objections": objecting::told(TO_OBJECT, objecting::PERIOD, of.rules),
        "rules": parameters_told(of.rules, |name| ANNOUNCED.contains(&name) || objecting::RULES.contains(&name)),
    })
}

fn granted(held: &rights_grant::Model) -> Value {
    match held.kind {
        GrantKind::OwnershipShare => {
            json!({"kind": held.kind, "zh": "所有权份额", "en": "a share of the ownership", "share_bp": held.share_bp})
        }
        GrantKind::LongTermUseRight => {
            json!({"kind": held.kind, "zh": "长期使用权", "en": "a right to use it for a long time", "months": held.use_months})
        }
    }
}
