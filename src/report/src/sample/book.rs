//! The sample as a workbook.

use super::rows::{COLUMNS, TECHNIQUE, cells};
use super::{Draw, Item, SampleData};
use crate::book::{Book, Cell, Column, Look, Paper, Shape, Sheet, column, making};
use crate::data::ReportError;
use crate::population::{gap_lines, reach_word, warning, whole};
use crate::time::both_times;
use crate::visible::width;
use crate::words::{NO_CONCLUSION, TECHNIQUES, Word, word};
use shoseki_model::{Exchange, Lang, Verdict};
use std::io::{Seek, Write};

const COVER: Word = word("表紙", "Cover");
const SAMPLE: Word = word("標本", "Sample");
const POPULATION: Word = word("母集団", "Population");
const KNOWN: Word = word("到達状況", "Reach");

/// How the draw is repeated.
const METHOD: Word = word(
    "単純無作為抽出(非復元)。population.tsv のうち抽出元のルールに属する行を枠とし、各行について SHA-256(乱数の種 + \":\" + 判定番号)を小文字の 16 進数で求め、小さい順に標本数まで取る。乱数の種は、母集団が確定した後に監査人が決める。手順は docs/sample.md に示す。",
    "Simple random sample without replacement. The frame is the lines of population.tsv of the rules drawn for; for each, SHA-256 of seed + \":\" + finding id is computed in lower-case hexadecimal, and the smallest are taken up to the size. The auditor chooses the seed after the population is fixed. docs/sample.md shows the commands.",
);

/// Writes the workbook: cover, sample with the auditor's columns, populations,
/// accounts and regions.
///
/// # Errors
/// A writer that fails, data that Excel cannot hold.
pub fn xlsx(
    data: &SampleData,
    lang: Lang,
    to: impl Write + Seek + Send,
) -> Result<(), ReportError> {
    making(|| workbook(data, lang, to))
}

fn workbook(
    data: &SampleData,
    lang: Lang,
    to: impl Write + Seek + Send,
) -> Result<(), ReportError> {
    let title = word("ISMAP 監査用標本", "Sample for an ISMAP audit").get(lang);
    let moment = data.run.ended.as_ref().unwrap_or(&data.run.started);
    let mut book = Book::new(title, moment)?;
    cover(
        &mut book.sheet(COVER.get(lang), Paper::A4)?,
        data,
        title,
        lang,
    )?;
    sample(&mut book, data, lang)?;
    populations(&mut book, data, lang)?;
    known(&mut book, data, lang)?;
    book.save(to)
}

/// Lines that a row is high at most: as high as Excel allows.
const LINES: usize = 36;
const COVER_COLUMNS: u16 = 9;
/// Characters on a line over all columns of the cover.
const ROOM: usize = 150;

fn cover(s: &mut Sheet<'_>, data: &SampleData, title: &str, lang: Lang) -> Result<(), ReportError> {
    s.widths([20.0, 44.0, 11.0, 11.0, 11.0, 11.0, 11.0, 12.0, 24.0])?;
    s.line(COVER_COLUMNS, Look::Title, title, 60)?;
    s.skip();
    if let Some(w) = warning(&data.population, lang) {
        s.line(COVER_COLUMNS, Look::Warning, &w, ROOM - 20)?;
        s.skip();
    }
    for (label, value) in facts(data, lang) {
        s.put(0, Look::Label, label.get(lang))?;
        s.span(1..=5, Look::Text, &value)?;
        let lines: usize = value.lines().map(|l| width(l).div_ceil(80).max(1)).sum();
        s.height(lines.max(1), Look::Text.points())?;
        s.next();
    }
    s.skip();
    s.line(
        COVER_COLUMNS,
        Look::Section,
        word("抽出", "Draws").get(lang),
        ROOM,
    )?;
    let heads = [
        word("抽出元", "Drawn for"),
        word("内容とルール", "Label and rules"),
        word("母集団", "Population"),
        word("対象外", "Not applicable"),
        word("抽出の枠", "Frame"),
        word("指定数", "Asked"),
        word("抽出数", "Drawn"),
        word("母集団の列挙", "Enumeration"),
        word("母集団の SHA-256", "SHA-256 of the population"),
    ];
    for (c, head) in (0_u16..).zip(heads) {
        s.put(c, Look::Head, head.get(lang))?;
    }
    s.next();
    for d in &data.draws {
        drawn(s, d, lang)?;
    }
    s.skip();
    s.line(
        COVER_COLUMNS,
        Look::Section,
        word("抽出の方法", "Method").get(lang),
        ROOM,
    )?;
    s.line(COVER_COLUMNS, Look::Note, METHOD.get(lang), ROOM)?;
    if !data.with_not_applicable {
        let note = word(
            "ルールの適用条件に当たらない対象(対象外)は母集団の一覧に含むが、抽出の枠には含めない。判定不能の対象は枠に含む。",
            "Members to which a rule does not apply are on the population list, but not in the frame. Members whose verdict is unknown are in the frame.",
        );
        s.line(COVER_COLUMNS, Look::Note, note.get(lang), ROOM)?;
    }
    s.line(COVER_COLUMNS, Look::Note, NO_CONCLUSION.get(lang), ROOM)
}

