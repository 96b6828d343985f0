/** The pages of machines and of the system in a real browser. */
import { expect, test } from '@jest/globals';
import { machineRegistry } from '../../machines/registry.ts';
import { chartOf } from '../../src/charts/chart.ts';
import { edgeGroups } from '../../src/charts/drawing.ts';
import { submitOrder } from '../../src/client/orders.ts';
import type { MachineStats } from '../../src/protocol/machine-stats.ts';
import { eventually } from '../support/eventually.ts';
import { ORDER, pageSuite } from './page-suite.ts';

pageSuite('the pages of machines and of the system', {}, (suite) => {
  test('the chart of a machine is coloured by what the journals of orders say', async () => {
    await suite.journalOf((await submitOrder(suite.url, ORDER)).orderId);
    await suite.open('/machines');
    await suite.page.waitForSelector('.chart.heat');
    const answer = await fetch(`${suite.url}/api/machines/${machineRegistry.current}/stats`);
    const stats = (await answer.json()) as MachineStats;
    expect(stats.orders).toBeGreaterThan(0);
    const machine = machineRegistry.machines.get(machineRegistry.current);
    if (machine === undefined) throw new Error('there is no such machine');
    const passed = new Set(stats.edges.map(({ id }) => id));
    const expected = edgeGroups(chartOf(machine))
      .filter(({ transitions }) => transitions.some(({ id }) => passed.has(id)))
      .map(({ id }) => id);
    const hot = await suite.page.$$eval('.edge', (edges) =>
      edges.flatMap((edge) =>
        edge instanceof SVGElement && Number(edge.style.getPropertyValue('--heat')) > 0
          ? [edge.getAttribute('data-edge') ?? '']
          : [],
      ),
    );
    expect(hot.sort()).toEqual(expected.sort());
    const rows = await suite.page.$$eval('.stats tbody tr', (all) =>
      all.map((row) => row.getAttribute('data-path')),
    );
    expect(rows.sort()).toEqual(stats.states.map(({ path }) => path).sort());
    await suite.page.getByLabel('Orders created').selectOption('15m');
    await suite.page.getByText(/All \d+ orders/).waitFor();
  });

  test('the system page plots what the newest orders did', async () => {
    await suite.journalOf((await submitOrder(suite.url, ORDER)).orderId);
    await suite.open('/system');
    await suite.page.waitForSelector('.plot canvas');
    expect(await suite.page.locator('.plot canvas').count()).toBe(3);
    expect(await suite.page.locator('.legend li').allTextContents()).toHaveLength(5);
  });

  test('the words of each label stay in its box, with the fonts of this system', async () => {
    await suite.open('/machines');
    await suite.page.getByRole('button', { name: 'All labels' }).click();
    await suite.page.waitForSelector('[data-label]');
    const outside = await suite.page.$$eval('[data-label]', (labels) =>
      labels.flatMap((label) => {
        const box = label.querySelector('rect')?.getBoundingClientRect();
        const texts = [...label.querySelectorAll('.part text')].map((text) => text.getBoundingClientRect());
        const fits = texts.every(
          ({ left, right }) => box !== undefined && left >= box.left - 1 && right <= box.right + 1,
        );
        return fits ? [] : [label.getAttribute('data-label')];
      }),
    );
    expect(outside).toEqual([]);
  });

  test('the machine is copied as TypeScript, JSON and Mermaid', async () => {
    await suite.open('/machines');
    for (const [name, format] of [
      ['Copy for Stately', 'typescript'],
      ['Copy JSON', 'json'],
      ['Copy Mermaid', 'mermaid'],
    ] as const) {
      await suite.page.getByRole('button', { name }).click();
      const answer = await fetch(`${suite.url}/api/machines/${machineRegistry.current}?format=${format}`);
      const expected = await answer.text();
      await eventually(
        () => suite.page.evaluate(() => navigator.clipboard.readText()),
        (copied) => copied === expected,
      );
    }
  });
});
