//! What may be uploaded, and who may see it.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::documents::{Confidentiality, document};
use entity::identity::StaffRole;
use entity::ids::{OrganisationId, PersonId};

use super::views::SecretLevel;
use crate::platform::access::{Caller, Thing};
use crate::platform::problem::{Code, Fault, Faults, Problem};

/// Longest title, characters.
pub const LONGEST_TITLE: usize = 200;
/// Longest file name, characters.
pub const LONGEST_FILE_NAME: usize = 255;
/// The most documents of somebody's own, uploaded lately, that show nothing yet: anybody may register.
const MOST_WAITING: u64 = 20;
/// How long one of them counts: who acts for nobody cannot take any away.
pub const WAITS_FOR: TimeDelta = TimeDelta::days(1);

/// A kind of content that may be uploaded.
#[derive(Debug, PartialEq, Eq)]
pub struct Media {
    /// Its media type.
    pub name: &'static str,
    signature: Signature,
}

/// How content of a kind is told from other content.
#[derive(Debug, PartialEq, Eq)]
enum Signature {
    /// By its first bytes.
    Starts(&'static [u8]),
    /// It is UTF-8 text without NUL.
    Text,
}

/// First bytes of a ZIP archive with at least one entry.
const ZIP: &[u8] = b"PK\x03\x04";

/// Everything that may be uploaded.
pub const MEDIA: &[Media] = &[
    Media { name: "application/pdf", signature: Signature::Starts(b"%PDF-") },
    Media { name: "image/png", signature: Signature::Starts(b"\x89PNG\r\n\x1a\n") },
    Media { name: "image/jpeg", signature: Signature::Starts(b"\xff\xd8\xff") },
    Media { name: "text/plain", signature: Signature::Text },
    Media { name: "text/csv", signature: Signature::Text },
    Media { name: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", signature: Signature::Starts(ZIP) },
    Media { name: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", signature: Signature::Starts(ZIP) },
    // Open fixed-layout document, GB/T 33190-2016.
    Media { name: "application/ofd", signature: Signature::Starts(ZIP) },
];

/// The kind a content type declares, if it is one that may be uploaded. Text must be UTF-8.
pub fn media(declared: &str) -> Result<&'static Media, Problem> {
    let mut parts = declared.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let found = MEDIA.iter().find(|media| media.name == essence).ok_or_else(not_accepted)?;
    let foreign = parts.filter_map(|part| part.split_once('=')).any(|(name, value)| {
        let charset = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("charset")
            && !["utf-8", "utf8", "us-ascii"].iter().any(|known| charset.eq_ignore_ascii_case(known))
    });
    if foreign && found.signature == Signature::Text { Err(not_accepted()) } else { Ok(found) }
}

fn not_accepted() -> Problem {
    let names: Vec<_> = MEDIA.iter().map(|media| media.name).collect();
    Code::UnsupportedMedia.with("accepted", names)
}

/// The content type stored content is handed out with.
pub fn content_type(media_type: &str) -> String {
    if media_type.starts_with("text/") { format!("{media_type}; charset=utf-8") } else { media_type.to_owned() }
}

/// Compares content with what it was declared to be, while it passes.
pub struct Sniffer {
    media: &'static Media,
    /// How much of the first bytes has been compared.
    seen: usize,
    /// A character cut in two by the end of a chunk.
    cut: Vec<u8>,
}

impl Sniffer {
    /// Nothing seen yet.
    pub fn of(media: &'static Media) -> Self {
        Self { media, seen: 0, cut: Vec::new() }
    }

    /// Takes the next chunk; refuses as soon as the content cannot be what was declared.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), Problem> {
        match self.media.signature {
            Signature::Starts(magic) => {
                let waiting = magic.get(self.seen..).unwrap_or_default();
                let compared = waiting.len().min(chunk.len());
                if waiting[..compared] != chunk[..compared] {
                    return Err(self.mismatch());
                }
                self.seen += compared;
                Ok(())
            }
            Signature::Text => self.feed_text(chunk),
        }
    }

    fn feed_text(&mut self, chunk: &[u8]) -> Result<(), Problem> {
        let joined = [self.cut.as_slice(), chunk].concat();
        if joined.contains(&0) {
            return Err(self.mismatch());
        }
        match std::str::from_utf8(&joined) {
            Ok(_) => self.cut.clear(),
            Err(error) if error.error_len().is_none() => self.cut = joined[error.valid_up_to()..].to_vec(),
            Err(_) => return Err(self.mismatch()),
        }
        Ok(())
    }

    /// Refuses content that ended too early to be what was declared.
    pub fn finish(&self) -> Result<(), Problem> {
        let whole = match self.media.signature {
            Signature::Starts(magic) => self.seen == magic.len(),
            Signature::Text => self.cut.is_empty(),
        };
        if whole { Ok(()) } else { Err(self.mismatch()) }
    }

    fn mismatch(&self) -> Problem {
        let fault = Fault::new("", "content_mismatch", "内容与所声明的类型不符", "the content is not of the declared type");
        Problem { errors: vec![fault], ..Code::UnsupportedMedia.with("declared", self.media.name) }
    }
}

/// Checks what a new document is called.
pub fn new_document(title: &str, file_name: &str) -> Result<(), Problem> {
    let mut faults = Faults::new();
    faults.text("#query/title", title, LONGEST_TITLE);
    named(&mut faults, file_name);
    faults.done()
}

/// Refuses what is declared to be a state secret, before anything of it is looked at or kept.
pub fn not_secret(level: SecretLevel, pointer: &str) -> Result<(), Problem> {
    if level.is_none() {
        return Ok(());
    }
    Err(Code::DeclarationMissing.at(
        pointer,
        "secret",
        "涉密内容不得进入本平台，未予保存",
        "state secrets are never put on this platform; nothing was kept",
    ))
}

/// Checks what a new version's file is called.
pub fn new_version(file_name: &str) -> Result<(), Problem> {
    let mut faults = Faults::new();
    named(&mut faults, file_name);
    faults.done()
}

/// A file name is handed to other people's computers, so it must be one plain name.
fn named(faults: &mut Faults, name: &str) {
    // Marks that turn the writing direction can make `fdp.exe` look like `exe.pdf`.
    let turning = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let plain = !matches!(name, "." | "..") && !name.chars().any(|c| matches!(c, '/' | '\\' | '\n' | '\t') || turning(c));
    faults.text("#query/file_name", name, LONGEST_FILE_NAME).require(
        plain,
        "#query/file_name",
        "file_name",
        "须为不含路径和控制符的文件名",
        "must be a file name without a path or control marks",
    );
}

/// Whether a document may stand as evidence for an organisation: its own, or, where an officer acts,
/// one of the platform's.
pub fn usable(document: &document::Model, organisation: OrganisationId, by_staff: bool) -> bool {
    document.organisation_id.map_or(by_staff && document.person_id.is_none(), |owner| owner == organisation)
}

/// Refuses a document of somebody's own that others would read, and one too many: `waiting` are those that show nothing yet and are
/// not older than [`WAITS_FOR`].
pub fn own_document(confidentiality: Confidentiality, waiting: u64) -> Result<(), Problem> {
    let is_private = confidentiality == Confidentiality::Private;
    Faults::new()
        .require(is_private, "#query/confidentiality", "not_private", "个人的文件须为 private", "a person's own document is private")
        .done()?;
    if waiting >= MOST_WAITING { Err(Code::TooManyDocuments.with("limit", MOST_WAITING)) } else { Ok(()) }
}

/// A document of somebody's own that shows something which officers handle.
pub fn handed_in(held: &document::Model, now: Timestamp) -> document::Model {
    document::Model { handed_in_at: held.handed_in_at.or(Some(now)), ..held.clone() }
}

/// Whether somebody's own document is kept from a caller: besides himself it is for the officers who handle what it shows, once it does. A
/// program with a key of his is his organisation's, and is not himself.
pub fn is_withheld(document: &document::Model, caller: &Caller) -> bool {
    let reads = match caller {
        Caller::System => true,
        Caller::Stranger => false,
        Caller::Person(actor) => {
            let handles = document.handed_in_at.is_some() && actor.staff == Some(StaffRole::Reviewer);
            let is_himself = document.person_id == Some(actor.person) && actor.key().is_none();
            is_himself || handles
        }
    };
    document.person_id.is_some() && !reads
}

/// What can be done to a document, as operations: its versions have no end.
pub const OPEN_ON_DOCUMENT: &[&str] = &["add_document_version"];

/// A document as a caller meets it: what is open to whoever is signed in is public to him.
pub struct Met<'a> {
    document: &'a document::Model,
    signed_in: bool,
}

