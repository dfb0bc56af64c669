/** The colours and the text of figures, which no style sheet reaches. */

export const INK = "#1b2430";
export const GREY = "#5f6b7a";
export const TEXT = { "font-family": "Arial, Helvetica, sans-serif", "font-size": 11, fill: INK };
