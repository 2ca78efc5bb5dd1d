//! A cluster, looked at by a page whose clocks do what clocks do.

use super::*;

/// A page's clocks, and what it sees.
struct Page {
    now: Reading,
    watch: IdleWatch,
    wanted: Option<u32>,
}

/// One worker without work, whose scheduler counts what it does.
fn idle() -> Counts {
    Counts {
        workers: 1,
        idle_workers: 1,
        cores: 2,
        transitions: Some(40),
        unfinished_by_metrics: Some(0),
        said: Workers::Told { cpu: 4, heard: 0 },
        ..Counts::default()
    }
}

/// The same without `prometheus_client`.
fn blind() -> Counts {
    Counts { transitions: None, unfinished_by_metrics: None, ..idle() }
}

impl Page {
    fn new() -> Self {
        let now = Reading { wall_ms: 1_790_000_000_000.0, forward_ms: 5_000.0 };
        Self { now, watch: IdleWatch::default(), wanted: None }
    }

    /// Time that both clocks count.
    fn wait(&mut self, seconds: f64) -> &mut Self {
        self.now.wall_ms += seconds * 1e3;
        self.now.forward_ms += seconds * 1e3;
        self
    }

    /// The computer sleeps: on Linux and macOS the forward clock stands still.
    fn sleep(&mut self, seconds: f64) -> &mut Self {
        self.now.wall_ms += seconds * 1e3;
        self
    }

    /// Workers that tell are heard at this very moment.
    fn look(&mut self, mut counts: Counts) -> Verdict {
        if let Workers::Told { heard, .. } = &mut counts.said {
            *heard = self.now.forward_ms as u64;
        }
        self.look_as_it_is(counts)
    }

    fn look_as_it_is(&mut self, counts: Counts) -> Verdict {
        let look = Look { asked: self.now, answered: self.now, counts: Some(counts) };
        self.watch.look(&look, self.wanted);
        self.watch.is_over(10)
    }

    fn no_answer(&mut self) -> Verdict {
        let look = Look { asked: self.now, answered: self.now, counts: None };
        self.watch.look(&look, self.wanted);
        self.watch.is_over(10)
    }

    /// Looks every ten seconds for so many minutes; the last verdict.
    fn look_for(&mut self, minutes: u32, counts: Counts) -> Verdict {
        let mut last = Verdict::Goes;
        for _ in 0..minutes * 6 {
            last = self.wait(10.0).look(counts);
        }
        last
    }
}

#[test]
fn two_looks_after_the_time_is_up_end_a_cluster() {
    for counts in [idle(), blind()] {
        let mut page = Page::new();
        page.look(counts);
        assert_eq!(page.wait(9.0 * 60.0).look(idle()), Verdict::Goes);
        let mut page = Page::new();
        page.look(counts);
        page.look_for(9, counts);
        assert_eq!(page.wait(55.0).look(counts), Verdict::Goes);
        assert_eq!(page.wait(6.0).look(counts), Verdict::LookAgain);
        assert_eq!(page.wait(1.0).look(counts), Verdict::LookAgain, "too close to be a second one");
        assert_eq!(page.wait(4.0).look(counts), Verdict::Over);
    }
}

#[test]
fn any_work_is_no_idleness() {
    let no_worker = Counts { workers: 0, idle_workers: 0, transitions: Some(0), ..idle() };
    let works = [
        (Counts { processing: 1, tasks: 1, ..idle() }, Work::Tasks(1)),
        (Counts { waiting: 2, tasks: 2, ..idle() }, Work::Tasks(2)),
        // Queued tasks have no number of their own in the totals.
        (Counts { tasks: 50, unfinished_by_metrics: None, ..idle() }, Work::Tasks(50)),
        (Counts { unfinished_by_metrics: Some(7), ..idle() }, Work::Tasks(7)),
        (Counts { unrunnable: 1, ..idle() }, Work::Tasks(1)),
        (Counts { tasks: 50, ..no_worker }, Work::Tasks(50)),
        (no_worker, Work::NoWorker),
        (Counts { said: Workers::Told { cpu: 99, heard: 0 }, ..idle() }, Work::Cpu(99)),
        (Counts { memory: 3, tasks: 1, idle_workers: 0, ..blind() }, Work::Unclear),
    ];
    for (counts, work) in works {
        let mut page = Page::new();
        assert_eq!(page.look_for(60, counts), Verdict::Goes, "{work:?}");
        assert_eq!(page.watch.seen(), Seen::Working(work));
        assert_eq!(page.watch.seconds(page.now.wall_ms), None);
    }
}

