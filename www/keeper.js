// A service worker that ends clusters whose page was closed for good. A page that goes cannot tell a closed tab from
// a reload; this worker lives half a minute longer and looks whether the page has come back. It holds what it was
// handed in memory only, intercepts no request, and asks nothing else of anybody.

const LOOKS = [2000, 3000, 4000];

addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('message', (event) => event.waitUntil(end(event.data)));

async function end(requests) {
  for (const pause of LOOKS) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    const pages = await clients.matchAll({ type: 'window', includeUncontrolled: true });
    // The same tab after a reload, or another one that watches the same clusters.
    if (pages.some((page) => page.url.startsWith(registration.scope))) return;
  }
  await Promise.allSettled(
    requests.map(({ url, headers }) => fetch(url, { method: 'DELETE', headers, credentials: 'omit', keepalive: true })),
  );
}
