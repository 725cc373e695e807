// The explorer: what the reader has chosen, and the one place that brings every part of the page in line with it.

/** Beyond this the boxes of a whole drawing are too small to read, and the page opens on sections instead. */
const MANY = 600;

const LAYOUTS = LEVEL === "concepts" ? ["causal", "free"] : ["causal", "section", "free", "overview"];

const defaults = {
  view: "graph", layout: data.factors.length > MANY && sectionFrames.length ? "overview" : "causal", pane: "detail",
  query: "", trace: null, list: null, theme: "", minimum: data.minConfidence, least: data.least ?? 0,
};
const state = {
  ...defaults, selected: null, from: null, to: null, document: 0,
  hidden: new Set(), opened: new Set(), choices: Object.fromEntries(Object.keys(FILTERS).map((name) => [name, ""])),
};

const showsFactor = (factor) => !state.hidden.has(factor.type) && factor.confidence >= state.minimum && (factor.support ?? 0) >= state.least && passes(factor, state.choices, false);
const showsLink = (link) => shown.links.has(link);

/** The factors and links that the filters leave; found anew when a filter changes. */
let shown = { key: null, factors: new Set(), list: [], links: new Set() };

function updateShown() {
  const key = JSON.stringify([[...state.hidden], state.minimum, state.least, state.choices]);
  if (key === shown.key) return;
  const list = data.factors.filter(showsFactor);
  const factors = new Set(list.map(({ iri }) => iri));
  const links = new Set(data.links.filter((link) => !state.hidden.has(link.relation) && link.confidence >= state.minimum &&
    factors.has(link.source) && factors.has(link.target) && passes(link, state.choices, true)));
  shown = { key, list, factors, links };
}

const hits = () => shown.list.filter((factor) => matches(factor, state.query.toLowerCase()));
const lists = () => standouts(shown.list, showsLink);

/** How the chosen start leads to the chosen end, or the other way round when only that way there is a path. */
function path() {
  const { from, to } = state;
  if (!from || !to) return { from, to, path: null, reversed: false };
  const forth = shortestPath(from, to, showsLink);
  const back = forth ? null : shortestPath(to, from, showsLink);
  return { from, to, path: forth ?? back, reversed: back !== null };
}

/** What stands out: a path, a flow, a selection with its neighbours, a list or what was found; else everything (null). */
function focus() {
  const { selected, trace, from, to, list, query } = state;
  if (from && to) {
    const { path: steps, reversed } = path();
    return steps ? between(reversed ? to : from, reversed ? from : to, showsLink) : new Set([from, to]);
  }
  if (linkOf.has(selected)) return new Set([selected, linkOf.get(selected).source, linkOf.get(selected).target]);
  if (factorOf.has(selected)) {
    if (trace) return trace === "up" ? leadingTo(selected, showsLink) : followingFrom(selected, showsLink);
    const near = [...(linksFrom.get(selected) ?? []), ...(linksTo.get(selected) ?? [])].filter(showsLink);
    return new Set([selected, ...near.flatMap((link) => [link.iri, link.source, link.target])]);
  }
  if (list) return new Set(lists()[list].map(({ iri }) => iri));
  return query ? new Set(hits().map(({ iri }) => iri)) : null;
}

const canvas = createCanvas(byId("canvas"), (iri) => select(iri, { reveal: false }), toggleFrame);
const text = createText(byId("text"), showsFactor, (iri) => select(iri), (index) => { state.document = index; state.selected = null; refresh(); });

function select(iri, { reveal = true } = {}) {
  state.selected = iri;
  state.trace = null;
  if (iri !== null) {
    const factor = factorOf.get(iri) ?? factorOf.get(linkOf.get(iri).source);
    state.document = factor.document ?? 0;
    for (const end of endsOf(iri)) state.least = Math.min(state.least, stepFor(factorOf.get(end)));
    if (state.pane === "ask" && !reveal) state.pane = "detail";
    if (state.layout === "overview" && reveal) for (const end of endsOf(iri)) openAround(end);
  }
  refresh();
  if (iri !== null && reveal && state.view === "graph") canvas.reveal(iri);
}

/** The greatest choice of a least number of documents that leaves a concept. */
const stepFor = ({ support }) => Math.max(0, ...(data.steps ?? []).filter((step) => step <= support));

const endsOf = (iri) => (factorOf.has(iri) ? [iri] : [linkOf.get(iri).source, linkOf.get(iri).target]);

function openAround(iri) {
  for (let frame = frameOf.get(iri); frame; frame = frame.parent) state.opened.add(frame.index);
}

/** Show where a document says something. */
function openQuote(statement) {
  state.document = documentOf(statement);
  refresh();
  text.reach(statement);
}

function toggleFrame(index) {
  if (!state.opened.delete(index)) state.opened.add(index);
  refresh();
}

