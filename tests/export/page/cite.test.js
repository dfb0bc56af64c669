import assert from "node:assert/strict";
import test from "node:test";
import { STYLES, bibtexOf, fieldsOf, people, risOf } from "../../../kg/export/page/js/cite.js";

const fields = (more) => fieldsOf({ id: ["s1"], authors: ["Bell, J. S.; Müller K"], year: [2025], title: ["Does it help?"], doi: ["10.1/x"], ...more }, 0);
const styles = (more) => Object.fromEntries(Object.entries(STYLES).map(([name, style]) => [name, style(fields(more))]));

test("names with a comma, with initials last, and of organisations", () => {
  assert.deepEqual(people("Bell, J. S.; Felton JW; World Health Organization; van der Berg, Anna-Lena; ;"), [
    { family: "Bell", given: "J. S." }, { family: "Felton", given: "J. W." }, { family: "World Health Organization", given: "" },
    { family: "van der Berg", given: "Anna-Lena" },
  ]);
  assert.deepEqual(people(null), []);
});

test("the styles", () => {
  assert.deepEqual(styles({}), {
    APA: "Bell, J. S., & Müller, K. (2025). Does it help? https://doi.org/10.1/x",
    Vancouver: "Bell JS, Müller K. Does it help? 2025. doi:10.1/x",
    Harvard: "Bell, J. S. and Müller, K. (2025). ‘Does it help?’. https://doi.org/10.1/x",
    Chicago: "Bell, J. S., and K. Müller. 2025. “Does it help?”. https://doi.org/10.1/x",
  });
});

test("what is not known is left out", () => {
  assert.deepEqual(styles({ authors: [null], year: [null], doi: [null], title: ["(Re)thinking."] }), {
    APA: "(n.d.). (Re)thinking.", Vancouver: "(Re)thinking.", Harvard: "(n.d.). ‘(Re)thinking.’.", Chicago: "n.d. “(Re)thinking.”.",
  });
  assert.equal(styles({ title: [null], short: ["Bell 2025"] }).APA, "Bell, J. S., & Müller, K. (2025). Bell 2025. https://doi.org/10.1/x");
});

test("more than six authors", () => {
  const authors = ["A B; C D; E F; G H; I J; K L; M N"];
  assert.equal(styles({ authors }).Vancouver, "A B, C D, E F, G H, I J, K L, et al. Does it help? 2025. doi:10.1/x");
});

test("no value of RIS starts another field", () => {
  assert.equal(
    risOf(fields({ title: ["a\r\nER  - \nTY  - BOOK\u2028b"] })),
    "TY  - JOUR\r\nID  - s1\r\nAU  - Bell, J. S.\r\nAU  - Müller, K.\r\nTI  - a ER  -  TY  - BOOK b\r\nPY  - 2025\r\nDO  - 10.1/x\r\nER  - \r\n",
  );
});

test("BibTeX is escaped, and its keys are used once", () => {
  const keys = new Set();
  const title = ["50 % of {x} & $y_1^2 ~ \\z"];
  assert.equal(
    bibtexOf(fields({ title }), keys),
    "@article{bell2025,\n  author = {Bell, J. S. and Müller, K.},\n"
    + "  title = {{50 \\% of \\textbraceleft{}x\\textbraceright{} \\& \\$y\\_1\\textasciicircum{}2 \\textasciitilde{} \\textbackslash{}z}},\n"
    + "  year = {2025},\n  doi = {10.1/x},\n}\n",
  );
  assert.match(bibtexOf(fields({}), keys), /^@article\{bell2025-1,/);
  assert.match(bibtexOf(fields({ authors: ["李, 明"], year: [null] }), keys), /^@article\{study,/);
});
