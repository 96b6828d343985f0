import { request, type Agent } from 'node:http';

/** POSTs JSON over the agent's connections. @returns the text of the answer @throws Error unless it is 2xx */
export function submitJson(url: string, agent: Agent, submission: object): Promise<string> {
  const body = JSON.stringify(submission);
  return new Promise((resolve, reject) => {
    const post = request(
      url,
      {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          const { statusCode = 0 } = response;
          if (statusCode >= 200 && statusCode < 300) resolve(text);
          else reject(new Error(`POST answered ${statusCode}: ${text}`));
        });
      },
    );
    post.on('error', reject);
    post.end(body);
  });
}
