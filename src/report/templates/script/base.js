// Text of strangers becomes text nodes and nothing else: no markup is ever parsed here.
const byId = (id) => document.getElementById(id);

const el = (tag, attrs, ...kids) => {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(attrs ?? {})) {
    if (v === true) e.setAttribute(k, "");
    else if (v !== false && v != null) e.setAttribute(k, v);
  }
  e.append(...kids.flat(Infinity).filter((k) => k != null && k !== ""));
  return e;
};

/** Both languages, each marked with its own. */
const both = (ja, en) =>
  ja === en ? [ja] : [el("span", { lang: "ja" }, ja), el("span", { lang: "en" }, en)];
const pair = (p) => both(p[0], p[1]);
const code = (text) => el("code", {}, text);
/** A path that is broken before its dots. */
const dotted = (text) => el("code", {}, text.split(/(?=\.)/).map((step, i) => [i ? el("wbr") : [], step]));

const japanese = () => byId("lang-ja").checked;
const inLanguage = () => {
  const lang = japanese() ? "ja" : "en";
  document.documentElement.lang = lang;
  // Markup within an option is not shown: its text is replaced.
  for (const o of document.querySelectorAll("option[data-ja]")) o.textContent = o.dataset[lang];
};

const trouble = (ja, en) => {
  const p = byId("trouble");
  p.replaceChildren(...both(ja, en));
  p.hidden = false;
};

/** Runs what loads data, and says so where it cannot. */
const attempt = async (work) => {
  try {
    await work();
  } catch (e) {
    console.error(e);
    trouble(
      `このページのデータを読み取れなかったため、表示は完全ではない（${e.message}）。新しい版のブラウザを用いるか、実行の保存先を確かめること。`,
      `The data of this page could not be read, and what is shown is not whole (${e.message}). Use a newer browser, or the run directory.`,
    );
  }
};

/** `2026-11-24 06:30:59 JST` and UTC of an RFC 3339 time; Japan keeps UTC+9. */
const moment = (t) => {
  const ms = Date.parse(t);
  if (Number.isNaN(ms)) return [t];
  const text = (ms) => new Date(ms).toISOString().slice(0, 19).replace("T", " ");
  return [`${text(ms + 9 * 3600e3)} JST `, el("small", {}, `${text(ms)} UTC`)];
};

const STEP = 100;

/** Rows as they are asked for: `make(i)` builds one, `into` is a list or a table's body. */
const pages = (into, count, make, around = into) => {
  let at = 0;
  const button = el("button", { type: "button", class: "more" });
  const step = () => {
    const rows = [];
    for (const end = Math.min(at + STEP, count); at < end; at++) rows.push(make(at));
    into.append(...rows);
    const left = count - at;
    if (left > 0) {
      button.replaceChildren(
        el("span", { class: "screen" }, both(
          `次の ${Math.min(STEP, left)} 件を表示（残り ${left} 件）`,
          `Show ${Math.min(STEP, left)} more (${left} left)`,
        )),
        el("span", { class: "paper" }, both(`ほか ${left} 件は印刷していない。`, `${left} more are not printed.`)),
      );
      around.after(button);
    } else button.remove();
    return rows[0];
  };
  button.addEventListener("click", () => {
    const first = step();
    (first?.querySelector("summary, a, button") ?? first)?.focus();
  });
  step();
};

/** A details element that is filled when it is first opened. */
const folded = (attrs, summary, fill) => {
  const d = el("details", attrs, el("summary", {}, summary));
  filled(d, fill);
  return d;
};

const filled = (details, fill) => {
  const open = () => {
    if (!details.open || details.dataset.filled) return;
    details.dataset.filled = "1";
    attempt(() => fill(details));
  };
  details.addEventListener("toggle", open);
  open();
  details.fill = async () => {
    details.open = true;
    if (details.dataset.filled) return;
    details.dataset.filled = "1";
    await attempt(() => fill(details));
  };
};

const table = (heads, rows) =>
  el(
    "div",
    { class: "scroll", tabindex: "0" },
    el(
      "table",
      {},
      el("thead", {}, el("tr", {}, heads.map((h) => el("th", { scope: "col", class: h[2] }, pair(h))))),
      rows,
    ),
  );
