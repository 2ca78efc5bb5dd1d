//! The machine itself.

use super::super::backoff::{Backoff, Jitter};
use super::super::bokeh::document::Document;
use super::super::bokeh::frame::Assembler;
use super::super::bokeh::message;
use super::super::bokeh::token;
use super::super::pool::DashboardPage;
use super::repeat::Repeats;
use super::talk::Talk;
use super::types::{Command, Config, Counters, Event, State};

/// Least time between two pulls for the sake of doubts, ms.
pub(super) const RESYNC_MS: f64 = 2000.0;
/// So many documents in a row that cannot be read, and the page has failed.
pub(super) const MAX_BAD_PULLS: u32 = 3;
/// What a page is told by whose document the scheduler fails to make.
pub(super) const UNMADE: &str = "the scheduler could not make this page";

#[derive(Copy, Clone, PartialEq, Debug)]
pub(super) enum Phase {
    /// Not wanted.
    Off,
    /// Wanted, but nobody looks.
    Paused,
    /// A server's token is being fetched, since.
    Fetching(f64),
    /// The page is read over HTTP to learn why its socket is refused, since.
    Asking(f64),
    /// The socket is opening, since.
    Opening(f64),
    /// Waiting for the greeting, since.
    Greeting(f64),
    /// The socket works.
    Open,
    /// The next attempt is at this time.
    Waiting(f64),
    /// Given up.
    Failed,
}

#[derive(Copy, Clone, PartialEq, Debug)]
pub(super) enum Pull {
    /// The document is in step.
    Done,
    /// To be asked for at this time.
    Due(f64),
    /// Asked for under this number, since.
    Asked(u64, f64),
}

/// One page's session. See the module for what it expects of its caller.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools)] // independent facts
pub struct Session {
    pub(super) page: DashboardPage,
    pub(super) config: Config,
    pub(super) seed: u64,
    pub(super) rng: Jitter,
    pub(super) backoff: Backoff,
    pub(super) phase: Phase,
    pub(super) state: State,
    pub(super) generation: u64,
    pub(super) doc_id: String,
    /// Somebody has asked for the document on this socket already.
    pub(super) asked: bool,
    pub(super) server_token: Option<String>,
    /// Minted tokens were refused.
    pub(super) wants_server_token: bool,
    pub(super) refused: u32,
    pub(super) lost_at: Option<f64>,
    pub(super) connected_before: bool,
    pub(super) refreshing: bool,
    /// The socket was opened anew to see whether the server still has the session.
    pub(super) proving: bool,
    pub(super) assembler: Assembler,
    pub(super) document: Document,
    pub(super) pull: Pull,
    pub(super) last_pull_ms: f64,
    pub(super) bad_pulls: u32,
    pub(super) next_id: u64,
    pub(super) heard_ms: f64,
    pub(super) probe: Option<f64>,
    pub(super) epoch: u32,
    pub(super) rollover: usize,
    /// What streamed rows may repeat.
    pub(super) repeats: Repeats,
    /// The first source and the session it was in, to know the same document again.
    pub(super) followed_id: String,
    pub(super) followed_doc: String,
    /// What a person asks of the page, and what it answered.
    pub(super) talk: Talk,
    pub(super) wake: Option<f64>,
    pub(super) counters: Counters,
    pub(super) version: String,
    pub(super) server_version: String,
    /// Sockets in a row that were closed before they had opened, and why, as far as is known.
    pub(super) shut: u32,
    pub(super) why_shut: String,
}

impl Session {
    /// A session of `page`. `seed` must differ between any two sessions in the world: 64 random
    /// bits.
    pub fn new(page: DashboardPage, seed: u64, config: Config) -> Self {
        Self {
            page,
            config,
            seed,
            rng: Jitter::new(seed),
            backoff: Backoff::new(config.backoff_ms, config.backoff_cap_ms),
            phase: Phase::Off,
            state: State::Off,
            generation: 0,
            doc_id: String::new(),
            asked: false,
            server_token: None,
            wants_server_token: false,
            refused: 0,
            lost_at: None,
            connected_before: false,
            refreshing: false,
            proving: false,
            assembler: Assembler::default(),
            document: Document::default(),
            pull: Pull::Done,
            last_pull_ms: 0.0,
            bad_pulls: 0,
            next_id: message::FIRST_ID,
            heard_ms: 0.0,
            probe: None,
            epoch: 0,
            rollover: page.rollover(),
            repeats: Repeats::default(),
            followed_id: String::new(),
            followed_doc: String::new(),
            talk: Talk::default(),
            wake: None,
            counters: Counters::default(),
            version: String::new(),
            server_version: String::new(),
            shut: 0,
            why_shut: String::new(),
        }
    }

