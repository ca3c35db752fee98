// What must hold of a page in a browser: no rule of axe-core is broken in any state
// that a reader brings it into, nothing is asked of the network, nothing is refused by
// the page's own policy, and the links and the search lead where they say.
//
//     node tests/page/check.mjs run|opened|period PAGE.html…
//
// `opened` looks at the report of a run as it is opened, and at nothing more.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { browser } from "./browser.mjs";

const axe = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const wrong = [];
let seen = 0;

const rules = async (page, state) => {
  await page.run(axe);
  // What is folded is not seen, and axe takes minutes to walk it: it is put back after.
  const found = await page.run(`(async () => {
    const folded = [...document.querySelectorAll("details:not([open])")].map((d) => {
      const held = document.createDocumentFragment();
      held.append(...[...d.childNodes].filter((c) => c.nodeName !== "SUMMARY"));
      return [d, held];
    });
    const r = await axe.run(document, { resultTypes: ["violations"] });
    for (const [d, held] of folded) d.append(held);
    return {
      passes: r.passes.length,
      violations: r.violations.map((v) => v.id + ": " + v.help + " (" + v.nodes.length + ") " + v.nodes.slice(0, 3).map((n) => n.target + " " + (n.any[0]?.message ?? n.all[0]?.message ?? "")).join("; ")),
    };
  })()`);
  if (found.passes < 10) wrong.push(`${state}: axe looked at almost nothing`);
  for (const v of found.violations) wrong.push(`${state}: ${v}`);
  if (process.env.VERBOSE) console.error(`${state}: ${found.violations.length}`);
  seen++;
};

const expect = (what, is) => {
  if (!is) wrong.push(what);
};

const quiet = (page, state) => {
  for (const r of page.requests()) wrong.push(`${state}: asked for ${r}`);
  for (const c of page.complaints) wrong.push(`${state}: ${c}`);
};

const listed = `document.querySelector("#list li, #list ol") !== null && document.getElementById("hits").textContent !== ""`;

/** What is seen is in the language that the page says it is in. */
const oneLanguage = async (page, state) => {
  const other = await page.run(`[...document.querySelectorAll("main [lang], header h1 [lang]")].filter((e) => e.checkVisibility() && e.lang !== document.documentElement.lang).length`);
  expect(`${state}: ${other} texts in another language`, other === 0);
  const options = await page.run(`[...document.querySelectorAll("option[data-ja]")].filter((o) => o.textContent !== o.dataset[document.documentElement.lang]).length`);
  expect(`${state}: ${options} choices in another language`, options === 0);
};

/** The report of a run. */
const run = async (b, file) => {
  for (const dark of [false, true]) {
    const page = await b.open(file, { dark });
    const say = (s) => `${file} ${dark ? "dark" : "light"} ${s}`;
    await page.until(listed);
    await rules(page, say("as opened"));
    await oneLanguage(page, say("as opened"));
    expect(say("the trouble note is shown"), await page.run(`document.getElementById("trouble").hidden`));
    await page.run(`document.querySelector("label[for=lang-" + (document.getElementById("lang-ja").checked ? "en" : "ja") + "]").click()`);
    await rules(page, say("in the other language"));
    await oneLanguage(page, say("in the other language"));
    quiet(page, say("as opened"));
    await page.close();
  }
  await control(b, file);
  await searching(b, file);
  await addresses(b, file);
  await unscripted(b, file);
};

/** The report of a run, as it is opened. */
const opened = async (b, file) => {
  const page = await b.open(file, {});
  await page.until(listed);
  await rules(page, `${file} as opened`);
  quiet(page, `${file} as opened`);
  await page.close();
};

const control = async (b, file) => {
  const page = await b.open(file, {});
  await page.until(listed);
  const id = await page.run(`document.querySelector("details.control.s-contradicted, details.control:has([data-r])")?.id.slice(8)`);
  await page.run(`location.hash = "#control=${id}"`);
  await page.until(`document.activeElement.closest("details.control")?.open === true`);
  const rule = `document.getElementById("control-${id}").querySelector("details[data-r]:has(.c-fail), details[data-r]")`;
  await page.run(`${rule}.open = true`);
  await page.until(`${rule}.querySelector("details.scope") !== null`);
  await page.run(`${rule}.querySelector("details.scope").open = true`);
  await page.until(`${rule}.querySelector("details.finding") !== null`);
  await page.run(`${rule}.querySelector("details.finding").open = true`);
  await page.until(`${rule}.querySelector("details.finding details.x") !== null`);
  await page.run(`${rule}.querySelector("details.finding details.x").open = true`);
  await page.until(`/[0-9a-f]{64}/.test(${rule}.querySelector("dl.exchange").textContent)`);
  await rules(page, `${file} a control opened down to an exchange`);
  quiet(page, `${file} control`);
  await page.close();
};

