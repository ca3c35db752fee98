//! A table of plain text for a terminal.

use crate::visible::{clip, fold, pad, visible, width};

/// Where the text of a column stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// Words.
    #[default]
    Left,
    /// Numbers.
    Right,
}

/// One column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// Its head.
    pub head: String,
    /// Where its text stands.
    pub align: Align,
    /// Whether it gives way when the table is too wide.
    pub gives: bool,
    /// Whether it goes on in further lines instead; only the last column can.
    pub wraps: bool,
}

/// Rows under heads, columns two spaces apart. Characters that steer a terminal
/// are shown, full-width characters are measured as two columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
    indent: usize,
}

impl Table {
    /// A table with these columns.
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        Self {
            columns: columns.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Columns of words from their heads, for example `["id!", "title", "#rules"]`:
    /// `#` before a head stands for numbers, `!` after it for a column that is
    /// never shortened, `~` after the last for one that goes on in further lines.
    pub fn with_heads<S: AsRef<str>>(heads: impl IntoIterator<Item = S>) -> Self {
        Self::new(heads.into_iter().map(|h| {
            let h = h.as_ref();
            let (number, h) = h.strip_prefix('#').map_or((false, h), |h| (true, h));
            let (fixed, h) = h.strip_suffix('!').map_or((false, h), |h| (true, h));
            let (wraps, h) = h.strip_suffix('~').map_or((false, h), |h| (true, h));
            Column {
                head: h.to_owned(),
                align: if number { Align::Right } else { Align::Left },
                gives: !number && !fixed && !wraps,
                wraps,
            }
        }))
    }

    /// Spaces before every line.
    pub fn indent(mut self, spaces: usize) -> Self {
        self.indent = spaces;
        self
    }

    /// Adds a row; missing cells are empty, surplus ones are dropped.
    pub fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        let mut row: Vec<String> = cells
            .into_iter()
            .map(|c| visible(c.as_ref()).into_owned())
            .collect();
        row.resize(self.columns.len(), String::new());
        self.rows.push(row);
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The text, each line ended. `columns` is the width of the terminal, `None`
    /// for no limit (a pipe): then nothing is shortened and each row is one line.
    pub fn print(&self, columns: Option<usize>) -> String {
        let mut widths = self.widths(columns);
        let wrap = columns.and_then(|limit| self.wrap(limit, &widths));
        if let (Some(limit), Some(Wrap { below: true, .. })) = (columns, wrap) {
            self.stand_closer(&mut widths, limit);
        }
        let mut out = String::new();
        let heads: Vec<_> = self.columns.iter().map(|c| c.head.clone()).collect();
        if heads.iter().any(|h| !h.is_empty()) {
            self.line(&mut out, &heads, &widths, wrap);
        }
        for row in &self.rows {
            self.line(&mut out, row, &widths, wrap);
        }
        out
    }

    fn widths(&self, limit: Option<usize>) -> Vec<usize> {
        let mut widths: Vec<usize> = self
            .columns
            .iter()
            .enumerate()
            .map(|(i, c)| {
                let cells = self.rows.iter().filter_map(|r| r.get(i)).map(|c| width(c));
                cells.max().unwrap_or(0).max(width(&c.head))
            })
            .collect();
        let Some(limit) = limit else { return widths };
        // What goes on in further lines asks for little.
        let asks = |i: usize, w: usize| match self.columns[i].wraps {
            true => w.min(ROOM),
            false => w,
        };
        let gaps = 2 * widths.len().saturating_sub(1) + self.indent;
        while widths
            .iter()
            .enumerate()
            .map(|(i, w)| asks(i, *w))
            .sum::<usize>()
            + gaps
            > limit
        {
            // The widest of the columns that give way loses one.
            let widest = (0..widths.len())
                .filter(|&i| self.columns[i].gives && widths[i] > 8)
                .max_by_key(|&i| widths[i]);
            match widest {
                Some(i) => widths[i] -= 1,
                None => break,
            }
        }
        widths
    }

    /// Where the last column begins and how wide it may be, if it goes on in further
    /// lines and is too wide: beside the others where that leaves room, below them
    /// elsewhere.
    fn wrap(&self, limit: usize, widths: &[usize]) -> Option<Wrap> {
        let (own, others) = widths.split_last()?;
        let last = self.columns.last().filter(|c| c.wraps)?;
        let begins = self.indent + others.iter().sum::<usize>() + 2 * others.len();
        if begins + own <= limit {
            return None;
        }
        let room = limit.saturating_sub(begins);
        Some(if room >= ROOM.max(width(&last.head)) {
            Wrap {
                begins,
                room,
                below: false,
            }
        } else {
            let begins = self.indent + 4;
            let room = limit.saturating_sub(begins).max(8);
            Wrap {
                begins,
                room,
                below: true,
            }
        })
    }

    /// With the last column below the others, these need not be as wide as their
    /// widest cell: a cell that is wider moves what follows it.
    fn stand_closer(&self, widths: &mut [usize], limit: usize) {
        let Some((_, others)) = widths.split_last_mut() else {
            return;
        };
        let gaps = 2 * others.len().saturating_sub(1) + self.indent;
        while others.iter().sum::<usize>() + gaps > limit {
            match others.iter_mut().max() {
                Some(w) if *w > 8 => *w -= 1,
                _ => return,
            }
        }
    }

    fn line(&self, out: &mut String, cells: &[String], widths: &[usize], wrap: Option<Wrap>) {
        let mut line = " ".repeat(self.indent);
        let mut more: Vec<String> = Vec::new();
        let mut over = 0;
        for (i, (cell, &w)) in cells.iter().zip(widths).enumerate() {
            let wrapped = wrap.filter(|_| self.columns[i].wraps);
            if let Some(wrap) = wrapped {
                more = fold(cell, wrap.room);
                if wrap.below || more.is_empty() {
                    continue;
                }
            }
            if i > 0 {
                line.push_str("  ");
            }
            let cell = match wrapped {
                Some(_) => more.remove(0),
                None if !self.columns[i].gives => cell.clone(),
                None => clip(cell, w),
            };
            let mut w = w;
            if let Some(Wrap {
                begins,
                room,
                below: true,
            }) = wrap
            {
                // What a wide cell took is given back by those after it.
                let stands = w.saturating_sub(over).max(width(&cell));
                over = over + stands - w;
                w = stands;
                if i > 0 && width(&line) + w > begins + room {
                    out.push_str(line.trim_end());
                    out.push('\n');
                    (line, w, over) = (" ".repeat(begins), 0, 0);
                }
            }
            if self.columns[i].align == Align::Right {
                line.push_str(&" ".repeat(w.saturating_sub(width(&cell))));
                line.push_str(&cell);
            } else {
                line.push_str(&pad(&cell, w));
            }
        }
        out.push_str(line.trim_end());
        out.push('\n');
        for rest in more {
            let begins = wrap.map_or(0, |w| w.begins);
            out.push_str(&format!("{}{rest}\n", " ".repeat(begins)));
        }
    }
}

/// Columns that a column which goes on in further lines has at least, beside others.
const ROOM: usize = 24;

/// A last column in further lines.
#[derive(Clone, Copy)]
struct Wrap {
    begins: usize,
    room: usize,
    below: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_give_way() {
        let mut t = Table::with_heads(["id!", "題名", "#数"]).indent(2);
        t.row(["aws.s3.x", "暗号化が有効である", "12"]);
        t.row(["b", "\u{1b}[2J", "3"]);
        assert_eq!(
            t.print(None),
            "  id        題名                数\n  aws.s3.x  暗号化が有効である  12\n  b         <U+001B>[2J          3\n"
        );
        let narrow = t.print(Some(26));
        assert!(narrow.lines().all(|l| width(l) <= 26), "{narrow}");
        assert!(narrow.contains("暗号化..."), "{narrow}");
    }

