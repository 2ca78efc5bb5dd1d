//! A pane's picture as a drawing to save: SVG, light or dark, that stands for itself.

mod shapes;

use std::fmt::Write as _;
use std::rc::Rc;

use super::matrix::{Across, Matrix};
use super::{Band, Bars, Picture, Plot, Series, Tint};
use base::number::fixed;
use base::task::Rgb;
use timeline::palette;
use timeline::ramp;
use timeline::scene::crop;
use timeline::ticks::{Zone, ticks};

/// Width of a drawing, px.
const WIDTH: f64 = 960.0;
/// Room for names to the left, px.
const NAMES: f64 = 220.0;
/// Room for amounts to the right at least, px, and for each letter of them.
const SAID: f64 = 150.0;
const GLYPH: f64 = 6.8;
/// Height of a bar's line, and of one plot, px.
const LINE: f64 = 22.0;
const PLOT: f64 = 150.0;
/// Bars drawn at most; the rest is counted.
const MOST: usize = 200;

/// Colours of a drawing, as the page has them: CSS.
pub struct Inks {
    ground: String,
    text: String,
    mute: String,
    line: String,
    good: String,
    warn: String,
    bad: String,
    faint: String,
    accent: String,
    link: String,
    blue: String,
    violet: String,
}

impl Inks {
    /// From the page's tokens (`www/css/tokens.css`), by name.
    pub fn read(token: &dyn Fn(&str) -> String) -> Self {
        Self {
            ground: token("--panel"),
            text: token("--text"),
            mute: token("--mute"),
            line: token("--line"),
            good: token("--ok"),
            warn: token("--warn"),
            bad: token("--bad"),
            faint: token("--faint"),
            accent: token("--accent"),
            link: token("--link"),
            blue: token("--blue"),
            violet: token("--violet"),
        }
    }
}

/// A drawing in the making.
struct Drawing {
    body: String,
    inks: Rc<Inks>,
    dark: bool,
}

impl Drawing {
    fn rect(&mut self, x: f64, y: f64, w: f64, h: f64, fill: &str) {
        let [x, y, w, h] = [x, y, w, h].map(|number| fixed(number, 2));
        let _ = write!(
            self.body,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" fill=\"{fill}\"/>"
        );
    }

    fn text(&mut self, x: f64, y: f64, anchor: &str, fill: &str, size: u32, text: &str) {
        let [x, y] = [x, y].map(|number| fixed(number, 2));
        let _ = write!(
            self.body,
            "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" fill=\"{fill}\" font-size=\"{size}\">"
        );
        escape(&mut self.body, text);
        self.body.push_str("</text>");
    }

    /// Round moments below a picture: from `left`, so wide, at the height `y`; from when on, and for how
    /// long, ms.
    fn times(&mut self, (left, wide, y): (f64, f64, f64), (first, long): (f64, f64), zone: Zone) {
        let mute = self.inks.mute.clone();
        for tick in ticks(first * 1e3, long * 1e3, wide, 110.0, zone) {
            self.text(left + tick.share * wide, y, "middle", &mute, 11, &tick.label);
        }
    }

    fn tint(&self, tint: Tint) -> (String, f64) {
        let (ink, alpha) = match tint {
            Tint::Own(Rgb(r, g, b)) => {
                return (palette::css(palette::fit(Rgb(r, g, b), self.dark)), 1.0);
            }
            Tint::Plain => (&self.inks.accent, 1.0),
            Tint::Second => (&self.inks.accent, 0.55),
            Tint::Managed | Tint::Hot => (&self.inks.good, 1.0),
            Tint::Old => (&self.inks.warn, 1.0),
            Tint::Recent => (&self.inks.warn, 0.55),
            Tint::Spilled => (&self.inks.faint, 1.0),
            Tint::Idle => (&self.inks.bad, 1.0),
        };
        (ink.clone(), alpha)
    }
}

fn escape(out: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            // XML has no other control characters.
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
}

/// Whether there is a drawing of a picture.
pub fn is_drawn(picture: &Picture) -> bool {
    match picture {
        Picture::Bars(_)
        | Picture::Series(_)
        | Picture::Matrix(_)
        | Picture::Stacks(_)
        | Picture::Areas(_)
        | Picture::Flame(_)
        | Picture::Graph(_) => true,
        Picture::Parts(parts, _) => parts.iter().any(|(_, part)| is_drawn(part)),
        _ => false,
    }
}

