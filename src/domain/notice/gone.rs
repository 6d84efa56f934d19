//! Detection of a loss that is told as having happened, by the clauses of a text. What a clause says besides the verb decides: its
//! cause changes nothing; a condition, a purpose, what is to come, a negation, what was called off, or another thing than the
//! instance make it no loss.
//!
//! Lists of phrases are never complete: a text that is not understood is searched for any mention of a loss besides (`loss.rs`).

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use super::loss::sentences;
use super::loss_words::with_losses;
use super::said::{Searched, pattern, patterns};

patterns! {
    // English. In all texts, `@` stands for an id.
    DONE_EN = r"\b(?:has|have|had|was|were|got|we|system|successfully|already|just|now|instances?|'ve|'s)\b";
    VERB_EN = &with_losses(r"\b(?:<DONE>)\b");
    NOUN_EN = &with_losses(r"\b(?:<NOUN>|unsubscribe|removal)\b");
    COMPLETE_EN = r"\b(?:issued|credited|succeeded|successful|successfully|success|completed|complete|completion|done|finished)\b";
    FINISHED_EN = r"\b(?:completed|completion|finished|concluded|performed|executed|processed|carried out|carrying out)\b";
    // Single phrases for a loss.
    PHRASE_EN = &with_losses(r"\bno longer (?:exists?|in (?:your|the) (?:account|list))\b|\bceased to exist\b|\b(?:could|can) ?not be found\b|\b(?:is|are|was|were|404) not found\b|^ ?(?:instance )?@:? not found ?$|^ ?(?:instance )?@ (?:<LOST>) ?$|^ ?(?:lost|gone):? ?@|\bis (?:now |already |just )?(?:gone|lost)\b|(?:^|@) ?(?:<DONE>) successfully\b|\bhad to (?:release|unsubscribe|delete|refund|terminate|destroy|remove|reclaim)\b|\bhad to be (?:\w+ )?(?:<DONE>|closed|shut down)\b|\b(?:status|state|event) ?[:=] ?(?:now |already )?(?:<DONE>)\b|[(\[](?:<LOST>)[)\]]|\blife ?cycle (?:of @ )?(?:has |had |is |was )?(?:now |already )?(?:ended|over|finished|complete|completed)\b|\bresources (?:of @ |behind @ )?(?:(?:have|had|were|are) (?:all |now |already )?(?:been )?)?(?:freed|reclaimed|returned)\b|\b(?:reached|at) (?:the )?end of (?:its )?life\b|\b(?:order|request|task|job|operation|workflow) to (?:release|unsubscribe|delete|refund|terminate|destroy|remove|reclaim)\b[^.;,]{0,60}\b(?:(?:is|was|has been) (?:now |already )?(?:complete|completed|done|finished|successful|carried out|processed|executed|fulfilled|finali[sz]ed)|succeeded)\b|\b(?:<NOUN>|unsubscribe) (?:orders?|requests?|tasks?|jobs?|operations?|workflows?|process) (?:[^.;,]{0,60} )?(?:is|was|has been) (?:now |already )?(?:complete|completed|done|finished|successful|carried out|processed|executed|fulfilled|finali[sz]ed)\b|\b(?:has|have|had|was|were)(?: (?:been|all|now|already)){0,3} (?:<DONE>) (?:\w+ )?(?:together|along) with (?:the |your |this |its |their )?(?:instances?|resources?|@)|\b(?:instance|resource)[ ._-]?(?:is )?not[ ._-]?(?:found|exist(?:s|ing)?)\b|\b(?:ons)?(?:instance(?:delete|release)d?|(?:delete|release|unsubscribe)instance)\b");
    // Of an instance or a subscription, and not of something of it.
    ENDED_EN = r"(?:\b(?:instances?|subscription|resource|order)|@)(?: @)? ?(?:has|have|had|was|were)(?: \w+){0,2}? (?:been )?(?:cancell?ed|closed|shut down|torn down|taken down|taken offline|discontinued|withdrawn|returned|given back)\b";
    MOVED_EN = r"(?:\b(?:instances?|subscription|resource)|@)(?: @)? ?(?:has|have|had|was|were)(?: (?:been|now|already|just|also|automatically)){0,3} (?:moved|sent|put) (?:in|to|into) (?:the |your |our )?(?:recycle|recycling|trash)\b";
    PART_OF_EN = r"\b(?:of|for|in|on|to|from|with|by|about|regarding|concerning|behind|under|against|at|within|unsubscribe|release|delete|refund|terminate|destroy|remove|reclaim|renew|upgrade|downgrade|convert)(?: (?:the|your|this|apsaramq|rocketmq))* $";
    BRACKETS_EN = r" ?\([^()]{0,60}\)";
    TO_COME_EN = r"\b(?:will|shall|to|be|being|not|never|about|scheduled|planned|due|if|unless|until|before|can|cannot|could|may|might|must|would|should|yet|once|when|soon|is|are|gets?)\b|n't\b";
    CONDITION_EN = r"\b(?:if|unless|whether|until|before|lest|in case|prior to)\b";
    // A time that may never come, of the thing itself: `after it …`.
    TIME_CLAUSE_EN = r"\b(?:after|once|when|whenever|as soon as)(?: (?:it|they|this|that|you|we|@|(?:(?:the|your|an?|this|all|any|these) )?(?:\w+ )?(?:instances?|resources?|services?|subscription|data|topics?)(?: @)?|the|your|an?|this|all|any|these))?(?: (?:has|have|had|is|are|was|were))? ?$";
    // The main clause beside a time that may never come.
    GENERAL_EN = r"\b(?:will|shall|can|cannot|could|may|must|would|is|are)\b|n't\b";
    NOTHING_EN = r"\b(?:nothing|none|nobody|neither|no (?:other )?(?:instances?|resources?|data))(?: (?:else|of \w+))? $";
    RELATIVE_EN = r"\b(?:that|which) $";
    FUTURE_EN = r"\b(?:will|shall|would|to)(?: \w+)? $";
    OTHER_SUBJECT_EN = r"\b(?:messages?|logs?|topics?|groups?|connections?|sessions?|snapshots?|backups?|disks?|caches?|memory|endpoints?|tags?|versions?|patch(?:es)?|features?|updates?|sdks?|clients?|certificates?|records?|quotas?|queues?|nodes?|namespaces?|space|ports?|threads?|handles?)(?: \S+)?(?: (?:of|in|on|for|from|at|under|within) (?:(?:the|your|this|apsaramq|rocketmq) )*(?:instances? )?@?)?(?: (?:that|which))?(?: (?:has|have|had|was|were|got)\b[^,]*| )?$";
    OTHER_OBJECT_EN = r"^ (?:(?:the|your|all|some|its|expired|old|unused|an?|test|stale|idle) )*(?:messages?|logs?|topics?|groups?|connections?|sessions?|snapshots?|backups?|disks?|caches?|endpoints?|tags?|versions?|features?|updates?|clients?|certificates?|records?|queues?|namespaces?)\b";
    FREED_EN = r"^ from (?:the |its |a |an )?(?:\w+ )?(?:quarantine|hold|isolation|maintenance|locks?|review|suspension|waiting list|block)\b";
    OF_ALL_EN = r"^ (?:instances|resources|data|services) (?:can|cannot|can't|may|will|are|is)\b";
    NOT_DONE_EN = r"^ (?:requests?|applications?|dates?|times?|notices?|notifications?|reminders?|protection|polic(?:y|ies)|plans?|schedules?|settings?|rules?)\b";

    // Chinese, without blanks.
    DONE_ZH = "已(?:经|經|于|於)?|剛剛|刚刚|剛|刚|昨[天日晚]?";
    // `完成释放`: done, unless the words before it say that it is to come.
    FINISH_ZH = "完成|执行|執行|成功";
    VERB_ZH = &with_losses("<DONE_ZH>|<LOST>|delete|release|unsubscribe");
    COMPLETE_ZH = &with_losses("(?:<LOST_ZH>)(?:操作|任务|任務|流程|手续|手續|订单|訂單|工作|申请|申請|请求|請求)?(?:已|已经|已經)?(?:全部|顺利|順利|处理|處理){0,2}(?:成功|完成|完毕|完畢|结束|結束|了)|(?:没|沒)了|不见了|不見了|找不到了|(?:已(?:经|經)?|[现現]已)不存在|不存在了|已(?:经|經)?被?(?:停用|关停|關停|[删刪])(?:了|$)");
    // A finished operation named behind the verb; a time ago; an instance lost together with another.
    FINISHED_ZH = &with_losses("(?:已(?:经|經)?|刚刚?|剛剛?)(?:全部|顺利|順利|成功)?(?:完成|走完|执行完|執行完|办理完|辦理完|办结|辦結|办妥|辦妥)(?:毕|畢|了)?(?:该|該|此|其)?(?:实例|實例)?@?的?(?:<LOST_ZH>)(?:流程|手续|手續|操作|任务|任務|工作|申请|申請|处理|處理)?|(?:[0-9]+|[一二两兩三四五六七八九十几幾数數半]+|@)(?:个|個)?(?:秒|秒钟|秒鐘|分钟|分鐘|小时|小時|天|日|周|週|月)(?:之|以)?前(?:已(?:经|經)?)?(?:被)?(?:系统|系統|平台)?(?:自动|自動|强制|強制)?(?:<LOST_ZH>)|[已也](?:经|經)?[随隨](?:着|該|该|此|其)?(?:实例|實例|@)@?(?:一并|一併|一同|一起|同时|同時)?(?:被)?(?:<DONE_ZH>)");
    // A table of an operation and its result; an order that was called off; words of other scripts.
    PHRASE_ZH = &with_losses("(?:<LOST_ZH>)[,;.:|]?(?:结果|結果|状态|狀態):?(?:已?成功|已?完成)|(?:订单|訂單)已(?:被|经|經)?取消|款项已(?:经|經)?(?:原路)?退[回还]|款項已(?:經)?(?:原路)?退[回還]|不复存在|不復存在|生命[周週]期已?(?:经|經)?(?:结束|結束|终止|終止|完结|完結)|تم ?(?:حذف|تحرير|إلغاء)|ถูก(?:ลบ|ปล่อย|ยกเลิก)|kaldırıldı|διαγράφηκε|נמחק");
    PASSIVE_ZH = "被(?:系统|系統|平台|阿里云|阿里雲|我们|我們|您|用户|用戶|自动|自動|强制|強制|误|誤){0,3}$";
    PAST_ZH = "因|由于|由於|前天|今早|今晨|凌晨|上周|上週|上月";
    CONDITION_ZH = "若|倘|假如|假设|假設|要是|万一|萬一|一旦|除非|是否|如(?:您|你|果|已|需|未|不|有|实例|實例|资源|資源|@|到期|逾期|仍|遇)|当.{0,20}[时時]|當.{0,20}時";
    PURPOSE_ZH = "避免|以免|免得|为免|為免|防止|谨防|謹防|以防|为防|為防|否则|否則|不然";
    TO_COME_ZH = "[改设設变變][为為]|[将將待拟擬请請]|即[将將]|快要|可能|可以|可在|能够|能夠|会被|會被|不会|不會|预计|預計|预约|預約|设置|設置|设定|設定|选择|選擇|安排|计划|計劃|开启|開啟|开通|申请|申請|提交|收到|受理|接收|列入|进入|進入|面临|面臨|临近|臨近|准备|準備|明[日天晚]|今晚|[后後]天|次日|取消|关闭|關閉|停用|解除|推迟|推遲|延期|续费|續費";
    // The agent or the purpose of an act, within its clause.
    BY_ZH = "(?:按照|依照|遵照|根据|根據|依据|依據|[按依应應])(?:您|你|用户|用戶|客户|客戶)?的?(?:申请|申請|请求|請求|要求|设置|設置|设定|設定|计划|計劃|约定|約定|指令|操作|规则|規則)";
    // `已将实例…释放`: here the word for the future marks the object.
    OBJECT_ZH = "(已[^,.;!?、]{0,24}?)[将將](实例|實例|您|该|該|其|此|以下|上述|资源|資源|@)";
    NEGATED_ZH = "(?:未|没有?|沒有?|不|并非|並非)(?:被|曾|能|再|予|有)?$";
    OTHER_SUBJECT_ZH = &with_losses("(?:<PART_ZH>|功能)(?:文件|信息|地址)?(?:均|都|也|全部|被|自动|自動|系统|系統)*$");
    OTHER_OBJECT_ZH = &with_losses("^了?(?:您的|该|該)?(?:实例|實例)?@?(?:上|中|内|內)?的?(?:[一两兩几幾多数數]?(?:个|個|条|條|些|份|项|項))?(?:过期|過期|部分|全部)?的?(?:<PART_ZH>)");
    NOT_DONE_ZH = "^的?(?:实例|實例|资源|資源)(?:将|將|均|都|一律|一旦)?(?:无法|無法|不能|不可|不支持|不会|不會)|^(?:时间|時間|日期|提醒|通知|申请|申請|保护|保護|后|後|前|规则|規則|策略|风险|風險|流程|计划|計劃|方式|类型|類型|动作|動作|倒计时|倒計時|的(?:数据|數據|资料|資料|资源|資源|消息|訊息))|^(?:申请|申請|操作|任务|任務)?(?:已|已经|已經|被|已被)?(?:取消|推迟|推遲|延期|延后|延後|暂缓|暫緩|暂停|暫停|驳回|駁回|拒绝|拒絕|撤销|撤銷|撤回|失败|失敗|中止|关闭|關閉)";
}

