//! What the state does when this computer's clock is set back: waits end when they would have. (How long
//! a cluster has been idle goes by two clocks of its own: see [`crate::idle`].)

use std::rc::Rc;

use crate::state::State;

/// Less than this is no step but two looks at a coarse clock, ms.
const STEP_MS: f64 = 1_000.0;

impl State {
    /// Takes the time of day. Where it was set back, all times that are kept go back by as much: what
    /// is due in a second is still due in a second, and what has lasted a minute has not lasted less.
    pub(super) fn take_now(&mut self, now: f64) {
        let by = now - self.now;
        self.now = now;
        if by > -STEP_MS {
            return;
        }
        self.listing.due += by;
        self.listing.answered += by;
        self.upkeep.renew_after += by;
        for toast in &mut self.toasts {
            toast.until = toast.until.saturating_add_signed(by as i64);
        }
        for entry in self.clusters.values_mut() {
            let entry = Rc::make_mut(entry);
            entry.counts_due += by;
            if let Some(run) = &mut entry.run {
                run.since += by;
                run.last += by;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::action::{Action, Answer, Call, Effect};
    use super::super::config::Config;
    use super::super::reduce::reduce;
    use super::super::route::Route;
    use super::super::state::Session;
    use super::*;
    use gateway::model::{Cluster, Listing, Status};
    use gateway::{Address, Credentials};
    use serde_json::Map;

    const T0: f64 = 1_790_000_000_000.0;

    fn step(state: &mut State, action: Action) -> Vec<Effect> {
        let (next, effects) = reduce(state, action);
        *state = next;
        effects
    }

    fn tick(state: &mut State, now: f64) -> Vec<Effect> {
        step(state, Action::Tick { now, forward: now, hidden: false })
    }

    #[test]
    fn a_clock_set_back_stops_nothing() {
        let mut state = State::default();
        step(
            &mut state,
            Action::Start {
                config: Config::default(),
                here: None,
                route: Route::parse("#/clusters"),
                kept: None,
                browser: crate::action::Browser::default(),
                now: T0,
            },
        );
        let address = Address::parse("https://x.org/gw", None).unwrap();
        state.session = Session::In(Rc::new(Credentials::none(address)));
        let cluster = Cluster {
            name: "c1".into(),
            status: Status::Running,
            dashboard_route: None,
            start_time: Some(T0),
            stop_time: None,
            options: Map::new(),
        };
        let listing = Listing { clusters: vec![cluster], skipped: Vec::new() };
        let epoch = state.epoch;
        let answer = Ok(Answer::List(listing));
        step(&mut state, Action::Answer { epoch, call: Call::List, answer });
        step(&mut state, Action::Say("hello".into()));
        tick(&mut state, T0 + 1_000.0);

        // An hour back: the list, the totals and the line that passes are due when they were.
        let back = T0 - 3_600_000.0;
        tick(&mut state, back + 1_000.0);
        assert_eq!(state.toasts.len(), 1);
        let effects: Vec<Effect> =
            (2..14).flat_map(|s| tick(&mut state, back + 1e3 * f64::from(s))).collect();
        let lists = |effect: &Effect| matches!(effect, Effect::Call { call: Call::List, .. });
        assert!(effects.iter().any(lists), "the list is asked for");
        let counts = |effect: &Effect| matches!(effect, Effect::Count { .. });
        assert!(effects.iter().any(counts), "so are the totals");
        assert_eq!(state.toasts.len(), 0, "what was said has passed");
    }
}
