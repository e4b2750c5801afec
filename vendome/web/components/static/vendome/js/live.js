// One event stream per page. Every event becomes a "vendome:KIND" event on document; stock changes are written
// into the page here, in the words the server put beside them.
const LABELS = { AVAILABLE: "labelAvailable", LAST: "labelLast", NONE: "labelNone" };
// An EventSource hears only the kinds it names; a page adds its own with data-live-kinds on <body>.
const KINDS = [
  "stock.level_changed",
  "stock.allocation_changed",
  "stock.entry_changed",
  "stock.count_read",
  "orders.basket_changed",
  "orders.order_placed",
  "orders.order_expired",
  "payments.payment_captured",
  "fulfilment.handed_over",
  "fulfilment.parcel_packed",
  "fulfilment.parcel_booked",
  "fulfilment.parcel_dispatched",
  "fulfilment.parcel_tracked",
  "fulfilment.parcel_delivered",
  "orders.selection_sent",
  "orders.selection_withdrawn",
  "orders.selection_seen",
  "orders.selection_taken",
  "clients.client_created",
];
const PATIENCE = 30000;

function showState(state) {
  for (const place of document.querySelectorAll("[data-live-state]")) {
    place.dataset.liveState = state;
    place.textContent = state === "live" ? place.dataset.labelLive : place.dataset.labelWaiting;
    place.hidden = false;
  }
}

export function showStock({ reference, places, any }) {
  for (const element of document.querySelectorAll(`[data-availability][data-reference="${CSS.escape(reference)}"]`)) {
    const { place } = element.dataset;
    // Without a place the element speaks for the whole house, which only the server can: then it says `any`.
    let state = place ? places?.[place] : undefined;
    if (!place && typeof any === "boolean") state = any ? "AVAILABLE" : "NONE";
    if (!(state in LABELS) || element.dataset.state === state) continue;
    element.dataset.state = state;
    element.textContent = element.dataset[LABELS[state]] ?? element.textContent;
    element.classList.remove("has-changed");
    void element.offsetWidth;
    element.classList.add("has-changed");
  }
}

export function startLive() {
  document.addEventListener("vendome:stock.level_changed", (event) => showStock(event.detail));
  const { live: token, liveKinds } = document.body.dataset;
  if (!token) return;
  const kinds = new Set([...KINDS, ...(liveKinds ?? "").split(" ").filter(Boolean)]);
  let stream;
  let wait = 1000;

  const hear = (event) => {
    let detail;
    try {
      detail = JSON.parse(event.data);
    } catch {
      return;
    }
    document.dispatchEvent(new CustomEvent(`vendome:${event.type}`, { detail }));
  };

  const connect = () => {
    stream = new EventSource(`/live/?t=${encodeURIComponent(token)}`);
    stream.addEventListener("open", () => {
      wait = 1000;
      showState("live");
    });
    stream.addEventListener("error", () => {
      showState("waiting");
      // The browser retries a dropped stream by itself; a refused one (an old token, a restart) it gives up on.
      if (stream.readyState === EventSource.CLOSED) {
        setTimeout(connect, wait);
        wait = Math.min(wait * 2, PATIENCE);
      }
    });
    for (const kind of kinds) stream.addEventListener(kind, hear);
  };

  addEventListener("pagehide", () => stream?.close());
  addEventListener("pageshow", (event) => {
    if (event.persisted) connect();
  });
  connect();
}
