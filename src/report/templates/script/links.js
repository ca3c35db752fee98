// Addresses: #finding=F…, #rule=…, #control=…, #gap=…, #exchange=…, #q=…&verdict=….
const missing = (what) =>
  trouble(`「${what}」は、このファイルに見当たらない。`, `“${what}” is not in this file.`);

const decoded = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const follow = async () => {
  const hash = decoded(location.hash.slice(1));
  byId("trouble").hidden = true;
  // Ids of findings, gaps and exchanges stand for themselves.
  const bare = /^([fgx])[0-9a-f]{20}$/.exec(hash);
  const kinds = { f: "finding", g: "gap", x: "exchange" };
  const p = new URLSearchParams(bare ? `${kinds[bare[1]]}=${hash}` : location.hash.slice(1));
  const control = p.get("control") ?? (hash.startsWith("control-") && hash.slice(8));
  if (p.has("q")) return search(p);
  if (control) return openControl(control) || missing(control);
  if (p.has("gap")) return (await openGap(p.get("gap"))) || missing(p.get("gap"));
  if (p.has("exchange")) {
    const d = await listExchanges(p.get("exchange"));
    return d ? show(d) : missing(p.get("exchange"));
  }
  if (p.has("finding") || p.has("rule")) return one(p);
  const at = hash && byId(hash);
  if (at?.matches("details")) {
    at.hidden = false;
    at.open = true;
    show(at);
  }
};

const search = async (p) => {
  recall(p);
  only = {};
  for (const kind of ["finding", "rule", "control", "gap"]) if (p.get(kind)) only = { [kind]: p.get(kind) };
  await list();
  byId("findings").scrollIntoView();
};

/** One finding, or all findings of one rule, whatever their outcome. */
const one = async (p) => {
  const kind = p.has("finding") ? "finding" : "rule";
  const id = p.get(kind);
  recall(new URLSearchParams("verdict=fail,unknown,excepted,pass,not-applicable"));
  only = { [kind]: id };
  const found = await list();
  if (kind === "rule") {
    const known = (await main()).rules.some((r) => r.id === id);
    return known ? show(byId("only")) : missing(id);
  }
  const d = byId("list").querySelector("details");
  if (!found.length || !d) return missing(id);
  await d.fill();
  show(d);
};

// Arrow keys go from one row to the next where rows are folded.
document.addEventListener("keydown", (e) => {
  if (!["ArrowDown", "ArrowUp"].includes(e.key) || e.target.tagName !== "SUMMARY") return;
  const rows = [...document.querySelectorAll("main summary")].filter((s) => s.checkVisibility());
  const next = rows[rows.indexOf(e.target) + (e.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  e.preventDefault();
  next.focus();
});

for (const id of ["lang-ja", "lang-en"]) byId(id).addEventListener("change", inLanguage);
inLanguage();
for (const e of document.querySelectorAll(".needed")) e.remove();
for (const e of document.querySelectorAll(".needs[hidden]")) if (e.id !== "only") e.hidden = false;
window.addEventListener("hashchange", () => attempt(follow));
narrow();
attempt(async () => {
  if (location.hash) await follow();
  if (!byId("list").firstChild) await list();
});
