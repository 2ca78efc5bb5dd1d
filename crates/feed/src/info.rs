//! Dask's info pages, logs and call stacks: HTML for people, read as records. Total: what is no such
//! page is an error, and its text is never more than text.

use super::bokeh::DecodeError;
use base::percent;

/// Records read of one page at most. Dask keeps 10 000 by default.
pub const MOST_RECORDS: usize = 20_000;

/// How grave a record is.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Debug, Default)]
pub enum Level {
    /// The log's format does not say, as far as it could be read.
    #[default]
    Unknown,
    /// For developers.
    Debug,
    /// Ordinary.
    Info,
    /// Odd.
    Warning,
    /// Something failed.
    Error,
    /// Nothing goes on.
    Critical,
}

impl Level {
    /// All that a log may name, with the names.
    pub const NAMED: [(Self, &str); 5] = [
        (Self::Debug, "DEBUG"),
        (Self::Info, "INFO"),
        (Self::Warning, "WARNING"),
        (Self::Error, "ERROR"),
        (Self::Critical, "CRITICAL"),
    ];

    /// The level of that name.
    pub fn of(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(_, known)| *known == name).map(|(level, _)| *level)
    }

    /// Its name; empty where it is not known.
    pub fn name(self) -> &'static str {
        Self::NAMED.iter().find(|(level, _)| *level == self).map_or("", |(_, name)| name)
    }
}

/// One record of a log.
#[derive(Clone, Eq, PartialEq, Debug, Default)]
pub struct Record {
    /// How grave.
    pub level: Level,
    /// When, as the log writes it; empty where the format is another one than Dask's own.
    pub time: String,
    /// Who wrote it; empty likewise.
    pub logger: String,
    /// What, maybe of several lines; all of the record where the format is another one.
    pub text: String,
}

/// What a page of logs holds.
#[derive(Clone, Eq, PartialEq, Debug, Default)]
pub struct Logs {
    /// Oldest first.
    pub records: Vec<Record>,
    /// Older ones on the page, beyond [`MOST_RECORDS`].
    pub left_out: usize,
}

/// Where one running task is.
#[derive(Clone, Eq, PartialEq, Debug, Default)]
pub struct Stack {
    /// The worker's address.
    pub worker: String,
    /// The task's key, as Python writes it.
    pub key: String,
    /// Its calls, outermost first: where, and the line there.
    pub frames: Vec<(String, String)>,
}

/// The page of the scheduler's log.
pub const OWN_LOG: &str = "/info/main/logs.html";

/// The page of a `kind` about one worker, by its address, or one task, by its key.
///
/// Encoded twice, as Dask decodes it twice. Once would do for most names, but not behind a proxy that puts paths
/// together anew (nginx): that makes `tcp:/…` of `tcp%3A%2F%2F…`, which no worker has.
pub fn page_of(kind: &str, name: &str) -> String {
    page_of_encoded(kind, &percent::encode(name))
}

/// The same with a name that is encoded once.
pub fn page_of_encoded(kind: &str, name: &str) -> String {
    format!("/info/{kind}/{}.html", percent::encode(name))
}

/// Reads a page of logs.
///
/// # Errors
/// Where it is no such page.
pub fn logs(page: &str) -> Result<Logs, DecodeError> {
    titled(page, "Logs")?;
    let mut all = Logs::default();
    // The newest stands first.
    elements(page, &["p"], &mut |_, text| {
        if all.records.len() < MOST_RECORDS {
            all.records.push(record(text.trim()));
        } else {
            all.left_out += 1;
        }
    });
    all.records.reverse();
    Ok(all)
}

/// Reads a page of call stacks.
///
/// # Errors
/// Where it is no such page.
pub fn stacks(page: &str) -> Result<Vec<Stack>, DecodeError> {
    titled(page, "Call Stack")?;
    let (mut all, mut worker) = (Vec::<Stack>::new(), String::new());
    elements(page, &["h2", "h3", "p"], &mut |which, text| {
        let text = text.trim();
        let named = |name: &str| text.strip_prefix(name).unwrap_or(text).trim().to_owned();
        match which {
            0 => worker = named("Worker:"),
            1 => {
                let (worker, key) = (worker.clone(), named("Key:"));
                all.push(Stack { worker, key, frames: Vec::new() });
            }
            _ => {
                if let Some(stack) = all.last_mut() {
                    let (place, line) = text.split_once('\n').unwrap_or((text, ""));
                    stack.frames.push((place.trim().into(), line.trim().into()));
                }
            }
        }
    });
    Ok(all)
}

/// Another page may answer in its place: a sign-in, a proxy's error.
fn titled(page: &str, title: &str) -> Result<(), DecodeError> {
    let mut right = None;
    elements(page, &["title"], &mut |_, text| {
        right.get_or_insert(text.trim().starts_with(title));
    });
    if right == Some(true) {
        return Ok(());
    }
    Err(DecodeError(format!("what came is no page of Dask's titled \"{title}\"")))
}

/// Visits the text of each element of these names, which hold text only: up to the next tag.
fn elements(page: &str, names: &[&str], visit: &mut dyn FnMut(usize, String)) {
    let mut rest = page;
    while let Some((_, tag)) = rest.split_once('<') {
        rest = tag;
        let Some((head, after)) = tag.split_once('>') else { return };
        let name = head.split_ascii_whitespace().next().unwrap_or("");
        if let Some(which) = names.iter().position(|known| *known == name) {
            let text = after.split_once('<').map_or(after, |(text, _)| text);
            rest = after.get(text.len()..).unwrap_or("");
            visit(which, unescape(text));
        }
    }
}

