use tiny_skia::{Color, FillRule, Paint, Pixmap, Transform};

use super::{Sheet, outlines::paths};

impl Sheet {
    /// Its first page as a picture, [`DOTS`](Self::DOTS) to a millimetre.
    pub fn png(&self) -> Vec<u8> {
        let Some(pixels) = self.pixels(0, Self::DOTS) else { return Vec::new() };
        let shades: Vec<u8> = pixels.pixels().iter().map(|pixel| pixel.green()).collect();
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, pixels.width(), pixels.height());
        encoder.set_color(png::ColorType::Grayscale);
        // Writing into memory fails for nothing but a wrong size, and that is the one it has.
        let _ = encoder.write_header().and_then(|mut written| written.write_image_data(&shades));
        file
    }

    /// How many dots of a picture make a millimetre: a picture for a phone is 1440 dots wide, and bars lie on
    /// whole dots.
    pub const DOTS: f32 = 16.0;

    pub(super) fn pixels(&self, page: usize, dots: f32) -> Option<Pixmap> {
        let mut pixels = Pixmap::new((self.width * dots).round() as u32, (self.height * dots).round() as u32)?;
        pixels.fill(Color::WHITE);
        let (black, white) = paths(self.pages.get(page)?);
        for (path, color) in [(black, Color::BLACK), (white, Color::WHITE)] {
            let paint = Paint { shader: tiny_skia::Shader::SolidColor(color), ..Paint::default() };
            if let Some(path) = path {
                pixels.fill_path(&path, &paint, FillRule::Winding, Transform::from_scale(dots, dots), None);
            }
        }
        Some(pixels)
    }
}
