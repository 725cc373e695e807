// The side panel: what the text says about the selected factor or link, and the text itself.

/** A sentence as pieces of text; `marks` are [start, end, mark] in code points, and `wrap` makes a node of a piece. */
function pieces(text, marks, wrap) {
  const characters = Array.from(text);
  const bounds = [...new Set([0, characters.length, ...marks.flatMap(([start, end]) => [start, end])])].sort((a, b) => a - b);
  return bounds.slice(1).map((end, i) => {
    const start = bounds[i];
    const covering = marks.filter((mark) => mark[0] <= start && end <= mark[1]);
    return wrap(characters.slice(start, end).join(""), covering);
  });
}

/** The sentences of a statement with its quote shaded and its cue dotted. */
function evidenceOf(statement, color) {
  const sentences = [...new Set([...statement.quotes, ...statement.cues].map(([index]) => index))];
  return sentences.map((index) => {
    const marks = [
      ...statement.quotes.filter(([i]) => i === index).map(([, start, end]) => [start, end, "quote"]),
      ...statement.cues.filter(([i]) => i === index).map(([, start, end]) => [start, end, "cue"]),
    ];
    return element("p", { class: "sentence", lang: "zh-Hans", color },
      ...pieces(data.sentences[index].text, marks, (text, covering) =>
        covering.length ? element("mark", { class: covering.map((mark) => mark[2]).join(" ") }, text) : text));
  });
}

function factorButton(iri, select) {
  const factor = factorOf.get(iri);
  return element("button", { class: "factor", color: typeColor(factor), lang: "zh-Hans", onclick: () => select(iri), title: say(factor.type) },
    swatch(factor.type), element("bdi", {}, factor.quote));
}

function facts(rows) {
  return element("dl", {}, ...rows.filter(([, value]) => value !== "" && value !== null).flatMap(([key, value]) => [
    element("dt", {}, say(key)), element("dd", {}, value),
  ]));
}

function meter(share) {
  const bar = element("span", { class: "meter" }, element("span"));
  bar.firstChild.style.width = percent(share);
  return element("span", {}, bar, ` ${share.toFixed(2)}`);
}

function commitment(statement) {
  return [say(statement.modality), statement.negated ? say("negated") : "", statement.inferred ? say("inferred") : ""]
    .filter(Boolean).join(language === "zh" ? "；" : "; ");
}

const offsets = (statement) => statement.offsets.map(([start, end]) => `${start}–${end}`).join(", ");

function head(key, close) {
  return element("header", { class: "head" }, swatch(key), element("strong", {}, say(key)),
    element("button", { class: "quiet close", "aria-label": say("close"), title: say("close"), onclick: close }, "×"));
}

function evidenceSection(statement, color, showInText) {
  const sentences = evidenceOf(statement, color);
  return sentences.length === 0 ? null : element("section", {}, element("h2", {}, say("evidence")), ...sentences,
    element("button", { class: "quiet flush", onclick: showInText }, say("show-in-text")));
}

function factorDetail(factor, actions) {
  const document = data.documents[factor.document];
  const mentions = factor.mentions.map((iri) => data.mentions[iri]);
  const groups = RELATIONS.flatMap((relation) => [
    [say(`${relation}-in`), linksTo.get(factor.iri) ?? [], relation, "source"],
    [say(relation), linksFrom.get(factor.iri) ?? [], relation, "target"],
  ]).map(([title, links, relation, end]) => [title, links.filter((link) => link.relation === relation && actions.showsLink(link)), end])
    .filter(([, links]) => links.length);
  return [
    head(factor.type, actions.close),
    element("blockquote", { color: typeColor(factor), lang: "zh-Hans", dir: "auto" }, factor.quote),
    evidenceSection(factor, typeColor(factor), actions.showInText),
    element("section", {}, element("h2", {}, say("links")),
      ...(groups.length ? groups.flatMap(([title, links, end]) => [
        element("h3", {}, title),
        element("ul", { class: "linked" }, ...links.map((link) => element("li", {},
          factorButton(link[end], actions.select),
          element("button", { class: "quiet via", onclick: () => actions.select(link.iri), title: say("link"), "aria-label": `${say("link")}: ${say(link.relation)}` }, link.cue || "⋯")))),
      ]) : [element("p", { class: "hint" }, say("no-links"))])),
    facts([
      ["place", sectionPath(factor).length ? element("span", { lang: "zh-Hans" }, sectionPath(factor).join(" › ")) : ""],
      ["confidence", meter(factor.confidence)],
      ["modality", commitment(factor)],
      ["cue", factor.cue],
      ["mentions", mentions.length ? element("span", { class: "mentions" }, ...mentions.map((mention) =>
        element("span", { title: say(mention.kind) }, mention[language]))) : ""],
      ["method", factor.method],
      ["document", document ? document.title : ""],
      ["offsets", offsets(factor)],
    ]),
  ];
}

