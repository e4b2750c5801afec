// What she types into a form stays with her tab: a look at the bag, another language or a sign-in loses no word of it.
// It leaves with the order, with the tab, when she signs out, and before anybody else: `data-keep-for` is the client's id,
// empty for a guest. A guest's words are hers after she has signed in, unless she wrote another address than the account's.
// What the house has filled in is never written over. Codes that are worth money and cards are not kept.
const TYPED = "input[type=text], input[type=email], input[type=tel], textarea";
const NEVER = new Set(["gift_code"]);

function read(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name)) ?? null;
  } catch {
    return null;
  }
}

function isHers(kept, who, form) {
  if (kept.who === who) return true;
  const wrote = kept.words?.email ?? "";
  const known = form.elements.email?.defaultValue ?? "";
  return kept.who === "" && (wrote === "" || wrote.toLowerCase() === known.toLowerCase());
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
  if (kept && !isHers(kept, who, form)) sessionStorage.removeItem(name);
  else if (kept && came) {
    for (const field of fields) {
      const text = kept.words?.[field.name];
      if (text && !field.value && !field.defaultValue) field.value = text;
    }
  }
  if (fields.some(isTyped)) save();
  form.addEventListener("input", save);
}

for (const form of document.querySelectorAll("form[data-keep]")) keep(form);
for (const done of document.querySelectorAll("[data-forget]")) {
  if (read(`kept:${done.dataset.forget}`)) sessionStorage.removeItem(`kept:${done.dataset.forget}`);
}