    /// Which page it follows.
    pub fn page(&self) -> DashboardPage {
        self.page
    }

    /// How it does.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What it has counted.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// How often in a row the socket was closed before it had opened.
    pub fn shut(&self) -> u32 {
        self.shut
    }

    /// Attempts since it worked last.
    pub fn attempts(&self) -> u32 {
        self.backoff.attempts()
    }

    /// Bokeh's version as the document says it; empty before the first.
    pub fn bokeh_version(&self) -> &str {
        &self.version
    }

    /// Bokeh's version as the server said it when asked; empty before that.
    pub fn server_version(&self) -> &str {
        &self.server_version
    }

    /// Takes an event at `now_ms` and appends what is to be done.
    pub fn handle(&mut self, now_ms: f64, event: Event<'_>, out: &mut Vec<Command>) {
        match event {
            Event::Start => {
                if matches!(self.phase, Phase::Off | Phase::Failed) {
                    self.connect(now_ms, out);
                }
            }
            Event::Stop => {
                self.drop_socket(now_ms, out);
                self.phase = Phase::Off;
                self.refreshing = false;
                self.proving = false;
                self.set_state(State::Off, out);
            }
            Event::Retry => match self.phase {
                Phase::Waiting(_) | Phase::Failed => {
                    self.refused = 0;
                    self.bad_pulls = 0;
                    self.connect(now_ms, out);
                }
                Phase::Open => self.probe(now_ms, out),
                _ => {}
            },
            Event::Online => match self.phase {
                Phase::Waiting(_) => self.connect(now_ms, out),
                Phase::Open => self.probe(now_ms, out),
                _ => {}
            },
            Event::Missing => {
                if matches!(self.phase, Phase::Waiting(_)) {
                    self.phase = Phase::Asking(now_ms);
                    out.push(self.read_page());
                }
            }
            Event::Hidden => {
                if !self.page.keeps_when_hidden()
                    && !matches!(self.phase, Phase::Off | Phase::Failed)
                {
                    self.drop_socket(now_ms, out);
                    self.phase = Phase::Paused;
                    self.set_state(State::Off, out);
                }
            }
            Event::Shown => match self.phase {
                Phase::Paused | Phase::Waiting(_) => self.connect(now_ms, out),
                Phase::Open => self.probe(now_ms, out),
                _ => {}
            },
            Event::Refresh => {
                if self.phase == Phase::Open && self.pull == Pull::Done {
                    self.drop_socket(now_ms, out);
                    self.lost_at = None;
                    self.refreshing = true;
                    self.connect(now_ms, out);
                }
            }
            Event::Prove => {
                if self.phase == Phase::Open && self.pull == Pull::Done {
                    self.drop_socket(now_ms, out);
                    self.refreshing = true;
                    self.proving = true;
                    self.connect(now_ms, out);
                }
            }
            Event::Anew => {
                if !matches!(self.phase, Phase::Off | Phase::Paused) {
                    self.drop_socket(now_ms, out);
                    self.lost_at = None;
                    self.refreshing = false;
                    self.proving = false;
                    self.wants_server_token = false;
                    (self.refused, self.bad_pulls, self.shut) = (0, 0, 0);
                    self.backoff.reset();
                    self.connect(now_ms, out);
                }
            }
            Event::Missed => {
                if matches!(self.phase, Phase::Greeting(_) | Phase::Open) {
                    self.counters.dropped += 1;
                    self.retry(now_ms, "a message was lost on the way", out);
                }
            }
            Event::Ask(ask) => self.ask(ask, out),
            Event::Tick => self.tick(now_ms, out),
            Event::PageRead { status, body } => self.page_read(now_ms, status, body, out),
            Event::Session { id, asked } => {
                if matches!(self.phase, Phase::Opening(_)) {
                    self.doc_id = id.into();
                    self.asked = asked;
                }
            }
            Event::Opened => {
                if matches!(self.phase, Phase::Opening(_)) {
                    self.shut = 0;
                    self.why_shut.clear();
                    self.assembler = Assembler::default();
                    self.heard_ms = now_ms;
                    self.phase = Phase::Greeting(now_ms);
                }
            }
            Event::Closed { code, clean } => self.closed(now_ms, code, clean, out),
            Event::Text(frame) => {
                self.frame(now_ms, frame.len(), out, &mut |frames| frames.text(frame));
            }
            Event::Binary(frame) => {
                self.frame(now_ms, frame.len(), out, &mut |frames| frames.binary(frame));
            }
        }
        // Every frame puts the deadline off: a wake that comes too early asks for the next one.
        if let Some(at_ms) = self.deadline()
            && self.wake.is_none_or(|pending| at_ms < pending)
        {
            self.wake = Some(at_ms);
            out.push(Command::Wake { at_ms });
        }
    }

