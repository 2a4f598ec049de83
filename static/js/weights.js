/* The sum of the weights while they are typed. The server asks for 100 again; without JavaScript it is the only one. */
"use strict";

for (const shown of document.querySelectorAll("[data-weights]")) {
  const section = document.getElementById(`${shown.dataset.weights}-rows`);
  const add = () => {
    let sum = 0;
    for (const field of section.querySelectorAll("[data-formset-list] > :not([hidden]) [data-weight]")) {
      sum += Number(field.value.normalize("NFKC").replace("%", "")) || 0;
    }
    const verdict = sum === 100 ? shown.dataset.textWhole : shown.dataset.textNotWhole;
    shown.textContent = `${shown.dataset.textSum} ${sum}% · ${verdict}`;
  };
  section.addEventListener("input", add);
  // Rows come and go by clicks that sunhe.js handles on the document, after this one.
  section.addEventListener("click", () => setTimeout(add));
  add();
}
