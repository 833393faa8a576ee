// Shows what is found as the reader types, and keeps the query in the address so that it can be shared.
// data-src: the list to search; data-locale: how it writes numbers and dates; data-count-one, -other, …,
// data-nothing, data-loading, data-failed: what is said, with %(number)s and %(query)s in it.

const AT_ONCE = 20;
const PAUSE_MS = 150;
const SHORTEST = 2;

class SiteSearch extends HTMLElement {
  connectedCallback() {
    for (const part of ["status", "kinds", "results", "end", "more"]) this[part] = this.querySelector(`.finder-${part}`);
    this.field = this.querySelector("input");
    this.field.form.addEventListener("submit", (event) => this.submit(event));
    this.field.addEventListener("input", () => this.wait());
    this.field.addEventListener("keydown", (event) => this.clear(event));
    this.kinds.addEventListener("click", (event) => this.choose(event.target.closest("button")));
    this.more.addEventListener("click", () => this.showMore().querySelector("a").focus());
    const asked = new URLSearchParams(location.search);
    this.kind = asked.get("kind") ?? "";
    this.field.value = asked.get("q") ?? "";
    if (this.field.value) this.search();
  }

  wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(), PAUSE_MS);
  }

  submit(event) {
    event.preventDefault();
    this.search();
  }

  clear(event) {
    if (event.key !== "Escape" || !this.field.value) return;
    event.preventDefault();
    this.field.value = "";
    this.search();
  }

  async search() {
    clearTimeout(this.timer);
    const query = (this.query = this.field.value.trim());
    if (query.length < SHORTEST) return this.show([], "");
    if (!this.list) this.status.textContent = this.dataset.loading;
    try {
      await (this.opening ??= this.open());
    } catch {
      this.opening = null;
    }
    if (query !== this.query) return;
    if (this.list) this.show(this.list.find(query), this.dataset.nothing);
    else this.show([], this.dataset.failed);
  }

  async open() {
    const [engine, results] = await Promise.all([import("../search/engine.js"), import("../search/results.js")]);
    this.made = results;
    this.list = await engine.opened(this.dataset.src, this.dataset.locale);
  }

  // `empty` is said where nothing was found.
  show(found, empty) {
    this.found = found;
    this.empty = empty;
    const kinds = [...new Set(found.map((item) => item.kind))].sort((one, other) => one.place - other.place);
    if (!kinds.some((kind) => kind.name === this.kind)) this.kind = "";
    const template = this.querySelector("template.finder-kind");
    const choices = kinds.length > 1 ? [null, ...kinds] : [];
    this.kinds.replaceChildren(...choices.map((kind) => this.made.choice(template, kind, found, this.dataset.locale)));
    this.kinds.hidden = choices.length === 0;
    this.showKind();
  }

  choose(button) {
    if (!button) return;
    this.kind = button.value;
    this.showKind();
  }

  showKind() {
    for (const button of this.kinds.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.value === this.kind));
    }
    this.shown = this.found.filter((item) => !this.kind || item.kind.name === this.kind);
    this.results.replaceChildren();
    this.showMore();
    const { length } = this.shown;
    const said = length ? this.made.counted(length, this.dataset) : this.empty;
    this.status.textContent = said.replace("%(query)s", () => this.query);
    this.keepAddress();
  }

  // The next results under those that are there; the first of them.
  showMore() {
    const template = this.querySelector("template.finder-result");
    const start = this.results.children.length;
    const next = this.shown.slice(start, start + AT_ONCE);
    this.results.append(...next.map((item) => this.made.result(template, item, this.dataset.locale)));
    this.end.hidden = this.results.children.length === this.shown.length;
    return this.results.children[start];
  }

  keepAddress() {
    const address = new URL(location.href);
    for (const [name, value] of [["q", this.query], ["kind", this.kind]]) {
      if (value) address.searchParams.set(name, value);
      else address.searchParams.delete(name);
    }
    if (address.href !== location.href) history.replaceState(history.state, "", address);
  }
}

customElements.define("site-search", SiteSearch);
