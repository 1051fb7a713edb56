// Above a table that is wider than the page, say which of its columns are in view, with buttons to the others.
for (const area of document.querySelectorAll(".scroll")) {
  const bar = document.createElement("p"), label = document.createElement("span");
  const button = (text, name, way) => {
    const made = document.createElement("button");
    made.textContent = text;
    made.setAttribute("aria-label", `${name} columns of: ${area.getAttribute("aria-label")}`);
    made.addEventListener("click", () => area.scrollBy({ left: way * 0.6 * area.clientWidth }));
    return made;
  };
  const [back, on] = [button("◂", "Earlier", -1), button("▸", "Further", 1)];
  bar.className = "columns";
  bar.append(back, label, on);
  area.before(bar);
  const show = () => {
    const cells = [...area.querySelector("thead tr").cells].slice(1), edge = area.getBoundingClientRect();
    const start = area.querySelector("thead th").getBoundingClientRect();
    const left = getComputedStyle(area.querySelector("thead th")).position === "sticky" ? start.right : edge.left;
    const seen = cells.map((cell, k) => [k + 2, cell.getBoundingClientRect()])
      .filter(([, box]) => box.left > left - 8 && box.right < edge.right + 8).map(([k]) => k);
    const rest = area.scrollWidth - area.clientWidth;
    bar.hidden = rest < 2;
    back.disabled = area.scrollLeft < 2;
    on.disabled = area.scrollLeft > rest - 2;
    area.classList.toggle("more", !bar.hidden && !on.disabled);
    const view = !seen.length ? "Columns" : seen.length === 1 ? `Column ${seen[0]}` : `Columns ${seen[0]}–${seen.at(-1)}`;
    label.textContent = `${view} of ${cells.length + 1}`;
  };
  area.addEventListener("scroll", show, { passive: true });
  new ResizeObserver(show).observe(area);
  show();
}
