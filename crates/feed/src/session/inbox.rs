//! What a session does with what the socket brings.

use super::super::bokeh::DecodeError;
use super::super::bokeh::document::{Change, Document, Role};
use super::super::bokeh::frame::{Assembler, Buffers, Message};
use super::super::bokeh::message::{self, Kind};
use super::super::bokeh::table::Table;
use super::super::pool::DashboardPage;
use super::super::progress::Progress;
use super::super::tasks::{Origin, TaskBatch};
use super::super::workers::Workers;
use super::machine::{MAX_BAD_PULLS, Phase, Pull, RESYNC_MS, Session, UNMADE};
use super::types::{Command, DocumentSnapshot, Server, State, Update};

impl Session {
    pub(super) fn frame(
        &mut self,
        now_ms: f64,
        bytes: usize,
        out: &mut Vec<Command>,
        take: &mut dyn FnMut(&mut Assembler) -> Result<Option<Message<'_>>, DecodeError>,
    ) {
        if !matches!(self.phase, Phase::Greeting(_) | Phase::Open) {
            return;
        }
        self.counters.bytes += bytes as u64;
        self.heard_ms = now_ms;
        self.probe = None;
        if matches!(self.state, State::Stale { .. }) {
            self.set_state(State::Live, out);
        }
        let mut assembler = std::mem::take(&mut self.assembler);
        match take(&mut assembler) {
            Ok(None) => self.assembler = assembler,
            Ok(Some(message)) => {
                self.counters.messages += 1;
                let (kind, reply_to) = (message.header.kind, message.header.reply_to);
                self.message(now_ms, kind, reply_to, message.content, message.buffers, out);
                // A message may have ended the socket; then these frames are of the past.
                self.assembler = match self.phase {
                    Phase::Greeting(_) | Phase::Open => assembler,
                    _ => Assembler::default(),
                };
            }
            Err(doubt) => {
                self.counters.dropped += 1;
                self.retry(
                    now_ms,
                    &format!("the dashboard's messages are out of step: {doubt}"),
                    out,
                );
            }
        }
    }

    fn message(
        &mut self,
        now_ms: f64,
        kind: Kind,
        reply_to: u64,
        content: &str,
        buffers: &Buffers,
        out: &mut Vec<Command>,
    ) {
        match kind {
            Kind::Ack => {
                if matches!(self.phase, Phase::Greeting(_)) {
                    self.phase = Phase::Open;
                    // So late, the same scheduler would have made another session, too.
                    self.proving &= self.is_kept(now_ms);
                    self.ask_pull(now_ms, out);
                }
            }
            Kind::PullReply => match self.pull {
                Pull::Asked(id, _) if reply_to == id => match self.read(content, buffers) {
                    Ok(document) => self.pulled(now_ms, document, out),
                    Err(doubt) => self.bad_pull(now_ms, &doubt, out),
                },
                _ => {}
            },
            Kind::Patch if self.phase != Phase::Open => {}
            Kind::Patch if self.pull == Pull::Done => self.patch(now_ms, content, buffers, out),
            Kind::Patch => self.counters.superseded += 1,
            Kind::ServerInfo => {
                if let Some(version) = message::server_version(content) {
                    self.server_version = version;
                }
            }
            Kind::Error => {
                if let Pull::Asked(id, _) = self.pull
                    && id == reply_to
                {
                    self.retry(now_ms, UNMADE, out);
                    // The same session would hold the same document.
                    self.lost_at = None;
                } else {
                    self.ask_refused(reply_to, out);
                }
            }
            Kind::Ok | Kind::Unknown => {}
        }
    }

    fn bad_pull(&mut self, now_ms: f64, doubt: &DecodeError, out: &mut Vec<Command>) {
        self.counters.dropped += 1;
        self.bad_pulls += 1;
        if self.bad_pulls >= MAX_BAD_PULLS && !self.page.is_whole() {
            let reason = format!("the dashboard's document cannot be read: {doubt}");
            let advice = "Please report this with the versions of dask, distributed and bokeh on \
                          the scheduler.";
            self.fail(now_ms, &reason, advice, out);
        } else {
            let reason = format!("the page's document cannot be read: {doubt}");
            self.retry(now_ms, &reason, out);
        }
        self.lost_at = None;
    }

