// The side panel: what there is to say of the selected factor or link, and what can be asked.

function factorButton(iri, select) {
  const factor = factorOf.get(iri);
  return element("button", { class: "factor", color: typeColor(factor), lang: "zh-Hans", onclick: () => select(iri), title: say(factor.type) },
    swatch(factor.type), element("bdi", {}, factor.quote));
}

const MOST_LISTED = 100;

function factorList(iris, select) {
  return element("ul", { class: "linked" }, ...iris.slice(0, MOST_LISTED).map((iri) => element("li", {}, factorButton(iri, select))),
    iris.length > MOST_LISTED ? element("li", { class: "hint" }, say("and-more", { n: iris.length - MOST_LISTED })) : null);
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

/** Who found it, and by which rule. */
function methodOf(statement) {
  const [reader, ...rule] = statement.method.split("/");
  return [sayIfKnown(`method-${reader}`, reader), ...rule].filter(Boolean).join(" · ");
}

const offsets = (statement) => statement.offsets.map(([start, end]) => `${start}–${end}`).join(", ");
const changeOf = (statement) => (statement.change ? say(`change-${statement.change}`) : "");

function head(key, close) {
  return element("header", { class: "head" }, swatch(key), element("strong", {}, say(key)),
    element("button", { class: "quiet close", "aria-label": say("close"), title: say("close"), onclick: close }, "×"));
}

/** The sentences that say so; the text below shows them too, but not for a graph without text or with many places. */
function evidenceSection(statement, color) {
  const sentences = evidenceOf(statement, color);
  return sentences.length === 0 ? null : element("section", { class: "evidence" }, element("h2", {}, say("evidence")), ...sentences);
}

/** What can be asked of a factor. */
function questionsOf(factor, actions) {
  const question = (trace, key) => element("button", { class: "question", "aria-pressed": String(actions.trace === trace), onclick: () => actions.follow(trace) }, say(key));
  return element("div", { class: "questions" }, question("up", "ask-up"), question("down", "ask-down"),
    element("button", { class: "question", onclick: () => actions.setEnd("from", factor.iri) }, say("path-from-here")),
    element("button", { class: "question", onclick: () => actions.setEnd("to", factor.iri) }, say("path-to-here")));
}

/** The links of a factor, each with its other end and a button of its own. */
function linksSection(factor, actions) {
  const groups = RELATIONS.flatMap((relation) => [
    [say(`${relation}-in`), linksTo.get(factor.iri) ?? [], relation, "source"],
    [say(relation), linksFrom.get(factor.iri) ?? [], relation, "target"],
  ]).map(([title, links, relation, end]) => [title, links.filter((link) => link.relation === relation && actions.showsLink(link)), end])
    .filter(([, links]) => links.length);
  return element("section", {}, element("h2", {}, say("links")),
    ...(groups.length ? groups.flatMap(([title, links, end]) => [
      element("h3", {}, title),
      element("ul", { class: "linked" }, ...links.map((link) => element("li", {},
        factorButton(link[end], actions.select),
        element("button", { class: "quiet via", onclick: () => actions.select(link.iri), title: say("link"), "aria-label": `${say("link")}: ${say(link.relation)}` },
          link.support === undefined ? link.cue || "⋯" : `×${link.support}`)))),
    ]) : [element("p", { class: "hint" }, say("no-links"))]));
}

function mentionsOf(factor) {
  const mentions = factor.mentions.map((iri) => data.mentions[iri]);
  return mentions.length ? element("span", { class: "mentions" }, ...mentions.map((mention) =>
    element("span", { title: say(mention.kind) }, mention[language]))) : "";
}

function factorDetail(factor, actions) {
  const document = data.documents[factor.document];
  return [
    head(factor.type, actions.close),
    element("blockquote", { color: typeColor(factor), lang: "zh-Hans", dir: "auto" }, factor.quote),
    questionsOf(factor, actions),
    facts([
      ["place", sectionPath(factor).length ? element("span", { lang: "zh-Hans" }, sectionPath(factor).join(" › ")) : ""],
      ["confidence", meter(factor.confidence)],
      ["modality", commitment(factor)],
      ["cue", factor.cue],
      ["method", methodOf(factor)],
      ["change", changeOf(factor)],
    ]),
    linksSection(factor, actions),
    evidenceSection(factor, typeColor(factor)),
    facts([
      ["mentions", mentionsOf(factor)],
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
    facts([
      ["confidence", meter(link.confidence)],
      ["modality", commitment(link)],
      ["cue", link.cue],
      ["method", methodOf(link)],
      ["change", changeOf(link)],
    ]),
    evidenceSection(link, color),
    facts([["document", document ? document.title : ""], ["offsets", offsets(link)]]),
  ];
}

function introduction() {
  const sample = (kind, key) => element("p", { class: "hint" }, element("mark", { class: kind }, language === "zh" ? "例" : "e.g."), " ", say(key));
  return [
    element("p", { class: "lead" }, say("intro")),
    LEVEL === "concepts" ? element("p", {}, say("intro-concepts")) : null,
    sample("quote", "intro-quote"), sample("cue", "intro-cue"), sample("passed", "intro-passed"),
    element("p", { class: "hint" }, say("intro-keys")),
    ...data.documents.slice(0, 20).map((document) => element("section", {},
      element("h2", { lang: "zh-Hans", dir: "auto" }, document.title),
      facts([["creators", document.creators.join("、")], ["document", document.file], ["engine", document.engine]]))),
  ];
}

function searchResults(found, select) {
  return [element("h2", {}, say("hits", { n: found.length })), factorList(found.map(({ iri }) => iri), select)];
}

/** How one factor leads to another, step by step. */
function pathSection({ from, to, path, reversed }, actions) {
  const end = (key, iri) => element("div", { class: "end" }, element("h3", {}, say(key)),
    iri ? factorButton(iri, actions.select) : element("p", { class: "hint" }, say("path-choose")));
  const steps = path ? path.flatMap((link) => [
    element("li", {}, element("button", { class: "quiet relation", color: linkColor(link.relation), onclick: () => actions.select(link.iri) },
      `↓ ${say(link.relation)} ${link.confidence.toFixed(2)}`)),
    element("li", {}, factorButton(link.target, actions.select)),
  ]) : [];
  return element("section", { id: "path" }, element("h2", {}, say("path")), end("path-from", from), end("path-to", to),
    from && to ? element("p", { class: "hint", role: "status" }, path ? say(reversed ? "path-reversed" : "path-found", { n: path.length }) : say("path-none")) : null,
    path ? element("ol", { class: "linked steps" }, element("li", {}, factorButton(reversed ? to : from, actions.select)), ...steps) : null,
    from || to ? element("button", { class: "quiet flush", onclick: actions.clearPath }, say("path-clear")) : null);
}

/** What can be asked of the whole: lists of what stands out, and how one factor leads to another. */
function questions(lists, current, path, actions) {
  return [
    ...Object.entries(lists).map(([name, factors]) => element("section", { class: "list" },
      element("button", { class: "question wide", value: name, "aria-expanded": String(current === name), onclick: () => actions.list(name) },
        say(`list-${name}`), element("small", {}, String(factors.length))),
      ...(current === name ? [element("p", { class: "hint" }, say(`list-${name}-note`)), factorList(factors.map(({ iri }) => iri), actions.select)] : []))),
    pathSection(path, actions),
  ];
}