    #[test]
    fn the_last_column_goes_on_in_further_lines() {
        let mut t = Table::with_heads(["id!", "題名~"]);
        t.row(["aws.s3.x", "既定の暗号化が有効であり、鍵は利用者が管理する"]);
        t.row(["b", ""]);
        assert_eq!(t.print(None).lines().count(), 3);
        let beside = t.print(Some(36));
        assert_eq!(
            beside,
            "id        題名\naws.s3.x  既定の暗号化が有効であり、\n          鍵は利用者が管理する\nb\n"
        );
        let below = t.print(Some(30));
        assert_eq!(
            below,
            "id\n    題名\naws.s3.x\n    既定の暗号化が有効であり、\n    鍵は利用者が管理する\nb\n"
        );
        let mut wide = Table::with_heads(["id!", "#number", "#m", "why~"]);
        wide.row(["a", "1", "22", ""]);
        wide.row(["aaaaaaaaaaaaaaaaaaaaaaaa", "1", "22", "because"]);
        for columns in 31..36 {
            let text = wide.print(Some(columns));
            assert!(text.lines().all(|l| width(l) <= columns), "{text}");
            assert!(text.contains("1  22\n    because"), "{text}");
        }
        for columns in 20..60 {
            assert!(t.print(Some(columns)).lines().all(|l| width(l) <= columns));
        }
    }
}
