// Six small things that HTML cannot do; every page works without them.
(() => {
  "use strict";

  const underWay = ["planned", "in_progress"];

  // A signal and an expected date belong to Planlagt and I gang: what is hidden is not sent.
  const clearUnderWay = (fields) => {
    for (const field of fields.querySelectorAll(".only-under-way input")) {
      if (field.type === "radio") field.checked = false;
      else field.value = "";
    }
  };

  // Where the plan's text does not name the municipalities, Ikke relevant has its reason ready.
  const offerReason = (fields, status) => {
    const { reason } = fields.dataset;
    const note = fields.querySelector("[name$=note]");
    if (!reason) return;
    if (status === "not_relevant" && !note.value) note.value = reason;
    else if (status !== "not_relevant" && note.value === reason) note.value = "";
  };

  document.addEventListener("change", ({ target }) => {
    const fields = target.closest(".answer-fields");
    if (!fields || !target.name.endsWith("status") || target.type !== "radio") return;
    offerReason(fields, target.value);
  });

  // Before anyone else hears of it, so that what is sent is what is seen.
  document.addEventListener("submit", ({ target }) => {
    for (const fields of target.querySelectorAll(".answer-fields")) {
      const chosen = fields.querySelector("[name$=status]:checked");
      if (!underWay.includes(chosen?.value)) clearUnderWay(fields);
    }
  }, true);

  // After a swap the keyboard goes on where the answer is: at what is wrong, else at the answer.
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    const place = document.getElementById(detail.target.id);
    if (!place?.matches("article")) return; // what is kept or counted meanwhile takes no focus
    const first = place?.querySelector("[data-focus]") ?? place;
    first?.focus();
  });

  // What was waited for is ready: go there.
  document.addEventListener("htmx:afterSwap", () => {
    const ready = document.querySelector("a[data-go]");
    ready?.removeAttribute("data-go"); // once: the browser may save it and stay here
    if (ready) location.assign(ready.href);
  });

  // What could not be sent is said at the form, and the form is left as it is.
  const tell = (element, text) => {
    if (element.matches("[hx-trigger^=every]")) return; // it asks again by itself
    const form = element.closest(".answer-fields, .answer__body, form") ?? element;
    const notice = form.querySelector(".not-sent") ?? document.createElement("p");
    notice.className = "not-sent notice";
    notice.tabIndex = -1;
    notice.setAttribute("role", "alert");
    notice.textContent = text;
    form.prepend(notice);
    if (!element.matches(".answer-fields")) notice.focus(); // nobody is typing
  };
  document.addEventListener("htmx:sendError", ({ detail }) => {
    tell(detail.elt, "Der er ingen forbindelse. Det, du har skrevet, står her endnu. Prøv igen om lidt.");
  });
  document.addEventListener("htmx:responseError", ({ detail }) => {
    const signedOut = [401, 403].includes(detail.xhr.status);
    const comesBack = detail.elt.closest("form[data-keep]"); // see keep.js
    const then = comesBack ? "Hent siden igen, og log på. Det, du har skrevet, kommer tilbage."
      : "Log på i en anden fane, kopiér det, du har skrevet, og hent siden igen.";
    const reason = detail.xhr.getResponseHeader("Content-Type")?.startsWith("text/plain") && detail.xhr.responseText;
    tell(detail.elt, reason || (signedOut
      ? `Du er ikke længere logget på her. ${then}`
      : "Det gik ikke. Det, du har skrevet, står her endnu. Prøv igen om lidt."));
  });

  // The arrow keys go from cell to cell in the matrix.
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  document.addEventListener("keydown", (event) => {
    const [down, right] = steps[event.key] ?? [];
    const cell = event.target.closest(".matrix tr:has(td a) > *");
    if (!cell || down === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    const rows = [...cell.closest("table").querySelectorAll("tr:has(td a)")];
    for (let y = rows.indexOf(cell.parentElement), x = cell.cellIndex; ;) {
      y += down;
      x += right;
      if (!rows[y]?.cells[x]) return;
      const link = rows[y].cells[x].querySelector("a");
      if (!link) continue; // left out by the choice
      event.preventDefault();
      link.focus();
      return;
    }
  });

  // The text for the agenda, ready to paste. It is marked too, for where the clipboard is closed.
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-copy]");
    if (!button) return;
    const piece = document.getElementById(button.dataset.copy);
    const text = [...piece.children].map((line) => line.textContent.replaceAll("\u200b", "")).join("\n\n");
    getSelection().selectAllChildren(piece);
    const said = await navigator.clipboard?.writeText(text).then(() => "Kopieret.", () => "");
    button.nextElementSibling.textContent = said || "Teksten er markeret. Tryk Ctrl+C for at kopiere den.";
  });

  document.querySelector("main [data-focus]")?.focus();
})();
