//! A pane's picture as a table: what stands behind it, to read and to save.

use super::flame::sums;
use super::graph::{Graph, Tables};
use super::{Areas, Bars, Picture, Series, Stacks, Unit};
use base::csv::line;
use base::number::plain;
use base::sort::sort_by;
use feed::profile::Profile;
use timeline::ticks::Zone;

/// One cell.
#[derive(Clone, PartialEq, Debug)]
pub enum Cell {
    /// A text.
    Text(String),
    /// An amount.
    Number(f64, Unit),
    /// Seconds, nearly.
    About(f64),
    /// A moment, Unix ms.
    Time(f64),
    /// Nothing.
    None,
}

/// Rows under named columns.
#[derive(Clone, PartialEq, Debug)]
pub struct Table {
    /// Names of the columns, and in what their amounts are.
    pub columns: Vec<(String, &'static str)>,
    /// As many cells each.
    pub rows: Vec<Vec<Cell>>,
}

impl Picture {
    /// Whether what stands behind it, or behind a part of it, can be shown as a table.
    pub fn is_tabled(&self) -> bool {
        match self {
            Self::Parts(parts, _) => parts.iter().any(|(_, part)| part.is_tabled()),
            Self::Bars(_)
            | Self::Series(_)
            | Self::Matrix(_)
            | Self::Stacks(_)
            | Self::Areas(_)
            | Self::Flame(_)
            | Self::Graph(_) => true,
            _ => false,
        }
    }

    /// Whether it can be saved as values: what has a table, or is one.
    pub fn has_csv(&self) -> bool {
        match self {
            Self::Parts(parts, _) => parts.iter().any(|(_, part)| part.has_csv()),
            Self::Grid(_) => true,
            _ => self.is_tabled(),
        }
    }

    /// What stands behind the picture; none where it is a table itself, or says why there is nothing.
    pub fn table(&self) -> Option<Table> {
        match self {
            Self::Bars(bars) => Some(of_bars(bars)),
            Self::Series(series) => Some(of_series(series)),
            Self::Matrix(matrix) => Some(matrix.table()),
            Self::Stacks(stacks) => Some(of_stacks(stacks)),
            Self::Areas(areas) => Some(of_areas(areas)),
            Self::Flame(flame) => Some(of_profile(&flame.profile)),
            Self::Graph(tables) => Some(of_graph(tables)),
            _ => None,
        }
    }

    /// The same as values separated by commas (RFC 4180), amounts in full: bytes, seconds, cores.
    /// Tables as they are.
    pub fn csv(&self) -> Option<String> {
        let mut out = String::new();
        if let Self::Parts(parts, _) = self {
            // One after the other, each below its title.
            for (title, part) in parts {
                let Some(text) = part.csv() else { continue };
                if !out.is_empty() {
                    out.push_str("\r\n");
                }
                line(&mut out, [*title].into_iter());
                out.push_str(&text);
            }
            return (!out.is_empty()).then_some(out);
        }
        if let Self::Grid(grid) = self {
            let unit = |at: usize| {
                let mut cells = grid.rows.iter().filter_map(|row| row.cells.get(at));
                cells.find_map(|cell| match cell {
                    Cell::Number(_, Unit::Count) => None,
                    Cell::Number(_, unit) => Some(unit.name()),
                    Cell::About(_) => Some(Unit::Seconds.name()),
                    Cell::Time(_) => Some("Unix ms"),
                    _ => None,
                })
            };
            let names = grid.columns.iter().enumerate().map(|(at, name)| match unit(at) {
                Some(unit) => format!("{name} ({unit})"),
                None => (*name).to_owned(),
            });
            let mut names: Vec<String> = names.collect();
            if grid.rows.iter().any(|row| row.more.is_some()) {
                names.push("Details".into());
            }
            line(&mut out, names.iter().map(String::as_str));
            for row in &grid.rows {
                let mut cells: Vec<String> = row.cells.iter().map(Cell::exact).collect();
                cells.extend(row.more.clone());
                line(&mut out, cells.iter().map(String::as_str));
            }
        } else {
            let table = match self {
                Self::Matrix(matrix) => matrix.full(),
                _ => self.table()?,
            };
            let names = table.columns.iter().map(|(name, unit)| match (name.as_str(), *unit) {
                (name, "") => name.to_owned(),
                ("", unit) => unit.to_owned(),
                (name, unit) => format!("{name} ({unit})"),
            });
            let names: Vec<String> = names.collect();
            line(&mut out, names.iter().map(String::as_str));
            for row in &table.rows {
                let cells: Vec<String> = row.iter().map(Cell::exact).collect();
                line(&mut out, cells.iter().map(String::as_str));
            }
        }
        Some(out)
    }
}

impl Cell {
    /// In full, for programs.
    pub fn exact(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number, _) | Self::About(number) | Self::Time(number)
                if number.is_finite() =>
            {
                plain(*number)
            }
            _ => String::new(),
        }
    }

    /// For people; `zone` is where the clock on the wall hangs.
    pub fn say(&self, zone: Zone) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number, unit) if number.is_finite() => unit.say(*number),
            Self::About(secs) => "≈ ".to_owned() + &Unit::Seconds.say(*secs),
            Self::Time(ms) if ms.is_finite() => zone.clock((*ms * 1e3) as i64, 3),
            Self::Number(..) | Self::Time(_) | Self::None => String::new(),
        }
    }
}

