// Tables can be sorted where scripts run; without, they stand in the order of the report.
const lang = document.documentElement.lang;
// Months as English writes them; Chinese dates have figures alone.
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DATED = /^(?:\p{L}+ ){0,2}?(?:\d{1,2} )?(?:(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\p{L}*\b.*?)?\b((?:19|20)\d\d)(?!\d)(?:[-年](\d+)(?:[-月](\d+))?)?/u;
// A date is known by its beginning: "12 May to 3 June 2022", "2022年5月".
const day = (text) => {
  const found = text.match(DATED);
  if (!found) return NaN;
  const month = found[1] ? MONTHS.indexOf(found[1]) + 1 : Number(found[3] || 0);
  const date = found[1] ? text.match(/(\d{1,2}) \p{L}/u)?.[1] : found[4];
  return Number(found[2]) * 10000 + month * 100 + Number(date || 0);
};
// A number may come after a few words: "at least 1200", "12 of 44", "至少300".
const number = (text) => {
  const found = text.match(/^(?:\p{L}+ ){0,3}\p{Script=Han}{0,6}([-−]?\d+(?:\.\d+)?)/u);
  return found ? Number(found[1].replace("−", "-")) : NaN;
};
for (const table of document.querySelectorAll("main table")) {
  const body = table.tBodies[0];
  if (body.rows.length < 4) continue;
  const value = (row, at) => row.cells[at].textContent.trim();
  [...table.tHead.rows[0].cells].forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      const all = [...body.rows].map((row) => [value(row, at), row]);
      const told = all.filter(([text]) => /\p{L}|\d/u.test(text));
      // What most cells hold is what the column is about.
      const most = (key) => told.filter(([text]) => !isNaN(key(text))).length * 2 > told.length;
      const key = [day, number].find(most);
      const order = key ? (a, b) => key(a) - key(b)
        : (a, b) => a.localeCompare(b, lang, { numeric: true });
      // "–", and words among numbers, come last in both directions.
      const last = (text) => (key ? isNaN(key(text)) : !/\p{L}|\d/u.test(text));
      all.sort(([a], [b]) => last(a) - last(b) || (last(a) ? 0 : down ? order(b, a) : order(a, b)));
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      body.append(...all.map(([, row]) => row));
    });
  });
}
