//! Words by which something praises itself.
//!
//! Source: Implementing Rules of the Patent Law art. 85 (a declaration has no words of commercial promotion). Which words these are is a rule
//! of the platform (design); what a phrase of the trade may hold, such as a first payment, is not among them.

/// Those that are looked for, in small letters.
const PRAISE: [&str; 26] = [
    "最优",
    "最佳",
    "最先进",
    "最强",
    "顶级",
    "顶尖",
    "领先",
    "独家",
    "首创",
    "首选",
    "独一无二",
    "国际先进",
    "国内先进",
    "世界先进",
    "填补空白",
    "填补国内",
    "填补国际",
    "全国第一",
    "国内第一",
    "世界第一",
    "行业第一",
    "排名第一",
    "world-class",
    "state of the art",
    "market-leading",
    "best-in-class",
];

/// The first word of praise in a text, if it has one.
pub fn praise(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    PRAISE.into_iter().find(|word| text.contains(*word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn praise_is_found_wherever_it_stands_and_a_plain_word_is_none() {
        for (text, word) in [
            ("本专利技术国际领先，欢迎洽谈", "领先"),
            ("首创技术", "首创"),
            ("A World-Class method.", "world-class"),
            ("填补空白", "填补空白"),
        ] {
            assert_eq!(praise(text), Some(word), "{text}");
        }
        for plain in ["第一年许可费于合同生效后三十日内支付", "被许可人应当标注专利号", "Once, within 30 days"]
        {
            assert_eq!(praise(plain), None, "{plain}");
        }
    }
}
