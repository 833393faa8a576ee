// Adds a button that copies the code or the field inside; where the browser lets no page copy, there is no button.
// data-copy: the words of the button; data-copied: what it says for a moment, also to screen readers.

const SHOWN_MS = 2000;
// One for the page, however many buttons it has.
const status = document.createElement("span");
status.className = "visually-hidden";
status.setAttribute("role", "status");

class CopyText extends HTMLElement {
  connectedCallback() {
    if (this.button || !navigator.clipboard) return;
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.className = "copy-button";
    this.button.textContent = this.dataset.copy;
    this.button.addEventListener("click", () => this.copy());
    // Beside a field the name of the feed belongs to the name of the button.
    if (this.dataset.what) this.button.setAttribute("aria-label", `${this.dataset.copy}: ${this.dataset.what}`);
    this.prepend(this.button);
    if (!status.isConnected) document.body.append(status);
  }

  get textToCopy() {
    const source = this.querySelector("code, input");
    return source.value ?? source.textContent;
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.textToCopy);
    } catch {
      return;
    }
    this.button.textContent = status.textContent = this.dataset.copied;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.button.textContent = this.dataset.copy;
      status.textContent = "";
    }, SHOWN_MS);
  }
}

customElements.define("copy-text", CopyText);
