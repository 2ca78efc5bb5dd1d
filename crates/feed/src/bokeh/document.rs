//! A Bokeh document, reduced to the sources that are followed. They are found by their columns,
//! never by ids, which change with every session.

use std::rc::Rc;

use super::DecodeError;
use super::controls::Controls;
use super::event::{EventKind, events};
use super::frame::Buffers;
use super::json::{self, Json};
use super::table::Table;
use super::value::read_table;

/// What a followed source is.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub enum Role {
    /// Rectangles of the task stream. Their rows are handed on, not kept.
    Tasks,
    /// Progress per prefix.
    Progress,
    /// The worker table.
    Workers,
    /// A source of a page that is read whole, by its place in the document.
    Plain(u16),
}

impl Role {
    const KNOWN: [Self; 3] = [Self::Tasks, Self::Progress, Self::Workers];

    /// The columns by which it is known.
    fn signature(self) -> &'static [&'static str] {
        match self {
            Self::Tasks => &[
                "start",
                "duration",
                "key",
                "name",
                "color",
                "worker",
                "worker_thread",
                "y",
                "alpha",
            ],
            Self::Progress => &["all", "memory", "released-loc"],
            Self::Workers => &["name", "address", "nthreads", "cpu", "memory", "memory_limit"],
            Self::Plain(_) => &[],
        }
    }

    fn of(table: &Table) -> Option<Self> {
        Self::KNOWN.into_iter().find(|role| table.has(role.signature()))
    }
}

/// The columns of the one source of whose rows some can be selected: how much was sampled when.
pub const ACTIVITY: [&str; 2] = ["time", "count"];

/// A change of a followed source.
#[derive(Debug)]
pub enum Change {
    /// New rows at the end of a source whose rows are not kept here.
    Rows(Role, Table, Option<usize>),
    /// All rows of such a source replaced; empty is the server's clear.
    AllRows(Role, Table),
    /// A kept source changed: see [`Document::table`].
    Table(Role),
    /// The title of the progress figure.
    Title(String),
}

/// Counts of what was left out; never an error.
#[derive(Copy, Clone, Default, Eq, PartialEq, Debug)]
pub struct Ignored {
    /// Events of kinds that are not known.
    pub kinds: u64,
    /// Events about models that are not followed.
    pub others: u64,
}

#[derive(Debug)]
struct Followed {
    role: Role,
    id: String,
    /// Shared with whoever was told of it last.
    table: Rc<Table>,
}

/// The followed part of one document.
#[derive(Default, Debug)]
pub struct Document {
    version: String,
    followed: Vec<Followed>,
    title_id: String,
    title: String,
    /// Every source is followed, as [`Role::Plain`].
    whole: bool,
    controls: Controls,
    ignored: Ignored,
}

impl Document {
    /// Reads a PULL-DOC-REPLY's content.
    ///
    /// # Errors
    /// When it is no document, or a column of it cannot be read.
    pub fn pull(content: &str, buffers: &Buffers) -> Result<Self, DecodeError> {
        let (found, version) = read(content, buffers)?;
        Ok(Self::of(found, &version))
    }

    /// Reads the roots of a document, whatever holds it (a reply, a saved page).
    ///
    /// # Errors
    /// As [`Document::pull`].
    pub fn roots(roots: &str, version: &str, buffers: &Buffers) -> Result<Self, DecodeError> {
        let mut found = Found::default();
        walk(&mut Json::new(roots), buffers, &mut found, 0)?;
        Ok(Self::of(found, version))
    }

    fn of(found: Found, version: &str) -> Self {
        let mut followed: Vec<Followed> = Vec::new();
        for (id, table) in found.sources {
            if let Some(role) = Role::of(&table)
                && !followed.iter().any(|other| other.role == role)
            {
                followed.push(Followed { role, id, table: Rc::new(table) });
            }
        }
        let (title_id, title) = found
            .titles
            .into_iter()
            .find(|(_, text)| text.starts_with("Progress"))
            .unwrap_or_default();
        Self { version: version.into(), followed, title_id, title, ..Self::default() }
    }

    /// The same of a page that is read whole: every source is kept, and the figure's title.
    ///
    /// # Errors
    /// As [`Document::pull`].
    pub fn pull_whole(content: &str, buffers: &Buffers) -> Result<Self, DecodeError> {
        let (found, version) = read(content, buffers)?;
        let mut whole = Self { version, whole: true, ..Self::default() };
        // Of several titles, one says that there is nothing to see.
        let off = found.titles.iter().find(|(_, text)| text.contains("disabled"));
        (whole.title_id, whole.title) = off.or(found.titles.first()).cloned().unwrap_or_default();
        whole.controls.clone_from(&found.controls);
        whole.adopt(found);
        Ok(whole)
    }

