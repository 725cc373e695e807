// Handing it on: what is drawn as SVG and PNG, what is shown as CSV and Turtle.

const NOT_XML = /[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const MOST_PIXELS = { side: 8192, area: 32e6 }; // what browsers can be trusted to draw

// Baselines are set by number, for not every program knows how to centre a line on its middle.
const svgText = (text, x, y, size, color, attributes = {}) =>
  svgElement("text", { x, y: y + size * 0.36, "font-size": size, fill: color, ...attributes }, text);

/** What is drawn, as an SVG that stands alone; `scene` is what the canvas says it draws. */
function shownAsSvg({ frames, lines, factors, cards, focus }) {
  const closed = new Set(cards.map(({ index }) => index));
  const covered = (frame) => frame && (closed.has(frame.index) || covered(frame.parent));
  const open = frames.filter((frame) => !covered(frame));
  const boxes = [...open, ...cards, ...factors.map(({ x, y, width, height }) => ({ left: x - width / 2, top: y - height / 2, width, height }))];
  if (!boxes.length) boxes.push({ left: 0, top: 0, width: 0, height: 0 });
  const [left, top] = [Math.min(...boxes.map((box) => box.left)), Math.min(...boxes.map((box) => box.top))];
  const [right, bottom] = [Math.max(...boxes.map((box) => box.left + box.width)), Math.max(...boxes.map((box) => box.top + box.height))];
  const unit = Math.max(1, (right - left) / 1600); // a pixel when the whole drawing is as wide as a screen
  const kinds = new Set([...factors.map(({ iri }) => factorOf.get(iri)), ...cards.flatMap(({ held }) => held)].map(({ type }) => type));
  for (const { relation } of lines) kinds.add(relation);
  const legend = svgLegend([...TYPES, ...RELATIONS].filter((key) => kinds.has(key)));
  const width = Math.max(right - left, legend.width * unit, 480); // room for the title, however little is drawn
  const title = data.documents.length === 1 ? data.documents[0].title : say("corpus", { n: data.documents.length });
  const [margin, head, foot] = [28 * unit, 46 * unit, 42 * unit];
  const view = [left - margin, top - margin - head, width + 2 * margin, bottom - top + 2 * margin + head + foot];
  legend.line.setAttribute("transform", `translate(${left} ${bottom + margin / 2 + foot / 2}) scale(${unit})`);
  const drawing = svgElement("svg", { viewBox: view.join(" "), width: Math.ceil(view[2]), height: Math.ceil(view[3]), "font-family": FONT },
    svgElement("title", {}, title),
    svgElement("rect", { x: view[0], y: view[1], width: view[2], height: view[3], fill: colors.ground }),
    ...open.map((frame) => svgFrame(frame, unit)),
    ...[...lines].sort((a, b) => a.near - b.near).map((line) => svgLine(line, line.near ? 1 : focus ? FADED : LINE_OPACITY[line.relation])),
    ...cards.map((card) => svgCard(card, unit, focus)),
    ...factors.map((box) => svgFactor(box, focus)),
    svgText(wrapped(title, width, 22 * unit, 600)[0], left, top - head / 2 - margin / 4, 22 * unit, colors.ink, { "font-weight": 600 }),
    legend.line);
  return new XMLSerializer().serializeToString(drawing).replace(NOT_XML, "");
}

function svgFrame({ left, top, width, height, kind, caption }, unit) {
  const [most, down] = kind === "document" ? [92, 70] : [34, 32];
  const size = Math.min(Math.max(17, 13 * unit), most);
  const [line] = wrapped(caption || say(kind), width - 48, size, 600);
  return svgElement("g", {},
    svgElement("rect", { x: left, y: top, width, height, rx: 18, fill: colors.panel, stroke: colors.line }),
    svgText(line, left + 24, top + down, size, colors.muted, { "font-weight": 600 }));
}

function svgLine({ curve: [start, one, two, end], relation, weight, near }, opacity) {
  const { width, dashes } = data.style.links[relation];
  const color = linkColor(relation);
  return svgElement("g", { opacity },
    svgElement("path", {
      d: `M${start}C${one} ${two} ${end}`, fill: "none", stroke: color,
      "stroke-width": width * weight * (near ? 1.5 : 1), "stroke-dasharray": dashes.join(" ") || null,
    }),
    svgElement("path", { d: `M${arrowHead([start, one, two, end], 7 + 3 * weight).join("L")}Z`, fill: color }));
}

function svgOutline(type, d, attributes) {
  const { color } = data.style.factors[type];
  return svgElement("path", { d, fill: mix(color, colors.surface, colors.dark ? 0.26 : 0.13), stroke: color, "stroke-width": 1.5, ...attributes });
}

function svgFactor({ iri, x, y, width, height }, focus) {
  const { type, quote, lines, change, confidence } = factorOf.get(iri);
  const { fontSize, lineHeight } = data.style;
  const d = outlinePath(type, x, y, width, height);
  const first = y - ((lines.length - 1) * lineHeight) / 2;
  return svgElement("g", {},
    svgElement("title", {}, `${say(type)}　${quote}`),
    svgElement("path", { d, fill: colors.panel }), // an opaque ground, so that no line shines through what is faded
    svgElement("g", { opacity: focus && !focus.has(iri) ? (colors.dark ? 0.3 : 0.22) : null },
      ...(change in CHANGE_COLORS ? [svgElement("path", { d, fill: "none", stroke: CHANGE_COLORS[change], "stroke-width": 8 })] : []),
      svgOutline(type, d, { "stroke-dasharray": confidence < UNSURE ? "5 3" : null }),
      ...lines.map((line, i) => svgText(line, x, first + i * lineHeight, fontSize, colors.ink, { "text-anchor": "middle" }))));
}

function svgCard(card, unit, focus) {
  const { left, top, width, height, held } = card;
  const faded = focus && !held.some(({ iri }) => focus.has(iri));
  const { title, size, x, foot, small, bars } = cardFace(card, unit);
  return svgElement("g", {},
    svgElement("rect", { x: left, y: top, width, height, rx: 18, fill: colors.surface, stroke: faded ? colors.line : colors.muted, "stroke-width": 2 * unit }),
    svgElement("g", { opacity: faded ? 0.35 : null },
      ...title.map(([line, y]) => svgText(line, x, y, size, colors.ink, { "font-weight": 600 })),
      ...bars.map(({ type, ...bar }) => svgElement("rect", { ...bar, fill: data.style.factors[type].color })),
      svgText(say("n-factors", { n: held.length }), x, foot, small, colors.muted)));
}

/** The types and relations of a drawing in one line that starts at 0, 0, and its width. */
function svgLegend(keys) {
  const line = svgElement("g", {});
  let x = 0;
  for (const key of keys) {
    const sample = TYPES.includes(key) ? svgOutline(key, outlinePath(key, 0, 0, 56, 32), { transform: `translate(${x + 18} 0) scale(.6)`, "stroke-width": 2.5 })
      : svgLine({ curve: [[x, 0], [x, 0], [x + 36, 0], [x + 36, 0]], relation: key, weight: 1 }, 1);
    line.append(sample, svgText(say(key), x + 44, 0, 13, colors.muted));
    x += 44 + textWidth(say(key), 13, 400) + 24;
  }
  return { line, width: Math.max(0, x - 24) };
}

const svgAddress = (svg) => `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;

/** An SVG as PNG: a promise of a blob, at a scale, or at the largest that browsers can draw. */
async function exportPng(svg, scale = 2) {
  const image = new Image();
  await new Promise((onload, onerror) => Object.assign(image, { onload, onerror, src: svgAddress(svg) }));
  const { naturalWidth: width, naturalHeight: height } = image;
  const share = Math.min(scale, MOST_PIXELS.side / Math.max(width, height), Math.sqrt(MOST_PIXELS.area / (width * height)));
  const canvas = element("canvas", { width: Math.floor(width * share), height: Math.floor(height * share) });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done));
}

/** Factors and links as two texts in CSV (RFC 4180), with a byte order mark, by which Excel knows UTF-8. */
function exportCsv(factors, links) {
  const special = {
    document: ({ documents, document }) => (documents ?? [document]).map((index) => data.documents[index]?.title ?? "").join("; "),
    wordings: ({ wordings }) => wordings.join("; "),
    section: (factor) => sectionPath(factor).join(" › "),
    source_quote: ({ source }) => factorOf.get(source).quote,
    target_quote: ({ target }) => factorOf.get(target).quote,
    start: ({ offsets }) => offsets.map(([start]) => start).join("; "), // several where the evidence lies in several places
    end: ({ offsets }) => offsets.map(([, end]) => end).join("; "),
    mentions: ({ mentions }) => mentions.map((iri) => data.mentions[iri].zh).join("; "),
  };
  const cell = (value) => {
    const text = String(value).replace(/^[=+\-@\t\r]/, "'$&"); // a text of a document is no formula
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const table = (names, records) => {
    const rows = records.map((record) => names.map((name) => (special[name] ? special[name](record) : record[name])));
    return `\ufeff${[names, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("")}`;
  };
  if (LEVEL === "concepts") {
    return {
      factors: table(["iri", "type", "quote", "wordings", "support", "document", "mentions"], factors),
      links: table(["iri", "relation", "source", "source_quote", "target", "target_quote", "support", "contradictions", "confidence"], links),
    };
  }
  return {
    factors: table(["iri", "type", "quote", "document", "section", "confidence", "modality", "negated", "method", "cue", "start", "end", "mentions"], factors),
    links: table(["iri", "relation", "source", "source_quote", "target", "target_quote", "confidence", "modality", "negated", "inferred", "method", "cue", "start", "end"], links),
  };
}

/** The graph as Turtle, without the factors and links whose IRIs are not in the set: a promise of the text. */
async function exportTurtle(shownIris) {
  const bytes = Uint8Array.from(atob(data.triples), (character) => character.charCodeAt(0));
  const turtle = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  const [head] = turtle.match(/^(@prefix .*\n)*/);
  const namespaces = Object.fromEntries([...head.matchAll(/^@prefix (\w+): <(.*)> \.$/gm)].map(([, prefix, namespace]) => [prefix, namespace]));
  const iriOf = (term) => {
    const [, prefix, local] = term.match(/^([^:]*):(.*)$/s);
    return term.startsWith("<") ? term.slice(1, -1) : (namespaces[prefix] ?? "") + local.replaceAll(/\\(.)/gs, "$1");
  };
  return head + triplesToTurtle(shownTriples(turtleToTriples(turtle.slice(head.length)), shownIris, iriOf));
}

/** Take apart Turtle in which blanks and line ends set every term and every mark apart, as the graph's writer does it. */
function turtleToTriples(turtle) {
  const triples = [];
  let subject = null;
  let predicate = null;
  for (const token of turtle.match(/"(?:[^"\\]|\\.)*"[^ \n]*|[^ \t\n]+/gs) ?? []) {
    if (token === ".") subject = predicate = null;
    else if (token === ";") predicate = null;
    else if (token === ",") continue;
    else if (subject === null) subject = token;
    else if (predicate === null) predicate = token;
    else triples.push([subject, predicate, token]);
  }
  return triples;
}

/** Write triples, those of one subject and predicate one after the other, as the graph's writer does it. */
function triplesToTurtle(triples) {
  const parts = triples.map(([subject, predicate, object], i) => {
    const [lastSubject, lastPredicate] = triples[i - 1] ?? [];
    if (subject !== lastSubject) return `${i ? " .\n" : ""}${subject} ${predicate} ${object}`;
    return predicate === lastPredicate ? ` , ${object}` : ` ;\n\t${predicate} ${object}`;
  });
  return parts.length ? `${parts.join("")} .\n` : "";
}

/** The triples of a graph without the factors and links that are not shown, and without what served only these. */
function shownTriples(triples, shownIris, iriOf) {
  const relations = RELATIONS.map((relation) => `ftz:${relation}`);
  const classes = TYPES.map((type) => `ftz:${type}`);
  const serving = ["ftz:evidence", "oa:hasSelector", "ftz:mentions"];
  const statement = (source, relation, target) => [source, relation, target].join(" ");
  // Links go by what they state, for a relation may be stated by several, or by a triple alone.
  const stated = new Set(everything.links.filter(({ iri }) => shownIris.has(iri))
    .map(({ source, relation, target }) => statement(source, `ftz:${relation}`, target)));
  const dropped = new Set();
  const lasting = new Set(); // a sentence belongs to the text, even where it is evidence
  for (const [subject, properties] of groupBy(triples, 0)) {
    const value = (name) => properties.find(([, predicate]) => predicate === name)[2];
    const types = properties.filter(([, predicate]) => predicate === "a").map(([, , type]) => type);
    if (types.includes("ftz:Sentence")) lasting.add(subject);
    if (types.some((type) => classes.includes(type)) && !shownIris.has(iriOf(subject))) dropped.add(subject);
    if (LEVEL === "concepts" && (types.includes("ftz:Concept") || types.includes("ftz:ConceptLink")) && !shownIris.has(iriOf(subject))) dropped.add(subject);
    if (types.includes("ftz:Link") && !stated.has(statement(iriOf(value("rdf:subject")), value("rdf:predicate"), iriOf(value("rdf:object"))))) dropped.add(subject);
  }
  for (const [subject, predicate, object] of triples) { // a match of what is gone says nothing
    if (["rdf:subject", "rdf:object"].includes(predicate) && dropped.has(object)) dropped.add(subject);
  }
  const keeps = ([subject, predicate, object]) => !dropped.has(subject) && !dropped.has(object) &&
    (!relations.includes(predicate) || stated.has(statement(iriOf(subject), predicate, iriOf(object))));
  for (;;) {
    const needed = new Set(triples.filter(keeps).map(([, , object]) => object));
    const idle = triples.filter(([subject, predicate, object]) =>
      dropped.has(subject) && serving.includes(predicate) && !dropped.has(object) && !needed.has(object) && !lasting.has(object));
    if (!idle.length) return triples.filter(keeps);
    for (const [, , object] of idle) dropped.add(object);
  }
}

/** Save a text or blob as a file. */
function download(name, type, content) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000); // not before the browser has read it
}