/// The drawing of a picture with a head, and how large it is in px; none of tables and of nothing.
/// `dark` is for colours that Dask gives, `zone` where the clock on the wall hangs.
pub fn draw(
    picture: &Picture,
    title: &str,
    (inks, dark): (Inks, bool),
    zone: Zone,
) -> Option<(String, [u32; 2])> {
    let mut to = Drawing { body: String::new(), inks: Rc::new(inks), dark };
    let height = to.whole(picture, title, zone)?;
    let size = [WIDTH as u32, height as u32];
    let [w, h] = size;
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" \
         font-family=\"system-ui, sans-serif\"><rect width=\"100%\" height=\"100%\" fill=\"{}\"/>{}</svg>",
        to.inks.ground, to.body
    );
    Some((svg, size))
}

impl Drawing {
    /// A picture with its head; gives how high it is.
    fn whole(&mut self, picture: &Picture, title: &str, zone: Zone) -> Option<f64> {
        if !is_drawn(picture) {
            return None;
        }
        let inks = self.inks.clone();
        self.text(16.0, 26.0, "start", &inks.text, 15, title);
        self.text(16.0, 44.0, "start", &inks.mute, 11, picture.note());
        Some(match picture {
            Picture::Bars(bars) => draw_bars(self, bars),
            Picture::Series(series) => draw_series(self, series, zone),
            Picture::Matrix(matrix) => draw_matrix(self, matrix, zone),
            Picture::Stacks(stacks) => shapes::stacks(self, stacks),
            Picture::Areas(areas) => shapes::areas(self, areas),
            Picture::Flame(flame) => shapes::flame(self, flame),
            Picture::Graph(tables) => shapes::graph(self, tables),
            Picture::Parts(parts, _) => {
                let mut y = 56.0;
                for (title, part) in parts {
                    let _ = write!(self.body, "<g transform=\"translate(0 {})\">", fixed(y, 0));
                    y += self.whole(part, title, zone).unwrap_or(0.0);
                    self.body.push_str("</g>");
                }
                y
            }
            _ => return None,
        })
    }
}

/// What stands beside a bar.
fn said_of(shown: &Bars, bar: &super::Bar) -> String {
    let sum = || bar.pieces.iter().map(|piece| piece.amount).sum::<f64>();
    bar.said.clone().unwrap_or_else(|| shown.unit.say(sum()))
}

/// Room for the longest of some texts to the right of bars, px.
fn said_room(texts: impl Iterator<Item = impl AsRef<str>>) -> f64 {
    let longest = texts.map(|text| text.as_ref().chars().count()).max().unwrap_or(0);
    (longest as f64 * GLYPH + 32.0).clamp(SAID, WIDTH / 2.0)
}

fn draw_bars(to: &mut Drawing, shown: &Bars) -> f64 {
    let longest = shown.bars.iter().map(|bar| bar.laid().1).fold(1e-12, f64::max);
    let room =
        WIDTH - NAMES - said_room(shown.bars.iter().take(MOST).map(|bar| said_of(shown, bar)));
    let inks = to.inks.clone();
    let (text, mute, line) = (&*inks.text, &*inks.mute, &*inks.line);
    let mut y = 60.0;
    for bar in shown.bars.iter().take(MOST) {
        let name = crop(&bar.name, 28);
        to.text(NAMES - 10.0, y + 14.0, "end", text, 12, &name);
        if let Some(limit) = bar.limit {
            to.rect(NAMES, y + 3.0, limit / longest * room, LINE - 8.0, line);
        }
        for (begin, piece) in bar.laid().0 {
            let (x, wide) = (NAMES + begin / longest * room, piece.amount / longest * room);
            let (fill, alpha) = to.tint(piece.tint);
            if alpha < 1.0 {
                let _ = write!(to.body, "<g opacity=\"{alpha}\">");
            }
            to.rect(x, y + 3.0, wide, LINE - 8.0, &fill);
            if alpha < 1.0 {
                to.body.push_str("</g>");
            }
        }
        for (at, _) in bar.limit.iter().flat_map(|_| shown.marks) {
            let x = NAMES + bar.limit.unwrap_or(0.0) * at / longest * room;
            to.rect(x, y + 3.0, 1.0, LINE - 8.0, mute);
        }
        let said = said_of(shown, bar);
        to.text(WIDTH - 16.0, y + 14.0, "end", text, 12, &said);
        y += LINE;
    }
    if let Some(more) = shown.bars.len().checked_sub(MOST).filter(|more| *more > 0) {
        to.text(NAMES, y + 14.0, "start", mute, 12, &format!("and {more} more"));
        y += LINE;
    }
    y + 14.0
}

