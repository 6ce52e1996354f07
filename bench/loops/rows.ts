/** What the pages of the `html` workload show: names that need escaping here and there. */
export const ROWS: readonly { readonly name: string; readonly size: number }[] = Array.from(
  { length: 100 },
  (_, index) => ({
    name: index % 10 === 0 ? `<R&D "${index}">` : `file ${index}`,
    size: index * 7,
  }),
);
