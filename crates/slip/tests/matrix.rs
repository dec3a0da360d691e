//! Every form of payment code, both stores, every paper and the picture: drawn as it comes out, and read by two
//! readers that know nothing of each other: rxing, and zbar, which is written in C. Pages are drawn by poppler, as
//! print systems do it, in black and white dots of 203 and of 300 dpi.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

use common::{ORDER, SLIP};
use rxing::{BarcodeFormat, helpers::detect_in_luma};
use slip::{
    Order, Scanning, Slip, Store,
    escpos::{Roll, printer},
    fit::Width,
    proof,
    raster::Picture,
    sheet::Format,
    symbol::Symbology,
};
use tempfile::TempDir;
use tiny_skia::Pixmap;

/// Every form that Midtrans' pages and SDKs show.
const CODES: [&str; 5] =
    ["578112341234", "25709650945026", "8127740588870520", "300063000630006300", "G7723491121852129730"];

/// What is to be read, by name of the picture.
type Expected = BTreeMap<String, BTreeSet<String>>;

#[test]
fn every_code_is_read_alike_by_two_readers_from_every_paper() {
    let folder = TempDir::new().unwrap();
    let mut expected = Expected::new();
    for code in CODES {
        for store in [Store::Indomaret, Store::Alfamart] {
            for symbology in [Symbology::Code39, Symbology::Code128] {
                // Code 128 is the owner's switch; one store shows that it is drawn as well.
                if symbology == Symbology::Code39 || store == Store::Indomaret {
                    draw(code, store, symbology, folder.path(), &mut expected);
                }
            }
        }
    }
    assert_eq!(expected.len(), CODES.len() * 3 * 8);
    let read: Expected = expected.keys().map(|name| (name.clone(), rxing(&folder.path().join(name)))).collect();
    assert_alike("rxing", &read, &expected);
    assert_alike("zbar", &zbar(folder.path(), expected.keys()), &expected);
}

/// Names only what is read otherwise.
fn assert_alike(reader: &str, read: &Expected, expected: &Expected) {
    let wrong: Vec<_> = expected.iter().filter(|(name, said)| read.get(*name) != Some(said)).collect();
    let found: Vec<_> = wrong.iter().map(|(name, _)| read.get(*name)).collect();
    assert!(wrong.is_empty(), "{reader} should have read {wrong:?} and read {found:?}");
}

/// Draws a slip in every way there is, proven before.
fn draw(code: &str, store: Store, symbology: Symbology, folder: &Path, expected: &mut Expected) {
    let slip = Slip { order: Order { code, store, ..ORDER }, scanning: Scanning { alfamart: true, symbology }, ..SLIP };
    let (paper, claim) = (slip.paper(), slip.claim());
    let bars = match symbology {
        Symbology::Code39 => format!("CODE-39:{code}"),
        Symbology::Code128 => format!("CODE-128:{code}"),
    };
    let both = BTreeSet::from([bars.clone(), format!("QR-Code:gerai:{}", ORDER.order_id)]);
    let name = format!("{code}-{store:?}-{symbology:?}");
    for width in [Width::Dots384, Width::Dots512, Width::Dots576] {
        let roll = Roll::new(width);
        let bytes = proof::on_roll(&paper, &roll, &claim).unwrap().into_inner();
        let printed = printer::print(&bytes, width).unwrap();
        let name = format!("{name}-{width:?}.pgm");
        fs::write(folder.join(&name), pgm(&printed.drawn(|_, narrow| Picture::white(if narrow { 9 } else { 12 }, 24))))
            .unwrap();
        expected.insert(name, both.clone());
    }
    for format in [Format::A6, Format::A4] {
        let pdf = folder.join(format!("{name}-{format:?}.pdf"));
        fs::write(&pdf, proof::on_page(&paper, format, &claim).unwrap().into_inner()).unwrap();
        let words = Command::new("pdftotext").arg("-raw").arg(&pdf).arg("-").output().unwrap().stdout;
        let words = String::from_utf8(words).unwrap().split_whitespace().collect::<String>();
        assert!(words.contains(code) && words.contains("Rp162.500"), "{words}");
        for dpi in ["203", "300"] {
            let name = format!("{name}-{format:?}-{dpi}");
            let mut poppler = Command::new("pdftoppm");
            poppler.args(["-mono", "-singlefile", "-r", dpi]).arg(&pdf).arg(folder.join(&name));
            assert!(poppler.status().unwrap().success());
            expected.insert(format!("{name}.pbm"), both.clone());
        }
    }
    let name = format!("{name}.png");
    fs::write(folder.join(&name), proof::as_picture(&paper, &claim).unwrap().into_inner()).unwrap();
    expected.insert(name, BTreeSet::from([bars]));
}