/// The marks that end an English clause.
const CLAUSE_EN: &[char] = &[',', ':', '–', '—'];
/// The marks that end a Chinese clause.
const CLAUSE_ZH: &[char] = &['.', ';', '!', '?', ',', '、', '…'];
/// The maximum distance between an auxiliary and its verb, in characters.
const REACH: usize = 80;

/// Whether one of these forms of a text states a loss that has already happened. What several have is looked at once.
pub(super) fn are_of_something_gone(forms: &[&Searched]) -> bool {
    let texts: Vec<String> = forms.iter().flat_map(|form| form.tellings()).collect();
    let dense: Vec<String> = texts.iter().map(|text| text.replace(' ', "")).collect();
    let (mut known, mut known_zh) = (HashSet::new(), HashSet::new());
    let sentences = texts.iter().flat_map(|text| sentences(text));
    let clauses = dense.iter().flat_map(|text| text.split(CLAUSE_ZH));
    let is_phrase = |text: &String| PHRASE_ZH.is_match(text);
    dense.iter().any(is_phrase)
        || sentences
            .filter(|one| known.insert(*one))
            .any(is_gone_in_english)
        || clauses
            .filter(|one| known_zh.insert(*one))
            .any(is_gone_in_chinese)
}

/// A verb of loss in a sentence, with what is told around it.
#[derive(Clone, Copy)]
struct StatedLoss<'t> {
    /// The text before the verb, from the start of its sentence.
    before: &'t str,
    /// The text before the word that says that it is done, from the start of the clause.
    lead: &'t str,
    /// The text after the verb.
    behind: &'t str,
}

