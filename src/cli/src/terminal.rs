//! What is known of the terminal.

use std::io::IsTerminal;

/// Columns of standard output; `None` where it is no terminal.
pub fn columns() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    let columns = terminal_size::terminal_size().map(|(w, _)| usize::from(w.0));
    Some(columns.unwrap_or(80))
}

/// Whether colours are welcome on standard output.
pub fn colour() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Writes to standard output. Whoever reads may stop reading (`| head`): that
/// is no error of ours.
pub fn print(text: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    if let Err(e) = out.write_all(text.as_bytes()).and_then(|()| out.flush())
        && e.kind() != std::io::ErrorKind::BrokenPipe
    {
        eprintln!("shoseki: standard output: {e}");
        std::process::exit(crate::exit::Exit::Bug as i32);
    }
}
