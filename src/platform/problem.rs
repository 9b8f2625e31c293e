//! The catalogue of problems: every way an operation can be refused, with its status and its words
//! in Chinese and English. Plain data, so that rules can speak it; HTTP renders it (RFC 9457).

use std::fmt;
use std::ops::Range;

use chrono::{DateTime, Datelike, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

/// The years a time that is asked for can lie in: what every database understands.
pub const YEARS: Range<i32> = 1970..3000;

/// A language an answer can be given in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Chinese, `zh-CN`; the default.
    #[default]
    Chinese,
    /// English, `en`.
    English,
}

macro_rules! catalogue {
    ($($(#[$meta:meta])* $variant:ident = $status:literal $code:literal $zh:literal $en:literal;)+) => {
        /// A stable problem code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $($(#[$meta])* #[doc = $en] $variant),+ }

        impl Code {
            /// Every code of this version: a closed list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The HTTP status it is answered with.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            /// The stable code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// What it says; `{name}` stands for a fact of the problem.
            pub const fn text(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$variant, Language::Chinese) => $zh,
                      (Self::$variant, Language::English) => $en),+
                }
            }
        }
    };
}

catalogue! {
    // What is said about the request itself.
    Malformed = 400 "malformed" "请求无法解析：{reason}" "The request cannot be read: {reason}";
    IdempotencyKeyMissing = 400 "idempotency_key_missing" "此操作须带 Idempotency-Key（8 至 255 个可见字符）" "This operation needs an Idempotency-Key header of 8 to 255 visible characters";
    KeyInAddress = 400 "key_in_address" "密钥不得出现在地址中，请改用 Authorization 请求头并更换该密钥" "A key does not belong into an address: send it in the Authorization header, and replace this one";
    NotSignedIn = 401 "not_signed_in" "请先登录" "Sign in first";
    TokenInvalid = 401 "token_invalid" "访问令牌无效或已过期" "The access token is invalid or has expired";
    CredentialsWrong = 401 "credentials_wrong" "账号或口令不正确" "The account or the password is wrong";
    RefreshInvalid = 401 "refresh_invalid" "刷新令牌无效，请重新登录" "The refresh token is not valid; sign in again";
    SecondFactorWrong = 401 "second_factor_wrong" "动态口令不正确或已使用" "The code of the second factor is wrong or was used before";
    ResetInvalid = 401 "reset_invalid" "口令重置凭证无效或已过期" "The password reset is not valid or has expired";
    RegistrationInvalid = 401 "registration_invalid" "注册凭证无效或已过期" "The registration is not valid or has expired";
    Forbidden = 403 "forbidden" "无权进行此操作" "You may not do this";
    OrganisationNotVerified = 403 "organisation_not_verified" "所在机构尚未通过核验" "Your organisation has not been verified yet";
    KeyScope = 403 "key_scope" "该密钥无权用于此操作" "This key is not for this operation";
    NotAdmitted = 403 "not_admitted" "未取得本标的的竞买资格" "You are not admitted to this lot";
    OwnLot = 403 "own_lot" "转让方不得竞买自己的标的" "A seller may not bid for its own lot";
    ConflictOfInterest = 403 "conflict_of_interest" "与本项目有利益关系，应当回避" "You have an interest in this matter and must stand aside";
    ForeignNotAdmitted = 403 "foreign_not_admitted" "该项目未向境外主体开放" "This listing is not open to foreign parties";
    ExportLetterMissing = 403 "export_letter_missing" "限制出口的技术，境外主体须先上传技术出口许可意向书并经核验" "The technology is restricted: a foreign party first files the letter of intent of its export licence, and has it verified";
    TradeRestricted = 403 "trade_restricted" "本机构因失信惩戒被限制交易（{source_number}）" "Your organisation is kept from trading for a breach of trust ({source_number})";
    SamePerson = 403 "same_person" "此步骤须由另一人办理" "This step must be taken by a different person";
    NdaNotAccepted = 403 "nda_not_accepted" "所在机构须先接受资料室的保密协议（第 {nda_version} 版）" "Your organisation must accept the confidentiality agreement of the data room first (version {nda_version})";
    NotLetIn = 403 "not_let_in" "该资料仅供资料室权利人授权的人员查阅" "This is read by whom the owner of the data room let in";
    SecondFactorRequired = 403 "second_factor_required" "须先以第二因素（动态口令）验证身份" "This needs the second factor: enrol an authenticator, or send its code";
    StepUpRequired = 403 "step_up_required" "此操作须在 {within} 内再次验证身份" "This needs the second factor proved within the last {within}";
    PasswordOutworn = 403 "password_outworn" "口令已到更换期限，请先更换" "The password has reached its age; change it first";
    NotFound = 404 "not_found" "未找到" "Not found";
    MethodNotAllowed = 405 "method_not_allowed" "此地址不支持该方法" "This address does not take that method";
    // Refused by the state of the thing.
    WrongState = 409 "wrong_state" "当前状态“{state}”下不能进行此操作" "This cannot be done in the state '{state}'";
    InFlight = 409 "in_flight" "同一请求正在处理中" "The same request is being worked on";
    EmailTaken = 409 "email_taken" "该邮箱已注册" "This e-mail address is already registered";
    RegistrationByLetter = 409 "registration_by_letter" "此处凭邮件注册，请改用 POST /v1/registrations" "Registration is by letter here: use POST /v1/registrations";
    UsccTaken = 409 "uscc_taken" "该统一社会信用代码已注册" "This social credit code is already registered";
    AlreadyMember = 409 "already_member" "该邮箱已被邀请或已是成员" "This address is already invited or a member";
    LastOwner = 409 "last_owner" "机构至少须保留一名有效的所有者" "An organisation keeps at least one active owner";
    AccountNeeded = 409 "account_needed" "账号仍有不能交出的职责：{why}" "The account still has duties that nobody else has: {why}";
    AddressUnproved = 409 "address_unproved" "尚不知该邮箱确属账号本人：须先凭邮件重设口令（POST /v1/password-resets）" "The account's address is not known to be its owner's: he must set his password anew by letter first (POST /v1/password-resets)";
    StaffConflict = 409 "staff_conflict" "一人不得兼任两个平台岗位，也不得同时是机构成员" "Nobody holds two staff roles, or a staff role and a membership";
    IdentifierTaken = 409 "identifier_taken" "该编号的资产已登记" "An asset with this number is already registered";
    LicenceConflict = 409 "licence_conflict" "与在先许可冲突" "It cannot stand beside licences that were granted before";
    AssetHeld = 409 "asset_held" "该资产已在另一项目中排他性报价，或正在办理赋权，或已声明开放许可" "This asset is already on offer exclusively elsewhere, is being granted to who made it, or is open to everybody's licence";
    RecordalOpen = 409 "recordal_open" "该标的或者许可已有未办结的登记、备案" "A transfer of this right, or the filing of this licence, is under way already";
    AssetInUse = 409 "asset_in_use" "资产已在审核或交易中，不能修改" "The asset is under review or on offer and cannot be changed";
    ListingNotReady = 409 "listing_not_ready" "资产的法律状态须先更新：{reason}" "The legal status of the assets must be renewed first: {reason}";
    GateBlocked = 409 "gate_blocked" "合规门尚未通过，须按所列办法整改，或由审核人员就提示作出判断" "The gates are not passed: cure what is named, or have an officer decide about what only warns";
    FindingDecided = 409 "finding_decided" "该提示已有判断" "About this finding somebody has decided already";
    AlreadyDeclared = 409 "already_declared" "已登记，尚未终止" "This is entered already and goes on";
    ExportPaperMissing = 409 "export_paper_missing" "境外受让方的技术出口许可证或者合同登记证书尚未核验" "The export licence, or the registration of the contract, of the foreign buyer is not verified yet";
    AlreadyApplied = 409 "already_applied" "本机构已报名该标的" "Your organisation has already applied for this lot";
    RegistrationClosed = 409 "registration_closed" "报名已截止" "Registration has closed";
    NotOpen = 409 "not_open" "竞价尚未开始" "Bidding has not opened yet";
    Closed = 409 "closed" "竞价已结束" "Bidding has closed";
    Paused = 409 "paused" "竞价已暂停：{reason}" "Bidding is paused: {reason}";
    LotTaken = 409 "lot_taken" "该标的已编入另一专场" "The lot has a place in another session";
    BuyNowOver = 409 "buy_now_over" "不能以一口价购买：未设一口价，或已有出价" "The lot cannot be bought at once: it was not announced so, or a bid stands";
    BidderSuspended = 409 "bidder_suspended" "该竞买人已被暂停竞价" "This bidder is suspended";
    WrongFormat = 409 "wrong_format" "该标的不以此种方式报价，请改用 {operation}" "This lot is bid for in another way: use {operation}";
    NotInTieRound = 409 "not_in_tie_round" "本轮仅由指明的竞买人报价" "Only those who are named for it bid in this round";
    NotYourTurn = 409 "not_your_turn" "现在不是您的轮次" "It is not your turn";
    AlreadySigned = 409 "already_signed" "该方已签署" "This side has already signed";
    TooManyKeys = 409 "too_many_keys" "有效密钥已达上限：{limit} 个" "There are as many live keys as there may be: {limit}";
    ImportRunning = 409 "import_running" "本机构同时进行的导入已达上限：{limit} 项" "Your organisation has as many imports under way as it may: {limit}";
    BankReferenceTaken = 409 "bank_reference_taken" "该银行流水号已入账" "This bank reference has already been recorded";
    StatementTaken = 409 "statement_taken" "该对账单已导入" "This statement has already been imported";
    NothingToPay = 409 "nothing_to_pay" "没有应付而未导出的退款" "No refund is owed that is not in a payment file already";
    SecretAlreadyShown = 409 "secret_already_shown" "密钥只显示一次，已经显示过；请轮换密钥" "The secret is shown once and was shown already; rotate it";
    NoMail = 409 "no_mail" "平台未开通邮件，请联系平台安全管理员" "No mail is set up here: ask the security administrator";
    RetentionRuns = 409 "retention_runs" "保存期未满，最早可清除 {until} 之前的记录" "The retention still runs: only what is from before {until} may go";
    TooManyRaises = 409 "too_many_raises" "领先期间提高自己的最高金额已达上限：{limit} 次" "As leader you have raised your own maximum as often as you may: {limit} times";
    ObjectionsClosed = 409 "objections_closed" "公示期已满或尚未开始，不能提出异议" "The notice does not run, so nothing can be objected to";
    AlreadyObjected = 409 "already_objected" "您对该公告已提出过异议" "You have objected to this notice already";
    ObjectionOpen = 409 "objection_open" "有异议尚未办结或尚未整改，程序暂不能继续" "An objection is open, or was right and is not put right: the procedure waits for it";
    MaterialChange = 409 "material_change" "该内容属实质性内容，不得勘误：须终止后重新公告" "This is material, no slip to be set right: what it announces is ended and announced anew";
    LateChange = 409 "late_change" "公告已于 {ends_at} 截止，不再更正" "The notice ended at {ends_at} and is not corrected any more";
    ProposalOpen = 409 "proposal_open" "该公告已有待复核的勘误或撤回" "Something is proposed about this notice already and waits for a second person";
    QuestionsClosed = 409 "questions_closed" "报名已截止或尚未开始，不能提问" "Registration is not open, so nothing can be asked";
    TooManyQuestions = 409 "too_many_questions" "您对该项目的未办结提问已达上限：{limit} 个" "You have as many open questions about this listing as you may: {limit}";
    MechanismNotAllowed = 409 "mechanism_not_allowed" "该类机构不得采用此方式" "An organisation of this class may not do it in this way";
    TooManyDocuments = 409 "too_many_documents" "本人一日内上传且尚未使用的文件已达上限：{limit} 份" "Of your own documents of the last day as many show nothing yet as may: {limit}";
    OfferNotOpen = 409 "offer_not_open" "该要约不能接受：属本方提出、已被接受或已过有效期" "This offer cannot be accepted: it is your own, was accepted already, or has expired";
    TooManyOffers = 409 "too_many_offers" "该协议定价的要约已达上限：{limit} 份，请终止后重新开始" "There are as many offers as there may be: {limit}; end this negotiation and begin another";
    NoticeNotOver = 409 "notice_not_over" "公示尚未期满或尚有事项未完成，程序暂不能继续" "The notice is not over in both places, or an objection is open: nothing goes on before";
    DataRoomExists = 409 "data_room_exists" "该项目或协议定价已有资料室" "The listing or the sale has a data room already";
    SandboxOnly = 409 "sandbox_only" "仅沙盒环境可用" "Only available in sandbox";
    UnconfirmedJump = 409 "unconfirmed_jump" "出价与当前价格相差悬殊（无须确认的界限为 {jump_limit}），出价不得撤回：如确属本意，请附 {confirm_with}: true 再次提交" "The bid is far from the price that stands (up to {jump_limit} nothing need be confirmed), and no bid is withdrawn: if you mean it, send it again with {confirm_with}: true";
    TakenDown = 410 "taken_down" "该公告已下架：{reason}" "This notice has been taken away: {reason}";
    // Lost lock, media, rules.
    TooSlow = 408 "too_slow" "请求体传输超时" "The request body did not arrive in time";
    Stale = 412 "stale" "内容已被更改，请重新读取后再试" "It has changed meanwhile; read it again and retry";
    TooLarge = 413 "too_large" "内容超出上限" "The content is larger than allowed";
    UnsupportedMedia = 415 "unsupported_media" "不支持的内容类型" "This content type is not accepted";
    Invalid = 422 "invalid" "内容不符合要求" "The content does not meet the rules";
    KeyReused = 422 "key_reused" "该 Idempotency-Key 已用于另一请求" "This Idempotency-Key was used for another request";
    UsccInvalid = 422 "uscc_invalid" "统一社会信用代码不正确：{reason}" "The social credit code is wrong: {reason}";
    IdentifierInvalid = 422 "identifier_invalid" "编号不正确：{reason}" "The number is wrong: {reason}";
    StatusForbids = 422 "status_forbids" "该法律状态下不得以此方式交易" "This legal status does not permit that kind of deal";
    NotRecordable = 422 "not_recordable" "登记机关将不予登记、备案" "The registry would refuse it";
    DeclarationMissing = 422 "declaration_missing" "缺少必要的声明或文件" "A declaration or document is missing";
    OutsideRule = 422 "outside_rule" "{name} 须在规则允许的范围内" "{name} must lie within what the rule allows";
    DocumentUnusable = 422 "document_unusable" "文件不存在或不可用" "The document does not exist or cannot be used";
    TooLow = 422 "too_low" "出价过低，至少为 {at_least}" "The bid is too low; at least {at_least}";
    TooHigh = 422 "too_high" "出价过高，至多为 {at_most}" "The bid is too high; at most {at_most}";
    NotAStep = 422 "not_a_step" "出价须为加价幅度的整数倍" "The bid must be a whole number of steps";
    AlreadyLeading = 422 "already_leading" "您的出价已是当前最优" "Your bid is already the best";
    PayerMismatch = 422 "payer_mismatch" "付款人户名与报名机构不一致" "The payer's name is not the applicant's";
    PayeeMismatch = 422 "payee_mismatch" "收款人户名与应退对象不一致" "Whoever was paid is not the one it is owed to";
    AmountMismatch = 422 "amount_mismatch" "金额不一致，应为 {expected}" "The amount is not what is due, {expected}";
    ClockBackwards = 422 "clock_backwards" "沙盒时间只能前进" "Sandbox time only moves forward";
    CursorInvalid = 422 "cursor_invalid" "分页游标无效" "The cursor is not valid";
    TooManyAttempts = 429 "too_many_attempts" "尝试次数过多，请稍后再试" "Too many attempts; try again later";
    RateLimited = 429 "rate_limited" "调用过于频繁，请稍后再试" "Called too often; try again later";
    PreconditionMissing = 428 "precondition_missing" "修改须带 If-Match" "A change needs an If-Match header";
    HeadersTooLarge = 431 "headers_too_large" "请求头过大" "The request headers are too large";
    Internal = 500 "internal" "内部错误，已记录" "An internal error; it has been recorded";
    Busy = 503 "busy" "系统繁忙，请以相同的 Idempotency-Key 重试" "Busy; retry with the same Idempotency-Key";
    StorageExhausted = 503 "storage_exhausted" "存储空间不足，暂不能写入" "Storage is exhausted; nothing can be written for now";
}

