// What the templates ask of the items together: made once a build.
const PAGE = 24;
const SECTIONS = { topics: "topics", people: "people", strands: "strand", partners: "partners", initiatives: "initiative" };
const FACETS = { states: "state", subjects: "subject", audiences: "audiences", taught: "teaching_langs" };

const newestFirst = (one, other) => other.date - one.date || (one.url < other.url ? 1 : -1);
const byTitle = (one, other) => (one.data.title < other.data.title ? -1 : 1);
const many = (value) => (value === undefined ? [] : [value].flat());

function grouped(items, keysOf) {
  const found = {};
  for (const item of items) for (const key of keysOf(item)) (found[key] ??= []).push(item);
  return found;
}

export function indexOf(items, groups, labels) {
  const all = [...items].sort(newestFirst);
  const sections = { courses: [], videos: [], hub: [], press: [], ...grouped(all, (item) => [item.data.facts.section]) };
  const bySlug = Object.fromEntries(Object.entries(groups).map(([folder, members]) => [folder, Object.fromEntries(members.map((words) => [words.slug, words]))]));
  const byUrl = Object.fromEntries(all.map((item) => [item.url, item]));
  const members = Object.fromEntries(Object.entries(SECTIONS).map(([folder, field]) => [folder, grouped(all, (item) => many(item.data.facts[field]))]));
  const facet = Object.fromEntries(Object.entries(FACETS).map(([name, field]) => [name, grouped(sections.courses, (item) => many(item.data.facts[field]))]));
  const videoYears = grouped(sections.videos, (item) => [item.date.getUTCFullYear()]);
  const spoken = grouped(sections.videos, (item) => [item.data.facts.lang]);
  const formats = grouped(sections.hub, (item) => [`${item.data.facts.initiative}-${item.data.facts.format}`]);
  const years = Object.keys(videoYears).sort().reverse();
  const languages = Object.keys(spoken).sort((one, other) => spoken[other].length - spoken[one].length);
  const mentioned = grouped(sections.press, (item) => item.data.facts.related);
  const shown = grouped(sections.videos, (item) => (item.data.facts.course ? [`/courses/${item.data.facts.course}/`] : []));
  const recorded = grouped(sections.hub, (item) => (item.data.facts.recording ? [`/videos/${item.data.facts.recording}/`] : []));
  const paged = (list, route, key, heading) => {
    const count = Math.max(1, Math.ceil(list.length / PAGE));
    return Array.from({ length: count }, (_, at) => ({
      route, key, heading, count, number: at + 1, total: list.length, items: list.slice(at * PAGE, (at + 1) * PAGE),
      url: at ? `/${route}/${key}/page/${at + 1}/` : `/${route}/${key}/`,
    }));
  };
  return {
    ...sections, all, byUrl, members, facet, groups: bySlug, formats, videoYears,
    byTitle: [...sections.courses].sort(byTitle),
    years: [...new Set(sections.press.map((item) => item.date.getUTCFullYear()))],
    byYear: grouped(sections.press, (item) => [item.date.getUTCFullYear()]),
    neighbours: Object.fromEntries(sections.press.map((item, at, list) => [item.url, { newer: list[at - 1], older: list[at + 1] }])),
    counted: sections.courses.filter((item) => item.data.facts.enrolments),
    facetLists: Object.entries(facet).flatMap(([name, values]) => Object.entries(values).map(([value, list]) => ({ name, value, items: [...list].sort(byTitle) }))),
    shelfPages: [
      ...years.flatMap((year) => paged(videoYears[year], "years", year, year)),
      ...languages.flatMap((code) => paged(spoken[code], "spoken", code, labels.languages[code])),
    ],
    formatLists: Object.entries(formats).map(([key, list]) => ({ key, items: list, initiative: bySlug.initiatives[list[0].data.facts.initiative], format: list[0].data.facts.format })),
    videoYearNames: years,
    kicker(item) {
      const facts = item.data.facts;
      if (facts.section === "hub") return labels.formats[facts.format];
      const label = labels.kinds[facts.section];
      const series = facts.strand ? bySlug.strands[facts.strand].title : facts.course && byUrl[`/courses/${facts.course}/`].data.title;
      return series ? `${label} · ${series}` : label;
    },
    shelves: (current) => [
      { label: "Year", options: years.map((year) => ({ text: year, url: `/years/${year}/`, count: videoYears[year].length, isCurrent: current === year })) },
      { label: "Language", options: languages.map((code) => ({ text: labels.languages[code], url: `/spoken/${code}/`, count: spoken[code].length, isCurrent: current === code })) },
    ],
    siblings: (facts) => (members.strands[facts.strand] ?? []).slice(0, 4).filter((item) => item.data.facts !== facts).slice(0, 3),
    sharing(facts) {
      const found = new Set(facts.topics.flatMap((topic) => (members.topics[topic] ?? []).filter((item) => item.data.facts.section === "hub" && item.data.facts !== facts)));
      return [...found].sort(newestFirst).slice(0, 3);
    },
    referring: (url, section) => ({ press: mentioned, videos: shown, hub: recorded })[section][url] ?? [],
  };
}

