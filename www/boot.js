// Starts the program, and says in plain words when that cannot be done. Everything else is in the wasm file.
// A host page that embeds Daskscope does not need this file: it imports daskscope.js and calls `mount`.

const boot = document.getElementById('boot');

function fail(text, error) {
  if (!boot) return;
  boot.classList.add('failed');
  document.getElementById('boot-text').textContent = text;
  const detail = error ? String((error && error.message) || error) : '';
  document.getElementById('boot-detail').textContent = detail;
  document.title = 'Daskscope: could not start';
  if (error) console.error(error);
}

document.getElementById('boot-reload')?.addEventListener('click', (event) => {
  // A plain link would lose the part of the address after the #.
  event.preventDefault();
  location.reload();
});

// A fault of the program's own is a trap: nothing on the page answers any more, so it must be said here. Only the build with
// names (`cargo xtask dist --names`) writes to the console what went wrong and where; its functions have names like `a::b`.
function fault(error) {
  if (!(error instanceof WebAssembly.RuntimeError) || document.getElementById('boot-fault')) return;
  const note = document.createElement('div');
  note.id = 'boot-fault';
  note.setAttribute('role', 'alert');
  const text = document.createElement('p');
  const help = /\w::\w/.test(error.stack)
    ? 'The browser’s console says what went wrong and where: please add that to a report.'
    : 'To report it, say what you did last. Whoever runs this site can serve the build with names (docs/hosting.md, “Faults of the program”), whose console message says what went wrong and where.';
  text.textContent = `Daskscope has hit a fault of its own and stopped. Your clusters go on. Reload the page to continue. ${help}`;
  const reload = document.createElement('button');
  reload.textContent = 'Reload';
  reload.addEventListener('click', () => location.reload());
  note.append(text, reload);
  document.body.append(note);
  reload.focus();
}

// Ten would end within Yew: what the program was about is further down.
Error.stackTraceLimit = 50;
addEventListener('error', (event) => fault(event.error));
addEventListener('unhandledrejection', (event) => fault(event.reason));

// Asked for beside the program, which waits for this answer rather than asking again; once it is there it stands in
// the promise's place. Where it is not as it should be, the program asks itself and says what is wrong.
if (document.getElementById('daskscope')) {
  globalThis.daskscopeConfig = fetch('./config.json', { cache: 'no-store', signal: AbortSignal.timeout?.(8000) })
    .then((answer) => {
      const html = (answer.headers.get('Content-Type') ?? '').includes('html');
      return answer.status === 200 && !html ? answer.text() : undefined;
    })
    .catch(() => undefined)
    .then((text) => (globalThis.daskscopeConfig = text));
}

// Whether this site may contact a scheduler of this origin without asking the person first: crates/session/src/trust.rs decides, this
// says yes to no more than it does. The site's own origin and those that were agreed to are known at once, those
// of config.json once it has come.
function knownAtOnce(origin) {
  let agreed = [];
  try {
    agreed = JSON.parse(localStorage.getItem('daskscope.schedulers') ?? '[]');
  } catch {
    // Storage is forbidden or broken: nothing was agreed to.
  }
  return origin === location.origin || (Array.isArray(agreed) && agreed.includes(origin));
}