/// Text with its entities undone, once.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        // The longest one that is known here has eight letters.
        let end = after.bytes().take(9).position(|byte| byte == b';');
        let known = end.and_then(|end| Some((entity(after.get(..end)?)?, after.get(end + 1..)?)));
        if let Some((letter, after)) = known {
            out.push(letter);
            rest = after;
        } else {
            out.push('&');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

/// A record in Dask's own format (`time - logger - LEVEL - message`), or whole in another one.
fn record(text: &str) -> Record {
    let mut parts = text.splitn(4, " - ");
    let own =
        |time: &str| time.bytes().all(|byte| byte.is_ascii_digit() || b"-/:,. T".contains(&byte));
    if let (Some(time), Some(logger), Some(name)) = (parts.next(), parts.next(), parts.next())
        && let (Some(level), true) = (Level::of(name), own(time))
    {
        let text = parts.next().unwrap_or("").to_owned();
        return Record { level, time: time.into(), logger: logger.into(), text };
    }
    let first = text.lines().next().unwrap_or("");
    let mut words = first.split(|c: char| !c.is_ascii_alphabetic());
    let level = words.find_map(Level::of).unwrap_or_default();
    Record { level, text: text.into(), ..Record::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn page(title: &str, body: &str) -> String {
        format!(
            "<html lang=\"en\"><head><title> {title} </title>\n</head><body>{body}</body></html>"
        )
    }

    #[test]
    fn records_of_the_default_format_oldest_first() {
        let page = page(
            "Logs: tcp://10.0.0.1:1",
            "<p> 2026-11-24 18:37:01,002 - distributed.worker - WARNING - a &lt;b&gt; &amp;amp; &#x27;c&#39; - d\n  two </p>\n\
             <p> 2026-11-24 18:37:00,001 - distributed.worker - INFO - first </p>",
        );
        let logs = logs(&page).unwrap();
        assert_eq!(logs.left_out, 0);
        let [first, last] = &logs.records[..] else { panic!("{logs:?}") };
        assert_eq!((first.level, first.text.as_str()), (Level::Info, "first"));
        assert_eq!(last.level, Level::Warning);
        assert_eq!(last.time, "2026-11-24 18:37:01,002");
        assert_eq!(last.logger, "distributed.worker");
        assert_eq!(last.text, "a <b> &amp; 'c' - d\n  two", "undone once, lines kept");
    }

    #[test]
    fn other_formats_stay_whole() {
        let page =
            page("Logs", "<p> [ERROR] x - INFO - y </p><p> a - b - NOTICE - c </p><p>  </p>");
        let logs = logs(&page).unwrap();
        let levels: Vec<Level> = logs.records.iter().rev().map(|record| record.level).collect();
        assert_eq!(levels, [Level::Error, Level::Unknown, Level::Unknown]);
        assert_eq!(logs.records[2].text, "[ERROR] x - INFO - y");
        assert_eq!(logs.records[1].time, "");
        assert_eq!(logs.records[0].text, "", "an empty record is one");
    }

    #[test]
    fn stacks_by_worker_and_key() {
        let page = page(
            "Call Stacks: tcp://a:1",
            "<h1 class=\"title\"> Call Stacks: tcp://a:1</h1>\
             <h2 class=\"title is-4\"> Worker: tcp://a:1 </h2>\
             <h3 class=\"title is-5\"> Key: (&#x27;nap&#x27;, 1) </h3>\
             <p>   File &quot;/a.py&quot;, line 3, in run\n\treturn f()\n </p>\
             <p>   File &quot;&lt;s&gt;&quot;, line 1, in f\n\t </p>\
             <h3 class=\"title is-5\"> Key: x </h3>",
        );
        let stacks = stacks(&page).unwrap();
        assert_eq!(stacks.len(), 2);
        assert_eq!(
            (stacks[0].worker.as_str(), stacks[0].key.as_str()),
            ("tcp://a:1", "('nap', 1)")
        );
        let frames = &stacks[0].frames;
        assert_eq!(frames[0], ("File \"/a.py\", line 3, in run".into(), "return f()".into()));
        assert_eq!(frames[1], ("File \"<s>\", line 1, in f".into(), String::new()));
        assert_eq!(stacks[1].frames, []);
    }

    #[test]
    fn no_other_page_is_taken_for_one() {
        for other in ["", "<title>Sign in</title><p>INFO</p>", "<p> a </p>", "<title> Call", "500"]
        {
            assert!(logs(other).is_err(), "{other}");
            assert!(stacks(other).is_err(), "{other}");
        }
        assert_eq!(logs(&page("Logs", "")).unwrap(), Logs::default());
        assert_eq!(stacks(&page("Call Stacks: w", "")).unwrap(), []);
    }

    #[test]
    fn many_are_counted() {
        let page = page("Logs", &"<p> x </p>".repeat(MOST_RECORDS + 7));
        let logs = logs(&page).unwrap();
        assert_eq!((logs.records.len(), logs.left_out), (MOST_RECORDS, 7));
    }

    proptest! {
        #[test]
        fn total(text in "(<|>|/|p|h3|title|Logs|Call Stack| |&|#|x|;|lt|9|é|\\n|\\PC){0,60}") {
            let _ = logs(&text);
            let _ = stacks(&text);
            let _ = logs(&page("Logs", &text));
            let _ = stacks(&page("Call Stack", &text));
        }

        #[test]
        fn escaped_text_comes_back(text in "\\PC{0,40}") {
            let mut escaped = text.replace('&', "&amp;");
            for (c, code) in [("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#x27;")] {
                escaped = escaped.replace(c, code);
            }
            prop_assert_eq!(unescape(&escaped), text);
        }
    }
}
