//! What a scan tells while it runs, on standard error.

use crate::args::{Common, Format};
use crate::lang;
use indicatif::{ProgressBar, ProgressStyle};
use shoseki_collect::Plan;
use shoseki_model::Lang;
use std::io::IsTerminal;
use std::time::Duration;

/// A bar on a terminal, one line a phase elsewhere.
#[derive(Clone)]
pub struct Progress {
    lang: Lang,
    bar: Option<ProgressBar>,
    lines: bool,
}

impl Progress {
    /// `format` json and `--quiet` keep standard error to errors.
    pub fn new(common: &Common, format: Format) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = (terminal && !common.quiet).then(|| {
            let bar = ProgressBar::new(0);
            if let Ok(style) =
                ProgressStyle::with_template("{spinner} {bar:20} {pos}/{len} {wide_msg}")
            {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self {
            lang: lang::of(common),
            bar,
            lines: !terminal && !common.quiet && format == Format::Text,
        }
    }

    fn say(&self, ja: String, en: String) {
        let text = match self.lang {
            Lang::Ja => ja,
            Lang::En => en,
        };
        match &self.bar {
            Some(bar) => bar.set_message(text),
            None if self.lines => eprintln!("{text}"),
            None => {}
        }
    }

    /// Signing in.
    pub fn phase_sign_in(&self) {
        self.say("サインイン中".into(), "signing in".into());
    }

    /// Reading begins.
    pub fn phase_read(&self, accounts: usize, plan: &Plan) {
        let (a, t, c) = (accounts, plan.types.len(), plan.calls().len());
        self.say(
            format!("読取り中: アカウント {a}、種別 {t}、操作 {c}"),
            format!("reading: {a} account(s), {t} types, {c} operations"),
        );
    }

    /// How far reading has come.
    pub fn read(&self, p: shoseki_collect::Progress, resources: u64, gaps: u64) {
        let Some(bar) = &self.bar else { return };
        bar.set_length(p.of as u64);
        bar.set_position(p.done as u64);
        bar.set_message(match self.lang {
            Lang::Ja => format!("照会 {} リソース {resources} 未取得 {gaps}", p.requests),
            Lang::En => format!("{} calls, {resources} resources, {gaps} gaps", p.requests),
        });
    }

    /// Reading is over.
    pub fn phase_judge(&self, resources: u64, gaps: u64) {
        self.say(
            format!("判定と報告: リソース {resources}、読み取れなかったもの {gaps}"),
            format!("judging and reporting: {resources} resources, {gaps} gaps"),
        );
    }

    /// Nothing more to tell.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
