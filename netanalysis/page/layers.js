// Where the parts of a layered graph of walks lie: rows of each layer, and bands between them.
const HEIGHT = 320, ROW = 15, HEAD = 20, MOST = 20;

// What a layer shows: units with enough of the flow by themselves, the largest first, and all others as one row.
function layerOf(flow, total, unit, names, said, least) {
  const amount = new Float64Array(names.length);
  flow.forEach((x, node) => amount[unit(node)] += x / total);
  const there = [...amount.keys()].filter((k) => amount[k] > 0).sort((a, b) => amount[b] - amount[a]);
  let count = Math.min(MOST, there.filter((k) => amount[k] >= least).length);
  if (there.length === count + 1) count += 1;  // another name takes no more room than "1 others"
  const rows = there.slice(0, count).map((k) => ({ name: names[k], said: said[k], share: amount[k], others: 0 }));
  const others = there.length - count, share = there.slice(count).reduce((sum, k) => sum + amount[k], 0);
  if (others) rows.push({ name: `${others} others`, said: `${others} others`, share, others });
  return { rows, place: new Map(there.map((k, row) => [k, Math.min(row, count)])) };
}

// Bands between two layers: shares of the flow from row to row, connections of each sign apart.
function bandsOf(net, flow, total, unit, [before, after]) {
  const bands = new Map();
  flow.forEach((x, e) => {
    if (!x) return;
    const ends = [before.place.get(unit(net.source[e])), after.place.get(unit(net.target[e]))];
    const negative = net.weight[e] < 0, key = `${ends} ${negative}`;
    if (!bands.has(key)) bands.set(key, { ends, negative, share: 0 });
    bands.get(key).share += x / total;
  });
  return [...bands.values()];
}

// Every row as high as its share, with room for its name; bands leave and arrive in the order of the rows.
// Returns the height of the whole.
function arrange(layers, bands) {
  const slot = (row) => Math.max(ROW, HEIGHT * row.share + 3);
  const heights = layers.map(({ rows }) => rows.reduce((sum, row) => sum + slot(row), 0)), most = Math.max(...heights);
  layers.forEach(({ rows }, t) => {
    let top = HEAD + (most - heights[t]) / 2;
    for (const row of rows) {
      row.height = Math.max(1, HEIGHT * row.share);
      row.top = row.left = row.right = top + (slot(row) - row.height) / 2;
      top += slot(row);
    }
  });
  bands.forEach((list, t) => {
    const row = (band, side) => layers[t + side].rows[band.ends[side]];
    for (const [side, edge] of [[0, "right"], [1, "left"]]) {
      list.sort((a, b) => row(a, 1 - side).top - row(b, 1 - side).top || a.negative - b.negative);
      for (const band of list) {
        band[edge] = row(band, side)[edge];
        row(band, side)[edge] += HEIGHT * band.share;
      }
    }
  });
  return HEAD + most + 2;
}
