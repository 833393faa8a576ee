// Follows the page that it is in: what was saved comes into the page as it stands, without loading it again.
// Scroll, focus, what is open and what scripts made of the page stay, but where the page itself differs.

const EVENTS = "/__preview/events";
const PATIENCE_MS = 2000;
const AGAIN_MS = 500;

const places = new WeakMap(); // a node of the page as it was sent → the node that stands for it in the window
let { version } = document.querySelector("script[data-version]").dataset;
let sent = document.documentElement.cloneNode(true);
let stream = null;
let isFetching = false;
let isOutdated = false;

bind(sent, document.documentElement);

// What is sent

function bind(node, live) {
  places.set(node, live);
  node.childNodes.forEach((child, at) => bind(child, live.childNodes[at]));
}

function carry(before, after) {
  places.set(after, places.get(before));
  before.childNodes.forEach((child, at) => carry(child, after.childNodes[at]));
}

// What changes

function change(before, after) {
  if (before.isEqualNode(after)) carry(before, after);
  else if (before.nodeName !== after.nodeName || isScripted(before)) replace(places.get(before), after);
  else {
    const live = places.get(before);
    places.set(after, live);
    if (after.nodeType !== Node.ELEMENT_NODE) live.data = after.data;
    else if (after.nodeName !== "NOSCRIPT") {
      changeAttributes(live, before, after);
      changeChildren(live, [...before.childNodes], [...after.childNodes]);
    }
  }
}

// Custom elements made something of their content that nobody else can change.
function isScripted(node) {
  return node.nodeName.includes("-");
}

function replace(live, after) {
  const made = imported(after);
  const open = [...all(live, "details")].map((details) => details.open);
  all(made, "details").forEach((details, at) => { details.open ||= open[at] ?? false; });
  live.replaceWith(made);
}

function imported(after) {
  const made = document.importNode(after, true);
  bind(after, made);
  return made;
}

function all(node, name) {
  return node.querySelectorAll?.(name) ?? [];
}

function changeAttributes(live, before, after) {
  // Scripts have set some of the root's before this one saw the page.
  const lost = live === document.documentElement ? [] : [...before.attributes];
  for (const { name } of lost) if (!after.hasAttribute(name)) live.removeAttribute(name);
  for (const { name, value } of after.attributes) {
    if (before.getAttribute(name) !== value) live.setAttribute(name, value);
  }
}

// Equal children at both ends stay; those in between are changed one by one, then removed or added.
function changeChildren(live, before, after) {
  while (before.length && after.length && before[0].isEqualNode(after[0])) carry(before.shift(), after.shift());
  let next = null;
  while (before.length && after.length && before.at(-1).isEqualNode(after.at(-1))) {
    const last = after.pop();
    carry(before.pop(), last);
    next = places.get(last);
  }
  while (before.length && after.length) change(before.shift(), after.shift());
  for (const node of before) places.get(node).remove();
  for (const node of after) live.insertBefore(imported(node), next?.parentNode === live ? next : null);
}

// What a page needs beside its markup

function addresses(root, selector, name) {
  return [...root.querySelectorAll(selector)].map((node) => node.getAttribute(name)).join(" ");
}

function scripts(root) {
  return addresses(root, "script[src]", "src");
}

// New stylesheets are there before the old ones go, so that the page is never bare.
async function restyle(root) {
  const before = [...sent.querySelectorAll('link[rel="stylesheet"]')];
  const known = before.map((link) => link.getAttribute("href"));
  const fresh = [...root.querySelectorAll('link[rel="stylesheet"]')].filter((link) => !known.includes(link.getAttribute("href")));
  const early = fresh.map((link) => document.importNode(link, true));
  const loaded = early.map((link) => new Promise((done) => { link.onload = link.onerror = done; }));
  document.head.append(...early);
  await Promise.race([Promise.all(loaded), new Promise((done) => { setTimeout(done, PATIENCE_MS); })]);
  return () => setTimeout(() => early.forEach((link) => link.remove()), PATIENCE_MS);
}

// The element that stands where the one with the focus was.
function refocus(focused) {
  if (focused.isConnected || !focused.id) return;
  document.getElementById(focused.id)?.focus({ preventScroll: true });
}

async function update() {
  const answer = await fetch(location.href, { cache: "no-store" });
  const root = new DOMParser().parseFromString(await answer.text(), "text/html").documentElement;
  const own = root.querySelector("script[data-version]");
  if (!own || scripts(root) !== scripts(sent)) return location.reload();
  if (own.dataset.version === version) return;
  const tidy = await restyle(root);
  const focused = document.activeElement;
  try {
    change(sent, root);
  } catch (error) {
    console.warn("The page is loaded again:", error);
    return location.reload();
  }
  refocus(focused);
  tidy();
  sent = root;
  version = own.dataset.version;
}

// One update at a time, and another where something came in between.
async function follow() {
  isOutdated = true;
  if (isFetching) return;
  isFetching = true;
  while (isOutdated) {
    isOutdated = false;
    try {
      await update();
    } catch {
      isOutdated = true; // The server is away for a moment.
      await new Promise((done) => { setTimeout(done, AGAIN_MS); });
    }
  }
  isFetching = false;
}

// Only pages in sight are followed: a browser has few connections for all of its windows.
function listen() {
  stream?.close();
  stream = null;
  if (document.hidden) return;
  const asked = new URLSearchParams({ page: location.pathname + location.search, version });
  stream = new EventSource(`${EVENTS}?${asked}`);
  stream.addEventListener("change", follow);
  stream.addEventListener("error", () => {
    if (stream?.readyState === EventSource.CLOSED) setTimeout(listen, AGAIN_MS);
  });
}

document.addEventListener("visibilitychange", listen);
window.addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
window.addEventListener("pagehide", () => { stream?.close(); stream = null; });
listen();