    pub(super) fn set_state(&mut self, state: State, out: &mut Vec<Command>) {
        if self.state != state {
            self.state = state;
            out.push(Command::StateChanged);
        }
    }

    fn deadline(&self) -> Option<f64> {
        match self.phase {
            Phase::Off | Phase::Paused | Phase::Failed => None,
            Phase::Fetching(since)
            | Phase::Asking(since)
            | Phase::Opening(since)
            | Phase::Greeting(since) => Some(since + self.config.open_ms),
            Phase::Waiting(at) => Some(at),
            Phase::Open => {
                let alive = match self.probe {
                    Some(at) if matches!(self.state, State::Stale { .. }) => {
                        at + self.config.dead_after_ms
                    }
                    Some(at) => at + self.config.stale_after_ms,
                    None => self.heard_ms + self.config.probe_after_ms,
                };
                Some(match self.pull {
                    Pull::Done => alive,
                    Pull::Due(at) => alive.min(at),
                    // A scheduler that writes its history answers nothing else meanwhile.
                    Pull::Asked(_, since) => since + self.config.pull_ms,
                })
            }
        }
    }

    fn tick(&mut self, now_ms: f64, out: &mut Vec<Command>) {
        self.wake = None;
        if !self.deadline().is_some_and(|at| now_ms >= at) {
            return;
        }
        match self.phase {
            Phase::Off | Phase::Paused | Phase::Failed => {}
            Phase::Waiting(_) => self.connect(now_ms, out),
            Phase::Fetching(_) | Phase::Asking(_) => {
                self.retry(now_ms, "the dashboard page does not answer", out);
            }
            Phase::Opening(_) | Phase::Greeting(_) => {
                self.retry(now_ms, "the dashboard does not answer", out);
            }
            Phase::Open => match self.pull {
                Pull::Asked(..) => self.retry(now_ms, "the dashboard sends no document", out),
                Pull::Due(at) if now_ms >= at => self.ask_pull(now_ms, out),
                _ => match self.probe {
                    None => self.probe(now_ms, out),
                    Some(at) if now_ms >= at + self.config.dead_after_ms => {
                        self.retry(now_ms, "the dashboard stopped answering", out);
                    }
                    Some(_) => self.set_state(State::Stale { since_ms: self.heard_ms }, out),
                },
            },
        }
    }

    /// Whether the server still has the session of the socket that was lost.
    pub(super) fn is_kept(&self, now_ms: f64) -> bool {
        self.lost_at.is_some_and(|lost| now_ms - lost < self.config.reattach_ms)
    }

