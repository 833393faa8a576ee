// Adds a button that copies the code inside; where the browser lets no page copy, there is no button.
// data-copy: the words of the button; data-copied: what it says for a moment, also to screen readers.

const SHOWN_MS = 2000;

class CopyCode extends HTMLElement {
  connectedCallback() {
    if (this.button || !navigator.clipboard) return;
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.className = "code-copy";
    this.button.textContent = this.dataset.copy;
    this.button.addEventListener("click", () => this.copy());
    this.status = document.createElement("span");
    this.status.className = "visually-hidden";
    this.status.setAttribute("role", "status");
    this.prepend(this.button, this.status);
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.querySelector("code").textContent);
    } catch {
      return;
    }
    this.button.textContent = this.status.textContent = this.dataset.copied;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.button.textContent = this.dataset.copy;
      this.status.textContent = "";
    }, SHOWN_MS);
  }
}

customElements.define("copy-code", CopyCode);
