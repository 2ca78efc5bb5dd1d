//! The language of the filter field: `prefix:mean worker:w3 -dur<5ms "two words"`.

use base::number;
use base::task::Action;
use store::Store;
use store::scan::RowInfo;

/// What can stand before a colon, and `dur`.
pub const FIELDS: [&str; 5] = ["prefix", "worker", "key", "action", "status"];

/// What a text is looked for in.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub enum Place {
    /// Prefix, and key where no prefix holds it.
    Any,
    /// Prefix.
    Prefix,
    /// The worker's name or address.
    Worker,
    /// Key.
    Key,
}

/// One condition.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Test {
    /// Holds that text, in small letters.
    Text(Place, String),
    /// Is that prefix, or on the worker of that name or address, in small letters.
    Is(Place, String),
    /// Has one of these actions, a bit each.
    Action(u8),
    /// Failed, or did not.
    Erred(bool),
    /// Lasts from so many µs to below so many.
    Dur(i64, i64),
}

/// A condition or its opposite.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Term {
    /// Whether it must not hold.
    pub not: bool,
    /// What.
    pub test: Test,
}

/// What is wrong, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// First byte of what is meant.
    pub from: usize,
    /// First byte behind it.
    pub to: usize,
    /// A sentence.
    pub why: String,
}

/// A token: where it is, and its text without quotes; `open` is where its first quote was.
struct Token {
    from: usize,
    to: usize,
    text: String,
    quote: Option<usize>,
    closed: bool,
}

fn tokens(text: &str) -> Vec<Token> {
    let mut all: Vec<Token> = Vec::new();
    let (mut inside, mut quoted) = (false, false);
    for (at, c) in text.char_indices() {
        if c.is_whitespace() && !quoted {
            inside = false;
            continue;
        }
        if !inside {
            inside = true;
            all.push(Token { from: at, to: at, text: String::new(), quote: None, closed: true });
        }
        let Some(token) = all.last_mut() else { continue };
        token.to = at + c.len_utf8();
        if c == '"' {
            quoted = !quoted;
            token.closed = !quoted;
            token.quote = token.quote.or(Some(token.text.len()));
        } else {
            token.text.push(c);
        }
    }
    all
}

/// Where the last token begins and its text; at the end where there is none.
fn last_token(text: &str) -> (usize, String) {
    match tokens(text).pop() {
        Some(token) if token.to == text.len() => (token.from, token.text),
        _ => (text.len(), String::new()),
    }
}

/// A word at the end of a text that begins a field's name, as far as it was typed: where, and the word.
pub fn begun(text: &str) -> Option<(usize, String)> {
    let (from, token) = last_token(text);
    let word = token.strip_prefix('-').unwrap_or(&token).to_ascii_lowercase();
    let any = FIELDS.iter().chain(&["dur"]).any(|field| field.starts_with(&word));
    (any && !word.is_empty() && !text[from..].contains('"')).then_some((from, word))
}

/// A duration with its unit, µs.
fn duration(text: &str) -> Option<i64> {
    let digits = text.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
    let unit = match &text[digits..] {
        "us" | "µs" => 1.0,
        "ms" => 1e3,
        "s" => 1e6,
        "m" | "min" => 6e7,
        "h" => 3.6e9,
        _ => return None,
    };
    Some((number::parse(&text[..digits])? * unit).round() as i64)
}

/// Reads a query.
///
/// # Errors
/// What is wrong with the first term that is.
pub fn parse(text: &str) -> Result<Vec<Term>, Fault> {
    let mut terms = Vec::new();
    for token in tokens(text) {
        let fault = |why: String| Fault { from: token.from, to: token.to, why };
        if !token.closed {
            return Err(fault("The closing quote is missing.".into()));
        }
        let negated = token.text.starts_with('-') && token.text.len() > 1 && token.quote != Some(0);
        let skip = usize::from(negated);
        let body = &token.text[skip..];
        // What is quoted is never a field.
        let plain = &body[..token.quote.unwrap_or(token.text.len()).saturating_sub(skip)];
        let test = test(body, plain).map_err(fault)?;
        terms.push(Term { not: negated, test });
    }
    Ok(terms)
}