const drawn = {}; // what the slow parts of the page were last drawn from

/** Draw a part of the page when what it is drawn from has changed. */
function redraw(name, key, draw) {
  const now = JSON.stringify([language, key]);
  if (drawn[name] === now) return;
  drawn[name] = now;
  draw();
}

function refresh() {
  updateShown();
  byId("counts").textContent = say(LEVEL === "concepts" ? "counts-concepts" : "counts", { factors: shown.factors.size, links: shown.links.size });
  byId("hits").textContent = state.query ? say("hits", { n: hits().length }) : "";
  byId("confidence").value = String(state.minimum);
  byId("confidence-value").textContent = state.minimum.toFixed(2);
  if (byId("search").value.trim() !== state.query) byId("search").value = state.query;
  for (const name of ["view", "layout", "pane"]) {
    for (const button of byId(name).children) button.setAttribute("aria-pressed", String(button.value === state[name]));
  }
  byId("layout").classList.toggle("off", state.view !== "graph");
  byId("graph").hidden = state.view !== "graph";
  byId("table").hidden = state.view !== "table";
  byId("detail").hidden = state.pane !== "detail";
  byId("ask").hidden = state.pane !== "ask";
  byId("text").classList.toggle("whole", state.pane === "text");
  redraw("layout", [state.layout, state.least], () => canvas.arrange(state.layout, state.least));
  if (data.steps) byId("least").value = String(state.least);
  canvas.show({ factors: shown.factors, links: [...shown.links], focus: focus(), selected: state.selected, opened: state.opened });
  redraw("legend", state.least, drawLegend);
  for (const chip of document.querySelectorAll("#types .chip, #relations .chip")) chip.setAttribute("aria-pressed", String(!state.hidden.has(chip.value)));
  for (const chip of byId("changes").children) chip.setAttribute("aria-pressed", String(["", chip.value].includes(state.choices.change)));
  redraw("filters", state.choices, drawFilters);
  redraw("detail", [state.selected, state.trace, state.query, state.layout, [...state.opened], shown.key], drawDetail);
  if (state.pane === "ask") redraw("ask", [state.list, state.from, state.to, shown.key], drawAsk);
  if (state.view === "table") drawTable();
  redraw("text", [state.document, shown.key], () => text.open(state.document));
  text.choose(endsChosen());
  remember();
}

/** The statements whose quotes stand out in the text: the selected factor, or the selected link and its ends. */
function endsChosen() {
  if (state.selected === null) return [];
  const ends = endsOf(state.selected).map((iri) => factorOf.get(iri));
  return linkOf.has(state.selected) ? [...ends.map((end) => ({ ...end, cues: [] })), linkOf.get(state.selected)] : ends;
}

function drawLegend() {
  const chip = (key, records, field) => element("button", {
    class: "chip", value: key, onclick: () => { if (!state.hidden.delete(key)) state.hidden.add(key); refresh(); },
  }, swatch(key), say(key), element("small", {}, String(records.filter((record) => record[field] === key).length)));
  const common = data.factors.filter((factor) => (factor.support ?? 0) >= state.least);
  const iris = new Set(common.map(({ iri }) => iri));
  byId("types").replaceChildren(...TYPES.map((type) => chip(type, common, "type")));
  const changes = Object.keys(CHANGE_COLORS).filter((change) => data.factors.some((factor) => factor.change === change));
  byId("changes").replaceChildren(...changes.map((change) => element("button", {
    class: "chip", value: change, "aria-pressed": "true", onclick: () => { state.choices.change = state.choices.change === change ? "" : change; refresh(); },
  }, element("span", { class: "change", color: CHANGE_COLORS[change] }), say(`change-${change}`),
  element("small", {}, String(data.factors.filter((factor) => factor.change === change).length)))));
  byId("relations").replaceChildren(...RELATIONS.map((relation) => chip(relation, data.links.filter(({ source, target }) => iris.has(source) && iris.has(target)), "relation")));
}

function drawFilters() {
  const active = Object.values(state.choices).filter((choice) => choice !== "").length;
  byId("filter").textContent = say("filter") + (active ? ` · ${active}` : "");
  const change = (name, value) => { state.choices[name] = value; refresh(); };
  const focused = document.activeElement?.name;
  byId("filters").replaceChildren(...filterControls(state.choices, change),
    ...(active ? [element("button", { class: "quiet", onclick: () => { for (const name of Object.keys(state.choices)) state.choices[name] = ""; refresh(); } }, say("filter-none"))] : []));
  if (focused) byId("filters").querySelector(`[name="${focused}"]`)?.focus();
}

