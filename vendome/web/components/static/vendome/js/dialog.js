// Native <dialog>: an element with data-dialog="ID" opens it; without scripts that element is a plain link.
export function startDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.dialog);
      if (dialog instanceof HTMLDialogElement) {
        event.preventDefault();
        dialog.showModal();
      }
      return;
    }
    // Browsers that do not know closedby="any": a click on the veil closes.
    if (event.target instanceof HTMLDialogElement && !("closedBy" in HTMLDialogElement.prototype)) {
      event.target.close();
    }
  });
}