    fn pulled(&mut self, now_ms: f64, mut document: Document, out: &mut Vec<Command>) {
        let roles: &[Role] = match self.page {
            DashboardPage::TaskStream | DashboardPage::Tasks => &[Role::Tasks],
            DashboardPage::Progress => &[Role::Progress],
            DashboardPage::Workers => &[Role::Workers],
            DashboardPage::Status => &[Role::Tasks, Role::Progress],
            // Some of these have a source only once there is something to show.
            _ => return self.pulled_whole(now_ms, document, out),
        };
        if !roles.iter().any(|role| document.follows(*role)) {
            self.fail(
                now_ms,
                "the dashboard page does not show what was expected",
                "The scheduler's version may be older than 2023.3 or newer than this program \
                 knows; please report it.",
                out,
            );
            return;
        }
        let id = roles.iter().find_map(|role| document.id(*role)).unwrap_or("");
        let resumed = self.followed_doc == self.doc_id && self.followed_id == id;
        let server = match resumed {
            true => Server::Same,
            false if self.proving && self.followed_doc == self.doc_id => Server::Other,
            false => Server::Unknown,
        };
        self.followed_id = id.into();
        self.followed_doc.clone_from(&self.doc_id);
        out.push(Command::Update(Update::Server(server)));
        self.in_step(document.version());
        if let Some(rows) = document.take_rows(Role::Tasks) {
            self.epoch += 1;
            self.rows(now_ms, rows, Origin::History, resumed, out);
        }
        self.document = document;
        self.tables(true, true, out);
        self.set_state(State::Live, out);
    }

    fn read(&self, content: &str, buffers: &Buffers) -> Result<Document, DecodeError> {
        if self.page.is_whole() {
            Document::pull_whole(content, buffers)
        } else {
            Document::pull(content, buffers)
        }
    }

    fn pulled_whole(&mut self, now_ms: f64, document: Document, out: &mut Vec<Command>) {
        self.in_step(document.version());
        self.document = document;
        self.talk_anew();
        self.note_profile(now_ms);
        self.whole(out);
        self.set_state(State::Live, out);
    }

    pub(super) fn whole(&self, out: &mut Vec<Command>) {
        let whole = DocumentSnapshot {
            title: self.document.title().into(),
            tables: self.document.tables().cloned().collect(),
            controls: self.document.controls().clone(),
            asked: self.talk.asked.clone(),
            profile: self.talk.profile.clone(),
        };
        out.push(Command::Update(Update::Whole(whole)));
    }

    /// The document has come.
    fn in_step(&mut self, version: &str) {
        self.version = version.into();
        self.pull = Pull::Done;
        self.bad_pulls = 0;
        self.refused = 0;
        self.refreshing = false;
        self.proving = false;
        self.backoff.reset();
        self.lost_at = None;
    }

    fn patch(&mut self, now_ms: f64, content: &str, buffers: &Buffers, out: &mut Vec<Command>) {
        let (mut progress, mut workers, mut whole) = (false, false, false);
        let mut batches: Vec<(bool, Table, Option<usize>)> = Vec::new();
        let is_whole = self.page.is_whole();
        let before = self.document.ignored();
        let result = self.document.patch(content, buffers, &mut |change| match change {
            Change::Rows(_, rows, rollover) => batches.push((false, rows, rollover)),
            Change::AllRows(_, rows) => batches.push((true, rows, None)),
            Change::Table(Role::Workers) => workers = true,
            Change::Table(Role::Plain(_)) => whole = true,
            Change::Title(_) if is_whole => whole = true,
            Change::Table(_) | Change::Title(_) => progress = true,
        });
        let after = self.document.ignored();
        self.counters.ignored += after.kinds + after.others - before.kinds - before.others;
        for (clear, rows, rollover) in batches {
            self.rollover = rollover.unwrap_or(self.rollover);
            if clear {
                self.epoch += 1;
                self.repeats.replaced(&rows);
            }
            if rows.rows() > 0 && (clear || !self.repeats.has(&rows)) {
                self.rows(now_ms, rows, Origin::Live, false, out);
            }
        }
        self.tables(progress, workers, out);
        if whole {
            self.note_profile(now_ms);
            self.whole(out);
        }
        if result.is_err() {
            self.doubt(now_ms);
        }
    }

    fn doubt(&mut self, now_ms: f64) {
        self.counters.dropped += 1;
        if self.pull == Pull::Done {
            self.pull = Pull::Due(now_ms.max(self.last_pull_ms + RESYNC_MS));
        }
    }

    fn rows(
        &mut self,
        now_ms: f64,
        rows: Table,
        origin: Origin,
        resumed: bool,
        out: &mut Vec<Command>,
    ) {
        match TaskBatch::new(rows, self.epoch, origin, self.rollover) {
            Ok(mut batch) => {
                batch.resumed = resumed;
                out.push(Command::Update(Update::Tasks(batch)));
            }
            Err(_) => self.doubt(now_ms),
        }
    }

    fn tables(&self, progress: bool, workers: bool, out: &mut Vec<Command>) {
        if progress && let Some(table) = self.document.table(Role::Progress) {
            let progress = Progress::read(table, self.document.title());
            out.push(Command::Update(Update::Progress(progress)));
        }
        if workers && let Some(table) = self.document.table(Role::Workers) {
            out.push(Command::Update(Update::Workers(Workers::read(table))));
        }
    }
}
