//! One dimension of a scope, as parts of a line.
//!
//! A tree of codes is laid along a line, so that whatever lies under a code lies within its part: of two codes, one is the other or above
//! it exactly where their parts meet. What is under a code but has no code of its own has its place in the part too, so that several
//! codes never add up to the one above them. Acts and days lie on a line anyhow.

/// A part of a line, from its first point to the one after its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// The first point.
    pub from: i32,
    /// The one after the last.
    pub to: i32,
}

impl Part {
    /// Whether they have a point in common.
    pub fn meets(self, other: Self) -> bool {
        self.from < other.to && other.from < self.to
    }

    /// Whether all of the other is in it.
    pub fn holds(self, other: Self) -> bool {
        self.from <= other.from && other.to <= self.to
    }
}

/// Parts of a line of which no two touch; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extent(Vec<Part>);

impl Extent {
    /// Of parts in any order, however they lie to each other; nothing where there is none.
    pub fn of(parts: impl IntoIterator<Item = Part>) -> Option<Self> {
        let mut parts: Vec<_> = parts.into_iter().collect();
        parts.sort_unstable();
        let mut apart: Vec<Part> = Vec::with_capacity(parts.len());
        for part in parts {
            match apart.last_mut().filter(|last| part.from <= last.to) {
                Some(last) => last.to = last.to.max(part.to),
                None => apart.push(part),
            }
        }
        (!apart.is_empty()).then_some(Self(apart))
    }

    /// One part.
    pub fn one(part: Part) -> Self {
        Self(vec![part])
    }

    /// Whether they have a point in common.
    pub fn meets(&self, other: &Self) -> bool {
        self.0.iter().any(|part| other.0.iter().any(|another| part.meets(*another)))
    }

    /// Whether all of the other is in it.
    pub fn holds(&self, other: &Self) -> bool {
        // Parts that touch are one, so whatever is in several is in one.
        other.0.iter().all(|part| self.0.iter().any(|own| own.holds(*part)))
    }

    /// The parts, in order.
    pub fn parts(&self) -> &[Part] {
        &self.0
    }
}
