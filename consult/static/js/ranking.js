// Put a list in order without sending the page. Without this file its buttons send it.
for (const box of document.querySelectorAll("[data-rank]")) {
  const [ranked, rest] = box.querySelectorAll(".rank");
  const status = box.querySelector("[role=status]");
  const limit = Number(box.dataset.rank);
  const button = (entry, act) => entry.querySelector(`[value*=".${act}."]`);
  const refresh = () => {
    const all = [...ranked.children];
    for (const entry of box.querySelectorAll("li")) {
      const at = all.indexOf(entry);
      entry.querySelector("input").disabled = at < 0;
      button(entry, "add").hidden = at >= 0 || all.length >= limit;
      for (const act of ["up", "down", "out"]) button(entry, act).hidden = at < 0;
      button(entry, "up").ariaDisabled = at ? null : "true";
      button(entry, "down").ariaDisabled = at === all.length - 1 ? "true" : null;
    }
    rest.previousElementSibling.hidden = !rest.children.length;
  };
  const work = {
    add: (entry) => ranked.append(entry),
    up: (entry) => entry.previousElementSibling?.before(entry),
    down: (entry) => entry.nextElementSibling?.after(entry),
    out: (entry) => rest.insertBefore(entry, [...rest.children].find((other) => Number(other.dataset.at) > Number(entry.dataset.at)) ?? null),
  };
  box.addEventListener("click", (event) => {
    const pressed = event.target.closest("[name=page-move]");
    if (!pressed) return;
    event.preventDefault();
    const act = pressed.value.split(".").at(-2);
    const entry = pressed.closest("li");
    work[act](entry);
    refresh();
    button(entry, { add: "up", out: "add" }[act] ?? act).focus();
    const place = [...ranked.children].indexOf(entry) + 1;
    const values = { item: entry.querySelector("span").textContent.trim(), place, total: limit };
    status.textContent = box.dataset[place ? "said" : "out"].replace(/\{(\w+)\}/g, (_all, name) => values[name]);
    box.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
