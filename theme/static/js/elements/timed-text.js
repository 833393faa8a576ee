// The transcript of a video: a sentence plays from there, and the one that is spoken is marked.
// A sentence is a span whose id ends in its second (`part:83`).

const KEYS = { ArrowLeft: -1, ArrowRight: 1, Enter: 0 };

class TimedText extends HTMLElement {
  connectedCallback() {
    this.video = document.querySelector("lazy-video[data-resume]");
    this.sentences = [...this.querySelectorAll("span[id]")];
    const asked = new URLSearchParams(location.search).get("t");
    if (this.tabIndex === 0 && asked) this.open(Number(asked));
    if (!this.video) return;
    for (const one of this.querySelectorAll("a, span[id]")) one.tabIndex = -1;
    this.addEventListener("click", this);
    this.addEventListener("keydown", this);
    document.addEventListener("videotime", this);
  }

  disconnectedCallback() {
    document.removeEventListener("videotime", this);
  }

  handleEvent(event) {
    if (event.type === "videotime") this.mark(this.at(event.detail));
    else if (event.type === "keydown") this.walk(event);
    else this.choose(event);
  }

  second(sentence) {
    return Number(sentence.id.match(/\d+$/)[0]);
  }

  at(seconds) {
    return this.sentences.findLast((one) => this.second(one) <= seconds);
  }

  open(seconds) {
    const sentence = this.at(seconds);
    if (!sentence) return;
    this.mark(sentence);
    this.scrollIntoView({ block: "nearest" });
  }

  mark(sentence) {
    if (sentence === this.now) return;
    this.now?.classList.remove("is-now");
    this.now = sentence;
    if (!sentence) return;
    sentence.classList.add("is-now");
    if (this.matches(":hover, :focus-within")) return;
    const [box, line] = [this, sentence].map((one) => one.getBoundingClientRect());
    if (line.top < box.top || line.bottom > box.bottom) this.scrollTop += line.top - box.top - box.height / 3;
  }

  choose(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || !getSelection().isCollapsed) return;
    const link = event.target.closest("a");
    const sentence = link ? link.parentElement.querySelector("span[id]") : event.target.closest("span[id]");
    if (!sentence) return;
    event.preventDefault();
    this.mark(sentence);
    this.video.seek(this.second(sentence));
  }

  walk(event) {
    if (!(event.key in KEYS) || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const index = this.sentences.indexOf(document.activeElement);
    event.preventDefault();
    if (event.key === "Enter") {
      if (index >= 0) document.activeElement.click();
      return;
    }
    const step = getComputedStyle(this).direction === "rtl" ? -KEYS[event.key] : KEYS[event.key];
    const next = index < 0 ? this.sentences.indexOf(this.now ?? this.sentences[0]) : index + step;
    this.sentences[next]?.focus();
  }
}

customElements.define("timed-text", TimedText);