    fn connect(&mut self, now_ms: f64, out: &mut Vec<Command>) {
        if !self.is_kept(now_ms) || self.doc_id.is_empty() {
            self.generation += 1;
            let mut id =
                Jitter::new(self.seed.wrapping_add(self.generation.wrapping_mul(0x9e37_79b9)));
            self.doc_id = format!("{:016x}{:016x}", self.seed, id.bits());
            self.server_token = None;
            self.lost_at = None;
        }
        if !self.refreshing {
            self.set_state(State::Connecting, out);
        }
        if self.wants_server_token && self.server_token.is_none() {
            self.phase = Phase::Fetching(now_ms);
            out.push(self.read_page());
            return;
        }
        let token = match &self.server_token {
            Some(token) => token.clone(),
            None => token::mint(&self.doc_id, now_ms),
        };
        if self.connected_before && !self.refreshing {
            self.counters.reconnects += 1;
        }
        self.connected_before = true;
        self.phase = Phase::Opening(now_ms);
        out.push(Command::Connect {
            path: format!("{}/ws", self.page.path()),
            protocols: ["bokeh".into(), token],
        });
    }

    /// Reads the page over HTTP: it holds a token of the server's own, or an error.
    fn read_page(&self) -> Command {
        let path =
            format!("{}/autoload.js?bokeh-autoload-element=x&resources=none", self.page.path());
        Command::ReadPage { path }
    }

    fn page_read(&mut self, now_ms: f64, status: u16, body: &str, out: &mut Vec<Command>) {
        let why = match status {
            200..=299 => String::new(),
            0 => "the dashboard page cannot be read".into(),
            500.. => format!("{UNMADE} (status {status})"),
            401 | 403 => format!("the dashboard does not let this page be read (status {status})"),
            _ => format!("the dashboard answers with status {status}"),
        };
        match self.phase {
            Phase::Asking(_) if !self.page.is_whole() => {
                self.why_shut = match status {
                    0 => String::new(),
                    404 => "there are no dashboard pages: the scheduler's Python has no bokeh, they are \
                            switched off, or the cluster is gone"
                        .into(),
                    200..=299 => {
                        "HTTP gets through and the websocket is refused: a proxy between does not \
                                  pass websockets on"
                            .into()
                    }
                    _ => why,
                };
                self.retry_shut(now_ms, out);
            }
            // Nothing that may be read from here: most likely it is not there.
            Phase::Asking(_) if matches!(status, 0 | 404) => {
                self.phase = Phase::Failed;
                self.set_state(State::Absent, out);
            }
            Phase::Asking(_) if why.is_empty() => {
                self.retry(now_ms, "the page answers, but its websocket is refused", out);
            }
            Phase::Asking(_) => self.retry(now_ms, &why, out),
            Phase::Fetching(_) => match token::find(body) {
                Some(token) if why.is_empty() => {
                    self.server_token = Some(token.into());
                    self.lost_at = Some(now_ms);
                    self.connect(now_ms, out);
                }
                _ => {
                    self.wants_server_token = false;
                    let why = if why.is_empty() {
                        "the dashboard page holds no session token"
                    } else {
                        &why
                    };
                    self.retry(now_ms, why, out);
                }
            },
            _ => {}
        }
    }

    /// Ends whatever is under way. The session on the server is good for a while.
    fn drop_socket(&mut self, now_ms: f64, out: &mut Vec<Command>) {
        if matches!(self.phase, Phase::Opening(_) | Phase::Greeting(_) | Phase::Open) {
            out.push(Command::Close);
        }
        self.socket_gone(now_ms);
    }

    fn socket_gone(&mut self, now_ms: f64) {
        if self.phase == Phase::Open {
            self.lost_at = Some(now_ms);
        }
        self.assembler = Assembler::default();
        self.document = Document::default();
        self.pull = Pull::Done;
        self.asked = false;
        self.probe = None;
    }

    pub(super) fn retry(&mut self, now_ms: f64, reason: &str, out: &mut Vec<Command>) {
        self.drop_socket(now_ms, out);
        self.refreshing = false;
        self.proving = false;
        let at_ms = now_ms + self.backoff.next_ms(&mut self.rng);
        self.phase = Phase::Waiting(at_ms);
        self.set_state(State::Retrying { at_ms, reason: reason.into() }, out);
    }