const searching = async (b, file) => {
  const page = await b.open(file, {});
  await page.until(listed);
  const name = await page.run(`document.querySelector("#list .name").textContent`);
  await page.run(`(() => { const w = document.getElementById("words"); w.value = ${JSON.stringify(name)}; w.dispatchEvent(new Event("input", { bubbles: true })); })()`);
  await page.until(`location.hash.includes("q=") && [...document.querySelectorAll("#list .name")].length > 0`);
  await rules(page, `${file} a search`);
  // Every unknown is found, and the numbers are those of the overview.
  const words = `Number(document.querySelector("label.c-unknown b").textContent)`;
  await page.run(`location.hash = "#q=&verdict=unknown"`);
  await page.until(`document.querySelectorAll("#list details.k-unknown").length === Math.min(100, ${words})`);
  // What is not listed yet is not printed, and paper says so.
  await page.run(`location.hash = "#q=&verdict=pass"`);
  await page.until(`document.querySelector("#list details.k-pass") !== null`);
  const left = await page.run(`Number(document.querySelector("label.c-pass b").textContent) - document.querySelectorAll("#list details.k-pass").length`);
  const told = await page.run(`document.querySelector("#findings .paper")?.textContent ?? ""`);
  expect(`${file}: ${left} findings are not printed, and paper says "${told}"`, left === 0 || told.includes(`${left} more`));
  await page.run(`location.hash = "#q=&verdict=unknown"`);
  await page.until(`document.querySelectorAll("#list details.k-unknown").length === Math.min(100, ${words})`);
  await page.run(`document.querySelectorAll("details.gaps, details[data-p]").forEach((d) => (d.open = true))`);
  await page.until(`[...document.querySelectorAll("details.gaps, details[data-p]")].every((d) => d.querySelector("table"))`);
  await rules(page, `${file} gaps and populations opened`);
  await page.run(`document.getElementById("exchange-filter").requestSubmit()`);
  await page.until(`document.querySelector("#exchange-list li") !== null`);
  await rules(page, `${file} exchanges listed`);
  quiet(page, `${file} search`);
  await page.close();
};

const addresses = async (b, file) => {
  const first = await b.open(file, {});
  await first.until(listed);
  const ids = await first.run(`({ finding: document.querySelector("#list details.finding").dataset.f, rule: document.querySelector("#contradictions a[href^='#rule=']")?.hash.slice(6) })`);
  await first.close();
  for (const [hash, wanted] of [
    [`#finding=${ids.finding}`, `document.querySelector("#list details.finding[open] .in")?.textContent.includes("${ids.finding}")`],
    [`#${ids.finding}`, `document.querySelector("#list details.finding[open] .in")?.textContent.includes("${ids.finding}")`],
    [`#rule=${ids.rule}`, `document.querySelector("#only .rulecard")?.textContent.includes("${ids.rule}")`],
    ["#finding=f00000000000000000000", `!document.getElementById("trouble").hidden`],
    ["#control=99.9.9", `!document.getElementById("trouble").hidden`],
  ]) {
    const page = await b.open(file, { hash, width: 375 });
    await page.until(wanted);
    await rules(page, `${file} ${hash} at 375 pixels`);
    const wide = await page.run("document.documentElement.scrollWidth");
    expect(`${file} ${hash}: ${wide} pixels wide on a screen of 375`, wide <= 375);
    const broken = await page.run(`[...document.querySelectorAll("summary .state, table code a, table a code")].filter((e) => e.getClientRects().length > 1).length`);
    expect(`${file} ${hash}: ${broken} states or ids over two lines`, broken === 0);
    quiet(page, `${file} ${hash}`);
    await page.close();
  }
};

/** Without its script: overview and controls are there, and the page says what is not. */
const unscripted = async (b, file) => {
  const page = await b.open(file, { script: false });
  const state = `${file} without script`;
  const text = (q) => page.run(`document.querySelector(${JSON.stringify(q)})?.innerText.length ?? 0`);
  for (const q of ["#outcome", "#map table", "#contradictions", "#controls summary", "noscript .note", ".needed"]) {
    expect(`${state}: ${q} shows nothing`, (await text(q)) > 0);
  }
  expect(`${state}: a form is shown that does nothing`, !(await page.run(`[...document.querySelectorAll("form, .needs")].some((e) => e.checkVisibility() && !e.matches("a"))`)));
  const id = await page.run(`document.querySelector("details.control").id`);
  await page.run(`document.querySelectorAll("details").forEach((d) => (d.open = true))`);
  expect(`${state}: ${id} shows nothing`, (await page.run(`document.getElementById("${id}").innerText.length`)) > 10);
  await page.close();
};

/** The page of a period. */
const period = async (b, file) => {
  for (const dark of [false, true])
    for (const width of [1280, 375]) {
      const page = await b.open(file, { dark, width });
      await oneLanguage(page, file);
      // A few of each section: they are all made alike, and axe takes its time.
      await page.run(`document.querySelectorAll("main section").forEach((s) => [...s.querySelectorAll("details")].forEach((d, i) => (i < 4 ? (d.open = true) : d.remove())))`);
      await rules(page, `${file} ${dark ? "dark" : "light"} ${width} opened`);
      quiet(page, file);
      await page.close();
    }
};

const [kind, ...files] = process.argv.slice(2);
const checks = { run, opened, period };
if (!checks[kind] || files.length === 0) {
  console.error("usage: node check.mjs run|opened|period PAGE.html…");
  process.exit(2);
}
const b = await browser();
try {
  for (const file of files) await checks[kind](b, resolve(file));
} finally {
  await b.close();
}
for (const w of wrong) console.log(w);
console.log(`${seen} states looked at, ${wrong.length} wrong`);
process.exit(wrong.length || !seen ? 1 : 0);
