//! Configuration: defaults in code, one TOML file, then the environment; unknown keys are refused
//! and secrets are never printed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use ipnet::IpNet;
use serde::Deserialize;
use url::Url;

use crate::platform::http::limits::LimitConfig;

/// Which promises the server makes about its surroundings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// A developer's machine.
    #[default]
    Development,
    /// Real money: unsafe settings are refused at start.
    Production,
}

/// Which of two contradicting sets of rules passwords follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordProfile {
    /// OWASP ASVS 5.0: long, not common, kept as long as it is good.
    #[default]
    Asvs,
    /// GB/T 22239-2019, third level (等保三级): mixed, changed at intervals, not repeated.
    Mlps3,
}

/// How somebody comes by an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// At once, by `POST /v1/persons`, which tells whoever asks that an address has an account.
    Open,
    /// By a token in a letter to the address (`POST /v1/registrations`): only who reads its letters learns whether it has
    /// an account. Needs `smtp_url`.
    ByLetter,
}

/// How accounts are opened.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccountConfig {
    /// `open` or `by_letter`. Unless set, by letter where `smtp_url` is set, else open; a sandbox, and with it the demo,
    /// is open unless it is set otherwise. In production without `smtp_url` it must be set: what is open there is so on purpose.
    pub registration: Option<Registration>,
}

/// Cost of hashing a password (Argon2id).
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PasswordCost {
    /// Memory, KiB.
    pub memory_kib: u32,
    /// Passes.
    pub passes: u32,
    /// How many hashes run at once.
    pub at_once: usize,
    /// How many more may wait before the server answers that it is busy.
    pub waiting: usize,
}

impl Default for PasswordCost {
    fn default() -> Self {
        Self { memory_kib: 19_456, passes: 2, at_once: 2, waiting: 32 }
    }
}

/// Everything that can be set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Development or production.
    pub profile: Profile,
    /// Address to listen on.
    pub listen: String,
    /// A second address, where those who watch live feeds are served by threads of their own: no bid waits behind them.
    pub listen_feeds: Option<String>,
    /// `sqlite:PATH`, a plain path, or `postgres://…`.
    pub database: String,
    /// Folder of uploaded documents.
    pub documents: PathBuf,
    /// Another store for uploaded documents, such as `s3://bucket/prefix` (needs the feature of that
    /// name); its credentials come from the environment as the store's own tools read them.
    pub documents_url: Option<String>,
    /// File with the 32-byte master key (hexadecimal); made at first start outside production.
    pub master_key_file: PathBuf,
    /// Whether time can be moved and money simulated.
    pub sandbox: bool,
    /// Where a new sandbox database's time starts.
    pub sandbox_start: Option<DateTime<Utc>>,
    /// How fast a new sandbox database's time runs; 0 stands still.
    pub sandbox_factor: i64,
    /// Password of the staff accounts a sandbox makes for itself; refused in production.
    pub sandbox_staff_password: String,
    /// Issuer and audience of access tokens.
    pub issuer: String,
    /// Worker threads that serve HTTP; 0 means one for every two cores.
    pub workers: usize,
    /// Connections to PostgreSQL for writing, beside the two that are kept for bids.
    pub write_connections: u32,
    /// Connections for reading.
    pub read_connections: u32,
    /// Largest head of a request, bytes of its header fields.
    pub head_limit: usize,
    /// Largest JSON body, bytes.
    pub json_limit: usize,
    /// Largest uploaded document, bytes.
    pub document_limit: u64,
    /// Most rows of an imported file.
    pub import_rows: i64,
    /// Largest number of open live feeds: an open file each, and as much memory as `watcher_kib` of `zhepai bench` allows, so that all
    /// of the default take 192 MiB at most.
    pub live_limit: usize,
    /// Most bids of one server that have no outcome yet; one more is sent away at once.
    pub bid_queue: usize,
    /// Least time between two events of a lot's live feed, milliseconds; what happens meanwhile is told in one.
    pub live_interval_ms: u64,
    /// How much one caller, and all together, may ask of the server; wide in a sandbox unless set.
    pub limits: Option<LimitConfig>,
    /// Cost of hashing passwords.
    pub passwords: PasswordCost,
    /// Rules passwords follow: `asvs` or `mlps3`.
    pub password_profile: PasswordProfile,
    /// How accounts are opened.
    pub accounts: AccountConfig,
    /// Networks of the proxies in front of the server, whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Lets webhooks reach private addresses, other ports and plain HTTP, for tests on one machine; refused in production.
    pub webhooks_allow_private: bool,
    /// Where mail is handed in: `smtps://user:password@host`, `smtp://host?tls=required`; without it no mail is sent.
    pub smtp_url: Option<String>,
    /// Whom mail comes from, such as `Zhepai <no-reply@zhepai.example>`.
    pub mail_from: Option<String>,
    /// Where the platform is reached from outside, such as `https://market.example`. News of the inbox goes by letter only
    /// where it is set: each letter bears an address that stops them.
    pub public_url: Option<String>,
    /// Log filter, as `RUST_LOG`.
    pub log: String,
    /// Log as JSON lines instead of text.
    pub log_json: bool,
}

