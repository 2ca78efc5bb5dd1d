//! How many workers: by hand or by the scheduler, and what that comes to.

use std::rc::Rc;

use yew::prelude::*;

use super::plural;
use crate::app::action::Action;
use crate::app::live::Totals;
use crate::app::state::{Entry, State};
use crate::gateway::remembered::{Rates, WorkerSize};
use crate::ui::store::use_dispatch;
use crate::ui::widgets::NumberInput;

/// What so many workers come to, as a line; nothing where the size of one is not known.
pub fn cost_line(size: WorkerSize, workers: u32, rates: Option<&Rates>) -> Html {
    if size == WorkerSize::default() || workers == 0 {
        return html! {};
    }
    html! { <p class="cost">{ size.preview(workers, rates).sentence(rates) }</p> }
}

/// The size of a worker as those that are there have it, on average.
fn seen_size(totals: &Totals) -> WorkerSize {
    let workers = f64::from(totals.workers);
    let each = |all: f64| (workers > 0.0 && all > 0.0).then(|| all / workers);
    WorkerSize {
        cores: each(f64::from(totals.threads)),
        memory_gib: each(totals.memory_limit / 1_073_741_824.0),
    }
}

/// The controls.
#[derive(Properties, PartialEq)]
pub struct ScaleProps {
    /// The state.
    pub state: Rc<State>,
    /// The cluster.
    pub entry: Rc<Entry>,
    /// Its totals, where they are known.
    pub totals: Option<Totals>,
}

/// The controls behind *Scale*.
#[component]
pub fn ScalePanel(props: &ScaleProps) -> Html {
    let dispatch = use_dispatch();
    let (state, entry) = (&props.state, &props.entry);
    let name = entry.cluster.name.clone();
    let asked = &entry.asked;
    let arrived = props
        .totals
        .map(|totals| totals.workers)
        .or_else(|| entry.counts.map(|counts| counts.workers))
        .unwrap_or(0);
    let count = use_state_eq(|| asked.workers.unwrap_or(arrived).to_string());
    let (low, high) = asked.adapt.unwrap_or((arrived.min(1), arrived.max(2)));
    let minimum = use_state_eq(|| low.to_string());
    let maximum = use_state_eq(|| high.to_string());

    let whole = |text: &str| text.trim().parse::<u32>().ok();
    let (n, min, max) = (whole(&count), whole(&minimum), whole(&maximum));
    let said = WorkerSize::from_values(&entry.cluster.options, state.options.as_deref());
    // Where the options do not tell, the workers that are there do.
    let seen = props.totals.as_ref().map(seen_size).unwrap_or_default();
    let size = WorkerSize {
        cores: said.cores.or(seen.cores),
        memory_gib: said.memory_gib.or(seen.memory_gib),
    };
    let rates = state.config.rates.as_ref();
    let scale = {
        let (dispatch, name) = (dispatch.clone(), name.clone());
        Callback::from(move |()| {
            if let Some(n) = n {
                dispatch.act(Action::Scale(name.clone(), n));
            }
        })
    };
    let adapt = {
        let (dispatch, name) = (dispatch.clone(), name.clone());
        Callback::from(move |()| {
            if let (Some(minimum), Some(maximum)) = (min, max) {
                dispatch.act(Action::Adapt { name: name.clone(), minimum, maximum });
            }
        })
    };
    let stop = {
        let name = name.clone();
        dispatch.on(move || Action::AdaptStop(name.clone()))
    };
    let set = |setter: UseStateSetter<String>| Callback::from(move |text| setter.set(text));
    let click = |callback: &Callback<()>| {
        let callback = callback.clone();
        Callback::from(move |_: MouseEvent| callback.emit(()))
    };
    let inverted = min.zip(max).is_some_and(|(min, max)| min > max);
    let over = |n: Option<u32>| asked.cap.zip(n).is_some_and(|(cap, n)| n > cap);
    html! {
        <>
            <h3>{ "Workers" }
                <span class="mute small">{ format!("{} here", plural(arrived, "worker")) }</span>
            </h3>
            if let Some(cap) = asked.cap {
                <p class="small mute">{ format!("This gateway allows at most {} for this cluster, it said.",
                    plural(cap, "worker")) }</p>
            }
            <div class="line">
                <NumberInput value={(*count).clone()} oninput={set(count.setter())} onenter={scale.clone()}
                    min={Some(0.0)} max={asked.cap.map(f64::from)} invalid={n.is_none() || over(n)}
                    label="Number of workers" testid="scale-count" />
                <button class="btn primary" data-testid="scale-apply" onclick={click(&scale)}
                    disabled={n.is_none() || entry.busy}>{ "Scale" }</button>
                if entry.busy { <span class="spin later"></span> }
            </div>
            if n.is_none() {
                <span class="error">{ "A whole number of workers, 0 or more." }</span>
            } else {
                { cost_line(size, n.unwrap_or(0), rates) }
            }
            if asked.adapt.is_some() {
                <p class="small mute">{ "Scaling by hand ends adaptive scaling." }</p>
            }
            <hr />
            <h3>{ "Adaptive" }
                <span class="mute small">{ asked.adapt.map_or_else(
                    || "not set from this browser".to_owned(),
                    |(low, high)| format!("on, {low} to {high}, as this browser set it")) }</span>
            </h3>
            <p class="small mute">{ "The scheduler adds workers while tasks wait and removes idle ones, also \
                when this page is closed." }</p>
            <div class="line">
                <NumberInput value={(*minimum).clone()} oninput={set(minimum.setter())} min={Some(0.0)}
                    invalid={min.is_none()} label="Fewest workers" testid="adapt-minimum" />
                <span class="mute">{ "to" }</span>
                <NumberInput value={(*maximum).clone()} oninput={set(maximum.setter())} onenter={adapt.clone()}
                    min={Some(0.0)} max={asked.cap.map(f64::from)} invalid={max.is_none() || over(max)}
                    label="Most workers" testid="adapt-maximum" />
            </div>
            if inverted {
                <span class="error">{ "The minimum is above the maximum." }</span>
            } else {
                { cost_line(size, max.unwrap_or(0), rates) }
            }
            <div class="line">
                <button class="btn" data-testid="adapt-apply" onclick={click(&adapt)}
                    disabled={min.is_none() || max.is_none() || inverted || entry.busy}>{ "Adapt" }</button>
                if asked.adapt.is_some() {
                    <button class="btn quiet" data-testid="adapt-stop" onclick={stop}
                        disabled={entry.busy}>{ "Stop adapting" }</button>
                }
            </div>
        </>
    }
}
