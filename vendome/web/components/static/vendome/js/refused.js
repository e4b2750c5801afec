// A form that was refused is answered with its page. Back and reload shall show the page it was sent from, not ask to
// send it again: this entry of the history becomes that page.
export function startRefused() {
  if (!("refused" in document.body.dataset) || !document.referrer) return;
  const from = new URL(document.referrer);
  if (from.origin === location.origin) history.replaceState(null, "", from.pathname + from.search);
}