/// The password sandbox staff accounts get unless another is set.
pub const SANDBOX_PASSWORD: &str = "zhepai-sandbox-only";

impl Config {
    /// The limits in force.
    pub fn limits_in_force(&self) -> LimitConfig {
        self.limits.unwrap_or(if self.sandbox { LimitConfig::SANDBOX } else { LimitConfig::default() })
    }

    /// How somebody comes by an account here.
    pub fn registration_in_force(&self) -> Registration {
        let usual = if self.smtp_url.is_some() && !self.sandbox { Registration::ByLetter } else { Registration::Open };
        self.accounts.registration.unwrap_or(usual)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            profile: Profile::Development,
            listen: "127.0.0.1:8080".into(),
            listen_feeds: None,
            database: "sqlite:./data/zhepai.db".into(),
            documents: "./data/documents".into(),
            documents_url: None,
            master_key_file: "./data/master.key".into(),
            sandbox: false,
            sandbox_start: None,
            sandbox_factor: 1,
            sandbox_staff_password: SANDBOX_PASSWORD.into(),
            issuer: "zhepai".into(),
            workers: 0,
            write_connections: 8,
            read_connections: 8,
            head_limit: 32 << 10,
            json_limit: 1 << 20,
            document_limit: 20 << 20,
            import_rows: 50_000,
            live_limit: 8_192,
            bid_queue: 4_096,
            live_interval_ms: 100,
            limits: None,
            passwords: PasswordCost::default(),
            password_profile: PasswordProfile::default(),
            accounts: AccountConfig::default(),
            trusted_proxies: Vec::new(),
            webhooks_allow_private: false,
            smtp_url: None,
            mail_from: None,
            public_url: None,
            log: "info".into(),
            log_json: true,
        }
    }
}

/// Why the configuration cannot be used, with how to mend it.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file or an environment value is not as expected.
    #[error("configuration: {0}")]
    Wrong(String),
    /// The production profile refuses it.
    #[error("the production profile refuses this configuration:\n{}", .0.iter().map(|s| format!("  - {s}")).collect::<Vec<_>>().join("\n"))]
    Unsafe(Vec<String>),
}

