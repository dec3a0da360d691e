//! From rows to pages.

use super::{
    Format, Page, Part, Sheet, figures,
    measures::Measures,
    words::{Row, rows},
};
use crate::{Align, Block, Paper, Size, Text};

/// Draws a paper: on one page, as large as it fits; what is too much for one goes on on the next.
pub(super) fn draw(paper: &Paper, format: Format) -> Sheet {
    let page = Measures::of(format);
    let sheet = |height, pages| Sheet {
        title: paper.title.clone(),
        language: paper.language,
        width: page.width,
        height,
        pages,
    };
    let blocks = match format {
        Format::Picture => paper.for_customer(),
        Format::A6 | Format::A4 => &paper.blocks,
    };
    let Some(height) = page.height else {
        let rows = rows(blocks, &page, page.scale);
        let height = tall(&rows) + 2.0 * page.margin;
        return sheet(height, vec![stack(rows, page.margin)]);
    };
    let (upper, lower) = match blocks.iter().position(|block| *block == Block::Tear) {
        Some(tear) => (&blocks[..tear], Some(&blocks[tear + 1..])),
        None => (blocks, None),
    };
    let room = height - 2.0 * page.margin;
    // Smaller and smaller until it is one piece of paper.
    let mut scale = page.scale;
    while scale >= SMALLEST {
        let upper = rows(upper, &page, scale);
        match lower.map(|lower| stub(lower, &page, scale)) {
            Some(stub) => {
                if let Some(cut) = page.cut(height, tall(&upper), stub.height) {
                    let mut parts = stack(upper, page.margin);
                    parts.push(figures::dashes(cut, page.width));
                    parts.extend(stub.at(cut + page.margin));
                    return sheet(height, vec![parts]);
                }
            }
            None if tall(&upper) <= room => return sheet(height, vec![stack(upper, page.margin)]),
            None => {}
        }
        scale *= 0.95;
    }
    // More than anybody can read on one: it goes on on the next, and the shop's part has a page of its own.
    let scale = page.scale * 0.75;
    let mut all = pages(rows(upper, &page, scale), page.margin, room);
    all.extend(lower.map(|lower| stub(lower, &page, scale).at(page.margin).collect()));
    sheet(height, all)
}

/// Letters smaller than this, against those on A6, nobody can read.
const SMALLEST: f32 = 0.62;

/// The distance between two rows is the larger one that either of them asks for.
fn gap(rows: &[Row], index: usize) -> f32 {
    let below = index.checked_sub(1).and_then(|before| rows.get(before)).map_or(0.0, |row| row.below);
    if index == 0 { 0.0 } else { rows.get(index).map_or(0.0, |row| row.above.max(below)) }
}

fn tall(rows: &[Row]) -> f32 {
    rows.iter().enumerate().map(|(index, row)| gap(rows, index) + row.height).sum()
}

fn stack(rows: Vec<Row>, top: f32) -> Page {
    pages(rows, top, f32::INFINITY).into_iter().flatten().collect()
}

fn pages(rows: Vec<Row>, top: f32, room: f32) -> Vec<Page> {
    let gaps: Vec<f32> = (0..rows.len()).map(|index| gap(&rows, index)).collect();
    let (mut pages, mut page, mut y) = (Vec::new(), Page::new(), 0.0);
    for (row, gap) in rows.into_iter().zip(gaps) {
        y += gap;
        if y + row.height > room && !page.is_empty() {
            pages.push(std::mem::take(&mut page));
            y = 0.0;
        }
        page.extend(moved(row.parts, 0.0, top + y));
        y += row.height;
    }
    pages.push(page);
    pages
}

fn moved(parts: Vec<Part>, right: f32, down: f32) -> impl Iterator<Item = Part> {
    parts.into_iter().map(move |part| Part {
        role: part.role,
        ink: part.ink.into_iter().map(|ink| ink.moved(right, down)).collect(),
    })
}

/// What the shop keeps: words at the left, the QR with what belongs to it at the right.
struct Stub {
    height: f32,
    parts: Vec<Part>,
}

impl Stub {
    fn at(self, top: f32) -> impl Iterator<Item = Part> {
        moved(self.parts, 0.0, top)
    }
}

fn stub(blocks: &[Block], page: &Measures, scale: f32) -> Stub {
    let qr = blocks.iter().position(|block| matches!(block, Block::Qr(_))).unwrap_or(blocks.len());
    let (words, beside) = blocks.split_at(qr);
    let right = 0.36 * page.column;
    let gutter = if beside.is_empty() { 0.0 } else { 0.06 * page.column };
    let column = if beside.is_empty() { page.column } else { page.column - right - gutter };
    let words_page = Measures { column, ..*page };
    let beside_page = Measures { left: page.left + column + gutter, column: right, ..*page };
    let words: Vec<Block> = words.iter().cloned().map(at_left).collect();
    let words = rows(&words, &words_page, scale);
    let beside = rows(beside, &beside_page, scale);
    let height = tall(&words).max(tall(&beside));
    let parts = stack(words, 0.0).into_iter().chain(stack(beside, 0.0)).collect();
    Stub { height, parts }
}

/// In a narrow column beside the QR, words in the middle would stand nowhere.
fn at_left(block: Block) -> Block {
    match block {
        Block::Text(text) => Block::Text(Text { align: Align::Left, ..text }),
        Block::Heading(text) => Block::Text(Text { text, size: Size::Small, align: Align::Left, strong: true }),
        other => other,
    }
}

#[cfg(test)]
mod tests;