export function facets(index, labels, current) {
  return labels.facets.map(([name, label]) => ({
    label,
    options: Object.keys(index.facet[name]).sort().map((value) => ({
      text: labels[name === "taught" ? "languages" : name][value], url: `/${name}/${value}/`, count: index.facet[name][value].length, isCurrent: current === value,
    })),
  }));
}

export const workload = (facts) => (facts.weekly_hours ? `${facts.weekly_hours} hours a week × ${facts.weeks} weeks` : "");

export function sum(items) {
  const counted = (items ?? []).filter((item) => item.data.facts.enrolments);
  return { total: counted.reduce((total, item) => total + item.data.facts.enrolments.at(-1), 0), counted: counted.length, all: (items ?? []).length };
}

function dayOf(facts, at) {
  const day = new Date(facts.counted_from);
  day.setUTCMonth(day.getUTCMonth() + at);
  return day;
}

export function chart(item, number, readable, short) {
  const totals = item.enrolments, last = totals.length - 1, shown = Math.min(71, last), most = Math.max(1, totals[last]);
  const points = Array.from({ length: shown + 1 }, (_, at) => (shown ? Math.floor((at * last) / shown) : 0))
    .map((at) => `${4 + Math.floor((at * 632) / Math.max(1, last))} ${236 - Math.floor((totals[at] * 196) / most)}`);
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].find((size) => most / size <= 3), line = points.join("L");
  const grid = Array.from({ length: Math.floor(most / step) + 1 }, (_, at) => at * step).map((total) => {
    const y = 236 - Math.floor((total * 196) / most);
    return `<path class="chart-grid" stroke="currentColor" stroke-opacity=".25" d="M0 ${y}H640"/>` + (total ? `<text class="chart-label" x="0" y="${y - 6}" fill="currentColor">${number(total)}</text>` : "");
  }).join("");
  const [first, end] = [dayOf(item, 0), dayOf(item, last)];
  const passed = [1000, 5000].map((total) => [total, totals.findIndex((value) => value >= total)]).filter(([, at]) => at >= 0)
    .map(([total, at]) => `<li>${number(total)} enrolments: ${readable(dayOf(item, at))}</li>`).join("\n");
  const growth = last ? `<p class="enrolment-growth">+${totals[last] - totals[last - 1]} in 30 days${last >= 12 ? ` and +${totals[last] - totals[last - 12]} in 365 days` : ""}</p>` : "";
  return `<div class="enrolment-chart"><svg class="chart" viewBox="0 0 640 280" width="640" height="280" role="img" aria-labelledby="chart-title chart-text" font-size="24"><title id="chart-title">Enrolments over time</title><desc id="chart-text">From ${totals[0]} on ${readable(first)} to ${number(totals[last])} on ${readable(end)}.</desc>${grid}<path class="chart-area" fill="currentColor" fill-opacity=".1" d="M4 236L${line}L636 236Z"/><path class="chart-line" fill="none" stroke="currentColor" stroke-width="4" stroke-linejoin="round" d="M${line}"/><text class="chart-label" x="4" y="270" text-anchor="start" fill="currentColor">${short(first)}</text><text class="chart-label" x="636" y="270" text-anchor="end" fill="currentColor">${short(end)}</text></svg></div>
${growth}
${passed ? `<ul class="enrolment-milestones">\n${passed}\n</ul>` : ""}`;
}

export function counted(item, labels, number, readable) {
  const facts = item.data.facts, totals = facts.enrolments, value = totals ? totals.at(-1) : null, slug = item.fileSlug;
  const day = totals && dayOf(facts, totals.length - 1), text = totals ? number(value) : "not known";
  return {
    name: `counter:course/${slug}`, value, as_of: day ? day.toISOString().slice(0, 10) : null, sample: false, source_url: null,
    label: { en: "enrolments" }, text: { en: text }, short: { en: value > 2000 ? `${number(Math.floor(value / 10) * 10)}+` : text },
    definition: { en: labels.texts.counted }, source: { en: totals ? "made-up counts" : null }, date: { en: day ? readable(day) : null },
  };
}

export function searchable(site) {
  const items = site.all.map(({ url, date, data }) => ({
    kind: data.facts.section, title: data.title, url, abstract: data.facts.abstract.slice(0, 140),
    topics: data.facts.topics, people: data.facts.people, date: date.toISOString().slice(0, 10),
  }));
  const groups = Object.entries(site.groups).flatMap(([kind, members]) => Object.values(members).map(({ slug, title, abstract }) => ({ kind, title, url: `/${kind}/${slug}/`, abstract: abstract.slice(0, 140) })));
  return [...items, ...groups];
}
