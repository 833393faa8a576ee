// A button that goes through three colour schemes: the system's, light and dark.
// Its words come from data-label, data-system, data-light and data-dark.

const SCHEMES = ["system", "light", "dark"];
const root = document.documentElement;

class ThemeToggle extends HTMLElement {
  connectedCallback() {
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.addEventListener("click", () => this.choose(this.next()));
    this.replaceChildren(this.button);
    this.show();
    window.addEventListener("storage", this);
  }

  disconnectedCallback() {
    window.removeEventListener("storage", this);
  }

  handleEvent(event) {
    if (event.key === "scheme") this.apply(event.newValue ?? "system");
  }

  get scheme() {
    return root.dataset.scheme ?? "system";
  }

  next() {
    return SCHEMES[(SCHEMES.indexOf(this.scheme) + 1) % SCHEMES.length];
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
    this.show();
  }

  show() {
    const { label, [this.scheme]: name } = this.dataset;
    const prefix = document.createElement("span");
    prefix.className = "visually-hidden";
    prefix.textContent = `${label}: `;
    this.button.dataset.scheme = this.scheme;
    this.button.title = `${label}: ${name}`;
    this.button.replaceChildren(prefix, name);
  }
}

customElements.define("theme-toggle", ThemeToggle);
