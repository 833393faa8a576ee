// Loads the page again when the preview has built the site anew.
const shown = document.currentScript.dataset.build;
const builds = new EventSource("/_preview/builds");

builds.addEventListener("message", (event) => {
  if (event.data !== shown) {
    builds.close();
    location.reload();
  }
});
