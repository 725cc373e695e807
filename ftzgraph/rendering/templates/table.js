// The table: the same factors and links for those who cannot or would rather not see the drawing.

const sorting = { factors: [null, 1], links: [null, 1] };
const MOST_ROWS = 500; // at first; more on demand
const rowsShown = { factors: MOST_ROWS, links: MOST_ROWS };
const collator = new Intl.Collator("zh", { numeric: true });

function sorted(records, name, columns) {
  const [key, direction] = sorting[name];
  const column = columns.find((candidate) => candidate.key === key);
  if (!column) return records;
  const compare = (a, b) => (typeof a === "number" ? a - b : collator.compare(a, b));
  return records.map((record) => [column.value(record), record]).sort((a, b) => direction * compare(a[0], b[0])).map(([, record]) => record);
}

function recordTable(name, records, columns, redraw, title = name) {
  const heads = columns.map((column) => {
    const [key, direction] = sorting[name];
    const active = key === column.key;
    return element("th", { scope: "col", class: column.class, "aria-sort": active ? (direction > 0 ? "ascending" : "descending") : "none" },
      element("button", { value: column.key, onclick: () => { sorting[name] = [column.key, active ? -direction : 1]; redraw(); } },
        say(column.key), active ? (direction > 0 ? " ↑" : " ↓") : ""));
  });
  const rows = sorted(records, name, columns).slice(0, rowsShown[name]).map((record) => {
    const row = element("tr", {}, ...columns.map((column) => element("td", { class: column.class }, column.cell(record))));
    row.dataset.iri = record.iri;
    return row;
  });
  const left = records.length - rows.length;
  return [
    element("table", { id: `table-${name}` }, element("caption", {}, `${say(title)} · ${records.length}`),
      element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows)),
    left > 0 ? element("button", { class: "quiet more", onclick: () => { rowsShown[name] += MOST_ROWS; redraw(); } }, say("more-rows", { n: left })) : null,
  ];
}

function tables(factors, links, select, redraw) {
  const quote = (iri) => factorOf.get(iri).quote;
  const open = (iri, text) => element("button", { class: "open", lang: "zh-Hans", onclick: () => select(iri) }, element("bdi", {}, text));
  const kind = (key) => element("span", { class: "kind" }, swatch(key), say(key));
  const number = { key: "confidence", class: "number", value: (record) => record.confidence, cell: (record) => record.confidence.toFixed(2) };
  const modality = { key: "modality", class: "short", value: (record) => say(record.modality), cell: (record) => say(record.modality) + (record.negated ? ` · ${say("denied")}` : "") };
  const documents = { key: "documents", class: "number", value: (record) => record.support, cell: (record) => String(record.support) };
  if (LEVEL === "concepts") {
    return [
      ...recordTable("factors", factors, [
        { key: "type", value: (concept) => TYPES.indexOf(concept.type), cell: (concept) => kind(concept.type) },
        { key: "concept", class: "wide", value: (concept) => concept.quote, cell: (concept) => open(concept.iri, concept.quote) },
        documents,
      ], redraw, "concepts"),
      ...recordTable("links", links, [
        { key: "source", class: "wide", value: (link) => quote(link.source), cell: (link) => open(link.source, quote(link.source)) },
        { key: "relation", value: (link) => link.relation, cell: (link) => element("button", { class: "open kind", onclick: () => select(link.iri) }, swatch(link.relation), say(link.relation)) },
        { key: "target", class: "wide", value: (link) => quote(link.target), cell: (link) => open(link.target, quote(link.target)) },
        documents,
        { key: "denied-by", class: "number", value: (link) => link.contradictions, cell: (link) => String(link.contradictions) },
        number,
      ], redraw),
    ].filter(Boolean);
  }
  return [
    ...recordTable("factors", factors, [
      { key: "type", value: (factor) => TYPES.indexOf(factor.type), cell: (factor) => kind(factor.type) },
      { key: "factor", class: "wide", value: (factor) => factor.quote, cell: (factor) => open(factor.iri, factor.quote) },
      { key: "place", class: "wide muted", value: (factor) => factor.section ?? -1, cell: (factor) => sectionPath(factor).at(-1) ?? "" },
      modality,
      number,
    ], redraw),
    ...recordTable("links", links, [
      { key: "source", class: "wide", value: (link) => quote(link.source), cell: (link) => open(link.source, quote(link.source)) },
      { key: "relation", value: (link) => link.relation, cell: (link) => element("button", { class: "open kind", onclick: () => select(link.iri) }, swatch(link.relation), say(link.relation)) },
      { key: "target", class: "wide", value: (link) => quote(link.target), cell: (link) => open(link.target, quote(link.target)) },
      { key: "basis", class: "short", value: (link) => String(link.inferred), cell: (link) => say(link.inferred ? "only-inferred" : "only-stated") },
      number,
    ], redraw),
  ].filter(Boolean);
}
