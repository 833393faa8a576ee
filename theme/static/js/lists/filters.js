// Shows what has all the chosen filters of a list. plugins/openknowledge/catalogue/views/facets.py writes the document:
// a column of values for each filter, in the order in which the pages of the list show its items. Cards are taken from
// those pages, so they are as the site made them. Loaded once a reader comes near a filter.

const AT_ONCE = 24;
// So many cards are put into the page before it is painted again, and so many values stand behind a disclosure.
const IN_A_FRAME = 6;
const MOST_OTHERS = 40;

export async function opened(element) {
  const filters = new Filters(element, await read(element.dataset.src, "no-cache"));
  filters.first = filters.show();
  return filters;
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
    this.chips = document.querySelector(".chips");
    this.chips.addEventListener("click", (event) => element.choose(event));
    for (const name of ["pointerover", "pointerdown", "focusin"]) element.addEventListener(name, (event) => this.aim(event));
    this.pages = new Map();
    this.use(data);
  }

  use(data) {
    this.data = data;
    this.numbers = new Intl.NumberFormat(data.words.locale, { useGrouping: "always" });
    this.plurals = new Intl.PluralRules(data.words.locale);
    let total = 0;
    this.starts = data.pages.map(([, size]) => (total += size) - size);
    this.total = total;
    for (const facet of data.facets) {
      facet.places = new Map(facet.values.map(([value], place) => [value, place]));
      Object.assign(facet, packed(facet.of));
      this.findOptions(facet);
    }
  }

  // The options of a filter that the page has; those that it has not are made when their disclosure is opened.
  findOptions(facet) {
    const list = (facet.list = this.element.querySelector(`[data-facet="${facet.name}"]`) ?? this.addFilter(facet));
    list.querySelector(".facets-others")?.remove();
    facet.options = [...list.querySelectorAll(":scope > [data-value]")].map((item) => new FilterOption(item, facet.places));
    const named = new Set(facet.options.map(({ place }) => place));
    facet.others = facet.values.map((_, place) => place).filter((place) => !named.has(place));
    facet.names = null;
    if (facet.others.length > 0) this.addOthers(facet);
  }

  // A filter that no page names, in the likeness of the first one.
  addFilter(facet) {
    const pattern = this.element.querySelector("[data-facet]");
    const label = pattern.previousElementSibling.cloneNode(true);
    const list = pattern.cloneNode(false);
    label.textContent = facet.label;
    label.id = `title:facet-${facet.name}`;
    list.dataset.facet = facet.name;
    list.setAttribute("aria-labelledby", label.id);
    list.append(pattern.firstElementChild.cloneNode(true));
    pattern.parentElement.append(label, list);
    return list;
  }

  addOthers(facet) {
    const { others, find } = this.data.words;
    const more = make("details", "facets-more");
    more.append(make("summary", "", others));
    facet.more = more;
    if (facet.others.length > MOST_OTHERS) {
      facet.field = make("input", "facets-field");
      facet.field.type = "search";
      facet.field.addEventListener("input", () => this.showOthers(facet));
      const label = make("label", "", find);
      label.append(facet.field);
      more.append(label);
    }
    facet.otherList = more.appendChild(make("ul", "facets-options"));
    facet.rest = more.appendChild(make("p", "facets-rest"));
    more.addEventListener("toggle", () => this.showOthers(facet));
    facet.list.append(wrap("li", more, "facets-others"));
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

  // Resolves when the first cards are in their place.
  async show() {
    const chosen = this.chosen();
    const { found, counts, totals } = find(this.data.facets, chosen, this.total);
    const isWhole = [...chosen.values()].every((places) => places.size === 0);
    this.data.facets.forEach((facet, number) => {
      this.showOptions(facet, { chosen: chosen.get(facet), counts: counts[number], total: totals[number] });
    });
    this.showChips(chosen);
    setText(this.count, isWhole ? this.wholeCount : this.inWords(found.length));
    this.found = found;
    this.showing = null;
    // What was chosen is seen at once, and the cards in the next frame.
    await painted();
    if (found !== this.found) return;
    if (isWhole) await this.showWhole();
    else await this.showCards(Math.max(AT_ONCE, history.state?.shown ?? 0));
  }

  showOptions(facet, state) {
    facet.state = state;
    const { chosen, counts, total } = state;
    for (const option of facet.options) {
      const isAll = option.place === undefined;
      const many = isAll ? total : counts[option.place];
      const isChosen = isAll ? chosen.size === 0 : chosen.has(option.place);
      option.show(isChosen, isAll || many > 0 || isChosen, this.numbers.format(many));
    }
    const shown = counts.reduce((sum, many) => sum + (many > 0), 0);
    setHidden(facet.list, shown < 2 && chosen.size === 0);
    setHidden(facet.list.previousElementSibling, facet.list.hidden);
    if (facet.more) this.showOthers(facet);
  }

  // The values that the page does not name, as far as they are asked for.
  showOthers(facet) {
    const { chosen, counts } = facet.state;
    const there = facet.others.filter((place) => counts[place] > 0 || chosen.has(place));
    setHidden(facet.more.parentElement, there.length === 0);
    if (!facet.more.open) return;
    facet.names ??= facet.values.map(([, label]) => folded(label));
    const asked = folded(facet.field?.value ?? "");
    const found = there.filter((place) => facet.names[place].includes(asked));
    const focus = facet.otherList.contains(document.activeElement) && document.activeElement.closest("li").dataset.value;
    facet.otherList.replaceChildren(
      ...found.slice(0, MOST_OTHERS).map((place) => this.otherOption(facet, place, chosen.has(place), counts[place])),
    );
    if (focus) facet.otherList.querySelector(`[data-value="${CSS.escape(focus)}"] a`)?.focus();
    const { first } = this.data.words;
    setText(facet.rest, found.length > MOST_OTHERS ? first.replace("%(number)s", this.numbers.format(MOST_OTHERS)) : "");
  }

  otherOption(facet, place, isChosen, many) {
    const [value] = facet.values[place];
    const item = facet.options[0].item.cloneNode(true);
    item.dataset.value = value;
    setWords(item.querySelector("a"), facet.values[place]);
    const option = new FilterOption(item, facet.places);
    option.show(isChosen, true, this.numbers.format(many));
    item.querySelector("a").href = this.addressWith(facet.name, value).href;
    return item;
  }

  // A link leads to what it would choose, also in a window of its own: written when a reader comes near it.
  aim(event) {
    const link = event.target.closest("a[href]");
    const item = link?.closest("[data-value]");
    if (item) link.href = this.addressWith(item.closest("[data-facet]").dataset.facet, item.dataset.value).href;
  }

  showChips(chosen) {
    const chips = [...chosen].flatMap(([facet, places]) =>
      [...places].map((place) => {
        const [value] = facet.values[place];
        const words = setWords(make("span"), facet.values[place]);
        return this.chip(facet.name, value, [`${facet.label}: `, words], this.data.words.remove);
      }),
    );
    if (chips.length > 1) chips.push(this.chip("", "", [this.data.words.clear], ""));
    this.chips.replaceChildren(...chips);
  }

  chip(name, value, words, action) {
    const link = make("a", "chips-link");
    link.append(...words);
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

  // The list as it was, a few cards in a frame. What stands there already is not put there again: that would take the
  // focus from a reader who went on.
  async showWhole() {
    if (this.items.firstChild === this.whole[0]) return;
    this.items.replaceChildren(...this.whole);
    const later = [...this.items.querySelectorAll("li:has(> .card)")].slice(IN_A_FRAME);
    for (const item of later) item.hidden = true;
    while (later.length > 0 && this.items.firstChild === this.whole[0]) {
      await painted();
      for (const item of later.splice(0, IN_A_FRAME)) item.hidden = false;
    }
  }

  async showCards(many) {
    const { found } = this;
    const shown = found.slice(0, many);
    const wanted = shown.map((item) => this.card(item));
    for (const card of wanted) card.catch(() => {});
    const isMore = this.showing === found;
    let list = isMore ? this.items.querySelector("ul") : null;
    let next = list?.children.length ?? 0;
    const first = next;
    this.showing = found;
    if (shown.length === 0) return this.items.replaceChildren(make("p", "empty", this.data.words.none));
    while (next < shown.length) {
      const cards = await Promise.all(wanted.slice(next, next + IN_A_FRAME)).catch(() => null);
      if (found !== this.found) return;
      if (!cards) return this.items.replaceChildren(make("p", "empty", this.data.words.failed));
      if (!list) {
        list = make("ul", this.layout);
        this.items.replaceChildren(make("h2", "visually-hidden", this.count.textContent), list);
      }
      list.append(...cards);
      if (isMore && next === first) cards[0].querySelector("a").focus();
      next += cards.length;
      await painted();
    }
    if (found !== this.found) return;
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
    const page = this.starts.findLastIndex((start) => start <= item);
    const list = await this.page(page);
    this.layout ??= list.className;
    const card = document.importNode(list.children[item - this.starts[page]], true);
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

// One value of a filter: what is written already is not written again.
class FilterOption {
  constructor(item, places) {
    this.item = item;
    this.link = item.querySelector("a");
    this.place = item.dataset.value ? places.get(item.dataset.value) : undefined;
    this.count = item.querySelector(".count") ?? make("span", "count");
    if (!this.count.parentElement) item.append(" ", this.count);
  }

  show(isChosen, isShown, count) {
    setHidden(this.item, !isShown);
    if (!isShown) return;
    setText(this.count, count);
    if (isChosen === this.link.hasAttribute("aria-current")) return;
    if (isChosen) this.link.setAttribute("aria-current", "true");
    else this.link.removeAttribute("aria-current");
  }
}

// A column in two arrays of numbers: the places of all items in a row, and where those of each item begin.
function packed(of) {
  const starts = new Uint32Array(of.length + 1);
  of.forEach((places, item) => (starts[item + 1] = starts[item] + (typeof places === "number" ? 1 : places.length)));
  return { starts, all: Uint16Array.from(of.flat()) };
}

// The items that have all that is chosen; and of each filter how many of those that have all of the others.
function find(facets, chosen, total) {
  // Of each item: 0 where it has all that is chosen, the number of the only filter that it misses, from 1 on, else SEVERAL.
  const SEVERAL = 255;
  const misses = new Uint8Array(total);
  facets.forEach(({ starts, all, values }, number) => {
    const places = chosen.get(facets[number]);
    if (places.size === 0) return;
    const isChosen = new Uint8Array(values.length);
    for (const place of places) isChosen[place] = 1;
    for (let item = 0; item < total; item += 1) {
      let has = 0;
      for (let at = starts[item]; at < starts[item + 1]; at += 1) has |= isChosen[all[at]];
      if (!has) misses[item] = misses[item] ? SEVERAL : number + 1;
    }
  });
  const totals = new Uint32Array(facets.length);
  const counts = facets.map(({ starts, all, values }, number) => {
    const counted = new Uint32Array(values.length);
    for (let item = 0; item < total; item += 1) {
      if (misses[item] !== 0 && misses[item] !== number + 1) continue;
      totals[number] += 1;
      for (let at = starts[item]; at < starts[item + 1]; at += 1) counted[all[at]] += 1;
    }
    return counted;
  });
  const found = [];
  for (let item = 0; item < total; item += 1) if (misses[item] === 0) found.push(item);
  return { found, counts, totals };
}

function painted() {
  return new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
}

function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function setHidden(element, isHidden) {
  if (element.hidden !== isHidden) element.hidden = isHidden;
}

// The words of a value, with their language where they have one of their own.
function setWords(element, [, label, lang]) {
  element.textContent = label;
  for (const [name, value] of [["lang", lang], ["dir", "auto"]]) {
    if (lang === undefined) element.removeAttribute(name);
    else element.setAttribute(name, value);
  }
  return element;
}

function make(name, className = "", text = "") {
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
