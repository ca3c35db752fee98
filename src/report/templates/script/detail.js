// What one finding, rule or exchange shows.
const statusTag = (m, n) =>
  el("span", { class: `tag c-${m.statuses[n][0]}` }, both(m.statuses[n][1], m.statuses[n][2]));

const severityTag = (m, n) =>
  n == null
    ? []
    : [
        el("span", { class: `tag v-${m.severities[n][0]}` }, [
          both("重要度 ", "severity "),
          both(m.severities[n][1], m.severities[n][2]),
        ]),
        " ",
      ];

const title = (rule) => (rule.title ? pair(rule.title) : [rule.id]);
const cloud = (m, name) => m.clouds[name] ?? name;
const row = (name, ...value) => el("div", {}, el("dt", {}, pair(name)), el("dd", {}, value));
const place = (m, r) => `${cloud(m, cloudOf(r[0]))} · ${r[3]} · ${r[4]}`;

/** An exchange as a node of the tree: its digest stands open. */
const exchangeNode = (m, x, id) => {
  if (!x)
    return el("p", { class: "src" }, [
      code(id), " ",
      both("このファイルに収めていない照会。実行の保存先にある。", "Not in this file; it is in the run directory."),
    ]);
  const answer = x.status ? `HTTP ${x.status}` : null;
  return el("dl", { class: "pairs exchange" }, [
    row(["照会", "Exchange"], el("a", { href: `#exchange=${x.id}` }, code(x.id)), " ", code(x.call)),
    row(["範囲", "Scope"], `${cloud(m, x.cloud)} · ${x.account} · ${x.region}`),
    row(["時刻", "Time"], moment(x.started)),
    row(["結果", "Result"], answer ?? both("応答なし", "no answer"), x.error ? [" ", code(x.error)] : []),
    x.request ? row(["リクエスト ID", "Request id"], code(x.request)) : [],
    x.digest
      ? row(["応答の SHA-256", "SHA-256 of the answer"], [
          code(x.digest),
          el("br"),
          el("small", {}, `answers/${x.digest.slice(0, 2)}/${x.digest}.zst · ${x.bytes} B`),
          x.redacted
            ? el("small", {}, both(` · 秘密の値 ${x.redacted} 件を置換え`, ` · ${x.redacted} secret values replaced`))
            : [],
        ])
      : [],
  ]);
};

const gapLine = (m, g, id) => {
  if (!g) return el("li", {}, id === "not-asked" ? pair(m.causes["not-asked"]) : code(id));
  const group = m.gaps[g.group];
  return el("li", {}, [
    el("span", { class: "tag c-unknown" }, pair(m.causes[group.cause] ?? [group.cause, group.cause])), " ",
    code(group.call), " ", el("a", { href: `#gap=${g.id}` }, g.id),
    group.permissions.length
      ? [" · ", both("必要な権限 ", "permission needed "), group.permissions.map((p) => [code(p), " "])]
      : [],
    g.message || g.error ? el("small", {}, ` ${g.error ?? ""} ${g.message ?? ""}`) : [],
  ]);
};

const LONG = 240;
const value = (text) => {
  if (text.length <= LONG) return el("code", { class: "value" }, text);
  let laid = text;
  try {
    laid = JSON.stringify(JSON.parse(text), null, 2);
  } catch { /* A value with marks for what hides is shown as it is. */ }
  return el("details", {}, el("summary", {}, code(`${text.slice(0, 100)}…`)), el("pre", { tabindex: "0" }, laid));
};

const observedRow = (m, o, gapsById, xs) =>
  el("div", {}, el("dt", {}, dotted(o.path)), el("dd", {}, [
    o.kind === 0
      ? value(o.value)
      : o.kind === 1
        ? el("em", {}, pair(m.absent))
        : [el("em", { class: "unseen" }, pair(m.unseen)), el("ul", { class: "plain" }, gapLine(m, gapsById.get(o.value), o.value))],
    o.from.map((id) =>
      folded({ class: "x" }, [both("照会 ", "exchange "), code(id)], (d) => d.append(exchangeNode(m, xs.get(id), id))),
    ),
  ]));

const EXCEPTED = [
  ["例外", "Exception"], ["責任者", "Owner"], ["承認者", "Approved by"], ["理由", "Reason"],
  ["代替策", "Done instead"], ["開始日（日本）", "From (Japan)"], ["終了日（日本）", "Until (Japan)"],
];

