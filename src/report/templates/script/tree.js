// Controls: filter, and the tree control → rule → scope → finding → exchange.
const filter = byId("control-filter");

/** Findings of a rule by scope: a bucket in Tokyo is counted in `global`. */
const scopesOf = async (number) => {
  const [f, rules, all] = await Promise.all([findings(), byRule(), tallies()]);
  const scopes = (all.get(number) ?? []).map((t) => ({ ...t, findings: [] }));
  const by = new Map(scopes.map((s) => [`${s.account} ${s.region}`, s]));
  const astray = [];
  for (const i of rules.get(number) ?? []) {
    const r = f.resources[f.resource[i]];
    const scope = by.get(`${r[3]} ${r[4]}`) ?? by.get(`${r[3]} global`);
    (scope?.findings ?? astray).push(i);
  }
  const weight = (s) => s.counts[0] * 1e6 + s.counts[1] * 1e3 + (s.whole ? 0 : 1e2) + (s.enumerated > 0 ? 1 : 0);
  scopes.sort((a, b) => weight(b) - weight(a));
  return { scopes, astray };
};

const scopeNode = (m, f, s) => {
  const summary = [
    code(s.account), " ", code(s.region), countTags(m, s.counts), " ",
    el("span", { class: "n" }, [both("列挙", "enumerated"), ` ${s.enumerated}`]),
    s.whole ? [] : [" ", el("span", { class: "n c-unknown" }, both("全数未確認", "not known to be whole"))],
  ];
  return el("li", {}, folded({ class: "scope" }, summary, async (d) => {
    if (s.gaps.length) {
      const known = await gaps();
      d.append(el("ul", { class: "plain" }, s.gaps.map((id) => gapLine(m, known.get(id), id))));
    }
    const into = el("ul", { class: "plain results" });
    d.append(into);
    pages(into, s.findings.length, (at) => findingItem(m, f, s.findings[at], false));
    const counted = s.counts.reduce((a, b) => a + b, 0);
    if (s.findings.length < counted)
      d.append(el("p", { class: "note" }, both(
        `この範囲の判定 ${counted} 件のうち ${counted - s.findings.length} 件は、ここに列挙していない。実行の保存先にある。`,
        `Of the ${counted} findings of this scope, ${counted - s.findings.length} are not listed here; the run directory has them.`)));
    if (counted === 0)
      d.append(el("p", { class: "notrun" }, both("列挙されたリソースはない。期待どおりとは数えない。", "No resource was enumerated. This does not count as pass.")));
  }));
};

const fillBearing = async (d) => {
  const number = Number(d.dataset.r);
  const [m, f, { scopes, astray }] = await Promise.all([main(), findings(), scopesOf(number)]);
  const rule = m.rules[number];
  const empty = scopes.filter((s) => s.enumerated === 0 && s.whole);
  const told = scopes.filter((s) => s.enumerated > 0 || !s.whole);
  const into = el("ul", { class: "plain scopes" });
  d.append(
    el("p", { class: "meta" }, [
      severityTag(m, rule.severity), code(rule.id), " ",
      el("a", { href: `#rule=${rule.id}` }, both("理由、是正、すべての判定", "why, remedy, all findings")),
    ]),
    into,
  );
  pages(into, told.length, (at) => scopeNode(m, f, told[at]));
  if (empty.length)
    d.append(folded({ class: "scope" },
      both(`全数を確認し、リソースがなかった範囲 ${empty.length}`, `${empty.length} scopes known to be whole and without a resource`),
      (e) => e.append(el("p", {}, empty.map((s) => [code(s.account), " ", code(s.region), ", "])))));
  if (astray.length) {
    const rest = el("ul", { class: "plain results" });
    d.append(el("p", { class: "note" }, both("範囲の集計にない判定", "Findings that no scope counts")), rest);
    pages(rest, astray.length, (at) => findingItem(m, f, astray[at], false));
  }
};

for (const d of document.querySelectorAll("details[data-r]")) filled(d, fillBearing);

const controlsAll = [...document.querySelectorAll("details.control")].map((d) => ({
  d,
  state: [...d.classList].find((c) => c.startsWith("s-")).slice(2),
  mandatory: "m" in d.dataset,
  text: plain(d.querySelector("summary").textContent),
}));

const narrow = () => {
  const states = new Set([...filter.elements.state].filter((b) => b.checked).map((b) => b.value));
  const must = filter.elements.mandatory.checked;
  const words = plain(byId("control-words").value).split(/\s+/).filter(Boolean);
  let n = 0;
  for (const c of controlsAll) {
    const hit = states.has(c.state) && (!must || c.mandatory) && words.every((w) => c.text.includes(w));
    c.d.hidden = !hit;
    n += hit;
  }
  for (const chapter of document.querySelectorAll("details.chapter")) {
    chapter.hidden = !chapter.querySelector("details.control:not([hidden])");
  }
  byId("control-hits").replaceChildren(...both(`該当 ${n} / ${controlsAll.length}`, `${n} of ${controlsAll.length}`));
};
filter.addEventListener("input", narrow);
filter.addEventListener("submit", (e) => e.preventDefault());
byId("control-open").addEventListener("click", () => {
  for (const c of document.querySelectorAll("details.chapter:not([hidden])")) c.open = true;
});

const openControl = (id) => {
  const d = byId(`control-${id}`);
  if (!d) return false;
  d.hidden = false;
  const chapter = d.closest("details.chapter");
  chapter.hidden = false;
  chapter.open = true;
  d.open = true;
  show(d);
  return true;
};
