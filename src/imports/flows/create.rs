//! Uploading a file and starting its import.

use entity::imports::{ImportState, import_job};
use futures_util::{Stream, StreamExt};
use uuid::Uuid;

use super::super::http::CreateImport;
use super::super::rules::{self, Survey, Surveyed};
use super::super::store;
use super::super::views::NewImport;
use super::RUN;
use crate::documents::flows::{cover, discard, settle};
use crate::documents::rules::new_version;
use crate::house::{Done, House, Tx};
use crate::identity;
use crate::platform::access::{Context, Permit, Seat};
use crate::platform::db;
use crate::platform::keys::hex;
use crate::platform::problem::{Code, Problem};

/// A file in the store that no row names yet.
#[derive(Clone, Debug)]
struct Received {
    stored_as: String,
    size: i64,
    sha256: [u8; 32],
    found: Surveyed,
}

/// Takes a file in and starts its import.
pub async fn create<S, B>(
    house: &House,
    mut by: Context,
    _: &Permit<CreateImport>,
    new: NewImport,
    declared: &str,
    content: S,
) -> Result<Done<import_job::Model>, Problem>
where
    S: Stream<Item = Result<B, Problem>> + Unpin,
    B: AsRef<[u8]>,
{
    new_version(&new.file_name)?;
    // Who may not import need not send the file.
    verified(&by)?;
    let received = receive(house, &new, declared, content).await?;
    cover(&mut by, &[&received.found.format.code(), &hex(&received.sha256)]);
    let (files, stored_as, house) = (house.files.clone(), received.stored_as.clone(), house.clone());
    let deed = async move {
        house.write(&by, (new, received), |tx, (new, received)| async move { create_within(&tx, new, received).await }).await
    };
    settle(files, stored_as, file_of, deed).await
}

/// The file that an import names.
fn file_of(job: &import_job::Model) -> &str {
    &job.stored_as
}

fn verified(by: &Context) -> Result<&Seat, Problem> {
    let seat = by.seat()?;
    if seat.verified { Ok(seat) } else { Err(Code::OrganisationNotVerified.into()) }
}

/// Streams a file into the store, looking it over on the way.
async fn receive<S, B>(house: &House, new: &NewImport, declared: &str, content: S) -> Result<Received, Problem>
where
    S: Stream<Item = Result<B, Problem>> + Unpin,
    B: AsRef<[u8]>,
{
    let stored_as = house.world.secret_id::<Uuid>().simple().to_string();
    let mut survey = Survey::new(new.kind, rules::format_of(declared)?, house.config.import_rows);
    let looked_over = content.map(|chunk| {
        let chunk = chunk?;
        survey.feed(chunk.as_ref())?;
        Ok::<B, Problem>(chunk)
    });
    let stored = house.files.put(&stored_as, looked_over, house.config.document_limit).await?;
    match survey.finish() {
        Ok(found) => {
            let size = i64::try_from(stored.size).map_err(|_| Code::TooLarge)?;
            Ok(Received { stored_as, size, sha256: stored.sha256, found })
        }
        Err(problem) => {
            discard(&house.files, &stored_as).await;
            Err(problem)
        }
    }
}

async fn create_within(tx: &Tx, new: NewImport, received: Received) -> Result<import_job::Model, Problem> {
    let organisation_id = verified(&tx.by)?.organisation;
    let (person, session) = {
        let actor = tx.by.actor()?;
        (actor.person, actor.session()?)
    };
    // Two calls at once must not both find room for one more.
    identity::store::hold_organisation(tx.conn(), organisation_id).await?;
    rules::may_start(store::under_way(tx.conn(), organisation_id).await?)?;
    let Received { stored_as, size, sha256, found } = received;
    let job = import_job::Model {
        id: tx.id(),
        organisation_id,
        kind: new.kind,
        format: found.format,
        rehearse: new.rehearse.unwrap_or(false),
        file_name: new.file_name,
        stored_as,
        sha256: sha256.to_vec(),
        size,
        header: found.header.into(),
        state: ImportState::Waiting,
        state_reason: None,
        rows_total: found.rows,
        accepted: 0,
        unchanged: 0,
        refused: 0,
        next_offset: found.starts_at,
        next_line: found.starts_on,
        step: tx.id(),
        created_by: person,
        acting_person: person,
        acting_session: session,
        created_at: tx.now,
        ended_at: None,
    };
    db::insert(tx.conn(), job.clone()).await?;
    tx.created("import", job.id, &job);
    tx.arm(RUN, job.step, tx.now);
    Ok(job)
}
