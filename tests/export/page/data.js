// A review of four studies, in the shape of page_data, for the tests of the modules.
import { model, unitsOf } from "../../../kg/export/page/js/model.js";

const STATUSES = ["not reported", "unclear", "not applicable", "not extracted"];

export const dim = (id, of, values, more = {}) => ({
  id, label: id, of, kind: "category", values, parents: values.map(() => -1), groups: [], statuses: STATUSES,
  definitions: {}, favourable: {}, colours: {}, residual: [], studies: [], findings: [], ...more,
});

// Study 0 has findings 0 to 2, study 1 has 3, study 2 has 4 and 5, study 3 has none.
export function review(more = {}) {
  const data = model({
    studies: {
      id: ["a", "b", "c", "d"], short: ["Müller 2014", "Roe 2015", "Doe 2016", "Poe 2017"], title: ["Pay", "Time", "Joy", "Rest"],
      standing: [null, "retracted", null, null],
    },
    findings: {
      study: [0, 0, 0, 1, 2, 2], note: ["said so", null, null, null, "a café", null], certainty: [null, "joint", null, "inferred", null, null],
      tabulated: [true, false, true, true, true, true], implied: [false, false, true, false, false, false],
    },
    dims: [
      dim("factor", "finding", ["Work", "Pay", "Time", "Self"], { parents: [-1, 0, 0, -1], findings: [1, 1, 2, 1, 3, 0] }),
      dim("outcome", "finding", ["Burnout", "Joy"], { findings: [0, [0, 1], 1, 0, null, 1] }),
      dim("direction", "finding", ["facilitator", "barrier", "mixed", "no_effect", "unspecified"], { findings: [0, 1, 0, 0, 1, 4] }),
      dim("pole", "finding", ["presence", "absence"], { findings: [0, 1, null, null, null, null] }),
      dim("design", "study", ["survey", "interviews"], { studies: [[0, 1], 0, 4, null] }),
      dim("year", "study", [2014, 2015, 2017], { kind: "year", studies: [0, 1, null, 2] }),
    ],
    texts: [{ label: "Funding", studies: ["Grant 1", null, null, "Élan"] }],
    maps: [],
    ...more,
  });
  return { data, units: unitsOf(data) };
}

export const nothing = () => ({ filters: new Map(), ranges: new Map(), text: "", tables: false, without: [] });
