//! The journal, written by a thread of its own: whoever reads it slowly holds no notification up.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
    time::Duration,
};

use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

/// Where lines go to be written.
#[derive(Clone)]
pub struct Writing {
    lines: SyncSender<Line>,
    lost: Arc<AtomicU64>,
}

enum Line {
    Text(Vec<u8>),
    /// Everything before it is written when this is dropped.
    All(SyncSender<()>),
}

/// So many lines may wait to be written; more are lost, and counted.
const WAITING: usize = 4_096;
/// Lines of this time are written together, so that nobody has to be woken for each.
const GATHERING: Duration = Duration::from_millis(10);
/// And up to so many bytes at once.
const TOGETHER: usize = 64 * 1024;

impl Writing {
    /// Writes to standard error from now on what this house says, one line of JSON each.
    pub fn begin() -> Self {
        let (lines, waiting) = sync_channel(WAITING);
        let writing = Self { lines, lost: Arc::default() };
        let lost = Arc::clone(&writing.lost);
        thread::spawn(move || write(&waiting, &lost));
        // Only our own words: what a library says about its work may hold what nobody should read.
        let ours = EnvFilter::new("host=info,relay=info,mailroom=info");
        let fmt = tracing_subscriber::fmt().json().flatten_event(true).with_target(false);
        fmt.with_env_filter(ours).with_writer(writing.clone()).init();
        // What a panic says may hold what it panicked about.
        std::panic::set_hook(Box::new(|panic| {
            let at = panic.location().map(ToString::to_string);
            tracing::error!(at, "something broke that nobody thought of");
        }));
        writing
    }

    /// Returns when everything said so far is written.
    pub fn end(&self) {
        let (all, written) = sync_channel(0);
        if self.lines.send(Line::All(all)).is_ok() {
            let _ = written.recv();
        }
    }
}

impl Write for Writing {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if let Err(TrySendError::Full(_)) = self.lines.try_send(Line::Text(line.to_vec())) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Writing {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn write(waiting: &Receiver<Line>, lost: &AtomicU64) {
    let mut together = Vec::new();
    while let Ok(line) = waiting.recv() {
        thread::sleep(GATHERING);
        let mut next = Some(line);
        while let Some(line) = next {
            match line {
                Line::Text(text) => together.extend(text),
                Line::All(_written) => out(&mut together),
            }
            next = if together.len() < TOGETHER { waiting.try_recv().ok() } else { None };
        }
        match lost.swap(0, Ordering::Relaxed) {
            0 => {}
            lines => together.extend(format!("{{\"level\":\"WARN\",\"lines_lost\":{lines}}}\n").into_bytes()),
        }
        out(&mut together);
    }
}

fn out(together: &mut Vec<u8>) {
    // Nobody has to read it.
    let _ = io::stderr().write_all(together);
    together.clear();
}
