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

  const byName = (place) => Map.groupBy
    ? Map.groupBy(fieldsOf(place), ({ name }) => name)
    : fieldsOf(place).reduce((map, field) => map.set(field.name, [...(map.get(field.name) ?? []), field]), new Map());
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  const store = (form) => {
    const typed = [...byName(form)]
      .map(([name, fields]) => [name, held(fields), held(fields, { asItCame: true })])
      .filter(([, now, before]) => !same(now, before))
      .map(([name, now]) => [name, now]);
    if (typed.length) sessionStorage.setItem(keyOf(form), JSON.stringify(typed));
    else sessionStorage.removeItem(keyOf(form));
  };

  // The server has it: from now on this is what the page came with.
  const settle = (place) => {
    for (const field of fieldsOf(place)) {
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

  const giveBack = (form) => {
    const fields = byName(form);
    let found = false;
    for (const [name, values] of JSON.parse(sessionStorage.getItem(keyOf(form)) ?? "[]")) {
      if (!fields.has(name) || same(held(fields.get(name)), values)) continue;
      put(fields.get(name), values);
      found = true;
    }
    if (!found) return;
    const notice = document.createElement("p");
    notice.className = "notice notice--warning";
    notice.setAttribute("role", "status");
    notice.textContent = "Det, du skrev sidst, blev ikke gemt. Det står her igen. Husk at gemme det.";
    form.prepend(notice);
  };

  const forms = () => document.querySelectorAll("form[data-keep]");
  const mine = (target) => target.closest?.("form[data-keep]");

  document.addEventListener("input", ({ target }) => mine(target) && store(mine(target)));
  document.addEventListener("change", ({ target }) => mine(target) && store(mine(target)));
  document.addEventListener("submit", ({ target }) => {
    if (mine(target)) sessionStorage.setItem("sent", keyOf(target));
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const form = mine(detail.elt) ?? document.querySelector("#svar[data-keep]");
    if (!form || !detail.successful) return;
    if (detail.elt.matches(".answer-fields")) settle(detail.elt);
    setTimeout(() => store(form)); // after the swap
  });

  // A form that was sent and has led on to another page is saved; one that led to the sign-in is not.
  const sent = sessionStorage.getItem("sent");
  if (sent && !location.pathname.startsWith("/konto/")) {
    if (![...forms()].some((form) => keyOf(form) === sent)) sessionStorage.removeItem(sent);
    sessionStorage.removeItem("sent");
  }
  for (const form of forms()) {
    giveBack(form);
    store(form);
  }
})();
