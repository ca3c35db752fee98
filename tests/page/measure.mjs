// Bytes and times of a page in headless Chromium, against the bounds of its design.
//
//     node tests/page/measure.mjs PAGE.html
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { browser } from "./browser.mjs";

const MOST_BYTES = 10_000_000;
const FIRST_PAINT = 2_000;
const file = resolve(process.argv[2]);
const bytes = statSync(file).size;
const b = await browser();
const all = [];
try {
  for (let n = 0; n < 5; n++) {
    const page = await b.open(file, {});
    await page.until(`document.querySelector("#list li") !== null`, 60000);
    await page.until(`performance.getEntriesByName("first-contentful-paint").length > 0`);
    const paint = await page.run(`performance.getEntriesByName("first-contentful-paint")[0].startTime`);
    const listed = await page.run("performance.now()");
    const search = await page.run(`new Promise((done) => {
      const from = performance.now();
      new MutationObserver((_, o) => { o.disconnect(); requestAnimationFrame(() => done(performance.now() - from)); }).observe(document.getElementById("list"), { childList: true });
      for (const c of document.querySelectorAll("#find [name=verdict]")) c.checked = true;
      const w = document.getElementById("words"); w.value = "a 1"; w.dispatchEvent(new Event("input", { bubbles: true })); })`);
    const heap = await page.run("performance.memory.usedJSHeapSize");
    all.push({ paint, listed, search, heap });
    await page.close();
  }
} finally {
  await b.close();
}
const middle = (name) => all.map((a) => a[name]).sort((a, b) => a - b)[Math.floor(all.length / 2)];
console.log(`page ${(bytes / 1e6).toFixed(2)} MB`);
console.log(`first contentful paint ${Math.round(middle("paint"))} ms (worst ${Math.round(Math.max(...all.map((a) => a.paint)))})`);
console.log(`findings listed after ${Math.round(middle("listed"))} ms`);
console.log(`search shown after ${Math.round(middle("search"))} ms, 150 of them waiting for more keys`);
console.log(`heap ${(middle("heap") / 1e6).toFixed(0)} MB`);
if (bytes >= MOST_BYTES || middle("paint") >= FIRST_PAINT) {
  console.log(`over the bounds: ${MOST_BYTES} bytes, first paint ${FIRST_PAINT} ms`);
  process.exit(1);
}
