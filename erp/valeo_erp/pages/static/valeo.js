// What the page needs beside htmx: the live stream, dialogs for reasons, and refusals shown at their fields.
"use strict";

const RETRY_MILLISECONDS = 3000;
const TOGETHER_MILLISECONDS = 120; // several events of one transaction refresh a part of the page once

// --- live: parts that say `data-live` fetch themselves again when something of theirs changed --------------

const waiting = new Map();

function refresh(part) {
  clearTimeout(waiting.get(part));
  waiting.set(part, setTimeout(() => {
    waiting.delete(part);
    const shown = document.getElementById("shown");
    if (shown) shown.value = String(document.querySelectorAll("[data-row]").length);
    if (part.isConnected) htmx.trigger(part, "valeo:changed");
  }, TOGETHER_MILLISECONDS));
}

function refreshAll() {
  document.querySelectorAll("[data-live]").forEach(refresh);
}

function heard(event) {
  for (const part of document.querySelectorAll("[data-live]")) {
    const wanted = part.dataset.live;
    if (wanted === event.object_kind || wanted === event.object_id) refresh(part);
  }
}

function showLive(on) {
  const indicator = document.getElementById("live");
  indicator.classList.toggle("on", on);
  const words = on ? indicator.dataset.on : indicator.dataset.off;
  const shown = indicator.querySelector(".words");
  if (shown.textContent !== words) shown.textContent = words;
}

function listen(cursor) {
  const from = cursor ? "?cursor=" + encodeURIComponent(cursor) : "";
  const stream = new EventSource("/api/v1/events" + from);
  stream.onopen = () => {
    if (!cursor) refreshAll(); // no place to go on from: look at everything once
    showLive(true);
  };
  stream.onmessage = (message) => heard(JSON.parse(message.data));
  stream.addEventListener("reset", refreshAll);
  stream.onerror = () => {
    showLive(false);
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => listen(""), RETRY_MILLISECONDS);
  };
  addEventListener("pagehide", () => stream.close(), { once: true });
}

// --- refusals: each failure beside its field ---------------------------------------------------------------

function clearMarks(root) {
  for (const field of root.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
    field.classList.remove("is-invalid");
  }
  root.querySelectorAll(".field-failure").forEach((words) => words.remove());
}

function markFields(notice) {
  clearMarks(document);
  for (const failure of notice.querySelectorAll("[data-field]")) {
    const name = failure.dataset.field;
    const field = document.querySelector(`[name="${CSS.escape(name)}"]`)
      || document.querySelector(`[name^="${CSS.escape(name)}."]`);
    if (!field) continue;
    const words = document.createElement("div");
    words.className = "field-failure";
    words.id = "failure-" + name;
    words.textContent = failure.textContent;
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", words.id);
    field.classList.add("is-invalid");
    field.after(words);
    const link = document.createElement("button");
    link.type = "button";
    link.className = "btn btn-link p-0";
    link.textContent = labelOf(field) + ": " + words.textContent;
    link.addEventListener("click", () => field.focus());
    failure.replaceChildren(link);
  }
}

function labelOf(field) {
  return field.getAttribute("aria-label") || (field.labels && field.labels.length ? field.labels[0].textContent : field.name);
}

document.addEventListener("htmx:afterSwap", (event) => {
  const notice = document.getElementById("notice");
  if (event.detail.target !== notice || !notice.firstElementChild) return;
  const dialog = document.querySelector("dialog[open]");
  if (dialog) dialog.close();
  markFields(notice);
  const marked = document.querySelector("[aria-invalid]");
  (marked || notice.firstElementChild).focus();
});

// --- after an action of this person: the notice goes, and the focus goes to what changed -------------------

let acted = false;

document.addEventListener("valeo:done", () => {
  document.getElementById("notice").replaceChildren();
  const dialog = document.querySelector("dialog[open]");
  if (dialog) {
    dialog.querySelectorAll("input:not([type=hidden]), textarea").forEach((field) => { field.value = ""; });
    dialog.close();
  }
  acted = true;
  htmx.trigger(document.getElementById("content"), "valeo:changed");
});

// --- a comment or a file was kept: its form is empty again, and the lists load what is new -------------------

document.addEventListener("valeo:kept", (event) => {
  document.getElementById("notice").replaceChildren();
  event.target.closest("form").reset();
  htmx.trigger(document.getElementById("remarks"), "valeo:changed");
  htmx.trigger(document.getElementById("content"), "valeo:changed");
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (!acted || event.target.id !== "content") return;
  acted = false;
  document.getElementById("state").focus();
});

// --- clicks ------------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.opens);
    dialog.querySelector("[name=version]").value = opener.dataset.version;
    dialog.showModal();
    return;
  }
  const closer = event.target.closest("[data-closes]");
  if (closer) closer.closest("dialog").close();
  const remover = event.target.closest("[data-removes-line]");
  if (remover) {
    const form = remover.closest("form");
    remover.closest("[data-line]").remove();
    htmx.trigger(form, "valeo:lines");
  }
});

if (document.getElementById("live")) listen(document.body.dataset.cursor || "");
