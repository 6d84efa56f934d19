//! Real headers, and the text that remains to be read.

use super::*;

#[test]
fn encoded_words_are_read_across_their_borders() {
    for (given, said) in [
        ("=?utf-8?B?6YeK?= =?utf-8?B?5pS+?= now", "释放 now"),
        ("=?utf-8?Q?=E9=87?=\n =?utf-8?Q?=8A_a?=", "释 a"),
        ("=?us-ascii?B?ys23xQ==?=", "释放"),
        ("plain =?x", "plain =?x"),
        ("=?utf-8?B?*?=", "=?utf-8?B?*?="),
    ] {
        assert_eq!(text(given.as_bytes()), said, "{given}");
    }
}

#[test]
fn parameters_are_read() {
    let given = kind(
        b"Text/CSV; name=\"a;b \\\"c\\\".csv\"; charset=GBK; x*=utf-8''%E5%88%97; y*0=ab; y*1=cd",
    );
    assert_eq!(given.value, "text/csv");
    assert_eq!(given.parameter("name"), Some("a;b \"c\".csv"));
    assert_eq!(given.parameter("charset"), Some("GBK"));
    assert_eq!(given.parameter("x"), Some("列"));
    assert_eq!(given.parameter("y"), Some("abcd"));
}

#[test]
fn what_only_looks_like_a_header_is_text() {
    let (head, body) = split(
        b"Subject: a\nAlso: another one\nDate: 2026-12-12\nDate: Sat, 28 Nov 2026 09:00:00\n\nb",
    );
    assert!(head.begins_message() && !head.went_by_mail());
    assert_eq!(head.left_over(), ["also: another one", "date: 2026-12-12"]);
    assert_eq!(body, b"b");
    let (head, _) =
        split(b"Message-ID: <a@b>\nAlso: one\nX-A: MQ_INST_2080056302921134_AbCdEf12\n\n");
    assert_eq!(
        head.left_over(),
        ["also: one", "x-a: MQ_INST_2080056302921134_AbCdEf12"]
    );
}

