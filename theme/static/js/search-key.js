// "/" leads to the search from any page, unless the reader turned it off on the page of search (search/page.js).

const KEY = "search-key";
// The field of the page of search, which takes the focus from an address that ends in it.
const FIELD = "#field:finder-field";

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select, [contenteditable]") || isOff()) return;
  const field = document.querySelector("main .search-field");
  const link = document.querySelector("a[rel=search]");
  if (!field && !link) return;
  event.preventDefault();
  if (field) field.focus();
  else location.assign(link.href + FIELD);
});

function isOff() {
  try {
    return localStorage.getItem(KEY) === "off";
  } catch {
    return false;
  }
}
