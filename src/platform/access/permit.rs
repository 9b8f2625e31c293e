//! The proof that a caller may call an operation, and the question whether over this very thing.

use std::marker::PhantomData;

use entity::ids::{OrganisationId, PersonId};

use super::{Actor, Allow, Caller, Operation, Permission, Scope, Who};
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

/// A thing of the platform's own: no organisation has it, and only officers know of it.
pub struct OfPlatform;

impl Thing for OfPlatform {
    fn owners(&self) -> Vec<OrganisationId> {
        Vec::new()
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
        let caller = &self.caller;
        if may(&P::OPERATION, caller, thing) {
            return Ok(());
        }
        let knows = thing.is_public()
            || is_staff(caller)
            || belongs(caller, &thing.owners())
            || belongs(caller, &thing.parties())
            || is(caller, thing.person());
        let refusal = Problem::from(if knows { Code::Forbidden } else { Code::NotFound });
        Err(Problem { denied: true, ..refusal })
    }
}

/// Whether a caller has the right to call an operation on this very thing; what a permit asks, as a question.
pub fn may(operation: &Operation, caller: &Caller, thing: &impl Thing) -> bool {
    operation.allow.iter().any(|allow| covers(allow, caller, thing))
}

/// The deeds a caller may do to this very thing now, by id: those of the operations that are `open` by the
/// thing's state and rules, and that he has the right to.
pub fn allowed(operations: &[Operation], caller: &Caller, thing: &impl Thing, open: &[&'static str]) -> Vec<String> {
    let key = if let Caller::Person(actor) = caller { actor.key() } else { None };
    let for_key = |operation: &Operation| key.is_none_or(|key| key.names(operation.keys));
    let theirs = operations.iter().filter(|operation| open.contains(&operation.id) && for_key(operation) && may(operation, caller, thing));
    theirs.map(|operation| operation.id.to_owned()).collect()
}

fn covers(allow: &Allow, caller: &Caller, thing: &impl Thing) -> bool {
    concerns(allow.who, caller)
        && match allow.scope {
            Scope::Any => true,
            Scope::Own => belongs(caller, &thing.owners()),
            Scope::Party => belongs(caller, &thing.parties()) || belongs(caller, &thing.owners()),
            Scope::Public => thing.is_public(),
            Scope::Self_ => is(caller, thing.person()),
        }
}

fn belongs(caller: &Caller, organisations: &[OrganisationId]) -> bool {
    matches!(caller, Caller::Person(actor) if actor.organisation().is_some_and(|own| organisations.contains(&own)))
}

fn is(caller: &Caller, person: Option<PersonId>) -> bool {
    matches!(caller, Caller::Person(actor) if Some(actor.person) == person)
}

fn is_staff(caller: &Caller) -> bool {
    matches!(caller, Caller::Person(actor) if actor.staff.is_some())
}

/// Whether an officer would be allowed, had he proved the second factor.
fn awaits_factor(who: Who, actor: &Actor) -> bool {
    matches!(who, Who::Staff(roles) if actor.unproved_staff.is_some_and(|role| roles.contains(&role)))
}

/// Whether a way to be allowed is meant for this caller at all.
fn concerns(who: Who, caller: &Caller) -> bool {
    match (who, caller) {
        (_, Caller::System) | (Who::Anyone, _) | (Who::SignedIn, Caller::Person(_)) => true,
        (Who::Alone, Caller::Person(actor)) => actor.is_alone(),
        (Who::Members(roles), Caller::Person(actor)) => {
            actor.seat.as_ref().is_some_and(|seat| seat.roles.iter().any(|role| roles.contains(role)))
        }
        (Who::Staff(roles), Caller::Person(actor)) => actor.staff.is_some_and(|role| roles.contains(&role)),
        (_, Caller::Stranger) => false,
    }
}
