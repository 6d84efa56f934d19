//! Letterhead and small print, common to all notices: removed before the search for vetoes. Only unmistakable forms, because a
//! number elsewhere may be a count or a date.

use std::sync::LazyLock;

use regex::Regex;

use super::said::pattern;

/// The placeholder for removed text: part of no word or number.
const AWAY: &str = "\u{f0fd}";

/// Patterns for lower-case lines with single blanks.
const NUMBERS: &[&str] = &[
    // Copyright years.
    r"(?:©|\(c\)|copyright|版权所有|版權所有)[ ,:\n]*(?:(?:©|\(c\)|copyright)[ ,:]*)?(?:19|20)\d\d(?: ?[-–—~] ?(?:19|20)\d\d)?",
    r"\b(?:19|20)\d\d ?[-–—~] ?(?:19|20)\d\d(?: [\p{L}.,&]+){0,6}[ .,]*(?:all rights reserved|版权所有|版權所有)",
    r"\b(?:19|20)\d\d (?:(?:alibaba|aliyun|cloud|computing|group|co|ltd|inc|limited|com)[.,]* ){1,6}(?:all rights reserved|版权所有|版權所有)",
    // Phone numbers.
    r"(?:\b(?:tel|phone|telephone|hotline|fax|call(?: us)?(?: at| on)?)\b|电话|電話|热线|熱線|致电|致電|拨打|撥打|客服|传真|傳真)[ .:\n]{0,3}(?:\+?\(?\d{1,4}\)?(?:[ -]\d{3,8}){1,4}|\d{5,12})",
    r"\b\d{1,4}-\d{3,4}-\d{3,8}(?:-\d{3,4})?",
    r"(?m)(?:^|[,.;(/·] ?)9[56]\d{3}(?: ?[,.;)/·]|$)",
    r"\+\d{1,3}(?:[ -]\d{2,4})?(?:[ -]?\d{3,4}){2}",
    // Service hours.
    r"(?:\b|\p{Han})24 ?(?:/|x|×|\*) ?7|(?:\b|\p{Han})7 ?(?:x|×|\*) ?24(?: ?(?:hours|小时|小時))?|\b24 hours a day\b|24 ?(?:小时|小時)(?:服务|服務|在线|在線|热线|熱線|客服)",
    r"\b(?:utc|gmt) ?[+-] ?\d{1,2}(?::?\d{2})?",
    // Registration numbers.
    r"\p{Han} ?[a-z]\d ?- ?\d{8}(?:-\d{1,3})?",
    r"(?:公网安|公網安)?(?:备|備|许可证|許可證) ?(?:[a-z]\d?-?)?\d{6,14} ?(?:号|號)(?:-\d{1,3}[a-z]?)?",
    r"\biso(?:/iec)? ?\d{4,5}(?::\d{4})?",
    // The vendor's address.
    r"\b\d{1,5},? (?:[a-z]+ ){0,4}(?:road|rd|street|st|avenue|ave|lane|boulevard|blvd|way)\b(?:[.,]* (?:[a-z]+[.,]* ){0,4}\d{5,6})?",
    r"\b(?:road|rd|street|st|avenue|ave|lane|boulevard|blvd|plaza|tower|building|district|hangzhou|beijing|shanghai|shenzhen|singapore|zip|zip code|postcode|postal code)[.,:]* (?:[a-z]+[.,]* ){0,4}\d{5,6}",
    r"\b(?:suite|room|floor|building|tower|p\.?o\.? box) \d{1,5}",
    r"#\d{2}-\d{2,3}\b",
    r"(?:路|街|道|巷) ?\d{1,5} ?(?:号|號)(?: ?\d{1,3} ?(?:号楼|號樓|幢|栋|棟|楼|樓|层|層|室))*|(?:邮编|郵編|邮政编码|郵政編碼)[ :]*\d{5,6}",
    // Reference numbers.
    r"\b(?:ref|reference|ticket|case|message|template)(?: ?(?:no|number|id))?[ .:#]{1,3}[a-z]{0,4}-?\d{4,12}|(?:编号|編號|工单|工單|流水号|流水號)[ :#]*[a-z]{0,4}-?\d{4,12}",
    // Product versions.
    r"(?:rocketmq|mq|apache|sdk|tls) ?(?:versions? )?v?\d{1,2}\.(?:x|\d{1,2})(?:\.(?:x|\d{1,2}))?",
    r"\b[1-9]\.x",
    // Retention periods after an expiry.
    r"\b(?:kept|retained|stored|saved|preserved|available)(?: (?:for|another|a|further|up to)){0,3} \d{1,3} (?:(?:calendar|natural) )?(?:days?|hours?) (?:after|from|following|past) (?:(?:its|the|your|instance|service|subscription) ){0,3}(?:expir(?:y|ation|es)|suspension)\b",
    r"(?:到期|过期|過期|停机|停機|停服|欠费|欠費)(?:后|後)?[ ,，]*(?:[数數][据據])?(?:将|將|仅|僅|为您|為您|会|會){0,3}(?:保留|保存) ?\d{1,3} ?(?:天|日|小时|小時)",
];
/// Versions in a product's name.
const VERSIONS: &[&str] = &[
    r"rocketmq ?v?\d{1,2}\.(?:x|\d{1,2})(?:\.(?:x|\d{1,2}))? ?(?:versions?\b|版本)",
    r"公网安备|公網安備",
    // The edition that the instance has.
    "版本(?:类型|類型)? ?: ?(?:企业版?|企業版?)?(?:铂金|鉑金|白金)版?",
];
/// Words after a version that make it the subject.
const OF_VERSIONS: &str = r"^ ?(?:will|is|are|has|have|to|release|即|将|將|被|发布|發佈|释放|釋放)";
/// Words that contain the sign for "others" with another meaning.
const NO_OTHERS: &[&str] = &[
    "(?:请|請|耐心|稍|无需|無需|需要|继续|繼續|正在)等(?:待|候)",
    // A span of time is no count of instances.
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[1-9]\d?) (?:(?:calendar|natural|working|business) )?(?:minutes?|hours?|days?|weeks?|months?|years?)\b",
    "[二两兩三四五六七八九十]{1,3} ?(?:个|個)? ?(?:工作日|自然日|天|日|小时|小時|月|周|週|年|分钟|分鐘)",
    "等(?:级|級|于|於|值|同|保)|[同平对對相高中优優均]等",
    // Copyright lines, and offers of help.
    r"(?:版权|版權)所有|保留(?:所有|全部|一切)(?:权利|權利)",
    r"\b(?:any|have|with|for) (?:other|further|more|additional) (?:questions?|inquir(?:y|ies)|enquir(?:y|ies)|help|assistance|support)\b",
    r"\b(?:any|have) (?:questions|comments|concerns|feedback)(?:,? or (?:any )?(?:other )?(?:questions|comments|concerns|feedback))*\b",
    "(?:其他|其它|别的|別的)的?(?:问题|問題|疑问|疑問|需求|需要|建议|建議)",
    "查看(?:全部|所有)的?(?:消息|通知|站内信|訊息)",
    // All data of the one instance.
    r"\ball (?:of )?(?:the |its )?(?:data|messages)\b",
    "(?:所有|全部)的?(?:数据|數據|资料|資料|消息|訊息)(?:将|將|会|會|都|均|也|被|[,.;]|$)",
];
/// Statements that a release deletes data.
const DATA_LOST: &[&str] = &[
    r"\b(?:data|messages?|information|content)(?: (?:and|its|their|data|messages?|in|on|of|it|all|stored|the|will|shall|then|also|automatically|permanently|completely)){0,6} be (?:(?:permanently|completely|automatically|irrecoverably) )?(?:deleted|erased|purged|wiped|removed)\b",
    "(?:数据|數據|资料|資料|消息|訊息)(?:将|將|会|會|也|都|被|一并|一併|同时|同時|全部|永久|彻底|徹底|自动|自動){0,4}(?:删除|刪除|销毁|銷毀|清除|清空)",
];

