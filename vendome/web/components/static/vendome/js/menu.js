// Menus are <details>: they open without scripts. This adds Escape, a click outside, and one open at a time.
export function startMenus() {
  const menus = [...document.querySelectorAll("details[data-menu]")];
  if (menus.length === 0) return;

  const close = (menu, refocus) => {
    if (!menu.open) return;
    menu.open = false;
    if (refocus) menu.querySelector("summary").focus();
  };
  for (const menu of menus) {
    menu.addEventListener("toggle", () => {
      if (menu.open) menus.filter((other) => other !== menu).forEach((other) => close(other, false));
    });
    menu.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !menu.contains(event.relatedTarget)) close(menu, false);
    });
    menu.addEventListener("click", (event) => {
      if (event.target.closest("a")) close(menu, false);
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") menus.forEach((menu) => close(menu, menu.contains(document.activeElement)));
  });
  document.addEventListener("pointerdown", (event) => {
    menus.filter((menu) => !menu.contains(event.target)).forEach((menu) => close(menu, false));
  });
}
