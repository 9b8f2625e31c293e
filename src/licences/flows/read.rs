//! Reading licences, and asking the register who may use what.

use chrono::{DateTime, NaiveDate, Utc};
use entity::ids::{AssetId, LicenceGrantId};
use entity::licences::{LicenceMode, licence_grant};
use uuid::Uuid;

use crate::achievements;
use crate::house::House;
use crate::licences::http::{AskRegister, Holding, OPERATIONS, ReadLicence};
use crate::licences::rules::grant::{self, Deed};
use crate::licences::rules::matrix::{self, Proposed, Standing, Wish};
use crate::licences::rules::own_use;
use crate::licences::rules::scope::AskedUse;
use crate::licences::store::{self, Wanted};
use crate::licences::views::{AnsweredLicence, Grantable, LicenceDetail, LicenceStep, LicenceView, RegisterAnswer};
use crate::platform::access::{self, Caller, Context, Permit};
use crate::platform::http::{Page, PageQuery};
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// A page of the licences that the caller's organisation granted or holds; of all of them for officers.
pub async fn list(house: &House, wanted: &Wanted, page: &PageQuery) -> Result<Page<LicenceView>, Problem> {
    let rows = store::list(house.db.read(), wanted, page).await?;
    let mut of = store::assets_of(house.db.read(), rows.iter().map(|row| row.id)).await?;
    let mut told = Vec::with_capacity(rows.len());
    for row in rows {
        let assets = of.remove(&row.id).unwrap_or_default();
        told.push((row.created_at, Uuid::from(row.id), LicenceView::of(&row, assets)?));
    }
    page.page(told, |(at, id, _)| (*at, *id), |(.., view)| view)
}

/// Reads one, with what the caller may do.
pub async fn read(house: &House, by: &Context, permit: &Permit<ReadLicence>, id: LicenceGrantId) -> Result<LicenceDetail, Problem> {
    let found = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    told(house, by, &found).await
}

/// One as a party or an officer is told of it.
pub async fn told(house: &House, by: &Context, row: &licence_grant::Model) -> Result<LicenceDetail, Problem> {
    let db = house.db.read();
    let assets = store::assets_of(db, [row.id]).await?.remove(&row.id).unwrap_or_default();
    let (history, counterpart) = (store::history(db, row.id).await?, store::counterpart(db, row.id).await?);
    let open = grant::allowed(row, shanghai_date(house.world.now()));
    let (under, others): (Vec<_>, Vec<_>) = open.into_iter().partition(|deed| *deed == Deed::SubLicense.operation());
    let mut deeds = access::allowed(OPERATIONS, &by.caller, row, &others);
    deeds.extend(access::allowed(OPERATIONS, &by.caller, &Holding(row), &under));
    Ok(LicenceDetail {
        history: history.iter().map(LicenceStep::of).collect(),
        counterpart_id: counterpart,
        ..LicenceDetail::of(row, assets, deeds)?
    })
}

/// What the register is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// Which use.
    pub asked: AskedUse,
    /// On which day, in Shanghai; today where none is said.
    pub on: Option<NaiveDate>,
    /// As it was known at which instant; now where none is said.
    pub at: Option<DateTime<Utc>>,
}

/// Who may use a right so on a day, as the register stood at an instant; and what may still be granted of that.
pub async fn ask(
    house: &House,
    by: &Context,
    _: &Permit<AskRegister>,
    id: AssetId,
    question: &Question,
) -> Result<RegisterAnswer, Problem> {
    answer(house, by, id, question).await
}

/// What the register answers, to a caller who may ask it.
pub async fn answer(house: &House, by: &Context, id: AssetId, question: &Question) -> Result<RegisterAnswer, Problem> {
    let db = house.db.read();
    achievements::store::asset(db, id).await?.ok_or(Code::NotFound)?;
    let now = house.world.now();
    let at = question.at.map_or(now, |at| at.min(now));
    let on = question.on.unwrap_or_else(|| shanghai_date(at));
    let scope = question.asked.on(on)?;
    let found = store::standing(db, &[id], (at, on)).await?;
    let standing: Vec<Standing> = found.iter().map(|(_, standing)| standing.clone()).collect();
    let answered = found.iter().filter(|(_, standing)| standing.scope.meets(&scope)).map(|(row, standing)| {
        let is_known = sees_whole(by, row);
        AnsweredLicence::of(row, standing.scope.holds(&scope), is_known)
    });
    let grantable = [LicenceMode::NonExclusive, LicenceMode::Sole, LicenceMode::Exclusive].map(|mode| {
        let new = Proposed {
            wish: Wish::Licence(mode),
            assets: [id].into(),
            scope: scope.clone(),
            grantee: None,
            carve_outs: [].into(),
            waived: [].into(),
            is_proxy: false,
        };
        Grantable::of(mode, matrix::judged(&new, &standing))
    });
    Ok(RegisterAnswer {
        asset_id: id,
        on,
        at,
        licences: answered.collect::<Result<_, _>>()?,
        owner_may_use: own_use::may_use(&standing, &scope),
        grantable: grantable.into(),
    })
}

/// Whether a caller may know whose a licence is.
fn sees_whole(by: &Context, row: &licence_grant::Model) -> bool {
    match &by.caller {
        Caller::System => true,
        Caller::Stranger => false,
        Caller::Person(actor) => actor.staff.is_some() || store::is_party(row, actor.organisation()),
    }
}
