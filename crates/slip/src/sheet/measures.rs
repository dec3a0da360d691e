//! How large a page is, and what stands where on it.

use super::{Format, Sheet};

/// What there is to draw on, in millimetres.
#[derive(Clone, Copy)]
pub(super) struct Measures {
    pub width: f32,
    pub height: Option<f32>,
    /// White on all sides. No office printer reaches closer to the edge than 4 mm.
    pub margin: f32,
    /// The column everything stands in.
    pub left: f32,
    pub column: f32,
    /// How much white is beside the column for certain: a page may be cut askew, a picture not.
    pub white: f32,
    /// How large letters are at most, against those on A6.
    pub scale: f32,
    /// How wide half of a narrow bar may be, the widest first.
    pub bars: &'static [f32],
    /// How wide a module of a QR is.
    pub module: f32,
    /// Places of bars are multiples of this, a dot of what it is drawn with.
    pub grid: f32,
    /// Above which line the paper is not cut, so that all of a shop's stubs are equally high.
    pub cut: f32,
}

impl Measures {
    pub fn of(format: Format) -> Self {
        match format {
            // Narrow bars of 0.25, 0.375 and 0.5 mm are two, three and four dots of a 203 dpi printer.
            Format::A6 => Self {
                width: 105.0,
                height: Some(148.0),
                margin: 6.0,
                left: 9.0,
                column: 87.0,
                white: 4.5,
                scale: 1.0,
                bars: &[0.25, 0.1875, 0.125],
                module: 0.5,
                grid: 0.125,
                cut: 0.0,
            },
            Format::A4 => Self {
                width: 210.0,
                height: Some(297.0),
                margin: 16.0,
                left: 35.0,
                column: 140.0,
                white: 17.5,
                scale: 1.5,
                bars: &[0.25, 0.1875, 0.125],
                module: 0.75,
                grid: 0.125,
                cut: 198.0,
            },
            Format::Picture => Self {
                width: 90.0,
                height: None,
                margin: 8.0,
                left: 5.0,
                column: 80.0,
                white: 5.0,
                scale: 1.0,
                bars: &[3.0 / Sheet::DOTS, 2.0 / Sheet::DOTS],
                module: 8.0 / Sheet::DOTS,
                grid: 1.0 / Sheet::DOTS,
                cut: 0.0,
            },
        }
    }

    /// Where the paper is cut: at the same place on every slip, if what is above and below lets it.
    pub fn cut(&self, height: f32, upper: f32, lower: f32) -> Option<f32> {
        let lowest = height - self.margin - lower - self.margin;
        let highest = self.margin + upper + self.margin;
        let wanted = if self.cut > 0.0 { self.cut.min(lowest) } else { lowest };
        (highest <= lowest).then_some(wanted.max(highest))
    }

    pub fn on_grid(&self, place: f32) -> f32 {
        (place / self.grid).round() * self.grid
    }
}
