//! A statement to fill in.

use crate::{Catalogue, Mappings};
use std::fmt::Write as _;

/// A commented skeleton with every control that must be adopted, and the others
/// as comments. Labels are ours, in both languages.
pub fn skeleton(catalogue: &Catalogue, mappings: &Mappings) -> String {
    let mut out = format!(
        "# 言明書の機械可読な写し / Machine-readable copy of the provider's statement
# 日付は日本の日付。説明は docs/statement.md。 Days are those of Japan; see docs/statement.md.
edition: \"{}\"
scope:
  # クラウドのサービス(リソース種別の先頭の二語) / services, as resource types begin
  services: [aws.s3, aws.iam]
  accounts: [\"000000000000\"]
  # リージョンのないものは global / global for what has no region
  regions: [ap-northeast-1, global]
period: {{ from: \"2026-04-01\", to: \"2027-03-31\" }}
# 走査の頻度の約束 / promised time between scans
scan-frequency: 1d
# adopted: 採否。measure: 個別管理策。reason: 採用しない理由。inherited-from: 引継ぎ元の登録サービス。
#   changes: 期間中の変更
# - id: \"9.4.2\"
#   adopted: true
#   measure: {{ ja: 個別管理策の本文, en: The concrete control }}
#   inherited-from: 登録サービスの名称
#   changes:
#     - {{ date: \"2026-08-01\", before: 変更前, after: 変更後 }}
controls:
",
        catalogue.edition
    );
    for c in catalogue.controls() {
        let Some(mandatory) = c.mandatory else {
            if let Some(label) = mappings.label(&c.id) {
                let _ = writeln!(out, "  # {} {} / {}", c.id, label.ja, label.en);
            }
            continue;
        };
        let label = mappings
            .label(&c.id)
            .map_or_else(String::new, |l| format!("  # {} / {}", l.ja, l.en));
        let sign = if mandatory { "" } else { "# " };
        let _ = write!(
            out,
            "  {sign}- id: \"{id}\"{label}\n  {sign}  adopted: false\n",
            id = c.id,
        );
    }
    out
}
