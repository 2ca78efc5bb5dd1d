//! Dask's info pages while somebody looks at them: which is due, what the last one said. Sans-IO: the
//! paths to fetch go out, answers come in.

use base::hash::hash_str;
use feed::info::{self, Level, Record, Stack};

/// How often a log is read again, ms.
pub const LOGS_MS: f64 = 5_000.0;
/// A page that took long is read so many times its own time later: a busy scheduler is asked less.
const GENTLE: f64 = 20.0;
/// How soon a page is tried again that could not be read, ms.
const AGAIN_MS: f64 = 30_000.0;
/// Workers whose call stacks are read one after another at most.
pub const MOST_WORKERS: usize = 24;

/// Why a page could not be read.
#[derive(Clone, Eq, PartialEq, Debug)]
pub enum Trouble {
    /// Nothing answered, or the browser may not read what did.
    Unreadable,
    /// There is no such page: the worker has left, or Dask is another one.
    Gone,
    /// The scheduler failed to make it, with this status.
    Failed(u16),
    /// Something else answered.
    Odd(String),
}

/// A log that is shown.
#[derive(Clone, Default, Debug)]
pub struct LogView {
    /// Of which worker, by address; of the scheduler where it is empty.
    pub of: String,
    /// Oldest first.
    pub records: Vec<Record>,
    /// Older ones that were not read.
    pub left_out: usize,
    /// When they were read last, ms since the epoch.
    pub read_ms: Option<f64>,
    /// Why the newest reading failed.
    pub trouble: Option<Trouble>,
    /// Grows when the records are others.
    pub version: u64,
    /// The newest page, to know it again.
    hash: u64,
    asked: Option<(u32, f64)>,
    due_ms: f64,
}

impl LogView {
    /// Whether anything was said of it yet, were it only why it cannot be read.
    pub fn is_answered(&self) -> bool {
        self.read_ms.is_some() || self.trouble.is_some()
    }

    /// The page of Dask's own that says the same, below the dashboard's address.
    pub fn path(&self) -> String {
        if self.of.is_empty() {
            return info::OWN_LOG.into();
        }
        info::page_of("logs", &self.of)
    }
}

/// The call stacks that are shown.
#[derive(Clone, Default, Debug)]
pub struct StackView {
    /// Workers that were asked for, by address.
    pub of: Vec<String>,
    /// What was found, in their order.
    pub stacks: Vec<Stack>,
    /// Workers whose page could not be read.
    pub troubles: Vec<(String, Trouble)>,
    /// How many have not answered yet.
    pub left: usize,
    /// When the last one answered, ms since the epoch.
    pub read_ms: Option<f64>,
    asked: Option<u32>,
}

/// What a part of the page wants of them.
#[derive(Clone, Eq, PartialEq, Debug)]
pub enum Ask {
    /// Keep reading the log of a worker, by address, or of the scheduler (empty); none: no more.
    Logs(Option<String>),
    /// The log is out of sight (true), or can be seen again.
    Rest(bool),
    /// Read the call stacks of these workers once, by address.
    Stacks(Vec<String>),
}

/// All that is known of the info pages.
#[derive(Clone, Default, Debug)]
pub struct Info {
    logs: Option<LogView>,
    stacks: StackView,
    /// A warning of a log that versions differ: whose, and its text.
    mismatch: Option<Mismatch>,
    hidden: bool,
    resting: bool,
    tickets: u32,
}

/// A warning that versions differ.
#[derive(Clone, Debug)]
struct Mismatch {
    of: String,
    text: String,
    /// When it was first seen, ms since the epoch.
    since_ms: f64,
}

/// How long the scheduler's own warning counts, ms: it does not name who connected, so that nothing tells
/// whether they are still there.
pub const OLD_MS: f64 = 1_800_000.0;

/// What Dask writes to a worker's log where versions differ.
const MISMATCH: &str = "Mismatched versions found";

impl Info {
    /// The log that is shown.
    pub fn logs(&self) -> Option<&LogView> {
        self.logs.as_ref()
    }

    /// The log of a worker, by address, or of the scheduler (empty), if it is the one that is read.
    pub fn logs_of(&self, of: &str) -> Option<&LogView> {
        self.logs().filter(|view| view.of == of)
    }

    /// The call stacks, as far as they were read.
    pub fn stacks(&self) -> &StackView {
        &self.stacks
    }

    /// A log's warning that versions differ, once one was read: whose log (empty: the scheduler's),
    /// and its text. None once it is over: the worker (`here` knows by address) has left, the log that is
    /// read has it no more, or the scheduler's is old.
    pub fn mismatch(&self, now_ms: f64, here: &dyn Fn(&str) -> bool) -> Option<(&str, &str)> {
        let Mismatch { of, text, since_ms } = self.mismatch.as_ref()?;
        let holds = if of.is_empty() { now_ms - since_ms < OLD_MS } else { here(of) };
        holds.then_some((of, text))
    }

