export function packagesToInstall(root: string): readonly string[];
export function showInstallation(root: string, say: (line: string) => void, everyMs?: number): () => void;
