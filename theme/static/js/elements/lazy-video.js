// Plays a video, or shows what else another site has, once it is asked to; until then it is a link.
// data-src: address of the player; data-title: its name; data-lang: the language of the name.

class LazyVideo extends HTMLElement {
  connectedCallback() {
    if (this.dataset.src) this.addEventListener("click", this);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
  }

  handleEvent(event) {
    const link = event.target.closest("a.player-link");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    const frame = this.frame();
    link.replaceWith(frame);
    frame.focus();
  }

  frame() {
    const frame = document.createElement("iframe");
    frame.className = "player-frame";
    frame.src = this.dataset.src;
    frame.title = this.dataset.title;
    if (this.dataset.lang !== undefined) Object.assign(frame, { lang: this.dataset.lang, dir: "auto" });
    frame.allow = "autoplay; encrypted-media; fullscreen; picture-in-picture";
    frame.referrerPolicy = "strict-origin-when-cross-origin";
    frame.tabIndex = 0;
    return frame;
  }
}

customElements.define("lazy-video", LazyVideo);
