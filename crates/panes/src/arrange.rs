//! Whose arrangement the board shows: one's own, or one that came with a link and stays apart from it
//! until a person keeps it.

use super::layout::{Layout, READY, title};

/// What the board shows, and what it would show else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arrangement {
    own: Layout,
    link: Option<Layout>,
    /// Whether the link's was changed since it came.
    touched: bool,
    /// Panes of the link that are none here.
    strange: Vec<String>,
    /// What the address said last.
    seen: Option<String>,
    /// Before the last step that can be undone.
    before: Option<Before>,
    /// Before the drag that goes on.
    dragging: Option<Before>,
}

/// One's own, the link's, and whether that was changed.
type Before = (Layout, Option<Layout>, bool);

/// Whether there is a pane of that name.
pub fn known(id: &str) -> bool {
    title(id).is_some()
}

impl Arrangement {
    /// As it was left last; without a text the first of those that are always there.
    pub fn new(own: Option<&str>) -> Self {
        let own = Layout::parse(own.unwrap_or(READY[0].1), &known).0;
        let (link, strange, seen) = (None, Vec::new(), None);
        Self { own, link, touched: false, strange, seen, before: None, dragging: None }
    }

    /// The panes to show.
    pub fn shown(&self) -> &Layout {
        self.link.as_ref().unwrap_or(&self.own)
    }

    /// Whether a link's is shown.
    pub fn is_linked(&self) -> bool {
        self.link.is_some()
    }

    /// Whether the link's was changed since it came.
    pub fn is_touched(&self) -> bool {
        self.touched
    }

    /// Panes of the link that are none here.
    pub fn strange(&self) -> &[String] {
        &self.strange
    }

    /// Whether the last change can be undone.
    pub fn can_undo(&self) -> bool {
        self.before.is_some()
    }

    /// The text to keep in this browser: one's own.
    pub fn kept(&self) -> String {
        self.own.print()
    }

    /// The text for the address: what everybody sees need not stand there, unless it came with a link.
    pub fn word(&self) -> Option<String> {
        let text = self.shown().print();
        (self.is_linked() || text != READY[0].1).then_some(text)
    }

    /// Takes what the address says now. `wrote` gives what this tab put there last, as one's own: another
    /// tab may have changed one's own before this one was loaded anew.
    pub fn arrive(&mut self, address: Option<&str>, wrote: impl FnOnce() -> Option<String>) {
        if self.seen.as_deref() == address {
            return;
        }
        let first = self.seen.is_none();
        self.seen = address.map(str::to_owned);
        // What was written from here comes back.
        if self.word().as_deref() == address {
            return;
        }
        self.forget();
        if let Some(text) = address
            && !(first && wrote().as_deref() == address)
        {
            let (layout, strange) = Layout::parse(text, &known);
            self.strange = strange;
            self.show(layout);
        }
    }

    fn forget(&mut self) {
        self.link = None;
        self.touched = false;
        self.strange.clear();
        self.before = None;
    }

    /// Shows a link's, unless one's own is the same.
    fn show(&mut self, layout: Layout) {
        self.link = (layout != self.own).then_some(layout);
    }

    /// Changes what is shown while a person drags; [`Self::put_down`] ends it.
    pub fn drag(&mut self, with: impl FnOnce(&mut Layout)) {
        if self.dragging.is_none() {
            self.dragging = Some(self.now());
        }
        self.touched = self.is_linked();
        with(self.link.as_mut().unwrap_or(&mut self.own));
    }

    /// What was dragged stays: one step that can be undone.
    pub fn put_down(&mut self) {
        if let Some(before) =
            self.dragging.take().filter(|before| before.0 != self.own || before.1 != self.link)
        {
            self.before = Some(before);
        }
    }

    /// Changes what is shown.
    pub fn change(&mut self, with: impl FnOnce(&mut Layout)) {
        self.before = None;
        self.touched = self.is_linked();
        with(self.link.as_mut().unwrap_or(&mut self.own));
    }

    /// As [`Self::change`], for what a person may want to take back.
    pub fn change_much(&mut self, with: impl FnOnce(&mut Layout)) {
        let before = self.now();
        self.change(with);
        self.remember(before);
    }

    #[inline(never)]
    fn now(&self) -> Before {
        (self.own.clone(), self.link.clone(), self.touched)
    }

    #[inline(never)]
    fn remember(&mut self, before: Before) {
        let differs = before.0 != self.own || before.1 != self.link;
        self.before = differs.then_some(before);
    }

    /// Shows another layout in the place of this one.
    pub fn replace(&mut self, text: &str) {
        self.strange.clear();
        self.change_much(|layout| *layout = Layout::parse(text, &known).0);
    }

