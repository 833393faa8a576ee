// Shows a newer number than the page was built with, from the site's own JSON; where that fails, nothing changes.
//
// <live-counter data-src="/data/counters/total/courses.json" data-name="total:courses" data-value="12431"
//   data-as-of="2026-10-01" data-may-fall="false" data-sample="false"><button class="number-value">12,431</button>
// </live-counter>
//
// data-src       a document of one number, or of a few under "numbers"; it is asked for once a page
// data-may-fall  whether the number may become lower; a document that says otherwise is of another measure

const MAX_DOCUMENTS = 6;
const asked = new Map();
// An element with this name as its id is no function.
const whenIdle = typeof requestIdleCallback === "function" ? requestIdleCallback : (work) => setTimeout(work, 200);

class LiveCounter extends HTMLElement {
  connectedCallback() {
    if (navigator.connection?.saveData) return;
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
    const langs = [this.closest("[lang]")?.lang, document.documentElement.lang];
    const lang = langs.find((tag) => found?.text?.[tag]);
    const text = found?.text?.[lang];
    if (!this.isConnected || !text || !isNewer(found, this.dataset)) return;
    (this.querySelector(".number-value") ?? this).textContent = text;
    this.dataset.value = String(found.value);
    if (found.as_of) this.renewDay(found, found.date?.[lang] ?? found.as_of);
  }

  // The day stands in the number's note, and beside the number of a course.
  renewDay(found, text) {
    this.dataset.asOf = found.as_of;
    const beside = this.closest(".enrolment")?.querySelectorAll(".enrolment-date .number-day") ?? [];
    for (const time of [...this.querySelectorAll(".number-day"), ...beside]) {
      time.dateTime = found.as_of;
      time.textContent = text;
    }
    if (found.stale === false) for (const mark of this.querySelectorAll(".number-stale")) mark.remove();
  }
}

// Whether a number may stand in the place of the one that the page was built with.
function isNewer(found, shown) {
  if (String(found.may_fall) !== shown.mayFall || String(found.sample) !== shown.sample) return false;
  const day = found.as_of ?? "";
  const isLater = day > shown.asOf || (day === shown.asOf && String(found.value) !== shown.value);
  return isLater && (found.may_fall || found.value >= Number(shown.value));
}

// The number called `name` in the document at `src`; null where there is none, or none to trust.
async function numberFrom(src, name) {
  const address = sameOrigin(src);
  if (!address || navigator.onLine === false) return null;
  if (!asked.has(address) && asked.size >= MAX_DOCUMENTS) return null;
  if (!asked.has(address)) asked.set(address, read(address));
  const data = await asked.get(address);
  const found = data?.numbers?.[name] ?? data;
  const isWhole = Number.isSafeInteger(found?.value) && found.value >= 0;
  return isWhole && found.name === name ? found : null;
}

// Every counter of a page shares one request for a document.
async function read(address) {
  try {
    const answer = await fetch(address, { credentials: "same-origin", priority: "low" });
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

customElements.define("live-counter", LiveCounter);
