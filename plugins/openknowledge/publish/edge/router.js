// Answers for a site whose files lie in an object store by their content: each request is answered from one release.
// Plain web standards (Request, Response, fetch, crypto.subtle): Cloudflare Workers, Deno, Fastly, Node.

const CONTROL = "_openknowledge";
const FRESH_MS = 5000;
const PATIENCE_MS = 3000;
const EARLIER = 40;
const DAY_MS = 24 * 3600 * 1000;
const BESIDE_PAGES = ["asset", "media"];
// What a store says of an object that is not there: 403 where whoever asks may not list.
const ABSENT = [403, 404];

// origin: the store's address of the bucket; get: fetches a Request's address; now: milliseconds.
export function router({ origin, get = (url, how) => fetch(url, how), now = Date.now, freshMs = FRESH_MS }) {
  const base = origin.replace(/\/$/, "");
  const kept = new Map();
  let register = null;
  let askedAt = -Infinity;
  let reading = null;

  // What never changes is fetched once; what could not be fetched is asked for again the next time.
  function once(key, make) {
    if (!kept.has(key)) {
      if (kept.size > 4000) kept.clear();
      const made = make();
      kept.set(key, made);
      made.catch(() => kept.delete(key));
    }
    return kept.get(key);
  }

  async function object(path, how) {
    const answer = await get(`${base}/${CONTROL}/${path}`, how);
    if (!answer.ok) throw new StoreError(answer.status, path);
    return answer;
  }

  // What is small, or an error where that takes long.
  const small = async (path, how) =>
    (await object(path, { ...how, signal: AbortSignal.timeout(PATIENCE_MS) })).json();
  const json = (path) => once(path, () => small(path));

  // The register as it was at most some seconds ago; an old one where the store does not answer.
  // Only one reading is under way at a time, so that nobody is ever taken back.
  async function releases(maxAgeMs = freshMs) {
    if (reading === null && (register === null || now() - askedAt >= maxAgeMs)) reading = read();
    try {
      await reading;
    } catch (error) {
      if (register === null) throw error;
    }
    return register.releases;
  }

  async function read() {
    askedAt = now();
    try {
      register = await small("register.json", { headers: { "cache-control": "no-cache" } });
    } finally {
      reading = null;
    }
  }

  // Whether there is a release that another router may have told a reader of: asked before a 404.
  async function isBehind(release) {
    await reading?.catch(() => null);
    return (await releases(0)).at(-1)?.number !== release.number;
  }

  // The piece of a release's manifest that a path is in; none where nothing is near it.
  async function shard(release, path) {
    const root = await json(`manifests/${release.manifest}`);
    const digest = new DataView(await sha256(path));
    const number = root.bits ? digest.getUint32(0) >>> (32 - root.bits) : 0;
    const width = 2 ** Math.floor(root.bits / 2);
    const branch = root.branches[Math.floor(number / width)];
    const name = branch && (await json(`shards/${branch}`))[number % width];
    return name ? json(`shards/${name}`) : null;
  }

  // What a release has at a path: [path, digest, size, media type, cache class, role, twins].
  async function entry(release, path) {
    const piece = await shard(release, path);
    return piece?.manifest[1].find((row) => row[0] === path) ?? null;
  }

  async function body(row, answers) {
    const twin = row[6].find(([encoding]) => encoding === answers.encoding);
    const key = hex(await sha256(`${row[0]}\n${twin ? twin[2] : row[1]}`));
    return (await object(`objects/${key}`)).body;
  }

  // A page that was opened before a release still finds the styles and scripts of its own, for a day its pictures too.
  async function earlier(list, path) {
    for (let at = list.length - 2; at >= Math.max(0, list.length - 1 - EARLIER); at -= 1) {
      const row = await entry(list[at], path).catch(nothingWhereAbsent);
      if (row === null) continue;
      const isRecent = now() - Date.parse(list[at + 1].published_at) < DAY_MS;
      if (row[4] === "immutable" || (BESIDE_PAGES.includes(row[5]) && isRecent)) return row;
    }
    return null;
  }

  async function forwards(release) {
    const row = await entry(release, "redirects.json");
    if (row === null) return new Map();
    const answers = await json(`answers/${release.policy.split("/")[1]}.json`);
    return once(`forwards ${row[1]}`, async () => {
      const { forwards } = await new Response(await body(row, answers)).json();
      const found = new Map();
      for (const one of forwards) {
        const source = one.source.replace(/\/$/, "");
        found.set(source, [...(found.get(source) ?? []), one]);
      }
      return found;
    });
  }

  async function answer(request) {
    const url = new URL(request.url);
    const list = await releases();
    const release = list.at(-1);
    if (!release) return new Response("Nothing is published here yet.\n", { status: 503 });
    const answers = await json(`answers/${release.policy.split("/")[1]}.json`);
    const asked = decoded(url.pathname);
    if (asked === null || !(asked + "/").startsWith(answers.base + "/")) return missing(request, release, answers, "");
    const path = asked.slice(answers.base.length) || "/";
    if (path.startsWith(`/${CONTROL}`)) return missing(request, release, answers, path);
    const moved = forwarded((await forwards(release)).get(path.replace(/\/$/, "")), url.searchParams);
    if (moved?.target) return redirect(answers, address(moved.target, answers));
    if (moved) {
      const page = await entry(release, file(moved.source.replace(/\/?$/, "/")));
      return page ? send(request, page, answers, 410) : missing(request, release, answers, path, 410);
    }
    const row = (await entry(release, file(path))) ?? (await earlier(list, file(path)));
    if (row !== null) return send(request, row, answers, 200);
    if (!path.endsWith("/") && (await entry(release, file(`${path}/`)))) {
      return redirect(answers, `${quoted(answers.base + path)}/${url.search}`);
    }
    if (await isBehind(release)) return answer(request);
    return missing(request, release, answers, path);
  }

  async function missing(request, release, answers, path, status = 404) {
    const section = path.split("/")[1] ?? "";
    const page = (section && (await entry(release, `${section}/404.html`))) || (await entry(release, "404.html"));
    if (page !== null) return send(request, page, answers, status);
    return new Response("Not found\n", { status, headers: headersOf(answers, "text/plain", answers.error_cache) });
  }

  async function send(request, row, answers, status) {
    const [path, digest, , type, cache] = row;
    const headers = headersOf(answers, type, status === 200 ? answers.cache[cache] : answers.error_cache, path);
    headers.set("ETag", `"${digest.slice(0, 32)}"`);
    const known = (request.headers.get("If-None-Match") ?? "").split(",").map((one) => one.trim().replace(/^W\//, ""));
    if (status === 200 && (known.includes(headers.get("ETag")) || known.includes("*"))) {
      return new Response(null, { status: 304, headers });
    }
    return new Response(request.method === "HEAD" ? null : await body(row, answers), { status, headers });
  }

  return async function (request) {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return new Response("Only GET and HEAD\n", { status: 405, headers: { Allow: "GET, HEAD" } });
    }
    try {
      return await answer(request);
    } catch (error) {
      return new Response(`The store does not answer: ${error.message}\n`, {
        status: 503,
        headers: { "Retry-After": "5", "Cache-Control": "no-store", "Content-Type": "text/plain; charset=utf-8" },
      });
    }
  };
}

class StoreError extends Error {
  constructor(status, path) {
    super(`the store answers ${status} for ${path}`);
    this.status = status;
  }
}

// A release that is being forgotten at this moment has nothing more to say; a store that fails has.
function nothingWhereAbsent(error) {
  if (ABSENT.includes(error.status)) return null;
  throw error;
}

function headersOf(answers, type, cache, path = "") {
  const headers = new Headers(answers.headers);
  if (!answers.closed.some((closed) => type.startsWith(closed))) {
    for (const [name, value] of answers.open) headers.set(name, value);
  }
  // Files of the content never act as the site. What was published before this was said has no rules.
  if (answers.media && path.startsWith(answers.media_folder)) {
    const [, sent] = answers.media.find(([types]) => types.some((one) => type.startsWith(one)));
    for (const [name, value] of sent) headers.set(name, value);
  }
  headers.set("Content-Type", type);
  headers.set("Cache-Control", cache);
  return headers;
}

function redirect(answers, location) {
  const headers = headersOf(answers, "text/html", answers.moved_cache);
  headers.delete("Content-Type");
  headers.set("Location", location);
  return new Response(null, { status: 301, headers });
}

// The forward whose query the request has; one without a query where none of the others fits.
function forwarded(candidates, query) {
  const fits = (one) => [...new URLSearchParams(one.query)].every(([name, value]) => query.getAll(name).includes(value));
  const several = candidates ?? [];
  return several.find((one) => one.query && fits(one)) ?? several.find((one) => !one.query);
}

const address = (target, answers) => (target.startsWith("/") ? quoted(answers.base + target) : target);
const file = (path) => (path.endsWith("/") ? `${path}index.html` : path).slice(1);
const quoted = (path) => path.split("/").map(encodeURIComponent).join("/");
const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
const sha256 = (text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));

function decoded(path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

// Cloudflare Workers: the variable ORIGIN is the store's address of the bucket.
let worker = null;
export default {
  fetch(request, environment) {
    worker ??= router({ origin: environment.ORIGIN });
    return worker(request);
  },
};
