// Finds items by the words of a query: by their stems and synonyms, else by how words begin, else by a slip.
import { Pieces, ask } from "./pieces.js";
import { Words } from "./words.js";

const VALUES = [0.6, 1, 1.6, 2.4, 3.4, 5, 7.5, 11];
// A synonym of several words counts less, because they may stand apart.
const [SYNONYM, BEGINNING] = [0.8, 0.5];
const MOST_WORDS = 16;
const MOST_PIECES = 3;
const MOST_SLIP_PIECES = 30;
const [SHORTEST_BEGUN, SHORTEST_SLIPPED, LONGEST_ENDING] = [3, 5, 4];
const [SURE_LENGTH, SURE_STEM] = [7, 5];
const [LETTERS, DIGITS, LETTERS_AND_DIGITS] = [/^[a-z]+$/, /^\d+$/, /^([a-z]+)(\d+)$/];
const ALPHABET = [..."abcdefghijklmnopqrstuvwxyz"];

// The search over the index at `address`.
export async function open(address) {
  return new Engine(address, await ask(address));
}

class Engine {
  constructor(address, index) {
    this.count = index.count;
    this.words = new Words(index);
    this.pieces = new Pieces(address, index);
    this.synonyms = index.synonyms.map((terms) => terms.map((term) => this.words.split(term)));
  }

  // What a query finds, the best first: { found: [{ item, kind, second }], keys, slips: [[typed, read]], isPartial }.
  // While it is `unfinished`, a word may also be a stem with a part of an ending.
  async find(query, unfinished) {
    const keys = { whole: new Set(), begun: [], signs: new Set() };
    const units = await Promise.all(this.units(query).map((unit) => this.complete(unit, unfinished, keys)));
    const slips = units.map((unit) => unit.slip).filter(Boolean);
    const whole = this.rank(units, units.length);
    // Where words meet in titles of a list alone, they say little: what has one of them follows.
    const found = whole.some(({ isOwn }) => isOwn) ? whole : this.rank(units, 1);
    return { found, keys, slips, isPartial: found.length > 0 && whole.length === 0 };
  }

  // The words of a query, or those that are one term, each with what may stand in their place.
  units(query) {
    const words = this.words.split(query).slice(0, MOST_WORDS);
    const joints = this.words.joined(query);
    const units = [];
    for (let at = 0; at < words.length;) {
      const [term, group] = this.term(words, at);
      const own = words.slice(at, at + Math.max(1, term.length));
      const others = group.filter((other) => other !== term).map((other) => ({ words: other, weight: SYNONYM / other.length }));
      const joint = own.length === 1 && joints.has(own[0]) ? [{ words: [joints.get(own[0])], weight: 1 }] : [];
      units.push([{ words: own, weight: 1 }, ...others, ...joint, ...joined(words, at, own.length)]);
      at += own.length;
    }
    return units;
  }

  // The longest synonym that begins at a word, and all that mean the same.
  term(words, at) {
    let best = [[], []];
    for (const group of this.synonyms) {
      for (const term of group) {
        const isHere = term.every((word, place) => at + place < words.length && this.isSame(word, words[at + place]));
        if (isHere && term.length > best[0].length) best = [term, group];
      }
    }
    return best;
  }

  isSame(word, other) {
    return word === other || this.words.keys(word).slice(1).some((key) => this.words.keys(other).slice(1).includes(key));
  }

  // What is found of a unit: { items: Map of item → [score, rank, second], slip }.
  async complete(alternatives, unfinished, keys) {
    const sets = await Promise.all(alternatives.map(({ words, weight }) => this.all(words, weight, keys)));
    let items = merge(sets);
    const [{ words: [word], words: { length } }] = alternatives;
    if (items.size > 0 || length > 1) return { items };
    items = merge(await this.begun(word, unfinished, keys));
    if (items.size > 0 || word.length < SHORTEST_SLIPPED) return { items };
    const read = await this.mend(word);
    return read ? { items: await this.all([read], 1, keys), slip: [word, read] } : { items };
  }

  // The items that have all of some words.
  async all(words, weight, keys) {
    const sets = await Promise.all(words.map((word) => this.any(this.words.keys(word), weight / words.length)));
    words.forEach((word) => note(this.words.keys(word), keys));
    const [first, ...others] = sets;
    const items = new Map();
    for (const [item, [score, rank, second]] of first) {
      const more = others.map((set) => set.get(item));
      if (!more.every(Boolean)) continue;
      const total = more.reduce((sum, [other]) => sum + other, score);
      items.set(item, [total, Math.max(rank, ...more.map(([, other]) => other)), second]);
    }
    return items;
  }

  // The items that have any of some keys. Rare keys say more.
  async any(keys, weight) {
    const sets = await Promise.all(keys.map((key) => this.pieces.items(key)));
    return merge(sets.map((set) => {
      const value = weight * Math.log(1 + this.count / (set.size || 1));
      return new Map(Array.from(set, ([item, [rank, second]]) => [item, [value * VALUES[rank], rank, second]]));
    }));
  }

