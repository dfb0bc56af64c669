"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

  const { words, said, absence, indirect, directions, shapes, scale, factors, outcomes, studies, findings } = JSON.parse($("#data").textContent);
  const grid = $("#grid");
  const dialog = $("#records");
  const tabs = $$("[role=tab]");
  const panels = tabs.map((tab) => $(`#${tab.getAttribute("aria-controls")}`));
  const boxes = $$("#directions input");

  // ---- Elements. Text is inserted as text, never as markup. Elements are created only here.

  const SVG = new Set(["svg", "path", "text"]);

  function node(name, attributes = {}, ...children) {
    const made = SVG.has(name) ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) if (value != null) made.setAttribute(key, value);
    made.append(...children.filter((child) => child != null));
    return made;
  }

  const span = (name, text) => node("span", { class: name }, text);
  const hidden = (text) => span("sr", text);
  const count = (n, one = "study", many = "studies") => `${n} ${n === 1 ? one : many}`;
  const countStudies = (list) => new Set(list.map((finding) => finding.study)).size;
  const countBoth = (list) => `${count(countStudies(list))}, ${count(list.length, "finding", "findings")}`;

  /** Draws a mark like `mark` in marks.py: the area is linear in the number of studies. */
  function mark(direction, n, absent = false) {
    const [smallest, largest, most] = scale;
    const share = Math.min(1, (n - 1) / (most - 1));
    const side = Math.sqrt(smallest ** 2 + (largest ** 2 - smallest ** 2) * share).toFixed(1);
    const [path, y] = shapes[direction];
    const number = `${absent ? ABSENT : ""}${n}`;
    const box = { class: `mark ${direction}${number.length > 2 ? " long" : ""}`, width: side, height: side };
    return node("svg", { ...box, viewBox: "0 0 24 24", "aria-hidden": "true" }, node("path", { d: path }), node("text", { x: 12, y }, number));
  }

  const [ABSENT, BY_ABSENCE, ...OPPOSITES] = absence;
  const isAbsent = ({ direction, pole }) => pole === "absence" && OPPOSITES.includes(direction);

  /** { direction, absent, n } for each direction and pole that occurs; n counts distinct studies. */
  function tally(list) {
    const kinds = new Map();
    for (const finding of list) {
      const place = 2 * directions.indexOf(finding.direction) + (isAbsent(finding) ? 1 : 0);
      kinds.set(place, (kinds.get(place) ?? new Set()).add(finding.study));
    }
    const places = [...kinds.keys()].sort((a, b) => a - b);
    return places.map((place) => ({ direction: directions[place >> 1], absent: place % 2 === 1, n: kinds.get(place).size }));
  }

  const wordsOf = ({ direction, absent }) => (absent ? `${words[direction]} ${BY_ABSENCE}` : words[direction]);

  /** How many of the studies are retracted, of concern, and so on; as in html.py. */
  function cautionOf(list) {
    const flagged = [...new Set(list.map((finding) => finding.study))].map((study) => studies[study].standing);
    const found = Object.entries(said).map(([status, text]) => [flagged.filter((each) => each === status).length, text]);
    return found.filter(([n]) => n).map(([n, text]) => `${n} ${text}`).join(", ");
  }

  // ---- Filters

  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const haystacks = findings.map(({ study, note }) => {
    const { label, short, title, authors, year } = studies[study];
    return fold([label, short, title, authors, year, note].join(" "));
  });
  let shown = findings;
  let filtered = false;

  function filter() {
    const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const from = Number($("#from").value) || -Infinity;
    const to = Number($("#to").value) || Infinity;
    const terms = fold($("#search").value).split(/\s+/).filter(Boolean);
    const tables = $("#tables").checked;
    const standing = $("#standing")?.checked ?? false;
    const years = from > -Infinity || to < Infinity;
    filtered = wanted.size < boxes.length || years || terms.length > 0 || tables || standing;
    shown = !filtered ? findings : findings.filter((finding, i) => {
      const { year } = studies[finding.study];
      return wanted.has(finding.direction) && (!tables || finding.tabulated === true)
        && (!standing || studies[finding.study].standing !== "retracted")
        && (!years || (year != null && year >= from && year <= to)) && terms.every((term) => haystacks[i].includes(term));
    });
  }

  // ---- The gap map: Python writes it without filters; here the cells are drawn again when the filters change

  const head = $("#head");
  const groups = $$("#grid tr.group");
  const factorRows = $$("#grid tr[data-factor]");
  const groupOf = factorRows.map((row) => $("tr.group", row.parentElement));
  const rowsOf = ({ factor }) => [head, factorRows[factor], groupOf[factor]].filter(Boolean);
  const columnsOf = (finding) => (finding.outcomes.length ? finding.outcomes : [outcomes.length]).map((column) => column + 1);
  const isOpen = (group) => $("button", group).getAttribute("aria-expanded") === "true";
  const buttonOf = (cell) => cell && $("button", cell);
  const isGap = (cell) => cell.classList.contains("gap");
  const nameOf = (cell) => buttonOf(cell).textContent;

  function drawCell(cell, list) {
    if (!list.length) return cell.replaceChildren(hidden(filtered ? "none with these filters" : ""));
    const counts = tally(list);
    const name = `${nameOf(cell.parentElement.cells[0])}, ${nameOf(head.cells[cell.cellIndex])}`;
    const label = `${name}: ${counts.map((kind) => `${count(kind.n)} ${wordsOf(kind)}`).join(", ")}`; // as in html.py
    const marks = counts.flatMap((kind) => [mark(kind.direction, kind.n, kind.absent), hidden(` ${wordsOf(kind)} `)]);
    const notes = [list.every((finding) => finding.certainty && finding.outcomes.length) && ["indirect", "~", indirect], ["caution", "!", cautionOf(list)]];
    const said_ = notes.filter((note) => note && note[2]);
    for (const [name, sign, text] of said_) marks.push(node("span", { class: name, "aria-hidden": "true" }, sign), hidden(` ${text} `));
    const name_ = [label, ...said_.map(([, , text]) => text)].join("; ");
    return cell.replaceChildren(node("button", { type: "button", "aria-label": name_, tabindex: -1 }, ...marks));
  }

  /** The cell of a group: empty while its rows are shown, else their sum; a gap only if all of them are gaps. */
  function drawSum(cell, list) {
    const [group, ...rows] = cell.closest("tbody").rows;
    const gap = !isOpen(group) && rows.every((row) => isGap(row.cells[cell.cellIndex]));
    cell.classList.toggle("gap", gap);
    if (isOpen(group) || gap) cell.replaceChildren(hidden(gap ? "no study" : ""));
    else drawCell(cell, list);
  }

  function drawTotal(cell, list) {
    const n = countStudies(list);
    $(".total", cell).replaceChildren(String(n), hidden(n === 1 ? " study" : " studies"));
  }

  function drawMap() {
    const lists = new Map([head, ...groups, ...factorRows].map((row) => [row, [...row.cells].map(() => [])]));
    for (const finding of shown) {
      for (const row of rowsOf(finding)) {
        const cells = lists.get(row);
        cells[0].push(finding);
        for (const column of columnsOf(finding)) cells[column].push(finding);
      }
    }
    for (const [row, cells] of lists) {
      if (row.dataset.factor) drawTotal(row.cells[0], cells[0]);
      cells.forEach((list, column) => {
        const cell = row.cells[column];
        if (column === 0) return;
        if (row === head) drawTotal(cell, list);
        else if (groups.includes(row)) drawSum(cell, list);
        else if (!isGap(cell)) drawCell(cell, list);
      });
    }
    rove(grid.contains(document.activeElement) ? document.activeElement : $("#grid tbody tr:not([hidden]) button"));
  }

  /** Makes one button of the table reachable by Tab; the arrow keys reach the others. */
  function rove(button) {
    for (const each of $$("button[tabindex='0']", grid)) each.tabIndex = -1;
    if (button) button.tabIndex = 0;
  }

  function setOpen(group, open) {
    buttonOf(group).setAttribute("aria-expanded", String(open));
    for (const row of group.parentElement.rows) if (row !== group) row.hidden = !open;
    $("#fold").textContent = groups.some(isOpen) ? "Collapse all" : "Expand all";
  }

  function openCell(cell) {
    const row = cell.parentElement;
    const column = cell.cellIndex;
    const list = shown.filter((f) => rowsOf(f).includes(row) && (column === 0 || columnsOf(f).includes(column)));
    const names = [row === head ? null : row.cells[0], column ? head.cells[column] : null].filter(Boolean).map(nameOf);
    const concepts = [factors[row.dataset.factor], outcomes[column - 1]].filter(Boolean);
    const notes = concepts.filter((concept) => concept.definition).map(({ label, definition }) => `${label}: ${definition}`);
    openRecords(names.join(" → "), list, notes.join("\n"));
  }

  grid.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    const row = button.closest("tr");
    if (button.hasAttribute("aria-expanded")) {
      setOpen(row, !isOpen(row));
      update();
    } else openCell(button.closest("th, td"));
  });
  grid.addEventListener("focusin", ({ target }) => rove(target.closest("button")));

  const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

  grid.addEventListener("keydown", (event) => {
    const cell = event.target.closest("th, td");
    const rows = [head, ...$$("#grid tbody tr:not([hidden])")];
    let next;
    if (STEPS[event.key]) {
      const [down, right] = STEPS[event.key];
      let [y, x] = [rows.indexOf(cell.parentElement), cell.cellIndex];
      do next = rows[y += down]?.cells[x += right]; while (next && !buttonOf(next));
    } else if (event.key === "Home" || event.key === "End") {
      const cells = (event.ctrlKey ? rows.flatMap((row) => [...row.cells]) : [...cell.parentElement.cells]).filter(buttonOf);
      next = cells.at(event.key === "Home" ? 0 : -1);
    } else return;
    event.preventDefault();
    if (next) buttonOf(next).focus();
  });

  $("#fold").hidden = !groups.length;
  $("#fold").addEventListener("click", () => {
    const open = !groups.some(isOpen);
    for (const group of groups) setOpen(group, open);
    update();
  });

  // ---- The findings behind a cell, a row, a column or a study

  const FIRST = 300; // shown at first; the download always has all findings
  const CERTAINTY = { joint: "joint citation", inferred: "inferred" };
  let listed = [];

  function drawFinding(finding) {
    const ends = finding.outcomes.map((outcome) => outcomes[outcome].label).join("; ") || "no outcome tied";
    const badges = [isAbsent(finding) && BY_ABSENCE, finding.tabulated === false && "prose only", CERTAINTY[finding.certainty]].filter(Boolean);
    return node("li", { class: finding.direction },
      node("div", { class: "tie" }, `${factors[finding.factor].label} → ${ends}`),
      finding.note ? node("div", {}, finding.note) : null,
      node("div", {}, span("where", [finding.locator, finding.source].filter(Boolean).join(" · ")), ...badges.map((text) => span("badge", text))));
  }

  function drawStudy(study, list) {
    const name = [study.label && `[${study.label}]`, study.short].filter(Boolean).join(" ") || study.id;
    const link = { href: study.url, target: "_blank", rel: "noopener noreferrer" };
    const title = study.url ? node("a", link, study.title ?? `doi:${study.doi}`) : study.title;
    const standing = study.standing ? span("badge", study.standing_said ?? said[study.standing]) : null;
    return node("article", { class: "study" }, node("b", {}, name), " ", title, standing, node("ul", {}, ...list.map(drawFinding)));
  }

  function drawRecords(most) {
    const parts = [];
    let left = most;
    for (const direction of directions) {
      const list = listed.filter((finding) => finding.direction === direction);
      const drawn = list.slice(0, Math.max(0, left));
      left -= drawn.length;
      if (!drawn.length) continue;
      parts.push(node("h3", {}, mark(direction, countStudies(list)), words[direction], node("small", {}, countBoth(list))));
      const byStudy = new Map();
      for (const finding of drawn) byStudy.set(finding.study, [...(byStudy.get(finding.study) ?? []), finding]);
      for (const [study, its] of byStudy) parts.push(drawStudy(studies[study], its));
    }
    if (listed.length > most) {
      const more = node("button", { type: "button", id: "more" }, `Show all ${listed.length}`);
      more.addEventListener("click", () => { drawRecords(Infinity); $("#records-list").focus(); });
      parts.push(node("p", {}, `The first ${most} of ${listed.length} findings. `, more));
    }
    $("#records-list").replaceChildren(...parts);
  }

  function openRecords(title, list, note = "") {
    listed = [...list].sort((a, b) => a.study - b.study);
    $("#records-title").textContent = title;
    $("#records-count").textContent = countBoth(list) + (filtered ? " with these filters" : "");
    $("#records-note").textContent = note;
    drawRecords(FIRST);
    dialog.showModal();
    $("#records-list").scrollTop = 0;
  }

  $("#close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", ({ target }) => { if (target === dialog) dialog.close(); });

  // ---- Downloads: RFC 4180 with a byte order mark, and no cell that a spreadsheet would run as a formula

  const FORMULA = /^[\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;
  const csvCell = (value) => {
    const text = String(value ?? "");
    return `"${(FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
  };
  const COLUMNS = {
    study: (f) => studies[f.study].id,
    ...Object.fromEntries(["label", "short", "authors", "year", "title", "doi", "design", "methods", "setting", "standing"]
      .map((name) => [name, (f) => studies[f.study][name]])),
    factor: (f) => factors[f.factor].label,
    outcomes: (f) => f.outcomes.map((outcome) => outcomes[outcome].label).join("; "),
    direction: (f) => f.direction,
    pole: (f) => f.pole,
    certainty: (f) => f.certainty,
    tabulated: (f) => ({ true: "yes", false: "no" })[f.tabulated],
    locator: (f) => f.locator,
    note: (f) => f.note,
  };

  function saveCsv(list, title) {
    const rows = [Object.keys(COLUMNS), ...list.map((finding) => Object.values(COLUMNS).map((column) => column(finding)))];
    const text = rows.map((row) => `${row.map(csvCell).join(",")}\r\n`).join("");
    const url = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" }));
    const name = fold(title).replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 60) || "findings";
    node("a", { href: url, download: `${name}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }

  $("#save").addEventListener("click", () => saveCsv(listed, $("#records-title").textContent));
  $("#save-shown").addEventListener("click", () => saveCsv(shown, "findings"));

  // ---- Gaps and studies

  function drawGaps() {
    const kind = $("#kind").value;
    for (const row of $$("#gaps tbody tr")) row.hidden = kind !== "" && row.dataset.kind !== kind;
  }

  $("#kind").addEventListener("change", () => { drawGaps(); saveState(); });

  const studyRows = $$("#studies tbody tr");

  function drawStudies() {
    const numbers = studies.map(() => 0);
    for (const finding of shown) numbers[finding.study] += 1;
    for (const row of studyRows) {
      const n = numbers[row.dataset.study];
      const name = row.cells[1].textContent;
      row.hidden = filtered && n === 0;
      const label = `${count(n, "finding", "findings")} of ${name}`;
      row.lastElementChild.replaceChildren(n ? node("button", { type: "button", "aria-label": label }, String(n)) : "0");
    }
    return filtered ? numbers.filter(Boolean).length : studies.length;
  }

  $("#studies tbody").addEventListener("click", ({ target }) => {
    const row = target.closest("button")?.closest("tr");
    if (row) openRecords(row.cells[1].textContent, shown.filter((finding) => finding.study === Number(row.dataset.study)));
  });

  $$("#studies thead th").forEach((th, column) => {
    const button = node("button", { type: "button" }, th.textContent);
    th.replaceChildren(button);
    button.addEventListener("click", () => {
      const up = th.getAttribute("aria-sort") !== "ascending";
      for (const other of $$("#studies [aria-sort]")) other.removeAttribute("aria-sort");
      th.setAttribute("aria-sort", up ? "ascending" : "descending");
      const value = (row) => row.cells[column].textContent;
      const compare = new Intl.Collator(undefined, { numeric: true }).compare;
      studyRows.sort((a, b) => (value(a) === "") - (value(b) === "") || (up ? 1 : -1) * compare(value(a), value(b)));
      $("#studies tbody").append(...studyRows);
    });
  });

  // ---- Tabs

  function showTab(current) {
    tabs.forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === current));
      tab.tabIndex = i === current ? 0 : -1;
      panels[i].hidden = i !== current;
    });
    const unfiltered = ["gaps", "about"].includes(panels[current].id);
    $("#filters").hidden = unfiltered;
    $("#status").hidden = unfiltered;
  }

  tabs.forEach((tab, i) => {
    tab.addEventListener("click", () => { showTab(i); saveState(); });
    tab.addEventListener("keydown", ({ key }) => {
      const last = tabs.length - 1;
      const next = { ArrowRight: i === last ? 0 : i + 1, ArrowLeft: i === 0 ? last : i - 1, Home: 0, End: last }[key];
      if (next === undefined) return;
      showTab(next);
      tabs[next].focus();
      saveState();
    });
  });

  // ---- State, kept in the address so that a copied link shows the same view

  function saveState() {
    const entries = {
      tab: panels.slice(1).find((panel) => !panel.hidden)?.id,
      hide: boxes.filter((box) => !box.checked).map((box) => box.value).join("."),
      from: $("#from").value, to: $("#to").value, q: $("#search").value, kind: $("#kind").value,
      tables: $("#tables").checked ? "1" : "",
      standing: $("#standing")?.checked ? "1" : "",
      closed: groups.flatMap((group, i) => (isOpen(group) ? [] : [i])).join("."),
    };
    const query = new URLSearchParams(Object.entries(entries).filter(([, value]) => value)).toString();
    history.replaceState(null, "", `#${query}`);
  }

  function restoreState() {
    const state = new URLSearchParams(location.hash.slice(1));
    const get = (name) => state.get(name) ?? "";
    const hide = get("hide").split(".");
    const closed = get("closed").split(".");
    for (const box of boxes) box.checked = !hide.includes(box.value);
    for (const [id, name] of [["from", "from"], ["to", "to"], ["search", "q"]]) $(`#${id}`).value = get(name);
    $("#tables").checked = get("tables") === "1";
    if ($("#standing")) $("#standing").checked = get("standing") === "1";
    $("#kind").value = $$("#kind option").some((option) => option.value === get("kind")) ? get("kind") : "";
    groups.forEach((group, i) => setOpen(group, !closed.includes(String(i))));
    drawGaps();
    showTab(Math.max(0, panels.findIndex((panel) => panel.id === get("tab"))));
    update();
  }

  function update() {
    filter();
    drawMap();
    const n = drawStudies();
    $("#status").textContent = filtered
      ? `Showing ${n} of ${count(studies.length)} and ${shown.length} of ${count(findings.length, "finding", "findings")}.`
      : `Showing all ${count(studies.length)} and ${count(findings.length, "finding", "findings")}.`;
    saveState();
  }

  let typing;
  $("#search").addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(update, 150); });
  for (const input of [...boxes, $("#from"), $("#to"), $("#tables"), $("#standing")].filter(Boolean)) input.addEventListener("change", update);
  $("#reset").addEventListener("click", () => {
    for (const box of boxes) box.checked = true;
    for (const input of [$("#from"), $("#to"), $("#search")]) input.value = "";
    $("#tables").checked = false;
    if ($("#standing")) $("#standing").checked = false;
    update();
  });
  window.addEventListener("hashchange", restoreState);

  for (const button of $$("button", grid)) button.tabIndex = -1;
  restoreState();
  document.documentElement.dataset.ready = "1";
  // scroll the focused button out from under the fixed headings
  grid.parentElement.style.scrollPadding = `${grid.tHead.offsetHeight}px 0 0 ${head.cells[0].offsetWidth}px`;
})();
