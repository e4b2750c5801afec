// The bag in the masthead counts itself: a change on another device, or by an advisor, arrives without a reload.
const address = new URL(document.querySelector("script[data-bag-count]").dataset.bagCount, location.href);

document.addEventListener("vendome:orders.basket_changed", async () => {
  const answer = await fetch(address, { headers: { Accept: "text/plain" } });
  if (!answer.ok) return;
  const place = document.getElementById("bag-count");
  if (place) place.textContent = await answer.text();
});

// A select or radio that answers at once when there are scripts; its button is for when there are none.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-at-once]");
  if (form) form.requestSubmit();
});
