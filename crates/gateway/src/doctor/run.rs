//! The run of a diagnosis: what is tried when, and what each outcome means.

use super::socket::Trial;
use super::{Facts, Finding, Hop, Outcome, Permission, Probe, State, Step};
use crate::address::{Address, PageOrigin};
use crate::api::{self, Request, Response};
use crate::auth::{AuthKind, Credentials};
use crate::error::ApiError;
use crate::model::Status;
use crate::pasted::{self, Unclear};

/// The run of one diagnosis.
#[derive(Clone, Debug)]
pub struct Doctor {
    facts: Facts,
    address: Option<Address>,
    /// A scheduler's own dashboard instead of a gateway.
    bare: bool,
    credentials: Option<Credentials>,
    cluster: Option<String>,
    findings: Vec<Finding>,
    /// Whether the readable request failed and the unreadable one is to tell why.
    blind: Option<ApiError>,
    /// Whether answers of this address can be read here.
    readable: bool,
    /// What is tried of the websocket.
    pub(super) trial: Trial,
}

impl Doctor {
    /// For a gateway, at what somebody typed. `cluster` is the name of a running cluster to try the
    /// dashboard on; without one the first of the user's running clusters is taken.
    pub fn gateway(
        facts: Facts,
        typed: &str,
        credentials: Option<Credentials>,
        cluster: Option<String>,
    ) -> Self {
        let address = Address::parse(typed, facts.page.as_ref()).map_err(|error| error.to_string());
        Self::new(facts, address, credentials, cluster, false)
    }

    /// For a scheduler's dashboard, at what somebody typed (a page of it is fine).
    pub fn scheduler(facts: Facts, typed: &str) -> Self {
        let page = facts.page.as_ref();
        // A link into a gateway's cluster keeps its path: only the API's tails are cut off.
        let address = pasted::dashboard(typed, page)
            .and_then(|root| Address::parse_whole(&root, page).map_err(Unclear::from))
            .map_err(|error| error.to_string());
        Self::new(facts, address, None, None, true)
    }

    fn new(
        facts: Facts,
        address: Result<Address, String>,
        credentials: Option<Credentials>,
        cluster: Option<String>,
        bare: bool,
    ) -> Self {
        let mut doctor = Self {
            facts,
            address: address.as_ref().ok().cloned(),
            bare,
            credentials,
            cluster,
            findings: Vec::new(),
            blind: None,
            readable: true,
            trial: Trial::default(),
        };
        match address {
            Ok(address) => doctor.find(Hop::Address, State::Ok, address.as_str(), ""),
            Err(error) => {
                doctor.find(Hop::Address, State::Failed, &error, ADDRESS_ADVICE);
            }
        }
        doctor.judge();
        doctor
    }

