//! The connection doctor: tries each hop, shows what it finds as it goes, names the one to blame.

use std::cell::Cell;
use std::rc::Rc;

use yew::prelude::*;

use crate::ui::dom::{El, button, div, el, span};
use crate::web::probe;
use crate::web::run::spawn;
use gateway::Credentials;
use gateway::doctor::{Doctor, Finding, Hop, State};

/// What to examine.
#[derive(Clone, PartialEq, Debug)]
pub enum Patient {
    /// A gateway at what somebody typed.
    Gateway {
        /// What was typed.
        typed: String,
        /// Who asks, where that is known.
        credentials: Option<Credentials>,
    },
    /// A scheduler's dashboard at what somebody typed.
    Scheduler(String),
}

impl Patient {
    fn typed(&self) -> &str {
        match self {
            Self::Gateway { typed, .. } | Self::Scheduler(typed) => typed,
        }
    }
}

/// Properties of [`DoctorCard`].
#[derive(Properties, PartialEq)]
pub struct DoctorCardProps {
    /// What to examine.
    pub patient: Patient,
    /// The doctor begins by itself whenever this changes to another number but zero.
    pub run: u32,
}

/// The connection doctor.
#[component]
pub fn DoctorCard(props: &DoctorCardProps) -> Html {
    let (told, begin) = use_examination(props);
    let busy = told.now.is_some();
    let check = button("btn")
        .flag("disabled", busy || props.patient.typed().trim().is_empty())
        .attr("data-testid", "doctor-run")
        .onclick(begin.reform(|_: MouseEvent| ()))
        .maybe(busy.then(|| span("spin")))
        .text(if told.found.is_some() { "Check again" } else { "Check" });
    el("section")
        .class("card doctor")
        .attr("data-testid", "connect-doctor")
        .attr("aria-label", "Connection doctor")
        .kid(el("header").kid(el("h2").text("Connection doctor")).kid(span("grow")).kid(check))
        .kid(match &told.found {
            Some(found) => findings(found, told.now, &props.patient),
            None => purpose(),
        })
        .into()
}

/// What the doctor has said so far, and what has it begin.
#[hook]
fn use_examination(props: &DoctorCardProps) -> (UseStateHandle<Told>, Callback<()>) {
    let told = use_state_eq(Told::default);
    // The run that counts; an older one that still waits for an answer says no more.
    let current = use_mut_ref(|| Rc::new(Cell::new(false)));
    let begin = {
        let (told, current) = (told.setter(), current.clone());
        let patient = props.patient.clone();
        Callback::from(move |()| {
            let stop = Rc::new(Cell::new(false));
            current.replace(stop.clone()).set(true);
            spawn(examine(patient.clone(), stop, told.clone()));
        })
    };
    {
        let begin = begin.clone();
        use_effect_with(props.run, move |run| {
            if *run > 0 {
                begin.emit(());
            }
            move || current.borrow().set(true)
        });
    }
    (told, begin)
}

/// One step and its mark.
fn hop(mark: El, words: El) -> El {
    div("hop").kid(mark).kid(words)
}

/// What the card is for, before it has anything to say.
fn purpose() -> El {
    let words = "Tries each step between this page and your clusters, finds the step that fails, and \
                 says how to fix it.";
    hop(span("mark"), span("mute").text(words))
}

fn findings(found: &[Finding], now: Option<Hop>, patient: &Patient) -> El {
    // A scheduler has none of a gateway's steps.
    let at_gateway = matches!(patient, Patient::Gateway { .. });
    let tail = if let Some(next) = now {
        Some(hop(span("mark").kid(span("spin")), el("span").text(next.label())))
    } else if found.iter().all(|one| one.state != State::Failed) {
        let fine = el("b").text("No problems found.");
        Some(hop(span("mark"), fine).attr("data-state", "ok"))
    } else {
        None
    };
    el("div")
        .attr("aria-live", "polite")
        .truth("aria-busy", now.is_some())
        .kids(found.iter().filter(|one| at_gateway || !one.hop.is_api()).map(tell))
        .maybe(tail)
}

fn tell(finding: &Finding) -> El {
    let (state, mark) = match finding.state {
        State::Ok => ("ok", "✓"),
        State::Failed => ("bad", "✕"),
        State::Skipped => ("off", "–"),
        State::Unknown => ("warn", "?"),
    };
    let said = !finding.sentence.is_empty() && finding.state != State::Skipped;
    div("hop")
        .key(finding.hop.id())
        .attr("data-state", state)
        .attr("data-hop", finding.hop.id())
        .kid(span("mark").attr("aria-hidden", "true").text(mark))
        .kid(el("b").text(finding.hop.label()))
        .kid(el("span"))
        .maybe(said.then(|| el("p").text(finding.sentence.clone())))
        .maybe(
            (!finding.advice.is_empty())
                .then(|| el("p").class("mend").text(finding.advice.clone())),
        )
}

/// What the doctor has said so far.
#[derive(Clone, Default, PartialEq)]
struct Told {
    found: Option<Vec<Finding>>,
    /// What is tried now.
    now: Option<Hop>,
}

async fn examine(patient: Patient, stop: Rc<Cell<bool>>, told: UseStateSetter<Told>) {
    let facts = probe::facts();
    let mut doctor = match patient {
        Patient::Gateway { typed, credentials } => {
            Doctor::gateway(facts, &typed, credentials, None)
        }
        Patient::Scheduler(typed) => Doctor::scheduler(facts, &typed),
    };
    while !stop.get() {
        let step = doctor.step();
        let now = step.as_ref().map(|step| step.hop);
        told.set(Told { found: Some(doctor.findings().to_vec()), now });
        let Some(step) = step else { break };
        let outcome = probe::try_out(&step.probe).await;
        doctor.record(outcome);
    }
}
