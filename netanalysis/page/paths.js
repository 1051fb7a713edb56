// Walks from some nodes to others, chosen by the reader, as a graph in layers: one for each hop.
const SHARES = [0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2], BAR = 9, CHARACTER = 6.3, FINEST = 0.0005;
const percent = (share) => share > 0 && share < 0.0005 ? "< 0.05 %" : `${+(100 * share).toPrecision(share < 0.01 ? 1 : 3)} %`;
const hopsOf = (count) => `${count} hop${count === 1 ? "" : "s"}`;
const short = (text, limit) => text.length > limit ? `${text.slice(0, Math.max(1, limit - 1))}…` : text;
const amountOf = (x) => x < 1e5 && x >= 1e-3 ? `${+x.toPrecision(3)}` : x.toExponential(2)
  .replace(/e\+?(.*)/, (_, power) => "×10" + power.replace(/./g, (c) => c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]));

function drawn(tag, attributes, parent) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  parent.append(made);
  return made;
}

// The sentence about a row: what it carries, where most of it comes from and goes to.
function aboutRow(layers, bands, t, k, noun) {
  const { said, share, others } = layers[t].rows[k];
  const most = (list = [], own, word) => list.filter((band) => band.ends[own] === k).sort((a, b) => b.share - a.share)
    .slice(0, 3).map((band) => `${layers[own ? t - 1 : t + 1].rows[band.ends[1 - own]].said} ${percent(band.share)}`)
    .join(", ").replace(/^(?=.)/, `; most ${word} `);
  const who = others ? `${others} other ${noun}` : said;
  return `${who}, after ${hopsOf(t)}: ${percent(share)} of the flow${most(bands[t - 1], 1, "from")}${most(bands[t], 0, "to")}.`;
}

