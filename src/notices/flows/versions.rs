//! The versions of a notice's text, what they differ in, and what is proposed about a notice.

use std::collections::HashMap;

use entity::ids::{NoticeId, NoticeProposalId};
use entity::notices::{NoticeProposalKind, notice, notice_proposal, notice_takedown, notice_version};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::proposals::decider_of;
use super::{is_insider, parsed};
use crate::house::House;
use crate::notices::http::{ListNoticeProposals, OPERATIONS};
use crate::notices::rules::barred;
use crate::notices::rules::difference::{Difference, differences, differences_for_people};
use crate::notices::rules::proposal::{Decider, decisions_open_to};
use crate::notices::rules::takedown::taken_out;
use crate::notices::store;
use crate::notices::views::{NoticeDifference, NoticeProposalView, NoticeVersionSummary, NoticeVersionView};
use crate::platform::access::{self, Caller, Context, Permission, Permit};
use crate::platform::http::{Page, PageQuery};
use crate::platform::problem::{Code, Problem};

/// The notice, where the caller may read its text.
async fn readable<P: Permission>(house: &House, by: &Context, permit: &Permit<P>, id: NoticeId) -> Result<notice::Model, Problem> {
    let found = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    if found.taken_down_at.is_some() && !is_insider(by, &found) {
        let away = store::away_now(house.db.read(), id).await?.ok_or(Code::Internal)?;
        return Err(Code::TakenDown.with("taken_down_at", away.taken_down_at).with("reason", &away.reason));
    }
    Ok(found)
}

/// Every version, the first first.
pub async fn versions<P: Permission>(
    house: &House,
    by: &Context,
    permit: &Permit<P>,
    id: NoticeId,
) -> Result<Vec<NoticeVersionSummary>, Problem> {
    let found = readable(house, by, permit, id).await?;
    let all = All::of(house, by, &found).await?;
    all.texts.iter().map(|text| all.told(&found, text)).collect()
}

/// A version, and what it differs in from the one before, as people read it.
pub struct Told {
    /// The version.
    pub summary: NoticeVersionSummary,
    /// Every place where it differs; none of the first, nor where what stood before is not for everybody.
    pub differences: Vec<Difference>,
}

/// Every version with what it differs in from the one before, the first first.
pub async fn course<P: Permission>(house: &House, by: &Context, permit: &Permit<P>, id: NoticeId) -> Result<Vec<Told>, Problem> {
    let found = readable(house, by, permit, id).await?;
    let all = All::of(house, by, &found).await?;
    let mut before: Option<&notice_version::Model> = None;
    let mut told = Vec::with_capacity(all.texts.len());
    for text in &all.texts {
        let differences = match before.replace(text) {
            Some(earlier) if !all.withheld.also_before(text.version) => differences_for_people(&parsed(earlier)?, &parsed(text)?),
            _ => Vec::new(),
        };
        told.push(Told { summary: all.told(&found, text)?, differences });
    }
    Ok(told)
}

/// Every version of a notice, and how each came about.
struct All {
    texts: Vec<notice_version::Model>,
    made: HashMap<i64, notice_proposal::Model>,
    withheld: Withheld,
}

impl All {
    async fn of(house: &House, by: &Context, notice: &notice::Model) -> Result<Self, Problem> {
        let made = made_by(house, notice.id).await?;
        let mut texts = store::versions(house.db.read(), vec![notice.id]).await?;
        texts.sort_by_key(|text| text.version);
        let withheld = Withheld::of(house, by, notice, &made).await?;
        Ok(Self { texts, made, withheld })
    }

    /// A version as the caller may read it.
    fn told(&self, notice: &notice::Model, text: &notice_version::Model) -> Result<NoticeVersionSummary, Problem> {
        let summary = NoticeVersionSummary::of(notice, text, self.made.get(&text.version))?;
        Ok(if self.withheld.also_before(text.version) { summary.without_changes() } else { summary })
    }
}

/// What of earlier texts is not for everybody: what a page was taken away for stays away, when an erratum takes it out before it is put
/// back.
struct Withheld {
    /// The version by which it was taken out, and why the page was away.
    by: Option<(i64, notice_takedown::Model)>,
}

impl Withheld {
    async fn of(house: &House, by: &Context, notice: &notice::Model, made: &HashMap<i64, notice_proposal::Model>) -> Result<Self, Problem> {
        if is_insider(by, notice) {
            return Ok(Self { by: None });
        }
        let away = store::takedowns(house.db.read(), vec![notice.id]).await?;
        Ok(Self { by: taken_out(&away, made.values()) })
    }

    /// Refuses a version that is not for everybody.
    fn check(&self, version: i64) -> Result<(), Problem> {
        match &self.by {
            Some((first, away)) if version < *first => {
                Err(Code::TakenDown.with("taken_down_at", away.taken_down_at).with("reason", &away.reason))
            }
            _ => Ok(()),
        }
    }

