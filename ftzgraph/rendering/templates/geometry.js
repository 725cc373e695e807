// Shapes of boxes and lines, the same on screen and in the pictures that leave the page.

/** The outline of a factor type as an SVG path around a centre. */
function outlinePath(type, x, y, width, height) {
  const { outline, radius } = data.style.factors[type];
  const points = outline.map(([across, down, dx, dy]) => [x + (across * width) / 2 + dx, y + (down * height) / 2 + dy]);
  const toward = ([ax, ay], [bx, by]) => {
    const share = Math.min(radius / Math.hypot(bx - ax, by - ay), 0.5);
    return [ax + (bx - ax) * share, ay + (by - ay) * share];
  };
  const steps = points.map((point, i) => {
    const entry = toward(point, points[(i + points.length - 1) % points.length]);
    const exit = toward(point, points[(i + 1) % points.length]);
    return `${i ? "L" : "M"}${entry.join(" ")}Q${point.join(" ")} ${exit.join(" ")}`;
  });
  return `${steps.join("")}Z`;
}

/** Where the line from the centre of a box to a point leaves the box. */
function borderPoint(box, [x, y]) {
  const [dx, dy] = [x - box.x, y - box.y];
  const share = Math.min(dx ? box.width / 2 / Math.abs(dx) : Infinity, dy ? box.height / 2 / Math.abs(dy) : Infinity, 1);
  return [box.x + dx * share, box.y + dy * share];
}

/**
 * The line from box to box as a cubic curve: start, two control points, end. Between the columns of the causal order it
 * leaves and enters at the sides, and within a column it swings round what lies between; elsewhere it is straight.
 */
function curve(from, to, layout) {
  const straight = () => {
    const [start, end] = [borderPoint(from, [to.x, to.y]), borderPoint(to, [from.x, from.y])];
    return [start, start, end, end];
  };
  if (layout !== "causal") return straight();
  const apart = Math.abs(to.x - from.x) - (from.width + to.width) / 2;
  if (apart < 8) {
    const right = Math.max(from.x + from.width / 2, to.x + to.width / 2) + 22;
    return [[from.x + from.width / 2, from.y], [right, from.y], [right, to.y], [to.x + to.width / 2, to.y]];
  }
  const side = to.x > from.x ? 1 : -1;
  const [start, end] = [[from.x + (side * from.width) / 2, from.y], [to.x - (side * to.width) / 2, to.y]];
  const reach = side * Math.max(apart / 2, 24);
  return [start, [start[0] + reach, start[1]], [end[0] - reach, end[1]], end];
}

/** A point of a cubic curve; `at` runs from 0 to 1. */
function pointOn([a, b, c, d], at) {
  const rest = 1 - at;
  const weigh = (i) => rest ** 3 * a[i] + 3 * rest ** 2 * at * b[i] + 3 * rest * at ** 2 * c[i] + at ** 3 * d[i];
  return [weigh(0), weigh(1)];
}

/** The corners of the arrow head at the end of a curve. */
function arrowHead([start, , control, end], size) {
  const before = control[0] === end[0] && control[1] === end[1] ? start : control;
  const angle = Math.atan2(end[1] - before[1], end[0] - before[0]);
  const wing = (turn) => [end[0] - size * Math.cos(angle + turn), end[1] - size * Math.sin(angle + turn)];
  return [end, wing(0.4), wing(-0.4)];
}

const ruler = document.createElement("canvas").getContext("2d");

function textWidth(text, size, weight) {
  ruler.font = `${weight} ${size}px ${FONT}`;
  return ruler.measureText(text).width;
}

/** A text in lines that fit a width; what does not fit into so many lines ends in an ellipsis. */
function wrapped(text, room, size, weight, most = 1) {
  const lines = [""];
  for (const character of text) {
    if (lines.at(-1) && textWidth(lines.at(-1) + character, size, weight) > room) lines.push("");
    lines[lines.length - 1] += character;
  }
  return lines.length > most ? [...lines.slice(0, most - 1), `${[...lines[most - 1]].slice(0, -1).join("")}…`] : lines;
}

/** Where things stand on a card: its title, how many factors it holds, and a bar with the share of each type. */
function cardFace({ left, top, width, height, kind, caption, held }, unit) {
  const pad = Math.min(width, height) * 0.08;
  const [x, room] = [left + pad, width - 2 * pad];
  const words = caption || say(kind);
  const size = Math.min(height * 0.16, Math.max(room / Math.max(4, words.length), 13 * unit), 150);
  const title = wrapped(words, room, size, 600, Math.max(1, Math.floor((height * 0.55) / (size * 1.3))))
    .map((line, i) => [line, top + pad + size * (0.65 + 1.3 * i)]);
  const thick = Math.min(height * 0.1, 60);
  const small = Math.min(size * 0.8, height * 0.12);
  const bars = [];
  for (const type of TYPES) {
    const share = held.filter((factor) => factor.type === type).length / Math.max(1, held.length);
    const last = bars.at(-1) ?? { x, width: 0 };
    bars.push({ type, x: last.x + last.width, y: top + height - pad - thick, width: room * share, height: thick });
  }
  return { title, size, x, foot: top + height - pad - thick - small * 0.8, small, bars };
}

/** Build an element of a drawing; strings among the children become text, attributes that are null are left out. */
function svgElement(tag, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** A small picture of the shape of a type or the line of a relation, for legend, panel and table. */
function swatch(key) {
  const picture = svgElement("svg", { viewBox: "0 0 30 18", class: "swatch", "aria-hidden": "true" });
  if (key in data.style.factors) {
    picture.style.setProperty("--color", data.style.factors[key].color);
    picture.append(svgElement("path", { d: outlinePath(key, 0, 0, 54, 30), transform: "translate(15 9) scale(.5)", class: "shape" }));
  } else {
    const { color, darkColor, dashes } = data.style.links[key];
    picture.style.setProperty("--color", color);
    picture.style.setProperty("--dark-color", darkColor);
    const dash = dashes.map((length) => length * 0.7).join(" ") || null;
    picture.append(svgElement("path", { d: "M1 9H22", class: "line", "stroke-dasharray": dash }),
      svgElement("path", { d: "M29 9L21.5 5v8Z", class: "tip-of-line" }));
  }
  return picture;
}