fn test(body: &str, plain: &str) -> Result<Test, String> {
    let text = |place, text: &str| Test::Text(place, text.to_ascii_lowercase());
    let Some(at) = plain.find([':', '<', '>']) else { return Ok(text(Place::Any, body)) };
    let (name, rest) = body.split_at(at);
    let name = name.to_ascii_lowercase();
    if name == "dur" || name == "duration" {
        let rest = rest.trim_start_matches(':');
        let value = rest.trim_start_matches(['<', '>', '=']);
        let Some(micros) = duration(value) else {
            return Err("A duration is a number with us, ms, s or min: dur>1s, dur<5ms.".into());
        };
        return match &rest[..rest.len() - value.len()] {
            ">" => Ok(Test::Dur(micros.saturating_add(1), i64::MAX)),
            ">=" => Ok(Test::Dur(micros, i64::MAX)),
            "<" => Ok(Test::Dur(0, micros)),
            "<=" => Ok(Test::Dur(0, micros.saturating_add(1))),
            _ => Err("Compare durations with < or >: dur>1s, dur<5ms.".into()),
        };
    }
    if !rest.starts_with(':') || name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphabetic()) {
        return Ok(text(Place::Any, body));
    }
    let value = &rest[1..];
    if !FIELDS.contains(&name.as_str()) {
        return Err(format!(
            "There is no field \"{name}\": there are prefix, worker, key, action, status and dur. In \
             quotes it is a text.",
        ));
    }
    if value.is_empty() {
        return Err(format!("A text is missing after {name}:"));
    }
    let small = value.to_ascii_lowercase();
    // A value in quotes is meant as it stands: `worker:"w1"` is not also w10.
    let whole = plain.len() == at + 1 && plain.len() < body.len();
    match name.as_str() {
        "prefix" if whole => Ok(Test::Is(Place::Prefix, small)),
        "worker" if whole => Ok(Test::Is(Place::Worker, small)),
        "prefix" => Ok(text(Place::Prefix, value)),
        "worker" => Ok(text(Place::Worker, value)),
        "key" => Ok(text(Place::Key, value)),
        "action" => {
            let mut mask = 0;
            for action in Action::ALL {
                mask |= u8::from(action.name().starts_with(&small)) << action as u8;
            }
            if mask > 0 {
                return Ok(Test::Action(mask));
            }
            Err("An action is compute, transfer, disk-read, disk-write or deserialize.".into())
        }
        _ if "erred".starts_with(&small) || small == "failed" => Ok(Test::Erred(true)),
        _ if "ok".starts_with(&small) => Ok(Test::Erred(false)),
        _ => Err("A status is erred or ok.".into()),
    }
}

/// A query at work: remembers which prefixes and workers hold which text.
#[derive(Clone, Debug)]
pub struct Matcher {
    terms: Vec<Term>,
    /// By term: of each prefix or worker, whether it holds the text; 0 is not known yet.
    known: Vec<Vec<u8>>,
    /// By term: whether it is a plain word that some prefix holds, so that it means prefixes only.
    /// (Any short word of hexadecimal digits stands in some of the keys.)
    named: Vec<bool>,
    key: String,
    spoken: String,
}

impl Matcher {
    /// Of a query.
    pub fn new(terms: Vec<Term>) -> Self {
        let known = vec![Vec::new(); terms.len()];
        let named = vec![false; terms.len()];
        Self { terms, known, named, key: String::new(), spoken: String::new() }
    }

    /// Looks which plain words are held by prefixes now. Says whether one means something else.
    pub fn learn_prefixes(&mut self, store: &Store) -> bool {
        let mut news = false;
        for (term, named) in self.terms.iter().zip(&mut self.named) {
            if let (Test::Text(Place::Any, text), false) = (&term.test, *named) {
                *named = (0..store.prefix_count() as u32)
                    .any(|id| store.prefix_name(id).to_ascii_lowercase().contains(text));
                news |= *named;
            }
        }
        news
    }

    /// Forgets what workers are called. Says whether that is asked for.
    pub fn forget_workers(&mut self) -> bool {
        let mut asked = false;
        for (term, known) in self.terms.iter().zip(&mut self.known) {
            if matches!(term.test, Test::Text(Place::Worker, _) | Test::Is(Place::Worker, _)) {
                known.clear();
                asked = true;
            }
        }
        asked
    }