    /// Follows sources that came; one that is there already is replaced.
    fn adopt(&mut self, found: Found) {
        for (id, table) in found.sources {
            if let Some(known) = self.followed.iter_mut().find(|known| known.id == id) {
                known.table = Rc::new(table);
            } else {
                let at = u16::try_from(self.followed.len()).unwrap_or(u16::MAX);
                self.followed.push(Followed { role: Role::Plain(at), id, table: Rc::new(table) });
            }
        }
    }

    /// The sources of a page that is read whole, in the document's order.
    pub fn tables(&self) -> impl Iterator<Item = &Rc<Table>> {
        self.followed.iter().map(|source| &source.table)
    }

    /// What the page offers to press, choose and select.
    pub fn controls(&self) -> &Controls {
        &self.controls
    }

    /// The same, to use.
    pub fn controls_mut(&mut self) -> &mut Controls {
        &mut self.controls
    }

    /// Bokeh's version; empty when it was not said.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether it has a source of that role.
    pub fn follows(&self, role: Role) -> bool {
        self.followed.iter().any(|source| source.role == role)
    }

    /// The id of a source, which stays the same as long as the server keeps the document.
    pub fn id(&self, role: Role) -> Option<&str> {
        self.followed.iter().find(|source| source.role == role).map(|source| &*source.id)
    }

    /// The rows of a source. For [`Role::Tasks`] those of the pull, until they are taken.
    pub fn table(&self, role: Role) -> Option<&Table> {
        self.followed.iter().find(|source| source.role == role).map(|source| &*source.table)
    }

    /// Takes the rows of a source out of the document, which then holds none.
    pub fn take_rows(&mut self, role: Role) -> Option<Table> {
        let source = self.followed.iter_mut().find(|source| source.role == role)?;
        Some(std::mem::take(Rc::make_mut(&mut source.table)))
    }

    /// The progress figure's title; empty without one.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What was left out so far.
    pub fn ignored(&self) -> Ignored {
        self.ignored
    }

    /// Applies a PATCH-DOC's content. Every change of followed sources goes to `out`, in order.
    ///
    /// # Errors
    /// When an event about a followed source cannot be read or does not fit; what stands before it
    /// has been applied.
    pub fn patch(
        &mut self,
        content: &str,
        buffers: &Buffers,
        out: &mut dyn FnMut(Change),
    ) -> Result<(), DecodeError> {
        for event in events(content)? {
            let deed = event.deed();
            if deed == EventKind::Other {
                // Some pages bring their sources inside of what is drawn with them, later.
                match event.models().filter(|_| self.whole) {
                    Some(raw) => {
                        let mut found = Found::default();
                        walk(&mut Json::new(raw), buffers, &mut found, 0)?;
                        self.adopt(found);
                        out(Change::Table(Role::Plain(0)));
                    }
                    None => self.ignored.kinds += 1,
                }
                continue;
            }
            let target = event.target();
            if deed == EventKind::Options {
                if self.controls.change_options(target, event.new_value()) {
                    out(Change::Table(Role::Plain(0)));
                } else {
                    self.ignored.others += 1;
                }
                continue;
            }
            if deed == EventKind::Text {
                match event.text() {
                    Some(text) if !target.is_empty() && target == self.title_id => {
                        self.title.clone_from(&text);
                        out(Change::Title(text));
                    }
                    _ => self.ignored.others += 1,
                }
                continue;
            }
            let Some(source) = self.followed.iter_mut().find(|source| source.id == target) else {
                self.ignored.others += 1;
                continue;
            };
            let role = source.role;
            match (deed, role) {
                (EventKind::Patch, Role::Tasks) => {
                    return Err(DecodeError("cells of the task stream patched".into()));
                }
                (EventKind::Patch, _) => {
                    let table = Rc::make_mut(&mut source.table);
                    event.patches(&mut |name, at, values| {
                        table.column_mut(name).patch(at, values);
                    })?;
                }
                _ => {
                    let rows = event.table(buffers)?;
                    let stream = deed == EventKind::Stream;
                    if (stream || role == Role::Tasks) && !rows.is_even() {
                        return Err(DecodeError("columns of different lengths".into()));
                    }
                    match role {
                        Role::Tasks if stream => {
                            out(Change::Rows(role, rows, event.rollover()));
                            continue;
                        }
                        Role::Tasks => {
                            if !rows.has(role.signature()) {
                                return Err(DecodeError(
                                    "some columns of the task stream replaced".into(),
                                ));
                            }
                            out(Change::AllRows(role, rows));
                            continue;
                        }
                        _ if stream => {
                            Rc::make_mut(&mut source.table).stream(&rows, event.rollover());
                        }
                        _ => Rc::make_mut(&mut source.table).replace(rows),
                    }
                }
            }
            out(Change::Table(role));
        }
        Ok(())
    }
}

