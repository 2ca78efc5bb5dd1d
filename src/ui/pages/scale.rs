//! How many workers: by hand or by the scheduler, and what that comes to.

use std::rc::Rc;

use yew::prelude::*;

use crate::ui::dom::{El, button, div, el, nothing, span};
use crate::ui::store::use_dispatch;
use crate::ui::widgets::{Number, acts_on, number};
use base::fmt;
use gateway::numbers::worker_count;
use gateway::sizing::{Rates, WorkerSize};
use live::source::Totals;
use session::action::Action;
use session::state::{Entry, State};

/// Properties of [`ScalePanel`] and of its two halves.
#[derive(Properties, PartialEq, Clone)]
pub struct ScalePanelProps {
    /// The state.
    pub state: Rc<State>,
    /// The cluster.
    pub entry: Rc<Entry>,
    /// Its totals, where they are known.
    pub totals: Option<Totals>,
}

/// The controls behind *Scale*.
#[component]
pub fn ScalePanel(props: &ScalePanelProps) -> Html {
    let asked = &props.entry.asked;
    let capped = |cap| {
        let cap = fmt::plural(cap, "worker");
        small(format!("Limit set by the gateway: {cap}."))
    };
    let adapting = match asked.adapt {
        Some((low, high)) => format!("on, {low} to {high}, as this browser set it"),
        None => "unknown (not set in this browser)".to_owned(),
    };
    html! {
        <>
            { heading("Workers", format!("{} here", fmt::plural(props.arrived(), "worker"))) }
            { asked.cap.map_or_else(nothing, |cap| capped(cap).into()) }
            <ByHand ..props.clone() />
            <hr />
            { heading("Adaptive", adapting) }
            { small(
                "The scheduler adds workers while tasks wait and removes idle ones, also when this page is closed."
            ) }
            <Adaptive ..props.clone() />
        </>
    }
}

/// A number of workers that a person sets.
#[component]
fn ByHand(props: &ScalePanelProps) -> Html {
    let entry = &props.entry;
    let dispatch = use_dispatch();
    let text = use_count(entry.asked.workers.unwrap_or(props.arrived()), entry);
    let count = worker_count(&text);
    let n = count.ok();
    let busy = entry.busy;
    let scale = {
        let name = entry.cluster.name.clone();
        Callback::from(move |()| {
            if let Some(n) = n.filter(|_| !busy) {
                dispatch.act(Action::Scale(name.clone(), n));
            }
        })
    };
    let field = count_field(&text, n.is_none() || props.is_above_cap(n), props, Some(&scale))
        .attr("aria-label", "Number of workers")
        .testid("scale-count");
    let apply = button("btn primary")
        .testid("scale-apply")
        .onclick(scale.reform(|_| ()))
        .flag("disabled", n.is_none())
        // While the gateway is being asked the button stays, and with it the focus.
        .truth("aria-disabled", n.is_none() || busy)
        .text("Scale");
    html! {
        <>
            { div("line").kid(field).kid(apply).maybe(busy.then(|| span("spin later"))) }
            { outcome("scale-error", count.err(), n, props) }
            if entry.asked.adapt.is_some() {
                { small("Setting a number ends adaptive scaling.") }
            }
        </>
    }
}

/// Bounds between which the scheduler chooses.
#[component]
fn Adaptive(props: &ScalePanelProps) -> Html {
    let entry = &props.entry;
    let dispatch = use_dispatch();
    let arrived = props.arrived();
    let (low, high) = entry.asked.adapt.unwrap_or((arrived.min(1), arrived.max(2)));
    let low = use_count(low, entry);
    let high = use_count(high, entry);
    let (minimum, maximum) = (worker_count(&low), worker_count(&high));
    let (min, max) = (minimum.ok(), maximum.ok());
    let busy = entry.busy;
    let name = &entry.cluster.name;
    let adapt = {
        let (dispatch, name) = (dispatch.clone(), name.clone());
        Callback::from(move |()| {
            if let (Some(minimum), Some(maximum), false) = (min, max, busy) {
                dispatch.act(Action::Adapt { name: name.clone(), minimum, maximum });
            }
        })
    };
    let inverted = min.zip(max).filter(|(min, max)| min > max);
    let inverted = inverted.map(|_| "The minimum is above the maximum.");
    // The lower bound has no limit of its own, and Enter in it says nothing.
    let fewest = count_field(&low, min.is_none(), props, None)
        .attr("aria-label", "Minimum workers")
        .testid("adapt-minimum");
    let most = count_field(&high, max.is_none() || props.is_above_cap(max), props, Some(&adapt))
        .attr("aria-label", "Maximum workers")
        .testid("adapt-maximum");
    let apply = button("btn")
        .testid("adapt-apply")
        .onclick(adapt.reform(|_| ()))
        .flag("disabled", min.is_none() || max.is_none() || inverted.is_some())
        .truth("aria-disabled", busy)
        .text("Adapt");
    let stop = || {
        button("btn quiet")
            .testid("adapt-stop")
            .onclick(acts_on(&dispatch, name, Action::AdaptStop))
            .flag("disabled", busy)
            .text("Stop adaptive scaling")
    };
    let wrong = minimum.err().or(maximum.err()).or(inverted);
    html! {
        <>
            { div("line").kid(fewest).kid(span("mute").text("to")).kid(most) }
            { outcome("adapt-error", wrong, max, props) }
            { div("line").kid(apply).maybe(entry.asked.adapt.map(|_| stop())) }
        </>
    }
}