fn is_gone_in_english(sentence: &str) -> bool {
    let phrase = |sentence: &str| {
        let mut found = PHRASE_EN.find_iter(sentence);
        found.any(|found| {
            let before = sentence.get(..found.start()).unwrap_or_default();
            let behind = sentence.get(found.end()..).unwrap_or_default();
            let lead = last_clause(before);
            let may_come = TIME_CLAUSE_EN.is_match(lead)
                && (GENERAL_EN.is_match(behind) || !behind.contains(CLAUSE_EN));
            !CONDITION_EN.is_match(lead) && !may_come
        })
    };
    let plain = BRACKETS_EN.replace_all(sentence, "");
    let ended = || {
        let found = ENDED_EN.find_iter(&plain);
        let ended = found.filter(|found| !TO_COME_EN.is_match(found.as_str()));
        let mut all = ended.chain(MOVED_EN.find_iter(&plain));
        all.any(|found| {
            let before = plain.get(..found.start()).unwrap_or_default();
            !PART_OF_EN.is_match(before) && !CONDITION_EN.is_match(last_clause(before))
        })
    };
    let verb = |loss: StatedLoss<'_>| !is_of_another_object(loss.behind);
    let noun = |loss: StatedLoss<'_>| !NOT_DONE_EN.is_match(loss.behind);
    phrase(sentence)
        || ended()
        || stated_losses(&plain, &DONE_EN, &VERB_EN).any(|loss| loss.is_told() && verb(loss))
        || stated_losses(&plain, &NOUN_EN, &COMPLETE_EN).any(StatedLoss::is_told)
        || stated_losses(&plain, &FINISHED_EN, &NOUN_EN).any(|loss| loss.is_told() && noun(loss))
}