    /// Numbers stand for other prefixes than before.
    pub fn forget_prefixes(&mut self, ids: &[u32]) {
        for (term, known) in self.terms.iter().zip(&mut self.known) {
            if !matches!(term.test, Test::Text(Place::Worker, _) | Test::Is(Place::Worker, _)) {
                forget(known, ids);
            }
        }
    }

    /// The one text that fading of prefixes can show, when there is nothing else in it.
    pub fn prefix_text(&self) -> Option<&str> {
        match self.terms.as_slice() {
            [Term { not: false, test: Test::Text(Place::Prefix, text) }] => Some(text),
            [Term { not: false, test: Test::Text(Place::Any, text) }] if self.named == [true] => {
                Some(text)
            }
            _ => None,
        }
    }

    /// Whether a row is meant. `labels` are the workers' names as shown.
    pub fn holds(&mut self, store: &Store, labels: &[String], row: &RowInfo) -> bool {
        let mut decoded = false;
        // What needs the key last: it costs most.
        for keys in [false, true] {
            let terms = self.terms.iter().zip(&self.named).zip(&mut self.known);
            for ((term, named), known) in terms {
                let mut by_key = false;
                let mut yes = match &term.test {
                    Test::Action(mask) => mask >> row.action as u8 & 1 == 1,
                    Test::Erred(erred) => *erred == row.erred,
                    Test::Dur(from, to) => (*from..*to).contains(&row.dur),
                    Test::Text(Place::Worker, text) => memo(known, row.worker, &|| {
                        let label = labels.get(row.worker as usize);
                        label.is_some_and(|label| label.to_ascii_lowercase().contains(text))
                            || store.worker_name(row.worker).to_ascii_lowercase().contains(text)
                    }),
                    Test::Is(Place::Worker, text) => memo(known, row.worker, &|| {
                        let label = labels.get(row.worker as usize);
                        label.is_some_and(|label| label.eq_ignore_ascii_case(text))
                            || store.worker_name(row.worker).eq_ignore_ascii_case(text)
                    }),
                    Test::Is(_, text) => memo(known, row.name, &|| {
                        store.prefix_name(row.name).eq_ignore_ascii_case(text)
                    }),
                    Test::Text(place, text) => {
                        let known = *place != Place::Key
                            && memo(known, row.name, &|| {
                                store.prefix_name(row.name).to_ascii_lowercase().contains(text)
                            });
                        by_key = *place != Place::Prefix && !known && !named;
                        known
                    }
                };
                if by_key != keys {
                    continue;
                }
                if let (true, Test::Text(_, text)) = (by_key, &term.test) {
                    if !decoded {
                        decoded = true;
                        self.spoken.clear();
                        if let Some(row) = store.row(row.at, &mut self.key) {
                            self.spoken = spoken(row.key, row.key_is_json);
                            self.spoken.make_ascii_lowercase();
                        }
                    }
                    yes = self.spoken.contains(text);
                }
                if yes == term.not {
                    return false;
                }
            }
        }
        true
    }
}

/// What was remembered of these numbers is to be asked again.
pub fn forget(known: &mut [u8], ids: &[u32]) {
    for id in ids {
        if let Some(known) = known.get_mut(*id as usize) {
            *known = 0;
        }
    }
}

fn memo(known: &mut Vec<u8>, id: u32, ask: &dyn Fn() -> bool) -> bool {
    let id = id as usize;
    if known.len() <= id {
        known.resize(id + 1, 0);
    }
    if known[id] == 0 {
        known[id] = 1 + u8::from(ask());
    }
    known[id] == 2
}

