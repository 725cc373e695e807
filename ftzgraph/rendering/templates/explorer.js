// The explorer: what the reader has chosen, and the one place that brings every part of the page in line with it.

const state = {
  selected: null, view: "graph", layout: "causal", pane: "detail", query: "",
  minimum: data.minConfidence, hidden: new Set(), document: 0,
};

const showsFactor = (factor) => !state.hidden.has(factor.type) && factor.confidence >= state.minimum;
const showsLink = (link) =>
  !state.hidden.has(link.relation) && link.confidence >= state.minimum &&
  showsFactor(factorOf.get(link.source)) && showsFactor(factorOf.get(link.target));
const hits = () => data.factors.filter((factor) => showsFactor(factor) && factor.quote.toLowerCase().includes(state.query));


/** What stands out: the selection with its neighbours, else what the search found, else everything (null). */
function focus() {
  const { selected, query } = state;
  if (linkOf.has(selected)) return new Set([selected, linkOf.get(selected).source, linkOf.get(selected).target]);
  if (factorOf.has(selected)) {
    const near = [...(linksFrom.get(selected) ?? []), ...(linksTo.get(selected) ?? [])].filter(showsLink);
    return new Set([selected, ...near.flatMap((link) => [link.iri, link.source, link.target])]);
  }
  return query ? new Set(hits().map((factor) => factor.iri)) : null;
}

const view = () => ({ showsFactor, showsLink, focus: focus(), selected: state.selected });
const canvas = createCanvas(byId("canvas"), (iri) => select(iri, { reveal: false }), view());

function select(iri, { reveal = true } = {}) {
  state.selected = iri;
  if (iri !== null) {
    const factor = factorOf.get(iri) ?? factorOf.get(linkOf.get(iri).source);
    state.document = factor.document ?? 0;
  }
  refresh();
  if (iri !== null && reveal && state.view === "graph") canvas.reveal(iri);
}

function refresh() {
  const factors = data.factors.filter(showsFactor);
  const links = data.links.filter(showsLink);
  byId("counts").textContent = say("counts", { factors: factors.length, links: links.length });
  byId("hits").textContent = state.query ? say("hits", { n: hits().length }) : "";
  byId("confidence-value").textContent = state.minimum.toFixed(2);
  for (const name of ["view", "layout", "pane"]) {
    for (const button of byId(name).children) button.setAttribute("aria-pressed", String(button.value === state[name]));
  }
  byId("layout").classList.toggle("off", state.view !== "graph");
  byId("graph").hidden = state.view !== "graph";
  byId("table").hidden = state.view !== "table";
  byId("detail").hidden = state.pane !== "detail";
  byId("text").hidden = state.pane !== "text";
  canvas.show(view());
  drawLegend();
  drawDetail();
  if (state.view === "table") drawTable(factors, links);
  if (state.pane === "text") drawText();
}

function drawLegend() {
  const chip = (key, records, field) => element("button", {
    class: "chip", "aria-pressed": String(!state.hidden.has(key)),
    onclick: () => {
      if (!state.hidden.delete(key)) state.hidden.add(key);
      refresh();
      document.querySelector(`.chip[value="${key}"]`).focus();
    },
    value: key,
  }, swatch(key), say(key), element("small", {}, String(records.filter((record) => record[field] === key).length)));
  byId("types").replaceChildren(...TYPES.map((type) => chip(type, data.factors, "type")));
  byId("relations").replaceChildren(...RELATIONS.map((relation) => chip(relation, data.links, "relation")));
}

function drawDetail() {
  const actions = {
    select, showsLink, close: () => select(null),
    showInText: () => { state.pane = "text"; refresh(); },
  };
  const factor = factorOf.get(state.selected);
  const link = linkOf.get(state.selected);
  const content = factor ? factorDetail(factor, actions) : link ? linkDetail(link, actions) : introduction();
  byId("detail").replaceChildren(...content.filter(Boolean));
  byId("detail").scrollTop = 0;
}

