//! Elements by plain calls, for rows and leaves that are many.
//!
//! The `html!` macro expands to some 400 bytes of program an element, a call here to a dozen. What is
//! shown and how it is compared stays Yew's own. An element from here is a child in `html!`, and what
//! `html!` gives is a child here:
//!
//! ```ignore
//! html! { <header>{ button("btn").text("Close") }<Clock /></header> }
//! div("card").kid(html! { <Copier text="…" /> })
//! ```

use std::rc::Rc;

use yew::html::IntoPropValue;
use yew::prelude::*;
use yew::virtual_dom::{AttributeOrProperty, Attributes, Key, Listener, VList, VNode, VTag};

/// An element in the making.
#[must_use]
pub struct El(Rc<VTag>);

/// An element by its tag.
#[inline(never)]
pub fn el(tag: &'static str) -> El {
    let mut tag = VTag::new(tag);
    // The one kind that grows; Yew's own way to it brings what makes it of the others.
    tag.attributes = Attributes::IndexMap(Rc::default());
    El(Rc::new(tag))
}

/// A `div` with a class.
pub fn div(class: &'static str) -> El {
    el("div").class(class)
}

/// A `span` with a class.
pub fn span(class: &'static str) -> El {
    el("span").class(class)
}

/// A `button` of type `button` with a class.
pub fn button(class: &'static str) -> El {
    el("button").attr("type", "button").class(class)
}

/// Text on its own.
pub fn text(text: impl Into<AttrValue>) -> Html {
    VNode::VText(yew::virtual_dom::VText::new(text.into()))
}

/// Several nodes without an element around them.
#[inline(never)]
pub fn list(kids: Vec<Html>) -> Html {
    VNode::VList(Rc::new(VList::with_children(kids, None)))
}

/// Nothing to see; keeps the place of something that may come.
pub fn nothing() -> Html {
    VNode::default()
}

impl El {
    // Just made and not shared, so there is always something to change.
    #[inline(never)]
    fn with(&mut self, change: &mut dyn FnMut(&mut VTag)) {
        if let Some(tag) = Rc::get_mut(&mut self.0) {
            change(tag);
        }
    }

    #[inline(never)]
    fn put(mut self, name: &'static str, value: AttrValue) -> Self {
        self.with(&mut |tag| {
            if let Attributes::IndexMap(all) = &mut tag.attributes
                && let Some(all) = Rc::get_mut(all)
            {
                let value = AttributeOrProperty::Attribute(value.clone());
                all.insert(AttrValue::Static(name), value);
            }
        });
        self
    }

    /// A fixed attribute.
    #[inline(never)]
    pub fn attr(self, name: &'static str, value: &'static str) -> Self {
        self.put(name, AttrValue::Static(value))
    }

    /// An attribute.
    pub fn set(self, name: &'static str, value: impl Into<AttrValue>) -> Self {
        self.put(name, value.into())
    }

    /// An attribute, where there is a value.
    #[inline(never)]
    pub fn set_some(self, name: &'static str, value: Option<AttrValue>) -> Self {
        match value {
            Some(value) => self.put(name, value),
            None => self,
        }
    }

    /// An attribute that is there or not, as `disabled`.
    #[inline(never)]
    pub fn flag(self, name: &'static str, on: bool) -> Self {
        if on { self.attr(name, name) } else { self }
    }

    /// An attribute that says `true` or `false`, as `aria-pressed`.
    #[inline(never)]
    pub fn truth(self, name: &'static str, value: bool) -> Self {
        self.attr(name, if value { "true" } else { "false" })
    }

    /// `data-testid`.
    pub fn testid(self, name: impl Into<AttrValue>) -> Self {
        self.put("data-testid", name.into())
    }

    /// One more CSS class, or several with blanks between them.
    #[inline(never)]
    pub fn class(self, class: &'static str) -> Self {
        if class.is_empty() {
            return self;
        }
        let old = self.0.attributes.iter().find(|(name, _)| *name == "class");
        let all = match old {
            Some((_, old)) => format!("{old} {class}").into(),
            None => AttrValue::Static(class),
        };
        self.put("class", all)
    }

