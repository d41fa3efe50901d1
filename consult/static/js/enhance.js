// Improvements only: every page works without this file.
const all = (selector) => document.querySelectorAll(selector);
const root = document.documentElement;

// Bring the reader to what matters first: the error summary, else a message.
document.querySelector(".error-summary[data-focus], [data-focus]")?.focus();

// Count characters left; spoken only when the hand rests, so that it does not talk over typing.
// What is counted: the characters of a text, or the points shared among several fields.
const used = (area) =>
  "value" in area
    ? [...area.value].length
    : [...area.querySelectorAll("input")].reduce((sum, input) => sum + (Number(input.value.replace(/\s/g, "")) || 0), 0);
for (const area of all("[data-max]")) {
  const shown = document.getElementById(`${area.id}-count`);
  const max = Number(area.dataset.max);
  const form = new Intl.NumberFormat(root.lang);
  const spoken = document.createElement("span");
  spoken.className = "visually-hidden";
  spoken.setAttribute("role", "status");
  shown.after(spoken);
  let rest;
  const count = () => {
    // Line ends travel as two characters and are stored as one; astral characters count once.
    const left = max - used(area);
    const text = left < 0 ? shown.dataset.over : shown.dataset.left;
    shown.textContent = `${text} ${form.format(Math.abs(left)).replace(/\u202f/g, "\u00a0")}`;
    shown.classList.toggle("over", left < 0);
    clearTimeout(rest);
    rest = setTimeout(() => {
      if (left < max / 4 && area.contains(document.activeElement)) spoken.textContent = shown.textContent;
    }, 1200);
  };
  area.addEventListener("input", count);
  window.addEventListener("pageshow", count);
  count();
}

// A radio cannot be unticked by itself: offer it where the question is optional.
for (const group of all("fieldset[data-clearable]")) {
  const button = group.querySelector("[data-clear]");
  const show = () => {
    button.hidden = !group.querySelector("input:checked");
  };
  button.addEventListener("click", () => {
    for (const input of group.querySelectorAll("input:checked")) input.checked = false;
    group.querySelector("input").focus();
    show();
    group.dispatchEvent(new Event("change", { bubbles: true }));
  });
  group.addEventListener("change", show);
  window.addEventListener("pageshow", show);
  show();
}

// One submit at a time. The button stays usable: only a second press within five seconds is ignored.
for (const form of all("form[data-once]")) {
  let last = 0;
  form.addEventListener("submit", (event) => {
    const now = Date.now();
    if (now - last < 5000) event.preventDefault();
    else last = now;
  });
  window.addEventListener("pageshow", () => {
    last = 0;
  });
}

for (const button of all("[data-print]")) {
  button.addEventListener("click", () => window.print());
  button.hidden = false;
}

// Light or dark: follows the system until the reader chooses; remembered on this device alone.
const dark = matchMedia("(prefers-color-scheme: dark)");
const remember = (value) => {
  try {
    if (value) localStorage.setItem("scheme", value);
    return localStorage.getItem("scheme");
  } catch {
    return value; // storage may be refused: the choice then lasts for this page
  }
};
const chosen = remember();
if (chosen === "light" || chosen === "dark") root.dataset.scheme = chosen;
for (const button of all("[data-scheme-switch]")) {
  const now = () => root.dataset.scheme ?? (dark.matches ? "dark" : "light");
  const label = () => {
    button.lastElementChild.textContent =
      now() === "dark" ? button.dataset.light : button.dataset.dark;
  };
  button.addEventListener("click", () => {
    root.dataset.scheme = now() === "dark" ? "light" : "dark";
    remember(root.dataset.scheme);
    label();
  });
  dark.addEventListener("change", label);
  label();
  button.hidden = false;
}
