"use strict";
(() => {
  const frame = document.querySelector("iframe"), bar = document.getElementById("bar");
  const [title, list] = bar.children;
  let shown = 0;

  // What a sheet holds enters the page as text only.
  const tell = (text, problems) => {
    const told = JSON.stringify([text, problems]);
    if (bar.dataset.told === told) return;
    bar.dataset.told = told;
    bar.hidden = !text;
    title.textContent = text;
    list.replaceChildren(...problems.map((problem) => {
      const item = document.createElement("li");
      item.textContent = problem;
      return item;
    }));
  };

  // The address of this page names the view of the map, so that it can be copied.
  const mirror = () => {
    const inner = frame.contentWindow.location;
    if (inner.href === "about:blank") return;
    if (inner.hash !== location.hash) history.replaceState(null, "", inner.hash || location.pathname);
    if (frame.contentDocument.title) document.title = frame.contentDocument.title;
  };

  const look = async () => {
    try {
      const answer = await fetch("state");
      if (!answer.ok) throw new Error(answer.statusText);
      const { number, problems } = await answer.json();
      if (number && !shown) frame.contentWindow.location.replace("map" + location.hash);
      else if (number !== shown) frame.contentWindow.location.reload();
      shown = number;
      if (problems.length) tell(number ? "The map shows the sheets as they were before this:" : "There is no map yet:", problems);
      else tell(number ? "" : "Reading the sheets …", []);
    } catch {
      tell("kg serve has ended. The map is the last one that it showed.", []);
    }
    mirror();
    setTimeout(look, 1000);
  };

  frame.addEventListener("load", () => frame.contentWindow.addEventListener("hashchange", mirror));
  window.addEventListener("hashchange", () => { if (shown) frame.contentWindow.location.hash = location.hash; });
  look();
})();
