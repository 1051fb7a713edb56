// Whose page comes first: names of functions by themselves, then pages that answer, then notebooks; pages that hold every
// word of the project (how to contribute, the benchmarks) last, unless their title is asked for.
var Scorer = {
  score: ([page, title, anchor, description, score, file, kind]) => {
    const answers = /^(tasks|install|formats|migration|made\/which_)/.test(page);
    const whole = /^(cookbooks\/|reliability)/.test(page), long = /^(contributing|speed|index)$/.test(page);
    const family = /^made\/api\/\w+$/.test(page), figure = /generated\/netanalysis\.plot\./.test(page);
    return score + (answers ? 12 : whole ? 4 : 0) - (long ? 9 : family ? 8 : figure ? 3 : 0) + (kind === "object" ? 20 : 0);
  },
  objNameMatch: 11, objPartialMatch: 6, objPrio: { 0: 15, 1: 5, 2: -5 }, objPrioDefault: 0,
  title: 15, partialTitle: 7, term: 5, partialTerm: 2,
};
