//! The language of what people read.

use crate::args::Common;
use shoseki_model::Lang;

/// `--lang`, else the locale: Japanese where it says so, English otherwise.
pub fn of(common: &Common) -> Lang {
    if let Some(l) = common.lang {
        return l.into();
    }
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|k| std::env::var(k).ok().filter(|v| !v.is_empty()));
    match locale {
        Some(l) if l.starts_with("ja") => Lang::Ja,
        _ => Lang::En,
    }
}

/// The one of two texts that is in `lang`.
pub fn pick<'a>(lang: Lang, ja: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Ja => ja,
        Lang::En => en,
    }
}
