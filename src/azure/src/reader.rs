//! Stored answers read again, and what those of signing in say of a target.

use crate::answer::{Heard, asked};
use crate::query;
use crate::signin::{
    DESCENDANTS, SUBSCRIPTION, SUBSCRIPTIONS, TENANTS, ids_of, request, tenant_name, unreached,
};
use serde_json::{Map, Value};
use shoseki_collect::{
    Ask, Examined, Failure, Find, Led, Page, Place, Reached, Reading, Request, StoredAnswer, Trail,
};
use shoseki_model::{Exchange, Sought, Target};

/// Reads stored answers of Azure.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reader;

/// With the service before them, as exchanges name them.
const SIGN_IN: [&str; 5] = [
    "arm:GET /tenants?api-version=2022-12-01",
    "arm:GET /subscriptions?api-version=2022-12-01",
    "arm:GET /subscriptions/{subscriptionId}?api-version=2022-12-01",
    "arm:GET /providers/Microsoft.Management/managementGroups/{groupId}/descendants?api-version=2023-04-01",
    "arm:GET /subscriptions/{subscriptionId}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01",
];

impl shoseki_collect::Reader for Reader {
    fn cloud(&self) -> &'static str {
        "azure"
    }

    fn sign_in(&self) -> &'static [&'static str] {
        &SIGN_IN
    }

    fn identifies(&self, call: &str) -> bool {
        call == SIGN_IN[0] || call == SIGN_IN[2]
    }

    fn home(&self, _: &Target) -> String {
        query::REGION.to_owned()
    }

    fn asked(&self, request: &Request) -> Result<(String, Map<String, Value>), Failure> {
        asked(request)
    }

    fn reread(
        &self,
        request: &Request,
        answer: &StoredAnswer<'_>,
        at: Place<'_>,
    ) -> Result<Reading, Failure> {
        let heard = Heard {
            request,
            status: answer.status,
            body: answer.body,
            endpoint: at.target.endpoint.as_deref(),
        };
        match heard.read() {
            Ok(understood) => understood.reading,
            Err((failure, _)) => Err(*failure),
        }
    }

    fn answer(&self, request: &Request, at: Place<'_>, ask: Ask<'_>) -> Result<Page, Failure> {
        if query::needs_all(request) && at.target.level == "subscription" {
            let permissions = query::permissions(&at.target.account);
            let (entries, exchange) = entries(permissions, ask)?;
            query::judge(&entries, &exchange)?;
        }
        ask(request)
    }

    fn examine(&self, at: Place<'_>, ask: Ask<'_>) -> Examined {
        let target = at.target;
        let mut out = Examined::default();
        let found = match target.level.as_str() {
            "tenant" => tenant(target, ask),
            _ => subscription(target, ask),
        };
        match found {
            Err(call) => out
                .problems
                .push(format!("no exchange says that it was reached ({call})")),
            Ok((false, _)) => out
                .problems
                .push("it is not in the answer that shows that it was reached".to_owned()),
            Ok((true, name)) if name != target.name => {
                out.problems
                    .push("the name is not that of the answer".to_owned());
            }
            Ok(_) => {}
        }
        out
    }

    fn lists(&self, x: &Exchange) -> Option<Sought> {
        let below = match &x.call {
            c if *c == SIGN_IN[1] => x.account.clone(),
            c if *c == SIGN_IN[3] => format!("{GROUPS}{}", x.params.get("groupId")?.as_str()?),
            _ => return None,
        };
        Some(Sought {
            cloud: "azure".to_owned(),
            from: x.account.clone(),
            below: Some(below),
            ..Sought::default()
        })
    }

    fn led(&self, sought: &Sought, targets: &[&Target], find: Find<'_>) -> Result<Led, String> {
        let level = |id: String| (id, "subscription".to_owned());
        let mut out = Led::from([(sought.from.clone(), "tenant".to_owned())]);
        let Some(below) = &sought.below else {
            let ids = sought.named.iter().map(|id| id.to_ascii_lowercase());
            out.extend(ids.map(level));
            return Ok(out);
        };
        let (operation, asked) = match below.strip_prefix(GROUPS) {
            Some(group) => (DESCENDANTS, request(DESCENDANTS, &[("groupId", group)])),
            None => (SUBSCRIPTIONS, request(SUBSCRIPTIONS, &[])),
        };
        let tenant = targets.iter().find(|t| t.account == sought.from);
        let tenant = tenant.ok_or("the tenant is no target of the run")?;
        let stored = |r: &Request| find(tenant, r).ok_or(None)?.map_err(Some);
        let (listed, _) = entries(asked, stored).map_err(|failure| {
            let why = match failure {
                None => "is not stored to its end",
                Some(_) => "failed",
            };
            format!("the list of subscriptions {why}")
        })?;
        out.extend(
            ids_of(operation, &listed, &sought.named)?
                .into_iter()
                .map(level),
        );
        Ok(out)
    }

    fn reached(&self, target: &Target, sought: &Sought, find: Find<'_>) -> Reached {
        let (asked, is_tenant) = match target.level.as_str() {
            "tenant" => (request(TENANTS, &[]), true),
            _ => {
                let id = [("subscriptionId", target.account.as_str())];
                (request(SUBSCRIPTION, &id), false)
            }
        };
        let below = sought.below.as_deref();
        let way = below.map_or(sought.from.as_str(), |b| {
            b.strip_prefix(GROUPS).unwrap_or(b)
        });
        match find(target, &asked) {
            Some(Ok(_)) => Reached::Yes,
            // A scan without its tenant is none.
            Some(Err(f)) if !is_tenant => Reached::No(Box::new(unreached(&target.account, way, f))),
            _ => Reached::Unknown,
        }
    }
}