#[test]
fn workers_that_were_asked_for_are_waited_for() {
    let nobody = Counts { workers: 0, idle_workers: 0, ..idle() };
    let mut page = Page::new();
    page.wanted = Some(4);
    assert_eq!(page.look_for(60, nobody), Verdict::Goes, "four are on their way");
    page.wanted = Some(0);
    assert_eq!(page.look_for(11, nobody), Verdict::Over, "an adaptive cluster at rest");
    let mut page = Page::new();
    page.look(blind());
    let nobody = Counts { workers: 0, idle_workers: 0, ..blind() };
    assert_eq!(page.look_for(11, nobody), Verdict::Over, "its workers were seen, and have left");
}

#[test]
fn sleep_is_no_idleness_and_no_proof() {
    for counts in [idle(), blind()] {
        let mut page = Page::new();
        page.look(counts);
        page.look_for(9, counts);
        // Eight hours later somebody works, or nothing is known yet.
        page.sleep(8.0 * 3600.0);
        assert_eq!(page.watch.is_over(10), Verdict::Goes);
        let busy = Counts { processing: 1, tasks: 1, ..counts };
        assert_eq!(page.look(busy), Verdict::Goes);
        assert_eq!(page.look_for(9, counts), Verdict::Goes, "from the work on");
    }
    // Between the two looks.
    let mut page = Page::new();
    page.look(idle());
    assert_eq!(page.wait(601.0).look(idle()), Verdict::LookAgain);
    assert_eq!(page.sleep(3600.0).look(idle()), Verdict::LookAgain, "the first look is of old");
    assert_eq!(page.wait(5.0).look(idle()), Verdict::Over);
}

#[test]
fn work_while_the_page_slept_counts() {
    let mut page = Page::new();
    page.look(idle());
    page.look_for(9, idle());
    page.wait(3600.0);
    assert_eq!(page.look(Counts { transitions: Some(41), ..idle() }), Verdict::Goes);
    assert_eq!(page.watch.seconds(page.now.wall_ms), Some(0.0));
    // A scheduler that does not count says nothing of an hour unseen.
    let mut page = Page::new();
    page.look(blind());
    page.look_for(9, blind());
    assert_eq!(page.wait(3600.0).look(blind()), Verdict::Goes);
    assert_eq!(page.look_for(9, blind()), Verdict::Goes);
    // Nor of ten seconds in which its tasks changed.
    let mut page = Page::new();
    page.look_for(9, blind());
    assert_eq!(page.wait(10.0).look(Counts { tasks: 3, memory: 3, ..blind() }), Verdict::Goes);
    assert_eq!(page.watch.seconds(page.now.wall_ms), Some(0.0));
}

#[test]
fn a_hidden_page_whose_timers_slept_asks_anew_and_may_end_it() {
    let mut page = Page::new();
    page.look(idle());
    assert_eq!(page.wait(1200.0).look(idle()), Verdict::LookAgain);
    assert_eq!(page.wait(60.0).look(idle()), Verdict::Over);
    // Without a count of transitions, once a minute.
    let mut page = Page::new();
    page.look(blind());
    let looks: Vec<_> = (0..12).map(|_| page.wait(60.0).look(blind())).collect();
    assert_eq!(looks.iter().position(|one| *one == Verdict::Over), Some(10));
}

#[test]
fn a_clock_that_is_set_ends_nothing() {
    for step in [3600.0, -3600.0, 86_400.0] {
        let mut page = Page::new();
        page.look(idle());
        page.look_for(5, idle());
        page.now.wall_ms += step * 1e3;
        assert_eq!(page.look_for(4, idle()), Verdict::Goes, "{step}");
        assert_eq!(page.look_for(2, idle()), Verdict::Over, "{step}");
    }
}