  // The items that have a word which begins so, or while it is typed a stem that the word begins with.
  async begun(word, unfinished, keys) {
    if (word.length < SHORTEST_BEGUN) return [];
    const beginning = await this.pieces.beginning(word, MOST_PIECES);
    if (beginning.length > 0) keys.begun.push(word);
    const sets = [await this.any(beginning, BEGINNING)];
    for (let length = word.length - 1; unfinished && length >= Math.max(4, word.length - LONGEST_ENDING); length -= 1) {
      const stems = this.words.marked(word.slice(0, length));
      sets.push(await this.any(stems, BEGINNING));
      note(stems, keys);
    }
    return sets;
  }

  // The word that differs by one slip and stands most often: one that titles have, else one of which there is a stem;
  // first of pieces at hand. Few letters are a stem of too much.
  async mend(word) {
    const near = [...slips(word)].flatMap((read) => this.words.keys(read).map((key) => [read, key, this.pieces.find(key)]));
    const home = new Set(this.words.keys(word).map((key) => this.pieces.find(key)));
    const isHere = ([, , piece]) => home.has(piece);
    const isWhole = ([read, key]) => read === key;
    const isSure = ([, key]) => word.length >= SURE_LENGTH && key.length > SURE_STEM;
    const choices = [(one) => isHere(one) && isWhole(one), (one) => isHere(one) && isSure(one), (one) => isWhole(one)];
    for (const isChosen of choices) {
      const read = await this.often(near.filter(isChosen));
      if (read) return read;
    }
    return null;
  }

  async often(near) {
    const pieces = [...new Set(near.map(([, , piece]) => piece))].slice(0, MOST_SLIP_PIECES);
    const loaded = new Map(await Promise.all(pieces.map(async (piece) => [piece, await this.pieces.words(piece)])));
    let [best, most] = [null, 0];
    for (const [read, key, piece] of near) {
      const words = loaded.get(piece);
      if (words && Object.hasOwn(words, key) && words[key].length > most) [best, most] = [read, words[key].length];
    }
    return best;
  }

  // The items that at least `least` units find; those of more units first, then by their scores.
  rank(units, least) {
    const scores = new Map();
    for (const { items } of units) {
      for (const [item, [score, rank, second]] of items) {
        const known = scores.get(item) ?? { item, kind: this.pieces.kind(item), score: 0, units: 0, second: null, isOwn: true };
        known.score += score;
        known.units += 1;
        if (rank === 0) known.second ??= second;
        known.isOwn &&= rank > 0 || second !== null;
        scores.set(item, known);
      }
    }
    const found = [...scores.values()].filter((one) => one.units >= Math.max(1, least));
    for (const one of found) one.score *= one.kind.weight;
    return found.sort((one, other) => other.units - one.units || other.score - one.score || one.item - other.item);
  }

  // What results show of an item.
  shown(item) {
    return this.pieces.shown(item);
  }

}

// Each item with the best that any of the sets has of it.
function merge(sets) {
  const items = new Map();
  for (const set of sets) {
    for (const [item, entry] of set) {
      const known = items.get(item);
      if (!known || known[0] < entry[0]) items.set(item, entry);
    }
  }
  return items;
}

// How else letters with a number may be written: "XYZ101" for XYZ 101 and XYZ-101, and the other way round.
function joined(words, at, length) {
  if (length > 1) return [];
  const [before, word, after] = [words[at - 1], words[at], words[at + 1]];
  const [, letters, digits] = LETTERS_AND_DIGITS.exec(word) ?? [];
  const written = [letters && [letters, digits], LETTERS.test(word) && DIGITS.test(after) && [word + after], DIGITS.test(word) && LETTERS.test(before) && [before + word]];
  return written.filter(Boolean).map((other) => ({ words: other, weight: 1 }));
}

function note(found, keys) {
  for (const key of found) {
    keys.whole.add(key);
    if (!/^[a-z0-9]/.test(key)) for (const sign of key) keys.signs.add(sign);
  }
}

// All words that one slip turns into this one: a letter too few, too many, wrong, or two in the wrong order.
function* slips(word) {
  const signs = [...word];
  for (let at = 0; at <= signs.length; at += 1) {
    const [before, after] = [signs.slice(0, at).join(""), signs.slice(at)];
    const rest = (from) => after.slice(from).join("");
    if (after.length > 1 && after[0] !== after[1]) yield before + after[1] + after[0] + rest(2);
    if (after.length > 0) yield before + rest(1);
    for (const letter of ALPHABET) {
      yield before + letter + rest(0);
      if (after.length > 0 && letter !== after[0]) yield before + letter + rest(1);
    }
  }
}