/// A key as Python writes it: `('add-1', 2)` for the JSON text `["add-1",2]`.
pub fn spoken(key: &str, is_json: bool) -> String {
    if !is_json {
        return key.to_owned();
    }
    let mut out = String::with_capacity(key.len() + 8);
    // Of each open bracket, whether a comma has been in it.
    let mut commas: Vec<bool> = Vec::new();
    let mut chars = key.chars();
    let mut word = String::new();
    while let Some(c) = chars.next() {
        if !c.is_ascii_alphabetic() && !word.is_empty() {
            out.push_str(python_word(&word));
            word.clear();
        }
        match c {
            '[' => {
                commas.push(false);
                out.push('(');
            }
            ']' => out.push_str(if commas.pop() == Some(false) { ",)" } else { ")" }),
            ',' => {
                if let Some(last) = commas.last_mut() {
                    *last = true;
                }
                out.push_str(", ");
            }
            '"' => {
                let mut text = String::new();
                while let Some(c) = chars.next() {
                    match c {
                        '"' => break,
                        '\\' => match chars.next() {
                            Some('u') => {
                                let code: String = chars.by_ref().take(4).collect();
                                let code = u32::from_str_radix(&code, 16).ok();
                                text.push(code.and_then(char::from_u32).unwrap_or('\u{fffd}'));
                            }
                            Some('n') => text.push_str("\\n"),
                            Some('t') => text.push_str("\\t"),
                            Some('\\') => text.push_str("\\\\"),
                            Some(other) => text.push(other),
                            None => {}
                        },
                        _ => text.push(c),
                    }
                }
                let quote = if text.contains('\'') { '"' } else { '\'' };
                out.push(quote);
                out.push_str(&text);
                out.push(quote);
            }
            c if c.is_ascii_alphabetic() => word.push(c),
            ' ' => {}
            c => out.push(c),
        }
    }
    out.push_str(python_word(&word));
    out
}

fn python_word(word: &str) -> &str {
    match word {
        "null" => "None",
        "true" => "True",
        "false" => "False",
        other => other,
    }
}

/// A way to go on writing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Completion {
    /// What to show.
    pub label: String,
    /// The whole field's text with it.
    pub text: String,
}

