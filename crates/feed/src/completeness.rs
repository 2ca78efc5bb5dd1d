//! Whether `/tasks` may be opened beside the task stream. It brings what the fast page leaves out,
//! but opening it makes the scheduler write its whole history, during which it does nothing else.

/// Rows up to which `/tasks` is opened without asking: 0.16 s of a quiet scheduler at most.
pub const CHEAP_ROWS: usize = 20_000;
/// Seconds per row that opening costs a quiet scheduler (0.8 s at 100 000 rows).
pub const QUIET_S_PER_ROW: f64 = 0.8 / 100_000.0;
/// Seconds per row that it costs a busy one (4 s at 100 000 rows).
pub const BUSY_S_PER_ROW: f64 = 4.0 / 100_000.0;
/// Rows that a task may leave in the history: its computing, and what was fetched for it.
const ROWS_PER_TASK: usize = 2;
/// Rows of the longest history the recorder keeps by default.
const LONGEST: usize = 100_000;

/// What a person answered.
#[derive(Copy, Clone, Default, Eq, PartialEq, Debug)]
pub enum Answer {
    /// Nothing as yet.
    #[default]
    None,
    /// Open it.
    Yes,
    /// Do without.
    No,
}

/// Where completeness stands.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum CompletenessState {
    /// The fast page has not said how long the history is.
    Unknown,
    /// `/tasks` is, or may be, open.
    Open,
    /// A person is to be asked; tasks may be missing meanwhile.
    Asking,
    /// A person said no; tasks may be missing.
    Declined,
}

/// What opening `/tasks` costs the scheduler, at worst.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Cost {
    /// Rows it may have to send.
    pub rows: usize,
    /// Seconds it stands still when quiet.
    pub quiet_s: f64,
    /// Seconds it stands still when busy.
    pub busy_s: f64,
}

/// What the scheduler's metrics say about the length of its history.
#[derive(Copy, Clone, Default, Eq, PartialEq, Debug)]
enum Length {
    #[default]
    Unasked,
    Awaited,
    Told,
}

/// How much of what the scheduler has recorded the fast page showed when it was opened.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Seen {
    /// All of it.
    All,
    /// Its newest rows, with all that came since it was open last.
    Continues,
    /// Its newest rows only: there may be many more.
    Cut,
}

/// Decides for one scheduler, by what it holds now.
#[derive(Clone, Default, Debug)]
#[allow(clippy::struct_excessive_bools)] // independent facts
pub struct Completeness {
    /// The fast page has shown its history.
    seen: bool,
    /// It showed the newest rows only, then or since.
    cut: bool,
    /// The fast page is not open: nobody knows what the scheduler has recorded meanwhile.
    stale: bool,
    /// Rows that it had recorded at most when that was last known, and those that came since.
    rows: Option<usize>,
    length: Length,
    open: bool,
    answer: Answer,
}

impl Completeness {
    /// The fast page was opened and showed `rows` rows.
    pub fn on_fast_history(&mut self, rows: usize, seen: Seen) {
        match seen {
            Seen::All => (self.rows, self.cut) = (Some(rows), false),
            Seen::Continues if self.seen => {}
            _ => (self.rows, self.cut, self.length) = (None, true, Length::Unasked),
        }
        (self.seen, self.stale) = (true, false);
        self.decide();
    }

    /// The fast page lost its socket: what the scheduler records from now on is not known. Unless `/tasks` is
    /// still open, it waits until that is known again.
    pub fn on_fast_lost(&mut self, tasks_live: bool) {
        self.stale = true;
        self.open &= tasks_live;
    }

    /// Whether the scheduler's metrics should be asked how much it has done; true once.
    pub fn wants_length(&mut self) -> bool {
        let wants = self.seen
            && !self.stale
            && self.rows.is_none()
            && self.answer == Answer::None
            && self.length == Length::Unasked;
        if wants {
            self.length = Length::Awaited;
        }
        wants
    }

    /// So many tasks have ended since the scheduler began, if it says.
    pub fn on_ended(&mut self, tasks: Option<usize>) {
        self.length = Length::Told;
        if let Some(tasks) = tasks
            && self.cut
        {
            self.rows = Some(tasks.saturating_mul(ROWS_PER_TASK));
        }
        self.decide();
    }

    /// So many rows were recorded since.
    pub fn on_new(&mut self, rows: usize) {
        self.rows = self.rows.map(|known| known.saturating_add(rows));
    }

    /// A person's answer.
    pub fn answer(&mut self, yes: bool) {
        self.answer = if yes { Answer::Yes } else { Answer::No };
        self.decide();
    }

    /// `/tasks` lost its socket. It comes back by itself only where that is cheap: a yes was to what it cost
    /// then, and the history has grown since.
    pub fn on_lost(&mut self) {
        self.open = false;
        if self.answer == Answer::Yes {
            self.answer = Answer::None;
        }
        self.decide();
    }

    /// Another scheduler: nothing is known of it, and no answer was about it.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// The longest history the recorder can have now, as far as is known.
    fn at_most(&self) -> Option<usize> {
        self.rows.filter(|_| !self.stale)
    }

    fn decide(&mut self) {
        if self.open {
            self.open = self.answer != Answer::No;
            return;
        }
        self.open = match self.answer {
            Answer::Yes => self.seen && !self.stale,
            Answer::No => false,
            Answer::None => self.at_most().is_some_and(|rows| rows <= CHEAP_ROWS),
        };
    }

    /// Whether `/tasks` is to be open.
    pub fn should_open(&self) -> bool {
        self.open
    }

    /// Whether the scheduler has, or may have, earlier rows that were not asked for.
    pub fn is_partial(&self) -> bool {
        !self.open && self.cut
    }

