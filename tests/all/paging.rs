//! Every operation that pages is read to its last page.
//!
//! The answers are made from the models: the list that the operation pages over
//! with items that hold nothing but a number, in pages of one size.

use crate::support::cli::{self, REGION};
use crate::support::{packs, run};
use serde_json::{Map, Value, json};
use shoseki_aws::model::{Member, Of, Operation, Paginator, Scalar, Service, Shape, service};
use shoseki_aws::{Keys, Regions, Session, SignIn, sign_in};
use shoseki_collect::{Call, Cloud, PageNames, Request};
use shoseki_model::{Exchange, Verdict};
use shoseki_sandbox::{Asked, Reply, Responder, Sandbox};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::JoinSet;

const ITEMS: usize = 250;

/// An operation with how it pages.
#[derive(Clone)]
struct Paged {
    call: String,
    service: &'static Service,
    operation: &'static Operation,
    names: Option<PageNames>,
    pages: Paginator,
}

/// All operations of AWS that collectors name and that page, by the model or
/// by the collector's own word.
fn paged() -> BTreeMap<String, Paged> {
    let packs = packs::load();
    let mut calls: Vec<&Call> = Vec::new();
    for c in packs.collectors.iter().filter(|c| c.cloud() == "aws") {
        calls.extend(c.list.query.iter().map(|q| &q.call));
        for p in c.parts.values() {
            calls.push(&p.call);
            calls.extend(p.prepare.iter().map(|x| &x.call));
        }
    }
    let mut all = BTreeMap::new();
    for call in calls {
        let service = service(&call.service).unwrap();
        let operation = &service.operations[&call.operation];
        let names = call.page.as_ref().map(|p| p.value.clone());
        let (names, pages) = match names {
            Some(None) => continue,
            Some(Some(n)) => {
                let own = Paginator {
                    input: vec![n.input.clone()],
                    output: vec![n.output.clone()],
                    ..Paginator::default()
                };
                (Some(n), own)
            }
            None => match &operation.pages {
                Some(p) => (None, p.clone()),
                None => continue,
            },
        };
        let name = call.name();
        let paged = Paged {
            call: name.clone(),
            service,
            operation,
            names,
            pages,
        };
        all.insert(name, paged);
    }
    all
}

impl Paged {
    /// Path of the list that grows, and its element (of a map: its value).
    fn list(&self) -> (String, Member, bool) {
        let members = self.service.output(self.operation);
        let first = self.pages.result.first().cloned();
        let path = first.unwrap_or_else(|| {
            let is_list = |m: &&Member| matches!(self.shape(m.of), Some(Shape::List(_)));
            members.iter().find(is_list).unwrap().name.clone()
        });
        let mut at = members;
        let mut found = None;
        for name in path.split('.') {
            let m = at.iter().find(|m| m.name == name).unwrap();
            match self.shape(m.of) {
                Some(Shape::Structure(s)) => at = &s.members,
                Some(Shape::List(e)) => found = Some(((**e).clone(), false)),
                Some(Shape::Map(kv)) => found = Some((kv.1.clone(), true)),
                None => {}
            }
        }
        let (element, map) = found.unwrap_or_else(|| panic!("{}: {path} is no list", self.call));
        (path, element, map)
    }

