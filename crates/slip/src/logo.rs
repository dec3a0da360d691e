//! A shop's logo as its papers carry it: small, black and white, and nothing a till could scan.

use std::io::Cursor;

use png::{ColorType, Transformations};
use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use crate::{proof::Seen, raster::Picture};

/// Why a file cannot be a logo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoLogo {
    /// It is something else, or damaged.
    #[error("it is no PNG and no JPEG that can be read")]
    NotAPicture,
    /// More bytes or dots than any logo needs.
    #[error("it is larger than any logo")]
    TooLarge,
    /// All of it is white, or all of it is black.
    #[error("nothing is to be seen of it in black and white")]
    Blank,
    /// So small or so narrow that nobody would recognise it.
    #[error("it is too small or too narrow to be printed")]
    TooSmall,
    /// A till or a phone could scan it, and would take it for something of the slip's.
    #[error("there is a bar code or a QR on it")]
    HasCode,
}

impl Picture {
    /// How wide and how high a logo is at most, in dots: as wide as 58 mm paper prints, and 20 mm high.
    pub const LOGO: (usize, usize) = (384, 160);
    /// How many bytes a file may have that is to become one.
    pub const LOGO_BYTES: usize = 8 << 20;

    /// A logo from a file that is a PNG or a JPEG: without its white margin, as large as papers carry it.
    pub fn logo(file: &[u8]) -> Result<Self, NoLogo> {
        if file.len() > Self::LOGO_BYTES {
            return Err(NoLogo::TooLarge);
        }
        let shades = if file.starts_with(b"\x89PNG") { of_png(file) } else { of_jpeg(file) }?;
        let shades = shades.without_margin().ok_or(NoLogo::Blank)?.within(Self::LOGO);
        if shades.width < SMALLEST || shades.height() < SMALLEST {
            return Err(NoLogo::TooSmall);
        }
        let logo = Self::from_luma(shades.width, &shades.luma).ok_or(NoLogo::NotAPicture)?;
        let black = logo.luma().into_iter().filter(|shade| *shade == 0).count();
        if black == 0 || black == logo.width() * logo.height() {
            return Err(NoLogo::Blank);
        }
        let mut seen = Seen::default();
        // A reader wants white around what it reads, as there is on paper.
        let mut on_paper = Self::white(logo.width() + 2 * MARGIN, logo.height() + 2 * MARGIN);
        on_paper.lay(MARGIN, MARGIN, &logo);
        seen.scan(&on_paper);
        if seen.bars.is_empty() && seen.qrs.is_empty() { Ok(logo) } else { Err(NoLogo::HasCode) }
    }
}

/// More dots than any camera's picture has.
const MOST_DOTS: usize = 50_000_000;
/// Two millimetres.
const SMALLEST: usize = 16;
/// The edge of the paper.
const MARGIN: usize = 40;
/// Paper that was photographed or compressed is never quite white, and ink never quite black.
const ALMOST: u8 = 24;

/// A picture in shades of grey, row by row, 0 is black.
struct Shades {
    width: usize,
    luma: Vec<u8>,
}

fn of_png(file: &[u8]) -> Result<Shades, NoLogo> {
    let mut decoder = png::Decoder::new(Cursor::new(file));
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|_| NoLogo::NotAPicture)?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    if width.saturating_mul(height) > MOST_DOTS {
        return Err(NoLogo::TooLarge);
    }
    let size = reader.output_buffer_size().ok_or(NoLogo::TooLarge)?;
    let mut dots = vec![0; size];
    let frame = reader.next_frame(&mut dots).map_err(|_| NoLogo::NotAPicture)?;
    let dots = dots.get(..frame.buffer_size()).ok_or(NoLogo::NotAPicture)?;
    let luma = match frame.color_type {
        ColorType::Grayscale => dots.to_vec(),
        ColorType::GrayscaleAlpha => dots.chunks_exact(2).map(|dot| on_white(dot[0], dot[1])).collect(),
        ColorType::Rgb => dots.chunks_exact(3).map(grey).collect(),
        ColorType::Rgba => dots.chunks_exact(4).map(|dot| on_white(grey(dot), dot[3])).collect(),
        ColorType::Indexed => return Err(NoLogo::NotAPicture),
    };
    Ok(Shades { width, luma })
}

fn of_jpeg(file: &[u8]) -> Result<Shades, NoLogo> {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    decoder.decode_headers().map_err(|_| NoLogo::NotAPicture)?;
    let (width, height) = decoder.dimensions().ok_or(NoLogo::NotAPicture)?;
    if width.saturating_mul(height) > MOST_DOTS {
        return Err(NoLogo::TooLarge);
    }
    let dots = decoder.decode().map_err(|_| NoLogo::NotAPicture)?;
    Ok(Shades { width, luma: dots.chunks_exact(3).map(grey).collect() })
}

/// How bright a colour is to the eye.
fn grey(rgb: &[u8]) -> u8 {
    let [red, green, blue] = [rgb[0], rgb[1], rgb[2]].map(u32::from);
    ((299 * red + 587 * green + 114 * blue) / 1000) as u8
}

fn on_white(shade: u8, opaque: u8) -> u8 {
    let (shade, opaque) = (u32::from(shade), u32::from(opaque));
    ((shade * opaque + 255 * (255 - opaque)) / 255) as u8
}

impl Shades {
    fn height(&self) -> usize {
        self.luma.len() / self.width.max(1)
    }

    /// Nothing if all of it is white.
    fn without_margin(&self) -> Option<Self> {
        let row = |y: usize| &self.luma[y * self.width..(y + 1) * self.width];
        let ink = |shade: &u8| *shade < 255 - ALMOST;
        let top = (0..self.height()).find(|y| row(*y).iter().any(ink))?;
        let bottom = (0..self.height()).rfind(|y| row(*y).iter().any(ink))?;
        let left = (top..=bottom).filter_map(|y| row(y).iter().position(ink)).min()?;
        let right = (top..=bottom).filter_map(|y| row(y).iter().rposition(ink)).max()?;
        let luma = (top..=bottom).flat_map(|y| row(y)[left..=right].iter().copied()).collect();
        Some(Self { width: right - left + 1, luma })
    }

    /// No wider and no higher than this, in the same shape; what is almost white or black becomes so.
    fn within(&self, (width, height): (usize, usize)) -> Self {
        let (mine, tall) = (self.width, self.height());
        let (width, height) = if mine <= width && tall <= height {
            (mine, tall)
        } else if tall * width <= height * mine {
            (width, (tall * width / mine).max(1))
        } else {
            ((mine * height / tall).max(1), height)
        };
        let mut luma = Vec::with_capacity(width * height);
        for y in 0..height {
            let rows = y * tall / height..((y + 1) * tall / height).max(y * tall / height + 1);
            for x in 0..width {
                let columns = x * mine / width..((x + 1) * mine / width).max(x * mine / width + 1);
                let count = (rows.len() * columns.len()) as u64;
                let sum: u64 = rows
                    .clone()
                    .map(|y| {
                        self.luma[y * mine + columns.start..y * mine + columns.end]
                            .iter()
                            .map(|shade| u64::from(*shade))
                            .sum::<u64>()
                    })
                    .sum();
                luma.push(stretched((sum / count) as u8));
            }
        }
        Self { width, luma }
    }
}

fn stretched(shade: u8) -> u8 {
    let (shade, almost) = (u32::from(shade), u32::from(ALMOST));
    (shade.saturating_sub(almost) * 255 / (255 - 2 * almost)).min(255) as u8
}
