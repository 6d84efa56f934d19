//! That something has happened already is said in many grammars. A text that nobody understands and that speaks of a loss
//! counts as one of them, unless it speaks of it as of something to come.

use edition_warden::domain::notice::{Message, NoticeKind, Read};

use crate::harness::{ORDERS, Room, instant};

/// What has happened, or may have.
const GONE: &[&str] = &[
    "Your instance ID has been released. After that nothing can be restored.",
    "Your order to unsubscribe instance ID is complete.",
    "The request to delete ID has been carried out.",
    "The task to release ID succeeded",
    "InstanceNotFound: ID",
    "instance not found (ID)",
    "After the refund instance ID has been released, the data will be kept for 7 days.",
    "The new version has been installed. Your instance ID has been deleted.",
    "Released: ID, on 2026-02-20",
    "您的实例ID释放了",
    "完成释放：实例ID",
    "实例ID释放完毕",
    "实例ID已完成退订",
    "实例ID已被系统释放",
    "We have completed the release of ID.",
    "Your instance ID is no longer available.",
    "ID no longer exists",
    "Instance ID terminated",
    "Your instance ID has been reclaimed.",
    "实例ID已回收",
    "实例ID已销毁",
    "实例ID已清理",
    "实例ID已下线",
    "系统已将您的实例ID释放",
    "我们已将实例ID删除",
    "实例ID 释放成功，数据无法恢复",
    "インスタンスIDは解放されました。",
    "インスタンス ID が削除されました",
    "お客様のインスタンスIDの解放が完了しました。",
    "ID は返金済みです",
    "インスタンスIDをリリースしました",
    "인스턴스 ID가 해제되었습니다.",
    "인스턴스 ID 삭제됨",
    "ID 인스턴스가 삭제되었습니다. 복구할 수 없습니다.",
    "Votre instance ID a été libérée.",
    "L'instance ID a été supprimée le 23 février 2026.",
    "La suppression de l'instance ID est terminée.",
    "Ihre Instanz ID wurde freigegeben.",
    "Die Instanz ID ist gelöscht worden.",
    "Die Löschung der Instanz ID ist abgeschlossen.",
    "Su instancia ID ha sido liberada.",
    "La instancia ID fue eliminada por falta de pago.",
    "Se eliminó la instancia ID.",
    "Sua instância ID foi excluída.",
    "L'istanza ID è stata rilasciata.",
    "De instantie ID is verwijderd.",
    "Инстанс ID был удалён.",
    "Instancja ID została usunięta.",
    "Release of ID: done",
    "Status of ID: released",
    "Refund for ID succeeded",
    "您的ID退款到账",
    "资源释放结果：ID 成功",
    "Auto-released: ID",
    "Notice: ID terminated",
    "ID does not exist any more",
    "The resource ID could not be found in your account",
    "Instance deletion finished: ID",
    "ID was taken back and destroyed",
    "ID已注销",
    "您的实例ID已不存在",
    "实例ID已成功退订，退款将原路返回",
    "We've deleted ID for you.",
    "Unsubscription of ID has been processed",
    "Termination complete – ID",
    "ID: 已释放",
    "Your subscription of ID has been refunded and the resources released.",
    "該實例ID已完成釋放",
    "實例ID已移除",
    "ID instance ceased to exist",
    "ID đã bị xóa",
    // A cause is no condition.
    "【阿里云】您的实例ID因未续费已释放",
    "您的实例ID到期后已释放",
    "您的实例ID到期后已被系统自动释放",
    "您的实例ID欠费后已被释放",
    "您的实例ID停机7天后已释放",
    "您的实例ID因逾期未支付已被释放",
    "您的实例ID因长期未使用已被删除",
    "您的实例ID已按您的申请释放",
    "您的实例ID已根据您的申请退订",
    "您的實例ID因未續費已釋放",
    "您的實例ID到期後已釋放",
    "您申请退订的实例ID已退订",
    "您设置的自动释放已生效，ID已释放",
    "您的后付费实例ID已释放",
    "可用区内实例ID已释放",
    "将军科技有限公司，您的实例ID已释放",
    "由于欠费，实例ID被释放",
    "实例ID已被释放，若有疑问请联系我们",
    "Instance ID was released because it was not renewed.",
    "Instance ID, which was not renewed, has been released.",
    "After expiry instance ID has been released.",
    "Once expired, instance ID was released.",
    "Your instance ID, scheduled for release, has been released.",
    "Instance ID may be bought again, as it was deleted.",
    // Other words for it.
    "Your instance ID has been cancelled.",
    "Your instance ID has been canceled.",
    "Instance ID has been closed",
    "Your instance ID was shut down permanently.",
    "Your instance ID has been torn down.",
    "Instance ID is no longer in your account.",
    "Notification of release completion: ID",
    "Release Notice: ID (RELEASED)",
    "We regret that ID had to be released last night.",
    "ID已关停并清退",
    "实例ID的订单已取消，款项已退回",
    "实例ID的退款申请已处理完成",
    "執行個體ID已釋出",
    "实例ID被删了",
    "实例ID已经删掉了",
    "eventName: OnsInstanceDelete\n\nInstanceId: ID",
    "操作\n\n退订\n\n结果\n\n成功\n\n实例\n\nID",
    // Not only what belongs to it.
    "Instance ID, its topics and groups have been deleted.",
    "The data of ID has been wiped.",
    "实例ID的数据已清空",
];

