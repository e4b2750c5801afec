// The piece in three dimensions, only when asked for: the viewer is heavy and most visits do not need it.
// <div data-viewer data-module="…/model-viewer.min.js" data-model="….glb" data-poster="…" data-label="…"><button data-viewer-open>
export function startViewers() {
  for (const root of document.querySelectorAll("[data-viewer]")) {
    root.querySelector("[data-viewer-open]")?.addEventListener("click", () => open(root), { once: true });
  }
}

async function open(root) {
  root.setAttribute("aria-busy", "true");
  try {
    await import(root.dataset.module);
  } catch {
    root.removeAttribute("aria-busy");
    return;
  }
  const viewer = document.createElement("model-viewer");
  const settings = {
    src: root.dataset.model,
    alt: root.dataset.label ?? "",
    poster: root.dataset.poster ?? "",
    "camera-controls": "",
    "touch-action": "pan-y",
    "interaction-prompt": "none",
    "environment-image": "neutral",
    "tone-mapping": "neutral",
    "shadow-intensity": "0.6",
    exposure: "1.05",
  };
  for (const [name, value] of Object.entries(settings)) viewer.setAttribute(name, value);
  root.replaceChildren(viewer);
  root.removeAttribute("aria-busy");
  viewer.focus();
}