// Draw layers and bands into `picture`; `say` is told about the row in focus, or null when none is.
function drawLayers(picture, layers, bands, title, noun, say) {
  const height = arrange(layers, bands), count = bands.length, room = picture.clientWidth || 600;
  const names = Math.min(120, Math.max(58, room / (count + 2)));  // right of the last layer
  const gap = Math.max(58, (room - BAR - names) / count), width = gap * count + BAR + names;
  const limit = Math.floor((Math.min(gap - BAR, names) - 4) / CHARACTER);
  const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": title }, picture);
  const marks = bands.flatMap((list, t) => list.filter(({ share }) => share > FINEST).map((band) => {
    const wide = HEIGHT * band.share, [a, b] = [t * gap + BAR, (t + 1) * gap], m = (a + b) / 2, { right, left } = band;
    const d = `M${a},${right}C${m},${right} ${m},${left} ${b},${left}v${wide}` +
      `C${m},${left + wide} ${m},${right + wide} ${a},${right + wide}z`;
    return { t, band, path: drawn("path", { d, class: band.negative ? "negative" : "positive" }, svg) };
  }));
  let held = null;  // lights up the row in focus
  const nodes = layers.map(({ rows }, t) => rows.map((row, k) => {
    const words = aboutRow(layers, bands, t, k, noun), x = t * gap, middle = row.top + row.height / 2;
    const node = drawn("g", { tabindex: -1, role: "img", "aria-label": words }, svg);
    Object.assign(node.dataset, { hop: t, name: row.name, share: row.share });
    drawn("rect", { x, y: row.top, width: BAR, height: row.height, class: row.others ? "others" : "unit" }, node);
    drawn("rect", { x, y: middle - ROW / 2, width: 0.6 * gap, height: ROW, class: "touch" }, node);
    drawn("text", { x: x + BAR + 3, y: middle + 4 }, node).textContent =
      row.others && row.name.length > limit ? `+${row.others}` : short(row.name, limit);
    const light = (on) => {
      svg.classList.toggle("dim", on);
      for (const { t: hop, band, path } of marks)
        path.classList.toggle("on", on && (hop === t ? band.ends[0] === k : hop === t - 1 && band.ends[1] === k));
      say(on ? words : null);
    };
    node.addEventListener("click", () => node.focus());
    node.addEventListener("focus", () => {
      svg.querySelector("[tabindex='0']").setAttribute("tabindex", -1);
      node.setAttribute("tabindex", 0);
      (held = light)(true);
    });
    node.addEventListener("blur", () => (held = null, light(false)));
    node.addEventListener("pointerenter", ({ pointerType }) => pointerType === "mouse" && light(true));
    node.addEventListener("pointerleave", ({ pointerType }) => pointerType === "mouse" && (held ? held(true) : light(false)));
    node.addEventListener("keydown", (event) => step(event, t, k));
    return node;
  }));
  // One stop of the tab key; the arrow keys go on from there.
  nodes[0][0].setAttribute("tabindex", 0);
  const step = (event, t, k) => {
    const [across, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
    const layer = nodes[t + across], next = layer?.[across ? Math.min(k, layer.length - 1) : k + down];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  layers.forEach((_, t) => drawn("text", { x: t * gap, y: 11, class: "hop" }, svg).textContent = t ? `hop ${t}` : "start");
}

for (const area of document.querySelectorAll(".paths")) {
  const net = networkOf(JSON.parse(area.dataset.network)), part = (name) => area.querySelector(`[data-part=${name}]`);
  const [from, to, hops, least, level, weights, picture, said] =
    ["from", "to", "hops", "least", "level", "weights", "picture", "said"].map(part);
  const names = net.names ?? Array.from({ length: net.n }, (_, k) => `${k}`);
  const full = names.map((name, k) => net.types ? `${name} (${net.types[net.type[k]]})` : name);
  const label = (value) => {
    const [what, k] = value.split(" ");
    return { type: net.types?.[k], node: full[k], all: `all ${net.noun}` }[what] ?? `the network’s ${what}`;
  };
  const offer = (list, end, first) => {
    const group = (title, values) => {
      const made = document.createElement("optgroup");
      made.label = title;
      made.append(...values.map((value) => new Option(label(value), value, value === first, value === first)));
      if (values.length) list.append(made);
    };
    const nodes = names.map((_, k) => `node ${k}`), inOrder = new Intl.Collator("en", { numeric: true }).compare;
    group("Whole network", net[end] ? [end, "all"] : ["all"]);
    group("Classes", net.types?.map((_, k) => `type ${k}`) ?? []);
    group(net.noun === "nodes" ? "Single nodes" : "Classes", nodes.sort((a, b) => inOrder(label(a), label(b))));
  };
  const chosen = (list) => Array.from(list.selectedOptions, (option) => option.value);
  const flows = (count) =>
    flowsOf(net, magnitudes(net, weights.value), endOf(net, chosen(from)), endOf(net, chosen(to)), count);

  const show = () => {
    const count = +hops.value, share = SHARES[least.value], { at, along, total } = flows(count);
    const byType = net.types && level.value === "types";
    const [unit, units, spoken, noun] =
      byType ? [(node) => net.type[node], net.types, net.types, "classes"] : [(node) => node, names, full, net.noun];
    const ends = [from, to].map((list) => chosen(list).map(label).join(", ") || "nothing"), way = `from ${ends[0]} to ${ends[1]}`;
    part("value").textContent = percent(share);
    least.setAttribute("aria-valuetext", percent(share));
    picture.textContent = "";
    const summary = total > 0
      ? `All walks of ${hopsOf(count)} ${way}; magnitudes of weights, multiplied along each and summed: ${amountOf(total)}.`
      : `No walk of ${hopsOf(count)} leads ${way}.`;
    said.textContent = summary;
    if (!(total > 0)) return;
    const layers = at.map((flow) => layerOf(flow, total, unit, units, spoken, share));
    const bands = along.map((flow, t) => bandsOf(net, flow, total, unit, layers.slice(t, t + 2)));
    const title = `Walks of ${hopsOf(count)} ${way}, hop by hop: arrow keys go from one to the next`;
    drawLayers(picture, layers, bands, title, noun, (words) => said.textContent = words ?? summary);
  };

  offer(from, "inputs", net.ends[0]);
  offer(to, "outputs", net.ends[1]);
  level.closest("label").hidden = !net.types;
  // Begin with walks of three hops, or else with the shortest that there are.
  hops.value = [3, 1, 2, 4, 5, 6, 7, 8].find((count) => flows(count).total > 0) ?? 3;
  area.hidden = false;
  area.addEventListener("input", show);
  let seen = 0;
  new ResizeObserver(() => picture.clientWidth !== seen && (seen = picture.clientWidth, show())).observe(picture);
}