/// The losses that a sentence states: each first one after a word that says that it is done, with nothing to come between them.
fn stated_losses<'t>(
    sentence: &'t str,
    begins: &'static LazyLock<Regex>,
    verb: &'static LazyLock<Regex>,
) -> impl Iterator<Item = StatedLoss<'t>> {
    // The first verb behind the word of before is that behind this one too, where it stands there.
    let mut next = verb.find(sentence);
    begins.find_iter(sentence).filter_map(move |begun| {
        if next.is_some_and(|found| found.start() < begun.end()) {
            next = verb.find_at(sentence, begun.end());
        }
        let found = next?;
        let between = sentence.get(begun.end()..found.start())?;
        let is_near = between.chars().nth(REACH).is_none() && !TO_COME_EN.is_match(between);
        if !is_near {
            return None;
        }
        Some(StatedLoss {
            before: sentence.get(..found.start())?,
            lead: last_clause(sentence.get(..begun.start())?),
            behind: sentence.get(found.end()..)?,
        })
    })
}

/// The text after the last mark that ends a clause.
fn last_clause(before: &str) -> &str {
    before.rsplit(CLAUSE_EN).next().unwrap_or(before)
}

impl StatedLoss<'_> {
    /// Whether it is told as a fact about the instance, not as a condition, a time to come, or of another thing.
    fn is_told(self) -> bool {
        let in_general = || GENERAL_EN.is_match(self.behind);
        let may_come = TIME_CLAUSE_EN.is_match(self.lead)
            && (!self.behind.contains(CLAUSE_EN) || in_general());
        let any = RELATIVE_EN.is_match(self.lead) && in_general();
        let never = CONDITION_EN.is_match(self.lead)
            || FUTURE_EN.is_match(self.lead)
            || NOTHING_EN.is_match(self.lead);
        !never && !may_come && !any && !is_of_another_thing(self.before)
    }
}

