//! Detection of a loss that has already happened. Lists of phrases are never complete, so there are two checks: a certain phrase
//! vetoes suppression; and in a text that is not understood, any mention of a loss counts unless it is clearly in the future.

use std::sync::LazyLock;

use regex::Regex;

use super::said::{Searched, pattern, patterns};

patterns! {
    GONE_EN = r"\b(?:has|have|had) (?:\w+ ){0,2}been (?:\w+ )?(?:released|unsubscribed|refunded|deleted|destroyed|terminated|removed|reclaimed|recycled)\b|\b(?:was|were) (?:\w+ )?(?:released|unsubscribed|refunded|deleted|destroyed|terminated|reclaimed|recycled)\b|\bsuccessfully (?:released|unsubscribed|refunded|deleted|destroyed)\b|\b(?:release|deletion|unsubscription|refund) (?:\w+ )?(?:succeeded|successful|completed)\b|\bno longer exists?\b";
    GONE_ZH = "不复存在|不復存在|تم ?(?:حذف|تحرير|إلغاء)|ถูก(?:ลบ|ปล่อย|ยกเลิก)|kaldırıldı|διαγράφηκε|נמחק";
    // Before or within a phrase of the above: what has not happened, or only will have.
    NOT_YET_EN = r"\b(?:not|never|yet)\b";
    AFTER_IT_EN = r"\b(?:after|once|if|when|until|unless) (?:it|they|this|that|(?:the|your|an) (?:\w+ )?(?:instance|resource|service)s?(?: [a-z0-9_-]+)?) $";
    // A version that has been released is no instance that is gone.
    OF_VERSION_EN = r"\b(?:versions?|patch(?:es)?|features?|updates?|sdks?|clients?) $";
    MODAL_EN = r"\b(?:will|shall|can|cannot|could|may|must|would)\b";
    SOON_ZH = "(?:快要|即将|即將|将要|將要|将会|將會|将|將|准备|準備|面临|面臨|临近|臨近)(?:被|自动|自動)?$";
    // What has happened is told at any distance from what it happened to, unless the words between speak of what is to come.
    DONE_EN = r"\b(?:has|have|had|was|were|got|we|system|successfully|already|just|now|instances?|'ve|'s)\b";
    VERB_EN = r"\b(?:released|unsubscribed|refunded|deleted|destroyed|terminated|removed|reclaimed|recycled|erased|purged|wiped|cleaned up|dropped|decommissioned|deprovisioned)\b";
    TO_COME_EN = r"\b(?:will|shall|to|be|being|not|never|about|scheduled|planned|due|if|unless|until|before|can|cannot|could|may|might|must|would|should|yet|once|when|soon|is|are|gets?)\b";
    CONDITION_EN = r"\b(?:if|unless|whether|once|after (?:it|they|this|that|the instance|your instance)|versions?|patch(?:es)?|features?|updates?|sdks?|clients?)\b";
    CONDITION_ZH = "[将將未待即要会會拟擬若后後]|如您|如果|如已|如需|一旦|是否|没有|沒有|不得|(?:消息|日志|磁盘|缓存|内存|连接|空间)(?:数据|文件)?$";
    VERB_DONE_EN = r"\b(?:release|deletion|refund|unsubscription|unsubscribing|unsubscribe|termination|destruction|reclamation)\b";
    COMPLETE_EN = r"\b(?:succeeded|successful|successfully|success|completed|complete|done|finished)\b";
    FINISHED_EN = r"\b(?:completed|finished|concluded|performed|executed|processed|carried out|carrying out)\b";
    DONE_ZH = "已(?:经|經|于|於)?|剛剛|刚刚|剛|刚|被|完成|执行|執行|成功";
    VERB_ZH = "释放|釋放|退订|退訂|退款|删除|刪除|销毁|銷毀|回收|清除|清理|清空|下线|下線|下架|注销|註銷|移除|终止|終止|拆除";
    TO_COME_ZH = "[将將未待即后後前内內若如可会會拟擬设設选選续續]|开启|開啟|申请|申請";
    NOT_DONE_ZH = "^(?:时间|時間|日期|提醒|通知|申请|申請|保护|保護|后|後|前|规则|規則|策略|风险|風險|流程|计划|計劃|方式|类型|類型|动作|動作)";
    NOT_DONE_EN = r"^ (?:requests?|applications?|dates?|times?|notices?|notifications?|reminders?|protection|polic(?:y|ies)|plans?|schedules?|settings?|rules?)\b";
    COMPLETE_ZH = "(?:释放|釋放|退订|退訂|退款|删除|刪除|销毁|銷毀|回收|下线|下線|注销|註銷|移除)(?:操作|任务|任務|流程|手续|手續|订单|訂單|工作)?(?:已|已经|已經)?(?:全部|顺利|順利)?(?:成功|完成|完毕|完畢|结束|結束|了)";
    // `已将实例…释放`: here the word for the future marks the object.
    OBJECT_ZH = "(已[^,.;!?、]{0,24}?)[将將](实例|實例|您|该|該|其|此|资源|資源|mq_inst|ons-)";

    // The day in a German date: not the end of a sentence.
    ORDINAL = r"\b([0-9]{1,2})\. ";

    // A loss, with the words that place it in the future or exclude it.
    LOST_EN = r"\b(?:released|unsubscribed|refunded|deleted|destroyed|terminated|reclaimed|erased|purged|decommissioned|deprovisioned|no longer (?:available|there|accessible|present|exists?)|(?:does not|doesn't|do not|ceased to) exist|(?:not|cannot|could not) be found|is gone|are gone)\b";
    LOSS_EN = r"\b(?:release|deletion|refund|unsubscription|unsubscribing|termination|destruction|reclamation|decommissioning|teardown)\b";
    LATER_EN = r"\b(?:will|shall|going to|about to|to be|scheduled|upcoming|pending|planned|soon|shortly|tomorrow)\b";
    UNLESS_EN = r"\b(?:messages?|logs?|disks?|caches?|memory|connections?|sessions?|backups?|(?:new|latest) (?:versions?|features?|sdks?|clients?)|patch(?:es)?|be|being|(?:not|n't) (?:yet )?been|not yet|never|due (?:for|on|to be)|if|unless|until|before|prior to|avoid|prevent|can|could|may|might|must|would|should|once|when|whether|after|in case|(?:is|are|gets?) (?:\w+ )?\w+ (?:on|at|after|in|within|by|automatically|if|unless|once|when))\b";
    FRAME_EN = r"\b(?:requests?|requested|apply|applications?|submitted|progress|review|risks?|protection|notices?|notifications?|reminders?|warnings?|dates?|times?|polic(?:y|ies)|rules?|periods?|notes?|versions?|candidates?|patch(?:es)?|features?|clients?|sdks?|fix(?:es|ed)?|tls|ssl|latest|new|automatic|early|irreversible|non-refundable)\b";
    LOST_WEST = r"\b(?:freigegeben|gelöscht|geloescht|entfernt|gekündigt|erstattet|zurückerstattet|vernichtet|nicht mehr (?:verfügbar|vorhanden)|existiert nicht mehr|lib[ée]r[ée]e?s?|supprim[ée]e?s?|rembours[ée]e?s?|r[ée]sili[ée]e?s?|détruite?s?|n'existe plus|n'est plus disponible|liberad[oa]s?|liberó|eliminad[oa]s?|eliminó|borrad[oa]s?|borró|reembolsad[oa]s?|suprimid[oa]s?|ya no (?:existe|está)|excluíd[oa]s?|excluiu|apagad[oa]s?|removid[oa]s?|não existe mais|rilasciat[oaie]|eliminat[oaie]|cancellat[oaie]|rimoss[oaie]|rimborsat[oaie]|non esiste più|vrijgegeven|verwijderd|terugbetaald|opgezegd|bestaat niet meer|удал[её]н[аоы]?|освобожд[её]н[аоы]?|возвращен[аоы]?|аннулирован[аоы]?|больше не существует|usunięt[aoye]|zwolnion[aoye]|silindi|serbest bırakıldı|dihapus|đã bị xóa|đã xóa|đã được giải phóng)\b";
    LOSS_WEST = r"\b(?:freigabe|löschung|kündigung|rückerstattung|libération|suppression|résiliation|remboursement|liberación|eliminación|reembolso|exclusão|liberação|rilascio|eliminazione|rimborso|cancellazione|удаление|освобождение)\b";
    LATER_WEST = r"\b(?:wird|werden|wirst|soll|sollen|bald|steht bevor|bevorstehend\w*|geplant\w*|sera|seront|serait|va|vont|doit|devra|prévue?s?|imminente?|bientôt|será|serán|serão|van|vai|vão|debe|programad[oa]|prevista?o?|próxim[oa]|pronto|sarà|saranno|verrà|verranno|wordt|zal|zullen|binnenkort|будет|будут|скоро|zostanie|zostaną|będzie|akan|sẽ)\b";
    UNLESS_WEST = r"\b(?:würde|kann|kannst|könnte|falls|wenn|bevor|sofern|avant|si|lorsque|quand|peut|pourra|antes|puede|podrá|pode|cuando|quando|prima|può|kan|indien|если|может|перед|jeśli|jika|nếu)\b";
    FRAME_WEST = r"\b(?:schutz|termin|hinweis|datum|frist|antrag|date|protection|avis|rappel|demande|afin|fecha|aviso|solicitud|protección|data|avviso|richiesta|protezione|дата|запрос)\b|freigabe(?:datum|schutz|termin)";
    LOSS_ZH = "释放|釋放|退订|退訂|退款|删除|刪除|销毁|銷毀|回收|清除|清理|清空|下线|下線|注销|註銷|移除|不再可用|已不可用|不存在";
    LATER_ZH = "快要|面临|面臨|临近|臨近|即将|即將|将|將|预计|預計|计划|計劃|拟|擬|待释放|待釋放|准备|準備|预警|預警";
    UNLESS_ZH = "[未没沒后後前内內若如可会會设設选選续續请請]|避免|以免|防止|否则|否則|开启|開啟|申请|申請|时间|時間|日期|提醒|通知|保护|保護|规则|規則|策略|风险|風險|流程|方式|类型|類型|动作|動作|消息|日志|磁盘|缓存|内存|连接|空间|回复?[a-z0-9]{1,2}|短信|拒收|邮件|郵件|链接|連結|版本";
    LOSS_JA = "解放|リリース|削除|返金|解約|破棄|回収|消去|抹消|払い戻し";
    LATER_JA = "予定|まもなく|間もなく|近日|(?:解放|リリース|削除|返金|解約|破棄|回収|消去|抹消)(?:が|を|は)?(?:され|し|する)?(?:ます|る)";
    UNLESS_JA = "場合|前に|まで|ください|下さい|保護|通知|申請|日時|時刻|期限|ポリシー|設定|バージョン|新機能|防ぐ|避ける|(?:され|し)(?:ない|ません)";
    LOSS_KO = "해제|삭제|환불|해지|반납|회수|폐기|릴리스";
    LATER_KO = "예정|곧|(?:해제|삭제|환불|해지|반납|회수|폐기|릴리스)(?:가|이|를|을)?(?:될|됩니다|된다|할|합니다|하게)";
    UNLESS_KO = "경우|전에|까지|보호|알림|안내|신청|요청|일시|날짜|버전|되면|하면|되지|하지|되기|하기|방지";
}

