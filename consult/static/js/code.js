// Pages to keep, and those that show or take a code: print, copy, read a QR code, forget what goes with it.
const all = (selector) => document.querySelectorAll(selector);

for (const button of all("[data-copy]")) {
  const source = document.querySelector(button.dataset.copy);
  const status = button.parentElement.querySelector("[data-copy-status]");
  const copy = async () => {
    const text = source.textContent.trim();
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Over plain HTTP there is no clipboard interface: copy the selection instead.
      getSelection().selectAllChildren(source);
      if (!document.execCommand("copy")) return;
      getSelection().removeAllRanges();
    }
    status.textContent = button.dataset.done;
  };
  button.addEventListener("click", copy);
  button.hidden = false;
}

for (const button of all("[data-print]")) {
  button.addEventListener("click", () => window.print());
  button.hidden = false;
}

// A code from a QR code.
const field = document.getElementById("typed");
if (field && location.hash.length > 20) {
  field.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
}

// Copies go with the sheet.
for (const place of all("[data-sent]")) {
  const forget = () => {
    try {
      for (const name in localStorage) if (name.startsWith(place.dataset.sent)) localStorage.removeItem(name);
    } catch {}
  };
  if (place.tagName === "FORM") place.addEventListener("submit", forget);
  else forget();
}
