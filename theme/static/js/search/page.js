// Shows what is found as the reader types, and keeps the query in the address, the title and the links to other
// languages. data-src: the index; data-later: the script of all pages, which waits until something is found;
// data-locale: how it writes numbers and dates; data-count-one, -other, …, data-nothing, data-loading, data-failed,
// data-slip, data-partial: what is said, with %(number)s and %(query)s in it.
import { open } from "./engine.js";
import { choice, counted, result } from "./results.js";

const AT_ONCE = 10;
// So many are shown before the others are there.
const FIRST = 3;
const PAUSE_MS = 200;

class SiteSearch extends HTMLElement {
  connectedCallback() {
    for (const part of ["status", "kinds", "results", "end", "more", "ways", "key"]) this[part] = this.querySelector(`.finder-${part}`);
    this.field = this.querySelector(".search-field");
    this.ownTitle = document.title;
    this.field.form.addEventListener("submit", (event) => this.submit(event));
    this.field.addEventListener("input", () => this.wait());
    this.addEventListener("keydown", (event) => this.move(event));
    this.kinds.addEventListener("click", (event) => this.choose(event.target.closest("button")));
    this.more.addEventListener("click", async () => (await this.showMore())?.querySelector("a").focus());
    this.offerKey();
    // The browser would look for the reader's place before the results are there, and move what stands below them.
    history.scrollRestoration = "manual";
    addEventListener("pagehide", () => this.keepPlace());
    this.start();
  }

  // Whether "/" leads to the search: search-key.js reads it.
  offerKey() {
    try {
      this.key.checked = localStorage.getItem("search-key") !== "off";
      this.key.addEventListener("change", () => localStorage.setItem("search-key", this.key.checked ? "on" : "off"));
      this.key.closest("[hidden]").hidden = false;
    } catch { /* storage is closed: the key stays on */ }
  }

  // What the address says, and after "Back" as much of it as was shown, where the reader was.
  async start() {
    if (location.hash === `#${this.field.id}`) {
      this.field.focus();
      history.replaceState(history.state, "", location.pathname + location.search);
    }
    const asked = new URLSearchParams(location.search);
    const { shown = AT_ONCE, y = 0 } = history.state?.search ?? {};
    this.kind = asked.get("kind") ?? "";
    this.field.value = asked.get("q") ?? "";
    if (this.field.value.trim()) await this.search({ shown });
    else this.load().catch(() => {});
    import(this.dataset.later);
    // Once what was found has been drawn, so that it does not seem to have moved.
    if (y) requestAnimationFrame(() => requestAnimationFrame(() => scrollTo(0, y)));
  }

  wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search({ unfinished: true }), PAUSE_MS);
  }

  async submit(event) {
    event.preventDefault();
    await this.search();
    if (this.query) this.status.focus();
  }

  // Arrows go through the results and back into the field; Escape leaves them, then clears what was found.
  move(event) {
    const links = [...this.results.querySelectorAll("h2 a")];
    const at = links.indexOf(event.target);
    if (event.key === "Escape" && (at >= 0 || this.field.value)) {
      event.preventDefault();
      if (at < 0) this.field.value = "";
      this.field.focus();
      if (at < 0) this.search();
    }
    if (!["ArrowDown", "ArrowUp"].includes(event.key) || (at < 0 && event.target !== this.field)) return;
    const next = event.key === "ArrowDown" ? links[at + 1] : at > 0 ? links[at - 1] : this.field;
    if (next) {
      event.preventDefault();
      next.focus();
    }
  }

  load() {
    this.opening ??= open(this.dataset.src);
    this.opening.catch(() => (this.opening = null));
    return this.opening;
  }

  async search({ unfinished = false, shown = AT_ONCE } = {}) {
    clearTimeout(this.timer);
    const query = (this.query = this.field.value.trim());
    if (!query) return this.show({ found: [], slips: [] }, "");
    this.status.textContent = this.dataset.loading;
    try {
      this.engine = await this.load();
      const answer = await this.engine.find(query, unfinished);
      if (query === this.query) await this.show(answer, this.dataset.nothing, shown);
    } catch {
      if (query === this.query) await this.show({ found: [], slips: [] }, this.dataset.failed);
    }
  }

  // `empty` is said where nothing was found.
  async show(answer, empty, shown = AT_ONCE) {
    this.answer = answer;
    this.empty = empty;
    const kinds = [...new Set(answer.found.map((one) => one.kind))].sort((one, other) => one.place - other.place);
    if (!kinds.some((kind) => kind.name === this.kind)) this.kind = "";
    await this.showKind(shown, kinds.length > 1 ? [null, ...kinds] : []);
  }

  choose(button) {
    if (!button) return;
    this.kind = button.value;
    this.showKind();
  }

  // All at once when it is there, so that nothing moves: `kinds` are what can be chosen now, null is all.
  async showKind(shown = AT_ONCE, kinds = null) {
    this.chosen = this.answer.found.filter((one) => !this.kind || one.kind.name === this.kind);
    this.keepAddress();
    const all = this.make(0, shown);
    const made = await this.make(0, FIRST);
    if (made === null) return;
    this.toggleWays();
    if (kinds) {
      const template = this.querySelector("template.finder-kind");
      this.kinds.replaceChildren(...kinds.map((kind) => choice(template, kind, this.answer.found, this.dataset.locale)));
      this.kinds.hidden = kinds.length === 0;
    }
    for (const button of this.kinds.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.value === this.kind));
    }
    this.results.replaceChildren(...made);
    this.status.textContent = this.say();
    const more = await all;
    if (more === null) return;
    this.results.append(...more.slice(made.length));
    this.end.hidden = more.length === this.chosen.length;
  }

  say() {
    const { length } = this.chosen;
    const said = [length ? counted(length, this.dataset) : this.empty];
    if (length && this.answer.isPartial) said.push(this.dataset.partial);
    for (const [typed, read] of this.answer.slips) said.push(this.dataset.slip.replace("%(typed)s", () => typed).replace("%(read)s", () => read));
    if (said.length > 1) said[0] += ".";
    return said.map((text) => text.replace("%(query)s", () => this.query)).join(" ");
  }

  // The results from one place on; null where something else is asked for in the meantime.
  async make(start, count) {
    const { chosen, answer } = this;
    const template = this.querySelector("template.finder-result");
    const next = chosen.slice(start, start + count);
    const shown = await Promise.all(next.map(({ item }) => this.engine.pieces.shown(item)));
    const mark = (text) => this.engine.words.pieces(text, answer.keys);
    const made = shown.map((item, place) => result(template, { ...item, second: next[place].second }, mark, this.dataset));
    return chosen === this.chosen ? made : null;
  }

  // The next results under those that are there; the first of them.
  async showMore() {
    const start = this.results.children.length;
    const made = await this.make(start, AT_ONCE * 2);
    if (made === null) return null;
    this.results.append(...made);
    this.end.hidden = this.results.children.length === this.chosen.length;
    this.keepPlace();
    return this.results.children[start];
  }

  toggleWays() {
    this.ways.hidden = Boolean(this.query) && this.empty !== this.dataset.failed;
  }

  keepAddress() {
    const address = new URL(location.href);
    this.name(address);
    if (address.href !== location.href) history.replaceState(history.state, "", address);
    document.title = this.query ? `${this.query} · ${this.ownTitle}` : this.ownTitle;
    for (const link of document.querySelectorAll("a[hreflang]")) {
      const other = new URL(link.href);
      this.name(other);
      link.href = other.href;
    }
  }

  name(address) {
    for (const [name, value] of [["q", this.query], ["kind", this.kind]]) {
      if (value) address.searchParams.set(name, value);
      else address.searchParams.delete(name);
    }
  }

  keepPlace() {
    const search = { shown: this.results.children.length || AT_ONCE, y: scrollY };
    history.replaceState({ ...history.state, search }, "");
  }
}

customElements.define("site-search", SiteSearch);