impl Code {
    /// Adds a fact a program can act on.
    pub fn with(self, name: &str, value: impl Serialize) -> Problem {
        Problem::from(self).with(name, value)
    }

    /// The problem with one fault at a place of the request.
    pub fn at(self, pointer: &str, fault: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Problem {
        Problem { errors: vec![Fault::new(pointer, fault, zh, en)], ..Problem::from(self) }
    }
}

/// One thing wrong at one place of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer into the body, or `#query/name`, `#header/name`.
    pub pointer: String,
    /// Stable code of the fault.
    pub code: String,
    /// What it says in Chinese.
    pub zh: String,
    /// What it says in English.
    pub en: String,
}

impl Fault {
    /// A fault at a place.
    pub fn new(pointer: &str, code: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code: code.into(), zh: zh.into(), en: en.into() }
    }
}

/// A refusal with what the caller needs to do better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which.
    pub code: Code,
    /// Facts a program can act on, rendered as extension members.
    pub facts: Map<String, Value>,
    /// Faults at places of the request.
    pub errors: Vec<Fault>,
    /// Seconds after which a retry is sensible.
    pub retry_after: Option<u32>,
    /// The caller was refused a right, which goes into the audit trail.
    pub denied: bool,
    /// The database asked for the transaction to be run again; never leaves the write door.
    pub transient: bool,
    /// The database could not be asked at all, so that nothing was begun.
    pub unreached: bool,
}

