//! A certificate of a licence on paper: what it says in words, and where whether it stands is asked. How it stands today is not on it.

use super::paper::{self, Block, Dated, Style};
use crate::certificates::flows::Shown;
use crate::platform::keys::hex;
use crate::platform::problem::{Language, Problem};
use crate::rulebook::rules::shanghai_minute;

/// What stands on it beside what it says.
struct Words {
    code: &'static str,
    title: &'static str,
    says: &'static str,
    number: &'static str,
    issued: &'static str,
    verify: &'static str,
    ask: &'static str,
    offline: &'static str,
}

const CHINESE: Words = Words {
    code: "zh-CN",
    title: "技术许可证书",
    says: "许可内容",
    number: "编号：",
    issued: "签发时间：",
    verify: "核验",
    ask: "本证书现是否有效，凭编号查询：",
    offline: "随附的签名文件（JWS）可离线核验：zhepai verify licence 文件 --keys 公钥文件。",
};

const ENGLISH: Words = Words {
    code: "en",
    title: "Certificate of a technology licence",
    says: "What is licensed",
    number: "Number: ",
    issued: "Issued, time in Shanghai: ",
    verify: "Verification",
    ask: "Whether it stands now is asked by its number at ",
    offline: "The signed file (JWS) that comes with it is checked without a server: zhepai verify licence FILE --keys FILE.",
};

/// The file. The same certificate gives the same bytes.
pub fn printed(shown: &Shown, language: Language) -> Result<Vec<u8>, Problem> {
    let words = match language {
        Language::Chinese => &CHINESE,
        Language::English => &ENGLISH,
    };
    let foot = format!("浙拍 Zhepai  {}", shown.claims.status_url);
    let dated = Dated { title: words.title, language: words.code, at: shown.claims.issued_at, foot: &foot };
    paper::print(&dated, &blocks(shown, language, words))
}

fn blocks(shown: &Shown, language: Language, words: &Words) -> Vec<Block> {
    let claims = &shown.claims;
    let body = |text: String| Block::new(Style::Body, text);
    let mut blocks = vec![
        Block::new(Style::Title, words.title),
        body(format!("{}{}", words.number, claims.number)),
        body(format!("{}{}", words.issued, shanghai_minute(claims.issued_at))),
        Block::new(Style::Heading, words.says),
    ];
    blocks.extend(claims.words.lines(language).iter().cloned().map(body));
    blocks.extend([
        Block::new(Style::Heading, words.verify),
        body(format!("{}{}", words.ask, claims.status_url)),
        body(words.offline.to_owned()),
        Block::new(Style::Small, format!("SHA-256 {}", hex(&shown.said_sha256))),
    ]);
    blocks
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::certificates::rules::examples::{at, licence};
    use crate::certificates::rules::said::CertificateClaims;

    fn certificate() -> Shown {
        let said_sha256 = licence().sha256().unwrap();
        Shown { claims: CertificateClaims::of(licence(), "XK-7QK2-0G4D-ZZ31-9MXA".into(), None, at(1)), said_sha256 }
    }

    #[test]
    fn the_same_certificate_is_the_same_paper_in_each_language() {
        let paper = |language| printed(&certificate(), language).unwrap();
        assert!(paper(Language::Chinese).starts_with(b"%PDF-1."));
        assert_eq!(paper(Language::Chinese), paper(Language::Chinese));
        assert_ne!(paper(Language::Chinese), paper(Language::English));
    }

    #[test]
    fn all_that_it_says_stands_on_it_with_its_number_and_where_to_ask() {
        let shown = certificate();
        let texts: Vec<_> = blocks(&shown, Language::Chinese, &CHINESE).into_iter().map(|block| block.text).collect();
        for line in &shown.claims.words.zh {
            assert!(texts.contains(line), "{line}");
        }
        assert!(texts.contains(&"编号：XK-7QK2-0G4D-ZZ31-9MXA".to_owned()));
        assert!(texts.iter().any(|text| text.ends_with("/v1/certificates/XK-7QK2-0G4D-ZZ31-9MXA")));
    }
}
