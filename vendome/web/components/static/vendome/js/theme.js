// Day or evening: the system decides until the visitor does; her choice is a cookie, so the server draws it at once.
const YEAR = 60 * 60 * 24 * 365;
const system = matchMedia("(prefers-color-scheme: dark)");

const current = () => document.documentElement.dataset.theme || (system.matches ? "evening" : "day");

function label(button) {
  const next = current() === "evening" ? "day" : "evening";
  const word = button.querySelector("[data-theme-word]");
  if (word) word.textContent = next === "day" ? button.dataset.labelDay : button.dataset.labelEvening;
  const use = button.querySelector("use");
  if (use) use.setAttribute("href", use.getAttribute("href").replace(/#.*/, next === "day" ? "#sun" : "#moon"));
}

export function startTheme() {
  const buttons = document.querySelectorAll("[data-theme-toggle]");
  const relabel = () => buttons.forEach(label);
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const next = current() === "evening" ? "day" : "evening";
      document.documentElement.dataset.theme = next;
      document.cookie = `theme=${next}; path=/; max-age=${YEAR}; samesite=lax`;
      relabel();
    });
  }
  system.addEventListener("change", relabel);
  relabel();
}