#[test]
fn an_outage_ends_nothing() {
    let mut page = Page::new();
    page.look(idle());
    page.look_for(9, idle());
    for _ in 0..60 {
        assert_eq!(page.wait(10.0).no_answer(), Verdict::Goes);
        assert_eq!(page.watch.seconds(page.now.wall_ms), None, "nothing is known");
    }
    // The first of two looks before an outage does not count after it.
    assert_eq!(page.wait(10.0).look(idle()), Verdict::LookAgain);
    page.wait(10.0).no_answer();
    assert_eq!(page.wait(10.0).look(idle()), Verdict::LookAgain);
    assert_eq!(page.wait(10.0).look(idle()), Verdict::Over);
}

#[test]
fn an_answer_that_took_long_is_none() {
    let mut page = Page::new();
    page.look(idle());
    page.look_for(11, Counts { said: Workers::Unknown, ..idle() });
    let asked = page.now;
    page.wait(1.0).sleep(3600.0);
    // Sent before the sleep, read after it.
    let late = Look { asked, answered: page.now, counts: Some(idle()) };
    page.watch.look(&late, None);
    assert_eq!((page.watch.is_over(10), page.watch.seen()), (Verdict::Goes, Seen::Nothing));
}

#[test]
fn only_a_look_at_the_workers_is_a_proof() {
    let mut page = Page::new();
    page.look(idle());
    for said in [Workers::NotAsked, Workers::Unknown] {
        assert_eq!(page.look_for(20, Counts { said, ..idle() }), Verdict::Goes, "{said:?}");
    }
    assert_eq!(page.wait(10.0).look(idle()), Verdict::LookAgain);
    let untold = Counts { said: Workers::NotTold, ..idle() };
    assert_eq!(page.wait(10.0).look(untold), Verdict::Goes, "they may be busy");
    assert_eq!(page.watch.seen(), Seen::Working(Work::Untold));
    assert_eq!(page.look_for(20, untold), Verdict::Goes, "however long");
}

#[test]
fn a_scheduler_that_tells_nothing_of_workers_ends_once_there_are_none() {
    let mut page = Page::new();
    page.look(idle());
    let none = Counts { said: Workers::NotTold, workers: 0, ..idle() };
    assert_eq!(page.look_for(20, none), Verdict::LookAgain);
    assert_eq!(page.wait(10.0).look(none), Verdict::Over);
}

#[test]
fn a_worker_that_sends_no_heartbeats_may_be_busy() {
    let mut page = Page::new();
    let silent = Counts { said: Workers::Told { cpu: 4, heard: 77 }, ..idle() };
    page.look_as_it_is(silent);
    for _ in 0..120 {
        assert_eq!(page.wait(10.0).look_as_it_is(silent), Verdict::Goes);
        assert_eq!(page.watch.seen(), Seen::Working(Work::Silent));
    }
    assert_eq!(page.look_for(11, idle()), Verdict::Over);
}

#[test]
fn looks_are_as_deep_as_they_must_be() {
    let mut page = Page::new();
    let depth = |page: &Page, minutes| page.watch.depth(page.now, minutes, 10e3);
    assert_eq!(depth(&page, None), Depth::Totals);
    assert_eq!(depth(&page, Some(10)), Depth::Transitions);
    page.look(Counts { said: Workers::NotAsked, ..idle() });
    assert_eq!(depth(&page, None), Depth::Transitions);
    assert_eq!(depth(&page, Some(10)), Depth::Proof, "the workers have not been asked");
    page.wait(10.0).look(idle());
    assert_eq!(depth(&page, Some(10)), Depth::Transitions);
    page.wait(61.0);
    assert_eq!(depth(&page, Some(10)), Depth::Proof, "a minute ago");
    page.look(idle());
    assert_eq!(depth(&page, Some(1)), Depth::Proof, "the time is nearly up");
    page.wait(10.0).look(Counts { said: Workers::Told { cpu: 100, heard: 0 }, ..idle() });
    assert_eq!(depth(&page, Some(10)), Depth::Proof, "only the workers tell when that is over");
}

#[test]
fn a_choice_counts_from_now() {
    let mut page = Page::new();
    page.look_for(12, idle());
    page.watch.restart();
    assert_eq!(page.look_for(9, idle()), Verdict::Goes);
    assert_eq!(page.look_for(2, idle()), Verdict::Over);
    // Another tab chose, and this one has not looked for hours.
    let mut page = Page::new();
    page.look(idle());
    page.wait(7200.0).watch.restart();
    assert_eq!(page.look_for(9, idle()), Verdict::Goes);
}
