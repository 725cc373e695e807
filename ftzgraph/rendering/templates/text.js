// The document's own text, with every quote shaded; what the reader has chosen stands out, and its cues are dotted.

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

/** The pane that shows one document; `showsFactor` says whose quotes are shaded, `select` takes what a reader presses. */
function createText(pane, showsFactor, select, openDocument) {
  const quotes = groupBy(data.factors.flatMap((factor) => factor.quotes.map(([sentence, start, end]) => ({ sentence, start, end, factor }))), "sentence");
  const places = new Map(); // the element of each sentence of the document that is open
  let reached = new Set(); // factors that the keyboard reaches at their first piece
  let chosen = []; // the statements that stand out

  function fill(index) {
    const marks = [
      ...(quotes.get(index) ?? []).filter(({ factor }) => showsFactor(factor)).map(({ start, end, factor }) => [start, end, factor]),
      ...chosen.flatMap((statement) => statement.cues).filter(([sentence]) => sentence === index).map(([, start, end]) => [start, end, "cue"]),
    ];
    const { text, cue } = data.sentences[index];
    const passed = cue ? text.indexOf(cue) : -1;
    if (passed >= 0) {
      const start = Array.from(text.slice(0, passed)).length;
      marks.push([start, start + Array.from(cue).length, "passed"]);
    }
    places.get(index).replaceChildren(...pieces(text, marks, piece));
  }

  function piece(text, covering) {
    const classes = covering.map((mark) => mark[2]).filter((mark) => typeof mark === "string");
    const factors = covering.filter((mark) => typeof mark[2] !== "string").sort((a, b) => a[1] - a[0] - (b[1] - b[0])).map((mark) => mark[2]);
    if (!factors.length) return classes.length ? element("mark", { class: classes.join(" "), title: classes.includes("passed") ? say("passed") : null }, text) : text;
    const [factor] = factors;
    const first = !reached.has(factor.iri);
    reached.add(factor.iri);
    const stands = factors.some(({ iri }) => chosen.some((statement) => statement.iri === iri));
    const node = element("mark", {
      class: ["quote", ...classes, stands ? "selected" : ""].filter(Boolean).join(" "), color: typeColor(factor), title: say(factor.type),
      role: first && "button", tabindex: first && "0", onclick: () => select(factor.iri),
      onkeydown: (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); select(factor.iri); } },
    }, text);
    return node;
  }

  /** Show a document anew. */
  function open(index) {
    places.clear();
    reached = new Set();
    const paragraphs = [];
    data.sentences.forEach((sentence, i) => {
      if (sentence.document !== index) return;
      places.set(i, element("span"));
      const last = paragraphs.at(-1);
      if (last && last.number === sentence.paragraph) last.sentences.push(i);
      else paragraphs.push({ number: sentence.paragraph, sentences: [i] });
    });
    for (const i of places.keys()) fill(i);
    const body = paragraphs.map(({ sentences }) => {
      const level = data.sentences[sentences[0]].heading;
      if (sentences.length === 1 && level) return element(`h${Math.min(level + 1, 4)}`, {}, places.get(sentences[0]));
      return element("p", {}, ...sentences.map((i) => data.sentences[i].heading ? element("strong", {}, places.get(i)) : places.get(i)));
    });
    const picker = data.documents.length < 2 ? [] : [element("select", {
      "aria-label": say("document"), onchange: (event) => openDocument(Number(event.target.value)),
    }, ...data.documents.map((document, i) => element("option", { value: String(i), selected: i === index }, document.title)))];
    const note = body.length ? [] : [element("p", { class: "hint" }, say("no-text"))];
    pane.replaceChildren(...picker, element("article", { lang: "zh-Hans", dir: "auto" },
      element("h2", { class: "title" }, data.documents[index]?.title ?? ""), ...body, ...note));
  }

  /** Let statements stand out, and bring the first of them into view. */
  function choose(statements) {
    const touched = (some) => some.flatMap((statement) => [...statement.quotes, ...statement.cues]).map(([sentence]) => sentence);
    const before = touched(chosen);
    chosen = statements;
    for (const index of new Set([...before, ...touched(chosen)])) {
      if (!places.has(index)) continue;
      for (const { factor } of quotes.get(index) ?? []) reached.delete(factor.iri);
      fill(index);
    }
    const mark = pane.querySelector("mark.selected");
    if (mark) pane.scrollTop += mark.getBoundingClientRect().top - pane.getBoundingClientRect().top - pane.clientHeight / 3;
  }

  /** Bring the quote of a statement into view. */
  function reach({ quotes: [[sentence] = []] }) {
    const place = places.get(sentence);
    if (place) pane.scrollTop += place.getBoundingClientRect().top - pane.getBoundingClientRect().top - pane.clientHeight / 3;
  }

  return { open, choose, reach };
}
