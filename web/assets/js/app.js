// What makes the pages smoother. Every form and link works without it.
import 'htmx.org';
import './ask.js';
import './confirm.js';
import './followups.js';
import './inplace.js';
import './menu.js';
import './notice.js';
import './part.js';
import './popup.js';
import './rows.js';
import './search.js';
import './segments.js';
import './ticks.js';
import './toggle.js';
import './undo.js';
import './walk.js';
import './window.js';
