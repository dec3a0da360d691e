//! Pictures of black and white dots, as a thermal printer knows them.

/// A picture of black and white dots.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    black: Vec<bool>,
}

impl Picture {
    /// A white picture. One without width has no height either.
    pub fn white(width: usize, height: usize) -> Self {
        Self { width, black: vec![false; width * height] }
    }

    /// A picture from shades of grey, row by row from the top, 0 is black: an owner's logo. What is neither
    /// black nor white becomes a pattern that looks like it from afar. Nothing if the number of shades
    /// is not a multiple of the width.
    pub fn from_luma(width: usize, luma: &[u8]) -> Option<Self> {
        if width == 0 || luma.is_empty() || !luma.len().is_multiple_of(width) {
            return None;
        }
        let mut shades: Vec<i32> = luma.iter().copied().map(i32::from).collect();
        let mut picture = Self::white(width, luma.len() / width);
        for y in 0..picture.height() {
            for x in 0..width {
                let shade = shades[y * width + x];
                let black = shade < 128;
                picture.set(x, y, black);
                // Floyd and Steinberg: what a dot is too dark or too light, its neighbours make good.
                let error = shade - if black { 0 } else { 255 };
                let neighbours = [
                    (x.checked_add(1), y, 7),
                    (x.checked_sub(1), y + 1, 3),
                    (Some(x), y + 1, 5),
                    (Some(x + 1), y + 1, 1),
                ];
                for (x, y, share) in neighbours {
                    let Some(x) = x.filter(|x| *x < width) else { continue };
                    if let Some(shade) = shades.get_mut(y * width + x) {
                        *shade += error * share / 16;
                    }
                }
            }
        }
        Some(picture)
    }

    /// How many dots it is wide.
    pub fn width(&self) -> usize {
        self.width
    }

    /// How many dots it is high.
    pub fn height(&self) -> usize {
        self.black.len().checked_div(self.width).unwrap_or(0)
    }

    /// Whether there is black here; beside the picture all is white.
    pub fn is_black(&self, x: usize, y: usize) -> bool {
        x < self.width && self.black.get(y * self.width + x).copied().unwrap_or(false)
    }

    /// Blackens or whitens one dot; beside the picture nothing happens.
    pub fn set(&mut self, x: usize, y: usize, black: bool) {
        if x < self.width
            && let Some(dot) = self.black.get_mut(y * self.width + x)
        {
            *dot = black;
        }
    }

    /// Blackens a rectangle.
    pub fn fill(&mut self, left: usize, top: usize, width: usize, height: usize) {
        for y in top..top + height {
            for x in left..left + width {
                self.set(x, y, true);
            }
        }
    }

    /// Lays the black of another picture over this one.
    pub fn lay(&mut self, left: usize, top: usize, other: &Self) {
        for y in 0..other.height() {
            for x in 0..other.width {
                if other.is_black(x, y) {
                    self.set(left + x, top + y, true);
                }
            }
        }
    }

    /// So many of its rows, from this one on.
    pub fn rows(&self, top: usize, height: usize) -> Self {
        let (from, to) = (top.min(self.height()), (top + height).min(self.height()));
        Self { width: self.width, black: self.black[from * self.width..to * self.width].to_vec() }
    }

    /// Turned by a quarter, clockwise.
    pub fn turned(&self) -> Self {
        let mut turned = Self::white(self.height(), self.width);
        for y in 0..self.height() {
            for x in 0..self.width {
                turned.set(self.height() - 1 - y, x, self.is_black(x, y));
            }
        }
        turned
    }

    /// No wider and no higher than this, in the same shape. A dot of the smaller picture is black if
    /// half of what it stands for is.
    pub fn within(&self, width: usize, height: usize) -> Self {
        if self.width <= width && self.height() <= height {
            return self.clone();
        }
        let by_width = (width, self.height() * width / self.width.max(1));
        let by_height = (self.width * height / self.height().max(1), height);
        let (width, height) = if by_width.1 <= height { by_width } else { by_height };
        let mut small = Self::white(width.max(1), height.max(1));
        for y in 0..small.height() {
            for x in 0..small.width {
                let rows = y * self.height() / small.height()..((y + 1) * self.height() / small.height()).max(y + 1);
                let columns = x * self.width / small.width..((x + 1) * self.width / small.width).max(x + 1);
                let all = rows.len() * columns.len();
                let black =
                    rows.flat_map(|y| columns.clone().map(move |x| (x, y))).filter(|(x, y)| self.is_black(*x, *y));
                let black = black.count() * 2 >= all;
                small.set(x, y, black);
            }
        }
        small
    }

    /// Its rows packed to bytes, the leftmost dot in the highest bit, as printers take them.
    pub fn packed(&self) -> Vec<u8> {
        let row = |y| (0..self.width.div_ceil(8)).map(move |byte| self.byte(byte, y));
        (0..self.height()).flat_map(row).collect()
    }

    /// A picture from rows that were packed like that; nothing if they are not of this width.
    pub fn unpacked(width: usize, rows: &[u8]) -> Option<Self> {
        let row = width.div_ceil(8);
        if width == 0 || rows.is_empty() || !rows.len().is_multiple_of(row) {
            return None;
        }
        let dot = |row: &[u8], x: usize| row[x / 8] & (0x80 >> (x % 8)) != 0;
        Some(Self { width, black: rows.chunks(row).flat_map(|row| (0..width).map(move |x| dot(row, x))).collect() })
    }

    fn byte(&self, byte: usize, y: usize) -> u8 {
        (0..8).fold(0, |bits, bit| bits << 1 | u8::from(self.is_black(byte * 8 + bit, y)))
    }

    /// Its shades row by row, 0 is black, as readers of codes take them.
    pub fn luma(&self) -> Vec<u8> {
        self.black.iter().map(|black| if *black { 0 } else { 255 }).collect()
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} x {})", self.width, self.height())
    }
}
