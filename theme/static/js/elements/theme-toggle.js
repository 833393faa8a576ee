// A button that goes through three colour schemes: the system's, light and dark. The styles show its state.

const SCHEMES = ["system", "light", "dark"];
const root = document.documentElement;

class ThemeToggle extends HTMLElement {
  connectedCallback() {
    this.firstElementChild.addEventListener("click", this);
    window.addEventListener("storage", this);
  }

  disconnectedCallback() {
    window.removeEventListener("storage", this);
  }

  handleEvent(event) {
    if (event.type === "click") this.choose(this.next());
    else if (event.key === "scheme") this.apply(event.newValue);
  }

  next() {
    const now = SCHEMES.indexOf(root.dataset.scheme ?? "system");
    return SCHEMES[(now + 1) % SCHEMES.length];
  }

  choose(scheme) {
    try {
      if (scheme === "system") localStorage.removeItem("scheme");
      else localStorage.setItem("scheme", scheme);
    } catch { /* storage is closed: the choice lasts for this page */ }
    this.apply(scheme);
  }

  apply(scheme) {
    if (scheme === "light" || scheme === "dark") root.dataset.scheme = scheme;
    else delete root.dataset.scheme;
  }
}

customElements.define("theme-toggle", ThemeToggle);
