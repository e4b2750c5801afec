// Short answers at the foot of the page. They stay long enough to be read, and while the pointer or focus is on them.
const READING_TIME = 7000;

function keep(toast) {
  let timer = setTimeout(() => toast.remove(), READING_TIME);
  const hold = () => clearTimeout(timer);
  const release = () => {
    timer = setTimeout(() => toast.remove(), READING_TIME);
  };
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("pointerleave", release);
  toast.addEventListener("focusout", release);
  toast.querySelector("[data-toast-close]")?.addEventListener("click", () => toast.remove());
}

export function say(text) {
  const place = document.getElementById("toasts");
  if (!place) return;
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.textContent = text;
  place.append(toast);
  keep(toast);
}

export function startToasts() {
  const place = document.getElementById("toasts");
  if (!place) return;
  place.querySelectorAll("[data-toast]").forEach(keep);
  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) if (node.matches?.("[data-toast]")) keep(node);
    }
  }).observe(place, { childList: true });
  document.addEventListener("vendome:say", (event) => say(event.detail));
  // What htmx could not fetch, or the server could not answer. Refusals (4xx) are drawn in their place.
  document.addEventListener("htmx:error", () => say(place.dataset.labelFailed));
  document.addEventListener("htmx:response:error", (event) => {
    const response = event.detail?.ctx?.response;
    const own = response?.headers.get("Content-Type")?.startsWith("text/plain"); // an overrun house says so itself
    if (response?.status >= 500) say(own ? event.detail.ctx.text : place.dataset.labelFailed);
  });
}
