// The search and the switch of languages. mdBook's own search splits at spaces,
// so that it finds nothing within a Japanese sentence; this one looks for the
// words as they are typed, in the list that found.js holds, which is loaded when
// somebody searches.
"use strict";
(() => {
  const japanese = document.documentElement.lang === "ja";
  const say = (ja, en) => (japanese ? ja : en);
  const LISTED = 50;

  const other = document.querySelector("main .other-language");
  const right = document.querySelector(".right-buttons");
  if (other && right) right.append(other);

  const left = document.querySelector(".left-buttons");
  const bar = document.getElementById("mdbook-menu-bar");
  if (!left || !bar) return;

  const button = document.createElement("button");
  button.type = "button";
  button.className = "icon-button";
  button.title = say("検索（/）", "Search (/)");
  button.setAttribute("aria-label", button.title);
  button.setAttribute("aria-expanded", "false");
  button.innerHTML =
    '<span class="fa-svg"><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" aria-hidden="true"><path fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" d="M15.5 15.5 22 22M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0Z"/></svg></span>';
  left.append(button);

  const box = document.createElement("div");
  box.className = "found-box";
  box.hidden = true;
  const input = document.createElement("input");
  input.type = "search";
  input.placeholder = say("語・番号・ルールの ID で検索", "Words, control ids, rule ids");
  input.setAttribute("aria-label", input.placeholder);
  const results = document.createElement("div");
  results.setAttribute("aria-live", "polite");
  box.append(input, results);
  bar.after(box);

  // Full-width letters and digits are what somebody typing Japanese has at hand.
  const fold = (s) => s.normalize("NFKC").toLowerCase();
  let entries = null;
  let asked = false;
  const load = () => {
    if (asked) return;
    asked = true;
    const script = document.createElement("script");
    script.src = path_to_root + "found.js";
    script.addEventListener("load", () => {
      entries = window.shosekiFound.map(([title, place, text]) => ({
        title, place, text, inTitle: fold(title), inText: fold(text),
      }));
      search();
    });
    script.addEventListener("error", () => {
      results.textContent = say("検索の一覧を読み込めない。", "The list for the search cannot be loaded.");
    });
    document.head.append(script);
  };

  const rank = (entry, terms) => {
    let points = 0;
    for (const term of terms) {
      const inTitle = entry.inTitle.indexOf(term);
      if (inTitle >= 0) points += inTitle === 0 ? 30 : 20;
      else if (entry.inText.includes(term)) points += 1;
      else return 0;
    }
    return points;
  };

  const marked = (text, terms) => {
    const out = document.createElement("p");
    const folded = fold(text);
    // Folding may change lengths; then the text is shown without marks.
    const same = folded.length === text.length;
    const first = Math.max(0, Math.min(...terms.map((t) => folded.indexOf(t)).filter((i) => i >= 0), folded.length));
    const from = same ? Math.max(0, first - 40) : 0;
    const piece = text.slice(from, from + 160);
    if (from > 0) out.append("…");
    let rest = piece;
    while (same && rest) {
      const low = fold(rest);
      const hits = terms.map((t) => [low.indexOf(t), t.length]).filter(([i]) => i >= 0).sort((a, b) => a[0] - b[0]);
      if (!hits.length) break;
      const [at, length] = hits[0];
      const mark = document.createElement("mark");
      mark.textContent = rest.slice(at, at + length);
      out.append(rest.slice(0, at), mark);
      rest = rest.slice(at + length);
    }
    out.append(rest);
    if (from + 160 < text.length) out.append("…");
    return out;
  };

  const search = () => {
    if (!entries) return;
    const terms = fold(input.value).split(/\s+/).filter(Boolean);
    results.replaceChildren();
    if (!terms.length) return;
    const hits = entries
      .map((entry) => [rank(entry, terms), entry])
      .filter(([points]) => points > 0)
      .sort((a, b) => b[0] - a[0]);
    const said = document.createElement("p");
    said.textContent =
      say(`${hits.length} 件`, `${hits.length} found`) +
      (hits.length > LISTED ? say(`（先頭の ${LISTED} 件を示す）`, ` (the first ${LISTED} are shown)`) : "");
    const list = document.createElement("ul");
    for (const [, entry] of hits.slice(0, LISTED)) {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = path_to_root + entry.place;
      link.textContent = entry.title;
      item.append(link, marked(entry.text, terms));
      list.append(item);
    }
    results.append(said, list);
  };

  const show = (open) => {
    box.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) {
      load();
      input.focus();
    }
  };
  button.addEventListener("click", () => show(box.hidden));
  // A link to a search: index.html?search=…
  const wanted = new URLSearchParams(location.search).get("search");
  if (wanted) {
    input.value = wanted;
    show(true);
  }
  input.addEventListener("input", search);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !box.hidden) show(false);
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName ?? "")) return;
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      show(true);
    }
  });
})();
