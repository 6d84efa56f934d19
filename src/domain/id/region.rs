//! The vendor's regions, by code and name.

use unicode_normalization::UnicodeNormalization as _;

use crate::written::plain;

/// The regions on the vendor's list: the code, then the names, with `|` between them. Others are accepted with a warning, because
/// the list grows.
const REGIONS: [&str; 24] = [
    "cn-hangzhou|China (Hangzhou)|华东1(杭州)|華東1(杭州)",
    "cn-shanghai|China (Shanghai)|华东2(上海)|華東2(上海)",
    "cn-qingdao|China (Qingdao)|华北1(青岛)|華北1(青島)",
    "cn-beijing|China (Beijing)|华北2(北京)|華北2(北京)",
    "cn-zhangjiakou|China (Zhangjiakou)|华北3(张家口)|華北3(張家口)",
    "cn-huhehaote|China (Hohhot)|华北5(呼和浩特)|華北5(呼和浩特)",
    "cn-wulanchabu|China (Ulanqab)|华北6(乌兰察布)|華北6(烏蘭察布)",
    "cn-shenzhen|China (Shenzhen)|华南1(深圳)|華南1(深圳)",
    "cn-chengdu|China (Chengdu)|西南1(成都)",
    "cn-hongkong|China (Hong Kong)|中国香港|中國香港",
    "ap-northeast-1|Japan (Tokyo)|日本(东京)|日本(東京)",
    "ap-southeast-1|Singapore|新加坡",
    "ap-southeast-2|Australia (Sydney)|澳大利亚(悉尼)|澳大利亞(悉尼)",
    "ap-southeast-3|Malaysia (Kuala Lumpur)|马来西亚(吉隆坡)|馬來西亞(吉隆坡)",
    "ap-southeast-5|Indonesia (Jakarta)|印度尼西亚(雅加达)|印度尼西亞(雅加達)",
    "ap-southeast-6|Philippines (Manila)|菲律宾(马尼拉)|菲律賓(馬尼拉)",
    "eu-central-1|Germany (Frankfurt)|德国(法兰克福)|德國(法蘭克福)",
    "eu-west-1|UK (London)|英国(伦敦)|英國(倫敦)",
    "us-east-1|US (Virginia)|美国(弗吉尼亚)|美國(弗吉尼亞)",
    "us-west-1|US (Silicon Valley)|美国(硅谷)|美國(矽谷)",
    "me-central-1|SAU (Riyadh)|沙特(利雅得)",
    "me-east-1|UAE (Dubai)|阿联酋(迪拜)|阿聯酋(迪拜)",
    "mq-internet-access",
    "cn-hangzhou-finance-1",
];

/// The code of a region, and its names.
pub(crate) struct KnownRegion {
    pub(crate) code: &'static str,
    names: &'static str,
}

impl KnownRegion {
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.names.split('|').filter(|name| !name.is_empty())
    }
}

pub(crate) fn known_regions() -> impl Iterator<Item = KnownRegion> {
    REGIONS.iter().map(|line| {
        let (code, names) = line.split_once('|').unwrap_or((line, ""));
        KnownRegion { code, names }
    })
}

/// Whether a word is the name of a region, or part of one.
pub(crate) fn is_of_a_region(word: &str) -> bool {
    known_regions().any(|region| {
        let part = |c: char| !c.is_alphanumeric();
        let is = |name: &str| {
            let name = name.to_lowercase();
            name == word || name.split(part).any(|own| own == word)
        };
        region.code == word || region.names().any(is)
    })
}

/// The known region with exactly this code, in any case or width.
pub(super) fn coded(text: &str) -> Option<&'static str> {
    let given = plain(text).to_ascii_lowercase();
    let mut all = known_regions().map(|region| region.code);
    all.find(|code| *code == given)
}

/// The suggested region: by city, by name, or by a code within a few typing errors.
pub(super) fn nearest_to(text: &str) -> Option<&'static str> {
    const LONGEST: usize = 64;
    let given = compared(text);
    if given.is_empty() || given.chars().nth(LONGEST).is_some() {
        return None;
    }
    let slips = |name: &str| strsim::damerau_levenshtein(&given, &compared(name));
    let all = known_regions().map(|region| {
        let code = region.code;
        let city = code.split_once('-').map_or(code, |(_, city)| city);
        let names = region.names().flat_map(|name| [name, city_of(name)]);
        let nearest = names.chain([code, city]).map(slips).min();
        (nearest.unwrap_or(usize::MAX), code)
    });
    let bearable = given.chars().count() / 3;
    let near = all.filter(|(slips, _)| *slips <= bearable);
    near.min_by_key(|(slips, _)| *slips).map(|(_, code)| code)
}

/// The city in a name: Hangzhou for `China (Hangzhou)`.
fn city_of(name: &str) -> &str {
    let inner = name.split_once('(');
    inner.map_or(name, |(_, city)| city.trim_end_matches(')'))
}

/// Letters and digits only, in one width and case.
fn compared(text: &str) -> String {
    let plain = text.nfkc().flat_map(char::to_lowercase);
    plain.filter(|c| c.is_alphanumeric()).collect()
}

/// The hint for an invalid region id.
pub(super) fn way_out(near: Option<&str>) -> String {
    near.map_or_else(
        || "it looks like cn-hangzhou or ap-southeast-1".to_owned(),
        |near| format!("did you mean `{near}`?"),
    )
}
