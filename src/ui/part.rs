//! Parts of the page that have a state of their own.
//!
//! Yew makes the code of a component's life anew for each type of component. Ours are all of one
//! type, [`Frame`], which asks the part inside it for its picture.

use std::any::Any;
use std::rc::Rc;

use yew::functional::{FunctionComponent, FunctionProvider};
use yew::html::BaseComponent;
use yew::prelude::*;
use yew::virtual_dom::{Key, VComp, VNode};

pub use yew::functional::{Hook, HookContext};

/// Something on the page that remembers. Equal parts are not drawn again.
pub trait Part: PartialEq + 'static {
    /// What to show. Hooks are run with `use_…().run(hooks)`, always the same ones in the same order.
    fn view(&self, hooks: &mut HookContext) -> Html;
}

/// Puts a part on the page.
pub fn part<P: Part>(part: P) -> Html {
    framed(Rc::new(part), None)
}

/// Puts a part on the page that starts anew when `key` changes.
pub fn keyed<P: Part>(part: P, key: impl Into<Key>) -> Html {
    framed(Rc::new(part), Some(key.into()))
}

#[inline(never)]
fn framed(part: Rc<dyn AnyPart>, key: Option<Key>) -> Html {
    VNode::VComp(Rc::new(VComp::new::<Frame>(Rc::new(FrameProps { part: Inside(part) }), key)))
}

trait AnyPart {
    fn draw(&self, hooks: &mut HookContext) -> Html;
    fn same(&self, other: &dyn AnyPart) -> bool;
    fn as_any(&self) -> &dyn Any;
}

impl<P: Part> AnyPart for P {
    fn draw(&self, hooks: &mut HookContext) -> Html {
        self.view(hooks)
    }

    fn same(&self, other: &dyn AnyPart) -> bool {
        other.as_any().downcast_ref::<P>().is_some_and(|other| self == other)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[derive(Clone)]
struct Inside(Rc<dyn AnyPart>);

impl PartialEq for Inside {
    fn eq(&self, other: &Self) -> bool {
        self.0.same(&*other.0)
    }
}

/// Properties of [`Frame`].
#[derive(Properties, PartialEq, Clone)]
pub struct FrameProps {
    part: Inside,
}

impl FrameProps {
    /// The outermost part of an app.
    pub fn new<P: Part>(part: P) -> Self {
        Self { part: Inside(Rc::new(part)) }
    }
}

/// The one component.
pub struct Frame(FunctionComponent<Self>);

impl FunctionProvider for Frame {
    type Properties = FrameProps;

    fn run(hooks: &mut HookContext, props: &FrameProps) -> HtmlResult {
        Ok(props.part.0.draw(hooks))
    }
}

impl BaseComponent for Frame {
    type Message = ();
    type Properties = FrameProps;

    fn create(ctx: &Context<Self>) -> Self {
        Self(FunctionComponent::new(ctx))
    }

    fn update(&mut self, _: &Context<Self>, (): ()) -> bool {
        true
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &FrameProps) -> bool {
        let now = ctx.props();
        if old.part.0.as_any().type_id() != now.part.0.as_any().type_id() {
            // Another part in the same place: what the old one remembered goes with it.
            self.0.destroy();
            self.0 = FunctionComponent::new(ctx);
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> HtmlResult {
        self.0.render(ctx.props())
    }

    fn rendered(&mut self, _: &Context<Self>, _: bool) {
        self.0.rendered();
    }

    fn destroy(&mut self, _: &Context<Self>) {
        self.0.destroy();
    }

    fn prepare_state(&self) -> Option<String> {
        None
    }
}
