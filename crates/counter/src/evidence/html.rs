/// A page as it grows. Names of elements are ours and known beforehand; whatever else is put in is
/// text and can be nothing but text.
#[derive(Default)]
pub(super) struct Html(String);

impl Html {
    /// An element with what `inside` puts into it. `tag` may carry a class: `p.soft`.
    pub fn within(&mut self, tag: &'static str, inside: impl FnOnce(&mut Self)) {
        let (name, class) = tag.split_once('.').unwrap_or((tag, ""));
        self.0.push('<');
        self.0.push_str(name);
        if !class.is_empty() {
            self.0.push_str(" class=\"");
            self.0.push_str(class);
            self.0.push('"');
        }
        self.0.push('>');
        inside(self);
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
        if name != "b" {
            // Within a sentence a line break would be a space.
            self.0.push('\n');
        }
    }

    /// An element with nothing but a text.
    pub fn say(&mut self, tag: &'static str, text: &str) {
        self.within(tag, |html| html.text(text));
    }

    /// Text, whoever wrote it.
    pub fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '\n' | '\t' => self.0.push(c),
                '\r' => {}
                // These would show the page in another order than it is written in, or not at all.
                '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                    self.0.push_str(&format!("[U+{:04X}]", u32::from(c)));
                }
                c if c.is_control() => self.0.push_str(&format!("[U+{:04X}]", u32::from(c))),
                c => self.0.push(c),
            }
        }
    }

    /// Markup of our own.
    pub fn ours(&mut self, markup: &'static str) {
        self.0.push_str(markup);
    }

    /// The whole page.
    pub fn finish(self) -> String {
        self.0
    }
}
