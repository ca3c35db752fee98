// Blocks of data: base64 of deflated JSON, unpacked once, when first needed.
const blocks = {};
for (const e of document.querySelectorAll("script[data-k]")) (blocks[e.dataset.k] ??= []).push(e);

const unpack = async (element) => {
  const raw = atob(element.textContent);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  element.textContent = "";
  return JSON.parse(await new Response(plain).text());
};

const once = new Map();
const block = (kind, n) => {
  const key = `${kind} ${n}`;
  if (!once.has(key)) once.set(key, unpack(blocks[kind][n]));
  return once.get(key);
};
const whole = (kind) => Promise.all((blocks[kind] ?? []).map((_, n) => block(kind, n)));
const kept = (name, make) => {
  if (!once.has(name)) once.set(name, make());
  return once.get(name);
};

/** Run, rules, words. */
const main = () => block("main", 0);

const cloudOf = (type) => type.split(".")[0];

/** All findings by columns, and the order in which to show them. */
const findings = () =>
  kept("findings", async () => {
    const [m, lists] = await Promise.all([main(), whole("list")]);
    const count = lists.reduce((n, l) => n + l.i.length, 0);
    const f = {
      count,
      ids: [],
      rule: new Uint32Array(count),
      status: new Uint8Array(count),
      resource: new Uint32Array(count),
      block: new Uint16Array(count),
      at: new Uint16Array(count),
      resources: [],
      gaps: new Map(),
    };
    let n = 0;
    lists.forEach((l, b) => {
      const base = f.resources.length;
      for (const o of l.o) f.resources.push(o.map((s) => l.s[s]));
      l.i.forEach((id, at) => {
        f.ids.push(id);
        f.rule[n] = l.r[at];
        f.status[n] = l.v.charCodeAt(at) - 48;
        f.resource[n] = base + l.t[at];
        f.block[n] = b;
        f.at[n] = at;
        if (l.g[at]) f.gaps.set(n, l.g[at]);
        n++;
      });
    });
    const severity = m.rules.map((r) => r.severity ?? 4);
    f.order = new Uint32Array(count).map((_, i) => i);
    f.order.sort(
      (a, b) =>
        f.status[a] - f.status[b] ||
        severity[f.rule[a]] - severity[f.rule[b]] ||
        f.rule[a] - f.rule[b] ||
        a - b,
    );
    return f;
  });

/** Findings by rule, each list in the order of the page. */
const byRule = () =>
  kept("byRule", async () => {
    const f = await findings();
    const out = new Map();
    for (const i of f.order) {
      const r = f.rule[i];
      if (!out.has(r)) out.set(r, []);
      out.get(r).push(i);
    }
    return out;
  });

/** What a finding rests on; undefined where the page does not hold it. */
const detail = async (f, i) => {
  const all = await kept(`details ${f.status[i] > 2} ${f.block[i]}`, async () => {
    const b = await block(f.status[i] > 2 ? "plain" : "grave", f.block[i]);
    return { s: b.s, by: new Map(b.d.map((d) => [d[0], d])) };
  });
  const d = all.by.get(f.at[i]);
  if (!d) return undefined;
  const s = (n) => all.s[n];
  return {
    reason: [s(d[1]), s(d[2])],
    observed: d[3].map(([path, kind, value, from]) => ({
      path: s(path),
      kind,
      value: s(value),
      from: from.map(s),
    })),
    excepted: d[4].map(s),
  };
};

const text = (b, n) => (n < 0 ? undefined : b.s[n]);

const exchanges = () =>
  kept("exchanges", async () => {
    const out = new Map();
    for (const b of await whole("exchanges"))
      for (const d of b.d) {
        const [id, call, cloud, account, region, started] = d.map((n) => text(b, n));
        out.set(id, {
          id, call, cloud, account, region, started,
          status: d[6], error: text(b, d[7]), request: text(b, d[8]), digest: text(b, d[9]),
          bytes: d[10], redacted: d[11],
        });
      }
    return out;
  });

const gaps = () =>
  kept("gaps", async () => {
    const out = new Map();
    for (const b of await whole("gaps"))
      for (const d of b.d) {
        const id = text(b, d[0]);
        out.set(id, {
          id, group: d[1], cloud: text(b, d[2]), account: text(b, d[3]), region: text(b, d[4]),
          resource: text(b, d[5]), read: d[6], error: text(b, d[7]), message: text(b, d[8]),
          exchange: text(b, d[9]),
        });
      }
    return out;
  });

/** Scopes by rule. */
const tallies = () =>
  kept("tallies", async () => {
    const out = new Map();
    for (const b of await whole("tallies"))
      for (const d of b.d) {
        if (!out.has(d[0])) out.set(d[0], []);
        out.get(d[0]).push({
          account: text(b, d[1]), region: text(b, d[2]), whole: d[3] === 1, enumerated: d[4],
          counts: d.slice(5, 10), gaps: d[10].map((n) => text(b, n)),
        });
      }
    return out;
  });

const populations = () =>
  kept("populations", async () => {
    const out = new Map();
    for (const b of await whole("populations"))
      for (const d of b.d) {
        const type = text(b, d[0]);
        if (!out.has(type)) out.set(type, []);
        out.get(type).push({
          cloud: text(b, d[1]), account: text(b, d[2]), region: text(b, d[3]), count: d[4],
          whole: d[5] === 1, query: d[6].map((n) => text(b, n)), gaps: d[7].map((n) => text(b, n)),
        });
      }
    return out;
  });
