use super::*;

const ONE: &str = "MQ_INST_1080056302921134_BXuIbML7";
const TWO: &str = "MQ_INST_1080056302921134_BYdkf3Qa";
const ELSEWHERE: &str = "MQ_INST_2080056302921134_BZdkf3Qb";

fn name(text: &str) -> InstanceName {
    InstanceName::parse(text).unwrap()
}

fn held(id: &str, region: &str, text: &str) -> Namesake {
    Namesake {
        id: id.parse().unwrap(),
        region: region.parse().unwrap(),
        name: name(text),
    }
}

#[test]
fn plain_names_look_as_they_do_letter_by_letter() {
    for text in [
        "svc-000500",
        "Ill0 rnm|m1",
        "o'clock \"x\" `y`",
        "a,;:.!?(b)[c]{d}<e>",
        "W vv w VV ~^_=+*%$&@\\",
    ] {
        let name = InstanceName(text.into());
        assert_eq!(name.skeleton(), skeleton_of(text), "{text}");
    }
    let all: String = (' '..='~').collect();
    assert_eq!(
        InstanceName(all.as_str().into()).skeleton(),
        skeleton_of(&all)
    );
    let backwards: String = all.chars().rev().collect();
    assert_eq!(
        InstanceName(backwards.as_str().into()).skeleton(),
        skeleton_of(&backwards)
    );
}

#[test]
fn what_cannot_be_seen_is_refused() {
    for hidden in [
        '\u{ad}',
        '\u{34f}',
        '\u{61c}',
        '\u{115f}',
        '\u{1160}',
        '\u{17b4}',
        '\u{180b}',
        '\u{180e}',
        '\u{200b}',
        '\u{200d}',
        '\u{202e}',
        '\u{2060}',
        '\u{2064}',
        '\u{206a}',
        '\u{2800}',
        '\u{3164}',
        '\u{fe0f}',
        '\u{feff}',
        '\u{ffa0}',
        '\u{fff9}',
        '\u{e000}',
        '\u{1bca0}',
        '\u{1d173}',
        '\u{e0041}',
        '\u{e0100}',
        '\u{7}',
        '\u{85}',
        '\u{2028}',
    ] {
        for text in [format!("or{hidden}ders"), format!("orders{hidden}")] {
            let refused = InstanceName::parse(&text).unwrap_err();
            assert!(refused.to_string().contains("invisible"), "{hidden:?}");
        }
    }
    for seen in ["🙂", "订单", "café", "naïve-ß", "Ωμέγα", "orders.v2_(eu)"] {
        assert_eq!(name(seen).as_str(), seen);
    }
}

#[test]
fn a_name_is_no_id_in_any_case() {
    for id in [
        ONE,
        "mq_inst_1080056302921134_bxuibml7",
        "ons-cn-0pp1abc2d34",
        "ONS-CN-0PP1ABC2D34",
        "rmq-cn-7pp2abc3d45",
    ] {
        let refused = InstanceName::parse(id).unwrap_err().to_string();
        assert!(refused.contains("it is an id"), "{refused}");
    }
    for near in [
        "MQ_INST_1080056302921134",
        "MQ_INST_orders",
        "ons-orders",
        "rmq-x",
    ] {
        assert_eq!(name(near).as_str(), near);
    }
}

#[test]
fn composed_and_decomposed_are_one() {
    for (one, other) in [
        ("cafe\u{301}", "caf\u{e9}"),
        ("\u{212b}ngstrom", "\u{c5}ngstrom"),
        ("\u{1100}\u{1161}", "\u{ac00}"),
    ] {
        assert_eq!(name(one), name(other));
    }
}

#[test]
fn names_are_compared_without_case() {
    for (one, other) in [
        ("Orders", "oRDERS"),
        ("STRASSE", "straße"),
        ("ΟΔΟΣ", "οδος"),
        ("ΟΔΟΣ", "οδοσ"),
        ("ДОМ", "дом"),
    ] {
        assert_eq!(name(one).folded(), name(other).folded(), "{one} {other}");
    }
    assert_ne!(name("orders").folded(), name("order5").folded());
}

