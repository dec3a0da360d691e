//! Letters for pictures of what a thermal printer prints: Spleen by Frederic Cambus, cut down to ASCII.

use std::collections::HashMap;

use slip::raster::Picture;

/// The usual letters, 12 dots wide, and the narrow ones, 9 dots wide.
pub struct Font {
    usual: HashMap<char, Picture>,
    narrow: HashMap<char, Picture>,
}

impl Font {
    pub fn spleen() -> Self {
        let usual = read(include_str!("../spleen/12x24.bdf"), 12, 0);
        Self { usual, narrow: read(include_str!("../spleen/8x16.bdf"), 9, 4) }
    }

    /// A letter; a frame for what is not in the font.
    pub fn letter(&self, letter: char, narrow: bool) -> Picture {
        let (font, width) = if narrow { (&self.narrow, 9) } else { (&self.usual, 12) };
        font.get(&letter).cloned().unwrap_or_else(|| {
            let mut frame = Picture::white(width, 24);
            for (x, y, wide, high) in
                [(1, 4, width - 3, 1), (1, 18, width - 3, 1), (1, 4, 1, 15), (width - 3, 4, 1, 15)]
            {
                frame.fill(x, y, wide, high);
            }
            frame
        })
    }
}

fn read(bdf: &str, width: usize, top: usize) -> HashMap<char, Picture> {
    let glyphs = bdf.split("STARTCHAR").skip(1);
    let read = |glyph: &str| {
        let code = glyph.split("ENCODING ").nth(1)?.lines().next()?.parse().ok()?;
        let rows: Vec<&str> = glyph.split("BITMAP\n").nth(1)?.lines().take_while(|row| *row != "ENDCHAR").collect();
        let mut picture = Picture::white(width, 24);
        for (y, row) in rows.iter().enumerate() {
            let bits = u32::from_str_radix(row, 16).ok()? << (32 - 4 * row.len());
            for x in (0..width).filter(|x| bits & (1 << (31 - x)) != 0) {
                picture.set(x, y + top, true);
            }
        }
        Some((char::from_u32(code)?, picture))
    };
    glyphs.filter_map(read).collect()
}
