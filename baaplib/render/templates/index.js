// The filters are rules of style and need no script. This adds the search and counts what is left.
const rows = [...document.querySelector(".list").tBodies[0].rows];
const form = document.querySelector(".filters");
const count = document.querySelector("#count");
// Accents and cases do not matter: "cote" finds "Côte".
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const words = rows.map((row) =>
  plain(`${row.cells[0].textContent} ${row.cells[1].textContent} ${row.dataset.w}`));
const show = () => {
  const wanted = plain(form.elements.search.value).split(/\s+/);
  rows.forEach((row, at) => {
    const hide = !wanted.every((word) => words[at].includes(word));
    if (row.hidden !== hide) row.hidden = hide;
  });
  // What the browser shows is what search and filters leave.
  const shown = rows.filter((row) => row.offsetParent).length;
  count.textContent = count.dataset.text.replace("{shown}", shown).replace("{all}", rows.length);
  if (!shown) count.textContent += `. ${count.dataset.none}`;
};
form.querySelector(".search").hidden = false;
form.addEventListener("input", show);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(show));
// A page that was gone back to may hold what was chosen before.
addEventListener("pageshow", show);
