//! The view in the address of the page: written when a person has moved it and rests, read when a link
//! is opened.

use std::cell::RefCell;
use std::rc::Rc;

use yew::prelude::*;

use super::StreamHandle;
use crate::ui::store::use_surroundings;
use crate::web::timer::Timeout;
use session::action::Action;

/// Rest before the address follows the view, ms. Browsers refuse addresses that change all the time.
const REST_MS: u32 = 500;

/// Keeps both together.
#[hook]
pub fn use_view_link(handle: &StreamHandle) {
    let around = use_surroundings();
    // What was written here last: it is not to be read again, as the view may be further on.
    let written = use_state_eq(|| Rc::new(RefCell::new(None)));
    {
        let written = written.clone();
        use_effect_with((handle.clone(), around.span), move |(handle, span)| {
            if *written.borrow() != *span
                && let Some((from, to)) = span
            {
                written.borrow_mut().clone_from(span);
                let (from, to) = (from.clone(), to.clone());
                handle.change(move |stream| {
                    stream.open_link(&from, &to);
                });
            }
        });
    }
    let now = handle.model().try_borrow().ok().and_then(|stream| stream.put_at());
    let handle = handle.clone();
    use_effect_with((handle.clone(), now), move |_| {
        let timer = Timeout::new(REST_MS, move || {
            let link = handle.model().try_borrow().ok().and_then(|stream| stream.link());
            if *written.borrow() != link {
                written.borrow_mut().clone_from(&link);
                let (from, to) = link.unzip();
                around.dispatch.act(Action::Moved(vec![("from", from), ("to", to)]));
            }
        });
        move || drop(timer)
    });
}