/// What the edges of a band are.
const EDGES: [&str; 5] = ["least", "lower quartile", "median", "upper quartile", "most"];

fn of_bars(bars: &Bars) -> Table {
    let mut pieces: Vec<&str> = Vec::new();
    for piece in bars.bars.iter().flat_map(|bar| &bar.pieces) {
        if !pieces.contains(&piece.name) {
            pieces.push(piece.name);
        }
    }
    let limits = bars.bars.iter().any(|bar| bar.limit.is_some());
    let mut columns = vec![("Name".to_owned(), "")];
    let unit = bars.unit.name();
    // Where the bar's name says what it is of, the amount is named for what it is.
    columns.extend(pieces.iter().map(|piece| {
        let name = if piece.is_empty() { bars.unit.of() } else { piece };
        (name.to_owned(), unit)
    }));
    if limits {
        columns.push(("limit".to_owned(), unit));
    }
    columns.push(("Details".to_owned(), ""));
    let rows = bars.bars.iter().map(|bar| {
        let mut row = vec![Cell::Text(bar.name.clone())];
        for name in &pieces {
            let mut some = bar.pieces.iter().filter(|piece| piece.name == *name).peekable();
            row.push(match some.peek() {
                Some(_) => Cell::Number(some.map(|piece| piece.amount).sum(), bars.unit),
                None => Cell::None,
            });
        }
        if limits {
            row.push(bar.limit.map_or(Cell::None, |limit| Cell::Number(limit, bars.unit)));
        }
        row.push(Cell::Text(bar.detail.clone()));
        row
    });
    Table { columns, rows: rows.collect() }
}

fn of_series(series: &Series) -> Table {
    let mut columns = vec![("Time".to_owned(), "Unix ms")];
    let mut all: Vec<(&[f64], Unit)> = Vec::new();
    for plot in &series.plots {
        for (name, amounts) in &plot.lines {
            let gap = if name.is_empty() { "" } else { " " };
            columns.push((format!("{}{gap}{name}", plot.title), plot.unit.name()));
            all.push((amounts, plot.unit));
        }
        for (edge, name) in plot.band.iter().flat_map(|band| band.edges.iter().zip(EDGES)) {
            columns.push((format!("{} {name}", plot.title), plot.unit.name()));
            all.push((edge, plot.unit));
        }
    }
    // The newest first: that is what people look for.
    let rows = series.times_ms.iter().enumerate().rev().map(|(at, time)| {
        let amounts = all.iter().map(|(amounts, unit)| {
            amounts.get(at).map_or(Cell::None, |amount| Cell::Number(*amount, *unit))
        });
        std::iter::once(Cell::Time(*time)).chain(amounts).collect()
    });
    Table { columns, rows: rows.collect() }
}

fn of_stacks(stacks: &Stacks) -> Table {
    let mut columns = vec![(stacks.of.to_owned(), "")];
    let unit = stacks.unit.name();
    columns.extend(stacks.keys.iter().map(|key| (key.name.clone(), unit)));
    columns.extend(stacks.facts.iter().map(|(fact, unit)| ((*fact).to_owned(), unit.name())));
    let rows = stacks.bars.iter().chain(&stacks.rest).map(|bar| {
        let name = std::iter::once(Cell::Text(bar.name.clone()));
        let amounts = bar.amounts.iter().map(|amount| Cell::Number(*amount, stacks.unit));
        let facts = bar.facts.iter().zip(stacks.facts);
        let facts =
            facts.map(|(fact, (_, unit))| fact.map_or(Cell::None, |n| Cell::Number(n, *unit)));
        name.chain(amounts).chain(facts).collect()
    });
    Table { columns, rows: rows.collect() }
}

