// What is typed and not yet saved survives a lost connection, a session that ends and a closed page: in this tab only.
(() => {
  "use strict";

  const keyOf = (form) => `typed ${form.dataset.keep} ${new URL(form.action).pathname}`;
  const fieldsOf = (place) => [...place.querySelectorAll("input, select, textarea")]
    .filter(({ name, type }) => name && !["hidden", "submit", "password"].includes(type));
  const isToggle = ({ type }) => type === "radio" || type === "checkbox";

  // What the fields of one name hold, now or as the page came: the same whether they are drawn as a list or as buttons.
  const held = (fields, { asItCame = false } = {}) => fields.flatMap((field) => {
    if (isToggle(field)) return (asItCame ? field.defaultChecked : field.checked) && field.value ? [field.value] : [];
    if (field.tagName !== "SELECT") return [(asItCame ? field.defaultValue : field.value).trim()];
    const chosen = asItCame ? [...field.options].find((o) => o.defaultSelected) ?? field.options[0] : field.selectedOptions[0];
    return chosen?.value ? [chosen.value] : [];
  }).filter(Boolean);

  const byName = (place) => fieldsOf(place)
    .reduce((map, field) => map.set(field.name, [...(map.get(field.name) ?? []), field]), new Map());
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  // A box that was refused, or that has been saved elsewhere meanwhile, comes with what was typed: it is not saved.
  const isRefused = (fields) => fields[0].closest(".answer--error, .dense__error") && held(fields).length > 0;

  // Which box it was typed in, and over which version of the answer: something else may have been saved since.
  const boxOf = (field) => field.closest("article, tr");
  const seenIn = (box) => box?.querySelector("[name$='-seen']");
  const waiting = new Map(); // by name: what belongs in boxes that are not open

  const store = (form) => {
    const typed = [...byName(form)]
      .filter(([, fields]) => isRefused(fields) || !same(held(fields), held(fields, { asItCame: true })))
      .map(([name, fields]) => [name, held(fields), boxOf(fields[0])?.id, seenIn(boxOf(fields[0]))?.value])
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

  const put = (fields, values) => {
    for (const field of fields) {
      if (isToggle(field)) field.checked = values.includes(field.value);
      else field.value = values[0] ?? "";
    }
  };

  const giveBack = (form, typed) => {
    const fields = byName(form);
    let found = false;
    for (const each of typed) {
      const [name, values, , seen] = each;
      if (!fields.has(name)) {
        waiting.set(name, each);
        continue;
      }
      waiting.delete(name);
      if (same(held(fields.get(name)), values)) continue;
      put(fields.get(name), values);
      const version = seenIn(boxOf(fields.get(name)[0]));
      if (version && seen !== undefined) version.value = seen;
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
    for (const box of new Set([...waiting.values()].map(([, , place]) => place))) {
      if (box) document.querySelector(`#${box} .answer__change [hx-get]`)?.click();
    }
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
      if (waiting.size) giveBack(form, [...waiting.values()]);
    });
  }
  document.addEventListener("DOMContentLoaded", openBoxes); // htmx is ready before this
})();
