//! The papers of an order: what became of those that were asked for, and how the next one looks.

use counter::{Counter, Rendering};
use serde::{Deserialize, Serialize};

use super::{Paper, PaperKind};

seen! {
    /// The papers of an order.
    OrderPapers {
        /// All of them, oldest first.
        papers: Vec<Paper>,
        /// The latest of what would be printed next; of an order with nothing to print, the latest of all.
        latest: Option<Paper>,
        /// null: there is nothing to print of this order now.
        next: Option<NextPaper>,
    }

    /// What would be printed now.
    NextPaper {
        kind: PaperKind,
        /// So many papers of the same came before it, as it will say itself.
        copy: u32,
        /// null: the shop has no printer.
        printer: Option<String>,
    }

    /// How the next paper looks, and the words of it as a message.
    Preview {
        kind: PaperKind,
        copy: u32,
        /// As SVG has it, in millimetres.
        view_box: String,
        /// What is black, as the `d` of a path.
        black: String,
        /// What is white above that.
        white: String,
        message: String,
    }
}

/// What a paper is saved as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "view.ts"))]
pub enum FileForm {
    /// A PNG for the customer's phone.
    Picture,
    /// A PDF of 105 x 148 mm.
    PageA6,
    /// A PDF of 210 x 297 mm.
    PageA4,
}

impl OrderPapers {
    /// The papers of an order and the one that comes next.
    pub fn of(papers: Vec<ledger::Paper>, next: Option<counter::NextPaper>) -> Self {
        let latest = match &next {
            Some(next) => {
                let same = |paper: &&ledger::Paper| paper.kind == next.kind && paper.about == next.order_id.as_str();
                papers.iter().rfind(same)
            }
            None => papers.last(),
        };
        let latest = latest.cloned().map(Into::into);
        Self { papers: papers.into_iter().map(Into::into).collect(), latest, next: next.map(Into::into) }
    }
}

impl Preview {
    /// What would be printed of an order now.
    pub fn of(counter: &Counter, id: &str) -> Result<Self, counter::Problem> {
        let outlines = counter.preview(id)?;
        let message = String::from_utf8_lossy(&counter.rendering(id, Rendering::Text)?).into_owned();
        let next = counter.next_paper(id)?;
        let (kind, copy) = next.map_or((ledger::PaperKind::Slip, 0), |next| (next.kind, next.copy));
        Ok(Self {
            kind: kind.into(),
            copy,
            view_box: format!("0 0 {} {}", outlines.width, outlines.height),
            black: outlines.black,
            white: outlines.white,
            message,
        })
    }
}

impl FileForm {
    /// How the name of such a file ends.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Picture => "png",
            Self::PageA6 | Self::PageA4 => "pdf",
        }
    }
}

impl From<FileForm> for Rendering {
    fn from(form: FileForm) -> Self {
        match form {
            FileForm::Picture => Self::Picture,
            FileForm::PageA6 => Self::PageA6,
            FileForm::PageA4 => Self::PageA4,
        }
    }
}

impl From<counter::NextPaper> for NextPaper {
    fn from(next: counter::NextPaper) -> Self {
        Self { kind: next.kind.into(), copy: next.copy, printer: next.printer }
    }
}
