// A long list of boxes in topics: one box for a whole topic, and a search over all of them. Without scripts the topic's own
// box says the same to the server.
const all = (root, what) => [...root.querySelectorAll(what)];

function follow(topic) {
  const whole = topic.querySelector("[data-topic-all]");
  const boxes = all(topic, "[data-topic-one]");
  const count = topic.querySelector("[data-topic-count]");
  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    whole.checked = chosen === boxes.length;
    whole.indeterminate = chosen > 0 && chosen < boxes.length;
    count.textContent = chosen ? `${chosen} / ${boxes.length}` : "";
  };
  if (whole.checked) boxes.forEach((box) => (box.checked = true));
  whole.addEventListener("change", () => {
    boxes.filter((box) => !box.closest("label").hidden).forEach((box) => (box.checked = whole.checked));
    show();
  });
  topic.addEventListener("change", (event) => event.target !== whole && show());
  topic.closest("form").addEventListener("submit", () => {
    if (whole.indeterminate) whole.checked = false;
  });
  show();
}

export function startTopics() {
  for (const list of all(document, "[data-topics]")) {
    const topics = all(list, "[data-topic]");
    topics.forEach(follow);
    const search = list.querySelector("[data-topics-search]");
    search.hidden = false;
    search.querySelector("input").addEventListener("input", (event) => {
      const wanted = event.target.value.trim().toLowerCase();
      for (const topic of topics) {
        const hits = all(topic, "[data-topic-one]").filter((box) => {
          const label = box.closest("label");
          label.hidden = !`${label.textContent} ${box.value}`.toLowerCase().includes(wanted);
          return !label.hidden;
        });
        topic.hidden = hits.length === 0;
        if (wanted) topic.querySelector("details").open = true;
      }
    });
  }
}