    /// What was found so far, in order.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The hop to blame: the first that failed.
    pub fn culprit(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.state == State::Failed)
    }

    /// The address that is tried, once it is known to be one.
    pub fn address(&self) -> Option<&Address> {
        self.address.as_ref()
    }

    /// The hop that stands next, if any is left.
    fn hop(&self) -> Option<Hop> {
        Hop::ALL.get(self.findings.len()).copied()
    }

    pub(super) fn same_origin(&self) -> bool {
        match (&self.facts.page, &self.address) {
            (Some(page), Some(address)) => page.origin() == address.origin(),
            _ => false,
        }
    }

    #[inline(never)]
    pub(super) fn find(&mut self, hop: Hop, state: State, sentence: &str, advice: &str) {
        // Errors speak of what is asked most often.
        let put = |text: &str| {
            if self.bare { text.replace("the gateway", "the scheduler") } else { text.to_owned() }
        };
        let (sentence, advice) = (put(sentence), put(advice));
        self.findings.push(Finding { hop, state, sentence, advice });
    }

    fn failed(&self, hop: Hop) -> bool {
        self.findings.iter().any(|found| found.hop == hop && found.state == State::Failed)
    }

    fn skip(&mut self, hop: Hop, why: &str) {
        self.find(hop, State::Skipped, why, "");
    }

    /// What to try next; `None` when all is said.
    pub fn step(&self) -> Option<Step> {
        let hop = self.hop()?;
        let address = self.address.as_ref()?;
        let fetch = |request: Request, signed: bool| {
            let request = match (&self.credentials, signed) {
                (Some(credentials), true) => request.signed(credentials, address),
                _ => request,
            };
            Probe::Fetch { url: request.url(address), request }
        };
        let health = if self.bare { api::scheduler_health() } else { api::health() };
        let probe = match hop {
            Hop::Address | Hop::MixedContent => return None,
            Hop::LocalAccess => Probe::Permission {
                names: [
                    if address.is_loopback() { "loopback-network" } else { "local-network" },
                    "local-network-access",
                ],
            },
            Hop::Reach if self.blind.is_some() || (self.bare && !self.same_origin()) => {
                Probe::Opaque { url: health.url(address) }
            }
            Hop::Reach => fetch(health, false),
            Hop::Cors => fetch(api::version(), true),
            Hop::Version => fetch(api::version(), false),
            Hop::Authentication => fetch(api::list(&[]), true),
            Hop::Options => fetch(api::options(), true),
            Hop::Dashboard => {
                let dashboard = self.dashboard()?;
                let url = format!("{dashboard}/health");
                if self.same_origin() {
                    // Dashboards may sit behind a sign-in of their own, which lives on cookies.
                    let request = Request { omit_credentials: false, ..api::scheduler_health() };
                    Probe::Fetch { url, request }
                } else {
                    Probe::Opaque { url }
                }
            }
            Hop::Socket => self.socket_probe(&self.dashboard()?),
        };
        Some(Step { hop, probe })
    }

    fn dashboard(&self) -> Option<String> {
        let address = self.address.as_ref()?;
        if self.bare {
            return Some(address.as_str().to_owned());
        }
        Some(address.dashboard(self.cluster.as_deref()?))
    }

    /// Takes the outcome of the step that [`step`](Self::step) named.
    pub fn record(&mut self, outcome: Outcome) {
        let Some(hop) = self.hop() else { return };
        match hop {
            Hop::Address | Hop::MixedContent => {}
            Hop::LocalAccess => self.local_access(&outcome),
            Hop::Reach => self.reach(outcome),
            Hop::Cors => self.cors(&outcome),
            Hop::Version => self.read(hop, &outcome, &|response| {
                api::read_version(response).map(|version| format!("Dask Gateway {version}"))
            }),
            Hop::Authentication => self.authentication(&outcome),
            Hop::Options => self.read(hop, &outcome, &|response| {
                let options = api::read_options(response)?;
                let skipped = match options.skipped.len() {
                    0 => String::new(),
                    n => format!(", {n} that cannot be read"),
                };
                Ok(match options.fields.len() {
                    0 => format!("No options to choose{skipped}"),
                    1 => format!("One option{skipped}"),
                    n => format!("{n} options{skipped}"),
                })
            }),
            Hop::Dashboard => self.dashboard_page(&outcome),
            Hop::Socket => self.socket(outcome),
        }
        self.judge();
    }

    /// Judges all next hops that need no trial.
    fn judge(&mut self) {
        while let Some(hop) = self.hop() {
            let before = self.findings.len();
            if self.failed(Hop::Address) || self.failed(Hop::MixedContent) {
                self.skip(hop, "Not tried");
            } else if self.failed(Hop::Reach) {
                self.skip(hop, "Not tried: nothing answers");
            } else {
                self.judge_one(hop);
            }
            if self.findings.len() == before {
                return;
            }
        }
    }

    fn judge_one(&mut self, hop: Hop) {
        let api_hop = hop.is_api();
        match hop {
            Hop::MixedContent => self.mixed_content(),
            Hop::LocalAccess => self.local_access_without_asking(),
            Hop::Reach if !self.facts.online && !self.is_loopback() => self.find(
                hop,
                State::Failed,
                "The browser says that it is offline",
                "Connect to the network and try again.",
            ),
            Hop::Cors if self.same_origin() => {
                self.find(hop, State::Ok, "Page and gateway share one origin", "");
            }
            Hop::Cors if self.bare => self.find(
                hop,
                State::Unknown,
                "The live feed needs no permission of the scheduler; totals from its HTTP pages do",
                "Serve page and dashboard from one origin to have those too.",
            ),
            Hop::Cors if !self.readable => {
                self.find(hop, State::Failed, &self.cors_sentence(), CORS_ADVICE);
            }
            _ if api_hop && self.bare => self.skip(hop, "A scheduler, no gateway"),
            _ if api_hop && self.failed(Hop::Cors) => {
                self.skip(hop, "Not tried: the browser would not show the answer");
            }
            _ if api_hop && self.failed(Hop::Version) => self.skip(hop, "Not tried: no gateway"),
            Hop::Options if self.failed(Hop::Authentication) => {
                self.skip(hop, "Not tried: not signed in");
            }
            Hop::Dashboard | Hop::Socket if self.dashboard().is_none() => {
                self.skip(hop, "No running cluster to try it on");
            }
            Hop::Dashboard | Hop::Socket if self.failed(Hop::Version) => {
                self.skip(hop, "Not tried: no gateway");
            }
            _ => {}
        }
    }

    fn is_loopback(&self) -> bool {
        self.address.as_ref().is_some_and(Address::is_loopback)
    }

    fn mixed_content(&mut self) {
        let hop = Hop::MixedContent;
        let Some(address) = &self.address else { return };
        let https = self.facts.page.as_ref().map_or(self.facts.secure, PageOrigin::is_https);
        if !https || address.is_https() {
            self.find(hop, State::Ok, "No mix of https and http", "");
        } else if address.is_loopback() {
            self.find(hop, State::Ok, "Plain http is allowed to this very machine", "");
        } else if address.is_private() {
            self.find(
                hop,
                State::Unknown,
                "This page came over https and the address is plain http on a local network",
                "Some browsers allow it after asking; others block it. Serve the gateway over https \
                 to be sure.",
            );
        } else {
            self.find(
                hop,
                State::Failed,
                "This page came over https: the browser blocks plain http from it",
                "Use the gateway's https address. If it has none, put it behind the proxy that \
                 serves this page, or open this page over http.",
            );
        }
    }

    fn local_access_without_asking(&mut self) {
        let hop = Hop::LocalAccess;
        let Some(address) = &self.address else { return };
        if self.same_origin() {
            self.find(hop, State::Ok, "The same host as this page", "");
            return;
        }
        // How near an address is, as browsers rank them; names count as far unless they say more.
        let rank = |loopback: bool, private: bool| match (loopback, private) {
            (true, _) => 2,
            (_, true) => 1,
            _ => 0,
        };
        let target = rank(address.is_loopback(), address.is_private());
        let page = self
            .facts
            .page
            .as_ref()
            .and_then(|page| Address::parse(page.origin(), None).ok())
            .map_or(0, |page| rank(page.is_loopback(), page.is_private()));
        if target <= page {
            self.find(hop, State::Ok, "Not a local address, or no more local than this page", "");
        } else if !self.facts.secure {
            self.find(
                hop,
                State::Unknown,
                "Chromium gives local addresses only to pages that came over https",
                "Open this page over https, or from the same host as the gateway.",
            );
        }
    }

    fn local_access(&mut self, outcome: &Outcome) {
        let hop = Hop::LocalAccess;
        let frame = self.facts.framed;
        match outcome {
            Outcome::Permission(Permission::Granted) => {
                self.find(hop, State::Ok, "The browser lets this site reach local addresses", "");
            }
            Outcome::Permission(Permission::Denied) => self.find(
                hop,
                State::Failed,
                "The browser does not let this site reach local addresses",
                if frame {
                    "Allow it in the site settings (the icon left of the address). The page around \
                     this one must also give its frame allow=\"local-network; loopback-network; \
                     local-network-access\"."
                } else {
                    "Allow “Local network access” in the site settings (the icon left of the \
                     address), then try again."
                },
            ),
            Outcome::Permission(Permission::Prompt) => self.find(
                hop,
                State::Unknown,
                "The browser will ask whether this site may reach local addresses",
                "Choose Allow when the browser asks.",
            ),
            _ => self.find(hop, State::Ok, "This browser asks no permission for it", ""),
        }
    }

    fn reach(&mut self, outcome: Outcome) {
        let hop = Hop::Reach;
        match outcome {
            Outcome::Answer(_) => self.find(hop, State::Ok, "Something answers", ""),
            Outcome::Opaque => {
                self.readable = false;
                self.find(hop, State::Ok, "Something answers", "");
            }
            Outcome::NoAnswer(error)
                if self.blind.is_none() && !self.same_origin() && !self.bare =>
            {
                // Whether nothing answers or the browser only hides it: ask without reading.
                self.blind = Some(error);
            }
            Outcome::NoAnswer(error) => {
                let error = self.blind.take().unwrap_or(error);
                let https = self.address.as_ref().filter(|to| to.is_https() && !self.same_origin());
                let advice = if self.failed(Hop::LocalAccess) {
                    "Allow local addresses first, see above.".to_owned()
                } else if let Some(address) = https {
                    format!("Open {address} in another tab{CERTIFICATE}{REACH_ADVICE}")
                } else {
                    format!("Open the address in another tab. {REACH_ADVICE}")
                };
                self.find(hop, State::Failed, &error.message(), &advice);
            }
            _ => self.find(hop, State::Unknown, "It could not be tried", ""),
        }
    }

    fn cors_sentence(&self) -> String {
        let page = self.facts.page.as_ref().map_or("this page", PageOrigin::origin);
        format!(
            "The browser hides the gateway's answers from {page}: the gateway does not allow it"
        )
    }

    fn cors(&mut self, outcome: &Outcome) {
        let hop = Hop::Cors;
        if let Outcome::Answer(_) = outcome {
            self.find(hop, State::Ok, "The gateway lets this page read its answers", "");
        } else {
            self.find(
                hop,
                State::Failed,
                "The gateway lets this page read, but not sign in: it refuses the OPTIONS request \
                 that browsers send first",
                CORS_ADVICE,
            );
        }
    }

    fn read(
        &mut self,
        hop: Hop,
        outcome: &Outcome,
        read: &dyn Fn(&Response) -> Result<String, ApiError>,
    ) {
        let refusal;
        let error = match outcome {
            Outcome::Answer(response) => match read(response) {
                Ok(sentence) => return self.find(hop, State::Ok, &sentence, ""),
                Err(error) => {
                    refusal = error;
                    &refusal
                }
            },
            Outcome::NoAnswer(error) => error,
            _ => return self.find(hop, State::Unknown, "It could not be tried", ""),
        };
        let kind = self.credentials.as_ref().map_or(AuthKind::None, Credentials::kind);
        self.find(hop, State::Failed, &error.message(), error.advice_for(kind));
    }

    fn authentication(&mut self, outcome: &Outcome) {
        if let Outcome::Answer(response) = outcome
            && let Ok(list) = api::read_list(response)
            && self.cluster.is_none()
        {
            let running = |status| status == Status::Running;
            self.cluster =
                list.clusters.into_iter().find(|found| running(found.status)).map(|c| c.name);
        }
        let who = match &self.credentials {
            Some(credentials) => match (credentials.kind(), credentials.user()) {
                (_, Some(user)) => format!("Signed in as {user}"),
                (AuthKind::JupyterHub, _) => "The JupyterHub token was accepted".into(),
                (AuthKind::Kerberos, _) => "Signed in with Kerberos".into(),
                _ => "No sign-in needed".into(),
            },
            None => "No sign-in needed".into(),
        };
        self.read(Hop::Authentication, outcome, &|response| {
            api::read_list(response).map(|_| who.clone())
        });
    }

    fn dashboard_page(&mut self, outcome: &Outcome) {
        let hop = Hop::Dashboard;
        match outcome {
            Outcome::Opaque => self.find(hop, State::Ok, "Something answers", ""),
            Outcome::Answer(response) if response.status == 200 && !response.is_html() => {
                self.find(hop, State::Ok, "The scheduler answers", "");
            }
            Outcome::Answer(response) => {
                let (sentence, advice) = match response.status {
                    200..=399 | 401 | 403 => (
                        "A sign-in stands before the dashboard",
                        "Open the dashboard's link in another tab once, sign in there, and try \
                         again.",
                    ),
                    404 => (
                        "The dashboard is not there",
                        "The cluster is not running any more, or the proxy does not pass \
                         /clusters/… on to the gateway.",
                    ),
                    502..=504 => (
                        "The proxy gets no answer from the scheduler",
                        "The cluster is starting, stopping or overloaded: try again in a moment.",
                    ),
                    _ => ("The dashboard fails", "Look into the scheduler's log."),
                };
                let sentence = format!("{sentence} (status {})", response.status);
                self.find(hop, State::Failed, &sentence, advice);
            }
            Outcome::NoAnswer(error) => self.find(
                hop,
                State::Failed,
                &error.message(),
                "A sign-in page on another host may stand before the dashboard: open its link in \
                 another tab once, then try again.",
            ),
            _ => self.find(hop, State::Unknown, "It could not be tried", ""),
        }
    }
}

const ADDRESS_ADVICE: &str = "Usual addresses are /services/dask-gateway behind JupyterHub and \
                              /gateway elsewhere.";

const CERTIFICATE: &str = ": a certificate that the browser does not trust looks the same from here, \
                           and there the browser says so. Accept it there, or have the administrator install \
                           one that browsers trust; then check again. ";

const REACH_ADVICE: &str = "If it does not answer there either, it is the network, the name or a \
                            server that is not running; check the address and the port.";

const CORS_ADVICE: &str = "Serve this page and the gateway from one origin (this page's files \
                           beside the gateway, or one proxy before both). Or let the proxy before \
                           the gateway add Access-Control-Allow-Origin with this page's origin, \
                           Access-Control-Allow-Headers: authorization, content-type, \
                           Access-Control-Allow-Methods: GET, POST, DELETE, and answer OPTIONS \
                           itself with 204: the gateway answers 405.";