/// The part of a sentence that tells whether a loss is in the future.
#[derive(Clone, Copy)]
enum Reach {
    /// The text before it, and the next word if that may be its verb.
    Before,
    /// The text before it, and the rest of its clause.
    Clause,
    /// The whole sentence.
    Sentence,
}

/// The phrases for a loss in some languages.
struct Tongue {
    /// Whether text is matched without blanks.
    dense: bool,
    loss: &'static LazyLock<Regex>,
    /// The words that turn the whole text into an announcement.
    later: &'static LazyLock<Regex>,
    /// The words that exclude only this loss.
    unless: &'static [&'static LazyLock<Regex>],
    reach: Reach,
}

static TONGUES: [Tongue; 7] = [
    Tongue {
        dense: false,
        loss: &LOST_EN,
        later: &LATER_EN,
        unless: &[&UNLESS_EN],
        reach: Reach::Before,
    },
    Tongue {
        dense: false,
        loss: &LOSS_EN,
        later: &LATER_EN,
        unless: &[&UNLESS_EN, &FRAME_EN],
        reach: Reach::Clause,
    },
    Tongue {
        dense: false,
        loss: &LOST_WEST,
        later: &LATER_WEST,
        unless: &[&UNLESS_WEST],
        reach: Reach::Before,
    },
    Tongue {
        dense: false,
        loss: &LOSS_WEST,
        later: &LATER_WEST,
        unless: &[&UNLESS_WEST, &FRAME_WEST],
        reach: Reach::Clause,
    },
    Tongue {
        dense: true,
        loss: &LOSS_ZH,
        later: &LATER_ZH,
        unless: &[&UNLESS_ZH],
        reach: Reach::Clause,
    },
    Tongue {
        dense: true,
        loss: &LOSS_JA,
        later: &LATER_JA,
        unless: &[&UNLESS_JA],
        reach: Reach::Sentence,
    },
    Tongue {
        dense: true,
        loss: &LOSS_KO,
        later: &LATER_KO,
        unless: &[&UNLESS_KO],
        reach: Reach::Sentence,
    },
];

