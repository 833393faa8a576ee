// Sets the colour scheme that the reader chose before the page is painted.
try {
  const scheme = localStorage.getItem("scheme");
  if (scheme === "light" || scheme === "dark") document.documentElement.dataset.scheme = scheme;
} catch { /* storage is closed: the system's scheme stands */ }
// A list of which the address asks something comes when that is found (elements/facet-filter.js). Who comes from another
// site with it waits for that, and for no font (tokens.css).
if (location.search) {
  document.documentElement.dataset.asked = "";
  if (!document.referrer.startsWith(`${location.origin}/`)) document.documentElement.dataset.first = "";
}
