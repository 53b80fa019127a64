// Tables can be sorted where scripts run; without, they stand in the order of the report.
for (const table of document.querySelectorAll("main table")) {
  const body = table.tBodies[0];
  if (body.rows.length < 4) continue;
  const value = (row, at) => row.cells[at].textContent.trim();
  // A number in words ("at least 1200", "12 of 44") sorts by its first number.
  const number = (text) => { const found = text.match(/-?\d+(\.\d+)?/); return found ? Number(found[0]) : NaN; };
  [...table.tHead.rows[0].cells].forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      const numeric = head.classList.contains("right");
      const order = (a, b) => numeric
        ? (number(value(a, at)) || 0) - (number(value(b, at)) || 0)
        : value(a, at).localeCompare(value(b, at), document.documentElement.lang);
      const rows = [...body.rows].sort((a, b) => (down ? order(b, a) : order(a, b)));
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      body.append(...rows);
    });
  });
}
