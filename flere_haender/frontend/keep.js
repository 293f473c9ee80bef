// What is typed and not yet saved survives a lost connection, a session that ends and a closed page: in this tab only.
(() => {
  "use strict";

  const keyOf = (form) => `typed ${form.dataset.keep} ${new URL(form.action).pathname}`;
  const fieldsOf = (place) => [...place.querySelectorAll("input, select, textarea")]
    .filter(({ name, type }) => name && !["hidden", "submit", "password"].includes(type));
  const isToggle = ({ type }) => type === "radio" || type === "checkbox";
  // A box that was refused, or that a colleague has answered meanwhile, comes with what was typed: it is not saved.
  const isRefused = (field) => field.closest(".answer--error") && (isToggle(field) ? field.checked : field.value);
  const isChanged = (field) => {
    if (isRefused(field)) return true;
    if (isToggle(field)) return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") return [...field.options].some((o) => o.selected !== o.defaultSelected);
    return field.value.trim() !== field.defaultValue.trim();
  };

  // Which version of the answer it was typed over: a colleague may have saved since.
  const seenBy = (field) => field.closest("article, tr")?.querySelector("[name$='-seen']");
  const waiting = new Map(); // what belongs in boxes that are not open yet
  const store = (form) => {
    const typed = fieldsOf(form).filter(isChanged)
      .map((field) => [field.id, isToggle(field) ? field.checked : field.value, seenBy(field)?.value])
      .concat([...waiting.values()]);
    if (typed.length) sessionStorage.setItem(keyOf(form), JSON.stringify(typed));
    else sessionStorage.removeItem(keyOf(form));
  };

  // The server has it: from now on this is what the page came with. What has been typed since it was sent is newer.
  const settle = (place, sent) => {
    for (const field of fieldsOf(place)) {
      if (!isToggle(field) && sent[field.name] !== field.value) continue;
      if (isToggle(field)) field.defaultChecked = field.checked;
      else if (field.tagName === "SELECT") for (const o of field.options) o.defaultSelected = o.selected;
      else field.defaultValue = field.value;
    }
  };

  const giveBack = (form, typed) => {
    let found = false;
    for (const [id, value, seen] of typed) {
      const field = document.getElementById(id);
      if (!field || !form.contains(field)) {
        waiting.set(id, [id, value, seen]);
        continue;
      }
      waiting.delete(id);
      if (isToggle(field) ? field.checked === value : field.value.trim() === value.trim()) continue;
      if (isToggle(field)) field.checked = value;
      else field.value = value;
      if (seen !== undefined && seenBy(field)) seenBy(field).value = seen;
      found = true;
    }
    if (found) tell(form);
  };

  const tell = (form) => {
    if (form.querySelector(".given-back")) return;
    const notice = document.createElement("p");
    notice.className = "given-back notice notice--warning";
    notice.setAttribute("role", "status");
    notice.textContent = "Det, du skrev sidst, blev ikke gemt. Det står her igen. Husk at gemme det.";
    form.prepend(notice);
  };

  // An answer that was being corrected is a line again: open it, and give back when it is there.
  const openBoxes = () => {
    const numbers = new Set([...waiting.keys()].map((id) => id.split("-")[1]));
    for (const number of numbers) document.querySelector(`#anbefaling-${number} .answer__change [hx-get]`)?.click();
  };

  const forms = () => document.querySelectorAll("form[data-keep]");
  const mine = (target) => target.closest?.("form[data-keep]");

  document.addEventListener("input", ({ target }) => mine(target) && store(mine(target)));
  document.addEventListener("change", ({ target }) => mine(target) && store(mine(target)));
  document.addEventListener("submit", ({ target }) => {
    if (mine(target)) sessionStorage.setItem("sent", keyOf(target));
  });
  document.addEventListener("htmx:afterRequest", ({ detail: { elt, successful, xhr, requestConfig } }) => {
    const isSaved = successful && xhr.status < 400; // to htmx, a refusal that is shown is a success
    if (isSaved && mine(elt) && elt.matches(".answer-fields")) settle(elt, requestConfig.parameters);
  });
  document.addEventListener("htmx:afterSettle", () => forms().forEach(store));

  // A form that was sent and has led on to another page is saved; one that led to the sign-in is not.
  const sent = sessionStorage.getItem("sent");
  if (sent && !location.pathname.startsWith("/konto/")) {
    if (![...forms()].some((form) => keyOf(form) === sent)) sessionStorage.removeItem(sent);
    sessionStorage.removeItem("sent");
  }
  for (const form of forms()) {
    giveBack(form, JSON.parse(sessionStorage.getItem(keyOf(form)) ?? "[]"));
    if (sent) waiting.clear(); // the server has it, or has shown it again
    store(form);
    form.addEventListener("htmx:load", () => {
      if (!waiting.size) return;
      giveBack(form, [...waiting.values()]);
      store(form);
    });
  }
  document.addEventListener("DOMContentLoaded", openBoxes); // htmx is ready before this
})();
