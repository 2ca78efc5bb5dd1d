//! A profile as frames in a tree: which function called which, and how long each was seen at work.

use super::bokeh::document::ACTIVITY;
use super::bokeh::table::Table;
use super::tasks::color_of;
use base::hash::hash_str;
use base::intern::Interner;
use base::number;
use base::task::Rgb;

/// The columns by which the source of a profile is known.
const COLUMNS: [&str; 5] = ["left", "right", "bottom", "name", "time"];

/// No frame: what the root has above it.
pub const NONE: u32 = u32::MAX;

/// A function as it was called along one way from the root.
#[derive(Clone, PartialEq, Debug)]
pub struct Frame {
    /// Which frame called it; [`NONE`] for the root.
    pub parent: u32,
    /// One past the last frame below it: its own are those from the next one to here.
    pub end: u32,
    /// How far below the root.
    pub depth: u16,
    /// Which function, see [`Profile::functions`].
    pub function: u32,
    /// The line that was seen first, as a text of the profile.
    pub source: u32,
    /// The number of that line; 0 where it is not known.
    pub line: u32,
    /// Seconds of the root's time that lie before it.
    pub left: f64,
    /// Seconds in it and in what it called.
    pub total: f64,
    /// Seconds in it and in nothing that is a frame of its own.
    pub own: f64,
}

/// A function. Those of one name in one file count as one: Dask does not send more about them.
#[derive(Clone, PartialEq, Debug)]
pub struct Function {
    /// Its name, as a text of the profile.
    pub name: u32,
    /// Its file, likewise.
    pub file: u32,
    /// The same for the same function in any profile.
    pub key: u64,
    /// The colour that Dask gives its file.
    pub color: Option<Rgb>,
}

/// A profile. Its frames stand in the order of a walk from the root: parents before children.
#[derive(Clone, Default, Debug)]
pub struct Profile {
    /// The frames, the root first; empty where nothing was sampled.
    pub frames: Vec<Frame>,
    /// The functions.
    pub functions: Vec<Function>,
    texts: Interner,
    /// When samples were taken: Unix ms, in order.
    pub times_ms: Vec<f64>,
    /// How many then.
    pub counts: Vec<f64>,
    /// When it came, Unix ms.
    pub at_ms: f64,
}

impl Profile {
    /// Reads it from the sources of its page; none where there is no such source.
    pub fn read(tables: &[&Table], at_ms: f64) -> Option<Self> {
        let table = tables.iter().find(|table| table.has(&COLUMNS))?;
        let mut made = Self { at_ms, ..Self::default() };
        made.fill(table);
        made.sum();
        if let Some(activity) = tables.iter().find(|table| table.has(&ACTIVITY)) {
            let [times, counts] = ACTIVITY.map(|name| activity.column(name));
            if let (Some(times), Some(counts)) = (times, counts) {
                for i in 0..times.len().min(counts.len()) {
                    let time = times.number(i).filter(|time| time.is_finite());
                    if let (Some(time), Some(count)) = (time, counts.number(i)) {
                        made.times_ms.push(time);
                        made.counts.push(if count > 0.0 { count } else { 0.0 });
                    }
                }
            }
        }
        Some(made)
    }

    /// A text by its number.
    pub fn text(&self, number: u32) -> &str {
        self.texts.get(number)
    }

    /// Seconds of all that was sampled.
    pub fn total(&self) -> f64 {
        self.frames.first().map_or(0.0, |root| root.total)
    }

    fn fill(&mut self, table: &Table) {
        let number = |name: &str, i: usize| {
            table.column(name).and_then(|column| column.number(i)).filter(|n| n.is_finite())
        };
        let text = |name: &str, i: usize| {
            table.column(name).and_then(|column| column.text(i)).unwrap_or("")
        };
        let count = table.rows().min(NONE as usize - 1);
        let second = seconds_of_all(table, count);
        let mut known = Interner::default();
        // The frames above the one to come, the root first.
        let mut above: Vec<u32> = Vec::new();
        for i in 0..count {
            let left = number("left", i).unwrap_or(0.0);
            let total = (number("right", i).unwrap_or(left) - left).max(0.0) * second;
            let depth = number("bottom", i).unwrap_or(0.0).clamp(0.0, 60_000.0) as usize;
            let depth = if i == 0 { 0 } else { depth.clamp(1, above.len()) };
            above.truncate(depth);
            let (name, file) = (text("name", i), text("filename", i));
            let who = format!("{name}\n{file}");
            let function = known.intern(&who);
            if function as usize == self.functions.len() {
                let color = Some(text("color", i)).filter(|color| !color.is_empty());
                self.functions.push(Function {
                    name: self.texts.intern(name),
                    file: self.texts.intern(file),
                    key: hash_str(&who),
                    color: color.map(color_of),
                });
            }
            self.frames.push(Frame {
                parent: above.last().copied().unwrap_or(NONE),
                end: 0,
                depth: depth as u16,
                function,
                source: self.texts.intern(text("line", i).trim()),
                line: number("line_number", i).map_or(0, |line| line.max(0.0) as u32),
                left: left * second,
                total,
                own: total,
            });
            above.push(i as u32);
        }
    }

