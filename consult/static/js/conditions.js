// Show and hide the questions of a page as its answers say. Without this file the server does it.
// The trees are data (lists, texts, numbers), run by the table below; null is "no answer".
const finite = (n) => (Number.isFinite(n) ? n + 0 : null);
const has = (part) => part !== null && part !== "";
const day = (text) => {
  const found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text ?? "");
  if (!found || found[1] === "0000") return null;
  const date = new Date(0);
  date.setUTCFullYear(found[1], found[2] - 1, found[3]);
  return date.toISOString().startsWith(text) ? text : null;
};
const number = (value) => {
  if (typeof value === "number" || value === null) return value;
  const text = `${value}`.trim();
  return /^-?\d+(\.\d+)?$/.test(text) && text.replace("-", "").length <= 20 ? Number(text) : null;
};
const both = (work, missing) => (a, b) => (a === null || b === null ? missing : work(a, b));
const pick = (work) => (...all) => {
  const known = all.filter((value) => value !== null);
  return known.length ? work(...known) : null;
};
const work = {
  "=": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": both((a, b) => a < b, false),
  "<=": both((a, b) => a <= b, false),
  ">": both((a, b) => a > b, false),
  ">=": both((a, b) => a >= b, false),
  "+": both((a, b) => finite(a + b), null),
  "-": both((a, b) => finite(a - b), null),
  "*": both((a, b) => finite(a * b), null),
  div: both((a, b) => (b ? finite(a / b) : null), null),
  mod: both((a, b) => (b ? finite(a % b) : null), null),
  neg: (a) => (a === null ? null : 0 - a),
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
  round: (a, places = 0) => (a === null ? null : finite(Math.floor(a * 10 ** places + 0.5) / 10 ** places)),
  int: (a) => (a === null ? null : Math.trunc(a) + 0),
  number,
  "string-length": (a) => [...(a ?? "")].length,
  contains: (a, b) => has(b) && (a ?? "").includes(b),
  "starts-with": (a, b) => has(b) && (a ?? "").startsWith(b),
  date: day,
};

/** Return the value of a tree; `values` holds answers by code, and the day of "today()". */
export const evaluate = (tree, values) => {
  if (!Array.isArray(tree)) return tree === "" ? null : tree;
  const [name, ...parts] = tree;
  if (name === "$") return values[parts[0]] ?? null;
  if (name === "today") return values["today()"] ?? null;
  return work[name](...parts.map((part) => evaluate(part, values)));
};

const whole = (text) => {
  const plain = (text ?? "").replace(/\s/g, "");
  return /^\d+$/.test(plain) ? Number(plain) : null;
};
// How each kind of control is read; the inputs are those of one variable, null is "no answer".
const readers = {
  one: (inputs) => inputs.find((input) => input.checked)?.value ?? null,
  some: (inputs, alone) => {
    const chosen = inputs.filter((input) => input.checked).map((input) => input.value);
    return chosen.length ? (alone.includes(chosen[0]) ? chosen[0] : chosen) : null;
  },
  rows: (_inputs, code, rows, find) => {
    const given = rows.filter((row) => find(`${code}.${row}`).some((input) => input.checked));
    return given.length ? given : null;
  },
  ranked: (inputs) => (inputs.length ? inputs.map((input) => input.value) : null),
  rank: (_inputs, code, place, find) => find(code)[place - 1]?.value ?? null,
  whole: (inputs) => whole(inputs[0]?.value),
  shared: (_inputs, code, options, find) => {
    const given = options.filter((option) => whole(find(`${code}.${option}`)[0]?.value));
    return given.length ? given : null;
  },
  bests: (_inputs, code, screens, options, find) => {
    const best = [...Array(screens).keys()].map((n) => find(`${code}.${n + 1}.best`).find((input) => input.checked)?.value);
    const given = options.filter((option) => best.includes(option));
    return given.length ? given : null;
  },
  words: (inputs) => inputs[0]?.value.trim().replace(/\r\n/g, "\n") || null,
};

const follow = (form) => {
  const rules = JSON.parse(form.dataset.rules);
  const read = (variable, how) => {
    const [name, ...more] = [how].flat();
    const find = (code) => [...form.querySelectorAll(`[name="q-${code}"]:enabled`)].filter((input) => !input.closest("[data-item][hidden]"));
    return readers[name](find(variable), ...more, find);
  };
  const moving = new Set(rules.items.map(([code]) => code));
  const update = () => {
    const values = { ...rules.values };
    const take = (code, asked) => {
      for (const [variable, how] of Object.entries(rules.read[code] ?? {})) {
        values[variable] = asked ? read(variable, how) : null;
      }
    };
    for (const code of Object.keys(rules.read)) if (!moving.has(code)) take(code, true);
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
  form.addEventListener("change", update);
  form.addEventListener("input", update);
  window.addEventListener("pageshow", update);
  update();
};
if (globalThis.document) for (const form of document.querySelectorAll("form[data-rules]")) follow(form);
