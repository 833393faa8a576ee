// Shows what has all the chosen filters of a list. plugins/openknowledge/catalogue/views/facets.py writes the document:
// a column of values for each filter, in the order in which the pages of the list show its items. Cards are taken from
// those pages, so they are as the site made them. Loaded once a reader comes near a filter.

const AT_ONCE = 24;

export async function opened(element) {
  return new Filters(element, await read(element.dataset.src, "no-cache"));
}

class Filters {
  constructor(element, data) {
    this.element = element;
    this.details = element.querySelector("details");
    this.summary = element.querySelector("summary");
    this.count = document.querySelector(".listing-count");
    this.items = document.querySelector(".listing-items");
    this.own = this.items.cloneNode(true);
    this.whole = [...this.items.childNodes];
    this.wholeCount = this.count.textContent;
    this.count.tabIndex = -1;
    this.count.setAttribute("role", "status");
    this.chips = make("ul", "chips");
    this.chips.addEventListener("click", (event) => element.choose(event));
    this.count.parentElement.after(this.chips);
    this.pages = new Map();
    this.use(data);
    this.show();
  }

  use(data) {
    this.data = data;
    this.numbers = new Intl.NumberFormat(data.words.locale, { useGrouping: "always" });
    this.plurals = new Intl.PluralRules(data.words.locale);
    this.total = data.pages.reduce((sum, [, size]) => sum + size, 0);
    for (const facet of data.facets) {
      facet.places = new Map(facet.values.map(([value], place) => [value, place]));
      facet.options = this.optionsOf(facet);
    }
  }

  // The options of a filter by value. The page has some of them; the others stand behind a disclosure.
  optionsOf(facet) {
    let list = this.element.querySelector(`[data-facet="${facet.name}"]`);
    if (!list) {
      const pattern = this.element.querySelector("[data-facet]");
      const label = pattern.previousElementSibling.cloneNode(true);
      list = pattern.cloneNode(false);
      label.textContent = facet.label;
      label.id = `title:facet-${facet.name}`;
      list.dataset.facet = facet.name;
      list.setAttribute("aria-labelledby", label.id);
      list.append(pattern.firstElementChild.cloneNode(true));
      pattern.parentElement.append(label, list);
    }
    const pattern = list.firstElementChild;
    const options = new Map([...list.querySelectorAll("[data-value]")].map((option) => [option.dataset.value, option]));
    const others = facet.values.filter(([value]) => !options.has(value));
    if (others.length === 0) return options;
    let place = list.querySelector(".facets-more > ul");
    if (!place) {
      place = make("ul", "facets-options");
      const more = make("details", "facets-more");
      more.append(make("summary", "", this.data.words.others), place);
      list.append(wrap("li", more));
    }
    for (const [value, label] of others) {
      const option = pattern.cloneNode(true);
      option.dataset.value = value;
      option.querySelector("a").textContent = label;
      options.set(value, option);
      place.append(option);
    }
    return options;
  }

  // The places of the chosen values, by filter; what an address names and the list has not is passed over.
  chosen(address = new URL(location.href)) {
    return new Map(
      this.data.facets.map((facet) => {
        const values = address.searchParams.getAll(facet.name).map((value) => facet.places.get(value));
        return [facet, new Set(values.filter((place) => place !== undefined))];
      }),
    );
  }

  // The address with a value chosen, or with it no longer chosen; without a value, with none of the filter.
  addressWith(name, value) {
    const address = new URL(location.href);
    const values = address.searchParams.getAll(name);
    address.searchParams.delete(name);
    const kept = value ? (values.includes(value) ? values.filter((one) => one !== value) : [...values, value]) : [];
    for (const one of kept) address.searchParams.append(name, one);
    return address;
  }

  addressWithout() {
    const address = new URL(location.href);
    for (const facet of this.data.facets) address.searchParams.delete(facet.name);
    return address;
  }

  choose(name, value) {
    const isChip = this.chips.contains(document.activeElement);
    const address = name ? this.addressWith(name, value) : this.addressWithout();
    history.pushState(null, "", address);
    const isFolded = this.summary.getClientRects().length > 0;
    if (isFolded) this.details.open = false;
    this.show();
    if (isFolded || isChip) this.count.focus();
  }

  show() {
    const chosen = this.chosen();
    const { found, counts, totals } = this.find(chosen);
    const isWhole = [...chosen.values()].every((places) => places.size === 0);
    this.showOptions(chosen, counts, totals);
    this.showChips(chosen);
    this.count.textContent = isWhole ? this.wholeCount : this.inWords(found.length);
    this.found = found;
    this.showing = null;
    // What was chosen is seen at once, and the cards in the next frame.
    afterPaint(() => {
      if (found !== this.found) return;
      // What stands there already is not put there again: that would take the focus from a reader who went on.
      if (isWhole && this.items.firstChild !== this.whole[0]) this.items.replaceChildren(...this.whole);
      if (!isWhole) this.showCards(Math.max(AT_ONCE, history.state?.shown ?? 0));
    });
  }

  // The items that have all that is chosen; and of each filter how many of those that have all of the others.
  find(chosen) {
    const { facets } = this.data;
    const misses = new Uint8Array(this.total);
    const missed = new Uint8Array(this.total);
    facets.forEach((facet, number) => {
      const places = chosen.get(facet);
      if (places.size === 0) return;
      facet.of.forEach((of, item) => {
        const has = typeof of === "number" ? places.has(of) : of.some((place) => places.has(place));
        if (has) return;
        misses[item] += 1;
        missed[item] = number;
      });
    });
    const counts = facets.map((facet) => new Uint32Array(facet.values.length));
    const totals = new Uint32Array(facets.length);
    const found = [];
    for (let item = 0; item < this.total; item += 1) {
      if (misses[item] > 1) continue;
      if (misses[item] === 0) found.push(item);
      for (let number = 0; number < facets.length; number += 1) {
        if (misses[item] === 1 && missed[item] !== number) continue;
        totals[number] += 1;
        const of = facets[number].of[item];
        if (typeof of === "number") counts[number][of] += 1;
        else for (const place of of) counts[number][place] += 1;
      }
    }
    return { found, counts, totals };
  }