    fn shape(&self, of: Of) -> Option<&'static Shape> {
        match of {
            Of::Shape(i) => self.service.shapes.get(i),
            Of::Scalar(_) => None,
        }
    }

    /// A value that holds `text` wherever a text is due, three floors deep.
    fn filled(&self, of: Of, text: &str, floors: usize) -> Value {
        match (of, self.shape(of)) {
            (Of::Scalar(Scalar::String), _) => text.into(),
            (_, Some(Shape::Structure(s))) if floors > 0 => {
                let all = s.members.iter().filter(|m| !m.secret && !m.policy);
                let filled = all.map(|m| (m.name.clone(), self.filled(m.of, text, floors - 1)));
                filled
                    .filter(|(_, v)| !v.is_null())
                    .take(4)
                    .collect::<Map<_, _>>()
                    .into()
            }
            _ => Value::Null,
        }
    }

    /// A request with what the model requires.
    fn params(&self) -> Map<String, Value> {
        let of = |m: &Member| match (m.of, self.shape(m.of)) {
            (Of::Scalar(Scalar::Boolean), _) => json!(true),
            (Of::Scalar(Scalar::Integer | Scalar::Long), _) => json!(1),
            (Of::Scalar(_), _) if m.name == "AccountId" => json!("123456789012"),
            (Of::Scalar(_), _) => json!("x"),
            (_, Some(Shape::List(_))) => json!(["x"]),
            _ => json!({}),
        };
        let input = self.service.input(self.operation).iter();
        let needed = input.filter(|m| m.required && !self.pages.input.contains(&m.name));
        needed.map(|m| (m.name.clone(), of(m))).collect()
    }

    /// One page: the items from where the request says.
    fn answer(&self, asked: &Asked, size: usize) -> Value {
        let token = &self.pages.input[0];
        let input = self.service.input(self.operation);
        let m = input.iter().find(|m| m.name == *token).unwrap();
        let given = asked.value(token).or_else(|| asked.value(m.wire_name()));
        let digits = |t: &str| t.trim_start_matches('p').parse::<usize>().unwrap();
        let start = given.map_or(0, digits);
        let end = (start + size).min(ITEMS);
        let (path, element, map) = self.list();
        let item = |i: usize| {
            (
                format!("item-{i}"),
                self.filled(element.of, &format!("item-{i}"), 3),
            )
        };
        let items: Value = if map {
            (start..end).map(item).collect::<Map<_, _>>().into()
        } else {
            (start..end).map(|i| item(i).1).collect()
        };
        let mut answer = json!({});
        put(&mut answer, &path, items);
        let more = end < ITEMS;
        if let Some(flag) = &self.pages.more {
            put(&mut answer, flag, more.into());
        }
        for (n, output) in self.pages.output.iter().enumerate() {
            if more {
                let text = if n == 0 {
                    format!("p{end}")
                } else {
                    "A".to_owned()
                };
                put(&mut answer, output, text.into());
            }
        }
        answer
    }

    /// Reads all pages through the caller; the items' numbers in their order.
    async fn read(&self, session: &Session) -> Result<Vec<String>, String> {
        let (service, operation) = self.call.split_once(':').unwrap();
        let mut request = Request {
            service: service.to_owned(),
            operation: operation.to_owned(),
            region: REGION.to_owned(),
            params: self.params(),
            page: self.names.clone(),
            ..Request::default()
        };
        let pointer = format!("/{}", self.list().0.replace('.', "/"));
        let mut found = Vec::new();
        loop {
            let page = session.page(request.clone()).await;
            let page = page.map_err(|f| format!("{}: {f:?}", self.call))?;
            match page.value.pointer(&pointer) {
                Some(Value::Array(items)) => found.extend(items.iter().map(number)),
                Some(Value::Object(items)) => found.extend(items.keys().cloned()),
                other => return Err(format!("{}: {other:?}", self.call)),
            }
            match page.next {
                Some(next) => request.cursor = Some(next),
                None => return Ok(found),
            }
        }
    }
}

fn put(to: &mut Value, path: &str, v: Value) {
    let mut at = to;
    for name in path.split('.') {
        at = &mut at[name];
    }
    *at = v;
}

/// The first text in an item.
fn number(item: &Value) -> String {
    match item {
        Value::String(s) => s.clone(),
        Value::Object(m) => m
            .values()
            .map(number)
            .find(|s| !s.is_empty())
            .unwrap_or_default(),
        _ => String::new(),
    }
}

struct Pages {
    size: usize,
    all: Arc<BTreeMap<String, Paged>>,
}

fn signing_in(call: &str) -> Option<Reply> {
    Some(Reply::Answer(match call {
        "sts:GetCallerIdentity" => {
            json!({"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/test", "UserId": "AIDA"})
        }
        "ec2:DescribeRegions" => json!({"Regions": [{"RegionName": REGION}]}),
        _ => return None,
    }))
}

impl Responder for Pages {
    fn reply(&self, asked: &Asked) -> Reply {
        signing_in(&asked.call)
            .or_else(|| {
                Some(Reply::Answer(
                    self.all.get(&asked.call)?.answer(asked, self.size),
                ))
            })
            .unwrap_or(Reply::Drop)
    }
}

