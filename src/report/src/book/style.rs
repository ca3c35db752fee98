//! The looks of cells.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

/// How a cell looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// The title of a sheet.
    Title,
    /// The title of a block.
    Section,
    /// A paragraph without borders.
    Note,
    /// Something that a reader must not miss.
    Warning,
    /// The name of a value beside it.
    Label,
    /// The head of a column.
    Head,
    /// The head of a column that people fill in.
    HeadInput,
    /// Text.
    Text,
    /// Ids and digests.
    Code,
    /// A number.
    Number,
    /// A verdict of things seen as expected.
    Good,
    /// A verdict of things seen otherwise.
    Bad,
    /// What was not seen.
    Unseen,
    /// For people to fill in.
    Input,
}

const LOOKS: [Look; 14] = [
    Look::Title,
    Look::Section,
    Look::Note,
    Look::Warning,
    Look::Label,
    Look::Head,
    Look::HeadInput,
    Look::Text,
    Look::Code,
    Look::Number,
    Look::Good,
    Look::Bad,
    Look::Unseen,
    Look::Input,
];

impl Look {
    /// Size of its letters in points.
    pub fn points(self) -> f64 {
        match self {
            Look::Title => 16.0,
            Look::Section => 11.0,
            Look::Code => 8.0,
            _ => 9.0,
        }
    }
}

/// Every look, once as it is and once for text that would become a formula if it
/// were typed again.
pub(super) struct Styles {
    plain: Vec<Format>,
    quoted: Vec<Format>,
}

impl Styles {
    pub(super) fn new(font: &str) -> Self {
        let plain: Vec<Format> = LOOKS.iter().map(|l| format(*l, font)).collect();
        let quoted = plain.iter().map(|f| f.clone().set_quote_prefix()).collect();
        Self { plain, quoted }
    }

    pub(super) fn of(&self, look: Look, quoted: bool) -> &Format {
        let all = if quoted { &self.quoted } else { &self.plain };
        let at = LOOKS.iter().position(|l| *l == look).unwrap_or(0);
        &all[at]
    }
}

fn format(look: Look, font: &str) -> Format {
    let base = Format::new()
        .set_font_name(font)
        .set_font_size(look.points())
        .set_align(FormatAlign::Top)
        .set_text_wrap();
    let edged = base
        .clone()
        .set_border(FormatBorder::Thin)
        .set_border_color(Color::RGB(0x00BF_BFBF));
    let filled = |f: Format, colour: u32| f.set_background_color(Color::RGB(colour));
    match look {
        Look::Title => base.set_bold(),
        Look::Section => base.set_bold().set_font_color(Color::RGB(0x001F_3864)),
        Look::Note => base,
        Look::Warning => filled(base, 0x00FC_E4E4)
            .set_bold()
            .set_font_color(Color::RGB(0x00B0_0020)),
        Look::Label => filled(edged, 0x00F2_F2F2).set_bold(),
        Look::Head => filled(edged, 0x001F_3864)
            .set_bold()
            .set_font_color(Color::White)
            .set_align(FormatAlign::VerticalCenter),
        Look::HeadInput => filled(edged, 0x00FF_E699)
            .set_bold()
            .set_align(FormatAlign::VerticalCenter),
        // 49 of Excel: text, so that nothing like a number loses its zeros.
        Look::Text => edged.set_num_format_index(49),
        Look::Code => edged.set_num_format_index(49),
        Look::Number => edged
            .set_num_format("#,##0")
            .set_align(FormatAlign::Right)
            .set_indent(1),
        Look::Good => filled(edged, 0x00E2_F0D9),
        Look::Bad => filled(edged, 0x00F8_CBAD).set_bold(),
        Look::Unseen => filled(edged, 0x00D9_D9D9).set_bold(),
        Look::Input => filled(edged, 0x00FF_FBE6).set_unlocked(),
    }
}
