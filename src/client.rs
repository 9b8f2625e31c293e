//! A small client of our own API, for the demo market, replays and tests: what they do, any client can do.

use std::fmt;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::Value;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::identity::second_factor::{code_at, spelled, unspelled};
use crate::platform::tls::trusting_authorities;
use crate::platform::world::World;

/// How long a client waits where it called too often, seconds.
const LONGEST_WAIT: u64 = 60;

/// A client, signed in or not.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<Token>,
    account: Option<Arc<Account>>,
    heard: Option<Heard>,
    /// Whether it asks again where the server is busy.
    patient: bool,
}

/// What clients asked and were answered, for whoever keeps count of it: the token that was sent, and the answer.
#[derive(Clone, Default)]
pub struct Heard(Arc<std::sync::Mutex<Vec<Answered>>>);

/// The token that was sent, and the answer.
pub type Answered = (Option<String>, Reply);

impl Heard {
    /// Everything so far.
    pub fn all(&self) -> Vec<Answered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, token: Option<String>, reply: Reply) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((token, reply));
    }
}

impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heard").finish_non_exhaustive()
    }
}

/// Whose account a client signed in to, so that it can prove the second factor when it is asked to, and sign
/// in again when its token runs out.
struct Account {
    email: String,
    password: String,
    factor: Mutex<Factor>,
    renewed: Mutex<Option<Token>>,
}

/// An access token, and until when it is good to be used.
#[derive(Clone)]
struct Token {
    text: String,
    until: Instant,
}

/// An authenticator.
#[derive(Default)]
struct Factor {
    secret: Option<Vec<u8>>,
    /// The last step whose code was used: none is used twice.
    last_step: i64,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("email", &self.email).finish_non_exhaustive()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("until", &self.until).finish_non_exhaustive()
    }
}

impl Account {
    /// A code nobody used yet: of this step, the next (which is taken early), or after a pause.
    async fn code(&self) -> Option<String> {
        let mut factor = self.factor.lock().await;
        let secret = factor.secret.clone()?;
        loop {
            let step = World::machine_time().timestamp() / STEP_SECONDS;
            let wanted = step.max(factor.last_step + 1);
            if wanted <= step + 1 {
                factor.last_step = wanted;
                return code_at(&secret, u64::try_from(wanted * STEP_SECONDS).ok()?);
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
}

/// Seconds a code stands.
const STEP_SECONDS: i64 = 30;

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Status.
    pub status: u16,
    /// Body, `null` if it was none.
    pub body: Value,
    /// Headers.
    pub headers: reqwest::header::HeaderMap,
    /// What was asked.
    pub asked: String,
}

/// Why a call did not succeed.
#[derive(Debug)]
pub enum ClientError {
    /// No answer came.
    Unreachable(reqwest::Error),
    /// The answer was a refusal.
    Refused(Box<Reply>),
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(error) => write!(f, "no answer: {error}"),
            Self::Refused(reply) => write!(f, "{} answered {}: {}", reply.asked, reply.status, reply.body),
        }
    }
}

impl std::error::Error for ClientError {}

impl From<reqwest::Error> for ClientError {
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable(error)
    }
}

impl Reply {
    /// The body if the call succeeded.
    pub fn ok(self) -> Result<Value, ClientError> {
        if self.status < 400 { Ok(self.body) } else { Err(ClientError::Refused(Box::new(self))) }
    }

    /// The problem code, if it is a refusal.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// A call in the making.
pub struct Asking<'a> {
    client: &'a Client,
    method: Method,
    path: String,
    body: Option<Value>,
    key: Option<String>,
    version: Option<i64>,
    patience: Option<Duration>,
}

