// What is typed and not yet saved survives a lost connection, a session that ends and a closed page: in this tab only.
(() => {
  "use strict";

  const keyOf = (form) => `typed ${form.dataset.keep} ${new URL(form.action).pathname}`;
  const fieldsOf = (place) => [...place.querySelectorAll("input, select, textarea")]
    .filter(({ name, type }) => name && !["hidden", "submit", "password"].includes(type));
  const isToggle = ({ type }) => type === "radio" || type === "checkbox";
  const isChanged = (field) => {
    if (isToggle(field)) return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") return [...field.options].some((o) => o.selected !== o.defaultSelected);
    return field.value.trim() !== field.defaultValue.trim();
  };

  const store = (form) => {
    const typed = fieldsOf(form).filter(isChanged)
      .map((field) => [field.id, isToggle(field) ? field.checked : field.value]);
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

  const giveBack = (form) => {
    let found = false;
    for (const [id, value] of JSON.parse(sessionStorage.getItem(keyOf(form)) ?? "[]")) {
      const field = document.getElementById(id);
      if (!field || !form.contains(field)) continue;
      if (isToggle(field) ? field.checked === value : field.value.trim() === value.trim()) continue;
      if (isToggle(field)) field.checked = value;
      else field.value = value;
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
