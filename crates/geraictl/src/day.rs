use counter::Problem;
use desk::Desk;

use crate::{
    End,
    arguments::{CloseDay, DayVerb, Report},
    output::Output,
    whoever_is_logged_in,
};

pub(crate) async fn act(verb: DayVerb, desk: &Desk, output: &Output) -> Result<End, Problem> {
    match verb {
        DayVerb::Close(CloseDay { by, day }) => {
            let closing = desk.close_day(day, &by.unwrap_or_else(whoever_is_logged_in)).await?;
            output.day(closing.day, &closing.report, Some(&closing));
        }
        DayVerb::List => {
            for closing in desk.counter.closings()? {
                output.day(closing.day, &closing.report, Some(&closing));
            }
        }
        DayVerb::Show(Report { number: Some(number) }) => {
            let closing = desk.counter.closing(number)?;
            output.day(closing.day, &closing.report, Some(&closing));
        }
        DayVerb::Show(Report { number: None }) => {
            let day = desk.counter.this_day()?;
            output.day(day.day, &day.report, day.closing.as_ref());
        }
    }
    Ok(End::Done)
}