fn facts(data: &SampleData, lang: Lang) -> Vec<(Word, String)> {
    let run = &data.run;
    let ended = run.ended.as_deref().unwrap_or("-");
    let accounts: Vec<&str> = data.targets.iter().map(|t| t.account.as_str()).collect();
    let mut callers: Vec<&str> = data.targets.iter().map(|t| t.caller.id.as_str()).collect();
    callers.dedup();
    vec![
        (word("実行", "Run"), run.id.clone()),
        (
            word("ツール", "Tool"),
            format!("{} {}", run.tool, run.version),
        ),
        (
            word("管理基準の版", "Edition of the criteria"),
            run.edition.clone(),
        ),
        (word("走査の開始", "Scan started"), both_times(&run.started)),
        (word("走査の終了", "Scan ended"), both_times(ended)),
        (word("アカウント", "Accounts"), accounts.join(", ")),
        (word("照会を行った ID", "Callers"), callers.join("\n")),
        (word("乱数の種", "Seed"), data.seed.clone()),
        (
            word("列挙の状況", "Enumeration"),
            whole(data.population.complete).get(lang).to_owned(),
        ),
        (
            word("run.json の SHA-256", "SHA-256 of run.json"),
            data.run_sha256.clone(),
        ),
        (
            word("population.tsv の SHA-256", "SHA-256 of population.tsv"),
            data.population.sha256.clone(),
        ),
    ]
}

fn drawn(s: &mut Sheet<'_>, d: &Draw, lang: Lang) -> Result<(), ReportError> {
    let mut about = vec![d.label.get(lang).to_owned()];
    about.extend(d.rules.iter().map(|r| r.rule.clone()));
    let more = |w: Word, ids: &[String]| -> Vec<String> {
        ids.iter()
            .map(|id| format!("{}: {id}", w.get(lang)))
            .collect()
    };
    about.extend(more(
        word("走査に含まれない", "not part of the run"),
        &d.rules_not_run,
    ));
    about.extend(more(
        word("参考のため枠外", "context, not in the frame"),
        &d.context,
    ));
    about.retain(|l| !l.is_empty());
    let about = about.join("\n");
    s.put(0, Look::Text, &d.selector)?;
    s.put(1, Look::Text, &about)?;
    for (c, n) in (2_u16..).zip([d.population, d.not_applicable, d.frame, d.asked, d.drawn]) {
        s.number(c, n)?;
    }
    let look = if d.complete { Look::Good } else { Look::Bad };
    let state = format!(
        "{}\n{} / {}",
        whole(d.complete).get(lang),
        d.scopes_complete,
        d.scopes
    );
    s.put(7, look, &state)?;
    s.put(8, Look::Code, &d.sha256)?;
    let lines: usize = about.lines().map(|l| width(l).div_ceil(46).max(1)).sum();
    s.height(lines.max(3), Look::Text.points())?;
    s.next();
    Ok(())
}

fn sample(book: &mut Book, data: &SampleData, lang: Lang) -> Result<(), ReportError> {
    let warning = warning(&data.population, lang);
    let shape = Shape {
        name: SAMPLE.get(lang),
        paper: Paper::A3,
        pages: 2,
        kept: 3,
        columns: &COLUMNS,
        notes: warning.map(|w| (Look::Warning, w)).into_iter().collect(),
        choice: Some((TECHNIQUE, TECHNIQUES.map(|t| t.get(lang)).to_vec())),
        lines: LINES,
    };
    let rows = data.items.iter().map(|item| Ok(row(data, item, lang)));
    book.table(&shape, rows, lang)
}

