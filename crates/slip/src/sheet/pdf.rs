use std::num::NonZeroU16;

use krilla::{
    Document, SerializeSettings,
    configure::{Accessibility, ConfigurationBuilder},
    destination::XyzDestination,
    geom::{PathBuilder, Point, Rect},
    metadata::Metadata,
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::Fill,
    surface::Surface,
    tagging::{Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, Node, SpanTag, Tag, TagGroup, TagTree},
    text::{Font, GlyphId, KrillaGlyph},
};

use super::{
    Ink, Part, Role, Sheet,
    face::{Face, Line},
};

/// Why there is no PDF: what was drawn does not keep to PDF/UA. A fault of ours, never of what is on it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the PDF does not keep to PDF/UA: {0}")]
pub struct NoPdf(String);

impl Sheet {
    /// A PDF with its fonts in it, and tagged as PDF/UA-1 asks, so that it can be read aloud.
    pub fn pdf(&self) -> Result<Vec<u8>, NoPdf> {
        let fault = |fault: &dyn std::fmt::Debug| NoPdf(format!("{fault:?}"));
        let configuration = ConfigurationBuilder::new()
            .with_accessibility_validator(Accessibility::UA1)
            .finish()
            .map_err(|e| fault(&e))?;
        let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
        let fonts = Fonts::new().ok_or_else(|| fault(&"fonts"))?;
        let mut tags = TagTree::new();
        for parts in &self.pages {
            let size = PageSettings::from_wh(points(self.width), points(self.height)).ok_or_else(|| fault(&"size"))?;
            let mut page = document.start_page_with(size);
            let mut surface = page.surface();
            let mut steps = TagGroup::new(Tag::L(ListNumbering::Decimal));
            for part in parts {
                if part.role != Role::Step && !steps.children.is_empty() {
                    tags.push(std::mem::replace(&mut steps, TagGroup::new(Tag::L(ListNumbering::Decimal))));
                }
                let drawn = draw(part, &mut surface, &fonts);
                match &part.role {
                    Role::Title => {
                        tags.push(TagGroup::with_children(Tag::Hn(NonZeroU16::MIN, Some(text(part))), drawn))
                    }
                    Role::Heading => {
                        tags.push(TagGroup::with_children(
                            Tag::Hn(NonZeroU16::MIN.saturating_add(1), Some(text(part))),
                            drawn,
                        ));
                    }
                    Role::Words => tags.push(TagGroup::with_children(Tag::P, drawn)),
                    Role::Figure(says) => {
                        tags.push(TagGroup::with_children(Tag::Figure(Some(says.clone())), drawn));
                    }
                    Role::Step => {
                        let mut drawn = drawn.into_iter();
                        let label = TagGroup::with_children(Tag::Lbl, drawn.by_ref().take(1).collect());
                        let body = TagGroup::with_children(Tag::LBody, drawn.collect());
                        steps.push(TagGroup::with_children(Tag::LI, vec![label.into(), body.into()]));
                    }
                    Role::Decoration => {}
                }
            }
            if !steps.children.is_empty() {
                tags.push(steps);
            }
            surface.finish();
            page.finish();
        }
        document.set_tag_tree(tags);
        // PDF/UA wants one even where there is nothing to choose.
        let mut outline = Outline::new();
        outline.push_child(OutlineNode::new(self.title.clone(), XyzDestination::new(0, Point::from_xy(0.0, 0.0))));
        document.set_outline(outline);
        document.set_metadata(
            Metadata::new()
                .title(self.title.clone())
                .language(self.language.code().to_owned())
                .creator("Gerai".to_owned())
                // Named by what it is, not by when it was made: the same paper is the same file.
                .document_id(self.title.clone()),
        );
        document.finish().map_err(|e| fault(&e))
    }
}

struct Fonts([Font; 3]);

impl Fonts {
    fn new() -> Option<Self> {
        let font = |face: Face| Font::new(face.bytes().into(), 0);
        Some(Self([font(Face::Regular)?, font(Face::Bold)?, font(Face::Digits)?]))
    }

    fn of(&self, face: Face) -> Font {
        let [regular, bold, digits] = &self.0;
        match face {
            Face::Regular | Face::Columns => regular,
            Face::Bold => bold,
            Face::Digits => digits,
        }
        .clone()
    }
}

fn points(millimetres: f32) -> f32 {
    millimetres * 72.0 / 25.4
}

/// What is read aloud for a part that is all words.
fn text(part: &Part) -> String {
    let words = part
        .ink
        .iter()
        .filter_map(|ink| if let Ink::Words { line, .. } = ink { Some(line.text.as_str()) } else { None });
    words.collect::<Vec<_>>().join(" ")
}

/// Draws a part, and names each piece of it that is read.
fn draw(part: &Part, surface: &mut Surface<'_>, fonts: &Fonts) -> Vec<Node> {
    let figure = matches!(part.role, Role::Figure(_));
    let mut read: Vec<Identifier> = Vec::new();
    // Many rectangles are one path: bars and squares have no seams then.
    let mut black = PathBuilder::new();
    for ink in &part.ink {
        if let Ink::Black { left, top, width, height } = ink
            && let Some(rect) = Rect::from_xywh(points(*left), points(*top), points(*width), points(*height))
        {
            black.push_rect(rect);
        }
    }
    if let Some(path) = black.finish() {
        let tag =
            if figure { ContentTag::Other } else { ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)) };
        let name = surface.start_tagged(tag);
        surface.set_fill(Some(fill(false)));
        surface.draw_path(&path);
        surface.end_tagged();
        read.extend(figure.then_some(name));
    }
    for ink in &part.ink {
        if let Ink::Words { line, left, baseline, white } = ink {
            let name = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
            surface.set_fill(Some(fill(*white)));
            let start = Point::from_xy(points(*left), points(*baseline));
            surface.draw_glyphs(start, &glyphs(line), fonts.of(line.face), &line.text, points(line.size), false);
            surface.end_tagged();
            read.push(name);
        }
    }
    read.into_iter().map(Node::from).collect()
}

fn fill(white: bool) -> Fill {
    let shade = if white { 255 } else { 0 };
    Fill { paint: krilla::color::luma::Color::new(shade).into(), ..Fill::default() }
}

fn glyphs(line: &Line) -> Vec<KrillaGlyph> {
    let glyph = |glyph: &super::face::Glyph| {
        KrillaGlyph::new(
            GlyphId::new(glyph.id.into()),
            glyph.advance,
            glyph.dx,
            glyph.dy,
            0.0,
            glyph.range.clone(),
            None,
        )
    };
    line.glyphs.iter().map(glyph).collect()
}
