// The drawn graph: vis-network holds nodes, edges and gestures; the boxes are drawn here, in the shapes of the legend.

const darkScheme = window.matchMedia("(prefers-color-scheme: dark)");
const FONT = getComputedStyle(document.body).fontFamily;

function theme() {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(name).trim();
  return {
    ground: value("--ground"), surface: value("--surface"), ink: value("--ink"), muted: value("--muted"),
    line: value("--line"), panel: value("--panel"), dark: darkScheme.matches,
  };
}
let colors = theme();

const linkColor = (relation) => data.style.links[relation][colors.dark ? "darkColor" : "color"];

function mix(color, ground, share) {
  const channel = (hex, i) => parseInt(hex.slice(i, i + 2), 16);
  const mixed = [1, 3, 5].map((i) => Math.round(channel(color, i) * share + channel(ground, i) * (1 - share)));
  return `rgb(${mixed.join(",")})`;
}

/** Trace the outline of a factor type around a centre. */
function trace(ctx, type, x, y, width, height) {
  const { outline, radius } = data.style.factors[type];
  const points = outline.map(([across, down, dx, dy]) => [x + (across * width) / 2 + dx, y + (down * height) / 2 + dy]);
  const toward = ([ax, ay], [bx, by]) => {
    const share = Math.min(radius / Math.hypot(bx - ax, by - ay), 0.5);
    return [ax + (bx - ax) * share, ay + (by - ay) * share];
  };
  ctx.beginPath();
  points.forEach((point, i) => {
    const before = points[(i + points.length - 1) % points.length];
    const after = points[(i + 1) % points.length];
    const entry = toward(point, before);
    if (i === 0) ctx.moveTo(...entry);
    else ctx.lineTo(...entry);
    ctx.quadraticCurveTo(...point, ...toward(point, after));
  });
  ctx.closePath();
}

/** A small canvas with the shape of a type or the line of a relation, for legend, panel and table. */
function swatch(key) {
  const node = element("canvas", { width: 60, height: 36, class: "swatch", "aria-hidden": "true" });
  node.dataset.key = key;
  paintSwatch(node);
  return node;
}

function paintSwatch(node) {
  const ctx = node.getContext("2d");
  const key = node.dataset.key;
  ctx.clearRect(0, 0, node.width, node.height);
  ctx.lineWidth = 3;
  if (key in data.style.factors) {
    const { color } = data.style.factors[key];
    trace(ctx, key, 30, 18, 54, 30);
    ctx.fillStyle = mix(color, colors.surface, colors.dark ? 0.4 : 0.25);
    ctx.strokeStyle = color;
    ctx.fill();
    ctx.stroke();
  } else {
    ctx.strokeStyle = ctx.fillStyle = linkColor(key);
    ctx.setLineDash(data.style.links[key].dashes.map((dash) => dash * 1.4));
    ctx.beginPath();
    ctx.moveTo(2, 18);
    ctx.lineTo(44, 18);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.beginPath();
    ctx.moveTo(58, 18);
    ctx.lineTo(43, 10);
    ctx.lineTo(43, 26);
    ctx.fill();
  }
}

/** How lines run: in curves between the columns of the causal order, else straight on. */
const lineShape = (layout) => layout === "causal"
  ? { enabled: true, type: "cubicBezier", forceDirection: "horizontal", roundness: 0.5 }
  : { enabled: true, type: "continuous", roundness: 0.3 };

const LINE_OPACITY = { causes: 0.85, addresses: 0.5, aimsAt: 0.5, partOf: 0.4 };

function lineLook(link, view) {
  const look = data.style.links[link.relation];
  const color = linkColor(link.relation);
  const near = view.focus !== null && view.focus.has(link.iri);
  return {
    hidden: !view.showsLink(link),
    color: { color, highlight: color, hover: color, opacity: near ? 1 : view.focus ? 0.05 : LINE_OPACITY[link.relation] },
    dashes: look.dashes.length ? look.dashes : false,
    width: look.width * (near ? 1.5 : 1),
  };
}

