//! Rows of the task stream on their way from the feeds through the merge into the store.

use super::{Changed, Engine, Output, unlisted};
use feed::merge::{MergeEvent, Source};
use feed::pool::DashboardPage;
use feed::tasks::{Origin, TaskBatch};

impl Engine {
    /// Rectangles go through the merge into the store. Says whether progress learnt of it.
    #[inline(never)]
    pub(super) fn take_tasks(
        &mut self,
        page: DashboardPage,
        batch: &TaskBatch,
        out: &mut Vec<Output>,
        changed: &mut Changed,
    ) -> bool {
        let source = if page == DashboardPage::Tasks { Source::Slow } else { Source::Fast };
        let history = batch.origin == Origin::History;
        if source == Source::Fast && history {
            let (seen, other) = self.run.judge_history(batch);
            if other {
                self.begin_run(page, out, changed);
            }
            self.run.note_same(batch);
            let rows = if batch.placeholder { 0 } else { batch.len() };
            self.completeness.on_fast_history(rows, seen);
        } else if let (Origin::Live, Some(row)) = (batch.origin, batch.iter().last()) {
            // Of rows that ended just now.
            self.run.note_worker(self.now_ms, row.worker, &self.names);
        }
        if source == Source::Slow && history {
            self.audit.note_read();
            // Not for each fresh look at the history: `/metrics` are long.
            let now = self.feeds.of(page).map(|feed| feed.session.counters().reconnects);
            self.count_due |= std::mem::replace(&mut self.counted, now) != now;
        }
        let mut stream = self.stream.borrow_mut();
        let (mut last_timebase, mut new_rows) = (self.last_timebase, 0);
        let (failed, run) = (&mut self.gauges.failed, &mut self.run);
        self.merge.push(source, batch, self.now.wall_ms, &mut |made| match made {
            MergeEvent::Task(interval) => {
                last_timebase = Some(interval.timebase);
                new_rows += 1;
                run.note_row(&interval);
                failed.note(&interval);
                stream.insert(&interval);
            }
            MergeEvent::Shift { timebase, by } => {
                failed.shift(timebase, by);
                stream.shift(timebase, by);
            }
            MergeEvent::Fold { timebase, into } => {
                failed.fold(timebase, into);
                stream.fold(timebase, into);
                last_timebase =
                    last_timebase.map(|last| if last == timebase { into } else { last });
            }
        });
        self.last_timebase = last_timebase;
        let mut grown = false;
        if new_rows > 0 {
            grown = unlisted::complete(&mut self.progress, &stream, history);
            self.audit.note_rows(self.now_ms, batch.origin);
        }
        stream.note_backward(self.merge.stats().backward);
        drop(stream);
        self.mark_gaps();
        // What a long history brings was counted when it was asked for.
        if !(history && source == Source::Slow) {
            self.completeness.on_new(new_rows);
        }
        grown
    }

    /// What is known to be missing by now is marked. Says whether that is news.
    pub(super) fn mark_gaps(&self) -> bool {
        let mut gaps = Vec::new();
        self.merge.gaps(self.now.wall_ms, &mut gaps);
        self.stream.borrow_mut().set_gaps(gaps.into_iter().map(|gap| gap.span).collect())
    }
}
