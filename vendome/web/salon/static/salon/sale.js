// A sale is its address: whoever adds a line or chooses a client goes to another one. What was typed about the payment
// goes along; a code is never written into an address, only that one was typed, so that the page can ask for it again.
const sale = document.querySelector("form[data-carried]");

if (sale) {
  document.querySelector(".sell").addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || link.pathname !== location.pathname) return;
    const address = new URL(link.href);
    const typed = new FormData(sale);
    for (const name of sale.dataset.carried.split(" ")) {
      address.searchParams.delete(name);
      if (typed.get(name)?.trim()) address.searchParams.set(name, typed.get(name));
    }
    address.searchParams.delete("sealed");
    if (sale.dataset.sealed in sale.elements && sale.elements[sale.dataset.sealed].value.trim()) {
      address.searchParams.set("sealed", "1");
    }
    link.href = address.href;
  });
}
