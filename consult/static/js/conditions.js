// Show and hide questions as answers say; without it the server does. null is "no answer".
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

/** Return the value of a tree of lists over answers. */
export const evaluate = (tree, values) => {
  if (!Array.isArray(tree)) return tree === "" ? null : tree;
  const [name, ...parts] = tree;
  if (name === "$") return values[parts[0]] ?? null;
  if (name === "today") return values["today()"] ?? null;
  return work[name](...parts.map((part) => evaluate(part, values)));
};

const plain = (input) => (input?.value ?? "").replace(/\s/g, "");
const whole = (input) => (/^\d+$/.test(plain(input)) ? number(plain(input)) : null);
const kept = (list) => (list.length ? list : null);
const ticked = (inputs) => inputs.filter((input) => input.checked).map((input) => input.value);
// How controls are read.
const readers = {
  one: (inputs) => ticked(inputs)[0] ?? null,
  some: (inputs, alone) => (alone.includes(ticked(inputs)[0]) ? ticked(inputs)[0] : kept(ticked(inputs))),
  beside: (inputs, code, option, find) => (ticked(find(code)).includes(option) ? readers.words(inputs) : null),
  number: ([input]) => {
    const text = plain(input).replace("−", "-").replace(",", ".");
    return text.replace(/\D/g, "").length > 15 ? null : number(text);
  },
  day: (_, code, find) => day(["year", "month", "day"].map((part) => plain(find(`${code}.${part}`)[0]).padStart(2, "0")).join("-")),
  rows: (_, code, rows, find) => kept(rows.filter((row) => ticked(find(`${code}.${row}`)).length)),
  ranked: (inputs) => kept(inputs.map((input) => input.value)),
  rank: (_, code, place, find) => find(code)[place - 1]?.value ?? null,
  whole: ([input]) => whole(input),
  shared: (_, code, options, find) => kept(options.filter((option) => whole(find(`${code}.${option}`)[0]))),
  bests: (_, code, screens, options, find) => {
    const best = [...Array(screens).keys()].flatMap((n) => ticked(find(`${code}.${n + 1}.best`)));
    return kept(options.filter((option) => best.includes(option)));
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
  const update = () => {
    const values = { ...rules.values };
    const take = (code, asked) => {
      const reads = rules.read[code];
      for (const variable in reads) values[variable] = asked ? read(variable, reads[variable]) : null;
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
  for (const name of ["change", "input"]) form.addEventListener(name, update);
  addEventListener("pageshow", update);
  update();
};
if (globalThis.document) for (const form of document.querySelectorAll("form[data-rules]")) follow(form);
