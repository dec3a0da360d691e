use counter::Problem;
use desk::{Desk, blocking};

use crate::{End, arguments::CopiesVerb, output::Output};

pub(crate) async fn act(verb: CopiesVerb, desk: &Desk, output: &Output) -> Result<End, Problem> {
    match verb {
        CopiesVerb::List => {
            let ledger = desk.ledger().clone();
            blocking(move || ledger.copies()).await??.iter().for_each(|copy| output.copy(copy));
        }
        CopiesVerb::Make => output.copy(&desk.counter.copy().await?),
        // Done before anybody opened the shop.
        CopiesVerb::Restore(_) => {}
    }
    Ok(End::Done)
}