impl Client {
    /// A stranger at this server.
    pub fn new(base: &str) -> Result<Self, ClientError> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(trusting_authorities())
            .timeout(Duration::from_mins(2))
            .pool_max_idle_per_host(64)
            // Sooner than the server, which would otherwise close a connection just as it is used again.
            .pool_idle_timeout(Duration::from_secs(3))
            .build()?;
        Ok(Self { http, base: base.trim_end_matches('/').to_owned(), token: None, account: None, heard: None, patient: false })
    }

    /// The same client, keeping what it and those made of it are answered.
    #[must_use]
    pub fn noting(&self, heard: &Heard) -> Self {
        Self { heard: Some(heard.clone()), ..self.clone() }
    }

    /// The same client, and those made of it, asking again where the server is busy: for whoever has much to do and time.
    #[must_use]
    pub fn patient(&self) -> Self {
        Self { patient: true, ..self.clone() }
    }

    /// Keeps an answer, where that is wanted.
    fn note(&self, token: Option<String>, reply: &Reply) {
        if let Some(heard) = &self.heard {
            heard.note(token, reply.clone());
        }
    }

    /// The same client with a token and nothing else.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        // Nobody is known who could renew it.
        let token = Token { text: token.to_owned(), until: Instant::now() };
        Self { token: Some(token), account: None, ..self.clone() }
    }

    /// The token it signed in with, if it did.
    pub fn token(&self) -> Option<&str> {
        self.token.as_ref().map(|token| token.text.as_str())
    }

    /// The token to send now: where the one of the signing in has run out, that of another.
    async fn bearer(&self) -> Result<Option<String>, ClientError> {
        let (Some(first), Some(account)) = (&self.token, &self.account) else { return Ok(self.token().map(ToOwned::to_owned)) };
        let mut renewed = account.renewed.lock().await;
        let current = renewed.as_ref().unwrap_or(first);
        if Instant::now() < current.until {
            return Ok(Some(current.text.clone()));
        }
        let stranger = Self { token: None, account: None, ..self.clone() };
        let token = Box::pin(stranger.open(account)).await?;
        *renewed = Some(token.clone());
        Ok(Some(token.text))
    }

    /// The server.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Signs in.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<Self, ClientError> {
        self.sign_in_with(email, password, None).await
    }

    /// Signs in with an authenticator's secret, where one is enrolled.
    pub async fn sign_in_with(&self, email: &str, password: &str, secret: Option<Vec<u8>>) -> Result<Self, ClientError> {
        let factor = Mutex::new(Factor { secret, last_step: 0 });
        let account = Arc::new(Account { email: email.into(), password: password.into(), factor, renewed: Mutex::default() });
        let token = self.open(&account).await?;
        Ok(Self { token: Some(token), account: Some(account), ..self.clone() })
    }

    /// Opens a session of an account.
    async fn open(&self, account: &Account) -> Result<Token, ClientError> {
        let mut attempts = 0;
        loop {
            let code = account.code().await;
            let sent = serde_json::json!({"email": account.email, "password": account.password, "code": code});
            let asked = Instant::now();
            let reply = self.post("/v1/sessions", sent).patiently().await?;
            // Somebody else may have used this step's code.
            if reply.code() == "second_factor_wrong" && attempts < 2 {
                attempts += 1;
                continue;
            }
            let tokens = reply.ok()?;
            // A minute early, so that none runs out on its way.
            let life = Duration::from_secs(tokens["expires_in"].as_u64().unwrap_or_default().saturating_sub(60));
            return Ok(Token { text: tokens["access_token"].as_str().unwrap_or_default().to_owned(), until: asked + life });
        }
    }

    /// The secret of the account's authenticator as it is typed, if one is enrolled.
    pub async fn secret(&self) -> Option<String> {
        let factor = self.account.as_ref()?.factor.lock().await;
        factor.secret.as_deref().map(spelled)
    }

    /// Proves the second factor in this session, enrolling an authenticator first if there is none.
    pub async fn prove(&self) -> Result<(), ClientError> {
        let Some(account) = &self.account else { return Ok(()) };
        if let Some(code) = account.code().await {
            let sent = serde_json::json!({"code": code});
            return self.ask(Method::POST, "/v1/me/step-up").body(sent).once().await?.ok().map(|_| ());
        }
        let sent = serde_json::json!({"password": account.password});
        let enrolled = self.ask(Method::POST, "/v1/me/second-factor").body(sent).once().await?.ok()?;
        account.factor.lock().await.secret = enrolled["secret"].as_str().and_then(unspelled);
        let sent = serde_json::json!({"code": account.code().await});
        self.ask(Method::POST, "/v1/me/second-factor/confirm").body(sent).once().await?.ok().map(|_| ())
    }

    /// Asks for something.
    pub async fn get(&self, path: &str) -> Result<Value, ClientError> {
        self.ask(Method::GET, path).send().await?.ok()
    }

    /// A question whose refusal matters too.
    pub async fn look(&self, path: &str) -> Result<Reply, ClientError> {
        self.ask(Method::GET, path).send().await
    }

    /// A deed with a body, under a fresh key.
    pub fn post(&self, path: &str, body: Value) -> Asking<'_> {
        self.ask(Method::POST, path).body(body)
    }

    /// A deed without a body, under a fresh key; its outcome.
    pub async fn act(&self, path: &str) -> Result<Value, ClientError> {
        self.ask(Method::POST, path).send().await?.ok()
    }

    /// Does something and returns the outcome.
    pub async fn create(&self, path: &str, body: Value) -> Result<Value, ClientError> {
        self.post(path, body).send().await?.ok()
    }

    /// Any call.
    pub fn ask(&self, method: Method, path: &str) -> Asking<'_> {
        let key = (method != Method::GET).then(|| Uuid::new_v4().to_string());
        Asking { client: self, method, path: path.to_owned(), body: None, key, version: None, patience: None }
    }

    /// Uploads a document.
    pub async fn upload(
        &self,
        title: &str,
        file_name: &str,
        confidentiality: &str,
        media_type: &str,
        content: Vec<u8>,
    ) -> Result<Value, ClientError> {
        let query = [("title", title), ("file_name", file_name), ("confidentiality", confidentiality)];
        self.send_file(&url_with("/v1/documents", &query), media_type, content).await?.ok()
    }

    /// Sends a file as the body of a deed, under a fresh key; the answer, whatever it is.
    pub async fn send_file(&self, path: &str, media_type: &str, content: Vec<u8>) -> Result<Reply, ClientError> {
        let token = self.bearer().await?;
        let mut request = self.http.post(format!("{}{path}", self.base));
        if let Some(token) = &token {
            request = request.bearer_auth(token);
        }
        let request = request.header("Content-Type", media_type).header("Idempotency-Key", Uuid::new_v4().to_string());
        let reply = read(request.header("Accept-Language", "en").body(content).send().await?, format!("POST {path}")).await?;
        self.note(token, &reply);
        Ok(reply)
    }

    /// Downloads a file.
    pub async fn download(&self, path: &str) -> Result<Vec<u8>, ClientError> {
        let mut request = self.http.get(format!("{}{path}", self.base));
        if let Some(token) = self.bearer().await? {
            request = request.bearer_auth(token);
        }
        let answer = request.header("Accept-Language", "en").send().await?.error_for_status()?;
        Ok(answer.bytes().await?.to_vec())
    }
}

