//! What an operation declares about itself. The same constant feeds the guard and the OpenAPI document.

use entity::identity::{OrgRole, StaffRole};

use super::{KeyNeed, KeyScope};
use crate::platform::problem::Code;

/// Whom an operation is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anybody, signed in or not.
    Anyone,
    /// Anybody signed in.
    SignedIn,
    /// Anybody signed in who acts for no organisation and is no officer.
    Alone,
    /// Members of an organisation with one of these roles.
    Members(&'static [OrgRole]),
    /// Platform staff with one of these roles.
    Staff(&'static [StaffRole]),
}

/// Over which things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// No particular thing, or any.
    Any,
    /// Things of the caller's own organisation.
    Own,
    /// Things the caller's organisation is a party to.
    Party,
    /// Things that are public.
    Public,
    /// The caller himself.
    Self_,
}

/// One way to be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allow {
    /// Whom.
    pub who: Who,
    /// Over what.
    pub scope: Scope,
}

/// Whether an operation asks which version the caller saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// `If-Match` is not looked at.
    None,
    /// `If-Match` is honoured when sent.
    Optional,
    /// Without `If-Match` the call is refused.
    Required,
}

/// Who is told that somebody called an operation, beside whoever runs the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToldTo {
    /// His organisation, and those who oversee.
    Overseers,
    /// His organisation alone.
    OwnOrganisation,
}

/// What must hold of a signed-in caller beside the right to an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// His password has not reached its age.
    Usual,
    /// And the second factor was proved a moment ago.
    StepUp,
    /// Nothing: it is what he needs to change his password.
    Nothing,
}

/// What a call counts as, where calls are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// One of many.
    Usual,
    /// A bid: counted by itself, and under load no other call takes its place.
    Bid,
    /// One of many that takes long by itself: a password is hashed, or much is done at once.
    Long,
    /// A list in full, which costs more than a page.
    Export,
}

/// An operation of the API.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// Stable id, the `operationId` of the document.
    pub id: &'static str,
    /// The ways to be allowed; one suffices.
    pub allow: &'static [Allow],
    /// Whether an `Idempotency-Key` is required.
    pub idempotent: bool,
    /// Whether `If-Match` is required.
    pub precondition: Precondition,
    /// Whether `dry_run=true` is understood.
    pub dry_run: bool,
    /// Whether it takes query parameters of its own.
    pub query: bool,
    /// What must hold of the caller beside the right.
    pub condition: Condition,
    /// What it asks of a key a program calls with.
    pub keys: KeyNeed,
    /// What a call counts as.
    pub class: Class,
    /// Who else must have acted, where a second person is needed.
    pub second_person: Option<&'static str>,
    /// Who is told that it was called.
    pub told_to: ToldTo,
    /// The problems its rules may answer with, beside those of every operation.
    pub refuses: &'static [Code],
}

impl Operation {
    /// A question: changes nothing.
    pub const fn question(id: &'static str, allow: &'static [Allow]) -> Self {
        Self {
            id,
            allow,
            idempotent: false,
            precondition: Precondition::None,
            dry_run: false,
            query: false,
            condition: Condition::Usual,
            keys: KeyNeed::Refused,
            class: Class::Usual,
            second_person: None,
            told_to: ToldTo::Overseers,
            refuses: &[],
        }
    }

    /// A deed: changes something, once per `Idempotency-Key`.
    pub const fn deed(id: &'static str, allow: &'static [Allow]) -> Self {
        Self { idempotent: true, ..Self::question(id, allow) }
    }

    /// A deed that is safe to repeat, or whose answer is a secret that must not be kept.
    pub const fn plain_deed(id: &'static str, allow: &'static [Allow]) -> Self {
        Self::question(id, allow)
    }

    /// Needs `If-Match`.
    #[must_use]
    pub const fn on_version(self) -> Self {
        Self { precondition: Precondition::Required, ..self }
    }

    /// Honours `If-Match`.
    #[must_use]
    pub const fn on_version_if_sent(self) -> Self {
        Self { precondition: Precondition::Optional, ..self }
    }

    /// Understands `dry_run=true`.
    #[must_use]
    pub const fn rehearsable(self) -> Self {
        Self { dry_run: true, ..self }
    }

