/** A throw-away authority, and its certificate for 127.0.0.1, made with openssl. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir, type TempDir } from './temp-dir.ts';

export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Lines for a redis-server that takes only clients with a certificate of this authority. */
  readonly settings: readonly string[];
  remove(): void;
}

export function makeTlsFiles(): TlsFiles {
  const dir = tempDir();
  const at = (name: string): string => join(dir.path, name);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(dir, 'req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=authority');
  openssl(dir, 'req', ...newKey, '-keyout', 'redis.key', '-out', 'redis.csr', '-subj', '/CN=redis');
  writeFileSync(at('names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost');
  const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names'];
  openssl(dir, 'x509', '-req', '-in', 'redis.csr', '-out', 'redis.crt', ...signed);
  return {
    ca: readFileSync(at('ca.crt'), 'utf8'),
    cert: readFileSync(at('redis.crt'), 'utf8'),
    key: readFileSync(at('redis.key'), 'utf8'),
    settings: [
      `tls-ca-cert-file ${at('ca.crt')}`,
      `tls-cert-file ${at('redis.crt')}`,
      `tls-key-file ${at('redis.key')}`,
      'tls-auth-clients yes',
    ],
    remove: () => dir.remove(),
  };
}

function openssl({ path }: TempDir, ...args: string[]): void {
  execFileSync('openssl', args, { cwd: path, stdio: 'ignore' });
}
