// Passkeys (WebAuthn): a form with data-passkey asks the browser, and sends what it answers.
(() => {
  "use strict";

  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const asText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const known = (list = []) => list.map((each) => ({ ...each, id: bytes(each.id) }));

  const unlocked = { residentKey: "required", requireResidentKey: true, userVerification: "required" };
  const ask = {
    make: ({ publicKey: given }) => navigator.credentials.create({ publicKey: {
      ...given,
      challenge: bytes(given.challenge),
      user: { ...given.user, id: bytes(given.user.id) },
      excludeCredentials: known(given.excludeCredentials),
      authenticatorSelection: { ...given.authenticatorSelection, ...unlocked },
    } }),
    show: ({ publicKey: given }) => navigator.credentials.get({ publicKey: {
      ...given, challenge: bytes(given.challenge), allowCredentials: known(given.allowCredentials),
    } }),
  };

  const PARTS = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const asJson = (credential) => JSON.stringify({
    id: credential.id,
    rawId: asText(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: Object.fromEntries(PARTS.filter((part) => credential.response[part])
      .map((part) => [part, asText(credential.response[part])])),
  });

  // On the sign-in page nobody knows yet whom to ask for, so the question is fetched when it is needed.
  const optionsOf = async (form) => form.dataset.options ? JSON.parse(form.dataset.options)
    : (await (await fetch(form.action, { headers: { Accept: "application/json" } })).json()).request_options;

  const faults = {
    NotAllowedError: "Det blev afbrudt, eller der er ingen adgangsnøgle til Flere hænder her. Prøv igen, eller vælg en anden måde.",
    InvalidStateError: "Her ligger allerede en adgangsnøgle til dig.",
    SecurityError: "Adgangsnøgler virker ikke på denne adresse.",
    TypeError: "Der er ingen forbindelse. Prøv igen om lidt.",
  };

  if (!window.PublicKeyCredential) return;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = form.querySelector("button").hidden = false;
    form.querySelector(".passkey__without").remove();
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const said = form.querySelector(".passkey__said");
      said.textContent = "";
      try {
        form.elements.credential.value = asJson(await ask[form.dataset.passkey](await optionsOf(form)));
        form.submit();
      } catch (fault) {
        said.textContent = faults[fault.name] ?? "Det gik ikke. Prøv igen, eller vælg en anden måde.";
      }
    });
  }
})();
