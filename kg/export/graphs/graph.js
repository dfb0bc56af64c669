"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const nodes = new vis.DataSet(data.nodes), edges = new vis.DataSet(data.edges);
  const network = new vis.Network(document.getElementById("graph"), { nodes, edges }, data.options);
  const pick = document.getElementById("pick"), panel = document.getElementById("about"), hint = panel.firstElementChild;

  const element = (name, text) => {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
  };

  // Text enters the page as text only.
  const describe = (id, linked) => {
    const [title, values] = data.about[id];
    const list = document.createElement("dl"), lines = document.createElement("ul");
    for (const [name, value] of values) list.append(element("dt", name), element("dd", value));
    for (const edge of linked) lines.append(element("li", edge.title));
    panel.replaceChildren(element("h2", title), list, lines);
  };

  // Of a study, the edges of its findings go on to the outcomes.
  const show = (linked) => {
    const kept = linked && new Set(linked.map((edge) => edge.id));
    edges.update(edges.map((edge) => ({ id: edge.id, hidden: Boolean(kept) && !kept.has(edge.id) })));
  };

  const chooseNode = (id) => {
    const linked = edges.get({ filter: (edge) => [edge.from, edge.to, edge.study].includes(id) });
    show(linked);
    network.selectNodes([id], false);
    pick.value = id;
    describe(id, linked);
    return linked;
  };

  const chooseNothing = () => {
    show(null);
    network.unselectAll();
    pick.value = "";
    panel.replaceChildren(hint);
  };

  network.on("click", (event) => {
    if (event.nodes.length) chooseNode(event.nodes[0]);
    else if (event.edges.length) describe(event.edges[0], []);
    else chooseNothing();
  });

  for (const node of data.nodes) pick.append(new Option(node.label, node.id));
  pick.addEventListener("change", () => {
    if (!pick.value) {
      chooseNothing();
      network.fit();
      return;
    }
    const linked = chooseNode(pick.value);
    network.fit({ nodes: [pick.value, ...linked.flatMap((edge) => [edge.from, edge.to])], maxZoomLevel: 1 });
  });
  document.documentElement.dataset.ready = "";
})();
