//! Mentions of a loss in a text that is not understood, in several languages: one counts unless it is clearly in the future, called
//! off, or of another thing.

use std::sync::LazyLock;

use regex::Regex;

use super::gone::is_of_another_object;
use super::loss_words::with_losses;
use super::said::{Searched, pattern, patterns};

patterns! {
    // The day in a German date: not the end of a sentence.
    ORDINAL = r"\b([0-9]{1,2})\. ";

    // A loss, with the words that place it in the future or exclude it.
    LOST_EN = &with_losses(r"\b(?:<LOST>|no longer (?:is |are )?(?:available|there|accessible|present|listed|found|exists?|in (?:your|the) (?:account|list))|(?:does not|doesn't|do not|ceased to) exist|(?:not|cannot|could not) be found|is gone|are gone|vanished|disappeared)\b");
    OTHER_THING_EN = r"^[^@]*\b(?:topics?|groups?|snapshots?|endpoints?|certificates?|tags?|namespaces?|queues?)\b";
    LOSS_EN = &with_losses(r"\b(?:<NOUN>)\b");
    LATER_EN = r"\b(?:will|shall|going to|about to|to be|scheduled|queued|upcoming|pending|planned|soon|shortly|tomorrow)\b";
    UNLESS_EN = r"\b(?:messages?|logs?|disks?|caches?|memory|connections?|sessions?|backups?|(?:new|latest) (?:versions?|features?|sdks?|clients?)|patch(?:es)?|be|being|(?:not|n't) (?:yet )?been|not yet|never|nothing|nobody|none of|due (?:for|on|to be)|if|unless|until|before|prior to|avoid|prevent|can|could|may|might|must|would|should|once|when|whether|after|in case|cancel(?:l?ed|l?ing)?|postponed?|rescheduled|delayed|fail(?:s|ed|ure)?|rejected|denied|declined|aborted|enabled|disabled|activated|withdrawn|revoked|(?:is|are|gets?) (?:\w+ )?\w+ (?:on|at|after|in|within|by|automatically|if|unless|once|when))\b";
    FRAME_EN = r"\b(?:requests?|requested|apply|applications?|submitted|progress|review|risks?|protection|notices?|notifications?|reminders?|warnings?|dates?|times?|polic(?:y|ies)|rules?|periods?|notes?|versions?|candidates?|patch(?:es)?|features?|clients?|sdks?|fix(?:es|ed)?|tls|ssl|latest|new|automatic|early|irreversible|non-refundable)\b";
    LOST_WEST = r"\b(?:freigegeben|gelöscht|geloescht|entfernt|gekündigt|erstattet|zurückerstattet|vernichtet|nicht mehr (?:verfügbar|vorhanden)|existiert nicht mehr|lib[ée]r[ée]e?s?|supprim[ée]e?s?|rembours[ée]e?s?|r[ée]sili[ée]e?s?|détruite?s?|n'existe plus|n'est plus disponible|liberad[oa]s?|liberó|eliminad[oa]s?|eliminó|borrad[oa]s?|borró|reembolsad[oa]s?|suprimid[oa]s?|ya no (?:existe|está)|excluíd[oa]s?|excluiu|apagad[oa]s?|removid[oa]s?|não existe mais|rilasciat[oaie]|eliminat[oaie]|cancellat[oaie]|rimoss[oaie]|rimborsat[oaie]|non esiste più|vrijgegeven|verwijderd|terugbetaald|opgezegd|bestaat niet meer|удал[её]н[аоы]?|освобожд[её]н[аоы]?|возвращен[аоы]?|аннулирован[аоы]?|больше не существует|usunięt[aoye]|zwolnion[aoye]|silindi|serbest bırakıldı|dihapus|đã bị xóa|đã xóa|đã được giải phóng)\b";
    LOSS_WEST = r"\b(?:freigabe|löschung|kündigung|rückerstattung|libération|suppression|résiliation|remboursement|liberación|eliminación|reembolso|exclusão|liberação|rilascio|eliminazione|rimborso|cancellazione|удаление|освобождение)\b";
    LATER_WEST = r"\b(?:wird|werden|wirst|soll|sollen|bald|steht bevor|bevorstehend\w*|geplant\w*|sera|seront|serait|va|vont|doit|devra|prévue?s?|imminente?|bientôt|será|serán|serão|van|vai|vão|debe|programad[oa]|prevista?o?|próxim[oa]|pronto|sarà|saranno|verrà|verranno|wordt|zal|zullen|binnenkort|будет|будут|скоро|zostanie|zostaną|będzie|akan|sẽ)\b";
    UNLESS_WEST = r"\b(?:würde|kann|kannst|könnte|falls|wenn|bevor|sofern|avant|si|lorsque|quand|peut|pourra|antes|puede|podrá|pode|cuando|quando|prima|può|kan|indien|если|может|перед|jeśli|jika|nếu)\b";
    FRAME_WEST = r"\b(?:schutz|termin|hinweis|datum|frist|antrag|date|protection|avis|rappel|demande|afin|fecha|aviso|solicitud|protección|data|avviso|richiesta|protezione|дата|запрос)\b|freigabe(?:datum|schutz|termin)";
    LOSS_ZH = &with_losses("<LOST_ZH>|不再可用|已不可用|不存在");
    LATER_ZH = "明日|明天|明晚|今晚|次日|倒计时|倒計時|快要|面临|面臨|临近|臨近|即将|即將|将|將|预计|預計|计划|計劃|拟|擬|待释放|待釋放|准备|準備|预警|預警";
    UNLESS_ZH = &with_losses("一旦|取消|关闭|關閉|停用|推迟|推遲|延期|暂缓|暫緩|失败|失敗|驳回|駁回|拒绝|拒絕|撤销|撤銷|撤回|<PART_ZH>|[未没沒后後前内內若如可会會设設选選续續请請]|避免|以免|防止|否则|否則|开启|開啟|申请|申請|时间|時間|日期|提醒|通知|保护|保護|规则|規則|策略|风险|風險|流程|方式|类型|類型|动作|動作|回复?[a-z0-9]{1,2}|短信|拒收|邮件|郵件|链接|連結");
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
        unless: &[&UNLESS_EN, &OTHER_THING_EN, &UNLESS_ZH],
        reach: Reach::Before,
    },
    Tongue {
        dense: false,
        loss: &LOSS_EN,
        later: &LATER_EN,
        unless: &[&UNLESS_EN, &FRAME_EN, &UNLESS_ZH],
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
            said.told().replace(' ', "")
        } else {
            let text = said.told();
            ORDINAL.replace_all(&text, "$1 ").into_owned()
        };
        let mut losses = Losses::default();
        for sentence in sentences(&text) {
            for found in self.loss.find_iter(sentence) {
                let about = self.about(sentence, found.start(), found.end());
                // English words stand in Chinese sentences.
                let later = self.later.is_match(about) || LATER_ZH.is_match(about);
                let behind = sentence.get(found.end()..).unwrap_or_default();
                let of_another = is_of_another_object(behind);
                let apart = || self.unless.iter().any(|unless| unless.is_match(about));
                losses.announced |= later;
                losses.told |= !later && !of_another && !apart();
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
pub(super) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let ends = |at: usize, mark: &str| {
            let before = text.get(..at).and_then(|text| text.chars().next_back());
            let behind = text
                .get(at + mark.len()..)
                .and_then(|text| text.chars().next());
            mark != "." || !(word(before) && word(behind))
        };
        let mut marks = text.match_indices(['.', ';', '!', '?']);
        let stop = marks.find(|(at, mark)| ends(*at, mark));
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
    /// Whether a text that is not understood may state a loss: it mentions one, and announces none.
    pub(super) fn may_be_of_something_gone(&self) -> bool {
        let (expires, _) = self.of_expiry();
        if self.of_release() || expires {
            return false;
        }
        let all: Vec<Losses> = TONGUES.iter().map(|tongue| tongue.losses(self)).collect();
        all.iter().any(|losses| losses.told) && !all.iter().any(|losses| losses.announced)
    }

    /// Whether it mentions a loss that is to come.
    pub(super) fn announces_a_loss(&self) -> bool {
        TONGUES.iter().any(|tongue| tongue.losses(self).announced)
    }
}