  showOptions(chosen, counts, totals) {
    this.data.facets.forEach((facet, number) => {
      const places = chosen.get(facet);
      let shown = 0;
      for (const [value, option] of facet.options) {
        const place = facet.places.get(value);
        const isChosen = value ? places.has(place) : places.size === 0;
        const many = value ? (counts[number][place] ?? 0) : totals[number];
        option.hidden = Boolean(value) && many === 0 && !isChosen;
        if (option.hidden) continue;
        if (value) shown += 1;
        const link = option.querySelector("a");
        link.href = this.addressWith(facet.name, value).href;
        if (isChosen) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
        countOf(option).textContent = this.numbers.format(many);
      }
      const list = facet.options.get("").parentElement;
      list.hidden = list.previousElementSibling.hidden = shown < 2 && places.size === 0;
      const more = list.querySelector(".facets-more");
      if (more) more.parentElement.hidden = !more.querySelector("li:not([hidden])");
    });
  }

  showChips(chosen) {
    const chips = [...chosen].flatMap(([facet, places]) =>
      [...places].map((place) => {
        const [value, label] = facet.values[place];
        return this.chip(facet.name, value, `${facet.label}: ${label}`, this.data.words.remove);
      }),
    );
    if (chips.length > 1) chips.push(this.chip("", "", this.data.words.clear, ""));
    this.chips.replaceChildren(...chips);
  }

  chip(name, value, text, action) {
    const link = make("a", "chips-link", text);
    link.href = (name ? this.addressWith(name, value) : this.addressWithout()).href;
    if (action) {
      const sign = make("span", "chips-sign", "×");
      sign.setAttribute("aria-hidden", "true");
      link.prepend(make("span", "visually-hidden", `${action} `));
      link.append(sign);
    }
    const item = wrap("li", link);
    Object.assign(item.dataset, { facet: name, value });
    return item;
  }

  inWords(number) {
    const { counts } = this.data.words;
    return (counts[this.plurals.select(number)] ?? counts.other).replace("%(number)s", this.numbers.format(number));
  }

  async showCards(many) {
    const { found } = this;
    const shown = found.slice(0, many);
    const cards = await Promise.all(shown.map((item) => this.card(item))).catch(() => null);
    if (found !== this.found) return;
    if (!cards) return this.items.replaceChildren(make("p", "empty", this.data.words.failed));
    if (cards.length === 0) return this.items.replaceChildren(make("p", "empty", this.data.words.none));
    if (this.showing === found) {
      const list = this.items.querySelector("ul");
      const next = cards.slice(list.children.length);
      list.append(...next);
      next[0]?.querySelector("a").focus();
    } else {
      const list = make("ul", this.layout);
      list.append(...cards);
      this.items.replaceChildren(make("h2", "visually-hidden", this.count.textContent), list);
    }
    this.showing = found;
    this.items.querySelector(".listing-more")?.remove();
    if (shown.length < found.length) this.items.append(this.more(many + AT_ONCE));
  }

  more(many) {
    const button = make("button", "listing-button", this.data.words.more);
    button.type = "button";
    button.addEventListener("click", () => {
      history.replaceState({ shown: many }, "");
      this.showCards(many);
    });
    return wrap("p", button, "listing-more");
  }

  // A copy of an item's card, from the page that has it; ids stay those of one card.
  async card(item) {
    let page = 0;
    let place = item;
    while (place >= this.data.pages[page][1]) place -= this.data.pages[page++][1];
    const list = await this.page(page);
    this.layout ??= list.className;
    const card = document.importNode(list.children[place], true);
    for (const name of ["id", "popovertarget", "aria-labelledby"]) {
      for (const part of card.querySelectorAll(`[${name}]`)) part.setAttribute(name, `${part.getAttribute(name)}-${page}`);
    }
    return card;
  }

  page(number) {
    if (!this.pages.has(number)) this.pages.set(number, this.readPage(number));
    return this.pages.get(number);
  }

  // A page that was published after the document has other cards: then the document is read once more.
  async readPage(number) {
    const [url, size, digest] = this.data.pages[number];
    const page = url === location.pathname ? this.own : (await fetchPage(url)).querySelector(".listing-items");
    const list = page?.querySelector(":scope > .cards");
    if (page?.dataset.digest === digest && list?.children.length === size) return list;
    if (this.isRenewed) throw new Error(`${url} has other items`);
    this.isRenewed = true;
    this.pages.clear();
    this.use(await read(this.element.dataset.src, "reload"));
    this.show();
    throw new Error(`${url} was renewed`);
  }
}

async function read(address, cache) {
  const answer = await fetch(address, { cache, credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${answer.status} ${address}`);
  return answer.json();
}

// The browser itself parses the page; no markup is made of text here.
function fetchPage(url) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", url);
    request.responseType = "document";
    request.onload = () => (request.status === 200 && request.response ? resolve(request.response) : reject(request));
    request.onerror = reject;
    request.send();
  });
}

function afterPaint(work) {
  requestAnimationFrame(() => setTimeout(work));
}

function countOf(option) {
  const found = option.querySelector(".count");
  if (found) return found;
  const made = make("span", "count");
  option.append(" ", made);
  return made;
}

function make(name, className, text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

function wrap(name, content, className = "") {
  const made = make(name, className);
  made.append(content);
  return made;
}
