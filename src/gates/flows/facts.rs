//! What an organisation declares of itself, and all that is known of it.

use entity::gates::organisation_facts;
use entity::ids::OrganisationId;

use super::{about, tell};
use crate::gates::http::{DeclareOrganisationFacts, ReadOrganisationStanding};
use crate::gates::rules::catalogue::plain;
use crate::gates::rules::declared::{NewOrganisationFacts, facts_said_well};
use crate::gates::rules::party;
use crate::gates::store;
use crate::gates::views::{OrganisationStandingView, StandingOf};
use crate::house::{Done, House, Tx};
use crate::identity;
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// An organisation declares of itself; the last declaration counts.
pub async fn declare_facts(
    house: &House,
    by: &Context,
    permit: Permit<DeclareOrganisationFacts>,
    id: OrganisationId,
    new: NewOrganisationFacts,
) -> Result<Done<organisation_facts::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { declare_within(&tx, &permit, id, &new).await }).await
}

async fn declare_within(
    tx: &Tx,
    permit: &Permit<DeclareOrganisationFacts>,
    id: OrganisationId,
    new: &NewOrganisationFacts,
) -> Result<organisation_facts::Model, Problem> {
    about(tx, permit, id).await?;
    facts_said_well(new)?;
    // Two who declare at once are told apart by their numbers; the key on them lets one through.
    identity::store::hold_organisation(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    let number = store::facts(tx.conn(), id).await?.map_or(1, |last| last.number + 1);
    let row = organisation_facts::Model {
        id: tx.id(),
        organisation_id: id,
        number,
        established: new.established,
        foreign_control: new.foreign_control,
        foreign_beneficial_bp: new.foreign_beneficial_bp,
        data_leaves: new.data_leaves,
        representative: hidden(tx, "facts.representative", new.legal_representative.as_deref()),
        controller: hidden(tx, "facts.controller", new.controller.as_deref()),
        address: hidden(tx, "facts.address", new.address.as_deref()),
        phone: hidden(tx, "facts.phone", new.phone.as_deref()),
        bank_account: hidden(tx, "facts.bank_account", new.bank_account.as_deref()),
        declared_by: tx.by.actor()?.person,
        declared_at: tx.now,
    };
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("organisation_facts", row.id, &row);
    tell(tx, id)?;
    Ok(row)
}

/// What stands for a text that is compared and never read, however it is spaced and capitalised.
fn hidden(tx: &Tx, purpose: &str, text: Option<&str>) -> Option<Vec<u8>> {
    text.map(|text| tx.house.keys.blind(purpose, plain(text).as_bytes()).to_vec())
}

/// All that is known of an organisation for the gates.
pub async fn standing(
    house: &House,
    permit: &Permit<ReadOrganisationStanding>,
    id: OrganisationId,
) -> Result<OrganisationStandingView, Problem> {
    let db = house.db.read();
    let found = identity::store::organisation(db, id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    let facts = store::facts(db, id).await?;
    let counts = house.rules_at(house.world.now(), |rules, on| rules.basis_points("foreign_beneficial_share", None, on))?;
    let of = StandingOf {
        organisation: id,
        signs: party::signs(facts.as_ref(), counts),
        facts,
        relations: store::relations(db, id).await?,
        restrictions: store::restrictions(db, &[id]).await?,
    };
    Ok(OrganisationStandingView::from(of))
}
