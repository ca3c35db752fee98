//! The HTML report: golden files, its data opened, what must hold of any page.

use crate::fixture::{HOSTILE, Stores, data, nothing, stores};
use crate::golden;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::DeflateDecoder;
use serde_json::Value;
use shoseki_model::{Exchange, Finding, Lang, State, Verdict};
use shoseki_report::{Counts, ReportData, StateCounts, TrendPoint, html};
use std::collections::HashSet;
use std::io::Read;

pub fn page(data: &ReportData<'_>, lang: Lang) -> String {
    let mut out = Vec::new();
    html(data, lang, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

const DATA: &str = "<script type=\"text/plain\" data-k=\"";

/// A page's blocks of data, by kind, in order.
fn blocks(page: &str) -> Vec<(String, Value)> {
    page.match_indices(DATA)
        .map(|(i, _)| {
            let (kind, rest) = page[i + DATA.len()..].split_once("\">").unwrap();
            let packed = STANDARD.decode(rest.split('<').next().unwrap()).unwrap();
            let mut text = String::new();
            let mut inflate = DeflateDecoder::new(packed.as_slice());
            inflate.read_to_string(&mut text).unwrap();
            (kind.to_owned(), serde_json::from_str(&text).unwrap())
        })
        .collect()
}

fn script(page: &str) -> &str {
    let (_, rest) = page.split_once("<script type=\"module\">").unwrap();
    rest.split_once("</script>").unwrap().0
}

/// A page for people to compare: data opened, style and script left to their files.
pub fn opened(page: &str) -> String {
    let (head, rest) = page.split_once("<style>").unwrap();
    let (_, rest) = rest.split_once("</style>").unwrap();
    let (policy, _) = head.split_once("script-src 'sha256-").unwrap();
    let (_, after) = head.split_once("'; img-src").unwrap();
    let (body, _) = rest.split_once(DATA).unwrap();
    let mut out = format!("{policy}script-src '…'; img-src{after}<style>…</style>{body}");
    for (kind, block) in blocks(page) {
        out += &format!("== {kind}\n{block:#}\n");
    }
    out
}

#[test]
fn html_is_as_before() {
    let s = stores();
    golden("report.ja.html", &opened(&page(&data(&s), Lang::Ja)));
    golden("report.en.html", &opened(&page(&data(&s), Lang::En)));
    let s = Stores {
        gaps: s.gaps,
        ..Stores::default()
    };
    golden("nothing.ja.html", &opened(&page(&nothing(&s), Lang::Ja)));
}

#[test]
fn strangers_names_are_only_text() {
    let s = stores();
    let page = page(&data(&s), Lang::Ja);
    let data: Vec<String> = blocks(&page).iter().map(|(_, b)| b.to_string()).collect();
    for bad in ["\u{202e}", "\u{1b}"] {
        assert!(!page.contains(bad), "{bad:?}");
        assert!(data.iter().all(|b| !b.contains(bad)), "{bad:?}");
    }
    let (written, _) = page.split_once(DATA).unwrap();
    for bad in [
        "<script",
        "<u>",
        "<i>",
        "<not>",
        "onmouseover=\"",
        "href=\"javascript",
    ] {
        assert!(!written.contains(bad), "{bad:?}");
    }
    // What is in the data is only ever made into text by the page's script.
    let script = script(&page);
    for bad in [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
        "DOMParser",
        "srcdoc",
        "setHTML",
        "createContextualFragment",
    ] {
        assert!(!script.contains(bad), "{bad}");
    }
    let text = data.concat();
    for name in [HOSTILE[0], HOSTILE[3]] {
        let quoted = Value::from(name).to_string();
        assert!(text.contains(quoted.trim_matches('"')), "{name}");
    }
}

/// Nothing is fetched: no element but links refers to anything outside, and the
/// policy allows this page's own script alone.
#[test]
fn the_page_asks_the_network_for_nothing() {
    let s = stores();
    let page = page(&data(&s), Lang::En);
    for word in [
        " src=", "@import", "url(", "<iframe", "<object", "<embed", "<base", "srcset", "action=",
    ] {
        assert!(!page.contains(word), "{word}");
    }
    for word in [
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
        "EventSource",
        "sendBeacon",
        "import(",
        "import ",
        "Worker(",
    ] {
        assert!(!script(&page).contains(word), "{word}");
    }
    for (i, _) in page.match_indices("<link ") {
        assert!(page[i..].starts_with("<link rel=\"icon\" href=\"data:,\">"));
    }
    let hash = shoseki_model::digest(script(&page).as_bytes());
    let bytes: Vec<u8> = (0..64)
        .step_by(2)
        .map(|i| u8::from_str_radix(&hash[i..i + 2], 16).unwrap())
        .collect();
    let policy = format!(
        "content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'\"",
        STANDARD.encode(bytes)
    );
    assert!(page.contains(&policy), "{policy}");
}

/// Where a link leads: to an element, or to something in the data.
#[test]
fn ids_are_unique_and_links_lead_somewhere() {
    let s = stores();
    let d = data(&s);
    let page = page(&d, Lang::Ja);
    let attr = |name: &str| -> Vec<String> {
        page.match_indices(name)
            .map(|(i, _)| page[i + name.len()..].split('"').next().unwrap().to_owned())
            .collect()
    };
    let ids = attr(" id=\"");
    let unique: HashSet<_> = ids.iter().collect();
    assert_eq!(ids.len(), unique.len());
    let main = blocks(&page).remove(0).1;
    let rules: Vec<_> = main["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["id"].as_str().unwrap())
        .collect();
    for target in attr("href=\"#") {
        let known = match target.split_once('=') {
            Some(("rule", id)) => rules.contains(&id),
            Some(("control", id)) => unique.contains(&format!("control-{id}")),
            Some(("q", _)) => true,
            _ => unique.contains(&target),
        };
        assert!(known, "#{target}");
    }
    for id in d.controls.keys() {
        assert!(unique.contains(&format!("control-{id}")), "{id}");
    }
}

/// The findings of a page as its data have them: id, rule, outcome, and whether what
/// it rests on is there.
fn findings(page: &str) -> Vec<(String, String, usize, bool)> {
    let blocks = blocks(page);
    let rules: Vec<_> = blocks[0].1["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["id"].as_str().unwrap().to_owned())
        .collect();
    let of = |kind: &str| {
        blocks
            .iter()
            .filter(|(k, _)| k == kind)
            .map(|(_, b)| b)
            .collect::<Vec<_>>()
    };
    let mut out = Vec::new();
    for (list, (grave, plain)) in of("list").iter().zip(of("grave").iter().zip(of("plain"))) {
        let there: HashSet<u64> = grave["d"]
            .as_array()
            .unwrap()
            .iter()
            .chain(plain["d"].as_array().unwrap())
            .map(|d| d[0].as_u64().unwrap())
            .collect();
        for (at, id) in list["i"].as_array().unwrap().iter().enumerate() {
            let rule = usize::try_from(list["r"][at].as_u64().unwrap()).unwrap();
            let outcome = usize::from(list["v"].as_str().unwrap().as_bytes()[at] - b'0');
            out.push((
                id.as_str().unwrap().to_owned(),
                rules[rule].clone(),
                outcome,
                there.contains(&(at as u64)),
            ));
        }
    }
    out
}

#[test]
fn the_data_hold_every_finding_with_what_it_rests_on() {
    let s = stores();
    let page = page(&data(&s), Lang::Ja);
    let found = findings(&page);
    assert_eq!(found.len(), s.findings.len());
    for ((id, rule, outcome, whole), f) in found.iter().zip(&s.findings) {
        let wanted = match (f.verdict, &f.excepted) {
            (Verdict::Fail, None) => 0,
            (Verdict::Unknown, _) => 1,
            (Verdict::Fail, Some(_)) => 2,
            (Verdict::Pass, _) => 3,
            (Verdict::NotApplicable, _) => 4,
        };
        assert_eq!((id, rule, *outcome, *whole), (&f.id, &f.rule, wanted, true));
    }
    // Every exchange that a finding, a gap or a population names is there.
    let text: String = blocks(&page)
        .iter()
        .filter(|(k, _)| k == "exchanges")
        .map(|(_, b)| b.to_string())
        .collect();
    let known: HashSet<&str> = s
        .exchanges
        .iter()
        .map(|e: &Exchange| e.id.as_str())
        .collect();
    let cited = s
        .findings
        .iter()
        .flat_map(|f| f.observed.iter().flat_map(|o| &o.exchanges));
    let mut n = 0;
    for id in cited.filter(|id| known.contains(id.as_str())) {
        assert!(text.contains(id.as_str()), "{id}");
        n += 1;
    }
    assert!(n >= s.findings.len());
}

/// 50,000 findings stay below 10 MB, and nothing is lost.
#[test]
fn many_findings_are_all_there() {
    let mut s = stores();
    let (passed, failed) = (s.findings[0].clone(), s.findings[3].clone());
    for i in 0..50_000 {
        let mut f = if i % 4 == 0 {
            failed.clone()
        } else {
            passed.clone()
        };
        f.resource.id = format!("arn:aws:s3:::b{i}");
        f.resource.name = format!("b{i}");
        f.id = Finding::id_of(&f.rule, &f.resource);
        s.findings.push(f);
    }
    let page = page(&data(&s), Lang::Ja);
    let found = findings(&page);
    assert_eq!(found.len(), s.findings.len());
    assert!(found.iter().all(|f| f.3 || f.2 > 2));
    assert!(page.len() < 10_000_000, "{}", page.len());
}

#[test]
fn earlier_runs_are_shown_as_a_trend() {
    let s = stores();
    let mut d = data(&s);
    assert!(!page(&d, Lang::Ja).contains("id=\"trend\""));
    let mut states = StateCounts::default();
    states.add(State::NotSeen);
    d.trend = vec![TrendPoint {
        run: "earlier <run>".into(),
        started: "2026-11-22T01:00:00Z".into(),
        states,
        counts: Counts {
            unknown: 7,
            ..Counts::default()
        },
        incomplete: true,
    }];
    let page = page(&d, Lang::En);
    let (_, trend) = page.split_once("id=\"trend\"").unwrap();
    let (trend, _) = trend.split_once("</table>").unwrap();
    assert!(
        trend.contains("earlier &lt;run&gt;") || trend.contains("earlier &#60;run&#62;"),
        "{trend}"
    );
    assert!(trend.contains(&d.run.id) && trend.contains("<td class=\"num\">7</td>"));
}
