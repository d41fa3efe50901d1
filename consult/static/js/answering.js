// Sooner than the server: docs/developers/interface.md.

// Trees of conditions are data, run by this table; null is "no answer".
const finite = (n) => (Number.isFinite(n) ? n + 0 : null);
const has = (part) => part !== null && part !== "";
const day = (text) => {
  const date = new Date(/^(?!0000)\d{4}-\d\d-\d\d$/.test(text) ? text : "");
  return date.getTime() === date.getTime() && date.toISOString().startsWith(text) ? text : null;
};
const number = (value) => {
  if (typeof value === "number" || value === null) return value;
  const text = `${value}`.trim();
  return /^-?(?=.{1,20}$)\d+(\.\d+)?$/.test(text) ? Number(text) : null;
};
const both = (work, missing) => (a, b) => (a === null || b === null ? missing : work(a, b));
const test = (work) => both(work, false);
const sum = (work) => both((a, b) => finite(work(a, b)), null);
const pick = (work) => (...all) => {
  const known = all.filter((value) => value !== null);
  return known.length ? work(...known) : null;
};
const work = {
  "=": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": test((a, b) => a < b),
  "<=": test((a, b) => a <= b),
  ">": test((a, b) => a > b),
  ">=": test((a, b) => a >= b),
  "+": sum((a, b) => a + b),
  "-": sum((a, b) => a - b),
  "*": sum((a, b) => a * b),
  div: sum((a, b) => a / b),
  mod: sum((a, b) => a % b),
  neg: sum((a) => 0 - a),
  and: (...all) => all.every((value) => value === true),
  or: (...all) => all.includes(true),
  not: (a) => a !== true,
  true: () => true,
  false: () => false,
  if: (a, b, c) => (a === true ? b : c),
  coalesce: (...all) => all.find((value) => value !== null) ?? null,
  answered: (a) => a !== null,
  selected: (a, b) => b !== null && (Array.isArray(a) ? a.includes(b) : a === b),
  "count-selected": (a) => (Array.isArray(a) ? a.length : 0),
  min: pick(Math.min),
  max: pick(Math.max),
  round: sum((a, places = 0) => Math.floor(a * 10 ** places + 0.5) / 10 ** places),
  int: sum(Math.trunc),
  number,
  "string-length": (a) => [...(a ?? "")].length,
  contains: (a, b) => has(b) && (a ?? "").includes(b),
  "starts-with": (a, b) => has(b) && (a ?? "").startsWith(b),
  date: day,
};

// `values` holds answers by code, and the day of "today()".
export const evaluate = (tree, values) => {
  if (!Array.isArray(tree)) return tree === "" ? null : tree;
  const [name, ...parts] = tree;
  if (name === "$") return values[parts] ?? null;
  if (name === "today") return values["today()"] ?? null;
  return work[name](...parts.map((part) => evaluate(part, values)));
};

const some = (list) => (list.length ? list : null);
const value = (input) => input.value;
const ticked = (inputs) => inputs.filter((input) => input.checked).map(value);
const plain = ([input]) => (input?.value ?? "").replace(/\s/g, "");
// How the inputs of one variable are read.
const readers = {
  one: (inputs) => ticked(inputs)[0] ?? null,
  some: (inputs, alone) => (alone.includes(readers.one(inputs)) ? readers.one(inputs) : some(ticked(inputs))),
  beside: (inputs, code, option, find) => (ticked(find(code)).includes(option) ? readers.words(inputs) : null),
  number: (inputs) => {
    const text = plain(inputs).replace("−", "-").replace(",", ".");
    return text.replace(/\D/g, "").length > 15 ? null : number(text);
  },
  day: (_, code, find) => day(["year", "month", "day"].map((part) => plain(find(`${code}.${part}`)).padStart(2, "0")).join("-")),
  rows: (_, code, rows, find) => some(rows.filter((row) => ticked(find(`${code}.${row}`)).length)),
  ranked: (inputs) => some(inputs.map(value)),
  rank: (_, code, place, find) => find(code)[place - 1]?.value ?? null,
  whole: (inputs) => (/^\d+$/.test(plain(inputs)) ? number(plain(inputs)) : null),
  shared: (_, code, options, find) => some(options.filter((option) => readers.whole(find(`${code}.${option}`)))),
  bests: (_, code, screens, options, find) => {
    const best = Array.from({ length: screens }, (_, n) => readers.one(find(`${code}.${n + 1}.best`)));
    return some(options.filter((option) => best.includes(option)));
  },
  words: ([input]) => input?.value.trim().replace(/\r\n/g, "\n") || null,
};

const follow = (form) => {
  const rules = JSON.parse(form.dataset.rules);
  const read = (variable, how) => {
    const [name, ...more] = [how].flat();
    const find = (code) => [...form.querySelectorAll(`[name="q-${code}"]:enabled:not([data-item][hidden] *)`)];
    return readers[name](find(variable), ...more, find);
  };
  const update = () => {
    const values = { ...rules.values };
    const take = (code, asked) => {
      const how = rules.read[code];
      for (const variable in how) values[variable] = asked ? read(variable, how[variable]) : null;
    };
    for (const code in rules.read) take(code, true);
    for (const [code, when, value] of rules.items) {
      const asked = evaluate(when, values) === true;
      if (value !== null) values[code] = asked ? evaluate(value, values) : null;
      const box = form.querySelector(`[data-item="${code}"]`);
      if (box) {
        box.hidden = !asked;
        box.querySelector("[name=page-seen]").disabled = !asked;
      }
      take(code, asked);
    }
  };
  for (const name of ["input", "change"]) form.addEventListener(name, update);
  addEventListener("pageshow", update);
  update();
};

// A list is put in order.
const order = (box) => {
  const [ranked, rest] = box.querySelectorAll(".rank");
  const status = box.querySelector("[role=status]");
  const { rank: limit, said, out } = box.dataset;
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
    out: (entry) => rest.insertBefore(entry, [...rest.children].find((other) => other.dataset.at - entry.dataset.at > 0) ?? null),
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
    status.textContent = (place ? said : out).replace(/\{(\w+)\}/g, (_, name) => values[name]);
    box.dispatchEvent(new Event("change", { bubbles: true }));
  });
};

// What is typed is saved.
const keep = (form) => {
  const status = form.querySelector("p.autosave");
  const shared = form.querySelector("[data-shared]");
  const { autosave: address, draft: name } = form.dataset;
  const field = (key) => form.elements[`page-${key}`];
  const storage = (work) => {
    try {
      return work(localStorage);
    } catch {} // it may be refused
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
};

if (globalThis.document) {
  const form = document.querySelector("form[data-autosave]");
  keep(form);
  if (form.dataset.rules) follow(form);
  form.querySelectorAll("[data-rank]").forEach(order);
}