/** Update those records of a data set whose look is not the one they had last. */
function updateChanged(dataset, known, looks) {
  const changed = looks.filter(([iri, look]) => known.get(iri) !== JSON.stringify(look));
  for (const [iri, look] of changed) known.set(iri, JSON.stringify(look));
  if (changed.length) dataset.update(changed.map(([id, look]) => ({ id, ...look })));
}

/** The drawing of the graph: `show` sets what is hidden and what is in focus, the rest moves the view. */
function createCanvas(container, onSelect, first) {
  const nodes = new vis.DataSet(data.network.nodes);
  const edges = new vis.DataSet(data.network.edges.map((edge) => ({ ...edge, ...lineLook(linkOf.get(edge.id), first) })));
  const nodeLooks = new Map(data.factors.map(({ iri }) => [iri, JSON.stringify({ hidden: false })]));
  const edgeLooks = new Map(data.links.map((link) => [link.iri, JSON.stringify(lineLook(link, first))]));
  const tip = byId("tip");
  let frames = data.layouts.causal.frames;
  let focus = null;
  let selected = null;
  let pointer = [0, 0];

  function drawFactor({ ctx, id, x, y, state }) {
    const factor = factorOf.get(id);
    const { width, height, lines } = factor;
    return {
      nodeDimensions: { width, height },
      drawNode() {
        const color = typeColor(factor);
        const chosen = id === selected;
        trace(ctx, factor.type, x, y, width, height);
        ctx.fillStyle = colors.panel; // an opaque ground, so that no line shines through what is faded
        ctx.fill();
        ctx.globalAlpha = focus && !focus.has(id) ? (colors.dark ? 0.3 : 0.22) : 1;
        if (chosen) {
          ctx.lineWidth = 9;
          ctx.strokeStyle = mix(color, colors.panel, 0.45);
          ctx.stroke();
        }
        ctx.fillStyle = mix(color, colors.surface, (colors.dark ? 0.26 : 0.13) + (chosen || state.hover ? 0.12 : 0));
        ctx.fill();
        ctx.lineWidth = chosen ? 2.6 : 1.5;
        ctx.strokeStyle = color;
        ctx.stroke();
        if (network.getScale() < 0.16) return;
        ctx.fillStyle = colors.ink;
        ctx.font = `${data.style.fontSize}px ${FONT}`;
        ctx.textAlign = "center";
        ctx.textBaseline = "middle";
        const first = y - ((lines.length - 1) * data.style.lineHeight) / 2;
        lines.forEach((line, i) => ctx.fillText(line, x, first + i * data.style.lineHeight));
      },
    };
  }

  function drawFrames(ctx) {
    // Dashes finer than a pixel are not seen, but would take most of the time that drawing takes.
    ctx.setLineDash = network.getScale() < 0.15 ? () => {} : CanvasRenderingContext2D.prototype.setLineDash;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    for (const [left, top, width, height, kind, caption] of frames) {
      ctx.beginPath();
      ctx.roundRect(left, top, width, height, 18);
      ctx.fillStyle = colors.panel;
      ctx.fill();
      ctx.lineWidth = 1;
      ctx.strokeStyle = colors.line;
      ctx.stroke();
      // A caption grows as the view shrinks, within its frame, so that an overview can be read.
      const size = Math.min(Math.max(17, 13 / network.getScale()), kind === "document" ? 92 : 34);
      ctx.font = `600 ${size}px ${FONT}`;
      ctx.fillStyle = colors.muted;
      ctx.save();
      ctx.clip();
      ctx.fillText(caption || say(kind), left + 24, top + (kind === "document" ? 70 : 32));
      ctx.restore();
    }
  }

  const network = new vis.Network(container, { nodes, edges }, {
    ...data.network.options,
    nodes: { ...data.network.options.nodes, ctxRenderer: drawFactor },
    edges: { ...data.network.options.edges, smooth: lineShape("causal") },
  });
  container.firstElementChild.tabIndex = -1; // the container itself is the tab stop
  network.on("beforeDrawing", drawFrames);
  network.on("click", ({ nodes: [node], edges: [edge] }) => onSelect(node ?? edge ?? null));
  network.on("hoverNode", ({ node }) => {
    const factor = factorOf.get(node);
    if (network.getScale() < 0.8 || factor.lines.at(-1).endsWith("…")) showTip(`${say(factor.type)}　${factor.quote}`);
    container.classList.add("pointing");
  });
  network.on("hoverEdge", ({ edge }) => {
    const link = linkOf.get(edge);
    showTip(say(link.relation) + (link.cue ? `　${link.cue}` : ""));
    container.classList.add("pointing");
  });
  for (const event of ["blurNode", "blurEdge", "dragStart", "zoom"]) network.on(event, hideTip);
  container.addEventListener("mousemove", (event) => { pointer = [event.offsetX, event.offsetY]; });
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

  function show(view) {
    focus = view.focus;
    selected = view.selected;
    updateChanged(nodes, nodeLooks, data.factors.map((factor) => [factor.iri, { hidden: !view.showsFactor(factor) }]));
    updateChanged(edges, edgeLooks, data.links.map((link) => [link.iri, lineLook(link, view)]));
    network.setSelection(
      { nodes: factorOf.has(selected) ? [selected] : [], edges: linkOf.has(selected) ? [selected] : [] },
      { highlightEdges: false },
    );
    network.redraw();
  }

  let settling = null;

  function arrange(layout) {
    clearInterval(settling);
    network.setOptions({
      physics: layout === "free"
        ? { enabled: true, solver: "forceAtlas2Based", stabilization: false, minVelocity: 1.5,
            forceAtlas2Based: { gravitationalConstant: -180, springLength: 110, springConstant: 0.06, avoidOverlap: 0.8 } }
        : { enabled: false },
      edges: { smooth: lineShape(layout) },
    });
    frames = layout === "free" ? [] : data.layouts[layout].frames;
    if (layout === "free") {
      let rounds = 0;
      settling = setInterval(() => {
        fit(false);
        if (++rounds < 20) return;
        clearInterval(settling);
        network.setOptions({ physics: { enabled: false } });
      }, 200);
    } else {
      const { positions } = data.layouts[layout];
      nodes.update(data.factors.map(({ iri }) => ({ id: iri, x: positions[iri][0], y: positions[iri][1] })));
      fit(false);
    }
  }

  function fit(animation) {
    network.fit({ animation: animation && motion(), minZoomLevel: 0.05, maxZoomLevel: 1 });
  }

  const motion = () =>
    window.matchMedia("(prefers-reduced-motion: reduce)").matches ? false : { duration: 350, easingFunction: "easeInOutQuad" };

  function zoom(ratio) {
    network.moveTo({ scale: Math.min(Math.max(network.getScale() * ratio, 0.05), 3), animation: motion() });
  }

  /** Bring a factor, or the middle of a link, into view at a scale at which it can be read. */
  function reveal(iri) {
    const ends = factorOf.has(iri) ? [iri] : [linkOf.get(iri).source, linkOf.get(iri).target];
    const places = Object.values(network.getPositions(ends));
    const position = {
      x: places.reduce((sum, place) => sum + place.x, 0) / places.length,
      y: places.reduce((sum, place) => sum + place.y, 0) / places.length,
    };
    network.moveTo({ position, scale: Math.max(network.getScale(), 0.8), animation: motion() });
  }

  function repaint() {
    colors = theme();
    document.querySelectorAll("canvas.swatch").forEach(paintSwatch);
  }

  return { network, show, arrange, fit, zoom, reveal, repaint };
}
