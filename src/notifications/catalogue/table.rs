//! Every kind of event there is.

use super::{Body, Kind, Party};

const ORGANISATION: &[Party] = &[Party::Organisation];
const SELLER: &[Party] = &[Party::Seller];
const APPLICANT: &[Party] = &[Party::Applicant];
const LOT: &[Party] = &[Party::Seller, Party::Bidders];
const REGISTERED: &[Party] = &[Party::Seller, Party::Registered];
const LICENSING: &[Party] = &[Party::Licensing];
const RECORDING: &[Party] = &[Party::Recording];
const NEGOTIATORS: &[Party] = &[Party::Negotiators];
const DEAL: &[Party] = &[Party::Seller, Party::Buyer];

/// Every kind of event there is, room by room. By letter comes, unless a member chooses otherwise, what calls for a deed of
/// his or bears a deadline.
#[rustfmt::skip]
pub const KINDS: &[Kind] = &[
    // Organisations and their members.
    Kind::new("organisation.registered", "organisation", Body::Organisation, "机构已登记，等待核验", "The organisation was registered and waits for verification").to(ORGANISATION),
    Kind::new("organisation.verified", "organisation", Body::Organisation, "机构已通过核验", "The organisation was verified").to(ORGANISATION),
    Kind::new("organisation.refused", "organisation", Body::Organisation, "机构未通过核验，或核验已撤回", "The organisation was refused, or its verification taken back").to(ORGANISATION).by_letter(),
    Kind::new("organisation.uscc_resolved", "organisation", Body::Organisation, "统一社会信用代码的疑点已消除", "The doubt about the social credit code was resolved").to(ORGANISATION),
    // What it is nobody is told: what follows is said to whoever is kept from a lot.
    Kind::new("organisation.screened", "organisation", Body::Organisation, "机构的合规信息有变更", "What is known of the organisation for the gates has changed"),
    Kind::new("membership.invited", "organisation", Body::Membership, "已邀请一名成员", "A member was invited").to(ORGANISATION),
    Kind::new("membership.accepted", "organisation", Body::Membership, "一名成员已接受邀请", "A member accepted the invitation").to(ORGANISATION),
    Kind::new("membership.suspended", "organisation", Body::Membership, "一名成员已被暂停", "A member was suspended").to(ORGANISATION),
    Kind::new("membership.reinstated", "organisation", Body::Membership, "一名成员已恢复", "A member was reinstated").to(ORGANISATION),
    Kind::new("membership.removed", "organisation", Body::Membership, "一名成员已被移除", "A member was removed").to(ORGANISATION),
    Kind::new("membership.roles_changed", "organisation", Body::Membership, "一名成员的角色已变更", "A member's roles were changed").to(ORGANISATION),
    Kind::new("api_key.created", "organisation", Body::Key, "已创建一个 API 密钥", "A key for programs was made"),
    Kind::new("api_key.revoked", "organisation", Body::Key, "一个 API 密钥已撤销", "A key for programs was revoked"),
    Kind::new("staff.appointed", "person", Body::Staff, "平台人员已任命", "An officer was appointed"),
    Kind::new("staff.dismissed", "person", Body::Staff, "平台人员已免职", "An officer was dismissed"),
    // Whose account it is, is nobody's news.
    Kind::new("account.suspended", "person", Body::Account, "账号已被停用", "An account was suspended"),
    Kind::new("account.recovered", "person", Body::Account, "账号已由本人找回", "An account came back to its owner"),
    // Achievements, rights and drafts: one's own work, of which an import makes thousands, is told to nobody.
    Kind::new("achievement.created", "achievement", Body::Achievement, "科技成果已登记", "An achievement was registered"),
    Kind::new("asset.added", "asset", Body::Asset, "成果下新增一项权利", "A right was added to an achievement"),
    Kind::new("asset.granted", "asset", Body::PatentGrant, "专利申请已授权（{granted_on}），该项权利为专利权", "An application was granted on {granted_on}: the right is the patent now").to(ORGANISATION),
    Kind::new("asset.title_passed", "asset", Body::Title, "权利自 {since} 起转移", "A right passed as of {since}").to(RECORDING).by_letter(),
    Kind::new("asset.status_recorded", "asset", Body::Status, "权利的法律状态已记录：{status}", "The legal status of a right was recorded: {status}"),
    // Burdens on rights: what the owner enters himself is told to nobody; what an officer does with it is told to him.
    Kind::new("encumbrance.recorded", "asset", Body::Encumbrance, "已登记一项权利负担", "A burden on a right was entered"),
    Kind::new("encumbrance.seen", "asset", Body::Encumbrance, "一项权利负担已核对", "An officer saw a burden on a right").to(ORGANISATION),
    Kind::new("encumbrance.lifted", "asset", Body::Encumbrance, "一项权利负担已解除", "A burden on a right was lifted"),
    Kind::new("encumbrance.consented", "asset", Body::Encumbrance, "已登记一项同意", "A consent about a right was handed in"),
    Kind::new("encumbrance.consent_withdrawn", "asset", Body::Encumbrance, "一项同意已撤回", "A consent about a right was taken back"),
    Kind::new("encumbrance.owners_agreed", "asset", Body::Encumbrance, "共有人约定已登记", "What the owners of a right agreed on was entered"),
    // Listings.
    Kind::new("listing.draft", "listing", Body::Draft, "项目已起草，或草稿已修改", "The listing was drafted, or its draft changed"),
    Kind::new("listing.submitted", "listing", Body::Draft, "项目已提交审核", "The listing was submitted for review").to(ORGANISATION).in_state("submitted"),
    Kind::new("listing.under_review", "listing", Body::Draft, "项目正在审核", "The listing is under review").to(ORGANISATION).in_state("under_review"),
    Kind::new("listing.returned", "listing", Body::Draft, "项目已退回修改", "The listing was returned to be mended").to(ORGANISATION).in_state("returned").by_letter(),
    Kind::new("listing.rejected", "listing", Body::Draft, "项目未通过审核", "The listing was rejected").to(ORGANISATION).in_state("rejected").by_letter(),
    Kind::new("listing.approved", "listing", Body::Listing, "项目已通过审核", "The listing was approved").to(ORGANISATION).in_state("approved"),
    Kind::new("listing.published", "listing", Body::Listing, "项目已挂牌公告", "The listing was published").to(ORGANISATION).in_state("published").open(),
    Kind::new("listing.registration_closed", "listing", Body::Listing, "项目报名已截止", "Registration for the listing has closed").to(ORGANISATION).in_state("registration_closed"),
    Kind::new("listing.bidding", "listing", Body::Listing, "项目正在竞价", "The listing is being bid for").to(ORGANISATION).in_state("bidding"),
    Kind::new("listing.sold", "listing", Body::Listing, "项目已成交", "The listing was sold").to(ORGANISATION).in_state("sold"),
    Kind::new("listing.failed", "listing", Body::Listing, "项目未成交", "The listing failed").to(ORGANISATION).in_state("failed").by_letter(),
    Kind::new("listing.terminated", "listing", Body::Listing, "项目已终止", "The listing was terminated").to(ORGANISATION).in_state("terminated").by_letter(),
    Kind::new("listing.status_stale_soon", "listing", Body::StaleStatus, "开始竞价时部分权利的法律状态记录将过期，请重新查询", "The legal status of some rights will be stale when bidding opens; read it again").to(ORGANISATION).by_letter(),
    // Imports.
    Kind::new("import.done", "import", Body::Import, "导入已完成：录入 {accepted} 行，未变 {unchanged} 行，被拒 {refused} 行", "An import is done: {accepted} rows were taken in, {unchanged} stood already, {refused} were refused").to(ORGANISATION).in_state("done"),
    Kind::new("import.failed", "import", Body::Import, "导入已中断", "An import broke off").to(ORGANISATION).in_state("failed").by_letter(),
    Kind::new("import.cancelled", "import", Body::Import, "导入已取消", "An import was cancelled").to(ORGANISATION).in_state("cancelled"),
    // Notices.
    Kind::new("notice.published", "notice", Body::Notice, "公告已发布", "A notice was published").to(SELLER).open(),
    Kind::new("notice.put_off", "notice", Body::Notice, "公告期顺延", "A notice ends later than was told").to(SELLER).open(),
    Kind::new("notice.taken_down", "notice", Body::Notice, "公告已下架", "The page of a notice was taken away").to(SELLER).open(),
    Kind::new("notice.restored", "notice", Body::Notice, "公告已恢复", "The page of a notice is there again").to(SELLER).open(),
    Kind::new("notice.corrected", "notice", Body::Notice, "公告已勘误", "A slip in a notice was set right").to(REGISTERED).open().by_letter(),
    Kind::new("notice.revised", "notice", Body::Notice, "公告内容有实质性更正，公示期重新计算", "What a notice is about was changed; its period begins again").to(REGISTERED).open().by_letter(),
    Kind::new("notice.opened", "notice", Body::Notice, "公告中到期前不公开的事项已公开", "What a notice withheld until a date is told").to(REGISTERED).open(),
    Kind::new("notice.withdrawn", "notice", Body::Notice, "公告已撤回", "A notice was withdrawn").to(REGISTERED).open().by_letter(),
    Kind::new("notice.ended", "notice", Body::Notice, "公告期已满", "The period of a notice is over").to(SELLER).open(),
    Kind::new("notice.final", "notice", Body::Notice, "公告期已满，且异议均已办结", "Nothing about a notice is open any more").to(REGISTERED).open(),
    // Objections: of who objects nobody hears.
    Kind::new("objection.submitted", "objection", Body::Objection, "有人对公告提出异议", "Somebody objected to a notice").to(SELLER).in_state("submitted").open().by_letter(),
    Kind::new("objection.accepted", "objection", Body::Objection, "异议已受理，程序暂停", "An objection was accepted; the procedure waits").to(SELLER).in_state("investigating").open(),
    Kind::new("objection.moved", "objection", Body::Objection, "异议的处理有进展", "An objection went on").to(SELLER).open(),
    Kind::new("objection.decided", "objection", Body::Objection, "异议已作出处理决定", "An objection was decided").to(SELLER).in_state("decided").open().by_letter(),
    Kind::new("objection.closed", "objection", Body::Objection, "异议已办结", "An objection was closed").to(SELLER).open(),
    Kind::new("objection.settled", "objection", Body::Objection, "异议已整改完成", "What an objection was right about was put right").to(SELLER).open(),
    // Sales at a negotiated price: for the parties alone; the public hears of the notices.
    Kind::new("negotiation.offered", "negotiation", Body::Negotiation, "一方提出了要约，请在有效期内答复", "A party made an offer, which stands for a time").to(NEGOTIATORS).by_letter(),
    Kind::new("negotiation.agreed", "negotiation", Body::Negotiation, "要约已被接受，等待转让方决策", "An offer was accepted; the seller's decision is due").to(NEGOTIATORS).in_state("agreed").by_letter(),
    Kind::new("negotiation.decided", "negotiation", Body::Negotiation, "转让方已决策，公示稿等待发布", "The seller has decided; the notice waits to be published").to(NEGOTIATORS).in_state("decided"),
    Kind::new("negotiation.noticed", "negotiation", Body::Negotiation, "协议定价已公示；转让方须同时在本单位公示并上传证明", "The negotiated price is announced; the seller shows it in his own place too").to(NEGOTIATORS).in_state("noticed").by_letter(),
    Kind::new("negotiation.unit_notice_shown", "negotiation", Body::Negotiation, "转让方已上传本单位公示的证明", "The seller showed that his own notice stands").to(NEGOTIATORS).in_state("noticed"),
    Kind::new("negotiation.confirmed", "negotiation", Body::Negotiation, "一方或双方已确认成交", "One party has confirmed the sale, or both have").to(NEGOTIATORS).by_letter(),
    Kind::new("negotiation.result_published", "negotiation", Body::Negotiation, "成交结果已公示", "The result is public").to(NEGOTIATORS).in_state("result_published"),
    Kind::new("negotiation.ended", "negotiation", Body::Negotiation, "协议定价已终止", "The sale at a negotiated price came to nothing").to(NEGOTIATORS).in_state("ended").by_letter(),
    // Grants of rights to who made an achievement: for the unit alone; the public hears of the notices.
    Kind::new("rights_grant.decided", "rights_grant", Body::RightsGrant, "单位已决定赋权，公示稿等待发布", "The unit has decided on a grant of rights; the notice waits to be published").to(ORGANISATION).in_state("decided"),
    Kind::new("rights_grant.noticed", "rights_grant", Body::RightsGrant, "赋权已公示；须同时在本单位公示并上传证明", "A grant of rights is announced; the unit shows it in its own place too").to(ORGANISATION).in_state("noticed").by_letter(),
    Kind::new("rights_grant.agreed", "rights_grant", Body::RightsGrant, "赋权协议已签订，请办理共有登记", "The agreement on a granted share is filed; the register has yet to show it").to(ORGANISATION).in_state("agreed").by_letter(),
    Kind::new("rights_grant.effective", "rights_grant", Body::RightsGrant, "赋权已生效", "A grant of rights is effective").to(ORGANISATION).in_state("effective"),
    Kind::new("rights_grant.ended", "rights_grant", Body::RightsGrant, "赋权已终止", "A grant of rights came to nothing").to(ORGANISATION).in_state("ended").by_letter(),
    // Licences: for who granted them and who holds them.
    Kind::new("licence.entered", "licence", Body::Licence, "许可已登记", "A licence was entered in the register").to(LICENSING).in_state("effective"),
    Kind::new("licence.terminated", "licence", Body::Licence, "许可已终止", "A licence was ended").to(LICENSING).in_state("terminated").by_letter(),
    Kind::new("licence.superseded", "licence", Body::Licence, "许可已由新许可取代", "Another licence took the place of a licence").to(LICENSING).in_state("superseded"),
    Kind::new("licence.passed", "licence", Body::Licence, "所许可的权利已转让，受让人成为许可人；许可不受影响", "What a licence is about passed to another, who grants it from now on; the licence stands").to(LICENSING).in_state("effective").by_letter(),
    Kind::new("licence.changed", "licence", Body::Licence, "许可所依据的关系有变，许可继续有效", "What a licence rests on changed; it stands").to(LICENSING).in_state("effective"),
    Kind::new("licence.merged", "licence", Body::Licence, "被许可人已取得该权利，许可因此终止", "Who held a licence got the right itself, and the licence ended in it").to(LICENSING).in_state("superseded"),
    Kind::new("licence.breach_reported", "licence", Body::Licence, "有一方称许可未被遵守", "One side says that a licence is not kept to").to(LICENSING).in_state("effective").by_letter(),
    Kind::new("licence.carried_over", "licence", Body::Licence, "专利申请已授权，许可转为专利实施许可", "The application was granted, and its licence goes on as one of the patent").to(LICENSING).in_state("effective"),
    Kind::new("licence.recordal_due", "licence", Body::LicenceDue, "许可合同须于 {due_on} 前备案", "The licence is to be filed by {due_on}").to(LICENSING).by_letter(),
    Kind::new("licence.recordal_overdue", "licence", Body::LicenceDue, "许可合同备案期限（{due_on}）已过", "The licence was to be filed by {due_on}").to(LICENSING).by_letter(),
    // What is filed with registries: for both sides.
    Kind::new("recordal.submitted", "recordal", Body::Recordal, "登记、备案申请已提交登记机关", "What is filed was handed in").to(RECORDING).in_state("submitted_to_registry"),
    Kind::new("recordal.defective", "recordal", Body::Defect, "登记机关要求补正，请于 {reply_by} 前答复", "The registry wants something mended by {reply_by}").to(RECORDING).by_letter(),
    Kind::new("recordal.resubmitted", "recordal", Body::Recordal, "已补正", "What the registry wanted was mended").to(RECORDING).in_state("resubmitted"),
    Kind::new("recordal.deemed_not_filed", "recordal", Body::Recordal, "逾期未补正，视为未提出；可以重新提交", "Nothing was mended in time: it is deemed not filed, and may be handed in again").to(RECORDING).in_state("deemed_not_filed").by_letter(),
    Kind::new("recordal.entered", "recordal", Body::Recordal, "登记结果已录入，请复核", "What the register shows was entered; somebody else is to confirm it").to(RECORDING).in_state("submitted_to_registry").by_letter(),
    Kind::new("recordal.registered", "recordal", Body::Recordal, "已登记、备案", "It is in the register").to(RECORDING).in_state("registered").by_letter(),
    Kind::new("recordal.refused", "recordal", Body::Recordal, "登记机关不予登记、备案", "The registry refused it").to(RECORDING).in_state("refused").by_letter(),
    Kind::new("recordal.withdrawn", "recordal", Body::Recordal, "登记、备案申请已撤回", "What was filed was taken back").to(RECORDING).in_state("withdrawn").by_letter(),
    Kind::new("certificate.issued", "certificate", Body::Certificate, "已签发许可证书 {number}", "Certificate {number} of a licence was issued").to(LICENSING),
    Kind::new("certificate.revoked", "certificate", Body::Certificate, "许可证书 {number} 已被撤销", "Certificate {number} of a licence was taken back").to(LICENSING).by_letter(),
    // Declarations of open licences: for the patentee alone; the public hears of the notices.
    Kind::new("open_licence.returned", "open_licence", Body::OpenLicence, "开放许可声明已退回修改", "The declaration of an open licence was sent back to be mended").to(ORGANISATION).in_state("returned").by_letter(),
    Kind::new("open_licence.announced", "open_licence", Body::OpenLicence, "开放许可已公告，撤回前有效", "An open licence is announced; it stands until it is withdrawn").to(ORGANISATION).in_state("announced"),
    Kind::new("open_licence.withdrawn", "open_licence", Body::OpenLicence, "开放许可已撤回；此前已给予的许可不受影响", "An open licence was withdrawn; whoever has a licence by then keeps it").to(ORGANISATION).in_state("withdrawn").by_letter(),
    Kind::new("open_licence.ended", "open_licence", Body::OpenLicence, "异议成立或者专利权已转让，开放许可已终止", "An objection was right, or the patent is another's now, and an open licence ended for it").to(ORGANISATION).in_state("ended").by_letter(),
    Kind::new("open_licence.not_accepted", "open_licence", Body::OpenLicence, "国家知识产权局未予公告，开放许可声明已终止", "The patent office did not accept the declaration of an open licence, and it ended").to(ORGANISATION).in_state("not_accepted").by_letter(),
    Kind::new("open_licence.terminated_by_registry", "open_licence", Body::OpenLicence, "国家知识产权局已终止开放许可；此前已给予的许可不受影响", "The patent office ended an open licence; whoever has a licence by then keeps it").to(ORGANISATION).in_state("terminated_by_registry").by_letter(),
    Kind::new("open_licence.expired", "open_licence", Body::OpenLicence, "开放许可的许可期限已届满", "The term of the licences of an open licence is over").to(ORGANISATION).in_state("expired"),
    // Open licences that somebody takes: for the patentee and who does.
    Kind::new("open_licence.notice_sent", "open_licence_acceptance", Body::Acceptance, "已收到实施开放许可的书面通知，许可使用费尚待支付", "Somebody gave notice that he takes an open licence, and has yet to pay").to(LICENSING).in_state("notice_sent").by_letter(),
    Kind::new("open_licence.taken", "open_licence_acceptance", Body::TakenLicence, "开放许可已被实施：通知已送达，许可使用费已支付，许可已登记", "An open licence was taken: told, paid, and entered in the register").to(LICENSING).in_state("licensed").by_letter(),
    Kind::new("open_licence.recorded", "open_licence_acceptance", Body::TakenLicence, "开放许可实施合同已备案", "The patent office put an open licence that was taken on record").to(LICENSING).in_state("recorded"),
    Kind::new("open_licence.lapsed", "open_licence_acceptance", Body::Acceptance, "实施开放许可的通知已失效", "The taking of an open licence lapsed").to(LICENSING).in_state("lapsed").by_letter(),
    // Patents that public money paid for and nobody uses.
    Kind::new("open_implementation.due_soon", "asset", Body::OpenImplementation, "财政资助专利将于 {due_on} 列入公开实施清单，请及时实施、许可或者说明正当理由", "A patent that public money paid for is on the list of unused ones from {due_on} on: use it, license it, or say why not").to(ORGANISATION).by_letter(),
    Kind::new("open_implementation.decided", "asset", Body::OpenImplementation, "对专利未实施的说明已有决定", "It was decided on what was said of a patent that nobody uses").to(ORGANISATION).by_letter(),
    // Data rooms.
    Kind::new("data_room.opened", "data_room", Body::DataRoom, "资料室已开放", "The data room was opened").to(ORGANISATION).in_state("open"),
    Kind::new("data_room.closed", "data_room", Body::DataRoom, "资料室已关闭", "The data room was closed").to(ORGANISATION).in_state("closed"),
    Kind::new("data_room.nda_accepted", "data_room", Body::DataRoom, "有机构接受了资料室的保密协议", "An organisation accepted the confidentiality agreement of the data room").to(ORGANISATION).in_state("open"),
    Kind::new("data_room.granted", "data_room", Body::DataRoom, "本机构的一名成员获准查阅资料室", "A member of your organisation was let into a data room").to(ORGANISATION).in_state("open"),
    Kind::new("data_room.revoked", "data_room", Body::DataRoom, "本机构一名成员的资料室授权已撤销", "A member of your organisation is let into a data room no more").to(ORGANISATION).in_state("open"),
    // Questions: of who asks nobody hears, nor what before everybody reads it.
    Kind::new("question.asked", "question", Body::Question, "有人就项目提问，请在期限内答复", "Somebody asks about a listing; the answer is due").to(SELLER).in_state("asked").by_letter(),
    Kind::new("question.answered", "question", Body::Question, "提问已答复，等待审核公布", "A question was answered, and waits for an officer").in_state("answered"),
    Kind::new("question.returned", "question", Body::Question, "答复已退回，请重新答复", "An answer was sent back; another is due").to(SELLER).in_state("asked").by_letter(),
    Kind::new("question.published", "question", Body::Question, "提问及答复已公布", "A question was published with its answer").to(REGISTERED).in_state("published").open(),
    Kind::new("question.refused", "question", Body::Question, "提问不予公布", "A question was refused").to(SELLER).in_state("refused"),
    Kind::new("question.withdrawn", "question", Body::Question, "提问已撤回", "A question was withdrawn").to(SELLER).in_state("withdrawn"),
    // Admissions: told to the applicant alone, for nobody else may know who bids.
    Kind::new("admission.applied", "lot", Body::Admission, "报名已受理", "The application was received").to(APPLICANT).in_state("applied"),
    Kind::new("admission.qualified", "lot", Body::Admission, "资格审查已通过，请按时交纳保证金", "The applicant was qualified; the deposit is due").to(APPLICANT).in_state("qualified").by_letter(),
    Kind::new("admission.refused", "lot", Body::Admission, "资格审查未通过", "The application was refused").to(APPLICANT).in_state("refused").by_letter(),
    Kind::new("admission.admitted", "lot", Body::Admission, "已取得竞买资格", "The bidder was admitted").to(APPLICANT).in_state("admitted").by_letter(),
    Kind::new("admission.not_admitted", "lot", Body::Admission, "未在截止前交纳保证金，未取得竞买资格", "The deposit did not arrive in time; the applicant was not admitted").to(APPLICANT).in_state("not_admitted").by_letter(),
    Kind::new("admission.withdrawn", "lot", Body::Admission, "报名已撤回", "The application was withdrawn").to(APPLICANT).in_state("withdrawn"),
    Kind::new("admission.won", "lot", Body::Admission, "竞价成功", "The bidder won the lot").to(APPLICANT).in_state("won").by_letter(),
    Kind::new("admission.announced_anew", "lot", Body::Admission, "标的以新的条件重新公告，原登记终止、保证金退还，可重新报名", "The lot was announced anew under other terms: this registration ended, its deposit goes back, and anybody may register again").to(APPLICANT).in_state("not_admitted").by_letter(),
    Kind::new("admission.lost", "lot", Body::Admission, "未竞得标的", "The bidder did not win the lot").to(APPLICANT).in_state("lost"),
    Kind::new("admission.defaulted", "lot", Body::Admission, "已构成违约", "The bidder is in default").to(APPLICANT).in_state("defaulted").by_letter(),
    Kind::new("admission.suspended", "lot", Body::Bidder, "竞买资格已被暂停", "The bidder was suspended").to(APPLICANT).in_state("admitted").by_letter(),
    Kind::new("admission.reinstated", "lot", Body::Bidder, "竞买资格已恢复", "The bidder was reinstated").to(APPLICANT).in_state("admitted").by_letter(),
    Kind::new("admission.offered", "lot", Body::Admission, "受让方违约，现征询贵方是否以本人最后出价受让，请在期限内答复", "The winner defaulted; the lot is offered to the bidder at its own last bid, to be answered in time").to(APPLICANT).in_state("admitted").by_letter(),
    // Lots.
    Kind::new("lot.opened", "lot", Body::Lot, "标的已开始竞价", "Bidding for the lot opened").to(LOT).in_state("open_free").open().by_letter(),
    Kind::new("lot.paused", "lot", Body::MovedLot, "标的已暂停", "The lot was paused").to(LOT).in_state("paused").open().by_letter(),
    Kind::new("lot.resumed", "lot", Body::MovedLot, "标的已恢复，竞价于 {closes_at} 结束", "The lot was resumed; it closes at {closes_at}").to(LOT).in_state("open_free").open().by_letter(),
    Kind::new("lot.extended", "lot", Body::MovedLot, "标的已延时，竞价于 {closes_at} 结束", "The lot was extended; it closes at {closes_at}").to(LOT).in_state("open_free").open(),
    Kind::new("lot.postponed", "lot", Body::MovedLot, "标的延期开拍，竞价于 {opens_at} 开始", "The lot opens later than was announced, at {opens_at}").to(REGISTERED).in_state("scheduled").open().by_letter(),
    Kind::new("lot.preemption_asked", "lot", Body::MovedLot, "竞价已结束，正在征询优先购买权人，须于 {closes_at} 前答复", "Bidding has ended; a holder of a right of pre-emption is asked, to answer before {closes_at}").to(LOT).in_state("preemption_ask").open().by_letter(),
    Kind::new("lot.preemption_round", "lot", Body::MovedLot, "数名优先购买权人愿意受让，可于 {closes_at} 前各再密封报价一次", "Several holders of a right of pre-emption take the lot; each may seal one more bid before {closes_at}").to(LOT).in_state("preemption_ask").open().by_letter(),
    Kind::new("lot.closed", "lot", Body::SoldLot, "标的竞价已结束", "Bidding for the lot closed").to(LOT).in_state("closed_sold").open().hiding(&["deal_id", "deal_ids"]),
    Kind::new("lot.not_taken", "lot", Body::Lot, "受让方违约，递补人未受让", "The winner defaulted and the runner-up did not take the lot").to(SELLER).in_state("closed_sold"),
    Kind::new("lot.aborted", "lot", Body::Lot, "标的未成交即已终止", "The lot was ended before anything was sold").to(LOT).in_state("aborted").open().by_letter(),
    // Sessions of lots: everybody may know of them; whom they concern is told of each lot.
    Kind::new("lot_session.published", "lot_session", Body::LotSession, "专场已公布，顺序已定", "A session of lots was published; its order stands").in_state("published").open(),
    Kind::new("lot_session.paused", "lot_session", Body::LotSession, "专场已暂停", "A session of lots was paused").in_state("paused").open(),
    Kind::new("lot_session.resumed", "lot_session", Body::LotSession, "专场已恢复", "A session of lots was resumed").in_state("published").open(),
    Kind::new("lot_session.ended", "lot_session", Body::LotSession, "专场已结束", "Every lot of a session has ended").in_state("ended").open(),
    // Deals.
    Kind::new("deal.opened", "deal", Body::Deal, "成交确认书已生成，请签署", "The confirmation of the deal is drawn up; sign it").to(DEAL).in_state("confirmation_generated").by_letter(),
    Kind::new("deal.put_off", "deal", Body::Deal, "异议已办结，成交确认书签署期限顺延", "An objection is over; there is more time to sign the confirmation").to(DEAL).in_state("confirmation_generated").by_letter(),
    Kind::new("deal.confirmed", "deal", Body::Deal, "成交已由各方确认", "The deal was confirmed by every side").to(DEAL).in_state("confirmed"),
    Kind::new("deal.defaulted", "deal", Body::Deal, "成交确认书逾期未签", "The confirmation was not signed in time").to(DEAL).in_state("default_buyer").by_letter(),
    Kind::new("deal.rescinded", "deal", Body::Deal, "异议成立，成交已撤销，保证金退还", "An objection was right: the deal is rescinded, and the deposit goes back").to(DEAL).in_state("rescinded").by_letter(),
    Kind::new("deal.result_published", "deal", Body::Deal, "成交结果已公示", "The result of the deal was published").to(DEAL).in_state("result_published").open().hiding(&["buyer_admission_id"]),
    // Money.
    Kind::new("refund.owed", "refund", Body::Refund, "保证金 {amount} 元应于 {due_at} 前退还", "The deposit of {amount} is to be paid back by {due_at}").to(ORGANISATION).by_letter(),
    Kind::new("refund.paid", "refund", Body::PaidRefund, "保证金 {amount} 元已退还", "The deposit of {amount} was paid back").to(ORGANISATION).by_letter(),
    // What the bank says, and what it is asked to pay: the officers' own.
    Kind::new("bank_statement.imported", "bank_statement", Body::Statement, "银行对账单已导入", "A bank statement was imported"),
    Kind::new("bank_line.matched", "bank_line", Body::Line, "对账单明细已匹配", "A line of a statement was matched").in_state("matched"),
    Kind::new("bank_line.decided", "bank_line", Body::Line, "对账单明细已处理", "A line of a statement was decided"),
    Kind::new("payment_file.created", "payment_file", Body::PaymentFile, "付款文件已生成", "A payment file was made"),
    Kind::new("payment_file.confirmed", "payment_file", Body::PaymentFile, "付款文件已由银行确认", "The bank confirmed a payment file").in_state("confirmed"),
    Kind::new("payment_file.cancelled", "payment_file", Body::PaymentFile, "付款文件已取消", "A payment file was cancelled").in_state("cancelled"),
    // Webhooks.
    Kind::new("webhook.test", "webhook", Body::Webhook, "Webhook 测试事件", "A test of a webhook").to(ORGANISATION),
    Kind::new("webhook.disabled", "webhook", Body::DisabledWebhook, "Webhook 已停用：{reason}", "A webhook was disabled: {reason}").to(ORGANISATION).by_letter(),
    // Stands in the outbox for the example of another kind, as which it is told.
    Kind::new("sandbox.triggered", "sandbox", Body::Triggered, "沙盒触发的示例事件", "An example triggered in sandbox"),
];
