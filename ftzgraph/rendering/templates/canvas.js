// The drawn graph: vis-network holds nodes and gestures; boxes, lines, frames and cards are drawn here.

const systemDark = window.matchMedia("(prefers-color-scheme: dark)");
const FONT = getComputedStyle(document.body).fontFamily;

function theme() {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(name).trim();
  return {
    ground: value("--ground"), surface: value("--surface"), ink: value("--ink"), muted: value("--muted"),
    line: value("--line"), panel: value("--panel"), accent: value("--accent"), dark: value("color-scheme") === "dark",
  };
}
let colors = theme();

const linkColor = (relation) => data.style.links[relation][colors.dark ? "darkColor" : "color"];
const CHANGE_COLORS = { added: "#1a9850", removed: "#c2273d", changed: "#8a5fd3" };

function mix(color, ground, share) {
  const channel = (hex, i) => parseInt(hex.slice(i, i + 2), 16);
  const mixed = [1, 3, 5].map((i) => Math.round(channel(color, i) * share + channel(ground, i) * (1 - share)));
  return `rgb(${mixed.join(",")})`;
}

const LINE_OPACITY = { causes: 0.85, addresses: 0.55, aimsAt: 0.55, partOf: 0.4 };
const FADED = 0.07;
const TOUCH = 7; // pixels within which a line is hit

/** The frames of a layout as a forest: each with the one around it and what it holds directly. */
function forest(layout) {
  const frames = layout.frames.map(([left, top, width, height, kind, caption, members], index) => ({
    index, left, top, width, height, kind, caption, members, parent: null, inner: [],
    x: left + width / 2, y: top + height / 2,
  }));
  const inside = (a, b) => a.left >= b.left && a.top >= b.top && a.left + a.width <= b.left + b.width && a.top + a.height <= b.top + b.height;
  const around = []; // outer frames come before inner ones
  for (const frame of frames) {
    while (around.length && !inside(frame, around.at(-1))) around.pop();
    frame.parent = around.at(-1) ?? null;
    frame.parent?.inner.push(frame);
    around.push(frame);
  }
  return frames;
}

const sectionFrames = data.layouts.section ? forest(data.layouts.section) : [];
const frameOf = new Map(sectionFrames.flatMap((frame) => frame.members.map((index) => [data.factors[index].iri, frame])));

/** All factors of a frame, those of the frames in it too. */
const heldBy = (frame) => [...frame.members.map((index) => data.factors[index]), ...frame.inner.flatMap(heldBy)];

/** The outermost frame around a factor that is still closed. */
function closedAround(iri, opened) {
  let closed = null;
  for (let frame = frameOf.get(iri); frame; frame = frame.parent) if (!opened.has(frame.index)) closed = frame;
  return closed;
}