function drawDetail() {
  const actions = {
    select, openQuote, showsLink, trace: state.trace, close: () => select(null),
    follow: (trace) => { state.trace = state.trace === trace ? null : trace; state.from = state.to = null; refresh(); look(); },
    setEnd: (end, iri) => { Object.assign(state, { [end]: iri, pane: "ask", list: null }); refresh(); look(); byId("ask").scrollTop = byId("ask").scrollHeight; },
  };
  const factor = factorOf.get(state.selected);
  const link = linkOf.get(state.selected);
  const [detailOfFactor, detailOfLink] = LEVEL === "concepts" ? [conceptDetail, conceptLinkDetail] : [factorDetail, linkDetail];
  const content = factor ? detailOfFactor(factor, actions) : link ? detailOfLink(link, actions)
    : state.query ? searchResults(hits(), select) : [...introduction(), ...(state.layout === "overview" ? [frameTree()] : [])];
  byId("detail").replaceChildren(...content.filter(Boolean));
  byId("detail").scrollTop = 0;
}

/** The cards of the overview as buttons, for the keyboard and for screen readers. */
function frameTree() {
  const branch = (frame) => element("li", {},
    element("button", { class: "question wide", value: String(frame.index), "aria-expanded": String(state.opened.has(frame.index)), onclick: () => {
      toggleFrame(frame.index);
      byId("detail").querySelector(`[value="${frame.index}"]`)?.focus();
    } }, frame.caption || say(frame.kind), element("small", {}, String(heldBy(frame).length))),
    state.opened.has(frame.index) && frame.inner.length ? element("ul", { class: "linked" }, ...frame.inner.map(branch)) : null);
  return element("section", {}, element("h2", {}, say("overview")),
    element("ul", { class: "linked" }, ...sectionFrames.filter((frame) => !frame.parent).map(branch)));
}

function drawAsk() {
  const actions = {
    select,
    list: (name) => { Object.assign(state, { list: state.list === name ? null : name, selected: null, from: null, to: null }); refresh(); look(); },
    clearPath: () => { state.from = state.to = null; refresh(); look(); },
  };
  const scrolled = byId("ask").scrollTop;
  byId("ask").replaceChildren(...questions(lists(), state.list, path(), actions));
  byId("ask").scrollTop = scrolled;
}

function drawTable() {
  redraw("table", [shown.key, state.query, sorting, rowsShown], () => {
    const found = state.query ? new Set(hits().map(({ iri }) => iri)) : null;
    const links = [...shown.links];
    byId("table").replaceChildren(...tables(
      found ? shown.list.filter(({ iri }) => found.has(iri)) : shown.list,
      found ? links.filter((link) => found.has(link.source) || found.has(link.target)) : links,
      select, refresh,
    ));
  });
  for (const row of byId("table").querySelectorAll("tr.selected")) row.classList.remove("selected");
  if (state.selected) byId("table").querySelector(`tr[data-iri="${CSS.escape(state.selected)}"]`)?.classList.add("selected");
}

/** Bring what stands out into view, or everything when nothing does. */
function look() {
  const standing = focus();
  if (state.view === "graph") canvas.fit(true, standing?.size ? standing : null);
}

/** Follow a link out (right) or in (left) of the selection, or go to its neighbour in reading order. */
function step(key) {
  const at = shown.list.findIndex((factor) => factor.iri === state.selected);
  const out = (linksFrom.get(state.selected) ?? []).find(showsLink);
  const into = (linksTo.get(state.selected) ?? []).find(showsLink);
  const next = {
    ArrowRight: out?.target, ArrowLeft: into?.source,
    ArrowDown: shown.list[at + 1]?.iri, ArrowUp: shown.list[at - 1]?.iri,
  }[key];
  if (!next) return;
  select(next);
  byId("said").textContent = `${say(factorOf.get(next).type)}: ${factorOf.get(next).quote}`;
}

/** Keep the view in the address, without a new entry in the history for every click. */
function remember() {
  const hash = toHash(state, defaults);
  if (hash === location.hash.slice(1)) return;
  try {
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  } catch {
    // A page without an address of its own, such as one inside a notebook, has nothing to keep it in.
  }
}

function recall() {
  if (levelIn(location.hash.slice(1)) !== LEVEL) {
    location.reload(); // nearly all of the page is drawn from the factors and links of its level
    return;
  }
  fromHash(location.hash.slice(1), state, defaults);
  applyTheme();
  translatePage();
  refresh();
}

function applyTheme() {
  document.documentElement.dataset.theme = state.theme;
  canvas.repaint();
}

function choose(name, then) {
  byId(name).addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    state[name] = button.value;
    refresh();
    if (then) then();
  });
}

/** The IRIs of what is shown: of concepts also the factors of documents that express them, and the links between these. */
function shownIris() {
  const iris = new Set([...shown.factors, ...[...shown.links].map(({ iri }) => iri)]);
  if (LEVEL === "concepts") {
    for (const concept of shown.list) for (const { iri } of concept.statements) iris.add(iri);
    for (const { iri, source, target } of everything.links) if (iris.has(source) && iris.has(target)) iris.add(iri);
  }
  return iris;
}

