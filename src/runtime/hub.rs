//! The one place where a scheduler's feeds meet the browser: runs the engine's commands on sockets
//! and timers, and tells the page at most twice a second that something has changed.

use std::cell::{Cell, Ref, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use super::StreamHandle;
use crate::web::socket::{Socket, SocketEvent};
use crate::web::timer::{self, Timeout};
use crate::web::{clock, http};
use advice::{AdviceRunner, EnvironmentMismatch};
use base::observable::Topic;
use feed::pool::DashboardPage;
use live::engine::{Engine, Input, Output};
use live::host::{self, TaskQuery, ViewRequest};
use live::source::Source;

/// Pause between two announcements, milliseconds: a table that changes faster cannot be read.
const ANNOUNCE_MS: u32 = 500;

/// A watched scheduler. Shared by everything on the page that shows it.
pub struct Hub {
    source: Source,
    engine: RefCell<Engine>,
    advice: RefCell<AdviceRunner>,
    stream: StreamHandle,
    topic: Topic,
    sockets: RefCell<Vec<(DashboardPage, Socket)>>,
    queue: RefCell<VecDeque<Input<'static>>>,
    running: Cell<bool>,
    wake: RefCell<Option<(f64, Timeout)>>,
    announce: RefCell<Option<Timeout>>,
    /// When a change was last announced, ms since the epoch.
    announced: Cell<f64>,
}

impl Hub {
    /// Starts watching.
    pub fn start(source: Source) -> Rc<Self> {
        let engine = Engine::new(&source, timer::random(), timer::now());
        let stream = StreamHandle::new(engine.stream());
        let hub = Rc::new(Self {
            source,
            engine: RefCell::new(engine),
            advice: RefCell::default(),
            stream,
            topic: Topic::default(),
            sockets: RefCell::default(),
            queue: RefCell::default(),
            running: Cell::new(false),
            wake: RefCell::new(None),
            announce: RefCell::new(None),
            announced: Cell::new(f64::NEG_INFINITY),
        });
        // A tab that was opened in the background hears of no change before it is looked at.
        hub.put(Input::Hidden(clock::hidden()));
        hub.put(Input::Start);
        hub
    }

    /// What is watched.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Bumped when a reader of [`Self::engine`] would see something new; at most every 500 ms.
    pub fn topic(&self) -> &Topic {
        &self.topic
    }

    /// The task stream's model.
    pub fn stream(&self) -> &StreamHandle {
        &self.stream
    }

    /// The engine, to read. Not to be held over an await or a call that feeds it.
    pub fn engine(&self) -> Ref<'_, Engine> {
        self.engine.borrow()
    }

    /// Advice about the scheduler, to read.
    pub fn advice(&self) -> Ref<'_, AdviceRunner> {
        self.advice.borrow()
    }

    /// One more part of the page shows advice, or one fewer.
    pub fn note_advised(self: &Rc<Self>, shown: bool) {
        self.advice.borrow_mut().note_shown(shown);
        self.put(Input::Tick);
    }

    /// How the cluster's environment differs from the one that was wanted, if it does.
    pub fn set_environment(self: &Rc<Self>, odd: Option<EnvironmentMismatch>) {
        self.advice.borrow_mut().set_environment(odd);
        self.put(Input::Tick);
    }

    /// Feeds the engine and carries out what it asks for. Inputs that arrive meanwhile wait.
    pub fn put(self: &Rc<Self>, input: Input<'static>) {
        self.queue.borrow_mut().push_back(input);
        if self.running.replace(true) {
            return;
        }
        loop {
            let next = self.queue.borrow_mut().pop_front();
            let Some(input) = next else { break };
            self.handle(input);
        }
        self.running.set(false);
    }

    /// As [`Self::put`] for input that borrows from a frame: decoded before this returns.
    fn put_now(self: &Rc<Self>, input: Input<'_>) {
        if self.running.replace(true) {
            // Browser events do not nest, so this does not happen. If it did, the frame would be lost, and
            // what follows it could not be read: the session begins anew.
            if let Input::Text { page, .. } | Input::Binary { page, .. } = input {
                self.queue.borrow_mut().push_back(Input::Missed { page });
            }
            return;
        }
        self.handle(input);
        self.running.set(false);
        if let Some(next) = { self.queue.borrow_mut().pop_front() } {
            self.put(next);
        }
    }

    fn handle(self: &Rc<Self>, input: Input<'_>) {
        let mut commands = Vec::new();
        let changed = {
            let mut engine = self.engine.borrow_mut();
            self.advice.borrow_mut().handle(&mut engine, timer::now(), input, &mut commands)
        };
        for command in commands {
            self.run(command);
        }
        if changed.stream {
            self.stream.news();
        }
        if changed.any() {
            self.announce_soon();
        }
    }

    fn run(self: &Rc<Self>, command: Output) {
        match command {
            Output::Connect { page, path, protocols } => self.connect(page, &path, &protocols),
            Output::Send { page, text } => {
                for (_, socket) in self.sockets.borrow().iter().filter(|(at, _)| *at == page) {
                    socket.send(&text);
                }
            }
            Output::Close { page } => self.replace(page, None),
            Output::ReadPage { page, path } => {
                self.read(&path, 10_000, move |status, body| Input::PageRead {
                    page,
                    status,
                    body,
                });
            }
            Output::FetchMetrics => self.read("/metrics", 10_000, |status, body| {
                Input::Metrics((200..300).contains(&status).then_some(body))
            }),
            Output::FetchInfo { ticket, path } => {
                let told = move |status, body| Input::InfoAnswer { ticket, status, body };
                self.read(&path, 30_000, told);
            }
            Output::Wake { at_ms } => self.wake_at(at_ms),
        }
    }

    /// Reads a path below the dashboard's address, and puts what `told` makes of status and body; the status
    /// is 0 where nothing came that may be read.
    fn read(
        self: &Rc<Self>,
        path: &str,
        limit_ms: u32,
        told: impl FnOnce(u16, String) -> Input<'static> + 'static,
    ) {
        let url = format!("{}{path}", self.source.base);
        let hub = Rc::downgrade(self);
        crate::web::run::spawn(async move {
            let (status, body) = match http::get(&url, limit_ms).await {
                Ok(answer) => (answer.status, answer.body),
                Err(_) => (0, String::new()),
            };
            if let Some(hub) = hub.upgrade() {
                hub.put(told(status, body));
            }
        });
    }

    fn connect(self: &Rc<Self>, page: DashboardPage, path: &str, protocols: &[String]) {
        let url = self.source.socket_url(path);
        let hub = Rc::downgrade(self);
        let offered: Vec<&str> = protocols.iter().map(String::as_str).collect();
        let opened = Socket::open(&url, &offered, move |event| {
            let Some(hub) = hub.upgrade() else { return };
            match event {
                SocketEvent::Session { id, asked } => {
                    hub.put_now(Input::Session { page, id, asked });
                }
                SocketEvent::Opened => hub.put(Input::Opened { page }),
                SocketEvent::Text(text) => hub.put_now(Input::Text { page, text }),
                SocketEvent::Binary(bytes) => hub.put_now(Input::Binary { page, bytes }),
                SocketEvent::Closed { code, clean } => {
                    hub.put(Input::Closed { page, code, clean, refused: None });
                }
            }
        });
        match opened {
            Ok(socket) => self.replace(page, Some(socket)),
            Err(message) => self.queue.borrow_mut().push_back(Input::Closed {
                page,
                code: 1006,
                clean: false,
                refused: Some(message),
            }),
        }
    }

    /// Closes the socket of a page, and takes over another one.
    fn replace(&self, page: DashboardPage, socket: Option<Socket>) {
        let mut sockets = self.sockets.borrow_mut();
        sockets.retain(|(at, _)| *at != page);
        sockets.extend(socket.map(|socket| (page, socket)));
    }

    fn wake_at(self: &Rc<Self>, at_ms: f64) {
        let mut wake = self.wake.borrow_mut();
        if wake.as_ref().is_some_and(|(due, _)| *due <= at_ms) {
            return;
        }
        let delay = (at_ms - timer::now_ms()).clamp(1.0, 60_000.0);
        let timeout = self.later(delay as u32 + 1, |hub| {
            let spent = hub.wake.borrow_mut().take();
            hub.put(Input::Tick);
            // Dropping a timeout from inside its own callback is fine, after it has run.
            drop(spent);
        });
        *wake = Some((at_ms, timeout));
    }

    fn announce_soon(self: &Rc<Self>) {
        let mut announce = self.announce.borrow_mut();
        if announce.is_some() {
            return;
        }
        *announce = Some(self.later(ANNOUNCE_MS, |hub| {
            let spent = hub.announce.borrow_mut().take();
            hub.announced.set(timer::now_ms());
            // Nobody reads in a hidden tab: what has come by then is told when it is seen.
            if !clock::hidden() {
                hub.topic.bump();
            }
            drop(spent);
        }));
    }

    /// Does something after so many ms, unless the hub is gone by then.
    fn later(self: &Rc<Self>, ms: u32, what: fn(&Rc<Self>)) -> Timeout {
        let hub = Rc::downgrade(self);
        Timeout::new(ms, move || {
            if let Some(hub) = hub.upgrade() {
                what(&hub);
            }
        })
    }

    /// What is still going on, for `idle()`; nothing when all that had come by `since` (ms since the
    /// epoch) is in and drawn: what comes after may never end.
    pub fn busy(&self, since: f64) -> Option<String> {
        if let Some(what) = self.engine.borrow().feed().busy() {
            return Some(what);
        }
        if self.announce.borrow().is_some() && self.announced.get() <= since {
            return Some("the tables have not been told of the newest data".into());
        }
        self.stream.busy().then(|| "the task stream is not drawn yet".into())
    }

    /// `daskscope.stats()`.
    pub fn stats_json(&self) -> String {
        host::stats_json(&self.engine.borrow())
    }

    /// `daskscope.tasks()`.
    pub fn tasks_json(&self, query: &TaskQuery) -> String {
        host::tasks_json(&self.engine.borrow().stream().borrow(), query)
    }

    /// `daskscope.view()`.
    pub fn view_json(&self) -> String {
        host::view_json(&self.engine.borrow().stream().borrow())
    }

    /// `daskscope.setView()`.
    pub fn set_view(&self, request: &ViewRequest) {
        self.engine.borrow().stream().borrow_mut().set_view(request.0);
        self.stream.poke();
    }
}

/// A hub among the properties of a component: equal when it is the same one.
#[derive(Clone)]
pub struct HubHandle(pub Rc<Hub>);

impl PartialEq for HubHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}
