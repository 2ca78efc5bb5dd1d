//! What changes about the times of rows that are held, and how times are shown.

use super::TaskStreamModel;
use base::time::Micros;
use timeline::ticks::Zone;

impl TaskStreamModel {
    /// Moves all rows of a time base that are held; later ones are given in the moved time.
    pub fn shift(&mut self, timebase: u32, by: Micros) {
        self.shift_asked(timebase, by);
        self.store.shift(timebase, by);
        self.arranged.span_due = true;
    }

    /// All rows of `timebase` belong to `into` from now on, and stay where they are.
    pub fn fold(&mut self, timebase: u32, into: u32) {
        self.store.fold(timebase, into);
    }

    /// The clock that rows are dated by was set, or stood still: what is newest is told by what comes.
    pub fn note_clock_step(&mut self) {
        self.store.note_clock_step();
        // Its summer time may have changed as well.
        self.look += 1;
    }

    /// Where the clock on the wall of the axis hangs.
    pub fn set_zone(&mut self, zone: Zone) {
        self.zone = zone;
        self.look += 1;
    }
}
