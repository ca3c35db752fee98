// Populations, gaps and exchanges, when they are opened.
const show = (node) => {
  document.querySelector(".here")?.classList.remove("here");
  node.classList.add("here");
  node.scrollIntoView({ block: "start" });
  const summary = node.matches("details") ? node.querySelector("summary") : node;
  if (summary === node) node.tabIndex = -1;
  summary.focus({ preventScroll: true });
};

const links = (kind, ids) => ids.map((id) => [el("a", { href: `#${kind}=${id}` }, code(id)), " "]);

for (const d of document.querySelectorAll("details[data-p]"))
  filled(d, async () => {
    const [m, all] = await Promise.all([main(), populations()]);
    const rows = all.get(d.dataset.p) ?? [];
    rows.sort((a, b) => a.whole - b.whole || b.count - a.count);
    const body = el("tbody");
    const shown = table(
      [["アカウント", "Account"], ["リージョン", "Region"], ["数", "Count", "num"], ["全数確認", "Whole"], ["列挙に用いた照会", "Enumerated by"]],
      body,
    );
    d.append(shown);
    pages(body, rows.length, (i) => {
      const p = rows[i];
      return el("tr", {}, [
        el("td", {}, `${cloud(m, p.cloud)} ${p.account}`),
        el("th", { scope: "row" }, p.region),
        el("td", { class: "num" }, String(p.count)),
        el("td", {}, p.whole ? both("確認", "yes") : [el("span", { class: "tag c-unknown" }, both("未確認", "no")), " ", links("gap", p.gaps)]),
        el("td", {}, links("exchange", p.query)),
      ]);
    }, shown);
  });

for (const d of document.querySelectorAll("details[data-g]"))
  filled(d, async () => {
    const [m, all] = await Promise.all([main(), gaps()]);
    const rows = [...all.values()].filter((g) => g.group === Number(d.dataset.g));
    const body = el("tbody");
    const shown = table(
      [["番号", "Id"], ["範囲", "Scope"], ["リソース", "Resource"], ["事業者の応答", "Provider's words"], ["照会", "Exchange"], ["判定不能となった判定", "Findings kept unknown"]],
      body,
    );
    d.append(shown);
    pages(body, rows.length, (i) => {
      const g = rows[i];
      return el("tr", { id: g.id }, [
        el("th", { scope: "row" }, el("a", { href: `#gap=${g.id}` }, code(g.id))),
        el("td", {}, `${cloud(m, g.cloud)} · ${g.account} · ${g.region}`),
        el("td", {}, [
          g.resource ? code(g.resource) : both("母集団の全体", "the population"),
          g.read >= 0 ? el("small", {}, both(`（${g.read} 件まで読み取った）`, ` (${g.read} read before)`)) : [],
        ]),
        el("td", {}, [g.error ? code(g.error) : [], " ", g.message ?? ""]),
        el("td", {}, g.exchange ? links("exchange", [g.exchange]) : []),
        el("td", {}, el("a", { href: `#q=&gap=${g.id}` }, both("表示", "show"))),
      ]);
    }, shown);
  });

const exchangeForm = byId("exchange-filter");

const listExchanges = async (id) => {
  const [m, all] = await Promise.all([main(), exchanges()]);
  const words = plain(byId("exchange-words").value).split(/\s+/).filter(Boolean);
  const text = (x) => plain([x.id, x.call, cloud(m, x.cloud), x.account, x.region, x.digest, x.request, x.error, x.status].join(" "));
  const rows = [...all.values()].filter((x) => (id ? x.id === id : words.every((w) => text(x).includes(w))));
  byId("exchange-hits").replaceChildren(...both(`該当 ${rows.length} 件`, `${rows.length} found`));
  const into = el("ul", { class: "plain results" });
  byId("exchange-list").replaceChildren(into);
  pages(into, rows.length, (i) => {
    const x = rows[i];
    const d = folded({ class: "x" }, [code(x.id), " ", code(x.call), el("small", {}, ` ${cloud(m, x.cloud)} · ${x.account} · ${x.region}`)],
      (d) => d.append(exchangeNode(m, x, x.id)));
    if (rows.length === 1) d.fill();
    return el("li", {}, d);
  });
  return into.querySelector("details");
};
exchangeForm.addEventListener("submit", (e) => {
  e.preventDefault();
  attempt(() => listExchanges());
});

const openGap = async (id) => {
  const g = (await gaps()).get(id);
  const d = g && byId(`gaps-${g.group}`);
  if (!d) return false;
  await d.fill();
  // The row may be on a later page of the table.
  while (!byId(id)) {
    const more = d.querySelector("button.more");
    if (!more) break;
    more.click();
  }
  show(byId(id) ?? d);
  return true;
};
