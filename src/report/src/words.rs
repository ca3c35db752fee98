//! The words for everything that a run says, in both languages. Whatever speaks
//! to people takes them from here.

use shoseki_model::{
    Cause, ExceptionState, Grade, Lang, Reach, Severity, State, StatedControl, Strength, Text,
    Verdict,
};

/// A word in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// Japanese.
    pub ja: &'static str,
    /// English.
    pub en: &'static str,
}

impl Word {
    /// The word in `lang`.
    pub const fn get(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Ja => self.ja,
            Lang::En => self.en,
        }
    }

    /// As stored text.
    pub fn text(self) -> Text {
        Text::new(self.ja, self.en)
    }
}

/// A word from its two languages.
pub const fn word(ja: &'static str, en: &'static str) -> Word {
    Word { ja, en }
}

/// All verdicts, the gravest first.
pub const VERDICTS: [Verdict; 4] = [
    Verdict::Fail,
    Verdict::Unknown,
    Verdict::Pass,
    Verdict::NotApplicable,
];

/// All severities, the gravest first.
pub const SEVERITIES: [Severity; 4] = [
    Severity::Critical,
    Severity::High,
    Severity::Medium,
    Severity::Low,
];

/// All states, in the order in which a reader should see them.
pub const STATES: [State; 6] = [
    State::Contradicted,
    State::PartlyShown,
    State::NotSeen,
    State::Shown,
    State::Inherited,
    State::HumanOnly,
];

/// What a verdict is called.
pub const fn verdict(v: Verdict) -> Word {
    match v {
        Verdict::Pass => word("期待どおり", "pass"),
        Verdict::Fail => word("相違", "fail"),
        Verdict::Unknown => word("判定不能", "unknown"),
        Verdict::NotApplicable => word("対象外", "not applicable"),
    }
}

/// Where an exception stood when the run was judged.
pub const fn exception(s: ExceptionState) -> Word {
    match s {
        ExceptionState::InForce => word("有効", "in force"),
        ExceptionState::Expired => word("期限切れ", "expired"),
        ExceptionState::Future => word("開始前", "not yet"),
    }
}

/// What a failed finding under an exception in force is called.
pub const EXCEPTED: Word = word("承認済み例外", "excepted");

/// What a severity is called.
pub const fn severity(s: Severity) -> Word {
    match s {
        Severity::Critical => word("重大", "critical"),
        Severity::High => word("高", "high"),
        Severity::Medium => word("中", "medium"),
        Severity::Low => word("低", "low"),
    }
}

/// What a state is called.
pub const fn state(s: State) -> Word {
    match s {
        State::Contradicted => word("反証あり", "contradicted"),
        State::PartlyShown => word("一部のみ確認", "partly shown"),
        State::NotSeen => word("未確認", "not seen"),
        State::Shown => word("設定により確認", "shown by settings"),
        State::Inherited => word("引継ぎ", "inherited"),
        State::HumanOnly => word("人による確認", "for people to show"),
    }
}

/// A state in few columns, for narrow tables.
pub const fn state_short(s: State) -> Word {
    match s {
        State::Contradicted => word("反証", "contrad."),
        State::PartlyShown => word("一部", "partly"),
        State::NotSeen => word("未確認", "not seen"),
        State::Shown => word("確認", "shown"),
        State::Inherited => word("引継", "inherit."),
        State::HumanOnly => word("人", "people"),
    }
}

/// Of which clouds the standings speak; `{}` stands for their names.
pub const SPEAKS_FOR: Word = word(
    "状態は、この実行の対象としたクラウド（{}）についてのものである。",
    "The standings speak for the clouds that this run had as targets ({}).",
);

/// What a state means.
pub const fn state_meaning(s: State) -> Word {
    match s {
        State::Contradicted => word(
            "期待と異なる設定が観測された。発見事項かどうかは監査人が判断する。",
            "A setting was observed that differs from what is expected. Whether it is an audit finding is for the auditor to say.",
        ),
        State::PartlyShown => word(
            "期待どおりの設定が観測されたが、観測できなかったもの又は承認済み例外があるか、裏付けにとどまる。",
            "Settings were seen as expected, but others were not seen or are excepted, or what was seen only supports it.",
        ),
        State::NotSeen => word(
            "裏付けとなる設定を一つも期待どおりに観測していない。読み取れなかった場合、観測すべきものがなかった場合及び参考のルールしかない場合を含む。",
            "No setting that backs it was seen as expected: it could not be read, there was nothing to see, or only context rules exist.",
        ),
        State::Shown => word(
            "設定で示せる範囲のすべてが期待どおりに観測された。",
            "All that settings can show of it was seen as expected.",
        ),
        State::Inherited => word(
            "基盤となるクラウドサービスの管理策を引き継ぐ。",
            "It is carried over from the cloud service underneath.",
        ),
        State::HumanOnly => word(
            "設定では示せず、文書・記録・質問等により人が確認する。",
            "Settings cannot show it; people do, with documents, records and interviews.",
        ),
    }
}

