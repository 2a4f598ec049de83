/* What the pages need beyond HTML: dialogs, formset rows, hot keys, one submit per form, htmx failures.
   No text lives here: words come from data attributes, written by the templates in the reader's language. */
"use strict";

const words = document.body.dataset;

/* --- Toasts ---------------------------------------------------------------------------------------------------- */
const TOAST_MS = 8000;

function toast(text) {
  const box = document.getElementById("toasts");
  if (!box || [...box.children].some((shown) => shown.firstChild.textContent === text)) return;
  const note = document.createElement("div");
  note.className = "sh-toast";
  const said = document.createElement("span");
  said.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = words.textClose;
  close.addEventListener("click", () => note.remove());
  note.append(said, close);
  box.append(note);
  setTimeout(() => note.remove(), TOAST_MS);
}

/* --- htmx: failures are said, polling goes on ------------------------------------------------------------------ */
const RETRY_MS = 3000;

function pollAgain(element) {
  // A failed poll is not swapped, so its "load" trigger never comes back by itself.
  if (!element.hasAttribute("data-poll")) return;
  setTimeout(() => document.contains(element) && window.htmx.trigger(element, "retry"), RETRY_MS);
}

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.body.addEventListener(name, (event) => {
    toast(words.textOffline);
    pollAgain(event.detail.elt);
  });
}
document.body.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  toast(status === 401 || status === 403 ? words.textDenied : words.textServer);
  if (status >= 500) pollAgain(event.detail.elt);
});

/* --- Dialogs: data-dialog="id" opens, data-dialog-close closes ------------------------------------------------- */
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog).showModal();
  if (event.target.closest("[data-dialog-close]")) event.target.closest("dialog").close();
});

/* --- One submit per form --------------------------------------------------------------------------------------- */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
});
function forgetSent(root) {
  for (const form of root.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of root.querySelectorAll("[aria-busy=true]")) button.removeAttribute("aria-busy");
}
window.addEventListener("pageshow", () => forgetSent(document)); // also when the page comes back from the cache
document.body.addEventListener("htmx:afterRequest", () => forgetSent(document));

/* --- Formset rows ---------------------------------------------------------------------------------------------- */
function renumber(section) {
  const shown = [...section.querySelectorAll("[data-formset-list] > [data-formset-row]:not([hidden])")];
  shown.forEach((row, index) => {
    row.querySelector("[data-formset-number]").textContent = index + 1;
  });
}
function hideRow(row) {
  // The row stays in the form, marked: numbers of a formset must have no gaps.
  row.hidden = true;
  for (const field of row.querySelectorAll("[required]")) field.required = false;
}
function say(section, key) {
  const status = section.querySelector("[data-formset-status]");
  status.textContent = "";
  requestAnimationFrame(() => (status.textContent = status.dataset[key]));
}
function addRow(section) {
  const prefix = section.dataset.formset;
  const total = section.querySelector(`[name="${prefix}-TOTAL_FORMS"]`);
  const row = section.querySelector("[data-formset-empty]").content.cloneNode(true).firstElementChild;
  for (const element of [row, ...row.querySelectorAll("*")]) {
    for (const attribute of element.attributes) {
      if (attribute.value.includes("__prefix__")) attribute.value = attribute.value.replaceAll("__prefix__", total.value);
    }
  }
  total.value = Number(total.value) + 1;
  section.querySelector("[data-formset-list]").append(row);
  renumber(section);
  row.querySelector("input:not([type=hidden]), select, textarea").focus();
  say(section, "textAdded");
}
function removeRow(section, row) {
  const mark = row.querySelector('[name$="-DELETE"]');
  mark.checked = true;
  mark.dispatchEvent(new Event("change", { bubbles: true })); // a form that saves itself hears of it
  hideRow(row);
  renumber(section);
  section.querySelector("[data-formset-add]").focus();
  say(section, "textRemoved");
}
document.addEventListener("click", (event) => {
  const section = event.target.closest("[data-formset]");
  if (!section) return;
  if (event.target.closest("[data-formset-add]")) addRow(section);
  if (event.target.closest("[data-formset-remove]")) removeRow(section, event.target.closest("[data-formset-row]"));
});

/* --- Hot keys: data-hotkey="j" on a button or link -------------------------------------------------------------- */
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) return;
  const open = document.querySelector("dialog[open]");
  if (event.target.closest("input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable]")) return;
  const scope = open || document;
  const wanted = [...scope.querySelectorAll("[data-hotkey]")].find(
    (element) => element.dataset.hotkey === event.key && !element.disabled && element.checkVisibility()
  );
  if (!wanted) return;
  event.preventDefault();
  if (wanted.matches("input, select, textarea")) wanted.focus();
  else wanted.click();
});

/* --- Small things on load and after every swap ------------------------------------------------------------------ */
function settle(root) {
  for (const box of root.querySelectorAll('[data-formset-row] [name$="-DELETE"]:checked')) {
    hideRow(box.closest("[data-formset-row]"));
    renumber(box.closest("[data-formset]"));
  }
  const summary = root.querySelector("[data-focus-on-load]");
  if (summary) summary.focus();
  for (const fold of root.querySelectorAll("[data-fold]:not([data-fold-ready])")) {
    const phone = window.matchMedia("(max-width: 991.98px)").matches;
    if (phone && !fold.hasAttribute("data-fold-active")) fold.open = false;
    fold.setAttribute("data-fold-ready", "");
  }
}
settle(document);
document.body.addEventListener("htmx:load", (event) => event.detail.elt !== document.body && settle(event.detail.elt));
document.body.addEventListener("htmx:load", (event) => {
  // What was typed while the scripts were still on their way: a form that saves itself has not heard of it.
  for (const form of event.detail.elt.querySelectorAll("form[hx-trigger^='input']")) {
    const isChanged = (field) =>
      field.matches("[type=checkbox], [type=radio]")
        ? field.checked !== field.defaultChecked
        : field.matches("textarea, input") && field.value !== field.defaultValue;
    if ([...form.elements].some(isChanged)) form.dispatchEvent(new Event("change", { bubbles: true }));
  }
});
document.addEventListener("click", (event) => {
  // A link of the error summary goes to its field, or to the first control of its group.
  const link = event.target.closest(".sh-error-summary a[href^='#']");
  const target = link && document.getElementById(link.hash.slice(1));
  if (!target) return;
  event.preventDefault();
  const control = target.matches("input, select, textarea") ? target : target.querySelector("input:not([type=hidden]), select, textarea");
  (control || target).focus();
});
