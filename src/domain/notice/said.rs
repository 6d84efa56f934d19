//! Search words. They make a raised notice more urgent or more precise, or veto a suppression, never the opposite: a missing word
//! costs attention and nothing else.

use std::sync::LazyLock;

use regex::Regex;

use super::harmless::{without_data, without_no_others, without_numbers, without_versions};
use super::normal::Normal;
use crate::domain::words::words;

words! {
    /// A veto against suppression, however well the wording is known.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Veto {
        /// More instances than the named one.
        More = "more",
        /// A loss that has already happened.
        Gone = "gone",
        /// A deletion.
        Delete = "delete",
        /// Another subject than the instance: an endpoint, a version, a topic.
        Other = "other",
        /// A time without a date.
        Time = "time",
        /// A number outside of an id or a date.
        Digits = "digits",
        /// The name of another tracked instance.
        Name = "name",
    }
}

#[expect(
    clippy::expect_used,
    reason = "constant patterns, compiled by every test"
)]
pub(super) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

macro_rules! patterns {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)+) => {
        $($(#[$doc])* static $name: LazyLock<Regex> = LazyLock::new(|| pattern($text));)+
    };
}
pub(super) use patterns;

patterns! {
    // English is matched with blanks, Chinese without.
    RELEASE_EN = r"\b(?:will|to|shall|going to|about to|scheduled to) (?:\w+ )*be (?:\w+ )?released\b|\bwill release\b|\brelease (?:notice|date|time|reminder)\b";
    RELEASE_ZH = "(?:即将|即將|将|將|待|快要|面临|面臨|临近|臨近).{0,40}(?:释放|釋放)|(?:释放|釋放)(?:时间|時間|提醒|通知|日期)";
    EXPIRY_EN = r"\bwill (?:\w+ )?(?:be )?expir(?:e|ed|ing)\b|\b(?:about|due|going) to expire\b|\b(?:is|are) expiring\b|\bexpires? (?:on|at|in|soon|today|tomorrow)\b";
    EXPIRY_ZH = "(?:即将|即將|将要|將要|将|將|快要).{0,30}(?:到期|过期|過期)|(?:到期|过期|過期)(?:时间|時間|提醒|通知|日期)";
    EXPIRED_EN = r"\b(?:has|have) (?:\w+ )?expired\b";
    EXPIRED_ZH = "已(?:经|經)?(?:到期|过期|過期)";
    MORE_EN = r"\b(?:others?|etc|et al|so on|instances|resources|all (?:of )?(?:your|the|its)|both|several|multiple|some of|together with|as well as|and also|and (?:\w+ ){0,3}more|and the (?:following|ones)|more rows?|more instances?|every instance|each instance|first of|remaining|the rest|each of|among|attached|attachments?|list below|listed|including|everything|siblings?|twins?|peers?|replicas?|another (?:instance|service|resource|cluster|one)|(?:one|\d+) more|along with|same (?:goes|applies|holds|is true)|(?:see|check) (?:the )?(?:list|table)|table below|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?)\b";
    MORE_ZH = "等|其他|其它|其余|其餘|另外|以及|此外|多个|多個|若干|两个|兩個|两台|兩台|数个|數個|几个|幾個|各实例|各實例|一批|[.]{3}|所有|全部|批量|清单|清單|列表|附件|名单|名單|附表|[上下]表|另一|别的|別的|每(?:个|個|台|一)|全体|全體|一众|一眾|诸|諸|[同该該](?:账号|賬號|帐号|帳號)下|亦然|例如|比如|(?:[二两兩三四五六七八九十百叁贰肆伍陆柒捌玖拾]+|数|數|几|幾)(?:个|個|台|臺|套|组|組|条|條|项|項)|及以下|[共与與和]\\d|包括|包含";
    DELETE_EN = r"\bdelet(?:e|es|ed|ing|ion)\b|\bdestroy|\b(?:wiped?|wiping|erased?|erasing|purged?|purging|terminat(?:e|es|ed|ing|ion))\b|\bremoved for good\b";
    DELETE_ZH = "删除|刪除|销毁|銷毀|清除|清空|移除";
    OTHER_EN = r"\b(?:endpoints?|versions?|topics?|groups|consumer groups?|group ids?|patch(?:es)?|public networks?|snapshots?|namespaces?|bandwidth|violations?|public ips?|eips?|nodes?|domains?|disks?|quotas?|certificates?|firmware|new features?|dead[- ]letter|ip address(?:es)?|storage|whitelists?|allowlists?|vpcs?|acls?|access keys?|connection pools?|(?:message )?traces?|(?:the|a|an|your) group|downgrad\w*|convert(?:s|ed|ing)?|conversion)\b";
    OTHER_ZH = "接入点|接入點|版本|主题|主題|分组|分組|消费组|消費組|补丁|補丁|公网|公網|快照|命名空间|命名空間|带宽|頻寬|违规|違規|冻结|凍結|节点|節點|域名|磁盘|磁碟|云盘|证书|證書|配额|配額|死信|存储空间|存儲空間|儲存空間|白名单|白名單|标签|標籤|消息轨迹|訊息軌跡|连接池|连接数|专有网络|静态ip|ip地址|的group|新功能|新特性|降级|降級|标准版|標準版";
    TIME_EN = r"\b(?:today|tonight|tomorrow|immediately|shortly|minutes?|hours?|days?|weeks?|months?|noon|midnight|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|may|june|july|august|september|october|november|december|next|within)\b";
    TIME_ZH = "今天|今日|今晚|明天|明日|明晚|后天|後天|天后|天後|天内|天內|日内|日內|小时|小時|分钟|分鐘|立即|立刻|马上|馬上|本月|本周|本週|下周|下週|下月|月底|周[一二三四五六日]|星期|工作日|[一二三四五六七八九十两兩几幾]个?(?:天|日|周|月|小时|小時)";
    // Another time than the date, also where there is one.
    SOONER_EN = r"\b(?:from now|half an hour|earlier|ahead of|sooner|whenever|released early|early release|originally)\b";
    SOONER_ZH = "[或将將会會能]提前|提前(?:至|到|于|於|释放|釋放)|原定|不再是|随时|隨時";
    LABELLED_NAME = r#"(?i)(?:instance ?name|实例名称|實例名稱|实例名|實例名) ?[:=]? ?["“「]?([\p{L}\p{N}][\p{L}\p{N}._-]*)"#;
    // Chinese is written up to an id without a blank.
    IDS = r"(?i:MQ_INST_)[A-Za-z0-9_*-]+|(?i:(?-u:\b)ons-[a-z]{2,}-[A-Za-z0-9*-]+|(?-u:\b)rmq-[a-z]{2,}-[A-Za-z0-9*-]+)";
}

/// A text prepared for the search.
pub(super) struct Searched {
    /// In lower case, with single blanks.
    pub(super) spaced: String,
    /// In lower case, without blanks.
    pub(super) dense: String,
}

impl Searched {
    pub(super) fn of(text: &str) -> Self {
        let lower = text.to_lowercase();
        let spaced = lower.split_whitespace().collect::<Vec<_>>().join(" ");
        let dense = spaced.replace(' ', "");
        Self { spaced, dense }
    }

    pub(super) fn says(&self, english: &Regex, chinese: &Regex) -> bool {
        english.is_match(&self.spaced) || chinese.is_match(&self.dense)
    }

    fn finds(&self, english: &Regex, chinese: &Regex) -> Option<String> {
        let found = english.find(&self.spaced);
        let found = found.or_else(|| chinese.find(&self.dense))?;
        Some(found.as_str().to_owned())
    }

    /// The first number, with the adjacent words.
    fn number(&self) -> Option<String> {
        /// The maximum length of an adjacent word, in characters.
        const BESIDE: usize = 12;
        let words: Vec<&str> = self.spaced.split(' ').collect();
        let at = words
            .iter()
            .position(|word| word.chars().any(char::is_numeric))?;
        let near = words.get(at.saturating_sub(1)..(at + 2).min(words.len()))?;
        let shown = near.iter().map(|word| {
            let skip = word.chars().position(char::is_numeric).unwrap_or(0);
            let from = skip.saturating_sub(BESIDE / 2);
            word.chars().skip(from).take(BESIDE).collect::<String>()
        });
        let shown = shown.collect::<Vec<_>>().join(" ");
        Some(
            shown
                .replace(|c: char| c.is_control() || c == '\u{f0fd}', "")
                .trim()
                .to_owned(),
        )
    }

    pub(super) fn of_release(&self) -> bool {
        self.says(&RELEASE_EN, &RELEASE_ZH)
    }

    /// Whether it mentions a future expiry, and a past one.
    pub(super) fn of_expiry(&self) -> (bool, bool) {
        let passed = self.says(&EXPIRED_EN, &EXPIRED_ZH);
        (self.says(&EXPIRY_EN, &EXPIRY_ZH), passed)
    }
}

/// The vetoes in a text outside its slots. `dated`: whether the slots contain a date.
pub(super) fn vetoes(rest: &str, dated: bool) -> Vec<Veto> {
    let found = objections(rest, dated);
    found.into_iter().map(|(veto, _)| veto).collect()
}

/// Like [`vetoes`], each with the words it was found by, if a word is enough.
pub(super) fn objections(rest: &str, dated: bool) -> Vec<(Veto, Option<String>)> {
    let said = Searched::of(rest);
    let lines = rest.lines().map(|line| Searched::of(line).spaced);
    let lines = lines.collect::<Vec<_>>().join("\n");
    let numbers = Searched::of(&without_numbers(&lines));
    let others = Searched::of(&without_no_others(&said.spaced));
    let deleting = Searched::of(&without_data(&said.spaced));
    let another = Searched::of(&without_versions(&said.spaced));
    let time = || {
        let undated = || numbers.finds(&TIME_EN, &TIME_ZH).filter(|_| !dated);
        numbers.finds(&SOONER_EN, &SOONER_ZH).or_else(undated)
    };
    let each = [
        (Veto::More, others.finds(&MORE_EN, &MORE_ZH)),
        (Veto::Delete, deleting.finds(&DELETE_EN, &DELETE_ZH)),
        (Veto::Other, another.finds(&OTHER_EN, &OTHER_ZH)),
        (Veto::Time, time()),
        (Veto::Digits, numbers.number()),
    ];
    let each = each
        .into_iter()
        .filter_map(|(veto, word)| Some((veto, Some(word?))));
    let gone = said.is_of_something_gone().then_some((Veto::Gone, None));
    let mut all: Vec<_> = each.chain(gone).collect();
    all.sort();
    all
}

/// Whether a text uses words that matter in a notice, so that it is no plain name or setting.
pub fn says_of_notices(text: &str) -> bool {
    let said = Searched::of(text);
    let digits = |veto: &Veto| *veto == Veto::Digits;
    !vetoes(text, false).iter().all(digits)
        || said.of_release()
        || said.of_expiry() != (false, false)
}

/// Whether a text speaks of a release, an expiry or a loss, or of more than one instance.
pub fn speaks_of_a_loss(text: &str) -> bool {
    let said = Searched::of(text);
    let beside = |veto: &Veto| matches!(veto, Veto::Digits | Veto::Other | Veto::Time);
    !vetoes(text, true).iter().all(beside)
        || said.of_release()
        || said.of_expiry() != (false, false)
}

/// A text with `@` in place of each id, so that no letter of one is searched.
pub(super) fn without_ids(text: &str) -> String {
    IDS.replace_all(text, "@").into_owned()
}

/// The ids in a text, as written.
pub(super) fn ids(text: &Normal) -> Vec<String> {
    let text = text.text();
    let found = IDS.find_iter(&text).map(|found| found.as_str().to_owned());
    different(found)
}

/// The labelled instance names in a text.
pub(super) fn names(text: &Normal) -> Vec<String> {
    let text = text.text();
    let found = LABELLED_NAME.captures_iter(&text);
    different(found.filter_map(|found| found.get(1).map(|name| name.as_str().to_owned())))
}

pub(super) fn different<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut kept = Vec::new();
    for one in all {
        if !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}
