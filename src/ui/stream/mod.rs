//! stub
use crate::app::stream::Stream;
use std::cell::RefCell;
use std::rc::Rc;
use yew::prelude::*;
/// stub
#[derive(Clone)]
pub struct StreamHandle(pub Rc<RefCell<Stream>>);
impl PartialEq for StreamHandle {
    fn eq(&self, o: &Self) -> bool {
        Rc::ptr_eq(&self.0, &o.0)
    }
}
impl StreamHandle {
    /// stub
    pub fn new(s: Rc<RefCell<Stream>>) -> Self {
        Self(s)
    }
    /// stub
    pub fn poke(&self) {}
    /// stub
    pub fn busy(&self) -> bool {
        false
    }
}
/// stub
#[derive(Properties, PartialEq)]
pub struct P {
    /// s
    pub stream: StreamHandle,
}
/// stub
#[component]
pub fn TaskStream(_p: &P) -> Html {
    html! {}
}