    /// One more class, where `on`.
    #[inline(never)]
    pub fn class_if(self, on: bool, class: &'static str) -> Self {
        if on { self.class(class) } else { self }
    }

    /// What an `input` or `textarea` holds.
    pub fn value(self, value: impl Into<AttrValue>) -> Self {
        self.value_of(value.into())
    }

    #[inline(never)]
    fn value_of(mut self, value: AttrValue) -> Self {
        self.with(&mut |tag| tag.set_value(Some(value.clone())));
        self
    }

    /// Whether a checkbox is ticked.
    #[inline(never)]
    pub fn checked(mut self, on: bool) -> Self {
        self.with(&mut |tag| tag.set_checked(on));
        self
    }

    /// What tells it from its neighbours in a list that changes.
    pub fn key(self, key: impl Into<Key>) -> Self {
        self.key_of(key.into())
    }

    #[inline(never)]
    fn key_of(mut self, key: Key) -> Self {
        self.with(&mut |tag| tag.key = Some(key.clone()));
        self
    }

    /// Where the real element can be found once it is drawn.
    #[inline(never)]
    pub fn node(mut self, node: &NodeRef) -> Self {
        self.with(&mut |tag| tag.node_ref = node.clone());
        self
    }

    #[inline(never)]
    fn listen(mut self, listener: Rc<dyn Listener>) -> Self {
        self.with(&mut |tag| {
            tag.add_listener(listener.clone());
        });
        self
    }

    /// A text inside.
    pub fn text(self, content: impl Into<AttrValue>) -> Self {
        self.add(text(content.into()))
    }

    /// A node inside.
    pub fn kid(self, kid: impl Into<VNode>) -> Self {
        self.add(kid.into())
    }

    /// A node inside, or its empty place.
    pub fn maybe(self, kid: Option<impl Into<VNode>>) -> Self {
        self.add(kid.map_or_else(nothing, Into::into))
    }

    /// Nodes inside, as a list of their own.
    pub fn kids<T: Into<VNode>>(self, kids: impl IntoIterator<Item = T>) -> Self {
        self.add(list(kids.into_iter().map(Into::into).collect()))
    }

    /// Nodes inside, beside those that are there already.
    pub fn each(self, kids: impl IntoIterator<Item = El>) -> Self {
        kids.into_iter().fold(self, Self::kid)
    }

    #[inline(never)]
    fn add(mut self, kid: VNode) -> Self {
        let mut kid = Some(kid);
        self.with(&mut |tag| {
            if let Some(VNode::VList(kids)) = tag.children_mut()
                && let Some(kids) = Rc::get_mut(kids)
            {
                kids.extend(kid.take());
            }
        });
        self
    }
}

/// One method an event, which takes a callback for it.
macro_rules! events {
    ($($name:ident($event:ty);)*) => {
        impl El {
            $(
                #[doc = concat!("Calls back on `", stringify!($name), "`.")]
                #[inline(never)]
                pub fn $name(self, callback: Callback<$event>) -> Self {
                    self.listen(Rc::new(yew::html::$name::Wrapper::new(callback)))
                }
            )*
        }
    };
}

events! {
    onclick(MouseEvent);
    ondblclick(MouseEvent);
    onmousedown(MouseEvent);
    onkeydown(KeyboardEvent);
    onkeyup(KeyboardEvent);
    onfocusout(FocusEvent);
    oninput(InputEvent);
    onchange(Event);
    onsubmit(SubmitEvent);
}

/// An element inside of `html!`.
impl IntoPropValue<VNode> for El {
    fn into_prop_value(self) -> VNode {
        self.into()
    }
}

impl From<El> for VNode {
    fn from(el: El) -> Self {
        VNode::VTag(el.0)
    }
}
