use tiny_skia::{Color, FillRule, Paint, Pixmap, Transform};

use super::{Sheet, outlines::paths};

impl Sheet {
    /// Its first page as a picture, [`DOTS`](Self::DOTS) to a millimetre.
    pub fn png(&self) -> Vec<u8> {
        self.pixels(Self::DOTS).and_then(|pixels| pixels.encode_png().ok()).unwrap_or_default()
    }

    /// How many dots of a picture make a millimetre: a picture for a phone is 1440 dots wide, and bars lie on
    /// whole dots.
    pub const DOTS: f32 = 16.0;

    fn pixels(&self, dots: f32) -> Option<Pixmap> {
        let mut pixels = Pixmap::new((self.width * dots).round() as u32, (self.height * dots).round() as u32)?;
        pixels.fill(Color::WHITE);
        let (black, white) = paths(self.pages.first()?);
        for (path, color) in [(black, Color::BLACK), (white, Color::WHITE)] {
            let paint = Paint { shader: tiny_skia::Shader::SolidColor(color), ..Paint::default() };
            if let Some(path) = path {
                pixels.fill_path(&path, &paint, FillRule::Winding, Transform::from_scale(dots, dots), None);
            }
        }
        Some(pixels)
    }
}
