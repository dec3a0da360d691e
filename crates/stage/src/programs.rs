use std::{
    env,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// Where one of our programs was built: beside the test that asks, in the target folder.
///
/// # Panics
/// If it was not built.
pub fn program(name: &str) -> PathBuf {
    let test = env::current_exe().expect("a test knows where it is");
    let built = test.ancestors().map(|folder| folder.join(name)).find(|program| program.is_file());
    built.unwrap_or_else(|| {
        panic!("{name} is not built yet: run `cargo build --workspace --bins` first, or scripts/test")
    })
}

/// A program that ends, by force, when it is dropped.
pub struct Program(Child);

impl Program {
    /// Starts it. It comes with that package of Debian's, if it is not ours.
    ///
    /// # Panics
    /// If it does not start.
    pub fn start(mut command: Command, package: &str) -> Self {
        let child = command.spawn();
        Self(child.unwrap_or_else(|error| {
            panic!("{} does not start ({error}): install {package}", command.get_program().display())
        }))
    }

    /// Its number.
    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    pub(crate) fn stdin(&mut self) -> ChildStdin {
        self.0.stdin.take().expect("its input is ours")
    }

    pub(crate) fn stdout(&mut self) -> ChildStdout {
        self.0.stdout.take().expect("its output is ours")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// One of our programs at work, and the line of JSON it printed when it was ready.
pub struct Running {
    program: Program,
    /// What it said.
    pub line: Value,
}

impl Running {
    /// Starts one of our programs that says in a line of JSON when it is ready.
    ///
    /// # Panics
    /// If it says anything else.
    pub fn start(mut command: Command, name: &str) -> Self {
        command.stdout(Stdio::piped());
        let mut program = Program::start(command, name);
        let mut line = String::new();
        BufReader::new(program.stdout()).read_line(&mut line).expect("its output can be read");
        let line = serde_json::from_str(&line).unwrap_or_else(|error| {
            panic!("{name} did not say in a line of JSON that it is ready ({error}): {line:?}")
        });
        Self { program, line }
    }

    /// A word of that line.
    pub fn word(&self, name: &str) -> &str {
        self.line[name].as_str().unwrap_or_else(|| panic!("no {name:?} in {}", self.line))
    }

    /// Asks it to end, and waits until it has.
    pub fn stop(mut self) {
        signal(self.program.pid(), Signal::TERM);
        self.program.0.wait().expect("it can be waited for");
    }

    /// Ends it as a power cut would.
    pub fn kill(self) {
        drop(self);
    }
}

pub(crate) fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // It may be gone already.
        let _ = kill_process(pid, signal);
    }
}