/// Fields of really delivered mail, none of which is text.
#[test]
fn what_mail_servers_and_programs_write_is_no_text() {
    for field in [
        "Received: from smtp.example.com (smtp.example.com [192.0.2.1]) by mx.example.com (Postfix) with ESMTPS id 4B1 (version=TLSv1.3) for <ops@example.com>; Fri, 1 May 2026 09:00:00 +0800 (CST)",
        "Received-SPF: pass (google.com: domain of n@aliyun.com designates 192.0.2.1 as permitted sender) client-ip=192.0.2.1;",
        "Authentication-Results: mx.google.com; dkim=pass header.i=@aliyun.com header.s=s1 header.b=Qx1; spf=pass (google.com: domain of n@aliyun.com designates 192.0.2.1 as permitted sender) smtp.mailfrom=n@aliyun.com; dmarc=pass (p=QUARANTINE sp=NONE dis=NONE) header.from=aliyun.com",
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=aliyun.com; s=s1; t=1; h=Date:From:To:Message-ID:Subject:MIME-Version; bh=abc+/=; b=Qx/+a==",
        "ARC-Seal: i=1; a=rsa-sha256; t=1; cv=none; d=google.com; s=arc; b=Ab/+==",
        "X-Mailer: Microsoft Outlook Express 6.00",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:102.0) Gecko/20100101 Thunderbird/102.4",
        "List-Unsubscribe: <mailto:u@aliyun.com?subject=unsubscribe>, <https://aliyun.com/u>",
        "List-Id: Ops list <ops.example.com>",
        "X-Priority: 3 (Normal)",
        "Importance: high",
        "Precedence: bulk",
        "Return-Path: <>",
        "Delivered-To: ops@example.com",
        "References: <a@b> <c@d>",
        "MIME-Version: 1.0 (Mac OS X Mail 16.0)",
        "Content-Type: multipart/alternative; boundary=\"=_b c\"; charset=utf-8",
        "Content-Language: zh-CN",
        "Thread-Index: AdlC9Q==",
        "X-Spam-Status: No, score=-1.9 required=5.0 tests=BAYES_00,DKIM_SIGNED autolearn=ham version=3.4.6",
        "X-MS-Exchange-Organization-SCL: 1",
        "X-Campaign: abc_12",
        "Content-Description: S/MIME Cryptographic Signature",
        "Organization: Example Ltd.",
        "To: undisclosed-recipients:;",
        "From: \"=?utf-8?B?6Zi/6YeM5LqR?=\" <n@aliyun.com>",
        "Date: Fri, 1 May 2026 09:00:00 +0800 (CST)",
        "X-Forwarded-For: ops@example.com bot@example.com",
        "Mailing-list: list ops@example.com; contact ops+owners@example.com",
        "X-Google-Group-Id: 123456789012",
        "X-Greylist: Sender IP whitelisted, not delayed by milter-greylist-4.6.2 (mx.example.com [192.0.2.1]); Fri, 01 May 2026 09:00:02 +0800 (CST)",
        "X-Rspamd-Action: no action",
        "X-Spamd-Result: default: False [-0.20 / 15.00]; DMARC_POLICY_ALLOW(-0.50)[aliyun.com,none]; RCPT_COUNT_TWO(0.00)[2]; ARC_NA(0.00)[]",
        "X-Spam-Report: * -0.0 SPF_PASS SPF: sender matches SPF record * 0.0 RCVD_IN_DNSWL_LOW RBL: Sender listed in https://www.dnswl.org/ [192.0.2.1 listed in list.dnswl.org]",
        "X-Barracuda-Spam-Status: No, SCORE=0.00 using global scores of TAG_LEVEL=1000.0 QUARANTINE_LEVEL=1000.0 KILL_LEVEL=9.0 tests=",
        "X-Antivirus: avast! (VPS 260501-0), 05/01/2026, Inbound message",
        "X-Antivirus-Status: Clean",
        "X-Mailman-Approved-At: Fri, 01 May 2026 09:10:00 +0800",
        "X-MDArrival-Date: Fri, 01 May 2026 09:00:03 +0800",
        "X-OriginalArrivalTime: 01 May 2026 01:00:01.0123 (UTC) FILETIME=[00000000:01DC0000]",
        "X-CSA-Complaints: whitelist-complaints@eco.de",
        "X-Sieve: CMU Sieve 2.4",
        "X-Gmail-Labels: Inbox,Important",
        "X-SMTP-Filter: Kaspersky Secure Mail Gateway",
        "X-Proofpoint-Virus-Version: vendor=fsecure engine=2.50.10434:6.0.138 definitions=2026-05-01_02 signatures=0",
        "X-Mimecast-Spam-Score: 1",
        "msip_labels: MSIP_Label_1_Enabled=true; MSIP_Label_1_SetDate=2026-05-01T01:00:00Z",
        "OpenPGP: id=ABCDEF; url=https://example.com/key; preference=signencrypt",
        "X-Coremail-Antispam: 1Uf129KBjDUn29KB7ZKAUJUUUUU529EdanIXcx71UUUUU7v73",
    ] {
        let delivered = "Message-ID: <a@b>\nDate: Fri, 1 May 2026 09:00:00 +0800 (CST)";
        let source = format!("{field}\n{delivered}\n\n");
        let (head, _) = split(source.as_bytes());
        assert_eq!(head.left_over(), [""; 0], "{field}");
    }
}

/// Only the line that a mailbox puts before a message is passed over, and only once.
#[test]
fn a_line_from_somebody_is_text() {
    for line in [
        "From n@aliyun.com Sat Nov 28 09:00:00 2026",
        ">From n@aliyun.com Sat Nov  8 09:00:00 +0800 2026",
        "From MAILER-DAEMON Sat Nov 28 09:00:00 2026",
        "From - Sat Nov 28 09:00:00 2026",
    ] {
        let source = format!("{line}\nFrom: a <a@b.example>\nSubject: s\n\nb");
        let (head, body) = split(source.as_bytes());
        assert!(head.begins_message() && body == b"b", "{line}");
        let twice = format!("{line}\n{source}");
        assert!(!split(twice.as_bytes()).0.begins_message(), "{line}");
    }
    for line in [
        "From MQ_INST_1080056302921134_BYdkf3Qa too",
        "From now on billing is gone",
        ">From now on billing is gone",
        "From billing@deleted.example tomorrow",
        "From MQ_INST_1080056302921134_BYdkf3Qa@x.example Sat Nov 28 09:00:00 2026",
        "From n@aliyun.com Sat Nov 28 09:00:00 2026 and billing",
    ] {
        let source = format!("{line}\nFrom: a <a@b.example>\nSubject: s\n\nb");
        let (head, body) = split(source.as_bytes());
        assert!(!head.begins_message(), "{line}");
        assert!(body.starts_with(line.as_bytes()), "{line}");
    }
}

