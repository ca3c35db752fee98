//! Words for what was seen and what was not.

use super::witness::Witness;
use crate::eval::NOT_ASKED;
use serde_json::Value;
use shoseki_model::{Cause, Gap, Observed, Sight, Text};

/// Longer values are cut in a reason.
const MAX_CHARS: usize = 200;

/// One sentence on one path.
pub(super) fn sentence(o: &Observed, gap: impl Fn(&str) -> Option<Gap>) -> Text {
    let path = &o.path;
    match &o.sight {
        Sight::Absent => Text::new(
            format!("{path} は設定されていない。"),
            format!("{path} is not set."),
        ),
        Sight::Seen(v) if empty(v) => {
            Text::new(format!("{path} は空である。"), format!("{path} is empty."))
        }
        Sight::Seen(v) => {
            let v = short(v);
            Text::new(format!("{path} は {v} である。"), format!("{path} is {v}."))
        }
        Sight::Unseen(id) => unseen(path, id, gap(id).as_ref()),
    }
}

/// One sentence on the element of a list that settles a condition.
pub(super) fn witnessed(path: &str, w: &Witness) -> Text {
    let (ja, en) = if w.fits {
        ("当てはまる", "fits")
    } else {
        ("当てはまらない", "does not fit")
    };
    let (n, v) = (w.of, short(&w.element));
    Text::new(
        format!("{path}（{n} 件）のうち、条件に{ja}最初の要素は {v} である。"),
        format!("Of {path} ({n}), the first that {en} the condition is {v}."),
    )
}

/// One sentence on a path that was not seen.
pub(super) fn unseen(path: &str, id: &str, gap: Option<&Gap>) -> Text {
    if id == NOT_ASKED {
        return Text::new(
            format!("{path} は読み取りの対象としていなかった。"),
            format!("{path} was never asked for."),
        );
    }
    let Some(gap) = gap else {
        return Text::new(
            format!("{path} を読み取れなかった（欠落 {id}）。"),
            format!("{path} could not be read (gap {id})."),
        );
    };
    let why = cause(gap.cause);
    let code = gap
        .error
        .as_ref()
        .map(|e| e.code.as_str())
        .unwrap_or_default();
    let (code_ja, code_en) = if code.is_empty() {
        (String::new(), String::new())
    } else {
        (format!("（{code}）"), format!(" ({code})"))
    };
    let (need_ja, need_en) = if gap.cause == Cause::Denied && !gap.permissions.is_empty() {
        (
            format!("必要な権限: {}。", gap.permissions.join("、")),
            format!(" Permission needed: {}.", gap.permissions.join(", ")),
        )
    } else {
        (String::new(), String::new())
    };
    let call = &gap.call;
    Text::new(
        format!(
            "{path} を読み取れなかった: {call} は{}{code_ja}。{need_ja}欠落 {id}。",
            why.ja
        ),
        format!(
            "{path} could not be read: {call} {}{code_en}.{need_en} Gap {id}.",
            why.en
        ),
    )
}

fn cause(c: Cause) -> Text {
    let (ja, en) = match c {
        Cause::Denied => ("拒否された", "was denied"),
        Cause::Throttled => (
            "呼び出し回数の制限により応答を得られなかった",
            "was throttled until the retries ran out",
        ),
        Cause::Timeout => ("時間内に応答がなかった", "did not answer in time"),
        Cause::Unreachable => ("接続できなかった", "could not be reached"),
        Cause::RegionDisabled => (
            "リージョンが有効化されていないため呼び出せなかった",
            "could not be asked because the region is not enabled",
        ),
        Cause::ServerError => ("提供者側の障害で失敗した", "failed at the provider"),
        Cause::Rejected => ("要求そのものが受け付けられなかった", "was rejected"),
        Cause::Malformed => (
            "解釈できない応答を返した",
            "gave an answer that cannot be read",
        ),
        Cause::Truncated => ("応答が途中で切れた", "gave an answer that was cut off"),
        Cause::Unlicensed => (
            "ライセンスが不足しているため答えられなかった",
            "needs a licence that the tenant does not have",
        ),
        Cause::Vanished => (
            "対象の資源が読み取り前に消えたため答えられなかった",
            "found the resource gone",
        ),
        Cause::Cancelled => (
            "走査が中断されたため行われなかった",
            "was not made because the scan was stopped",
        ),
        Cause::NotInSource => (
            "情報源の記録に含まれない",
            "is not in what the source recorded",
        ),
        Cause::NotAsked => ("行われなかった", "was not made"),
    };
    Text::new(ja, en)
}

fn empty(v: &Value) -> bool {
    match v {
        Value::Array(a) => a.is_empty(),
        Value::Object(m) => m.is_empty(),
        Value::String(s) => s.is_empty(),
        _ => false,
    }
}

/// JSON, cut after [`MAX_CHARS`] characters.
fn short(v: &Value) -> String {
    let text = v.to_string();
    match text.char_indices().nth(MAX_CHARS) {
        Some((i, _)) => format!("{}…", &text[..i]),
        None => text,
    }
}
