//! How many workers: by hand or by the scheduler, and what that comes to.

use std::rc::Rc;

use yew::prelude::*;

use crate::ui::dom::{button, div, el, list, nothing, span};
use crate::ui::hooks::{use_effect_with, use_state_eq};
use crate::ui::part::{Hook, HookContext, Part};
use crate::ui::store::use_dispatch;
use crate::ui::widgets::{Number, acts_on, number};
use base::fmt;
use gateway::numbers::worker_count;
use gateway::sizing::{Rates, WorkerSize};
use live::source::Totals;
use session::action::Action;
use session::state::{Entry, State};

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

/// The controls behind *Scale*.
#[derive(PartialEq)]
pub struct ScalePanel {
    /// The state.
    pub state: Rc<State>,
    /// The cluster.
    pub entry: Rc<Entry>,
    /// Its totals, where they are known.
    pub totals: Option<Totals>,
}

impl Part for ScalePanel {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let dispatch = use_dispatch().run(hooks);
        let (state, entry) = (&self.state, &self.entry);
        let name = entry.cluster.name.clone();
        let asked = &entry.asked;
        let arrived = self
            .totals
            .map(|totals| totals.workers)
            .or_else(|| entry.counts.map(|counts| counts.workers))
            .unwrap_or(0);
        let texts = use_state_eq(|| {
            let (low, high) = asked.adapt.unwrap_or((arrived.min(1), arrived.max(2)));
            [asked.workers.unwrap_or(arrived), low, high].map(|number| number.to_string())
        })
        .run(hooks);
        {
            // A refusal that names a cap is answered by what the gateway made of the number.
            let (held, cap) = (texts.clone(), asked.cap);
            use_effect_with((entry.busy, cap), move |(busy, cap)| {
                let Some(cap) = cap.filter(|_| !busy) else { return };
                let cut = |text: &String| match text.trim().parse::<u32>() {
                    Ok(number) if number > cap => cap.to_string(),
                    _ => text.clone(),
                };
                held.set([cut(&held[0]), cut(&held[1]), cut(&held[2])]);
            })
            .run(hooks);
        }
        let counts = [0, 1, 2].map(|at: usize| worker_count(&texts[at]));
        let [n, min, max] = counts.map(Result::ok);
        let said = WorkerSize::from_values(&entry.cluster.options, state.options.as_deref());
        // Where the options do not tell, the workers that are there do.
        let seen = self.totals.as_ref().map(seen_size).unwrap_or_default();
        let size = WorkerSize {
            cores: said.cores.or(seen.cores),
            memory_gib: said.memory_gib.or(seen.memory_gib),
        };
        let rates = state.config.rates.as_ref();
        // While the gateway is being asked the buttons stay, and with them the focus.
        let busy = entry.busy;
        let scale = {
            let (dispatch, name) = (dispatch.clone(), name.clone());
            Callback::from(move |()| {
                if let Some(n) = n.filter(|_| !busy) {
                    dispatch.act(Action::Scale(name.clone(), n));
                }
            })
        };
        let adapt = {
            let (dispatch, name) = (dispatch.clone(), name.clone());
            Callback::from(move |()| {
                if let (Some(minimum), Some(maximum), false) = (min, max, busy) {
                    dispatch.act(Action::Adapt { name: name.clone(), minimum, maximum });
                }
            })
        };
        let stop = acts_on(&dispatch, &name, Action::AdaptStop);
        let click = |callback: &Callback<()>| {
            let callback = callback.clone();
            Callback::from(move |_: MouseEvent| callback.emit(()))
        };
        let inverted = min.zip(max).filter(|(min, max)| min > max);
        let inverted = inverted.map(|_| "The minimum is above the maximum.");
        let over = |n: Option<u32>| asked.cap.zip(n).is_some_and(|(cap, n)| n > cap);

        let small = |text: AttrValue| el("p").class("small mute").text(text);
        let heading = |title: &'static str, aside: String| {
            el("h3").text(title).kid(span("mute small").text(aside))
        };
        // The lower bound has no limit of its own, and Enter in it says nothing.
        let field = |at: usize, bad: bool, enter: Option<&Callback<()>>| {
            let held = texts.clone();
            let cap = asked.cap.filter(|_| enter.is_some());
            let field = Number {
                value: &texts[at],
                oninput: Callback::from(move |text| {
                    let mut next = (*held).clone();
                    next[at] = text;
                    held.set(next);
                }),
                onenter: enter.cloned(),
                whole: true,
                min: Some("0".into()),
                max: cap.map(|cap| cap.to_string()),
                invalid: bad,
            };
            number(field).class("num")
        };
        let outcome = |wrong: Option<&'static str>, id, workers: Option<u32>| match wrong {
            Some(why) => span("error").testid(id).attr("role", "alert").text(why).into(),
            None => cost_line(size, workers.unwrap_or(0), rates),
        };
        let capped = asked.cap.map(|cap| {
            let cap = fmt::plural(cap, "worker");
            small(format!("This gateway allows at most {cap} for this cluster, it said.").into())
        });
        let by_hand = div("line")
            .kid(
                field(0, n.is_none() || over(n), Some(&scale))
                    .attr("aria-label", "Number of workers")
                    .testid("scale-count"),
            )
            .kid(
                button("btn primary")
                    .testid("scale-apply")
                    .onclick(click(&scale))
                    .flag("disabled", n.is_none())
                    .truth("aria-disabled", n.is_none() || busy)
                    .text("Scale"),
            )
            .maybe(entry.busy.then(|| span("spin later")));
        let ends = asked.adapt.map(|_| small("Scaling by hand ends adaptive scaling.".into()));
        let set = asked.adapt.map_or_else(
            || "not set from this browser".to_owned(),
            |(low, high)| format!("on, {low} to {high}, as this browser set it"),
        );
        let bounds = div("line")
            .kid(
                field(1, min.is_none(), None)
                    .attr("aria-label", "Fewest workers")
                    .testid("adapt-minimum"),
            )
            .kid(span("mute").text("to"))
            .kid(
                field(2, max.is_none() || over(max), Some(&adapt))
                    .attr("aria-label", "Most workers")
                    .testid("adapt-maximum"),
            );
        let end = asked.adapt.map(|_| {
            button("btn quiet")
                .testid("adapt-stop")
                .onclick(stop)
                .flag("disabled", entry.busy)
                .text("Stop adapting")
        });
        let by_scheduler = div("line")
            .kid(
                button("btn")
                    .testid("adapt-apply")
                    .onclick(click(&adapt))
                    .flag("disabled", min.is_none() || max.is_none() || inverted.is_some())
                    .truth("aria-disabled", busy)
                    .text("Adapt"),
            )
            .maybe(end);
        list(vec![
            heading("Workers", format!("{} here", fmt::plural(arrived, "worker"))).into(),
            capped.map_or_else(nothing, Into::into),
            by_hand.into(),
            outcome(counts[0].err(), "scale-error", n),
            ends.map_or_else(nothing, Into::into),
            el("hr").into(),
            heading("Adaptive", set).into(),
            small(
                "The scheduler adds workers while tasks wait and removes idle ones, also when this page is closed."
                    .into(),
            )
            .into(),
            bounds.into(),
            outcome(
                counts[1].err().or(counts[2].err()).or(inverted),
                "adapt-error",
                max,
            ),
            by_scheduler.into(),
        ])
    }
}
