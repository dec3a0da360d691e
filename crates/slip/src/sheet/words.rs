//! Blocks that are words, each as a row across the column.
//!
//! Sizes are steps on one scale, and everything hangs on it, so that a paper with more on it is drawn smaller
//! as a whole.

use super::{
    Ink, Part, Role,
    face::{CAPITALS, Face, Line},
    figures,
    measures::Measures,
};
use crate::{Align, Block, Pair, Size};

/// Something across the whole column, with its place counted from its own top.
pub(super) struct Row {
    pub above: f32,
    pub height: f32,
    pub below: f32,
    pub parts: Vec<Part>,
}

pub(super) fn rows(blocks: &[Block], page: &Measures, scale: f32) -> Vec<Row> {
    blocks.iter().flat_map(|block| row(block, page, scale)).collect()
}

// The scale of sizes, in millimetres on A6.
const SMALL: f32 = 2.5;
const NORMAL: f32 = 3.2;
const STRONG: f32 = 3.6;
const HEADING: f32 = 4.8;
const LARGE: f32 = 6.4;
const TITLE: f32 = 5.2;
const AMOUNT: f32 = 10.0;
const CODE: f32 = 10.0;
/// From here on a code is better set on two lines.
const CODE_ON_ONE_LINE: f32 = 6.8;
/// Between two groups of a code, as a part of its size.
const GAP: f32 = 0.45;
const LEADING: f32 = 1.32;

fn row(block: &Block, page: &Measures, scale: f32) -> Vec<Row> {
    let one = |row: Row| vec![row];
    match block {
        Block::Picture(picture) => one(figures::logo(picture, page, scale)),
        Block::Title(text) => {
            lines(Role::Title, Face::Bold.wrap(TITLE * scale, text, page.column), page, Align::Centre, 3.4 * scale)
        }
        Block::Mark(text) => one(mark(text, page, scale)),
        Block::Heading(text) => {
            let size = HEADING * scale;
            lines(Role::Heading, Face::Bold.wrap(size, text, page.column), page, Align::Centre, 4.2 * scale)
        }
        Block::Text(text) => {
            let size = scale
                * match text.size {
                    Size::Small => SMALL,
                    Size::Normal => NORMAL,
                    Size::Large => LARGE,
                };
            let face = if text.strong { Face::Bold } else { Face::Regular };
            lines(Role::Words, set(face, size, &text.text, page.column), page, text.align, 0.62 * size)
        }
        Block::Pair(pair) => one(self::pair(pair, page, scale)),
        Block::Amount(text) => {
            let line = Face::Bold.fitted(AMOUNT * scale, text, page.column);
            lines(Role::Words, vec![line], page, Align::Centre, 4.2 * scale)
        }
        Block::Code(groups) => one(code(groups, page, scale)),
        Block::Bars(bars) => figures::bars(bars, page, scale).into_iter().collect(),
        Block::Qr(qr) => one(figures::qr(qr, page, scale)),
        Block::Steps(steps) => {
            steps.iter().enumerate().map(|(index, step)| self::step(index + 1, step, page, scale)).collect()
        }
        Block::Rule => one(rule(page, scale)),
        Block::Blank(text) => one(blank(text, page, scale)),
        // Where it is cut decides who draws the stub; the ruler is for printers that have dots.
        Block::Tear | Block::Ruler => Vec::new(),
    }
}

/// A name like an order's is not broken where it is only a little too long.
fn set(face: Face, size: f32, text: &str, column: f32) -> Vec<Line> {
    let whole = face.fitted(size, text, column);
    if whole.size >= size * 0.75 && !text.contains(' ') { vec![whole] } else { face.wrap(size, text, column) }
}

/// The inked height of a line is from the top of its capitals to its baseline; rows are placed by it, so
/// that distances are those the eye sees.
fn ink(line: Line, left: f32, top: f32) -> Ink {
    let baseline = top + CAPITALS * line.size;
    Ink::Words { line, left, baseline, white: false }
}

fn lines(role: Role, lines: Vec<Line>, page: &Measures, align: Align, apart: f32) -> Vec<Row> {
    let Some(size) = lines.first().map(|line| line.size) else { return Vec::new() };
    let leading = size * LEADING;
    let height = CAPITALS * size + leading * (lines.len() - 1) as f32;
    let place = |(index, line): (usize, Line)| {
        let left = match align {
            Align::Left => page.left,
            Align::Centre => page.left + (page.column - line.width) / 2.0,
        };
        ink(line, left, leading * index as f32)
    };
    let ink = lines.into_iter().enumerate().map(place).collect();
    vec![Row { above: apart, height, below: apart, parts: vec![Part { role, ink }] }]
}

