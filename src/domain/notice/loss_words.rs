//! The words for a loss of an instance, each in one place: the patterns of a loss that is told as done, and of one that is merely
//! mentioned, are made of them.

/// The reliability of a word for a loss.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reliability {
    /// It means a loss wherever it stands.
    Mentioned,
    /// It has other meanings, and counts only where a loss is told as done.
    Told,
}

/// A word for a loss.
struct LossWord {
    /// The form for what is done: an English participle, a Chinese verb.
    done: &'static str,
    /// The English nouns, separated by `|`.
    nouns: &'static str,
    reliability: Reliability,
}

macro_rules! loss_words {
    ($($name:ident { $($reliability:ident $done:literal $($nouns:literal)?,)+ })+) => {
        $(const $name: &[LossWord] = &[$(LossWord {
            done: $done,
            nouns: concat!($($nouns)?),
            reliability: Reliability::$reliability,
        },)+];)+
    };
}

loss_words! {
    ENGLISH {
        Mentioned "released" "release",
        Mentioned "unsubscribed" "unsubscription|unsubscribing",
        Mentioned "refunded" "refund",
        Mentioned "deleted" "deletion",
        Mentioned "destroyed" "destruction",
        Mentioned "terminated" "termination",
        Mentioned "reclaimed" "reclamation",
        Mentioned "erased" "erasure",
        Mentioned "purged",
        Mentioned "decommissioned" "decommissioning",
        Mentioned "deprovisioned" "deprovisioning",
        Mentioned "torn down" "teardown",
        Mentioned "let go",
        Mentioned "dismantled",
        Told "removed",
        Told "recycled",
        Told "wiped",
        Told "cleaned up",
        Told "dropped",
        Told "freed",
        Told "scrapped",
        Told "retired",
        Told "disposed of",
        Told "given up",
        Told "handed back",
        Told "vanished",
        Told "gone",
        Told "lost",
    }
    CHINESE {
        Mentioned "释放",
        Mentioned "釋放",
        Mentioned "释出",
        Mentioned "釋出",
        Mentioned "清退",
        Mentioned "删掉",
        Mentioned "刪掉",
        Mentioned "删了",
        Mentioned "刪了",
        Mentioned "退订",
        Mentioned "退訂",
        Mentioned "退款",
        Mentioned "删除",
        Mentioned "刪除",
        Mentioned "销毁",
        Mentioned "銷毀",
        Mentioned "回收",
        Mentioned "清除",
        Mentioned "清理",
        Mentioned "清空",
        Mentioned "下线",
        Mentioned "下線",
        Mentioned "注销",
        Mentioned "註銷",
        Mentioned "移除",
        Told "下架",
        Told "终止",
        Told "終止",
        Told "拆除",
        Told "收回",
        Told "抹除",
        Told "退还",
        Told "退還",
        Told "归还",
        Told "歸還",
        Told "退租",
        Told "作废",
        Told "作廢",
        Told "报废",
        Told "報廢",
    }
}

/// Parts of an instance: their loss is not a loss of the instance.
const PARTS_ZH: &str = "消息|訊息|主题|主題|消费组|消費組|订阅组|訂閱組|日志|日誌|磁盘|磁碟|缓存|快取|内存|记忆体|記憶體|连接|連接|連線|会话|會話|快照|备份|備份|空间|空間|标签|標籤|白名单|白名單|公网|公網|端点|端點|接入点|接入點|证书|證書|版本|topic|group";

fn any<'t>(words: impl Iterator<Item = &'t str>) -> String {
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("|")
}

/// A pattern with the words for its marks: `<DONE>` any English participle, `<LOST>` one that means a loss wherever it stands,
/// `<NOUN>` an English noun, `<DONE_ZH>` any Chinese verb, `<LOST_ZH>` one that means a loss wherever it stands,
/// `<PART_ZH>` what belongs to an instance.
pub(super) fn with_losses(pattern: &str) -> String {
    let done = |all: &'static [LossWord]| any(all.iter().map(|word| word.done));
    let lost = |all: &'static [LossWord]| {
        let mentioned = all
            .iter()
            .filter(|word| word.reliability == Reliability::Mentioned);
        any(mentioned.map(|word| word.done))
    };
    pattern
        .replace("<DONE>", &done(ENGLISH))
        .replace("<LOST>", &lost(ENGLISH))
        .replace("<NOUN>", &any(ENGLISH.iter().map(|word| word.nouns)))
        .replace("<DONE_ZH>", &done(CHINESE))
        .replace("<LOST_ZH>", &lost(CHINESE))
        .replace("<PART_ZH>", PARTS_ZH)
}
