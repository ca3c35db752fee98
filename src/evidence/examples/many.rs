//! A large run out of a small one, to measure with: every account N times over,
//! with all that was read in it. `shoseki judge OUT` then makes its findings.
//!
//! `many RUN OUT N`
#![expect(
    clippy::unwrap_used,
    reason = "a tool of ours that stops at the first surprise"
)]

use shoseki_evidence::{Run, RunWriter};
use shoseki_model::{Exchange, Target, short_id};
use std::collections::HashMap;
use std::path::Path;

/// One copy of the run: what its accounts, exchanges and gaps are called in it.
struct Copy {
    n: u32,
    exchanges: HashMap<String, String>,
}

impl Copy {
    /// The first copy is as it was.
    fn named(&self, name: &str) -> String {
        match self.n {
            0 => name.to_owned(),
            n => format!("{name}-{n:03}"),
        }
    }

    fn gap(&self, id: &str) -> String {
        match self.n {
            0 => id.to_owned(),
            n => short_id("g", &[id, &n.to_string()]),
        }
    }

    fn exchange(&self, id: &String) -> String {
        self.exchanges.get(id).unwrap_or(id).clone()
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [from, to, n] = &args[..] else {
        eprintln!("many RUN OUT N");
        std::process::exit(2);
    };
    let run = Run::open(Path::new(from)).unwrap();
    let out = RunWriter::create(Path::new(to)).unwrap();
    let mut targets: Vec<Target> = Vec::new();
    for n in 0..n.parse().unwrap() {
        let mut copy = Copy {
            n,
            exchanges: HashMap::new(),
        };
        records(&run, &out, &mut copy);
        targets.extend(run.file().info.targets.iter().map(|t| Target {
            account: copy.named(&t.account),
            ..t.clone()
        }));
    }
    for f in run.pack().unwrap() {
        let f = f.unwrap();
        out.pack(&f.path, &f.text).unwrap();
    }
    let mut info = run.file().info.clone();
    info.targets = targets;
    out.finish(info, false).unwrap();
}

fn records(run: &Run, out: &RunWriter, copy: &mut Copy) {
    for x in run.exchanges().unwrap() {
        let mut x = x.unwrap();
        let old = x.id.clone();
        x.account = copy.named(&x.account);
        if copy.n > 0 {
            x.id = Exchange::id_of(&x.cloud, &x.account, &x.region, &x.call, &x.params);
        }
        let body = x.answer.as_ref().map(|a| run.answer(&a.sha256).unwrap());
        out.record(&x, body.as_deref()).unwrap();
        copy.exchanges.insert(old, x.id);
    }
    for g in run.gaps().unwrap() {
        let mut g = g.unwrap();
        g.id = copy.gap(&g.id);
        g.account = copy.named(&g.account);
        g.exchange = g.exchange.as_ref().map(|x| copy.exchange(x));
        out.gap(&g).unwrap();
    }
    for p in run.populations().unwrap() {
        let mut p = p.unwrap();
        p.account = copy.named(&p.account);
        p.query = p.query.iter().map(|x| copy.exchange(x)).collect();
        p.gaps = p.gaps.iter().map(|g| copy.gap(g)).collect();
        out.population(&p).unwrap();
    }
    for r in run.resources().unwrap() {
        let mut r = r.unwrap();
        r.account = copy.named(&r.account);
        for of in r.sources.values_mut() {
            *of = of.iter().map(|x| copy.exchange(x)).collect();
        }
        for gap in r.unseen.values_mut() {
            *gap = copy.gap(gap);
        }
        out.resource(&r).unwrap();
    }
}
