//! A queue of CUPS. Each job goes through as it is, and is followed until it ended. One that cannot
//! come out now is taken back, so that it does not come out when nobody expects it any more.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

pub use crate::http::Cupsd;
use crate::{
    Condition, Means, Outcome, Why,
    http::NoAnswer,
    ipp::{Answer, Ask, Question},
};

/// What passes every filter untouched.
const RAW: &str = "application/vnd.cups-raw";
/// Under this name it stands in the queue.
const JOB: &str = "Gerai";

/// A single answer takes no longer, however long the job may.
const ANSWER: Duration = Duration::from_secs(5);
/// A job is asked about so often.
const PAUSE: Duration = Duration::from_millis(100);

pub(crate) fn print(queue: &str, bytes: &[u8], means: &Means) -> Outcome {
    match state_of_queue(queue, means) {
        Ok(Condition::Unable(why)) | Err(why) => return Outcome::Failed(why),
        Ok(_) => {}
    }
    let question = Question::new(Ask::PrintJob).printer(&uri(queue)).user(&means.user).named(JOB).format(RAW);
    let answer = match means.cupsd.ask(&path(queue), &question.end(bytes), None, ANSWER) {
        Ok(answer) => answer,
        // It may have the whole job, and only its answer was lost.
        Err(NoAnswer::Cut) => return Outcome::Unknown(Why::Cut),
        Err(no_answer) => return Outcome::Failed(why_no(no_answer)),
    };
    let Some(answer) = Answer::read(&answer) else { return Outcome::Unknown(Why::Nonsense) };
    if !answer.is_yes() {
        return Outcome::Failed(refusal(answer.status));
    }
    match answer.number("job-id") {
        Some(job) => follow(queue, job, means),
        None => Outcome::Unknown(Why::Nonsense),
    }
}

pub(crate) fn probe(queue: &str, means: &Means) -> Result<Condition, Why> {
    state_of_queue(queue, means)
}

/// The names of all queues, and what people call them.
pub(crate) fn queues(means: &Means) -> Result<Vec<(String, String)>, Why> {
    let question = Question::new(Ask::Printers).user(&means.user).wanted(&["printer-name", "printer-info"]);
    let answer = means.cupsd.ask("/", &question.end(b""), None, ANSWER).map_err(why_no)?;
    let answer = Answer::read(&answer).ok_or(Why::Nonsense)?;
    Ok(answer.pairs("printer-name", "printer-info"))
}

/// How a job stands.
struct Job {
    state: i32,
    /// Something of it has gone towards the printer.
    was_at_work: bool,
    why: Option<Why>,
}

const HELD: i32 = 4;
const AT_WORK: i32 = 5;
const STOPPED: i32 = 6;
const CANCELLED: i32 = 7;
const GIVEN_UP: i32 = 8;
const COMPLETED: i32 = 9;

fn follow(queue: &str, job: i32, means: &Means) -> Outcome {
    let until = Instant::now() + means.patience.job;
    loop {
        let Some(now) = look_at(queue, job, means) else { return Outcome::Unknown(Why::Cut) };
        let reason = |usual| now.why.unwrap_or(usual);
        match now.state {
            // All bytes are out of this PC. Whether the printer printed them, the print service does not know either.
            COMPLETED => return Outcome::HandedOver,
            CANCELLED => return ended(&now, Why::JobCancelled),
            GIVEN_UP => return ended(&now, reason(Why::JobGivenUp)),
            HELD => return take_back(queue, job, reason(Why::JobHeld), means),
            STOPPED => return take_back(queue, job, reason(Why::QueueStopped), means),
            AT_WORK if Instant::now() < until => {}
            AT_WORK => return take_back(queue, job, reason(Why::JobSlow), means),
            // It waits: for its turn, or for good.
            _ => match state_of_queue(queue, means) {
                Ok(Condition::Unable(why)) => return take_back(queue, job, why, means),
                _ if Instant::now() < until => {}
                _ => return take_back(queue, job, reason(Why::JobSlow), means),
            },
        }
        sleep(PAUSE);
    }
}

