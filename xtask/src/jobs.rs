//! Work that does not wait for other work, done at once, with a word now and then on what remains.

use std::cell::RefCell;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::say::{self, Result};

/// How often it is said what remains.
const EVERY: Duration = Duration::from_secs(20);
/// What the estimates are for.
const CORES: u64 = 2;

type Work = Box<dyn FnOnce() -> Result<()> + Send>;

/// A piece of work.
pub struct Job {
    name: &'static str,
    /// How long it keeps one core busy, about, where all of it has to be done.
    seconds: u64,
    work: Work,
}

impl Job {
    /// A piece of work with an estimate in seconds of one core.
    pub fn new(
        name: &'static str,
        seconds: u64,
        work: impl FnOnce() -> Result<()> + Send + 'static,
    ) -> Self {
        Self { name, seconds, work: Box::new(work) }
    }
}

/// What a job does just now, in words; `say` writes it, the terminal shows it now and then.
pub type Doing = Arc<Mutex<String>>;

thread_local! {
    static DOING: RefCell<Option<Doing>> = const { RefCell::new(None) };
}

/// Where the job that runs on this thread says what it does; nothing outside a job.
pub fn current() -> Option<Doing> {
    DOING.with_borrow(Clone::clone)
}

/// Writes down what the job of this thread does. Gives whether there is one.
pub fn tell(text: &str) -> bool {
    let Some(doing) = current() else { return false };
    if let Ok(mut doing) = doing.lock() {
        text.clone_into(&mut doing);
    }
    true
}

/// One that has begun.
struct Running {
    name: &'static str,
    seconds: u64,
    begin: Instant,
    doing: Doing,
}

/// Does all of them at once and waits for the last one.
///
/// # Errors
/// What failed, all of it.
pub fn together(jobs: Vec<Job>) -> Result<()> {
    let all = jobs.len();
    let (done, results) = channel();
    let mut running: Vec<Running> = Vec::new();
    for Job { name, seconds, work } in jobs {
        let doing = Doing::default();
        running.push(Running { name, seconds, begin: Instant::now(), doing: doing.clone() });
        let done = done.clone();
        thread::spawn(move || {
            DOING.set(Some(doing));
            // The receiver waits until each has sent, so this reaches it.
            let _ = done.send((name, work()));
        });
    }
    drop(done);
    let mut failures = Vec::new();
    let mut next = Instant::now() + Duration::from_secs(2);
    while !running.is_empty() {
        match results.recv_timeout(next.saturating_duration_since(Instant::now())) {
            Ok((name, result)) => {
                let at = running.iter().position(|job| job.name == name);
                let took = at.map(|at| running.remove(at).begin.elapsed()).unwrap_or_default();
                match result {
                    Ok(()) => say::note(&format!(
                        "{} of {all} done: {name}, {}",
                        all - running.len(),
                        say::human(took)
                    )),
                    Err(why) => failures.push(format!("{name}: {why}")),
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                say::note(&remaining(&running, all));
                next = Instant::now() + EVERY;
            }
            // A job that panicked has sent nothing, and has said why.
            Err(RecvTimeoutError::Disconnected) => {
                failures.extend(running.drain(..).map(|job| format!("{} broke off", job.name)));
            }
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

/// What still runs, and for about how long.
fn remaining(running: &[Running], all: usize) -> String {
    let left: Vec<u64> = running
        .iter()
        .map(|job| job.seconds.saturating_sub(job.begin.elapsed().as_secs()))
        .collect();
    let words: Vec<String> = running
        .iter()
        .map(|job| match job.doing.lock().map(|text| text.clone()).unwrap_or_default() {
            text if text.is_empty() => job.name.to_owned(),
            text => format!("{} ({text})", job.name),
        })
        .collect();
    format!("{} of {all} done, {}: {}", all - running.len(), about(&left), words.join(", "))
}

/// How long these seconds of work take together, in words.
fn about(left: &[u64]) -> String {
    let longest = left.iter().copied().max().unwrap_or_default();
    let shared = left.iter().sum::<u64>() / CORES;
    match longest.max(shared).div_ceil(60) {
        0 => String::from("nearly there"),
        1 => String::from("about a minute left"),
        minutes => format!("about {minutes} minutes left"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_run_at_once_and_each_failure_is_told() {
        let (send, receive) = channel();
        let (back, again) = channel();
        // Each waits for the other: one after the other they would hang.
        let first = Job::new("first", 1, move || {
            send.send(()).map_err(|e| e.to_string())?;
            again.recv_timeout(Duration::from_secs(30)).map_err(|e| e.to_string())
        });
        let second = Job::new("second", 1, move || {
            receive.recv_timeout(Duration::from_secs(30)).map_err(|e| e.to_string())?;
            back.send(()).map_err(|e| e.to_string())
        });
        assert_eq!(together(vec![first, second]), Ok(()));
        let broken = Job::new("broken", 1, || Err("no network".into()));
        let fine = Job::new("fine", 1, || Ok(()));
        assert_eq!(together(vec![fine, broken]), Err("broken: no network".into()));
    }

    #[test]
    fn what_remains_is_said_in_minutes() {
        assert_eq!(about(&[30, 20]), "about a minute left");
        assert_eq!(about(&[150, 20]), "about 3 minutes left");
        assert_eq!(about(&[150, 150, 150]), "about 4 minutes left");
        assert_eq!(about(&[0, 0]), "nearly there");
    }

    #[test]
    fn what_a_job_does_is_known_to_the_others() {
        assert!(!tell("nobody asks"));
        let doing = Doing::default();
        let job = doing.clone();
        thread::spawn(move || {
            DOING.set(Some(job));
            assert!(tell("compiling"));
        })
        .join()
        .expect("a thread");
        let running = [Running { name: "it", seconds: 0, begin: Instant::now(), doing }];
        assert_eq!(remaining(&running, 3), "2 of 3 done, nearly there: it (compiling)");
    }
}