async function knownByConfig(origin) {
  try {
    const { gateway, schedulers } = JSON.parse(await globalThis.daskscopeConfig);
    // Only what is an origin and nothing else, as the program reads it.
    const isOrigin = (one) => typeof one === 'string' && /^https?:\/\/[^/?#@\\]+\/?$/i.test(one);
    const known = (Array.isArray(schedulers) ? schedulers : []).filter(isOrigin);
    const named = [...known, /^https?:/.test(gateway) ? gateway : undefined];
    return named.some((one) => typeof one === 'string' && new URL(one).origin === origin);
  } catch {
    return false;
  }
}

// What is said first to a scheduler, in the words of crates/feed: written by DASKSCOPE_BLESS=1 cargo test --test boot
const FIRST = {
  path: '/individual-task-stream/ws',
  protocol: 'bokeh',
  token: '{"session_id":"ID","session_expiry":EXPIRY}',
  life: 604800,
  greeting: 3,
  ask: ['{"msgid":"1","msgtype":"PULL-DOC-REQ"}', '{}', '{}'],
};
// End of what is written so.

// A scheduler that the address names, and that is known, is called and asked for its task stream while the program is on its way:
// src/web/socket.rs takes this socket over, with what was said by then, and is told whether the document was asked for.
// Gives a promise that waits a moment for the greeting: once the program starts, nothing is heard for as long as that takes.
async function call() {
  const [page, query] = location.hash.split('?');
  const named = new URLSearchParams(query).get('url') ?? '';
  if (!/^#\/(panel\/|scheduler$)/.test(page) || !/^https?:\/\//.test(named) || document.hidden) return;
  try {
    const { origin } = new URL(named);
    if (!knownAtOnce(origin) && !(await knownByConfig(origin))) return;
  } catch {
    // The program says what is wrong with it.
    return;
  }
  // Meanwhile the program may have come, and have called by itself.
  if (!boot?.isConnected) return;
  const id = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const token = btoa(FIRST.token.replace('ID', id).replace('EXPIRY', Math.floor(Date.now() / 1000) + FIRST.life));
  const url = named.replace(/^http/, 'ws').replace(/\/+$/, '') + FIRST.path;
  try {
    const socket = new WebSocket(url, [FIRST.protocol, token.replace(/=+$/, '')]);
    socket.binaryType = 'arraybuffer';
    const early = { id, url, socket, said: [], asked: false };
    globalThis.daskscopeSocket = early;
    setTimeout(() => {
      if (globalThis.daskscopeSocket) socket.close();
      delete globalThis.daskscopeSocket;
    }, 10000);
    return new Promise((resolve) => {
      setTimeout(resolve, 40);
      socket.onmessage = (event) => {
        if (early.said.push(event.data) !== FIRST.greeting) return;
        FIRST.ask.forEach((frame) => socket.send(frame));
        early.asked = true;
        resolve();
      };
    });
  } catch {
    // Here, too.
  }
}

const called = document.getElementById('daskscope') ? call() : undefined;

// Each step has its own sentence: what a person can do about it differs.
async function start() {
  if (typeof WebAssembly !== 'object' || typeof WebAssembly.instantiateStreaming !== 'function') {
    return fail('This browser has no WebAssembly, or it was switched off. Daskscope needs Chrome 91, Firefox 89, Safari 15 or newer.');
  }
  if (location.protocol === 'file:') {
    return fail('Daskscope cannot run from a file. Serve this folder over http, for example with "python -m http.server", and open that address.');
  }
  let program;
  try {
    program = await import('./daskscope.js');
  } catch (error) {
    return fail('A part of the program (daskscope.js) could not be loaded. The server may be down, or an older page may be in the cache: reload.', error);
  }
  try {
    // With its configuration at hand the program draws its page once, not twice. What hangs is not waited for.
    await Promise.race([Promise.all([globalThis.daskscopeConfig, called]), new Promise((resolve) => setTimeout(resolve, 300))]);
    await program.default();
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) {
      return fail('This browser cannot run the program: its WebAssembly is too old, or the wasm file is damaged.', error);
    }
    if (error instanceof WebAssembly.LinkError) {
      return fail('The parts of the program are of different versions: an older one may be in the cache. Reload.', error);
    }
    if (error instanceof WebAssembly.RuntimeError) {
      return fail('The program stopped while it started. Reload; if that does not help, please report the line below.', error);
    }
    return fail('A part of the program (the wasm file) could not be loaded. Check that the server is up, then reload.', error);
  }
  boot?.remove();
}

start();
