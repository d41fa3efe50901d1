// Save while people type.
const form = document.querySelector("form[data-autosave]");
const status = form.querySelector("p.autosave");
const shared = form.querySelector("[data-shared]");
const { autosave: address, draft: name } = form.dataset;
const field = (key) => form.elements[`page-${key}`];
const storage = (work) => {
  try {
    return work(localStorage);
  } catch {
    return null;
  }
};
const typed = () => [...new FormData(form)].filter(([key]) => key.startsWith("q-"));
const say = (what) => (status.textContent = status.dataset[what]);
const forget = () => storage((s) => s.removeItem(name));
let dirty, failed, back, timer, wait, busy;

// A copy stays on the device only where saving failed.
const copy = () =>
  !shared.checked && storage((s) => (s.setItem(name, JSON.stringify({ base: field("base").value, typed: typed() })), true));
const later = (delay) => {
  clearTimeout(timer);
  timer = setTimeout(save, delay, false);
};
const save = async (leaving) => {
  if (!dirty || (busy && !leaving)) return;
  dirty = false;
  const mine = (busy = new AbortController());
  field("turn").value++;
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(address, { method: "POST", body, keepalive: true, signal: mine.signal });
    if (answer.status > 409) throw answer;
    if (answer.ok) {
      field("base").value = await answer.text();
      failed = false;
      wait = 0;
      forget();
      if (!dirty && !back) say("saved");
    } else say("refused");
  } catch {
    if (mine.signal.aborted) return;
    failed = dirty = true;
    say(copy() ? "copied" : "unsaved");
    wait = Math.min(6e4, (wait || 2500) * 2);
    later(wait);
  } finally {
    busy = null;
  }
  if (dirty && !failed) later(1000);
};
const changed = () => {
  dirty = true;
  back = false;
  if (failed) copy();
  later(failed ? wait : 1500);
};
const restore = () => {
  const text = storage((s) => s.getItem(name));
  if (!text) return;
  const kept = JSON.parse(text);
  if (JSON.stringify(kept.typed) === JSON.stringify(typed())) return forget();
  for (const input of form.querySelectorAll("[name^=q-]:not(button)")) {
    const box = /box|radio/.test(input.type);
    const at = kept.typed.findIndex(([key, value]) => key === input.name && (!box || value === input.value));
    const [found] = at < 0 ? [] : kept.typed.splice(at, 1);
    if (box) input.checked = !!found;
    else input.value = found?.[1] ?? "";
  }
  field("base").value = kept.base;
  form.dispatchEvent(new Event("change"));
  back = true;
  say("restored");
};

shared.checked = storage((s) => s.getItem("shared-device")) === "yes";
shared.parentElement.hidden = false;
shared.addEventListener("change", (event) => {
  event.stopPropagation();
  storage((s) => (shared.checked ? s.setItem("shared-device", "yes") : s.removeItem("shared-device")));
  if (shared.checked) forget();
});
form.addEventListener("input", (event) => event.target !== shared && changed());
form.addEventListener("change", changed);
form.addEventListener("submit", () => {
  clearTimeout(timer);
  busy?.abort();
  if (failed) copy();
  dirty = false;
  field("turn").value++;
});
addEventListener("online", () => dirty && later(0));
addEventListener("pagehide", () => {
  if (dirty && (failed || !navigator.onLine)) copy();
  save(true);
});
restore();
