// The view in the address: what stands behind # brings a reader back to what another one saw.

const LAST_PART = /^(.*[/#])[^/#]*$/;
const namespaces = new Set(data.factors.map(({ iri }) => LAST_PART.exec(iri)?.[1] ?? ""));
const NAMESPACE = namespaces.size === 1 ? [...namespaces][0] : "";

const shorten = (iri) => (NAMESPACE && iri.startsWith(NAMESPACE) ? iri.slice(NAMESPACE.length) : iri);
const lengthen = (name) => [name, NAMESPACE + name].find((iri) => factorOf.has(iri) || linkOf.has(iri)) ?? null;

/** Plain values, and how each is written; what is as it was at first is left out. */
const PARTS = {
  view: "v", layout: "l", pane: "p", query: "q", trace: "t", list: "w", theme: "m",
};

/** The state as the part of an address behind #. */
function toHash(state, defaults) {
  const parts = new URLSearchParams();
  for (const [name, key] of Object.entries(PARTS)) if (state[name] !== defaults[name] && state[name] !== null) parts.set(key, state[name]);
  for (const [name, key] of Object.entries({ selected: "s", from: "a", to: "b" })) if (state[name] !== null) parts.set(key, shorten(state[name]));
  if (LEVEL === "factors" && everything.concepts) parts.set("g", "factors");
  if (state.least !== defaults.least) parts.set("n", String(state.least));
  if (state.minimum !== defaults.minimum) parts.set("c", String(state.minimum));
  if (state.document) parts.set("d", String(state.document));
  if (state.hidden.size) parts.set("h", [...state.hidden].sort().join(" "));
  if (state.opened.size) parts.set("o", [...state.opened].sort((a, b) => a - b).join(" "));
  for (const [name, choice] of Object.entries(state.choices)) if (choice !== "") parts.set(`f-${name}`, choice);
  if (language !== data.lang) parts.set("lang", language);
  return parts.toString();
}

/** Take a state from the part of an address behind #; what makes no sense is passed over. */
function fromHash(hash, state, defaults) {
  const parts = new URLSearchParams(hash);
  const among = (key, values, otherwise) => (values.includes(parts.get(key)) ? parts.get(key) : otherwise);
  state.view = among("v", ["graph", "table"], defaults.view);
  state.layout = among("l", LAYOUTS, defaults.layout);
  state.pane = among("p", ["detail", "ask", "text"], defaults.pane);
  state.theme = among("m", ["light", "dark"], defaults.theme);
  state.trace = among("t", ["up", "down"], null);
  state.list = among("w", Object.keys(standouts([], () => true)), null);
  state.query = parts.get("q") ?? "";
  for (const [name, key] of Object.entries({ selected: "s", from: "a", to: "b" })) state[name] = parts.has(key) ? lengthen(parts.get(key)) : null;
  const minimum = Number(parts.get("c") ?? defaults.minimum);
  state.minimum = minimum >= 0 && minimum <= 1 ? minimum : defaults.minimum;
  state.least = data.steps?.find((step) => String(step) === parts.get("n")) ?? defaults.least;
  state.document = data.documents[Number(parts.get("d"))] ? Number(parts.get("d")) : 0;
  const listed = (key) => (parts.get(key) ?? "").split(" ").filter(Boolean);
  state.hidden = new Set(listed("h").filter((key) => TYPES.includes(key) || RELATIONS.includes(key)));
  state.opened = new Set(listed("o").map(Number).filter((index) => sectionFrames[index]));
  for (const name of Object.keys(state.choices)) state.choices[name] = parts.get(`f-${name}`) ?? "";
  language = among("lang", ["zh", "en"], data.lang);
}
