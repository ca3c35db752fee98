//! Answers that several types or items share: asked for once.

use super::answer::{Taken, hold, merge};
use super::line::{Line, Trouble};
use crate::ast::{Call, Part, Prepare};
use crate::cloud::{Hole, Page, Trail};
use serde_json::{Map, Value};
use shoseki_model::{Cause, Exchange};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Mutex as Turn, OnceCell};

/// Region, call, and the id of what is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    region: String,
    call: String,
    asked: String,
}

impl Key {
    pub(crate) fn of(call: &Call, region: &str, params: &Map<String, Value>) -> Self {
        let name = call.name();
        Self {
            asked: Exchange::id_of("", "", region, &name, params),
            region: region.to_owned(),
            call: name,
        }
    }

    /// `s3:ListBuckets`.
    pub(crate) fn call(&self) -> &str {
        &self.call
    }
}

/// How often a preparing call is made, a second apart.
const TRIES: usize = 60;

/// A page that may have several readers.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub(crate) value: Value,
    pub(crate) exchange: String,
    pub(crate) holes: Vec<Hole>,
}

impl From<Page> for Sheet {
    fn from(p: Page) -> Self {
        Self {
            value: p.value,
            exchange: p.exchange,
            holes: p.holes,
        }
    }
}

/// An answer read whole.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) value: Value,
    pub(crate) exchanges: Vec<String>,
}

#[derive(Debug, Default)]
struct Pages {
    read: Vec<Arc<Sheet>>,
    trail: Trail,
    end: bool,
    trouble: Option<Trouble>,
}

type Views = HashMap<(String, String), Arc<Result<Taken, String>>>;

/// One question, asked once however many want to know.
#[derive(Debug, Default)]
pub(crate) struct SharedCall {
    pages: Turn<Pages>,
    whole: OnceCell<Result<Arc<Whole>, Trouble>>,
    views: Mutex<Views>,
}

impl SharedCall {
    /// Page `n`; `None` behind the last. Who comes first asks, all others wait.
    pub(crate) async fn page(
        &self,
        line: &Line,
        call: &Call,
        region: &str,
        params: &Map<String, Value>,
        n: usize,
    ) -> Option<Result<Arc<Sheet>, Trouble>> {
        let mut pages = self.pages.lock().await;
        while pages.read.len() <= n {
            if let Some(t) = &pages.trouble {
                return Some(Err(t.clone()));
            }
            if pages.end {
                return None;
            }
            match line.page(call, region, params, &mut pages.trail).await {
                Ok(p) => {
                    pages.end = p.next.is_none();
                    pages.read.push(Arc::new(p.into()));
                }
                Err(t) => pages.trouble = Some(t),
            }
        }
        pages.read.get(n).map(|p| Ok(Arc::clone(p)))
    }

    /// All pages joined; one that fails takes the whole with it, for a list that
    /// misses entries cannot show that something is absent.
    pub(crate) async fn whole(
        &self,
        line: &Line,
        call: &Call,
        prepare: Option<&Prepare>,
        region: &str,
        params: &Map<String, Value>,
    ) -> Result<Arc<Whole>, Trouble> {
        let found = self
            .whole
            .get_or_init(|| self.read(line, call, prepare, region, params))
            .await;
        // Others who ask the same may ask it of each item.
        found.clone().map_err(|mut t| {
            t.common = call.shared();
            t
        })
    }

    async fn read(
        &self,
        line: &Line,
        call: &Call,
        prepare: Option<&Prepare>,
        region: &str,
        params: &Map<String, Value>,
    ) -> Result<Arc<Whole>, Trouble> {
        if let Some(p) = prepare {
            prepared(line, p, region).await?;
        }
        let mut sheets = Vec::new();
        while let Some(sheet) = self.page(line, call, region, params, sheets.len()).await {
            let sheet = sheet?;
            without_holes(call, region, &sheet.holes, &sheet.exchange)?;
            sheets.push(sheet);
        }
        let exchanges = sheets.iter().map(|s| s.exchange.clone()).collect();
        let mut value = Value::Null;
        for s in sheets {
            merge(&mut value, s.value.clone());
        }
        Ok(Arc::new(Whole { value, exchanges }))
    }

    /// What `part` of a type takes of the answer, made once.
    pub(crate) fn view(
        &self,
        r#type: &str,
        part: &Part,
        whole: &Whole,
    ) -> Arc<Result<Taken, String>> {
        let key = (r#type.to_owned(), part.name.value.clone());
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        let made = views.entry(key);
        Arc::clone(made.or_insert_with(|| Arc::new(Taken::of(part, &whole.value, true))))
    }
}

/// An answer that leaves something out cannot show that something is absent.
fn without_holes(call: &Call, region: &str, holes: &[Hole], exchange: &str) -> Result<(), Trouble> {
    match holes.first() {
        Some(hole) => Err(Trouble {
            region: region.to_owned(),
            ..Trouble::left_out(call, region, exchange, hole)
        }),
        None => Ok(()),
    }
}

/// All pages of a call that nobody shares.
pub(crate) async fn all_pages(
    line: &Line,
    call: &Call,
    region: &str,
    params: &Map<String, Value>,
) -> Result<Whole, Trouble> {
    let mut trail = Trail::default();
    let first = line.page(call, region, params, &mut trail).await?;
    without_holes(call, region, &first.holes, &first.exchange)?;
    let mut whole = Whole {
        value: first.value,
        exchanges: vec![first.exchange],
    };
    let mut more = first.next.is_some();
    while more {
        let page = line.page(call, region, params, &mut trail).await?;
        without_holes(call, region, &page.holes, &page.exchange)?;
        merge(&mut whole.value, page.value);
        whole.exchanges.push(page.exchange);
        more = page.next.is_some();
    }
    Ok(whole)
}

async fn prepared(line: &Line, p: &Prepare, region: &str) -> Result<(), Trouble> {
    let call = &p.call;
    let malformed = |words| Trouble::malformed(call, region, None, words);
    let params = Line::params(call, &line.names(region)).map_err(|e| malformed(e.to_string()))?;
    let mut last = None;
    for _ in 0..TRIES {
        let mut first = Trail::default();
        let page = line.page(call, region, &params, &mut first).await?;
        if hold(&p.until, &page.value).map_err(malformed)? {
            return Ok(());
        }
        last = Some(page.exchange);
        tokio::time::sleep(line.options.patience).await;
    }
    let mut t = malformed("not ready after a minute".to_owned());
    t.cause = Cause::Timeout;
    t.error = None;
    t.exchange = last;
    Err(t)
}
