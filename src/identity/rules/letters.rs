//! What is written to people, in both languages. But for the letters with a reset or a registration, nothing in them lets
//! anybody in by itself. What a stranger gave is in none of them.

use chrono::TimeDelta;
use entity::ids::{ObjectionId, QuestionId};

use crate::platform::mail::Letter;

/// What both letters about registering are about: only inside it is said whether there is an account.
const REGISTRATION: &str = "浙拍账号注册 Registering with Zhepai";

fn letter(to: &str, subject: &str, zh: &str, en: &str) -> Letter {
    Letter { to: to.to_owned(), subject: subject.to_owned(), text: format!("{zh}\n\n{en}\n") }
}

/// To somebody who is invited.
pub fn invitation(to: &str, organisation: &str) -> Letter {
    let organisation = organisation.split_whitespace().collect::<Vec<_>>().join(" ");
    letter(
        to,
        "浙拍邀请 Invitation to Zhepai",
        &format!("{organisation} 邀请您加入其在浙拍技术交易平台的团队。请以本邮箱登录或注册后接受邀请。"),
        &format!("{organisation} invites you to join it on Zhepai. Sign in or register with this address and accept the invitation."),
    )
}

/// To somebody who objects to a notice: that there is news of it. What was decided is read after signing in.
pub fn objection(to: &str, objection: ObjectionId) -> Letter {
    letter(
        to,
        "浙拍异议办理进展 News of your objection at Zhepai",
        &format!("您提出的异议（{objection}）已有进展，请登录浙拍查看。对处理决定不服的，可在期限内申请一次复核。"),
        &format!("There is news of your objection ({objection}): sign in to read it. A decision can be reviewed once, within its time."),
    )
}

/// To somebody who asks about a listing: that an officer has decided about his question. What was answered is read after signing in.
pub fn question(to: &str, question: QuestionId) -> Letter {
    letter(
        to,
        "浙拍提问办理结果 Your question at Zhepai",
        &format!("您的提问（{question}）已办结，请登录浙拍查看答复，或不予公布的理由。"),
        &format!("Your question ({question}) was dealt with: sign in to read the answer, or why it was refused."),
    )
}

/// To somebody who has asked for a new password, or for whom somebody did.
pub fn reset(to: &str, reset_token: &str, life: TimeDelta) -> Letter {
    let minutes = life.num_minutes();
    letter(
        to,
        "浙拍口令重置 Your Zhepai password",
        &format!(
            "有人为本邮箱的浙拍账号申请重置口令。重置凭证（{minutes} 分钟内有效，仅可使用一次）：\n\n{reset_token}\n\n如非本人申请，请忽略本邮件，口令不变。"
        ),
        &format!(
            "Somebody asked for a new password of the Zhepai account of this address. The reset above is good for {minutes} \
             minutes, once. If it was not you, do nothing: your password stays."
        ),
    )
}

/// To somebody who is kept from his account because others guess at it.
pub fn new_device(to: &str, device_token: &str, life: TimeDelta) -> Letter {
    let minutes = life.num_minutes();
    letter(
        to,
        "浙拍新设备登录 A new device at Zhepai",
        &format!(
            "您的浙拍账号近期登录失败次数过多，暂不接受陌生设备登录。如是您本人，请在登录时随口令一并提交下列设备凭证（{minutes} 分钟内有效，\
             仅可使用一次）：\n\n{device_token}\n\n如非本人申请，请忽略本邮件：没有口令，凭证不能登录。"
        ),
        &format!(
            "Too many tries to sign in to the Zhepai account of this address have failed, so devices it does not know are kept \
             out for now. If it is you, send the above as the device's token when you sign in, along with your password: it is \
             good for {minutes} minutes, once. If it was not you, do nothing: without the password it lets nobody in."
        ),
    )
}

/// To an address somebody wants to register under.
pub fn registration(to: &str, token: &str, life: TimeDelta) -> Letter {
    let hours = life.num_hours();
    letter(
        to,
        REGISTRATION,
        &format!(
            "有人申请以本邮箱注册浙拍账号。注册凭证（{hours} 小时内有效，仅可使用一次）：\n\n{token}\n\n凭此完成注册，姓名和口令由您届时填写。\
             如非本人申请，请忽略本邮件，账号不会开通。"
        ),
        &format!(
            "Somebody asked for a Zhepai account under this address. The token above opens it within {hours} hours, once, with the \
             name and the password you give with it. If it was not you, do nothing: no account is opened."
        ),
    )
}

/// To somebody under whose address somebody wants to register although it has an account.
pub fn has_account(to: &str) -> Letter {
    letter(
        to,
        REGISTRATION,
        "有人申请以本邮箱注册浙拍账号，而本邮箱已有账号，未作任何变更。如为本人操作，请直接登录，忘记口令可申请重置；账号已停用或注销的，\
         请联系平台安全管理员。如非本人操作，请忽略本邮件。",
        "Somebody asked for a Zhepai account under this address, which has one already; nothing was changed. If it was you, sign in, \
         or ask for a new password; if your account was suspended or closed, ask the security administrator. If it was not you, do \
         nothing.",
    )
}

/// To somebody whose password was set.
pub fn password_set(to: &str) -> Letter {
    letter(
        to,
        "浙拍口令已更改 Your Zhepai password was changed",
        "您的浙拍账号口令已更改，其他登录均已退出。如非本人操作，请立即联系平台安全管理员。",
        "The password of your Zhepai account was changed, and its other sessions have ended. If it was not you, tell the \
         security administrator at once.",
    )
}

/// To somebody one of whose sessions ended because a refresh token was used twice.
pub fn session_ended(to: &str) -> Letter {
    letter(
        to,
        "浙拍登录已强制退出 A Zhepai session was ended",
        "您的一处浙拍登录凭证被重复使用，可能已泄露，该登录已强制退出。请重新登录；如有疑问，请更改口令。",
        "A credential of one of your Zhepai sessions was used twice and may have been copied; the session was ended. Sign in \
         again, and change your password if in doubt.",
    )
}

/// To somebody whose account was closed.
pub fn account_closed(to: &str) -> Letter {
    letter(
        to,
        "浙拍账号已注销 Your Zhepai account was closed",
        "您的浙拍账号已注销，所有登录与密钥均已失效。法律要求留存的记录期满后，姓名与邮箱将被清除。",
        "Your Zhepai account was closed; its sessions and keys have ended. Name and address go when the law no longer asks \
         for the records they belong to.",
    )
}
