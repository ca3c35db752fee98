//! The words of a period, in both languages.

use crate::finding::FindingState;
use crate::moment::DAY;
use shoseki_evidence::Outcome;
use shoseki_model::{Lang, PastCause, Verdict};
use shoseki_report::words::{EXCEPTED, Word, verdict, word};

pub(crate) use shoseki_report::words::NOT_OBSERVED;

/// What a state of a finding is called.
pub(crate) const fn state(s: FindingState) -> Word {
    match s {
        FindingState::Fail => verdict(Verdict::Fail),
        FindingState::Excepted => EXCEPTED,
        FindingState::Unknown => verdict(Verdict::Unknown),
        FindingState::Unlisted => word(
            "判定不能（母集団が全数でなく、一覧に現れない）",
            "unknown (not listed, and the list was not whole)",
        ),
        FindingState::Pass => verdict(Verdict::Pass),
        FindingState::NotApplicable => verdict(Verdict::NotApplicable),
        FindingState::Gone => word("消滅", "gone"),
        FindingState::NotYet => word("出現前", "not there yet"),
    }
}

/// The same or not observed.
pub(crate) fn state_or_none(s: Option<FindingState>) -> Word {
    s.map_or(NOT_OBSERVED, state)
}

/// The class of a state, its stored name.
pub(crate) const fn class(s: FindingState) -> &'static str {
    match s {
        FindingState::Fail => "fail",
        FindingState::Excepted => "excepted",
        FindingState::Unknown => "unknown",
        FindingState::Unlisted => "unlisted",
        FindingState::Pass => "pass",
        FindingState::NotApplicable => "not-applicable",
        FindingState::Gone => "gone",
        FindingState::NotYet => "not-yet",
    }
}

/// How a run ended.
pub(crate) const fn outcome(o: Outcome) -> Word {
    match o {
        Outcome::Complete => word("すべて読取り", "complete"),
        Outcome::Incomplete => word("一部読取り不能", "incomplete"),
        Outcome::NothingRead => word("読取りなし", "nothing read"),
        Outcome::Cancelled => word("中止", "stopped"),
    }
}

/// `12日 3時間`, `12 d 3 h`: two units at most, less than a minute in seconds.
pub(crate) fn length(milliseconds: i64, lang: Lang) -> String {
    const HOUR: i64 = 3_600_000;
    let (d, h, m) = (
        milliseconds / DAY,
        milliseconds % DAY / HOUR,
        milliseconds % HOUR / 60_000,
    );
    let s = milliseconds % 60_000 / 1000;
    let units = match lang {
        Lang::Ja => ["日", "時間", "分", "秒"],
        Lang::En => [" d", " h", " min", " s"],
    };
    let parts: Vec<String> = [d, h, m, s]
        .iter()
        .zip(units)
        .skip_while(|(n, _)| **n == 0)
        .take(2)
        .filter(|(n, _)| **n > 0)
        .map(|(n, u)| format!("{n}{u}"))
        .collect();
    if parts.is_empty() {
        format!("0{}", units[3])
    } else {
        parts.join(" ")
    }
}

/// States out of a provider's own history.
pub(crate) const BACKFILL: Word = word(
    "遡及取得（AWS Config の記録）",
    "Back-filled (from AWS Config's records)",
);

/// Why a source says nothing of a time.
pub(crate) const fn past_cause(c: PastCause) -> Word {
    match c {
        PastCause::RecorderOff => word("記録停止中", "recording was stopped"),
        PastCause::RecorderUnknown => word(
            "記録が続いていたか不明（各時点のみ）",
            "not known whether recording went on (moments alone)",
        ),
        PastCause::NoRecorder => word(
            "記録の設定なし（各時点のみ）",
            "no recorder (moments alone)",
        ),
        PastCause::RecorderFailing => word(
            "記録の失敗（各時点のみ）",
            "recording failed (moments alone)",
        ),
        PastCause::TypeNotRecorded => word(
            "記録の対象外の種類（各時点のみ）",
            "the type is not recorded (moments alone)",
        ),
        PastCause::BeyondRetention => word("保存期間より前", "before what is kept"),
        PastCause::NotRead => word("読取り不能", "could not be read"),
        PastCause::ResourceNotRecorded => word(
            "構成が記録されていない",
            "the configuration was not recorded",
        ),
    }
}