async function handOn(kind) {
  const name = (document.title.split(" · ")[0] || "graph").replace(/[\\/:*?"<>|\s]+/g, "-").slice(0, 60);
  const links = [...shown.links];
  if (kind === "svg") download(`${name}.svg`, "image/svg+xml", shownAsSvg(canvas.scene()));
  else if (kind === "png") download(`${name}.png`, "image/png", await exportPng(shownAsSvg(canvas.scene())));
  else if (kind === "csv") {
    const { factors: factorRows, links: linkRows } = exportCsv(shown.list, links);
    download(`${name}-factors.csv`, "text/csv", factorRows);
    download(`${name}-links.csv`, "text/csv", linkRows);
  } else if (kind === "turtle") download(`${name}.ttl`, "text/turtle", await exportTurtle(shownIris()));
  else if (kind === "link") await navigator.clipboard?.writeText(location.href).catch(() => {});
  else if (kind === "print") window.print();
  byId("said").textContent = say("done");
}

choose("view", () => { if (state.view === "graph") canvas.fit(false); });
choose("layout", () => canvas.fit(false));
choose("pane");
if (LEVEL === "concepts") byId("search").dataset.placeholder = "search-concepts";
if (everything.concepts) {
  for (const button of byId("level").children) button.setAttribute("aria-pressed", String(button.value === LEVEL));
  byId("level").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button || button.value === LEVEL) return;
    const hash = new URLSearchParams(button.value === "factors" ? { g: "factors" } : {});
    if (language !== data.lang) hash.set("lang", language);
    if (state.theme) hash.set("m", state.theme);
    location.hash = hash.toString();
  });
  for (const button of byId("layout").children) button.hidden = !LAYOUTS.includes(button.value);
  byId("support").hidden = LEVEL !== "concepts";
  byId("least").replaceChildren(...(data.steps ?? []).map((step) => element("option", { value: String(step) }, String(step))));
  byId("least").addEventListener("change", (event) => { state.least = Number(event.target.value); refresh(); canvas.fit(false); });
}
byId("zoom-in").addEventListener("click", () => canvas.zoom(1.35));
byId("zoom-out").addEventListener("click", () => canvas.zoom(1 / 1.35));
byId("fit").addEventListener("click", () => canvas.fit(true));
byId("filter").addEventListener("click", () => {
  byId("filters").hidden = !byId("filters").hidden;
  byId("filter").setAttribute("aria-expanded", String(!byId("filters").hidden));
});
byId("confidence").min = String(data.minConfidence);
byId("confidence").addEventListener("input", (event) => { state.minimum = Number(event.target.value); refresh(); });
byId("search").addEventListener("input", (event) => {
  Object.assign(state, { query: event.target.value.trim(), selected: null, trace: null, list: null, from: null, to: null });
  if (state.query) state.pane = "detail";
  refresh();
});
byId("search").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !state.query) return;
  const found = hits();
  const at = found.findIndex((factor) => factor.iri === state.selected);
  if (found.length) select(found[(at + 1) % found.length].iri);
});
byId("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  translatePage();
  refresh();
});
byId("theme").addEventListener("click", () => {
  state.theme = colors.dark ? "light" : "dark";
  applyTheme();
  refresh();
});
byId("export").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  byId("export").open = false;
  handOn(button.value);
});
byId("canvas").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && state.selected) byId("detail").focus();
  if (!event.key.startsWith("Arrow")) return;
  event.preventDefault();
  step(event.key);
});
document.addEventListener("keydown", (event) => {
  const typing = ["INPUT", "SELECT", "TEXTAREA"].includes(document.activeElement?.tagName);
  if (event.key === "Escape") {
    byId("export").open = false;
    Object.assign(state, { query: "", list: null, from: null, to: null });
    select(null);
  } else if (event.key === "/" && !typing) {
    event.preventDefault();
    byId("search").focus();
  }
});
document.addEventListener("click", (event) => { if (!byId("export").contains(event.target)) byId("export").open = false; });
systemDark.addEventListener("change", () => canvas.repaint());
window.addEventListener("hashchange", recall);
window.addEventListener("beforeprint", () => {
  document.documentElement.dataset.theme = "light"; // paper is white
  canvas.repaint();
  byId("print").replaceChildren(element("img", { alt: say("canvas"), src: svgAddress(shownAsSvg(canvas.scene())) }));
  applyTheme();
  drawTable();
});

// For whoever embeds or tests the page.
window.ftzgraph = { data, state, network: canvas.network, select, refresh, scene: canvas.scene };

recall();
canvas.fit(false);
if (state.selected && state.view === "graph") canvas.reveal(state.selected);