async fn session(url: String) -> Session {
    let how = SignIn {
        regions: Regions::Chosen(vec![REGION.to_owned()]),
        endpoint: Some(url),
        keys: Some(Keys {
            id: "test".to_owned(),
            secret: "test".to_owned(),
            token: None,
        }),
        ..SignIn::default()
    };
    let forget = |_: &Exchange, _: Option<&[u8]>| Ok(());
    sign_in(how, Arc::new(forget)).await.unwrap()
}

async fn all_are_read(size: usize) {
    let all = Arc::new(paged());
    assert!(all.len() > 100, "{}", all.len());
    let pages = Pages {
        size,
        all: all.clone(),
    };
    let server = Sandbox::start(pages).await.unwrap();
    let session = Arc::new(session(server.url()).await);
    let mut running = JoinSet::new();
    for paged in all.values().cloned() {
        let session = session.clone();
        running.spawn(async move { (paged.read(&session).await, paged.call) });
    }
    let wanted: Vec<String> = (0..ITEMS).map(|i| format!("item-{i}")).collect();
    let mut wrong = Vec::new();
    while let Some(ended) = running.join_next().await {
        match ended.unwrap() {
            (Err(why), _) => wrong.push(why),
            (Ok(found), call) if found != wanted => {
                wrong.push(format!(
                    "{call}: {} items: {:?}…",
                    found.len(),
                    found.first()
                ));
            }
            _ => {}
        }
    }
    wrong.sort();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        all.len(),
        wrong.join("\n")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_read_whole_in_pages_of_100() {
    all_are_read(100).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_read_whole_in_pages_of_3() {
    all_are_read(3).await;
}

/// Security groups of which only the last is open, and flow logs of which only
/// the last is the VPC's.
struct LastDecides;

impl Responder for LastDecides {
    fn reply(&self, asked: &Asked) -> Reply {
        let start: usize = asked.value("NextToken").map_or(0, |t| t.parse().unwrap());
        let end = (start + 100).min(ITEMS);
        let next = (end < ITEMS).then(|| end.to_string());
        let group = |i: usize| {
            let range = if i + 1 == ITEMS {
                "0.0.0.0/0"
            } else {
                "10.0.0.0/8"
            };
            json!({"GroupId": format!("sg-{i}"), "GroupName": format!("group-{i}"), "OwnerId": "123456789012",
                "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": range}]}]})
        };
        let log = |i: usize| {
            let of = if i + 1 == ITEMS { "vpc-1" } else { "vpc-2" };
            json!({"FlowLogId": format!("fl-{i}"), "ResourceId": of, "FlowLogStatus": "ACTIVE"})
        };
        signing_in(&asked.call).unwrap_or_else(|| {
            let answer = match asked.call.as_str() {
                "ec2:DescribeVpcs" => json!({"Vpcs": [{"VpcId": "vpc-1", "OwnerId": "123456789012"}]}),
                "ec2:DescribeSecurityGroups" => {
                    json!({"SecurityGroups": (start..end).map(group).collect::<Value>(), "NextToken": next})
                }
                "ec2:DescribeFlowLogs" => {
                    json!({"FlowLogs": (start..end).map(log).collect::<Value>(), "NextToken": next})
                }
                "iam:ListAccountAliases" => json!({"AccountAliases": []}),
                _ => return Reply::Drop,
            };
            Reply::Answer(answer)
        })
    }
}

#[test]
fn the_last_page_decides() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(Sandbox::start(LastDecides)).unwrap();
    let rules = "aws.ec2.security-group-no-ssh-from-internet,aws.ec2.vpc-flow-logs-enabled";
    let scan = cli::scan(&server.url(), &["--rules", rules]);
    assert_eq!(scan.ended.code, 3, "{}{}", scan.ended.out, scan.ended.err);
    let seen = run::read(&scan.dir());
    let failed: Vec<_> = seen
        .findings
        .values()
        .filter(|f| f.verdict == Verdict::Fail)
        .collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].resource.name, "group-249");
    assert_eq!(seen.findings.len(), ITEMS + 1);
    let vpc = seen
        .findings
        .values()
        .find(|f| f.rule.ends_with("flow-logs-enabled"));
    assert_eq!(vpc.unwrap().verdict, Verdict::Pass);
}
