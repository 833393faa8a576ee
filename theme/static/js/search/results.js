// Makes what the search page shows of what was found. All words are set as text: a title is never markup.
import { dateWords, pieces } from "./engine.js";

// A copy of the page's template with an item's words in it; what the item does not have is left out.
export function result(template, item, locale) {
  const made = template.content.cloneNode(true);
  const part = (selector) => made.querySelector(selector);
  part(".card").dataset.kind = item.kind.name;
  part(".card-kicker").textContent = item.kicker;
  part(".card-title a").href = item.url;
  fill(part(".card-title a"), item.title, item.terms);
  fill(part(".card-abstract"), item.text, item.terms);
  fill(part(".finder-names"), item.names, item.terms);
  if (item.lang !== null) for (const words of [part(".card-title"), part(".card-abstract")]) Object.assign(words, { lang: item.lang, dir: "auto" });
  if (item.date) date(part("time"), String(item.date), locale);
  if (!item.isSample) part(".card-sample").remove();
  for (const name of [".card-abstract", ".finder-names", ".card-date", ".card-facts"]) {
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
function fill(element, text, terms) {
  element.replaceChildren(
    ...pieces(text, terms).map(([words, isFound]) => {
      if (!isFound) return words;
      const mark = document.createElement("mark");
      mark.textContent = words;
      return mark;
    }),
  );
}

function date(element, digits, locale) {
  element.dateTime = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6, 8)].filter(Boolean).join("-");
  element.textContent = dateWords(digits, locale);
}