impl Config {
    /// Reads defaults, then the file, then `ZHEPAI_*` variables (`ZHEPAI_PASSWORDS__PASSES` for nested keys).
    pub fn read(file: Option<&Path>, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let mut table = match file {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|source| ConfigError::Unreadable { path: path.into(), source })?
                .parse::<toml::Table>()
                .map_err(|e| ConfigError::Wrong(e.to_string()))?,
            None => toml::Table::new(),
        };
        let variables: BTreeMap<_, _> = environment
            .into_iter()
            .filter_map(|(name, value)| Some((name.strip_prefix("ZHEPAI_")?.to_lowercase(), value)))
            // Where real data lie, which clusters tests and measures use and how the demo bids is not the server's business.
            .filter(|(name, _)| name != "real_data" && !["test_", "bench_", "demo_"].iter().any(|start| name.starts_with(start)))
            .collect();
        for (name, value) in variables {
            put(&mut table, &name, &value);
        }
        table.try_into().map_err(|e: toml::de::Error| ConfigError::Wrong(e.message().to_owned()))
    }

    /// Where the platform is reached from outside, in normal form and without a slash at its end. Programs that read mail
    /// take HTTPS only for what is stopped with one click (RFC 8058).
    pub fn public_base(&self) -> Result<Option<String>, ConfigError> {
        let Some(text) = &self.public_url else { return Ok(None) };
        let is_plain = |url: &Url| {
            let is_bare = url.query().is_none() && url.fragment().is_none();
            url.scheme() == "https" && url.has_host() && url.username().is_empty() && url.password().is_none() && is_bare
        };
        let url = Url::parse(text).ok().filter(is_plain);
        let url =
            url.ok_or_else(|| ConfigError::Wrong("public_url must be an https:// address without name, query and fragment".into()))?;
        Ok(Some(url.as_str().trim_end_matches('/').to_owned()))
    }

    /// Whether the database is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.database.starts_with("postgres:") || self.database.starts_with("postgresql:")
    }

    /// Everything the production profile refuses, each with how to mend it. Empty outside production.
    pub fn unsafe_settings(&self) -> Vec<String> {
        if self.profile != Profile::Production {
            return Vec::new();
        }
        let mut found = Vec::new();
        if self.sandbox {
            found.push("sandbox = true: remove it; time and money are real in production".into());
        }
        if !self.sandbox && self.sandbox_staff_password != SANDBOX_PASSWORD {
            found.push("sandbox_staff_password is set: remove it".into());
        }
        if self.webhooks_allow_private {
            found.push("webhooks_allow_private = true: remove it; webhooks reach public addresses only".into());
        }
        if self.smtp_url.as_ref().is_some_and(|url| url.starts_with("smtp://") && !url.contains("tls=required")) {
            found.push(
                "smtp_url without encryption: use smtps:// or add ?tls=required; letters and the password would be read on the way".into(),
            );
        }
        if self.smtp_url.is_none() && self.accounts.registration.is_none() {
            let why = "registration would tell who has an account, and no letter would let an owner in while others guess at his account";
            found.push(format!("smtp_url is not set: set it, or accounts.registration = \"open\" on purpose; without letters {why}"));
        }
        let floor = PasswordCost::default();
        if self.passwords.memory_kib < floor.memory_kib || self.passwords.passes < floor.passes {
            found.push(format!("passwords: set memory_kib >= {} and passes >= {} (Argon2id floor)", floor.memory_kib, floor.passes));
        }
        if !self.master_key_file.exists() {
            found.push(format!(
                "master_key_file {} is missing: make one with `openssl rand -hex 32`, mode 0600",
                self.master_key_file.display()
            ));
        }
        found
    }
}

