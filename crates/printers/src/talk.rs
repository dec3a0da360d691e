//! What is said over a line: how the printer is, the bytes, and whether they are printed.

use std::time::{Duration, Instant};

use crate::{
    Condition, Outcome, Patience, Why,
    condition::{self, ASK, ASK_IN_TURN},
    line::{Heard, Kind, Line, NoMore},
};

pub(crate) fn hand_over(line: Line, bytes: &[u8], patience: &Patience) -> Outcome {
    let answers = match ask(&line, patience) {
        Ok(Condition::Unable(why)) | Err(why) => return Outcome::Failed(why),
        Ok(condition) => condition == Condition::Ready,
    };
    let mut sent = 0;
    while sent < bytes.len() {
        match line.send(&bytes[sent..], patience.write) {
            Ok(more) => sent += more,
            // Not one byte has left, so nothing comes out.
            Err(no_more) if sent == 0 => return Outcome::Failed(why(no_more)),
            Err(no_more) => {
                line.give_up();
                return Outcome::Unknown(why_it_stopped(&line, no_more, answers, patience));
            }
        }
    }
    if line.drain(patience.write).is_err() {
        line.give_up();
        return Outcome::Unknown(Why::Stuck);
    }
    if answers { ask_whether_printed(&line, patience) } else { listen_for_a_cut(&line, patience.silence) }
}

/// How the printer is; nothing is printed.
pub(crate) fn probe(line: Line, patience: &Patience) -> Result<Condition, Why> {
    ask(&line, patience)
}

/// Asks how the printer is. One that does not answer the first question is asked no other.
fn ask(line: &Line, patience: &Patience) -> Result<Condition, Why> {
    // What it said to somebody before us is no answer.
    match line.hear(Instant::now()) {
        Heard::Gone | Heard::Ended => return Err(Why::Cut),
        Heard::Mute => return Ok(Condition::Silent),
        Heard::Bytes(_) | Heard::Nothing => {}
    }
    let mut answers = [0; 4];
    for (question, answer) in ASK.iter().zip(&mut answers) {
        // These few bytes are only a question: if they do not get through, nothing has been printed.
        let mut sent = 0;
        while sent < question.len() {
            sent += line.send(&question[sent..], patience.status).map_err(why)?;
        }
        match answer_of(line, condition::is_status, Instant::now() + patience.status) {
            Answer::Byte(byte) => *answer = byte,
            Answer::None => return Ok(Condition::Silent),
            Answer::Gone => return Err(Why::Cut),
        }
    }
    Ok(condition::read(answers))
}

/// Everything was sent to a printer that answers: it says in its turn when it has come so far.
fn ask_whether_printed(line: &Line, patience: &Patience) -> Outcome {
    let until = Instant::now() + patience.printed;
    let mut sent = 0;
    while sent < ASK_IN_TURN.len() {
        match line.send(&ASK_IN_TURN[sent..], patience.write) {
            Ok(more) => sent += more,
            Err(no_more) => return Outcome::Unknown(why(no_more)),
        }
    }
    match answer_of(line, condition::is_answer_in_turn, until) {
        Answer::Byte(_) => Outcome::Confirmed,
        Answer::Gone => Outcome::Unknown(Why::Cut),
        // It may rest in the middle of the slip, or not know this question.
        Answer::None => match ask(line, patience) {
            Ok(Condition::Unable(why)) | Err(why) => Outcome::Unknown(why),
            Ok(Condition::Ready) => Outcome::HandedOver,
            Ok(Condition::Silent) => Outcome::Unknown(Why::Stuck),
        },
    }
}

/// Everything was sent to a printer that says nothing: all that can be heard is that it hung up on us.
fn listen_for_a_cut(line: &Line, silence: Duration) -> Outcome {
    // Whoever hangs up before we are done has not heard everything.
    if let Some(why) = hung_up(line, Instant::now() + silence, true) {
        return Outcome::Unknown(why);
    }
    line.end();
    // A printer that had bytes of ours left unread says so with its last breath.
    hung_up(line, Instant::now() + silence, false).map_or(Outcome::HandedOver, Outcome::Unknown)
}

fn hung_up(line: &Line, until: Instant, ending_is_early: bool) -> Option<Why> {
    loop {
        match line.hear(until) {
            Heard::Bytes(_) => {}
            Heard::Ended if ending_is_early => return Some(Why::Cut),
            Heard::Gone => return Some(Why::Cut),
            Heard::Ended | Heard::Nothing | Heard::Mute => return None,
        }
    }
}

enum Answer {
    Byte(u8),
    None,
    Gone,
}

/// The first byte that answers; a printer may say other things in between.
fn answer_of(line: &Line, answers: fn(u8) -> bool, until: Instant) -> Answer {
    loop {
        match line.hear(until) {
            Heard::Bytes(bytes) => {
                if let Some(byte) = bytes.into_iter().find(|byte| answers(*byte)) {
                    return Answer::Byte(byte);
                }
                if Instant::now() >= until {
                    return Answer::None;
                }
            }
            Heard::Nothing | Heard::Mute => return Answer::None,
            Heard::Ended | Heard::Gone => return Answer::Gone,
        }
    }
}

/// A printer that stops in the middle often says why, if it is asked.
fn why_it_stopped(line: &Line, no_more: NoMore, answers: bool, patience: &Patience) -> Why {
    match no_more {
        NoMore::Stuck if answers && line.kind() != Kind::Network => match ask(line, patience) {
            Ok(Condition::Unable(why)) => why,
            _ => Why::Stuck,
        },
        no_more => why(no_more),
    }
}

fn why(no_more: NoMore) -> Why {
    match no_more {
        NoMore::Gone => Why::Cut,
        NoMore::Stuck => Why::Stuck,
    }
}