/// What is to come, what somebody may do, and what is only spoken of.
const NOT_GONE: &[&str] = &[
    "已释放的实例无法恢复，您的实例ID将于2026-03-08释放",
    "已刪除的實例不能恢復，您的實例ID將於2026-03-08釋放",
    "Instance ID has been released from quarantine.",
    "Your instance ID was released from its hold",
    "Your order to unsubscribe instance ID is not complete.",
    "The request to delete ID is being reviewed.",
    "Your instance ID will be released on 2026-03-08.",
    "Your instance ID is to be deleted in 3 days.",
    "Your instance ID will be deleted on 2026-03-08. Deletion cannot be undone.",
    "If you do not renew, ID is released 7 days after it expires.",
    "The instance ID is deleted 7 days after expiry.",
    "Your instance ID will expire on 2026-03-01. Renew to prevent deletion.",
    "Release reminder: ID",
    "Upcoming release of ID",
    "Release date of ID: 2026-03-08",
    "ID is scheduled for release on 2026-03-08",
    "Release protection of ID was switched on.",
    "Refund request for ID received",
    "您的实例ID将于2026-03-08释放",
    "您的实例ID即将到期，到期后释放",
    "您的实例ID将停止服务，并自动释放",
    "实例ID预计于3月8日释放",
    "请尽快续费，避免实例ID释放",
    "实例ID释放时间：2026-03-08",
    "实例ID释放提醒",
    "您的实例ID已欠费，退订短信回T",
    "您的实例ID已到期，如未续费资源将被释放",
    "【阿里云】您的实例ID即将释放，拒收请回复R",
    "インスタンスIDは3月8日に解放されます。",
    "インスタンスIDの解放予定日は3月8日です。",
    "ID は間もなく削除されます。",
    "ID を更新しない場合、解放されます。",
    "이 인스턴스 ID는 3월 8일에 해제됩니다.",
    "인스턴스 ID 해제 예정",
    "인스턴스 ID가 곧 삭제될 예정입니다",
    "Votre instance ID sera libérée le 8 mars.",
    "L'instance ID va être supprimée.",
    "Ihre Instanz ID wird am 8. März freigegeben.",
    "Falls Sie nicht verlängern, wird ID gelöscht.",
    "Sie erhalten diese Nachricht, weil ID gelöscht wird.",
    "Su instancia ID será eliminada el 8 de marzo.",
    "La instancia ID va a ser liberada.",
    "Sua instância ID será excluída em 8 de março.",
    "L'istanza ID verrà eliminata.",
    "De instantie ID wordt verwijderd.",
    "Инстанс ID будет удалён 8 марта.",
    "Instancja ID zostanie usunięta.",
    "Your instance ID has not been released.",
    "Your instance ID has not been deleted yet.",
    "您的实例ID没有被删除",
    "Your instance ID will be released on 2026-03-08. After it has been released, its data cannot be restored.",
    "A new version has been released for your instance ID.",
    "New release 4.9.8 of the client for ID is available.",
    "Release notes 4.9: please update consumers of ID",
    "If you are not the intended recipient of this mail about ID, delete it.",
    "Unsubscribe from these mails about ID here",
    "Consumer lag of ID is high",
    "The instance ID may be released early.",
    "To avoid release, renew ID before 2026-03-01.",
    "ID can be unsubscribed until 2026-03-01",
    "The disk usage of ID reached 80 %",
    "您的实例ID磁盘使用率过高",
    "Your order for ID is being processed",
    "Maintenance of ID on 2026-03-02",
    "ID sẽ bị xóa",
    "Client release 5.1 fixes the lag on ID",
    "Expired messages deleted on ID: 1,200",
    "Connection terminated by the broker: ID",
    "TLS termination of ID: new certificate",
    "实例ID的过期消息已清理",
    "实例ID磁盘清理完成",
    "RocketMQ news: the release of instance ID (risk_eu.7) is planned for 2026-03-09.",
    "The deletion of ID (a.b) at www.aliyun.com is scheduled for 2026-03-09.",
    // A purpose, a condition, a time that may never come.
    "您的实例ID将于2026-03-08释放，请及时续费，避免被释放。",
    "您的实例ID将于2026-03-08释放，请及时续费以免被释放。",
    "您的实例ID将于2026-03-08释放，为防止被释放，请及时续费。",
    "您的实例ID将于2026-03-08释放，资源被释放将影响您的业务。",
    "您的实例ID将于2026-03-08释放，已删除的数据无法恢复。",
    "您的实例ID将于2026-03-08释放，一旦被释放，数据不可恢复。",
    "您的实例ID将于2026-03-08释放。实例释放完成后数据无法恢复。",
    "您的实例ID即将到期，请及时续费，以免实例被释放。",
    "您的实例ID已欠费停机，请尽快续费以免被释放。",
    "您的实例ID已到期，若未续费将被释放",
    "如已续费或已释放ID，请忽略",
    "Your instance ID will be released on 2026-03-08. After the instance has been released, data cannot be restored.",
    "Your instance ID will be released on 2026-03-08. Once your instance has been deleted, topics and groups are lost.",
    "Your instance ID will be released on 2026-03-08. Data that has been deleted cannot be restored.",
    "Your instance ID will be released on 2026-03-08. You can still renew it before it has been released.",
    "Your instance ID will be released on 2026-03-08. If the instance was already released, please ignore this message.",
    "Your instance ID will have been released by 2026-03-09.",
    "Once ID has been released, it cannot be restored.",
    // Called off, failed, or only begun.
    "Release of ID has been cancelled.",
    "实例ID的释放已取消",
    "已为实例ID取消定时释放",
    "您的实例ID的自动释放已关闭",
    "The release of instance ID was postponed.",
    "The deletion of ID has failed.",
    "退订ID失败",
    "实例ID释放失败",
    "实例ID退订申请已驳回",
    "Auto-release of ID has been enabled.",
    "Auto-renewal of instance ID has been cancelled.",
    "您的实例ID已进入释放倒计时",
    "您的实例ID明日释放",
    // Something that belongs to it.
    "Expired messages of ID have been deleted.",
    "A topic of ID has been deleted.",
    "The consumer group g1 of your instance ID has been removed.",
    "We have deleted the expired messages of ID.",
    "实例ID的主题已删除",
    "已清理实例ID的过期消息",
    "实例ID的快照已全部删除",
    "Unused connections of ID have been released.",
    "The connection to instance ID was closed.",
    "Snapshots of ID were deleted.",
];

