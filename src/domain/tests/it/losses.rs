//! How a text is spoken of: a loss that has happened is called so in all of these forms, and what is to come or is of another thing
//! is not.

use domain::notice::{Message, NoticeKind, Read};

const ID: &str = "MQ_INST_1080056302921134_BXuIbML7";

fn kind(text: &str) -> NoticeKind {
    let received = "2026-02-24T01:00:00Z".parse().unwrap();
    let text = text.replace("ID", ID);
    Read::of(&Message::plain(&text), chrono_tz::Asia::Shanghai, received).kind
}

#[track_caller]
fn all_are(texts: &[&str], is: impl Fn(NoticeKind) -> bool) {
    let others: Vec<&&str> = texts.iter().filter(|text| !is(kind(text))).collect();
    assert!(others.is_empty(), "{others:#?}");
}

const GONE: &[&str] = &[
    r#"{"instanceId":"ID","event":"instance_released"}"#,
    r#"{"instanceId":"ID","event":"instance_deleted"}"#,
    "event=resource_released instance=ID",
    "instance_unsubscribed: ID",
    "ons_instance_refunded ID",
    "ID has been shut down.",
    "ID was cancelled on 2026-02-20",
    "Your ID has been closed.",
    "ID was taken offline on 2026-02-20.",
    "ID has been discontinued.",
    "The instance ID has been withdrawn.",
    "ID has been returned to the pool.",
    "ID was given back by your administrator.",
    "Notice: ID was shut down.",
    "The topics and groups of ID have been deleted together with the instance.",
    "All data of ID was erased along with the instance.",
    "The messages of ID were already purged together with the resource.",
    "Its disks have been released together with ID.",
    "Your order to unsubscribe ID has been processed.",
    "Your request to delete ID was executed.",
    "The order to release ID has now been fulfilled.",
    "The task to refund ID was finalized.",
    "The unsubscribe order of ID is complete.",
    "The unsubscribe request for ID has been processed.",
    "The release task of ID was executed.",
    "Your refund order ID is done.",
    "The deletion workflow for ID is now complete.",
    "The unsubscription process of ID was finished.",
    "ID has been moved to the recycle bin.",
    "Your instance ID was sent to the trash.",
    "Instance ID has been put into the recycling bin.",
    "您的实例ID已完成释放流程",
    "实例ID已经走完退订流程",
    "您的实例ID已办理完退订手续",
    "您的實例ID已辦理完退訂手續",
    "实例ID刚完成清退工作",
    "您的实例ID已退还",
    "您的實例ID已退還",
    "实例ID已归还",
    "实例ID已作废",
    "实例ID已退租",
    "实例ID已报废",
    "实例ID2小时前释放",
    "实例ID三天前已被系统释放",
    "實例ID半小時前釋放",
    "主题已随实例一并删除：ID",
    "ID的数据已随实例释放",
    "ID的Topic也随该实例一同销毁",
];

const NOT_GONE: &[&str] = &[
    "The release of ID was cancelled.",
    "The planned release of your instance ID was cancelled.",
    "Release protection for ID has been closed.",
    "The ticket about ID has been closed.",
    "Your case regarding ID was closed on 2026-02-20.",
    "The maintenance window within ID has been closed.",
    "The alert on ID was closed.",
    "An incident concerning ID has been closed.",
    "If ID was cancelled by mistake, call us.",
    "Unless ID has been closed, renew it.",
    "ID will be shut down on 2026-03-08.",
    "ID is to be shut down.",
    "Your order to unsubscribe ID will be processed.",
    "Your order to unsubscribe ID was cancelled.",
    "If your order to unsubscribe ID has been processed, ignore this.",
    "Once the unsubscribe order is complete, you will get a refund for ID.",
    "When the release task of ID is complete you will be told.",
    "After the deletion workflow is done, the data of ID cannot be restored.",
    "The unsubscribe request for ID is pending.",
    "The unsubscribe request for ID is not yet complete.",
    "The release task of ID will be executed on 2026-03-08.",
    "The messages of ID will be deleted together with the instance on 2026-03-08.",
    "If topics have been deleted together with the instance ID, nothing can be restored.",
    "ID will be moved to the recycle bin.",
    "A topic of ID has been moved to the recycle bin.",
    "Before ID was moved to the recycle bin a backup is made.",
    r#"{"instanceId":"ID","event":"release_scheduled"}"#,
    r#"{"instanceId":"ID","event":"instance_will_be_released"}"#,
    r#"{"instanceId":"ID","release_time":"2026-03-08"}"#,
    "release_date of ID: 2026-03-08",
    "instance_renewed: ID",
    "topics_deleted of ID",
    "若您的实例ID已完成退订流程，请忽略",
    "如您已完成释放流程请忽略：ID",
    "实例ID将于2026-03-08完成释放流程",
    "实例ID未完成释放流程",
    "实例ID即将完成退订手续",
    "您的实例ID将于2026-03-08退还",
    "请于到期2小时前释放ID",
    "实例ID请在3天前释放",
    "实例ID将在到期3天前释放",
    "消息将随实例ID释放",
    "ID的主题将随实例一并删除",
    "若数据已随实例删除，则无法恢复：ID",
    "快照已退还：ID",
    "您已提交实例ID的归还申请",
];

#[test]
fn what_is_gone_is_called_so() {
    all_are(GONE, |kind| kind == NoticeKind::Gone);
}

#[test]
fn what_is_not_gone_calls_nobody() {
    all_are(NOT_GONE, |kind| kind != NoticeKind::Gone);
}

#[test]
fn an_expiry_is_recognised_by_plain_words() {
    let texts = [
        "您的实例ID今日到期",
        "您的实例ID明天到期",
        "ID还有3天到期",
        "ID有效期至2026-03-01",
        "ID已于昨日到期",
        "ID到期已停服",
        "距离ID到期还有3天",
        "Expiration reminder: ID",
        "Renewal reminder for ID",
        "Expiry date of ID: 2026-03-01",
        "ID expired yesterday",
        "ID expires in three days",
    ];
    all_are(&texts, |kind| kind == NoticeKind::Expiry);
}

#[test]
fn a_release_is_recognised_by_plain_words() {
    let texts = [
        "Your instance ID will be deleted on 2026-12-12.",
        "ID is scheduled for release on 2026-12-12",
        "ID is pending release",
        "ID is queued for deletion",
        "您的实例ID即将删除",
        "实例ID将被销毁",
        "您的实例ID明日释放",
        "ID计划于2026-03-08释放",
    ];
    all_are(&texts, |kind| kind == NoticeKind::Release);
    let of_another = ["Messages will be deleted in ID."];
    all_are(&of_another, |kind| kind == NoticeKind::Other);
}

/// A character that only looks as if it belonged to an id is no part of it.
#[test]
fn a_raised_or_joined_sign_is_no_part_of_an_id() {
    for sign in ["¹", "²", "½«", "¼", "™", "ª", "①", "ﬁ"] {
        let text = format!("{ID}{sign} has been released.");
        let read = Read::of(
            &Message::plain(&text),
            chrono_tz::UTC,
            "2026-02-24T01:00:00Z".parse().unwrap(),
        );
        assert_eq!(read.ids, [ID], "{sign}");
    }
}
