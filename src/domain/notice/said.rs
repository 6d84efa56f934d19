//! Search words. They make a raised notice more urgent or more precise, or veto a suppression, never the opposite: a missing word
//! costs attention and nothing else.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::NoticeKind;
use super::gone::{are_of_something_gone, is_of_another_object, is_of_another_thing};
use super::harmless::{without_data, without_no_others, without_numbers, without_versions};
use super::loss_words::with_losses;
use super::normal::{BREAK, Normal};
use crate::words::words;

words! {
    /// A veto against suppression, however well the wording is known.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Veto {
        /// More instances than the named one.
        More = "more",
        /// A loss that has already happened.
        Gone = "gone",
        Delete = "delete",
        /// Another subject than the instance: an endpoint, a version, a topic.
        Other = "other",
        /// A time without a date.
        Time = "time",
        /// A number outside of an id or a date.
        Digits = "digits",
        /// The name of another tracked instance.
        Name = "name",
        /// No word of a release.
        Unreleased = "unreleased",
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

/// The vendor's names for the Post-expiration Action.
const SETTING_NAME_EN: &str = r"\b(?:post[- ]?)?(?:expiration|expiry|expiring|release) (?:action|behaviou?r|handling|policy|setting)\b";
const SETTING_NAME_ZH: &str = "(?:到期|过期|過期|释放|釋放)(?:后|後)?的?(?:动作|動作|操作|处理|處理|处置|處置|策略|行为|行為|设置|設置|设定|設定)(?:方式)?";

patterns! {
    // English is matched with blanks, Chinese without.
    RELEASE_EN = r"\b(?:will|to|shall|going to|about to|scheduled to) (?:\w+ )*be (?:\w+ )?released\b|\bwill release\b|\brelease (?:notice|date|time|reminder)\b";
    RELEASE_ZH = "(?:即将|即將|将|將|待|快要|面临|面臨|临近|臨近).{0,40}(?:释放|釋放)|(?:释放|釋放)(?:时间|時間|提醒|通知|日期)";
    EXPIRY_EN = r"\bwill (?:\w+ )?(?:be )?expir(?:e|ed|ing)\b|\b(?:about|due|going) to expire\b|\b(?:is|are) expiring\b|\bexpires? (?:on|at|in|soon|today|tomorrow)\b";
    EXPIRY_ZH = "(?:即将|即將|将要|將要|将|將|快要).{0,30}(?:到期|过期|過期)|(?:到期|过期|過期)(?:时间|時間|提醒|通知|日期)";
    // Plain words, which only tell what a text that says nothing else is about.
    PLAIN_EXPIRY_EN = r"\b(?:expiration|expiry|renewal|renew) (?:reminder|notice|notification|alert|warning|date|time|day)\b|\b(?:expiration|expiry|expires|expired) ?[:=]|\bexpir(?:es|ed|ing) (?:yesterday|today|tomorrow|tonight|soon|in|on|at|last|within)\b|\b(?:is|was|are|were) expired\b|\b(?:valid|available) (?:until|till|through)\b|\b(?:expires|expire|expired|lapses|lapsed|runs out)\b";
    PLAIN_EXPIRY_ZH = "(?:今|明|后|後|昨|本|当|當|次)[日天晚](?:已|将|將|就|即|会|會)?(?:到期|过期|過期)|(?:[0-9]+|[一二两兩三四五六七八九十几幾]+)(?:个|個)?(?:天|日|小时|小時|周|週|月)(?:之|以)?(?:后|後|内|內)?(?:将|將|就|即|会|會)?(?:到期|过期|過期)|[距离離](?:离|離)?@?(?:到期|过期|過期)|有效期(?:至|到|截止|限)|(?:到期|过期|過期)(?:日|于|於|了|后|後|已|未|:)|已.{0,24}(?:到期|过期|過期)|[于於].{0,24}(?:到期|过期|過期)|(?:续费|續費|到期|过期|過期)(?:提醒|通知|预警|預警)|(?:到期|过期|過期)$";
    PLAIN_RELEASE_EN = &with_losses(r"\b(?:will|shall|is|are|going|about|scheduled|due|planned|set|slated|queued)(?: (?:also|soon|then|automatically|permanently|now))*(?: to)? (?:be (?:\w+ )?(?:<DONE>)|being (?:<DONE>))\b|\b(?:scheduled|due|planned|slated|queued|pending|awaiting|upcoming|up)(?: for)? (?:\w+ )?(?:<NOUN>|removal)\b|\bgets? (?:<LOST>)\b|\b(?:enters?|entering|entered|in) the release (?:queue|period|phase|stage)\b");
    PLAIN_RELEASE_ZH = &with_losses("(?:即将|即將|将|將|待|快要|计划|計劃|拟|擬|预计|預計|[明后後今次本当當][日天晚]|[天日月时時周週](?:后|後|内|內)).{0,40}(?:<LOST_ZH>)|(?:释放|釋放|回收)(?:流程|队列|隊列|倒计时|倒計時)");
    MENTIONED_EN = r"\breleas(?:e|es|ed|ing)\b";
    MENTIONED_ZH = "释放|釋放";
    EXPIRED_EN = r"\b(?:has|have) (?:\w+ )?expired\b";
    EXPIRED_ZH = "已(?:经|經)?(?:到期|过期|過期)";
    MORE_EN = r"\b(?:others?|for example|e\.g|such as|etc|et al|so on|instances|resources|all (?:of )?(?:your|the|its)|both|several|multiple|some of|together with|as well as|and also|and (?:\w+ ){0,3}more|and the (?:following|ones)|more rows?|more instances?|every instance|each instance|first of|remaining|the rest|each of|among|attached|attachments?|list below|listed|including|everything|siblings?|twins?|peers?|replicas?|another (?:instance|service|resource|cluster|one)|any (?:other )?(?:instances?|resources?)|dependents?|alongside|and the instances?|(?:one|\d+) more|along with|same (?:goes|applies|holds|is true)|(?:see|check) (?:the )?(?:list|table)|table below|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|in the same (?:region|account|zone|cluster|batch|group|order|subscription)|a (?:few|couple|number|pair|series|group|batch) of|respectively|(?:additional|further|neighbou?ring|related|associated|linked|dependent|companion|sister|backup|standby|secondary|second|third) (?:instances?|clusters?|ones?)|(?:associated|linked|dependent) (?:services|queues)|likewise|(?:whole|entire) (?:account|region|group|fleet|cluster)|tens of|plus)\b|\b(?:instance|service) [a-z0-9][a-z0-9_-]{0,40} (?:and|or|plus|&) [a-z0-9]|\b(?:instance|service)(?: [a-z0-9_-]+)? & [a-z0-9]|^& ?[a-z0-9]";
    MORE_ZH = "all(?:的)?(?:实例|實例)|、(?:将|將|即|[,.;]|$)|等|同(?:一)?组|同(?:一)?組|(?:实例|實例|资源|資源|它|牠)(?:们|們)|其他|其它|其余|其餘|另外|以及|此外|多个|多個|若干|两个|兩個|两台|兩台|数个|數個|几个|幾個|各实例|各實例|一批|[.]{3}|所有|全部|批量|清单|清單|列表|附件|名单|名單|附表|[上下]表|另一|别的|別的|每(?:个|個|台|一)|全体|全體|一众|一眾|诸|諸|[同该該](?:账号|賬號|帐号|帳號)下|同(?:一)?(?:个|個)?(?:账号|賬號|帐号|帳號)|之类|之類|连带|連帶|[双雙]实例|[双雙]實例|亦然|例如|比如|(?:[二两兩三四五六七八九十百叁贰肆伍陆柒捌玖拾]+|数|數|几|幾)(?:个|個|台|臺|套|组|組|条|條|项|項)|及以下|[共与與和]\\d|包括|包含|[与與跟][a-z0-9]|[和及、][a-z0-9_-]{1,40}(?:将|將|即|也|都|均|实例|實例|一|两|兩|[,.;)]|$)|连同|連同|同(?:一)?(?:个|個)?(?:地域|区域|區域|可用区|可用區|集群|叢集|批次?|订单|訂單|项目|專案|组织|組織|资源组|資源組)|[之以]外的|(?:部分|若干|众多|眾多|多|两|兩|诸|諸|余下|餘下|剩余|剩餘|相关|相關|关联|關聯|同类|同類|相邻|相鄰|配套|其下|名下|旗下|第[二三四五六七八九十](?:个|個|台|臺)?|[备備从從]用?)的?(?:实例|實例)|(?:关联|關聯|同类|同類|其下)的?(?:资源|資源)|分别|分別|同理|依此类推|依此類推|成对|成對|整批|整(?:个|個)(?:账号|帳號|賬號|地域)|[合总總共](?:计|計)|首(?:个|個|台|批)|其中";
    MORE_WEST = r"\b(?:weitere[nr]?|andere[nr]?|sowie|mehrere|sämtliche|alle|übrigen?|d'autres|autres|plusieurs|ainsi que|toutes? les|tous les|otr[oa]s|vari[oa]s|tod[oa]s|demás|outr[oa]s|vári[oa]s|demais|altr[ei]|divers[ei]|tutt[ei]|overige|meerdere|друг(?:ие|их)|остальн\w+|нескольк\w+|все|всех|inne|pozostałe|wszystkie|diğer|tüm|lainnya|semua|khác|tất cả)\b";
    MORE_EAST = "ほか|他の|その他|など|及び|および|ならびに|並びに|すべて|全て|全ての|複数|기타|다른|모든|여러|등의|등이|외에|및|그리고|อื่น|ทั้งหมด|أخرى|جميع";
    DELETE_EN = r"\b(?:expiration|expiry|release) (?:action|behaviou?r|handling|policy|setting)\b[^.;]{0,40}\b(?:remov|releas)|\bdelet(?:e|es|ed|ing|ion)\b|\bdestroy|\b(?:wiped?|wiping|erased?|erasing|purged?|purging|terminat(?:e|es|ed|ing|ion))\b|\bremoved for good\b";
    DELETE_ZH = "删除|刪除|销毁|銷毀|清除|清空|移除";
    OTHER_EN = r"\b(?:regardless|irrespective|whatever|no matter|brokers?|(?:dedicated )?clusters?|endpoints?|versions?|topics?|groups|consumer groups?|group ids?|patch(?:es)?|public networks?|snapshots?|namespaces?|bandwidth|violations?|public ips?|eips?|nodes?|domains?|disks?|quotas?|certificates?|firmware|new features?|dead[- ]letter|ip address(?:es)?|storage|whitelists?|allowlists?|vpcs?|acls?|access keys?|connection pools?|(?:message )?traces?|(?:the|a|an|your) group|group (?:of|under|in)|downgrad\w*|convert(?:s|ed|ing)?|conversion|trials?|beta|previews?|free tiers?|new releases?|(?:minor|major|latest|next|software|product|maintenance|service|client|public|stable) releases?|release (?:notes?|candidates?|train|cycle|channel)|hot ?fix(?:es)?|bug ?fix(?:es)?|changelogs?|(?:over ?due|unpaid) (?:\w+ )?(?:bill|invoice|payment|balance|amount|fee|charge|order)s?|(?:bill|invoice|payment|balance|amount|fee|charge)s? (?:of @ )?(?:is|are|remains?|was|were|has been|have been) (?:\w+ )?(?:over ?due|unpaid|late|not paid)|arrears|outstanding (?:balance|bill|payment|amount|fee|invoice|charge)s?|past due|(?:settle|pay|clear) (?:the|your|this|an?|all|any) (?:\w+ )?(?:bill|invoice|balance|amount|fee)s?|payment (?:has |was )?failed|webinars?|security (?:risks?|reasons?|incidents?)|abuse|abusive|fraud|(?:blocked|suspended|banned|locked) for)\b";
    OTHER_ZH = "无论|無論|不论|不論|不管|集群|叢集|的[a-z][a-z0-9-]{1,20}(?:将|將|即|会|會|已|被|于|於)|的[队隊]列|接入点|接入點|版本|主题|主題|分组|分組|消费组|消費組|补丁|補丁|公网|公網|快照|命名空间|命名空間|带宽|頻寬|违规|違規|冻结|凍結|节点|節點|域名|磁盘|磁碟|云盘|证书|證書|配额|配額|死信|存储空间|存儲空間|儲存空間|白名单|白名單|标签|標籤|消息轨迹|訊息軌跡|连接池|连接数|专有网络|静态ip|ip地址|的group|新功能|新特性|降级|降級|标准版|標準版|试用|試用|体验版|體驗版|公测|公測|内测|內測|新版|发版|發版|发行版|發行版|更新日志|更新日誌|热修复|熱修復|升级包|升級包|(?:因|由于|由於)[^,.;]{0,12}(?:欠费|欠費|欠款|逾期|拖欠|未支付|未付)|(?:仍|存在)[^,.;]{0,4}(?:欠费|欠費|欠款|逾期)|(?:欠费|欠費)(?:账单|帳單|賬單|金额|金額|实例|實例|状态|狀態|停机|停機|释放|釋放)|(?:账单|賬單|帳單|发票|發票)[^,.;]{0,8}(?:逾期|未|欠)|逾期(?:账单|帳單|賬單|未|金额|金額)|(?:未付|未支付|未结清|未結清|拖欠)的?(?:账单|帳單|賬單|款|费|費)|扣款失败|扣款失敗|[因由][^,.;]{0,6}(?:安全|风险|風險|滥用|濫用|投诉|投訴|攻击|攻擊)|封禁|封停";
    // Parts of an instance as the subject of a sentence: a consequence may mention them.
    THING_EN = &with_losses(r"\b(?:consumers?|producers?|subscribers?|backlogs?|replicas?|sdks?|clients?|plugins?|connectors?|listeners?|load balancers?|gateways?|ram (?:users?|roles?|polic(?:y|ies))|permissions?|api keys?|tokens?|alarms?|alert rules?|dashboards?|log ?stores?|backups?|images?|tags?|security groups?|sessions?|connections?|features?|functions?|coupons?|vouchers?|resource (?:plan|package)s?|packages?|promotions?)(?: [a-z0-9-]+){0,2}?(?: (?:of|in|on|for|under|behind|from|at|with|named|called)\b[^.;,]{0,40})? (?:(?:will|shall|is|are|has|have|was|were) (?:\w+ ){0,3}?|to )(?:be |been )?(?:\w+ )?(?:<DONE>|expired?|retired|rotated|replaced|revoked|closed|released)\b");
    // Such a thing as what the sentence is about: in the text around the slots no id stands behind `of`.
    THING_OF_EN = r"\b(?:consumers?|producers?|subscribers?|backlogs?|replicas?|sdks?|clients?|plugins?|connectors?|listeners?|load balancers?|gateways?|ram (?:users?|roles?|polic(?:y|ies))|api keys?|tokens?|alarms?|dashboards?|log ?stores?|backups?|images?|tags?|security groups?|elastic ips?|coupons?|vouchers?|(?:resource )?(?:plan|package)s?|promotions?)(?: [a-z0-9-]+)? (?:of|for|behind|on|in|under)(?: (?:the|your|this|apsaramq|rocketmq|mq|instance|service|for))* (?:enters?|is|are|will|has|have|was|were|goes|gets?|moves?|expires?|ends?|becomes?)\b";
    THING_ZH = &with_losses("(?:消费者|消費者|生产者|生產者|订阅关系|訂閱關係|订阅组|訂閱組|堆积消息|堆積訊息|副本|客户端|客戶端|插件|连接器|連接器|监听器|監聽器|负载均衡|負載平衡|网关|網關|閘道|子账号|子帳號|权限|權限|访问密钥|存取金鑰|令牌|告警规则|告警規則|监控项|監控項|仪表盘|儀表板|备份|備份|镜像|映像|安全组|安全組|会话|會話|长连接|連線|弹性公网|弹性ip|内网地址|內網地址|专线|專線|优惠券|優惠券|代金券|资源包|資源包|流量包|套餐)[^,.;]{0,10}?(?:将|將|即|会|會|已|被|于|於)[^,.;]{0,16}?(?:<DONE_ZH>|到期|过期|過期|失效|关闭|關閉)");
    TIME_EN = r"\b(?:today|tonight|tomorrow|immediately|shortly|minutes?|hours?|days?|weeks?|months?|noon|midnight|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|may|june|july|august|september|october|november|december|next|within)\b";
    TIME_ZH = "今天|今日|今晚|明天|明日|明晚|后天|後天|天后|天後|天内|天內|日内|日內|小时|小時|分钟|分鐘|立即|立刻|马上|馬上|本月|本周|本週|下周|下週|下月|月底|周[一二三四五六日]|星期|工作日|[一二三四五六七八九十两兩几幾]个?(?:天|日|周|月|小时|小時)";
    // Another time than the date, also where there is one.
    SOONER_EN = r"\b(?:tomorrow|tonight|asap|from now|half an hour|earlier|ahead of|sooner|whenever|released early|early release|originally|within (?:\w+ ){1,3}(?:minutes?|hours?|days?|weeks?))\b";
    SOONER_ZH = "明[天日晚]|今晚|[或将將会會能]提前|提前(?:至|到|于|於|释放|釋放)|原定|不再是|随时|隨時|(?:剩余?|剩餘|[仅僅还還只尚]剩|[仅僅只]有)[一二两兩三四五六七八九十壹贰貳叁參肆伍陆陸柒捌玖拾半几幾]";
    // The setting with its value, in one sentence or two cells of a table.
    SETTING_EN = SETTING_NAME_EN;
    SETTING_ZH = SETTING_NAME_ZH;
    ACTION_DELETE_EN = &format!(
        r"{SETTING_NAME_EN}[^.;]{{0,40}}?\b(?:delet(?:e|ed|es|ing|ion)|remov(?:e|ed|es|ing|al)|releas(?:e|ed) (?:the )?(?:resource|instance))\b"
    );
    ACTION_DELETE_ZH = &format!("{SETTING_NAME_ZH}[^.;。；]{{0,16}}?(?:删除|刪除)");
    ACTION_OTHER = r"downgrad|standard|\b(?:not|no|from|was|instead)\b|n't\b|降级|降級|降为|降為|标准|標準|不是|并非|並非|不会|不會|由";
    LABELLED_NAME = r#"(?i)(?:instance ?name|实例名称|實例名稱|实例名|實例名) ?[:=]? ?["“「]?([\p{L}\p{N}][\p{L}\p{N}._-]*)"#;
    REFERENCE = r"(?i)&(?:#x(?<hex>[0-9a-f]{1,6})|#(?<number>[0-9]{1,7})|(?<word>lowbar|underbar|hyphen|dash|shy));";
    // Chinese has no blanks: where there is one, a line has ended.
    LINE_ZH = r"(\p{Han}[)\]」”]?) (\p{Han})";
    // Chinese is written up to an id without a blank.
    IDS = r"(?i:MQ_INST_)[A-Za-z0-9_*-]+|(?:(?-u:\b)|_)(?i:ons|rmq)-(?i:[a-z]{2,})-[A-Za-z0-9*-]+";
    ID_BEGINS = r"(?i:MQ_INST_|(?:ons|rmq)-[a-z]{2,}-)";
    // One that a line end or a blank breaks, where a letter or a digit cannot be that of a word.
    BROKEN_ID = r"(?i:MQ ?_ ?INST ?_) ?[0-9]{8,20} ?_ ?[A-Za-z]{0,19}(?:[0-9]|[a-z][A-Z])[A-Za-z0-9]{0,19}|(?-u:\b)(?i:ons)- ?[a-z]{2,}- ?[a-z]{0,19}[0-9][a-z0-9]{5,19}";
    // Right behind a letter or a digit, such as the end of another id in the element before.
    ID_WITHIN = r"([A-Za-z0-9])((?i:MQ_INST_))";
}

/// A text prepared for the search.
pub(super) struct Searched {
    /// In lower case, with single blanks.
    pub(super) spaced: String,
    /// In lower case, without blanks.
    pub(super) dense: String,
    /// Like `spaced`, with a full stop where a line, a cell or a part ends that may end a sentence.
    pub(super) parted: String,
}

impl Searched {
    pub(super) fn of(text: &str) -> Self {
        let lower = text.to_lowercase();
        let joined = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let spaced = joined(&parted_by_script(&lower));
        // Many blanks stand for a slot.
        let part = |text: &str| joined(&LINE_ZH.replace_all(text, "$1. $2"));
        let parts: Vec<String> = lower.split(BREAK).map(part).collect();
        let parted = parted_by_script(&parts.join(". "));
        let dense = spaced.replace(' ', "");
        Self {
            spaced,
            dense,
            parted,
        }
    }

    /// The text with `@` in place of each id. Names of events join their words by `_`.
    pub(super) fn told(&self) -> String {
        without_ids(&self.spaced).replace('_', " ")
    }

    /// The text as one, and the text in which what stands apart is apart: either may tell what the other does not.
    pub(super) fn tellings(&self) -> [String; 2] {
        [self.told(), without_ids(&self.parted).replace('_', " ")]
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

    /// Whether any word speaks of a release.
    pub(super) fn mentions_release(&self) -> bool {
        self.says(&MENTIONED_EN, &MENTIONED_ZH)
    }

    pub(super) fn of_release(&self) -> bool {
        self.says(&RELEASE_EN, &RELEASE_ZH)
    }

    /// The kind by its plain words alone, where nothing else tells: an expiry, or a coming loss of the instance.
    pub(super) fn in_plain_words(&self) -> Option<NoticeKind> {
        let said = Self {
            spaced: SETTING_EN.replace_all(&self.spaced, "").into_owned(),
            dense: SETTING_ZH
                .replace_all(&without_ids(&self.dense), "")
                .into_owned(),
            parted: String::new(),
        };
        if said.says(&PLAIN_EXPIRY_EN, &PLAIN_EXPIRY_ZH) {
            return Some(NoticeKind::Expiry);
        }
        let mut found = PLAIN_RELEASE_EN.find_iter(&said.spaced);
        let of_it = found.any(|found| {
            let before = said.spaced.get(..found.start()).unwrap_or_default();
            let behind = said.spaced.get(found.end()..).unwrap_or_default();
            !is_of_another_thing(before) && !is_of_another_object(behind)
        });
        (of_it || PLAIN_RELEASE_ZH.is_match(&said.dense)).then_some(NoticeKind::Release)
    }

    /// Whether it mentions a future expiry, and a past one.
    pub(super) fn of_expiry(&self) -> (bool, bool) {
        // The name of the setting is no word of an expiry.
        let said = Self {
            spaced: SETTING_EN.replace_all(&self.spaced, "").into_owned(),
            dense: SETTING_ZH.replace_all(&self.dense, "").into_owned(),
            parted: String::new(),
        };
        let passed = said.says(&EXPIRED_EN, &EXPIRED_ZH);
        (said.says(&EXPIRY_EN, &EXPIRY_ZH), passed)
    }
}

/// A text with a blank between Latin letters and those of Chinese, Japanese or Korean, which write none: `的topic将` has a word.
fn parted_by_script(text: &str) -> String {
    let is_latin = |c: char| c.is_ascii_alphabetic();
    let is_han = |c: char| c.is_alphabetic() && c >= '\u{2e80}';
    let mut out = String::with_capacity(text.len());
    let mut last = None;
    for c in text.chars() {
        if last.is_some_and(|last| is_latin(last) && is_han(c) || is_han(last) && is_latin(c)) {
            out.push(' ');
        }
        out.push(c);
        last = Some(c);
    }
    out
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
        (
            Veto::More,
            others
                .finds(&MORE_EN, &MORE_ZH)
                .or_else(|| others.finds(&MORE_WEST, &MORE_EAST)),
        ),
        (Veto::Delete, deleting.finds(&DELETE_EN, &DELETE_ZH)),
        (
            Veto::Other,
            another
                .finds(&OTHER_EN, &OTHER_ZH)
                .or_else(|| another.finds(&THING_EN, &THING_ZH))
                .or_else(|| another.finds(&THING_OF_EN, &THING_ZH)),
        ),
        (Veto::Time, time()),
        (Veto::Digits, numbers.number()),
    ];
    let each = each
        .into_iter()
        .filter_map(|(veto, word)| Some((veto, Some(word?))));
    let gone = are_of_something_gone(&[&said]).then_some((Veto::Gone, None));
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

/// Whether a text gives Delete as the Post-expiration Action.
pub(super) fn says_action_is_delete(text: &str) -> bool {
    let said = Searched::of(&Normal::of(text).text());
    let says = |text: &str, action: &Regex, not: &Regex| {
        let mut found = action.find_iter(text);
        found.any(|found| !not.is_match(found.as_str()))
    };
    says(&said.spaced, &ACTION_DELETE_EN, &ACTION_OTHER)
        || says(&said.dense, &ACTION_DELETE_ZH, &ACTION_OTHER)
}

/// Whether a text speaks of a release, an expiry or a loss, or of more than one instance.
pub fn speaks_of_a_loss(text: &str) -> bool {
    let said = Searched::of(text);
    let beside = |veto: &Veto| matches!(veto, Veto::Digits | Veto::Other | Veto::Time);
    !vetoes(text, true).iter().all(beside)
        || said.of_release()
        || said.of_expiry() != (false, false)
}

/// Whether a title, such as the name of a file, says more than of which kind a notice is: a loss, a deletion, more instances.
pub fn says_more_than_a_title(text: &str) -> bool {
    // The word "attachment" belongs to the mail program, not to the notice.
    let text = text.to_lowercase().replace("attachment", "");
    let all = vetoes(&text.replace("附件", ""), true);
    all.iter()
        .any(|veto| matches!(veto, Veto::More | Veto::Gone | Veto::Delete))
}

/// A text with `@` in place of each id, so that no letter of one is searched.
pub(super) fn without_ids(text: &str) -> String {
    IDS.replace_all(text, "@").into_owned()
}

/// The ids in a text, as written, without the marks that only emphasise them.
pub(super) fn ids(text: &Normal) -> Vec<String> {
    let text = as_shown(&text.text());
    let text = text.replace(BREAK, " ");
    let text = BROKEN_ID.replace_all(&text, |found: &regex::Captures<'_>| {
        found.get(0).map_or("", |id| id.as_str()).replace(' ', "")
    });
    let text = ID_WITHIN.replace_all(&text, "$1 $2");
    let found = IDS
        .find_iter(&text)
        .flat_map(|found| parted(&text, found.range()));
    different(found.map(str::to_owned))
}

/// The ids in a run of characters: several may be joined by marks.
fn parted(text: &str, run: Range<usize>) -> Vec<&str> {
    const JOINTS: [char; 3] = ['_', '-', '*'];
    let upto = |at: usize| text.get(..at).unwrap_or_default();
    let begins = ID_BEGINS.find_iter(text.get(run.clone()).unwrap_or_default());
    let begins = begins.map(|found| run.start + found.start());
    let begins: Vec<usize> = begins
        .filter(|at| *at == run.start || upto(*at).ends_with(JOINTS))
        .collect();
    let ends = begins.iter().skip(1).copied().chain([run.end]);
    let parts = begins.iter().zip(ends).map(|(begin, end)| {
        let part = text.get(*begin..end).unwrap_or_default();
        if end < run.end {
            part.trim_end_matches(JOINTS)
        } else {
            without_emphasis(upto(*begin), part)
        }
    });
    parts.collect()
}

/// A text with the signs that a program shows for HTML's references to them, and without hyphens that show only where a line ends.
fn as_shown(text: &str) -> String {
    let shown = REFERENCE.replace_all(text, |found: &regex::Captures<'_>| {
        let group = |name| found.name(name).map(|found| found.as_str());
        let code = match (group("hex"), group("number"), group("word")) {
            (Some(hex), _, _) => u32::from_str_radix(hex, 16).ok(),
            (_, Some(number), _) => number.parse().ok(),
            (_, _, Some("lowbar" | "underbar")) => Some(u32::from('_')),
            (_, _, Some("hyphen" | "dash")) => Some(u32::from('-')),
            _ => Some(u32::from(SOFT_HYPHEN)),
        };
        code.and_then(char::from_u32).unwrap_or(' ').to_string()
    });
    shown.replace(SOFT_HYPHEN, "")
}

/// Shows where a line ends, and nowhere else.
const SOFT_HYPHEN: char = '\u{ad}';

/// An id without the marks around it: `***id***`, `__id__` and `id-` are read as the id. None ends with `_` or `-`, and stars may
/// mask an end.
fn without_emphasis<'t>(before: &str, id: &'t str) -> &'t str {
    /// More of them may mask the end of an id.
    const MOST: usize = 3;
    let id = id.trim_end_matches(['_', '-']);
    let bare = id.trim_end_matches('*');
    if before.ends_with('*') && id.len() - bare.len() <= MOST {
        bare
    } else {
        id
    }
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