    /// The socket was closed before it had opened.
    fn retry_shut(&mut self, now_ms: f64, out: &mut Vec<Command>) {
        let known = std::mem::take(&mut self.why_shut);
        let why = if known.is_empty() { "no connection to the dashboard" } else { &known };
        self.retry(now_ms, why, out);
        self.why_shut = known;
    }

    pub(super) fn fail(&mut self, now_ms: f64, reason: &str, advice: &str, out: &mut Vec<Command>) {
        self.drop_socket(now_ms, out);
        self.refreshing = false;
        self.proving = false;
        self.phase = Phase::Failed;
        let state = State::Failed { reason: reason.into(), advice: advice.into() };
        self.set_state(state, out);
    }

    fn closed(&mut self, now_ms: f64, code: u16, clean: bool, out: &mut Vec<Command>) {
        let phase = self.phase;
        if !matches!(phase, Phase::Opening(_) | Phase::Greeting(_) | Phase::Open) {
            return;
        }
        self.socket_gone(now_ms);
        // The socket is gone already: nothing to close.
        self.phase = Phase::Waiting(now_ms);
        match phase {
            Phase::Greeting(_) if self.server_token.is_none() => {
                // Opened, then closed before any frame: token trouble, most likely.
                self.wants_server_token = true;
                // The server's token is of a session of its own.
                self.proving = false;
                self.lost_at = None;
                self.phase = Phase::Fetching(now_ms);
                out.push(self.read_page());
            }
            Phase::Greeting(_) => {
                self.server_token = None;
                self.lost_at = None;
                // Proxies close like this, too, when nobody listens behind them, but not orderly.
                self.refused += u32::from(clean || code == 1005);
                if self.refused >= 2 && self.page.is_whole() {
                    // It is one page of many: if tokens were the matter, none would open.
                    self.retry(now_ms, UNMADE, out);
                } else if self.refused >= 2 {
                    self.fail(
                        now_ms,
                        "each connection opens and is closed at once, with session tokens of the \
                         dashboard's own, too",
                        "A proxy between drops the websocket's subprotocol: let it pass the header \
                         Sec-WebSocket-Protocol on. Without a proxy, look at the scheduler's \
                         BOKEH_SIGN_SESSIONS and BOKEH_SECRET_KEY.",
                        out,
                    );
                } else {
                    let why = if self.backoff.attempts() < 2 {
                        "the dashboard closed the connection at once"
                    } else {
                        "the dashboard closes each connection at once: a proxy between may drop the \
                         websocket's subprotocol (header Sec-WebSocket-Protocol)"
                    };
                    self.retry(now_ms, why, out);
                }
            }
            Phase::Opening(_) => {
                self.shut += 1;
                // One page asks for all, and seldom: a page that is read costs the scheduler a document.
                if self.page == DashboardPage::TaskStream
                    && (self.shut == 2 || self.shut.is_multiple_of(8))
                {
                    self.phase = Phase::Asking(now_ms);
                    out.push(self.read_page());
                } else {
                    self.retry_shut(now_ms, out);
                }
            }
            _ => {
                let reason = if clean {
                    format!("the dashboard closed the connection (code {code})")
                } else {
                    "the connection to the dashboard was lost".into()
                };
                self.retry(now_ms, &reason, out);
            }
        }
    }

    pub(super) fn send(frames: [String; 3], out: &mut Vec<Command>) {
        out.extend(frames.map(Command::Send));
    }

    pub(super) fn number(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id - 1
    }

    fn probe(&mut self, now_ms: f64, out: &mut Vec<Command>) {
        if self.probe.is_none() {
            self.probe = Some(now_ms);
            let id = self.number();
            Self::send(message::info_request(id), out);
        }
    }

    pub(super) fn ask_pull(&mut self, now_ms: f64, out: &mut Vec<Command>) {
        let asked = std::mem::take(&mut self.asked);
        let id = if asked { message::FIRST_ID } else { self.number() };
        self.next_id = self.next_id.max(id + 1);
        self.pull = Pull::Asked(id, now_ms);
        self.last_pull_ms = now_ms;
        if !asked {
            Self::send(message::pull_request(id), out);
        }
    }
}
