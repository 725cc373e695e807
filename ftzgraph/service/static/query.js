"use strict";

/* Puts the editor into the page, over this service's own endpoint, with the query of the form it replaces. */
const editor = document.getElementById("editor");
const query = editor.querySelector("textarea").value;
editor.replaceChildren();
new Yasgui(editor, {
  requestConfig: { endpoint: new URL("/sparql", location.href).href },
  yasqe: { value: query },
  persistenceId: null,
  populateFromUrl: false,
});