/// What is before the name of a management group.
const GROUPS: &str = "managementGroups/";

/// All entries of a stored list, and the exchange of its last page.
fn entries<E: From<Failure>>(
    mut asked: Request,
    ask: impl Fn(&Request) -> Result<Page, E>,
) -> Result<(Vec<Value>, String), E> {
    let mut all = Vec::new();
    let mut trail = Trail::default();
    loop {
        let page = ask(&asked)?;
        query::entries(&page.value, &mut all);
        if !asked.follow(&mut trail, page.next, &page.exchange)? {
            return Ok((all, page.exchange));
        }
    }
}

/// Whether the target is in the answer, and its name there.
type Found = Result<(bool, Option<String>), &'static str>;

fn tenant(target: &Target, ask: Ask<'_>) -> Found {
    let (all, _) = entries(request(TENANTS, &[]), ask).map_err(|_| TENANTS)?;
    let is = |t: &Value| {
        let id = t["tenantId"].as_str().unwrap_or_default();
        id.eq_ignore_ascii_case(&target.account)
    };
    Ok((all.iter().any(is), tenant_name(&all, &target.account)))
}

fn subscription(target: &Target, ask: Ask<'_>) -> Found {
    let asked = request(SUBSCRIPTION, &[("subscriptionId", &target.account)]);
    let page = ask(&asked).map_err(|_| SUBSCRIPTION)?;
    let id = page.value["subscriptionId"].as_str().unwrap_or_default();
    let name = page.value["displayName"].as_str().map(str::to_owned);
    Ok((id.eq_ignore_ascii_case(&target.account), name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_page_that_leads_back_to_itself_is_no_list() {
        let page = |_: &Request| {
            Ok(Page {
                value: serde_json::json!({"value": [{}]}),
                exchange: "x1".to_owned(),
                next: Some(Map::from_iter([("link".to_owned(), "a".into())])),
                holes: Vec::new(),
            })
        };
        let found: Result<_, Failure> = entries(request(SUBSCRIPTIONS, &[]), page);
        let told = found.map_err(|f| (f.cause, f.exchange));
        let truncated = (shoseki_model::Cause::Truncated, Some("x1".to_owned()));
        assert_eq!(told, Err(truncated));
    }

    #[test]
    fn the_calls_of_signing_in_are_these() {
        let of = [
            TENANTS,
            SUBSCRIPTIONS,
            SUBSCRIPTION,
            DESCENDANTS,
            query::PERMISSIONS,
        ];
        assert_eq!(of.map(|o| format!("arm:{o}")).as_slice(), SIGN_IN);
    }
}
