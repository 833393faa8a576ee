// The same site as Eleventy builds it: Markdown with plain data, collections made once, lists by pagination.
import { readFileSync } from "node:fs";
import markdownIt from "markdown-it";
import { chart, counted, facets, indexOf, searchable, sum, workload } from "./catalogue.js";

const ENTRIES = 50;
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const read = (name) => JSON.parse(readFileSync(new URL(`content/_data/${name}.json`, import.meta.url)));
const labels = read("labels");
const groups = read("groups");
const markdown = markdownIt({ html: true });

const readable = (when) => { const date = new Date(when); return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`; };
const short = (when) => { const date = new Date(when); return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()].slice(0, 3)} ${date.getUTCFullYear()}`; };
const number = (value) => value.toLocaleString("en");
const two = (value) => String(value).padStart(2, "0");

function duration(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

export default function (config) {
  let index;
  const site = (api) => (index ??= indexOf(api.getFilteredByGlob("content/{courses,videos,hub,press}/**/*.md"), groups, labels));
  config.addCollection("site", site);
  for (const name of ["facetLists", "shelfPages", "formatLists", "counted", "years"]) config.addCollection(name, (api) => site(api)[name]);

  config.addFilter("day", (date) => new Date(date).toISOString().slice(0, 10));
  config.addFilter("moment", (date) => `${readable(date)}, ${date.slice(11, 16)}`);
  config.addFilter("readable", readable);
  config.addFilter("short", short);
  config.addFilter("number", number);
  config.addFilter("duration", duration);
  config.addFilter("newest", (items) => (items ?? []).slice(0, ENTRIES));
  config.addFilter("first", (items, count) => (items ?? []).slice(0, count));
  config.addFilter("xml", (text) => String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`));
  config.addFilter("json", (value) => JSON.stringify(value));
  config.addFilter("indented", (value) => JSON.stringify(value, null, 1));
  config.addFilter("markdown", (text) => markdown.render(text));
  config.addFilter("opening", (text, length) => (text.length > length ? `${text.slice(0, length)}…` : text));
  config.addFilter("label", (name, group) => labels[group][name] ?? name);
  config.addFilter("labels", (names, group) => names.map((name) => labels[group][name]).join(" and "));
  config.addFilter("current", (runs) => (runs ?? []).filter((run) => run.state !== "archived"));
  config.addFilter("action", (runs) => {
    const run = (runs ?? []).find(({ url, state }) => url && state !== "archived");
    return run && { url: run.url, text: labels.actions[run.state] ?? "See it on the portal" };
  });
  config.addFilter("past", (runs) => (runs ?? []).filter((run) => run.state === "archived"));
  config.addFilter("at", (url) => index.byUrl[url]);
  config.addFilter("group", (slug, folder) => index.groups[folder][slug]);
  config.addFilter("members", (slug, folder) => index.members[folder][slug] ?? []);
  config.addFilter("of", (items, section) => (items ?? []).filter((item) => item.data.facts.section === section));
  config.addFilter("kicker", (item) => index.kicker(item));
  config.addFilter("cover", (item) => `/theme/covers/${item.data.facts.subject ?? item.data.facts.section}.svg`);
  config.addFilter("workload", workload);
  config.addFilter("facets", (current) => facets(index, labels, current));
  config.addFilter("shelves", (current) => index.shelves(current));
  config.addFilter("siblings", (item) => index.siblings(item));
  config.addFilter("sharing", (item) => index.sharing(item));
  config.addFilter("referring", (item, section) => index.referring(item, section));
  config.addFilter("chart", (item) => chart(item, number, readable, short));
  config.addFilter("counted", (item) => counted(item, labels, number, readable));
  config.addFilter("sum", sum);
  config.addFilter("searchable", (site) => searchable(site));
  config.addGlobalData("site", {
    title: "Polimi Open Knowledge",
    tagline: "What the Politecnico di Milano knows, open to everyone",
    url: "http://127.0.0.1:8000",
  });
  config.on("eleventy.before", () => { index = undefined; });
  config.setQuietMode(true);
  return {
    dir: { input: "content", includes: "../_includes", output: "output" },
    markdownTemplateEngine: false,
    htmlTemplateEngine: "njk",
    templateFormats: ["md", "njk"],
  };
}
