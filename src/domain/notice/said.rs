//! Words that are looked for. They make a raised notice louder or better worded, or forbid to suppress one: never the
//! other way round, so a word that is not in these lists costs attention and nothing else.

use std::sync::LazyLock;

use regex::Regex;

use super::normal::Normal;
use crate::domain::instance::words;

/// What forbids to suppress a text, however well its wording is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Veto {
    /// It speaks of more instances than the one it names.
    More,
    /// It says that something has happened already.
    Gone,
    /// It speaks of deleting.
    Delete,
    /// It is about something else than the instance: an endpoint, a version, a topic.
    Other,
    /// It gives a time without a date.
    Time,
    /// It holds a number that is no part of an id or a date.
    Digits,
    /// It holds the name of another tracked instance.
    Name,
}

words!(Veto {
    More = "more",
    Gone = "gone",
    Delete = "delete",
    Other = "other",
    Time = "time",
    Digits = "digits",
    Name = "name",
});

#[expect(
    clippy::expect_used,
    reason = "constant patterns, compiled by every test"
)]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

macro_rules! patterns {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)+) => {
        $($(#[$doc])* static $name: LazyLock<Regex> = LazyLock::new(|| pattern($text));)+
    };
}

patterns! {
    // English is looked for with its blanks, Chinese without any.
    RELEASE_EN = r"\b(?:will|to|shall|going to|about to|scheduled to) (?:\w+ )*be (?:\w+ )?released\b|\bwill release\b|\brelease (?:notice|date|time|reminder)\b";
    RELEASE_ZH = "(?:即将|即將|将|將|待).{0,40}(?:释放|釋放)|(?:释放|釋放)(?:时间|時間|提醒|通知|日期)";
    EXPIRY_EN = r"\bwill (?:\w+ )?(?:be )?expir(?:e|ed|ing)\b|\b(?:about|due|going) to expire\b|\b(?:is|are) expiring\b|\bexpires? (?:on|at|in|soon|today|tomorrow)\b";
    EXPIRY_ZH = "(?:即将|即將|将要|將要|将|將|快要).{0,30}(?:到期|过期|過期)|(?:到期|过期|過期)(?:时间|時間|提醒|通知|日期)";
    EXPIRED_EN = r"\b(?:has|have) (?:\w+ )?expired\b";
    EXPIRED_ZH = "已(?:经|經)?(?:到期|过期|過期)";
    GONE_EN = r"\b(?:has|have|had) (?:\w+ ){0,2}been (?:\w+ )?(?:released|unsubscribed|refunded|deleted|destroyed|terminated|removed|reclaimed|recycled)\b|\b(?:was|were) (?:\w+ )?(?:released|unsubscribed|refunded|deleted|destroyed|terminated|reclaimed|recycled)\b|\bsuccessfully (?:released|unsubscribed|refunded|deleted|destroyed)\b|\b(?:release|deletion|unsubscription|refund) (?:\w+ )?(?:succeeded|successful|completed)\b|\bno longer exists?\b";
    GONE_ZH = "不复存在|不復存在";
    // What has happened is told at any distance from what it happened to, unless the words between speak of what is to come.
    DONE_EN = r"\b(?:has|have|had|was|were|got|we|system|successfully|already|just|now|instances?|'ve|'s)\b";
    DEED_EN = r"\b(?:released|unsubscribed|refunded|deleted|destroyed|terminated|removed|reclaimed|recycled|erased|purged|wiped|cleaned up|dropped)\b";
    TO_COME_EN = r"\b(?:will|shall|to|be|being|not|never|about|scheduled|planned|due|if|unless|until|before|can|cannot|could|may|might|must|would|should|yet|once|when|soon|is|are)\b";
    CONDITION_EN = r"\b(?:if|unless|whether|once)\b";
    CONDITION_ZH = "[将將未待即要会會拟擬若后後]|如您|如果|如已|如需|一旦|是否";
    DEED_DONE_EN = r"\b(?:release|deletion|refund|unsubscription|unsubscribing|unsubscribe|termination|destruction|reclamation)\b";
    COMPLETE_EN = r"\b(?:succeeded|successful|successfully|success|completed|complete|done|finished)\b";
    DONE_ZH = "已|剛剛|刚刚|剛|刚|被";
    DEED_ZH = "释放|釋放|退订|退訂|退款|删除|刪除|销毁|銷毀|回收|清除|清理|清空";
    TO_COME_ZH = "[将將未待即后後前内內若如可会會拟擬设設选選续續]|开启|開啟|申请|申請";
    NOT_DONE_ZH = "^(?:时间|時間|日期|提醒|通知|申请|申請|保护|保護|后|後|前|规则|規則|策略|风险|風險|流程|计划|計劃|方式|类型|類型|动作|動作)";
    COMPLETE_ZH = "(?:释放|釋放|退订|退訂|退款|删除|刪除|销毁|銷毀|回收)(?:操作|任务|任務|流程|手续|手續|订单|訂單|工作)?(?:已|已经|已經)?(?:全部|顺利|順利)?(?:成功|完成|完毕|完畢|结束|結束|了)";
    MORE_EN = r"\b(?:others?|etc|instances|resources|all (?:of )?(?:your|the|its)|both|several|multiple|some of|together with|as well as|and also|and more|more rows?|more instances?|remaining|the rest|each of|among|attached|attachments?|list below|listed|including)\b";
    MORE_ZH = "等|其他|其它|其余|其餘|另外|以及|此外|多个|多個|若干|所有|全部|批量|清单|清單|列表|附件|及以下|[共与與和]\\d|包括|包含";
    DELETE_EN = r"\bdelet(?:e|es|ed|ing|ion)\b|\bdestroy";
    DELETE_ZH = "删除|刪除|销毁|銷毀";
    OTHER_EN = r"\b(?:endpoints?|versions?|topics?|groups|consumer groups?|group ids?|patch(?:es)?|public networks?|snapshots?|namespaces?|bandwidth|violations?|overdue)\b";
    OTHER_ZH = "接入点|接入點|版本|主题|主題|分组|分組|消费组|消費組|补丁|補丁|公网|公網|快照|命名空间|命名空間|带宽|頻寬|违规|違規|欠费|欠費|冻结|凍結";
    TIME_EN = r"\b(?:today|tonight|tomorrow|immediately|shortly|minutes?|hours?|days?|weeks?|months?|noon|midnight|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|may|june|july|august|september|october|november|december|next|within)\b";
    TIME_ZH = "今天|今日|今晚|明天|明日|明晚|后天|後天|天后|天後|天内|天內|日内|日內|小时|小時|分钟|分鐘|立即|立刻|马上|馬上|本月|本周|本週|下周|下週|下月|月底|周[一二三四五六日]|星期|工作日|[一二三四五六七八九十两兩几幾]个?(?:天|日|周|月|小时|小時)";
    LABELLED_NAME = r#"(?i)(?:instance ?name|实例名称|實例名稱|实例名|實例名) ?[:=]? ?["“「]?([\p{L}\p{N}][\p{L}\p{N}._-]*)"#;
    IDS = r"(?i:MQ_INST_)[A-Za-z0-9_*-]+|(?i:\bons-[a-z]{2,}-[A-Za-z0-9*-]+|\brmq-[a-z]{2,}-[A-Za-z0-9*-]+)";
}

/// A text as it is searched.
pub(super) struct Searched {
    /// In lower case, with single blanks.
    spaced: String,
    /// Without any.
    dense: String,
}

impl Searched {
    pub(super) fn of(text: &str) -> Self {
        let lower = text.to_lowercase();
        let spaced = lower.split_whitespace().collect::<Vec<_>>().join(" ");
        let dense = spaced.replace(' ', "");
        Self { spaced, dense }
    }

    fn says(&self, english: &Regex, chinese: &Regex) -> bool {
        english.is_match(&self.spaced) || chinese.is_match(&self.dense)
    }

    pub(super) fn of_release(&self) -> bool {
        self.says(&RELEASE_EN, &RELEASE_ZH)
    }

    /// An expiry that is still to come, or one that has passed.
    pub(super) fn of_expiry(&self) -> (bool, bool) {
        let passed = self.says(&EXPIRED_EN, &EXPIRED_ZH);
        (self.says(&EXPIRY_EN, &EXPIRY_ZH), passed)
    }

    pub(super) fn of_what_is_gone(&self) -> bool {
        let english = || {
            let deeds = [(&DONE_EN, &DEED_EN), (&DEED_DONE_EN, &COMPLETE_EN)];
            deeds.into_iter().any(|(begins, permission)| {
                let done = Done {
                    begins,
                    permission,
                    to_come: &TO_COME_EN,
                    condition: &CONDITION_EN,
                    stops: &['.', ';', '!', '?'],
                };
                done.within(&self.spaced).next().is_some()
            })
        };
        let chinese = || {
            let done = Done {
                begins: &DONE_ZH,
                permission: &DEED_ZH,
                to_come: &TO_COME_ZH,
                condition: &CONDITION_ZH,
                stops: &['.', ';', '!', '?', ',', '、'],
            };
            COMPLETE_ZH.is_match(&self.dense)
                || done
                    .within(&self.dense)
                    .any(|rest| !NOT_DONE_ZH.is_match(rest))
        };
        self.says(&GONE_EN, &GONE_ZH) || english() || chinese()
    }
}

/// How far a deed may stand from the word that says that it is done, in characters.
const REACH: usize = 80;
/// How far before that word it may be made a condition.
const LOOKS_BACK: usize = 24;

/// A deed that is said to be done, within one sentence: the word for that, then the deed, and nothing between them that
/// speaks of what is to come.
struct Done {
    begins: &'static Regex,
    permission: &'static Regex,
    to_come: &'static Regex,
    /// What makes it a condition, before it.
    condition: &'static Regex,
    stops: &'static [char],
}

impl Done {
    /// What stands behind each of them in a text.
    fn within<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        self.begins.find_iter(text).filter_map(move |begun| {
            let before = text.get(..begun.start())?;
            let from = before.char_indices().rev().nth(LOOKS_BACK);
            let before = before.get(from.map_or(0, |(at, _)| at)..)?;
            let before = before.rsplit(self.stops).next()?;
            let rest = text.get(begun.end()..)?;
            let reach = rest.char_indices().nth(REACH);
            let reach = reach.map_or(rest.len(), |(at, _)| at);
            let stop = rest.find(self.stops).unwrap_or(rest.len()).min(reach);
            let found = self
                .permission
                .find(rest)
                .filter(|found| found.start() <= stop)?;
            let between = rest.get(..found.start())?;
            let is_told = !self.to_come.is_match(between) && !self.condition.is_match(before);
            rest.get(found.end()..).filter(|_| is_told)
        })
    }
}

/// What forbids to suppress a text: what is left of it without its slots. `dated` is whether these hold a date.
pub(super) fn vetoes(rest: &str, dated: bool) -> Vec<Veto> {
    let said = Searched::of(rest);
    let lists: [(Veto, bool); 6] = [
        (Veto::More, said.says(&MORE_EN, &MORE_ZH)),
        (Veto::Gone, said.of_what_is_gone()),
        (Veto::Delete, said.says(&DELETE_EN, &DELETE_ZH)),
        (Veto::Other, said.says(&OTHER_EN, &OTHER_ZH)),
        (Veto::Time, !dated && said.says(&TIME_EN, &TIME_ZH)),
        (Veto::Digits, rest.chars().any(char::is_numeric)),
    ];
    let spoken = lists.into_iter().filter(|(_, spoken)| *spoken);
    spoken.map(|(veto, _)| veto).collect()
}

/// The ids in a text, as they are written there.
pub(super) fn ids(text: &Normal) -> Vec<String> {
    let text = text.text();
    let found = IDS.find_iter(&text).map(|found| found.as_str().to_owned());
    different(found)
}

/// What a text calls instances by name.
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
