//! One websocket. Its handlers are taken off before it is closed, so nothing arrives afterwards.

use js_sys::{Array, ArrayBuffer, JsString, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

/// What a socket tells its owner.
pub enum SocketEvent<'a> {
    /// The socket goes to the session of this id, whatever was wanted; comes before all else.
    Session {
        /// The id of the session.
        id: &'a str,
        /// Whether its document has been asked for on this socket.
        asked: bool,
    },
    /// The handshake is done.
    Opened,
    /// A text frame.
    Text(&'a str),
    /// A binary frame.
    Binary(&'a [u8]),
    /// It is over; nothing follows.
    Closed {
        /// The close code as the browser gives it (1006 for anything abnormal).
        code: u16,
        /// Whether both sides agreed.
        clean: bool,
    },
}

/// An open (or opening) socket; dropping it closes it silently.
pub struct Socket {
    inner: WebSocket,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _open: Closure<dyn FnMut(JsValue)>,
    _close: Closure<dyn FnMut(CloseEvent)>,
}

impl Socket {
    /// Opens a socket.
    ///
    /// # Errors
    /// The browser's own words where it refuses at once: a malformed address, an unencrypted
    /// socket from an encrypted page, a subprotocol that is not a token.
    pub fn open(
        url: &str,
        protocols: &[&str],
        on_event: impl Fn(SocketEvent<'_>) + Clone + 'static,
    ) -> Result<Self, String> {
        let early = early(url);
        let inner = match &early {
            Some(early) => early.socket(),
            None => fresh(url, protocols)?,
        };

        let callback = on_event.clone();
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            tell(event.data(), &callback);
        });
        if let Some(early) = early {
            let callback = on_event.clone();
            let is_open = inner.ready_state() == WebSocket::OPEN;
            // After whoever called this, and before anything that comes.
            super::run::spawn(async move {
                callback(SocketEvent::Session { id: &early.id(), asked: early.asked() });
                if is_open {
                    callback(SocketEvent::Opened);
                    early.said().iter().for_each(|data| tell(data, &callback));
                }
            });
        }
        let callback = on_event.clone();
        let open = Closure::<dyn FnMut(JsValue)>::new(move |_| callback(SocketEvent::Opened));
        let close = Closure::<dyn FnMut(CloseEvent)>::new(move |event: CloseEvent| {
            on_event(SocketEvent::Closed { code: event.code(), clean: event.was_clean() });
        });
        inner.set_onmessage(Some(message.as_ref().unchecked_ref()));
        inner.set_onopen(Some(open.as_ref().unchecked_ref()));
        inner.set_onclose(Some(close.as_ref().unchecked_ref()));
        Ok(Self { inner, _message: message, _open: open, _close: close })
    }

    /// Sends a text frame; a socket that is not open drops it (its owner hears of the close).
    pub fn send(&self, text: &str) {
        if self.inner.ready_state() == WebSocket::OPEN {
            // Fails only when not open, which was just asked.
            let _ = self.inner.send_with_str(text);
        }
    }
}

#[wasm_bindgen]
extern "C" {
    type TextEncoder;
    #[wasm_bindgen(constructor)]
    fn new() -> TextEncoder;
    #[wasm_bindgen(method)]
    fn encode(this: &TextEncoder, text: &JsString) -> Uint8Array;

    type Early;
    #[wasm_bindgen(method, getter)]
    fn url(this: &Early) -> String;
    #[wasm_bindgen(method, getter)]
    fn id(this: &Early) -> String;
    #[wasm_bindgen(method, getter)]
    fn socket(this: &Early) -> WebSocket;
    #[wasm_bindgen(method, getter)]
    fn said(this: &Early) -> Array;
    #[wasm_bindgen(method, getter)]
    fn asked(this: &Early) -> bool;
}

/// The socket that boot.js has opened before the program was there, if it goes to `url`; once.
fn early(url: &str) -> Option<Early> {
    let (global, name) = (js_sys::global(), JsValue::from_str("daskscopeSocket"));
    let early = js_sys::Reflect::get(&global, &name).ok().filter(JsValue::is_object)?;
    let early: Early = early.unchecked_into();
    if early.url() != url {
        return None;
    }
    let _ = js_sys::Reflect::delete_property(&global, &name);
    (early.socket().ready_state() <= WebSocket::OPEN).then_some(early)
}

fn fresh(url: &str, protocols: &[&str]) -> Result<WebSocket, String> {
    let list: Array = protocols.iter().map(|p| JsValue::from_str(p)).collect();
    let socket = WebSocket::new_with_str_sequence(url, &list).map_err(|error| {
        error
            .dyn_ref::<js_sys::Error>()
            .map_or_else(|| "the browser refused the socket".into(), |e| String::from(e.message()))
    })?;
    socket.set_binary_type(BinaryType::Arraybuffer);
    Ok(socket)
}

/// From how many characters on a text is taken over as a whole.
const LONG: u32 = 2048;

/// A text of the browser's as one of ours. The usual way looks at each character by itself, in a script:
/// of a document of megabytes that takes longer than to read it.
fn utf8(text: &JsString) -> String {
    if text.length() < LONG {
        return text.into();
    }
    String::from_utf8(TextEncoder::new().encode(text).to_vec()).unwrap_or_default()
}

fn tell(data: JsValue, on_event: &impl Fn(SocketEvent<'_>)) {
    if let Some(text) = data.dyn_ref::<JsString>() {
        on_event(SocketEvent::Text(&utf8(text)));
    } else if let Ok(buffer) = data.dyn_into::<ArrayBuffer>() {
        on_event(SocketEvent::Binary(&Uint8Array::new(&buffer).to_vec()));
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.inner.set_onmessage(None);
        self.inner.set_onopen(None);
        self.inner.set_onclose(None);
        let _ = self.inner.close();
    }
}