#[derive(Default)]
struct Found {
    sources: Vec<(String, Table)>,
    titles: Vec<(String, String)>,
    controls: Controls,
}

/// Reads a PULL-DOC-REPLY's content: what is in it, and Bokeh's version.
fn read(content: &str, buffers: &Buffers) -> Result<(Found, String), DecodeError> {
    let mut version = None;
    let mut found = None;
    let mut json = Json::new(content);
    json.members(&mut |json, name| {
        if name != "doc" {
            return json.raw().map(drop);
        }
        json.members(&mut |json, name| {
            match name {
                "version" => version = json::text(json.raw()?),
                "roots" => walk(json, buffers, found.insert(Found::default()), 0)?,
                _ => drop(json.raw()?),
            }
            Ok(())
        })
    })?;
    json.end()?;
    let found = found.ok_or_else(|| DecodeError("a document without roots".into()))?;
    Ok((found, version.unwrap_or_default().into_owned()))
}

/// Attributes that came before their class (Bokeh 2) are read a second time; this is how often
/// that may nest. Bokeh 2 does not nest at all.
const MAX_REREADS: u32 = 3;

/// Looks through any JSON value for models.
fn walk(
    json: &mut Json<'_>,
    buffers: &Buffers,
    found: &mut Found,
    rereads: u32,
) -> Result<(), DecodeError> {
    match json.peek() {
        b'[' => json.elements(&mut |json| walk(json, buffers, found, rereads)),
        b'{' => model(json, buffers, found, rereads),
        _ => json.raw().map(drop),
    }
}

fn model(
    json: &mut Json<'_>,
    buffers: &Buffers,
    found: &mut Found,
    rereads: u32,
) -> Result<(), DecodeError> {
    let (mut kind, mut name, mut id) = (String::new(), String::new(), String::new());
    let mut source = None;
    let mut title = None;
    let mut control = None;
    let mut later = None;
    json.members(&mut |json, member| {
        let text = match member {
            "type" => &mut kind,
            "name" => &mut name,
            "id" => &mut id,
            "attributes" => {
                match class(&kind, &name) {
                    "ColumnDataSource" => source = Some(data(json, buffers)?),
                    "Title" => title = title_of(json.raw()?),
                    class if Controls::knows(class) => control = Some(json.raw()?),
                    "" => later = Some(json.raw()?),
                    _ => walk(json, buffers, found, rereads)?,
                }
                return Ok(());
            }
            _ => return walk(json, buffers, found, rereads),
        };
        *text = json::text(json.raw()?).unwrap_or_default().into_owned();
        Ok(())
    })?;
    if let Some(raw) = later {
        match class(&kind, &name) {
            "ColumnDataSource" => source = Some(data(&mut Json::new(raw), buffers)?),
            "Title" => title = title_of(raw),
            class if Controls::knows(class) => control = Some(raw),
            _ if rereads < MAX_REREADS => {
                walk(&mut Json::new(raw), buffers, found, rereads + 1)?;
            }
            _ => return Err(DecodeError("a document nested too deeply".into())),
        }
    }
    if let Some((table, selection)) = source {
        if table.has(&ACTIVITY) {
            found.controls.adopt_selection(selection);
        }
        found.sources.push((id, table));
    } else if let Some(raw) = control {
        found.controls.adopt(class(&kind, &name), &id, raw);
    } else if let Some(title) = title {
        found.titles.push((id, title));
    }
    Ok(())
}

/// The model's class: Bokeh 3 says `"type":"object","name":class`, Bokeh 2 `"type":class`.
fn class<'a>(kind: &'a str, name: &'a str) -> &'a str {
    if kind == "object" { name } else { kind }
}

fn title_of(raw: &str) -> Option<String> {
    Some(json::text(json::member(raw, "text")?)?.into_owned())
}

/// The attributes of a source: its `data` is read, and the id of its selection.
fn data(json: &mut Json<'_>, buffers: &Buffers) -> Result<(Table, String), DecodeError> {
    let mut table = Table::default();
    let mut selection = String::new();
    json.members(&mut |json, name| {
        match name {
            "data" => read_table(json, buffers, &mut table)?,
            "selected" => {
                let id = json::member(json.raw()?, "id").and_then(json::text);
                selection = id.unwrap_or_default().into();
            }
            _ => drop(json.raw()?),
        }
        Ok(())
    })?;
    Ok((table, selection))
}
