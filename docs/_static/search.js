// Where no page holds every word of a question, those that hold most of them, rare ones above all, are found: Sphinx finds
// nothing for a question with one word of its own.
document.addEventListener("DOMContentLoaded", () => {
  if (typeof Search === "undefined") return; // of the other pages
  const every = Search.performTermsSearch;
  Search.performTermsSearch = (words, excluded) => {
    const whole = every(words, excluded);
    if (whole.length || words.size < 2) return whole;
    const total = Search._index.docnames.length, pages = new Map();
    for (const word of words) {
      const found = every(new Set([word]), excluded);
      const rare = Math.log((total + 1) / (found.length + 1)) / Math.log(total + 1);
      for (const page of found) {
        const [known, score, count] = pages.get(page[0]) ?? [page, 0, 0];
        pages.set(page[0], [known, score + rare * page[4], count + 1]);
      }
    }
    const most = Math.max(0, ...[...pages.values()].map(([, , count]) => count));
    return [...pages.values()].filter(([, , count]) => 2 * count >= most).map(([page, score]) => {
      const found = [...page];
      found[4] = 2 * score;
      return found;
    });
  };
});