/// Puts an environment value into the table, typed as it looks.
fn put(table: &mut toml::Table, name: &str, text: &str) {
    if let Some((head, rest)) = name.split_once("__") {
        let entry = table.entry(head).or_insert_with(|| toml::Table::new().into());
        if let Some(inner) = entry.as_table_mut() {
            put(inner, rest, text);
        }
        return;
    }
    let value = match text {
        word if name.ends_with("password") => word.into(),
        list if name.ends_with("proxies") => list.split(',').map(str::trim).filter(|one| !one.is_empty()).collect::<Vec<_>>().into(),
        "true" => true.into(),
        "false" => false.into(),
        number if number.parse::<i64>().is_ok() => number.parse::<i64>().unwrap_or_default().into(),
        other => other.into(),
    };
    table.insert(name.into(), value);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    #[test]
    fn the_environment_wins_over_defaults_and_reaches_nested_keys() {
        let config = Config::read(None, env(&[("ZHEPAI_LISTEN", "0.0.0.0:1"), ("ZHEPAI_PASSWORDS__PASSES", "3")])).unwrap();
        assert_eq!((config.listen.as_str(), config.passwords.passes), ("0.0.0.0:1", 3));
    }

    #[test]
    fn proxies_are_a_list_of_networks() {
        let read = |text| Config::read(None, env(&[("ZHEPAI_TRUSTED_PROXIES", text)]));
        assert_eq!(read("10.0.0.0/8, 192.168.0.1/32").unwrap().trusted_proxies.len(), 2);
        assert!(read("anywhere").is_err());
    }

    #[test]
    fn limits_are_wide_in_a_sandbox_unless_they_are_set() {
        let per_minute = |settings: &[(&str, &str)]| {
            let limits = Config::read(None, env(settings)).unwrap().limits_in_force();
            (limits.stranger_per_minute, limits.caller_per_minute)
        };
        assert_eq!(per_minute(&[]), (120, 600));
        assert_eq!(per_minute(&[("ZHEPAI_SANDBOX", "true")]), (60_000, 60_000));
        assert_eq!(per_minute(&[("ZHEPAI_SANDBOX", "true"), ("ZHEPAI_LIMITS__STRANGER_PER_MINUTE", "9")]), (9, 600));
    }

    #[test]
    fn registration_is_by_letter_where_letters_are_sent_in_earnest_unless_it_is_set() {
        let in_force = |settings: &[(&str, &str)]| Config::read(None, env(settings)).unwrap().registration_in_force();
        let (post, sandbox) = (("ZHEPAI_SMTP_URL", "smtps://mail.example"), ("ZHEPAI_SANDBOX", "true"));
        let set = |how| ("ZHEPAI_ACCOUNTS__REGISTRATION", how);
        assert_eq!(in_force(&[]), Registration::Open);
        assert_eq!(in_force(&[post]), Registration::ByLetter);
        assert_eq!(in_force(&[post, sandbox]), Registration::Open);
        assert_eq!(in_force(&[post, sandbox, set("by_letter")]), Registration::ByLetter);
        assert_eq!(in_force(&[post, set("open")]), Registration::Open);
        assert!(Config::read(None, env(&[set("closed")])).is_err());
    }

    #[test]
    fn the_public_address_is_https_and_has_no_slash_at_its_end() {
        let base = |text: &str| Config { public_url: Some(text.into()), ..Config::default() }.public_base();
        assert!(Config::default().public_base().unwrap().is_none());
        assert_eq!(base("https://market.example/").unwrap().as_deref(), Some("https://market.example"));
        assert_eq!(base("https://market.example/zhepai/").unwrap().as_deref(), Some("https://market.example/zhepai"));
        for wrong in ["http://a.example", "a.example", "https://me@a.example", "https://a.example/?b", "https://a.example/#b"] {
            assert!(base(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn unknown_keys_are_refused() {
        assert!(Config::read(None, env(&[("ZHEPAI_LISTENN", "x")])).is_err());
        assert!(Config::read(None, env(&[("ZHEPAI_PASSWORDS__SALT", "x")])).is_err());
    }

    #[test]
    fn production_names_every_unsafe_setting_with_its_cure() {
        let config = Config::read(
            None,
            env(&[
                ("ZHEPAI_PROFILE", "production"),
                ("ZHEPAI_SANDBOX", "true"),
                ("ZHEPAI_PASSWORDS__MEMORY_KIB", "8"),
                ("ZHEPAI_MASTER_KEY_FILE", "/nowhere"),
                ("ZHEPAI_WEBHOOKS_ALLOW_PRIVATE", "true"),
                ("ZHEPAI_SMTP_URL", "smtp://me:secret@mail.example"),
            ]),
        )
        .unwrap();
        let found = config.unsafe_settings();
        assert_eq!(found.len(), 5);
        assert!(!found.join(" ").contains("secret"), "{found:?}");
    }

    #[test]
    fn production_without_letters_is_open_on_purpose_or_not_at_all() {
        let refused = |settings: &[(&str, &str)]| {
            let settings = [&[("ZHEPAI_PROFILE", "production")][..], settings].concat();
            let found = Config::read(None, env(&settings)).unwrap().unsafe_settings();
            found.iter().any(|fault| fault.contains("smtp_url is not set"))
        };
        assert!(refused(&[]));
        assert!(!refused(&[("ZHEPAI_SMTP_URL", "smtps://mail.example")]));
        assert!(!refused(&[("ZHEPAI_ACCOUNTS__REGISTRATION", "open")]));
        assert!(Config::default().unsafe_settings().is_empty());
    }
}