    /// Takes what is wanted.
    pub fn ask(&mut self, now_ms: f64, ask: Ask) {
        match ask {
            Ask::Rest(resting) => self.resting = resting,
            Ask::Logs(None) => self.logs = None,
            Ask::Logs(Some(of)) => {
                if self.logs.as_ref().is_none_or(|view| view.of != of) {
                    self.logs = Some(LogView { of, due_ms: now_ms, ..LogView::default() });
                }
            }
            Ask::Stacks(mut of) => {
                of.truncate(MOST_WORKERS);
                let left = of.len();
                self.stacks = StackView { of, left, ..StackView::default() };
            }
        }
    }

    /// Nobody sees the page (true), or somebody does again.
    pub fn set_hidden(&mut self, hidden: bool) {
        self.hidden = hidden;
    }

    /// The pages that are due, with the number to report each under: at most one of each kind is on
    /// its way.
    pub fn due(&mut self, now_ms: f64, fetch: &mut dyn FnMut(u32, String)) {
        if self.hidden {
            return;
        }
        if let Some(view) = &mut self.logs
            && view.asked.is_none()
            && !self.resting
            && view.due_ms <= now_ms
        {
            self.tickets += 1;
            view.asked = Some((self.tickets, now_ms));
            fetch(self.tickets, view.path());
        }
        let view = &mut self.stacks;
        let next = view.of.len().checked_sub(view.left).and_then(|at| view.of.get(at));
        if let (None, Some(worker)) = (view.asked, next) {
            self.tickets += 1;
            view.asked = Some(self.tickets);
            fetch(self.tickets, info::page_of("call-stacks", worker));
        }
    }

    /// When something is due next, ms since the epoch.
    pub fn wake_ms(&self) -> Option<f64> {
        let view = self.logs.as_ref().filter(|view| view.asked.is_none());
        view.filter(|_| !self.hidden && !self.resting).map(|view| view.due_ms)
    }

    /// The answer to a fetch: its status (0: none came) and body.
    pub fn answer(&mut self, now_ms: f64, ticket: u32, status: u16, body: &str) {
        let trouble = match status {
            0 => Some(Trouble::Unreadable),
            200 => None,
            404 => Some(Trouble::Gone),
            status => Some(Trouble::Failed(status)),
        };
        let view = self.logs.as_mut();
        if let Some(view) = view.filter(|view| view.asked.is_some_and(|(own, _)| own == ticket)) {
            let since = view.asked.take().map_or(now_ms, |(_, since)| since);
            view.due_ms = now_ms + LOGS_MS.max((now_ms - since) * GENTLE);
            view.trouble = trouble;
            let hash = hash_str(body);
            if view.trouble.is_none() && (view.read_ms.is_none() || hash != view.hash) {
                match info::logs(body) {
                    Ok(logs) => {
                        view.hash = hash;
                        view.version += 1;
                        (view.records, view.left_out) = (logs.records, logs.left_out);
                        let mut all = view.records.iter().rev();
                        let odd = all.find(|record| {
                            record.level == Level::Warning && record.text.starts_with(MISMATCH)
                        });
                        let own = self.mismatch.take_if(|known| known.of == view.of);
                        if let Some(odd) = odd {
                            let same = own.filter(|known| known.text == odd.text);
                            self.mismatch = Some(Mismatch {
                                of: view.of.clone(),
                                text: odd.text.clone(),
                                since_ms: same.map_or(now_ms, |known| known.since_ms),
                            });
                        }
                    }
                    Err(doubt) => view.trouble = Some(Trouble::Odd(doubt.0)),
                }
            }
            if view.trouble.is_none() {
                view.read_ms = Some(now_ms);
            } else {
                view.due_ms = view.due_ms.max(now_ms + AGAIN_MS);
            }
            return;
        }
        let view = &mut self.stacks;
        if view.asked != Some(ticket) {
            // Of what nobody wants any more.
            return;
        }
        view.asked = None;
        let worker = view.of.get(view.of.len() - view.left.min(view.of.len())).cloned();
        view.left = view.left.saturating_sub(1);
        let read = match trouble {
            Some(trouble) => Err(trouble),
            None => info::stacks(body).map_err(|doubt| Trouble::Odd(doubt.0)),
        };
        match read {
            Ok(stacks) => view.stacks.extend(stacks),
            Err(Trouble::Unreadable) => {
                // The others cannot be read either.
                view.left = 0;
                view.troubles.push((worker.unwrap_or_default(), Trouble::Unreadable));
            }
            Err(trouble) => view.troubles.push((worker.unwrap_or_default(), trouble)),
        }
        view.read_ms = Some(now_ms);
    }
}