    /// Own times and ends, from the last frame to the first.
    fn sum(&mut self) {
        for i in (0..self.frames.len()).rev() {
            let Some(frame) = self.frames.get_mut(i) else { return };
            frame.end = frame.end.max(i as u32 + 1);
            // Sums of floats: what is left over of nothing is nothing.
            frame.own = if frame.own > frame.total * 1e-9 { frame.own } else { 0.0 };
            let (parent, end, total) = (frame.parent, frame.end, frame.total);
            if let Some(above) = self.frames.get_mut(parent as usize) {
                above.own -= total;
                above.end = above.end.max(end);
            }
        }
    }
}

/// How many seconds a width of 1 stands for. Dask rounds times to what people read, so of all frames
/// the one decides whose time is the least rounded for its size.
fn seconds_of_all(table: &Table, count: usize) -> f64 {
    let [left, right, time] = ["left", "right", "time"].map(|name| table.column(name));
    let (Some(left), Some(right), Some(time)) = (left, right, time) else { return 0.0 };
    let (mut best, mut second) = (f64::INFINITY, 0.0);
    for i in 0..count {
        let width = right.number(i).unwrap_or(0.0) - left.number(i).unwrap_or(0.0);
        let Some((seconds, unsure)) = time.text(i).and_then(seconds) else { continue };
        if width > 0.0 && seconds > 0.0 && unsure / seconds < best {
            best = unsure / seconds;
            second = seconds / width;
        }
    }
    if f64::is_finite(second) { second } else { 0.0 }
}

/// Dask's words for a duration (`221.44 s`, `10.00 ms`, `20m 34s`, `3hr 25m`) in seconds, and by how
/// many it may be wrong.
pub fn seconds(words: &str) -> Option<(f64, f64)> {
    let (mut sum, mut unsure, mut rest) = (0.0, 0.0, words.trim());
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (digits, after) = rest.split_at(end);
        let after = after.trim_start();
        let end = after.find(|c: char| c.is_ascii_digit() || c == ' ').unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let unit = match unit {
            "d" => 86_400.0,
            "hr" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" => 1e-6,
            _ => return None,
        };
        sum += number::parse(digits)? * unit;
        // Two decimals are rounded, whole units are cut off.
        unsure = if digits.contains('.') { unit * 0.005 } else { unit * 0.5 };
        rest = after.trim_start();
    }
    let cut = if words.contains('.') { 0.0 } else { unsure };
    (unsure > 0.0).then_some((sum + cut, unsure))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_as_dask_writes_them() {
        for (words, wanted) in [
            ("221.44 s", Some((221.44, 0.005))),
            ("10.00 ms", Some((0.01, 5e-6))),
            ("123.45 us", Some((123.45e-6, 5e-9))),
            ("20m 34s", Some((1234.5, 0.5))),
            ("3hr 25m", Some((12_330.0, 30.0))),
            ("14d 6hr", Some((1_233_000.0, 1800.0))),
            ("", None),
            ("s", None),
            ("1 fortnight", None),
            ("12", None),
            ("1.2.3 s", None),
        ] {
            match (seconds(words), wanted) {
                (Some((a, da)), Some((b, db))) => {
                    assert!((a - b).abs() < 1e-9 * b && (da - db).abs() < 1e-9 * b, "{words}");
                }
                (got, wanted) => assert_eq!(got, wanted, "{words}"),
            }
        }
    }

    fn table(rows: &[(f64, f64, f64, &str)]) -> Table {
        let mut table = Table::default();
        for name in COLUMNS {
            table.column_mut(name);
        }
        for (left, right, bottom, name) in rows {
            table.column_mut("left").push_number(*left);
            table.column_mut("right").push_number(*right);
            table.column_mut("bottom").push_number(*bottom);
            table.column_mut("name").push_text(name);
            table.column_mut("time").push_text("30m 0s");
        }
        table
    }

    #[test]
    fn whatever_comes_makes_a_tree() {
        let odd = table(&[
            (0.0, 1.0, 7.0, "root"),
            (0.5, 0.2, 9.0, "backwards, too deep"),
            (0.0, 1.0, 0.0, "another root"),
            (f64::NAN, 0.3, f64::NAN, "nowhere"),
            (0.0, 2.0, -4.0, "larger than all"),
        ]);
        let profile = Profile::read(&[&odd], 0.0).unwrap();
        assert_eq!(profile.frames.len(), 5);
        for (i, frame) in profile.frames.iter().enumerate() {
            assert_eq!(i == 0, frame.parent == NONE);
            assert!(frame.parent == NONE || frame.parent < i as u32);
            assert!(frame.end as usize > i && frame.end as usize <= profile.frames.len());
            assert!(frame.own >= 0.0 && frame.own <= frame.total && frame.total.is_finite());
        }
        assert!(Profile::read(&[&Table::default()], 0.0).is_none());
        assert_eq!(Profile::read(&[&table(&[])], 0.0).unwrap().total(), 0.0);
    }
}