fn take_back(queue: &str, job: i32, why: Why, means: &Means) -> Outcome {
    let question = Question::new(Ask::CancelJob).printer(&uri(queue)).job(job).user(&means.user).end(b"");
    // Whether that worked is seen by the job.
    let _ = means.cupsd.ask(&path(queue), &question, Some(&means.user), ANSWER);
    match look_at(queue, job, means) {
        Some(job) if job.state == COMPLETED => Outcome::HandedOver,
        Some(job) if matches!(job.state, CANCELLED | GIVEN_UP) => ended(&job, why),
        _ => Outcome::Unknown(why),
    }
}

fn ended(job: &Job, why: Why) -> Outcome {
    if job.was_at_work { Outcome::Unknown(why) } else { Outcome::Failed(why) }
}

fn look_at(queue: &str, job: i32, means: &Means) -> Option<Job> {
    let wanted = ["job-state", "time-at-processing", "job-printer-state-reasons"];
    let question = Question::new(Ask::JobAttributes).printer(&uri(queue)).job(job).user(&means.user).wanted(&wanted);
    let answer = means.cupsd.ask(&path(queue), &question.end(b""), None, ANSWER).ok()?;
    let answer = Answer::read(&answer).filter(Answer::is_yes)?;
    Some(Job {
        state: answer.number("job-state")?,
        was_at_work: answer.number("time-at-processing").is_some(),
        why: answer.words("job-printer-state-reasons").find_map(|word| reason(&word)),
    })
}

fn state_of_queue(queue: &str, means: &Means) -> Result<Condition, Why> {
    const QUEUE_STOPPED: i32 = 5;
    let wanted = ["printer-state", "printer-state-reasons", "printer-is-accepting-jobs"];
    let question = Question::new(Ask::PrinterAttributes).printer(&uri(queue)).user(&means.user).wanted(&wanted);
    let answer = means.cupsd.ask(&path(queue), &question.end(b""), None, ANSWER).map_err(why_no)?;
    let answer = Answer::read(&answer).ok_or(Why::Nonsense)?;
    if !answer.is_yes() {
        return Err(refusal(answer.status));
    }
    Ok(if answer.truth("printer-is-accepting-jobs") == Some(false) {
        Condition::Unable(Why::QueueRefuses)
    } else if answer.number("printer-state") == Some(QUEUE_STOPPED) {
        // Why it rests, if it says so; what it says while it works may be about yesterday.
        let reason = answer.words("printer-state-reasons").find_map(|word| reason(&word));
        Condition::Unable(reason.unwrap_or(Why::QueueStopped))
    } else {
        Condition::Ready
    })
}

/// What a printer lacks, in the words of the protocol.
fn reason(word: &str) -> Option<Why> {
    let word = word.strip_suffix("-error").or(word.strip_suffix("-warning")).unwrap_or(word);
    match word {
        "media-empty" | "media-needed" => Some(Why::PaperOut),
        "cover-open" | "door-open" => Some(Why::CoverOpen),
        "offline" => Some(Why::Offline),
        _ => None,
    }
}

fn refusal(status: u16) -> Why {
    match status {
        0x0401..=0x0403 => Why::NotAllowed,
        0x0406 | 0x0407 => Why::NoSuchQueue,
        0x040a => Why::NotRaw,
        0x0506 => Why::QueueRefuses,
        _ => Why::Nonsense,
    }
}

fn why_no(no_answer: NoAnswer) -> Why {
    match no_answer {
        NoAnswer::Nobody => Why::NoService,
        NoAnswer::Cut => Why::Cut,
        NoAnswer::Refused => Why::NotAllowed,
        NoAnswer::Nonsense => Why::Nonsense,
    }
}

fn uri(queue: &str) -> String {
    format!("ipp://localhost{}", path(queue))
}

fn path(queue: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    let written =
        queue.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") });
    format!("/printers/{}", written.collect::<String>())
}