function linkDetail(link, actions) {
  const color = linkColor(link.relation);
  const document = data.documents[factorOf.get(link.source).document];
  return [
    head(link.relation, actions.close),
    element("div", { class: "ends" }, factorButton(link.source, actions.select),
      element("p", { class: "relation", color }, `↓ ${say(link.relation)}`), factorButton(link.target, actions.select)),
    evidenceSection(link, color, actions.showInText),
    facts([
      ["confidence", meter(link.confidence)],
      ["modality", commitment(link)],
      ["cue", link.cue],
      ["method", link.method],
      ["document", document ? document.title : ""],
      ["offsets", offsets(link)],
    ]),
  ];
}

function introduction() {
  const sample = (kind, text) => element("p", { class: "hint" }, element("mark", { class: kind }, language === "zh" ? "例" : "e.g."), " ", text);
  return [
    element("p", { class: "lead" }, say("intro")),
    sample("quote", say("intro-quote")), sample("cue", say("intro-cue")),
    element("p", { class: "hint" }, say("intro-keys")),
    ...data.documents.slice(0, 20).map((document) => element("section", {},
      element("h2", { lang: "zh-Hans", dir: "auto" }, document.title),
      facts([["creators", document.creators.join("、")], ["document", document.file], ["engine", document.engine]]))),
  ];
}

/** The text of a document with every quote shaded; pressing a quote selects its factor. */
function documentText(index, showsFactor, select) {
  const marks = new Map();
  for (const factor of data.factors.filter(showsFactor)) {
    for (const [sentence, start, end] of factor.quotes) {
      if (!marks.has(sentence)) marks.set(sentence, []);
      marks.get(sentence).push([start, end, factor]);
    }
  }
  const reached = new Set();
  const wrap = (text, covering) => {
    if (!covering.length) return text;
    const factors = covering.sort((a, b) => a[1] - a[0] - (b[1] - b[0])).map((mark) => mark[2]);
    const [factor] = factors;
    const first = !reached.has(factor.iri);
    reached.add(factor.iri);
    const node = element("mark", {
      class: "quote", color: typeColor(factor), title: say(factor.type),
      role: first && "button", tabindex: first && "0", onclick: () => select(factor.iri),
      onkeydown: (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); select(factor.iri); } },
    }, text);
    node.factors = factors.map(({ iri }) => iri);
    return node;
  };
  const paragraphs = [];
  data.sentences.forEach((sentence, i) => {
    if (sentence.document !== index) return;
    const last = paragraphs.at(-1);
    if (last && last.number === sentence.paragraph) last.sentences.push([i, sentence]);
    else paragraphs.push({ number: sentence.paragraph, sentences: [[i, sentence]] });
  });
  return paragraphs.map(({ sentences }) => {
    const content = ([i, sentence]) => pieces(sentence.text, marks.get(i) ?? [], wrap);
    const [[, first]] = sentences;
    if (sentences.length === 1 && first.heading) return element(`h${Math.min(first.heading + 1, 4)}`, {}, ...content(sentences[0]));
    return element("p", {}, ...sentences.flatMap((entry) => entry[1].heading ? [element("strong", {}, ...content(entry))] : content(entry)));
  });
}
