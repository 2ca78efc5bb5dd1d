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
    /// Rows at most; none where it does not say.
    Told(Option<usize>),
}

/// Decides for one cluster.
#[derive(Clone, Default, Debug)]
pub struct Completeness {
    history: Option<(usize, bool)>,
    length: Length,
    held: usize,
    open: bool,
    answer: Answer,
}

impl Completeness {
    /// The fast page's pull brought `rows` rows; `full` when that is all it keeps, so that the
    /// recorder's history may be longer. Once a history was not full, all that came since is held,
    /// so a full one after a reconnect says nothing new (see [`Completeness::reset`]).
    pub fn on_fast_history(&mut self, rows: usize, full: bool) {
        if !matches!(self.history, Some((_, false))) {
            self.history = Some((rows, full));
        }
        self.decide();
    }

    /// Whether the scheduler's metrics should be asked how much it has done; true once.
    pub fn wants_length(&mut self) -> bool {
        let wants = matches!(self.history, Some((_, true)))
            && self.answer == Answer::None
            && self.length == Length::Unasked;
        if wants {
            self.length = Length::Awaited;
        }
        wants
    }

    /// So many tasks have ended since the scheduler began, if it says.
    pub fn on_ended(&mut self, tasks: Option<usize>) {
        self.length = Length::Told(tasks.map(|tasks| tasks.saturating_mul(ROWS_PER_TASK)));
        self.decide();
    }

    /// How many rows are held of this scheduler. The recorder has them too, up to its length.
    pub fn on_held(&mut self, rows: usize) {
        self.held = rows;
    }

    /// A person's answer.
    pub fn answer(&mut self, yes: bool) {
        self.answer = if yes { Answer::Yes } else { Answer::No };
        self.decide();
    }

    /// `/tasks` lost its socket. It comes back by itself only where that is cheap or was asked for.
    pub fn on_lost(&mut self) {
        self.open = false;
        self.decide();
    }

    /// A new scheduler: nothing is known, an answer stays.
    pub fn reset(&mut self) {
        *self = Self { answer: self.answer, ..Self::default() };
    }

    /// The longest history the recorder can have, as far as is known.
    fn at_most(&self) -> Option<usize> {
        match self.history? {
            // Less than it keeps: that was all, and what came since is held here.
            (rows, false) => Some(rows.max(self.held)),
            (_, true) => match self.length {
                Length::Told(Some(rows)) => Some(rows.max(self.held)),
                _ => None,
            },
        }
    }

    fn decide(&mut self) {
        if self.open {
            self.open = self.answer != Answer::No;
            return;
        }
        self.open = match self.answer {
            Answer::Yes => self.history.is_some(),
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
        !self.open && matches!(self.history, Some((_, true)))
    }

    /// Where it stands.
    pub fn state(&self) -> CompletenessState {
        match (self.open, self.history, self.answer) {
            (true, ..) => CompletenessState::Open,
            (_, _, Answer::No) => CompletenessState::Declined,
            (_, None, _) => CompletenessState::Unknown,
            _ if self.length == Length::Awaited => CompletenessState::Unknown,
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
        self.open && self.at_most().unwrap_or(self.held.max(LONGEST)) <= CHEAP_ROWS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_itself_only_while_short() {
        let mut policy = Completeness::default();
        assert_eq!(policy.state(), CompletenessState::Unknown);
        policy.on_fast_history(999, false);
        assert_eq!(policy.state(), CompletenessState::Open);

        let mut policy = Completeness::default();
        policy.on_fast_history(1000, true);
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
        policy.on_fast_history(1000, true);
        policy.on_ended(Some(1014));
        assert_eq!(policy.state(), CompletenessState::Open);
        assert!(!policy.is_partial() && policy.may_audit());

        let mut policy = Completeness::default();
        policy.on_fast_history(1000, true);
        policy.on_ended(Some(30_000));
        assert_eq!(policy.state(), CompletenessState::Asking);
        assert_eq!(policy.cost().rows, 60_000);
    }

    #[test]
    fn comes_back_by_itself_only_while_cheap() {
        let mut policy = Completeness::default();
        policy.on_fast_history(0, false);
        policy.on_held(12_000);
        policy.on_lost();
        assert!(policy.should_open() && policy.may_audit());
        policy.on_held(CHEAP_ROWS + 1);
        assert!(policy.should_open() && !policy.may_audit());
        policy.on_lost();
        assert_eq!(policy.state(), CompletenessState::Asking);
        policy.answer(true);
        policy.on_lost();
        assert!(policy.should_open());
    }
}
