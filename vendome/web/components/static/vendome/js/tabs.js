// On a narrow screen tabs scroll sideways: the one she is on is brought into sight, without moving the page.
export function startTabs() {
  for (const tabs of document.querySelectorAll(".tabs")) {
    const here = tabs.querySelector("[aria-current], [aria-selected='true']");
    if (!here || tabs.scrollWidth <= tabs.clientWidth) continue;
    const before = here.getBoundingClientRect().left - tabs.getBoundingClientRect().left;
    tabs.scrollLeft += before - (tabs.clientWidth - here.offsetWidth) / 2;
  }
}
