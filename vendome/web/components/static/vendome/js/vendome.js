// Starts the small modules of every page. Each one finds its own elements and does nothing without them.
import { startDialogs } from "./dialog.js";
import { startLive } from "./live.js";
import { startMenus } from "./menu.js";
import { startQuantities } from "./quantity.js";
import { startRefused } from "./refused.js";
import { startTabs } from "./tabs.js";
import { startTheme } from "./theme.js";
import { startToasts } from "./toast.js";

document.documentElement.dataset.ready = "";
startTheme();
startMenus();
startDialogs();
startQuantities();
startToasts();
startLive();
startTabs();
startRefused();

if (document.querySelector("[data-topics]")) {
  import("./topics.js").then(({ startTopics }) => startTopics());
}
if (document.querySelector("[data-turntable]")) {
  import("./turntable.js").then(({ startTurntables }) => startTurntables());
}
if (document.querySelector("[data-viewer]")) {
  import("./viewer.js").then(({ startViewers }) => startViewers());
}
