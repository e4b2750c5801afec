// The two hands of a quantity field.
export function startQuantities() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-less], [data-more]");
    const input = button?.closest("[data-quantity]")?.querySelector("input");
    if (!input) return;
    const before = input.value;
    if ("more" in button.dataset) input.stepUp();
    else input.stepDown();
    if (input.value !== before) input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
