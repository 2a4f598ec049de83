/* The review list by keys: one card is chosen (it has the focus); keys press its own buttons. A decision moves on at once,
   the card goes when the server has agreed. Everything the keys do can be done by mouse. */
"use strict";

const review = document.querySelector("[data-review]");
let place = 0; // of the chosen card among those that are left

function cards() {
  return [...document.querySelectorAll("[data-review-list] > [data-card]:not([data-decided])")];
}

function chosen() {
  const focused = document.activeElement.closest("[data-card]:not([data-decided])");
  return focused || cards()[place];
}

function choose(index) {
  const all = cards();
  for (const card of all) card.removeAttribute("aria-current");
  if (!all.length) return;
  place = Math.max(0, Math.min(index, all.length - 1));
  all[place].setAttribute("aria-current", "true");
  all[place].focus({ preventScroll: true });
  all[place].scrollIntoView({ block: "nearest" });
}

function toggle(card, name) {
  const details = card.querySelector(`[data-act="${name}"]`);
  if (!details) return;
  details.open = !details.open;
  if (details.open) details.lastElementChild.scrollIntoView({ block: "nearest" });
}

function decide(card, button) {
  if (!button) return;
  place = cards().indexOf(card);
  button.click();
  card.setAttribute("data-decided", "");
  card.removeAttribute("aria-current");
  choose(place);
}

const keys = {
  j: () => choose(cards().indexOf(chosen()) + 1),
  k: () => choose(cards().indexOf(chosen()) - 1),
  c: (card) => decide(card, card.querySelector('[data-act="confirm"]')),
  x: (card) => toggle(card, "reasons"),
  o: (card) => toggle(card, "explain"),
};
keys.ArrowDown = keys.j;
keys.ArrowUp = keys.k;

function press(event) {
  const card = chosen();
  if (!card) return false;
  const reasons = card.querySelector('[data-act="reasons"]');
  if (reasons && reasons.open) {
    if (event.key === "Escape") {
      reasons.open = false;
      return true;
    }
    const button = reasons.querySelector(`[data-digit="${CSS.escape(event.key)}"]`);
    if (button) {
      decide(card, button);
      return true;
    }
  }
  // Enter on a button or link is that button's own.
  const key = event.key === "Enter" && event.target === card ? "o" : event.key;
  if (!Object.hasOwn(keys, key)) return false;
  keys[key](card);
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.target.closest("input, select, textarea, [contenteditable], .dropdown-menu, [data-bs-toggle]")) return;
  if (press(event)) event.preventDefault();
});

document.addEventListener("focusin", (event) => {
  const card = event.target.closest("[data-card]");
  if (!card || card.hasAttribute("data-decided")) return;
  for (const other of cards()) other.toggleAttribute("aria-current", false);
  card.setAttribute("aria-current", "true");
  place = cards().indexOf(card);
});

/* A decision that failed gives its card back. */
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.body.addEventListener(name, (event) => {
    const card = event.detail.elt.closest("[data-card]");
    if (card) card.removeAttribute("data-decided");
  });
}

/* Keep a card chosen when one goes; when the page is empty, get the next ones. */
new MutationObserver(() => {
  const list = document.querySelector("[data-review-list]");
  if (!list) return;
  if (!list.querySelector("[data-card]")) {
    window.htmx.ajax("GET", window.location.href, { target: "#review", select: "#review", swap: "outerHTML" });
  } else if (!document.activeElement.closest("[data-card], input, select, textarea, button, a")) {
    choose(place);
  }
}).observe(review.parentElement, { childList: true, subtree: true });

choose(0);
