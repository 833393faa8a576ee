// Refreshes a number in place from the site's own JSON; where that fails, the page keeps the number it came with.
//
// <live-counter data-src="/data/counters.json" data-name="total:courses" data-value="12431" data-form="exact">
//   <button class="number-value">12,431</button>
// </live-counter>
//
// data-src    a document of one number, or of all of them under "numbers"
// data-form   "short" takes the document's rounded text, anything else writes the value in full

const asked = new Map();
// An element with this name as its id is no function.
const whenIdle = typeof requestIdleCallback === "function" ? requestIdleCallback : (work) => setTimeout(work, 200);

class LiveCounter extends HTMLElement {
  connectedCallback() {
    this.watcher = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      this.watcher.disconnect();
      whenIdle(() => this.refresh());
    });
    this.watcher.observe(this);
  }

  disconnectedCallback() {
    this.watcher?.disconnect();
  }

  async refresh() {
    const found = await numberFrom(this.dataset.src, this.dataset.name);
    if (!found || !this.isConnected || String(found.value) === this.dataset.value) return;
    const lang = this.closest("[lang]")?.lang || "en";
    const shown = this.querySelector(".number-value") ?? this;
    shown.textContent = (this.dataset.form === "short" && found.short?.[lang]) || inWords(found.value, lang);
    this.dataset.value = String(found.value);
    this.renewDates(found, lang);
  }

  renewDates(found, lang) {
    if (!found.as_of || !found.date?.[lang]) return;
    const holder = this.closest(".enrolment") ?? this;
    for (const time of holder.querySelectorAll("time")) {
      time.dateTime = found.as_of;
      time.textContent = found.date[lang];
    }
  }
}

// The number called `name` in the document at `src`; null where there is none, or none to trust.
async function numberFrom(src, name) {
  const address = sameOrigin(src);
  if (!address || navigator.onLine === false) return null;
  if (!asked.has(address)) asked.set(address, read(address));
  const data = await asked.get(address);
  const found = data?.numbers?.[name] ?? data;
  const isWhole = Number.isSafeInteger(found?.value) && found.value >= 0;
  return isWhole && found.name === name ? found : null;
}

// Every counter of a page shares one request for a document.
async function read(address) {
  try {
    const answer = await fetch(address, { cache: "no-cache", credentials: "same-origin" });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

function sameOrigin(src) {
  if (!src || !location.protocol.startsWith("http")) return null;
  const address = new URL(src, location.href);
  return address.origin === location.origin ? address.href : null;
}

function inWords(value, lang) {
  return new Intl.NumberFormat(lang, { useGrouping: "always" }).format(value);
}

customElements.define("live-counter", LiveCounter);