    /// Makes the link's one's own.
    pub fn keep(&mut self) {
        let before = self.now();
        let Some(layout) = self.link.take() else { return };
        self.forget();
        self.own = layout;
        self.before = Some(before);
    }

    /// Leaves the link's for one's own.
    pub fn back(&mut self) {
        let before = self.now();
        self.forget();
        self.before = Some(before);
    }

    /// Shows what was there before.
    pub fn undo(&mut self) {
        if let Some((own, link, touched)) = self.before.take() {
            self.own = own;
            self.link = link;
            self.touched = touched;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINE: &str = "cpu.6~memory.6";
    const SENT: &str = "task-stream.12~workers.12";

    fn at(board: &Arrangement) -> String {
        board.shown().print()
    }

    #[test]
    fn a_link_leaves_ones_own_alone() {
        let mut board = Arrangement::new(Some(MINE));
        assert_eq!((at(&board), board.word().as_deref()), (MINE.into(), Some(MINE)));
        board.arrive(Some(SENT), || None);
        assert!(board.is_linked() && !board.is_touched());
        assert_eq!((at(&board), board.kept()), (SENT.into(), MINE.into()));
        board.change(|layout| layout.step("workers", -1));
        let moved = "workers.12~task-stream.12";
        assert!(board.is_touched());
        assert_eq!((board.word().as_deref(), board.kept()), (Some(moved), MINE.into()));
        // The address follows, a step late at times.
        board.arrive(Some(SENT), || None);
        board.arrive(Some(moved), || None);
        assert_eq!(at(&board), moved);
        // Even what needs no address otherwise has one then.
        board.replace(READY[0].1);
        assert_eq!((board.word().as_deref(), board.kept()), (Some(READY[0].1), MINE.into()));
        board.arrive(board.word().as_deref(), || None);
        // Another cluster, without a layout in the address.
        board.arrive(None, || None);
        assert!(!board.is_linked());
        assert_eq!(at(&board), MINE);
    }

    #[test]
    fn a_drag_is_one_step() {
        let mut board = Arrangement::new(Some(MINE));
        board.arrive(Some(SENT), || None);
        board.drag(|layout| layout.step("workers", -1));
        board.drag(|layout| layout.remove("task-stream"));
        board.put_down();
        assert!(board.is_touched() && board.can_undo());
        // One that leads back to where it began leaves the step before to be undone.
        board.drag(|layout| layout.step("workers", -1));
        board.put_down();
        board.change_much(|layout| layout.remove("workers"));
        board.undo();
        assert_eq!(at(&board), "workers.12");
        assert!(board.is_touched(), "the drag before is still a change");
    }

    #[test]
    fn kept_or_not() {
        let mut board = Arrangement::new(Some(MINE));
        board.arrive(Some(SENT), || None);
        board.keep();
        assert!(!board.is_linked() && board.can_undo());
        assert_eq!((at(&board), board.kept()), (SENT.into(), SENT.into()));
        board.undo();
        assert!(board.is_linked() && !board.can_undo());
        assert_eq!((at(&board), board.kept()), (SENT.into(), MINE.into()));
        board.back();
        assert_eq!((at(&board), board.word().as_deref()), (MINE.into(), Some(MINE)));
        board.arrive(Some(MINE), || None);
        assert!(!board.is_linked());
        board.undo();
        assert_eq!((at(&board), board.kept()), (SENT.into(), MINE.into()));
        board.keep();
        board.change(|layout| layout.add("cpu"));
        assert!(!board.can_undo());
        assert_eq!(board.kept(), format!("{SENT}~cpu.6"));
    }

    #[test]
    fn what_was_written_here_is_ones_own() {
        // The same as one's own came with the link, or another tab changed that since.
        for (own, wrote) in [(SENT, None), (MINE, Some(SENT))] {
            let mut board = Arrangement::new(Some(own));
            board.arrive(Some(SENT), || wrote.map(str::to_owned));
            assert!(!board.is_linked());
            assert_eq!(at(&board), own);
        }
        // But a link that is followed later is one.
        let mut board = Arrangement::new(Some(MINE));
        board.arrive(Some(MINE), || None);
        board.arrive(Some(SENT), || Some(SENT.into()));
        assert!(board.is_linked());
    }

    #[test]
    fn what_is_strange_is_said_until_another_layout_is_chosen() {
        let mut board = Arrangement::new(None);
        board.arrive(Some("cpu.6~no-such.4"), || None);
        assert_eq!((at(&board), board.strange().join(",")), ("cpu.6".into(), "no-such".into()));
        board.replace(READY[0].1);
        assert!(board.strange().is_empty());
        board.undo();
        assert_eq!(at(&board), "cpu.6");
        board.change_much(|layout| layout.remove("nobody"));
        assert!(!board.can_undo(), "nothing was changed");
    }
}
