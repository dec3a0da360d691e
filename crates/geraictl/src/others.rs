use counter::Problem;
use desk::Desk;
use ledger::Elsewhere;

use crate::{
    End,
    arguments::Search,
    order::{ROWS, unless_keyless},
    output::Output,
};

/// Prints codes of other tills, newest first, as Midtrans told of them when it was last asked.
pub(crate) async fn act(Search { search }: Search, desk: &Desk, output: &Output) -> Result<End, Problem> {
    desk.take_up().await.or_else(unless_keyless)?;
    let mut which = Elsewhere { search: search.unwrap_or_default(), limit: ROWS, ..Elsewhere::default() };
    loop {
        let others = desk.ledger().others(&which)?.rows;
        others.iter().for_each(|other| output.other(other));
        if others.len() < ROWS as usize {
            return Ok(End::Done);
        }
        which.offset += ROWS;
    }
}
