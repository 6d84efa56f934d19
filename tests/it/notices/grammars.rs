//! That something has happened already is said in many grammars. A text that nobody understands and that speaks of a loss
//! counts as one of them, unless it speaks of it as of something to come.

use edition_warden::domain::notice::{Message, NoticeKind, Read};

use crate::harness::{ORDERS, Room, instant};

/// What has happened, or may have.
const GONE: &[&str] = &[
    "Your instance ID has been released. After that nothing can be restored.",
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
];

/// What is to come, what somebody may do, and what is only spoken of.
const NOT_GONE: &[&str] = &[
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
];

fn kind(text: &str) -> NoticeKind {
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
