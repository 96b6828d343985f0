/** What nodes and gateways say, as errors, journals, feeds and logs may show it: one short line, without addresses of providers. */

const MOST_CHARACTERS = 200;
/** Of a text that is looked at. A gateway's page may have hundreds of kilobytes. */
const MOST_READ = 4_000;
const URLS = /\b(?:https?|wss?):\/\/[^\s"'<>)]+/gi;

/** @returns at most 200 characters; '' where there is nothing to say, as for a page of HTML */
export function oneLine(text: string): string {
  const read = text.slice(0, MOST_READ).trim();
  if (isPage(read)) return '';
  const line = read.replace(URLS, '…').replace(/\s+/g, ' ').trim();
  return line.length <= MOST_CHARACTERS ? line : `${line.slice(0, MOST_CHARACTERS - 1)}…`;
}

function isPage(text: string): boolean {
  return /^(?:<!doctype|<html|<\?xml|<head|<body)/i.test(text);
}