    /// Whether what an erratum changed to this version tells what stood before.
    fn also_before(&self, version: i64) -> bool {
        self.by.as_ref().is_some_and(|(first, _)| version <= *first)
    }
}

/// What made the versions of a notice, by their numbers.
async fn made_by(house: &House, id: NoticeId) -> Result<HashMap<i64, notice_proposal::Model>, Problem> {
    let all = store::proposals_that_made(house.db.read(), id).await?;
    Ok(all.into_iter().filter_map(|proposal| Some((proposal.made_version?, proposal))).collect())
}

/// One version.
pub async fn version<P: Permission>(
    house: &House,
    by: &Context,
    permit: &Permit<P>,
    id: NoticeId,
    version: i64,
) -> Result<NoticeVersionView, Problem> {
    let found = readable(house, by, permit, id).await?;
    let made = made_by(house, id).await?;
    let withheld = Withheld::of(house, by, &found, &made).await?;
    withheld.check(version)?;
    let text = text_of(house, id, version).await?;
    let summary = NoticeVersionSummary::of(&found, &text, made.get(&version))?;
    let summary = if withheld.also_before(version) { summary.without_changes() } else { summary };
    Ok(NoticeVersionView { summary, content: parsed(&text)?, content_text: text.content })
}

async fn text_of(house: &House, id: NoticeId, version: i64) -> Result<notice_version::Model, Problem> {
    store::version(house.db.read(), id, version).await?.ok_or_else(|| Code::NotFound.into())
}

/// What two versions differ in; without `from` the one before `to`, without `to` the one that stands.
pub async fn difference<P: Permission>(
    house: &House,
    by: &Context,
    permit: &Permit<P>,
    id: NoticeId,
    from: Option<i64>,
    to: Option<i64>,
) -> Result<NoticeDifference, Problem> {
    let found = readable(house, by, permit, id).await?;
    let to = to.unwrap_or(found.current_version);
    let from = from.unwrap_or_else(|| to.saturating_sub(1).max(1));
    let withheld = Withheld::of(house, by, &found, &made_by(house, id).await?).await?;
    withheld.check(from.min(to))?;
    let (before, after) = (text_of(house, id, from).await?, text_of(house, id, to).await?);
    Ok(NoticeDifference { from, to, changes: differences(&parsed(&before)?, &parsed(&after)?) })
}

/// What was proposed about a notice, the newest first.
pub async fn proposals(
    house: &House,
    by: &Context,
    permit: &Permit<ListNoticeProposals>,
    id: NoticeId,
    page: &PageQuery,
) -> Result<Page<NoticeProposalView>, Problem> {
    let found = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    let rows = store::proposals(house.db.read(), id, page).await?;
    let decider = decider(house, by, &found).await?;
    page.page(rows, |row| (row.proposed_at, Uuid::from(row.id)), |row| told(by, &found, decider, &row))
}

/// A proposal after a deed, as the caller is told of it.
pub async fn proposal_told(house: &House, by: &Context, id: NoticeProposalId) -> Result<NoticeProposalView, Problem> {
    let row = store::proposal(house.db.read(), id).await?.ok_or(Code::Internal)?;
    let found = store::find(house.db.read(), row.notice_id).await?.ok_or(Code::Internal)?;
    let decider = decider(house, by, &found).await?;
    Ok(told(by, &found, decider, &row))
}

/// A notice among whose barred persons is also whoever had a hand in a version of its text.
pub async fn with_hands(db: &impl ConnectionTrait, id: NoticeId, version: i64) -> Result<notice::Model, Problem> {
    let found = store::find(db, id).await?.ok_or(Code::Internal)?;
    // Whoever agreed anew had a hand in every text after that; nobody has one in what opens by itself.
    let is_of_it = |proposal: &notice_proposal::Model| match proposal.kind {
        NoticeProposalKind::Revision => proposal.made_version <= Some(version),
        NoticeProposalKind::Erratum | NoticeProposalKind::Withdrawal => proposal.made_version == Some(version),
        NoticeProposalKind::Opening => false,
    };
    let made = store::proposals_that_made(db, id).await?.into_iter().filter(is_of_it);
    let mut persons = barred(&found.barred_persons)?;
    persons.extend(made.into_iter().flat_map(|made| [Some(made.proposed_by), made.decided_by]).flatten());
    Ok(notice::Model { barred_persons: serde_json::to_value(persons).map_err(|_| Code::Internal)?, ..found })
}

async fn decider(house: &House, by: &Context, notice: &notice::Model) -> Result<Option<Decider>, Problem> {
    match &by.caller {
        Caller::Person(actor) => decider_of(house.db.read(), actor, notice).await.map(Some),
        Caller::Stranger | Caller::System => Ok(None),
    }
}

fn told(by: &Context, notice: &notice::Model, decider: Option<Decider>, row: &notice_proposal::Model) -> NoticeProposalView {
    let open = decider.map_or_else(Vec::new, |decider| decisions_open_to(row, notice, decider));
    NoticeProposalView::of(row, access::allowed(OPERATIONS, &by.caller, row, &open))
}