const fillFinding = async (d, i) => {
  const [m, f] = await Promise.all([main(), findings()]);
  const [seen, gapsById, xs] = await Promise.all([detail(f, i), gaps(), exchanges()]);
  const r = f.resources[f.resource[i]];
  const rule = m.rules[f.rule[i]];
  const hold = [...new Set(f.gaps.get(i) ?? [])];
  d.append(el("div", { class: "in" }, [
    el("p", { class: "where" }, [
      code(r[1]), el("br"),
      el("small", {}, `${r[0]} · ${place(m, r)} · `), el("a", { class: "link", href: `#finding=${f.ids[i]}` }, f.ids[i]),
    ]),
    el("p", {}, [
      both("ルール ", "Rule "), el("a", { href: `#rule=${rule.id}` }, title(rule)), " ", code(rule.id),
    ]),
    seen ? el("p", { class: "reason" }, pair(seen.reason)) : [],
    seen?.excepted.length
      ? el("dl", { class: "pairs" }, seen.excepted.map((t, n) => row(EXCEPTED[n], t)))
      : [],
    seen
      ? el("dl", { class: "observed" }, seen.observed.map((o) => observedRow(m, o, gapsById, xs)))
      : el("p", { class: "note" }, both(
          "この判定の観測値と照会は、このファイルに収めていない。実行の保存先にあり、次のコマンドで得られる。",
          "What this finding rests on is not in this file. The run directory has it, and this command shows it:",
        )),
    hold.length
      ? [el("p", {}, both("判定できない原因", "Kept from being judged by")),
         el("ul", { class: "plain" }, hold.map((id) => gapLine(m, gapsById.get(id), id)))]
      : [],
    el("p", { class: "src" }, code(`shoseki explain ${m.run} ${f.ids[i]}`)),
  ]));
};

/** A finding in a list. */
const findingItem = (m, f, i, withRule = true) => {
  const r = f.resources[f.resource[i]];
  const rule = m.rules[f.rule[i]];
  const d = folded(
    { class: `finding k-${m.statuses[f.status[i]][0]}`, "data-f": f.ids[i] },
    [
      statusTag(m, f.status[i]), " ",
      withRule ? severityTag(m, rule.severity) : [],
      el("bdi", { class: "name" }, r[2] || r[1]), " ",
      withRule ? el("span", { class: "of" }, title(rule)) : [],
      el("small", {}, ` ${place(m, r)}`),
    ],
    (d) => fillFinding(d, i),
  );
  return el("li", {}, d);
};

const countTags = (m, counts) =>
  counts.map((n, s) =>
    n > 0 ? [" ", el("span", { class: `n c-${m.statuses[s][0]}` }, [both(m.statuses[s][1], m.statuses[s][2]), ` ${n}`])] : []);

/** Why, remedy, controls of a rule. */
const ruleCard = (m, rule) => {
  const references = (rule.references ?? []).map((u) =>
    el("li", {}, u.startsWith("https://") ? el("a", { href: u, rel: "noreferrer noopener" }, u) : u));
  return el("article", { class: "rulecard" }, [
    el("h3", {}, title(rule)),
    el("p", { class: "meta" }, [severityTag(m, rule.severity), code(rule.id), rule.type ? [" · ", code(rule.type)] : []]),
    el("p", { class: "counts" }, [
      countTags(m, rule.counts), " ",
      el("span", { class: "n" }, [both("列挙", "enumerated"), ` ${rule.enumerated}`]), " ",
      el("span", { class: rule.whole[0] < rule.whole[1] ? "n c-unknown" : "n" },
        [both("全数確認の範囲", "whole scopes"), ` ${rule.whole[0]} / ${rule.whole[1]}`]),
    ]),
    rule.whole[0] < rule.whole[1]
      ? el("p", { class: "warn" }, both(
          "母集団の全数を確認できていない範囲がある。ここに挙げたもののほかにもリソースがあり得る。",
          "Some populations are not known to be whole: there may be resources beyond those listed here."))
      : [],
    rule.enumerated === 0
      ? el("p", { class: "notrun" }, both(
          "列挙されたリソースはない。期待どおりとは数えない。",
          "No resource was enumerated. This does not count as pass."))
      : [],
    rule.why ? el("p", {}, pair(rule.why)) : [],
    rule.controls.length
      ? el("p", {}, [both("管理策 ", "Controls "), rule.controls.map((c) => [el("a", { href: `#control=${c}` }, c), " "])])
      : [],
    rule.fix
      ? el("details", {}, [
          el("summary", {}, both("是正と参考資料", "Remedy and references")),
          el("p", {}, pair(rule.fix)),
          rule.cli ? [el("h4", {}, both("コマンド", "Command line")), el("pre", { tabindex: "0" }, rule.cli)] : [],
          rule.terraform ? [el("h4", {}, "Terraform"), el("pre", { tabindex: "0" }, rule.terraform)] : [],
          references.length ? [el("h4", {}, both("参考資料", "References")), el("ul", {}, references)] : [],
        ])
      : [],
  ]);
};
