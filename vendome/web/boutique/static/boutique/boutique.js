// The bag in the masthead counts itself: a change on another device, or by an advisor, arrives without a reload.
const address = new URL(document.querySelector("script[data-bag-count]").dataset.bagCount, location.href);

document.addEventListener("vendome:orders.basket_changed", async () => {
  const answer = await fetch(address, { headers: { Accept: "text/plain" } });
  if (!answer.ok) return;
  const place = document.getElementById("bag-count");
  if (place) place.textContent = await answer.text();
});

// A picture that is still to be taken leaves its quiet ground.
const rest = (picture) => {
  picture.hidden = true;
};
for (const picture of document.images) {
  if (picture.complete && picture.naturalWidth === 0 && picture.loading !== "lazy") rest(picture);
}
document.addEventListener("error", (event) => event.target instanceof HTMLImageElement && rest(event.target), true);

// A form that came back has its first wrong line under her hand.
document.querySelector("main form [aria-invalid=true]")?.focus();