/// The mentions of losses in one language.
#[derive(Default)]
struct Losses {
    /// A loss that is not in the future.
    told: bool,
    /// A loss in the future.
    announced: bool,
}

impl Tongue {
    fn losses(&self, said: &Searched) -> Losses {
        let text = if self.dense {
            said.dense.as_str().into()
        } else {
            ORDINAL.replace_all(&said.spaced, "$1 ")
        };
        let mut losses = Losses::default();
        for sentence in sentences(&text) {
            for found in self.loss.find_iter(sentence) {
                let about = self.about(sentence, found.start(), found.end());
                let later = self.later.is_match(about);
                let apart = || self.unless.iter().any(|unless| unless.is_match(about));
                losses.announced |= later;
                losses.told |= !later && !apart();
            }
        }
        losses
    }

    /// The part of a sentence that tells whether the loss at this position is in the future.
    fn about<'t>(&self, sentence: &'t str, start: usize, end: usize) -> &'t str {
        let before = sentence.get(..start).unwrap_or_default();
        let behind = sentence.get(end..).unwrap_or_default();
        let more = match self.reach {
            Reach::Before => verb_behind(before, behind),
            Reach::Clause => behind.split([',', '、']).next().map(str::len),
            Reach::Sentence => Some(behind.len()),
        };
        let upto = more.map_or(start, |more| end + more);
        sentence.get(..upto).unwrap_or(sentence)
    }
}

