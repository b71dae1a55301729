// The policy editor: CodeMirror over the textarea of a policy, mistakes at their line while one types, proposals from
// the schema, and the form beside it kept in step. Without this script the page works with its buttons.
//
// The editor lives in a shadow root: there its styles are constructed sheets, which a page without 'unsafe-inline' may
// have. The textarea stays what is sent.
import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const WAIT_MS = 500;
const sheet = document.getElementById("sheet");
const area = document.getElementById("text");
const beside = document.getElementById("form");

const colours = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--card)", fontSize: "0.9rem", height: "min(48rem, calc(100vh - 13rem))", minHeight: "20rem" },
  "&.cm-focused": { outline: "3px solid var(--main)", outlineOffset: "-3px" },
  ".cm-scroller": { fontFamily: 'ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace', overflow: "auto" },
  ".cm-gutters": { backgroundColor: "var(--paper)", color: "var(--soft)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--note-paper) 55%, transparent)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-tooltip, .cm-panels": { backgroundColor: "var(--card)", color: "var(--ink)", border: "1px solid var(--soft)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--main)", color: "var(--on-main)" },
  ".cm-completionDetail": { color: "inherit", fontStyle: "normal" },
  ".cm-diagnostic-error": { borderLeft: "4px solid var(--bad)" },
});
const words = syntaxHighlighting(
  HighlightStyle.define([
    { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--main)", fontWeight: "600" },
    { tag: tags.comment, color: "var(--soft)" },
    { tag: tags.string, color: "var(--good)" },
  ]),
);

// what may stand here: the place in the schema, by the indentation of the lines above

function resolved(schema, node) {
  while (node && node.$ref) node = schema.$defs[node.$ref.split("/").pop()];
  if (node && node.anyOf) return resolved(schema, node.anyOf.find((one) => one.type !== "null"));
  return node;
}

function pathAt(state, number, indent) {
  const path = [];
  for (let at = number - 1; at > 0 && indent > 0; at -= 1) {
    const line = /^(\s*)(- +)?([A-Za-z_]+):/.exec(state.doc.line(at).text);
    if (!line) continue;
    const [, space, dash = "", key] = line;
    const column = space.length + dash.length;
    if (column < indent) {
      path.unshift(key);
      indent = column;
    }
    if (dash && space.length < indent) indent = Math.max(space.length, 0);
  }
  return path;
}

function proposals(schema) {
  return (context) => {
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    const typed = /^(\s*)(- +)?([A-Za-z_]*)$/.exec(before);
    const value = /^(\s*)(- +)?([A-Za-z_]+): +([\w-]*)$/.exec(before);
    if (!typed && !value) return null;
    const [, space, dash = ""] = typed || value;
    let node = schema;
    for (const key of pathAt(context.state, line.number, space.length + dash.length)) {
      node = resolved(schema, node?.properties?.[key]);
      if (node?.items) node = resolved(schema, node.items);
    }
    if (typed) {
      if (!node?.properties || (!typed[3] && !context.explicit)) return null;
      const options = Object.entries(node.properties).map(([label, one]) => ({
        label,
        apply: `${label}: `,
        info: one.description,
        type: "property",
      }));
      return { from: context.pos - typed[3].length, options, validFor: /^\w*$/ };
    }
    const wanted = resolved(schema, node?.properties?.[value[3]]);
    const choices = wanted?.enum || resolved(schema, wanted?.items)?.enum;
    if (!choices) return null;
    return { from: context.pos - value[4].length, options: choices.map((label) => ({ label, type: "enum" })), validFor: /^[\w-]*$/ };
  };
}

// what the server says of the text

function diagnostics(state, flaws) {
  return flaws
    .filter((flaw) => flaw.file === sheet.dataset.name && flaw.line > 0 && flaw.line <= state.doc.lines)
    .map((flaw) => {
      const line = state.doc.line(flaw.line);
      const from = Math.min(line.from + Math.max(flaw.column - 1, line.text.search(/\S|$/)), line.to);
      return { from, to: line.to, severity: "error", message: `${flaw.wrong} ${flaw.fix}` };
    });
}

async function asked(what, extra = new FormData()) {
  const body = new URLSearchParams();
  for (const [name, value] of extra) body.set(name, value);
  body.set("text", area.value);
  body.set("token", sheet.elements.token.value);
  const answer = await fetch(`/policies/${sheet.dataset.name}/${what}`, {
    method: "POST",
    body,
    headers: { accept: "application/json" },
  });
  return answer.ok ? answer.json() : null;
}

function begin() {
  const host = document.createElement("div");
  host.className = "editor";
  area.after(host);
  const root = host.attachShadow({ mode: "open" });
  const schema = {};
  let waiting = 0;
  let round = 0;
  const readOnly = area.readOnly;

  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: area.value,
      extensions: [
        lineNumbers(), lintGutter(), history(), drawSelection(), highlightActiveLine(), highlightSelectionMatches(),
        indentOnInput(), indentUnit.of("  "), yaml(), words, colours, EditorView.lineWrapping,
        autocompletion({ override: [proposals(schema)] }),
        keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, ...lintKeymap, ...completionKeymap]),
        EditorState.readOnly.of(readOnly),
        EditorView.contentAttributes.of({ "aria-label": document.querySelector("label[for=text]").textContent }),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          area.value = update.state.doc.toString();
          clearTimeout(waiting);
          waiting = setTimeout(check, WAIT_MS);
        }),
      ],
    }),
  });
  area.hidden = true;
  for (const one of document.querySelectorAll("[data-without-script]")) one.hidden = true;
  document.querySelector("label[for=text]").addEventListener("click", () => view.focus());

  function show(said) {
    view.dispatch(setDiagnostics(view.state, diagnostics(view.state, said.flaws)));
    if (beside && !beside.contains(document.activeElement)) beside.innerHTML = said.form;
  }

  async function check() {
    const mine = (round += 1);
    const said = await asked("check");
    if (said && mine === round) show(said);
  }

  async function fill(extra) {
    const mine = (round += 1);
    const said = await asked("form", extra);
    if (!said || mine !== round) return;
    if (said.text !== view.state.doc.toString()) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: said.text } });
      clearTimeout(waiting);
    }
    if (extra.has("up") || extra.has("remove") || extra.get("new.name")) document.activeElement?.blur();
    show(said);
  }

  // only what was changed is sent: the rest of the form may be older than the text
  function only(name, value) {
    const found = new FormData();
    found.set(name, value);
    return found;
  }

  if (!readOnly) {
    beside.addEventListener("change", (event) => {
      if (!event.target.name.startsWith("new.")) fill(only(event.target.name, event.target.value));
    });
    beside.addEventListener("click", (event) => {
      const button = event.target.closest("button[name]");
      if (!button) return;
      event.preventDefault();
      const found = only(button.name, button.value);
      for (const one of button.name === "add" ? beside.querySelectorAll("[name^='new.']") : []) found.set(one.name, one.value);
      fill(found);
    });
  }
  fetch("/policies/schema").then((answer) => (answer.ok ? answer.json() : {})).then((found) => Object.assign(schema, found));
  if (document.querySelector("#verdict .wrong")) check();
}

if (sheet && area) begin();
