// Keeps the filters as the reader left them: open or closed, and focus on the filter just used.

const OPEN = "filters-open";
const USED = "filters-used";

class FacetFilter extends HTMLElement {
  connectedCallback() {
    this.details = this.querySelector("details");
    if (!this.details) return;
    if (read(OPEN) === "yes") this.details.open = true;
    this.details.addEventListener("toggle", () => write(OPEN, this.details.open ? "yes" : "no"));
    this.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (link) write(USED, link.pathname);
    });
    this.restoreFocus();
  }

  restoreFocus() {
    const used = read(USED);
    write(USED, "");
    if (used !== location.pathname) return;
    const links = [...this.querySelectorAll('a[aria-current="true"]')];
    links.find((link) => link.pathname === used)?.focus({ preventScroll: true });
  }
}

function read(name) {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null;
  }
}

function write(name, value) {
  try {
    sessionStorage.setItem(name, value);
  } catch { /* storage is closed: nothing is kept */ }
}

customElements.define("facet-filter", FacetFilter);
