"use strict";

// What the page knows, and how it says things. All text of documents reaches the page as text nodes, never as markup.

const everything = JSON.parse(document.getElementById("data").textContent);
/** The level of the factors and links that the page shows: those of the documents, or the concepts above them. */
const levelIn = (hash) => (everything.concepts && new URLSearchParams(hash).get("g") !== "factors" ? "concepts" : "factors");
const LEVEL = levelIn(location.hash.slice(1));
const data = LEVEL === "concepts" ? { ...everything, ...conceptLevel(everything) } : everything;
const byId = (id) => document.getElementById(id);
const factorOf = new Map(data.factors.map((factor) => [factor.iri, factor]));
const linkOf = new Map(data.links.map((link) => [link.iri, link]));
const linksFrom = groupBy(data.links, "source");
const linksTo = groupBy(data.links, "target");
const TYPES = Object.keys(data.style.factors);
const RELATIONS = Object.keys(data.style.links);
const BARRIERS = ["Problem", "Cause", "Effect"];
const UNSURE = 0.5; // what is less certain is put forward for checking, as in the brief

let language = data.lang;

/** Concepts and their links as factors and links, each with the `statements` of documents that it rests on. */
function conceptLevel({ concepts, factors, links }) {
  const all = (records, name) => [...new Set(records.flatMap((record) => record[name]))];
  const plain = { cue: "", method: "", modality: "", change: "", offsets: [] };
  const above = (record, below) => {
    const statements = record.statements.map((index) => below[index]);
    return { ...plain, ...record, statements, quotes: all(statements, "quotes"), cues: [] };
  };
  return {
    ...concepts,
    factors: concepts.factors.map((record) => above(record, factors)).map((concept) => ({
      ...concept, negated: false, section: null, mentions: all(concept.statements, "mentions"),
      documents: all(concept.statements, "document"), document: concept.statements[0].document,
      confidence: Math.max(...concept.statements.map(({ confidence }) => confidence)),
    })),
    links: concepts.links.map((record) => above(record, links)).map((link) => ({
      ...link, cues: all(link.statements, "cues"), inferred: link.statements.every(({ inferred }) => inferred),
    })),
  };
}

function groupBy(records, key) {
  const groups = new Map();
  for (const record of records) {
    if (!groups.has(record[key])) groups.set(record[key], []);
    groups.get(record[key]).push(record);
  }
  return groups;
}

/** The words for a key in the reader's language, with {name} filled in. */
function say(key, values = {}) {
  const text = data.texts[key] ? data.texts[key][language] : key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

const sayIfKnown = (key, otherwise) => (data.texts[key] ? say(key) : otherwise);

/** Build an element; strings among the children become text. */
function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "color") node.style.setProperty("--color", value);
    else if (value !== undefined && value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const percent = (share) => `${Math.round(share * 100)}%`;
const typeColor = (factor) => data.style.factors[factor.type].color;
const sectionPath = (factor) => (factor.section === null ? [] : data.sections[factor.section].path);

/** The sections around a factor, innermost first. */
function sectionsOf(factor) {
  const found = [];
  for (let at = factor.section; at !== null; at = data.sections[at].parent) found.push(at);
  return found;
}

/** Set every fixed text of the page in the reader's language. */
function translatePage() {
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = say(node.dataset.text);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", say(node.dataset.label));
    if (node.tagName === "BUTTON") node.title = say(node.dataset.label);
  }
  for (const node of document.querySelectorAll("[data-placeholder]")) {
    node.placeholder = say(node.dataset.placeholder);
    node.setAttribute("aria-label", node.placeholder);
  }
}