/// The sentences of a text; a full stop within a name, a number or an address does not end one.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let ends = |(at, mark): &(usize, &str)| {
            let before = text.get(..*at).and_then(|text| text.chars().next_back());
            let behind = text
                .get(at + mark.len()..)
                .and_then(|text| text.chars().next());
            *mark != "." || !(word(before) && word(behind))
        };
        let stop = text.match_indices(['.', ';', '!', '?']).find(ends);
        rest = stop.and_then(|(at, mark)| text.get(at + mark.len()..));
        text.get(..stop.map_or(text.len(), |(at, _)| at))
    })
}

/// The length of the text after a loss that may tell its time: `is deleted after …`, `gelöscht wird`.
fn verb_behind(before: &str, behind: &str) -> Option<usize> {
    let before = before.trim_end();
    let present = [" is", " are"].iter().any(|verb| before.ends_with(verb));
    let word = behind.split_whitespace().next()?;
    let later = ["wird", "werden", "wordt", "zal", "zullen"].contains(&word);
    let word = behind.len() - behind.trim_start().len() + word.len();
    let clause = behind.split(',').next().map_or(0, str::len);
    match (present, later) {
        (true, _) => Some(clause),
        (false, true) => Some(word),
        (false, false) => None,
    }
}

impl Searched {
    /// Whether it states a loss that has already happened.
    pub(super) fn is_of_something_gone(&self) -> bool {
        let english = || {
            let noun = |rest: &str| !NOT_DONE_EN.is_match(rest);
            Done::english(&DONE_EN, &VERB_EN).any(&self.spaced, |_| true)
                || Done::english(&VERB_DONE_EN, &COMPLETE_EN).any(&self.spaced, |_| true)
                || Done::english(&FINISHED_EN, &VERB_DONE_EN).any(&self.spaced, noun)
        };
        let chinese = || {
            let plain = OBJECT_ZH.replace_all(&self.dense, "$1$2");
            let verb = |rest: &str| !NOT_DONE_ZH.is_match(rest);
            let soon = |at| SOON_ZH.is_match(plain.get(..at).unwrap_or_default());
            let mut complete = COMPLETE_ZH.find_iter(&plain);
            complete.any(|found| !soon(found.start())) || Done::chinese().any(&plain, verb)
        };
        self.is_plainly_gone() || GONE_ZH.is_match(&self.dense) || english() || chinese()
    }

