// Plays a video, or shows what else another site has, once it is asked to; until then it is a link.
// data-src: address of the player; data-title: its name; data-lang: the language of the name.
// data-resume: words with `{time}` for a moment; the page's own video has them. It begins at the second `?t=` of the page's
// address, at that of a link with data-at, and where `seek` is called; it says where it is by the event `videotime`.

const PLAYER = "https://www.youtube-nocookie.com";
const SECOND = /^\d{1,6}$/;

function clock(seconds) {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [hours, minutes, rest] = parts.map((part) => String(part).padStart(2, "0"));
  return parts[0] ? `${parts[0]}:${minutes}:${rest}` : `${parts[1]}:${rest}`;
}

class LazyVideo extends HTMLElement {
  connectedCallback() {
    if (!this.dataset.src) return;
    this.addEventListener("click", this);
    if (this.dataset.resume === undefined) return;
    document.addEventListener("click", this);
    window.addEventListener("message", this);
    const asked = new URLSearchParams(location.search).get("t") ?? "";
    if (SECOND.test(asked)) this.begin(Number(asked));
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
    document.removeEventListener("click", this);
    window.removeEventListener("message", this);
  }

  handleEvent(event) {
    if (event.type === "message") return this.hear(event);
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    const inside = event.currentTarget === this;
    const link = event.target.closest(inside ? "a.player-link" : "a[data-at]");
    if (!link) return;
    event.preventDefault();
    if (inside) this.play();
    else this.seek(Number(link.dataset.at));
  }

  begin(seconds) {
    this.start = seconds;
    const action = this.querySelector(".player-action");
    if (action) action.textContent = this.dataset.resume.replace("{time}", clock(seconds));
  }

  seek(seconds) {
    history.replaceState(null, "", `?t=${seconds}`);
    this.start = seconds;
    if (!this.player) return this.play();
    this.say({ event: "command", func: "seekTo", args: [seconds, true] });
    this.say({ event: "command", func: "playVideo", args: [] });
  }

  play() {
    const frame = this.player = this.frame();
    frame.addEventListener("load", () => this.say({ event: "listening", id: 1, channel: "widget" }));
    this.querySelector("a.player-link").replaceWith(frame);
    frame.focus();
  }

  say(message) {
    if (this.dataset.resume !== undefined) this.player.contentWindow?.postMessage(JSON.stringify(message), PLAYER);
  }

  hear(event) {
    if (event.origin !== PLAYER || !this.player || event.source !== this.player.contentWindow) return;
    try {
      const seconds = JSON.parse(event.data).info?.currentTime;
      if (seconds >= 0) this.dispatchEvent(new CustomEvent("videotime", { detail: seconds, bubbles: true }));
    } catch {
      // Something else than the player's messages.
    }
  }

  frame() {
    const frame = document.createElement("iframe");
    frame.className = "player-frame";
    frame.src = this.dataset.src + (this.start ? `&start=${this.start}` : "");
    frame.title = this.dataset.title;
    if (this.dataset.lang !== undefined) Object.assign(frame, { lang: this.dataset.lang, dir: "auto" });
    frame.allow = "autoplay; encrypted-media; fullscreen; picture-in-picture";
    frame.referrerPolicy = "strict-origin-when-cross-origin";
    frame.tabIndex = 0;
    return frame;
  }
}

customElements.define("lazy-video", LazyVideo);