/// Puts query parameters behind an address.
fn url_with(url: &str, query: &[(&str, &str)]) -> String {
    if query.is_empty() {
        return url.to_owned();
    }
    let encode = |text: &str| {
        text.bytes().fold(String::new(), |mut out, byte| {
            if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                out.push(char::from(byte));
            } else {
                out.extend(["%", &crate::platform::keys::hex(&[byte]).to_uppercase()]);
            }
            out
        })
    };
    let pairs: Vec<_> = query.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    format!("{url}?{}", pairs.join("&"))
}

impl Asking<'_> {
    /// With a body.
    #[must_use]
    pub fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// Under this key.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// Waits so long for the answer, where much is to be done before it comes.
    #[must_use]
    pub fn within(mut self, patience: Duration) -> Self {
        self.patience = Some(patience);
        self
    }

    /// Only if the thing is at this version.
    #[must_use]
    pub fn on_version(mut self, version: i64) -> Self {
        self.version = Some(version);
        self
    }

    /// Sends it and waits for the answer. Where the second factor is asked for, it is proved and the call made again.
    pub async fn send(self) -> Result<Reply, ClientError> {
        let reply = self.patiently().await?;
        let wanted = matches!(reply.code(), "step_up_required" | "second_factor_required");
        if !wanted || self.client.account.is_none() {
            return Ok(reply);
        }
        self.client.prove().await?;
        self.patiently().await
    }

    /// Asks, and where it was too often for the server, or a patient client finds it busy, again when it says. The same key
    /// makes it one deed.
    async fn patiently(&self) -> Result<Reply, ClientError> {
        loop {
            let reply = self.once().await?;
            let waits = reply.code() == "rate_limited" || self.client.patient && reply.code() == "busy";
            let wait = reply.body["retry_after"].as_u64().filter(|seconds| waits && *seconds <= LONGEST_WAIT);
            let Some(seconds) = wait else { return Ok(reply) };
            tokio::time::sleep(Duration::from_secs(seconds)).await;
        }
    }

    async fn once(&self) -> Result<Reply, ClientError> {
        let asked = format!("{} {}", self.method, self.path);
        let mut request = self.client.http.request(self.method.clone(), format!("{}{}", self.client.base, self.path));
        let token = self.client.bearer().await?;
        if let Some(token) = &token {
            request = request.bearer_auth(token);
        }
        if let Some(key) = &self.key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(patience) = self.patience {
            request = request.timeout(patience);
        }
        if let Some(version) = self.version {
            request = request.header("If-Match", format!("\"{version}\""));
        }
        if let Some(body) = &self.body {
            request = request.json(body);
        }
        let reply = read(request.header("Accept-Language", "en").send().await?, asked).await?;
        self.client.note(token, &reply);
        Ok(reply)
    }
}

async fn read(sent: reqwest::Response, asked: String) -> Result<Reply, ClientError> {
    let status: StatusCode = sent.status();
    let headers = sent.headers().clone();
    let bytes = sent.bytes().await?;
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Ok(Reply { status: status.as_u16(), body, headers, asked })
}
