//! What the workbook library says as it panics, for our own error instead of standard
//! error.

use std::panic::PanicHookInfo;
use std::sync::{Mutex, Once, PoisonError};

/// The library, as the path of its sources names it.
const LIBRARY: &str = "rust_xlsxwriter";

static SAID: Mutex<Option<String>> = Mutex::new(None);

/// Hears the library's panics, in whatever thread it works.
pub(super) struct Heard(());

/// From now on panics of the library are kept and not printed; all others are printed
/// as ever.
pub(super) fn listen() -> Heard {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !keep(info) {
                others(info);
            }
        }));
    });
    drop(taken());
    Heard(())
}

fn taken() -> Option<String> {
    SAID.lock().unwrap_or_else(PoisonError::into_inner).take()
}

impl Heard {
    /// What was said first.
    pub(super) fn said(&self) -> Option<String> {
        taken().map(|s| plain(&s))
    }
}

fn keep(info: &PanicHookInfo<'_>) -> bool {
    let own = info.location().is_some_and(|l| l.file().contains(LIBRARY));
    if own {
        let said = info.payload_as_str().unwrap_or_default().to_owned();
        let mut kept = SAID.lock().unwrap_or_else(PoisonError::into_inner);
        // Threads that wait for one that panicked panic too.
        kept.get_or_insert(said);
    }
    own
}

/// `Couldn't write: Os { code: 28, … }` in the system's own words.
fn plain(said: &str) -> String {
    let code = said.split("Os { code: ").nth(1);
    let code = code.and_then(|c| c.split(',').next()?.parse().ok());
    match code {
        Some(code) => std::io::Error::from_raw_os_error(code).to_string(),
        None => said.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_says_what_failed() {
        let said = "Couldn't write to xml file: Os { code: 28, kind: StorageFull, message: \"x\" }";
        assert!(plain(said).contains("28"), "{}", plain(said));
        assert_eq!(plain("a sheet"), "a sheet");
    }
}
