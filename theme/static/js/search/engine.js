// Finds items in the site's own list of them (plugins/openknowledge/search/documents.py writes it).
// Loaded, with the list, only once a reader searches.
import MiniSearch from "../vendor/minisearch.js";

const WORD = /[\p{L}\p{M}\p{N}]+/gu;
const WORD_OR_ELIDED = /[\p{L}\p{M}\p{N}]+(?:['’](?=\p{L}))?/gu;
const APOSTROPHE = /['’]$/;
const LONG = 4;

// The list at `address`, ready to be searched.
export async function opened(address) {
  const answer = await fetch(address, { cache: "no-cache", credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${answer.status} ${address}`);
  const items = unpacked(await answer.json());
  const index = new MiniSearch({
    fields: ["title", "names", "text", "kicker"],
    tokenize: (text) => text.match(WORD) ?? [],
    processTerm: folded,
  });
  index.addAll(items);
  return { find: (query) => found(index, items, query) };
}

// The text in pieces, [words, whether they are what was looked for].
export function pieces(text, terms) {
  return text.split(/([\p{L}\p{M}\p{N}]+)/u).map((piece, place) => [piece, place % 2 === 1 && terms.has(folded(piece))]);
}

// Without capitals and accents: "Perché" is found by "perche".
function folded(word) {
  return word.toLowerCase().normalize("NFKD").replace(/\p{M}+/gu, "");
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
  const words = [...new Set(query.match(WORD_OR_ELIDED) ?? [])];
  const isRequired = (word) => word.length >= LONG && !APOSTROPHE.test(word);
  const bare = (word) => folded(word.replace(APOSTROPHE, ""));
  const required = words.filter(isRequired).map(bare);
  const wished = words.filter((word) => !isRequired(word)).map(bare);
  return required.length > 0 ? { required, wished } : { required: wished, wished: [] };
}

// What items share stands once in the document, and they name it by its number.
function unpacked(data) {
  const kinds = data.kinds.map(([name, label, weight], place) => ({ name, label, weight, place }));
  return data.items.map(([title, own, place, kicker, date, lang, names, text, sample], id) => {
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
    };
  });
}

// The name in an address that a title in plain letters makes by itself.
function ownName(title) {
  return (title.toLowerCase().match(/[a-z0-9]+/g) ?? []).join("-");
}
