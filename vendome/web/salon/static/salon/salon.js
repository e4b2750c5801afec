// The salon's own few lines: a quiet word when a paid order comes in (no sound), and the print button of a receipt.
const words = document.querySelector("[data-arrival]")?.dataset.arrival;

if (words) {
  document.addEventListener("vendome:payments.payment_captured", () => {
    document.dispatchEvent(new CustomEvent("vendome:say", { detail: words }));
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => print());
}
