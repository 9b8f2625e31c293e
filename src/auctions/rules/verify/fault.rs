//! What can be wrong with a course or a receipt, and where.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// Declares every fault with its public code and what it says.
macro_rules! faults {
    ($($(#[$meta:meta])* $name:ident $code:literal $words:literal;)+) => {
        /// What can be wrong. The codes are public and stay as they are.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Wrong { $($(#[$meta])* $name),+ }

        impl Wrong {
            /// The public code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            const fn words(self) -> &'static str {
                match self { $(Self::$name => $words),+ }
            }
        }
    };
}

faults! {
    /// A file that is no course.
    CourseUnreadable "course_unreadable" "this is no course";
    /// A course of another form.
    UnknownSchema "unknown_schema" "this is no course this program can check";
    /// Numbers that do not run from 1.
    SequenceBroken "sequence_broken" "an event is missing, doubled, or out of its place";
    /// An event that follows another.
    ChainBroken "chain_broken" "the previous hash is not that of the event before";
    /// An event whose hash is of something else.
    EventChanged "event_changed" "the hash is not that of what is said";
    /// An event that says what no event says.
    EventUnreadable "event_unreadable" "the event cannot be read";
    /// An instant or a length of time beyond reckoning.
    OutOfRange "out_of_range" "an instant or a length of time is out of range";
    /// Other terms than those announced.
    TermsChanged "terms_changed" "the terms are not those announced";
    /// Terms this program does not know.
    TermsUnreadable "terms_unreadable" "the terms cannot be read";
    /// Something after the last event.
    AfterTheEnd "after_the_end" "nothing happens in a lot that has ended";
    /// What the rules refuse.
    AgainstTheRules "against_the_rules" "the rules refuse this";
    /// What the rules put otherwise.
    NotWhatFollows "not_what_follows" "this is not what follows by the rules";
    /// A reserve that is not the one committed to.
    ReserveNotCommitted "reserve_not_committed" "the reserve is not the one that was committed to";
    /// A maximum of which nothing was shown.
    MaximumNotOpened "maximum_not_opened" "at the close the maximum was neither opened nor shown to reach the price";
    /// A maximum that is not the one committed to.
    MaximumNotCommitted "maximum_not_committed" "what was shown at the close is not what was committed to";
    /// An opened bid that is not the one committed to.
    BidNotCommitted "bid_not_committed" "the bid is not the one that was committed to";
    /// A log without an end.
    NotEnded "not_ended" "the log breaks off before the lot has ended";
    /// Another outcome.
    OutcomeDiffers "outcome_differs" "the outcome is not what the log leads to";
    /// A receipt that is none.
    ReceiptUnreadable "receipt_unreadable" "the receipt cannot be read";
    /// A key that is not the platform's.
    ReceiptKeyUnknown "receipt_key_unknown" "none of the course's keys signed the receipt";
    /// A forged signature.
    ReceiptSignature "receipt_signature" "the signature of the receipt is not good";
    /// A statement that was not signed.
    ReceiptPath "receipt_path" "the path does not lead from the statement to what was signed";
    /// A receipt for something else.
    ReceiptOfAnotherLot "receipt_of_another_lot" "the receipt is of another lot";
    /// A receipt for what is not there.
    ReceiptWithoutBid "receipt_without_bid" "the course has no bid of this number";
    /// A receipt for something else of that number.
    ReceiptDiffers "receipt_differs" "the receipt does not say what the course says";
    /// Rules this program does not know.
    UnknownRulesVersion "unknown_rules_version" "the lot is bound to a version of the rules this program does not know";
    /// A rehearsal told as a sale, or a sale as a rehearsal.
    HeadDiffers "head_differs" "what the course says of the lot is not what was announced";
    /// Somebody named who has not bought.
    NotABuyer "not_a_buyer" "a buyer is named who has not bought by the log, or is named once already";
    /// A log with another end than the one that was published.
    LogHeadDiffers "log_head_differs" "the log does not end in the hash that was published";
    /// A key that was not noted.
    KeyUnknown "key_unknown" "a key of the course is not among those noted";
    /// A file that holds no keys.
    KeysUnreadable "keys_unreadable" "these are no receipt keys";
}

/// Where something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the course beside its log.
    Course,
    /// In the event of this number.
    Event(i64),
    /// In a receipt.
    Receipt {
        /// Which, from 1.
        number: usize,
        /// For the bid of this number, as it says.
        seq: i64,
    },
    /// In a receipt for a sealed bid: which, from 1.
    SealedReceipt(usize),
    /// In a receipt for a bid of a turn: which, from 1.
    TurnReceipt(usize),
    /// In a receipt for a first offer: which, from 1.
    FirstOfferReceipt(usize),
}

/// The first thing wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What.
    pub wrong: Wrong,
    /// Where.
    pub place: Place,
    /// What is known of it; nothing where the words of the code say it all.
    pub why: String,
}

impl Wrong {
    /// Its code and what it says.
    pub fn told(self) -> String {
        format!("{}: {}", self.code(), self.words())
    }

    /// This, at a place.
    pub(super) fn at(self, place: Place, why: impl Into<String>) -> Fault {
        Fault { wrong: self, place, why: why.into() }
    }
}

impl Fault {
    /// The event it is about, if it is about one.
    pub fn seq(&self) -> Option<i64> {
        match self.place {
            Place::Course | Place::SealedReceipt(_) | Place::TurnReceipt(_) | Place::FirstOfferReceipt(_) => None,
            Place::Event(seq) | Place::Receipt { seq, .. } => Some(seq),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.wrong.code())?;
        match self.place {
            Place::Course => {}
            Place::Event(seq) => write!(f, ", event {seq}")?,
            Place::Receipt { number, seq } => write!(f, ", receipt {number} for bid {seq}")?,
            Place::SealedReceipt(number) => write!(f, ", receipt {number} for a sealed bid")?,
            Place::TurnReceipt(number) => write!(f, ", receipt {number} for a bid of a turn")?,
            Place::FirstOfferReceipt(number) => write!(f, ", receipt {number} for a first offer")?,
        }
        write!(f, ": {}", self.wrong.words())?;
        if self.why.is_empty() { Ok(()) } else { write!(f, " ({})", self.why) }
    }
}

impl std::error::Error for Fault {}

/// The first member in which what is said is not what is due, the kind before all others.
pub(super) fn difference(said: &impl Serialize, due: &impl Serialize) -> String {
    let members = |thing: Result<Value, serde_json::Error>| thing.unwrap_or_default();
    let (said, due) = (members(serde_json::to_value(said)), members(serde_json::to_value(due)));
    let told = [&due, &said].into_iter().filter_map(Value::as_object).flat_map(serde_json::Map::keys);
    let mut names: Vec<&str> = told.map(String::as_str).collect();
    names.insert(0, "kind");
    let found = names.into_iter().find(|name| said[*name] != due[*name]);
    found.map(|name| format!("{name} {} instead of {}", said[name], due[name])).unwrap_or_default()
}