impl<'a> Met<'a> {
    /// The document in the eyes of this caller.
    pub fn by(caller: &Caller, document: &'a document::Model) -> Self {
        Self { document, signed_in: matches!(caller, Caller::Person(_)) }
    }
}

impl Thing for Met<'_> {
    fn owners(&self) -> Vec<OrganisationId> {
        self.document.organisation_id.into_iter().collect()
    }

    /// His own document, or an officer's own upload; an organisation's document is not its uploader's.
    fn person(&self) -> Option<PersonId> {
        self.document.organisation_id.is_none().then_some(self.document.created_by)
    }

    fn is_public(&self) -> bool {
        match self.document.confidentiality {
            Confidentiality::Public => true,
            Confidentiality::Registered => self.signed_in,
            // Nobody outside has accepted a confidentiality agreement or been let into a data room.
            Confidentiality::Nda | Confidentiality::DataRoom | Confidentiality::Private => false,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::platform::access::{Actor, Credential, KeyGrant, KeyScope};
    use chrono::DateTime;
    use entity::ids::{ApiKeyId, SessionId};
    use proptest::prelude::*;
    use uuid::Uuid;

    /// Feeds content cut into chunks of this size.
    fn sniff(declared: &str, content: &[u8], size: usize) -> Result<(), Code> {
        let mut sniffer = Sniffer::of(media(declared).unwrap());
        for chunk in content.chunks(size) {
            sniffer.feed(chunk).map_err(|problem| problem.code)?;
        }
        sniffer.finish().map_err(|problem| problem.code)
    }

    #[test]
    fn only_listed_types_are_accepted() {
        assert_eq!(media("Application/PDF").unwrap().name, "application/pdf");
        assert_eq!(media("text/plain; charset=\"UTF-8\"").unwrap().name, "text/plain");
        assert_eq!(media("application/pdf; charset=gbk").unwrap().name, "application/pdf");
        for declared in ["", "text/html", "application/zip", "application/octet-stream", "text/csv;charset=gbk", "image/svg+xml"] {
            let problem = media(declared).unwrap_err();
            assert_eq!(problem.code, Code::UnsupportedMedia, "{declared}");
            assert_eq!(problem.facts["accepted"].as_array().unwrap().len(), MEDIA.len());
        }
    }

    #[test]
    fn content_must_be_what_it_was_declared_to_be() {
        let wrong: [(&str, &[u8]); 7] = [
            ("application/pdf", b"MZ\x90\0%PDF-"),
            ("application/pdf", b"%PDF"),
            ("image/jpeg", b"\x89PNG\r\n\x1a\n"),
            ("application/ofd", b"PK\x05\x06 an empty archive"),
            ("text/plain", b"\xd6\xd0\xce\xc4 in another charset"),
            ("text/plain", b"cut \xe4\xb8"),
            ("text/plain", b"a\0b"),
        ];
        for size in 1..9 {
            assert_eq!(sniff("application/pdf", b"%PDF-1.7 ...", size), Ok(()));
            assert_eq!(sniff("image/png", b"\x89PNG\r\n\x1a\n\0\0", size), Ok(()));
            assert_eq!(sniff("application/ofd", b"PK\x03\x04....", size), Ok(()));
            assert_eq!(sniff("text/csv", "编号,名称\n1,甲".as_bytes(), size), Ok(()));
            for (declared, content) in wrong {
                assert_eq!(sniff(declared, content, size), Err(Code::UnsupportedMedia), "{declared}");
            }
        }
    }

    #[test]
    fn a_file_name_is_one_plain_name() {
        for good in ["委托书.pdf", "a b (1).csv", ".gitignore"] {
            assert!(new_version(good).is_ok(), "{good}");
        }
        for bad in ["", " ", ".", "..", "a/b.pdf", "a\\b.pdf", "a\nb.pdf", "a\0.pdf", "\u{202e}fdp.exe"] {
            assert_eq!(new_version(bad).unwrap_err().code, Code::Invalid, "{bad}");
        }
        assert!(new_version(&"长".repeat(255)).is_ok());
        assert!(new_version(&"长".repeat(256)).is_err());
        let both = new_document("", "..").unwrap_err();
        assert_eq!(both.errors.len(), 2);
    }

    #[test]
    fn a_document_opens_by_its_level() {
        use Confidentiality::{DataRoom, Nda, Private, Public, Registered};
        let id = Uuid::from_u128(1);
        for (confidentiality, to_strangers, to_signed_in) in
            [(Public, true, true), (Registered, false, true), (Nda, false, false), (DataRoom, false, false), (Private, false, false)]
        {
            let document = document::Model {
                id: id.into(),
                organisation_id: None,
                person_id: None,
                handed_in_at: None,
                created_by: id.into(),
                title: "x".into(),
                file_name: "x.pdf".into(),
                confidentiality,
                version: 1,
                created_at: DateTime::UNIX_EPOCH,
            };
            assert_eq!(Met { document: &document, signed_in: false }.is_public(), to_strangers);
            assert_eq!(Met { document: &document, signed_in: true }.is_public(), to_signed_in);
            assert_eq!(Met { document: &document, signed_in: true }.person(), Some(id.into()));
            assert!(usable(&document, id.into(), true) && !usable(&document, id.into(), false));
            let owned = document::Model { organisation_id: Some(id.into()), ..document };
            assert_eq!(Met { document: &owned, signed_in: true }.person(), None);
            assert!(usable(&owned, id.into(), false) && !usable(&owned, Uuid::from_u128(2).into(), true));
        }
    }

    #[test]
    fn a_persons_own_document_is_his_and_then_also_of_who_handles_what_it_shows() {
        let own = PersonId(Uuid::from_u128(1));
        let document = document::Model {
            id: Uuid::from_u128(2).into(),
            organisation_id: None,
            person_id: Some(own),
            handed_in_at: None,
            created_by: own,
            title: "x".into(),
            file_name: "x.pdf".into(),
            confidentiality: Confidentiality::Private,
            version: 1,
            created_at: DateTime::UNIX_EPOCH,
        };
        assert!(!usable(&document, OrganisationId(Uuid::from_u128(3)), true), "an officer rests nothing on it");
        let plain = |person| Actor::plain(person, Credential::Session(SessionId(Uuid::from_u128(4))));
        let officer = |role| Caller::Person(Actor { staff: Some(role), ..plain(PersonId(Uuid::from_u128(5))) });
        let key =
            KeyGrant { id: ApiKeyId(Uuid::from_u128(6)), prefix: "zp_6".into(), scopes: vec![KeyScope::ListingsRead], lots: Vec::new() };
        let program = Caller::Person(Actor::plain(own, Credential::Key(key)));
        let shown = handed_in(&document, DateTime::UNIX_EPOCH);
        assert_eq!(handed_in(&shown, Timestamp::MAX_UTC), shown, "once is enough");
        for held in [&document, &shown] {
            assert!(!is_withheld(held, &Caller::Person(plain(own))));
            assert!(is_withheld(held, &program), "a key is his organisation's");
            assert!(is_withheld(held, &Caller::Stranger) && is_withheld(held, &Caller::Person(plain(PersonId(Uuid::from_u128(5))))));
            for role in StaffRole::ALL {
                let reads = *role == StaffRole::Reviewer && held.handed_in_at.is_some();
                assert_eq!(is_withheld(held, &officer(*role)), !reads, "{role:?}");
            }
        }
        let of_platform = document::Model { person_id: None, ..document };
        assert!(!is_withheld(&of_platform, &officer(StaffRole::Publisher)));
    }

    #[test]
    fn a_persons_own_documents_are_private_and_not_many() {
        assert!(own_document(Confidentiality::Private, MOST_WAITING - 1).is_ok());
        let many = own_document(Confidentiality::Private, MOST_WAITING).unwrap_err();
        assert_eq!((many.code, many.facts["limit"].as_u64()), (Code::TooManyDocuments, Some(MOST_WAITING)));
        assert_eq!(own_document(Confidentiality::Registered, 0).unwrap_err().code, Code::Invalid);
    }

    proptest! {
        #[test]
        fn text_may_be_cut_anywhere(text in "[^\0]{1,60}", size in 1_usize..9) {
            prop_assert_eq!(sniff("text/plain", text.as_bytes(), size), Ok(()));
        }

        #[test]
        fn chunks_do_not_matter(content in proptest::collection::vec(any::<u8>(), 1..40), size in 1_usize..9) {
            for declared in ["text/plain", "application/pdf", "image/jpeg"] {
                prop_assert_eq!(sniff(declared, &content, size), sniff(declared, &content, content.len()));
            }
        }
    }
}