/// Whether what stands behind an English verb is something that belongs to an instance, or what is said of all that was lost.
pub(super) fn is_of_another_object(behind: &str) -> bool {
    [&OTHER_OBJECT_EN, &OF_ALL_EN, &FREED_EN]
        .iter()
        .any(|another| another.is_match(behind))
}

/// Whether what stands before a verb makes it one of something that belongs to an instance, and not of the instance as well.
pub(super) fn is_of_another_thing(before: &str) -> bool {
    let whole = format!("{} ", before.trim_end());
    OTHER_SUBJECT_EN.find(&whole).is_some_and(|found| {
        let before = whole.get(..found.start()).unwrap_or_default();
        !before.contains('@') && !before.contains("instance")
    })
}

fn is_gone_in_chinese(clause: &str) -> bool {
    let plain = OBJECT_ZH.replace_all(clause, "$1$2");
    let plain = BY_ZH.replace_all(&plain, "");
    let supposed = |before: &str| CONDITION_ZH.is_match(before) || PURPOSE_ZH.is_match(before);
    let split = |at: usize| {
        (
            plain.get(..at).unwrap_or_default(),
            plain.get(at..).unwrap_or_default(),
        )
    };
    let complete = || {
        let found = COMPLETE_ZH.find_iter(&plain);
        let mut found = found.chain(FINISHED_ZH.find_iter(&plain));
        found.any(|found| {
            let (before, _) = split(found.start());
            let (_, behind) = split(found.end());
            let with_it = found.as_str().contains(['随', '隨']);
            !supposed(before)
                && !TO_COME_ZH.is_match(before)
                && (with_it || !OTHER_SUBJECT_ZH.is_match(before))
                && !NEGATED_ZH.is_match(before)
                && !behind.starts_with(['后', '後', '前'])
        })
    };
    let is_plain =
        |behind: &str| !NOT_DONE_ZH.is_match(behind) && !OTHER_OBJECT_ZH.is_match(behind);
    let told = VERB_ZH.find_iter(&plain).any(|verb| {
        let (before, _) = split(verb.start());
        let (_, behind) = split(verb.end());
        if supposed(before) || NEGATED_ZH.is_match(before) || !is_plain(behind) {
            return false;
        }
        // The words between the one that says that it is done, and the verb.
        let between = |lead: &str, word: usize| {
            let between = before.get(lead.len() + word..).unwrap_or_default();
            !TO_COME_ZH.is_match(between) && !OTHER_SUBJECT_ZH.is_match(lead)
        };
        let done = DONE_ZH.find_iter(before).last().is_some_and(|done| {
            let (lead, _) = before.split_at(done.start());
            between(lead, done.len())
        });
        let finished = FINISH_ZH.find_iter(before).last().is_some_and(|done| {
            let (lead, _) = before.split_at(done.start());
            between(lead, done.len()) && !TO_COME_ZH.is_match(lead)
        });
        let ends = behind.starts_with('了')
            || verb.as_str().ends_with('了')
            || verb.as_str().ends_with('掉');
        let passive = PASSIVE_ZH.find(before).is_some_and(|passive| {
            let (lead, _) = before.split_at(passive.start());
            let past = ends || PAST_ZH.is_match(lead);
            past && !TO_COME_ZH.is_match(lead) && !OTHER_SUBJECT_ZH.is_match(lead)
        });
        done || finished || passive
    });
    told || complete()
}
