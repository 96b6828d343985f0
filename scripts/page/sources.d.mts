export function digestOfPageSources(root: string): string;