#[test]
fn what_looks_the_same_has_one_look() {
    for (one, other) in [
        ("payments", "p\u{430}yments"),
        ("payments", "PAYMENT\u{405}"),
        ("phone", "P\u{41d}ONE"),
        ("ITEMS", "IT\u{415}MS"),
        ("items", "IT\u{415}MS"),
        ("orders", "\u{3bf}rders"),
        ("orders", "ord\u{435}rs"),
        ("scope", "\u{455}\u{441}\u{43e}\u{440}\u{435}"),
        ("orders", "\u{1d428}rders"),
        ("orders", "\u{ff4f}rders"),
        ("a-b", "a\u{2010}b"),
        ("prod-1", "prod\u{ff0d}1"),
        ("prod-1", "prod\u{2014}1"),
        ("prod-1", "prod\u{2212}1"),
        ("prod 1", "prod\u{a0}1"),
        ("prod1", "prod\u{2460}"),
        ("mq2", "mq\u{b2}"),
        ("orders", "\u{ba}rders"),
        ("orders", "\u{24de}rders"),
        ("orders", "o\u{336}rders"),
    ] {
        assert_eq!(
            name(one).skeleton(),
            name(other).skeleton(),
            "{one} {other}"
        );
    }
    assert_ne!(name("café").skeleton(), name("cafe").skeleton());
    assert_ne!(name("订单").skeleton(), name("账单").skeleton());
}

#[test]
fn who_may_be_called_so() {
    let others = [
        held(ONE, "cn-hangzhou", "orders"),
        held(ELSEWHERE, "cn-hangzhou", "bills"),
        held(ONE, "cn-shanghai", "db-1"),
    ];
    let two: InstanceId = TWO.parse().unwrap();
    let clash = |text: &str, region: &str| {
        let region = region.parse().unwrap();
        let clash = name(text).clash(&two, &region, &others);
        clash.map(|(clash, _)| clash)
    };
    for (text, region, expected) in [
        ("orders", "cn-hangzhou", Some(Clash::Taken)),
        ("orders", "cn-shanghai", None),
        ("Orders", "cn-hangzhou", Some(Clash::OtherCase)),
        ("ORDERS", "cn-shanghai", Some(Clash::OtherCase)),
        ("ord\u{435}rs", "cn-shanghai", Some(Clash::LooksAlike)),
        ("ORD\u{415}RS", "cn-hangzhou", Some(Clash::LooksAlike)),
        ("bills", "cn-hangzhou", None),
        ("Bills", "cn-hangzhou", Some(Clash::OtherCase)),
        ("bi11s", "cn-hangzhou", None),
        ("db-l", "cn-shanghai", None),
        ("订单", "cn-hangzhou", None),
    ] {
        assert_eq!(clash(text, region), expected, "{text} in {region}");
    }
    let own: InstanceId = ONE.parse().unwrap();
    let region = "cn-hangzhou".parse().unwrap();
    assert_eq!(
        name("ORDERS").clash(&own, &region, &others),
        None,
        "its own"
    );
}

#[test]
fn from_a_listing_every_one_gets_a_name() {
    let region: Region = "cn-hangzhou".parse().unwrap();
    let two: InstanceId = TWO.parse().unwrap();
    let others = [held(ONE, "cn-hangzhou", "orders")];
    for (vendor, expected) in [
        ("orders", "orders~f3Qa"),
        ("Orders", "Orders~f3Qa"),
        ("ord\u{435}rs", "ord\u{435}rs~f3Qa"),
        ("billing", "billing"),
    ] {
        let (called, clash) = name(vendor).beside(&two, &region, &others);
        assert_eq!(called.as_str(), expected);
        assert_eq!(clash.is_some(), called.as_str() != vendor);
        assert_eq!(called.unmarked(&two), vendor);
    }
    let others = [
        held(ONE, "cn-hangzhou", "orders"),
        held(
            "MQ_INST_1080056302921134_AYdkf3Qa",
            "cn-hangzhou",
            "orders~f3Qa",
        ),
    ];
    let (called, _) = name("orders").beside(&two, &region, &others);
    assert_eq!(called.as_str(), "orders~kf3Qa");
    let long = "n".repeat(64);
    assert_eq!(name(&long).marked(&two, 4).as_str().chars().count(), 64);
    for (vendor, expected) in [
        ("or\u{ad}ders", "orders"),
        ("a/b", "a-b"),
        (" -- x ", "x"),
        ("\u{3164}", "unnamed~f3Qa"),
        ("", "unnamed~f3Qa"),
        (ONE, "unnamed~f3Qa"),
    ] {
        let marked = InstanceName::instead_of(vendor, &two);
        assert!(marked.as_str().ends_with("~f3Qa"), "{marked}");
        let plain = expected.trim_end_matches("~f3Qa");
        assert_eq!(marked.unmarked(&two), plain);
    }
}

#[test]
fn an_id_says_whose_it_is() {
    let id: InstanceId = ONE.parse().unwrap();
    assert_eq!(id.account(), "1080056302921134");
}