fn draw_series(to: &mut Drawing, shown: &Series, zone: Zone) -> f64 {
    let mut y = 60.0;
    for plot in &shown.plots {
        draw_plot(to, plot, &shown.times_ms, y, zone);
        y += PLOT;
    }
    y + 8.0
}

fn draw_plot(to: &mut Drawing, plot: &Plot, times_ms: &[f64], top: f64, zone: Zone) {
    let (left, right, base) = (96.0, WIDTH - 24.0, top + PLOT - 30.0);
    let inks = to.inks.clone();
    let (text, mute, line) = (&*inks.text, &*inks.mute, &*inks.line);
    to.text(16.0, top + 10.0, "start", text, 12, plot.title);
    let (Some(first), Some(last)) = (times_ms.first(), times_ms.last()) else { return };
    let most = plot.top();
    let roof = top + 20.0;
    let x_of = |ms: f64| left + (ms - first) / (last - first).max(1.0) * (right - left);
    let y_of = |amount: f64| base - amount / most * (base - roof);
    for (amount, label) in plot.marks() {
        to.rect(left, y_of(amount), right - left, 1.0, line);
        to.text(left - 8.0, y_of(amount) + 4.0, "end", mute, 11, &label);
    }
    to.times((left, right - left, base + 16.0), (*first, (last - first).max(1.0)), zone);
    let mut key = 150.0;
    let mut entry = |to: &mut Drawing, ink: &str, alpha: f64, name: &str| {
        let _ = write!(to.body, "<g opacity=\"{alpha}\">");
        to.rect(key, top + 3.0, 8.0, 8.0, ink);
        to.body.push_str("</g>");
        to.text(key + 13.0, top + 11.0, "start", mute, 11, name);
        key += 30.0 + 6.5 * name.chars().count() as f64;
    };
    let path = |to: &mut Drawing, amounts: &[f64], ink: &str| {
        let mut path = String::new();
        let mut pen = 'M';
        for (ms, amount) in times_ms.iter().zip(amounts) {
            if !amount.is_finite() {
                pen = 'M';
                continue;
            }
            let _ = write!(path, "{pen}{} {}", fixed(x_of(*ms), 1), fixed(y_of(*amount), 1));
            pen = 'L';
        }
        let _ = write!(
            to.body,
            "<path d=\"{path}\" fill=\"none\" stroke=\"{ink}\" stroke-width=\"1.4\"/>"
        );
    };
    if let Some(Band { edges: [least, low, median, high, top] }) = &plot.band {
        for (low, high, alpha, name) in
            [(least, top, 0.18, "least to most"), (low, high, 0.35, "half of all")]
        {
            let mut points = String::new();
            let there =
                |(ms, amount): (&f64, &f64)| amount.is_finite().then(|| (x_of(*ms), y_of(*amount)));
            let back = times_ms.iter().zip(high).rev().filter_map(there);
            for (x, y) in times_ms.iter().zip(low).filter_map(there).chain(back) {
                let _ = write!(points, "{},{} ", fixed(x, 1), fixed(y, 1));
            }
            let _ = write!(
                to.body,
                "<polygon points=\"{points}\" fill=\"{}\" fill-opacity=\"{alpha}\"/>",
                inks.accent
            );
            entry(to, &inks.accent, alpha, name);
        }
        path(to, median, &inks.accent);
        entry(to, &inks.accent, 1.0, "median");
    }
    for (at, (name, amounts)) in plot.lines.iter().enumerate() {
        let own = palette::css(palette::series(at, to.dark));
        let ink = match at {
            _ if plot.lines.len() > 2 => own.as_str(),
            0 => &*inks.accent,
            _ => text,
        };
        path(to, amounts, ink);
        if !name.is_empty() {
            entry(to, ink, 1.0, name);
        }
    }
}