fn mark(text: &str, page: &Measures, scale: f32) -> Row {
    let size = HEADING * scale;
    let line = Face::Bold.fitted(size, text, page.column - 4.0 * scale);
    let height = 2.0 * size * CAPITALS + 1.2 * scale;
    let left = page.left + (page.column - line.width) / 2.0;
    let baseline = (height + CAPITALS * line.size) / 2.0;
    let box_ = Ink::Black { left: page.left, top: 0.0, width: page.column, height };
    let ink = vec![box_, Ink::Words { line, left, baseline, white: true }];
    Row { above: 3.0 * scale, height, below: 3.0 * scale, parts: vec![Part { role: Role::Words, ink }] }
}

/// Name at the left, value at the right; what is too long for its side goes on below itself.
fn pair(pair: &Pair, page: &Measures, scale: f32) -> Row {
    let size = scale * if pair.strong { STRONG } else { NORMAL };
    let gutter = size;
    let (name, value) = if pair.strong { (Face::Bold, Face::Bold) } else { (Face::Regular, Face::Columns) };
    let left_whole = name.set(size, &pair.left).width;
    let right_whole = value.set(size, &pair.right).width;
    // Whoever is shorter than half keeps to one line, and the other has the rest.
    let room = page.column - gutter;
    let left_room = left_whole.min((room - right_whole).max(room * 0.3));
    let left_lines = name.wrap(size, &pair.left, left_room + 0.01);
    let right_lines = value.wrap(size, &pair.right, room - left_room + 0.01);
    let leading = size * LEADING;
    let height = CAPITALS * size + leading * (left_lines.len().max(right_lines.len()).max(1) - 1) as f32;
    let mut drawn: Vec<Ink> = Vec::new();
    drawn.extend(left_lines.into_iter().enumerate().map(|(index, line)| ink(line, page.left, leading * index as f32)));
    drawn.extend(right_lines.into_iter().enumerate().map(|(index, line)| {
        let left = page.left + page.column - line.width;
        ink(line, left, leading * index as f32)
    }));
    let apart = 0.62 * size;
    Row { above: apart, height, below: apart, parts: vec![Part { role: Role::Words, ink: drawn }] }
}

/// On one line if that leaves it large, else on two of the same length.
fn code(groups: &[String], page: &Measures, scale: f32) -> Row {
    let line = |groups: &[String], size: f32| Face::Digits.set(size, &groups.join(" ")).with_gaps(GAP);
    let size = |rows: &[&[String]]| {
        let widest = rows.iter().map(|row| line(row, 1.0).width).fold(0.1, f32::max);
        (page.column / widest).min(CODE * scale)
    };
    let mut rows = vec![groups];
    if size(&rows) < CODE_ON_ONE_LINE * scale && groups.len() > 2 {
        rows = groups.chunks(groups.len().div_ceil(2)).collect();
    }
    let size = size(&rows);
    let leading = size * 1.15;
    let height = CAPITALS * size + leading * (rows.len().max(1) - 1) as f32;
    let place = |(index, groups): (usize, &[String])| {
        let line = line(groups, size);
        let left = page.left + (page.column - line.width) / 2.0;
        ink(line, left, leading * index as f32)
    };
    let ink = rows.into_iter().enumerate().map(place).collect();
    Row { above: 3.4 * scale, height, below: 4.0 * scale, parts: vec![Part { role: Role::Words, ink }] }
}

fn step(number: usize, text: &str, page: &Measures, scale: f32) -> Row {
    let size = NORMAL * scale;
    let indent = 1.5 * size;
    let leading = size * LEADING;
    let lines = Face::Regular.wrap(size, text, page.column - indent);
    let height = CAPITALS * size + leading * (lines.len().max(1) - 1) as f32;
    let mut drawn = vec![ink(Face::Bold.set(size, &format!("{number}.")), page.left, 0.0)];
    drawn.extend(
        lines.into_iter().enumerate().map(|(index, line)| ink(line, page.left + indent, leading * index as f32)),
    );
    let apart = 0.62 * size;
    let above = if number == 1 { 4.0 * scale } else { apart };
    Row { above, height, below: apart, parts: vec![Part { role: Role::Step, ink: drawn }] }
}

fn rule(page: &Measures, scale: f32) -> Row {
    let height = 0.25;
    let ink = vec![Ink::Black { left: page.left, top: 0.0, width: page.column, height }];
    let apart = 3.6 * scale;
    Row { above: apart, height, below: apart, parts: vec![Part { role: Role::Decoration, ink }] }
}

/// Room for a hand, a line, and what is written above it.
fn blank(text: &str, page: &Measures, scale: f32) -> Row {
    let width = page.column * 0.55;
    let room = 16.0 * scale;
    let size = SMALL * scale;
    let line = Ink::Black { left: page.left, top: room, width, height: 0.25 };
    let ink = vec![line, ink(Face::Regular.set(size, text), page.left, room + 1.4 * scale)];
    let height = room + 1.4 * scale + CAPITALS * size;
    Row { above: 0.0, height, below: size, parts: vec![Part { role: Role::Words, ink }] }
}