/// Which records of a log are meant.
#[derive(Clone, Eq, PartialEq, Debug, Default)]
pub struct Sieve {
    /// At least so grave; those of unknown gravity count as ordinary ones.
    pub least: Level,
    /// Has this in it, whatever the case; all where it is empty.
    pub text: String,
}

impl Sieve {
    /// The last `most` records that are meant, oldest first, and how many are in all.
    pub fn pick<'a>(&self, records: &'a [Record], most: usize) -> (Vec<&'a Record>, usize) {
        let text = self.text.trim().to_ascii_lowercase();
        let (mut picked, mut count) = (Vec::new(), 0);
        for record in records.iter().rev() {
            let level = if record.level == Level::Unknown { Level::Info } else { record.level };
            let has = |part: &str| part.to_ascii_lowercase().contains(&text);
            let meant = self.least <= level
                && (text.is_empty() || has(&record.text) || has(&record.logger));
            if meant {
                count += 1;
                if picked.len() < most {
                    picked.push(record);
                }
            }
        }
        picked.reverse();
        (picked, count)
    }
}

/// Records as the log writes them, to copy.
pub fn as_text(records: &[&Record]) -> String {
    let mut out = String::new();
    for record in records {
        for part in [&record.time, &record.logger] {
            if !part.is_empty() {
                out.push_str(part);
                out.push_str(" - ");
            }
        }
        if !record.time.is_empty() {
            out.push_str(record.level.name());
            out.push_str(" - ");
        }
        out.push_str(&record.text);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(info: &mut Info, now_ms: f64) -> Vec<(u32, String)> {
        let mut all = Vec::new();
        info.due(now_ms, &mut |ticket, path| all.push((ticket, path)));
        all
    }

    fn page(title: &str, body: &str) -> String {
        format!("<title> {title} </title>{body}")
    }

    #[test]
    fn a_log_is_read_again_while_it_is_shown() {
        let mut info = Info::default();
        assert_eq!(due(&mut info, 0.0), []);
        info.ask(0.0, Ask::Logs(Some(String::new())));
        assert_eq!(due(&mut info, 0.0), [(1, "/info/main/logs.html".into())]);
        assert_eq!((due(&mut info, 9e9), info.wake_ms()), (vec![], None), "one at a time");
        info.answer(100.0, 1, 200, &page("Logs", "<p> a </p><p> b </p>"));
        let view = info.logs().unwrap();
        assert_eq!((view.records.len(), view.records[1].text.as_str()), (2, "a"));
        assert_eq!(info.wake_ms(), Some(100.0 + LOGS_MS));
        assert_eq!(due(&mut info, 5099.0), []);
        info.set_hidden(true);
        assert_eq!((due(&mut info, 6000.0), info.wake_ms()), (vec![], None));
        info.set_hidden(false);
        assert_eq!(due(&mut info, 6000.0).len(), 1);
        info.ask(6000.0, Ask::Rest(true));
        info.answer(6001.0, 2, 200, &page("Logs", "<p> a </p><p> b </p>"));
        assert_eq!((due(&mut info, 9e5), info.wake_ms()), (vec![], None), "out of sight");
        info.ask(7000.0, Ask::Rest(false));
        assert_eq!(due(&mut info, 12_000.0).len(), 1);
        // Slow answers are asked for less often.
        info.answer(14_000.0, 3, 200, &page("Logs", "<p> a </p><p> b </p>"));
        assert_eq!(info.wake_ms(), Some(14_000.0 + 2000.0 * GENTLE));
        assert_eq!(info.logs().unwrap().version, 1, "the same page");
        info.ask(14_000.0, Ask::Logs(Some("tcp://a:1".into())));
        assert_eq!(due(&mut info, 14_000.0)[0].1, "/info/logs/tcp%253A%252F%252Fa%253A1.html");
        info.ask(14_000.0, Ask::Logs(None));
        info.answer(14_001.0, 4, 200, "");
        assert!(info.logs().is_none() && due(&mut info, 9e9).is_empty());
    }

    #[test]
    fn troubles_are_told_apart_and_tried_again_later() {
        let mut info = Info::default();
        let cases = [
            (0, "", Trouble::Unreadable),
            (404, "", Trouble::Gone),
            (500, "", Trouble::Failed(500)),
            (200, "<title>Sign in</title>", Trouble::Odd(String::new())),
        ];
        for (i, (status, body, want)) in cases.into_iter().enumerate() {
            info.ask(0.0, Ask::Logs(None));
            info.ask(0.0, Ask::Logs(Some("w".into())));
            assert_eq!(due(&mut info, 0.0).len(), 1);
            info.answer(1.0, i as u32 + 1, status, body);
            let view = info.logs().unwrap();
            let same = match (&view.trouble, &want) {
                (Some(Trouble::Odd(why)), Trouble::Odd(_)) => why.contains("Logs"),
                (trouble, want) => trouble.as_ref() == Some(want),
            };
            assert!(same, "{:?} {want:?}", view.trouble);
            assert_eq!((view.read_ms, info.wake_ms()), (None, Some(1.0 + AGAIN_MS)));
        }
    }

    #[test]
    fn mismatched_versions_are_told_until_it_is_over() {
        let line = "2026-11-24 18:00:00,000 - distributed.worker - WARNING - Mismatched versions found\n\n+--+";
        let warned = page("Logs: w", &format!("<p> {line} </p>"));
        let mut info = Info::default();
        let mut now = 0.0;
        let mut read = |info: &mut Info, of: &str, body: &str| {
            now += 100_000.0;
            info.ask(now, Ask::Logs(Some(of.into())));
            let [(ticket, _)] = due(info, now)[..] else { panic!("one page") };
            info.answer(now, ticket, 200, body);
            now
        };
        read(&mut info, "w", &warned);
        let (of, text) = info.mismatch(0.0, &|_| true).unwrap();
        assert_eq!((of, text.lines().count()), ("w", 3));
        assert_eq!(info.mismatch(0.0, &|of| of != "w"), None, "it has left");
        read(&mut info, "v", &page("Logs: v", "<p> a </p>"));
        assert!(info.mismatch(0.0, &|_| true).is_some(), "another log says nothing of it");
        read(&mut info, "w", &page("Logs: w", "<p> a </p>"));
        assert_eq!(info.mismatch(0.0, &|_| true), None, "no more in the log");
        // The scheduler's own is told for a while, also when it is read again.
        let first = read(&mut info, "", &warned);
        let none = |_: &str| false;
        assert!(info.mismatch(first + OLD_MS - 1.0, &none).is_some());
        let more = warned.replace("</p>", "</p><p> more </p>");
        read(&mut info, "", &more);
        assert_eq!(info.mismatch(first + OLD_MS, &none), None);
    }

    #[test]
    fn stacks_one_worker_after_another() {
        let mut info = Info::default();
        info.ask(0.0, Ask::Stacks(vec!["tcp://a:1".into(), "tcp://b:1".into(), "c".into()]));
        let stack = |worker: &str| {
            let body = format!("<h2> Worker: {worker} </h2><h3> Key: x </h3><p> File \"a\" </p>");
            page("Call Stacks: w", &body)
        };
        assert_eq!(
            due(&mut info, 0.0),
            [(1, "/info/call-stacks/tcp%253A%252F%252Fa%253A1.html".into())]
        );
        assert_eq!(due(&mut info, 0.0), []);
        info.answer(1.0, 1, 200, &stack("tcp://a:1"));
        assert_eq!(info.stacks().left, 2);
        due(&mut info, 1.0);
        info.answer(2.0, 2, 404, "");
        due(&mut info, 2.0);
        info.answer(3.0, 3, 200, &page("Call Stacks: c", ""));
        let view = info.stacks();
        assert_eq!((view.left, view.stacks.len(), view.read_ms), (0, 1, Some(3.0)));
        assert_eq!(view.troubles, [("tcp://b:1".into(), Trouble::Gone)]);
        assert_eq!(due(&mut info, 9e9), []);
        // What cannot be read once cannot be read of the others.
        info.ask(0.0, Ask::Stacks(vec!["a".into(), "b".into()]));
        due(&mut info, 0.0);
        info.answer(1.0, 4, 0, "");
        assert_eq!((info.stacks().left, due(&mut info, 1.0)), (0, vec![]));
    }

    #[test]
    fn a_sieve_keeps_the_newest_and_counts_all() {
        let record = |level, text: &str| Record { level, text: text.into(), ..Record::default() };
        let records = [
            record(Level::Info, "Start worker"),
            record(Level::Warning, "unresponsive\nworker"),
            record(Level::Unknown, "odd"),
            record(Level::Error, "Worker fails"),
        ];
        let pick = |least, text: &str, most| {
            let (picked, count) = Sieve { least, text: text.into() }.pick(&records, most);
            (picked.iter().map(|one| one.text.clone()).collect::<Vec<_>>(), count)
        };
        assert_eq!(pick(Level::Unknown, "", 2), (vec!["odd".into(), "Worker fails".into()], 4));
        assert_eq!(pick(Level::Unknown, "WORKER", 9).1, 3);
        assert_eq!(pick(Level::Warning, "", 9).1, 2);
        assert_eq!(pick(Level::Warning, "start", 9).1, 0);
        let text = as_text(&[&records[0]]);
        assert_eq!(text, "Start worker\n");
    }
}