/// A sign for a state that does not need colour.
pub const fn state_sign(s: State) -> &'static str {
    match s {
        State::Contradicted => "✕",
        State::PartlyShown => "◐",
        State::NotSeen => "?",
        State::Shown => "✓",
        State::Inherited => "↳",
        State::HumanOnly => "◇",
    }
}

/// How far settings reach.
pub const fn reach(r: Reach) -> Word {
    match r {
        Reach::Full => word("設定で全体を示せる", "settings can show it whole"),
        Reach::Part => word("設定で一部を示せる", "settings can show a part"),
        Reach::HumanOnly => word("設定では示せない", "only people can show it"),
        Reach::Inherited => word("引継ぎ", "carried over"),
    }
}

/// How a rule bears on a control.
pub const fn strength(s: Strength) -> Word {
    match s {
        Strength::States => word("直接示す", "states it"),
        Strength::Supports => word("裏付ける", "supports it"),
        Strength::Context => word("参考", "context"),
    }
}

/// Why something was not seen.
pub const fn cause(c: Cause) -> Word {
    match c {
        Cause::Denied => word("権限不足又は拒否", "denied"),
        Cause::Throttled => word("要求数の制限", "throttled"),
        Cause::Timeout => word("時間切れ", "timed out"),
        Cause::Unreachable => word("接続不可", "unreachable"),
        Cause::RegionDisabled => word("リージョン無効", "region disabled"),
        Cause::ServerError => word("事業者側の障害", "provider error"),
        Cause::Rejected => word("要求の不受理", "request refused"),
        Cause::Malformed => word("応答の解読不能", "unreadable answer"),
        Cause::Truncated => word("応答の欠落", "answer cut short"),
        Cause::Unlicensed => word("ライセンス不足", "not licensed"),
        Cause::Vanished => word("読取り中の消失", "vanished"),
        Cause::Cancelled => word("中断", "stopped"),
        Cause::NotInSource => word("情報源に記録なし", "not in the source"),
        Cause::NotAsked => word("照会なし", "not asked"),
    }
}

/// What a reader can do about a cause.
pub const fn cause_advice(c: Cause) -> Word {
    match c {
        Cause::Denied => word(
            "不足している権限を与えるか、拒否している方針を確かめて、再度読み取る。",
            "Grant the missing permission, or look for the policy that forbids it, and read again.",
        ),
        Cause::Throttled | Cause::Timeout | Cause::ServerError => {
            word("時間をおいて再度読み取る。", "Read again after a while.")
        }
        Cause::Unreachable => word(
            "通信経路を確かめて、再度読み取る。",
            "Check the network path and read again.",
        ),
        Cause::RegionDisabled => word(
            "このアカウントでは無効なリージョンである。利用しないのであれば対象から外す。",
            "The region is not enabled for the account. Leave it out if it is not used.",
        ),
        Cause::Rejected | Cause::Malformed => word(
            "事業者の応答を確かめる。ツールの誤りである可能性がある。",
            "Look at the provider's answer; it may be a fault of the tool.",
        ),
        Cause::Truncated => word(
            "一覧が途中で切れた。再度読み取る。",
            "A list broke off. Read again.",
        ),
        Cause::Unlicensed => word(
            "この照会に必要なライセンスがテナントにない。該当の設定は、別の方法で確かめる。",
            "The tenant lacks the licence that this call needs. Look at the setting by other means.",
        ),
        Cause::Vanished => word(
            "一覧の後に消えたリソースである。再度読み取れば母集団から外れる。",
            "The resource went away after it was listed. Reading again leaves it out.",
        ),
        Cause::Cancelled => word(
            "実行が途中で止められた。最後まで実行する。",
            "The run was stopped. Let it reach its end.",
        ),
        Cause::NotInSource => word(
            "遡及取得の情報源に記録されていない項目である。現在の値は走査で確認する。",
            "The source of the back-fill does not record it; a scan shows the present value.",
        ),
        Cause::NotAsked => word(
            "選択したルールが必要としなかったため、照会していない。",
            "No selected rule needed it when the run was made.",
        ),
    }
}

/// What is said of a value that the provider reports as not set.
pub const ABSENT: Word = word(
    "設定なし（事業者の応答による）",
    "not set (the provider says so)",
);

/// What is said of a value that was not seen.
pub const UNSEEN: Word = word("読み取れなかった", "not seen");

