//! Licences that are given for each other (交叉许可): two, of which each is held against the register by itself.

use entity::ids::OrganisationId;
use entity::licences::licence_grant;

use super::grant::{self, NewGrantee};
use crate::platform::problem::{Faults, Problem};

/// Refuses to enter a licence as given for another that was not given by its holder to its licensor, does not stand, or was given for one
/// already.
pub fn may_be_given_for(
    counterpart: Option<&licence_grant::Model>,
    (licensor, grantee): (OrganisationId, &NewGrantee),
    (is_crossed, today): (bool, chrono::NaiveDate),
) -> Result<(), Problem> {
    let is_mutual = counterpart.is_some_and(|other| {
        other.grantee_id == Some(licensor) && grantee.organisation_id == Some(other.licensor_id) && grant::stands(other, today)
    });
    Faults::new()
        .require(
            is_mutual,
            "/counterpart_id",
            "unknown",
            "没有被许可人许可贵方的有效许可",
            "there is no such licence from its holder to you that stands",
        )
        // Only who knows of a licence is told what it was given for.
        .require(
            !(is_mutual && is_crossed),
            "/counterpart_id",
            "repeated",
            "该许可已与另一许可互为对价",
            "that licence was given for another already",
        )
        .done()
}
