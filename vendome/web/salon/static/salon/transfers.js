// Ticking off a transfer: a reader types a number and Enter; its line is ticked, or the number is kept for the form.
for (const form of document.querySelectorAll("[data-tick-off]")) {
  const scan = form.querySelector("[data-scan]");
  const kept = form.querySelector("[data-scan-codes]");
  const said = form.querySelector("[data-scan-said]");
  const words = form.querySelector("[data-scan-words-found]").dataset;

  const box = form.querySelector("[data-scan-kept]");
  const show = () => { box.hidden = kept.value.trim() === ""; };
  show();

  const tick = (code) => {
    const boxes = [...form.querySelectorAll("[data-codes]")];
    const found = boxes.find((one) => one.dataset.codes.toUpperCase().split(" ").includes(code));
    if (found) {
      found.checked = true;
      found.closest("li").scrollIntoView({ block: "nearest" });
      said.textContent = `${words.scanWordsFound}: ${code}`;
      return;
    }
    if (!kept.value.toUpperCase().split(/\s+/).includes(code)) kept.value = `${kept.value} ${code}`.trim();
    said.textContent = `${words.scanWordsNew}: ${code}`;
    show();
  };

  scan.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // a reader's Enter ticks a line, it does not send the form
    for (const code of scan.value.toUpperCase().split(/\s+/).filter(Boolean)) tick(code);
    scan.value = "";
  });
  // What is left in the box when the form goes is not lost.
  form.addEventListener("submit", () => {
    for (const code of scan.value.toUpperCase().split(/\s+/).filter(Boolean)) tick(code);
  });
}
