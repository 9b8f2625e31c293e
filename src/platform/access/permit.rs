//! The proof that a caller may call an operation, and the question whether over this very thing.

use std::marker::PhantomData;

use entity::ids::{OrganisationId, PersonId};

use super::{Actor, Allow, Caller, Permission, Scope, Who};
use crate::platform::problem::{Code, Problem};

/// Proof that the caller may call the operation `P`.
#[derive(Debug)]
pub struct Permit<P> {
    caller: Caller,
    operation: PhantomData<fn() -> P>,
}

impl<P> Clone for Permit<P> {
    fn clone(&self) -> Self {
        Self { caller: self.caller.clone(), operation: PhantomData }
    }
}

/// Something a right may be asked over.
pub trait Thing {
    /// The organisations it belongs to.
    fn owners(&self) -> Vec<OrganisationId>;

    /// The organisations it concerns, owners aside.
    fn parties(&self) -> Vec<OrganisationId> {
        Vec::new()
    }

    /// The person it is about.
    fn person(&self) -> Option<PersonId> {
        None
    }

    /// Whether everybody may know of it.
    fn is_public(&self) -> bool {
        false
    }
}

impl<P: Permission> Permit<P> {
    /// Grants the permit, or refuses with 401 or 403.
    pub fn grant(caller: &Caller) -> Result<Self, Problem> {
        let operation = P::OPERATION;
        if operation.allow.iter().any(|allow| concerns(allow.who, caller)) {
            return Ok(Self { caller: caller.clone(), operation: PhantomData });
        }
        match caller {
            Caller::Stranger => Err(Code::NotSignedIn.into()),
            Caller::Person(actor) if operation.allow.iter().any(|allow| awaits_factor(allow.who, actor)) => {
                Err(Code::SecondFactorRequired.into())
            }
            _ => Err(Code::Forbidden.into()),
        }
    }

    /// Asks about this very thing: 404 if the caller may not know of it, 403 if he may not do this to it.
    pub fn over(&self, thing: &impl Thing) -> Result<(), Problem> {
        let allowed = P::OPERATION.allow.iter().any(|allow| self.covers(allow, thing));
        if allowed {
            return Ok(());
        }
        let knows = thing.is_public()
            || self.is_staff()
            || self.belongs(&thing.owners())
            || self.belongs(&thing.parties())
            || self.is(thing.person());
        let refusal = Problem::from(if knows { Code::Forbidden } else { Code::NotFound });
        Err(Problem { denied: true, ..refusal })
    }

    fn covers(&self, allow: &Allow, thing: &impl Thing) -> bool {
        concerns(allow.who, &self.caller)
            && match allow.scope {
                Scope::Any => true,
                Scope::Own => self.belongs(&thing.owners()),
                Scope::Party => self.belongs(&thing.parties()) || self.belongs(&thing.owners()),
                Scope::Public => thing.is_public(),
                Scope::Self_ => self.is(thing.person()),
            }
    }

    fn belongs(&self, organisations: &[OrganisationId]) -> bool {
        matches!(&self.caller, Caller::Person(actor) if actor.organisation().is_some_and(|own| organisations.contains(&own)))
    }

    fn is(&self, person: Option<PersonId>) -> bool {
        matches!(&self.caller, Caller::Person(actor) if Some(actor.person) == person)
    }

    fn is_staff(&self) -> bool {
        matches!(&self.caller, Caller::Person(actor) if actor.staff.is_some())
    }
}

/// Whether an officer would be allowed, had he proved the second factor.
fn awaits_factor(who: Who, actor: &Actor) -> bool {
    matches!(who, Who::Staff(roles) if actor.unproved_staff.is_some_and(|role| roles.contains(&role)))
}

/// Whether a way to be allowed is meant for this caller at all.
fn concerns(who: Who, caller: &Caller) -> bool {
    match (who, caller) {
        (_, Caller::System) | (Who::Anyone, _) | (Who::SignedIn, Caller::Person(_)) => true,
        (Who::Members(roles), Caller::Person(actor)) => {
            actor.seat.as_ref().is_some_and(|seat| seat.roles.iter().any(|role| roles.contains(role)))
        }
        (Who::Staff(roles), Caller::Person(actor)) => actor.staff.is_some_and(|role| roles.contains(&role)),
        (_, Caller::Stranger) => false,
    }
}
