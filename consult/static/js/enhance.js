// Improvements only: every page works without this file.
const all = (selector) => document.querySelectorAll(selector);
const root = document.documentElement;

// The error summary first, else a message.
document.querySelector(".error-summary[data-focus], [data-focus]")?.focus();

// What is left of a text or of points; spoken when the hand rests.
const used = (area) =>
  area.value === undefined
    ? [...area.querySelectorAll("input")].reduce((sum, input) => sum + (Number(input.value.replace(/\s/g, "")) || 0), 0)
    : [...area.value].length;
for (const area of all("[data-max]")) {
  const shown = document.getElementById(`${area.id}-count`);
  const { max } = area.dataset;
  const spoken = document.createElement("span");
  spoken.className = "visually-hidden";
  spoken.setAttribute("role", "status");
  shown.after(spoken);
  let rest;
  const count = () => {
    const left = max - used(area);
    const number = Math.abs(left).toLocaleString(root.lang).replace(/\s/g, "\u00a0");
    shown.textContent = `${shown.dataset[left < 0 ? "over" : "left"]} ${number}`;
    shown.classList.toggle("over", left < 0);
    clearTimeout(rest);
    rest = setTimeout(() => {
      if (left < max / 4 && area.contains(document.activeElement)) spoken.textContent = shown.textContent;
    }, 1200);
  };
  area.addEventListener("input", count);
  addEventListener("pageshow", count);
  count();
}

// A radio cannot be unticked by itself.
for (const group of all("[data-clearable]")) {
  const button = group.querySelector("[data-clear]");
  const show = () => (button.hidden = !group.querySelector("input:checked"));
  button.addEventListener("click", () => {
    for (const input of group.querySelectorAll("input:checked")) input.checked = false;
    group.querySelector("input").focus();
    group.dispatchEvent(new Event("change", { bubbles: true }));
  });
  group.addEventListener("change", show);
  addEventListener("pageshow", show);
  show();
}

// One submit in five seconds.
for (const form of all("[data-once]")) {
  let last = 0;
  form.addEventListener("submit", (event) => {
    const now = Date.now();
    if (now - last < 5000) event.preventDefault();
    else last = now;
  });
  addEventListener("pageshow", () => (last = 0));
}

// Light or dark.
const dark = matchMedia("(prefers-color-scheme: dark)");
const other = () => ((root.dataset.scheme ?? (dark.matches ? "dark" : "light")) === "dark" ? "light" : "dark");
const remember = (value) => {
  try {
    if (value) localStorage.setItem("scheme", value);
    return localStorage.getItem("scheme");
  } catch {} // it may be refused
};
const chosen = remember();
if (/^(light|dark)$/.test(chosen)) root.dataset.scheme = chosen;
for (const button of all("[data-scheme-switch]")) {
  const label = () => (button.lastElementChild.textContent = button.dataset[other()]);
  button.addEventListener("click", () => {
    remember((root.dataset.scheme = other()));
    label();
  });
  dark.addEventListener("change", label);
  label();
  button.hidden = false;
}