impl ScalePanelProps {
    /// The workers that are there.
    fn arrived(&self) -> u32 {
        let totals = self.totals.map(|totals| totals.workers);
        totals.or(self.entry.counts.map(|counts| counts.workers)).unwrap_or(0)
    }

    fn is_above_cap(&self, n: Option<u32>) -> bool {
        self.entry.asked.cap.zip(n).is_some_and(|(cap, n)| n > cap)
    }

    /// The size of a worker.
    fn worker_size(&self) -> WorkerSize {
        let options = &self.entry.cluster.options;
        let said = WorkerSize::from_values(options, self.state.options.as_deref());
        // Where the options do not tell, the workers that are there do.
        let seen = self.totals.as_ref().map(seen_size).unwrap_or_default();
        WorkerSize {
            cores: said.cores.or(seen.cores),
            memory_gib: said.memory_gib.or(seen.memory_gib),
        }
    }
}

/// What is typed as a number of workers. A refusal that names a cap is answered by what the gateway made
/// of the number.
#[hook]
fn use_count(first: u32, entry: &Entry) -> UseStateHandle<String> {
    let text = use_state_eq(|| first.to_string());
    {
        let text = text.clone();
        use_effect_with((entry.busy, entry.asked.cap), move |(busy, cap)| {
            let above = |cap: u32| text.trim().parse().is_ok_and(|number: u32| number > cap);
            if let Some(cap) = cap.filter(|cap| !busy && above(*cap)) {
                text.set(cap.to_string());
            }
        });
    }
    text
}

/// A field for a number of workers; with something for Enter to do, it goes up to the gateway's cap.
fn count_field(
    text: &UseStateHandle<String>,
    invalid: bool,
    props: &ScalePanelProps,
    enter: Option<&Callback<()>>,
) -> El {
    let cap = props.entry.asked.cap.filter(|_| enter.is_some());
    let field = Number {
        value: text,
        oninput: Callback::from(text.setter()),
        onenter: enter.cloned(),
        whole: true,
        min: Some("0".into()),
        max: cap.map(|cap| cap.to_string()),
        invalid,
    };
    number(field).class("num")
}

/// What is wrong, or else what so many workers come to.
fn outcome(
    id: &'static str,
    wrong: Option<&'static str>,
    workers: Option<u32>,
    props: &ScalePanelProps,
) -> Html {
    if let Some(why) = wrong {
        return span("error").testid(id).attr("role", "alert").text(why).into();
    }
    let rates = props.state.config.rates.as_ref();
    cost_line(props.worker_size(), workers.unwrap_or(0), rates)
}

fn heading(title: &'static str, aside: String) -> El {
    el("h3").text(title).kid(span("mute small").text(aside))
}

fn small(words: impl Into<AttrValue>) -> El {
    el("p").class("small mute").text(words)
}

/// What so many workers come to, as a line; nothing where the size of one is not known.
pub fn cost_line(size: WorkerSize, workers: u32, rates: Option<&Rates>) -> Html {
    if size == WorkerSize::default() || workers == 0 {
        return nothing();
    }
    el("p").class("cost").text(size.preview(workers, rates).sentence(rates)).into()
}

/// The size of a worker as those that are there have it, on average.
fn seen_size(totals: &Totals) -> WorkerSize {
    let workers = f64::from(totals.workers);
    let each = |all: f64| (workers > 0.0 && all > 0.0).then(|| all / workers);
    let no_limit = workers > 0.0 && totals.memory_used > 0.0 && totals.memory_limit == 0.0;
    WorkerSize {
        cores: each(f64::from(totals.threads)),
        memory_gib: if no_limit {
            Some(f64::INFINITY)
        } else {
            each(totals.memory_limit / 1_073_741_824.0)
        },
    }
}
