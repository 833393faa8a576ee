// Upgrades what already works: one custom element a file. They are published in one piece.
import "./elements/copy-text.js";
import "./elements/facet-filter.js";
import "./elements/lazy-video.js";
import "./elements/live-counter.js";
import "./elements/theme-toggle.js";
import "./elements/timed-text.js";
import "./search-key.js";
