// The piece in three dimensions, only when asked for: the viewer is heavy and most visits do not need it.
// <div data-viewer data-module="…/model-viewer.min.js" data-model="….glb" data-poster="…" data-name="…">
//   the picture …  <button data-viewer-open data-label-close="…"><span>In three dimensions</span></button>
// </div>
const LOOK = {
  "camera-controls": "",
  "touch-action": "pan-y",
  "interaction-prompt": "none",
  "environment-image": "neutral",
  "tone-mapping": "neutral",
  "shadow-intensity": "0.6",
  exposure: "1.05",
};

export function startViewers() {
  for (const root of document.querySelectorAll("[data-viewer]")) {
    const button = root.querySelector("[data-viewer-open]");
    button?.addEventListener("click", () => toggle(root, button));
  }
}

// The viewer writes its look as an inline <style>, which our policy refuses; the same words are allowed as a sheet.
function adoptStyles(shadow) {
  for (const style of shadow?.querySelectorAll("style") ?? []) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style.textContent);
    shadow.adoptedStyleSheets.push(sheet);
  }
}

async function toggle(root, button) {
  const shown = root.querySelector("model-viewer");
  const words = button.querySelector("span") ?? button;
  if (shown) {
    shown.remove();
    words.textContent = button.dataset.labelOpen;
    delete root.dataset.open;
    return;
  }
  root.setAttribute("aria-busy", "true");
  try {
    await import(root.dataset.module);
  } catch {
    root.removeAttribute("aria-busy");
    button.remove(); // the picture is still there
    return;
  }
  const viewer = document.createElement("model-viewer");
  const settings = { ...LOOK, src: root.dataset.model, alt: root.dataset.name ?? "", poster: root.dataset.poster ?? "" };
  for (const [name, value] of Object.entries(settings)) viewer.setAttribute(name, value);
  root.prepend(viewer);
  await viewer.updateComplete;
  adoptStyles(viewer.shadowRoot);
  root.dataset.open = "";
  button.dataset.labelOpen ??= words.textContent;
  words.textContent = button.dataset.labelClose;
  root.removeAttribute("aria-busy");
}
