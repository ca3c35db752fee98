// The search for findings: all of them, by words, outcome, severity, place.
const form = byId("find");
const boxes = (name) => [...form.elements[name]].filter((b) => b.checked).map((b) => b.value);
const plain = (s) => s.toLowerCase().normalize("NFKC");
// What a link asks for beyond the form: one finding, rule, control or gap.
let only = {};

/** Texts in which words are looked for, by rule, resource and gap. */
const searchable = () =>
  kept("searchable", async () => {
    const [m, f, g] = await Promise.all([main(), findings(), gaps()]);
    const causes = new Map();
    for (const [id, gap] of g) {
      const group = m.gaps[gap.group];
      causes.set(id, plain([id, group.cause, ...(m.causes[group.cause] ?? []), group.call, group.permissions, gap.error].join(" ")));
    }
    return {
      rules: m.rules.map((r) =>
        plain([r.id, ...(r.title ?? []), ...r.controls, ...r.controls.flatMap((c) => m.controls[c] ?? [])].join(" "))),
      resources: f.resources.map((r) => plain(r.join(" "))),
      causes,
    };
  });

/** Numbers of the findings that the form and the link ask for. */
const matches = async () => {
  const [m, f, t] = await Promise.all([main(), findings(), searchable()]);
  const words = plain(byId("words").value).split(/\s+/).filter(Boolean);
  const verdicts = new Set(boxes("verdict"));
  const severities = new Set(boxes("severity"));
  const statusOk = m.statuses.map((s) => verdicts.has(s[0]));
  const { value: cloudName } = form.elements.cloud;
  const { value: account } = form.elements.account;
  const ruleOk = m.rules.map(
    (r) =>
      (r.severity == null || severities.has(m.severities[r.severity][0])) &&
      (!only.rule || r.id === only.rule) &&
      (!only.control || r.controls.includes(only.control)),
  );
  const placeOk = f.resources.map(
    (r) => (!cloudName || cloudOf(r[0]) === cloudName) && (!account || r[3] === account),
  );
  const has = (i, w) =>
    t.resources[f.resource[i]].includes(w) ||
    t.rules[f.rule[i]].includes(w) ||
    f.ids[i].startsWith(w) ||
    (f.gaps.get(i) ?? []).some((g) => (t.causes.get(g) ?? g).includes(w));
  const out = [];
  for (const i of f.order) {
    if (only.finding && f.ids[i] !== only.finding) continue;
    if (only.gap && !(f.gaps.get(i) ?? []).includes(only.gap)) continue;
    if (!statusOk[f.status[i]] || !ruleOk[f.rule[i]] || !placeOk[f.resource[i]]) continue;
    if (words.every((w) => has(i, w))) out.push(i);
  }
  return out;
};

let asked = 0;

/** Lists what matches; gives the numbers. */
const list = async () => {
  const turn = ++asked;
  const [m, f, found] = await Promise.all([main(), findings(), matches()]);
  if (turn !== asked) return [];
  const n = found.length.toLocaleString("en");
  const all = f.count.toLocaleString("en");
  byId("hits").replaceChildren(...both(`該当 ${n} 件（このファイルに収めた ${all} 件のうち）`, `${n} of the ${all} findings in this file`));
  showOnly(m);
  const into = el("ol", { class: "plain results" });
  byId("list").replaceChildren(into);
  pages(into, found.length, (at) => findingItem(m, f, found[at]));
  return found;
};

/** Says what a link narrowed the list to, and lets go of it. */
const showOnly = (m) => {
  const at = byId("only");
  const [kind, id] = Object.entries(only)[0] ?? [];
  at.hidden = !kind;
  if (!kind) return;
  const clear = el("button", { type: "button" }, both("この絞込みを外す", "Drop this"));
  clear.addEventListener("click", () => {
    only = {};
    remember();
    attempt(list).then(() => byId("words").focus());
  });
  const names = {
    finding: ["判定", "Finding"], rule: ["ルール", "Rule"], control: ["管理策", "Control"], gap: ["読み取れなかったもの", "Gap"],
  };
  const rule = kind === "rule" && m.rules.find((r) => r.id === id);
  at.replaceChildren(
    el("p", {}, [both("絞込み: ", "Only: "), pair(names[kind]), " ", code(id), " ", clear]),
    ...(rule ? [ruleCard(m, rule)] : []),
  );
};

const DEFAULT = { verdict: "fail,unknown,excepted", severity: "critical,high,medium,low" };

/** The search as an address. */
const address = () => {
  const p = new URLSearchParams();
  for (const [k, v] of Object.entries(only)) p.set(k, v);
  p.set("q", byId("words").value);
  for (const name of ["verdict", "severity"]) {
    const v = boxes(name).join(",");
    if (v !== DEFAULT[name]) p.set(name, v);
  }
  for (const name of ["cloud", "account"]) if (form.elements[name].value) p.set(name, form.elements[name].value);
  return `#${p}`;
};

const remember = () => {
  try {
    history.replaceState(null, "", address());
  } catch { /* Some browsers refuse this for files: the search works without. */ }
};

/** Sets the form as an address says. */
const recall = (p) => {
  byId("words").value = p.get("q") ?? "";
  for (const name of ["verdict", "severity"]) {
    const v = (p.get(name) ?? DEFAULT[name]).split(",");
    for (const b of form.elements[name]) b.checked = v.includes(b.value);
  }
  for (const name of ["cloud", "account"]) form.elements[name].value = p.get(name) ?? "";
};

let waiting;
const changed = () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    remember();
    attempt(list);
  }, 150);
};
form.addEventListener("input", changed);
form.addEventListener("submit", (e) => {
  e.preventDefault();
  changed();
});
form.addEventListener("reset", () => {
  only = {};
  setTimeout(changed);
});