/// The cells of an item as they look.
fn row(data: &SampleData, item: &Item, lang: Lang) -> Vec<Cell> {
    let texts = cells(data, item, lang).into_iter();
    let looks = COLUMNS.iter().zip(texts).map(|(column, text)| {
        if column.look == Look::Number {
            return Cell::Number(item.place);
        }
        match (column.head.en, item.finding.verdict) {
            ("Verdict", Verdict::Pass) => Cell::As(Look::Good, text),
            ("Verdict", Verdict::Fail) => Cell::As(Look::Bad, text),
            ("Verdict", Verdict::Unknown) => Cell::As(Look::Unseen, text),
            ("Population", _) if !item.complete => Cell::As(Look::Bad, text),
            _ => Cell::Text(text),
        }
    });
    looks.collect()
}

const POPULATIONS: [Column; 14] = [
    column("ルール", "Rule", 26.0, Look::Code),
    column("期待する設定", "Expected", 28.0, Look::Text),
    column("アカウント", "Account", 13.0, Look::Text),
    column("範囲", "Scope", 13.0, Look::Text),
    column("列挙数", "Enumerated", 8.0, Look::Number),
    column("期待どおり", "Pass", 8.0, Look::Number),
    column("相違", "Fail", 8.0, Look::Number),
    column("判定不能", "Unknown", 8.0, Look::Number),
    column("承認済み例外", "Excepted", 8.0, Look::Number),
    column("対象外", "Not applicable", 8.0, Look::Number),
    column("列挙", "Enumeration", 9.0, Look::Text),
    column("列挙できなかった理由", "Why not whole", 30.0, Look::Text),
    column("列挙した照会", "Query", 40.0, Look::Code),
    column("一覧の SHA-256", "SHA-256 of the list", 24.0, Look::Code),
];

fn populations(book: &mut Book, data: &SampleData, lang: Lang) -> Result<(), ReportError> {
    let rows = data.population.scopes.iter().map(|p| {
        let t = &p.tally;
        let mut row: Vec<Cell> = vec![
            t.rule.as_str().into(),
            p.title.get(lang).into(),
            t.account.as_str().into(),
            t.region.as_str().into(),
        ];
        let counts = [
            t.enumerated,
            t.pass,
            t.fail,
            t.unknown,
            t.excepted,
            t.not_applicable,
        ];
        row.extend(counts.map(Cell::Number));
        row.push(whole(t.complete).get(lang).into());
        row.push(gap_lines(&p.why, lang).into());
        let query: Vec<_> = p.query.iter().map(query).collect();
        row.push(query.join("\n").into());
        row.push(p.sha256.as_str().into());
        Ok(row)
    });
    let shape = plain(POPULATION.get(lang), Paper::A3, &POPULATIONS);
    book.table(&shape, rows, lang)
}

fn plain<'a>(name: &'a str, paper: Paper, columns: &'a [Column]) -> Shape<'a> {
    Shape {
        name,
        paper,
        pages: 1,
        kept: 1,
        columns,
        notes: Vec::new(),
        choice: None,
        lines: LINES,
    }
}

fn query(x: &Exchange) -> String {
    let params = serde_json::Value::Object(x.params.clone());
    format!("{} {} {params}\n  {}", x.id, x.call, both_times(&x.started))
}

const REACHED: [Column; 6] = [
    column("アカウント", "Account", 16.0, Look::Text),
    column("リージョン", "Region", 18.0, Look::Text),
    column("到達状況", "Reach", 20.0, Look::Text),
    column("完全な母集団", "Whole populations", 12.0, Look::Number),
    column("母集団", "Populations", 12.0, Look::Number),
    column("到達できなかった理由", "Why not reached", 60.0, Look::Text),
];

fn known(book: &mut Book, data: &SampleData, lang: Lang) -> Result<(), ReportError> {
    let mut shape = plain(KNOWN.get(lang), Paper::A4, &REACHED);
    if !data.population.regions_known {
        let note = word(
            "利用可能なリージョンの一覧は読み取れておらず、除外されたリージョンは分からない。",
            "The list of enabled regions was not seen: which were left out is not known.",
        );
        shape.notes.push((Look::Warning, note.get(lang).to_owned()));
    }
    let rows = data.population.known.iter().map(|k| {
        Ok(vec![
            k.account.as_str().into(),
            k.region.as_str().into(),
            reach_word(k.state).get(lang).into(),
            k.complete.into(),
            k.populations.into(),
            k.why.as_str().into(),
        ])
    });
    book.table(&shape, rows, lang)
}