    /// Whether a phrase for a loss stands in a sentence that neither denies it nor speaks of what comes after it.
    fn is_plainly_gone(&self) -> bool {
        GONE_EN.find_iter(&self.spaced).any(|found| {
            let before = self.spaced.get(..found.start()).unwrap_or_default();
            let behind = self.spaced.get(found.end()..).unwrap_or_default();
            let behind = behind
                .split(['.', ';', '!', '?'])
                .next()
                .unwrap_or_default();
            let to_come = AFTER_IT_EN.is_match(before) && MODAL_EN.is_match(behind);
            !NOT_YET_EN.is_match(found.as_str()) && !OF_VERSION_EN.is_match(before) && !to_come
        })
    }

    /// Whether a text that is not understood may state one: it mentions a loss, and announces none.
    pub(super) fn may_be_of_something_gone(&self) -> bool {
        let (expires, _) = self.of_expiry();
        if self.of_release() || expires {
            return false;
        }
        let all: Vec<Losses> = TONGUES.iter().map(|tongue| tongue.losses(self)).collect();
        all.iter().any(|losses| losses.told) && !all.iter().any(|losses| losses.announced)
    }
}

/// The maximum distance between an auxiliary and its verb, in characters.
const REACH: usize = 80;
/// The distance before the auxiliary in which a condition counts.
const LOOKS_BACK: usize = 24;

/// A statement that something is done, within one sentence: auxiliary, then verb, without future words between them.
struct Done {
    begins: &'static LazyLock<Regex>,
    verb: &'static LazyLock<Regex>,
    to_come: &'static LazyLock<Regex>,
    /// The words before it that make it a condition.
    condition: &'static LazyLock<Regex>,
    stops: &'static [char],
}

impl Done {
    const fn english(begins: &'static LazyLock<Regex>, verb: &'static LazyLock<Regex>) -> Self {
        Self {
            begins,
            verb,
            to_come: &TO_COME_EN,
            condition: &CONDITION_EN,
            stops: &['.', ';', '!', '?'],
        }
    }

    const fn chinese() -> Self {
        Self {
            begins: &DONE_ZH,
            verb: &VERB_ZH,
            to_come: &TO_COME_ZH,
            condition: &CONDITION_ZH,
            stops: &['.', ';', '!', '?', ',', '、'],
        }
    }

    /// Whether a text contains one whose following words match.
    fn any(&self, text: &str, is_done: impl Fn(&str) -> bool) -> bool {
        self.within(text).any(is_done)
    }

    /// The text after each match.
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
            let found = self.verb.find(rest).filter(|found| found.start() <= stop)?;
            let between = rest.get(..found.start())?;
            let is_told = !self.to_come.is_match(between) && !self.condition.is_match(before);
            rest.get(found.end()..).filter(|_| is_told)
        })
    }
}