fn draw_matrix(to: &mut Drawing, shown: &Matrix, zone: Zone) -> f64 {
    let (rows, columns) = (shown.rows.len(), shown.columns());
    let (left, top) = (NAMES, 60.0);
    let wide = (WIDTH - 24.0 - left) / columns.max(1) as f64;
    let high = (600.0 / rows.max(1) as f64).clamp(3.0, 22.0);
    let base = top + high * rows as f64;
    let inks = to.inks.clone();
    let (text, mute, line) = (&*inks.text, &*inks.mute, &*inks.line);
    to.rect(left, top, wide * columns as f64, base - top, line);
    for row in 0..rows {
        // Neighbours of one colour are one rectangle.
        let mut from = 0;
        for column in 1..=columns {
            let color = |column: usize| {
                let share = (column < columns).then(|| shown.share(row, column)).flatten();
                share.map(|share| ramp::ramp((share * 64.0).round() / 64.0, to.dark))
            };
            let now = color(from);
            if now == color(column) && column < columns {
                continue;
            }
            if let Some(now) = now {
                let (x, y) = (left + wide * from as f64, top + high * row as f64);
                to.rect(x, y, wide * (column - from) as f64, high, &palette::css(now));
            }
            from = column;
        }
    }
    let each = (13.0 / high).ceil() as usize;
    for (row, label) in shown.rows.iter().enumerate().step_by(each.max(1)) {
        let name: String = label.name.chars().take(32).collect();
        let y = top + high * (row as f64 + 0.5);
        to.text(NAMES - 8.0, y.max(top + 6.0) + 4.0, "end", text, 11, &name);
    }
    if let Across::Times { first_ms, step_ms, .. } = &shown.across {
        let place = (left, wide * columns as f64, base + 16.0);
        to.times(place, (*first_ms, step_ms * columns as f64), zone);
    } else {
        let each = (90.0 / wide).ceil().max(1.0) as usize;
        for column in (0..columns).step_by(each) {
            let name = shown.column_name(column, &|_| String::new());
            let name: String = name.chars().take(14).collect();
            to.text(left + wide * column as f64, base + 16.0, "start", mute, 11, &name);
        }
    }
    let y = base + 30.0;
    for i in 0..64 {
        let color = palette::css(ramp::ramp(f64::from(i) / 63.0, to.dark));
        to.rect(left + f64::from(i) * 3.0, y, 3.2, 10.0, &color);
    }
    let ends = (shown.unit.say(shown.low.unwrap_or(0.0)), shown.unit.say(shown.top));
    to.text(left - 8.0, y + 9.0, "end", mute, 11, &ends.0);
    to.text(left + 200.0, y + 9.0, "start", mute, 11, &ends.1);
    to.text(16.0, y + 30.0, "start", mute, 11, &shown.foot);
    y + 44.0
}

#[cfg(test)]
mod tests {
    use super::super::{Bar, Piece, Unit};
    use super::*;

    fn inks() -> Inks {
        Inks::read(&|name| format!("var({name})"))
    }

    #[test]
    fn drawings_are_whole() {
        let bar = |at: usize| Bar {
            name: format!("<w{at}>\u{1}"),
            detail: String::new(),
            pieces: vec![
                Piece { name: "a", amount: at as f64 + 1.0, tint: Tint::Own(Rgb(68, 1, 84)) },
                Piece { name: "b", amount: 1.0, tint: Tint::Recent },
            ],
            limit: Some(300.0),
            said: None,
        };
        let bars = Bars {
            unit: Unit::Bytes,
            bars: (0..250).map(bar).collect(),
            note: "a & b".into(),
            marks: &[(0.7, "spills")],
        };
        let (svg, [w, h]) =
            draw(&Picture::Bars(bars), "Memory", (inks(), true), Zone::Fixed(0)).unwrap();
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>") && w == 960 && h > 4400);
        assert!(
            svg.contains("&lt;w199&gt; ") && !svg.contains("w200") && svg.contains("a &amp; b")
        );
        assert!(svg.contains("and 50 more"));
        // Of each bar a limit, two pieces and a mark, and the ground.
        assert_eq!(svg.matches("<rect").count(), 200 * 4 + 1);

        let plot = |amounts| {
            let lines = vec![("in".into(), amounts)];
            Plot { title: "CPU", unit: Unit::Cores, lines, band: None, note: String::new() }
        };
        let times_ms = vec![0.0, 1000.0, 2000.0, 3000.0];
        let plots = vec![plot(vec![0.0, 1.0, f64::NAN, 2.0]), plot(Vec::new())];
        let series = Series { times_ms, plots, note: String::new() };
        let (svg, _) =
            draw(&Picture::Series(series), "S", (inks(), false), Zone::Fixed(0)).unwrap();
        assert_eq!(svg.matches("<path").count(), 2);
        let path = svg.split("d=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(path.matches('M').count(), 2, "a gap is no line: {path}");
        assert!(draw(&Picture::Nothing("x"), "x", (inks(), false), Zone::Fixed(0)).is_none());
    }
}