/// What rxing reads.
fn rxing(file: &Path) -> BTreeSet<String> {
    let (width, luma) = dots(file);
    let height = luma.len() as u32 / width;
    let read = |format| {
        let read = detect_in_luma(luma.clone(), width, height, Some(format)).ok()?;
        Some(read.getText().to_owned())
    };
    let formats = [
        (BarcodeFormat::CODE_39, "CODE-39"),
        (BarcodeFormat::CODE_128, "CODE-128"),
        (BarcodeFormat::QR_CODE, "QR-Code"),
    ];
    formats.into_iter().filter_map(|(format, name)| Some(format!("{name}:{}", read(format)?))).collect()
}

/// What zbar reads.
fn zbar<'a>(folder: &Path, names: impl Iterator<Item = &'a String>) -> Expected {
    let mut zbar = Command::new("zbarimg");
    zbar.current_dir(folder).args([
        "--quiet",
        "--xml",
        "-Sdisable",
        "-Scode39.enable",
        "-Scode128.enable",
        "-Sqrcode.enable",
    ]);
    let names: Vec<&String> = names.collect();
    let said = zbar.args(&names).output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let mut read: Expected = names.into_iter().map(|name| (name.clone(), BTreeSet::new())).collect();
    for source in said.split("<source href='").skip(1) {
        let name = source.split('\'').next().unwrap();
        for symbol in source.split("<symbol type='").skip(1) {
            let kind = symbol.split('\'').next().unwrap();
            let data = symbol.split("<![CDATA[").nth(1).unwrap().split("]]>").next().unwrap();
            read.get_mut(name).unwrap().insert(format!("{kind}:{data}"));
        }
    }
    read
}

/// A picture as the simplest file that both readers take.
fn pgm(picture: &Picture) -> Vec<u8> {
    // Paper goes on where the printer's head does not reach.
    let (width, height) = (picture.width() + 2 * EDGE, picture.height() + 2 * EDGE);
    let mut paper = Picture::white(width, height);
    paper.lay(EDGE, EDGE, picture);
    [format!("P5\n{width} {height}\n255\n").into_bytes(), paper.luma()].concat()
}

/// A paper's own edge, half of it, in dots.
const EDGE: usize = 16;

/// The dots of a picture, row by row, 0 is black.
fn dots(file: &Path) -> (u32, Vec<u8>) {
    let bytes = fs::read(file).unwrap();
    if bytes.starts_with(b"\x89PNG") {
        let pixels = Pixmap::decode_png(&bytes).unwrap();
        return (pixels.width(), pixels.pixels().iter().map(|pixel| pixel.green()).collect());
    }
    let mut words = bytes.split(|byte| byte.is_ascii_whitespace());
    let mut number = || std::str::from_utf8(words.next().unwrap()).unwrap().to_owned();
    let (kind, width, height): (String, usize, usize) =
        (number(), number().parse().unwrap(), number().parse().unwrap());
    if kind == "P5" {
        return (width as u32, bytes[bytes.len() - width * height..].to_vec());
    }
    let row = width.div_ceil(8);
    let rows = bytes[bytes.len() - row * height..].chunks(row);
    let luma =
        |row: &[u8]| (0..width).map(|x| if row[x / 8] & (0x80 >> (x % 8)) != 0 { 0 } else { 255 }).collect::<Vec<u8>>();
    (width as u32, rows.flat_map(luma).collect())
}