pub(super) fn kind(text: &str) -> NoticeKind {
    let text = text.replace("ID", ORDERS);
    let received = instant("2026-02-24T01:00:00Z");
    Read::of(&Message::plain(&text), chrono_tz::Asia::Shanghai, received).kind
}

#[test]
fn it_is_told_in_any_grammar() {
    let missed: Vec<&&str> = GONE
        .iter()
        .filter(|text| kind(text) != NoticeKind::Gone)
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

/// Nobody is called at night for a plain announcement.
#[test]
fn what_is_to_come_is_not_gone() {
    let wrong: Vec<&&str> = NOT_GONE
        .iter()
        .filter(|text| kind(text) == NoticeKind::Gone)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whatever a notice adds of what it is for, it stays what it announces, and can be taught.
#[test]
fn what_follows_an_announcement_is_no_loss() {
    for (text, wanted) in [
        (
            "您的实例ID将于2026-03-08释放，请及时续费，避免被释放。",
            NoticeKind::Release,
        ),
        (
            "您的实例ID将于2026-03-08释放，以免被释放请续费",
            NoticeKind::Release,
        ),
        (
            "您的实例ID即将到期，请及时续费，以免实例被释放。",
            NoticeKind::Expiry,
        ),
        (
            "您的实例ID即将到期，为避免被释放，请及时续费",
            NoticeKind::Expiry,
        ),
        (
            "Your instance ID will be released on 2026-03-08. After the instance has been released, nothing can be restored.",
            NoticeKind::Release,
        ),
    ] {
        assert_eq!(kind(text), wanted, "{text}");
    }
}

/// A loss on a day to come is no loss that has happened.
#[test]
fn what_has_a_date_to_come_is_a_release() {
    for text in [
        "Hello, RocketMQ instance ID goes into release on 2026-03-08.",
        "Instance ID faces release on 2026-03-08.",
        "Instance ID gets released on 2026-03-08.",
        "Release of instance ID: 2026-03-08",
        "实例ID释放，2026-03-08",
        "instance,release\nID,2026-03-08",
        "实例ID快要释放了，2026-03-08",
    ] {
        assert_eq!(kind(text), NoticeKind::Release, "{text}");
    }
    assert_eq!(kind("实例ID释放，2026-02-08"), NoticeKind::Gone);
}

/// An announcement stays one, whatever is said around it of what follows from it.
#[test]
fn an_announcement_with_more_stays_one() {
    let announced = [
        "Your instance ID will be released on 2026-03-08.",
        "您的实例ID将于2026-03-08释放。",
        "Ihre Instanz ID wird am 8. März freigegeben.",
        "インスタンスIDは3月8日に解放されます。",
    ];
    let around = [
        "Deletion cannot be undone.",
        "Data removal: 7 days later.",
        "Resources released: see the console.",
        "数据清除不可恢复。",
        "Freigabe endgültig.",
        "削除後は復元できません。",
    ];
    for text in announced {
        for more in around {
            for whole in [format!("{text} {more}"), format!("{more} {text}")] {
                assert_ne!(kind(&whole), NoticeKind::Gone, "{whole}");
            }
        }
    }
}

/// It pages like any other, and in the words of one that is not sure.
#[tokio::test]
async fn it_pages_in_any_grammar() {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-06-01 --team payments --action downgrade"
    );
    room.as_says("alice requester team:payments", &line)
        .await
        .is("done", &[]);
    let text = format!("notice インスタンス{ORDERS}は解放されました。");
    room.as_says("alice requester team:payments", &text)
        .await
        .is("raised", &[])
        .has("As it reads, something has happened already.")
        .has("`notice 1 still-there`");
    assert!(
        room.transcript()
            .contains("» console · notice · @role:approver @team:payments"),
        "{}",
        room.transcript()
    );
}