/// The name of a field that is not known is read as its value is.
#[test]
fn the_name_of_a_field_may_be_text() {
    for field in [
        "MQ_INST_1080056302921134_BYdkf3Qa:",
        "MQ_INST_1080056302921134_BYdkf3Qa: yes",
        "Delete-Resource:",
        "billing-deleted:",
        "and-2-more:",
        "Instances: 3",
        "Release-Date: 2026-12-01",
        "Deleted: yes",
        "Number-of-instances: 12",
        "Cancelled: true",
        "X-Instance: billing",
        "X-Release-Date: Fri, 1 May 2026 09:00:00 +0800",
        "X-Note: call the office",
    ] {
        for delivered in ["Message-ID: <a@b>\n", "From: a <a@b.example>\n"] {
            let source = format!("{field}\n{delivered}\n");
            let (head, _) = split(source.as_bytes());
            assert_eq!(head.left_over().len(), 1, "{field}, {delivered}");
        }
    }
    // Pasted text begins with lines that only look like a header, also without a value.
    let (head, _) = split(b"billing:\nFrom: a <a@b.example>\n\n");
    assert_eq!(head.left_over(), ["billing: "]);
    // A name that is tracked is found where no program shows it.
    let (head, _) = split(b"X-Campaign: billing\nMessage-ID: <a@b>\n\n");
    assert!(head.words().iter().any(|words| words.contains("billing")));
    let (head, _) = split(b"X-Billing-Info: 1\nMessage-ID: <a@b>\n\n");
    assert!(head.words().iter().any(|words| words.contains(" billing ")));
    let (head, _) = split(b"billing: 1\nMessage-ID: <a@b>\n\n");
    assert!(head.words().iter().any(|words| words.contains("billing")));
}

/// A line that says something to a person is text, whatever its name.
#[test]
fn what_people_would_have_to_read_is_text() {
    for field in [
        "Status: Released",
        "Status: deleted already",
        "Date: tomorrow at 10:00",
        "Date: in 2 hours, at 10:00",
        "List-of-instances: orders, billing",
        "Content-of-this-notice: 3 instances will be deleted",
        "Content-Description: billing will be deleted tomorrow as well",
        "X-Also: billing will be deleted tomorrow",
        "X-Ms-Note: billing will be deleted tomorrow",
        "X-Google-Note: see billing too",
        "X-Campaign: and 2 more",
        "X-Campaign: MQ_INST_1080056302921134_BYdkf3Qa",
        "X-Campaign: https://example.com/MQ_INST_1080056302921134_BYdkf3Qa",
        "X-Campaign: billing was released",
        "X-Campaign: all gone",
        "X-Campaign: RELEASED",
        "X-Campaign: scheduled for removal",
        "X-Campaign: in 2 hours",
        "X-Campaign: 2026-12-01",
        "X-Campaign: 12/01/2026",
        "X-Campaign: on 1 December 2026",
        "X-Campaign: Dec 1, 2026",
        "X-Campaign: Tue, 1 Dec 2026 09:00:00 +0800",
        "X-Spam-Report: several instances",
        "X-Campaign: 另一个实例",
        "Organization: all instances of the Shanghai office, billing among them",
        "Priority: your instance billing goes first",
        "Precedence: billing",
        "Comments: billing as well",
        "Keywords: release, billing",
        "From: now on billing is in danger too, please look",
        "To: everybody who owns billing",
        "Received: the instance has been released",
        "User-Agent: billing was deleted",
        "Thread-Topic: billing goes as well",
        "Content-Type: text/plain; note=\"billing goes as well\"",
        "Content-Type: text/plain; 今天charset=utf-8",
        "Content-Type: text/plain; 2 others charset=utf-8",
        "Content-Type: text/plain; goes as well; charset=utf-8",
        "Message-ID: <a@b.example>billing",
        "References: <a@b>billing",
        "MIME-Version: 1.0 and billing",
        "Message-ID: billing goes as well",
        "Also: 另一个实例",
    ] {
        for delivered in ["Message-ID: <a@b>\n", "From: a <a@b.example>\n"] {
            let source = format!("{field}\n{delivered}\n");
            let (head, _) = split(source.as_bytes());
            assert_eq!(head.left_over().len(), 1, "{field}, {delivered}");
        }
    }
}