/** The drawing of the graph: `show` sets what is shown and what stands out, the rest moves the view. */
function createCanvas(container, onSelect, onOpen) {
  const nodes = new vis.DataSet(data.network.nodes);
  const outlines = new Map(data.factors.map((factor) => [factor.iri, new Path2D(outlinePath(factor.type, 0, 0, factor.width, factor.height))]));
  const hiddenNodes = new Set();
  const tip = byId("tip");
  let layout = "causal";
  let frames = [];
  let shown = { factors: new Set(), links: [], focus: null, selected: null, opened: new Set() };
  let lines = []; // what is drawn of the links: { from, to, relation, links, near }
  let pointer = [0, 0];
  let whole = true; // whether the view is on the whole drawing, which it then keeps as the window changes

  const network = new vis.Network(container, { nodes, edges: [] }, {
    ...data.network.options, nodes: { ...data.network.options.nodes, ctxRenderer: drawFactor },
  });
  container.firstElementChild.tabIndex = -1; // the container itself is the tab stop
  const placeOf = (iri) => network.body.nodes[iri];

  /** What a line to a factor ends at: its box, or the card that covers it. */
  function anchor(iri) {
    const card = layout === "overview" ? closedAround(iri, shown.opened) : null;
    if (card) return card;
    const { x, y } = placeOf(iri);
    const { width, height } = factorOf.get(iri);
    return { x, y, width, height, iri };
  }

  function drawFactor({ ctx, id, x, y, state }) {
    const factor = factorOf.get(id);
    const { width, height, lines: words } = factor;
    return {
      nodeDimensions: { width, height },
      drawNode() {
        const color = typeColor(factor);
        const chosen = id === shown.selected;
        const outline = outlines.get(id);
        ctx.save();
        ctx.translate(x, y);
        ctx.fillStyle = colors.panel; // an opaque ground, so that no line shines through what is faded
        ctx.fill(outline);
        ctx.globalAlpha = shown.focus && !shown.focus.has(id) ? (colors.dark ? 0.3 : 0.22) : 1;
        if (chosen || factor.change in CHANGE_COLORS) {
          ctx.lineWidth = chosen ? 9 : 8;
          ctx.strokeStyle = factor.change in CHANGE_COLORS ? CHANGE_COLORS[factor.change] : mix(color, colors.panel, 0.45);
          ctx.stroke(outline);
        }
        ctx.fillStyle = mix(color, colors.surface, (colors.dark ? 0.26 : 0.13) + (chosen || state.hover ? 0.12 : 0));
        ctx.fill(outline);
        ctx.lineWidth = chosen ? 2.6 : 1.5;
        ctx.strokeStyle = color;
        if (factor.confidence < UNSURE) ctx.setLineDash([5, 3]);
        ctx.stroke(outline);
        if (network.getScale() >= 0.16) {
          ctx.setLineDash([]);
          ctx.fillStyle = colors.ink;
          ctx.font = `${data.style.fontSize}px ${FONT}`;
          ctx.textAlign = "center";
          ctx.textBaseline = "middle";
          const first = -((words.length - 1) * data.style.lineHeight) / 2;
          words.forEach((line, i) => ctx.fillText(line, 0, first + i * data.style.lineHeight));
        }
        ctx.restore();
      },
    };
  }

  function drawGround(ctx) {
    // Dashes finer than a pixel are not seen, but would take most of the time that drawing takes.
    ctx.setLineDash = network.getScale() < 0.15 ? () => {} : CanvasRenderingContext2D.prototype.setLineDash;
    for (const frame of frames) drawFrame(ctx, frame);
    drawLines(ctx);
    for (const card of cards()) drawCard(ctx, card);
  }

  function drawFrame(ctx, { left, top, width, height, kind, caption }) {
    ctx.beginPath();
    ctx.roundRect(left, top, width, height, 18);
    ctx.fillStyle = colors.panel;
    ctx.fill();
    ctx.lineWidth = 1;
    ctx.strokeStyle = colors.line;
    ctx.stroke();
    // A caption grows as the view shrinks, within its frame, so that an overview can be read.
    const size = Math.min(Math.max(17, 13 / network.getScale()), kind === "document" ? 92 : 34);
    ctx.save();
    ctx.clip();
    write(ctx, caption || say(kind), left + 24, top + (kind === "document" ? 70 : 32), size, colors.muted, "600");
    ctx.restore();
  }

  function write(ctx, text, x, y, size, color, weight = "400") {
    ctx.font = `${weight} ${size}px ${FONT}`;
    ctx.fillStyle = color;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    ctx.fillText(text, x, y);
  }

  function drawLines(ctx) {
    const small = network.getScale() < 0.15;
    const corner = network.DOMtoCanvas({ x: 0, y: 0 });
    const far = network.DOMtoCanvas({ x: container.clientWidth, y: container.clientHeight });
    const seen = ({ from, to }) =>
      Math.max(from.x + from.width, to.x + to.width) > corner.x && Math.min(from.x - from.width, to.x - to.width) < far.x &&
      Math.max(from.y + from.height, to.y + to.height) > corner.y && Math.min(from.y - from.height, to.y - to.height) < far.y;
    const groups = groupBy(lines.filter(seen).map((line) => ({ ...line, look: `${line.near ? 1 : 0}${line.relation} ${line.weight}` })), "look");
    for (const look of [...groups.keys()].sort()) { // what is near is drawn last, above the rest
      const some = groups.get(look);
      const { relation, near, weight } = some[0];
      const style = data.style.links[relation];
      ctx.globalAlpha = near ? 1 : shown.focus ? FADED : LINE_OPACITY[relation];
      ctx.strokeStyle = ctx.fillStyle = linkColor(relation);
      ctx.lineWidth = style.width * weight * (near ? 1.5 : 1);
      ctx.setLineDash(style.dashes);
      const [strokes, heads] = [new Path2D(), new Path2D()];
      for (const line of some) {
        const [start, one, two, end] = line.curve;
        strokes.moveTo(...start);
        strokes.bezierCurveTo(...one, ...two, ...end);
        if (small) continue;
        const corners = arrowHead(line.curve, 7 + 3 * weight);
        heads.moveTo(...corners[0]);
        corners.slice(1).forEach((point) => heads.lineTo(...point));
        heads.closePath();
      }
      ctx.stroke(strokes);
      ctx.setLineDash([]);
      ctx.fill(heads);
    }
    const chosen = lines.find((line) => line.links[0].iri === shown.selected && line.links.length === 1);
    if (chosen) {
      const [start, one, two, end] = chosen.curve;
      ctx.globalAlpha = 0.25;
      ctx.lineWidth = 10;
      ctx.strokeStyle = linkColor(chosen.relation);
      ctx.beginPath();
      ctx.moveTo(...start);
      ctx.bezierCurveTo(...one, ...two, ...end);
      ctx.stroke();
    }
    ctx.globalAlpha = 1;
  }

  /** The closed frames that lie in no closed one, each with the shown factors that it covers. */
  const cards = () => layout !== "overview" ? [] : sectionFrames.filter((frame) => {
    for (let at = frame.parent; at; at = at.parent) if (!shown.opened.has(at.index)) return false;
    return !shown.opened.has(frame.index);
  }).map((frame) => ({ ...frame, held: heldBy(frame).filter(({ iri }) => shown.factors.has(iri)) }));

  /** A card tells the title of a section or document and how many factors of each type it holds. */
  function drawCard(ctx, card) {
    const { left, top, width, height, held } = card;
    const faded = shown.focus && !held.some(({ iri }) => shown.focus.has(iri));
    ctx.beginPath();
    ctx.roundRect(left, top, width, height, 18);
    ctx.fillStyle = colors.surface;
    ctx.fill();
    ctx.globalAlpha = faded ? 0.35 : 1;
    ctx.lineWidth = 2 / network.getScale();
    ctx.strokeStyle = faded ? colors.line : colors.muted;
    ctx.stroke();
    const { title, size, x, foot, small, bars } = cardFace(card, 1 / network.getScale());
    ctx.save();
    ctx.clip();
    for (const [line, y] of title) write(ctx, line, x, y, size, colors.ink, "600");
    for (const bar of bars) {
      ctx.fillStyle = data.style.factors[bar.type].color;
      ctx.fillRect(bar.x, bar.y, bar.width, bar.height);
    }
    write(ctx, say("n-factors", { n: held.length }), x, foot, small, colors.muted);
    ctx.restore();
    ctx.globalAlpha = 1;
  }

  /** How many times as wide as others a link is drawn: the more documents state it, the wider. */
  const heft = ({ support }) => (support > 1 ? Math.min(4, 1 + Math.round(Math.log2(support) * 2) / 3) : 1);

  /** Gather the shown links into lines: one a link, or one for all links of a relation between two cards. */
  function gather() {
    const found = new Map();
    for (const link of shown.links) {
      const [from, to] = [anchor(link.source), anchor(link.target)];
      if (from === to) continue;
      const key = from.iri && to.iri ? link.iri : `${from.iri ?? from.index} ${link.relation} ${to.iri ?? to.index}`;
      if (!found.has(key)) found.set(key, { from, to, relation: link.relation, links: [], near: false });
      const line = found.get(key);
      line.links.push(link);
      line.near ||= shown.focus !== null && shown.focus.has(link.iri);
    }
    lines = [...found.values()].map((line) => {
      const parallel = line.links.length === 1 && line.from.iri && line.to.iri;
      return { ...line, weight: parallel ? heft(line.links[0]) : Math.round(2 + 2 * Math.log2(line.links.length)) / (network.getScale() < 0.4 ? 1 : 2),
        curve: curve(line.from, line.to, layout) };
    });
  }

  /** What lies at a place of the drawing: a factor, a card, a line's first link, or nothing. */
  function hit({ nodes: [node], pointer: { canvas: at } }) {
    if (node) return { iri: node };
    const within = ({ left, top, width, height }) => at.x >= left && at.x <= left + width && at.y >= top && at.y <= top + height;
    const card = cards().find(within);
    if (card) return { frame: card };
    const reach = TOUCH / network.getScale();
    let best = null;
    for (const line of lines) {
      for (let i = 0; i <= 24; i += 1) {
        const [x, y] = pointOn(line.curve, i / 24);
        const [u, v] = pointOn(line.curve, Math.min(1, (i + 1) / 24));
        const length = (u - x) ** 2 + (v - y) ** 2;
        const along = length ? Math.max(0, Math.min(1, ((at.x - x) * (u - x) + (at.y - y) * (v - y)) / length)) : 0;
        const away = Math.hypot(at.x - x - along * (u - x), at.y - y - along * (v - y));
        if (away < (best?.away ?? reach)) best = { iri: line.links[0].iri, line, away };
      }
    }
    if (best) return best;
    const caption = layout === "overview" && sectionFrames.findLast((frame) => shown.opened.has(frame.index) && within({ ...frame, height: 64 }));
    return caption ? { frame: caption } : {};
  }

  network.on("beforeDrawing", drawGround);
  network.on("click", (event) => {
    const { iri = null, frame } = hit(event);
    if (frame) onOpen(frame.index);
    else onSelect(iri);
  });
  network.on("dragging", ({ nodes: moved }) => { if (moved.length) gather(); });
  network.on("hoverNode", ({ node }) => {
    const factor = factorOf.get(node);
    if (network.getScale() < 0.8 || factor.lines.some((line) => line.endsWith("…"))) showTip(`${say(factor.type)}　${factor.quote}`);
    container.classList.add("pointing");
  });
  for (const event of ["blurNode", "dragStart", "zoom"]) network.on(event, hideTip);
  for (const event of ["dragStart", "zoom"]) network.on(event, () => { whole = false; });
  // After vis-network has taken the new size, which it does in an observer of its own.
  new ResizeObserver(() => requestAnimationFrame(() => { if (whole) fit(false); })).observe(container);
  container.addEventListener("mousemove", (event) => {
    pointer = [event.offsetX, event.offsetY];
    const [x, y] = pointer;
    if (event.buttons || network.getNodeAt({ x, y })) return;
    const { line, frame } = hit({ nodes: [], pointer: { canvas: network.DOMtoCanvas({ x, y }) } });
    if (line) showTip(line.links.length > 1 ? `${say(line.relation)} × ${line.links.length}` : [say(line.relation), line.links[0].cue, line.links[0].support ? `×${line.links[0].support}` : ""].filter(Boolean).join("　"));
    else if (!frame) hideTip();
    container.classList.toggle("pointing", Boolean(line || frame));
  });
  container.addEventListener("mouseleave", hideTip);

  function showTip(text) {
    tip.textContent = text;
    tip.hidden = false;
    const [x, y] = pointer;
    tip.style.left = `${Math.max(8, Math.min(x + 14, container.clientWidth - tip.offsetWidth - 8))}px`;
    tip.style.top = `${y + 20 + tip.offsetHeight > container.clientHeight ? y - tip.offsetHeight - 10 : y + 18}px`;
  }

  function hideTip() {
    tip.hidden = true;
    container.classList.remove("pointing");
  }

  /** Draw what the view says: the factors and links shown, what is in focus, the selection, the opened frames. */
  function show(view) {
    shown = view;
    const covered = (iri) => !shown.factors.has(iri) || (layout === "overview" && closedAround(iri, shown.opened) !== null);
    const changed = data.factors.filter(({ iri }) => covered(iri) !== hiddenNodes.has(iri));
    for (const { iri } of changed) if (!hiddenNodes.delete(iri)) hiddenNodes.add(iri);
    if (changed.length) nodes.update(changed.map(({ iri }) => ({ id: iri, hidden: hiddenNodes.has(iri) })));
    network.setSelection({ nodes: factorOf.has(shown.selected) ? [shown.selected] : [], edges: [] });
    gather();
    network.redraw();
  }

  function arrange(name, least) {
    layout = name;
    const { positions, frames: around } = data.layouts[LEVEL === "concepts" ? `${name} ${least}` : name === "overview" ? "section" : name];
    frames = name === "overview" ? sectionFrames : around.map(([left, top, width, height, kind, caption]) => ({ left, top, width, height, kind, caption }));
    nodes.update(positions.map(([x, y], i) => ({ id: data.factors[i].iri, x, y })));
  }

  /** Bring some factors, or the whole drawing, into view. */
  function fit(animation, some = null) {
    const around = ({ x, y, width, height }) => ({ left: x - width / 2, top: y - height / 2, width, height });
    const boxes = [...data.factors.filter(({ iri }) => shown.factors.has(iri) && (!some || some.has(iri))).map(({ iri }) => around(anchor(iri))),
      ...(some ? [] : frames)];
    if (!boxes.length) return;
    whole = !some;
    const [left, top] = [Math.min(...boxes.map((box) => box.left)), Math.min(...boxes.map((box) => box.top))];
    const [right, bottom] = [Math.max(...boxes.map((box) => box.left + box.width)), Math.max(...boxes.map((box) => box.top + box.height))];
    const margin = some ? 80 : 24;
    const scale = Math.min((container.clientWidth - margin) / (right - left), (container.clientHeight - margin) / (bottom - top), 1);
    network.moveTo({ position: { x: (left + right) / 2, y: (top + bottom) / 2 }, scale: Math.max(scale, 0.01), animation: animation && motion() });
  }

  const motion = () =>
    window.matchMedia("(prefers-reduced-motion: reduce)").matches ? false : { duration: 350, easingFunction: "easeInOutQuad" };

  function zoom(ratio) {
    whole = false;
    network.moveTo({ scale: Math.min(Math.max(network.getScale() * ratio, 0.01), 3), animation: motion() });
  }

  /** Bring a factor, or the middle of a link, into view at a scale at which it can be read. */
  function reveal(iri) {
    whole = false;
    const ends = (factorOf.has(iri) ? [iri] : [linkOf.get(iri).source, linkOf.get(iri).target]).map(anchor);
    const middle = (axis) => ends.reduce((sum, end) => sum + end[axis], 0) / ends.length;
    network.moveTo({ position: { x: middle("x"), y: middle("y") }, scale: Math.max(network.getScale(), 0.8), animation: motion() });
  }

  function repaint() {
    colors = theme();
    network.redraw();
  }

  /** What is drawn now, for the pictures that leave the page. */
  const scene = () => ({ frames, lines, factors: data.factors.filter(({ iri }) => shown.factors.has(iri) && !hiddenNodes.has(iri)).map(({ iri }) => anchor(iri)), cards: cards(), focus: shown.focus });

  return { network, show, arrange, fit, zoom, reveal, repaint, scene };
}
