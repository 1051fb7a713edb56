// Flow of the walks from some nodes to others, connection by connection, as Pathways.through counts it.
const numbers = (text, Kind) => text && new Kind(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);

// Sources, targets and weights of the connections, and what is known of the nodes.
function networkOf(data) {
  const target = numbers(data.target, Uint16Array), source = new Uint16Array(target.length);
  let last = 0;
  numbers(data.degree, Uint16Array).forEach((count, node) => source.fill(node, last, last += count));
  const weight = numbers(data.weight, data.double ? Float64Array : Float32Array);
  const [inputs, outputs] = [data.inputs, data.outputs].map((end) => numbers(end, Float64Array));
  return { ...data, source, target, weight, inputs, outputs, type: numbers(data.type, Uint16Array) };
}

// Magnitudes of the weights, as they are or as shares of what their "target" receives or their "source" sends.
function magnitudes(net, of) {
  const size = Float64Array.from(net.weight, Math.abs);
  if (!of) return size;
  const sums = new Float64Array(net.n);
  net[of].forEach((node, e) => sums[node] += size[e]);
  return size.map((x, e) => x / sums[net[of][e]]);
}

// The amount of each end on every node: inputs or outputs, all nodes, those of a type, or one node.
function endOf(net, names) {
  const end = new Float64Array(net.n);
  const chosen = (name, node) => {
    const [what, k] = name.split(" ");
    return what === "all" || (what === "type" ? net.type[node] === +k : what === "node" && node === +k);
  };
  return end.map((_, node) => {
    const weights = names.filter((name) => name in net && net[name]).reduce((sum, name) => sum + net[name][node], 0);
    return weights + (names.some((name) => chosen(name, node)) ? 1 : 0);
  });
}

// Through every node after each number of hops, along every connection at each hop, and in all.
function flowsOf(net, size, from, to, hops) {
  const ahead = [from], behind = [to];
  for (let h = 0; h < hops; h++) {
    const next = new Float64Array(net.n), before = new Float64Array(net.n);
    size.forEach((x, e) => {
      next[net.target[e]] += ahead[h][net.source[e]] * x;
      before[net.source[e]] += x * behind[h][net.target[e]];
    });
    ahead.push(next);
    behind.push(before);
  }
  const at = ahead.map((amount, t) => amount.map((x, node) => x * behind[hops - t][node]));
  const along = behind.slice(1).map((_, t) =>
    size.map((x, e) => ahead[t][net.source[e]] * x * behind[hops - t - 1][net.target[e]]));
  return { at, along, total: at[0].reduce((a, b) => a + b, 0) };
}
