// Makes what the search page shows of what was found. All words are set as text: a title is never markup.

// A copy of the page's template with an item's words in it; what the item does not have is left out.
// `mark` takes a text apart: [words, whether they are what was looked for].
export function result(template, item, mark, { locale, moment }) {
  const made = template.content.cloneNode(true);
  const part = (selector) => made.querySelector(selector);
  part(".card").dataset.kind = item.kind.name;
  fillLine(part(".finder-kicker"), item.kicker, (text) => [[text, false]]);
  part(".card-title a").href = item.second === null ? item.url : `${item.url}?t=${item.second}`;
  fill(part(".card-title a"), mark(item.title));
  fill(part(".card-abstract"), mark(item.text));
  fillLine(part(".finder-names"), item.names, mark);
  if (item.lang) for (const words of [part(".card-title"), part(".card-abstract")]) Object.assign(words, { lang: item.lang, dir: "auto" });
  if (item.date) date(part("time"), String(item.date), locale);
  if (item.second === null) part(".finder-moment").remove();
  else part(".finder-moment").textContent = moment.replace("%(time)s", () => clock(item.second));
  if (!item.isSample) part(".card-sample").remove();
  for (const name of ["time", ".card-abstract", ".finder-names", ".card-facts"]) {
    if (!part(name).textContent.trim()) part(name).remove();
  }
  return made;
}

// A button that leaves only what is of a kind, with how many that are; all of it where there is no kind.
export function choice(template, kind, found, locale) {
  const made = template.content.cloneNode(true);
  const count = found.filter((item) => !kind || item.kind === kind).length;
  made.querySelector("button").value = kind?.name ?? "";
  if (kind) made.querySelector(".finder-name").textContent = kind.label;
  made.querySelector(".count").textContent = inWords(count, locale);
  return made;
}

// How many there are, in the page's words for that number.
export function counted(number, words) {
  const category = new Intl.PluralRules(words.locale).select(number);
  const said = words[`count${category[0].toUpperCase()}${category.slice(1)}`] ?? words.countOther;
  return said.replace("%(number)s", () => inWords(number, words.locale));
}

function inWords(number, locale) {
  return new Intl.NumberFormat(locale, { useGrouping: "always" }).format(number);
}

// What was looked for is marked.
function fill(element, pieces) {
  element.replaceChildren(
    ...pieces.map(([words, isFound]) => {
      if (!isFound) return words;
      const mark = document.createElement("mark");
      mark.textContent = words;
      return mark;
    }),
  );
}

// A line is a text, or words, a language and a name in it in turn, beginning and ending with words.
function fillLine(element, line, mark) {
  const [words, ...rest] = [line].flat();
  fill(element, mark(words));
  for (let place = 0; place < rest.length; place += 3) {
    const [name, after] = [document.createElement("span"), document.createDocumentFragment()];
    Object.assign(name, { lang: rest[place], dir: "auto" });
    fill(name, mark(rest[place + 1]));
    fill(after, mark(rest[place + 2]));
    element.append(name, after);
  }
}

// A date as exact as it is known: its digits are those of a year, perhaps with its month and day.
function date(element, digits, locale) {
  const [year, month, day] = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6, 8)];
  const form = { year: "numeric", timeZone: "UTC" };
  if (month) form.month = day ? "short" : "long";
  if (day) form.day = "numeric";
  const when = new Date(Date.UTC(Number(year), Number(month || 1) - 1, Number(day || 1)));
  element.dateTime = [year, month, day].filter(Boolean).join("-");
  element.textContent = new Intl.DateTimeFormat(locale, form).format(when);
}

// A moment of a video: 3:25, 1:02:45.
function clock(seconds) {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, place) => (place ? String(part).padStart(2, "0") : part)).join(":");
}