    /// Takes query parameters of its own.
    #[must_use]
    pub const fn with_query(self) -> Self {
        Self { query: true, ..self }
    }

    /// Needs the second factor, proved a moment ago.
    #[must_use]
    pub const fn with_step_up(self) -> Self {
        Self { condition: Condition::StepUp, ..self }
    }

    /// Can be called with a password that has reached its age: what is needed to change it.
    #[must_use]
    pub const fn unconditionally(self) -> Self {
        Self { condition: Condition::Nothing, ..self }
    }

    /// Counts as something else than one of many.
    #[must_use]
    pub const fn counted_as(self, class: Class) -> Self {
        Self { class, ..self }
    }

    /// Can be called with a key of this scope.
    #[must_use]
    pub const fn for_keys(self, scope: KeyScope) -> Self {
        Self { keys: KeyNeed::With(scope), ..self }
    }

    /// Can be called with any key.
    #[must_use]
    pub const fn for_any_key(self) -> Self {
        Self { keys: KeyNeed::Any, ..self }
    }

    /// Needs a second person.
    #[must_use]
    pub const fn second_person(self, who: &'static str) -> Self {
        Self { second_person: Some(who), ..self }
    }

    /// Is told of to nobody else: that somebody called it would say what is not to be known yet.
    #[must_use]
    pub const fn discreetly(self) -> Self {
        Self { told_to: ToldTo::OwnOrganisation, ..self }
    }

    /// May be refused by its rules.
    #[must_use]
    pub const fn refuses(self, codes: &'static [Code]) -> Self {
        Self { refuses: codes, ..self }
    }

    /// Whether a stranger may call it.
    pub fn is_open(&self) -> bool {
        self.allow.iter().any(|allow| allow.who == Who::Anyone)
    }
}

/// The right to call one operation, as a type.
pub trait Permission: 'static {
    /// The operation.
    const OPERATION: Operation;
}

/// Declares the operations of a room: a type for each, and the list of all.
#[macro_export]
macro_rules! operations {
    ($($(#[$meta:meta])* $name:ident = $operation:expr;)+) => {
        $(
            $(#[$meta])*
            pub struct $name;
            impl $crate::platform::access::Permission for $name {
                const OPERATION: $crate::platform::access::Operation = $operation;
            }
        )+
        /// Every operation of this room.
        pub const OPERATIONS: &[$crate::platform::access::Operation] =
            &[$(<$name as $crate::platform::access::Permission>::OPERATION),+];
    };
}

impl Allow {
    /// Anybody.
    pub const ANYONE: Self = Self { who: Who::Anyone, scope: Scope::Any };
    /// Anybody, over public things.
    pub const PUBLIC: Self = Self { who: Who::Anyone, scope: Scope::Public };
    /// Anybody signed in.
    pub const SIGNED_IN: Self = Self { who: Who::SignedIn, scope: Scope::Any };
    /// Anybody signed in who acts for nobody but himself.
    pub const ALONE: Self = Self { who: Who::Alone, scope: Scope::Any };
    /// The person concerned.
    pub const SELF: Self = Self { who: Who::SignedIn, scope: Scope::Self_ };

    /// Members with one of the roles, over their own organisation's things.
    pub const fn own(roles: &'static [OrgRole]) -> Self {
        Self { who: Who::Members(roles), scope: Scope::Own }
    }

    /// Members with one of the roles, over what is about themselves.
    pub const fn own_self(roles: &'static [OrgRole]) -> Self {
        Self { who: Who::Members(roles), scope: Scope::Self_ }
    }

    /// Members with one of the roles, over things their organisation is a party to.
    pub const fn party(roles: &'static [OrgRole]) -> Self {
        Self { who: Who::Members(roles), scope: Scope::Party }
    }

    /// Members with one of the roles, whatever the thing.
    pub const fn members(roles: &'static [OrgRole]) -> Self {
        Self { who: Who::Members(roles), scope: Scope::Any }
    }

    /// Staff with one of the roles.
    pub const fn staff(roles: &'static [StaffRole]) -> Self {
        Self { who: Who::Staff(roles), scope: Scope::Any }
    }
}
