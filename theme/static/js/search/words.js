// Takes a query apart as plugins/openknowledge/search/words.py takes texts apart: its words and their stems.
import { en, it } from "../vendor/snowball.js";

const UNSPACED = "\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u3040-\\u30fa\\u30fc-\\u30ff\\u3400-\\u9fff\\uac00-\\ud7af\\uf900-\\ufaff\\u{20000}-\\u{3ffff}";
const LETTER = "\\p{L}\\p{N}\\u0900-\\u0963\\u0966-\\u0dff";
const LONGEST = 40;
const NET = `(?<![${LETTER}_])\\.[nN][eE][tT](?![${LETTER}_])`;
const RUN = `${NET}|[${UNSPACED}]+|(?:(?![${UNSPACED}])[${LETTER}]){1,${LONGEST}}(?:\\+\\+|#(?![${LETTER}_]))?`;
const WORD = new RegExp(RUN, "gu");
const IS_UNSPACED = new RegExp(`^[${UNSPACED}]`, "u");
// As a text is written: with its accents, each letter of a script without blanks by itself.
const SHOWN = new RegExp(`(${NET}|[${UNSPACED}]|(?:(?![${UNSPACED}])[${LETTER}\\p{M}])+(?:\\+\\+|#(?![${LETTER}_]))?)`, "u");
const ELISION = new RegExp(`(?<![${LETTER}_])([a-z]{1,5})'(?=[${LETTER}_])`, "giu");
const HYPHENED = new RegExp(`(?<![${LETTER}_-])([a-z]+)-([a-z]{2,})(?![${LETTER}_-])`, "gu");
const MARKS = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]/g;
const HYPHENS = /[\u2010\u2011]/g;
const QUOTES = /[‘’ʼʻ´`＇]/g;
const STEMMED = /^[a-z]{3,}$/;
const STOP_MARKER = "=";
const STEMMERS = { it: new it(), en: new en() };

export class Words {
  // `lists` is what the index says: words that are passed over, elided articles, letters as people type them.
  constructor(lists) {
    this.stop = new Set(lists.stop.split(" "));
    this.elided = new Set(lists.elided.split(" "));
    this.typed = new Map(Object.entries(lists.typed));
    this.markers = Object.entries(lists.markers);
    this.stems = new Map();
  }

  plain(text) {
    return fold(text).replace(ELISION, (all, word) => (this.elided.has(word.toLowerCase()) ? " " : `${word} `));
  }

  // Words on both sides of a hyphen, each with how others write both: Map of "learning" → "elearning".
  joined(text) {
    const pairs = [...this.plain(text).toLowerCase().matchAll(HYPHENED)];
    return new Map(pairs.flatMap(([, first, second]) => [[first, first + second], [second, first + second]]));
  }

  // The words of a text, folded, in their order.
  split(text) {
    const plain = this.plain(text);
    const isMixed = plain !== plain.toUpperCase();
    const tokens = plain.match(WORD) ?? [];
    const isKept = (token) => !this.stop.has(token.toLowerCase()) || (isMixed && /^[A-Z]{2,}$/.test(token));
    const kept = tokens.filter(isKept);
    return (kept.length > 0 ? kept : tokens).flatMap((token) => this.letters(token.toLowerCase()));
  }

  letters(token) {
    if (!IS_UNSPACED.test(token)) return [this.type(token)].filter(Boolean);
    const signs = [...token];
    return signs.length === 1 ? signs : signs.slice(1).map((sign, place) => signs[place] + sign);
  }

  type(word) {
    return [...word].map((letter) => this.typed.get(letter) ?? letter).join("");
  }

  // What texts may have a word by: itself and its stems. Titles have stop words by a mark.
  keys(word) {
    let keys = this.stems.get(word);
    if (!keys) {
      const stems = STEMMED.test(word) ? this.markers.map(([lang, marker]) => STEMMERS[lang].stemWord(word) + marker) : [];
      this.stems.set(word, (keys = [word, ...(this.stop.has(word) ? [STOP_MARKER + word] : stems)]));
    }
    return keys;
  }

  // A part of a word as a stem of each language.
  marked(part) {
    return this.markers.map(([, marker]) => part + marker);
  }

  // The text in pieces, [words, whether one of these keys finds them].
  pieces(text, keys) {
    const isFound = (piece) => {
      const word = this.type(fold(piece).toLowerCase());
      if (IS_UNSPACED.test(word)) return keys.signs.has(word);
      return this.keys(word).some((key) => keys.whole.has(key)) || keys.begun.some((begun) => word.startsWith(begun));
    };
    return text.split(SHOWN).map((piece, place) => [piece, place % 2 === 1 && isFound(piece)]);
  }
}

// Without accents, with plain apostrophes; capitals stay.
function fold(text) {
  return text.replace(QUOTES, "'").replace(HYPHENS, "-").replaceAll("\u00ad", "").normalize("NFKD").replace(MARKS, "").normalize("NFC");
}
