//! A table of plain text for a terminal.

use crate::visible::{clip, pad, visible, width};

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
    /// never shortened.
    pub fn with_heads<S: AsRef<str>>(heads: impl IntoIterator<Item = S>) -> Self {
        Self::new(heads.into_iter().map(|h| {
            let h = h.as_ref();
            let (number, h) = h.strip_prefix('#').map_or((false, h), |h| (true, h));
            let (fixed, h) = h.strip_suffix('!').map_or((false, h), |h| (true, h));
            Column {
                head: h.to_owned(),
                align: if number { Align::Right } else { Align::Left },
                gives: !number && !fixed,
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
    /// for no limit (a pipe): then nothing is shortened.
    pub fn print(&self, columns: Option<usize>) -> String {
        let widths = self.widths(columns);
        let mut out = String::new();
        let heads: Vec<_> = self.columns.iter().map(|c| c.head.clone()).collect();
        if heads.iter().any(|h| !h.is_empty()) {
            self.line(&mut out, &heads, &widths);
        }
        for row in &self.rows {
            self.line(&mut out, row, &widths);
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
        let gaps = 2 * widths.len().saturating_sub(1) + self.indent;
        while widths.iter().sum::<usize>() + gaps > limit {
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

    fn line(&self, out: &mut String, cells: &[String], widths: &[usize]) {
        let mut line = " ".repeat(self.indent);
        for (i, (cell, &w)) in cells.iter().zip(widths).enumerate() {
            if i > 0 {
                line.push_str("  ");
            }
            let cell = clip(cell, w);
            if self.columns[i].align == Align::Right {
                line.push_str(&" ".repeat(w.saturating_sub(width(&cell))));
                line.push_str(&cell);
            } else {
                line.push_str(&pad(&cell, w));
            }
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
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
}
