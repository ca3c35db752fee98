//! A stored answer read again. The first line is the cloud, the status and the
//! call, then come headers, an empty line and the body.

use crate::READERS;
use shoseki_collect::{Place, Request, StoredAnswer};
use shoseki_model::{Caller, Target};
use std::collections::BTreeMap;

pub(crate) fn read(data: &[u8]) {
    let end = data.windows(2).position(|w| w == b"\n\n");
    let (head, body) = match end {
        Some(at) => (&data[..at], &data[at + 2..]),
        None => (data, &data[..0]),
    };
    let Ok(head) = std::str::from_utf8(head) else {
        return;
    };
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default();
    let mut words = first.splitn(3, ' ');
    let (cloud, status, call) = (words.next(), words.next(), words.next());
    let reader = READERS.iter().find(|r| Some(r.cloud()) == cloud);
    let status = status.and_then(|s| s.parse().ok());
    let call = call.and_then(|c| c.split_once(':'));
    let (Some(reader), Some(status), Some((service, operation))) = (reader, status, call) else {
        return;
    };
    let headers: BTreeMap<String, String> = lines
        .filter_map(|l| l.split_once(": "))
        .map(|(k, v)| (k.to_ascii_lowercase(), v.to_owned()))
        .collect();
    let request = Request {
        service: service.to_owned(),
        operation: operation.to_owned(),
        region: "ap-northeast-1".to_owned(),
        secret: headers.get("secret").cloned().into_iter().collect(),
        ..Request::default()
    };
    let answer = StoredAnswer {
        status,
        headers: &headers,
        body,
    };
    let target = target(reader.cloud());
    let at = Place {
        target: &target,
        home: &reader.home(&target),
        works_in: Some("us-east-1"),
    };
    let _ = reader.reread(&request, &answer, at);
}

fn target(cloud: &str) -> Target {
    Target {
        cloud: cloud.to_owned(),
        account: "123456789012".to_owned(),
        level: "account".to_owned(),
        name: None,
        partition: "aws".to_owned(),
        regions: vec!["ap-northeast-1".to_owned()],
        regions_left_out: Vec::new(),
        caller: Caller::default(),
        endpoint: None,
    }
}
