// What she types into a form stays with her tab: a look at the bag, another language or a sign-in loses no word of it.
// It leaves with the order, with the tab, and with whoever signs in after her. Codes that are worth money are not kept.
const TYPED = "input[type=text], input[type=email], input[type=tel], textarea";
const NEVER = new Set(["gift_code"]);

function read(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name)) ?? null;
  } catch {
    return null;
  }
}

function keep(form) {
  const name = `kept:${form.dataset.keep}`;
  const who = form.dataset.keepFor ?? "";
  const fields = [...form.querySelectorAll(TYPED)].filter((field) => field.name && !NEVER.has(field.name));
  const kept = read(name);
  const came = !form.querySelector("[aria-invalid=true]"); // what the server sent back is what she typed last
  const save = () => {
    const words = Object.fromEntries(fields.map((field) => [field.name, field.value]));
    try {
      sessionStorage.setItem(name, JSON.stringify({ who, words }));
    } catch {
      // a browser that keeps nothing
    }
  };
  const isTyped = (field) => field.value !== field.defaultValue; // she was quicker than this script
  if (kept && kept.who !== "" && kept.who !== who) sessionStorage.removeItem(name);
  else if (kept && came) {
    for (const field of fields) {
      const text = kept.words?.[field.name];
      if (text && !isTyped(field) && (kept.who === who || !field.value)) field.value = text;
    }
  }
  if (fields.some(isTyped)) save();
  form.addEventListener("input", save);
}

for (const form of document.querySelectorAll("form[data-keep]")) keep(form);
for (const done of document.querySelectorAll("[data-forget]")) {
  if (read(`kept:${done.dataset.forget}`)) sessionStorage.removeItem(`kept:${done.dataset.forget}`);
}