function drawTable(factors, links) {
  const found = state.query ? new Set(hits().map((factor) => factor.iri)) : null;
  byId("table").replaceChildren(...tables(
    found ? factors.filter((factor) => found.has(factor.iri)) : factors,
    found ? links.filter((link) => found.has(link.source) || found.has(link.target)) : links,
    select, refresh,
  ));
  for (const row of byId("table").querySelectorAll("tr")) {
    if (row.dataset.iri && row.dataset.iri === state.selected) row.classList.add("selected");
  }
}

function drawText() {
  const picker = data.documents.length < 2 ? [] : [element("select", {
    "aria-label": say("document"),
    onchange: (event) => { state.document = Number(event.target.value); state.selected = null; refresh(); },
  }, ...data.documents.map((document, i) => element("option", { value: String(i), selected: i === state.document }, document.title)))];
  const body = documentText(state.document, showsFactor, select);
  const article = element("article", { lang: "zh-Hans", dir: "auto" },
    element("h1", {}, data.documents[state.document]?.title ?? ""),
    ...(body.length ? body : [element("p", { class: "hint" }, say("no-text"))]));
  const scrolled = byId("text").scrollTop;
  byId("text").replaceChildren(...picker, article);
  byId("text").scrollTop = scrolled;
  const link = linkOf.get(state.selected);
  const ends = link ? [link.source, link.target] : [state.selected];
  const chosen = [...article.querySelectorAll("mark")].filter((mark) => mark.factors.some((iri) => ends.includes(iri)));
  for (const mark of chosen) mark.classList.add("selected");
  if (chosen.length) chosen[0].scrollIntoView({ block: "center" });
}

/** Follow a link out (right) or in (left) of the selection, or go to its neighbour in reading order. */
function step(key) {
  const shown = data.factors.filter(showsFactor);
  const at = shown.findIndex((factor) => factor.iri === state.selected);
  const out = (linksFrom.get(state.selected) ?? []).find(showsLink);
  const into = (linksTo.get(state.selected) ?? []).find(showsLink);
  const next = {
    ArrowRight: out?.target, ArrowLeft: into?.source,
    ArrowDown: shown[at + 1]?.iri, ArrowUp: shown[at - 1]?.iri,
  }[key];
  if (!next) return;
  select(next);
  byId("said").textContent = `${say(factorOf.get(next).type)}: ${factorOf.get(next).quote}`;
}

function choose(name, apply) {
  byId(name).addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    state[name] = button.value;
    refresh();
    if (apply) apply(button.value);
  });
}

choose("view", () => { if (state.view === "graph") canvas.fit(false); });
choose("layout", (layout) => canvas.arrange(layout));
choose("pane");
byId("zoom-in").addEventListener("click", () => canvas.zoom(1.35));
byId("zoom-out").addEventListener("click", () => canvas.zoom(1 / 1.35));
byId("fit").addEventListener("click", () => canvas.fit(true));
byId("confidence").min = String(data.minConfidence);
byId("confidence").value = String(data.minConfidence);
byId("confidence").addEventListener("input", (event) => { state.minimum = Number(event.target.value); refresh(); });
byId("search").addEventListener("input", (event) => { state.query = event.target.value.trim().toLowerCase(); state.selected = null; refresh(); });
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
byId("canvas").addEventListener("keydown", (event) => {
  if (!event.key.startsWith("Arrow")) return;
  event.preventDefault();
  step(event.key);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    byId("search").value = state.query = "";
    select(null);
  } else if (event.key === "/" && document.activeElement !== byId("search")) {
    event.preventDefault();
    byId("search").focus();
  }
});
darkScheme.addEventListener("change", () => { canvas.repaint(); refresh(); });

// For whoever embeds or tests the page.
window.ftzgraph = { data, state, network: canvas.network, select, refresh };

translatePage();
refresh();
canvas.fit(false);
