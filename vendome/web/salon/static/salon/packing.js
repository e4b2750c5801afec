// Each scanned number ticks its piece off; what is left to scan is said. The server counts again.
const scans = document.querySelector("[data-scans]");
const expected = [...document.querySelectorAll("[data-expected] [data-serial]")].filter((line) => line.dataset.serial);
const state = document.querySelector("[data-scan-state]");

const count = () => {
  const seen = new Set(scans.value.toUpperCase().split(/[\s,]+/));
  let left = 0;
  for (const line of expected) {
    const done = seen.has(line.dataset.serial.toUpperCase());
    line.classList.toggle("is-scanned", done);
    if (!done) left += 1;
  }
  if (state && expected.length) state.textContent = left ? `${left} ${state.dataset.some}` : state.dataset.all;
};

if (scans) {
  scans.addEventListener("input", count);
  count();
}