/// What a difference between a statement and what was seen is called.
pub const fn grade(g: Grade) -> Word {
    match g {
        Grade::Error => word("矛盾", "error"),
        Grade::Warning => word("注意", "warning"),
        Grade::Note => word("参考", "note"),
    }
}

/// What is stated of a control; `None`: the statement does not mention it.
pub fn adopted(stated: Option<&StatedControl>) -> Word {
    match stated {
        None => word("記載なし", "not stated"),
        Some(s) if !s.adopted => word("不採用", "not adopted"),
        Some(s) if s.inherited_from.is_some() => word("引継ぎ", "inherited"),
        Some(_) => word("採用", "adopted"),
    }
}

/// A time of which no scan speaks.
pub const NOT_OBSERVED: Word = word("観測なし", "not observed");

/// The audit techniques that the auditor chooses from.
pub const TECHNIQUES: [Word; 4] = [
    word("質問", "inquiry"),
    word("閲覧", "inspection"),
    word("観察", "observation"),
    word("再実施", "reperformance"),
];

/// What a report is not.
pub const NO_CONCLUSION: Word = word(
    "本書は、ある時点で観測した設定と、観測できなかったものを示す。整備状況評価における一時点の証跡となり得る。運用状況評価には、対象期間を通じて繰り返した実行が要る。管理策が満たされているかどうかの結論は述べない。",
    "This document states which settings were observed at a moment, and what could not be observed. It can be evidence of how controls are designed and in place at that moment; evidence of their operation needs runs throughout the period. It draws no conclusion on whether a control is met.",
);

/// What a page says where its script cannot run.
pub const NO_SCRIPT: Word = word(
    "スクリプトが動かない環境では、概要、管理策とルールごとの件数までを示す。一件ごとの判定と観測値、母集団の範囲別の内訳、読み取れなかったものの明細、照会の記録、ルールの理由と是正は、スクリプトを有効にすると表示される（通信は行わない）。実行の保存先と `shoseki report --format json` にもすべてある。",
    "Without its script this page shows the overview, the controls and the counts by rule. Single findings with observed values, populations by scope, single gaps, exchanges, and the reasons and remedies of rules need the script (it makes no request). The run directory and `shoseki report --format json` have them all.",
);

/// A cloud by its name in rules; unknown ones stay as they are.
pub fn cloud(name: &str) -> &str {
    match name {
        "aws" => "AWS",
        "azure" => "Azure",
        "gcp" => "Google Cloud",
        other => other,
    }
}

/// The cloud of a rule or a resource type: the piece before the first dot.
pub fn cloud_of(id: &str) -> &str {
    cloud(id.split('.').next().unwrap_or(id))
}

/// What kind of target it is; `None` for an account, which says it by itself.
pub fn level(name: &str) -> Option<Word> {
    Some(match name {
        "tenant" => word("テナント", "tenant"),
        "subscription" => word("サブスクリプション", "subscription"),
        "project" => word("プロジェクト", "project"),
        "folder" => word("フォルダ", "folder"),
        "organization" => word("組織", "organization"),
        _ => return None,
    })
}

/// A chapter of the criteria in our own words; `None` for an unknown one.
pub fn chapter(id: &str) -> Option<Word> {
    Some(match id {
        "3" => word("ガバナンス", "Governance"),
        "4" => word("マネジメント", "Management"),
        "5" => word("方針", "Policies"),
        "6" => word("組織", "Organisation and roles"),
        "7" => word("人的資源", "People"),
        "8" => word("資産", "Assets"),
        "9" => word("アクセス制御", "Access"),
        "10" => word("暗号", "Cryptography"),
        "11" => word("物理・環境", "Physical environment"),
        "12" => word("運用", "Operations"),
        "13" => word("通信", "Communications"),
        "14" => word("取得・開発・保守", "Acquisition, development, maintenance"),
        "15" => word("供給者（委託先）", "Suppliers"),
        "16" => word("インシデント", "Incidents"),
        "17" => word("事業継続", "Continuity and redundancy"),
        "18" => word("順守", "Legal and contractual duties"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_claims_a_conclusion() {
        let mut all = vec![EXCEPTED, ABSENT, UNSEEN, NO_CONCLUSION];
        all.extend(
            STATES
                .iter()
                .flat_map(|&s| [state(s), state_short(s), state_meaning(s)]),
        );
        all.extend(VERDICTS.iter().map(|&v| verdict(v)));
        all.extend((3..19).filter_map(|n| chapter(&n.to_string())));
        for w in all {
            assert!(!w.ja.contains("適合") && !w.ja.contains("準拠"), "{}", w.ja);
            assert!(!w.en.to_lowercase().contains("complian"), "{}", w.en);
        }
    }
}
