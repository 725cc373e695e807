// What the reader wants to see: one choice a question, each with the number of factors or links that it would leave.

const FILTERS = {
  document: { of: (factor) => factor.documents ?? [factor.document], options: () => data.documents.map(({ title }, i) => [i, title]) },
  section: { of: sectionsOf, options: sectionOptions },
  mention: { of: (factor) => factor.mentions, options: mentionOptions },
  modality: { of: (factor) => [factor.modality], options: () => named(data.factors.map(({ modality }) => modality)) },
  method: { of: (factor) => [readerOf(factor)], options: () => named(data.factors.map(readerOf), "method-") },
  change: { of: (factor) => [factor.change], options: () => named(data.factors.map(({ change }) => change), "change-") },
  stated: { links: true, of: (link) => [link.inferred ? "inferred" : "stated"], options: () => named(data.links.map(({ inferred }) => inferred ? "inferred" : "stated"), "only-") },
};

const readerOf = (statement) => statement.method.split("/")[0];
const named = (values, prefix = "") =>
  [...new Set(values)].filter(Boolean).sort().map((value) => [value, sayIfKnown(prefix + value, value)]);

function sectionOptions() {
  return LEVEL === "concepts" ? [] : data.sections.map(({ path, document }, i) => [i, "　".repeat(path.length - 1) + path.at(-1), data.documents.length > 1 ? data.documents[document]?.title : null]);
}

function mentionOptions() {
  const kinds = ["Actor", "Instrument", "Sector", "Place"];
  return Object.entries(data.mentions)
    .map(([iri, mention]) => [iri, mention[language], say(mention.kind), kinds.indexOf(mention.kind)])
    .sort((a, b) => a[3] - b[3] || new Intl.Collator(language).compare(a[1], b[1]));
}

/** Whether a record passes every filter that is about its kind of record; a choice is the text of an option's value. */
function passes(record, choices, isLink) {
  return Object.entries(choices).every(([name, choice]) => choice === "" || Boolean(FILTERS[name].links) !== isLink ||
    FILTERS[name].of(record).some((value) => String(value) === choice));
}

/** A select for every filter that has a choice to offer. */
function filterControls(choices, change) {
  return Object.entries(FILTERS).map(([name, { options }]) => [name, options()]).filter(([, options]) => options.length > 1).map(([name, options]) => {
    const groups = new Map();
    for (const [value, text, group] of options) {
      const option = element("option", { value: String(value), selected: choices[name] === String(value) }, text);
      groups.set(group ?? "", [...(groups.get(group ?? "") ?? []), option]);
    }
    const children = [...groups].flatMap(([group, some]) => group ? [element("optgroup", { label: group }, ...some)] : some);
    return element("label", {}, element("span", {}, say(`filter-${name}`)),
      element("select", { name, onchange: (event) => change(name, event.target.value) }, element("option", { value: "" }, say("all")), ...children));
  });
}
