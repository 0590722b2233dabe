// What makes the pages smoother. Every form and link works without it.
import 'htmx.org';
import './confirm.js';
import './menu.js';
import './notice.js';
import './search.js';
import './ticks.js';
import './toggle.js';