/// Whether a refusal is one of a right, which goes into the audit trail. A wrong password has a row of its own.
fn is_denial(code: Code) -> bool {
    code.status() == 403
        || matches!(
            code,
            Code::NotSignedIn
                | Code::TokenInvalid
                | Code::KeyInAddress
                | Code::RefreshInvalid
                | Code::SecondFactorWrong
                | Code::ResetInvalid
                | Code::RegistrationInvalid
                | Code::TooManyAttempts
        )
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        let retry_after = matches!(code, Code::Busy | Code::InFlight | Code::StorageExhausted).then_some(1);
        Self { code, facts: Map::new(), errors: Vec::new(), retry_after, denied: is_denial(code), transient: false, unreached: false }
    }
}

impl Problem {
    /// The transaction is to be run again from its beginning.
    pub fn transient() -> Self {
        Self { transient: true, ..Code::Busy.into() }
    }

    /// Adds a fact. A value that cannot be written as JSON is left out.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        if let Ok(value) = serde_json::to_value(value) {
            self.facts.insert(name.into(), value);
        }
        self
    }

    /// With what can be done instead, as operations, where the state of a thing refuses and nothing is said of that yet.
    #[must_use]
    pub fn instead(self, allowed: &[&str]) -> Self {
        if self.code.status() == 409 && !self.facts.contains_key("allowed") { self.with("allowed", allowed) } else { self }
    }

    /// Everything that is wrong with a body, or nothing.
    pub fn from_faults(errors: Vec<Fault>) -> Result<(), Self> {
        if errors.is_empty() { Ok(()) } else { Err(Self { errors, ..Self::from(Code::Invalid) }) }
    }

    /// The same, where what was judged is a part of what was sent.
    #[must_use]
    pub fn under(mut self, place: &str) -> Self {
        for fault in self.errors.iter_mut().filter(|fault| !fault.pointer.starts_with('#')) {
            fault.pointer.insert_str(0, place);
        }
        self
    }

    /// The sentence in a language, with the facts put in.
    pub fn detail(&self, language: Language) -> String {
        let mut text = self.code.text(language).to_owned();
        for (name, value) in &self.facts {
            let spoken = match value {
                Value::String(text) => text.clone(),
                Value::Object(money) if money.contains_key("amount") => {
                    money.get("amount").and_then(Value::as_str).unwrap_or_default().to_owned()
                }
                other => other.to_string(),
            };
            text = text.replace(&format!("{{{name}}}"), &spoken);
        }
        text
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail(Language::English))?;
        for fault in &self.errors {
            write!(f, "; {} {}", fault.pointer, fault.en)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

/// Characters that show nothing or turn the direction of what follows: a name with them looks like another.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Collects what is wrong with a body before refusing it as a whole.
#[derive(Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Nothing wrong yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a fault unless the condition holds.
    pub fn require(&mut self, holds: bool, pointer: &str, code: &str, zh: &str, en: &str) -> &mut Self {
        if !holds {
            self.0.push(Fault::new(pointer, code, zh, en));
        }
        self
    }

    /// Text with a length in characters, not blank, without control characters.
    pub fn text(&mut self, pointer: &str, text: &str, longest: usize) -> &mut Self {
        let length = text.chars().count();
        let sound = !text.trim().is_empty()
            && length <= longest
            && !text.chars().any(|c| is_invisible(c) || (c.is_control() && c != '\n' && c != '\t'));
        self.require(
            sound,
            pointer,
            "text",
            &format!("须为 1 至 {longest} 个字符，且不含控制字符"),
            &format!("must be 1 to {longest} characters without control characters"),
        )
    }

    /// As [`Self::text`], for what others are compared with: without blanks at its ends, which nobody sees.
    pub fn name(&mut self, pointer: &str, name: &str, longest: usize) -> &mut Self {
        self.text(pointer, name, longest).require(
            name.trim() == name,
            pointer,
            "blank_ends",
            "首尾不得有空白",
            "must not begin or end with a blank",
        )
    }

    /// As [`Self::text`], where the text may be left out.
    pub fn optional_text(&mut self, pointer: &str, text: Option<&String>, longest: usize) -> &mut Self {
        if let Some(text) = text {
            self.text(pointer, text, longest);
        }
        self
    }

    /// Text of any characters that is compared, never kept: only its length in characters is bounded.
    pub fn at_most(&mut self, pointer: &str, text: &str, longest: usize) -> &mut Self {
        self.require(
            text.chars().count() <= longest,
            pointer,
            "too_long",
            &format!("不得超过 {longest} 个字符"),
            &format!("must be at most {longest} characters"),
        )
    }

    /// An instant every database can understand.
    pub fn instant(&mut self, pointer: &str, at: Option<DateTime<Utc>>) -> &mut Self {
        self.require(at.is_none_or(|at| YEARS.contains(&at.year())), pointer, "range", "时间超出范围", "the time is out of range")
    }

    /// Adds a fault that was found elsewhere.
    pub fn push(&mut self, fault: Fault) -> &mut Self {
        self.0.push(fault);
        self
    }

    /// Refuses if anything was noted.
    pub fn done(&mut self) -> Result<(), Problem> {
        Problem::from_faults(std::mem::take(&mut self.0))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_code_is_said_once_and_in_both_languages() {
        let codes: HashSet<_> = Code::ALL.iter().map(|c| c.code()).collect();
        assert_eq!(codes.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(!code.text(Language::Chinese).is_empty() && !code.text(Language::English).is_empty());
            assert!((400..=599).contains(&code.status()));
        }
    }

    #[test]
    fn a_part_points_into_the_whole() {
        let problem = Code::Invalid.at("/title", "text", "太长", "too long").under("/asset");
        assert_eq!(problem.errors[0].pointer, "/asset/title");
    }

    #[test]
    fn what_a_state_refuses_says_what_can_be_done_instead() {
        let allowed = |problem: Problem| problem.instead(&["accept_offer"]).facts.get("allowed").cloned();
        assert_eq!(allowed(Code::OfferNotOpen.into()), Some(serde_json::json!(["accept_offer"])));
        assert_eq!(allowed(Code::WrongState.with("allowed", ["make_offer"])), Some(serde_json::json!(["make_offer"])), "it says so itself");
        assert_eq!(allowed(Code::Invalid.into()), None, "no state is in the way");
    }

    #[test]
    fn facts_are_put_into_the_sentence() {
        let problem = Code::TooLow.with("at_least", entity::money::Money::fen(12_345));
        assert_eq!(problem.detail(Language::English), "The bid is too low; at least 123.45");
    }
}
