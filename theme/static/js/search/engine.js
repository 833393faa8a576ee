// Finds items in the site's own list of them (plugins/openknowledge/search/documents.py writes it).
// Loaded, with the list, only once a reader searches.
import MiniSearch from "../vendor/minisearch.js";

// Scripts that are written without blanks: each letter counts as a word. Typographic apostrophes count as the plain one.
const UNSPACED = "\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmr}\\p{sc=Mymr}";
const LETTERS = `[${UNSPACED}]\\p{M}*|(?:(?![${UNSPACED}])[\\p{L}\\p{M}\\p{N}])+`;
const WORD = new RegExp(LETTERS, "gu");
const WORD_OR_ELIDED = new RegExp(`(?:${LETTERS})(?:'(?=\\p{L}))?`, "gu");
const APART = new RegExp(`(${LETTERS})`, "u");
const APOSTROPHES = /[‘’ʼʻ´`＇]/gu;
const LONG = 4;

// Letters that Unicode does not take apart, as people type them where a keyboard lacks them.
const TYPED = {
  ...{ æ: "ae", œ: "oe", ø: "o", ß: "ss", ł: "l", đ: "d", ð: "d", þ: "th", ħ: "h", ŧ: "t", ŋ: "n", ı: "i", ĸ: "k" },
  ...{ ə: "e", ɛ: "e", ɔ: "o", ɓ: "b", ɗ: "d", ƙ: "k", ƴ: "y", ς: "σ", і: "и", ї: "и", є: "е", ґ: "г" },
  ...{ ی: "ي", ى: "ي", ک: "ك", ة: "ه", ـ: "" },
};
const TO_TYPE = new RegExp(`[${Object.keys(TYPED).join("")}]`, "gu");

// The list at `address`, ready to be searched.
export async function opened(address, locale) {
  const answer = await fetch(address, { cache: "no-cache", credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${answer.status} ${address}`);
  const items = unpacked(await answer.json(), locale);
  const index = new MiniSearch({
    fields: ["title", "names", "text", "kicker", "labels", "words", "when"],
    tokenize: (text) => plain(text).match(WORD) ?? [],
    processTerm: folded,
  });
  index.addAll(items);
  return { find: (query) => found(index, items, query) };
}

// The text in pieces, [words, whether they are what was looked for].
export function pieces(text, terms) {
  return text.split(APART).map((piece, place) => [piece, place % 2 === 1 && terms.has(folded(piece))]);
}

// Without capitals and accents: "Perché" is found by "perche", "Łódź" by "lodz". Documents and queries go through it.
export function folded(word) {
  const bare = word.toLowerCase().normalize("NFKD").replace(/\p{M}+/gu, "");
  return bare.replace(TO_TYPE, (letter) => TYPED[letter]);
}

function plain(text) {
  return text.replace(APOSTROPHES, "'");
}

// Items that have every word of the query, or one that begins with it or is nearly it; the best first. Where there
// is none, words may be further off, then some of them may be missing.
function found(index, items, query) {
  const { required, wished } = parts(query);
  if (required.length === 0) return [];
  const better = { combineWith: "OR", queries: [MiniSearch.wildcard, ...wished], prefix: false };
  for (const [combineWith, slips] of [["AND", 1], ["AND", 2], ["OR", 1]]) {
    const best = { combineWith, queries: required };
    const results = index.search({ combineWith: "AND", queries: wished.length ? [best, better] : [best] }, {
      boost: { title: 4, names: 2 },
      prefix: (term) => term.length > 1,
      fuzzy: (term) => (term.length > LONG && Math.min(slips, Math.floor(term.length / LONG))),
      weights: { prefix: 0.5, fuzzy: 0.2 },
      boostDocument: (id) => items[id].kind.weight,
    });
    if (results.length > 0) return results.map(({ id, terms }) => ({ ...items[id], terms: new Set(terms) }));
  }
  return [];
}

// Beside longer words, short and elided ones ("del", "dell’", "the", "AI") are wished for and not required.
function parts(query) {
  const words = [...new Set(plain(query).match(WORD_OR_ELIDED) ?? [])];
  const isRequired = (word) => word.length >= LONG && !word.endsWith("'");
  const bare = (word) => folded(word.replace(/'$/, ""));
  const required = words.filter(isRequired).map(bare);
  const wished = words.filter((word) => !isRequired(word)).map(bare);
  return required.length > 0 ? { required, wished } : { required: wished, wished: [] };
}

// What items share stands once in the document, and they name it by its number.
function unpacked(data, locale) {
  const kinds = data.kinds.map(([name, label, weight], place) => ({ name, label, weight, place }));
  return data.items.map(([title, own, place, kicker, date, lang, names, text, sample, labels, words], id) => {
    const [before, after] = data.places[place ?? 0];
    const [said, kind] = data.kickers[kicker ?? 0];
    return {
      id,
      title,
      url: before + (own || ownName(title)) + after,
      kicker: said,
      kind: kinds[kind],
      date: date || 0,
      lang: data.langs[lang ?? 0],
      names: (names || []).map((name) => data.names[name]).join(" · "),
      text: text || "",
      isSample: Boolean(sample),
      labels: (labels || []).map((label) => data.names[label]).join(" · "),
      words: words || "",
      when: date ? dateWords(String(date), locale) : "",
    };
  });
}

// A date as results show it: its digits are those of a year, perhaps with its month and day.
export function dateWords(digits, locale) {
  const [year, month, day] = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6, 8)];
  const form = { year: "numeric", timeZone: "UTC" };
  if (month) form.month = day ? "short" : "long";
  if (day) form.day = "numeric";
  const when = new Date(Date.UTC(Number(year), Number(month || 1) - 1, Number(day || 1)));
  return new Intl.DateTimeFormat(locale, form).format(when);
}

// The name in an address that a title in plain letters makes by itself.
function ownName(title) {
  return (title.toLowerCase().match(/[a-z0-9]+/g) ?? []).join("-");
}
