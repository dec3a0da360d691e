//! A paper as plain text, for WhatsApp and e-mail.

use crate::{Block, Paper};

/// The part for the customer, a line for each thing that is said. What can only be looked at is left out, and
/// so is the shop's stub.
pub fn text(paper: &Paper) -> String {
    let mut text = String::new();
    for block in paper.for_customer() {
        // At most one empty line between two parts, and none before the first.
        let lines = lines(block);
        let parts = matches!(block, Block::Rule | Block::Heading(_));
        if parts && !text.is_empty() && !text.ends_with("\n\n") {
            text.push('\n');
        }
        text.extend(lines.into_iter().map(|line| line + "\n"));
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}

fn lines(block: &Block) -> Vec<String> {
    match block {
        Block::Title(text) | Block::Mark(text) | Block::Heading(text) | Block::Amount(text) => vec![text.clone()],
        Block::Text(text) => vec![text.text.clone()],
        Block::Pair(pair) => vec![format!("{}: {}", pair.left, pair.right)],
        Block::Code(groups) => vec![groups.join(" ")],
        Block::Steps(steps) => steps.iter().enumerate().map(|(index, step)| format!("{}. {step}", index + 1)).collect(),
        Block::Picture(_)
        | Block::Bars(_)
        | Block::Qr(_)
        | Block::Rule
        | Block::Tear
        | Block::Blank(_)
        | Block::Ruler => Vec::new(),
    }
}
