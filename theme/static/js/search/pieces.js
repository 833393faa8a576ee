// Fetches the pieces of the index, each once. docs/architecture.md ("Search") has their formats.

const SLOT_BITS = 20;
const RANK_BITS = 3;

export class Pieces {
  constructor(address, index) {
    this.folder = address.slice(0, address.lastIndexOf("/") + 1);
    this.starts = index.starts;
    this.kinds = index.kinds.map(([name, label, weight, bits], place) => ({ name, label, weight, bits, place }));
    this.asked = new Map();
  }

  fetch(name) {
    if (!this.asked.has(name)) {
      const answer = ask(`${this.folder}${name}.json`);
      answer.catch(() => this.asked.delete(name));
      this.asked.set(name, answer);
    }
    return this.asked.get(name);
  }

  // The number of the piece that has a key; -1 where it comes before all.
  find(key) {
    let [low, high] = [0, this.starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle] <= key) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  async words(number) {
    return number < 0 ? {} : this.fetch(`words-${fileName(this.starts[number])}`);
  }

  // The items that have a key: Map of item → [rank, second].
  async items(key) {
    const piece = await this.words(this.find(key));
    return Object.hasOwn(piece, key) ? unpack(piece[key]) : new Map();
  }

  has(piece, key) {
    return Object.hasOwn(piece, key);
  }

  // The keys that begin with some letters, where few pieces have them.
  async beginning(letters, most) {
    const first = Math.max(0, this.find(letters));
    const last = this.find(`${letters}\uffff`);
    if (last - first >= most) return [];
    const pieces = await Promise.all(Array.from({ length: last - first + 1 }, (_, place) => this.words(first + place)));
    return pieces.flatMap((piece) => Object.keys(piece).filter((key) => key.startsWith(letters)));
  }

  kind(item) {
    return this.kinds[Math.floor(item / 2 ** SLOT_BITS)];
  }

  // What results show of an item.
  async shown(item) {
    const kind = this.kind(item);
    const slot = item % 2 ** SLOT_BITS;
    const rows = await this.fetch(`items-${kind.name}-${slot >> (SLOT_BITS - kind.bits)}`);
    const [title, url, kicker, date, lang, names, text, sample] = rows[slot];
    return { title, url, kicker, date, lang, names: names || "", text: text || "", isSample: Boolean(sample), kind };
  }
}

export async function ask(address) {
  const answer = await fetch(address, { cache: "no-cache", credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${answer.status} ${address}`);
  return answer.json();
}

// Numbers as they are sent: the distance to the item before, its rank, whether the next number is a second.
function unpack(numbers) {
  const items = new Map();
  let item = 0;
  for (let place = 0; place < numbers.length; place += 1) {
    const number = numbers[place];
    item += Math.floor(number / 2 ** (RANK_BITS + 1));
    const hasSecond = number % 2 === 1;
    const rank = Math.floor(number / 2) % 2 ** RANK_BITS;
    items.set(item, [rank, hasSecond ? numbers[place + 1] : null]);
    if (hasSecond) place += 1;
  }
  return items;
}

function fileName(start) {
  return [...start].map((sign) => (/[a-z0-9]/i.test(sign) ? sign : `_${sign.codePointAt(0).toString(16)}-`)).join("");
}