/// At most eight ways to go on; `words` gives what stands in a field.
pub fn complete(text: &str, words: &dyn Fn(&str) -> Vec<String>) -> Vec<Completion> {
    let (from, token) = last_token(text);
    let (minus, body) = match token.strip_prefix('-') {
        Some(body) => ("-", body),
        None => ("", token.as_str()),
    };
    let small = body.to_ascii_lowercase();
    let mut out: Vec<Completion> = Vec::new();
    let mut add = |label: String, more: &str| {
        let text = format!("{}{minus}{label}{more}", &text[..from]);
        out.push(Completion { label, text });
    };
    let mut values = |field: &str, part: &str| {
        let all = words(field);
        for first in [true, false] {
            for word in &all {
                let at = word.to_ascii_lowercase().find(part);
                if at.is_some_and(|at| (at == 0) == first) {
                    // One that others hold as well is quoted, so that it means itself.
                    let others = all.iter().filter(|other| other.contains(word.as_str())).count();
                    let quoted = word.contains([' ', '"']) || others > 1 && field != "key";
                    let quote = if quoted { "\"" } else { "" };
                    add(format!("{field}:{quote}{word}{quote}"), " ");
                }
            }
        }
    };
    if let Some((field, part)) = small.split_once(':') {
        if FIELDS.contains(&field) {
            values(field, part);
        }
    } else {
        if !small.is_empty() {
            values("prefix", &small);
        }
        for field in FIELDS {
            if field.starts_with(&small) {
                add(format!("{field}:"), "");
            }
        }
        if "dur>1s".starts_with(&small) {
            add("dur>1s".into(), "");
        }
    }
    out.truncate(8);
    // What stands there already is no way to go on.
    out.retain(|one| one.text.trim_end() != text);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(text: &str) -> Test {
        let mut terms = parse(text).unwrap();
        assert_eq!(terms.len(), 1, "{text}");
        terms.remove(0).test
    }

    #[test]
    fn reads_terms() {
        assert_eq!(one("Mean"), Test::Text(Place::Any, "mean".into()));
        assert_eq!(one("prefix:mean"), Test::Text(Place::Prefix, "mean".into()));
        assert_eq!(one("prefix:\"Sum\""), Test::Is(Place::Prefix, "sum".into()));
        assert_eq!(one("worker:\"worker 1\""), Test::Is(Place::Worker, "worker 1".into()));
        assert_eq!(one("worker:w\" 1\""), Test::Text(Place::Worker, "w 1".into()));
        assert_eq!(one("key:\"('a b', 1)\""), Test::Text(Place::Key, "('a b', 1)".into()));
        assert_eq!(one("\"odd:x y\""), Test::Text(Place::Any, "odd:x y".into()));
        assert_eq!(one("<lambda>"), Test::Text(Place::Any, "<lambda>".into()));
        assert_eq!(one("action:disk"), Test::Action(0b1100));
        assert_eq!(one("status:erred"), Test::Erred(true));
        assert_eq!(one("dur>1s"), Test::Dur(1_000_001, i64::MAX));
        assert_eq!(one("dur<=1.5ms"), Test::Dur(0, 1_501));
        assert_eq!(one("dur<2min"), Test::Dur(0, 120_000_000));
        let terms = parse("  -worker:w3   dur>=5us -- - ").unwrap();
        assert_eq!(terms.len(), 4);
        assert!(terms[0].not && !terms[1].not);
        assert_eq!(terms[1].test, Test::Dur(5, i64::MAX));
        assert_eq!(parse("").unwrap(), []);
    }

    #[test]
    fn faults_point_at_their_place() {
        let fault = |text: &str| {
            let fault = parse(text).unwrap_err();
            (text[fault.from..fault.to].to_owned(), fault.why)
        };
        let (at, why) = fault("mean colour:red x");
        assert!(at == "colour:red" && why.contains("no field \"colour\""), "{at} {why}");
        assert_eq!(fault("mean dur>5 x").0, "dur>5");
        assert!(fault("dur>5").1.contains("us, ms, s or min"));
        assert!(fault("dur5s dur:5s").1.contains("< or >"));
        assert_eq!(fault("a key:\"x y").0, "key:\"x y");
        assert!(fault("action:sleep").1.contains("disk-read"));
        assert!(fault("status:odd").1.contains("erred or ok"));
        assert!(fault("worker:").1.contains("missing after worker:"));
    }

    #[test]
    fn keys_as_python_writes_them() {
        assert_eq!(spoken("x-1", false), "x-1");
        assert_eq!(spoken("[\"add-1\",2]", true), "('add-1', 2)");
        assert_eq!(spoken("[\"a\"]", true), "('a',)");
        assert_eq!(spoken("[\"a\",[1,null],true]", true), "('a', (1, None), True)");
        assert_eq!(spoken("[\"it's\",1.5]", true), "(\"it's\", 1.5)");
    }

    #[test]
    fn a_field_that_is_being_typed() {
        assert_eq!(begun("x -pre"), Some((2, "pre".into())));
        assert_eq!(begun("Du"), Some((0, "du".into())));
        for text in ["", "x ", "mean", "prefix:", "dur>", "\"pre\""] {
            assert_eq!(begun(text), None, "{text}");
        }
    }

    #[test]
    fn completes() {
        let words = |field: &str| match field {
            "prefix" => vec!["sum".into(), "mean_chunk".into(), "a b".into()],
            _ => vec![],
        };
        let texts = |text: &str| -> Vec<String> {
            complete(text, &words).into_iter().map(|one| one.text).collect()
        };
        assert_eq!(texts("x -pre"), ["x -prefix:"]);
        assert_eq!(texts("prefix:m"), ["prefix:mean_chunk ", "prefix:sum "]);
        assert_eq!(texts("prefix:a"), ["prefix:\"a b\" ", "prefix:mean_chunk "]);
        assert_eq!(texts("mean"), ["prefix:mean_chunk "]);
        assert_eq!(texts("x ").len(), 6);
        assert_eq!(texts("odd:x"), [""; 0]);
        let workers = |_: &str| vec!["w1".into(), "w10".into()];
        let all = complete("worker:w1", &workers).into_iter().map(|one| one.text);
        assert_eq!(all.collect::<Vec<_>>(), ["worker:\"w1\" ", "worker:w10 "]);
    }

    proptest! {
        #[test]
        fn never_panics(text in "[a-z :<>=\"\\-0-9.µé]{0,24}|\\PC{0,20}|-?dur[<>=]{0,2}[0-9.a-z]{0,6}") {
            if let Err(fault) = parse(&text) {
                prop_assert!(text.get(fault.from..fault.to).is_some_and(|at| !at.is_empty()));
            }
            complete(&text, &|_| vec!["a b".into(), "é\"".into()]);
            spoken(&text, true);
        }
    }
}