fn of_areas(areas: &Areas) -> Table {
    let mut columns = vec![("Before the last sample".to_owned(), "s")];
    columns.extend(areas.layers.iter().map(|layer| (layer.name.clone(), "")));
    let rows = areas.ages_s.iter().enumerate().rev().map(|(at, age)| {
        let amounts = areas.layers.iter().map(|layer| {
            layer.amounts.get(at).map_or(Cell::None, |amount| Cell::Number(*amount, Unit::Count))
        });
        std::iter::once(Cell::Number(0.0 - age, Unit::Seconds)).chain(amounts).collect()
    });
    Table { columns, rows: rows.collect() }
}

/// The functions, the one with the most time of its own first.
fn of_profile(profile: &Profile) -> Table {
    let mut sums = sums(profile);
    sort_by(&mut sums, |a, b| b.own.total_cmp(&a.own));
    let rows = sums.iter().map(|sum| {
        let function = profile.functions.get(sum.function as usize);
        let text = |number: Option<u32>| {
            Cell::Text(number.map_or_else(String::new, |number| profile.text(number).to_owned()))
        };
        vec![
            text(function.map(|function| function.name)),
            text(function.map(|function| function.file)),
            Cell::Number(sum.own, Unit::Seconds),
            Cell::Number(sum.total, Unit::Seconds),
        ]
    });
    let columns = [("Function", ""), ("File", ""), ("own", "s"), ("total", "s")];
    let columns = columns.map(|(name, unit)| (name.to_owned(), unit)).to_vec();
    Table { columns, rows: rows.collect() }
}

/// The tasks, each with what it needs.
fn of_graph(tables: &Tables) -> Table {
    let mut graph = Graph::default();
    graph.update(tables);
    let mut needs = vec![String::new(); graph.nodes().len()];
    for (from, to) in graph.links() {
        if let Some(text) = needs.get_mut(*to as usize) {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&graph.key(*from));
        }
    }
    let there = graph.nodes().iter().enumerate().filter(|(_, node)| node.shown);
    let rows = there.map(|(row, node)| {
        vec![
            Cell::Text(graph.key(row as u32)),
            Cell::Text(graph.prefix(row as u32).to_owned()),
            Cell::Text(super::state_name(node.state).to_owned()),
            Cell::Text(std::mem::take(&mut needs[row])),
        ]
    });
    let rows = rows.collect();
    let columns = ["Task", "Prefix", "State", "Needs"].map(|name| (name.to_owned(), "")).to_vec();
    Table { columns, rows }
}

#[cfg(test)]
mod tests {
    use super::super::{Bar, Piece, Plot, Tint};
    use super::*;

    #[test]
    fn bars_and_series() {
        let piece = |name, amount| Piece { name, amount, tint: Tint::Plain };
        let bar = |name: &str, pieces, limit| Bar {
            name: name.into(),
            detail: "x, \"y\"".into(),
            pieces,
            limit,
            said: None,
        };
        let bars = Picture::Bars(Bars {
            unit: Unit::Bytes,
            bars: vec![
                bar("=w0", vec![piece("managed", 1.5), piece("spilled", 2.0)], Some(9.0)),
                bar("-1", vec![piece("spilled", 1e21)], None),
            ],
            note: String::new(),
            marks: &[],
        });
        assert_eq!(
            bars.csv().unwrap(),
            "Name,managed (B),spilled (B),limit (B),Details\r\n\
             \"'=w0\",1.5,2,9,\"x, \"\"y\"\"\"\r\n\
             -1,,1e+21,,\"x, \"\"y\"\"\"\r\n"
        );
        let plot =
            |title, unit, lines| Plot { title, unit, lines, band: None, note: String::new() };
        let series = Picture::Series(Series {
            times_ms: vec![1000.0, 2000.0],
            plots: vec![
                plot("CPU", Unit::Cores, vec![("".into(), vec![0.5, f64::NAN])]),
                plot("Net", Unit::Rate, vec![("in".into(), vec![1.0]), ("out".into(), vec![])]),
            ],
            note: String::new(),
        });
        assert_eq!(
            series.csv().unwrap(),
            "Time (Unix ms),CPU (cores),Net in (B/s),Net out (B/s)\r\n2000,,,\r\n1000,0.5,1,\r\n"
        );
        assert_eq!(series.table().unwrap().rows[1][1].say(timeline::ticks::Zone::Fixed(0)), "50 %");
        assert_eq!(Picture::Nothing("x").csv(), None);
    }
}
