import { html } from "./escape.ts";

/** The page's building blocks; `title`, `body` and cells are HTML already. */
export const section = (id: string, title: string, body: string): string =>
  `<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>\n${body || '<p class="dim">none</p>'}</section>`;

/** Items of HTML as a list; nothing for none. */
export const list = (items: readonly string[]): string =>
  items.length === 0 ? "" : `<ul>${items.map((item) => `<li>${item}</li>`).join("")}</ul>`;

/** Cells of HTML as a table that scrolls on its own; nothing for no rows. */
export const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  rows.length === 0
    ? ""
    : `<div class="scroll" tabindex="0" role="region" aria-label="table"><table><thead><tr>${header.map((cell) => `<th scope="col">${cell}</th>`).join("")}</tr></thead><tbody>${rows
        .map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join("")}</tr>`)
        .join("\n")}</tbody></table></div>`;

export const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** A bar of shares of a whole, with its figures as text for those who do not see it. */
export const bar = (whole: number, parts: readonly (readonly [kind: string, value: number])[], text: string): string =>
  `<span class="bar" role="img" aria-label="${html(text)}" title="${html(text)}">${parts
    .map(
      ([kind, value]) =>
        `<i class="${kind}" style="width:${whole > 0 ? Math.max(0, Math.min(100, (100 * value) / whole)).toFixed(1) : 0}%"></i>`,
    )
    .join("")}</span>`;
