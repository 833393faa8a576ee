// Combines the filters of a list in the browser. Without script each of them is a link to a plain page of its own.
// data-src: the document with the values of all items; data-list: the page of the whole list, where filters combine;
// data-chosen: what the list of this page has chosen ("subject=physics").

const NAMES = ["language", "year", "topic", "speaker", "subject", "level", "audience", "open", "workload", "format"];

class FacetFilter extends HTMLElement {
  connectedCallback() {
    if (this.dataset.src) this.connect();
    else showList();
  }

  connect() {
    this.list = new URL(this.dataset.list, location.href);
    if (this.list.pathname !== location.pathname) return this.leadToList();
    this.addEventListener("click", (event) => this.choose(event));
    for (const name of ["focusin", "pointerover"]) this.addEventListener(name, () => this.open(), { once: true });
    addEventListener("popstate", () => this.show());
    const asked = new URLSearchParams(location.search);
    if (NAMES.some((name) => asked.has(name))) this.open().then((filters) => filters?.first).finally(showList);
    else showList();
  }

  // On the page of a single value, the other filters lead to the whole list with both.
  leadToList() {
    const chosen = new URLSearchParams(this.dataset.chosen);
    for (const option of this.querySelectorAll("[data-facet] > [data-value]")) {
      const { facet } = option.parentElement.dataset;
      if (!option.dataset.value || chosen.has(facet)) continue;
      const address = new URL(this.list);
      for (const [name, value] of [...chosen, [facet, option.dataset.value]]) address.searchParams.append(name, value);
      option.querySelector("a").href = address.href;
    }
    showList();
  }

  // The script and the document are asked for once a reader comes near a filter; a second try follows a failure.
  open() {
    this.opening ??= import("../lists/filters.js").then(({ opened }) => opened(this)).catch(() => (this.opening = null));
    return this.opening;
  }

  async choose(event) {
    const link = event.target.closest("a[href]");
    const option = link?.closest("[data-value]");
    if (!option || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const filters = await this.open();
    if (filters) filters.choose(option.closest("[data-facet]").dataset.facet, option.dataset.value);
    else location.assign(link.href);
  }

  async show() {
    (await this.open())?.show();
  }
}

// scheme.js hides a list of which an address asks something, so that what is found does not move what was there.
function showList() {
  delete document.documentElement.dataset.asked;
}

customElements.define("facet-filter", FacetFilter);
