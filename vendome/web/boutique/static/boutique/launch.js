// Counts down to the moments a launch page names, by the server's clock: a phone that is minutes off sees the same hour.
// Without it the page shows the hour itself.
const pad = (number) => String(number).padStart(2, "0");

function words(seconds, names) {
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor(seconds / 3600) % 24;
  const rest = `${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
  if (days) return `${days} ${days === 1 ? names.day : names.days} ${pad(hours)}:${rest}`;
  return hours ? `${pad(hours)}:${rest}` : rest;
}

const behind = new WeakMap(); // element -> by how much this machine's clock differs from the server's
let asked = "";

function tick() {
  for (const clock of document.querySelectorAll("[data-countdown]")) {
    if (behind.get(clock)?.now !== clock.dataset.now) {
      behind.set(clock, { now: clock.dataset.now, by: Date.now() - Date.parse(clock.dataset.now) });
    }
    const left = Math.ceil((Date.parse(clock.dateTime) - (Date.now() - behind.get(clock).by)) / 1000);
    if (left > 0) {
      clock.textContent = words(left, clock.dataset);
    } else if (asked !== clock.dateTime) {
      // Everybody's clock strikes at once: the pages ask within three seconds, not all in the same one.
      asked = clock.dateTime;
      clock.textContent = words(0, clock.dataset);
      const ask = () => document.dispatchEvent(new CustomEvent("vendome:stock.allocation_changed"));
      setTimeout(ask, 500 + Math.random() * 2500);
      setTimeout(ask, 5000 + Math.random() * 2500);
    }
  }
}

tick();
setInterval(tick, 250);
