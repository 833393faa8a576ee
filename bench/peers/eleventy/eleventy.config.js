// The same site as Eleventy builds it: Markdown with plain data, collections made once, lists by pagination.
const ENTRIES = 50;

const newestFirst = (one, other) => other.date - one.date || (one.url < other.url ? 1 : -1);
const press = (api) => api.getFilteredByGlob("content/press/**/*.md").sort(newestFirst);
const escaped = (text) => String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

function grouped(items, keysOf) {
  const found = {};
  for (const item of items) for (const key of keysOf(item)) (found[key] ??= []).push(item);
  return found;
}

export default function (config) {
  const months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
  config.addCollection("press", press);
  config.addCollection("byUrl", (api) => Object.fromEntries(press(api).map((item) => [item.url, item])));
  config.addCollection("byYear", (api) => grouped(press(api), (item) => [item.data.year]));
  config.addCollection("years", (api) => [...new Set(press(api).map((item) => item.data.year))]);
  config.addCollection("byTopic", (api) => grouped(press(api), (item) => item.data.topics));
  config.addCollection("byPerson", (api) => grouped(press(api), (item) => [item.data.person]));
  config.addCollection("neighbours", (api) => {
    const all = press(api);
    return Object.fromEntries(all.map((item, place) => [item.url, { newer: all[place - 1], older: all[place + 1] }]));
  });
  config.addFilter("day", (date) => date.toISOString().slice(0, 10));
  config.addFilter("readable", (date) => `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`);
  config.addFilter("newest", (items) => (items ?? []).slice(0, ENTRIES));
  config.addFilter("xml", escaped);
  config.addFilter("named", (slug, groups) => groups.find((one) => one.slug === slug));
  config.addFilter("searchable", (items) =>
    items.map(({ url, date, data }) => ({
      kind: "press", title: data.title, url, abstract: data.abstract.slice(0, 140),
      topics: data.topics, people: [data.person], date: date.toISOString().slice(0, 10),
    })));
  config.addFilter("brief", (groups) => groups.map(({ slug, title, abstract }) => ({ slug, title, abstract: abstract.slice(0, 140) })));
  config.addFilter("json", (value) => JSON.stringify(value));
  config.addGlobalData("site", {
    title: "Polimi Open Knowledge",
    tagline: "What the Politecnico di Milano knows, open to everyone",
    url: "http://127.0.0.1:8000",
  });
  config.setQuietMode(true);
  return {
    dir: { input: "content", includes: "../_includes", output: "output" },
    markdownTemplateEngine: false,
    htmlTemplateEngine: "njk",
    templateFormats: ["md", "njk"],
  };
}