    /// Where it stands.
    pub fn state(&self) -> CompletenessState {
        match self.answer {
            _ if self.open => CompletenessState::Open,
            Answer::No => CompletenessState::Declined,
            _ if !self.seen || self.stale || self.length == Length::Awaited => {
                CompletenessState::Unknown
            }
            _ => CompletenessState::Asking,
        }
    }

    /// What opening costs at worst, for the question.
    pub fn cost(&self) -> Cost {
        let rows = self.at_most().unwrap_or(LONGEST).min(LONGEST);
        Cost { rows, quiet_s: rows as f64 * QUIET_S_PER_ROW, busy_s: rows as f64 * BUSY_S_PER_ROW }
    }

    /// Whether opening a fresh `/tasks` session to look for rows that both feeds left out is cheap.
    /// The server leaves rows out of running sessions only, never out of a new one's history, so
    /// such a look after the work has ended makes the record complete.
    pub fn may_audit(&self) -> bool {
        self.open && self.at_most().is_some_and(|rows| rows <= CHEAP_ROWS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_itself_only_while_short() {
        let mut policy = Completeness::default();
        assert_eq!(policy.state(), CompletenessState::Unknown);
        policy.on_fast_history(999, Seen::All);
        assert_eq!(policy.state(), CompletenessState::Open);

        let mut policy = Completeness::default();
        policy.on_fast_history(1000, Seen::Cut);
        assert!(policy.wants_length() && !policy.wants_length());
        assert_eq!(policy.state(), CompletenessState::Unknown);
        policy.on_ended(None);
        assert_eq!(policy.state(), CompletenessState::Asking);
        assert!(policy.is_partial());
        assert_eq!(policy.cost().rows, 100_000);
        assert!((policy.cost().quiet_s - 0.8).abs() < 1e-9);
        assert!((policy.cost().busy_s - 4.0).abs() < 1e-9);
        policy.answer(false);
        assert_eq!(policy.state(), CompletenessState::Declined);
        policy.answer(true);
        assert_eq!(policy.state(), CompletenessState::Open);
    }

    #[test]
    fn a_full_page_of_a_short_history() {
        let mut policy = Completeness::default();
        policy.on_fast_history(1000, Seen::Cut);
        policy.on_ended(Some(1014));
        assert_eq!(policy.state(), CompletenessState::Open);
        assert!(!policy.is_partial() && policy.may_audit());

        let mut policy = Completeness::default();
        policy.on_fast_history(1000, Seen::Cut);
        policy.on_ended(Some(30_000));
        assert_eq!(policy.state(), CompletenessState::Asking);
        assert_eq!(policy.cost().rows, 60_000);
    }

    #[test]
    fn comes_back_by_itself_only_while_cheap() {
        let mut policy = Completeness::default();
        policy.on_fast_history(0, Seen::All);
        policy.on_new(12_000);
        policy.on_lost();
        assert!(policy.should_open() && policy.may_audit());
        policy.on_new(CHEAP_ROWS);
        assert!(policy.should_open() && !policy.may_audit());
        policy.on_lost();
        assert_eq!(policy.state(), CompletenessState::Asking);
    }

    #[test]
    fn a_yes_opens_a_long_history_once() {
        let mut policy = Completeness::default();
        policy.on_fast_history(1000, Seen::Cut);
        policy.on_ended(Some(45_000));
        policy.answer(true);
        assert!(policy.should_open());

        policy.on_lost();
        assert_eq!(policy.state(), CompletenessState::Asking, "the fast page goes on");
        assert_eq!(policy.cost().rows, 90_000);
        policy.answer(true);
        policy.on_lost();
        policy.on_fast_lost(false);
        policy.on_fast_history(1000, Seen::Cut);
        assert!(!policy.should_open() && policy.wants_length());
        policy.on_ended(Some(48_000));
        assert_eq!(policy.state(), CompletenessState::Asking, "so after an outage of both");
    }

    /// All was seen and held; then neither page was open for a while.
    fn after_an_outage() -> Completeness {
        let mut policy = Completeness::default();
        policy.on_fast_history(0, Seen::All);
        policy.on_new(500);
        assert!(policy.should_open());
        policy
    }

    #[test]
    fn after_an_outage_it_waits_for_what_the_scheduler_holds_now() {
        // Whichever socket is lost first.
        let mut policy = after_an_outage();
        policy.on_lost();
        policy.on_fast_lost(false);
        assert!(!policy.should_open());
        let mut policy = after_an_outage();
        policy.on_fast_lost(true);
        assert!(policy.should_open(), "it is open still");
        policy.on_lost();
        assert_eq!((policy.should_open(), policy.state()), (false, CompletenessState::Unknown));
        // Much has run meanwhile: what was held says nothing of it.
        policy.on_fast_history(1000, Seen::Cut);
        assert!(!policy.should_open() && policy.wants_length());
        policy.on_ended(Some(90_000));
        assert_eq!(policy.state(), CompletenessState::Asking);
        assert!(policy.is_partial());

        // Little has.
        for (rows, seen) in [(510, Seen::All), (1000, Seen::Continues)] {
            let mut policy = after_an_outage();
            policy.on_fast_lost(false);
            policy.on_fast_history(rows, seen);
            assert!(policy.should_open() && !policy.wants_length());
        }
    }

    #[test]
    fn an_answer_is_about_one_scheduler() {
        let mut policy = Completeness::default();
        policy.on_fast_history(1000, Seen::Cut);
        policy.on_ended(Some(80_000));
        policy.answer(true);
        policy.reset();
        policy.on_fast_history(1000, Seen::Cut);
        policy.on_ended(Some(80_000));
        assert_eq!(policy.state(), CompletenessState::Asking);
    }
}
