//! The last hop: the websocket. Where it is refused, what can be read over HTTP tells why.

use super::{Doctor, Hop, Outcome, Probe, State};
use crate::api::{self, Request};

/// What is tried of the websocket.
#[derive(Copy, Clone, Default, PartialEq, Debug)]
pub(super) enum Trial {
    /// To open it.
    #[default]
    First,
    /// It was refused: whether the scheduler has pages with websockets at all.
    Plots,
    /// It has none: what its front page says.
    Front,
    /// It was closed at once: once more, with a session token of the scheduler's own.
    Own,
}

impl Doctor {
    pub(super) fn socket_probe(&self, dashboard: &str) -> Probe {
        let fetch = |path: &str| {
            // Dashboards may sit behind a sign-in of their own, which lives on cookies.
            let request = Request { omit_credentials: false, ..api::scheduler_health() };
            Probe::Fetch { url: format!("{dashboard}{path}"), request }
        };
        let url = base::url::socket(dashboard) + "/individual-progress/ws";
        match self.trial {
            Trial::First => Probe::Socket { url, page: None },
            Trial::Own => {
                Probe::Socket { url, page: Some(format!("{dashboard}/individual-progress")) }
            }
            Trial::Plots => fetch("/individual-plots.json"),
            Trial::Front => fetch("/status"),
        }
    }

    pub(super) fn socket(&mut self, outcome: Outcome) {
        let hop = Hop::Socket;
        let (sentence, advice) = match (self.trial, outcome) {
            (_, Outcome::SocketTalks) => {
                return self.find(hop, State::Ok, "The scheduler sends", "");
            }
            (Trial::First, Outcome::SocketClosed { opened: true }) => {
                self.trial = Trial::Own;
                return;
            }
            (Trial::First, Outcome::SocketClosed { opened: false }) if self.same_origin() => {
                self.trial = Trial::Plots;
                return;
            }
            // What may be read here is no page of another server that a sign-in sends.
            (Trial::Plots, Outcome::Answer(response))
                if response.status == 200 && response.body.trim() == "{}" =>
            {
                self.trial = Trial::Front;
                return;
            }
            (Trial::Front, Outcome::Answer(response)) if response.body.contains("bokeh") => (
                "The scheduler runs, but its Python has no bokeh, which its dashboard is made of",
                "Install bokeh where the scheduler runs (pip install bokeh, or conda install bokeh), and start \
                 the scheduler again.",
            ),
            (Trial::Front, _) => (
                "The scheduler runs, but its dashboard is switched off",
                "Start it with its dashboard: without --no-dashboard and dashboard=False.",
            ),
            (Trial::Own, Outcome::NoAnswer(_)) => (
                "The websocket opens and is closed at once",
                "Let the proxy between pass the header Sec-WebSocket-Protocol on, in both directions. Without \
                 a proxy, the dashboard may demand signed sessions (BOKEH_SIGN_SESSIONS): serve this page and \
                 the dashboard from one origin then.",
            ),
            (Trial::Own, Outcome::SocketClosed { .. }) => (
                "The websocket opens and is closed at once, with a session token of the scheduler's own, too: \
                 a proxy between drops the subprotocol",
                "Let the proxy pass the header Sec-WebSocket-Protocol on, in both directions. Some \
                 proxies leave it out. nginx passes it on where proxy_set_header sets Upgrade and Connection.",
            ),
            (Trial::First, Outcome::SocketClosed { .. }) => (
                "The websocket was refused",
                "There are three usual reasons. A proxy between does not pass the headers Upgrade and \
                 Connection on. The scheduler's Python has no bokeh, or its dashboard is switched off: open \
                 its address in another tab, which says so. An administrator has narrowed \
                 distributed.scheduler.dashboard.bokeh-application.allow_websocket_origin: add this page's \
                 host.",
            ),
            (Trial::Plots, _) => (
                "HTTP gets through and the websocket is refused: a proxy between does not pass websockets on",
                "Let the proxy pass the headers Upgrade and Connection on, and speak HTTP/1.1 to the server \
                 behind it. For nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; \
                 proxy_set_header Connection \"upgrade\"; If there is no proxy, add this page's host to \
                 distributed.scheduler.dashboard.bokeh-application.allow_websocket_origin.",
            ),
            (_, Outcome::SocketBlocked) => (
                "The browser refused to open the websocket",
                "A page over https cannot open ws://: use the https address of the dashboard.",
            ),
            _ => (
                "The websocket stays silent",
                "A proxy may hold it back (buffering), or the scheduler is too busy: try again in a \
                 moment.",
            ),
        };
        self.find(hop, State::Failed, sentence, advice);
    }
}
