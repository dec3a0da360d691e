use counter::Problem;
use desk::Desk;
use till::From;

use crate::{
    End,
    arguments::{AttentionVerb, Close, Concerns},
    order::unless_keyless,
    output::Output,
    whoever_is_logged_in,
};

/// So many of those that were seen to are printed.
const LATELY: u32 = 100;

pub(crate) async fn act(verb: AttentionVerb, desk: &Desk, output: &Output) -> Result<End, Problem> {
    desk.take_up().await.or_else(unless_keyless)?;
    match verb {
        AttentionVerb::List(Concerns { closed }) => {
            let counter = &desk.counter;
            let concerns = if closed { counter.seen_to(LATELY)? } else { counter.concerns()? };
            concerns.iter().for_each(|concern| output.concern(concern));
        }
        AttentionVerb::Close(Close { name, deed, by }) => {
            let by = by.unwrap_or_else(whoever_is_logged_in);
            desk.counter.see_to(&name, deed, &by, From::Geraictl)?;
            output.done("attention close");
        }
    }
    Ok(End::Done)
}
