// The side panel on the level of concepts: from what many documents say down to the words of each.

const factorOfDocuments = new Map(everything.factors.map((factor) => [factor.iri, factor]));
const documentOf = (statement) => statement.document ?? factorOfDocuments.get(statement.source).document;

/** The statements that a concept or link rests on, under the documents that make them; a press opens the place. */
function statementsSection(statements, color, actions) {
  const groups = new Map();
  for (const statement of statements.slice(0, MOST_LISTED)) groups.set(documentOf(statement), [...(groups.get(documentOf(statement)) ?? []), statement]);
  const said = (statement) => {
    const sentences = evidenceOf(statement, color);
    const words = statement.quote ?? `${factorOfDocuments.get(statement.source).quote} → ${factorOfDocuments.get(statement.target).quote}`;
    const section = sectionPath(factorOfDocuments.get(statement.source ?? statement.iri)).join(" › ");
    return element("div", { class: "said" },
      ...(sentences.length ? sentences : [element("p", { class: "sentence", lang: "zh-Hans" }, words)]),
      element("button", { class: "quiet flush", onclick: () => actions.openQuote(statement), "aria-label": `${say("open-quote")}: ${words}` },
        element("bdi", { lang: "zh-Hans" }, section || say("open-quote")), statement.negated ? ` · ${say("denied")}` : ""));
  };
  return element("section", { class: "evidence statements" }, element("h2", {}, say("quotes-in", { n: groups.size })),
    ...[...groups].flatMap(([index, some]) => [element("h3", { lang: "zh-Hans", dir: "auto" }, data.documents[index]?.title ?? ""), ...some.map(said)]),
    statements.length > MOST_LISTED ? element("p", { class: "hint" }, say("and-more", { n: statements.length - MOST_LISTED })) : null);
}

/** Concepts that are like another one, with how sure that is; those too rare to be on the page are named only. */
function likenessSection(key, likenesses, actions) {
  return likenesses.length === 0 ? null : element("section", {}, element("h2", {}, say(key)),
    element("ul", { class: "linked" }, ...likenesses.slice(0, MOST_LISTED).map(({ iri, label, confidence }) => element("li", {},
      factorOf.has(iri) ? factorButton(iri, actions.select) : element("span", { class: "factor", lang: "zh-Hans" }, element("bdi", {}, label)),
      element("small", { class: "via" }, confidence.toFixed(2))))));
}

function conceptDetail(concept, actions) {
  const color = typeColor(concept);
  return [
    head(concept.type, actions.close),
    element("blockquote", { color, lang: "zh-Hans", dir: "auto" }, concept.quote),
    questionsOf(concept, actions),
    facts([["documents", String(concept.support)], ["mentions", mentionsOf(concept)]]),
    concept.wordings.length ? element("section", {}, element("h2", {}, say("wordings")),
      element("ul", { class: "wordings", lang: "zh-Hans" }, ...concept.wordings.slice(0, MOST_LISTED).map((wording) => element("li", { dir: "auto" }, wording)))) : null,
    statementsSection(concept.statements, color, actions),
    linksSection(concept, actions),
    likenessSection("may-be-one", concept.close, actions),
    likenessSection("related", concept.related, actions),
  ];
}

function conceptLinkDetail(link, actions) {
  const color = linkColor(link.relation);
  return [
    head(link.relation, actions.close),
    element("div", { class: "ends" }, factorButton(link.source, actions.select),
      element("p", { class: "relation", color }, `↓ ${say(link.relation)}`), factorButton(link.target, actions.select)),
    facts([
      ["stated-by", String(link.support)],
      ["denied-by", link.contradictions ? String(link.contradictions) : ""],
      ["confidence", meter(link.confidence)],
    ]),
    statementsSection(link.statements, color, actions),
  ];
}
