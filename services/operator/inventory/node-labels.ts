/** Whether labels hold all that a selector names; an empty one selects everything. */
export const isSelected = (labels: Readonly<Record<string, string>> | undefined, selector: Readonly<Record<string, string>>): boolean =>
  Object.entries(selector).every(([label, value]) => labels?.[label] === value);