/// A list of compiled patterns.
struct Forms(LazyLock<Vec<Regex>>);

macro_rules! forms {
    ($($name:ident = $list:ident;)+) => {
        $(static $name: Forms = Forms(LazyLock::new(|| $list.iter().map(|text| pattern(text)).collect()));)+
    };
}

forms! {
    NUMBER_FORMS = NUMBERS;
    VERSION_FORMS = VERSIONS;
    NO_OTHER_FORMS = NO_OTHERS;
    DATA_LOST_FORMS = DATA_LOST;
}

static OF_VERSION: LazyLock<Regex> = LazyLock::new(|| pattern(OF_VERSIONS));

impl Forms {
    fn away(&self, text: &str, stays: impl Fn(&str) -> bool) -> String {
        self.0.iter().fold(text.to_owned(), |text, form| {
            let mut out = String::new();
            let mut from = 0;
            for found in form.find_iter(&text) {
                let behind = text.get(found.end()..).unwrap_or_default();
                let shown = if stays(behind) { found.as_str() } else { AWAY };
                out.push_str(text.get(from..found.start()).unwrap_or_default());
                out.push_str(shown);
                from = found.end();
            }
            out.push_str(text.get(from..).unwrap_or_default());
            out
        })
    }
}

/// Removes numbers that are neither counts nor dates of the notice.
pub(super) fn without_numbers(text: &str) -> String {
    NUMBER_FORMS.away(text, |_| false)
}

/// Removes versions in a product's name, unless they are the subject.
pub(super) fn without_versions(text: &str) -> String {
    VERSION_FORMS.away(text, |behind| OF_VERSION.is_match(behind))
}

/// Removes words that contain the sign for "others" with another meaning.
pub(super) fn without_no_others(text: &str) -> String {
    NO_OTHER_FORMS.away(text, |_| false)
}

/// Removes statements that a release deletes data.
pub(super) fn without_data(text: &str) -> String {
    DATA_LOST_FORMS.away(text, |_| false)
}
